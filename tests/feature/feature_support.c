/* feature_support.c - see feature_support.h. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

struct diary diary_open(void)
{
    static unsigned n_opened;
    struct err err;
    struct diary diary = { .arena = arena_new(ARENA_NO_LIMIT) };
    const char *path = support_path(arena_format(diary.arena, "diary%u.holdfast", n_opened++));
    ASSERT_OK(store_open(path, STORE_CREATE, &diary.store, &err), &err);
    ASSERT_OK(log_open(diary.store, &diary.log, &err), &err);
    return diary;
}

void diary_close(struct diary *diary)
{
    const char *path = arena_copy(diary->arena, store_path(diary->store));
    log_close(diary->log);
    store_close(diary->store);
    remove(path);
    arena_free(diary->arena);
}

static uint32_t intern(struct diary *diary, enum dictionary dictionary, const char *text)
{
    struct err err;
    uint32_t index;
    ASSERT_OK(log_intern(diary->log, dictionary, text_of(text), &index, &err), &err);
    return index;
}

uint32_t diary_customer(struct diary *diary, unsigned number)
{
    char text[32];
    snprintf(text, sizeof text, "customer %u", number);
    return intern(diary, DICTIONARY_IDENTITY, text);
}

struct events diary_events(struct diary *diary, const struct noted *noted, size_t n, struct arena *arena)
{
    struct events events = {
        .n = n, .received_ms = ARENA_ARRAY(arena, int64_t, n), .time_ms = ARENA_ARRAY(arena, int64_t, n),
        .identity = ARENA_ARRAY(arena, uint32_t, n), .kind = ARENA_ARRAY(arena, uint16_t, n),
        .amount_cents = ARENA_ARRAY(arena, int64_t, n), .quantity_milli = ARENA_ARRAY(arena, int64_t, n),
        .item = ARENA_ARRAY(arena, uint32_t, n), .message_hash = ARENA_ARRAY(arena, uint64_t, n),
        .properties_end = ARENA_ARRAY(arena, uint32_t, n) };
    size_t n_bytes = 1;
    for (size_t i = 0; i < n; i++) n_bytes += strlen(noted[i].properties);
    char *bytes = arena_alloc(arena, n_bytes, 1);
    events.properties_bytes = bytes;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(noted[i].properties), begin = i ? events.properties_end[i - 1] : 0;
        memcpy(bytes + begin, noted[i].properties, length);
        events.properties_end[i] = (uint32_t)(begin + length);
        events.received_ms[i] = noted[i].received_ms, events.time_ms[i] = noted[i].time_ms;
        events.identity[i] = noted[i].identity;
        events.kind[i] = (uint16_t)intern(diary, DICTIONARY_KIND, noted[i].kind);
        events.amount_cents[i] = noted[i].amount_cents, events.quantity_milli[i] = noted[i].quantity_milli;
        events.item[i] = intern(diary, DICTIONARY_ITEM, noted[i].item);
    }
    return events;
}

void diary_append(struct diary *diary, const struct noted *noted, size_t n)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events = diary_events(diary, noted, n, arena);
    if (diary->n + n > diary->room) {
        size_t room = 2 * (diary->n + n);
        struct noted *larger = ARENA_ARRAY(diary->arena, struct noted, room);
        if (diary->n) memcpy(larger, diary->noted, diary->n * sizeof *larger);
        diary->noted = larger, diary->room = room;
    }
    for (size_t i = 0; i < n; i++) diary->noted[diary->n++] = noted[i];
    ASSERT_OK(store_begin(diary->store, &err), &err);
    ASSERT_OK(log_append(diary->log, &events, &err), &err);
    ASSERT_OK(store_commit(diary->store, &err), &err);
    arena_free(arena);
}

struct noted diary_random(struct diary *diary, struct rng *rng, unsigned n_customers, int64_t end_ms,
                          int64_t n_days, bool is_late)
{
    static const char *const kinds[] = { "order", "order", "view", "view", "order_item", "traits" };
    static const char *const plans[] = { "\"basic\"", "\"gold\"", "\"none of these\"", "null", "\"  \"" };
    struct noted noted = { .kind = kinds[rng_below(rng, 6)], .item = "", .properties = "" };
    noted.identity = diary_customer(diary, 1 + (unsigned)rng_below(rng, n_customers));
    noted.time_ms = end_ms - 1 - (int64_t)rng_below(rng, (uint64_t)(n_days * MS_PER_DAY));
    if (rng_below(rng, 3) == 0) noted.time_ms -= noted.time_ms % MS_PER_DAY;
    noted.received_ms = noted.time_ms;
    if (is_late && rng_below(rng, 5) == 0)
        noted.received_ms += (int64_t)rng_below(rng, 40 * (uint64_t)MS_PER_DAY);
    if (rng_below(rng, 4)) noted.amount_cents = support_between(rng, -3000, 20000);
    if (rng_below(rng, 2)) noted.quantity_milli = 500 * support_between(rng, 0, 9);
    if (rng_below(rng, 2)) noted.item = arena_format(diary->arena, "item %d", (int)rng_below(rng, 40));
    if (strcmp(noted.kind, "traits") == 0 && rng_below(rng, 4) == 0)
        noted.properties = arena_format(diary->arena, "{\"$set_once.plan\":%s,\"$set_once.age\":%d}",
                                        plans[rng_below(rng, 5)], (int)rng_below(rng, 90));
    else if (strcmp(noted.kind, "traits") == 0)
        noted.properties = rng_below(rng, 2)
            ? arena_format(diary->arena, "{\"plan\":%s,\"age\":%d}", plans[rng_below(rng, 5)],
                           (int)rng_below(rng, 90))
            : arena_format(diary->arena, "{\"age\":\"%d.5\"}", (int)rng_below(rng, 90));
    return noted;
}

struct feature_set *diary_full_set(struct diary *diary) { return diary_set_with(diary, NULL); }

struct feature_set *diary_set_with(struct diary *diary, const char *kind)
{
    const char *const kinds[] = { "order", "view", "order_item", "", kind };
    struct feature_plan plans[250];
    size_t n = 0;
    for (size_t k = 0; k < 5 && kinds[k]; k++) {
        if (kinds[k][0]) intern(diary, DICTIONARY_KIND, kinds[k]);
        for (size_t o = 0; o < n_operators; o++)
            for (size_t output = 0; output < operators[o]->n_outputs; output++)
                plans[n++] = (struct feature_plan){ .kind_name = kinds[k], .operator = operators[o],
                                                    .output = output };
    }
    intern(diary, DICTIONARY_KIND, "traits");
    plans[n++] = (struct feature_plan){ .operator = &operator_traits, .kind_name = "traits", .trait = "age" };
    plans[n++] = (struct feature_plan){ .operator = &operator_traits, .kind_name = "traits",
                                        .trait = "plan", .value = "gold" };
    plans[n++] = (struct feature_plan){ .operator = &operator_traits, .kind_name = "traits",
                                        .trait = "plan", .value = "basic" };
    struct feature_set *set = ARENA_NEW(diary->arena, struct feature_set);
    set->landmark_day = 15000;
    set->not_counted = ARENA_ARRAY(diary->arena, const char *, 2);
    set->not_counted[0] = "traits", set->not_counted[1] = "order_item", set->n_not_counted = 2;
    feature_set_compile(set, plans, n, diary->log, diary->arena);
    return set;
}

struct fold_event diary_fold_event(const struct diary *diary, const struct noted *noted)
{
    uint32_t kind = 0;
    cr_assert(log_find(diary->log, DICTIONARY_KIND, text_of(noted->kind), &kind));
    return (struct fold_event){ .time_ms = noted->time_ms,
        .known_ms = noted->received_ms > noted->time_ms ? noted->received_ms : noted->time_ms,
        .amount_cents = noted->amount_cents, .quantity_milli = noted->quantity_milli,
        .item_hash = item_hash_of(text_of(noted->item)), .properties = text_of(noted->properties),
            .kind = (uint16_t)kind };
}

bool is_close(double a, double b, double tolerance)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return fabs(a - b) <= tolerance * fmax(1, fmax(fabs(a), fabs(b)));
}
