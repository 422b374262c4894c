/* stream.c - see stream.h.  Line n is in place n % STREAM_LINES; lines go from the oldest when bytes run out. */
#include "hub/stream.h"
#include "base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_READERS = 256, DEFAULT_BYTES = 16 << 20 };

struct line { char *json; size_t length; char kind[STREAM_KIND_BYTES]; };

struct stream_reader {
    struct stream *stream;
    uint64_t       next;
    bool           is_waiting;
    void         (*wake)(void *context);
    void          *context;
};

struct stream {
    pthread_mutex_t       mutex;
    uint64_t              oldest, next;     /* lines oldest .. next - 1 are kept */
    size_t                bytes, most_bytes;
    uint64_t              first;
    bool                  is_closed;
    _Atomic size_t        n_readers;
    struct stream_reader *readers[MOST_READERS];
    struct line           lines[STREAM_LINES];
};

struct stream *stream_new(uint64_t first_number, size_t most_bytes)
{
    struct stream *stream = memory_new(1, sizeof *stream);
    pthread_mutex_init(&stream->mutex, NULL);
    stream->first = stream->oldest = stream->next = first_number ? first_number : 1;
    stream->most_bytes = most_bytes ? most_bytes : DEFAULT_BYTES;
    return stream;
}

static void drop_oldest(struct stream *stream)
{
    struct line *line = &stream->lines[stream->oldest++ % STREAM_LINES];
    stream->bytes -= line->length;
    free(line->json);
    line->json = NULL;
}

void stream_free(struct stream *stream)
{
    if (!stream) return;
    assert(stream->n_readers == 0);
    while (stream->oldest < stream->next) drop_oldest(stream);
    pthread_mutex_destroy(&stream->mutex);
    free(stream);
}

/* With the mutex: whoever waits is woken from under it, so that a reader cannot leave meanwhile. */
static void wake_all(struct stream *stream)
{
    for (size_t i = 0; i < stream->n_readers; i++) {
        struct stream_reader *reader = stream->readers[i];
        if (!reader->is_waiting) continue;
        reader->is_waiting = false;
        reader->wake(reader->context);
    }
}

void stream_put(struct stream *stream, const char *kind, struct text json)
{
    if (json.length > STREAM_MOST_LINE_BYTES) return;
    char *copy = malloc(json.length + 1);
    if (!copy) return;
    memcpy(copy, json.at, json.length);
    copy[json.length] = '\0';
    pthread_mutex_lock(&stream->mutex);
    while (stream->next - stream->oldest == STREAM_LINES ||
           (stream->oldest < stream->next && stream->bytes + json.length > stream->most_bytes))
        drop_oldest(stream);
    struct line *line = &stream->lines[stream->next++ % STREAM_LINES];
    line->json = copy;
    line->length = json.length;
    snprintf(line->kind, sizeof line->kind, "%s", kind);
    stream->bytes += json.length;
    wake_all(stream);
    pthread_mutex_unlock(&stream->mutex);
}

bool stream_has_readers(const struct stream *stream) { return stream->n_readers > 0; }

struct stream_reader *stream_join(struct stream *stream, uint64_t after, void (*wake)(void *context),
                                  void *context)
{
    struct stream_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    *reader = (struct stream_reader){ .stream = stream, .wake = wake, .context = context };
    pthread_mutex_lock(&stream->mutex);
    bool has_room = stream->n_readers < MOST_READERS;
    reader->next = after && after < stream->next ? after + 1 : stream->next;
    if (has_room) stream->readers[stream->n_readers++] = reader;
    pthread_mutex_unlock(&stream->mutex);
    if (has_room) return reader;
    free(reader);
    return NULL;
}

void stream_leave(struct stream_reader *reader)
{
    if (!reader) return;
    struct stream *stream = reader->stream;
    pthread_mutex_lock(&stream->mutex);
    size_t i = 0;
    while (stream->readers[i] != reader) i++;
    stream->readers[i] = stream->readers[--stream->n_readers];
    pthread_mutex_unlock(&stream->mutex);
    free(reader);
}

enum stream_step stream_next(struct stream_reader *reader, struct arena *arena, struct stream_line *ret_line)
{
    struct stream *stream = reader->stream;
    enum stream_step step = STREAM_LINE;
    pthread_mutex_lock(&stream->mutex);
    if (reader->next < stream->oldest) {
        *ret_line = (struct stream_line){ .number = stream->oldest };
        reader->next = stream->oldest;
        step = STREAM_MISSED;
    } else if (reader->next < stream->next) {
        const struct line *line = &stream->lines[reader->next % STREAM_LINES];
        char *json = arena_alloc(arena, line->length + 1, 1);
        memcpy(json, line->json, line->length);
        *ret_line = (struct stream_line){ reader->next++, arena_copy(arena, line->kind), { json, line->length } };
    } else {
        step = stream->is_closed ? STREAM_END : STREAM_WAIT;
        reader->is_waiting = step == STREAM_WAIT;
    }
    pthread_mutex_unlock(&stream->mutex);
    return step;
}

void stream_wake(struct stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    wake_all(stream);
    pthread_mutex_unlock(&stream->mutex);
}

void stream_close(struct stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    stream->is_closed = true;
    wake_all(stream);
    pthread_mutex_unlock(&stream->mutex);
}

uint64_t stream_n_lines(struct stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    uint64_t n = stream->next - stream->first;
    pthread_mutex_unlock(&stream->mutex);
    return n;
}

size_t stream_n_readers(const struct stream *stream) { return stream->n_readers; }
