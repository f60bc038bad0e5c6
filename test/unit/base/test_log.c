/* The log and the progress bar: what a line looks like, and what never gets into it. */
#include "base_test.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/time.h"

struct sink {
    struct world world;
    struct log log;
    int ends[2];
};

static int64_t nine_thirty(void)
{
    return days_from_civil(2026, 3, 14) * US_PER_DAY + INT64_C(34201) * US_PER_SECOND + 5;
}

static int sink_open(void **state)
{
    struct sink *sink = calloc(1, sizeof *sink);
    if (!sink || pipe(sink->ends) != 0)
        return -1;
    sink->world.arena = arena_new(64 << 20, &sink->world.err);
    log_start(&sink->log, sink->ends[1], LOG_LEVEL_INFO);
    sink->log.now_us = nine_thirty;
    *state = sink;
    return sink->world.arena ? 0 : -1;
}

static int sink_close(void **state)
{
    struct sink *sink = *state;
    close(sink->ends[0]);
    close(sink->ends[1]);
    arena_free(sink->world.arena);
    free(sink);
    return 0;
}

/* What was written since the last look. */
static const char *seen(struct sink *sink)
{
    char *out = arena_alloc(sink->world.arena, 70000, &sink->world.err);
    assert_non_null(out);
    fcntl(sink->ends[0], F_SETFL, O_NONBLOCK);
    ssize_t len = read(sink->ends[0], out, 69999);
    out[len > 0 ? len : 0] = '\0';
    return out;
}

static void a_pipe_gets_json_lines(void **state)
{
    struct sink *sink = *state;
    const struct log_field fields[] = { LOG_TEXT("source", SLICE("source/logins")),
                                        LOG_NUMBER("rows", 812),
                                        LOG_TEXT("file", SLICE("a \"b\"\n")) };
    assert_true(sink->log.is_json);
    log_event(&sink->log, LOG_LEVEL_INFO, "imported", fields, 3);
    const char *line = seen(sink);
    assert_string_equal(line, "{\"at\":\"2026-03-14T09:30:01.000005Z\",\"level\":\"info\","
                              "\"event\":\"imported\",\"source\":\"source/logins\",\"rows\":812,"
                              "\"file\":\"a \\\"b\\\"\\n\"}\n");
    assert_non_null(json_parse(sink->world.arena, slice_of(line), "log", NULL, &sink->world.err));
}

static void people_get_one_readable_line(void **state)
{
    struct sink *sink = *state;
    const struct log_field fields[] = {
        LOG_TEXT("source", SLICE("source/logins")),
        LOG_NUMBER("rows", -1),
        LOG_TEXT("file", SLICE("my file.csv")),
        LOG_TEXT("none", SLICE("")),
        LOG_TEXT("bad", SLICE("\x1b[31m\n\xC2\x9B\xE2\x80\xAE\"\\")),
    };
    sink->log.is_json = false;
    log_event(&sink->log, LOG_LEVEL_WARNING, "imported", fields, 5);
    assert_string_equal(seen(sink), "09:30:01 warning imported  source=source/logins rows=-1 "
                                    "file=\"my file.csv\" none=\"\" "
                                    "bad=\"\\u001b[31m\\u000a\\u009b\\u202e\\\"\\\\\"\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
    struct sink *sink = *state;
    enum log_level level;
    log_event(&sink->log, LOG_LEVEL_DEBUG, "x", NULL, 0);
    log_event(NULL, LOG_LEVEL_ERROR, "x", NULL, 0);
    assert_string_equal(seen(sink), "");
    assert_true(log_level_parse(SLICE("debug"), &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_true(log_level_parse(SLICE("error"), &level));
    assert_int_equal(level, LOG_LEVEL_ERROR);
    assert_false(log_level_parse(SLICE("Error"), &level));
    assert_false(log_level_parse(SLICE(""), &level));
    sink->log.least = LOG_LEVEL_ERROR;
    log_event(&sink->log, LOG_LEVEL_WARNING, "x", NULL, 0);
    assert_string_equal(seen(sink), "");
}

static void secrets_are_hidden_by_the_names_of_their_fields(void **state)
{
    struct sink *sink = *state;
    static const char *const names[] = { "password",      "api_key",       "session_token",
                                         "client_secret", "authorization", "cookie",
                                         "sign_key",      "salt",          "seed",
                                         "passphrase",    "credentials" };
    for (int is_json = 0; is_json <= 1; is_json++) {
        sink->log.is_json = is_json;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            const struct log_field fields[] = { LOG_TEXT(names[i], SLICE("hunter2")),
                                                LOG_NUMBER(names[i], 424242) };
            log_event(&sink->log, LOG_LEVEL_ERROR, "x", fields, 2);
            const char *line = seen(sink);
            assert_null(strstr(line, "hunter2"));
            assert_null(strstr(line, "424242"));
            assert_non_null(strstr(line, "[hidden]"));
        }
    }
    const struct log_field plain[] = { LOG_TEXT("item", SLICE("k-1")),
                                       LOG_TEXT("keys", SLICE("7")) };
    log_event(&sink->log, LOG_LEVEL_ERROR, "x", plain, 2);
    assert_null(strstr(seen(sink), "[hidden]"));
}

static void foreign_texts_are_made_sound_and_cut(void **state)
{
    struct sink *sink = *state;
    size_t bad;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[3000];
        memset(text, 'x', sizeof text);
        for (size_t i = shift; i + 3 <= sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 3);
        text[500] = '\xFF';
        const struct log_field field = LOG_TEXT("text", slice_bytes(text, sizeof text));
        log_event(&sink->log, LOG_LEVEL_ERROR, "x", &field, 1);
        const char *line = seen(sink);
        assert_true(utf8_is_valid(slice_of(line), &bad));
        assert_true(strlen(line) < 1200);
        assert_non_null(strstr(line, "...\"}"));
        assert_non_null(
            json_parse(sink->world.arena, slice_of(line), "log", NULL, &sink->world.err));
    }
}

static void an_error_is_one_event(void **state)
{
    struct sink *sink = *state;
    struct error err;
    error_set(&err, ERROR_INVALID, "a.yaml:1:2", "not so");
    log_error(&sink->log, "apply", &err);
    assert_non_null(strstr(seen(sink),
                           "\"level\":\"error\",\"event\":\"apply\",\"where\":\"a.yaml:1:2\","
                           "\"message\":\"not so\"}\n"));
    error_hint(&err, "but so");
    log_error(&sink->log, "apply", &err);
    assert_non_null(strstr(seen(sink), "\"hint\":\"but so\"}\n"));
}

static void lost_lines_are_counted_and_told(void **state)
{
    struct sink *sink = *state;
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    sink->log.fd = full;
    log_event(&sink->log, LOG_LEVEL_ERROR, "x", NULL, 0);
    log_event(&sink->log, LOG_LEVEL_ERROR, "x", NULL, 0);
    assert_int_equal(sink->log.lost, 2);
    sink->log.fd = sink->ends[1];
    log_event(&sink->log, LOG_LEVEL_ERROR, "x", NULL, 0);
    assert_non_null(strstr(seen(sink), "\"lost\":2}\n"));
    log_event(&sink->log, LOG_LEVEL_ERROR, "x", NULL, 0);
    assert_null(strstr(seen(sink), "lost"));
    close(full);
}

/* ---------------------------------------------------------------- progress */

static const char *described(struct sink *sink, const char *what, uint64_t rows, uint64_t bytes,
                             uint64_t total, int64_t elapsed_us)
{
    struct strbuf out = strbuf_new(1000);
    progress_describe(&out, what, rows, bytes, total, elapsed_us);
    assert_true(strbuf_ok(&out, &sink->world.err));
    const char *text = arena_string(sink->world.arena, strbuf_slice(&out), &sink->world.err);
    strbuf_free(&out);
    return text;
}

static void progress_is_told_in_numbers_for_people(void **state)
{
    struct sink *sink = *state;
    assert_string_equal(described(sink, "logins", 3184402, 1200000000, 2900000000, 7729000),
                        "logins  [========>           ]  3,184,402 rows  1.2 of 2.9 GB  412k rows/s"
                        "  11 s left");
    assert_string_equal(described(sink, "logins", 999, 0, 0, 1000000),
                        "logins  999 rows  999 rows/s");
    assert_string_equal(described(sink, "logins", 0, 0, 0, 0), "logins");
    assert_string_equal(described(sink, "logins", 0, 512, 0, 1000000), "logins  512 B");
    assert_string_equal(described(sink, "x", 0, 0, 999, 1000000),
                        "x  [>                   ]  0 of 999 B");
    assert_string_equal(described(sink, "x", 0, 999, 999, 1000000),
                        "x  [====================]  999 of 999 B");
    assert_string_equal(described(sink, "x", 1000, 5, 10, 3600000000),
                        "x  [==========>         ]  1,000 rows  5 of 10 B  0 rows/s  60 min left");
    /* A file that grew while it was read. */
    assert_string_equal(described(sink, "x", 0, 2000, 1000, 1000000),
                        "x  [====================]  2.0 of 1.0 kB");
    /* Numbers of any size end somewhere. */
    (void)described(sink, "x", UINT64_MAX, UINT64_MAX, UINT64_MAX, INT64_MAX);
    (void)described(sink, "x", UINT64_MAX, 1, UINT64_MAX, INT64_MAX);
}

static void without_a_terminal_nothing_is_drawn_and_a_stop_is_heard(void **state)
{
    struct sink *sink = *state;
    struct progress_terminal progress;
    volatile int stop = 0;
    assert_int_equal(fflush(stderr), 0);
    int kept = dup(STDERR_FILENO);
    assert_int_equal(dup2(sink->ends[1], STDERR_FILENO), STDERR_FILENO);
    progress_terminal_start(&progress, &stop);
    progress.started_us -= 1000000;
    bool goes_on = progress_tell(&progress.base, "x", 1, 2, 3);
    stop = 1;
    bool stops = !progress_tell(&progress.base, "x", 1, 2, 3);
    progress_terminal_clear(&progress);
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    assert_true(goes_on);
    assert_true(stops);
    assert_string_equal(seen(sink), "");
    assert_true(progress_tell(NULL, "x", 1, 2, 3));
}

/* A pseudo-terminal of 40 columns stands in for the real one. */
static void a_terminal_gets_a_line_that_fits_and_is_wiped(void **state)
{
    struct sink *sink = *state;
    struct progress_terminal progress;
    struct winsize size = { .ws_row = 24, .ws_col = 40 };
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        fail_msg("no pseudo-terminal");
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    setenv("TERM", "xterm", 1);
    assert_int_equal(fflush(stderr), 0);
    int kept = dup(STDERR_FILENO);
    assert_int_equal(dup2(slave, STDERR_FILENO), STDERR_FILENO);

    progress_terminal_start(&progress, NULL);
    bool early =
        progress_tell(&progress.base, "caf\xC3\xA9\x1b[2J", 5, 10, 20) && progress.is_drawn;
    progress.started_us -= 1000000;
    (void)progress_tell(&progress.base, "caf\xC3\xA9\x1b[2J", 12345678, 10, 20);
    bool drawn = progress.is_drawn;
    char out[500] = "", again[500] = "";
    ssize_t len = read(master, out, sizeof out - 1);
    (void)progress_tell(&progress.base, "later", 1, 10, 20); /* too soon */
    progress_terminal_clear(&progress);
    ssize_t rest = read(master, again, sizeof again - 1);

    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    close(slave);
    close(master);
    assert_false(early); /* nothing within the first tenth of a second */
    assert_true(drawn);
    assert_true(len > 0 && rest > 0);
    assert_string_equal(out, "\rcaf\xC3\xA9?[2J  [==========>         ]  12,34\033[K");
    assert_string_equal(again, "\r\033[K");
    (void)sink;
}

#define SINK_TEST(function) cmocka_unit_test_setup_teardown(function, sink_open, sink_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(a_pipe_gets_json_lines),
        SINK_TEST(people_get_one_readable_line),
        SINK_TEST(what_is_below_the_level_is_not_written),
        SINK_TEST(secrets_are_hidden_by_the_names_of_their_fields),
        SINK_TEST(foreign_texts_are_made_sound_and_cut),
        SINK_TEST(an_error_is_one_event),
        SINK_TEST(lost_lines_are_counted_and_told),
        SINK_TEST(progress_is_told_in_numbers_for_people),
        SINK_TEST(without_a_terminal_nothing_is_drawn_and_a_stop_is_heard),
        SINK_TEST(a_terminal_gets_a_line_that_fits_and_is_wiped),
    };
    return cmocka_run_group_tests_name("log and progress", tests, NULL, NULL);
}
