/* message_set.h - which messages were met, and how often: 64-bit hashes in an open table.
 *
 * Made to be cleared and used again for partition after partition. */
#ifndef TABLE_MESSAGE_SET_H
#define TABLE_MESSAGE_SET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_set { uint64_t *slots; uint32_t *counts; size_t room, mask; };     /* begins zeroed */

/* Makes room for n messages and holds none; its memory comes from the arena. */
void message_set_clear(struct message_set *set, size_t n, struct arena *arena);

/* How often the message was put before. */
static inline uint32_t message_set_put(struct message_set *set, uint64_t message)
{
    message |= message == 0;        /* 0 marks a free slot */
    size_t at = message & set->mask;
    while (set->slots[at] && set->slots[at] != message) at = (at + 1) & set->mask;
    if (set->slots[at]) return ++set->counts[at];
    set->slots[at] = message;
    return 0;
}

bool message_set_has(const struct message_set *set, uint64_t message);      /* a set never cleared has none */

#endif
