/* quiet_page.h - keys with which pages ask where to send, and then send nothing.
 *
 * Segment's client in a browser and Customer.io's ask the same address in the same words, and each looks in the answer
 * for its own name only; without it, it sends to its maker.  A server never hears of that: it sees pages that ask and
 * are silent. */
#ifndef GOVERN_QUIET_PAGE_H
#define GOVERN_QUIET_PAGE_H

#include "base/arena.h"
#include "govern/access.h"

#include <stdbool.h>
#include <stdint.h>

struct quiet_pages;

struct quiet_page {
    int64_t  key;                       /* its id */
    char     name[ACCESS_NAME_BYTES];   /* of the key */
    int64_t  since_ms, last_ms;         /* asked first and last */
    unsigned n_asked;                   /* since anything came from a page with it */
};

struct quiet_pages *quiet_pages_new(void);
void quiet_pages_free(struct quiet_pages *pages);       /* NULL is fine */

/* A page asked with this key.  Returns whether it is quiet: it asked five times in a minute or longer, and nothing came.
 * Of many keys those are known that asked last.  Any thread. */
bool quiet_pages_asked(struct quiet_pages *pages, const struct access_grant *grant, int64_t now_ms,
                       struct quiet_page *ret_page);

/* A page sent with this key.  Any thread. */
void quiet_pages_sent(struct quiet_pages *pages, int64_t key);

/* Those that are quiet, in the order in which they were met; into the arena. */
size_t quiet_pages_list(struct quiet_pages *pages, struct arena *arena, struct quiet_page **ret_pages);

#endif
