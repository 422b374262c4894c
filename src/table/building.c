/* building.c - see building.h. */
#include "table/building.h"

#include "base/parallel.h"
#include "table/trait.h"
#include "base/hash_map.h"

#include <assert.h>
#include <string.h>

enum fixed_kind { FIXED_ORDER, FIXED_ORDER_ITEM, FIXED_REFUND, FIXED_REFUND_ITEM, FIXED_TRAITS, FIXED_KINDS };

/* How the numbers of each thread's spellings read in the log. */
struct dictionary_map { uint32_t *of[READING_THREADS_MAX]; };

/* Rows of one partition, one array per column; those without a column are NULL. */
struct rows {
    size_t    n;
    uint64_t *message, *order;
    int64_t  *time_ms, *received_ms, *amount_cents, *quantity_milli;
    uint32_t *identity, *item, *traits;
    uint16_t *kind, *source;
};

struct order_group {
    uint64_t order;
    int64_t amount_cents, quantity_milli;
    bool is_refund, is_open;
    uint32_t first_row;
};

/* What one thread needs for any partition. */
struct bench {
    struct rows rows;
    struct hash_map seen, stored;       /* messages: how often they came; the log's */
    struct hash_map groups;             /* the orders of a partition */
    struct events events;
    struct log_reader *reader;
    struct arena *scratch;
};

struct build {
    struct building *building;
    struct dictionary_map items, kinds, traits;
    struct spellings customers[LOG_PARTITIONS];     /* of the rows of each partition */
    uint32_t *identities[LOG_PARTITIONS];           /* [customers[p].n] in the log */
    const char **traits_json;       /* [by the map of traits] */
    uint32_t    *last_traits;       /* [identity] 1 + the traits seen last; 0 none */
    uint16_t     fixed[FIXED_KINDS], source;
    size_t       rows_most;
    bool         is_stored;         /* the log has events already */
    struct bench benches[READING_THREADS_MAX];
    struct err   errs[LOG_PARTITIONS];
    struct {
        uint64_t rows_new, rows_repeated, duplicates, orders, reopened, events;
        int64_t first_ms, last_ms;
    } sums[LOG_PARTITIONS];
};

/* Calls put for every spelling of a list, of all threads, in the order of the file. */
static bool each_spelling(const struct reading *reading, enum spelling_list list,
                          bool (*put)(void *context, unsigned thread, uint32_t index, struct err *err),
                          void *context, struct err *err)
{
    size_t next[READING_THREADS_MAX] = { 0 };
    for (;;) {
        unsigned best = READING_THREADS_MAX;
        for (unsigned t = 0; t < reading->n_threads; t++) {
            const struct spellings *s = &reading->threads[t].spellings[list];
            if (next[t] == s->n) continue;
            if (best == READING_THREADS_MAX ||
                s->list[next[t]].first < reading->threads[best].spellings[list].list[next[best]].first)
                best = t;
        }
        if (best == READING_THREADS_MAX) return true;
        if (!put(context, best, (uint32_t)next[best]++, err)) return false;
    }
}

struct merge {
    struct build *build;
    enum spelling_list list;
    enum dictionary dictionary;
    struct dictionary_map *map;
};

static bool put_name(void *context, unsigned thread, uint32_t index, struct err *err)
{
    struct merge *merge = context;
    const struct building *building = merge->build->building;
    const struct spelling *spelling = &building->reading->threads[thread].spellings[merge->list].list[index];
    return log_intern(building->log, merge->dictionary, (struct text){ spelling->at, spelling->length },
                      &merge->map->of[thread][index], err);
}

static void map_init(struct build *build, enum spelling_list list, struct dictionary_map *map)
{
    const struct reading *reading = build->building->reading;
    for (unsigned t = 0; t < reading->n_threads; t++)
        map->of[t] = ARENA_ARRAY(build->building->arena, uint32_t, reading->threads[t].spellings[list].n + 1);
}

static bool merge_names(struct build *build, enum spelling_list list, enum dictionary dictionary,
                        struct dictionary_map *map, struct err *err)
{
    struct merge merge = { build, list, dictionary, map };
    map_init(build, list, map);
    return each_spelling(build->building->reading, list, put_name, &merge, err);
}

/* Numbers the customers of one partition in the order in which the file has them. */
static void number_customers(void *context, size_t item, unsigned thread)
{
    struct build *build = context;
    const struct reading *reading = build->building->reading;
    struct spellings *customers = &build->customers[item];
    spellings_init(customers, false, build->building->arenas[thread]);
    for (size_t b = 0; b < reading->n_blocks; b++) {
        struct block *block = reading->blocks[b];
        uint32_t from = block->customer_begins[item], end;
        for (uint32_t i = block->begins[item]; i < block->begins[item + 1]; i++, from = end) {
            end = block->customer[i];
            struct text customer = { block->customer_bytes + from, end - from };
            block->customer[i] = spellings_put(customers, customer, spelling_hash(customer), i)->number - 1;
        }
    }
}

static bool merge_customers(struct build *build, struct err *err)
{
    struct building *building = build->building;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        const struct spellings *customers = &build->customers[p];
        build->identities[p] = ARENA_ARRAY(building->arena, uint32_t, customers->n + 1);
        for (size_t i = 0; i < customers->n; i++) {
            struct text customer = { customers->list[i].at, customers->list[i].length };
            uint32_t *identity = &build->identities[p][i];
            if (!log_intern(building->log, DICTIONARY_IDENTITY, customer, identity, err)) return false;
            assert(*identity == 0 || log_partition(building->log, *identity) == p);
            building->customers += *identity != 0;
        }
    }
    return true;
}

struct traits_merge { struct build *build; struct spellings all; };

static bool put_traits(void *context, unsigned thread, uint32_t index, struct err *err)
{
    (void)err;
    struct traits_merge *merge = context;
    const struct spellings *list = &merge->build->building->reading->threads[thread].spellings[SPELL_TRAITS];
    struct text key = text_of(list->keys[index]);
    merge->build->traits.of[thread][index] = spellings_put(&merge->all, key, spelling_hash(key), 0)->number -
                                             1;
    return true;
}

enum { TRAITS_AT_ONCE = 1024 };
struct traits_job { struct build *build; const char *const *keys; size_t n; };

static void write_traits(void *context, size_t item, unsigned thread)
{
    const struct traits_job *job = context;
    const struct reading *reading = job->build->building->reading;
    struct arena *arena = job->build->building->arenas[thread];
    for (size_t i = item * TRAITS_AT_ONCE; i < job->n && i < (item + 1) * TRAITS_AT_ONCE; i++)
        job->build->traits_json[i] = trait_json(reading->mapping, reading->probe->is_latin1, job->keys[i],
                                                READING_TRAIT_END, arena);
}

static void merge_traits(struct build *build, struct err *err)
{
    struct building *building = build->building;
    const struct reading *reading = building->reading;
    struct traits_merge merge = { .build = build };
    map_init(build, SPELL_TRAITS, &build->traits);
    spellings_init(&merge.all, reading->probe->is_latin1, building->arena);
    bool ok = each_spelling(reading, SPELL_TRAITS, put_traits, &merge, err);
    assert(ok);
    build->traits_json = ARENA_ARRAY(building->arena, const char *, merge.all.n + 1);
    struct traits_job job = { build, merge.all.keys, merge.all.n };
    parallel_for(reading->n_threads, (merge.all.n + TRAITS_AT_ONCE - 1) / TRAITS_AT_ONCE, write_traits, &job);
    build->last_traits = ARENA_ARRAY(building->arena, uint32_t,
                                     log_n_names(building->log, DICTIONARY_IDENTITY) + 1);
    spellings_free(&merge.all);
}

static bool merge_all(struct build *build, struct err *err)
{
    static const char *const names[FIXED_KINDS] = { "order", "order_item", "refund", "refund_item",
                                                    "traits" };
    struct building *building = build->building;
    const struct mapping *mapping = building->reading->mapping;
    for (int i = 0; i < FIXED_KINDS; i++) {
        uint32_t kind;
        bool has_lines = mapping->has_lines, is_item = i == FIXED_ORDER_ITEM || i == FIXED_REFUND_ITEM;
        bool is_used = i == FIXED_TRAITS || (mapping->shape == SHAPE_ORDER_LINES && (has_lines || !is_item));
        if (!is_used) continue;
        if (!log_intern(building->log, DICTIONARY_KIND, text_of(names[i]), &kind, err)) return false;
        build->fixed[i] = (uint16_t)kind;
    }
    uint32_t source;
    if (!log_intern(building->log, DICTIONARY_SOURCE, text_of(building->source), &source, err)) return false;
    build->source = (uint16_t)source;
    if (!merge_customers(build, err)) return false;
    if (!merge_names(build, SPELL_ITEM, DICTIONARY_ITEM, &build->items, err)) return false;
    if (!merge_names(build, SPELL_EVENT, DICTIONARY_KIND, &build->kinds, err)) return false;
    merge_traits(build, err);
    return true;
}

static uint64_t mixed(uint64_t a, uint64_t b)
{
    a ^= (b + 1) * UINT64_C(0x9e3779b97f4a7c15);
    a = (a ^ a >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return a ^ a >> 31;
}

enum { MIX_ORDER = 1000001, MIX_TRAITS };       /* beyond any count of equal rows that matters */

static bool load_stored(struct build *build, struct bench *bench, unsigned partition, struct err *err)
{
    struct events events;
    if (!build->is_stored) return true;
    if (!bench->reader && !log_reader_open(build->building->log, &bench->reader, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = log_read(bench->reader, partition, LOG_MESSAGE, arena, &events, err);
    if (ok) {
        hash_map_clear(&bench->stored, events.n);
        for (size_t i = 0; i < events.n; i++) (void)hash_map_put(&bench->stored, events.message_hash[i]);
    }
    arena_free(arena);
    return ok;
}

/* The rows of the partition that are new, in the file's order. */
static void gather(struct build *build, struct bench *bench, unsigned partition)
{
    const struct reading *reading = build->building->reading;
    const struct mapping *mapping = reading->mapping;
    struct rows *rows = &bench->rows;
    size_t n_all = 0, n = 0;
    int64_t first_ms = INT64_MAX, last_ms = INT64_MIN;
    for (size_t b = 0; b < reading->n_blocks; b++)
        n_all += reading->blocks[b]->begins[partition + 1] - reading->blocks[b]->begins[partition];
    hash_map_clear(&bench->seen, n_all);
    for (size_t b = 0; b < reading->n_blocks; b++) {
        const struct block *block = reading->blocks[b];
        const uint32_t *identity = build->identities[partition], *item = build->items.of[block->thread];
        const uint32_t *kind = build->kinds.of[block->thread], *traits = build->traits.of[block->thread];
        for (uint32_t i = block->begins[partition]; i < block->begins[partition + 1]; i++) {
            uint64_t message = block->message[i];
            uint64_t n_before = (*hash_map_put(&bench->seen, message))++;
            build->sums[partition].duplicates += n_before > 0;
            if (n_before > 0) message = mixed(message, n_before);
            if (block->time_ms && block->time_ms[i] < first_ms) first_ms = block->time_ms[i];
            if (block->time_ms && block->time_ms[i] > last_ms) last_ms = block->time_ms[i];
            if (hash_map_find(&bench->stored, message)) {
                build->sums[partition].rows_repeated++;
                continue;
            }
            rows->message[n] = message;
            rows->identity[n] = identity[block->customer[i]];
            rows->source[n] = build->source;
            rows->time_ms[n] = block->time_ms ? block->time_ms[i] : 0;
            if (rows->received_ms) rows->received_ms[n] = block->received_ms[i];
            if (rows->amount_cents) rows->amount_cents[n] = block->amount_cents[i];
            if (rows->quantity_milli) rows->quantity_milli[n] = block->quantity_milli[i];
            if (rows->item) rows->item[n] = item[block->item[i]];
            if (rows->traits) rows->traits[n] = traits[block->traits[i]];
            if (rows->order) rows->order[n] = block->order[i];
            if (block->event) rows->kind[n] = (uint16_t)kind[block->event[i]];
            else rows->kind[n] = build->fixed[mapping->shape == SHAPE_TABLE ? FIXED_TRAITS : FIXED_ORDER];
            n++;
        }
    }
    rows->n = n;
    build->sums[partition].rows_new = n;
    build->sums[partition].first_ms = first_ms;
    build->sums[partition].last_ms = last_ms;
}

/* Rows sums up to orders; returns the group of each row in *ret_group. */
static struct order_group *group_orders(struct build *build, struct bench *bench, struct arena *arena,
                                        uint32_t **ret_group, unsigned partition)
{
    const struct rows *rows = &bench->rows;
    size_t n_groups = 0;
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, rows->n + 1);
    hash_map_clear(&bench->groups, rows->n);
    struct order_group *groups = ARENA_ARRAY(arena, struct order_group, rows->n + 1);
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t *number = hash_map_put(&bench->groups, rows->order[i]);      /* of the group, from 1 */
        if (*number == 0) {
            groups[n_groups] =
                (struct order_group){ .order = rows->order[i], .first_row = (uint32_t)i, .is_refund = true };
            groups[n_groups].is_open = !hash_map_find(&bench->stored, mixed(rows->order[i], MIX_ORDER));
            build->sums[partition].reopened += !groups[n_groups].is_open;
            *number = ++n_groups;
        }
        struct order_group *g = &groups[*number - 1];
        group[i] = (uint32_t)(*number - 1);
        int64_t amount = rows->amount_cents ? rows->amount_cents[i] : 0,
                quantity = rows->quantity_milli ? rows->quantity_milli[i] : 0;
        bool is_back = (rows->order[i] & 1) || quantity < 0 || (!rows->quantity_milli && amount < 0);
        g->is_refund &= is_back;
        if (__builtin_add_overflow(g->amount_cents, amount, &g->amount_cents))
            g->amount_cents = amount < 0 ? INT64_MIN : INT64_MAX;
        if (__builtin_add_overflow(g->quantity_milli, quantity, &g->quantity_milli))
            g->quantity_milli = quantity < 0 ? INT64_MIN : INT64_MAX;
        if (rows->time_ms[i] < rows->time_ms[g->first_row]) g->first_row = (uint32_t)i;
    }
    build->sums[partition].orders = n_groups;
    *ret_group = group;
    return groups;
}

/* The events being put together: room for three per row. */
struct emit {
    struct build  *build;
    struct bench  *bench;
    struct events *events;
    struct arena  *arena;
    char          *properties;
    size_t         n_properties, properties_room;
};

static size_t emit_event(struct emit *emit, size_t row, uint16_t kind, uint64_t message)
{
    const struct rows *rows = &emit->bench->rows;
    struct events *events = emit->events;
    size_t n = events->n++;
    events->time_ms[n] = rows->time_ms[row];
    events->received_ms[n] = rows->received_ms ? rows->received_ms[row] : rows->time_ms[row];
    events->identity[n] = rows->identity[row];
    events->kind[n] = kind;
    events->source[n] = rows->source[row];
    events->message_hash[n] = message;
    if (events->properties_end) events->properties_end[n] = (uint32_t)emit->n_properties;
    return n;
}

static void emit_traits(struct emit *emit, size_t row, uint64_t message)
{
    const struct rows *rows = &emit->bench->rows;
    const char *json = emit->build->traits_json[rows->traits[row]];
    size_t length = strlen(json), n = emit_event(emit, row, emit->build->fixed[FIXED_TRAITS], message);
    if (emit->n_properties + length > emit->properties_room) {
        size_t room = 2 * emit->properties_room + length + 4096;
        char *more = arena_alloc(emit->arena, room, 1);
        if (emit->n_properties > 0) memcpy(more, emit->properties, emit->n_properties);
        emit->properties = more;
        emit->properties_room = room;
    }
    memcpy(emit->properties + emit->n_properties, json, length);
    emit->n_properties += length;
    emit->events->properties_end[n] = (uint32_t)emit->n_properties;
}

struct by_time { int64_t time_ms; uint32_t row; };

static int compare_time(const void *a, const void *b)
{
    const struct by_time *x = a, *y = b;
    if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The rows in order of time, equal times in the file's order. */
static uint32_t *rows_by_time(const struct rows *rows, struct arena *arena)
{
    struct by_time *sorted = ARENA_ARRAY(arena, struct by_time, rows->n + 1);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, rows->n + 1);
    bool is_sorted = true;
    for (size_t i = 0; i < rows->n; i++) {
        sorted[i] = (struct by_time){ rows->time_ms[i], (uint32_t)i };
        is_sorted &= i == 0 || rows->time_ms[i - 1] <= rows->time_ms[i];
    }
    if (!is_sorted) qsort(sorted, rows->n, sizeof *sorted, compare_time);
    for (size_t i = 0; i < rows->n; i++) order[i] = sorted[i].row;
    return order;
}

static struct events events_new(const struct rows *rows, struct arena *arena)
{
    size_t room = 3 * rows->n + 1;
    struct events events = {
        .received_ms = ARENA_ARRAY(arena, int64_t, room), .time_ms = ARENA_ARRAY(arena, int64_t, room),
        .identity = ARENA_ARRAY(arena, uint32_t, room), .kind = ARENA_ARRAY(arena, uint16_t, room),
        .source = ARENA_ARRAY(arena, uint16_t, room), .message_hash = ARENA_ARRAY(arena, uint64_t, room),
    };
    if (rows->amount_cents) events.amount_cents = ARENA_ARRAY(arena, int64_t, room);
    if (rows->quantity_milli) events.quantity_milli = ARENA_ARRAY(arena, int64_t, room);
    if (rows->item) events.item = ARENA_ARRAY(arena, uint32_t, room);
    if (rows->traits) events.properties_end = ARENA_ARRAY(arena, uint32_t, room);
    return events;
}

static void emit_row(struct emit *emit, size_t row, const struct order_group *group)
{
    const struct rows *rows = &emit->bench->rows;
    struct events *events = emit->events;
    const uint16_t *fixed = emit->build->fixed;
    uint16_t kind = rows->kind[row];
    if (group) {
        if (group->is_open && group->first_row == row) {
            size_t n = emit_event(emit, row, fixed[group->is_refund ? FIXED_REFUND : FIXED_ORDER],
                                  mixed(group->order, MIX_ORDER));
            if (events->amount_cents) events->amount_cents[n] = group->amount_cents;
            if (events->quantity_milli) events->quantity_milli[n] = group->quantity_milli;
        }
        kind = fixed[group->is_refund ? FIXED_REFUND_ITEM : FIXED_ORDER_ITEM];
    } else if (emit->build->building->reading->mapping->shape == SHAPE_ORDER_LINES && rows->amount_cents &&
               rows->amount_cents[row] < 0) {
        kind = fixed[FIXED_REFUND];
    }
    size_t n = emit_event(emit, row, kind, rows->message[row]);
    if (events->amount_cents) events->amount_cents[n] = rows->amount_cents[row];
    if (events->quantity_milli) events->quantity_milli[n] = rows->quantity_milli[row];
    if (events->item) events->item[n] = rows->item[row];
}

static struct events emit_events(struct build *build, struct bench *bench, unsigned partition,
                                 struct arena *arena)
{
    const struct rows *rows = &bench->rows;
    struct events events = events_new(rows, arena);
    struct emit emit = { .build = build, .bench = bench, .events = &events, .arena = arena };
    bool is_table = build->building->reading->mapping->shape == SHAPE_TABLE;
    uint32_t *group = NULL;
    struct order_group *groups = rows->order ? group_orders(build, bench, arena, &group, partition) : NULL;
    uint32_t *order = rows_by_time(rows, arena);
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t row = order[i], identity = rows->identity[row];
        if (is_table) { emit_traits(&emit, row, rows->message[row]); continue; }
        if (rows->traits && identity != 0 && build->last_traits[identity] != rows->traits[row] + 1) {
            build->last_traits[identity] = rows->traits[row] + 1;
            if (build->traits_json[rows->traits[row]][1] != '}')
                emit_traits(&emit, row, mixed(rows->message[row], MIX_TRAITS));
        }
        emit_row(&emit, row, groups ? &groups[group[row]] : NULL);
    }
    events.properties_bytes = emit.properties;
    return events;
}

/* An event log without traits: its rows are the events. */
static struct events rows_as_events(const struct rows *rows)
{
    return (struct events){
        .n = rows->n,
        .received_ms = rows->received_ms ? rows->received_ms : rows->time_ms,
        .time_ms = rows->time_ms,
        .identity = rows->identity,
        .kind = rows->kind,
        .amount_cents = rows->amount_cents,
        .quantity_milli = rows->quantity_milli,
        .item = rows->item,
        .source = rows->source,
        .message_hash = rows->message,
    };
}

static void build_partition(void *context, size_t item, unsigned thread)
{
    struct build *build = context;
    struct building *building = build->building;
    struct bench *bench = &build->benches[thread];
    unsigned partition = (unsigned)item;
    if (!load_stored(build, bench, partition, &build->errs[partition])) return;
    gather(build, bench, partition);
    if (bench->rows.n == 0) return;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool is_plain = building->reading->mapping->shape == SHAPE_EVENTS && !bench->rows.traits;
    struct events events = is_plain ? rows_as_events(&bench->rows)
                                    : emit_events(build, bench, partition, arena);
    build->sums[partition].events = events.n;
    (void)(events.n == 0 || log_encode(partition, &events, building->arenas[thread],
                                       &building->chunks[partition], &build->errs[partition]));
    arena_free(arena);
    if (thread == 0)
        progress_report(building->reading->progress, "building events", item, LOG_PARTITIONS, "parts");
}

static void *wanted(struct bench *bench, bool is_wanted, size_t n, size_t size)
{
    return is_wanted ? arena_alloc(bench->scratch, n + 1, size) : NULL;
}

static void bench_init(struct build *build, struct bench *bench)
{
    const struct mapping *mapping = build->building->reading->mapping;
    const int *of = mapping->column_of;
    size_t n = build->rows_most;
    bool has_traits = false;
    for (size_t c = 0; c < mapping->n_columns; c++)
        has_traits |= mapping->roles[c] == ROLE_TRAIT || mapping->roles[c] == ROLE_TARGET;
    bench->scratch = arena_new(ARENA_NO_LIMIT);
    bench->rows = (struct rows){
        .message = wanted(bench, true, n, 8),
        .identity = wanted(bench, true, n, 4),
        .time_ms = wanted(bench, true, n, 8),
        .kind = wanted(bench, true, n, 2),
        .source = wanted(bench, true, n, 2),
        .received_ms = wanted(bench, of[ROLE_RECEIVED] >= 0, n, 8),
        .amount_cents = wanted(bench, of[ROLE_AMOUNT] >= 0 || of[ROLE_PRICE] >= 0, n, 8),
        .quantity_milli = wanted(bench, of[ROLE_QUANTITY] >= 0, n, 8),
        .item = wanted(bench, of[ROLE_ITEM] >= 0, n, 4),
        .traits = wanted(bench, has_traits, n, 4),
        .order = wanted(bench, mapping->has_lines, n, 8),
    };
}

static bool sum_up(struct build *build, struct err *err)
{
    struct building *building = build->building;
    building->first_ms = INT64_MAX;
    building->last_ms = INT64_MIN;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        if (build->errs[p].code != ERR_NONE) { *err = build->errs[p]; return false; }
        building->rows_new += build->sums[p].rows_new;
        building->rows_repeated += build->sums[p].rows_repeated;
        building->duplicates += build->sums[p].duplicates;
        building->orders += build->sums[p].orders;
        building->orders_reopened += build->sums[p].reopened;
        building->events += build->sums[p].events;
        if (build->sums[p].rows_new + build->sums[p].rows_repeated == 0) continue;
        if (build->sums[p].first_ms < building->first_ms) building->first_ms = build->sums[p].first_ms;
        if (build->sums[p].last_ms > building->last_ms) building->last_ms = build->sums[p].last_ms;
    }
    return true;
}

bool building_run(struct building *building, struct err *err)
{
    const struct reading *reading = building->reading;
    struct log_totals totals;
    building->arena = arena_new(ARENA_NO_LIMIT);
    struct build *build = ARENA_NEW(building->arena, struct build);
    build->building = building;
    for (unsigned t = 0; t < reading->n_threads; t++) building->arenas[t] = arena_new(ARENA_NO_LIMIT);
    parallel_for(reading->n_threads, LOG_PARTITIONS, number_customers, build);
    bool ok = log_totals(building->log, &totals, err) && merge_all(build, err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) spellings_free(&build->customers[p]);
    if (!ok) return false;
    build->is_stored = totals.n_events > 0;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        size_t n = 0;
        for (size_t b = 0; b < reading->n_blocks; b++)
            n += reading->blocks[b]->begins[p + 1] - reading->blocks[b]->begins[p];
        if (n > build->rows_most) build->rows_most = n;
    }
    for (unsigned t = 0; t < reading->n_threads; t++) bench_init(build, &build->benches[t]);
    parallel_for(reading->n_threads, LOG_PARTITIONS, build_partition, build);
    for (unsigned t = 0; t < reading->n_threads; t++) {
        log_reader_close(build->benches[t].reader);
        arena_free(build->benches[t].scratch);
        hash_map_free(&build->benches[t].seen);
        hash_map_free(&build->benches[t].stored);
        hash_map_free(&build->benches[t].groups);
    }
    return sum_up(build, err);
}

void building_free(struct building *building)
{
    for (unsigned t = 0; t < READING_THREADS_MAX; t++) arena_free(building->arenas[t]);
    arena_free(building->arena);
    *building = (struct building){ 0 };
}
