/* See shops.h. */
#include "shops.h"

#include <criterion/criterion.h>
#include <math.h>

struct history shop_cdnow(const char *path, struct arena *arena)
{
    enum { ROWS = 10000 };
    uint32_t *identity = ARENA_ARRAY(arena, uint32_t, ROWS);
    int32_t *day = ARENA_ARRAY(arena, int32_t, ROWS);
    int64_t *cents = ARENA_ARRAY(arena, int64_t, ROWS);
    struct history history;
    FILE *file = fopen(path, "r");
    cr_assert(file);
    size_t n = 0;
    unsigned master, sample, date, count;
    double dollars;
    while (n < ROWS && fscanf(file, "%u %u %u %u %lf", &master, &sample, &date, &count, &dollars) == 5) {
        identity[n] = sample;
        day[n] = (int32_t)calendar_day(
            (struct civil){ (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100) });
        cents[n++] = llround(dollars * 100);
    }
    (void)fclose(file);
    history_build(identity, day, cents, n, arena, &history);
    return history;
}
