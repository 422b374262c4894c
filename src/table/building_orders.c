/* building_orders.c - the rows of a partition become events: orders of their lines, refunds, traits, corrections;
 * see building_internal.h. */
#include "table/building_internal.h"

#include "base/calendar.h"
#include "base/hash.h"

#include <string.h>

enum {
    MIX_ORDER = 1000001,
    MIX_TRAITS,
    MIX_LAST_DAY,
    MIX_REFUND,
    MIX_AMONG
}; /* beyond any count of equal rows that matters */

/* The events being put together. */
struct emit {
    struct build  *build;
    struct bench  *bench;
    struct events *events;
    struct arena  *arena;
    char          *properties;
    size_t         n_properties, properties_room;
    /* Of files with orders' numbers. */
    struct order_group *groups;
    uint32_t           *group;          /* [n rows] */
    bool               *is_stored;      /* [n rows] the log has the line */
};

static int64_t sum_of(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

static bool is_sale(const struct rows *rows, size_t row)
{
    return !rows->status || status_is_sale((enum status)rows->status[row]);
}

static bool is_given_back(const struct rows *rows, size_t row)
{
    if (rows->order[row] & 1) return true;
    return rows->quantity_milli ? rows->quantity_milli[row] < 0 : rows->amount_cents && rows->amount_cents[row] < 0;
}

/* A row joins its group: of lines that are no sales beside some that are, only the sales count. */
static void add_row(const struct emit *emit, struct order_group *group, size_t row)
{
    const struct rows *rows = &emit->bench->rows;
    const struct mapping *mapping = emit->build->building->reading->mapping;
    int64_t amount = rows->amount_cents ? rows->amount_cents[row] : 0,
            quantity = rows->quantity_milli ? rows->quantity_milli[row] : 0,
            refunded = rows->refunded_cents ? rows->refunded_cents[row] : 0;
    if (is_sale(rows, row) && !status_is_sale((enum status)group->status)) {
        group->status = rows->status[row];
        group->amount_cents = group->quantity_milli = group->returned_cents = 0;
    } else if (!is_sale(rows, row) && status_is_sale((enum status)group->status)) {
        return;
    }
    bool is_returned = rows->status && rows->status[row] == STATUS_REFUNDED;
    if (is_returned) group->returned_cents = sum_of(group->returned_cents, amount);
    else if (group->status == STATUS_REFUNDED) group->status = rows->status[row];   /* in part */
    group->is_refund &= is_given_back(rows, row);
    group->amount_cents = sum_of(group->amount_cents, amount);
    group->quantity_milli = sum_of(group->quantity_milli, quantity);
    if (mapping->is_refund_of_order)
        group->refunded_cents = refunded > group->refunded_cents ? refunded : group->refunded_cents;
    else group->refunded_cents = sum_of(group->refunded_cents, refunded);
    if (rows->time_ms[row] < rows->time_ms[group->first_row]) group->first_row = (uint32_t)row;
}

/* What is taken off an order on a later day is no part of what it was: it was given back then. */
static void part_refunds(struct emit *emit)
{
    const struct rows *rows = &emit->bench->rows;
    if (!rows->amount_cents || rows->total_cents || rows->refunded_cents) return;
    for (size_t i = 0; i < rows->n; i++) {
        struct order_group *group = &emit->groups[emit->group[i]];
        int64_t amount = rows->amount_cents[i], day = calendar_day_of_ms(rows->time_ms[i]);
        if (group->is_refund || amount >= 0 || !is_given_back(rows, i) || !is_sale(rows, i) ||
            !status_is_sale((enum status)group->status) || day <= calendar_day_of_ms(rows->time_ms[group->first_row]))
            continue;
        group->amount_cents = sum_of(group->amount_cents, -amount);
        group->refunded_cents = sum_of(group->refunded_cents, -amount);
        if (rows->quantity_milli) group->quantity_milli = sum_of(group->quantity_milli, -rows->quantity_milli[i]);
        if (!group->back_row || rows->time_ms[i] < rows->time_ms[group->back_row - 1]) group->back_row = (uint32_t)i + 1;
    }
}

/* An order's total is its first line's, or, where it stands on the last one, that one's. */
static void take_totals(struct emit *emit, size_t n_groups)
{
    const struct rows *rows = &emit->bench->rows;
    if (emit->build->building->reading->mapping->is_total_last) {
        for (size_t i = 0; i < rows->n; i++)
            if (rows->total_cents[i] != TOTAL_BLANK) emit->groups[emit->group[i]].amount_cents = rows->total_cents[i];
        return;
    }
    for (size_t g = 0; g < n_groups; g++) emit->groups[g].amount_cents = rows->total_cents[emit->groups[g].first_row];
}

/* Of an order whose lines were returned in part, what those were worth was given back. */
static void take_returned(struct emit *emit, size_t n_groups)
{
    for (size_t g = 0; g < n_groups; g++) {
        struct order_group *group = &emit->groups[g];
        bool is_whole = group->status == STATUS_REFUNDED;
        if (!is_whole && group->refunded_cents == 0) group->refunded_cents = group->returned_cents;
    }
}

/* Rows sum up to orders. */
static size_t group_orders(struct emit *emit)
{
    struct bench *bench = emit->bench;
    const struct rows *rows = &bench->rows;
    bool has_lines = emit->build->building->reading->mapping->has_lines;
    size_t n_groups = 0;
    emit->group = ARENA_ARRAY(emit->arena, uint32_t, rows->n + 1);
    emit->groups = ARENA_ARRAY(emit->arena, struct order_group, rows->n + 1);
    hash_map_clear(&bench->groups, rows->n);
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t key = order_key(rows->order[i]), *number = hash_map_put(&bench->groups, key);  /* from 1 */
        if (*number == 0) {
            emit->groups[n_groups] = (struct order_group){
                .order = key,
                .first_row = (uint32_t)i,
                .is_refund = true,
                .status = rows->status ? rows->status[i] : STATUS_SALE,
                .item = rows->item && !has_lines ? rows->item[i] : 0,
            };
            *number = ++n_groups;
        }
        emit->group[i] = (uint32_t)(*number - 1);
        add_row(emit, &emit->groups[*number - 1], i);
    }
    if (rows->total_cents) take_totals(emit, n_groups);
    take_returned(emit, n_groups);
    part_refunds(emit);
    return n_groups;
}

static uint16_t order_kind(const struct build *build, const struct order_group *group)
{
    bool is_sale = status_is_sale((enum status)group->status);
    return group->is_refund && is_sale ? build->refund_kind : build->order_kinds[group->status];
}

static uint16_t line_kind(const struct emit *emit, size_t row)
{
    const struct build *build = emit->build;
    const struct rows *rows = &emit->bench->rows;
    const struct order_group *group = &emit->groups[emit->group[row]];
    bool is_later = group->back_row && is_given_back(rows, row) && rows->time_ms[row] >= rows->time_ms[group->back_row - 1];
    if ((group->is_refund || is_later) && is_sale(rows, row)) return build->refund_item_kind;
    return build->item_kinds[rows->status ? rows->status[row] : STATUS_SALE];
}

/* What a line says, as a message; nth: of the same item in its order. */
static uint64_t line_message(const struct emit *emit, size_t row, uint64_t nth)
{
    const struct rows *rows = &emit->bench->rows;
    const uint64_t said[] = { nth, line_kind(emit, row),
                              rows->item ? rows->item[row] : 0,
                              rows->amount_cents ? (uint64_t)rows->amount_cents[row] : 0,
                              rows->quantity_milli ? (uint64_t)rows->quantity_milli[row] : 0,
                              (uint64_t)rows->time_ms[row] };
    return order_message(order_key(rows->order[row]), hash_bytes(said, sizeof said, 3));
}

static uint64_t order_event_message(const struct order_group *group, int64_t time_ms, uint64_t what)
{
    const uint64_t said[] = { what,
                              group->is_refund ? STATUSES : group->status,
                              (uint64_t)group->amount_cents,
                              (uint64_t)group->quantity_milli,
                              (uint64_t)group->refunded_cents,
                              group->item,
                              (uint64_t)time_ms };
    return order_message(group->order, hash_bytes(said, sizeof said, 3));
}

static int64_t refund_cents(const struct order_group *group)
{
    if (group->is_refund || !status_is_sale((enum status)group->status)) return 0;
    if (group->refunded_cents == 0 && group->status == STATUS_REFUNDED) return group->amount_cents;
    return group->refunded_cents;
}

/* Lines get messages of what they say, so that they are known when the order comes again. */
static void number_lines(struct emit *emit)
{
    struct bench *bench = emit->bench;
    const struct rows *rows = &bench->rows;
    bool has_lines = emit->build->building->reading->mapping->has_lines;
    emit->is_stored = ARENA_ARRAY(emit->arena, bool, rows->n + 1);
    hash_map_clear(&bench->items, rows->n);
    for (size_t i = 0; has_lines && i < rows->n; i++) {
        uint64_t key = order_key(rows->order[i]);
        uint64_t nth = (*hash_map_put(&bench->items, building_mixed(key, rows->item ? rows->item[i] : 0)))++;
        rows->message[i] = line_message(emit, i, nth);
        emit->is_stored[i] = bench->stored_orders &&
                             stored_orders_keep(bench->stored_orders, key, rows->identity[i], line_kind(emit, i),
                                                rows->message[i]);
    }
}

/* An order of the log takes in the lines that the file lacks, and is told from one that is as it was. */
static void compare_stored(struct emit *emit, struct order_group *group, const struct stored_lines *lines,
                           unsigned partition)
{
    struct bench *bench = emit->bench;
    const struct rows *rows = &bench->rows;
    uint32_t identity = rows->identity[group->first_row];
    if (!rows->total_cents) group->amount_cents = sum_of(group->amount_cents, lines->amount_cents);
    group->quantity_milli = sum_of(group->quantity_milli, lines->quantity_milli);
    int64_t *time_ms = &rows->time_ms[group->first_row];
    if (lines->first_ms < *time_ms) *time_ms = lines->first_ms;
    group->is_stored = stored_orders_keep(bench->stored_orders, group->order, identity, order_kind(emit->build, group),
                                          order_event_message(group, *time_ms, MIX_ORDER));
    if (refund_cents(group) != 0)
        group->is_refund_stored = stored_orders_keep(bench->stored_orders, group->order, identity,
                                                     emit->build->refund_kind,
                                                     order_event_message(group, *time_ms, MIX_REFUND));
    emit->build->sums[partition].corrected += !group->is_stored;
}

/* What clients told of it. */
static void compare_live(struct emit *emit, struct order_group *group, unsigned partition)
{
    bool is_sale = !group->is_refund && status_is_sale((enum status)group->status);
    if (group->is_known || group->is_refund) return;   /* a file has told of it since; what comes back is another number */
    struct live_told told = live_orders_compare(emit->build, emit->bench, group, is_sale, refund_cents(group));
    if (!told.is_known) return;
    group->is_known = true;
    group->is_told = group->is_stored = told.is_sale_told;
    group->is_refund_stored = told.is_refund_told;
    emit->build->sums[partition].corrected += !told.is_sale_told;
}

static void compare_orders(struct emit *emit, size_t n_groups, unsigned partition)
{
    struct bench *bench = emit->bench;
    const struct rows *rows = &bench->rows;
    for (size_t g = 0; bench->stored_orders && g < n_groups; g++) {
        struct order_group *group = &emit->groups[g];
        uint32_t identity = rows->identity[group->first_row];
        struct stored_lines lines =
            stored_orders_lines(bench->stored_orders, &bench->items, group->order, identity,
                                group->is_refund || rows->refunded_cents || rows->status);
        group->is_known = lines.is_known;
        if (lines.is_known) compare_stored(emit, group, &lines, partition);
        compare_live(emit, group, partition);
    }
}

static size_t emit_event(struct emit *emit, size_t row, uint16_t kind, uint64_t message)
{
    const struct rows *rows = &emit->bench->rows;
    struct events *events = emit->events;
    size_t n = events->n++;
    events->time_ms[n] = rows->time_ms[row];
    events->received_ms[n] = rows->received_ms ? rows->received_ms[row] : rows->time_ms[row];
    if (emit->groups && emit->groups[emit->group[row]].is_known)
        events->received_ms[n] = emit->build->corrected_ms;
    events->identity[n] = rows->identity[row];
    events->kind[n] = kind;
    events->source[n] = rows->source[row];
    events->message_hash[n] = message;
    if (events->properties_end) events->properties_end[n] = (uint32_t)emit->n_properties;
    return n;
}

static void set_numbers(struct emit *emit, size_t n, int64_t amount_cents, int64_t quantity_milli, uint32_t item)
{
    if (emit->events->amount_cents) emit->events->amount_cents[n] = amount_cents;
    if (emit->events->quantity_milli) emit->events->quantity_milli[n] = quantity_milli;
    if (emit->events->item) emit->events->item[n] = item;
}

/* Of the event emitted last. */
static void set_properties(struct emit *emit, const char *json)
{
    size_t length = strlen(json), n = emit->events->n - 1;
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

static void emit_traits(struct emit *emit, size_t row, const char *json, uint64_t message)
{
    (void)emit_event(emit, row, emit->build->traits_kind, message);
    set_properties(emit, json);
}

/* What became known only with the file: nothing before its last day could know it. */
static void know_from_last_day(struct emit *emit, size_t n)
{
    int64_t known_ms = emit->build->building->reading->counts.latest_ms;
    if (emit->events->received_ms[n] < known_ms) emit->events->received_ms[n] = known_ms;
}

/* When a refund happened is not in the file. */
static void emit_refund(struct emit *emit, size_t row, int64_t cents, uint64_t message)
{
    size_t n = emit_event(emit, row, emit->build->refund_kind, message);
    set_numbers(emit, n, -cents, 0, 0);
    know_from_last_day(emit, n);
}

/* The order itself and what was given back of it, with its earliest row. */
static void emit_order(struct emit *emit, const struct order_group *group)
{
    size_t row = group->first_row;
    int64_t refunded = refund_cents(group), time_ms = emit->bench->rows.time_ms[row];
    if (!group->is_stored) {
        size_t n =
            emit_event(emit, row, order_kind(emit->build, group), order_event_message(group, time_ms, MIX_ORDER));
        set_numbers(emit, n, group->amount_cents, group->quantity_milli, group->item);
    }
    if (refunded != 0 && !group->is_refund_stored && !group->back_row)
        emit_refund(emit, row, refunded, order_event_message(group, time_ms, MIX_REFUND));
}

/* What was given back of an order by rows of its own, when it was. */
static void emit_given_back(struct emit *emit, const struct order_group *group)
{
    if (group->is_refund_stored) return;
    uint64_t message = order_event_message(group, emit->bench->rows.time_ms[group->first_row], MIX_REFUND);
    size_t n = emit_event(emit, group->back_row - 1, emit->build->refund_kind, message);
    set_numbers(emit, n, -refund_cents(group), 0, 0);
}

/* A visit or the like in which something was bought is an order as well, which has its money. */
static void emit_order_among(struct emit *emit, size_t row)
{
    const struct rows *rows = &emit->bench->rows;
    int64_t amount = rows->amount_cents[row];
    if (amount <= 0) return;
    size_t n = emit_event(emit, row, emit->build->order_kinds[STATUS_SALE], building_mixed(rows->message[row], MIX_AMONG));
    set_numbers(emit, n, amount, rows->quantity_milli ? rows->quantity_milli[row] : 0, rows->item ? rows->item[row] : 0);
}

/* A row that is an order by itself, or an event. */
static void emit_row(struct emit *emit, size_t row)
{
    const struct rows *rows = &emit->bench->rows;
    const struct build *build = emit->build;
    int64_t amount = rows->amount_cents ? rows->amount_cents[row] : 0,
            quantity = rows->quantity_milli ? rows->quantity_milli[row] : 0,
            refunded = rows->refunded_cents ? rows->refunded_cents[row] : 0;
    uint16_t kind = rows->kind[row];
    bool is_order = build->building->reading->mapping->shape == SHAPE_ORDER_LINES;
    if (is_order)
        kind = amount < 0 && is_sale(rows, row) ? build->refund_kind
                                                : build->order_kinds[rows->status ? rows->status[row] : 0];
    bool has_orders_among = build->building->reading->mapping->has_orders_among;
    size_t n = emit_event(emit, row, kind, rows->message[row]);
    set_numbers(emit, n, has_orders_among ? 0 : amount, quantity, rows->item ? rows->item[row] : 0);
    const char *properties = rows->traits ? build->event_json[rows->traits[row]] : "{}";
    if (properties[1] != '}') set_properties(emit, properties);
    if (has_orders_among) emit_order_among(emit, row);
    if (!is_order || amount < 0 || !is_sale(rows, row)) return;
    if (refunded == 0 && rows->status && rows->status[row] == STATUS_REFUNDED) refunded = amount;
    if (refunded != 0) emit_refund(emit, row, refunded, building_mixed(rows->message[row], MIX_REFUND));
}

static void emit_line(struct emit *emit, size_t row)
{
    const struct rows *rows = &emit->bench->rows;
    size_t n = emit_event(emit, row, line_kind(emit, row), rows->message[row]);
    set_numbers(emit, n, rows->amount_cents ? rows->amount_cents[row] : 0,
                rows->quantity_milli ? rows->quantity_milli[row] : 0, rows->item ? rows->item[row] : 0);
}

/* A row of an order with a number: its line, and with the earliest row the order.  False: nothing of it is new. */
static bool emit_of_order(struct emit *emit, size_t row)
{
    const struct order_group *group = &emit->groups[emit->group[row]];
    size_t n_before = emit->events->n;
    if (group->first_row == row) emit_order(emit, group);
    if (group->back_row == row + 1) emit_given_back(emit, group);
    if (emit->build->building->reading->mapping->has_lines && !emit->is_stored[row] && !group->is_told)
        emit_line(emit, row);
    return emit->events->n > n_before;
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

/* Room for the traits, the order, the refund and the line of each row, and for corrections. */
static struct events events_new(const struct rows *rows, size_t n_corrections, struct arena *arena)
{
    size_t room = (rows->refunded_cents || rows->status ? 5 : 4) * rows->n + n_corrections + 1;
    struct events events = {
        .received_ms = ARENA_ARRAY(arena, int64_t, room), .time_ms = ARENA_ARRAY(arena, int64_t, room),
        .identity = ARENA_ARRAY(arena, uint32_t, room), .kind = ARENA_ARRAY(arena, uint16_t, room),
        .source = ARENA_ARRAY(arena, uint16_t, room), .message_hash = ARENA_ARRAY(arena, uint64_t, room),
    };
    if (rows->amount_cents || rows->total_cents) events.amount_cents = ARENA_ARRAY(arena, int64_t, room);
    if (rows->quantity_milli) events.quantity_milli = ARENA_ARRAY(arena, int64_t, room);
    if (rows->item) events.item = ARENA_ARRAY(arena, uint32_t, room);
    if (rows->traits) events.properties_end = ARENA_ARRAY(arena, uint32_t, room);
    return events;
}

static void emit_changed_traits(struct emit *emit, uint32_t row, bool is_new)
{
    const struct rows *rows = &emit->bench->rows;
    const struct build *build = emit->build;
    uint32_t identity = rows->identity[row], *last = &build->last_traits[identity], was = *last;
    if (identity == 0 || was == rows->traits[row] + 1) return;
    *last = rows->traits[row] + 1;
    const char *json = build->traits_json[rows->traits[row]],
               *of_last_day = build->last_day_json[rows->traits[row]];
    bool is_same = was && strcmp(json, build->traits_json[was - 1]) == 0 &&
                   strcmp(of_last_day, build->last_day_json[was - 1]) == 0;
    if (is_same) return;        /* what differs is told of the event, not of the customer */
    if (is_new && json[1] != '}') emit_traits(emit, row, json, building_mixed(rows->message[row], MIX_TRAITS));
    if (!is_new || of_last_day[1] == '}') return;
    emit_traits(emit, row, of_last_day, building_mixed(rows->message[row], MIX_LAST_DAY));
    know_from_last_day(emit, emit->events->n - 1);
}

struct events building_events(struct build *build, struct bench *bench, unsigned partition, struct arena *arena)
{
    const struct rows *rows = &bench->rows;
    struct emit emit = { .build = build, .bench = bench, .arena = arena };
    bool is_table = build->building->reading->mapping->shape == SHAPE_TABLE;
    if (rows->order) {
        size_t n_groups = group_orders(&emit);
        build->sums[partition].orders = n_groups;
        number_lines(&emit);
        compare_orders(&emit, n_groups, partition);
    }
    size_t n_corrections = bench->stored_orders ? stored_orders_corrected(bench->stored_orders) : 0;
    struct events events = events_new(rows, n_corrections, arena);
    emit.events = &events;
    uint32_t *order = rows_by_time(rows, arena);
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t row = order[i];
        bool is_new = true;
        if (is_table) {
            emit_traits(&emit, row, build->traits_json[rows->traits[row]], rows->message[row]);
            continue;
        }
        if (rows->order) is_new = emit_of_order(&emit, row);
        if (rows->traits) emit_changed_traits(&emit, row, is_new);
        if (!rows->order) emit_row(&emit, row);
        build->sums[partition].rows_repeated += !is_new;
        build->sums[partition].rows_new -= !is_new;
    }
    if (bench->stored_orders) stored_orders_emit(bench->stored_orders, build, &events);
    events.properties_bytes = emit.properties;
    return events;
}
