/* design_assign.c - who gets which arm; see design.h. */
#include "experiment/design.h"

#include "base/hash.h"
#include "experiment/bucket.h"

#include <stdio.h>
#include <stdlib.h>

const char *const design_reason_words[] = { "assigned", "holdout", "namespace", "ramp", "not_eligible", "mixed" };

double design_ramp_at(const struct design *design, int64_t at_ms)
{
    double share = design->n_ramp > 0 ? 0 : 1;
    if (at_ms < design->start_ms || at_ms >= design->end_ms) return 0;
    for (size_t i = 0; i < design->n_ramp && design->ramp[i].from_ms <= at_ms; i++)
        if (design->ramp[i].share > share)
            share = design->ramp[i].share; /* a planned step below one by hand takes nobody out */
    return share;
}

void design_raise(struct design *design, int64_t from_ms, double share)
{
    size_t at = design->n_ramp;
    if (at == DESIGN_RAMP_ROOM) return;
    for (; at > 0 && design->ramp[at - 1].from_ms > from_ms; at--) design->ramp[at] = design->ramp[at - 1];
    design->ramp[at] = (struct design_ramp){ from_ms, share, true };
    design->n_ramp++;
}

/* As GrowthBook's clients place a unit in a namespace. */
bool design_has_room(const struct design *design, struct text unit)
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
    if (design->is_known) facts.is_eligible &= facts.dealt_arm < design->n_arms, arm = facts.dealt_arm;
    if (facts.is_held_out && !design->is_transactional) a.reason = NOT_HELD_IN;
    else if (!facts.is_eligible) a.reason = NOT_ELIGIBLE;
    else if (!design_has_room(design, unit)) a.reason = NOT_IN_NAMESPACE;
    else if (arm == design->n_arms) a.reason = NOT_IN_RAMP;
    else if (facts.is_mixed) a.reason = IS_MIXED;
    if (a.reason == ASSIGNED || a.reason == IS_MIXED) a.arm = arm;
    return a;
}

/* ---- a known audience ---- */

struct unit { size_t at; uint64_t stratum, tie; double bucket; };

static int compare_units(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;
    if (a->stratum != b->stratum) return a->stratum < b->stratum ? -1 : 1;
    if (a->bucket != b->bucket) return a->bucket < b->bucket ? -1 : 1;
    if (a->tie != b->tie) return a->tie < b->tie ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* Units of a stratum stand at equal distances on the line from 0 to 1, of which each arm has its share; where the
 * first stands is of salt and stratum, so that of many small strata no arm gets more. */
void design_deal(const struct design *design, const struct text *units, const uint64_t *stratum, size_t n,
                 struct arena *arena, uint8_t *ret_arm)
{
    struct text salt = text_of(design->salt);
    uint64_t seed = hash_bytes(salt.at, salt.length, 0);
    struct unit *sorted = ARENA_ARRAY(arena, struct unit, n + 1);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct unit){ i, stratum[i], hash_bytes(units[i].at, units[i].length, seed),
                                   bucket_of(salt, units[i]) };
    qsort(sorted, n, sizeof *sorted, compare_units);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && sorted[end].stratum == sorted[i].stratum;) end++;
        double first = (double)(hash_bytes(&sorted[i].stratum, sizeof sorted[i].stratum, seed) >> 11) * 0x1p-53;
        for (size_t k = i; k < end; k++) {
            double at = ((double)(k - i) + first) / (double)(end - i), until = 0;
            size_t arm = 0;
            while (arm + 1 < design->n_arms && at >= (until += design->shares[arm])) arm++;
            ret_arm[sorted[k].at] = (uint8_t)arm;
        }
    }
}
