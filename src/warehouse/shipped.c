/* shipped.c - see shipped.h. */
#include "warehouse/shipped.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/secret.h"
#include "customer/personal.h"
#include "feature/fold_events.h"
#include "feature/operator.h"
#include "feature/properties.h"

#include <stdio.h>
#include <string.h>

enum { HASHED_BYTES = 16, SLICE_ROWS = 128 };

/* ---- identities ---- */

static bool is_address(struct text name)
{
    const char *at = memchr(name.at, '@', name.length);
    return at && at > name.at && memchr(at, '.', name.length - (size_t)(at - name.at));
}

/* Ten to fifteen digits, or seven with a plus or marks between them. */
static bool is_telephone(struct text name)
{
    size_t n_digits = 0, n_marks = 0;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] >= '0' && name.at[i] <= '9')
            n_digits++;
        else if (strchr("+-() ./", name.at[i]) && name.at[i])
            n_marks++;
        else
            return false;
    }
    return n_digits <= 15 && (n_digits >= 10 || (n_digits >= 7 && n_marks > 0 && name.at[0] == '+'));
}

bool shipped_name(const struct shipped_names *names, struct text name, struct arena *arena, struct text *ret_name)
{
    uint8_t hash[HASHED_BYTES];
    char hex[2 * HASHED_BYTES + 1];
    *ret_name = name;
    if (names->is_plain || name.length == 0 || (!is_address(name) && !is_telephone(name))) return true;
    if (!names->key) return false;
    secret_keyed_hash(names->key, name, hash, sizeof hash);
    secret_hex(hash, sizeof hash, hex);
    *ret_name = text_of(arena_format(arena, "hashed:%s", hex));
    return true;
}

uint64_t shipped_hash(struct text shipped_name) { return hash_xxh64(shipped_name.at, shipped_name.length); }

uint32_t month_of_ms(int64_t time_ms)
{
    struct civil civil = calendar_civil(calendar_day_of_ms(time_ms));
    return (uint32_t)(civil.year * 100 + civil.month);
}

/* ---- rows ---- */

static void reserve(struct shipped *shipped, size_t n, struct arena *arena)
{
    shipped->row = ARENA_ARRAY(arena, uint64_t, n + 1);
    shipped->partition = ARENA_ARRAY(arena, uint8_t, n + 1);
    shipped->month = ARENA_ARRAY(arena, uint32_t, n + 1);
    shipped->number = ARENA_ARRAY(arena, uint32_t, n + 1);
    shipped->identity = ARENA_ARRAY(arena, struct text, n + 1);
    shipped->kind = ARENA_ARRAY(arena, struct text, n + 1);
    shipped->item = ARENA_ARRAY(arena, struct text, n + 1);
    shipped->source = ARENA_ARRAY(arena, struct text, n + 1);
    shipped->identity_hash = ARENA_ARRAY(arena, uint64_t, n + 1);
    shipped->item_hash = ARENA_ARRAY(arena, uint64_t, n + 1);
    shipped->message_hash = ARENA_ARRAY(arena, uint64_t, n + 1);
    shipped->received_ms = ARENA_ARRAY(arena, int64_t, n + 1);
    shipped->time_ms = ARENA_ARRAY(arena, int64_t, n + 1);
    shipped->amount_cents = ARENA_ARRAY(arena, int64_t, n + 1);
    shipped->quantity_milli = ARENA_ARRAY(arena, int64_t, n + 1);
    shipped->properties_end = ARENA_ARRAY(arena, uint32_t, n + 1);
}

static struct text copied(struct text text, struct arena *arena)
{
    char *copy = arena_alloc(arena, text.length + 1, 1);
    if (text.length) memcpy(copy, text.at, text.length);
    return (struct text){ copy, text.length };
}

struct members_of {
    struct text *names, *values;
    size_t n, room;
    struct arena *arena;
};

static void add_member(struct members_of *all, size_t from, struct text name, struct text value)
{
    for (size_t i = from; i < all->n; i++)
        if (text_equal(all->names[i], name)) { /* said twice: the last counts */
            all->values[i] = copied(value, all->arena);
            return;
        }
    if (all->n == all->room) {
        size_t room = 2 * all->room + 64;
        struct text *names = ARENA_ARRAY(all->arena, struct text, room);
        struct text *values = ARENA_ARRAY(all->arena, struct text, room);
        if (all->n) memcpy(names, all->names, all->n * sizeof *names);
        if (all->n) memcpy(values, all->values, all->n * sizeof *values);
        all->names = names, all->values = values, all->room = room;
    }
    all->names[all->n] = copied(name, all->arena);
    all->values[all->n++] = copied(value, all->arena);
}

/* What is personal stays here. */
static void add_properties(struct members_of *all, struct text json, bool is_traits)
{
    struct properties properties;
    struct property property;
    size_t from = all->n;
    properties_begin(&properties, json);
    while (properties_next(&properties, &property))
        if (!personal_is_name(property.name, is_traits ? PERSONAL_OF_PERSON : PERSONAL_OF_EVENT))
            add_member(all, from, property.name, property.value);
}

struct building {
    const struct log *log;
    const struct shipped_names *names;
    const struct events *events;
    struct arena *arena;
    struct shipped *out;
    struct members_of properties;
};

static bool add_event(struct building *building, size_t at, struct err *err)
{
    const struct log *log = building->log;
    const struct events *events = building->events;
    struct shipped *out = building->out;
    struct arena *arena = building->arena;
    size_t i = out->n++;
    struct text name = log_name(log, DICTIONARY_IDENTITY, events->identity[at]), shipped;
    if (!shipped_name(building->names, name, arena, &shipped))
        return err_set(err, ERR_REFUSED,
                       "an identity is an address and goes as a keyed hash, but the database has no key file: run "
                       "holdfast serve once, or say  identities: plain");
    out->row[i] = events->sequence[at];
    out->partition[i] = (uint8_t)log_partition(log, events->identity[at]);
    out->month[i] = month_of_ms(events->received_ms[at]);
    out->number[i] = events->identity[at];
    out->identity[i] = copied(shipped, arena);
    out->identity_hash[i] = shipped_hash(shipped);
    out->kind[i] = copied(log_name(log, DICTIONARY_KIND, events->kind[at]), arena);
    out->item[i] = copied(log_name(log, DICTIONARY_ITEM, events->item[at]), arena);
    out->item_hash[i] = item_hash_of(out->item[i]);
    out->source[i] = copied(log_name(log, DICTIONARY_SOURCE, events->source[at]), arena);
    out->message_hash[i] = events->message_hash[at];
    out->received_ms[i] = events->received_ms[at];
    out->time_ms[i] = events->time_ms[at];
    out->amount_cents[i] = events->amount_cents[at];
    out->quantity_milli[i] = events->quantity_milli[at];
    add_properties(&building->properties, fold_properties_at(events, at),
                   text_equal(out->kind[i], text_of("traits")));
    out->properties_end[i] = (uint32_t)building->properties.n;
    return true;
}

bool shipped_build_of(const struct log *log, pthread_rwlock_t *lock, const struct shipped_names *names,
                      const struct events *events, const bool *is_wanted, struct arena *arena,
                      struct shipped *ret_shipped, struct err *err)
{
    struct shipped out = { 0 };
    struct building building = { log, names, events, arena, &out, { .arena = arena } };
    bool ok = true;
    size_t n = 0;
    for (size_t i = 0; i < events->n; i++) n += !is_wanted || is_wanted[i];
    reserve(&out, n, arena);
    for (size_t from = 0; ok && from < events->n; from += SLICE_ROWS) {
        if (lock) (void)pthread_rwlock_rdlock(lock);
        for (size_t i = from; ok && i < events->n && i < from + SLICE_ROWS; i++)
            if (!is_wanted || is_wanted[i]) ok = add_event(&building, i, err);
        if (lock) (void)pthread_rwlock_unlock(lock);
    }
    out.property_names = building.properties.names, out.property_values = building.properties.values;
    if (ok) *ret_shipped = out;
    return ok;
}

bool shipped_build(const struct log *log, pthread_rwlock_t *lock, const struct shipped_names *names,
                   const struct events *events, struct arena *arena, struct shipped *ret_shipped, struct err *err)
{
    return shipped_build_of(log, lock, names, events, NULL, arena, ret_shipped, err);
}

#define TEXTS_SUM_SQL(factor, column)                                                                             \
    "toUInt64(" factor ") * arraySum(arrayMap((value, at) -> sipHash64(value) * at, " column                      \
    ", arrayEnumerate(" column ")))"

const char shipped_sum_sql[] =
    "sum(toUInt64(received_ms) + toUInt64(3) * toUInt64(time_ms) + toUInt64(5) * toUInt64(amount_cents) + "
    "toUInt64(7) * toUInt64(quantity_milli) + toUInt64(11) * message_hash + toUInt64(13) * item_hash + "
    "toUInt64(17) * row + toUInt64(19) * identity_hash + toUInt64(23) * sipHash64(identity) + toUInt64(29) * "
    "sipHash64(kind) + toUInt64(31) * sipHash64(item) + toUInt64(37) * sipHash64(source) + toUInt64(41) * number "
    "+ " TEXTS_SUM_SQL("43", "property_names") " + " TEXTS_SUM_SQL("47", "property_values") ")";

static uint64_t texts_sum(const struct text *texts, uint32_t from, uint32_t to)
{
    uint64_t sum = 0;
    for (uint32_t i = from; i < to; i++) sum += secret_siphash64(texts[i]) * (uint64_t)(i - from + 1);
    return sum;
}

uint64_t shipped_sum(const struct shipped *shipped, size_t i)
{
    uint32_t from = i ? shipped->properties_end[i - 1] : 0, to = shipped->properties_end[i];
    return (uint64_t)shipped->received_ms[i] + 3 * (uint64_t)shipped->time_ms[i] +
           5 * (uint64_t)shipped->amount_cents[i] + 7 * (uint64_t)shipped->quantity_milli[i] +
           11 * shipped->message_hash[i] + 13 * shipped->item_hash[i] + 17 * shipped->row[i] +
           19 * shipped->identity_hash[i] + 23 * secret_siphash64(shipped->identity[i]) +
           29 * secret_siphash64(shipped->kind[i]) + 31 * secret_siphash64(shipped->item[i]) +
           37 * secret_siphash64(shipped->source[i]) + 41 * (uint64_t)shipped->number[i] +
           43 * texts_sum(shipped->property_names, from, to) + 47 * texts_sum(shipped->property_values, from, to);
}
