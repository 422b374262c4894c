/* fairness_database.c - see fairness_database.h. */
#include "analyse/fairness_database.h"

#include "base/calendar.h"
#include "base/settings.h"
#include "cli/database.h"
#include "decide/policy.h"
#include "engine/assigning.h"
#include "learn/judged.h"
#include "learn/people_group.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

struct asking {
    struct invocation   *invocation;
    struct arena        *arena;
    struct database database;
    struct people_group  groups;
    uint8_t             *label, *selected;
    double              *score;
    uint32_t            *group;
    struct fairness_database found;
};

static void room_for(struct asking *a, size_t n)
{
    a->label = ARENA_ARRAY(a->arena, uint8_t, n + 1), a->selected = ARENA_ARRAY(a->arena, uint8_t, n + 1);
    a->score = ARENA_ARRAY(a->arena, double, n + 1), a->group = ARENA_ARRAY(a->arena, uint32_t, n + 1);
}

static void take(struct asking *a, uint32_t identity, bool label, bool is_selected, double score)
{
    size_t n = a->found.rows.n;
    uint32_t group = identity < a->groups.n ? a->groups.of[identity] : PEOPLE_NO_GROUP;
    if (group == PEOPLE_NO_GROUP) { a->found.n_dropped++; return; }
    a->label[n] = label, a->selected[n] = is_selected, a->score[n] = score, a->group[n] = group;
    a->found.rows.n++;
}

/* ---- proxies ---- */

static const double PROXY_AUC = .7;

/* How well a feature tells a group from all others, .5 and above. */
static double tells(const struct asking *a, const struct judged *j, size_t column, uint32_t group, float *labels,
                    double *values)
{
    size_t n = 0, width = j->rows.n_columns;
    for (size_t i = 0; i < j->rows.n_rows; i++) {
        uint32_t identity = j->rows.identity[i];
        double value = (double)j->rows.values[i * width + column];
        if (identity >= a->groups.n || a->groups.of[identity] == PEOPLE_NO_GROUP || isnan(value)) continue;
        labels[n] = a->groups.of[identity] == group, values[n++] = value;
    }
    double auc = metric_compute(METRIC_AUC, labels, values, n, .5);
    return isnan(auc) ? .5 : fmax(auc, 1 - auc);
}

static void add_proxy(struct fairness_database *found, struct fairness_proxy proxy)
{
    size_t at = found->n_proxies;
    if (at == FAIRNESS_PROXIES_MOST && proxy.auc <= found->proxies[at - 1].auc) return;
    if (at == FAIRNESS_PROXIES_MOST) at--;
    else found->n_proxies++;
    for (; at > 0 && found->proxies[at - 1].auc < proxy.auc; at--) found->proxies[at] = found->proxies[at - 1];
    found->proxies[at] = proxy;
}

/* Of two groups the second is told as well as the first. */
static void find_proxies(struct asking *a, const struct judged *j, const struct feature_set *set)
{
    float *labels = ARENA_ARRAY(a->arena, float, j->rows.n_rows + 1);
    double *values = ARENA_ARRAY(a->arena, double, j->rows.n_rows + 1);
    size_t n_groups = a->groups.n_groups == 2 ? 1 : a->groups.n_groups;
    for (size_t c = 0; c < j->rows.n_columns; c++)
        for (uint32_t g = 0; g < n_groups; g++) {
            double auc = tells(a, j, c, g, labels, values);
            if (auc >= PROXY_AUC)
                add_proxy(&a->found, (struct fairness_proxy){ feature_at(set, c)->name, a->groups.names[g], auc });
        }
}

/* ---- scores ---- */

static bool of_model(struct asking *a, const char *name, struct err *err)
{
    struct trained trained;
    struct judged judged;
    double threshold;
    char day[11];
    if (!trained_get(a->database.store, a->database.log, name, a->arena, &trained, err)) return false;
    bool ok =
        flag_double(a->invocation, "threshold", 0, 1, predictor_threshold(trained.predictor), &threshold, err);
    if (ok && trained.question.kind == QUESTION_SPEND)
        ok = err_set(err, ERR_INVALID, "%s foretells amounts: fairness is of a yes or no", name);
    ok = ok && judged_read(a->database.log, &trained, a->database.as_of_ms, a->invocation->n_threads, a->arena,
                           &judged, err);
    if (ok) find_proxies(a, &judged, trained.set);
    trained_release(&trained);
    if (!ok) return false;
    room_for(a, judged.rows.n_rows);
    for (size_t i = 0; i < judged.rows.n_rows; i++)
        take(a, judged.rows.identity[i], judged.rows.labels[i] > 0, judged.prediction[i] >= threshold,
             judged.prediction[i]);
    calendar_format_day(calendar_day_of_ms(judged.as_of_ms), day);
    a->found.rows.score = a->score, a->found.has_label = true;
    a->found.note = arena_format(a->arena, "What %s says from %.3g on is a yes; as of %s, against what then "
                                 "happened%s.", name, threshold, day,
                                 judged.is_unseen ? "" : ", of people the model may have learned from");
    return true;
}

/* ---- a plan ---- */

/* 0 not met, 1 drawn by lot to learn from, 2 chosen. */
static bool read_plan(struct asking *a, int64_t before_ms, uint8_t *ret_of, int64_t *ret_at_ms, struct err *err)
{
    struct sql_decision_last_plan row = { 0 };
    enum step step = STEP_FAIL;
    *ret_at_ms = 0;
    if (sql_decision_last_plan(a->database.store, before_ms, &row, err))
        while ((step = sql_decision_last_plan_step(&row, err)) == STEP_ROW) {
            *ret_at_ms = row.at_ms;
            ret_of[row.identity] = text_equal(row.policy, text_of("plan")) ? 2 : 1;
        }
    cursor_close(row.cursor);
    return step == STEP_END &&
           (*ret_at_ms ||
            err_set(err, ERR_MISSING, "no plan was committed yet: holdfast plan --commit writes one"));
}

/* Everybody who was known then and whom the plan could choose: neither held out nor drawn by lot. */
static bool of_plan(struct asking *a, struct err *err)
{
    struct settings settings;
    struct holdout holdout;
    struct identities *identities = NULL;
    char day[11];
    int64_t at_ms;
    size_t n = log_n_names(a->database.log, DICTIONARY_IDENTITY) + 1;
    uint8_t *of = ARENA_ARRAY(a->arena, uint8_t, n + 1);
    if (!command_settings(a->invocation, a->database.store, &settings, err) ||
        !holdout_load(a->database.store, &settings, &holdout, err) || !read_plan(a, INT64_MAX, of, &at_ms, err) ||
        !identities_open(a->database.store, a->database.log, &identities, err))
        return false;
    room_for(a, n);
    for (uint32_t i = 1; i < n && i < a->groups.n; i++) {
        if (a->groups.of[i] == PEOPLE_NO_GROUP || of[i] == 1) continue;
        if (holdout_place(&holdout, identities, i).is_held_out) continue;
        take(a, i, false, of[i] == 2, 0);
    }
    identities_close(identities);
    calendar_format_day(calendar_day_of_ms(at_ms), day);
    a->found.note =
        arena_format(a->arena, "Whom the plan of %s chose for something, of those whom it could choose.", day);
    return true;
}

static bool ask(struct asking *a, const char *of, struct err *err)
{
    const char *asked = flag_text(a->invocation, "group", NULL);
    if (!asked) return err_set(err, ERR_INVALID, "--group says whom to compare, such as --group gender");
    if (!database_describe(&a->database, a->arena, err) ||
        !people_group(a->database.log, asked, a->database.as_of_ms, a->invocation->n_threads, a->arena, &a->groups,
                      err))
        return err_context(err, "--group");
    if (a->groups.n_groups < 2)
        return err_set(err, ERR_REFUSED, "there is only one group%s%s, and nothing to compare it with",
                       a->groups.n_groups ? ", " : "", a->groups.n_groups ? a->groups.names[0] : "");
    return strcmp(of, "plan") == 0 ? of_plan(a, err) : of_model(a, of, err);
}

bool fairness_database_read(struct invocation *invocation, const char *of, struct fairness_database *ret,
                            struct err *err)
{
    struct asking *a = ARENA_NEW(invocation->arena, struct asking);
    a->invocation = invocation, a->arena = invocation->arena;
    if (!database_open(invocation, NULL, false, &a->database, err)) return false;
    bool ok = ask(a, of, err);
    database_close(&a->database);
    if (!ok) return false;
    a->found.rows.label = a->label, a->found.rows.selected = a->selected, a->found.rows.group = a->group;
    a->found.rows.n_groups = a->groups.n_groups, a->found.names = a->groups.names;
    *ret = a->found;
    return true;
}
