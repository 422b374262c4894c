/* Items as bags of words. */
#include "recommend/item_words.h"
#include "recommend/recommender.h"
#include "support.h"

Test(item_words, items_of_the_same_words_are_neighbours_and_those_of_none_have_none)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct text texts[] = { TEXT("Red Cup, small"), TEXT("red cup LARGE"), TEXT("Blue pot"),
                                  TEXT("blue POT old"), TEXT("") };
    struct sparse words = item_words(texts, 5, arena);
    for (size_t i = 0; i < 4; i++) {
        double squares = 0;
        for (size_t w = words.first[i]; w < words.first[i + 1]; w++)
            squares += (double)words.value[w] * (double)words.value[w];
        ASSERT_NEAR(squares, 1, 1e-6);
    }
    cr_assert_eq(words.first[5], words.first[4]);
    struct interaction row = { 0, 0, 1, 1, 0 };
    struct interactions had;
    interactions_build(&row, 1, 1, 5, arena, &had);
    struct recommender_source source = { .had = &had, .words = &words, .as_of_ms = 1, .n_threads = 1 };
    struct recommender content;
    float scores[5];
    content_fit(&source, arena, &content);
    struct own own = { had.rows, 1, 1 };
    recommender_score(&content, &own, 1, scores);
    cr_assert(scores[1] > 0.9f && scores[2] < 0.1f && scores[3] < 0.1f && scores[4] < 0.1f);
    arena_free(arena);
}

Test(item_words, any_bytes_are_read)
{
    EACH_CASE(c, 200) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        char bytes[200];
        struct text texts[4];
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)rng_uint64(&c.rng);
        for (size_t i = 0; i < 4; i++) texts[i] = (struct text){ bytes + 50 * i, rng_below(&c.rng, 51) };
        struct sparse words = item_words(texts, 4, arena);
        for (size_t w = 0; w < words.first[4]; w++)
            cr_assert(isfinite(words.value[w]) && words.column[w] < words.n_columns);
        arena_free(arena);
    }
}
