/* intake_shopify.c - Shopify's webhooks: orders, refunds, checkouts, customers, and its requests of privacy;
 * see intake.h.
 *
 * A refund names its order only.  Therefore an order also goes under the anonymous id "shopify:order:<id>",
 * which joins its refunds to whoever ordered.  orders/create and orders/paid tell of one order, under one
 * message id.
 *
 * Source: shopify.dev/docs/api/webhooks, REST Admin API resources Order, Refund, Checkout, Customer. */
#include "intake/intake_internal.h"

#include "base/secret.h"

#include <string.h>

static const struct text none = { "", 0 };

static uint32_t member(const struct reading *reading, const char *name)
{
    return json_member(&reading->json, 0, name);
}

static uint32_t object_in(const struct reading *reading, uint32_t outer, const char *name)
{
    uint32_t value = json_member(&reading->json, outer, name);
    return value && reading->json.values[value].kind == JSON_IS_OBJECT ? value : 0;
}

static struct text order_identity(struct reading *reading, struct text order)
{
    if (order.length == 0 || order.length > 100) return none;
    return text_of(arena_format(reading->arena, "shopify:order:%.*s", (int)order.length, order.at));
}

/* The customer, under a member of its own or as the whole; else the e-mail address that the object has. */
static bool fill_who(struct reading *reading, struct message *message, uint32_t customer, struct text anonymous)
{
    static const char *const emails[] = { "email", "contact_email" };
    struct text id = none;
    if (customer == 0 && strncmp(reading->request->topic, "customers/", 10) != 0)
        customer = object_in(reading, 0, "customer");
    bool is_whole = strncmp(reading->request->topic, "customers/", 10) == 0 && customer == 0;
    if ((customer || is_whole) && !reading_id(reading, json_member(&reading->json, customer, "id"), "id", &id))
        return false;
    if (customer) message->email = reading_email(reading, json_member(&reading->json, customer, "email"));
    for (size_t i = 0; i < 2 && message->email.length == 0; i++)
        message->email = reading_email(reading, member(reading, emails[i]));
    return reading_who(reading, message, id, anonymous, "customer");
}

/* When: the first of the named members that there is. */
static bool fill_time(struct reading *reading, struct message *message, const char *const *names)
{
    for (; *names; names++) {
        uint32_t time = member(reading, *names);
        if (time && reading->json.values[time].kind != JSON_IS_NULL)
            return reading_happened(reading, time, *names, false, 0, &message->time_ms);
    }
    return true;
}

/* The delivery's id; other topics of the same happening have the same. */
static void fill_message_id(struct reading *reading, struct message *message)
{
    struct text id = reading->request->delivery_id;
    if (id.length == 0 || id.length > 100) return;
    for (size_t i = 0; i < id.length; i++)
        if (id.at[i] < ' ' || id.at[i] > '~') return;
    message->message_id = text_of(
        arena_format(reading->arena, "shopify:%s:%.*s", reading->request->topic, (int)id.length, id.at));
}

static struct message *begin(struct reading *reading, enum message_type type, const char *kind, uint32_t customer,
                             struct text anonymous)
{
    static const char *const as_made[] = { "processed_at", "updated_at", "created_at", NULL };
    static const char *const as_cancelled[] = { "cancelled_at", "updated_at", "processed_at", "created_at", NULL };
    const char *const *times = strcmp(kind, "order_cancelled") == 0 ? as_cancelled : as_made;
    struct message *message = reading_add(reading);
    message->type = type;
    message->kind = text_of(kind);
    fill_message_id(reading, message);
    flat_begin(reading->flat);
    if (fill_who(reading, message, customer, anonymous) && fill_time(reading, message, times)) return message;
    reading->intake->n_messages--;
    return NULL;
}

static void fill_currency(struct reading *reading, struct message *message)
{
    struct text currency = reading_text(reading, member(reading, "currency"));
    bool is_code = currency.length == 3;
    for (size_t i = 0; is_code && i < 3; i++) is_code = currency.at[i] >= 'A' && currency.at[i] <= 'Z';
    if (is_code) message->currency = currency;
}

static int64_t whole_number(const struct json *json, uint32_t value, int64_t otherwise)
{
    int64_t number;
    if (!value || !text_int64(json_written(json, value), &number) || number < 0 || number > 1000000000)
        return otherwise;
    return number;
}

static struct text item_of(struct reading *reading, uint32_t line)
{
    static const char *const names[] = { "product_id", "sku", "title" };
    for (size_t i = 0; i < 3; i++) {
        struct text id = text_trim(reading_text(reading, json_member(&reading->json, line, names[i])));
        if (id.length > 0 && id.length <= MESSAGE_MOST_ID_BYTES) return id;
    }
    return none;
}

/* price x quantity less the line's discount. */
static int64_t line_cents(const struct json *json, uint32_t line, int64_t quantity)
{
    int64_t price_cents, discount_cents = 0, cents;
    if (!commerce_cents(json, json_member(json, line, "price"), &price_cents) ||
        __builtin_mul_overflow(price_cents, quantity, &cents))
        return 0;
    (void)commerce_cents(json, json_member(json, line, "total_discount"), &discount_cents);
    if (cents > INT64_C(1000000000000000) || cents < -INT64_C(1000000000000000)) return 0;
    return cents - discount_cents;
}

/* Items of an order or checkout; those of a refund hold the order's item inside and say what it is worth. */
static void add_lines(struct reading *reading, struct message *message, uint32_t items, bool is_refund)
{
    const struct json *json = &reading->json;
    size_t n = 0;
    if (!items || json->values[items].kind != JSON_IS_LIST) return;
    for (uint32_t i = json_first(json, items); i; i = json_next(json, items, i)) n++;
    struct message_line *lines = ARENA_ARRAY(reading->arena, struct message_line, n);
    for (uint32_t i = json_first(json, items); i; i = json_next(json, items, i)) {
        uint32_t item = is_refund ? json_member(json, i, "line_item") : i;
        if (!item) continue;
        struct message_line *line = &lines[message->n_lines++];
        int64_t quantity = whole_number(json, json_member(json, i, "quantity"), 1), subtotal_cents;
        line->item = item_of(reading, item);
        line->amount_cents = line_cents(json, item, quantity);
        if (is_refund && commerce_cents(json, json_member(json, i, "subtotal"), &subtotal_cents))
            line->amount_cents = subtotal_cents;
        line->quantity_milli = quantity * 1000;
        if (is_refund) line->amount_cents = -line->amount_cents, line->quantity_milli = -line->quantity_milli;
        message->quantity_milli += line->quantity_milli;
    }
    message->lines = lines;
}

static void add_members(struct reading *reading, const char *const *names, enum personal_of of)
{
    for (; *names; names++) {
        uint32_t value = member(reading, *names);
        if (value && reading->json.values[value].kind != JSON_IS_NULL)
            flat_add_member(reading->flat, &reading->json, value, text_of(*names), of);
    }
}

/* Orders, checkouts and cancellations: the amount of an order counts, of the others it is told. */
static void read_sale(struct reading *reading, const char *kind, struct text anonymous, struct text message_id)
{
    static const char *const kept[] = { "financial_status",
                                        "fulfillment_status",
                                        "cancel_reason",
                                        "source_name",
                                        "tags",
                                        "landing_site_ref",
                                        "referring_site",
                                        "currency",
                                        "test",
                                        "total_discounts",
                                        NULL };
    bool is_order = strcmp(kind, "order") == 0;
    int64_t cents = 0;
    if (!commerce_cents(&reading->json, member(reading, "total_price"), &cents) && is_order) {
        (void)reading_refuse(reading, "total_price", "is not an amount of money");
        return;
    }
    struct message *message = begin(reading, MESSAGE_TRACK, kind, 0, anonymous);
    if (!message) return;
    message->amount_cents = cents;
    if (message_id.length > 0) message->message_id = message_id;
    if (is_order) add_lines(reading, message, member(reading, "line_items"), false);
    fill_currency(reading, message);
    add_members(reading, kept, PERSONAL_OF_EVENT);
    reading_flat_end(reading, message);
}

/* What was never paid, or is a test, is no order: told, but neither counted nor summed. */
static const char *kind_of_order(struct reading *reading)
{
    static const struct { const char *status, *kind; } kinds[] = {
        { "pending", "order_pending" },     { "authorized", "order_pending" }, { "voided", "order_cancelled" },
        { "expired", "order_cancelled" },   { "unpaid", "order_pending" },
    };
    uint32_t test = member(reading, "test");
    if (test && reading->json.values[test].kind == JSON_IS_TRUE) return "order_test";
    struct text status = reading_text(reading, member(reading, "financial_status"));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_equal(status, text_of(kinds[i].status))) return kinds[i].kind;
    return "order";
}

static void read_order(struct reading *reading)
{
    struct text id = none;
    if (!reading_id(reading, member(reading, "id"), "id", &id)) return;
    struct text identity = order_identity(reading, id), message_id = identity;
    const char *kind = kind_of_order(reading);
    if (identity.length > 0 && strcmp(kind, "order") != 0)      /* it may still become one */
        message_id = text_of(arena_format(reading->arena, "%.*s:%s", (int)identity.length, identity.at, kind));
    read_sale(reading, kind, identity, message_id);
}

static void read_cancellation(struct reading *reading)
{
    struct text id = none;
    if (reading_id(reading, member(reading, "id"), "id", &id))
        read_sale(reading, "order_cancelled", order_identity(reading, id), none);
}

static void read_checkout(struct reading *reading)
{
    bool is_new = strcmp(reading->request->topic, "checkouts/create") == 0;
    struct text token = none, anonymous = none;
    if (!reading_id(reading, member(reading, "token"), "token", &token)) return;
    if (!object_in(reading, 0, "customer") && reading_email(reading, member(reading, "email")).length == 0) {
        if (token.length == 0 || token.length > 100) return;        /* nobody yet */
        anonymous = text_of(arena_format(reading->arena, "shopify:checkout:%.*s", (int)token.length, token.at));
    }
    read_sale(reading, is_new ? "checkout_started" : "checkout_updated", anonymous, none);
}

/* Of amounts that somebody made up, no more than may be counted on. */
static int64_t sum_of(int64_t a_cents, int64_t b_cents)
{
    static const int64_t most_cents = INT64_C(1000000000000000);
    int64_t sum = a_cents + b_cents;
    return sum > most_cents ? most_cents : sum < -most_cents ? -most_cents : sum;
}

/* What the customer got back: the successful refunds among the transactions, else the worth of the items. */
static void read_refund(struct reading *reading)
{
    const struct json *json = &reading->json;
    uint32_t transactions = member(reading, "transactions");
    struct text order = none, id = none;
    int64_t cents = 0, one_cents;
    bool has_amount = false;
    if (!reading_id(reading, member(reading, "order_id"), "order_id", &order) ||
        !reading_id(reading, member(reading, "id"), "id", &id))
        return;
    struct message *message = begin(reading, MESSAGE_TRACK, "refund", 0, order_identity(reading, order));
    if (!message) return;
    for (uint32_t i = transactions && json->values[transactions].kind == JSON_IS_LIST
                          ? json_first(json, transactions)
                          : 0;
         i; i = json_next(json, transactions, i)) {
        struct text kind = reading_text(reading, json_member(json, i, "kind")),
                    status = reading_text(reading, json_member(json, i, "status"));
        if (!text_equal(kind, text_of("refund")) || text_equal(status, text_of("failure")) ||
            !commerce_cents(json, json_member(json, i, "amount"), &one_cents))
            continue;
        cents = sum_of(cents, one_cents < 0 ? -one_cents : one_cents);
        has_amount = true;
    }
    add_lines(reading, message, member(reading, "refund_line_items"), true);
    for (size_t i = 0; !has_amount && i < message->n_lines; i++)
        cents = sum_of(cents, -message->lines[i].amount_cents);
    message->amount_cents = -cents;
    if (id.length > 0 && id.length < 80)
        message->message_id = text_of(arena_format(reading->arena, "shopify:refund:%.*s", (int)id.length, id.at));
    reading_flat_end(reading, message);
}

/* {"state":"subscribed"} as a yes, "unsubscribed" as a no; anything else says nothing. */
static void add_consent(struct reading *reading, struct flat_object *consent, const char *name,
                        const char *purpose)
{
    uint32_t state = object_in(reading, 0, name);
    struct text word = state ? reading_text(reading, json_member(&reading->json, state, "state")) : none;
    if (text_equal(word, text_of("subscribed"))) flat_put_json(consent, purpose, text_of("true"));
    if (text_equal(word, text_of("unsubscribed"))) flat_put_json(consent, purpose, text_of("false"));
}

static void read_customer(struct reading *reading)
{
    static const char *const traits[] = { "email",    "phone",          "first_name", "last_name",
                                          "state",    "verified_email", "tags",       "orders_count",
                                          "currency", "tax_exempt",     "note",       "default_address",
                                          NULL };
    struct message *message = begin(reading, MESSAGE_IDENTIFY, "traits", 0, none);
    if (!message) return;
    add_members(reading, traits, PERSONAL_OF_PERSON);
    reading_flat_end(reading, message);
    reading->flat->personal.n = 0;
    add_consent(reading, &reading->flat->personal, "email_marketing_consent", "email");
    add_consent(reading, &reading->flat->personal, "sms_marketing_consent", "sms");
    message->consent = flat_end(&reading->flat->personal, reading->arena);
}

static void read_deletion(struct reading *reading)
{
    struct message *message = begin(reading, MESSAGE_TRACK, "customer_deleted", 0, none);
    if (message) reading_flat_end(reading, message);
}

static void read_request_of_customer(struct reading *reading)
{
    bool is_erasure = strcmp(reading->request->topic, "customers/redact") == 0;
    uint32_t customer = object_in(reading, 0, "customer");
    if (!customer) { (void)reading_refuse(reading, "customer", "is missing: who asks?"); return; }
    (void)begin(reading, is_erasure ? MESSAGE_ERASE : MESSAGE_EXPORT, "traits", customer, none);
}

static void read_shop_erasure(struct reading *reading)
{
    struct message *message = reading_add(reading);
    message->type = MESSAGE_ERASE;
    message->kind = text_of("traits");
    message->is_everybody = true;
    fill_message_id(reading, message);
}

bool shopify_read(struct reading *reading, struct err *err)
{
    static const struct { const char *topic; void (*read)(struct reading *reading); } topics[] = {
        { "orders/create", read_order },            { "orders/paid", read_order },
        { "orders/cancelled", read_cancellation },  { "refunds/create", read_refund },
        { "checkouts/create", read_checkout },      { "checkouts/update", read_checkout },
        { "customers/create", read_customer },      { "customers/update", read_customer },
        { "customers/delete", read_deletion },      { "customers/data_request", read_request_of_customer },
        { "customers/redact", read_request_of_customer }, { "shop/redact", read_shop_erasure },
    };
    const char *topic = reading->request->topic;
    if (reading->json.values[0].kind != JSON_IS_OBJECT)
        return err_set(err, ERR_INVALID, "the request is JSON, but not an object");
    if (!topic || !*topic) return err_set(err, ERR_INVALID, "the X-Shopify-Topic header is missing");
    reading->is_any_size = true;
    if (!reading_is_sound(reading)) return true;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topic, topics[i].topic) == 0) topics[i].read(reading); /* of other topics nothing is kept */
    return true;
}

bool intake_shopify_signed(struct text body, struct text header, struct text secret, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint8_t wanted[SECRET_MAC_BYTES];
    struct text got;
    secret_hmac_sha256(secret, body, wanted);
    bool ok = header.length < 100 && secret_unbase64(text_trim(header), arena, &got) &&
              got.length == sizeof wanted && secret_equal(wanted, got.at, sizeof wanted);
    arena_free(arena);
    return ok || err_set(err, ERR_REFUSED, "the X-Shopify-Hmac-Sha256 header is not of this secret");
}
