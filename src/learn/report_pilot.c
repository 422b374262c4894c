/* report_pilot.c - the trial that would tell whether a treatment keeps anybody, sized by what it must achieve. */
#include "learn/report_internal.h"

#include "base/words.h"
#include "decide/pilot.h"
#include "learn/evidence.h"

#include <math.h>

enum { LEAST_CUSTOMERS = 4 };
static const double alpha = 0.05, power = 0.8;

/* The first n customers of the list: how many of them would leave, and what one who leaves takes along. */
struct group { int64_t n; double baseline, saved_cents; };

static struct group first_of_list(const struct reporting *r, size_t n)
{
    double leavers = 0, loss_cents = 0;
    for (size_t i = 0; i < n; i++) {
        leavers += r->scores->prediction[r->asked[i]];
        loss_cents += (double)r->scores->expected_loss_cents[r->asked[i]];
    }
    double baseline = fmin(fmax(leavers / (double)n, 1e-6), 1 - 1e-6);
    return (struct group){ (int64_t)n, baseline, leavers > 0 ? loss_cents / leavers : 0 };
}

/* The smallest drop of the share who leave that brings in what treating one customer costs. */
static double pays_from(struct group group, double cost_cents)
{
    return group.saved_cents > 0 ? cost_cents / group.saved_cents : (double)INFINITY;
}

static bool is_enough(struct group group, double cost_cents)
{
    double effect = pays_from(group, cost_cents);
    return effect < group.baseline && 2 * pilot_per_group(group.baseline, effect, alpha, power) <= group.n;
}

/* The shortest head of the list, by doubling, that can show an effect which pays; all of it where none can. */
static struct group find_group(const struct reporting *r, double cost_cents, bool *ret_is_enough)
{
    size_t n = 2 * LEAST_CUSTOMERS, all = r->scores->n_asked;
    for (; n < all; n += 1 + n / 4) {
        struct group group = first_of_list(r, n);
        if (cost_cents > 0 && is_enough(group, cost_cents)) { *ret_is_enough = true; return group; }
    }
    struct group group = first_of_list(r, all);
    *ret_is_enough = cost_cents > 0 && is_enough(group, cost_cents);
    return group;
}

static const char *points(struct arena *arena, double share)
{
    return arena_format(arena, "%s in 100", words_rough(arena, 100 * share));
}

static const char *whom(const struct reporting *r, int64_t per_group)
{
    const char *n = words_count(r->arena, 2 * (double)per_group);
    return (size_t)(2 * per_group) + 1 >= r->scores->n_asked
               ? arena_format(r->arena, "all %s customers asked", n)
               : arena_format(r->arena, "the %s customers with most at stake", n);
}

static const char *say(const struct reporting *r, struct group group, double cost_cents, double effect,
                       int64_t per_group, bool enough)
{
    struct arena *arena = r->arena;
    const char *currency = r->in->import->currency;
    const char *saved = words_money(arena, group.saved_cents, currency),
               *cost = words_money(arena, cost_cents, currency);
    const char *shown = arena_format(arena,
                                     "Of %s, drawn by lot into two halves of which one is treated, a drop from %s "
                                     "to %s would be found 8 times in 10",
                                     whom(r, per_group), words_share(arena, group.baseline),
                                     words_share(arena, group.baseline - effect));
    if (!r->scores->at_risk.has_money)
        return arena_format(arena, "%s. Whether such an effect pays cannot be said: no money is known.", shown);
    if (cost_cents < 0)
        return arena_format(
            arena,
            "%s. It pays where treating one customer costs less than %s, as one who is kept brings "
            "%s; --contact-cost says what it costs, and the trial is sized for the smallest effect that "
            "pays.",
            shown, words_money(arena, effect * group.saved_cents, currency), saved);
    double needed = pays_from(group, cost_cents);
    if (needed >= group.baseline)
        return arena_format(arena,
                            "No effect could pay: one customer kept brings %s, %s would leave, and treating one "
                            "costs %s.",
                            saved, points(arena, group.baseline), cost);
    const char *pays =
        arena_format(arena, "Treating a customer for %s pays from %s kept on, as one kept brings %s.", cost,
                     points(arena, needed), saved);
    if (enough) return arena_format(arena, "%s %s.", pays, shown);
    return arena_format(arena,
                        "%s So small an effect these customers are too few to show: %s. Wait for more customers, "
                        "or take a treatment that may do more.",
                        pays, shown);
}

json_t *pilot_json(const struct reporting *r)
{
    size_t available = r->scores->n_asked;
    double cost_cents = r->in->options->contact_cost_cents;
    bool enough;
    if (!r->is_churn || available < 2 * LEAST_CUSTOMERS) return json_null();
    struct group group = find_group(r, r->scores->at_risk.has_money ? cost_cents : -1, &enough);
    double needed = cost_cents > 0 ? pays_from(group, cost_cents) : (double)NAN;
    int64_t per_group = enough ? pilot_per_group(group.baseline, needed, alpha, power) : group.n / 2;
    double effect = enough ? needed : pilot_detectable(group.baseline, per_group, alpha, power);
    return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I, s:o, s:o, s:b}", "sentence",
                     say(r, group, cost_cents, effect, per_group, enough), "per_group", (json_int_t)per_group,
                     "baseline", group.baseline, "detectable", effect, "power", power, "alpha", alpha, "available",
                     (json_int_t)available, "pays_from", number_json(needed), "saved_cents",
                     r->scores->at_risk.has_money ? number_json(group.saved_cents) : json_null(), "is_enough",
                     enough);
}
