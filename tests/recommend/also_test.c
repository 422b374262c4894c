/* What is had together. */
#include "recommend/also.h"
#include "support.h"

Test(also, lift_and_its_interval_are_those_of_the_four_counts)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct interaction rows[200];
    size_t n = 0;
    /* 100 customers; 20 have item 0, 40 item 1, 10 both, 4 also item 2; everybody item 3. */
    for (uint32_t c = 0; c < 100; c++) {
        if (c < 20) rows[n++] = (struct interaction){ c, 0, 1, 1, 0 };
        if (c >= 10 && c < 50) rows[n++] = (struct interaction){ c, 1, 1, 1, 0 };
        if (c < 4) rows[n++] = (struct interaction){ c, 2, 1, 1, 0 };
        rows[n++] = (struct interaction){ c, 3, 1, 1, 0 };
    }
    struct interactions shop;
    interactions_build(rows, n, 100, 4, arena, &shop);
    struct sparse matrix = interactions_matrix(&shop, SATURATION_ONCE, arena),
                  turned = sparse_turn(&matrix, arena);
    const struct also *found = also_find_all(&matrix, &turned, 1, arena);
    cr_assert(found[1].n_both > 0 && found[2].n_both == 0);         /* item 2 has too few customers */
    size_t of_1 = found[0].item == 1 ? 0 : 1;
    ASSERT_NEAR(found[of_1].lift, 10.0 * 100 / (20 * 40), 1e-9);
    double error = sqrt(1 / 10.0 - 1 / 20.0 + 1 / 40.0 - 1 / 100.0);
    ASSERT_NEAR(found[of_1].low, found[of_1].lift * exp(-1.96 * error), 1e-9);
    ASSERT_NEAR(found[of_1].high, found[of_1].lift * exp(1.96 * error), 1e-9);
    ASSERT_NEAR(found[of_1].forward, 0.5, 1e-12);
    ASSERT_NEAR(found[of_1].backward, 0.25, 1e-12);
    ASSERT_NEAR(found[1 - of_1].lift, 1, 1e-12);        /* an item that everybody has says nothing */
    const struct also *by_three = also_find_all(&matrix, &turned, 3, arena);
    cr_assert_eq(memcmp(by_three, found, 4 * ALSO_KEPT * sizeof *found), 0);
    arena_free(arena);
}
