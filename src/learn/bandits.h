/* bandits.h - what the arms of bandits earned by now, from the decisions and the log, and bandits at work.
 *
 * A decision counts once the time for its reward is over: who would be rewarded late is no failure before.  A
 * server reckons anew when somebody asks and a minute has passed, or longer where reckoning takes long. */
#ifndef LEARN_BANDITS_H
#define LEARN_BANDITS_H

#include "customer/identity.h"
#include "decide/bandit_rule.h"

struct reading_pool;
struct bandits;

/* ret_tally [rule->n_arms]; *ret_waiting: decisions whose reward may still come.  Through names and links that
 * stand still.  Errors: those of the store and of log_read. */
bool bandit_measure(struct store *store, const struct log *log, const struct identities *identities,
                    const struct bandit_rule *rule, int64_t as_of_ms, struct bandit_tally *ret_tally,
                    size_t *ret_waiting, struct err *err) MUST_CHECK;

/* readers is borrowed, and needed before the first is asked; epoch tells one opening from another.
 * Errors: those of bandit_rules_read. */
bool bandits_open(const struct settings *settings, struct reading_pool *readers, double (*now_seconds)(void),
                  int64_t epoch, struct bandits **ret_bandits, struct err *err) MUST_CHECK;
void bandits_close(struct bandits *bandits);        /* NULL is fine */

/* The policy of the bandit at a placement, in the arena; NULL: none is there, or none of the actions is an arm. */
struct bandit_ruling { const struct policy *policy; int64_t window_days; };     /* window_days -1: not said */
bool bandits_rule(struct bandits *bandits, const char *placement, const struct text *actions, size_t n,
                  int64_t at_ms, struct arena *arena, struct bandit_ruling *ret_ruling,
                  struct err *err) MUST_CHECK;

#endif
