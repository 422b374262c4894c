/* Any bytes: a scenario that can be worked out on any number of threads alike, or an error, never a crash. */
#include "experiment/scenario.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { DRAWS = 5 };
    struct arena *arena = arena_new((size_t)1 << 30);
    struct scenario *scenario;
    struct err err;
    json_t *one = NULL, *two = NULL;
    if (scenario_parse((struct text){ (const char *)data, size }, "/nowhere/fuzz.yaml", arena, &scenario, &err)) {
        bool is_one = scenario_run(scenario, DRAWS, 1, 1, arena, &one, &err),
             is_two = scenario_run(scenario, DRAWS, 1, 2, arena, &two, &err);
        if (is_one != is_two || (is_one && !json_equal(one, two))) abort();
    }
    if (one) json_decref(one);
    if (two) json_decref(two);
    arena_free(arena);
    return 0;
}
