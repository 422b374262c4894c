/* item_words.c - see item_words.h. */
#include "recommend/item_words.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MOST_BYTES = 64, WORDS_OF_ITEM_MOST = 2000, COMMON_FROM_ITEMS = 10 };

static bool is_of_word(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The hash of the next word at *at, 0 at the end. */
static uint64_t next_word(struct text text, size_t *at)
{
    char word[WORD_MOST_BYTES];
    size_t n = 0;
    while (*at < text.length && !is_of_word((unsigned char)text.at[*at])) (*at)++;
    for (; *at < text.length && is_of_word((unsigned char)text.at[*at]); (*at)++) {
        char c = text.at[*at];
        if (n < sizeof word) word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return n > 0 ? hash_bytes(word, n, 0) | 1 : 0;
}

struct told { uint32_t word, n; };

static int compare_told(const void *a_pointer, const void *b_pointer)
{
    const struct told *a = a_pointer, *b = b_pointer;
    return (a->word > b->word) - (a->word < b->word);
}

/* The words of one text by number, each once with how often; new words get numbers. */
static size_t tell_words(struct text text, struct hash_map *numbers, struct told *told)
{
    size_t n = 0, n_different = 0, at = 0;
    for (uint64_t hash; n < WORDS_OF_ITEM_MOST && (hash = next_word(text, &at)) != 0;) {
        uint64_t *number = hash_map_put(numbers, hash);
        if (*number == 0) *number = hash_map_n(numbers);
        told[n++] = (struct told){ (uint32_t)*number - 1, 1 };
    }
    qsort(told, n, sizeof *told, compare_told);
    for (size_t i = 0; i < n; i++) {
        if (n_different > 0 && told[n_different - 1].word == told[i].word) told[n_different - 1].n++;
        else told[n_different++] = told[i];
    }
    return n_different;
}

/* Counts become weights, in place; words that say nothing go. */
static void weigh(struct sparse *matrix, const uint32_t *items_with, struct arena *arena)
{
    size_t *first = ARENA_ARRAY(arena, size_t, matrix->n_rows + 1), n = 0, n_told = 0;
    for (size_t r = 0; r < matrix->n_rows; r++) n_told += matrix->first[r + 1] > matrix->first[r];
    for (size_t r = 0; r < matrix->n_rows; r++) {
        double squares = 0;
        size_t from = n;
        for (size_t i = matrix->first[r]; i < matrix->first[r + 1]; i++) {
            uint32_t word = matrix->column[i], n_with = items_with[word];
            if (n_with < 2 || (n_told >= COMMON_FROM_ITEMS && 2 * n_with > n_told)) continue;
            double weight = (1 + log((double)matrix->value[i])) * log(1 + (double)n_told / n_with);
            matrix->column[n] = word;
            matrix->value[n++] = (float)weight;
            squares += weight * weight;
        }
        for (size_t i = from; i < n; i++) matrix->value[i] /= (float)sqrt(squares);
        first[r + 1] = n;
    }
    matrix->first = first;
}

struct sparse item_words(const struct text *texts, size_t n_items, struct arena *arena)
{
    struct hash_map numbers = { 0 };
    struct told *told = memory_new(WORDS_OF_ITEM_MOST, sizeof *told);
    struct sparse matrix = { .n_rows = n_items, .first = ARENA_ARRAY(arena, size_t, n_items + 1) };
    size_t n_most = 1;
    for (size_t i = 0; i < n_items; i++) n_most += texts[i].length / 2 + 1;
    matrix.column = ARENA_ARRAY(arena, uint32_t, n_most);
    matrix.value = ARENA_ARRAY(arena, float, n_most);
    for (size_t i = 0; i < n_items; i++) {
        size_t n = tell_words(texts[i], &numbers, told), to = matrix.first[i];
        for (size_t w = 0; w < n; w++, to++) matrix.column[to] = told[w].word, matrix.value[to] = (float)told[w].n;
        matrix.first[i + 1] = to;
    }
    matrix.n_columns = hash_map_n(&numbers);
    uint32_t *items_with = memory_new(matrix.n_columns + 1, sizeof *items_with);
    for (size_t i = 0; i < matrix.first[n_items]; i++) items_with[matrix.column[i]]++;
    weigh(&matrix, items_with, arena);
    free(items_with);
    free(told);
    hash_map_free(&numbers);
    return matrix;
}
