/* live_scores.c - the last score of each customer; see live.h. */
#include "live/live_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct live_score nothing = { (double)NAN, (double)NAN, (double)NAN, 0, 0 };

void scores_free(struct score_table *table)
{
    for (size_t i = 0; i < table->n_pages; i++) free(table->pages[i]);
    free(table->pages);
    *table = (struct score_table){ 0 };
}

size_t scores_bytes(const struct score_table *table)
{
    size_t n_bytes = table->n_pages * sizeof *table->pages;
    for (size_t i = 0; i < table->n_pages; i++)
        if (table->pages[i]) n_bytes += SCORES_PER_PAGE * sizeof **table->pages;
    return n_bytes;
}

static struct live_score *score_at(struct score_table *table, uint32_t customer)
{
    size_t page = customer / SCORES_PER_PAGE;
    if (page >= table->n_pages) {
        size_t n_pages = page + 1 + page / 4;
        table->pages = realloc(table->pages, n_pages * sizeof *table->pages);
        if (!table->pages) abort();     /* as an arena does */
        memset(table->pages + table->n_pages, 0, (n_pages - table->n_pages) * sizeof *table->pages);
        table->n_pages = n_pages;
    }
    if (!table->pages[page]) {
        table->pages[page] = malloc(SCORES_PER_PAGE * sizeof **table->pages);
        if (!table->pages[page]) abort();
        for (size_t i = 0; i < SCORES_PER_PAGE; i++) table->pages[page][i] = nothing;
    }
    return &table->pages[page][customer % SCORES_PER_PAGE];
}

static double real_or_nan(const struct cursor *cursor, size_t column)
{
    return cursor_column(cursor, column).kind == VALUE_NULL ? (double)NAN : cursor_real(cursor, column);
}

bool scores_load(struct score_table *table, struct store *store, size_t n_identities, struct err *err)
{
    struct cursor *cursor;
    enum step step;
    if (!store_query(store, "score_live", NULL, 0, &cursor, err)) return err_context(err, "reading the scores");
    while ((step = cursor_step(cursor, err)) == STEP_ROW) {
        int64_t identity = cursor_int(cursor, 0), as_of_ms = cursor_int(cursor, 1);
        if (identity <= 0 || (uint64_t)identity >= n_identities) continue;
        *score_at(table, (uint32_t)identity) = (struct live_score){
            .prediction = real_or_nan(cursor, 2), .p_alive = real_or_nan(cursor, 3),
            .value_cents = real_or_nan(cursor, 4), .scored_ms = as_of_ms, .valued_ms = as_of_ms };
    }
    cursor_close(cursor);
    return step == STEP_END || err_context(err, "reading the scores");
}

struct live_score live_score(const struct live *live, uint32_t customer)
{
    const struct score_table *table = &live->scores;
    size_t page = customer / SCORES_PER_PAGE;
    if (page >= table->n_pages || !table->pages[page]) return nothing;
    return table->pages[page][customer % SCORES_PER_PAGE];
}

void live_score_put(struct live *live, uint32_t customer, const struct live_score *score)
{
    *score_at(&live->scores, customer) = *score;
}
