/* trait.c - see trait.h. */
#include "table/trait.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"
#include "customer/encoding.h"

#include <jansson.h>
#include <string.h>

enum { DISTINCT_MAX = 200, CUSTOMERS_NEEDED = 20 };

/* Counts customers of the probe that come at least twice, and those whose values are all equal. */
static void count_constant(const struct probe *probe, size_t column, size_t customer, size_t *ret_n,
                           size_t *ret_n_constant)
{
    enum { IS_AGAIN = 1, IS_MIXED = 2 };            /* below what is kept of the value's hash */
    struct hash_map seen = { 0 };
    hash_map_clear(&seen, probe->n_rows);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text who = probe->cells[r * probe->n_columns + customer],
                    what = probe->cells[r * probe->n_columns + column];
        if (probe_is_missing(who) || probe_is_missing(what)) continue;
        uint64_t value = hash_bytes(what.at, what.length, 0) << 2;
        size_t n_before = hash_map_n(&seen);
        uint64_t *kept = hash_map_put(&seen, hash_bytes(who.at, who.length, 0));
        if (hash_map_n(&seen) > n_before) *kept = value;
        else *kept |= (*kept >> 2 != value >> 2 ? IS_MIXED : 0) | IS_AGAIN;
    }
    const struct hash_entry *entry;
    for (size_t at = 0; (entry = hash_map_next(&seen, &at));) {
        *ret_n += (entry->value & IS_AGAIN) != 0;
        *ret_n_constant += (entry->value & (IS_AGAIN | IS_MIXED)) == IS_AGAIN;
    }
    hash_map_free(&seen);
}

bool trait_is_constant(const struct probe *probe, size_t column, size_t customer)
{
    size_t n = 0, n_constant = 0;
    count_constant(probe, column, customer, &n, &n_constant);
    return (double)n_constant >= 0.95 * (double)n;
}

bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why)
{
    const struct column *judged = &columns[column];
    bool is_named = role_name_score(ROLE_TRAIT, judged->name) > 0;
    if (judged->kind != KIND_CATEGORY && !(judged->kind == KIND_NUMBER && judged->is_integer)) return false;
    if (judged->n_distinct < 2 || judged->n_distinct > DISTINCT_MAX) return false;
    size_t n = 0, n_constant = 0;
    count_constant(probe, column, customer, &n, &n_constant);
    bool is_constant = n >= CUSTOMERS_NEEDED && (double)n_constant >= 0.95 * (double)n;
    if (!is_named && !is_constant) return false;
    *ret_why = is_constant
                   ? arena_format(
                         arena, "an attribute of the customer: the same within %zu of %zu sampled customers",
                         n_constant, n)
                   : "an attribute of the customer, by its name";
    return true;
}

/* A telephone number is no number. */
static json_t *value_json(const struct column *column, bool is_text, char decimal, bool is_latin1,
                          struct text text, struct arena *arena)
{
    int64_t whole;
    double number;
    if (!is_text && column->kind == KIND_NUMBER && column->is_integer && text_int64(text, &whole))
        return json_integer(whole);
    if (!is_text && column->kind == KIND_NUMBER && number_double(text, decimal, &number)) return json_real(number);
    if (!probe_utf8(is_latin1, text, arena, &text)) text = encoding_from_latin1(arena, text);
    return json_stringn(text.at, text.length);
}

static enum trait_part part_of(const struct mapping *mapping, size_t column)
{
    if (mapping->roles[column] == ROLE_PERSONAL) return TRAITS_PERSONAL;
    if (mapping->roles[column] == ROLE_PROPERTY) return TRAITS_OF_EVENT;
    return mapping->is_snapshot[column] ? TRAITS_OF_LAST_DAY : TRAITS_OF_ROW;
}

const char *trait_json(const struct mapping *mapping, enum trait_part part, bool is_latin1, const char *values,
                       char end, struct arena *arena)
{
    json_t *object = json_object();
    bool is_personal = part == TRAITS_PERSONAL;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!trait_is_of(mapping->roles[c], is_personal)) continue;
        const char *stop = strchr(values, end);
        if (!stop) break;
        struct text text = { values, (size_t)(stop - values) };
        const struct column *column = &mapping->columns[c];
        if (!probe_is_missing(text) && part_of(mapping, c) == part)
            json_object_set_new(object, mapping->members[c],
                                value_json(column, is_personal, mapping->decimal, is_latin1, text, arena));
        values = stop + 1;
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    const char *copy = arena_copy(arena, text ? text : "{}");
    free(text);
    json_decref(object);
    return copy;
}
