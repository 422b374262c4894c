/* customer_list.c - see customer_list.h. */
#include "desk/customer_list.h"

#include "base/memory.h"
#include "base/similar.h"
#include "condition/expression.h"
#include "engine/service.h"
#include "live/live.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 64 };            /* identities looked at while the lock is held */

struct customer_lister {
    struct service        *service;
    struct segment_source *source;
    struct expression     *where;           /* NULL: everybody */
    const char *const     *names;           /* [n_columns] as asked */
    size_t                 n_columns, columns[CUSTOMER_COLUMNS_MOST];
    int64_t                now_ms;
};

static bool find_column(const struct segment_source *source, const char *name, struct arena *arena,
                        size_t *ret_column, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, source->n_columns + 1);
    size_t n = 0;
    for (size_t i = source->n_columns; i-- > 0;) {      /* a later name comes before: see segment_source.h */
        if (!*source->columns[i].name) continue;
        if (strcasecmp(source->columns[i].name, name) == 0) {
            *ret_column = i;
            return true;
        }
        names[n++] = source->columns[i].name;
    }
    return err_set(err, ERR_INVALID, "there is no column '%.100s' (GET /v1/fields lists them)%s", name,
                   similar_names(name, names, n, arena));
}

/* To what is asked of each customer; also: another column, SIZE_MAX: none. */
static void narrow_source(const struct customer_lister *lister, size_t also)
{
    size_t n = 0;
    const uint32_t *used = lister->where ? expression_columns(lister->where, &n) : NULL;
    uint32_t *all = memory_new(n + lister->n_columns + 1, sizeof *all);
    if (n > 0) memcpy(all, used, n * sizeof *all);
    for (size_t i = 0; i < lister->n_columns; i++) all[n++] = (uint32_t)lister->columns[i];
    if (also != SIZE_MAX) all[n++] = (uint32_t)also;
    lister->source->lock(lister->source->context);
    lister->source->narrow(lister->source->context, all, n);
    lister->source->unlock(lister->source->context);
    free(all);
}

bool customer_lister_open(struct service *service, const struct customer_filter *filter, struct arena *arena,
                          struct customer_lister **ret_lister, const char **ret_field, struct err *err)
{
    struct customer_lister *lister = memory_new(1, sizeof *lister);
    *lister = (struct customer_lister){ .service = service,
                                        .names = filter->columns,
                                        .n_columns = filter->n_columns,
                                        .now_ms = clock_now_ms(&service->options.clock) };
    lister->source = live_source_new(service->live, service->log, service->identities, &service->lock);
    bool ok = true;
    *ret_field = "where";
    if (filter->where)
        ok = expression_compile_columns(filter->where, lister->source->columns, lister->source->n_columns, false,
                                        &lister->where, err);
    if (ok) {
        *ret_field = "columns";
        if (filter->n_columns > CUSTOMER_COLUMNS_MOST)
            ok = err_set(err, ERR_INVALID, "columns: at most %d", CUSTOMER_COLUMNS_MOST);
        for (size_t i = 0; ok && i < filter->n_columns; i++)
            ok = find_column(lister->source, filter->columns[i], arena, &lister->columns[i], err);
    }
    if (!ok) {
        customer_lister_free(lister);
        return false;
    }
    narrow_source(lister, SIZE_MAX);
    *ret_lister = lister;
    return true;
}

void customer_lister_free(struct customer_lister *lister)
{
    if (!lister) return;
    expression_free(lister->where);
    live_source_free(lister->source);
    free(lister);
}

static json_t *value_json(struct expression_value value)
{
    switch (value.kind) {
    case EXPRESSION_IS_TEXT:   return json_stringn(value.text.at, value.text.length);
    case EXPRESSION_IS_NUMBER: return isfinite(value.number) ? json_real(value.number) : json_null();
    case EXPRESSION_IS_NULL:
    default:                   return json_null();
    }
}

/* The source is locked, and begun for the customer. */
static json_t *values_json(const struct customer_lister *lister)
{
    json_t *values = json_object();
    for (size_t i = 0; i < lister->n_columns; i++)
        json_object_set_new(values, lister->names[i],
                            value_json(lister->source->value(lister->source->context, lister->columns[i])));
    return values;
}

/* The source is locked. */
static bool holds(struct customer_lister *lister, uint32_t customer, bool *ret_holds, struct err *err)
{
    const struct segment_source *source = lister->source;
    *ret_holds = source->customer_of(source->context, customer) == customer &&
                 source->begin(source->context, customer, lister->now_ms);
    if (!*ret_holds || !lister->where) return true;
    return expression_holds(lister->where, source->value, source->context, ret_holds, err);
}

bool customer_lister_look(struct customer_lister *lister, uint32_t customer, bool *ret_holds, json_t **ret_values,
                          struct err *err)
{
    const struct segment_source *source = lister->source;
    source->lock(source->context);
    bool ok =
        source->is_current(source->context) || err_set(err, ERR_BUSY, "the features are others now: try again");
    ok = ok && holds(lister, customer, ret_holds, err);
    if (ok && *ret_holds) *ret_values = values_json(lister);
    source->unlock(source->context);
    return ok;
}

/* ---- by a column ---- */

struct candidate { double value; uint32_t identity; };

struct paging {
    struct customer_lister *lister;
    const struct customer_page_options *options;
    size_t           column;
    bool             has_column, has_after;
    struct candidate after, best[CUSTOMER_LIST_MOST + 1];       /* [n] in order, one more than the page holds */
    size_t           n;
};

/* Whether a comes before b. */
static bool comes_before(const struct paging *paging, struct candidate a, struct candidate b)
{
    if (isnan(a.value) != isnan(b.value)) return isnan(b.value);
    if (!isnan(a.value) && (a.value < b.value || a.value > b.value))
        return paging->options->is_falling ? a.value > b.value : a.value < b.value;
    return a.identity < b.identity;
}

static void consider(struct paging *paging, struct candidate one)
{
    size_t room = paging->options->limit + 1, at = paging->n;
    if (paging->has_after && !comes_before(paging, paging->after, one)) return;
    if (paging->n == room && !comes_before(paging, one, paging->best[room - 1])) return;
    if (paging->n < room) paging->n++;
    else at = room - 1;
    for (; at > 0 && comes_before(paging, one, paging->best[at - 1]); at--)
        paging->best[at] = paging->best[at - 1];
    paging->best[at] = one;
}

static bool consider_identity(struct paging *paging, uint32_t identity, struct err *err)
{
    struct customer_lister *lister = paging->lister;
    bool is_held;
    if (!holds(lister, identity, &is_held, err)) return false;
    if (!is_held) return true;
    struct candidate one = { (double)NAN, identity };
    if (paging->has_column) {
        struct expression_value value = lister->source->value(lister->source->context, paging->column);
        if (value.kind == EXPRESSION_IS_NUMBER) one.value = value.number;
    }
    consider(paging, one);
    return true;
}

/* *ret_is_whole: nobody was left out. */
static bool visit(struct paging *paging, bool *ret_is_whole, struct err *err)
{
    struct customer_lister *lister = paging->lister;
    const struct segment_source *source = lister->source;
    const struct clock *clock = &lister->service->options.clock;
    bool ok = true, is_over = false, by_identity = !paging->has_column;
    size_t at = by_identity && paging->has_after ? paging->after.identity + 1 : 1, n = SIZE_MAX;
    while (ok && at < n && !is_over) {
        source->lock(source->context);
        n = source->n_identities(source->context);
        if (!source->is_current(source->context))
            ok = err_set(err, ERR_BUSY, "the features are others now: try again");
        for (size_t end = at + SLICE; ok && at < end && at < n; at++)
            ok = consider_identity(paging, (uint32_t)at, err);
        source->unlock(source->context);
        is_over = (by_identity && paging->n > paging->options->limit) ||
                  clock_now_ms(clock) - lister->now_ms >= paging->options->limit_ms;
    }
    *ret_is_whole = at >= n || (by_identity && paging->n > paging->options->limit);
    return ok;
}

bool customer_list_read(struct customer_lister *lister, const struct customer_page_options *options,
                        struct arena *arena, struct customer_page *ret_page, const char **ret_field,
                        struct err *err)
{
    struct paging *paging = ARENA_NEW(arena, struct paging);
    struct customer_page page = { .n = 0 };
    *paging = (struct paging){ .lister = lister, .options = options, .has_column = options->order != NULL,
                               .has_after = options->after != NULL };
    *ret_field = "order";
    if (options->order && !find_column(lister->source, options->order, arena, &paging->column, err))
        return false;
    if (options->order && lister->source->columns[paging->column].type == EXPRESSION_TEXT)
        return err_set(err, ERR_INVALID, "'%.100s' is a text: customers are ordered by numbers", options->order);
    if (options->order) narrow_source(lister, paging->column);
    *ret_field = "after";
    if (options->after && !customer_place_read(options->after, &paging->after.value, &paging->after.identity, err))
        return false;
    *ret_field = "where";
    if (!visit(paging, &page.is_whole, err)) return false;
    page.n = paging->n < options->limit ? paging->n : options->limit;
    for (size_t i = 0; i < page.n; i++) {
        bool is_held = false;
        page.customers[i] = paging->best[i].identity;
        if (!customer_lister_look(lister, paging->best[i].identity, &is_held, &page.values[i], err)) {
            for (size_t j = 0; j < i; j++) json_decref(page.values[j]);
            return false;
        }
        if (!is_held) page.values[i] = json_object();       /* not any more, since a moment ago */
    }
    if (paging->n > options->limit)
        page.next = customer_place_write(paging->best[page.n - 1].value, paging->best[page.n - 1].identity, arena);
    *ret_page = page;
    return true;
}

/* ---- places ---- */

const char *customer_place_write(double value, uint32_t identity, struct arena *arena)
{
    return isnan(value) ? arena_format(arena, "-,%" PRIu32, identity)
                        : arena_format(arena, "%.17g,%" PRIu32, value, identity);
}

bool customer_place_read(const char *text, double *ret_value, uint32_t *ret_identity, struct err *err)
{
    const char *comma = strchr(text, ',');
    int64_t identity;
    double value = (double)NAN;
    bool is = comma && text_int64(text_of(comma + 1), &identity) && identity >= 0 && identity <= UINT32_MAX &&
              ((comma == text + 1 && *text == '-') ||
               text_double((struct text){ text, (size_t)(comma - text) }, '.', &value));
    if (!is) return err_set(err, ERR_INVALID, "after is not the \"next\" of a page before");
    *ret_value = value;
    *ret_identity = (uint32_t)identity;
    return true;
}
