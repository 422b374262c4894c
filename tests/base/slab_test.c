/* Slabs: against an array of heap blocks. */
#include "base/slab.h"
#include "support.h"

#include <stdlib.h>

enum { PIECES = 300 };

struct kept { uint32_t piece; unsigned char *bytes; size_t n_bytes; };

/* The owner of a piece is 1 + its index. */
static void kept_moved(void *context, uint32_t owner, uint32_t piece)
{
    struct kept *kept = context;
    cr_assert(kept[owner - 1].piece && piece);
    kept[owner - 1].piece = piece;
}

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
        struct kept kept[PIECES] = { 0 };
        struct slab *slab = slab_new(kept_moved, kept);
        for (int step = 0; step < 3000; step++) {
            struct kept *one = &kept[rng_below(&c.rng, PIECES)];
            free(one->bytes);
            one->bytes = NULL;
            if (rng_below(&c.rng, 4) == 0) {
                uint32_t piece = one->piece;
                one->piece = 0;
                slab_drop(slab, piece);
                continue;
            }
            one->n_bytes = random_size(&c.rng);
            one->bytes = malloc(one->n_bytes);
            for (size_t i = 0; i < one->n_bytes; i++) one->bytes[i] = (unsigned char)rng_below(&c.rng, 256);
            one->piece = slab_put(slab, one->piece, (uint32_t)(one - kept) + 1, one->bytes, one->n_bytes);
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
    struct kept kept[8] = { 0 };
    struct slab *slab = slab_new(kept_moved, kept);
    unsigned char bytes[2000] = { 0 };
    for (int round = 0; round < 1000; round++) {
        for (uint32_t i = 0; i < 8; i++) kept[i].piece = slab_put(slab, 0, i + 1, bytes, 100 + 200 * i);
        for (size_t i = 0; i < 8; i++) {
            uint32_t piece = kept[i].piece;
            kept[i].piece = 0;
            slab_drop(slab, piece);
        }
    }
    cr_assert_lt(slab_bytes(slab), 70 * 1024);
    slab_free(slab);
}

/* As customers' states do: each grows from nothing, many at a time. */
Test(slab, pieces_that_have_grown_leave_little_unused_room)
{
    enum { MANY = 5000, MOST_BYTES = 1000 };
    struct kept *kept = calloc(MANY, sizeof *kept);
    struct slab *slab = slab_new(kept_moved, kept);
    struct rng rng = rng_new(support_seed());
    unsigned char bytes[MOST_BYTES] = { 0 };
    size_t n_bytes = 0;
    for (size_t step = 0; step < 100 * MANY; step++) {
        uint32_t i = (uint32_t)rng_below(&rng, MANY);
        size_t more = 1 + rng_below(&rng, 12);
        if (kept[i].n_bytes + more > MOST_BYTES) continue;
        n_bytes += more;
        kept[i].n_bytes += more;
        kept[i].piece = slab_put(slab, kept[i].piece, i + 1, bytes, kept[i].n_bytes);
    }
    cr_assert_lt((double)slab_bytes(slab), 1.3 * (double)n_bytes);
    free(kept);
    slab_free(slab);
}
