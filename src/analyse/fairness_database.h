/* fairness_database.h - whom a model's scores, or a plan, chose in a database, group by group. */
#ifndef ANALYSE_FAIRNESS_DATABASE_H
#define ANALYSE_FAIRNESS_DATABASE_H

#include "cli/command.h"
#include "model/fairness.h"

/* A feature of the model that tells a group from the others: AUC from .7 on, whichever way. */
enum { FAIRNESS_PROXIES_MOST = 10 };
struct fairness_proxy { const char *feature, *group; double auc; };

struct fairness_database {
    struct fairness_rows rows;
    const char         **names;         /* [rows.n_groups] */
    size_t               n_dropped;     /* of whom the group is not known */
    bool                 has_label;     /* else what happened is not known yet, and every label is 0 */
    const char          *note;          /* what is compared, a sentence */
    struct fairness_proxy proxies[FAIRNESS_PROXIES_MOST];       /* [n_proxies] the strongest first */
    size_t               n_proxies;
};

/* of: "plan", the last that was committed, or a question that has a model; --group, --threshold and --as-of as
 * typed. Errors: ERR_MISSING no such model or plan; ERR_REFUSED nobody's answer is known, or there is one group
 * only. */
bool fairness_database_read(struct invocation *invocation, const char *of, struct fairness_database *ret,
                        struct err *err) MUST_CHECK;

#endif
