/* Per-customer order history from the log, and its summary; see history.h. */
#include "feature/history.h"

#include "base/parallel.h"
#include "customer/identity.h"

#include <assert.h>

/* amount_cents negative: a refund.  is_leaving: no order, but an event by which customers leave. */
struct order { uint32_t identity; int32_t day; int64_t amount_cents; int32_t clock_ms; bool is_leaving; };

static int compare_orders(const void *left, const void *right)
{
    const struct order *a = left, *b = right;
    if (a->identity != b->identity) return a->identity < b->identity ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->is_leaving != b->is_leaving) return a->is_leaving ? 1 : -1;
    return (a->amount_cents < b->amount_cents) - (a->amount_cents > b->amount_cents);    /* refunds last */
}

/* Takes a refund off the customer's entries from the latest backwards. */
static void take_off(struct history *history, size_t first_entry, size_t n_entries, int64_t refund_cents)
{
    for (size_t i = n_entries; i > first_entry && refund_cents > 0; i--) {
        int64_t *amount = &history->amount_cents[i - 1];
        int64_t taken = *amount < refund_cents ? *amount : refund_cents;
        *amount -= taken;
        refund_cents -= taken;
        history->refunded_cents += taken;
    }
    history->refund_left_cents += refund_cents;
}

/* Of a day with both the clock says whether they came again: then they have not left. */
static void leave(struct history *history, size_t entry, const struct order *leaving, int32_t last_clock_ms)
{
    bool is_before = leaving->day == history->day[entry] && leaving->clock_ms < last_clock_ms;
    if (!is_before && leaving->day < history->left_day[entry]) history->left_day[entry] = leaving->day;
}

/* Sorts the orders and makes entries of them; a customer who only has refunds is left out. */
static void condense(struct order *orders, size_t n, struct arena *arena, struct history *ret)
{
    qsort(orders, n, sizeof *orders, compare_orders);
    *ret = (struct history){ .identity = ARENA_ARRAY(arena, uint32_t, n + 1),
                             .first = ARENA_ARRAY(arena, size_t, n + 2),
                             .day = ARENA_ARRAY(arena, int32_t, n + 1),
                             .orders = ARENA_ARRAY(arena, uint32_t, n + 1),
                             .amount_cents = ARENA_ARRAY(arena, int64_t, n + 1),
                             .left_day = ARENA_ARRAY(arena, int32_t, n + 1) };
    size_t n_entries = 0;
    for (size_t i = 0; i < n;) {
        uint32_t identity = orders[i].identity;
        size_t first_entry = n_entries;
        int32_t last_clock_ms = 0;
        for (; i < n && orders[i].identity == identity; i++) {
            if (orders[i].is_leaving) {
                if (n_entries > first_entry) leave(ret, n_entries - 1, &orders[i], last_clock_ms);
                continue;
            }
            if (orders[i].amount_cents < 0) {
                take_off(ret, first_entry, n_entries, -orders[i].amount_cents);
                continue;
            }
            if (n_entries == first_entry || ret->day[n_entries - 1] != orders[i].day) {
                ret->left_day[n_entries] = INT32_MAX;
                ret->day[n_entries++] = orders[i].day;
                last_clock_ms = 0;
            }
            if (orders[i].clock_ms > last_clock_ms) last_clock_ms = orders[i].clock_ms;
            ret->orders[n_entries - 1]++;
            ret->amount_cents[n_entries - 1] += orders[i].amount_cents;
        }
        if (n_entries == first_entry) continue;
        ret->identity[ret->n_customers] = identity;
        ret->first[ret->n_customers++] = first_entry;
    }
    ret->first[ret->n_customers] = n_entries;
}

static void find_days(struct history *history)
{
    size_t n_entries = history->first[history->n_customers];
    for (size_t i = 0; i < n_entries; i++) {
        if (i == 0 || history->day[i] < history->first_day) history->first_day = history->day[i];
        if (i == 0 || history->day[i] > history->last_day) history->last_day = history->day[i];
    }
}

void history_build(const uint32_t *identity, const int32_t *day, const int64_t *amount_cents, size_t n,
                   struct arena *arena, struct history *ret_history)
{
    struct order *orders = ARENA_ARRAY(arena, struct order, n + 1);
    size_t n_orders = 0;
    for (size_t i = 0; i < n; i++)
        if (identity[i])
            orders[n_orders++] =
                (struct order){ .identity = identity[i], .day = day[i], .amount_cents = amount_cents[i] };
    condense(orders, n_orders, arena, ret_history);
    find_days(ret_history);
}

/* ---- from the log ------------------------------------------------------------------------------ */

struct part {
    struct arena  *arena;
    struct history history;
    struct order  *aside;       /* [n_aside] of linked identities, under their customer's */
    size_t         n_aside;
    struct err     err;
    bool           is_read;
};

enum { PARTS = LOG_PARTITIONS + 1 };    /* the last is of all linked customers */

struct reading {
    const struct log             *log;
    const struct history_options *options;
    const uint32_t               *customer_of;  /* [identities] 0: of one who is not linked; NULL: nobody is */
    struct part                  *parts;        /* [PARTS] */
    struct log_reader           **readers;      /* [n_threads], opened by the first job of each */
};

static bool is_leaving(const struct history_options *options, uint16_t kind)
{
    for (size_t i = 0; i < options->n_left; i++)
        if (options->left_kind[i] == kind) return true;
    return false;
}

/* False: the event says nothing of orders. */
static bool order_of(const struct history_options *options, const struct events *events, size_t i,
                     struct order *ret_order)
{
    bool is_refund = options->refund_kind && events->kind[i] == options->refund_kind,
         is_order = events->kind[i] == options->goal_kind,
         has_left = !is_order && is_leaving(options, events->kind[i]);
    if (events->identity[i] == 0 || !(is_refund || is_order || has_left)) return false;
    if (events->time_ms[i] >= options->as_of_ms || events->received_ms[i] >= options->as_of_ms) return false;
    if (events->replaced_ms && events->replaced_ms[i] < options->as_of_ms) return false;
    int64_t amount = has_left ? 0 : events->amount_cents[i], day = calendar_day_of_ms(events->time_ms[i]);
    if (is_refund && !has_left && amount == 0) return false;     /* a refund of nothing is not an order */
    *ret_order = (struct order){ events->identity[i], (int32_t)day, is_refund && amount > 0 ? -amount : amount,
                                 (int32_t)(events->time_ms[i] - day * MS_PER_DAY), has_left };
    return true;
}

static bool read_part(struct reading *reading, unsigned partition, unsigned thread, struct part *part)
{
    const struct history_options *options = reading->options;
    struct log_reader **reader = &reading->readers[thread];
    struct events events;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok = (*reader || log_reader_open(reading->log, reader, &part->err))
              && log_read(*reader, partition, LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT |
                              LOG_REPLACED,
                          scratch, &events, &part->err);
    if (ok) {
        struct order *orders = ARENA_ARRAY(scratch, struct order, events.n + 1);
        size_t n = 0;
        if (reading->customer_of) part->aside = ARENA_ARRAY(part->arena, struct order, events.n + 1);
        for (size_t i = 0; i < events.n; i++) {
            struct order order;
            if (!order_of(options, &events, i, &order)) continue;
            uint32_t customer = reading->customer_of ? reading->customer_of[order.identity] : 0;
            if (!customer) { orders[n++] = order; continue; }
            order.identity = customer;
            part->aside[part->n_aside++] = order;
        }
        condense(orders, n, part->arena, &part->history);
    }
    arena_free(scratch);
    return ok;
}

static void read_part_job(void *context, size_t item, unsigned thread)
{
    struct reading *reading = context;
    struct part *part = &reading->parts[item];
    part->arena = arena_new(ARENA_NO_LIMIT);
    part->is_read = read_part(reading, (unsigned)item, thread, part);
}

struct place { uint32_t identity; uint32_t part; size_t customer; };

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    return (a->identity > b->identity) - (a->identity < b->identity);
}

/* Puts the partitions' histories together, customers in order of identity. */
static void join_parts(const struct part *parts, struct arena *arena, struct history *ret)
{
    struct history all = { 0 };
    size_t n_entries = 0;
    for (unsigned p = 0; p < PARTS; p++) {
        all.n_customers += parts[p].history.n_customers;
        n_entries += parts[p].history.first[parts[p].history.n_customers];
        all.refunded_cents += parts[p].history.refunded_cents;
        all.refund_left_cents += parts[p].history.refund_left_cents;
    }
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct place *places = ARENA_ARRAY(scratch, struct place, all.n_customers + 1);
    size_t n = 0;
    for (unsigned p = 0; p < PARTS; p++)
        for (size_t i = 0; i < parts[p].history.n_customers; i++)
            places[n++] = (struct place){ parts[p].history.identity[i], p, i };
    qsort(places, n, sizeof *places, compare_places);
    all.identity = ARENA_ARRAY(arena, uint32_t, n + 1);
    all.first = ARENA_ARRAY(arena, size_t, n + 1);
    all.day = ARENA_ARRAY(arena, int32_t, n_entries + 1);
    all.orders = ARENA_ARRAY(arena, uint32_t, n_entries + 1);
    all.amount_cents = ARENA_ARRAY(arena, int64_t, n_entries + 1);
    all.left_day = ARENA_ARRAY(arena, int32_t, n_entries + 1);
    for (size_t i = 0; i < n; i++) {
        const struct history *part = &parts[places[i].part].history;
        size_t from = part->first[places[i].customer], count = part->first[places[i].customer + 1] - from;
        size_t to = all.first[i];
        all.identity[i] = places[i].identity;
        all.first[i + 1] = to + count;
        memcpy(all.day + to, part->day + from, count * sizeof *all.day);
        memcpy(all.orders + to, part->orders + from, count * sizeof *all.orders);
        memcpy(all.amount_cents + to, part->amount_cents + from, count * sizeof *all.amount_cents);
        memcpy(all.left_day + to, part->left_day + from, count * sizeof *all.left_day);
    }
    arena_free(scratch);
    find_days(&all);
    *ret = all;
}

bool history_links(const struct log *log, int64_t as_of_ms, struct arena *arena, uint32_t **ret_customer_of,
                   struct err *err)
{
    struct identities *identities;
    size_t n_identities = log_n_names(log, DICTIONARY_IDENTITY), n;
    *ret_customer_of = NULL;
    if (!identities_open(log_store(log), log, &identities, err)) return false;
    if (identities_n_links(identities) > 0) *ret_customer_of = ARENA_ARRAY(arena, uint32_t, n_identities);
    for (size_t slot = 0; slot < identities_n_linked(identities); slot++) {
        const uint32_t *members = identities_linked(identities, slot, &n);
        for (size_t m = 0; members && m < n; m++)
            (*ret_customer_of)[members[m]] = identities_customer_at(identities, members[m], as_of_ms);
    }
    identities_close(identities);
    return true;
}

/* The last part: what all the others put aside. */
static void condense_linked(struct part *parts)
{
    struct part *last = &parts[LOG_PARTITIONS];
    size_t n = 0;
    last->arena = arena_new(ARENA_NO_LIMIT);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) n += parts[p].n_aside;
    struct order *orders = ARENA_ARRAY(last->arena, struct order, n + 1);
    for (unsigned p = n = 0; p < LOG_PARTITIONS; n += parts[p++].n_aside)
        if (parts[p].n_aside) memcpy(orders + n, parts[p].aside, parts[p].n_aside * sizeof *orders);
    condense(orders, n, last->arena, &last->history);
}

bool history_read(const struct log *log, const struct history_options *options, struct arena *arena,
                  struct history *ret_history, struct err *err)
{
    unsigned n_threads = options->n_threads ? options->n_threads : 1;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct part *parts = ARENA_ARRAY(scratch, struct part, PARTS);
    struct log_reader **readers = ARENA_ARRAY(scratch, struct log_reader *, n_threads);
    uint32_t *customer_of;
    bool ok = history_links(log, options->as_of_ms, scratch, &customer_of, err);
    struct reading reading = { log, options, customer_of, parts, readers };
    if (ok) parallel_for(n_threads, LOG_PARTITIONS, read_part_job, &reading);
    if (ok) condense_linked(parts);
    for (unsigned p = 0; p < LOG_PARTITIONS && ok; p++)
        if (!parts[p].is_read) {
            *err = parts[p].err;
            ok = err_context(err, "reading the order history");
        }
    if (ok) join_parts(parts, arena, ret_history);
    for (unsigned p = 0; p < PARTS; p++) arena_free(parts[p].arena);
    for (unsigned t = 0; t < n_threads; t++) log_reader_close(readers[t]);
    arena_free(scratch);
    return ok;
}

bool history_find(const struct history *history, uint32_t identity, size_t *ret_customer)
{
    size_t low = 0, high = history->n_customers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history->identity[middle] < identity) low = middle + 1;
        else high = middle;
    }
    if (low == history->n_customers || history->identity[low] != identity) return false;
    *ret_customer = low;
    return true;
}

bool history_has_left(const struct history *history, size_t customer, int32_t as_of_day)
{
    size_t from = history->first[customer], last = history->first[customer + 1];
    while (last > from && history->day[last - 1] > as_of_day) last--;
    return last > from && history->left_day[last - 1] <= as_of_day;
}

/* ---- summary ----------------------------------------------------------------------------------- */

/* The number of the period a day is in. */
static int32_t period_of(enum period merge, int32_t day)
{
    switch (merge) {
    case PERIOD_DAY: return day;
    case PERIOD_WEEK: return (day - calendar_weekday(day) + 3) / 7;     /* Mondays are days 4, 11, ... */
    case PERIOD_MONTH: {
        struct civil date = calendar_civil(day);
        return date.year * 12 + date.month - 1;
    }
    }
    return day;
}

/* Adds customer's row i: one pass over the entries, a purchase ends where the period changes. */
static void summarise(const struct history *history, const struct summary_options *options, size_t customer,
                      struct summary *ret, size_t i)
{
    size_t from = history->first[customer], end = history->first[customer + 1];
    double unit = options->merge == PERIOD_DAY ? options->unit_days : 1;
    int32_t first_period = period_of(options->merge, history->day[from]), last_period = first_period;
    int32_t seen_holdout_period = INT32_MIN;
    int64_t repeat_cents = 0, holdout_cents = 0;
    for (size_t e = from; e < end && history->day[e] <= options->as_of_day; e++) {
        int32_t period = period_of(options->merge, history->day[e]);
        if (history->day[e] > options->calibration_end_day) {
            ret->holdout[i] += period != seen_holdout_period;
            seen_holdout_period = period;
            holdout_cents += history->amount_cents[e];
            continue;
        }
        if (period == first_period) continue;
        ret->frequency[i] += period != last_period;
        last_period = period;
        repeat_cents += history->amount_cents[e];
    }
    ret->customer[i] = customer;
    ret->has_left[i] = history_has_left(history, customer, options->calibration_end_day);
    ret->recency[i] = (last_period - first_period) / unit;
    ret->age[i] = (period_of(options->merge, options->calibration_end_day) - first_period) / unit;
    if (ret->frequency[i] > 0) ret->monetary[i] = (double)repeat_cents / 100 / ret->frequency[i];
    if (ret->holdout[i] > 0) ret->holdout_monetary[i] = (double)holdout_cents / 100 / ret->holdout[i];
}

void summary_build(const struct history *history, const struct summary_options *options, struct arena *arena,
                   struct summary *ret_summary)
{
    assert(options->as_of_day >= options->calibration_end_day && options->unit_days > 0);
    size_t most = history->n_customers + 1;
    struct summary summary = { 0, ARENA_ARRAY(arena, size_t, most), ARENA_ARRAY(arena, double, most),
                               ARENA_ARRAY(arena, double, most), ARENA_ARRAY(arena, double, most),
                               ARENA_ARRAY(arena, double, most), ARENA_ARRAY(arena, double, most),
                               ARENA_ARRAY(arena, double, most), ARENA_ARRAY(arena, bool, most) };
    for (size_t c = 0; c < history->n_customers; c++)
        if (history->day[history->first[c]] <= options->calibration_end_day)
            summarise(history, options, c, &summary, summary.n++);
    *ret_summary = summary;
}
