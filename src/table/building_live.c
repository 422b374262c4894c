/* building_live.c - orders that clients have told of, next to those of a file: the same number of the same customer is
 * the same order.
 *
 * Where both say it is worth the same, the client's stands, which knows the hour; else what the file says is newer and
 * takes its place.  What a client said was cancelled stays so. */
#include "table/building_internal.h"

#include "base/json_read.h"

#include <string.h>

struct told_event { uint32_t identity; uint16_t kind, source; int64_t time_ms, amount_cents; uint64_t message_hash; };
struct told_link { uint32_t event, next; };      /* 1 + indexes; 0 none */

struct live_orders {
    struct build      *build;
    struct arena      *arena;
    struct hash_map    first;           /* an order's key -> 1 + its first link */
    struct told_event *events;
    struct told_link  *links;
    size_t n_events, events_room, n_links, links_room;
    uint16_t           cancelled_kind;  /* 0: nobody has said so */
    struct hash_map   *keys;            /* NULL, or: each key is noted here too */
};

static void *grown(struct arena *arena, void *old, size_t n, size_t size, size_t *room)
{
    if (n < *room) return old;
    *room = 2 * n + 64;
    void *more = arena_alloc(arena, *room, size);
    if (n > 0) memcpy(more, old, n * size);
    return more;
}

static void add_link(struct live_orders *live, uint64_t key, uint32_t event)
{
    uint64_t *first = hash_map_put(&live->first, key);
    if (live->keys) (void)hash_map_put(live->keys, key);
    live->links = grown(live->arena, live->links, live->n_links, sizeof *live->links, &live->links_room);
    live->links[live->n_links++] = (struct told_link){ event, (uint32_t)*first };
    *first = live->n_links;
}

static void add_event(struct live_orders *live, const struct events *events, size_t i)
{
    live->events = grown(live->arena, live->events, live->n_events, sizeof *live->events, &live->events_room);
    live->events[live->n_events++] = (struct told_event){
        events->identity[i], events->kind[i], events->source[i], events->time_ms[i], events->amount_cents[i],
        events->message_hash[i]
    };
}

/* The key of the order for each name that its customer has and each way its number is written. */
static void add_number(struct live_orders *live, const struct identities *identities, struct text number, uint32_t identity,
                       uint32_t event)
{
    size_t n_members;
    struct order_spellings spellings;
    const uint32_t *members = identities_members(identities, identity, &n_members);
    order_number_spell(number, &spellings);
    if (live->build->lock) (void)pthread_rwlock_rdlock(live->build->lock);
    for (size_t m = 0; m < n_members; m++) {
        struct text name = log_name(live->build->building->log, DICTIONARY_IDENTITY, members[m]);
        for (size_t s = 0; s < ORDER_SPELLINGS; s++)
            add_link(live, order_key(order_number_hash(spellings.of[s], order_customer_hash(name))), event);
    }
    if (live->build->lock) (void)pthread_rwlock_unlock(live->build->lock);
}

static bool is_told_kind(const struct live_orders *live, uint16_t kind)
{
    const struct build *build = live->build;
    return kind == build->order_kinds[STATUS_SALE] || kind == build->refund_kind ||
           (live->cancelled_kind && kind == live->cancelled_kind);
}

/* An order's event, if its properties have a number, and behind it its lines. */
static void note(struct live_orders *live, const struct identities *identities, const struct events *events, size_t i,
                 struct arena *scratch)
{
    uint32_t begin = i > 0 ? events->properties_end[i - 1] : 0, first = (uint32_t)live->n_events + 1;
    struct text text = { events->properties_bytes + begin, events->properties_end[i] - begin };
    struct json json;
    struct err err;
    if (text.length == 0 || (events->message_hash[i] & 1) || !json_read(text, scratch, &json, &err)) return;
    for (uint32_t m = json_first(&json, 0); m; m = json_next(&json, 0, m)) {
        const struct json_value *value = &json.values[m];
        struct text name = { text.at + value->name_at, value->name_length };
        if ((value->kind != JSON_IS_STRING && value->kind != JSON_IS_NUMBER) || !order_number_is_name(name)) continue;
        if (live->n_events < first) add_event(live, events, i);
        add_number(live, identities, json_text(&json, m, scratch), events->identity[i], first);
    }
    const uint16_t item_kind = live->build->item_kinds[STATUS_SALE];
    for (size_t k = i + 1; live->n_events >= first && k < events->n; k++) {
        if (events->identity[k] != events->identity[i] || events->kind[k] != item_kind || !(events->message_hash[k] & 1)) break;
        add_event(live, events, k);
    }
}

static bool read_all(struct live_orders *live, const struct identities *identities, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct log_reader *reader = NULL;
    struct events events;
    bool ok = log_reader_open(live->build->building->log, &reader, err);
    if (ok) log_reader_share_names(reader, live->build->lock);
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        arena_reset(arena);
        ok = log_read(reader, p, LIVE_ORDERS_COLUMNS, arena, &events, err);
        for (size_t i = 0; ok && i < events.n; i++)
            if (is_told_kind(live, events.kind[i])) note(live, identities, &events, i, arena);
    }
    log_reader_close(reader);
    arena_free(arena);
    return ok;
}

/* 0: nobody has said so. */
static uint16_t cancelled_kind_of(const struct build *build)
{
    uint32_t kind = 0;
    if (build->lock) (void)pthread_rwlock_rdlock(build->lock);
    bool is_known = log_find(build->building->log, DICTIONARY_KIND, text_of("order_cancelled"), &kind);
    if (build->lock) (void)pthread_rwlock_unlock(build->lock);
    return is_known ? (uint16_t)kind : 0;
}

/* Empty, with the kinds and the identities as they are now. */
static bool begin(struct live_orders *live, struct build *build, struct arena *arena, struct store **ret_beside,
                  struct identities **ret_identities, struct err *err)
{
    const struct reading *reading = build->building->reading;
    *ret_beside = NULL, *ret_identities = NULL;
    *live = (struct live_orders){ .build = build, .arena = arena, .cancelled_kind = cancelled_kind_of(build) };
    hash_map_clear(&live->first, 0);
    return (!reading->is_shared || store_open_beside(reading->store, ret_beside, err)) &&
           identities_open(*ret_beside ? *ret_beside : reading->store, build->building->log, ret_identities, err);
}

bool live_orders_arrived(struct build *build, const struct events *events, struct hash_map *arrived, struct err *err)
{
    struct live_orders live = { .build = build, .cancelled_kind = cancelled_kind_of(build) };
    struct identities *identities;
    struct store *beside;
    size_t n = 0;
    for (size_t i = 0; i < events->n; i++) n += is_told_kind(&live, events->kind[i]) && !(events->message_hash[i] & 1);
    if (n == 0) return true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok = begin(&live, build, arena, &beside, &identities, err);
    live.keys = arrived;
    for (size_t i = 0; ok && i < events->n; i++)
        if (is_told_kind(&live, events->kind[i])) note(&live, identities, events, i, scratch);
    hash_map_free(&live.first);
    identities_close(identities);
    store_close(beside);
    arena_free(scratch);
    arena_free(arena);
    return ok;
}

bool live_orders_load(struct build *build, struct err *err)
{
    struct building *building = build->building;
    const struct reading *reading = building->reading;
    build->live_orders = NULL;
    if (!build->is_stored || !mapping_has_order(reading->mapping)) return true;
    struct live_orders *live = ARENA_NEW(building->arena, struct live_orders);
    struct identities *identities = NULL;
    struct store *beside = NULL;
    bool ok = begin(live, build, building->arena, &beside, &identities, err) && read_all(live, identities, err);
    identities_close(identities);
    store_close(beside);
    build->live_orders = live;
    return ok;
}

void live_orders_free(struct build *build)
{
    if (build->live_orders) hash_map_free(&build->live_orders->first);
    build->live_orders = NULL;
}

/* To be corrected, with the lines behind it. */
static void take_back(struct bench *bench, const struct live_orders *live, uint32_t event)
{
    const uint16_t item_kind = live->build->item_kinds[STATUS_SALE];
    for (size_t i = event - 1; i < live->n_events; i++) {
        const struct told_event *told = &live->events[i];
        if (i + 1 > event && told->kind != item_kind) break;
        bench->taken_back = grown(bench->scratch, bench->taken_back, bench->n_taken_back, sizeof *bench->taken_back,
                                  &bench->taken_back_room);
        bench->taken_back[bench->n_taken_back++] = (struct taken_back){ told->identity, told->source, told->time_ms,
                                                                        told->message_hash };
    }
}

struct live_told live_orders_compare(const struct build *build, struct bench *bench, const struct order_group *group,
                                     bool is_sale, int64_t refund_cents)
{
    const struct live_orders *live = build->live_orders;
    struct live_told told = { .is_known = false };
    const uint64_t *first = live ? hash_map_find(&live->first, group->order) : NULL;
    int64_t sale_cents = 0, back_cents = 0;
    bool has_sale = false, is_cancelled = false;
    uint32_t last = 0;
    for (uint32_t at = first ? (uint32_t)*first : 0; at; at = live->links[at - 1].next) {
        const struct told_event *event = &live->events[live->links[at - 1].event - 1];
        if (live->links[at - 1].event == last) continue;        /* two of its numbers are written alike */
        last = live->links[at - 1].event;
        has_sale |= event->kind == build->order_kinds[STATUS_SALE];
        is_cancelled |= live->cancelled_kind && event->kind == live->cancelled_kind;
        if (event->kind == build->order_kinds[STATUS_SALE]) sale_cents += event->amount_cents;
        if (event->kind == build->refund_kind) back_cents += event->amount_cents;
    }
    if (!last) return told;
    told.is_known = true;
    told.is_sale_told = is_sale && ((has_sale && sale_cents == group->amount_cents) || (!has_sale && is_cancelled));
    told.is_refund_told = back_cents == -refund_cents || (!has_sale && is_cancelled);
    last = 0;
    for (uint32_t at = (uint32_t)*first; at; at = live->links[at - 1].next) {
        uint32_t event = live->links[at - 1].event;
        bool is_sale_event = live->events[event - 1].kind == build->order_kinds[STATUS_SALE],
             is_refund_event = live->events[event - 1].kind == build->refund_kind;
        if (event != last && ((is_sale_event && !told.is_sale_told) ||
                              (is_refund_event && refund_cents != 0 && !told.is_refund_told)))
            take_back(bench, live, event);
        last = event;
    }
    return told;
}
