/* export_shown.c - see export_shown.h. */
#include "analyse/export_shown.h"

#include "base/calendar.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "customer/identity.h"
#include "learn/interaction_read.h"
#include "log/log.h"
#include "store/sql.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* One item of one list.  item: of the log's dictionary, 0 where no event names it. */
struct shown {
    uint32_t    list, rank, item;
    const char *name;
    double      propensity;
    int64_t     cents;
    bool        is_clicked, is_bought;
};
struct list { const char *id, *placement, *model; uint32_t customer; int64_t at_ms; size_t first, n; };

struct showing {
    const struct database *database;
    struct arena          *arena;
    struct identities     *identities;
    struct list           *lists;
    struct shown          *rows;
    size_t                 n_lists, lists_room, n_rows, rows_room;
    struct hash_map        of_customer;         /* 1 + their first list: those of one stand together */
    uint8_t               *strength;            /* [kinds] interaction_strength */
    int64_t                window_ms;
};

static void add_item(struct showing *s, uint32_t list, size_t rank, const json_t *item)
{
    const char *name = json_string_value(json_object_get(item, "item"));
    uint32_t known = 0;
    if (!name) return;
    (void)log_find(s->database->log, DICTIONARY_ITEM, text_of(name), &known);
    if (s->n_rows == s->rows_room)
        s->rows = memory_grow(s->rows, s->rows_room = 2 * s->rows_room + 1024, sizeof *s->rows);
    s->rows[s->n_rows++] = (struct shown){ .list = list,
                                           .rank = (uint32_t)rank,
                                           .item = known,
                                           .name = arena_copy(s->arena, name),
                                           .propensity = json_number_value(json_object_get(item, "propensity")) };
}

static void add_list(struct showing *s, const struct sql_recommendations_all *row)
{
    json_t *answer = json_loadb(row->answer.at, row->answer.length, 0, NULL), *item;
    size_t i;
    if (s->n_lists == s->lists_room)
        s->lists = memory_grow(s->lists, s->lists_room = 2 * s->lists_room + 256, sizeof *s->lists);
    struct list *list = &s->lists[s->n_lists];
    *list = (struct list){ .id = arena_copy(s->arena, row->id.at),
                           .placement = arena_copy(s->arena, row->placement.at),
                           .model = arena_copy(s->arena, row->model.at),
                           .customer = identities_customer(s->identities, (uint32_t)row->identity),
                           .at_ms = row->at_ms,
                           .first = s->n_rows };
    json_array_foreach(json_object_get(answer, "items"), i, item) add_item(s, (uint32_t)s->n_lists, i + 1, item);
    list->n = s->n_rows - list->first;
    s->n_lists++;
    json_decref(answer);
}

static int compare_lists(const void *a, const void *b)
{
    const struct list *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* People who turned out to be one have their lists together. */
static void order_lists(struct showing *s)
{
    if (s->n_lists > 0) qsort(s->lists, s->n_lists, sizeof *s->lists, compare_lists);
    for (size_t i = s->n_lists; i-- > 0;) *hash_map_put(&s->of_customer, s->lists[i].customer) = i + 1;
}

static bool read_lists(struct showing *s, struct err *err)
{
    struct sql_recommendations_all row;
    enum step step;
    if (!sql_recommendations_all(s->database->store, &row, err)) return false;
    while ((step = sql_recommendations_all_step(&row, err)) == STEP_ROW) add_list(s, &row);
    cursor_close(row.cursor);
    order_lists(s);
    return step != STEP_FAIL;
}

/* What an event about an item says of the lists that its customer was shown before. */
static void take_event(struct showing *s, uint32_t customer, const struct events *events, size_t i)
{
    const uint64_t *at = hash_map_find(&s->of_customer, customer);
    uint8_t strength = s->strength[events->kind[i]];
    if (!at || strength == 0) return;
    for (const struct list *list = &s->lists[*at - 1]; list < s->lists + s->n_lists; list++) {
        if (list->customer != customer || list->at_ms > events->time_ms[i]) break;
        if (events->time_ms[i] - list->at_ms > s->window_ms) continue;
        for (size_t r = list->first; r < list->first + list->n; r++) {
            if (s->rows[r].item != events->item[i]) continue;
            s->rows[r].is_clicked = true;
            if (strength < INTERACTION_BOUGHT) continue;
            s->rows[r].is_bought = true;
            s->rows[r].cents += events->amount_cents ? events->amount_cents[i] : 0;
        }
    }
}

static bool read_events(struct showing *s, struct err *err)
{
    struct log_reader *reader = NULL;
    const struct log *log = s->database->log;
    size_t n_kinds = log_n_names(log, DICTIONARY_KIND);
    s->strength = ARENA_ARRAY(s->arena, uint8_t, n_kinds + 1);
    for (size_t k = 1; k < n_kinds; k++)
        s->strength[k] = (uint8_t)interaction_strength(log_name(log, DICTIONARY_KIND, (uint32_t)k));
    bool ok = log_reader_open(log, &reader, err);
    for (unsigned p = 0; ok && s->n_lists > 0 && p < LOG_PARTITIONS; p++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, p, LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_ITEM | LOG_AMOUNT, scratch, &events,
                      err);
        for (size_t i = 0; ok && i < events.n; i++)
            if (events.identity[i] && events.item && events.item[i])
                take_event(s, identities_customer(s->identities, events.identity[i]), &events, i);
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

static void write_row(struct output *out, const struct showing *s, const struct list *list,
                      const struct shown *row)
{
    struct text customer = log_name(s->database->log, DICTIONARY_IDENTITY, list->customer);
    char day[11];
    calendar_format_day(calendar_day_of_ms(list->at_ms), day);
    output_csv_field(out, list->id);
    output_format(out, ",%s,%" PRId64 ",", day, list->at_ms);
    output_csv_field(out, arena_format(s->arena, "%.*s", (int)customer.length, customer.at));
    output_text(out, ",");
    output_csv_field(out, list->placement);
    output_text(out, ",");
    output_csv_field(out, list->model);
    output_format(out, ",%" PRIu32 ",", row->rank);
    output_csv_field(out, row->name);
    output_format(out, ",%.9g,%d,%d,%.2f\n", row->propensity, row->is_clicked, row->is_bought,
                  (double)row->cents / 100);
}

bool export_shown(struct invocation *invocation, struct database *database, struct output *out, uint64_t *ret_rows,
                  struct err *err)
{
    struct showing s = { .database = database, .arena = arena_new(ARENA_NO_LIMIT) };
    int64_t days;
    bool ok = flag_int(invocation, "window", 1, 3650, 7, &days, err) &&
              identities_open(database->store, database->log, &s.identities, err);
    s.window_ms = ok ? days * MS_PER_DAY : 0;
    ok = ok && read_lists(&s, err) && read_events(&s, err);
    if (ok) {
        output_text(out, "list,day,at_ms,customer,placement,model,rank,item,propensity,clicked,bought,revenue\n");
        for (size_t l = 0; l < s.n_lists; l++)
            for (size_t r = 0; r < s.lists[l].n; r++)
                write_row(out, &s, &s.lists[l], &s.rows[s.lists[l].first + r]);
        *ret_rows = s.n_rows;
    }
    hash_map_free(&s.of_customer);
    identities_close(s.identities);
    free(s.lists);
    free(s.rows);
    arena_free(s.arena);
    return ok;
}
