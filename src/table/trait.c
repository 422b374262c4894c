/* trait.c - see trait.h. */
#include "table/trait.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "table/role.h"

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
