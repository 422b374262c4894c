/* bandits.h - bandits at work: what each learned, reckoned anew when somebody asks and a minute has passed, or longer
 * where reckoning takes long. */
#ifndef LEARN_BANDITS_H
#define LEARN_BANDITS_H

#include "decide/bandit_state.h"

struct reading_pool;
struct bandits;

/* readers is borrowed, and needed before the first is asked; epoch tells one opening from another.
 * Errors: those of bandit_rules_read. */
bool bandits_open(const struct settings *settings, struct reading_pool *readers, double (*now_seconds)(void),
                  int64_t epoch, struct bandits **ret_bandits, struct err *err) MUST_CHECK;
void bandits_close(struct bandits *bandits);        /* NULL is fine */

/* By settings that were read anew: every bandit is reckoned again when it is next asked, and decisions under way go
 * on by the rules they began with.  Errors: those of bandit_rules_read. */
bool bandits_reload(struct bandits *bandits, const struct settings *settings, struct err *err) MUST_CHECK;

/* The bandit at a placement; NULL: none is there, or none of the actions is an arm.  Lives as long as bandits. */
const struct bandit_rule *bandits_find(struct bandits *bandits, const char *placement, const struct text *actions,
                                       size_t n);

/* Its policy for somebody, in the arena; x [1 + n_context], NULL without a context.  Errors: those of
 * bandit_measure. */
bool bandits_rule(struct bandits *bandits, const struct bandit_rule *rule, const double *x, int64_t at_ms,
                  struct arena *arena, const struct policy **ret_policy, struct err *err) MUST_CHECK;

#endif
