#include "evidence/row_queue.h"

#include <pthread.h>
#include <stdlib.h>

enum { BATCHES = 4 };

struct row_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct row_batch *batches[BATCHES];
    struct row_batch *empty[BATCHES]; /* a stack */
    size_t empty_count;
    struct row_batch *full[BATCHES]; /* a ring, oldest at full_first */
    size_t full_first, full_count;
    bool is_ended, is_failed, is_stopped;
    struct error err;
};

struct row_queue *row_queue_new(const struct record_type *type, struct error *err)
{
    struct row_queue *queue = calloc(1, sizeof *queue);
    if (!queue) {
        error_no_memory(err, sizeof *queue);
        return NULL;
    }
    if (pthread_mutex_init(&queue->mutex, NULL) != 0) {
        error_set(err, ERROR_NO_MEMORY, NULL, "no mutex");
        free(queue);
        return NULL;
    }
    if (pthread_cond_init(&queue->changed, NULL) != 0) {
        error_set(err, ERROR_NO_MEMORY, NULL, "no condition variable");
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
        return NULL;
    }
    for (size_t i = 0; i < BATCHES; i++) {
        queue->batches[i] = queue->empty[i] = row_batch_new(type, err);
        if (!queue->batches[i]) {
            row_queue_free(queue);
            return NULL;
        }
    }
    queue->empty_count = BATCHES;
    return queue;
}

void row_queue_free(struct row_queue *queue)
{
    if (!queue)
        return;
    for (size_t i = 0; i < BATCHES; i++)
        row_batch_free(queue->batches[i]);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

struct row_batch *row_queue_empty(struct row_queue *queue, struct error *err)
{
    struct row_batch *batch = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->empty_count == 0 && !queue->is_stopped)
        pthread_cond_wait(&queue->changed, &queue->mutex);
    if (!queue->is_stopped)
        batch = queue->empty[--queue->empty_count];
    pthread_mutex_unlock(&queue->mutex);
    if (batch)
        row_batch_clear(batch);
    else
        error_set(err, ERROR_INTERRUPTED, NULL, "the writer has stopped");
    return batch;
}

void row_queue_put(struct row_queue *queue, struct row_batch *batch)
{
    pthread_mutex_lock(&queue->mutex);
    queue->full[(queue->full_first + queue->full_count++) % BATCHES] = batch;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void row_queue_end(struct row_queue *queue, const struct error *err)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_ended = true;
    queue->is_failed = err != NULL;
    if (err)
        queue->err = *err;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

bool row_queue_take(struct row_queue *queue, struct row_batch **batch, struct error *err)
{
    bool ok = true;
    *batch = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->full_count == 0 && !queue->is_ended)
        pthread_cond_wait(&queue->changed, &queue->mutex);
    if (queue->is_failed) {
        /* The file will not be kept, so what was read before the fault need not be written. */
        *err = queue->err;
        ok = false;
    } else if (queue->full_count > 0) {
        *batch = queue->full[queue->full_first];
        queue->full_first = (queue->full_first + 1) % BATCHES;
        queue->full_count--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return ok;
}

void row_queue_give_back(struct row_queue *queue, struct row_batch *batch)
{
    pthread_mutex_lock(&queue->mutex);
    queue->empty[queue->empty_count++] = batch;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void row_queue_stop(struct row_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_stopped = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}
