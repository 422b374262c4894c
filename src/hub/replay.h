/* replay.h - takes refused messages in again, as they were sent or as somebody has mended them. */
#ifndef HUB_REPLAY_H
#define HUB_REPLAY_H

#include "hub/dead_letter.h"
#include "hub/ingest.h"

struct replay_counts {
    size_t n_taken;         /* letters whose messages are in the log now, or were before */
    size_t n_refused;       /* that were refused again, perhaps for another reason */
    size_t n_unreadable;    /* that are no JSON, cut off for instance, and stay as they are */
};

/* Replays letters, which must outlive the call, in the order given; each that can be read leaves the table in the
 * transaction that its messages come in with.  Returns when all is durable.  Errors: those of a commit; the
 * letters before it are taken in and counted. */
bool replay_letters(struct ingest *ingest, const struct dead_letter *letters, size_t n,
                    struct replay_counts *ret_counts, struct err *err) MUST_CHECK;

/* Reads mended letters: JSON objects {"id": 17, "raw": {...}}, one after another, or in the list "messages" of
 * what `holdfast rejects --json` prints.  Of all letters known, those named there with their new bodies, in the
 * arena. Errors: ERR_INVALID not such JSON, or an id that no letter has (says where). */
bool replay_mend(const struct dead_letter *letters, size_t n, struct text json, struct arena *arena,
                 struct dead_letter **ret_mended, size_t *ret_n, struct err *err) MUST_CHECK;

#endif
