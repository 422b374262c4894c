/* uplift_experiment.c - see uplift_experiment.h. */
#include "analyse/uplift_experiment.h"

#include "analyse/uplift_file.h"
#include "analyse/uplift_reasons.h"
#include "base/calendar.h"
#include "cli/database.h"
#include "engine/measuring.h"
#include "feature/matrix.h"
#include "server/clocks.h"

#include <math.h>
#include <string.h>

enum { INSTANTS_MOST = 16 };

struct studying {
    struct invocation     *invocation;
    struct arena          *arena;
    struct database        database;
    struct identities     *identities;
    struct settings        settings;
    struct costs           costs;
    struct design         *design;
    struct measured_people people;
    struct feature_set    *set;
    struct matrix          matrix;
    int64_t                cutoffs[INSTANTS_MOST];
    size_t                 n_cutoffs;
    struct output         *output;      /* of --people; NULL */
};

static bool measure(struct studying *s, const char *name, struct err *err)
{
    struct invocation *in = s->invocation;
    struct experiment_record record;
    const struct yaml_node *root;
    struct assigning where = { .store = s->database.store, .log = s->database.log, .identities = s->identities };
    struct measuring_options options = { .costs = &s->costs, .alpha = .05, .tuning = 5000, .seed = in->seed };
    s->design = ARENA_NEW(s->arena, struct design);
    if (!flag_date_ms(in, "as-of", clock_wall_ms(NULL), &options.as_of_ms, err) ||
        !command_settings(in, s->database.store, &s->settings, err) ||
        !costs_read(&s->settings, NULL, s->arena, &s->costs, err) ||
        !holdout_load(s->database.store, &s->settings, &where.holdout, err) ||
        !experiment_find(s->database.store, name, s->arena, s->design, &record, &root, err))
        return false;
    return measuring_each(&where, s->design, &options, s->arena, &s->people, err);
}

/* Beginnings of days before exposures; of many every so many days. */
static void choose_cutoffs(struct studying *s)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < s->people.n; i++) {
        int64_t day = calendar_day_of_ms(s->people.at_ms[i]);
        if (day < first) first = day;
        if (day > last) last = day;
    }
    int64_t step = (last - first) / INSTANTS_MOST + 1;
    for (int64_t day = first; day <= last; day += step) s->cutoffs[s->n_cutoffs++] = day * MS_PER_DAY;
}

/* The row of a customer as of the last instant before their exposure; NULL: not known then. */
static const float *row_of(const struct studying *s, size_t person)
{
    size_t cutoff = s->n_cutoffs, low = 0, high = s->matrix.n_rows;
    uint32_t identity = s->people.customer[person];
    while (cutoff > 0 && s->cutoffs[cutoff - 1] > s->people.at_ms[person]) cutoff--;
    if (cutoff == 0) return NULL;
    cutoff--;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = s->matrix.cutoff[middle] < cutoff ||
                         (s->matrix.cutoff[middle] == cutoff && s->matrix.identity[middle] < identity);
        if (is_before) low = middle + 1;
        else high = middle;
    }
    bool is = low < s->matrix.n_rows && s->matrix.cutoff[low] == cutoff && s->matrix.identity[low] == identity;
    return is ? s->matrix.values + low * s->matrix.n_columns : NULL;
}

/* Whether somebody is one of those on whom an arm is judged. */
static bool is_in(const struct studying *s, size_t person, size_t arm)
{
    return (s->people.arm[person] == arm || s->people.arm[person] == s->design->control) &&
           !isnan(s->people.value[person]);
}

static struct effect_data data_of(const struct studying *s, size_t arm)
{
    size_t width = s->matrix.n_columns, n = 0, rows = s->people.n;
    float *values = ARENA_ARRAY(s->arena, float, rows * width + 1);
    double *outcome = ARENA_ARRAY(s->arena, double, rows + 1),
           *propensity = ARENA_ARRAY(s->arena, double, rows + 1);
    uint8_t *is_treated = ARENA_ARRAY(s->arena, uint8_t, rows + 1);
    for (size_t i = 0; i < rows; i++) {
        if (!is_in(s, i, arm)) continue;
        const float *row = row_of(s, i);
        for (size_t c = 0; c < width; c++) values[n * width + c] = row ? row[c] : NAN;
        outcome[n] = s->people.value[i], is_treated[n] = s->people.arm[i] == arm;
        propensity[n] = s->design->shares[arm] / (s->design->shares[arm] + s->design->shares[s->design->control]);
        n++;
    }
    return (struct effect_data){ .n = n,
                                 .n_columns = width,
                                 .values = values,
                                 .outcome = outcome,
                                 .is_treated = is_treated,
                                 .propensity = propensity,
                                 .is_yes_no = s->people.is_yes_no,
                                 .form = REGRESSION_CHOSEN,
                                 .seed = s->invocation->seed,
                                 .n_threads = s->invocation->n_threads };
}

/* The names of those on whom an arm is judged: [n of data_of]. */
static const char **names_of(const struct studying *s, size_t arm)
{
    const char **names = ARENA_ARRAY(s->arena, const char *, s->people.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->people.n; i++) {
        if (!is_in(s, i, arm)) continue;
        struct text name = log_name(s->database.log, DICTIONARY_IDENTITY, s->people.customer[i]);
        names[n++] = arena_format(s->arena, "%.*s", (int)name.length, name.at);
    }
    return names;
}

static bool study_arms(struct studying *s, json_t **ret_json, struct err *err)
{
    struct uplift_study best = { 0 }, study;
    json_t *all = json_array(), *top = NULL;
    bool ok = true;
    for (size_t arm = 0; ok && arm < s->design->n_arms; arm++) {
        if (arm == s->design->control) continue;
        struct uplift_request request = { .data = data_of(s, arm), .names = feature_names(s->set),
                                          .treated = s->design->arms[arm] };
        ok = flag_double(s->invocation, "cost", 0, 1e15, 0, &request.cost, err) &&
             uplift_learners_asked(s->invocation, request.is_asked, err) &&
             (request.data.n > 0 ||
              err_set(err, ERR_REFUSED, "experiment %s: nobody has had the whole window of %lld days yet",
                      s->design->name, (long long)s->design->metrics[s->design->primary].window_days)) &&
             uplift_study_run(&request, s->arena, &study, err);
        if (!ok) break;
        json_t *json = uplift_study_json(&study, s->design->arms[arm], json_array());
        json_object_set_new(json, "experiment", json_string(s->design->name));
        json_object_set_new(json, "outcome", json_string(s->design->metrics[s->design->primary].name));
        uplift_tell(&(struct uplift_told){ .study = &study, .data = &request.data, .names = feature_names(s->set),
                                           .ids = s->output ? names_of(s, arm) : NULL,
                                           .treated = s->design->arms[arm] },
                    s->output, json);
        json_array_append_new(all, json);
        if (!top || uplift_study_is_better(&study, &best)) best = study, top = json;
    }
    if (ok) {
        *ret_json = json_copy(top);
        if (json_array_size(all) > 1) json_object_set(*ret_json, "treatments", all);
    }
    json_decref(all);
    return ok;
}

static bool study(struct studying *s, const char *name, json_t **ret_json, struct err *err)
{
    struct feature_options options = { .n_threads = s->invocation->n_threads };
    const char *const *kept_out;        /* protected traits teach nothing */
    size_t n;
    if (!identities_open(s->database.store, s->database.log, &s->identities, err) || !measure(s, name, err) ||
        !settings_names(&s->settings, "protected", s->arena, &kept_out, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        options.ignored = i ? arena_format(s->arena, "%s,%s", options.ignored, kept_out[i]) : kept_out[i];
    choose_cutoffs(s);
    return feature_set_generate(s->database.log, &options, s->arena, &s->set, err) &&
           matrix_build(s->database.log, s->set, NULL, s->cutoffs, s->n_cutoffs, 1, s->invocation->n_threads,
                        s->arena, &s->matrix, err) &&
           study_arms(s, ret_json, err);
}

bool uplift_experiment(struct invocation *invocation, const char *name, json_t **ret_json, struct err *err)
{
    struct studying *s = ARENA_NEW(invocation->arena, struct studying);
    s->invocation = invocation, s->arena = invocation->arena;
    if (!database_open(invocation, NULL, false, &s->database, err)) return false;
    bool ok = uplift_people_open(invocation, "customer", &s->output, err) && study(s, name, ret_json, err);
    ok = uplift_people_close(s->output, ok, ret_json, err);
    identities_close(s->identities);
    database_close(&s->database);
    return ok;
}
