/* intake_shopify.c - Shopify's webhooks: orders, refunds, checkouts, customers, and its requests of privacy;
 * see intake.h.
 *
 * A refund names its order only.  Therefore an order also goes under the anonymous id "shopify:order:<id>",
 * which joins its refunds to whoever ordered.  orders/create, orders/paid and orders/updated tell of one order, under
 * one message id: another content replaces what it was.
 *
 * Source: shopify.dev/docs/api/webhooks, REST Admin API resources Order, Refund, Checkout, Customer. */
#include "intake/intake_internal.h"

#include "base/calendar.h"
#include "base/secret.h"

#include <string.h>

static const struct text none = { "", 0 };

static uint32_t member(const struct body *body, const char *name)
{
    return json_member(&body->json, 0, name);
}

static uint32_t object_in(const struct body *body, uint32_t outer, const char *name)
{
    uint32_t value = json_member(&body->json, outer, name);
    return value && body->json.values[value].kind == JSON_IS_OBJECT ? value : 0;
}

static struct text order_identity(struct body *body, struct text order)
{
    if (order.length == 0 || order.length > 100) return none;
    return text_of(arena_format(body->arena, "shopify:order:%.*s", (int)order.length, order.at));
}

/* The customer, under a member of its own or as the whole; else the e-mail address that the object has. */
static bool fill_who(struct body *body, struct message *message, uint32_t customer, struct text anonymous)
{
    static const char *const emails[] = { "email", "contact_email" };
    struct text id = none;
    if (customer == 0 && strncmp(body->request->topic, "customers/", 10) != 0)
        customer = object_in(body, 0, "customer");
    bool is_whole = strncmp(body->request->topic, "customers/", 10) == 0 && customer == 0;
    if ((customer || is_whole) && !body_id(body, json_member(&body->json, customer, "id"), "id", &id))
        return false;
    if (customer) message->email = body_email(body, json_member(&body->json, customer, "email"));
    for (size_t i = 0; i < 2 && message->email.length == 0; i++)
        message->email = body_email(body, member(body, emails[i]));
    return body_who(body, message, id, anonymous, "customer");
}

/* When: the first of the named members that there is. */
static bool fill_time(struct body *body, struct message *message, const char *const *names)
{
    for (; *names; names++) {
        uint32_t time = member(body, *names);
        if (time && body->json.values[time].kind != JSON_IS_NULL)
            return body_happened(body, time, *names, false, 0, &message->time_ms);
    }
    return true;
}

/* The delivery's id; other topics of the same happening have the same. */
static void fill_message_id(struct body *body, struct message *message)
{
    struct text id = body->request->delivery_id;
    if (id.length == 0 || id.length > 100) return;
    for (size_t i = 0; i < id.length; i++)
        if (id.at[i] < ' ' || id.at[i] > '~') return;
    message->message_id = text_of(
        arena_format(body->arena, "shopify:%s:%.*s", body->request->topic, (int)id.length, id.at));
}

static struct message *begin(struct body *body, enum message_type type, const char *kind, uint32_t customer,
                             struct text anonymous)
{
    static const char *const as_made[] = { "processed_at", "updated_at", "created_at", NULL };
    static const char *const as_cancelled[] = { "cancelled_at", "updated_at", "processed_at", "created_at", NULL };
    const char *const *times = strcmp(kind, "order_cancelled") == 0 ? as_cancelled : as_made;
    struct message *message = body_add(body);
    message->type = type;
    message->kind = text_of(kind);
    fill_message_id(body, message);
    flat_begin(body->flat);
    if (fill_who(body, message, customer, anonymous) && fill_time(body, message, times)) return message;
    body->intake->n_messages--;
    return NULL;
}

static void fill_currency(struct body *body, struct message *message)
{
    struct text currency = body_text(body, member(body, "currency"));
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

static struct text item_of(struct body *body, uint32_t line)
{
    static const char *const names[] = { "product_id", "sku", "title" };
    for (size_t i = 0; i < 3; i++) {
        struct text id = text_trim(body_text(body, json_member(&body->json, line, names[i])));
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
static void add_lines(struct body *body, struct message *message, uint32_t items, bool is_refund)
{
    const struct json *json = &body->json;
    size_t n = 0;
    if (!items || json->values[items].kind != JSON_IS_LIST) return;
    for (uint32_t i = json_first(json, items); i; i = json_next(json, items, i)) n++;
    struct message_line *lines = ARENA_ARRAY(body->arena, struct message_line, n);
    for (uint32_t i = json_first(json, items); i; i = json_next(json, items, i)) {
        uint32_t item = is_refund ? json_member(json, i, "line_item") : i;
        if (!item) continue;
        struct message_line *line = &lines[message->n_lines++];
        int64_t quantity = whole_number(json, json_member(json, i, "quantity"), 1), subtotal_cents;
        line->item = item_of(body, item);
        line->amount_cents = line_cents(json, item, quantity);
        if (is_refund && commerce_cents(json, json_member(json, i, "subtotal"), &subtotal_cents))
            line->amount_cents = subtotal_cents;
        line->quantity_milli = quantity * 1000;
        if (is_refund) line->amount_cents = -line->amount_cents, line->quantity_milli = -line->quantity_milli;
        message->quantity_milli += line->quantity_milli;
    }
    message->lines = lines;
}

static void add_members(struct body *body, const char *const *names, enum personal_of of)
{
    for (; *names; names++) {
        uint32_t value = member(body, *names);
        if (value && body->json.values[value].kind != JSON_IS_NULL)
            flat_add_member(body->flat, &body->json, value, text_of(*names), of);
    }
}

static void fill_version_time(struct body *body, struct message *message)
{
    struct text text = body_text(body, member(body, "updated_at"));
    if (!calendar_parse_iso(text.at, text.length, &message->version_ms)) message->version_ms = 0;
}

/* What the order is called elsewhere. */
static void add_number(struct body *body, struct message *message, const char *from, const char *name)
{
    body_put_number(body, message, name, body_text(body, member(body, from)));
}

/* Orders, checkouts and cancellations: the amount of an order counts, of the others it is told. */
static void read_sale(struct body *body, const char *kind, struct text anonymous, struct text message_id)
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
                                        "updated_at",
                                        NULL };
    bool is_order = strcmp(kind, "order") == 0;
    int64_t cents = 0;
    if (!commerce_cents(&body->json, member(body, "total_price"), &cents) && is_order) {
        (void)body_refuse(body, "total_price", "is not an amount of money");
        return;
    }
    struct message *message = begin(body, MESSAGE_TRACK, kind, 0, anonymous);
    if (!message) return;
    message->amount_cents = cents;
    if (message_id.length > 0) {
        message->message_id = message_id;
        message->is_version = true;
        fill_version_time(body, message);
    }
    if (is_order) add_lines(body, message, member(body, "line_items"), false);
    fill_currency(body, message);
    add_members(body, kept, PERSONAL_OF_EVENT);
    if (strncmp(body->request->topic, "orders/", 7) == 0) {
        add_number(body, message, "id", "order_id");
        add_number(body, message, "name", "order_name");
        add_number(body, message, "order_number", "order_number");
    }
    body_flat_end(body, message);
}

/* What was never paid, or is a test, is no order: told, but neither counted nor summed. */
static const char *kind_of_order(struct body *body)
{
    static const struct { const char *status, *kind; } kinds[] = {
        { "pending", "order_pending" },     { "authorized", "order_pending" }, { "voided", "order_cancelled" },
        { "expired", "order_cancelled" },   { "unpaid", "order_pending" },
    };
    uint32_t test = member(body, "test"), cancelled = member(body, "cancelled_at");
    if (test && body->json.values[test].kind == JSON_IS_TRUE) return "order_test";
    if (cancelled && body->json.values[cancelled].kind == JSON_IS_STRING) return "order_cancelled";
    struct text status = body_text(body, member(body, "financial_status"));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_equal(status, text_of(kinds[i].status))) return kinds[i].kind;
    return "order";
}

static void read_order(struct body *body)
{
    struct text id = none;
    if (!body_id(body, member(body, "id"), "id", &id)) return;
    struct text identity = order_identity(body, id);
    read_sale(body, kind_of_order(body), identity, identity);
}

static void read_cancellation(struct body *body)
{
    struct text id = none;
    if (body_id(body, member(body, "id"), "id", &id))
        read_sale(body, "order_cancelled", order_identity(body, id), none);
}

static void read_checkout(struct body *body)
{
    bool is_new = strcmp(body->request->topic, "checkouts/create") == 0;
    struct text token = none, anonymous = none;
    if (!body_id(body, member(body, "token"), "token", &token)) return;
    if (!object_in(body, 0, "customer") && body_email(body, member(body, "email")).length == 0) {
        if (token.length == 0 || token.length > 100) return;        /* nobody yet */
        anonymous = text_of(arena_format(body->arena, "shopify:checkout:%.*s", (int)token.length, token.at));
    }
    read_sale(body, is_new ? "checkout_started" : "checkout_updated", anonymous, none);
}

/* Of amounts that somebody made up, no more than may be counted on. */
static int64_t sum_of(int64_t a_cents, int64_t b_cents)
{
    static const int64_t most_cents = INT64_C(1000000000000000);
    int64_t sum = a_cents + b_cents;
    return sum > most_cents ? most_cents : sum < -most_cents ? -most_cents : sum;
}

/* What the customer got back: the successful refunds among the transactions, else the worth of the items. */
static void read_refund(struct body *body)
{
    const struct json *json = &body->json;
    uint32_t transactions = member(body, "transactions");
    struct text order = none, id = none;
    int64_t cents = 0, one_cents;
    bool has_amount = false, is_test = false;
    if (!body_id(body, member(body, "order_id"), "order_id", &order) ||
        !body_id(body, member(body, "id"), "id", &id))
        return;
    struct message *message = begin(body, MESSAGE_TRACK, "refund", 0, order_identity(body, order));
    if (!message) return;
    for (uint32_t i = transactions && json->values[transactions].kind == JSON_IS_LIST
                          ? json_first(json, transactions)
                          : 0;
         i; i = json_next(json, transactions, i)) {
        struct text kind = body_text(body, json_member(json, i, "kind")),
                    status = body_text(body, json_member(json, i, "status"));
        uint32_t test = json_member(json, i, "test");
        if (!text_equal(kind, text_of("refund")) || !commerce_cents(json, json_member(json, i, "amount"), &one_cents))
            continue;
        has_amount = true;
        is_test |= test && json->values[test].kind == JSON_IS_TRUE;
        if (text_equal(status, text_of("failure")) || text_equal(status, text_of("error"))) continue;
        cents = sum_of(cents, one_cents < 0 ? -one_cents : one_cents);
    }
    if (is_test) message->kind = text_of("refund_test");
    add_lines(body, message, member(body, "refund_line_items"), true);
    for (size_t i = 0; !has_amount && i < message->n_lines; i++)
        cents = sum_of(cents, -message->lines[i].amount_cents);
    message->amount_cents = -cents;
    add_number(body, message, "order_id", "order_id");
    if (id.length > 0 && id.length < 80)
        message->message_id = text_of(arena_format(body->arena, "shopify:refund:%.*s", (int)id.length, id.at));
    body_flat_end(body, message);
}

/* {"state":"subscribed"} as a yes, "unsubscribed" as a no; anything else says nothing. */
static void add_consent(struct body *body, struct flat_object *consent, const char *name, const char *purpose)
{
    uint32_t state = object_in(body, 0, name);
    struct text word = state ? body_text(body, json_member(&body->json, state, "state")) : none;
    if (text_equal(word, text_of("subscribed"))) flat_put_json(consent, purpose, text_of("true"));
    if (text_equal(word, text_of("unsubscribed"))) flat_put_json(consent, purpose, text_of("false"));
}

static void read_customer(struct body *body)
{
    static const char *const traits[] = { "email",    "phone",          "first_name", "last_name",
                                          "state",    "verified_email", "tags",       "orders_count",
                                          "currency", "tax_exempt",     "note",       "default_address",
                                          NULL };
    struct message *message = begin(body, MESSAGE_IDENTIFY, "traits", 0, none);
    if (!message) return;
    add_members(body, traits, PERSONAL_OF_PERSON);
    body_flat_end(body, message);
    body->flat->personal.n = 0;
    add_consent(body, &body->flat->personal, "email_marketing_consent", "email");
    add_consent(body, &body->flat->personal, "sms_marketing_consent", "sms");
    message->consent = flat_end(&body->flat->personal, body->arena);
}

static void read_deletion(struct body *body)
{
    struct message *message = begin(body, MESSAGE_TRACK, "customer_deleted", 0, none);
    if (message) body_flat_end(body, message);
}

static void read_request_of_customer(struct body *body)
{
    bool is_erasure = strcmp(body->request->topic, "customers/redact") == 0;
    uint32_t customer = object_in(body, 0, "customer");
    if (!customer) { (void)body_refuse(body, "customer", "is missing: who asks?"); return; }
    (void)begin(body, is_erasure ? MESSAGE_ERASE : MESSAGE_EXPORT, "traits", customer, none);
}

static void read_shop_erasure(struct body *body)
{
    struct message *message = body_add(body);
    message->type = MESSAGE_ERASE;
    message->kind = text_of("traits");
    message->is_everybody = true;
    fill_message_id(body, message);
}

bool shopify_read(struct body *body, struct err *err)
{
    static const struct { const char *topic; void (*read)(struct body *body); } topics[] = {
        { "orders/create", read_order },            { "orders/paid", read_order },
        { "orders/updated", read_order },
        { "orders/cancelled", read_cancellation },  { "refunds/create", read_refund },
        { "checkouts/create", read_checkout },      { "checkouts/update", read_checkout },
        { "customers/create", read_customer },      { "customers/update", read_customer },
        { "customers/delete", read_deletion },      { "customers/data_request", read_request_of_customer },
        { "customers/redact", read_request_of_customer }, { "shop/redact", read_shop_erasure },
    };
    const char *topic = body->request->topic;
    if (body->json.values[0].kind != JSON_IS_OBJECT)
        return err_set(err, ERR_INVALID, "the request is JSON, but not an object");
    if (!topic || !*topic) return err_set(err, ERR_INVALID, "the X-Shopify-Topic header is missing");
    body->is_any_size = true;
    if (!body_is_sound(body)) return true;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topic, topics[i].topic) == 0) topics[i].read(body); /* of other topics nothing is kept */
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
