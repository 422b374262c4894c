/* decision.c - see decision.h. */
#include "decide/decision.h"
#include "base/hash.h"

#include <assert.h>
#include <string.h>

/* Uniform in [0, 1): 53 bits of a keyed hash. */
static double unit_hash(struct text customer, struct text place, uint64_t salt)
{
    uint64_t of_place = hash_bytes(place.at, place.length, salt);
    return (double)(hash_bytes(customer.at, customer.length, of_place) >> 11) * 0x1p-53;
}

bool decision_is_held_out(struct text customer, double holdout_share, uint64_t salt)
{
    /* A placement is never empty, so no pilot's draw repeats this one. */
    return unit_hash(customer, (struct text){ "", 0 }, salt) < holdout_share;
}

static int compare(struct text a, struct text b)
{
    int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* How many eligible candidates have a smaller name: the place in an order that the caller's does not change. */
static size_t rank_of(const struct decision_request *request, size_t index)
{
    size_t rank = 0;
    for (size_t i = 0; i < request->n_candidates; i++)
        rank += request->candidates[i].is_eligible &&
                compare(request->candidates[i].action, request->candidates[index].action) < 0;
    return rank;
}

struct decision decision_make(const struct decision_request *request)
{
    assert(request->n_candidates <= DECISION_MOST_CANDIDATES);
    struct decision decision = { .action = request->n_candidates, .propensity = 1, .n_open = 1 };
    size_t n_eligible = 0;
    for (size_t i = 0; i < request->n_candidates; i++) n_eligible += request->candidates[i].is_eligible;
    if (request->is_suppressed) decision.policy = POLICY_SUPPRESSED;
    else if (decision_is_held_out(request->customer, request->holdout_share, request->salt))
        decision.policy = POLICY_HOLDOUT;
    else if (n_eligible == 0) decision.policy = POLICY_NO_CANDIDATE;
    else {
        decision.policy = POLICY_PILOT;
        decision.n_open = n_eligible + 1;
        decision.propensity = 1 / (double)decision.n_open;
        size_t drawn =
            (size_t)(unit_hash(request->customer, request->placement, request->salt) * (double)decision.n_open);
        for (size_t i = 0; i < request->n_candidates; i++)
            if (request->candidates[i].is_eligible && rank_of(request, i) == drawn) decision.action = i;
    }
    return decision;
}

const char *decision_policy_word(enum decision_policy policy)
{
    static const char *const words[] = { "suppressed", "holdout", "no_candidate", "pilot" };
    return words[policy];
}
