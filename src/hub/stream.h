/* stream.h - what happens, as lines that anyone may follow: a bounded ring.
 *
 * Every line has a number; numbers grow by one and go on from a later beginning after a restart.  A reader
 * remembers the number it is at.  Who is slower than the ring is long misses lines and is told so; nobody is ever
 * waited for. */
#ifndef HUB_STREAM_H
#define HUB_STREAM_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_LINES = 8192, STREAM_KIND_BYTES = 32, STREAM_MOST_LINE_BYTES = 64 * 1024 };

struct stream;
struct stream_reader;

/* first_number: of the first line; now_ms * 1024 keeps numbers growing over restarts.
 * most_bytes: of all lines kept; 0: 16 MiB. */
struct stream *stream_new(uint64_t first_number, size_t most_bytes);
void           stream_free(struct stream *stream);      /* every reader has left; NULL is fine */

/* From any thread; never waits.  kind: "event", "segment", "decision", "score"; json is one line, copied; longer
 * than STREAM_MOST_LINE_BYTES is left out. */
void stream_put(struct stream *stream, const char *kind, struct text json);
bool stream_has_readers(const struct stream *stream);   /* whether a line would be read now; those kept are for later ones */

struct stream_line {
    uint64_t    number;
    const char *kind;
    struct text json;           /* in the arena of stream_next */
};

/* Joins after line `after`, or at the next line if after is 0.  wake is called, at most once for each STREAM_WAIT,
 * from the thread that puts, and must not call back into the stream.  NULL: there are too many readers (256). */
struct stream_reader *stream_join(struct stream *stream, uint64_t after, void (*wake)(void *context),
                                  void *context);
void                  stream_leave(struct stream_reader *reader);      /* NULL is fine */

enum stream_step {
    STREAM_LINE,        /* *ret_line is the next */
    STREAM_MISSED,      /* ret_line->number is the oldest line there is, all between are gone; go on reading */
    STREAM_WAIT,        /* nothing now; wake will be called */
    STREAM_END          /* the stream is closed */
};
enum stream_step stream_next(struct stream_reader *reader, struct arena *arena, struct stream_line *ret_line);

void stream_wake(struct stream *stream);        /* wakes all who wait, so that they can show that they are alive */
void stream_close(struct stream *stream);       /* every reader comes to STREAM_END */

/* For the metrics: lines put, readers now. */
uint64_t stream_n_lines(struct stream *stream);
size_t   stream_n_readers(const struct stream *stream);

#endif
