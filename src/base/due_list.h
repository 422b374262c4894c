/* due_list.h - who is due when: one instant for each, and who comes first.
 *
 * A heap whose outdated entries are passed over when they come up, and removed together when they are many.
 * A zeroed struct is an empty list. */
#ifndef BASE_DUE_LIST_H
#define BASE_DUE_LIST_H

#include "base/instant_map.h"

struct due_list {
    struct instant_map at;      /* of each who is due */
    struct due_entry { int64_t at_ms; uint32_t who; } *heap;
    size_t n, room;
};

void    due_set(struct due_list *due, uint32_t who, int64_t at_ms);     /* instead of an earlier instant */
void    due_unset(struct due_list *due, uint32_t who);                  /* not due is fine */
int64_t due_of(const struct due_list *due, uint32_t who);               /* INT64_MAX: not due */
int64_t due_next_ms(struct due_list *due);                              /* INT64_MAX: nobody */

/* Takes out the first who is due at now_ms or before; false: nobody. */
bool due_take(struct due_list *due, int64_t now_ms, uint32_t *ret_who, int64_t *ret_at_ms);

void due_clear(struct due_list *due);       /* empty again, its memory freed */

#endif
