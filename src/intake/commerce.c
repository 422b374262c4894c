/* commerce.c - see commerce.h. */
#include "intake/commerce.h"
#include "base/number.h"

#include <string.h>

static const int64_t most_cents = INT64_C(1000000000000000);

/* Lower-case letters and digits only: "Order Completed", "order_completed". */
static void simplify(struct text name, char ret_name[24])
{
    size_t n = 0;
    for (size_t i = 0; i < name.length && n < 23; i++) {
        char c = name.at[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) ret_name[n++] = c;
    }
    ret_name[n] = 0;
}

struct text commerce_kind(struct text event)
{
    static const struct { const char *event, *kind; } known[] = {
        { "ordercompleted", "order" },  { "completedorder", "order" },
        { "orderrefunded", "refund" },  { "refundedorder", "refund" },
        { "ordercancelled", "order_cancelled" }, { "ordercanceled", "order_cancelled" },
    };
    /* What the log keeps under these names is written by us alone. */
    static const struct { const char *event, *kind; } taken[] = {
        { "traits", "track traits" }, { "order_item", "track order_item" }, { "refund_item", "track refund_item" },
        { "correction", "track correction" },
    };
    char simple[24];
    simplify(event, simple);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(simple, known[i].event) == 0) return text_of(known[i].kind);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (text_equal(event, text_of(taken[i].event))) return text_of(taken[i].kind);
    return event;
}

const char *commerce_meant(const char *event)
{
    struct text kind = text_of(event ? event : "");
    struct text kept = commerce_kind(kind);
    return commerce_is_of_order(kept) && !text_equal(kept, kind) ? kept.at : event;
}

/* The first of the names that is there; null counts as absent. */
static uint32_t first_of(const struct json *json, uint32_t object, const char *const *names, const char **ret_name)
{
    for (; *names; names++) {
        uint32_t value = json_member(json, object, *names);
        if (value && json->values[value].kind != JSON_IS_NULL) { *ret_name = *names; return value; }
    }
    return 0;
}

void commerce_add_number(struct message *message, struct text number)
{
    number = text_trim(number);
    if (number.length == 0 || number.length > 100 || message->n_orders == MESSAGE_MOST_ORDERS) return;
    message->orders[message->n_orders++] = number;
}

/* The numbers of the order that the properties tell of. */
static void read_numbers(const struct json *json, uint32_t properties, struct arena *arena, struct message *message)
{
    static const char *const names[] = { "order_id", "orderId", "Order ID", "order_number", "transaction_id" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t value = json_member(json, properties, names[i]);
        enum json_kind kind = json->values[value].kind;
        if (value && (kind == JSON_IS_STRING || kind == JSON_IS_NUMBER))
            commerce_add_number(message, json_text(json, value, arena));
    }
}

/* "Order Updated" with an order's number and worth is the order as it is now. */
static bool is_named_update(struct text kind)
{
    char simple[24];
    if (kind.length < 12 || (*kind.at | 32) != 'o') return false;
    simplify(kind, simple);
    return strcmp(simple, "orderupdated") == 0;
}

static bool has_worth(const struct json *json, uint32_t properties)
{
    static const char *const worth[] = { "revenue", "total", "value", "products", NULL };
    const char *name;
    return first_of(json, properties, worth, &name) != 0;
}

bool commerce_is_of_order(struct text kind)
{
    return text_equal(kind, text_of("order")) || commerce_is_refund(kind) || text_equal(kind, text_of("order_cancelled"));
}

bool commerce_is_refund(struct text kind) { return text_equal(kind, text_of("refund")); }

static bool fixed(const struct json *json, uint32_t value, int places, int64_t most, int64_t *ret_number)
{
    int64_t number;
    enum json_kind kind = json->values[value].kind;
    if (value == 0 || (kind != JSON_IS_NUMBER && kind != JSON_IS_STRING)) return false;
    struct text written = text_trim(json_written(json, value));
    if (written.length == 0 || !number_fixed(written, '.', places, &number) || number > most || number < -most)
        return false;
    *ret_number = number;
    return true;
}

bool commerce_cents(const struct json *json, uint32_t value, int64_t *ret_cents)
{
    return fixed(json, value, 2, most_cents, ret_cents);
}

/* price x quantity in cents, rounded half away from zero once; false if it is beyond counting. */
static bool price_of_all(int64_t price_ten_thousandths, int64_t quantity_milli, int64_t *ret_cents)
{
    static const int64_t per_cent = 100 * 1000;
    int64_t product;
    if (__builtin_mul_overflow(price_ten_thousandths, quantity_milli, &product)) return false;
    int64_t cents = product / per_cent, rest = product % per_cent;
    cents += rest >= per_cent / 2 ? 1 : rest <= -per_cent / 2 ? -1 : 0;
    if (cents > most_cents || cents < -most_cents) return false;
    *ret_cents = cents;
    return true;
}

static struct text id_of(const struct json *json, uint32_t product, struct arena *arena)
{
    static const char *const names[] = { "product_id", "productId", "sku", "id", "name" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t id = json_member(json, product, names[i]);
        enum json_kind kind = json->values[id].kind;
        if (id == 0 || (kind != JSON_IS_STRING && kind != JSON_IS_NUMBER)) continue;
        struct text text = text_trim(json_text(json, id, arena));
        if (text.length > 0 && text.length <= MESSAGE_MOST_ID_BYTES) return text;
    }
    return (struct text){ "", 0 };
}

/* One product, on its own or as a line.  Without a quantity it is one piece; without a price nothing. */
static struct message_line line_of(const struct json *json, uint32_t product, struct arena *arena)
{
    struct message_line line = { .item = id_of(json, product, arena), .quantity_milli = 1000 };
    int64_t price;
    (void)fixed(json, json_member(json, product, "quantity"), 3, INT64_C(1000000000000), &line.quantity_milli);
    if (fixed(json, json_member(json, product, "price"), 4, 100 * most_cents, &price))
        (void)price_of_all(price, line.quantity_milli, &line.amount_cents);
    return line;
}

static void read_lines(const struct json *json, uint32_t products, struct arena *arena, struct message *message,
                       int64_t *ret_total_cents)
{
    size_t n = 0;
    int64_t total = 0;
    *ret_total_cents = 0;
    if (products == 0 || json->values[products].kind != JSON_IS_LIST) return;
    for (uint32_t i = json_first(json, products); i; i = json_next(json, products, i))
        n += json->values[i].kind == JSON_IS_OBJECT;
    struct message_line *lines = ARENA_ARRAY(arena, struct message_line, n);
    n = 0;
    for (uint32_t i = json_first(json, products); i; i = json_next(json, products, i)) {
        if (json->values[i].kind != JSON_IS_OBJECT) continue;
        lines[n] = line_of(json, i, arena);
        total += lines[n].amount_cents;         /* at most 16 Ki lines in 32 KB, each within 10^15 */
        message->quantity_milli += lines[n].quantity_milli;
        n++;
    }
    message->lines = lines;
    message->n_lines = n;
    *ret_total_cents = total;
}

static struct text currency_of(const struct json *json, uint32_t properties, struct arena *arena)
{
    uint32_t value = json_member(json, properties, "currency");
    if (value == 0 || json->values[value].kind != JSON_IS_STRING) return (struct text){ "", 0 };
    struct text written = json_written(json, value);
    if (written.length != 3) return (struct text){ "", 0 };
    char *capitals = arena_alloc(arena, 3, 1);
    for (size_t i = 0; i < 3; i++) {
        char c = written.at[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (c < 'A' || c > 'Z') return (struct text){ "", 0 };
        capitals[i] = c;
    }
    return (struct text){ capitals, 3 };
}

static void make_negative(struct message *message, struct message_line *lines)
{
    message->amount_cents = message->amount_cents > 0 ? -message->amount_cents : message->amount_cents;
    message->quantity_milli = message->quantity_milli > 0 ? -message->quantity_milli : message->quantity_milli;
    for (size_t i = 0; i < message->n_lines; i++) {
        if (lines[i].amount_cents > 0) lines[i].amount_cents = -lines[i].amount_cents;
        if (lines[i].quantity_milli > 0) lines[i].quantity_milli = -lines[i].quantity_milli;
    }
}

static bool read_order(const struct json *json, uint32_t properties, struct arena *arena, struct message *message,
                       const char **ret_field, const char **ret_reason)
{
    static const char *const names[] = { "revenue", "total", "value", "subtotal", "amount", NULL };
    const char *name = NULL;
    int64_t lines_cents;
    read_lines(json, json_member(json, properties, "products"), arena, message, &lines_cents);
    uint32_t amount = first_of(json, properties, names, &name);
    if (amount == 0) {
        message->is_of_all = commerce_is_refund(message->kind) && lines_cents == 0;
        if (lines_cents > most_cents || lines_cents < -most_cents) lines_cents = 0;
        message->amount_cents = lines_cents;
    } else if (!commerce_cents(json, amount, &message->amount_cents)) {
        *ret_field = arena_format(arena, "properties.%s", name);
        *ret_reason = "is not an amount of money";
        return false;
    }
    if (commerce_is_refund(message->kind)) {
        struct message_line *lines = ARENA_ARRAY(arena, struct message_line, message->n_lines);
        if (message->n_lines) memcpy(lines, message->lines, message->n_lines * sizeof *lines);
        message->lines = lines;
        make_negative(message, lines);
    }
    return true;
}

bool commerce_read(const struct json *json, uint32_t properties, struct arena *arena, struct message *message,
                   const char **ret_field, const char **ret_reason)
{
    static const char *const amounts[] = { "revenue", "total", "value", NULL };
    const char *name;
    if (properties == 0 || json->values[properties].kind != JSON_IS_OBJECT) return true;
    message->currency = currency_of(json, properties, arena);
    bool is_update = is_named_update(message->kind);
    if (is_update || commerce_is_of_order(message->kind)) read_numbers(json, properties, arena, message);
    if (is_update && message->n_orders > 0 && has_worth(json, properties)) {
        message->is_update = true;
        message->kind = text_of("order");
    }
    if (text_equal(message->kind, text_of("order")) || commerce_is_refund(message->kind))
        return read_order(json, properties, arena, message, ret_field, ret_reason);
    static const char *const product_names[] = { "product_id", "productId", "sku", "price", "quantity", NULL };
    if (first_of(json, properties, product_names, &name)) {
        struct message_line line = line_of(json, properties, arena);
        message->item = line.item;
        message->quantity_milli = line.quantity_milli;
        message->amount_cents = line.amount_cents;
    }
    uint32_t amount = first_of(json, properties, amounts, &name);
    if (amount) (void)commerce_cents(json, amount, &message->amount_cents);
    return true;
}
