#include "audit/watchdog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_EVERY_MS = 50 };

struct watchdog {
    struct engine *engine;
    unsigned seconds_max;
    const volatile int *stop;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct timespec started;
    bool is_over, is_late;
};

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

/* Interrupts again and again: an interrupt that comes between two statements is lost. */
static void *watch(void *context)
{
    struct watchdog *dog = context;
    pthread_mutex_lock(&dog->mutex);
    while (!dog->is_over) {
        struct timespec next;
        clock_gettime(CLOCK_REALTIME, &next);
        next.tv_nsec += LOOK_EVERY_MS * 1000000L;
        if (next.tv_nsec >= 1000000000L) {
            next.tv_nsec -= 1000000000L;
            next.tv_sec++;
        }
        pthread_cond_timedwait(&dog->changed, &dog->mutex, &next);
        bool is_late =
            dog->seconds_max > 0 && seconds_since(&dog->started) > (double)dog->seconds_max;
        dog->is_late = dog->is_late || is_late;
        if (!dog->is_over && (is_late || (dog->stop && *dog->stop)))
            engine_interrupt(dog->engine);
    }
    pthread_mutex_unlock(&dog->mutex);
    return NULL;
}

struct watchdog *watchdog_new(struct engine *engine, unsigned seconds_max, const volatile int *stop,
                              struct error *err)
{
    struct watchdog *dog = calloc(1, sizeof *dog);
    if (!dog) {
        error_no_memory(err, sizeof *dog);
        return NULL;
    }
    dog->engine = engine;
    dog->seconds_max = seconds_max;
    dog->stop = stop;
    clock_gettime(CLOCK_MONOTONIC, &dog->started);
    pthread_mutex_init(&dog->mutex, NULL);
    pthread_cond_init(&dog->changed, NULL);
    if (pthread_create(&dog->thread, NULL, watch, dog) == 0)
        return dog;
    error_set(err, ERROR_NO_MEMORY, NULL, "no thread can be started");
    pthread_cond_destroy(&dog->changed);
    pthread_mutex_destroy(&dog->mutex);
    free(dog);
    return NULL;
}

void watchdog_free(struct watchdog *watchdog)
{
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->mutex);
    watchdog->is_over = true;
    pthread_cond_signal(&watchdog->changed);
    pthread_mutex_unlock(&watchdog->mutex);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->changed);
    pthread_mutex_destroy(&watchdog->mutex);
    free(watchdog);
}

void watchdog_reset(struct watchdog *watchdog)
{
    pthread_mutex_lock(&watchdog->mutex);
    watchdog->is_late = false;
    clock_gettime(CLOCK_MONOTONIC, &watchdog->started);
    pthread_mutex_unlock(&watchdog->mutex);
}

bool watchdog_explains(struct watchdog *watchdog, struct error *err)
{
    pthread_mutex_lock(&watchdog->mutex);
    bool is_late = watchdog->is_late;
    pthread_mutex_unlock(&watchdog->mutex);
    if (!is_late || err->code != ERROR_INTERRUPTED)
        return false;
    char where[sizeof err->where];
    snprintf(where, sizeof where, "%s", err->where);
    error_set(err, ERROR_INVALID, where, "the test took longer than %u seconds and was stopped",
              watchdog->seconds_max);
    error_hint(err, "bind every sub-query to the item by equality, or allow more: --seconds");
    return true;
}
