/* Any bytes: a journey whose steps all lead somewhere in it, or an error, never a crash. */
#include "journey/journey.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_place(const struct journey *journey, uint32_t at)
{
    if (at != JOURNEY_END && at >= journey->n_steps) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    const struct journey *journey;
    const char *source = "fuzz";
    struct err err;
    if (journey_read((struct text){ (const char *)data, size }, source, arena, &journey, &err)) {
        is_place(journey, journey->first);
        for (size_t i = 0; i < journey->n_steps; i++) {
            const struct journey_step *step = &journey->steps[i];
            is_place(journey, step->next);
            if (step->kind == STEP_WAIT) is_place(journey, step->otherwise);
            for (size_t j = 0; j < step->n_branches; j++) is_place(journey, step->branches[j].first);
        }
        volatile bool ok = journeys_check_loops(&journey, &source, 1, arena, &err);
        (void)ok;
    }
    arena_free(arena);
    return 0;
}
