/* decision.c - see decision.h. */
#include "decide/decision.h"
#include "base/hash.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t chain(uint64_t hash, struct text text) { return hash_bytes(text.at, text.length, hash); }

/* Uniform in [0, 1): 53 bits of a hash. */
static double unit_of(uint64_t hash) { return (double)(hash >> 11) * 0x1p-53; }

static int compare(struct text a, struct text b)
{
    int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* What could be drawn: names by order, with the candidates they are; nothing is the last. */
struct open {
    struct text actions[DECISION_MOST_CANDIDATES + 1];
    size_t candidates[DECISION_MOST_CANDIDATES + 1], n;
};

static struct open open_of(const struct decision_request *request)
{
    struct open open = { .n = 0 };
    for (size_t i = 0; request->rule == REACH_OPEN && i < request->n_candidates; i++) {
        if (!request->candidates[i].is_eligible) continue;
        size_t at = open.n++;
        for (; at > 0 && compare(open.actions[at - 1], request->candidates[i].action) > 0; at--)
            open.actions[at] = open.actions[at - 1], open.candidates[at] = open.candidates[at - 1];
        open.actions[at] = request->candidates[i].action, open.candidates[at] = i;
    }
    open.actions[open.n] = text_of(ACTION_NOTHING), open.candidates[open.n++] = request->n_candidates;
    return open;
}

/* Of everything that makes this decision another one; texts are told apart by their hashes, in turn. */
static uint64_t hash_of(const struct decision_request *request, const struct open *open, uint64_t seed)
{
    uint64_t hash = chain(chain(chain(seed, request->placement), request->customer), request->window);
    hash = chain(hash, text_of(reach_word(request->rule)));
    for (size_t i = 0; i < open->n; i++) hash = chain(hash, open->actions[i]);
    return hash;
}

static size_t draw(const struct policy_weight *weights, size_t n, double uniform)
{
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (weights[i].probability <= 0) continue;
        last = i;
        if ((uniform -= weights[i].probability) < 0) break;
    }
    return last;        /* rounding may leave a crumb beyond the last that can be drawn */
}

static void decide_by_policy(const struct decision_request *request, const struct open *open, struct arena *arena,
                             struct decision *decision)
{
    const struct policy *policy = request->policy;
    struct policy_weight weights[DECISION_MOST_CANDIDATES + 1];
    const struct policy_ask ask = { request->customer, request->placement, open->actions, open->n };
    policy->ops->weigh(policy, &ask, weights);
    size_t drawn = policy->ops->pick ? policy->ops->pick(policy, &ask)
                                     : draw(weights, open->n, unit_of(hash_of(request, open, request->salt)));
    for (size_t i = 0; i < open->n; i++) decision->weights[open->candidates[i]] = weights[i];
    decision->action = open->candidates[drawn];
    decision->propensity = weights[drawn].probability;
    decision->policy = policy->ops->word;
    decision->policy_version = policy->version;
    decision->reason = policy->ops->reason(policy, &ask, arena);
}

/* Other seeds than the draw's, so that an id tells nothing of what is drawn elsewhere. */
static void name_of(const struct decision_request *request, const struct open *open, char ret_id[DECISION_ID_BYTES])
{
    snprintf(ret_id, DECISION_ID_BYTES, "%016llx%016llx",
             (unsigned long long)hash_of(request, open, request->salt + 1),
             (unsigned long long)hash_of(request, open, request->salt + 2));
}

void decision_name(const struct decision_request *request, char ret_id[DECISION_ID_BYTES])
{
    const struct open open = open_of(request);
    name_of(request, &open, ret_id);
}

struct decision decision_make(const struct decision_request *request, struct arena *arena)
{
    static const struct { const char *policy, *reason; } closed[] = {
        [REACH_OPEN] = { "no_candidate", "none of the candidates is meant for this customer" },
        [REACH_SUPPRESSED] = { "suppressed", "this customer asked not to be contacted" },
        [REACH_CONSENT] = { "suppressed", "this customer has not agreed to be contacted for this" },
        [REACH_HOLDOUT] = { "holdout",
                            "this customer is in the global control group, who get nothing anywhere, so that "
                            "what the others get can be measured" },
        [REACH_CAP] = { "cap", "this customer has been contacted as often as they may be for now" },
    };
    static const struct policy_weight never = { 0, (double)NAN, (double)NAN, (double)NAN };
    assert(request->n_candidates <= DECISION_MOST_CANDIDATES && request->placement.length > 0);
    const struct open open = open_of(request);
    struct decision decision = { .action = request->n_candidates, .propensity = 1, .n_open = open.n,
                                 .policy = closed[request->rule].policy, .policy_version = "1",
                                 .reason = closed[request->rule].reason };
    for (size_t i = 0; i <= request->n_candidates; i++) decision.weights[i] = never;
    decision.weights[request->n_candidates].probability = 1;
    if (open.n > 1) decide_by_policy(request, &open, arena, &decision);
    name_of(request, &open, decision.id);
    return decision;
}
