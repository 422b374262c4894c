/* live_scores.c - the last answer of each customer to each question, and what they are worth; see live.h. */
#include "live/live_internal.h"
#include "base/memory.h"
#include "store/sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct live_score no_score = { (double)NAN, 0 };
static const struct value_row  no_value = { (double)NAN, (double)NAN, 0, { 0 } };

/* ---- tables ---- */

static void customer_table_free(struct customer_table *table)
{
    for (size_t i = 0; i < table->n_pages; i++) free(table->pages[i]);
    free(table->pages);
    *table = (struct customer_table){ 0 };
}

void scores_free(struct score_tables *tables)
{
    for (size_t m = 0; m < LIVE_MODELS_MOST; m++) customer_table_free(&tables->scores[m]);
    customer_table_free(&tables->values);
    for (size_t i = 0; i < tables->n_names; i++) free(tables->names[i]);
    tables->n_names = 0;
}

static size_t table_bytes(const struct customer_table *table)
{
    size_t n_bytes = table->n_pages * sizeof *table->pages;
    for (size_t i = 0; i < table->n_pages; i++)
        if (table->pages[i]) n_bytes += SCORES_PER_PAGE * table->row_bytes;
    return n_bytes;
}

size_t scores_bytes(const struct score_tables *tables)
{
    size_t n_bytes = table_bytes(&tables->values);
    for (size_t m = 0; m < LIVE_MODELS_MOST; m++) n_bytes += table_bytes(&tables->scores[m]);
    return n_bytes;
}

/* NULL: there is none. */
static const void *row_find(const struct customer_table *table, uint32_t customer)
{
    size_t page = customer / SCORES_PER_PAGE;
    if (page >= table->n_pages || !table->pages[page]) return NULL;
    return table->pages[page] + customer % SCORES_PER_PAGE * table->row_bytes;
}

/* The customer's row; a page that is new is full of `nothing`. */
static void *row_at(struct customer_table *table, uint32_t customer, const void *nothing, size_t row_bytes)
{
    size_t page = customer / SCORES_PER_PAGE;
    table->row_bytes = row_bytes;
    if (page >= table->n_pages) {
        size_t n_pages = page + 1 + page / 4;
        table->pages = memory_grow(table->pages, n_pages, sizeof *table->pages);
        memset(table->pages + table->n_pages, 0, (n_pages - table->n_pages) * sizeof *table->pages);
        table->n_pages = n_pages;
    }
    if (!table->pages[page]) {
        table->pages[page] = memory_new(1, SCORES_PER_PAGE * row_bytes);
        for (size_t i = 0; i < SCORES_PER_PAGE; i++)
            memcpy(table->pages[page] + i * row_bytes, nothing, row_bytes);
    }
    return table->pages[page] + customer % SCORES_PER_PAGE * row_bytes;
}

static struct live_score *score_at(struct customer_table *table, uint32_t customer)
{
    return row_at(table, customer, &no_score, sizeof no_score);
}

static struct value_row *value_at(struct score_tables *tables, uint32_t customer)
{
    return row_at(&tables->values, customer, &no_value, sizeof no_value);
}

static uint16_t group_index(struct score_tables *tables, const char *name)
{
    if (!name || !*name) return 0;
    for (size_t i = 0; i < tables->n_names; i++)
        if (strcmp(tables->names[i], name) == 0) return (uint16_t)(i + 1);
    if (tables->n_names == GROUP_NAMES_MOST) return 0;
    char *copy = memory_copy(name);
    tables->names[tables->n_names++] = copy;
    return (uint16_t)tables->n_names;
}

/* ---- from the store ---- */

static double real_or_nan(struct value value) { return value.kind == VALUE_NULL ? (double)NAN : value_as_real(value); }

static bool is_known(int64_t identity, size_t n_identities)
{
    return identity > 0 && (uint64_t)identity < n_identities;
}

static bool load_scores(struct score_tables *tables, struct store *store, const struct states *states,
                        const bool *is_wanted, size_t n_identities, struct err *err)
{
    struct sql_score_live row;
    enum step step;
    if (!sql_score_live(store, &row, err)) return false;
    while ((step = sql_score_live_step(&row, err)) == STEP_ROW)
        for (size_t m = 0; m < states->n_models && is_known(row.identity, n_identities); m++)
            if (is_wanted[m] && strcmp(states->models[m].trained.question.name, row.question.at) == 0)
                *score_at(&tables->scores[m], (uint32_t)row.identity) =
                    (struct live_score){ .prediction = real_or_nan(row.prediction), .scored_ms = row.as_of_ms };
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool load_values(struct score_tables *tables, struct store *store, size_t n_identities, struct err *err)
{
    struct sql_valuation_live row;
    enum step step;
    if (!sql_valuation_live(store, &row, err)) return false;
    while ((step = sql_valuation_live_step(&row, err)) == STEP_ROW) {
        const struct value groups[GROUPINGS] = { row.rfm_group, row.cluster, row.stage };
        if (!is_known(row.identity, n_identities)) continue;
        struct value_row value = { .valued_ms = row.valued_ms, .p_alive = real_or_nan(row.p_alive),
                                   .value_cents = (double)row.expected_value_cents };
        for (size_t g = 0; g < GROUPINGS; g++)
            value.group[g] = group_index(tables, value_as_text(groups[g]));
        *value_at(tables, (uint32_t)row.identity) = value;
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

bool scores_load(struct score_tables *tables, struct store *store, const struct states *states,
                 const bool *is_wanted, bool has_values, size_t n_identities, struct err *err)
{
    bool is_any = false;
    for (size_t m = 0; m < states->n_models; m++) is_any |= is_wanted[m];
    return ((!is_any || load_scores(tables, store, states, is_wanted, n_identities, err)) &&
            (!has_values || load_values(tables, store, n_identities, err))) ||
           err_context(err, "reading the scores");
}

/* ---- one customer's ---- */

struct live_score live_score(const struct live *live, size_t model, uint32_t customer)
{
    assert(model < LIVE_MODELS_MOST);
    const struct live_score *score = row_find(&live->scores.scores[model], customer);
    return score ? *score : no_score;
}

static const char *group_name(const struct score_tables *tables, uint16_t index)
{
    return index ? tables->names[index - 1] : "";
}

struct live_value live_value(const struct live *live, uint32_t customer)
{
    const struct score_tables *tables = &live->scores;
    const struct value_row *row = row_find(&tables->values, customer);
    if (!row) row = &no_value;
    return (struct live_value){ .value_cents = row->value_cents,
                                .p_alive = row->p_alive,
                                .valued_ms = row->valued_ms,
                                .rfm_group = group_name(tables, row->group[0]),
                                .cluster = group_name(tables, row->group[1]),
                                .stage = group_name(tables, row->group[2]) };
}

void live_score_put(struct live *live, size_t model, uint32_t customer, const struct live_score *score)
{
    assert(model < live_n_models(live));
    *score_at(&live->scores.scores[model], customer) = *score;
}

void live_value_put(struct live *live, uint32_t customer, const struct live_value *value)
{
    struct score_tables *tables = &live->scores;
    *value_at(tables, customer) = (struct value_row){
        .value_cents = value->value_cents, .p_alive = value->p_alive, .valued_ms = value->valued_ms,
        .group = { group_index(tables, value->rfm_group), group_index(tables, value->cluster),
                   group_index(tables, value->stage) } };
}
