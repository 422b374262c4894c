/* expecting.c - see expecting.h. */
#include "trial/expecting.h"

#include "base/calendar.h"
#include "base/zones.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "trial/trial.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { LOOKED_AT_DAYS = 30 };

/* Its own view of the database, which nobody else uses meanwhile. */
struct view {
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct profiles   *profiles;
    struct consents   *consents;
    struct zones      *zones;
    struct arena      *arena;
};

static bool open_view(struct service *service, struct view *view, struct err *err)
{
    view->arena = arena_new(ARENA_NO_LIMIT);
    view->zones = zones_new(ZONES_FOLDER);
    return store_open_beside(service->store, &view->store, err) && log_open(view->store, &view->log, err) &&
           identities_open(view->store, view->log, &view->identities, err) &&
           profiles_open(view->store, false, &view->profiles, err) &&
           consents_open(view->store, view->log, view->identities, profiles_vault(view->profiles), &view->consents,
                         err);
}

static void close_view(struct view *view)
{
    zones_free(view->zones);
    consents_close(view->consents);
    profiles_close(view->profiles);
    identities_close(view->identities);
    log_close(view->log);
    store_close(view->store);
    arena_free(view->arena);
}

static bool find_newest(struct view *view, const char *name, const struct journey **ret_journey, struct err *err)
{
    struct sql_journey_all row;
    enum step step;
    struct text yaml = { NULL, 0 };
    if (!sql_journey_all(view->store, &row, err)) return false;
    while ((step = sql_journey_all_step(&row, err)) == STEP_ROW)
        if (text_equal(row.name, text_of(name)))
            yaml = text_of(arena_format(view->arena, "%.*s", (int)row.yaml.length, row.yaml.at));
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (!yaml.at) return err_set(err, ERR_MISSING, "there is no journey '%s'", name);
    return journey_read(yaml, name, view->arena, ret_journey, err);
}

/* Of each day how many entered, and what was spent; an entry is told of with each of its steps. */
struct counting {
    int64_t from_ms;
    size_t  n_known;
    int64_t n_of[LOOKED_AT_DAYS + 1];
    double  spent_of[LOOKED_AT_DAYS + 1];
};

static void count(void *context, const struct trial_line *told)
{
    struct counting *counting = context;
    const struct walk_line *line = told->line;
    int64_t day = (told->entered_ms - counting->from_ms) / MS_PER_DAY;
    if (told->entry == SIZE_MAX) return;
    if (told->entry >= counting->n_known) {
        counting->n_known = told->entry + 1;
        if (day >= 0 && day <= LOOKED_AT_DAYS) counting->n_of[day]++;
    }
    if (!line) return;
    day = (line->at_ms - counting->from_ms) / MS_PER_DAY;
    if (day >= 0 && day <= LOOKED_AT_DAYS) counting->spent_of[day] += told->spent;
}

static bool run(struct service *service, struct view *view, const struct trial_options *options,
                struct trial_counts *ret_counts, struct err *err)
{
    struct settings settings;
    struct contact_rules rules;
    struct trial_options whole = *options;
    if (!setting_file(view->store, service->options.settings_path, view->arena, &settings, err) ||
        !contact_rules_read(&settings, view->arena, &rules, err) ||
        !settings_text(&settings, "public_url", &whole.public_url, err))
        return false;
    whole.rules = &rules;
    whole.settings = &settings;
    whole.store = view->store;
    whole.log = view->log;
    whole.identities = view->identities;
    whole.consents = view->consents;
    whole.profiles = view->profiles;
    whole.zones = view->zones;
    whole.salt = service->decision_salt;
    whole.n_threads = 1;
    return trial_run(&whole, view->arena, ret_counts, err);
}

bool expecting_run(struct service *service, const struct trial_options *options, struct arena *arena,
                   struct trial_counts *ret_counts, struct err *err)
{
    struct view view = { .arena = NULL };
    bool ok = open_view(service, &view, err) && run(service, &view, options, ret_counts, err);
    if (ok && ret_counts->violation) ret_counts->violation = arena_copy(arena, ret_counts->violation);
    close_view(&view);
    return ok;
}

static bool try_out(struct service *service, struct view *view, const struct journey *journey, struct expected *ret_expected,
                    struct err *err)
{
    struct trial_counts counts;
    struct expected most = { 0, 0 };
    int64_t now_ms = service_instant_ms(service);
    struct counting counting = { .from_ms = now_ms - LOOKED_AT_DAYS * MS_PER_DAY };
    const struct trial_options options = { .journeys = &journey, .n_journeys = 1, .from_ms = counting.from_ms,
                                           .to_ms = now_ms, .told = count, .context = &counting };
    if (!run(service, view, &options, &counts, err)) return false;
    for (size_t day = 0; day <= LOOKED_AT_DAYS; day++) {
        if (counting.n_of[day] > most.daily) most.daily = counting.n_of[day];
        most.budget = fmax(most.budget, counting.spent_of[day]);
    }
    *ret_expected = most;
    return true;
}

bool expecting_daily(struct service *service, const char *name, struct expected *ret_expected, struct err *err)
{
    struct view view = { .arena = NULL };
    const struct journey *journey;
    bool ok = open_view(service, &view, err) && find_newest(&view, name, &journey, err) &&
              try_out(service, &view, journey, ret_expected, err);
    close_view(&view);
    return ok || err_context(err, "trying out journey '%s' before it is approved", name);
}
