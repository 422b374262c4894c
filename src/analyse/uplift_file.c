/* uplift_file.c - see uplift_file.h. */
#include "analyse/uplift_file.h"

#include "base/json_write.h"
#include "base/similar.h"
#include "analyse/uplift_columns.h"
#include "analyse/uplift_reasons.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ARMS_MOST = 50 };

struct uplift_file {
    struct invocation   *invocation;
    struct arena        *arena;
    struct frame         frame;
    struct frame_levels  arms;
    size_t               control, only;         /* only: SIZE_MAX, every other arm is a treatment */
    double              *outcome, *value, *score, *propensity;
    bool                 is_estimated, is_yes_no;
    struct output       *people;                /* of --people; NULL */
};

/* A study's rows, apart from the file's. */
struct part { struct effect_data data; double *value, *score; const char **ids; };      /* ids [data.n] lines */

/* ---- reading ---- */

static bool find_arm(const struct uplift_file *f, const char *name, const char *flag, size_t *ret_arm,
                     struct err *err)
{
    for (size_t i = 0; i < f->arms.n; i++)
        if (strcmp(f->arms.names[i], name) == 0) { *ret_arm = i; return true; }
    return err_set(err, ERR_INVALID, "%s: --%s: nobody has the treatment '%s'%s", f->frame.path, flag, name,
                   similar_names(name, f->arms.names, f->arms.n, f->arena));
}

/* The arm that was left alone where --control does not say: 0, No, false, control. */
static const char *usual_control(const struct uplift_file *f)
{
    static const char *const words[] = { "0", "no", "false", "control", "none" };
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t i = 0; i < f->arms.n; i++)
            if (text_equal_ignoring_case(text_of(words[w]), text_of(f->arms.names[i]))) return f->arms.names[i];
    return NULL;
}

static bool read_arms(struct uplift_file *f, struct err *err)
{
    const char *column = flag_text(f->invocation, "treatment", NULL),
               *control = flag_text(f->invocation, "control", NULL),
               *treated = flag_text(f->invocation, "treated", NULL);
    size_t at;
    if (!frame_column(&f->frame, column, &at, f->arena, err) ||
        !frame_arms(&f->frame, at, ARMS_MOST, f->arena, &f->arms, err))
        return err_context(err, "--treatment");
    if (!control) control = usual_control(f);
    if (!control)
        return err_set(err, ERR_INVALID,
                       "%s: --control says which value of %s means that somebody was left alone: one of "
                       "'%s'%s%s%s",
                       f->frame.path, column, f->arms.names[0], f->arms.n > 1 ? ", '" : "",
                       f->arms.n > 1 ? f->arms.names[1] : "", f->arms.n > 1 ? "', ..." : "");
    f->only = SIZE_MAX;
    return find_arm(f, control, "control", &f->control, err) &&
           (!treated || find_arm(f, treated, "treated", &f->only, err));
}

static bool read_propensity(struct uplift_file *f, struct err *err)
{
    const char *typed = flag_text(f->invocation, "propensity", NULL);
    double share;
    if (!typed) return true;
    f->is_estimated = strcmp(typed, "estimate") == 0;
    if (f->is_estimated) return true;
    if (text_double(text_of(typed), '.', &share)) {
        if (!(share > 0 && share < 1))
            return err_set(err, ERR_INVALID,
                           "--propensity %s: a chance to be treated lies between 0 and 1, and is neither: "
                           "whoever is always or never treated tells nothing; leave such people out with --where",
                           typed);
        f->propensity = ARENA_ARRAY(f->arena, double, f->frame.n_rows + 1);
        for (size_t i = 0; i < f->frame.n_rows; i++) f->propensity[i] = share;
        return true;
    }
    if (!frame_numbers(&f->frame, typed, f->arena, &f->propensity, err)) return err_context(err, "--propensity");
    for (size_t i = 0; i < f->frame.n_rows; i++)
        if (!(f->propensity[i] > 0 && f->propensity[i] < 1))
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ", column %s: the propensity %s; a chance to be treated lies "
                           "between 0 and 1 and is neither: leave such rows out with --where",
                           f->frame.path, f->frame.lines[i], typed,
                           isnan(f->propensity[i]) ? "is missing"
                                                   : arena_format(f->arena, "is %g", f->propensity[i]));
    return true;
}

static bool read_file(struct uplift_file *f, const char *path, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *where = flag_text(in, "where", NULL), *value = flag_text(in, "value", NULL),
               *score = flag_text(in, "score", NULL), *outcome = flag_text(in, "outcome", NULL);
    if (!flag_text(in, "treatment", NULL) || !outcome)
        return err_set(err, ERR_INVALID,
                       "--treatment COL says who was treated, and --outcome COL what came of it");
    if (!frame_open(path, in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)) || !read_arms(f, err))
        return false;
    if (!frame_numbers(&f->frame, outcome, f->arena, &f->outcome, err)) return err_context(err, "--outcome");
    if (value && !frame_numbers(&f->frame, value, f->arena, &f->value, err)) return err_context(err, "--value");
    if (score && !frame_numbers(&f->frame, score, f->arena, &f->score, err)) return err_context(err, "--score");
    f->is_yes_no = true;
    for (size_t i = 0; i < f->frame.n_rows; i++)
        f->is_yes_no &= isnan(f->outcome[i]) || f->outcome[i] == 0 || f->outcome[i] == 1;
    return read_propensity(f, err);
}

/* ---- columns ---- */

static bool take_out(struct uplift_file *f, struct uplift_columns *columns, const char *name, struct err *err)
{
    size_t column;
    if (!frame_column(&f->frame, name, &column, f->arena, err)) return false;
    columns->use[column] = COLUMN_NOT_ASKED;
    return true;
}

/* What flags name is no feature; an expression's own columns are what the person made of them. */
static bool columns_asked(struct uplift_file *f, struct uplift_columns *columns, struct err *err)
{
    static const char *const flags[] = { "treatment", "outcome", "value", "score", "propensity" };
    struct err none;
    *columns = (struct uplift_columns){ .use = ARENA_ARRAY(f->arena, enum column_use, f->frame.n_columns + 1),
                                        .why = ARENA_ARRAY(f->arena, const char *, f->frame.n_columns + 1) };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const char *name = flag_text(f->invocation, flags[i], NULL);
        if (name && !take_out(f, columns, name, &none)) continue;
    }
    for (const char *rest = flag_text(f->invocation, "ignore", ""); *rest;) {
        size_t length = strcspn(rest, ",");
        if (!take_out(f, columns, arena_format(f->arena, "%.*s", (int)length, rest), err))
            return err_context(err, "--ignore");
        rest += length + (rest[length] == ',');
    }
    return true;
}

/* ---- one treatment ---- */

/* What an outcome is worth: a value known only of those who have it says so by its mean among them. */
static void settle_values(const struct uplift_file *f, struct part *part)
{
    double sum = 0, n = 0, others = 0;
    for (size_t i = 0; part->value && i < part->data.n; i++) {
        double value = isnan(part->value[i]) ? 0 : part->value[i];
        if (part->data.outcome[i] == 0) others += fabs(value);
        else sum += value, n++;
    }
    for (size_t i = 0; part->value && i < part->data.n; i++)
        if (isnan(part->value[i]) || (others == 0 && f->is_yes_no)) part->value[i] = n > 0 ? sum / n : 0;
}

static bool part_of(const struct uplift_file *f, const struct uplift_features *features, size_t treated,
                    bool is_observational, struct part *ret, struct err *err)
{
    size_t n = 0, n_treated = 0, width = features->n, rows = f->frame.n_rows;
    float *all = NULL, *values = ARENA_ARRAY(f->arena, float, rows * width + 1);
    double *outcome = ARENA_ARRAY(f->arena, double, rows + 1),
           *propensity = ARENA_ARRAY(f->arena, double, rows + 1);
    uint8_t *is_treated = ARENA_ARRAY(f->arena, uint8_t, rows + 1);
    if (!uplift_features_read(&f->frame, features, f->arena, &all, err)) return false;
    *ret = (struct part){ .value = f->value ? ARENA_ARRAY(f->arena, double, rows + 1) : NULL,
                          .score = f->score ? ARENA_ARRAY(f->arena, double, rows + 1) : NULL,
                          .ids = ARENA_ARRAY(f->arena, const char *, rows + 1) };
    bool is_told = flag_is_given(f->invocation, "people");
    for (size_t i = 0; i < rows; i++) {
        if ((f->arms.of[i] != f->control && f->arms.of[i] != treated) || isnan(f->outcome[i])) continue;
        if (f->score && isnan(f->score[i])) continue;
        if (width) memcpy(values + n * width, all + i * width, width * sizeof *values);
        outcome[n] = f->outcome[i], is_treated[n] = f->arms.of[i] == treated;
        if (is_told) ret->ids[n] = arena_format(f->arena, "%" PRIu64, f->frame.lines[i]);
        if (f->value) ret->value[n] = f->value[i];
        if (f->score) ret->score[n] = f->score[i];
        if (f->propensity) propensity[n] = f->propensity[i];
        n_treated += is_treated[n++];
    }
    for (size_t i = 0; !f->propensity && i < n; i++) propensity[i] = (double)n_treated / (double)n;
    ret->data = (struct effect_data){ .n = n, .n_columns = width, .values = values, .outcome = outcome,
                                      .is_treated = is_treated, .propensity = is_observational ? NULL : propensity,
                                      .is_yes_no = f->is_yes_no, .form = REGRESSION_CHOSEN,
                                      .seed = f->invocation->seed, .n_threads = f->invocation->n_threads };
    settle_values(f, ret);
    return true;
}

bool uplift_learners_asked(struct invocation *in, bool *ret_asked, struct err *err)
{
    const char *rest = flag_text(in, "learners", "s,t,x,r,dr,class");
    do {
        size_t length = strcspn(rest, ","), l = 0;
        while (l < EFFECT_LEARNERS &&
               !text_equal(text_trim((struct text){ rest, length }), text_of(effect_learner_name[l])))
            l++;
        if (l == EFFECT_LEARNERS)
            return err_set(err, ERR_INVALID,
                           "--learners: there is no learner '%.*s'; there are s, t, x, r, dr and class",
                           (int)length, rest);
        ret_asked[l] = true;
        rest += length + (rest[length] == ',');
    } while (*rest);
    return true;
}

/* ---- JSON ---- */

static json_t *interval_json(const struct uplift_interval *i)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "value", number_json(i->value), "se", number_json(i->se), "low",
                     number_json(i->low), "high", number_json(i->high));
}

static json_t *dropped_json(const struct uplift_file *f, const struct uplift_columns *columns)
{
    json_t *dropped = json_array();
    for (size_t c = 0; c < f->frame.n_columns; c++)
        if (columns->use[c] == COLUMN_DROPPED)
            json_array_append_new(dropped,
                                  json_pack("{s:s, s:s}", "column", f->frame.names[c], "why", columns->why[c]));
    return dropped;
}

static json_t *metrics_json(const struct uplift_metrics *m)
{
    json_t *at = json_object();
    for (size_t k = 0; k < UPLIFT_SHARES; k++) {
        char key[16];
        snprintf(key, sizeof key, "%.1f", UPLIFT_SHARE[k]);
        json_object_set_new(at, key, interval_json(&m->uplift_at[k]));
    }
    return json_pack("{s:o, s:o, s:o}", "uplift_auc_score", interval_json(&m->uplift_auc), "qini_auc_score",
                     interval_json(&m->qini_auc), "uplift_at", at);
}

static json_t *learners_json(const struct uplift_study *s)
{
    json_t *learners = json_array();
    for (size_t i = 0; i < s->n_learners; i++) {
        const struct uplift_learner_result *l = &s->learners[i];
        json_array_append_new(learners,
                              json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", effect_learner_name[l->learner],
                                        "qini_auc_score", interval_json(&l->qini), "ate", number_json(l->ate),
                                        "slope", number_json(l->slope), "chosen",
                                        !l->is_better ? json_null() : json_boolean(i == s->chosen)));
    }
    return learners;
}

json_t *uplift_study_json(const struct uplift_study *s, const char *treated, json_t *dropped)
{
    json_t *fifths = json_array(), *groups = json_object();
    for (size_t i = 0; i < s->n_fifths; i++)
        json_array_append_new(
            fifths, json_pack("{s:o, s:o, s:I}", "predicted", number_json(s->fifths[i].predicted), "observed",
                              interval_json(&s->fifths[i].observed), "n", (json_int_t)s->fifths[i].n));
    json_t *json =
        json_pack("{s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "treated", treated, "n", (json_int_t)s->n,
                  "n_treated", (json_int_t)s->n_treated, "design",
                  s->is_observational ? "observational" : "randomised", "ate", interval_json(&s->ate), "dropped",
                  dropped, "metrics", metrics_json(&s->metrics), "learners", learners_json(s), "chosen",
                  s->chosen < s->n_learners ? json_string(effect_learner_name[s->learners[s->chosen].learner])
                                            : json_null());
    for (enum uplift_group g = 0; g < UPLIFT_GROUPS; g++)
        json_object_set_new(groups, uplift_group_text[g], json_integer((json_int_t)s->n_group[g]));
    json_object_set_new(json, "groups", groups);
    json_object_set_new(json, "calibration", fifths);
    json_object_set_new(json, "profit", interval_json(&s->gain));
    json_object_set_new(json, "verdict",
                        json_pack("{s:s, s:s}", "word", uplift_word_text[s->word], "sentence", s->sentence));
    return json;
}

/* ---- studying ---- */

static bool study_arm(struct uplift_file *f, struct uplift_file *test, size_t treated,
                      struct uplift_columns *columns, json_t **ret_json, struct uplift_study *study,
                      struct err *err)
{
    struct uplift_request request = { .treated = f->arms.names[treated] };
    struct uplift_features features = { 0 };
    struct part part, test_part = { 0 };
    bool is_observational = f->is_estimated || columns->is_imbalanced;
    size_t test_treated = 0;
    if (!f->score) features = uplift_features_of(&f->frame, columns, f->arena);
    if (!flag_double(f->invocation, "cost", 0, 1e15, 0, &request.cost, err))
        return err_context(err, "a treatment costs nothing or something, never less");
    if (!uplift_learners_asked(f->invocation, request.is_asked, err) ||
        !part_of(f, &features, treated, is_observational, &part, err))
        return false;
    if (test && (!find_arm(test, f->arms.names[treated], "treated", &test_treated, err) ||
                 !part_of(test, &features, test_treated, is_observational, &test_part, err)))
        return err_context(err, "--test");
    request.data = part.data, request.value = part.value, request.score = part.score,
    request.names = features.names;
    request.test = test_part.data, request.test_value = test_part.value;
    if (!uplift_study_run(&request, f->arena, study, err)) return err_context(err, "%s", f->frame.path);
    if (columns->is_imbalanced && !f->is_estimated) {
        study->word = UPLIFT_REFUSED;
        study->sentence =
            arena_format(f->arena,
                         "%s: this was never randomised, and what came of it cannot be told from "
                         "who was chosen.  --propensity estimate looks at it as observational, which is "
                         "weaker; a trial by lot would tell.",
                         columns->imbalance);
    }
    if (columns->doubt) study->sentence = arena_format(f->arena, "%s  %s", study->sentence, columns->doubt);
    *ret_json = uplift_study_json(study, f->arms.names[treated], dropped_json(f, columns));
    const struct part *judged = test ? &test_part : &part;
    uplift_tell(&(struct uplift_told){ .study = study, .data = &judged->data, .names = features.names,
                                       .ids = judged->ids, .treated = f->arms.names[treated] },
                f->people, *ret_json);
    return true;
}

bool uplift_study_is_better(const struct uplift_study *a, const struct uplift_study *b)
{
    if ((a->word == UPLIFT_REFUSED) != (b->word == UPLIFT_REFUSED)) return b->word == UPLIFT_REFUSED;
    return a->gain.value > b->gain.value;
}

static bool study_arms(struct uplift_file *f, struct uplift_file *test, struct uplift_columns *columns,
                       json_t **ret_json, struct err *err)
{
    struct uplift_study best = { 0 }, study;
    json_t *all = json_array(), *json = NULL, *top = NULL;
    for (size_t a = 0; a < f->arms.n; a++) {
        if (a == f->control || (f->only != SIZE_MAX && a != f->only)) continue;
        if (!study_arm(f, test, a, columns, &json, &study, err)) {
            json_decref(all);
            return false;
        }
        json_array_append_new(all, json);
        if (!top || uplift_study_is_better(&study, &best)) best = study, top = json;
    }
    if (!top) {
        json_decref(all);
        return err_set(err, ERR_REFUSED,
                       "%s: everybody was left alone ('%s'): without anybody treated there is no effect to "
                       "speak of",
                       f->frame.path, f->arms.names[f->control]);
    }
    *ret_json = json_copy(top);     /* one level: the rest is shared */
    if (json_array_size(all) > 1) json_object_set(*ret_json, "treatments", all);
    json_decref(all);
    return true;
}

bool uplift_file_study(struct invocation *invocation, const char *path, json_t **ret_json, struct err *err)
{
    struct uplift_file *f = ARENA_NEW(invocation->arena, struct uplift_file), *test = NULL;
    const char *test_path = flag_text(invocation, "test", NULL);
    struct uplift_columns columns;
    f->invocation = invocation, f->arena = invocation->arena;
    if (!read_file(f, path, err)) return false;
    if (test_path) {
        test = ARENA_NEW(invocation->arena, struct uplift_file);
        test->invocation = invocation, test->arena = invocation->arena;
        if (!read_file(test, test_path, err)) return err_context(err, "--test");
        f->is_yes_no = test->is_yes_no = f->is_yes_no && test->is_yes_no;
    }
    if (!columns_asked(f, &columns, err)) return false;
    if (!f->score)
        uplift_columns_judge(&f->frame, f->arms.of, f->arms.n, f->outcome, !f->is_estimated && !f->propensity,
                             f->arena, &columns);
    if (!uplift_people_open(invocation, "line", &f->people, err)) return false;
    bool ok = study_arms(f, test, &columns, ret_json, err);
    return uplift_people_close(f->people, ok, ret_json, err);
}
