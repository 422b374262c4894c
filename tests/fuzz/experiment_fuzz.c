/* Any bytes: experiments whose arms are dealt whole, costs and goals that are numbers, or an error, never a crash. */
#include "base/settings.h"
#include "experiment/design.h"
#include "model/kpi.h"
#include "table/costs.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whoever has an arm while a share takes part has the same when everybody does. */
static void is_dealt(const struct design *design)
{
    static const char *const units[] = { "C1", "C2", "somebody", "" };
    const struct design_facts facts = { .is_eligible = true };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t arm = SIZE_MAX;
        for (size_t step = 0; step <= design->n_ramp; step++) {
            int64_t at_ms = step < design->n_ramp ? design->ramp[step].from_ms : design->start_ms;
            struct assigned a = design_assign(design, text_of(units[i]), facts, at_ms);
            if (a.arm == SIZE_MAX) continue;
            if (a.arm >= design->n_arms || (arm != SIZE_MAX && a.arm != arm)) abort();
            arm = a.arm;
        }
    }
    if (design->control >= design->n_arms || design->primary >= design->n_metrics) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    const struct yaml_node *root;
    struct err err;
    if (yaml_parse((const char *)data, size, "fuzz", arena, &root, &err)) {
        const struct settings settings = { NULL, root };
        const struct yaml_node *list = yaml_find(root, "experiments"), *goals = yaml_find(root, "goals");
        struct design *design = ARENA_NEW(arena, struct design);
        struct costs costs;
        struct kpis none = { 0 };
        json_t *json;
        for (size_t i = 0; list && i < list->n; i++)
            if (design_read(list->items[i], arena, design, &err)) is_dealt(design);
        if (costs_read(&settings, "EUR", arena, &costs, &err) && !(costs.margin <= 1)) abort();
        if (goals && kpi_goals_json(goals, &none, 20000, arena, &json, &err)) json_decref(json);
    }
    arena_free(arena);
    return 0;
}
