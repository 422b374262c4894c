/* The hash map against a plain array. */
#include "base/hash.h"
#include "base/hash_map.h"
#include "support.h"

#include <stdlib.h>

enum { KEYS = 500 };

static uint64_t key_of(size_t i) { return i == 0 ? 0 : hash_bytes(&i, sizeof i, 0); }

Test(hash_map, a_random_history_agrees_with_an_array)
{
    EACH_CASE(c, 20) {
        struct hash_map map = { 0 };
        uint64_t values[KEYS] = { 0 };
        bool is_there[KEYS] = { 0 };
        size_t n = 0;
        if (rng_below(&c.rng, 2)) hash_map_clear(&map, rng_below(&c.rng, KEYS));
        for (int step = 0; step < 2000; step++) {
            size_t i = rng_below(&c.rng, KEYS);
            if (rng_below(&c.rng, 3)) {
                n += !is_there[i];
                is_there[i] = true;
                uint64_t *value = hash_map_put(&map, key_of(i));
                cr_assert_eq(*value, values[i]);
                values[i] = ++*value;
            }
            const uint64_t *found = hash_map_find(&map, key_of(i));
            cr_assert_eq(found != NULL, is_there[i]);
            if (found) cr_assert_eq(*found, values[i]);
            cr_assert_eq(hash_map_n(&map), n);
        }
        hash_map_clear(&map, 3);
        cr_assert_null(hash_map_find(&map, key_of(1)));
        hash_map_free(&map);
    }
}

/* Words whose places are few, so that they stand behind each other, around the end too. */
Test(hash_map, slots_that_are_freed_leave_all_others_found)
{
    static const struct hash_kind kind = { .bytes = 24, .home_shift = 8, .most_quarters = 3, .fewest = 8 };
    struct slot { uint64_t word, twice, thrice; };
    EACH_CASE(c, 20) {
        enum { WORDS = 200 };
        struct hash_slots table = { 0 };
        bool is_there[WORDS] = { 0 };
        for (int step = 0; step < 3000; step++) {
            uint64_t i = rng_below(&c.rng, WORDS), word = (i * 37 % 13) << 8 | (i + 1);
            hash_slots_reserve(&table, table.n + 1, kind);
            struct slot *slots = table.slots;
            size_t at = hash_slots_home(&table, word, kind), n = 0;
            while (slots[at].word && slots[at].word != word) at = hash_slots_next(&table, at);
            cr_assert_eq(slots[at].word != 0, is_there[i]);
            if (is_there[i]) {
                cr_assert(slots[at].twice == 2 * word && slots[at].thrice == 3 * word);
                hash_slots_remove(&table, at, kind);
            } else {
                slots[at] = (struct slot){ word, 2 * word, 3 * word };
                table.n++;
            }
            is_there[i] = !is_there[i];
            for (size_t w = 0; w < WORDS; w++) n += is_there[w];
            cr_assert_eq(table.n, n);
        }
        free(table.slots);
    }
}
