/* deciding.h - the one call that decides what to do for a customer now: of requests, journeys and files alike.
 *
 * Gathers what is known (who is eligible, whether they may be contacted, what models say), lets decision.h decide,
 * and says it all as JSON.  A decision stands for a window of days as the customer's own clock counts them (trait
 * "timezone", else UTC): whoever asks again in it, of the same open candidates, gets the one made before. */
#ifndef ENGINE_DECIDING_H
#define ENGINE_DECIDING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "decide/decision.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct service;
struct store;
struct vault;
struct assigned_arm;

/* An action and whom it is meant for; segment and condition NULL: for everybody. */
struct deciding_candidate { const char *action, *segment, *condition; };

enum { DECIDING_WINDOW_MOST_DAYS = 366 };

struct deciding_ask {
    const char *customer, *placement;
    const char *purpose;            /* a topic or a channel (customer/topic.h); NULL: none */
    const struct deciding_candidate *candidates; /* [n_candidates] 1 .. DECISION_MOST_CANDIDATES, all different */
    size_t      n_candidates;
    int64_t     window_days;        /* 0: each time is drawn anew; -1: as the bandit there has it, else a day */
    int64_t     at_ms;
};

/* What was decided, and all that table decision keeps of it; texts are in the arena. */
struct decided {
    struct decision decision;
    uint32_t    customer;
    const char *placement, *action;
    const char *window;             /* the stretch of time that it stands for, as "7d 2882"; NULL: this once */
    const char *rule;               /* of reach, which left nothing to choose; NULL: none */
    const struct assigned_arm *exposed;       /* the arm of the experiment that ruled; NULL: none did */
    int64_t     at_ms;
    const char *question;           /* of the model whose features these are; NULL: none */
    int64_t     trained_ms;
    const float *features;          /* [n_features] */
    size_t      n_features;
    const char *answer;             /* JSON, as POST /v1/decide describes it */
    /* Ids of the decision that stands instead, if it was made when the customer was known by another of their ids. */
    const char (*earlier)[DECISION_ID_BYTES];       /* [n_earlier] */
    size_t      n_earlier;
    /* What stands once it is written down: this decision, or the one made before in its window. */
    struct { const char *action, *answer; bool is_sticky; } standing;
    struct arena *arena;
};

/* Decides, and writes nothing down.  What is returned borrows from ask.  The caller does not hold the service's
 * lock.  In a job of the writer what is asked of the store is as it was before the group, and a bandit that is due
 * (learn/bandits.h) keeps the writer until it is reckoned.
 * ret_field: the member of the request that is at fault.  Errors: ERR_MISSING the customer is not known, or there
 * is no such segment; ERR_INVALID a condition; those of conditions_hold and of the store. */
bool deciding_make(struct service *service, const struct deciding_ask *ask, struct arena *arena,
                   struct decided *ret_decided, const char **ret_field, struct err *err) MUST_CHECK;

/* Writes it down, and in the ledger under the vault's key, in the caller's transaction and fills `standing`; what
 * was decided before in its window stays alone. */
bool deciding_put(struct store *store, const struct vault *vault, struct decided *decided,
                  struct err *err) MUST_CHECK;

/* The same through the writer.  done is called once it is written down, on a thread of the writer's; the stream
 * hears of a new one.  Errors: those of ingest_run_soon; then done is not called. */
struct deciding_job {
    struct service *service;
    struct decided *decided;
    void          (*done)(void *context, const struct err *result);
    void           *context;
};
bool deciding_keep(struct deciding_job *job, struct err *err) MUST_CHECK;

#endif
