/* kept.h - answers that took long to work out, kept so that whoever asks for the same need not wait.
 *
 * An answer is given as it is for as long as working it out took, twenty times over (2 s to a minute): it is new.
 * After that it is old: given all the same, while somebody works out the next.  After a quarter of an hour in which
 * nobody did, or once somebody did something that it may tell of, it is behind: given to those only who take one that
 * is, and due at once.  Those that were asked for within half a day fall due by themselves, so that the first look of
 * the morning finds them.  Any thread. */
#ifndef HUB_KEPT_H
#define HUB_KEPT_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kept;

struct kept *kept_new(void);
void         kept_free(struct kept *kept);          /* NULL is fine */

/* acts: how often somebody did something, by the caller's count. */

struct kept_answer {
    struct text body;
    int64_t     made_ms;
    bool        is_behind;
};

/* The answer under a key, copied into the arena; false: none may be given.  What is old or behind has fallen due.
 * behind_most_ms: one that is behind, too, if surely for no longer than this. */
bool kept_find(struct kept *kept, struct text key, uint64_t acts, int64_t behind_most_ms, int64_t now_ms,
               struct arena *arena, struct kept_answer *ret_answer);

/* Keeps a body, of text without NUL, that took some milliseconds.  hangs_on_acts: it is behind once somebody does
 * something; acts as it was before the body was worked out.  One that is large is not kept; where there are too
 * many, the one goes that was not asked for longest. */
void kept_put(struct kept *kept, struct text key, struct text body, int64_t took_ms, int64_t now_ms,
              bool hangs_on_acts, uint64_t acts);

/* The key of one that has fallen due, once: it is the caller's to work out, and to put or drop.  False: none has. */
bool kept_due(struct kept *kept, uint64_t acts, int64_t now_ms, struct arena *arena, struct text *ret_key);

size_t kept_n(struct kept *kept);       /* how many there are */
void kept_drop(struct kept *kept, struct text key);     /* fine where there is none */

#endif
