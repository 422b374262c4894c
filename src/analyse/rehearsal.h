/* rehearsal.h - a year lived through the program's own log, plan and sink, in a world whose truth is known. */
#ifndef ANALYSE_REHEARSAL_H
#define ANALYSE_REHEARSAL_H

#include "cli/command.h"
#include "plan/plan_log.h"
#include "simulate/world.h"

#include <jansson.h>

struct rehearsal_period {
    double  budget_cents, spent_cents, true_cents, attainable_cents, oracle_cents, risk_cents, random_cents;
    bool    has_plan;
    struct plan_value planned, measured;        /* of the group plan, in cents */
};

/* What others would have done with the same budget for those who were planned for. */
struct reckoner;
bool reckoner_new(const struct world *world, unsigned n_threads, struct arena *arena,
                  struct reckoner **ret_reckoner, struct err *err) MUST_CHECK;
/* is_planned [n]: before the period is lived.  Fills attainable, oracle, risk and random. */
void reckon(const struct reckoner *reckoner, const struct world *world, int period, const bool *is_planned,
            unsigned n_threads, struct rehearsal_period *period_result);

/* Expected loss, in cents a day: by what risk the simple programs sort. */
double rehearsal_risk(const struct world *world, size_t person, int period);

#endif
