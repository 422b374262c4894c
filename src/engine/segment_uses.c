/* segment_uses.c - see segment_uses.h. */
#include "engine/segment_uses.h"
#include "journey/journey.h"
#include "store/sql.h"

#include <strings.h>

static void add(json_t *uses, const char *journey, const char *how)
{
    json_array_append_new(uses, json_pack("{s:s, s:s, s:s}", "kind", "journey", "name", journey, "how", how));
}

static bool is_named(const char *name, const char *segment) { return name && strcasecmp(name, segment) == 0; }

static void add_journey(json_t *uses, const struct journey *journey, const char *segment)
{
    if (journey->trigger.kind == TRIGGER_SEGMENT && is_named(journey->trigger.name, segment))
        add(uses, journey->name,
            journey->trigger.is_leaving ? "begins when somebody leaves it" : "begins when somebody enters it");
    if (is_named(journey->goal.what.segment, segment)) add(uses, journey->name, "its goal is to be in it");
    for (size_t i = 0; i < journey->n_steps; i++)
        if (is_named(journey->steps[i].what.segment, segment))
            add(uses, journey->name, "waits until somebody is in it");
}

json_t *segment_uses(struct service *service, const char *name, struct arena *arena, struct err *err)
{
    struct store *store;
    struct sql_journey_all row;
    enum step step = STEP_FAIL;
    const struct journey *journey;
    struct err wrong;
    if (!service_read(service, &store, err)) return NULL;
    json_t *uses = json_array();
    bool ok = sql_journey_all(store, &row, err);
    while (ok && (step = sql_journey_all_step(&row, err)) == STEP_ROW) {
        struct text yaml = text_of(arena_format(arena, "%.*s", (int)row.yaml.length, row.yaml.at));
        if (journey_read(yaml, "journey", arena, &journey, &wrong)) add_journey(uses, journey, name);
    }
    if (ok) cursor_close(row.cursor);
    service_read_done(service, store);
    if (ok && step == STEP_END) return uses;
    json_decref(uses);
    return NULL;
}
