/* challenge_test.c - whether a model that nobody asked for may take the place of the one in force. */
#include "learn/challenge.h"
#include "support.h"

#include <string.h>

static void assert_gate(struct interval mine, struct interval theirs, bool is_same_people, const char *why_not)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct challenge_gate gate = challenge_gate(mine, theirs, is_same_people, arena);
    cr_assert_eq(gate.passes, why_not == NULL, "%s", gate.sentence);
    if (why_not) cr_assert_not_null(strstr(gate.sentence, why_not), "%s", gate.sentence);
    arena_free(arena);
}

Test(challenge, of_the_same_people_a_model_that_ranks_worse_beyond_noise_does_not_pass)
{
    const struct interval good = { .8, .75, .85 }, bad = { .68, .64, .72 }, near = { .74, .7, .78 };
    assert_gate(bad, good, true, "ranks worse");
    assert_gate(near, good, true, NULL);
    assert_gate(good, bad, true, NULL);
    assert_gate(bad, good, false, NULL);
}

Test(challenge, a_model_that_ranks_no_better_than_lot_does_not_pass_unless_the_one_in_force_does_not_either)
{
    const struct interval lot = { .55, .49, .61 }, good = { .8, .75, .85 };
    assert_gate(lot, good, false, "no better than lot");
    assert_gate(lot, lot, false, NULL);
}
