/* similar_items.c - see similar_items.h. */
#include "recommend/similar_items.h"

static void add_content(const struct sparse *words, const struct sparse *of_word, uint32_t item, float *content)
{
    if (words->n_rows == 0) return;
    for (size_t w = words->first[item]; w < words->first[item + 1]; w++) {
        uint32_t word = words->column[w];
        for (size_t i = of_word->first[word]; i < of_word->first[word + 1]; i++)
            content[of_word->column[i]] += words->value[w] * of_word->value[i];
    }
}

static void add_together(const struct neighbours *beside, uint32_t item, float *together)
{
    for (size_t n = beside->first[item]; n < beside->first[item + 1] && beside->weight[n] > 0; n++)
        together[beside->item[n]] = beside->weight[n];
}

struct similar similar_find(const struct sparse *words, const struct sparse *of_word,
                            const struct neighbours *beside, uint32_t item, struct arena *arena)
{
    size_t n_items = beside->n_items;
    struct similar similar = { ARENA_ARRAY(arena, float, n_items + 1), ARENA_ARRAY(arena, float, n_items + 1),
                               ARENA_ARRAY(arena, float, n_items + 1) };
    add_content(words, of_word, item, similar.content);
    add_together(beside, item, similar.together);
    for (size_t i = 0; i < n_items; i++) {
        if (similar.content[i] > 1) similar.content[i] = 1;     /* by its last bit */
        similar.score[i] = 1 - (1 - similar.content[i]) * (1 - similar.together[i]);
    }
    return similar;
}
