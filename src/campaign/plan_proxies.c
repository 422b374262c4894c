/* plan_proxies.c - see plan_proxies.h. */
#include "campaign/plan_proxies.h"

#include "model/metrics.h"

#include <math.h>
#include <stdlib.h>

/* As fairness says of a model's features; of very many people some thousands tell as well. */
static const double PROXY_AUC = .7, NOT_KNOWN = -1e30;
enum { PEOPLE_MOST = 20000, GROUP_LEAST = 30, WORDS_MOST = 10 };

struct proxy { const char *feature, *group; double auc; };

/* Half of them each, where a trait's values are many numbers, such as ages. */
static void halve(struct people_group *group, struct arena *arena)
{
    double *number = ARENA_ARRAY(arena, double, group->n_groups + 1), sum = 0, n = 0;
    for (size_t g = 0; g < group->n_groups; g++) {
        char *end;
        number[g] = strtod(group->names[g], &end);
        if (end == group->names[g] || *end) return;
    }
    for (size_t i = 0; i < group->n; i++)
        if (group->of[i] != PEOPLE_NO_GROUP) sum += number[group->of[i]], n++;
    for (size_t i = 0; i < group->n; i++)
        if (group->of[i] != PEOPLE_NO_GROUP) group->of[i] = number[group->of[i]] > sum / n;
    const char **names = ARENA_ARRAY(arena, const char *, 2);
    names[0] = arena_format(arena, "up to %.4g", sum / n), names[1] = arena_format(arena, "above %.4g", sum / n);
    group->names = names, group->n_groups = 2;
}

/* How well a feature tells a group from all others, .5 and above; .5 too where it is too small to say. */
static double tells(const struct plan_made *made, const struct people_group *group, size_t input, uint32_t which,
                    float *labels, double *values)
{
    size_t n = 0, n_in = 0, step = made->n_rows / PEOPLE_MOST + 1;
    for (size_t i = 0; i < made->n_rows; i += step) {
        uint32_t identity = made->rows[i].identity;
        double value;
        if (identity >= group->n || group->of[identity] == PEOPLE_NO_GROUP) continue;
        (void)plan_features_input(made->features, made->rows[i].values, input, &value);
        if (isnan(value)) value = NOT_KNOWN;      /* that something is missing may tell, too */
        labels[n] = group->of[identity] == which, n_in += group->of[identity] == which, values[n++] = value;
    }
    if (n_in < GROUP_LEAST || n - n_in < GROUP_LEAST) return .5;
    double auc = metric_compute(METRIC_AUC, labels, values, n, .5);
    return isnan(auc) ? .5 : fmax(auc, 1 - auc);
}

static struct proxy best_proxy(const struct plan_made *made, const struct people_group *group,
                               struct arena *scratch)
{
    struct proxy best = { NULL, NULL, .5 };
    float *labels = ARENA_ARRAY(scratch, float, made->n_rows + 1);
    double *values = ARENA_ARRAY(scratch, double, made->n_rows + 1), ignored;
    for (size_t input = 0; made->n_rows > 0 && input < plan_features_n_inputs(made->features); input++)
        for (uint32_t g = 0; g < (group->n_groups == 2 ? 1 : group->n_groups); g++) {
            double auc = tells(made, group, input, g, labels, values);
            if (auc > best.auc)
                best = (struct proxy){ plan_features_input(made->features, made->rows[0].values, input, &ignored),
                                       group->names[g], auc };
        }
    return best;
}

bool plan_proxies_warn(struct planned_database *p, struct err *err)
{
    const struct plan_setup *s = &p->setup;
    for (size_t t = 0; t < s->n_protected; t++) {
        struct people_group group;
        if (!people_trait(s->log, s->protected_traits[t], s->as_of_ms, p->arena, &group, err)) {
            if (err->code != ERR_INVALID) return false;
            continue;       /* too many values to part people by */
        }
        if (group.n_groups > WORDS_MOST) halve(&group, p->arena);
        struct proxy proxy = best_proxy(&p->made, &group, p->arena);
        if (proxy.auc < PROXY_AUC) continue;
        json_array_append_new(
            p->warnings,
            json_sprintf(
                "the plan knows nothing of '%s', which is protected, but knows '%s', which tells '%s' from the "
                "others (AUC %.2f); fairness --of plan --group %s shows whether they are treated alike, "
                "--max-disparity keeps the shares together",
                s->protected_traits[t], proxy.feature, proxy.group, proxy.auc, s->protected_traits[t]));
    }
    return true;
}
