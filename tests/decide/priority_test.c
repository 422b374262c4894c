/* Priority: the order of the list. */
#include "decide/priority.h"
#include "support.h"

Test(priority, the_largest_expected_loss_comes_first_and_ties_keep_their_order)
{
    struct arena *arena = arena_new(1 << 20);
    const int64_t losses[] = { 5, 90, 5, -3, 90 };
    const uint32_t want[] = { 1, 4, 0, 2, 3 };
    uint32_t *order = priority_order(losses, 5, arena);
    for (size_t i = 0; i < 5; i++) cr_assert_eq(order[i], want[i]);
    arena_free(arena);
}
