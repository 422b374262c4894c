/* decision_outcome.c - see decision_outcome.h. */
#include "command/decision_outcome.h"

#include "base/calendar.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct asked { uint32_t customer, kind; int64_t at_ms, until_ms, amount_cents; size_t row, n; };

struct outcomes { struct asked *list; size_t n, n_members; uint32_t *members; };

static int by_customer(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void collect(struct outcomes *o, const struct log *log, const struct identities *identities,
                    const json_t *rows, const uint32_t *identity)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const json_t *answer = json_object_get(row, "answer"), *days = json_object_get(answer, "horizon_days");
        const char *goal = json_string_value(json_object_get(answer, "goal"));
        uint32_t kind;
        if (!identity[i] || !json_is_integer(days) || !goal ||
            !log_find(log, DICTIONARY_KIND, text_of(goal), &kind))
            continue;
        int64_t at_ms = json_integer_value(json_object_get(answer, "at_ms"));
        o->list[o->n++] = (struct asked){ identities_customer(identities, identity[i]), kind, at_ms,
                                          at_ms + json_integer_value(days) * MS_PER_DAY, 0, i, 0 };
    }
    if (o->n > 0) qsort(o->list, o->n, sizeof *o->list, by_customer);
}

static void collect_members(struct outcomes *o, const struct identities *identities)
{
    size_t room = 0, n;
    for (size_t i = 0; i < o->n; i++) {
        if (i > 0 && o->list[i].customer == o->list[i - 1].customer) continue;
        const uint32_t *members = identities_members(identities, o->list[i].customer, &n);
        if (o->n_members + n > room)
            o->members = memory_grow(o->members, room = 2 * room + n + 256, sizeof *o->members);
        memcpy(o->members + o->n_members, members, n * sizeof *members);
        o->n_members += n;
    }
}

static void count(struct outcomes *o, const struct identities *identities, const struct events *events)
{
    for (size_t i = 0; i < events->n; i++) {
        uint32_t customer = identities_customer(identities, events->identity[i]);
        size_t low = 0, high = o->n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (o->list[middle].customer < customer) low = middle + 1;
            else high = middle;
        }
        for (; low < o->n && o->list[low].customer == customer; low++) {
            struct asked *asked = &o->list[low];
            if (events->kind[i] != asked->kind || events->time_ms[i] < asked->at_ms ||
                events->time_ms[i] >= asked->until_ms)
                continue;
            asked->n++, asked->amount_cents += events->amount_cents[i];
        }
    }
}

static bool read_log(struct outcomes *o, const struct log *log, const struct identities *identities,
                     struct err *err)
{
    struct log_reader *reader;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct events events = { 0 };
    bool ok = log_reader_open(log, &reader, err);
    if (ok) {
        ok = log_read_identities(reader, o->members, o->n_members, LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT,
                                 scratch, &events, err);
        log_reader_close(reader);
    }
    if (ok) count(o, identities, &events);
    arena_free(scratch);
    return ok;
}

bool decision_outcomes(const struct log *log, const struct identities *identities, json_t *rows,
                       const uint32_t *identity, struct err *err)
{
    struct outcomes o = { .list = memory_new(json_array_size(rows) + 1, sizeof *o.list) };
    struct log_totals totals;
    collect(&o, log, identities, rows, identity);
    collect_members(&o, identities);
    bool ok = log_totals(log, &totals, err) && (o.n == 0 || read_log(&o, log, identities, err));
    for (size_t i = 0; ok && i < o.n; i++) {
        const struct asked *asked = &o.list[i];
        struct text goal = log_name(log, DICTIONARY_KIND, asked->kind);
        json_object_set_new(json_array_get(rows, asked->row), "outcome",
                            asked->until_ms > totals.last_ms
                                ? json_null()
                                : json_pack("{s:s%, s:I, s:I}", "event", goal.at, goal.length, "n",
                                            (json_int_t)asked->n, "amount_cents",
                                            (json_int_t)asked->amount_cents));
    }
    free(o.members);
    free(o.list);
    return ok;
}
