/* command_fairness.c - whether scores or decisions treat groups alike, from a file or of the database. */
#include "cli/command.h"
#include "base/json_write.h"
#include "analyse/fairness_database.h"
#include "cli/json_out.h"
#include "learn/people_group.h"
#include "model/fairness.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_MOST = 200, TRAITS_MOST = 3 };

struct fairness_file {
    struct invocation   *invocation;
    struct arena        *arena;
    struct frame         frame;
    struct fairness_rows rows;
    const char         **names;         /* [n_groups] */
    size_t               n_dropped;
    bool                 is_unlabelled; /* what happened is not known: rates of it are null */
    const char          *note;          /* what is compared, of a database; else NULL */
    struct fairness_proxy proxies[FAIRNESS_PROXIES_MOST];
    size_t               n_proxies;
};

/* ---- reading ---- */

/* Yes or no of a column of numbers, of texts like yes and no, or of an expression. */
static bool read_yes_no(struct fairness_file *f, const char *name, const char *flag, double **ret, struct err *err)
{
    static const char *const yes[] = { "yes", "y", "true", "t", "1", "ja", "oui", "si" };
    struct frame_levels levels;
    struct err none;
    size_t column;
    bool is_column = frame_column(&f->frame, name, &column, f->arena, &none);
    if (!is_column || f->frame.is_number[column])
        return frame_numbers(&f->frame, name, f->arena, ret, err) || err_context(err, "--%s", flag);
    if (!frame_levels(&f->frame, column, 2, f->arena, &levels, err))
        return err_context(err, "--%s: a yes or no, or an expression such as \"%s = 'yes'\"", flag, name);
    *ret = ARENA_ARRAY(f->arena, double, f->frame.n_rows + 1);
    bool is_known = false;
    for (size_t l = 0; l < levels.n; l++)
        for (size_t y = 0; y < sizeof yes / sizeof *yes; y++) {
            if (!text_equal_ignoring_case(text_of(levels.names[l]), text_of(yes[y]))) continue;
            is_known = true;
            for (size_t i = 0; i < f->frame.n_rows; i++)
                (*ret)[i] = levels.of[i] == FRAME_MISSING ? (double)NAN : levels.of[i] == l;
        }
    return is_known || err_set(err, ERR_INVALID, "--%s %s: which of its values means yes? say \"%s = '%s'\"", flag,
                               name, name, levels.names[levels.n - 1]);
}

/* A trait by its texts; an expression or a fraction by its numbers.  ret_of [n_rows], FRAME_MISSING. */
static bool read_trait(struct fairness_file *f, const char *name, struct frame_levels *ret, struct err *err)
{
    struct err none;
    size_t column;
    double *values;
    if (frame_column(&f->frame, name, &column, f->arena, &none))
        return frame_levels(&f->frame, column, GROUPS_MOST, f->arena, ret, err) ||
               err_context(err, "--group: give groups instead of single values, such as \"%s >= 60\"", name);
    if (!frame_numbers(&f->frame, name, f->arena, &values, err)) return err_context(err, "--group");
    *ret = (struct frame_levels){ 0, ARENA_ARRAY(f->arena, const char *, GROUPS_MOST),
                                  ARENA_ARRAY(f->arena, uint32_t, f->frame.n_rows + 1), NULL };
    double met[GROUPS_MOST] = { 0 };
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        size_t l = 0;
        ret->of[i] = FRAME_MISSING;
        if (isnan(values[i])) continue;
        while (l < ret->n && met[l] != values[i]) l++;
        if (l == GROUPS_MOST)
            return err_set(err, ERR_INVALID, "--group %s has more than %d values", name, GROUPS_MOST);
        if (l == ret->n) met[l] = values[i], ret->names[ret->n++] = arena_format(f->arena, "%g", values[i]);
        ret->of[i] = (uint32_t)l;
    }
    return true;
}

/* Several traits are crossed: each pair of values is a group. */
static bool read_groups(struct fairness_file *f, uint32_t *ret_of, struct err *err)
{
    struct frame_levels traits[TRAITS_MOST];
    size_t n_traits = 0, n = 1;
    for (const char *rest = flag_text(f->invocation, "group", ""); *rest; n *= traits[n_traits++].n) {
        if (n_traits == TRAITS_MOST)
            return err_set(err, ERR_INVALID, "--group crosses at most %d traits", TRAITS_MOST);
        if (!read_trait(f, people_next_asked(&rest, f->arena), &traits[n_traits], err)) return false;
    }
    if (n > GROUPS_MOST)
        return err_set(err, ERR_INVALID, "--group makes %zu groups, more than %d", n, GROUPS_MOST);
    uint32_t *place = ARENA_ARRAY(f->arena, uint32_t, n + 1);      /* from 1; 0: nobody yet */
    f->names = ARENA_ARRAY(f->arena, const char *, n + 1);
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        size_t cell = 0;
        bool is_missing = false;
        const char *name = "";
        for (size_t t = 0; t < n_traits; t++) {
            is_missing |= traits[t].of[i] == FRAME_MISSING;
            if (is_missing) break;
            cell = cell * traits[t].n + traits[t].of[i];
        }
        ret_of[i] = FRAME_MISSING;
        if (is_missing) continue;
        if (place[cell] == 0) {
            for (size_t t = 0; t < n_traits; t++)
                name = arena_format(f->arena, "%s%s%s", name, *name ? ", " : "", traits[t].names[traits[t].of[i]]);
            f->names[f->rows.n_groups] = name, place[cell] = (uint32_t)++f->rows.n_groups;
        }
        ret_of[i] = place[cell] - 1;
    }
    return true;
}

static bool read_file(struct fairness_file *f, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *label = flag_text(in, "label", NULL), *prediction = flag_text(in, "prediction", NULL),
               *where = flag_text(in, "where", NULL);
    double *labels, *predictions, threshold, *score;
    if (!label || !prediction || !flag_text(in, "group", NULL))
        return err_set(err, ERR_INVALID,
                       "--label says what happened, --prediction what was said, and --group whom it is of");
    if (!flag_double(in, "threshold", -1e300, 1e300, .5, &threshold, err) ||
        !frame_open(in->arguments[0], in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)) || !read_yes_no(f, label, "label", &labels, err) ||
        !read_yes_no(f, prediction, "prediction", &predictions, err))
        return false;
    size_t rows = f->frame.n_rows, n = 0;
    uint32_t *group = ARENA_ARRAY(f->arena, uint32_t, rows + 1);
    uint8_t *yes = ARENA_ARRAY(f->arena, uint8_t, rows + 1), *selected = ARENA_ARRAY(f->arena, uint8_t, rows + 1);
    bool is_score = false;
    score = ARENA_ARRAY(f->arena, double, rows + 1);
    if (!read_groups(f, group, err)) return false;
    for (size_t i = 0; i < rows; i++) {
        if (isnan(labels[i]) || isnan(predictions[i]) || group[i] == FRAME_MISSING) continue;
        if (labels[i] != 0 && labels[i] != 1)
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": --label %s is %g, not 0 or 1", f->frame.path,
                           f->frame.lines[i], label, labels[i]);
        is_score |= predictions[i] != 0 && predictions[i] != 1;
        yes[n] = labels[i] != 0, score[n] = predictions[i], selected[n] = predictions[i] >= threshold,
        group[n++] = group[i];
    }
    f->n_dropped = rows - n;
    f->rows.n = n, f->rows.label = yes, f->rows.selected = selected, f->rows.group = group;
    f->rows.score = is_score ? score : NULL;
    return f->rows.n_groups >= 2 ||
           err_set(err, ERR_REFUSED, "%s: there is only one group%s%s, and nothing to compare it with",
                   f->frame.path, f->rows.n_groups ? ", " : "", f->rows.n_groups ? f->names[0] : "");
}

/* ---- saying ---- */

static json_t *rate_json(const struct fairness_rate *rate)
{
    return json_pack("{s:o, s:o, s:o, s:I}", "value", number_json(rate->value), "low", number_json(rate->low),
                     "high", number_json(rate->high), "n", (json_int_t)rate->n);
}

static json_t *groups_json(const struct fairness_file *f, const struct fairness *fair, json_t *warnings)
{
    json_t *groups = json_array();
    for (size_t g = 0; g < f->rows.n_groups; g++) {
        const struct fairness_group *group = &fair->groups[g];
        json_array_append_new(groups,
                              json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "group", f->names[g], "n",
                                        (json_int_t)group->n, "selection_rate", rate_json(&group->selection),
                                        "tpr", rate_json(&group->tpr), "fpr", rate_json(&group->fpr), "precision",
                                        rate_json(&group->precision), "outcome_rate", rate_json(&group->outcome),
                                        "predicted", number_json(group->predicted)));
        if (group->n < FAIRNESS_SMALL_GROUP)
            json_array_append_new(warnings,
                                  json_string(arena_format(f->arena,
                                                           "group %s has %zu people, and its rates may be chance: "
                                                           "look at the intervals, or join it to another",
                                                           f->names[g], group->n)));
        if (!isnan(group->predicted) &&
            (group->predicted < group->outcome.low || group->predicted > group->outcome.high))
            json_array_append_new(
                warnings,
                json_string(arena_format(
                    f->arena,
                    "group %s is scored %.4g on average where %.4g happened: the scores are not calibrated for it",
                    f->names[g], group->predicted, group->outcome.value)));
    }
    return groups;
}

/* Rates of what happened, where nobody knows yet. */
static void forget_labels(struct fairness *fair, size_t n_groups)
{
    const struct fairness_rate unknown = { (double)NAN, (double)NAN, (double)NAN, 0 };
    const struct fairness_gap no_gap = { (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0, 0 };
    for (size_t g = 0; g < n_groups; g++) {
        struct fairness_group *group = &fair->groups[g];
        group->tpr = group->fpr = group->precision = group->outcome = unknown, group->predicted = (double)NAN;
    }
    fair->opportunity = fair->false_alarms = no_gap;
    fair->odds_difference = fair->odds_ratio = (double)NAN;
    fair->entropy_index = fair->theil = fair->entropy_between = (double)NAN;
}

/* Features that stand for the trait. */
static json_t *proxies_json(const struct fairness_file *f, json_t *warnings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < f->n_proxies; i++) {
        const struct fairness_proxy *p = &f->proxies[i];
        json_array_append_new(rows, json_pack("{s:s, s:s, s:f}", "feature", p->feature, "group", p->group, "auc",
                                              p->auc));
        if (i == 0)
            json_array_append_new(warnings,
                                  json_string(arena_format(f->arena,
                                                           "%s tells group %s from others (AUC %.2f): without the "
                                                           "trait the model may rest on it by this",
                                                           p->feature, p->group, p->auc)));
    }
    return rows;
}

static json_t *fairness_json(const struct fairness_file *f)
{
    struct fairness fair = fairness_of(&f->rows, f->arena);
    bool holds = fair.four_fifths;
    if (f->is_unlabelled) forget_labels(&fair, f->rows.n_groups);
    json_t *warnings = json_array(), *groups = groups_json(f, &fair, warnings);
    if (f->n_dropped > 0)
        json_array_append_new(warnings,
                              json_string(arena_format(f->arena,
                                                       "%zu rows lack a label, prediction or group and are "
                                                       "left out",
                                                       f->n_dropped)));
    json_t *proxies = proxies_json(f, warnings);
    const struct fairness_gap *parity = &fair.parity, *opportunity = &fair.opportunity;
    return json_pack("{s:o, s:{s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:o}, s:{s:o, s:o}, s:{s:o, s:b}, s:{s:o, s:o, "
                     "s:o}, s:o, s:o, s:s?}",
                     "groups", groups, "demographic_parity", "difference", number_json(parity->difference),
                     "ratio", number_json(parity->ratio), "low", number_json(parity->low), "high",
                     number_json(parity->high), "equal_opportunity", "difference",
                     number_json(opportunity->difference), "low", number_json(opportunity->low), "high",
                     number_json(opportunity->high), "equalized_odds", "difference",
                     number_json(fair.odds_difference), "ratio", number_json(fair.odds_ratio), "four_fifths",
                     "ratio", number_json(parity->ratio), "holds", holds, "entropy", "index",
                     number_json(fair.entropy_index), "theil", number_json(fair.theil), "between",
                     number_json(fair.entropy_between), "proxies", proxies, "warnings", warnings,
                     "note", f->note);
}

static double at(const json_t *object, const char *key, const char *inner)
{
    const json_t *value = json_object_get(object, key);
    if (inner) value = json_object_get(value, inner);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* A rate, or a dash of a group in which nobody could have it. */
struct shown { char text[16]; };

static struct shown rate_of(const json_t *row, const char *key)
{
    struct shown shown = { "-" };
    double value = at(row, key, "value");
    if (!isnan(value)) snprintf(shown.text, sizeof shown.text, "%.3f", value);
    return shown;
}

static void print_fairness(const json_t *json)
{
    size_t i;
    const json_t *row;
    const char *note = json_string_value(json_object_get(json, "note"));
    if (note) printf("%s\n\n", note);
    printf("%-24s %8s %18s %10s %10s %10s\n", "group", "people", "selected", "of yes", "of no", "right");
    json_array_foreach(json_object_get(json, "groups"), i, row) printf(
        "%-24.24s %8.0f %6.3f (%.3f-%.3f) %9s %10s %10s\n", json_string_value(json_object_get(row, "group")),
        at(row, "n", NULL), at(row, "selection_rate", "value"), at(row, "selection_rate", "low"),
        at(row, "selection_rate", "high"), rate_of(row, "tpr").text, rate_of(row, "fpr").text,
        rate_of(row, "precision").text);
    printf("\ndemographic parity: difference %.4f (%.4f to %.4f), ratio %.4f\n",
           at(json, "demographic_parity", "difference"), at(json, "demographic_parity", "low"),
           at(json, "demographic_parity", "high"), at(json, "demographic_parity", "ratio"));
    if (isnan(at(json, "equal_opportunity", "difference")))
        printf("equal opportunity, equalised odds: not known, for nobody's true answer is\n");
    else
        printf("equal opportunity: difference %.4f; equalised odds: difference %.4f, ratio %.4f\n",
               at(json, "equal_opportunity", "difference"), at(json, "equalized_odds", "difference"),
               at(json, "equalized_odds", "ratio"));
    printf("four fifths: %s\n",
           json_is_true(json_object_get(json_object_get(json, "four_fifths"), "holds")) ? "holds" : "fails");
    json_array_foreach(json_object_get(json, "warnings"), i, row) printf("Warning: %s.\n", json_string_value(row));
}

static bool read_database(struct fairness_file *f, const char *of, struct err *err)
{
    struct fairness_database found;
    if (!fairness_database_read(f->invocation, of, &found, err)) return false;
    f->rows = found.rows, f->names = found.names, f->n_dropped = found.n_dropped, f->note = found.note;
    memcpy(f->proxies, found.proxies, sizeof f->proxies);
    f->n_proxies = found.n_proxies;
    f->is_unlabelled = !found.has_label;
    return true;
}

static bool run_fairness(struct invocation *invocation, struct err *err)
{
    struct fairness_file *f = ARENA_NEW(invocation->arena, struct fairness_file);
    f->invocation = invocation, f->arena = invocation->arena;
    const char *of = flag_text(invocation, "of", NULL);
    if ((of != NULL) == (invocation->n_arguments > 0))
        return err_set(err, ERR_INVALID, "fairness is of a FILE, or --of plan or a model such as --of churn");
    if (of ? !read_database(f, of, err) : !read_file(f, err)) return false;
    json_t *json = fairness_json(f);
    if (invocation->is_json) { json_write_take(invocation->out, json); return true; }
    print_fairness(json);
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "of", "NAME", "of the database: a model's scores (churn), or whom the last plan chose (plan)" },
    { "label", "COL", "what happened: 0 and 1, yes and no, or an SQL expression" },
    { "prediction", "COL",
      "what was said: a decision, or a score that --threshold makes one; an SQL expression too" },
    { "group", "LIST", "the trait, or several that are crossed; an SQL expression too" },
    { "threshold", "T", "a score from here on is a yes (else .5)" },
    { "where", "SQL", "only rows for which this holds" },
    { 0 },
};

const struct command command_fairness = {
    .name = "fairness",
    .arguments = "[FILE]",
    .summary = "whether scores or decisions treat groups alike, and how sure that is",
    .example = "holdfast fairness scored.csv --label churned --prediction p --group gender --threshold .4",
    .flags = flags,
    .run = run_fairness,
};
