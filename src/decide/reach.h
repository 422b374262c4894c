/* reach.h - whether a person may be contacted, or heard at all: the only place that knows.
 *
 * Pure: facts in, the rule that stands in the way out.  Whoever asks gathers the facts. */
#ifndef DECIDE_REACH_H
#define DECIDE_REACH_H

#include "customer/consent.h"

#include <stdbool.h>
#include <stdint.h>

struct reach_facts {
    enum consent_verdict heard;         /* of all ids of the customer (consents_check) */
    enum consent_said    said;          /* on the purpose of the contact; nothing where it has none */
    bool                 is_held_out;   /* in the global control group */
    uint32_t             n_contacts, most_contacts;     /* in the span of a cap, and the cap; 0: there is none */
};

/* In the order in which they are asked; the first that stands in the way is the rule. */
enum reach_rule { REACH_OPEN, REACH_SUPPRESSED, REACH_CONSENT, REACH_HOLDOUT, REACH_CAP };

enum reach_rule reach_rule_of(const struct reach_facts *facts);

const char *reach_word(enum reach_rule rule);       /* "open", "suppressed", "consent", "holdout", "cap" */

/* Whether what somebody sends is taken in.  is_statement: it may state a consent, which somebody who refused may,
 * because that is how one says yes again. */
bool reach_is_heard(enum consent_verdict heard, bool is_statement);

#endif
