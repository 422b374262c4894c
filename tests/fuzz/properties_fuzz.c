/* Any bytes as an event's properties, and as a stored feature set: read or refused, never a crash. */
#include "feature/feature_set.h"
#include "feature/properties.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct properties properties;
    struct property property;
    size_t n_bytes = 0;
    properties_begin(&properties, (struct text){ (const char *)data, size });
    while (properties_next(&properties, &property)) n_bytes += property.name.length + property.value.length;
    if (n_bytes > 2 * size + 64) __builtin_trap();

    struct err err;
    struct feature_set *set;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    char *json = arena_alloc(arena, size + 1, 1);
    memcpy(json, data, size);
    if (feature_set_load(json, NULL, arena, &set, &err) && feature_set_size(set) < 100) {
        float *row = ARENA_ARRAY(arena, float, feature_set_size(set));
        char text[200];
        for (size_t i = 0; i < feature_set_size(set); i++) (void)feature_sentence(set, i, row, text, sizeof text);
    }
    arena_free(arena);
    return 0;
}
