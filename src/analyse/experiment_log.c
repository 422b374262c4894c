/* experiment_log.c - see experiment_log.h. */
#include "analyse/experiment_log.h"

#include "base/calendar.h"
#include "analyse/experiment_file.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "engine/dealing.h"
#include "engine/earning.h"
#include "engine/experiments.h"
#include "engine/measuring.h"
#include "engine/program.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "hub/contest.h"
#include "hub/ingest.h"
#include "hub/ramp.h"
#include "server/clocks.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

/* ---- the database ---- */

struct base {
    struct invocation *invocation;
    struct store      *store;
    struct log        *log;             /* NULL until base_open_log */
    struct identities *identities;
    struct service    *service, *own;   /* own: opened here, for conditions */
    const char        *path;
};

static bool base_open(struct base *base, struct invocation *invocation, enum store_mode mode, struct err *err)
{
    *base = (struct base){ .invocation = invocation, .service = invocation->service };
    if (base->service) return service_read(base->service, &base->store, err);
    return command_database(invocation, NULL, &base->path, err) && store_open(base->path, mode, &base->store, err);
}

static bool base_open_log(struct base *base, struct err *err)
{
    if (base->service) {
        base->log = base->service->log, base->identities = base->service->identities;
        return true;
    }
    return log_open(base->store, &base->log, err) &&
           identities_open(base->store, base->log, &base->identities, err);
}

static void base_close(struct base *base)
{
    if (base->service) {
        service_read_done(base->service, base->store);
        service_close(base->own);
        return;
    }
    identities_close(base->identities);
    log_close(base->log);
    store_close(base->store);
}

/* Who decides while a server runs must know what is in force, and whoever scores which versions act. */
static bool base_tell(const struct base *base, bool has_model, struct err *err)
{
    return !base->service || (experiments_reload(base->service->experiments, err) &&
                              (!has_model || base->own || service_reload(base->service, err)));
}

/* A service of our own, for a condition that only live states can answer. */
static bool base_become_service(struct base *base, struct err *err)
{
    struct service_options options = { .path = base->path,
                                       .clock = { clock_wall_ms, NULL },
                                       .now_seconds = clock_seconds,
                                       .settings_path = flag_text(base->invocation, "settings", NULL),
                                       .n_threads = base->invocation->n_threads,
                                       .seed = base->invocation->seed };
    identities_close(base->identities);
    log_close(base->log);
    store_close(base->store);
    base->identities = NULL, base->log = NULL, base->store = NULL;
    if (!service_open(&options, &base->own, err)) return false;
    base->service = base->own;
    return service_read(base->service, &base->store, err) && base_open_log(base, err);
}

static bool where_is(const struct base *base, struct assigning *ret_where, struct err *err)
{
    struct settings settings;
    *ret_where = (struct assigning){ .store = base->store, .log = base->log, .identities = base->identities,
                                     .service = base->service };
    if (base->service) {
        ret_where->holdout = (struct holdout){ base->service->holdout_share, base->service->decision_salt };
        return true;
    }
    return command_settings(base->invocation, base->store, &settings, err) &&
           holdout_load(base->store, &settings, &ret_where->holdout, err);
}

/* ---- start, stop, list ---- */

struct starting {
    struct invocation *invocation;
    const char *definition;
    struct design *designs;
    struct dealings *dealings;          /* [n] of those with a known audience */
    size_t n;
    int64_t now_ms;
};

static bool put_designs(struct store *store, void *context, struct err *err)
{
    const struct starting *s = context;
    for (size_t i = 0; i < s->n; i++) {
        struct sql_experiment_get row = { 0 };
        if (!sql_experiment_get(store, text_of(s->designs[i].name), &row, err)) return false;
        enum step step = sql_experiment_get_step(&row, err);
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
        if (step == STEP_ROW)
            return err_set(err, ERR_REFUSED,
                           "there was an experiment '%s' before: give this one another name, for arms that "
                           "are dealt once stay as they are",
                           s->designs[i].name);
        if (!contest_check(store, &s->designs[i], s->invocation->arena, err) ||
            !sql_experiment_put(store, text_of(s->designs[i].name), text_of(s->definition), s->now_ms, err) ||
            !dealings_put(store, &s->designs[i], &s->dealings[i], s->now_ms, err) ||
            !audit_put(store, s->now_ms, s->invocation->who, "experiment start", 0, err))
            return false;
    }
    return true;
}

static bool read_designs(struct starting *s, const char *path, struct err *err)
{
    struct settings settings;
    struct arena *arena = s->invocation->arena;
    if (!settings_read(path, arena, &settings, err)) return false;
    const struct yaml_node *list = settings_section(&settings, "experiments");
    if (!list || list->n == 0)
        return err_set(err, ERR_INVALID,
                       "%s declares no experiments: experiments: [{name: winback, control: control, arms: "
                       "{control: .5, mail: .5}, metrics: [...]}]",
                       path);
    struct costs costs;
    if (!costs_read(&settings, NULL, arena, &costs, err)) return false;
    s->designs = ARENA_ARRAY(arena, struct design, list->n);
    s->dealings = ARENA_ARRAY(arena, struct dealings, list->n);
    for (s->n = 0; s->n < list->n; s->n++) {
        if (!design_read(list->items[s->n], arena, &s->designs[s->n], err)) return false;
        for (size_t k = 0; k < s->n; k++)
            if (strcmp(s->designs[k].name, s->designs[s->n].name) == 0)
                return yaml_fail(list->items[s->n], err, "experiment '%s' is there twice", s->designs[k].name);
    }
    return true;
}

/* The file's text, for the database keeps the definition as it was written. */
static bool read_text(const char *path, struct arena *arena, const char **ret_text, struct err *err)
{
    FILE *file = fopen(path, "rb");
    char *text = ARENA_ARRAY(arena, char, YAML_MOST_BYTES + 1);
    size_t n = file ? fread(text, 1, YAML_MOST_BYTES, file) : 0;
    bool ok = file && !ferror(file);
    if (file) (void)fclose(file);
    text[n] = 0;
    *ret_text = text;
    return ok || err_set(err, ERR_IO, "%s cannot be read", path);
}

/* Arms for known audiences; conditions and traits are asked of live states. */
static bool deal(struct base *base, struct starting *s, struct err *err)
{
    struct assigning where;
    bool any = false;
    for (size_t i = 0; i < s->n; i++) any |= s->designs[i].is_known;
    if (!any) return true;
    if (!base_open_log(base, err) || (!base->service && !base_become_service(base, err)) ||
        !where_is(base, &where, err))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (s->designs[i].is_known && !dealings_make(&where, &s->designs[i], s->now_ms, s->invocation->arena,
                                                     &s->dealings[i], err))
            return false;
    return true;
}

static bool put_in_force(struct base *base, struct starting *s, struct err *err)
{
    bool has_model = false;
    for (size_t i = 0; i < s->n; i++) has_model |= s->designs[i].model != NULL;
    return (base->own ? ingest_run(base->own->ingest, put_designs, s, err)
                      : command_write(s->invocation, base->store, put_designs, s, err)) &&
           base_tell(base, has_model, err);
}

static void say_started(const struct starting *s, size_t i)
{
    const struct design *d = &s->designs[i];
    fprintf(s->invocation->out, "%s is in force", d->name);
    if (d->is_known)
        fprintf(s->invocation->out, ", its arms dealt to %zu customers in %zu strat%s", s->dealings[i].n,
                s->dealings[i].n_strata, s->dealings[i].n_strata == 1 ? "um" : "a");
    fputc('\n', s->invocation->out);
}

bool experiment_log_start(struct invocation *invocation, struct err *err)
{
    struct base base = { 0 };
    struct starting s = { .invocation = invocation, .now_ms = clock_wall_ms(NULL) };
    const char *path = invocation->arguments[1];
    if (!read_designs(&s, path, err) || !read_text(path, invocation->arena, &s.definition, err)) return false;
    bool ok =
        base_open(&base, invocation, STORE_WRITE, err) && deal(&base, &s, err) && put_in_force(&base, &s, err);
    if (base.store || base.own) base_close(&base);
    if (!ok) return false;
    json_t *started = json_array();
    for (size_t i = 0; i < s.n; i++) {
        if (!invocation->is_json) say_started(&s, i);
        json_array_append_new(started, json_string(s.designs[i].name));
    }
    if (invocation->is_json) json_write_take(invocation->out, json_pack("{s:o}", "started", started));
    else json_decref(started);
    return true;
}

struct stopping { struct invocation *invocation; const char *name; int64_t now_ms; bool has_model; };

static bool stop_experiment(struct store *store, void *context, struct err *err)
{
    struct stopping *s = context;
    struct design *design = ARENA_NEW(s->invocation->arena, struct design);
    struct experiment_record record;
    const struct yaml_node *root;
    return experiment_find(store, s->name, s->invocation->arena, design, &record, &root, err) &&
           (s->has_model = design->model != NULL, true) &&
           sql_experiment_stop(store, text_of(s->name), value_int(s->now_ms), err) &&
           audit_put(store, s->now_ms, s->invocation->who, command_what(s->invocation, "experiment stop"), 0, err);
}

bool experiment_log_stop(struct invocation *invocation, struct err *err)
{
    struct base base = { 0 };
    struct stopping s = { invocation, invocation->arguments[1], clock_wall_ms(NULL), false };
    bool ok = base_open(&base, invocation, STORE_WRITE, err) &&
              command_write(invocation, base.store, stop_experiment, &s, err) &&
              base_tell(&base, s.has_model, err);
    if (base.store) base_close(&base);
    if (!ok) return false;
    if (invocation->is_json) json_write_take(invocation->out, json_pack("{s:s}", "stopped", s.name));
    else fprintf(invocation->out, "%s is stopped; those who were exposed are still followed\n", s.name);
    return true;
}

struct ramping {
    struct invocation *invocation;
    const char *name;
    double share, before;
    int64_t now_ms;
    bool has_model;
};

static bool ramp_experiment(struct store *store, void *context, struct err *err)
{
    struct ramping *r = context;
    struct design *design = ARENA_NEW(r->invocation->arena, struct design);
    struct experiment_record record;
    const struct yaml_node *root;
    if (!experiment_find(store, r->name, r->invocation->arena, design, &record, &root, err)) return false;
    r->has_model = design->model != NULL;
    r->before = design_ramp_at(design, r->now_ms);
    if (record.stopped_ms <= r->now_ms)
        return err_set(err, ERR_REFUSED, "experiment '%s' is stopped: nobody enters it any more", r->name);
    return ramp_raise(store, design, r->share, r->now_ms, err) &&
           audit_put(store, r->now_ms, r->invocation->who, command_what(r->invocation, "experiment ramp"), 0, err);
}

bool experiment_log_ramp(struct invocation *invocation, struct err *err)
{
    struct base base = { 0 };
    struct ramping r = { .invocation = invocation,
                         .name = invocation->arguments[1],
                         .now_ms = clock_wall_ms(NULL) };
    if (!text_double(text_of(invocation->arguments[2]), '.', &r.share))
        return err_set(err, ERR_INVALID,
                       "'%s' is no share: a number above 0 and up to 1, .5 for half of those who may "
                       "take part",
                       invocation->arguments[2]);
    bool ok = base_open(&base, invocation, STORE_WRITE, err) &&
              command_write(invocation, base.store, ramp_experiment, &r, err) &&
              base_tell(&base, r.has_model, err);
    if (base.store) base_close(&base);
    if (!ok) return false;
    if (invocation->is_json)
        json_write_take(invocation->out,
                        json_pack("{s:s, s:f, s:f}", "ramped", r.name, "share", r.share, "before", r.before));
    else
        fprintf(invocation->out,
                "%.4g %% of those who may take part in %s do from now on, %.4g %% did before; nobody changes "
                "arms\n",
                100 * r.share, r.name, 100 * r.before);
    return true;
}

bool experiment_log_list(struct invocation *invocation, struct err *err)
{
    struct base base = { 0 };
    json_t *list = NULL, *item;
    size_t i;
    bool ok = base_open(&base, invocation, STORE_READ, err) &&
              experiments_json(base.store, clock_wall_ms(NULL), &list, err);
    if (base.store) base_close(&base);
    if (!ok) return false;
    if (invocation->is_json) {
        json_print_take(json_pack("{s:o}", "experiments", list));
        return true;
    }
    if (json_array_size(list) == 0) puts("no experiment was started; holdfast experiment start FILE.yaml");
    json_array_foreach(list, i, item) {
        char since[21];
        calendar_format_ms(json_integer_value(json_object_get(item, "started_ms")), since);
        printf("%-24s %-8s since %s, %lld exposed", json_string_value(json_object_get(item, "name")),
               json_string_value(json_object_get(item, "state")), since,
               (long long)json_integer_value(json_object_get(item, "exposed")));
        if (json_array_size(json_object_get(item, "ramp")) > 0)
            printf(", %.4g %% take part", 100 * json_real_value(json_object_get(item, "share")));
        putchar('\n');
    }
    json_decref(list);
    return true;
}

/* ---- assign ---- */

bool experiment_log_assign(struct invocation *invocation, struct err *err)
{
    struct base base = { 0 };
    struct assigning where;
    struct design *design = ARENA_NEW(invocation->arena, struct design);
    struct experiment_record record;
    struct assigned_arm a;
    const struct yaml_node *root;
    bool ok =
        base_open(&base, invocation, STORE_READ, err) && base_open_log(&base, err) &&
        experiment_find(base.store, invocation->arguments[1], invocation->arena, design, &record, &root, err);
    if (ok && design->who && !base.service) ok = base_become_service(&base, err);
    ok = ok && where_is(&base, &where, err) &&
         assignment_make(&where, design, &record, invocation->arguments[2], clock_wall_ms(NULL), invocation->arena,
                         &a, err);
    if (base.store || base.own) base_close(&base);
    if (!ok) return false;
    const char *reason = design_reason_words[a.assigned.reason];
    if (!invocation->is_json)
        fprintf(invocation->out, "%s  (%s, bucket %.4f)\n", a.arm ? a.arm : "-", reason, a.assigned.bucket);
    else json_write_take(invocation->out, assignment_json(&a));
    return true;
}

/* ---- analyse, program ---- */

static bool as_of(const struct invocation *invocation, int64_t otherwise, int64_t *ret_ms, struct err *err)
{
    return flag_date_ms(invocation, "as-of", otherwise, ret_ms, err);
}

/* Costs of the experiment's own file, else those of the settings. */
static bool read_costs(const struct base *base, const struct yaml_node *root, struct costs *ret_costs,
                       struct err *err)
{
    struct settings settings;
    if (root && yaml_find(root, "costs")) settings = (struct settings){ NULL, root };
    else if (!command_settings(base->invocation, base->store, &settings, err)) return false;
    return costs_read(&settings, NULL, base->invocation->arena, ret_costs, err);
}

bool experiment_log_analyse(struct invocation *invocation, const char *name, json_t **ret_json, struct err *err)
{
    struct base base = { 0 };
    struct assigning where;
    struct design *design = ARENA_NEW(invocation->arena, struct design);
    struct experiment_record record;
    struct costs costs;
    struct analysis flags = { 0 };
    const struct yaml_node *root;
    int64_t now_ms;
    if (!experiment_analysis_flags(invocation, &flags, err) ||
        !as_of(invocation, clock_wall_ms(NULL), &now_ms, err))
        return false;
    bool ok = base_open(&base, invocation, STORE_READ, err) && base_open_log(&base, err) &&
              experiment_find(base.store, name, invocation->arena, design, &record, &root, err) &&
              where_is(&base, &where, err) && read_costs(&base, root, &costs, err);
    if (ok) {
        struct measuring_options options = { .as_of_ms = now_ms,
                                             .costs = &costs,
                                             .alpha = flags.alpha,
                                             .tuning = flags.tuning,
                                             .is_watched = flags.is_watched,
                                             .correction = flags.correction,
                                             .n_looks = flags.n_looks,
                                             .seed = flags.seed };
        memcpy(options.looks, flags.looks, sizeof options.looks);
        ok = measuring_run(&where, design, &record, &options, invocation->arena, ret_json, err);
    }
    if (base.store) base_close(&base);
    return ok;
}

/* Names of all experiments, or the one that was asked for. */
static bool names_of(struct base *base, const char *name, const char ***ret_names, size_t *ret_n, struct err *err)
{
    enum { MOST = 1000 };
    struct sql_experiment_all row;
    enum step step;
    *ret_names = ARENA_ARRAY(base->invocation->arena, const char *, MOST), *ret_n = 0;
    if (name) { (*ret_names)[(*ret_n)++] = name; return true; }
    if (!sql_experiment_all(base->store, &row, err)) return false;
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        if (*ret_n < MOST && row.n > 0)
            (*ret_names)[(*ret_n)++] = arena_copy(base->invocation->arena, row.name.at);
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    return *ret_n > 0 || err_set(err, ERR_REFUSED,
                                 "nobody was exposed in an experiment yet, so nothing can be told from what would "
                                 "have been spent anyway; with a FILE of who got what: holdfast roi FILE");
}

static bool add_roi(struct base *base, const char *name, int64_t as_of_ms, double alpha, const char *goal,
                    json_t *campaigns, struct err *err)
{
    struct arena *arena = base->invocation->arena;
    struct design *design = ARENA_NEW(arena, struct design);
    struct experiment_record record;
    struct assigning where;
    struct costs costs;
    const struct yaml_node *root;
    if (!experiment_find(base->store, name, arena, design, &record, &root, err) || !where_is(base, &where, err) ||
        !read_costs(base, root, &costs, err))
        return false;
    struct measuring_options options = { .as_of_ms = as_of_ms, .costs = &costs, .alpha = alpha, .tuning = 5000 };
    return earning_add(&where, design, goal, &options, arena, campaigns, err);
}

/* --goal, else what looks most like a purchase in the log, else "order". */
static bool find_goal(const struct base *base, const char **ret_goal, struct err *err)
{
    const struct invocation *invocation = base->invocation;
    struct log_totals totals;
    struct question question;
    struct err none;
    uint32_t kind;
    *ret_goal = flag_text(invocation, "goal", NULL);
    if (*ret_goal)
        return log_find(base->log, DICTIONARY_KIND, text_of(*ret_goal), &kind) ||
               err_set(err, ERR_MISSING,
                       "there is no event '%s' in this history; holdfast features lists the events", *ret_goal);
    if (!log_totals(base->log, &totals, err)) return false;
    const struct question_options options = { .first_ms = totals.first_ms, .last_ms = totals.last_ms + 1,
                                              .is_goal_only = true, .n_threads = invocation->n_threads };
    bool is_found = question_choose(base->log, &options, invocation->arena, &question, &none) &&
                    question.kind != QUESTION_TRAIT;
    *ret_goal = is_found ? question.goal : "order";
    return true;
}

bool experiment_log_roi(struct invocation *invocation, const char *name, json_t **ret_json, struct err *err)
{
    struct base base = { 0 };
    const char **names;
    size_t n = 0;
    int64_t now_ms;
    double alpha;
    json_t *campaigns = json_array();
    bool ok = as_of(invocation, clock_wall_ms(NULL), &now_ms, err) &&
              flag_double(invocation, "alpha", 1e-6, .5, .05, &alpha, err) &&
              base_open(&base, invocation, STORE_READ, err) && base_open_log(&base, err) &&
              names_of(&base, name, &names, &n, err);
    const char *goal = NULL;
    ok = ok && find_goal(&base, &goal, err);
    for (size_t i = 0; ok && i < n; i++) ok = add_roi(&base, names[i], now_ms, alpha, goal, campaigns, err);
    if (base.store) base_close(&base);
    if (ok) *ret_json = json_pack("{s:f, s:o}", "alpha", alpha, "campaigns", campaigns);
    else json_decref(campaigns);
    return ok;
}

static void print_program(const json_t *json)
{
    size_t i;
    const json_t *row;
    puts(json_string_value(json_object_get(json_object_get(json, "so_far"), "sentence")));
    printf("\n%-8s %10s %10s %16s %28s %12s\n", "month", "held out", "others", "profit beyond", "interval",
           "forgone");
    json_array_foreach(json_object_get(json, "months"), i, row) {
        const json_t *e = json_object_get(row, "incremental_profit_cents");
        printf("%-8s %10lld %10lld %16.0f %13.0f -%13.0f %12.0f\n",
               json_string_value(json_object_get(row, "month")),
               (long long)json_integer_value(json_object_get(row, "holdout")),
               (long long)json_integer_value(json_object_get(row, "others")),
               json_number_value(json_object_get(e, "value")) / 100,
               json_number_value(json_object_get(e, "low")) / 100,
               json_number_value(json_object_get(e, "high")) / 100,
               json_number_value(json_object_get(row, "forgone_cents")) / 100);
    }
}

bool experiment_log_program(struct invocation *invocation, struct err *err)
{
    struct database_history all;
    struct program_options options = { 0 };
    struct assigning where = { 0 };
    struct identities *identities = NULL;
    struct settings settings;
    struct costs costs;
    double effect;
    json_t *json = NULL;
    invocation->n_arguments = 0;        /* no file is imported */
    if (!flag_double(invocation, "alpha", 1e-6, .5, .05, &options.alpha, err) ||
        !flag_double(invocation, "effect", 0, 1e12, 0, &effect, err) ||
        !flag_date_ms(invocation, "since", 0, &options.since_ms, err) ||
        !database_history_open(invocation, LEAVING_IGNORED, &all, err))
        return false;
    options.as_of_ms = ((int64_t)all.as_of_day + 1) * MS_PER_DAY;
    options.costs = &costs, options.effect_cents = 100 * effect;
    options.currency = all.database.record.currency, options.goal = all.goal;
    where.store = all.database.store, where.log = all.database.log;
    bool ok = command_settings(invocation, where.store, &settings, err) &&
              costs_read(&settings, all.database.record.currency, invocation->arena, &costs, err) &&
              holdout_load(where.store, &settings, &where.holdout, err) &&
              identities_open(where.store, where.log, &identities, err);
    where.identities = identities;
    if (ok && options.since_ms == 0 && !program_begin(where.store, &options.since_ms, err)) {
        ok = false;
        if (err->code == ERR_REFUSED)
            err_set(err, ERR_REFUSED, "%s; --since DATE measures from a day on",
                    arena_copy(invocation->arena, err->text));
    }
    ok = ok && program_run(&where, &all.history, &options, invocation->arena, &json, err);
    identities_close(identities);
    database_history_close(&all);
    if (ok && !invocation->is_json) print_program(json);
    if (ok && invocation->is_json) json_print_take(json);
    else json_decref(json);
    return ok;
}
