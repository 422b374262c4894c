/* reach_test.c - who may be contacted, and which rule says no. */
#include "decide/reach.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(reach, the_first_rule_that_stands_in_the_way_is_named)
{
    static const struct { struct reach_facts facts; enum reach_rule rule; } cases[] = {
        { { 0 }, REACH_OPEN },
        { { .said = CONSENT_SAID_YES }, REACH_OPEN },
        { { .heard = CONSENT_SUPPRESSED, .said = CONSENT_SAID_YES, .is_held_out = true }, REACH_SUPPRESSED },
        { { .heard = CONSENT_REFUSED, .said = CONSENT_SAID_YES }, REACH_CONSENT },
        { { .said = CONSENT_SAID_NO, .is_held_out = true }, REACH_CONSENT },
        { { .is_held_out = true, .n_contacts = 3, .most_contacts = 3 }, REACH_HOLDOUT },
        { { .n_contacts = 3, .most_contacts = 3 }, REACH_CAP },
        { { .n_contacts = 2, .most_contacts = 3 }, REACH_OPEN },
        { { .n_contacts = 1000 }, REACH_OPEN },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_assert_eq(reach_rule_of(&cases[i].facts), cases[i].rule, "case %zu: %s", i,
                     reach_word(reach_rule_of(&cases[i].facts)));
}

Test(reach, who_refused_to_be_measured_is_heard_when_they_state_a_consent_and_the_suppressed_never)
{
    cr_assert(reach_is_heard(CONSENT_ALLOWED, false));
    cr_assert_not(reach_is_heard(CONSENT_REFUSED, false));
    cr_assert(reach_is_heard(CONSENT_REFUSED, true));
    cr_assert_not(reach_is_heard(CONSENT_SUPPRESSED, true));
}
