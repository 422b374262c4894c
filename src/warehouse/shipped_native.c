/* shipped_native.c - rows of the warehouse's tables as blocks; see shipped.h. */
#include "warehouse/shipped.h"
#include "warehouse/native.h"

#include <stdlib.h>
#include <string.h>

const char shipped_columns_sql[] =
    "node String, batch String, row UInt64, partition UInt8, month UInt32, identity String, identity_hash UInt64, "
    "number UInt32, kind String, received_ms Int64, time_ms Int64, amount_cents Int64, quantity_milli Int64, item "
    "String, "
    "item_hash UInt64, source String, message_hash UInt64, property_names Array(String), "
    "property_values Array(String)";

const char members_columns_sql[] =
    "node String, batch String, version UInt64, identity String, identity_hash UInt64, partition UInt8, "
    "customer String, customer_hash UInt64, customer_partition UInt8, since_ms Int64, number UInt32, "
    "customer_number UInt32";

/* Rows that go, in order. */
struct chosen {
    const uint32_t *at;
    size_t n;
    struct native native;
};

static void put_same(struct chosen *chosen, const char *name, const char *value)
{
    native_column(&chosen->native, name, "String");
    for (size_t i = 0; i < chosen->n; i++) native_text(&chosen->native, text_of(value));
}

static void put_texts(struct chosen *chosen, const char *name, const struct text *values)
{
    native_column(&chosen->native, name, "String");
    for (size_t i = 0; i < chosen->n; i++) native_text(&chosen->native, values[chosen->at[i]]);
}

static void put_numbers(struct chosen *chosen, const char *name, const char *type, const void *values,
                        size_t width)
{
    native_column(&chosen->native, name, type);
    char *to = native_take(&chosen->native, chosen->n * width);
    const char *from = values;
    switch (width) {
    case 8: for (size_t i = 0; i < chosen->n; i++) memcpy(to + 8 * i, from + 8 * (size_t)chosen->at[i], 8); break;
    case 4: for (size_t i = 0; i < chosen->n; i++) memcpy(to + 4 * i, from + 4 * (size_t)chosen->at[i], 4); break;
    default: for (size_t i = 0; i < chosen->n; i++) to[i] = from[chosen->at[i]];
    }
}

/* First where each row's texts end, then the texts. */
static void put_arrays(struct chosen *chosen, const char *name, const struct shipped *shipped,
                       const struct text *texts)
{
    uint64_t end = 0;
    native_column(&chosen->native, name, "Array(String)");
    for (size_t i = 0; i < chosen->n; i++) {
        uint32_t at = chosen->at[i], from = at ? shipped->properties_end[at - 1] : 0;
        native_u64(&chosen->native, end += shipped->properties_end[at] - from);
    }
    for (size_t i = 0; i < chosen->n; i++) {
        uint32_t at = chosen->at[i];
        for (uint32_t p = at ? shipped->properties_end[at - 1] : 0; p < shipped->properties_end[at]; p++)
            native_text(&chosen->native, texts[p]);
    }
}

static bool is_of(const uint32_t *months, size_t n, uint32_t month)
{
    for (size_t i = 0; months && i < n; i++)
        if (months[i] == month) return true;
    return !months;
}

/* About what the rows take, so that they are written where they stay. */
static size_t bytes_of(const struct chosen *chosen, const struct shipped *shipped, size_t same_bytes)
{
    enum { NUMBERS = 10 * 8 + 2 * 4 + 1, LENGTHS = 8, HEADS = 1024 };
    size_t n = HEADS + chosen->n * (same_bytes + NUMBERS + LENGTHS);
    for (size_t i = 0; i < chosen->n; i++) {
        uint32_t at = chosen->at[i];
        n += shipped->identity[at].length + shipped->kind[at].length + shipped->item[at].length +
             shipped->source[at].length;
        for (uint32_t p = at ? shipped->properties_end[at - 1] : 0; p < shipped->properties_end[at]; p++)
            n += shipped->property_names[p].length + shipped->property_values[p].length + 2;
    }
    return n;
}

struct text shipped_native(const struct shipped *shipped, const char *node, const char *batch,
                           const uint32_t *months, size_t n_months, struct arena *arena, size_t *ret_n)
{
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, shipped->n + 1);
    struct chosen chosen = { .at = at };
    for (uint32_t i = 0; i < shipped->n; i++)
        if (is_of(months, n_months, shipped->month[i])) at[chosen.n++] = i;
    native_begin(&chosen.native, 19, chosen.n, arena);
    native_reserve(&chosen.native, bytes_of(&chosen, shipped, strlen(node) + strlen(batch)));
    put_same(&chosen, "node", node);
    put_same(&chosen, "batch", batch);
    put_numbers(&chosen, "row", "UInt64", shipped->row, 8);
    put_numbers(&chosen, "partition", "UInt8", shipped->partition, 1);
    put_numbers(&chosen, "month", "UInt32", shipped->month, 4);
    put_texts(&chosen, "identity", shipped->identity);
    put_numbers(&chosen, "identity_hash", "UInt64", shipped->identity_hash, 8);
    put_numbers(&chosen, "number", "UInt32", shipped->number, 4);
    put_texts(&chosen, "kind", shipped->kind);
    put_numbers(&chosen, "received_ms", "Int64", shipped->received_ms, 8);
    put_numbers(&chosen, "time_ms", "Int64", shipped->time_ms, 8);
    put_numbers(&chosen, "amount_cents", "Int64", shipped->amount_cents, 8);
    put_numbers(&chosen, "quantity_milli", "Int64", shipped->quantity_milli, 8);
    put_texts(&chosen, "item", shipped->item);
    put_numbers(&chosen, "item_hash", "UInt64", shipped->item_hash, 8);
    put_texts(&chosen, "source", shipped->source);
    put_numbers(&chosen, "message_hash", "UInt64", shipped->message_hash, 8);
    put_arrays(&chosen, "property_names", shipped, shipped->property_names);
    put_arrays(&chosen, "property_values", shipped, shipped->property_values);
    *ret_n = chosen.n;
    return (struct text){ chosen.native.bytes, chosen.native.n };
}

struct text members_native(const struct members *members, const char *node, const char *batch, uint64_t version,
                           struct arena *arena)
{
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, members->n + 1);
    struct chosen chosen = { .at = at, .n = members->n };
    for (uint32_t i = 0; i < members->n; i++) at[i] = i;
    native_begin(&chosen.native, 12, members->n, arena);
    put_same(&chosen, "node", node);
    put_same(&chosen, "batch", batch);
    native_column(&chosen.native, "version", "UInt64");
    for (size_t i = 0; i < members->n; i++) native_u64(&chosen.native, version);
    put_texts(&chosen, "identity", members->identity);
    put_numbers(&chosen, "identity_hash", "UInt64", members->identity_hash, 8);
    put_numbers(&chosen, "partition", "UInt8", members->partition, 1);
    put_texts(&chosen, "customer", members->customer);
    put_numbers(&chosen, "customer_hash", "UInt64", members->customer_hash, 8);
    put_numbers(&chosen, "customer_partition", "UInt8", members->customer_partition, 1);
    put_numbers(&chosen, "since_ms", "Int64", members->since_ms, 8);
    put_numbers(&chosen, "number", "UInt32", members->number, 4);
    put_numbers(&chosen, "customer_number", "UInt32", members->customer_number, 4);
    return (struct text){ chosen.native.bytes, chosen.native.n };
}
