/* overview_read.c - one pass over the log for how the shop did; see overview_read.h. */
#include "desk/overview_read.h"

#include "customer/identity.h"
#include "desk/purchases.h"
#include "engine/service.h"
#include "live/membership.h"
#include "log/log.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_MS = 30000, NAMES_A_SLICE = 16384, MEMBERS_A_SLICE = 10000 };

static const int64_t DAY_MS = 86400000;

/* By identity: whose they are, and what is known of the customer so far. */
struct people {
    size_t    n;
    uint32_t *customer;         /* [n] 0: not looked at */
    int64_t  *first_ms;         /* [n] of a customer's first order; INT64_MAX none */
    uint8_t  *bought;           /* [n] BOUGHT_NOW, BOUGHT_BEFORE */
    int64_t  *spent_now, *spent_before;     /* [n] cents of orders */
    bool     *is_member;        /* [n], or NULL: everybody is */
};
enum { BOUGHT_NOW = 1, BOUGHT_BEFORE = 2 };

enum { LAG_BINS = 48 };

/* lag [i]: of n_late, those whose lag is from 2^i ms to twice that. */
struct source_count { uint64_t n, n_live, n_late; int64_t last_ms; uint32_t lag[LAG_BINS]; };

struct count {
    struct overview_numbers *numbers;
    struct people            people;
    struct source_count     *sources;           /* [n_sources] */
    size_t                   n_sources;
};

static bool read_members(struct service *service, int64_t segment, struct people *people, struct arena *arena,
                         struct err *err)
{
    struct segment_member *members = ARENA_ARRAY(arena, struct segment_member, MEMBERS_A_SLICE);
    uint32_t after = 0;
    size_t n;
    people->is_member = ARENA_ARRAY(arena, bool, people->n);
    do {
        if (!memberships_members(service->memberships, segment, after, members, MEMBERS_A_SLICE, &n, err))
            return false;
        for (size_t i = 0; i < n; i++)
            if (members[i].identity < people->n) people->is_member[members[i].identity] = true;
        if (n > 0) after = members[n - 1].identity;
    } while (n == MEMBERS_A_SLICE);
    return true;
}

static void read_people(struct service *service, struct people *people, struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    people->n = log_n_names(service->log, DICTIONARY_IDENTITY);
    (void)pthread_rwlock_unlock(&service->lock);
    people->customer = ARENA_ARRAY(arena, uint32_t, people->n + 1);
    people->first_ms = ARENA_ARRAY(arena, int64_t, people->n + 1);
    people->bought = ARENA_ARRAY(arena, uint8_t, people->n + 1);
    people->spent_now = ARENA_ARRAY(arena, int64_t, people->n + 1);
    people->spent_before = ARENA_ARRAY(arena, int64_t, people->n + 1);
    for (size_t from = 0; from < people->n; from += NAMES_A_SLICE) {
        (void)pthread_rwlock_rdlock(&service->lock);
        for (size_t i = from; i < people->n && i < from + NAMES_A_SLICE; i++) {
            uint32_t customer = identities_customer(service->identities, (uint32_t)i);
            people->customer[i] = customer < people->n ? customer : (uint32_t)i;
            people->first_ms[i] = INT64_MAX;
        }
        (void)pthread_rwlock_unlock(&service->lock);
    }
}

static void add_to(struct overview_period *period, const struct overview_numbers *numbers, int64_t at_ms,
                   int64_t amount_cents)
{
    double amount = (double)amount_cents;
    size_t point = (size_t)((at_ms - period->from_ms) / numbers->step_ms);
    period->revenue_cents += amount_cents;
    period->squares += amount * amount;
    if (point < numbers->n_points) period->points[point] += amount_cents;
    if (amount_cents <= 0) return;
    period->n_orders++;
    period->order_sum += amount;
    period->order_squares += amount * amount;
}

static bool is_in(const struct overview_period *period, int64_t at_ms)
{
    return at_ms >= period->from_ms && at_ms < period->until_ms;
}

static void count_money(struct count *count, uint32_t identity, int64_t at_ms, int64_t amount_cents)
{
    struct people *people = &count->people;
    struct overview_numbers *numbers = count->numbers;
    if (identity == 0 || identity >= people->n) return;
    uint32_t customer = people->customer[identity];
    if (people->is_member && !people->is_member[customer]) return;
    if (amount_cents > 0 && at_ms < people->first_ms[customer]) people->first_ms[customer] = at_ms;
    if (is_in(&numbers->now, at_ms)) {
        add_to(&numbers->now, numbers, at_ms, amount_cents);
        if (amount_cents > 0) people->bought[customer] |= BOUGHT_NOW, people->spent_now[customer] += amount_cents;
    }
    if (is_in(&numbers->before, at_ms)) {
        add_to(&numbers->before, numbers, at_ms, amount_cents);
        if (amount_cents > 0)
            people->bought[customer] |= BOUGHT_BEFORE, people->spent_before[customer] += amount_cents;
    }
}

/* What is sent as it happens is received a little later; an import's rows are known when they happened. */
static void count_source(struct count *count, uint16_t source, int64_t at_ms, int64_t received_ms)
{
    if (source == 0 || source >= count->n_sources || received_ms == at_ms) return;
    struct source_count *one = &count->sources[source];
    one->n_live++;
    if (received_ms > one->last_ms) one->last_ms = received_ms;
    if (received_ms < count->numbers->as_of_ms - 28 * DAY_MS) return;
    int64_t lag_ms = received_ms > at_ms ? received_ms - at_ms : 1;
    int bin = 63 - __builtin_clzll((unsigned long long)lag_ms);
    one->n_late++;
    one->lag[bin < LAG_BINS ? bin : LAG_BINS - 1]++;
}

/* The lag that half of it has at most, as if those within a bin lay evenly. */
static double usual_lag(const struct source_count *one)
{
    double half = (double)one->n_late / 2, before = 0;
    for (int i = 0; i < LAG_BINS; i++) {
        double n = one->lag[i], from = (double)(1ull << i);
        if (n > 0 && before + n >= half) return from * (1 + (half - before) / n);
        before += n;
    }
    return 0;
}

static bool read_log(struct service *service, struct store *store, struct count *count, struct err *err)
{
    struct log_reader *reader;
    struct purchases purchases;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool is_open = log_reader_open_through(service->log, store, &reader, err);
    if (is_open) log_reader_share_names(reader, &service->lock);
    bool ok = is_open && purchases_open(service, reader, count->numbers->as_of_ms, &purchases, err);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct events events;
        arena_reset(arena);
        ok = log_read(reader, partition, PURCHASE_COLUMNS | LOG_SOURCE, arena, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            int64_t cents;
            count_source(count, events.source[i], events.time_ms[i], events.received_ms[i]);
            if (purchase_of(&purchases, &events, i, &cents))
                count_money(count, events.identity[i], events.time_ms[i], cents);
        }
    }
    if (is_open) log_reader_close(reader);
    arena_free(arena);
    return ok;
}

static void count_buyers(struct count *count)
{
    struct overview_numbers *numbers = count->numbers;
    for (size_t i = 0; i < count->people.n; i++) {
        uint8_t bought = count->people.bought[i];
        int64_t first_ms = count->people.first_ms[i];
        numbers->now.n_buyers += (bought & BOUGHT_NOW) != 0;
        numbers->before.n_buyers += (bought & BOUGHT_BEFORE) != 0;
        numbers->n_stayed += bought == (BOUGHT_NOW | BOUGHT_BEFORE);
        if (is_in(&numbers->now, first_ms))
            numbers->now.n_first++, numbers->now.first_sum += (double)count->people.spent_now[i];
        if (is_in(&numbers->before, first_ms))
            numbers->before.n_first++, numbers->before.first_sum += (double)count->people.spent_before[i];
    }
}

/* A file that was imported sends nothing, so it cannot fall silent. */
static bool leave_out_files(struct service *service, struct store *store, struct count *count, struct err *err)
{
    struct sql_import_sources row;
    enum step step;
    if (!sql_import_sources(store, &row, err)) return false;
    while ((step = sql_import_sources_step(&row, err)) == STEP_ROW) {
        uint32_t source;
        (void)pthread_rwlock_rdlock(&service->lock);
        bool is_known = log_find(service->log, DICTIONARY_SOURCE, row.source, &source);
        (void)pthread_rwlock_unlock(&service->lock);
        if (is_known && source < count->n_sources) count->sources[source].n_live = 0;
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static void name_sources(struct service *service, struct count *count)
{
    struct overview_numbers *numbers = count->numbers;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 1; i < count->n_sources && numbers->n_sources < OVERVIEW_SOURCES_MOST; i++) {
        const struct source_count *one = &count->sources[i];
        if (one->n_live == 0) continue;
        struct overview_source *source = &numbers->sources[numbers->n_sources++];
        struct text name = log_name(service->log, DICTIONARY_SOURCE, (uint32_t)i);
        snprintf(source->name, sizeof source->name, "%.*s", (int)name.length, name.at);
        source->n_live = one->n_live;
        source->last_ms = one->last_ms;
        source->usual_gap_ms = one->n_late > 0 ? 28.0 * (double)DAY_MS / (double)one->n_late : 0;
        source->usual_lag_ms = usual_lag(one);
    }
    (void)pthread_rwlock_unlock(&service->lock);
}

/* Where time stands at the end of a history, its last day is over: so its days are told whole. */
static void set_periods(struct overview_numbers *numbers, const struct overview_options *options, bool stands)
{
    int64_t length_ms = options->days * DAY_MS,
            until_ms = stands ? (numbers->as_of_ms + DAY_MS - 1) / DAY_MS * DAY_MS : numbers->as_of_ms,
            back_ms = options->is_year_before ? 365 * DAY_MS : length_ms;
    numbers->now = (struct overview_period){ .from_ms = until_ms - length_ms, .until_ms = until_ms };
    numbers->before =
        (struct overview_period){ .from_ms = until_ms - length_ms - back_ms, .until_ms = until_ms - back_ms };
    numbers->step_ms = DAY_MS * (options->days <= 31 ? 1 : options->days <= 180 ? 7 : (options->days + 47) / 48);
    numbers->n_points = (size_t)((length_ms + numbers->step_ms - 1) / numbers->step_ms);
}

static bool count_all(struct service *service, const struct overview_options *options,
                      struct overview_numbers *numbers, struct err *err)
{
    struct store *store;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct count count = { .numbers = numbers };
    set_periods(numbers, options, service->instant_ms != 0);
    read_people(service, &count.people, arena);
    (void)pthread_rwlock_rdlock(&service->lock);
    count.n_sources = log_n_names(service->log, DICTIONARY_SOURCE);
    (void)pthread_rwlock_unlock(&service->lock);
    count.sources = ARENA_ARRAY(arena, struct source_count, count.n_sources + 1);
    bool ok = (options->segment == 0 || read_members(service, options->segment, &count.people, arena, err)) &&
              service_read(service, &store, err);
    if (ok) {
        ok = read_log(service, store, &count, err) && leave_out_files(service, store, &count, err);
        service_read_done(service, store);
    }
    if (ok) {
        count_buyers(&count);
        name_sources(service, &count);
    }
    arena_free(arena);
    return ok;
}

static bool is_same(const struct overview_options *a, const struct overview_options *b)
{
    return a->days == b->days && a->is_year_before == b->is_year_before && a->segment == b->segment;
}

bool overview_read(struct service *service, const struct overview_options *options,
                   struct overview_numbers *ret_numbers, struct err *err)
{
    struct overview *overview = service->overview;
    int64_t now_ms = clock_now_ms(&service->options.clock), as_of_ms = service_instant_ms(service);
    bool is_found = false, ok = true;
    (void)pthread_mutex_lock(&overview->lock);          /* who asks meanwhile gets what is counted now */
    for (size_t i = 0; i < OVERVIEW_KEPT && !is_found; i++) {
        const struct overview_kept *kept = &overview->kept[i];
        is_found = kept->at_ms > 0 && is_same(&kept->options, options) && now_ms - kept->at_ms < KEPT_MS &&
                   llabs(as_of_ms - kept->numbers.as_of_ms) < KEPT_MS;
        if (is_found) *ret_numbers = kept->numbers;
    }
    if (!is_found) {
        struct overview_numbers numbers = { .as_of_ms = as_of_ms };
        ok = count_all(service, options, &numbers, err);
        if (ok) {
            overview->kept[overview->next] = (struct overview_kept){ *options, numbers, now_ms };
            overview->next = (overview->next + 1) % OVERVIEW_KEPT;
            *ret_numbers = numbers;
        }
    }
    (void)pthread_mutex_unlock(&overview->lock);
    return ok;
}
