/* A zone file of any bytes is refused or answers at any instant. */
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    const struct zone *zone;
    struct err err;
    if (zone_read((struct text){ (const char *)bytes, length }, arena, &zone, &err)) {
        static const int64_t instants_ms[] = { INT64_C(-60000000000000), -1, 0, INT64_C(1806145200000),
                                               INT64_C(100000000000000) };
        for (size_t i = 0; i < sizeof instants_ms / sizeof *instants_ms; i++) {
            (void)zone_time_ms(zone, zone_local_ms(zone, instants_ms[i]));
            (void)zone_next_change_ms(zone, instants_ms[i]);
        }
    }
    arena_free(arena);
    return 0;
}
