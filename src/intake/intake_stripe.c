/* intake_stripe.c - Stripe's webhooks: payments, refunds, subscriptions; see intake.h.
 *
 * A payment may be told three times: by its checkout, its invoice and its payment intent.  The order that comes
 * of it has the invoice's id as message id, else the payment intent's, so that whichever comes first counts and
 * the others are repetitions.  Who it is: the id that the shop has put in client_reference_id or metadata, the
 * e-mail address, and "stripe:cus_...", by which what says no more is joined to them.
 *
 * Source: docs.stripe.com/api/events, docs.stripe.com/webhooks/signatures, docs.stripe.com/currencies. */
#include "intake/intake_internal.h"

#include "base/secret.h"
#include "intake/currency.h"

#include <string.h>

struct stripe_event {
    struct body *body;
    struct text     id;             /* "evt_..." */
    uint32_t        event, object, previous;        /* previous: what an update has changed; 0 none */
    const char     *kind;
    bool            is_test;        /* of Stripe's test mode: told, but neither counted nor summed */
};

static uint32_t member(const struct stripe_event *event, const char *name)
{
    return json_member(&event->body->json, event->object, name);
}

static struct text text_of_member(const struct stripe_event *event, const char *name)
{
    return body_text(event->body, member(event, name));
}

/* An object's id, whether it stands there itself or by its id. */
static struct text id_of(const struct stripe_event *event, const char *name)
{
    uint32_t value = member(event, name);
    if (value && event->body->json.values[value].kind == JSON_IS_OBJECT)
        value = json_member(&event->body->json, value, "id");
    return body_text(event->body, value);
}

/* Stripe counts in the currency's smallest unit. */
static int64_t cents_of(int64_t amount, struct text currency)
{
    int decimals = currency_decimals(currency);
    return decimals == 0 ? amount * 100 : decimals == 3 ? (amount + (amount < 0 ? -5 : 5)) / 10 : amount;
}

static bool amount_of(const struct stripe_event *event, uint32_t object, const char *name, int64_t *ret_cents)
{
    const struct json *json = &event->body->json;
    uint32_t value = json_member(json, object, name);
    int64_t amount;
    if (!value || json->values[value].kind != JSON_IS_NUMBER || !text_int64(json_written(json, value), &amount))
        return false;
    if (amount > INT64_C(10000000000000) || amount < -INT64_C(10000000000000)) return false;
    *ret_cents = cents_of(amount, text_of_member(event, "currency"));
    return true;
}

/* The id that the shop knows its customer by. */
static struct text shop_id(const struct stripe_event *event)
{
    static const char *const names[] = { "user_id", "userId", "customer_id", "customerId", "external_id" };
    const struct json *json = &event->body->json;
    uint32_t parent = member(event, "parent"), subscription = member(event, "subscription_details");
    if (subscription == 0 && parent) subscription = json_member(json, parent, "subscription_details");
    uint32_t metadata[2] = { member(event, "metadata"), subscription ? json_member(json, subscription, "metadata") : 0 };
    struct text id = text_of_member(event, "client_reference_id");
    for (size_t m = 0; m < 2; m++)
        for (size_t i = 0; metadata[m] && id.length == 0 && i < sizeof names / sizeof *names; i++)
            id = body_text(event->body, json_member(json, metadata[m], names[i]));
    id = text_trim(id);
    return id.length <= MESSAGE_MOST_ID_BYTES ? id : (struct text){ "", 0 };
}

static struct text email_of(const struct stripe_event *event, bool is_customer)
{
    struct body *body = event->body;
    uint32_t details = member(event, "customer_details"), billing = member(event, "billing_details");
    struct text email = body_email(body, details ? json_member(&body->json, details, "email") : 0);
    if (email.length == 0) email = body_email(body, member(event, "customer_email"));
    if (email.length == 0) email = body_email(body, member(event, "receipt_email"));
    if (email.length == 0 && billing)
        email = body_email(body, json_member(&body->json, billing, "email"));
    return email.length == 0 && is_customer ? body_email(body, member(event, "email")) : email;
}

/* A message of the event with its time and its person.  NULL: it names nobody (refused). */
static struct message *begin(const struct stripe_event *event, enum message_type type)
{
    struct body *body = event->body;
    bool is_customer = strncmp(event->kind, "customer_", 9) == 0;
    struct text customer = is_customer ? text_of_member(event, "id") : id_of(event, "customer"),
                anonymous = { "", 0 };
    struct message *message = body_add(body);
    if (customer.length > 0 && customer.length < 200)
        anonymous = text_of(arena_format(body->arena, "stripe:%.*s", (int)customer.length, customer.at));
    message->type = type;
    message->kind = text_of(type == MESSAGE_IDENTIFY ? "traits" : event->kind);
    message->message_id = type != MESSAGE_IDENTIFY ? event->id
        : text_of(arena_format(body->arena, "%.*s traits", (int)event->id.length, event->id.at));
    message->email = email_of(event, is_customer);
    uint32_t created = json_member(&body->json, event->event, "created");
    flat_begin(body->flat);
    if (body_who(body, message, shop_id(event), anonymous, "data.object.customer") &&
        body_happened(body, created, "created", false, 0, &message->time_ms))
        return message;
    body->intake->n_messages--;
    return NULL;
}

/* Adds the named members of an object of the event. */
static void add_members(const struct stripe_event *event, const char *const *names, enum personal_of of)
{
    struct body *body = event->body;
    for (; *names; names++) {
        uint32_t value = member(event, *names);
        if (value && body->json.values[value].kind != JSON_IS_NULL)
            flat_add_member(body->flat, &body->json, value, text_of(*names), of);
    }
}

static void read_customer(const struct stripe_event *event)
{
    static const char *const traits[] = { "email",       "name",     "phone",      "address",
                                          "description", "currency", "delinquent", "preferred_locales",
                                          "metadata",    NULL };
    struct message *message = begin(event, MESSAGE_IDENTIFY);
    if (!message) return;
    add_members(event, traits, PERSONAL_OF_PERSON);
    body_flat_end(event->body, message);
}

/* Something happened that moves no money; a failed payment says how much it was about. */
static void read_other(const struct stripe_event *event)
{
    static const char *const kept[] = {
        "status",   "billing_reason",       "attempt_count",        "next_payment_attempt",
        "currency", "cancel_at_period_end", "cancellation_details", "metadata",
        NULL
    };
    struct message *message = begin(event, MESSAGE_TRACK);
    int64_t due_cents;
    if (!message) return;
    add_members(event, kept, PERSONAL_OF_EVENT);
    if (amount_of(event, event->object, "amount_due", &due_cents))
        flat_put_json(&event->body->flat->properties, "amount_due",
                      text_of(arena_format(event->body->arena, "%.2f", (double)due_cents / 100)));
    body_flat_end(event->body, message);
}

/* A subscription's state and price as traits: what the customer has now. */
static void add_subscription_traits(const struct stripe_event *event)
{
    struct body *body = event->body;
    const struct json *json = &body->json;
    uint32_t items = member(event, "items"), data = items ? json_member(json, items, "data") : 0;
    uint32_t item = data && json->values[data].kind == JSON_IS_LIST ? json_first(json, data) : 0;
    uint32_t price = item ? json_member(json, item, "price") : member(event, "plan");
    uint32_t recurring = price ? json_member(json, price, "recurring") : 0;
    uint32_t interval = json_member(json, recurring ? recurring : price, "interval"),
             status = member(event, "status");
    struct flat *flat = body->flat;
    int64_t cents;
    if (status) flat_add_member(flat, json, status, text_of("subscription_status"), PERSONAL_OF_EVENT);
    if (price == 0) return;
    uint32_t name = json_member(json, price, "nickname"), id = json_member(json, price, "id");
    if (name && json->values[name].kind != JSON_IS_STRING) name = 0;
    if (name || id) flat_add_member(flat, json, name ? name : id, text_of("plan"), PERSONAL_OF_EVENT);
    if (interval) flat_add_member(flat, json, interval, text_of("plan_interval"), PERSONAL_OF_EVENT);
    if (amount_of(event, price, "unit_amount", &cents) || amount_of(event, price, "amount", &cents))
        flat_put_json(&flat->properties, "plan_amount",
                      text_of(arena_format(body->arena, "%.2f", (double)cents / 100)));
}

static void read_subscription(const struct stripe_event *event)
{
    size_t before = event->body->intake->n_messages;
    read_other(event);
    if (event->body->intake->n_messages == before) return;
    struct message *traits = begin(event, MESSAGE_IDENTIFY);
    if (!traits) return;
    add_subscription_traits(event);
    body_flat_end(event->body, traits);
}

/* The invoice's lines as lines of the order. */
static void add_lines(const struct stripe_event *event, struct message *message)
{
    const struct json *json = &event->body->json;
    uint32_t lines = member(event, "lines"), data = lines ? json_member(json, lines, "data") : 0;
    size_t n = 0;
    if (!data || json->values[data].kind != JSON_IS_LIST) return;
    for (uint32_t i = json_first(json, data); i; i = json_next(json, data, i)) n++;
    struct message_line *ret = ARENA_ARRAY(event->body->arena, struct message_line, n);
    for (uint32_t i = json_first(json, data); i; i = json_next(json, data, i)) {
        struct message_line *line = &ret[message->n_lines];
        uint32_t price = json_member(json, i, "price"), pricing = json_member(json, i, "pricing");
        if (price == 0 && pricing) price = json_member(json, pricing, "price_details");
        uint32_t product = price ? json_member(json, price, "product") : 0;
        uint32_t quantity = json_member(json, i, "quantity");
        int64_t count;
        if (!amount_of(event, i, "amount", &line->amount_cents)) continue;
        line->item = body_text(event->body, product ? product : json_member(json, i, "description"));
        if (line->item.length > MESSAGE_MOST_ID_BYTES) line->item.length = 0;
        line->quantity_milli = 1000;
        if (quantity && text_int64(json_written(json, quantity), &count) && count >= 0 && count < 1000000000)
            line->quantity_milli = count * 1000;
        message->quantity_milli += line->quantity_milli;
        message->n_lines++;
    }
    message->lines = ret;
}

static void put_currency(const struct stripe_event *event, struct message *message)
{
    struct text currency = text_of_member(event, "currency");
    if (currency.length != 3) return;
    char *capitals = arena_alloc(event->body->arena, 3, 1);
    for (size_t i = 0; i < 3; i++) capitals[i] = (char)(currency.at[i] & ~32);
    message->currency = (struct text){ capitals, 3 };
}

/* "in_..." of an invoice or of what belongs to one, else "pi_...", else the object's own id. */
static struct text payment_id(const struct stripe_event *event)
{
    struct text id = text_of_member(event, "id"), invoice = id_of(event, "invoice"),
                intent = id_of(event, "payment_intent");
    uint32_t details = member(event, "payment_details");
    if (strcmp(event->kind, "invoice") == 0) return id;
    if (invoice.length == 0 && details) {
        invoice = body_text(event->body, json_member(&event->body->json, details, "order_reference"));
        if (invoice.length < 3 || memcmp(invoice.at, "in_", 3) != 0) invoice.length = 0;
    }
    return invoice.length > 0 ? invoice : intent.length > 0 ? intent : id;
}

/* What the payment is called in Stripe's exports, and the shop's own number of the order. */
static void add_numbers(const struct stripe_event *event, struct message *message)
{
    static const char *const names[] = { "order_id", "order_number", "orderId" };
    struct body *body = event->body;
    uint32_t metadata = member(event, "metadata");
    struct text charge = id_of(event, "latest_charge"), id = text_of_member(event, "id");
    if (charge.length == 0) charge = id_of(event, "charge");
    if (charge.length == 0 && id.length > 3 && memcmp(id.at, "ch_", 3) == 0) charge = id;
    for (size_t i = 0; metadata && i < sizeof names / sizeof *names; i++)
        commerce_add_number(message, body_text(body, json_member(&body->json, metadata, names[i])));
    body_put_number(body, message, "charge", charge);
    body_put_number(body, message, "payment_id", payment_id(event));
}

/* What a client tells of a payment that was not made, or is not yet: of a checkout its payment comes later, or never;
 * one that only keeps a card is about no money; a charge may only be set aside.  Since 2025 a charge does not name its
 * invoice: where it has a customer, and so may have one, its intent tells of it. */
static const char *unpaid_kind(const struct stripe_event *event)
{
    const struct json *json = &event->body->json;
    uint32_t captured = member(event, "captured"), paid = member(event, "paid");
    if (text_equal(text_of_member(event, "payment_status"), text_of("unpaid"))) return "checkout_completed";
    if (text_equal(text_of_member(event, "mode"), text_of("setup"))) return "checkout_completed";
    bool is_open = (captured && json->values[captured].kind == JSON_IS_FALSE) ||
                   (paid && json->values[paid].kind == JSON_IS_FALSE);
    if (strcmp(event->kind, "charge") != 0) return NULL;
    if (is_open) return "payment_authorized";
    bool has_intent = id_of(event, "payment_intent").length > 0 && id_of(event, "customer").length > 0;
    return has_intent && member(event, "invoice") == 0 ? "charge" : NULL;
}

static void read_payment(const struct stripe_event *event)
{
    static const char *const amounts[] = { "amount_paid", "amount_received", "amount_captured", "amount_total",
                                           "amount" };
    static const char *const kept[] = { "billing_reason", "mode", "payment_status", "currency", "metadata", NULL };
    struct stripe_event other = *event;
    int64_t cents = 0;
    bool has_amount = false;
    other.kind = unpaid_kind(event);
    if (other.kind) {
        read_other(&other);
        return;
    }
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts && !has_amount; i++)
        has_amount = amount_of(event, event->object, amounts[i], &cents);
    if (!has_amount) {
        (void)body_refuse(event->body, "data.object", "has no amount that was paid");
        return;
    }
    struct message *message = begin(event, MESSAGE_TRACK);
    if (!message) return;
    struct text id = payment_id(event);
    if (cents > 0) {        /* the first invoice of a trial is over nothing: no order */
        message->kind = text_of(event->is_test ? "order_test" : "order");
        message->amount_cents = cents;
        add_lines(event, message);
    } else {
        message->kind = text_of("invoice");
    }
    if (id.length > 0)
        message->message_id = text_of(arena_format(event->body->arena, "stripe:%.*s", (int)id.length, id.at));
    put_currency(event, message);
    add_members(event, kept, PERSONAL_OF_EVENT);
    add_numbers(event, message);
    body_flat_end(event->body, message);
}

/* amount_refunded is the sum of all refunds of the charge; what it was before tells this one's. */
static void read_refund(const struct stripe_event *event)
{
    int64_t all_cents, before_cents = 0;
    if (!amount_of(event, event->object, "amount_refunded", &all_cents)) {
        (void)body_refuse(event->body, "data.object.amount_refunded", "is not an amount of money");
        return;
    }
    if (event->previous) (void)amount_of(event, event->previous, "amount_refunded", &before_cents);
    struct message *message = begin(event, MESSAGE_TRACK);
    if (!message) return;
    message->kind = text_of(event->is_test ? "refund_test" : "refund");
    message->amount_cents = all_cents > before_cents ? before_cents - all_cents : -all_cents;
    put_currency(event, message);
    add_numbers(event, message);
    body_flat_end(event->body, message);
}

static const struct { const char *type, *kind; void (*read)(const struct stripe_event *event); } types[] = {
    { "checkout.session.completed", "checkout", read_payment },
    { "checkout.session.async_payment_succeeded", "checkout", read_payment },
    { "invoice.paid", "invoice", read_payment },
    { "invoice.payment_succeeded", "invoice", read_payment },
    { "payment_intent.succeeded", "payment", read_payment },
    { "charge.succeeded", "charge", read_payment },
    { "charge.captured", "charge", read_payment },
    { "invoice.payment_failed", "payment_failed", read_other },
    { "charge.refunded", "refund", read_refund },
    { "customer.created", "customer_created", read_customer },
    { "customer.updated", "customer_updated", read_customer },
    { "customer.deleted", "customer_deleted", read_other },
    { "customer.subscription.created", "subscription_created", read_subscription },
    { "customer.subscription.updated", "subscription_updated", read_subscription },
    { "customer.subscription.deleted", "subscription_deleted", read_subscription },
    { "customer.subscription.trial_will_end", "subscription_trial_will_end", read_other },
};

bool stripe_read(struct body *body, struct err *err)
{
    const struct json *json = &body->json;
    if (json->values[0].kind != JSON_IS_OBJECT)
        return err_set(err, ERR_INVALID, "the request is JSON, but not an object");
    body->is_any_size = true;
    if (!body_is_sound(body)) return true;
    struct text type = body_text(body, json_member(json, 0, "type"));
    uint32_t data = json_member(json, 0, "data"), livemode = json_member(json, 0, "livemode");
    struct stripe_event event = { .body = body, .event = 0,
                                  .object = data ? json_member(json, data, "object") : 0,
                                  .previous = data ? json_member(json, data, "previous_attributes") : 0,
                                  .is_test = livemode && json->values[livemode].kind == JSON_IS_FALSE };
    if (!body_id(body, json_member(json, 0, "id"), "id", &event.id)) return true;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!text_equal(type, text_of(types[i].type))) continue;
        event.kind = types[i].kind;
        if (!event.object || json->values[event.object].kind != JSON_IS_OBJECT)
            (void)body_refuse(body, "data.object", "is missing: what is the event about?");
        else types[i].read(&event);
        break;      /* of other types nothing is kept */
    }
    return true;
}

/* t=1700000000,v1=<hex>,v1=<hex>: one of several keys may have signed. */
bool intake_stripe_signed(struct text body, struct text header, struct text secret, int64_t now_ms,
                          struct err *err)
{
    static const int64_t most_s = 300;
    struct text signed_s = { "", 0 }, signatures[8];
    size_t n = 0;
    int64_t time_s;
    while (header.length > 0) {
        const char *comma = memchr(header.at, ',', header.length);
        struct text part = { header.at, comma ? (size_t)(comma - header.at) : header.length };
        header.at += part.length + (comma != NULL);
        header.length -= part.length + (comma != NULL);
        part = text_trim(part);
        if (part.length > 2 && memcmp(part.at, "t=", 2) == 0)
            signed_s = (struct text){ part.at + 2, part.length - 2 };
        if (part.length > 3 && memcmp(part.at, "v1=", 3) == 0 && n < 8)
            signatures[n++] = (struct text){ part.at + 3, part.length - 3 };
    }
    if (n == 0 || signed_s.length > 20 || !text_int64(signed_s, &time_s))
        return err_set(err, ERR_REFUSED, "the Stripe-Signature header has no time (t=) or no signature (v1=)");
    int64_t now_s = now_ms / 1000;
    if (time_s < now_s - most_s || time_s > now_s + most_s)
        return err_set(err, ERR_REFUSED, "the Stripe-Signature header is not from the last 300 seconds");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    char *message = arena_alloc(arena, signed_s.length + 1 + body.length, 1);
    uint8_t wanted[SECRET_MAC_BYTES], got[SECRET_MAC_BYTES];
    bool ok = false;
    memcpy(message, signed_s.at, signed_s.length);
    message[signed_s.length] = '.';
    if (body.length) memcpy(message + signed_s.length + 1, body.at, body.length);
    secret_hmac_sha256(secret, (struct text){ message, signed_s.length + 1 + body.length }, wanted);
    for (size_t i = 0; i < n; i++)
        if (secret_unhex(signatures[i], got, sizeof got)) ok |= secret_equal(wanted, got, sizeof got);
    arena_free(arena);
    return ok || err_set(err, ERR_REFUSED, "no signature in the Stripe-Signature header is of this secret");
}
