/* experiments.h - the experiments in force while a server runs: who is exposed by what the program itself does, and
 * guardrails that stop one.
 *
 * An experiment with exposure: decision rules the decisions among whose candidates its arms are; its people are
 * exposed when such a decision is written down.  With exposure: message they are exposed by the first message that
 * leaves to them once they have an arm.  Steps and calls say so themselves (assigning.h).
 *
 * Guardrails are looked at every quarter of an hour in a thread of its own, by the rules of measuring.h. */
#ifndef ENGINE_EXPERIMENTS_H
#define ENGINE_EXPERIMENTS_H

#include "decide/policy.h"
#include "engine/assigning.h"

struct experiments;

bool experiments_open(struct service *service, struct experiments **ret_experiments, struct err *err) MUST_CHECK;
bool experiments_start(struct experiments *experiments, struct err *err) MUST_CHECK;    /* looks after guardrails */
void experiments_stop(struct experiments *experiments);     /* waits for the work at hand; NULL is fine */
void experiments_close(struct experiments *experiments);    /* NULL is fine */

/* After one was started or stopped.  Errors: those of the store. */
bool experiments_reload(struct experiments *experiments, struct err *err) MUST_CHECK;

/* The experiment that gives the customer an arm of which actions [n] know, if there is one; the earliest rules.
 * Lives in the arena.  Errors: those of assignment_make. */
struct ruling { bool is_ruled; struct assigned_arm assignment; struct policy_experiment policy; };
bool experiments_rule(struct experiments *experiments, const char *customer, const struct text *actions, size_t n,
                      int64_t at_ms, struct arena *arena, struct ruling *ret_ruling, struct err *err) MUST_CHECK;

/* In the transaction in which it is written down: a message left to the customer. */
bool experiments_message(struct experiments *experiments, struct store *store, uint32_t identity, int64_t at_ms,
                         struct err *err) MUST_CHECK;

/* What an experiment showed so far, as measuring_run; through names and links of its own. */
bool experiments_measure(struct experiments *experiments, struct store *store, const char *name,
                         struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* The kind of event that is an order here: the goal of a model in force, that of leaving first, else "order".  Lives in
 * the arena. */
const char *experiments_goal(struct service *service, struct arena *arena);

/* What experiments with exposures earned, by arm, as "roi --json" has campaigns; of one that cannot be reckoned yet
 * {"campaign", "refusal"}. */
bool experiments_earned(struct experiments *experiments, struct store *store, struct arena *arena,
                        json_t **ret_campaigns, struct err *err) MUST_CHECK;

#endif
