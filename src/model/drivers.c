/* drivers.c - see drivers.h. */
#include "model/drivers.h"

const char *direction_word(enum direction direction)
{
    return direction == DIRECTION_RAISES ? "raises" : direction == DIRECTION_LOWERS ? "lowers" : "mixed";
}

void drivers_compute(const struct predictor *predictor, const struct sample *sample, uint64_t seed, unsigned n_threads,
                     struct arena *arena, struct driver **ret_drivers, size_t *ret_n)
{
    (void)predictor, (void)sample, (void)seed, (void)n_threads, (void)arena;
    *ret_drivers = NULL;
    *ret_n = 0;
}
