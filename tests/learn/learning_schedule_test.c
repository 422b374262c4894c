/* learning_schedule_test.c - when a model learns again by itself, and that the reason is the one that counts. */
#include "base/calendar.h"
#include "learn/learning_schedule.h"
#include "support.h"

#include <string.h>

static const int64_t learned_ms = INT64_C(20000) * MS_PER_DAY;

static struct learning_facts facts_after(int64_t n_days, uint64_t n_new)
{
    return (struct learning_facts){ .now_ms = learned_ms + n_days * MS_PER_DAY, .learned_ms = learned_ms,
                                    .n_learned = 10000, .n_events = 10000 + n_new, .is_by_itself = true };
}

Test(learning_schedule, a_model_learns_again_after_a_week_if_anything_new_has_come)
{
    struct learning_facts facts = facts_after(6, 500);
    struct learning_plan plan = learning_plan_of(&facts);
    cr_assert_not(plan.is_due);
    cr_assert_eq(plan.at_ms, learned_ms + 7 * MS_PER_DAY);
    facts = facts_after(7, 500);
    cr_assert(learning_plan_of(&facts).is_due);
    facts = facts_after(30, 40);
    plan = learning_plan_of(&facts);
    cr_assert_not(plan.is_due);
    cr_assert_eq(plan.at_ms, 0);
    cr_assert_not_null(strstr(plan.why, "once 60 more events"), "%s", plan.why);
}

Test(learning_schedule, and_sooner_once_a_fifth_more_has_come_but_once_a_day_at_most)
{
    struct learning_facts facts = facts_after(1, 1999);
    cr_assert_not(learning_plan_of(&facts).is_due);
    facts = facts_after(1, 2000);
    cr_assert(learning_plan_of(&facts).is_due);
    facts.now_ms -= 1;
    struct learning_plan plan = learning_plan_of(&facts);
    cr_assert_not(plan.is_due);
    cr_assert_eq(plan.at_ms, learned_ms + MS_PER_DAY);
}

Test(learning_schedule, one_that_failed_is_tried_again_a_day_later)
{
    struct learning_facts facts = facts_after(9, 500);
    facts.tried_ms = facts.now_ms - MS_PER_DAY + 1;
    struct learning_plan plan = learning_plan_of(&facts);
    cr_assert_not(plan.is_due);
    cr_assert_eq(plan.at_ms, facts.tried_ms + MS_PER_DAY);
    facts.now_ms++;
    cr_assert(learning_plan_of(&facts).is_due);
}

Test(learning_schedule, the_first_model_is_tried_at_once_and_then_when_enough_has_come)
{
    struct learning_facts facts = { .now_ms = learned_ms, .n_events = 5, .is_by_itself = true };
    cr_assert(learning_plan_of(&facts).is_due);
    facts.tried_ms = learned_ms - MS_PER_DAY, facts.n_tried = 5, facts.n_events = 1004;
    struct learning_plan plan = learning_plan_of(&facts);
    cr_assert_not(plan.is_due);
    cr_assert_not_null(strstr(plan.why, "1 more event"), "%s", plan.why);
    facts.n_events++;
    cr_assert(learning_plan_of(&facts).is_due);
}

Test(learning_schedule, nothing_is_learned_where_time_stands_or_of_a_table)
{
    struct learning_facts facts = facts_after(900, 5000);
    facts.stands = true;
    cr_assert_not(learning_plan_of(&facts).is_due);
    facts.stands = false, facts.is_table = true;
    cr_assert_not(learning_plan_of(&facts).is_due);
    facts.is_table = false, facts.is_by_itself = false;
    cr_assert_not(learning_plan_of(&facts).is_due);
}

Test(learning_schedule, and_sooner_where_it_has_become_worse_or_what_it_says_has_moved)
{
    struct learning_facts facts = facts_after(2, 300);
    cr_assert_not(learning_plan_of(&facts).is_due);
    facts.has_moved = true;
    struct learning_plan plan = learning_plan_of(&facts);
    cr_assert(plan.is_due && strstr(plan.why, "has moved"), "%s", plan.why);
    facts.is_worse = true;
    plan = learning_plan_of(&facts);
    cr_assert(plan.is_due && strstr(plan.why, "ranks worse"), "%s", plan.why);
    facts = facts_after(2, 10), facts.is_worse = true;
    cr_assert_not(learning_plan_of(&facts).is_due, "of what it knows already it learns nothing else");
}
