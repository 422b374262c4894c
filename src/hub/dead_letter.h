/* dead_letter.h - messages that could not be taken in, kept with the reason until they are mended or too many.
 *
 * What was sent holds personal data, so it is sealed under the database's master key (vault.h). */
#ifndef HUB_DEAD_LETTER_H
#define HUB_DEAD_LETTER_H

#include "intake/intake.h"
#include "customer/profile.h"

#include <jansson.h>

enum { DEAD_LETTER_MOST_BYTES = 32 * 1024, DEAD_LETTERS_MOST = 100000 };

struct dead_letter {
    int64_t     id, received_ms;
    const char *source, *reason, *field;    /* field "" where no member is at fault */
    bool        is_cut;                     /* body is not all that was sent */
    struct intake_request request;          /* how it came; body is the message as sent, empty if it cannot be
                                             * unsealed */
};

/* Keeps a refusal of a request, in the store's transaction; id 0: a new one. */
bool dead_letter_put(struct store *store, const struct profiles *profiles, int64_t id,
                     const struct intake_request *request,
                     const struct refusal *refusal, struct text source, int64_t received_ms,
                     struct err *err) MUST_CHECK;

/* Forgets the oldest beyond DEAD_LETTERS_MOST, in the store's transaction. */
bool dead_letters_trim(struct store *store, struct err *err) MUST_CHECK;

/* The newest first, at most limit of them (0: all), in the arena.  profiles NULL: without what was sent. */
bool dead_letters_read(struct store *store, const struct profiles *profiles, size_t limit, struct arena *arena,
                       struct dead_letter **ret_letters, size_t *ret_n, uint64_t *ret_total,
                       struct err *err) MUST_CHECK;

/* What was sent, to be shown and mended: its JSON, or a text where it is none; for bytes that are not UTF-8 stands
 * U+FFFD.  The caller's. */
json_t *dead_letter_raw(const struct dead_letter *letter, struct arena *arena);

/* Removes one, in the store's transaction; one that is not there is fine. */
bool dead_letter_remove(struct store *store, int64_t id, struct err *err) MUST_CHECK;

/* Removes those whose raw text, or what their batch said, holds one of n texts: ids and addresses of somebody who is erased. */
bool dead_letters_forget(struct store *store, const struct profiles *profiles, const struct text *texts, size_t n,
                         size_t *ret_n_removed, struct err *err) MUST_CHECK;

#endif
