/* Names: each text has one index, texts come back, blocks restore them. */
#include "log/names.h"
#include "support.h"

Test(names, every_text_keeps_its_index_while_the_table_grows)
{
    struct names names;
    struct err err;
    uint32_t index;
    char text[32];
    ASSERT_OK(names_init(&names, &err), &err);
    cr_assert_eq(names.n, 1);
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 1; i < 20000; i++) {
            struct text name = { text, (size_t)snprintf(text, sizeof text, "customer %u", i * 7919) };
            ASSERT_OK(names_intern(&names, name, UINT32_MAX, &index, &err), &err);
            cr_assert_eq(index, i);
            cr_assert(text_equal(names_at(&names, i), name));
        }
    cr_assert(names_find(&names, text_of("customer 7919"), &index) && index == 1);
    cr_assert(names_find(&names, text_of(""), &index) && index == 0);
    cr_assert(!names_find(&names, text_of("customer"), &index));
    names_free(&names);
}

Test(names, many_are_found_at_once_as_one_by_one)
{
    enum { N = 300 };
    struct names names;
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text texts[N];
    uint32_t found[N], index;
    ASSERT_OK(names_init(&names, &err), &err);
    for (int i = 0; i < N; i++) texts[i] = text_of(i % 7 == 0 ? "" : arena_format(arena, "customer %d", i % 200));
    names_find_many(&names, texts, N, found);       /* of none yet */
    for (int i = 0; i < N; i++) cr_assert_eq(found[i], 0);
    for (int i = 0; i < N; i += 2) ASSERT_OK(names_intern(&names, texts[i], UINT32_MAX, &index, &err), &err);
    names_find_many(&names, texts, N, found);
    size_t n_found = 0;
    for (int i = 0; i < N; i++) {
        bool is_there = names_find(&names, texts[i], &index);
        cr_assert_eq(found[i], is_there ? index : 0, "text %d", i);
        n_found += found[i] > 0;
    }
    cr_assert(n_found > N / 3 && n_found < N);
    arena_free(arena);
    names_free(&names);
}

Test(names, texts_may_hold_any_byte_and_partitions_are_even)
{
    struct names names;
    struct err err;
    uint32_t index, other;
    size_t n_of[64] = { 0 };
    char text[16];
    ASSERT_OK(names_init(&names, &err), &err);
    ASSERT_OK(names_intern(&names, (struct text){ "a\0b", 3 }, 1000000, &index, &err), &err);
    ASSERT_OK(names_intern(&names, (struct text){ "a\0c", 3 }, 1000000, &other, &err), &err);
    cr_assert_neq(index, other);
    for (int i = 0; i < 64000; i++) {
        ASSERT_OK(names_intern(&names, (struct text){ text, (size_t)snprintf(text, sizeof text, "%d", i) },
                               1000000, &index, &err),
                  &err);
        n_of[names.partitions[index]]++;
    }
    for (int p = 0; p < 64; p++) cr_assert(n_of[p] > 800 && n_of[p] < 1200, "partition %d has %zu", p, n_of[p]);
    names_free(&names);
}

Test(names, limits_are_refused_with_the_name)
{
    struct names names;
    struct err err;
    uint32_t index;
    static char longest[NAME_MOST_BYTES + 2];
    memset(longest, 'x', NAME_MOST_BYTES + 1);
    ASSERT_OK(names_init(&names, &err), &err);
    ASSERT_FAILS(names_intern(&names, text_of(longest), 10, &index, &err), &err, ERR_INVALID,
                 "a name of 4097 bytes is too long");
    longest[NAME_MOST_BYTES] = 0;
    ASSERT_OK(names_intern(&names, text_of(longest), 10, &index, &err), &err);
    ASSERT_FAILS(names_intern(&names, text_of("one too many"), 2, &index, &err), &err, ERR_INVALID,
                 "more than 2 different names, at 'one too many'");
    ASSERT_OK(names_intern(&names, text_of(longest), 2, &index, &err), &err);
    names_free(&names);
}

Test(names, blocks_restore_what_was_interned)
{
    struct names names, again;
    struct err err;
    struct encoder *encoder = encoder_new();
    struct decoder *decoder = decoder_new();
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text lengths, bytes;
    uint32_t index;
    ASSERT_OK(names_init(&names, &err), &err);
    ASSERT_OK(names_init(&again, &err), &err);
    for (int i = 0; i < 5000; i++)
        ASSERT_OK(names_intern(&names, text_of(arena_format(arena, "%*d", i % 30, i)), 100000, &index, &err),
                  &err);
    for (size_t first = 1, n; first < names.n; first += n) {
        n = names.n - first < 1700 ? names.n - first : 1700;
        names_encode(&names, first, n, first, encoder, arena, &lengths, &bytes);
        ASSERT_OK(names_decode(&again, lengths, bytes, n, first, decoder, arena, &err), &err);
    }
    cr_assert_eq(again.n, names.n);
    for (size_t i = 0; i < names.n; i++) cr_assert(text_equal(names_at(&names, i), names_at(&again, i)));
    ASSERT_FAILS(names_decode(&again, lengths, bytes, names.n - 1 - 3400 + 1, 3401, decoder, arena, &err), &err,
                 ERR_CORRUPT, "");
    names_free(&names), names_free(&again);
    encoder_free(encoder), decoder_free(decoder), arena_free(arena);
}

Test(names, what_is_cut_is_as_if_it_had_never_been_there)
{
    EACH_CASE(c, 30) {
        struct err err;
        struct names names;
        char text[48];
        uint32_t index;
        ASSERT_OK(names_init(&names, &err), &err);
        for (int round = 0; round < 4; round++) {
            size_t n_before = names.n, n_more = rng_below(&c.rng, 600), n_kept = rng_below(&c.rng, n_more + 1);
            for (size_t i = 0; i < n_more; i++) {
                snprintf(text, sizeof text, "%d %zu", round, i);
                ASSERT_OK(names_intern(&names, text_of(text), 1 << 20, &index, &err), &err);
            }
            names_cut(&names, n_before + n_kept);
            cr_assert_eq(names.n, n_before + n_kept);
            for (size_t i = 0; i < n_more; i++) {
                snprintf(text, sizeof text, "%d %zu", round, i);
                cr_assert_eq(names_find(&names, text_of(text), &index), i < n_kept);
                if (i < n_kept) cr_assert_eq(index, n_before + i);
            }
        }
        for (uint32_t i = 0; i < names.n; i++) {
            cr_assert(names_find(&names, names_at(&names, i), &index));
            cr_assert_eq(index, i);
        }
        names_free(&names);
    }
}

Test(names, a_name_that_is_changed_is_found_by_its_new_text_only_and_nothing_else_moves)
{
    EACH_CASE(c, 30) {
        struct err err;
        struct names names;
        char text[48];
        uint32_t index, n = 2 + (uint32_t)rng_below(&c.rng, 400), changed = 1 + (uint32_t)rng_below(&c.rng, n - 1);
        ASSERT_OK(names_init(&names, &err), &err);
        for (uint32_t i = 1; i < n; i++) {
            snprintf(text, sizeof text, "%*d", (int)rng_below(&c.rng, 20), i);
            ASSERT_OK(names_intern(&names, text_of(text), 1 << 20, &index, &err), &err);
        }
        struct text old = names_at(&names, changed);
        char before[48];
        snprintf(before, sizeof before, "%.*s", (int)old.length, old.at);
        unsigned partition = names.partitions[changed], attempt = 0;
        do snprintf(text, sizeof text, "erased:%u", attempt++);
        while (!names_rename(&names, changed, text_of(text), &err));
        cr_assert(names_find(&names, text_of(text), &index) && index == changed);
        cr_assert_not(names_find(&names, text_of(before), &index));
        cr_assert_eq(names.partitions[changed], partition);
        for (uint32_t i = 0; i < names.n; i++)
            cr_assert(names_find(&names, names_at(&names, i), &index) && index == i);
        cr_assert_not(names_rename(&names, changed, names_at(&names, changed == 1 && n > 2 ? 2 : 0), &err));
        struct names again;
        ASSERT_OK(names_init(&again, &err), &err);
        for (uint32_t i = 1; i < names.n; i++)
            ASSERT_OK(names_intern(&again, names_at(&names, i), 1 << 20, &index, &err), &err);
        for (uint32_t i = 0; i < names.n; i++) cr_assert_eq(again.partitions[i], names.partitions[i]);
        names_free(&again);
        names_free(&names);
    }
}
