/* reach.c - see reach.h. */
#include "decide/reach.h"

enum reach_rule reach_rule_of(const struct reach_facts *facts)
{
    if (facts->heard == CONSENT_SUPPRESSED) return REACH_SUPPRESSED;
    if (facts->heard == CONSENT_REFUSED || facts->said == CONSENT_SAID_NO) return REACH_CONSENT;
    if (facts->is_held_out) return REACH_HOLDOUT;
    if (facts->most_contacts > 0 && facts->n_contacts >= facts->most_contacts) return REACH_CAP;
    return REACH_OPEN;
}

const char *reach_word(enum reach_rule rule)
{
    static const char *const words[] = { [REACH_OPEN] = "open", [REACH_SUPPRESSED] = "suppressed",
                                         [REACH_CONSENT] = "consent", [REACH_HOLDOUT] = "holdout",
                                         [REACH_CAP] = "cap" };
    return words[rule];
}

bool reach_is_heard(enum consent_verdict heard, bool is_statement)
{
    return heard == CONSENT_ALLOWED || (heard == CONSENT_REFUSED && is_statement);
}
