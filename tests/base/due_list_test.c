/* Instants by number, and who is due first, against arrays that are searched. */
#include "base/due_list.h"
#include "support.h"

enum { PEOPLE = 5000 };

Test(instant_map, it_holds_what_an_array_holds)
{
    EACH_CASE(c, 20)
    {
        static int64_t model[PEOPLE];
        struct instant_map map = { 0 };
        size_t n = 0;
        uint32_t number, from = 0;
        int64_t instant_ms;
        for (int i = 0; i < PEOPLE; i++) model[i] = INSTANT_ABSENT;
        for (int step = 0; step < 3000; step++) {
            uint32_t who = (uint32_t)rng_below(&c.rng, rng_below(&c.rng, 2) ? 40 : PEOPLE);
            if (rng_below(&c.rng, 3)) instant_map_put(&map, who, model[who] = (int64_t)rng_below(&c.rng, 9) - 4);
            else instant_map_remove(&map, who), model[who] = INSTANT_ABSENT;
            cr_assert_eq(instant_map_get(&map, who), model[who]);
        }
        for (uint32_t i = 0; i < PEOPLE; i++) {
            cr_assert_eq(instant_map_get(&map, i), model[i]);
            n += model[i] != INSTANT_ABSENT;
        }
        cr_assert_eq(map.n, n);
        for (; instant_map_next(&map, from, &number, &instant_ms); from = number + 1, n--) {
            for (uint32_t i = from; i < number; i++) cr_assert_eq(model[i], INSTANT_ABSENT);
            cr_assert_eq(instant_ms, model[number]);
        }
        cr_assert_eq(n, 0);
        instant_map_clear(&map);
        cr_assert_eq(instant_map_get(&map, 7), INSTANT_ABSENT);
    }
}

/* Who is due first by the array: the earliest, of those the least number. */
static uint32_t first_due(const int64_t *model)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < 60; i++)
        if (model[i] < model[first]) first = i;
    return first;
}

Test(due_list, the_earliest_comes_first_whatever_was_set_again_or_unset)
{
    EACH_CASE(c, 10)
    {
        static int64_t model[60];
        struct due_list due = { 0 };
        for (int i = 0; i < 60; i++) model[i] = INT64_MAX;
        for (int step = 0; step < 6000; step++) {
            uint32_t who = (uint32_t)rng_below(&c.rng, 60), taken;
            int64_t at_ms = (int64_t)rng_below(&c.rng, 1000), taken_ms;
            if (rng_below(&c.rng, 8)) due_set(&due, who, model[who] = at_ms);
            else due_unset(&due, who), model[who] = INT64_MAX;
            cr_assert_eq(due_next_ms(&due), model[first_due(model)]);
            if (rng_below(&c.rng, 20)) continue;
            uint32_t first = first_due(model);
            bool is_due = due_take(&due, 500, &taken, &taken_ms);
            cr_assert_eq(is_due, model[first] <= 500);
            if (!is_due) continue;
            cr_assert(taken == first && taken_ms == model[first]);
            model[first] = INT64_MAX;
        }
        cr_assert_lt(due.n, 5000, "outdated entries are removed");
        due_clear(&due);
        cr_assert_eq(due_next_ms(&due), INT64_MAX);
    }
}
