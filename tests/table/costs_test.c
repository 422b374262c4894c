/* What things cost, from the settings: as of the day, in the shop's currency, by the names that a row has. */
#include "base/calendar.h"
#include "support.h"
#include "table/costs.h"

#include <math.h>

static bool read(const char *section, const char *csv, const char *rates, const char *currency,
                 struct arena *arena, struct costs *ret_costs, struct err *err)
{
    struct settings settings;
    const char *path = arena_copy(arena, support_path("costs.yaml"));
    support_write(support_path("costs.csv"), csv, strlen(csv));
    support_write(support_path("rates.csv"), rates, strlen(rates));
    support_write(path, section, strlen(section));
    ASSERT_OK(settings_read(path, arena, &settings, err), err);
    return costs_read(&settings, currency, arena, ret_costs, err);
}

static int64_t day_of(const char *text)
{
    int64_t at_ms;
    cr_assert(calendar_parse_iso(text, strlen(text), &at_ms));
    return calendar_day_of_ms(at_ms);
}

Test(costs, a_margin_is_that_of_the_row_with_most_names_that_holds_on_the_day)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct costs costs;
    struct err err;
    ASSERT_OK(
        read("costs: {margin: .4, csv: costs.csv}\n",
             "from,item,category,shop,kind,amount\n2026-01-01,,fruit,,margin,.2\n2026-01-01,apple,,,margin,.1\n"
             "2026-03-01,apple,,,margin,.3\n2026-01-01,apple,,wien,margin,.05\n",
             "", "EUR", arena, &costs, &err),
        &err);
    const char *apple[COST_NAMES] = { "apple" }, *pear[COST_NAMES] = { "pear", "fruit" },
               *saw[COST_NAMES] = { "saw", "tool" }, *in_wien[COST_NAMES] = { "apple", "fruit", "wien" };
    cr_assert(costs_margin_varies(&costs));
    ASSERT_NEAR(costs_margin_of(&costs, apple, day_of("2025-12-31")), .4, 0);
    ASSERT_NEAR(costs_margin_of(&costs, apple, day_of("2026-02-28")), .1, 0);
    ASSERT_NEAR(costs_margin_of(&costs, apple, day_of("2026-03-01")), .3, 0);
    ASSERT_NEAR(costs_margin_of(&costs, pear, day_of("2026-03-01")), .2, 0);
    ASSERT_NEAR(costs_margin_of(&costs, saw, day_of("2026-03-01")), .4, 0);
    ASSERT_NEAR(costs_margin_of(&costs, in_wien, day_of("2026-03-01")), .05, 0);
    arena_free(arena);
}

Test(costs, an_amount_in_another_currency_is_turned_by_the_rate_of_its_day)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct costs costs;
    struct err err;
    const char *section = "costs: {csv: costs.csv, rates: rates.csv}\n",
               *rates = "from,currency,rate\n2026-02-01,USD,.8\n2026-01-01,USD,.9\n",
               *spend =
                   "from,campaign,kind,amount,currency\n2026-01-10,spring,spend,100,USD\n"
                   "2026-02-10,spring,spend,100,usd\n2026-02-11,spring,spend,7,EUR\n2026-02-12,spring,spend,1,\n";
    ASSERT_OK(read(section, spend, rates, "EUR", arena, &costs, &err), &err);
    ASSERT_NEAR(costs_campaigns(&costs, day_of("2026-01-01"), day_of("2026-02-01")), 90, 1e-9);
    ASSERT_NEAR(costs_campaigns(&costs, day_of("2026-02-01"), day_of("2026-03-01")), 88, 1e-9);
    ASSERT_FAILS(read(section, "from,campaign,kind,amount,currency\n2025-12-31,spring,spend,100,USD\n", rates,
                      "EUR", arena, &costs, &err),
                 &err, ERR_INVALID, "no rate is known as of that day");
    ASSERT_FAILS(read(section, spend, "from,currency,rate\n2026-01-01,USD,0\n", "EUR", arena, &costs, &err), &err,
                 ERR_INVALID, "line 2: a rate is");
    arena_free(arena);
}

Test(costs, what_is_fixed_may_be_hours_of_work_and_have_a_day)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct costs costs;
    struct err err;
    ASSERT_OK(read("costs: {hour: 45, fixed: [{campaign: a, amount: 900, hours: 2}, {campaign: a, hours: 1, from: "
                   "2026-01-05}]}\n", "", "", NULL, arena, &costs, &err), &err);
    ASSERT_NEAR(costs_fixed(&costs, "a"), 1035, 1e-9);
    ASSERT_NEAR(costs_campaigns(&costs, day_of("2026-01-05"), day_of("2026-01-06")), 45, 1e-9);
    ASSERT_NEAR(costs_campaigns(&costs, day_of("2026-01-06"), day_of("2026-01-09")), 0, 0);
    ASSERT_FAILS(read("costs: {fixed: [{campaign: a, hours: 2}]}\n", "", "", NULL, arena, &costs, &err), &err,
                 ERR_INVALID, "hour: 45 beside fixed");
    ASSERT_FAILS(
        read("costs: {fixed: [{campaign: a, amount: 2, from: soon}]}\n", "", "", NULL, arena, &costs, &err), &err,
        ERR_INVALID, "from is a day");
    arena_free(arena);
}
