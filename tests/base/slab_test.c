/* Slabs: against an array of heap blocks. */
#include "base/slab.h"
#include "support.h"

#include <stdlib.h>

enum { PIECES = 300 };

struct kept { uint32_t piece; unsigned char *bytes; size_t n_bytes; };

static void assert_kept(const struct slab *slab, const struct kept *kept)
{
    for (size_t i = 0; i < PIECES; i++)
        if (kept[i].piece)
            cr_assert(memcmp(slab_at(slab, kept[i].piece), kept[i].bytes, kept[i].n_bytes) == 0, "seed %llu",
                      (unsigned long long)support_seed());
}

static size_t random_size(struct rng *rng)
{
    static const size_t most[] = { 20, 300, 600, 9000, 200000 };
    return 1 + rng_below(rng, most[rng_below(rng, rng_below(rng, 20) ? 3 : 5)]);
}

Test(slab, every_piece_keeps_its_bytes_while_others_come_and_go)
{
    EACH_CASE(c, 10) {
        struct slab *slab = slab_new();
        struct kept kept[PIECES] = { 0 };
        for (int step = 0; step < 3000; step++) {
            struct kept *one = &kept[rng_below(&c.rng, PIECES)];
            free(one->bytes);
            one->bytes = NULL;
            if (rng_below(&c.rng, 4) == 0) {
                slab_drop(slab, one->piece);
                one->piece = 0;
                continue;
            }
            one->n_bytes = random_size(&c.rng);
            one->bytes = malloc(one->n_bytes);
            for (size_t i = 0; i < one->n_bytes; i++) one->bytes[i] = (unsigned char)rng_below(&c.rng, 256);
            one->piece = slab_put(slab, one->piece, one->bytes, one->n_bytes);
            cr_assert_neq(one->piece, 0);
            if (step % 500 == 0) assert_kept(slab, kept);
        }
        assert_kept(slab, kept);
        for (size_t i = 0; i < PIECES; i++) free(kept[i].bytes);
        slab_free(slab);
    }
}

Test(slab, room_that_was_left_is_used_again)
{
    struct slab *slab = slab_new();
    unsigned char bytes[2000] = { 0 };
    for (int round = 0; round < 1000; round++) {
        uint32_t pieces[8];
        for (size_t i = 0; i < 8; i++) pieces[i] = slab_put(slab, 0, bytes, 100 + 200 * i);
        for (size_t i = 0; i < 8; i++) slab_drop(slab, pieces[i]);
    }
    cr_assert_lt(slab_bytes(slab), 70 * 1024);
    slab_free(slab);
}
