/* The hash map against a plain array. */
#include "base/hash.h"
#include "base/hash_map.h"
#include "support.h"

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
            cr_assert_eq(map.n, n);
        }
        hash_map_clear(&map, 3);
        cr_assert_null(hash_map_find(&map, key_of(1)));
        hash_map_free(&map);
    }
}
