/* message_set.c - see message_set.h. */
#include "table/message_set.h"

#include <string.h>

void message_set_clear(struct message_set *set, size_t n, struct arena *arena)
{
    size_t wanted = 64;
    while (wanted < 2 * n) wanted *= 2;
    if (wanted > set->room) {
        set->slots = ARENA_ARRAY(arena, uint64_t, wanted);
        set->counts = ARENA_ARRAY(arena, uint32_t, wanted);
        set->room = wanted;
    } else {
        memset(set->slots, 0, wanted * sizeof *set->slots);
        memset(set->counts, 0, wanted * sizeof *set->counts);
    }
    set->mask = wanted - 1;
}

bool message_set_has(const struct message_set *set, uint64_t message)
{
    if (!set->slots) return false;
    message |= message == 0;
    size_t at = message & set->mask;
    while (set->slots[at] && set->slots[at] != message) at = (at + 1) & set->mask;
    return set->slots[at] != 0;
}
