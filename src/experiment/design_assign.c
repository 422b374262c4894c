/* design_assign.c - who gets which arm; see design.h. */
#include "experiment/design.h"

#include "experiment/bucket.h"

#include <stdio.h>

const char *const design_reason_words[] = { "assigned", "holdout", "namespace", "ramp", "not_eligible", "mixed" };

double design_ramp_at(const struct design *design, int64_t at_ms)
{
    double share = design->n_ramp > 0 ? 0 : 1;
    if (at_ms < design->start_ms || at_ms >= design->end_ms) return 0;
    for (size_t i = 0; i < design->n_ramp && design->ramp[i].from_ms <= at_ms; i++) share = design->ramp[i].share;
    return share;
}

/* As GrowthBook's clients place a unit in a namespace. */
static bool is_in_space(const struct design *design, struct text unit)
{
    char seed[DESIGN_NAME_MOST_BYTES * 2];
    if (!design->space) return true;
    snprintf(seed, sizeof seed, "__%s", design->space);
    double at = bucket_of_v1(text_of(seed), unit);
    return at >= design->space_from && at < design->space_to;
}

struct assigned design_assign(const struct design *design, struct text unit, struct design_facts facts,
                              int64_t at_ms)
{
    struct assigned a = { ASSIGNED, SIZE_MAX, bucket_of(text_of(design->salt), unit) };
    size_t arm = bucket_arm(a.bucket, design->shares, design->n_arms, design_ramp_at(design, at_ms));
    if (facts.is_held_out && !design->is_transactional) a.reason = NOT_HELD_IN;
    else if (!facts.is_eligible) a.reason = NOT_ELIGIBLE;
    else if (!is_in_space(design, unit)) a.reason = NOT_IN_NAMESPACE;
    else if (arm == design->n_arms) a.reason = NOT_IN_RAMP;
    else if (facts.is_mixed) a.reason = IS_MIXED;
    if (a.reason == ASSIGNED || a.reason == IS_MIXED) a.arm = arm;
    return a;
}
