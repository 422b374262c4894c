/* stream_test.c - the ring: order, what is missed, waiting and waking. */
#include "hub/stream.h"
#include "support.h"

#include <pthread.h>

static struct arena *arena;
static struct stream *stream;
static int n_wakes;

static void start(void)
{
    arena = arena_new(1 << 26);
    stream = stream_new(1000, 0);
    n_wakes = 0;
}
static void finish(void) { stream_free(stream); arena_free(arena); }
static void wake(void *context) { (void)context; n_wakes++; }

TestSuite(stream, .init = start, .fini = finish);

static void put_number(int i) { stream_put(stream, "event", text_of(arena_format(arena, "%d", i))); }

Test(stream, lines_come_in_order_with_growing_numbers)
{
    struct stream_line line;
    put_number(0);
    struct stream_reader *reader = stream_join(stream, 0, wake, NULL);
    cr_assert(stream_has_readers(stream));
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_WAIT);
    put_number(1);
    stream_put(stream, "segment", text_of("2"));
    cr_assert_eq(n_wakes, 1);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_LINE);
    cr_assert(line.number == 1001 && text_equal(line.json, text_of("1")));
    cr_assert_str_eq(line.kind, "event");
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_LINE);
    cr_assert_eq(line.number, 1002);
    cr_assert_str_eq(line.kind, "segment");
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_WAIT);
    cr_assert_eq(stream_n_lines(stream), 3);
    stream_leave(reader);
    put_number(3);
    cr_assert_eq(n_wakes, 1);
    cr_assert(!stream_has_readers(stream));
}

Test(stream, a_reader_goes_on_after_the_line_it_knows)
{
    struct stream_line line;
    for (int i = 0; i < 5; i++) put_number(i);
    struct stream_reader *reader = stream_join(stream, 1002, wake, NULL),
                         *ahead = stream_join(stream, 99999, wake, NULL);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_LINE);
    cr_assert_eq(line.number, 1003);
    cr_assert_eq(stream_next(ahead, arena, &line), STREAM_WAIT);
    stream_leave(reader);
    stream_leave(ahead);
}

Test(stream, a_slow_reader_is_told_what_it_missed)
{
    struct stream_line line;
    struct stream_reader *reader = stream_join(stream, 0, wake, NULL), *old = stream_join(stream, 7, wake, NULL);
    for (int i = 0; i < STREAM_LINES + 10; i++) put_number(i);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_MISSED);
    cr_assert_eq(line.number, 1010);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_LINE);
    cr_assert_eq(line.number, 1010);
    cr_assert_eq(stream_next(old, arena, &line), STREAM_MISSED);
    stream_leave(reader);
    stream_leave(old);
}

Test(stream, bytes_have_a_limit_too)
{
    struct stream *small = stream_new(1, 1000);
    struct stream_line line;
    struct stream_reader *reader = stream_join(small, 0, wake, NULL);
    char text[401];
    memset(text, 'x', 400);
    text[400] = '\0';
    for (int i = 0; i < 5; i++) stream_put(small, "event", text_of(text));
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_MISSED);
    cr_assert_eq(line.number, 4);
    stream_leave(reader);
    stream_free(small);
}

Test(stream, readers_have_a_limit)
{
    struct stream_reader *readers[300];
    size_t n = 0;
    while (n < 300 && (readers[n] = stream_join(stream, 0, wake, NULL))) n++;
    cr_assert_eq(n, 256);
    while (n > 0) stream_leave(readers[--n]);
}

Test(stream, closing_wakes_and_ends_every_reader)
{
    struct stream_line line;
    struct stream_reader *reader = stream_join(stream, 0, wake, NULL);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_WAIT);
    put_number(1);
    stream_wake(stream);
    cr_assert_eq(n_wakes, 1);       /* it was woken by the line and has not waited again */
    stream_close(stream);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_LINE);
    cr_assert_eq(stream_next(reader, arena, &line), STREAM_END);
    stream_leave(reader);
}

/* Several put while one reads: every line comes once, or is within a gap that was told. */
struct waiting { pthread_mutex_t mutex; pthread_cond_t cond; bool is_woken; };

static void wake_waiting(void *context)
{
    struct waiting *waiting = context;
    pthread_mutex_lock(&waiting->mutex);
    waiting->is_woken = true;
    pthread_cond_signal(&waiting->cond);
    pthread_mutex_unlock(&waiting->mutex);
}

static void *put_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3000; i++) stream_put(stream, "event", text_of("{}"));
    return NULL;
}

Test(stream, every_line_is_read_once_while_others_put)
{
    struct waiting waiting = { .mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };
    struct stream_reader *reader = stream_join(stream, 0, wake_waiting, &waiting);
    struct stream_line line;
    struct arena *lines = arena_new(1 << 26);
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) cr_assert_eq(pthread_create(&threads[i], NULL, put_many, NULL), 0);
    uint64_t next = 1000;
    while (next < 7000) {
        enum stream_step step = stream_next(reader, lines, &line);
        if (step == STREAM_LINE) { cr_assert_eq(line.number, next); next++; }
        if (step == STREAM_MISSED) { cr_assert(line.number > next); next = line.number; }
        if (step != STREAM_WAIT) continue;
        pthread_mutex_lock(&waiting.mutex);
        while (!waiting.is_woken) pthread_cond_wait(&waiting.cond, &waiting.mutex);
        waiting.is_woken = false;
        pthread_mutex_unlock(&waiting.mutex);
    }
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    stream_leave(reader);
    arena_free(lines);
}
