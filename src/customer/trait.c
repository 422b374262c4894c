/* trait.c - see trait.h. */
#include "customer/trait.h"

#include "base/hash.h"
#include "customer/role.h"

enum { DISTINCT_MAX = 200, CUSTOMERS_NEEDED = 20 };

/* Counts customers of the probe that come at least twice, and those whose values are all equal. */
static void count_constant(const struct probe *probe, size_t column, size_t customer, struct arena *scratch,
                           size_t *ret_n, size_t *ret_n_constant)
{
    struct seen { uint64_t customer, value; bool is_again, is_mixed; } *slots;
    size_t n_slots = 64;
    while (n_slots < 2 * probe->n_rows) n_slots *= 2;
    slots = arena_alloc(scratch, n_slots, sizeof *slots);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text who = probe->cells[r * probe->n_columns + customer], what = probe->cells[r * probe->n_columns + column];
        if (probe_is_missing(who) || probe_is_missing(what)) continue;
        uint64_t key = hash_bytes(who.at, who.length, 0) | 1, value = hash_bytes(what.at, what.length, 0);
        size_t at = key >> 20 & (n_slots - 1);
        while (slots[at].customer && slots[at].customer != key) at = (at + 1) & (n_slots - 1);
        if (!slots[at].customer) { slots[at] = (struct seen){ .customer = key, .value = value }; continue; }
        slots[at].is_again = true;
        slots[at].is_mixed |= slots[at].value != value;
    }
    for (size_t i = 0; i < n_slots; i++) {
        *ret_n += slots[i].is_again;
        *ret_n_constant += slots[i].is_again && !slots[i].is_mixed;
    }
}

bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why)
{
    const struct column *judged = &columns[column];
    bool is_named = role_name_score(ROLE_TRAIT, judged->name) > 0;
    if (judged->kind != KIND_CATEGORY && !(judged->kind == KIND_NUMBER && judged->is_integer)) return false;
    if (judged->n_distinct < 2 || judged->n_distinct > DISTINCT_MAX) return false;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t n = 0, n_constant = 0;
    count_constant(probe, column, customer, scratch, &n, &n_constant);
    arena_free(scratch);
    bool is_constant = n >= CUSTOMERS_NEEDED && (double)n_constant >= 0.95 * (double)n;
    if (!is_named && !is_constant) return false;
    *ret_why = is_constant ? arena_format(arena, "an attribute of the customer: the same within %zu of %zu sampled customers", n_constant, n)
                           : "an attribute of the customer, by its name";
    return true;
}
