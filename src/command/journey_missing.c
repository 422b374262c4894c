/* journey_missing.c - see journey_missing.h. */
#include "command/journey_missing.h"

#include "engine/assigning.h"
#include "engine/composing.h"
#include "live/live.h"
#include "server/clocks.h"

#include <string.h>

enum { LOOKED_AT_MOST = 100000 };

struct looking {
    struct composing composing;
    struct arena    *arena;         /* of one customer */
    json_t          *seen;          /* {"mail customer.name": true} of one customer */
    json_t          *counts;        /* {"mail customer.name": 12} */
};

static bool look(void *context, const struct wording *wording, struct err *err)
{
    struct looking *looking = context;
    const struct text *names;
    size_t n;
    if (wording->step->kind != STEP_SEND) return true;
    if (!composing_missing(&looking->composing, wording, looking->arena, &names, &n, err)) return false;
    static const char customer[] = "customer";
    for (size_t i = 0; i < n; i++) {
        if (names[i].length < strlen(customer) || memcmp(names[i].at, customer, strlen(customer)) != 0) continue;
        const char *name =
            arena_format(looking->arena, "%s %.*s", wording->step->id, (int)names[i].length, names[i].at);
        if (json_object_get(looking->seen, name)) continue;
        json_object_set_new(looking->seen, name, json_true());
        json_int_t before = json_integer_value(json_object_get(looking->counts, name));
        json_object_set_new(looking->counts, name, json_integer(before + 1));
    }
    return true;
}

/* The most first. */
static json_t *list_of(json_t *counts)
{
    json_t *list = json_array();
    const char *name;
    json_t *count;
    json_object_foreach(counts, name, count) {
        size_t id = strcspn(name, " "); /* of the step */
        size_t at = 0;
        while (at < json_array_size(list) &&
               json_integer_value(json_object_get(json_array_get(list, at), "customers")) >=
                   json_integer_value(count))
            at++;
        json_array_insert_new(list, at,
                              json_pack("{s:s%, s:s, s:O}", "step", name, id, "name", name + id + 1,
                                        "customers", count));
    }
    return list;
}

static bool look_at(const struct people *people, uint32_t customer, const struct journey *journey,
                    struct looking *looking, struct err *err)
{
    json_t *known;
    const char *link = "https://example.com/";
    if (!known_read(people->live, people->profiles, people->identities, people->store, customer, looking->arena,
                    &known, err))
        return false;
    json_t *data =
        composing_data(log_name(people->log, DICTIONARY_IDENTITY, customer), known, NULL, NULL, link, link);
    json_decref(known);
    looking->composing.data = data;
    json_object_clear(looking->seen);
    bool ok = journey_wordings(journey, look, looking, err);
    json_decref(data);
    return ok;
}

bool journey_missing(const struct people *people, const struct journey *journey, const char *templates,
                     json_t **ret_list, size_t *ret_n_customers, struct err *err)
{
    struct looking looking = {
        .composing = { .templates = templates, .zone = zone_utc, .now_ms = clock_wall_ms(NULL) },
        .arena = arena_new(ARENA_NO_LIMIT),
        .seen = json_object(),
        .counts = json_object()
    };
    size_t n = 0;
    bool ok = true;
    for (uint32_t c = live_next(people->live, 0); ok && c != 0 && n < LOOKED_AT_MOST;
         c = live_next(people->live, c), n++) {
        arena_reset(looking.arena);
        ok = look_at(people, c, journey, &looking, err);
    }
    if (ok) *ret_list = list_of(looking.counts), *ret_n_customers = n;
    json_decref(looking.seen);
    json_decref(looking.counts);
    arena_free(looking.arena);
    return ok;
}

/* ---- experiments ---- */

static bool has_arm(const struct design *design, const char *name)
{
    for (size_t i = 0; i < design->n_arms; i++)
        if (strcmp(design->arms[i], name) == 0) return true;
    return false;
}

static bool look_at_arms(const struct people *people, const struct journey_step *step, struct arena *arena,
                         json_t *list, struct err *err)
{
    struct design design;
    struct experiment_record record;
    const struct yaml_node *root;
    const char *sentence;
    if (!experiment_find(people->store, step->name, arena, &design, &record, &root, err)) {
        if (err->code != ERR_MISSING) return false;
        sentence = arena_format(arena, "%s; until there is, whoever comes here takes no arm and goes on", err->text);
        json_array_append_new(list, json_pack("{s:s, s:s}", "step", step->id, "sentence", sentence));
        return true;
    }
    for (size_t i = 0; i < step->n_branches; i++) {
        if (has_arm(&design, step->branches[i].name)) continue;
        sentence = arena_format(arena, "experiment '%s' has no arm '%s': nobody takes it", step->name,
                                step->branches[i].name);
        json_array_append_new(list, json_pack("{s:s, s:s}", "step", step->id, "sentence", sentence));
    }
    return true;
}

bool journey_unstarted(const struct people *people, const struct journey *journey, struct arena *arena,
                       json_t **ret_list, struct err *err)
{
    json_t *list = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < journey->n_steps; i++)
        ok = journey->steps[i].kind != STEP_EXPERIMENT || look_at_arms(people, &journey->steps[i], arena, list, err);
    if (ok) *ret_list = list;
    else json_decref(list);
    return ok;
}
