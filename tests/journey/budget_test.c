/* What a journey may spend, by a count of every day's money that forgets nothing. */
#include "journey/contact.h"
#include "support.h"

Test(journey, what_is_spent_in_the_last_days_is_the_sum_of_those_days)
{
    EACH_CASE(c, 50) {
        struct spending spending = { 0 };
        double all[3000] = { 0 };
        int64_t first = 20000, day = first;
        for (int i = 0; i < 300; i++) {
            day += (int64_t)(rng_uniform(&c.rng) * (rng_uniform(&c.rng) < 0.02 ? 500 : 3));
            if (day - first >= 3000) break;
            int64_t on = day - (int64_t)(rng_uniform(&c.rng) * 3);
            if (on < first) on = first;
            double amount = (double)(int64_t)(rng_uniform(&c.rng) * 1000);
            spending_add(&spending, on, amount);
            all[on - first] += amount;
            int64_t n_days = 1 + (int64_t)(rng_uniform(&c.rng) * BUDGET_MOST_DAYS);
            double sum = 0;
            for (int64_t at = day - n_days + 1; at <= day; at++)
                if (at >= first) sum += all[at - first];
            cr_assert_float_eq(spending_in(&spending, day, n_days), sum, 1e-6);
        }
    }
}

Test(journey, a_budget_is_spent_to_the_last_cent_and_no_further)
{
    struct spending spending = { 0 };
    const struct budget budget = { 1, 1 }, none = { 0, 0 };
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(budget_asked(&budget, &spending, 5, 0.1), BUDGET_LEFT);
        spending_add(&spending, 5, 0.1);
    }
    cr_assert_eq(budget_asked(&budget, &spending, 5, 0.1), BUDGET_SPENT);
    cr_assert_eq(budget_asked(&budget, &spending, 5, 0), BUDGET_SPENT);
    cr_assert_eq(budget_asked(&budget, &spending, 6, 0.1), BUDGET_LEFT);
    cr_assert_eq(budget_asked(&budget, &spending, 6, 1.5), BUDGET_NEVER);
    cr_assert_eq(budget_asked(&none, &spending, 5, 100), BUDGET_LEFT);
    cr_assert_float_eq(budget_coupon(80, 20), 20, 1e-9);
}

Test(journey, a_budget_that_is_spent_holds_what_a_contract_asks_for_too)
{
    const struct contact_topic receipt = { "receipt", BASIS_CONTRACT };
    const struct contact_rules rules = { .topics = &receipt, .n_topics = 1 };
    struct contact_facts facts = { .heard = CONSENT_ALLOWED, .said = CONSENT_SAID_YES, .has_address = true,
                                   .budget = BUDGET_SPENT, .budget_until_ms = 77 };
    struct contact_answer answer = contact_judge(&rules, &facts, "email", NULL, zone_utc, 5);
    cr_assert(answer.verdict == CONTACT_HOLD && answer.rule == RULE_CAP && answer.until_ms == 77);
    answer = contact_judge(&rules, &facts, "email", "receipt", zone_utc, 5);
    cr_assert(answer.verdict == CONTACT_HOLD && answer.rule == RULE_CAP && answer.until_ms == 77, "of a contract");
    facts.budget = BUDGET_NEVER;
    cr_assert_eq(contact_judge(&rules, &facts, "email", NULL, zone_utc, 5).verdict, CONTACT_SKIP);
    facts.budget = BUDGET_UNAPPROVED;
    answer = contact_judge(&rules, &facts, "email", NULL, zone_utc, 5);
    cr_assert(answer.verdict == CONTACT_HOLD && answer.rule == RULE_APPROVAL);
}
