/* crowd_support.c - see crowd_support.h. */
#include "live/crowd_support.h"
#include "base/calendar.h"

#include <math.h>
#include <string.h>

const char *const crowd_conditions[CROWD_CONDITIONS] = {
    "recency_days > 30", "recency_days <= 7 and country in ('DE', 'AT')", "orders_30d >= 2",
    "churn > 0.6 and country not like 'd%'", "recency_days between 10 and 20", "recency_days is null",
};

enum { COLUMN_RECENCY, COLUMN_ORDERS_30D, COLUMN_CHURN, COLUMN_COUNTRY, COLUMNS };

static const struct expression_column columns[COLUMNS] = {
    { "recency_days", EXPRESSION_NUMBER }, { "orders_30d", EXPRESSION_NUMBER }, { "churn", EXPRESSION_NUMBER },
    { "country", EXPRESSION_TEXT },
};

static double recency_days(const struct crowd *crowd, uint32_t customer, int64_t as_of_ms)
{
    int64_t last_ms = INT64_MIN;
    for (size_t i = 0; i < crowd->n_orders; i++)
        if (crowd->customer_of[crowd->orders[i].identity] == customer && crowd->orders[i].at_ms > last_ms)
            last_ms = crowd->orders[i].at_ms;
    return last_ms == INT64_MIN ? (double)NAN : (double)(as_of_ms - last_ms) / (double)MS_PER_DAY;
}

/* By days of UTC, as windows of features are. */
static double orders_30d(const struct crowd *crowd, uint32_t customer, int64_t as_of_ms)
{
    double n = 0;
    for (size_t i = 0; i < crowd->n_orders; i++)
        if (crowd->customer_of[crowd->orders[i].identity] == customer)
            n += calendar_day_of_ms(crowd->orders[i].at_ms) >= calendar_day_of_ms(as_of_ms - 1) + 1 - 30;
    return n;
}

bool crowd_truth(struct crowd *crowd, int condition, uint32_t customer, int64_t as_of_ms)
{
    double recency = recency_days(crowd, customer, as_of_ms);
    const char *country = crowd->country[customer];
    if (crowd->customer_of[customer] != customer) return false;
    switch (condition) {
    case 0:  return recency > 30;
    case 1:  return recency <= 7 && (strcmp(country, "DE") == 0 || strcmp(country, "AT") == 0);
    case 2:  return orders_30d(crowd, customer, as_of_ms) >= 2;
    case 3:  return crowd->churn[customer] > 0.6 && country[0] != 'D' && country[0] != 'd';
    case 4:  return recency >= 10 && recency <= 20;
    default: return isnan(recency);
    }
}

static void no_lock(void *context) { (void)context; }
static size_t n_identities(void *context) { (void)context; return CROWD; }
static bool always(void *context) { (void)context; return true; }
static uint32_t customer_of(void *context, uint32_t identity)
{
    return ((struct crowd *)context)->customer_of[identity];
}

static const uint32_t *members_of(void *context, uint32_t customer, size_t *ret_n)
{
    struct crowd *crowd = context;
    *ret_n = 0;
    for (uint32_t i = 1; i < CROWD; i++)
        if (crowd->customer_of[i] == customer) crowd->members[(*ret_n)++] = i;
    return crowd->members;
}

static bool begin(void *context, uint32_t customer, int64_t as_of_ms)
{
    struct crowd *crowd = context;
    crowd->customer = customer, crowd->as_of_ms = as_of_ms;
    return customer != 0;
}

static struct expression_value value(void *context, size_t column)
{
    struct crowd *crowd = context;
    struct expression_value number = { .kind = EXPRESSION_IS_NUMBER };
    if (column == COLUMN_COUNTRY)
        return (struct expression_value){ .kind = EXPRESSION_IS_TEXT,
                                          .text = text_of(crowd->country[crowd->customer]) };
    number.number = column == COLUMN_CHURN        ? crowd->churn[crowd->customer]
                    : column == COLUMN_ORDERS_30D ? orders_30d(crowd, crowd->customer, crowd->as_of_ms)
                                                  : recency_days(crowd, crowd->customer, crowd->as_of_ms);
    return number;
}

static void ignore(void *context, const uint32_t *asked, size_t n) { (void)context, (void)asked, (void)n; }

static bool run(void *context, bool (*job)(struct store *, void *, struct err *), void *job_context,
                struct err *err)
{
    struct crowd *crowd = context;
    if (crowd->is_full) return err_set(err, ERR_IO, "the disk is full");
    if (!store_begin(crowd->store, err)) return false;
    if (job(crowd->store, job_context, err) && store_commit(crowd->store, err)) return true;
    store_rollback(crowd->store);
    return false;
}

void crowd_open(struct crowd *crowd, int64_t window_ms)
{
    static const char *const countries[] = { "DE", "AT", "FR", "de", "DK" };
    struct err err;
    *crowd = (struct crowd){
        .source = { .context = crowd, .columns = columns, .n_columns = COLUMNS, .n_moving = COLUMN_CHURN,
                    .lock = no_lock, .unlock = no_lock, .is_current = always, .n_identities = n_identities,
                    .customer_of = customer_of, .members_of = members_of, .begin = begin, .value = value,
                    .expect = ignore, .narrow = ignore },
        .writer = { .context = crowd, .run = run },
        .now_ms = 20000 * MS_PER_DAY + MS_PER_DAY / 2, .window_ms = window_ms,
    };
    for (uint32_t i = 0; i < CROWD; i++) {
        crowd->customer_of[i] = i;
        crowd->country[i] = countries[i % 5];
        crowd->churn[i] = (double)(i % 10) / 10;
    }
    crowd->swept_ms = crowd->now_ms;
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &crowd->store, &err), &err);
    ASSERT_OK(memberships_open(crowd->store, &crowd->memberships, &err), &err);
}

void crowd_close(struct crowd *crowd)
{
    memberships_close(crowd->memberships);
    store_close(crowd->store);
}

static void look_at(struct crowd *crowd, uint32_t identity, int64_t at_ms, enum segment_cause cause)
{
    memberships_check(crowd->memberships, &crowd->source, identity, crowd->now_ms,
                      crowd->now_ms + 2 * crowd->window_ms, at_ms, cause);
}

void crowd_look_at_all(struct crowd *crowd, enum segment_cause cause)
{
    uint64_t version = memberships_version(crowd->memberships);
    for (uint32_t i = 1; i < CROWD; i++) look_at(crowd, i, crowd->now_ms, cause);
    memberships_passed(crowd->memberships, version);
    crowd->swept_ms = crowd->now_ms;
}

void crowd_define(struct crowd *crowd, int condition)
{
    struct err err;
    int64_t id;
    char name[16];
    snprintf(name, sizeof name, "segment %d", condition);
    const struct segment_draft draft = { name, crowd_conditions[condition], NULL };
    ASSERT_OK(memberships_put(crowd->memberships, &crowd->source, &crowd->writer, 0, &draft, crowd->now_ms, &id,
                              NULL, &err), &err);
}

void crowd_order(struct crowd *crowd, uint32_t identity)
{
    cr_assert_lt(crowd->n_orders, CROWD_ORDERS);
    crowd->orders[crowd->n_orders].identity = identity;
    crowd->orders[crowd->n_orders++].at_ms = crowd->now_ms;
    look_at(crowd, identity, crowd->now_ms, CAUSE_EVENTS);
}

static void fire(struct crowd *crowd)
{
    uint32_t identity;
    int64_t due_ms;
    while (memberships_due(crowd->memberships, crowd->now_ms, &identity, &due_ms))
        look_at(crowd, identity, due_ms, CAUSE_TIME);
}

void crowd_go_on(struct crowd *crowd, int64_t to_ms)
{
    for (;;) {
        int64_t timer_ms = memberships_next_ms(crowd->memberships), sweep_ms = crowd->swept_ms + crowd->window_ms;
        crowd->now_ms = timer_ms < sweep_ms ? timer_ms : sweep_ms;
        if (crowd->now_ms > to_ms) break;
        fire(crowd);
        if (sweep_ms <= crowd->now_ms) crowd_look_at_all(crowd, CAUSE_TIME);
    }
    crowd->now_ms = to_ms;
}

void crowd_jump(struct crowd *crowd, int64_t to_ms)
{
    crowd->now_ms = to_ms;
    fire(crowd);
    if (crowd->swept_ms + crowd->window_ms <= to_ms) crowd_look_at_all(crowd, CAUSE_TIME);
}

struct writing { struct memberships *memberships; size_t n; };

static bool write_changes(struct store *store, void *context, struct err *err)
{
    struct writing *writing = context;
    return memberships_write(writing->memberships, store, &writing->n, err);
}

void crowd_write(struct crowd *crowd)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct writing writing = { .memberships = crowd->memberships };
    struct segment_change *changes;
    struct err err;
    ASSERT_OK(run(crowd, write_changes, &writing, &err), &err);
    memberships_take_changes(crowd->memberships, writing.n, arena, &changes);
    arena_free(arena);
}

void crowd_restart(struct crowd *crowd)
{
    struct err err;
    memberships_close(crowd->memberships);
    ASSERT_OK(memberships_open(crowd->store, &crowd->memberships, &err), &err);
    crowd_look_at_all(crowd, CAUSE_START);
}

bool crowd_is_member(struct crowd *crowd, int64_t segment, uint32_t customer)
{
    struct segment_since segments[CROWD_CONDITIONS];
    size_t n = memberships_of_group(crowd->memberships, customer, segments, CROWD_CONDITIONS);
    for (size_t i = 0; i < n; i++)
        if (segments[i].segment == segment) return true;
    return false;
}

void crowd_check(struct crowd *crowd)
{
    for (int condition = 0; condition < CROWD_CONDITIONS; condition++)
        for (uint32_t i = 1; i < CROWD; i++)
            cr_assert_eq(crowd_is_member(crowd, condition + 1, i), crowd_truth(crowd, condition, i, crowd->now_ms),
                         "customer %u, %s, seed %llu", i, crowd_conditions[condition],
                         (unsigned long long)support_seed());
}
