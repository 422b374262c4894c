/* Stripe's and Shopify's webhooks: signatures by known vectors, and what each topic becomes. */
#include "intake_support.h"

#include "base/secret.h"

#include <string.h>

static void setup(void)
{
    intake_setup();
    ASSERT_OK(secret_start(&err), &err);
}
TestSuite(intake_webhook, .init = setup, .fini = intake_teardown);

static bool read_stripe(const char *body)
{
    return read_request((struct intake_request){ .protocol = PROTOCOL_STRIPE }, body);
}

static bool read_shopify(const char *topic, const char *body)
{
    return read_request(
        (struct intake_request){ .protocol = PROTOCOL_SHOPIFY, .topic = topic, .delivery_id = text_of("e-1") },
        body);
}

static const struct message *stripe(const char *type, const char *object)
{
    ASSERT_OK(read_stripe(arena_format(arena,
                                       "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\",\"created\":"
                                       "1763845200,"
                                       "\"data\":{\"object\":%s}}",
                                       type, object)),
              &err);
    cr_assert(intake.n_refusals == 0, "%s %s", intake.refusals[0].field, intake.refusals[0].reason);
    cr_assert(intake.n_messages > 0);
    return &intake.messages[0];
}

static const struct message *shopify(const char *topic, const char *body)
{
    ASSERT_OK(read_shopify(topic, body), &err);
    return only_message();
}

Test(intake_webhook, stripes_signature_is_of_the_time_and_the_body)
{
    const char *body = "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"invoice.payment_failed\"}";
    const char *mac = "a4559c95478fd942bfda646b1b466d9d47068521a88713307ef60408dea8d68e";
    const char *header = arena_format(arena, "t=1700000000,v1=%s", mac);
    struct text secret = text_of("whsec_test");
    ASSERT_OK(intake_stripe_signed(text_of(body), text_of(header), secret, INT64_C(1700000000000), &err), &err);
    ASSERT_OK(intake_stripe_signed(text_of(body), text_of(header), secret, INT64_C(1700000300999), &err), &err);
    ASSERT_OK(intake_stripe_signed(text_of(body),
                                   text_of(arena_format(arena, "t=1700000000, v1=00, v0=x, v1=%s", mac)),
                                   secret, INT64_C(1699999700000), &err),
              &err);
    ASSERT_FAILS(intake_stripe_signed(text_of(body), text_of(header), secret, INT64_C(1700000301000), &err),
                 &err, ERR_REFUSED, "300 seconds");
    ASSERT_FAILS(intake_stripe_signed(text_of(body), text_of(header), secret, INT64_C(1699999699000), &err),
                 &err, ERR_REFUSED, "300 seconds");
    ASSERT_FAILS(intake_stripe_signed(text_of(body), text_of(header), text_of("whsec_tesT"),
                                      INT64_C(1700000000000), &err),
                 &err, ERR_REFUSED, "no signature");
    ASSERT_FAILS(intake_stripe_signed(text_of(body + 1), text_of(header), secret, INT64_C(1700000000000), &err),
                 &err, ERR_REFUSED, "no signature");
    ASSERT_FAILS(intake_stripe_signed(text_of(body), text_of(arena_format(arena, "t=1700000001,v1=%s", mac)),
                                      secret, INT64_C(1700000000000), &err),
                 &err, ERR_REFUSED, "no signature");
    static const char *const broken[] = { "",          "t=1700000000", "v1=00",
                                          "t=x,v1=00", ",,,",          "t=99999999999999999999,v1=00" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        ASSERT_FAILS(
            intake_stripe_signed(text_of(body), text_of(broken[i]), secret, INT64_C(1700000000000), &err), &err,
            ERR_REFUSED, "Stripe-Signature");
}

Test(intake_webhook, shopifys_signature_is_of_the_body)
{
    struct text body = text_of("{\"id\":1,\"email\":\"a@b.c\"}"), secret = text_of("shpss_test");
    struct text header = text_of("Wkg51QqhkU9M2ev087PjpKx+2PpQaXY4iyTziXCR4YY=");
    ASSERT_OK(intake_shopify_signed(body, header, secret, &err), &err);
    ASSERT_FAILS(intake_shopify_signed(body, header, text_of("shpss_tesT"), &err), &err, ERR_REFUSED,
                 "X-Shopify-Hmac");
    ASSERT_FAILS(intake_shopify_signed(text_of("{}"), header, secret, &err), &err, ERR_REFUSED, "X-Shopify-Hmac");
    ASSERT_FAILS(intake_shopify_signed(body, text_of(""), secret, &err), &err, ERR_REFUSED, "X-Shopify-Hmac");
    ASSERT_FAILS(intake_shopify_signed(body, text_of("Wkg51Q"), secret, &err), &err, ERR_REFUSED,
                 "X-Shopify-Hmac");
}

Test(intake_webhook, a_payment_told_three_times_is_one_order)
{
    const struct message *m = stripe("checkout.session.completed", "{\"id\":\"cs_1\",\"amount_total\":2550,"
                                                                   "\"currency\":\"eur\","
                                                                   "\"customer\":\"cus_1\",\"client_reference_"
                                                                   "id\":\"42\",\"customer_details\":{"
                                                                   "\"email\":\"A@b.de\"},\"invoice\":\"in_1\","
                                                                   "\"payment_intent\":\"pi_1\",\"payment_"
                                                                   "status\":\"paid\",\"mode\":"
                                                                   "\"subscription\"}");
    ASSERT_TEXT(m->kind, "order");
    ASSERT_TEXT(m->message_id, "stripe:in_1");
    ASSERT_TEXT(m->user_id, "42");
    ASSERT_TEXT(m->anonymous_id, "stripe:cus_1");
    ASSERT_TEXT(m->email, "a@b.de");
    ASSERT_TEXT(m->currency, "EUR");
    cr_assert_eq(m->amount_cents, 2550);
    cr_assert_eq(m->time_ms, INT64_C(1763845200000));
    m = stripe("invoice.paid", "{\"id\":\"in_1\",\"amount_paid\":2550,\"currency\":\"eur\",\"customer\":\"cus_"
                               "1\",\"customer_email\":"
                               "\"a@b.de\",\"lines\":{\"data\":[{\"amount\":2000,\"quantity\":2,\"price\":{"
                               "\"product\":\"prod_1\"}},{\"amount\":550,"
                               "\"description\":\"extra\"}]}}");
    ASSERT_TEXT(m->message_id, "stripe:in_1");
    cr_assert_eq(m->n_lines, 2);
    ASSERT_TEXT(m->lines[0].item, "prod_1");
    cr_assert(m->lines[0].amount_cents == 2000 && m->lines[0].quantity_milli == 2000);
    ASSERT_TEXT(m->lines[1].item, "extra");
    cr_assert_eq(m->quantity_milli, 3000);
    m = stripe("payment_intent.succeeded", "{\"id\":\"pi_1\",\"amount_received\":2550,\"currency\":\"eur\","
                                           "\"customer\":\"cus_1\","
                                           "\"invoice\":\"in_1\"}");
    ASSERT_TEXT(m->message_id, "stripe:in_1");
    m = stripe("payment_intent.succeeded", "{\"id\":\"pi_2\",\"amount_received\":2550,\"currency\":\"eur\","
                                           "\"customer\":\"cus_1\","
                                           "\"invoice\":null}");
    ASSERT_TEXT(m->message_id, "stripe:pi_2");
    m = stripe("checkout.session.completed", "{\"id\":\"cs_2\",\"amount_total\":2550,\"customer\":{\"id\":"
                                             "\"cus_1\"},"
                                             "\"payment_intent\":\"pi_2\",\"payment_status\":\"paid\"}");
    ASSERT_TEXT(m->message_id, "stripe:pi_2");
    ASSERT_TEXT(m->anonymous_id, "stripe:cus_1");
}

Test(intake_webhook, stripe_counts_in_the_smallest_unit_of_a_currency)
{
    static const struct { const char *currency; int64_t amount, cents;
    } cases[] = {
        { "eur", 2550, 2550 },  { "jpy", 500, 50000 }, { "KRW", 500, 50000 },
        { "kwd", 12345, 1235 }, { "usd", 1, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct message *m =
            stripe("invoice.paid", arena_format(arena,
                                                "{\"id\":\"in\",\"customer\":\"cus\",\"amount_paid\":%lld,"
                                                "\"currency\":\"%s\"}",
                                                (long long)cases[i].amount, cases[i].currency));
        cr_assert_eq(m->amount_cents, cases[i].cents, "%s %lld", cases[i].currency, (long long)m->amount_cents);
    }
    const struct message *trial = stripe("invoice.paid", "{\"id\":\"in_2\",\"customer\":\"cus_1\",\"amount_"
                                                         "paid\":0,\"currency\":\"eur\"}");
    ASSERT_TEXT(trial->kind, "invoice");
    const struct message *unpaid = stripe("checkout.session.completed", "{\"id\":\"cs\",\"customer\":\"cus\","
                                                                        "\"amount_total\":5,"
                                                                        "\"payment_status\":\"unpaid\"}");
    ASSERT_TEXT(unpaid->kind, "checkout_completed");
    cr_assert_eq(unpaid->amount_cents, 0);
}

Test(intake_webhook, a_second_partial_refund_counts_what_was_added)
{
    ASSERT_OK(read_stripe("{\"id\":\"evt_9\",\"type\":\"charge.refunded\",\"created\":1763845200,\"data\":{"
                          "\"object\":{\"id\":\"ch\","
                          "\"customer\":\"cus_1\",\"currency\":\"eur\",\"amount\":5000,\"amount_refunded\":"
                          "3000},\"previous_attributes\":"
                          "{\"amount_refunded\":1000}}}"),
              &err);
    const struct message *refund = only_message();
    ASSERT_TEXT(refund->kind, "refund");
    ASSERT_TEXT(refund->message_id, "evt_9");
    cr_assert_eq(refund->amount_cents, -2000);
    cr_assert_eq(stripe("charge.refunded", "{\"id\":\"ch\",\"customer\":\"cus_1\",\"currency\":\"eur\","
                                           "\"amount_refunded\":3000}")
                     ->amount_cents,
                 -3000);
}

Test(intake_webhook, subscriptions_are_events_and_traits)
{
    const char *object = "{\"id\":\"sub_1\",\"customer\":\"cus_1\",\"status\":\"active\",\"currency\":\"eur\","
                         "\"items\":{\"data\":[{\"price\":"
                         "{\"id\":\"price_1\",\"nickname\":\"Pro\",\"unit_amount\":1900,\"recurring\":{"
                         "\"interval\":\"month\"}}}]}}";
    static const char *const types[][2] = { { "created", "subscription_created" },
                                            { "updated", "subscription_updated" },
                                            { "deleted", "subscription_deleted" } };
    for (size_t i = 0; i < 3; i++) {
        const struct message *m = stripe(arena_format(arena, "customer.subscription.%s", types[i][0]), object);
        cr_assert_eq(intake.n_messages, 2);
        ASSERT_TEXT(m[0].kind, types[i][1]);
        cr_assert_eq(m[1].type, MESSAGE_IDENTIFY);
        ASSERT_TEXT(m[1].message_id, "evt_1 traits");
        ASSERT_TEXT(m[1].properties, "{\"subscription_status\":\"active\",\"plan\":\"Pro\",\"plan_interval\":"
                                     "\"month\",\"plan_amount\":19.00}");
    }
    ASSERT_TEXT(stripe("customer.subscription.trial_will_end", object)->kind, "subscription_trial_will_end");
    cr_assert_eq(intake.n_messages, 1);
    ASSERT_TEXT(stripe("invoice.payment_failed", "{\"id\":\"in\",\"customer\":\"cus\",\"amount_due\":1900,"
                                                 "\"attempt_count\":2}")
                    ->properties,
                "{\"attempt_count\":2,\"amount_due\":19.00}");
}

Test(intake_webhook, stripes_customers_are_people)
{
    const char *object = "{\"id\":\"cus_1\",\"email\":\"A@b.de\",\"name\":\"Ada\",\"phone\":null,\"address\":{"
                         "\"city\":\"Ulm\",\"country\":\"DE\","
                         "\"line1\":\"A 1\"},\"metadata\":{\"user_id\":\"42\",\"tier\":\"gold\"}}";
    static const char *const types[] = { "customer.created", "customer.updated" };
    for (size_t i = 0; i < 2; i++) {
        const struct message *m = stripe(types[i], object);
        cr_assert_eq(m->type, MESSAGE_IDENTIFY);
        ASSERT_TEXT(m->user_id, "42");
        ASSERT_TEXT(m->anonymous_id, "stripe:cus_1");
        ASSERT_TEXT(m->email, "a@b.de");
        ASSERT_TEXT(m->properties, "{\"address.city\":\"Ulm\",\"address.country\":\"DE\",\"metadata.user_id\":"
                                   "\"42\",\"metadata.tier\":\"gold\"}");
        ASSERT_TEXT(m->personal, "{\"email\":\"A@b.de\",\"name\":\"Ada\",\"address.line1\":\"A 1\"}");
    }
    ASSERT_TEXT(stripe("customer.deleted", object)->kind, "customer_deleted");
}

Test(intake_webhook, stripe_events_without_what_they_need_are_refused)
{
    ASSERT_OK(read_stripe("{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"invoice.payment_failed\"}"), &err);
    only_refusal("data.object", "missing");
    ASSERT_OK(read_stripe("{\"id\":\"evt_1\",\"type\":\"invoice.paid\",\"data\":{\"object\":{\"amount_paid\":5}"
                          "}}"),
              &err);
    only_refusal("data.object.customer", "names nobody");
    ASSERT_OK(read_stripe("{\"id\":\"evt_1\",\"type\":\"invoice.paid\",\"data\":{\"object\":{\"customer\":"
                          "\"c\"}}}"),
              &err);
    only_refusal("data.object", "no amount");
    ASSERT_OK(read_stripe("{\"id\":\"evt_1\",\"type\":\"product.created\",\"data\":{\"object\":{}}}"), &err);
    cr_assert(intake.n_messages == 0 && intake.n_refusals == 0);
}

Test(intake_webhook, an_order_is_one_whether_created_or_paid)
{
    const char *order = "{\"id\":820982911946154508,\"email\":\"J@b.de\",\"created_at\":\"2025-11-22T16:00:00-"
                        "05:00\",\"currency\":\"USD\","
                        "\"total_price\":\"403.00\",\"financial_status\":\"paid\",\"customer\":{\"id\":"
                        "115310627314723954,\"email\":\"j@b.de\"},"
                        "\"line_items\":[{\"product_id\":632910392,\"sku\":\"I\",\"quantity\":2,\"price\":"
                        "\"199.00\",\"total_discount\":\"0.50\"},"
                        "{\"product_id\":null,\"sku\":\"GIFT\",\"quantity\":1,\"price\":\"5.50\"}]}";
    static const char *const topics[] = { "orders/create", "orders/paid", "orders/updated" };
    for (size_t i = 0; i < 3; i++) {
        const struct message *m = shopify(topics[i], order);
        ASSERT_TEXT(m->kind, "order");
        ASSERT_TEXT(m->message_id, "shopify:order:820982911946154508");
        ASSERT_TEXT(m->user_id, "115310627314723954");
        ASSERT_TEXT(m->anonymous_id, "shopify:order:820982911946154508");
        ASSERT_TEXT(m->email, "j@b.de");
        ASSERT_TEXT(m->currency, "USD");
        cr_assert_eq(m->amount_cents, 40300);
        cr_assert_eq(m->time_ms, RECEIVED_MS - 3600000);
        cr_assert_eq(m->n_lines, 2);
        ASSERT_TEXT(m->lines[0].item, "632910392");
        cr_assert(m->lines[0].amount_cents == 39750 && m->lines[0].quantity_milli == 2000);
        ASSERT_TEXT(m->lines[1].item, "GIFT");
        ASSERT_TEXT(m->properties,
                    "{\"financial_status\":\"paid\",\"currency\":\"USD\",\"order_id\":\"820982911946154508\"}");
        cr_assert_eq(m->n_orders, 1);
    }
    const struct message *cancelled = shopify("orders/cancelled", order);
    ASSERT_TEXT(cancelled->kind, "order_cancelled");
    ASSERT_TEXT(cancelled->message_id, "shopify:orders/cancelled:e-1");
    cr_assert_eq(cancelled->n_lines, 0);
}

Test(intake_webhook, an_order_that_was_never_paid_or_is_a_test_is_none)
{
    static const struct { const char *said, *kind, *id; } cases[] = {
        { "\"financial_status\":\"pending\"", "order_pending", "shopify:order:1" },
        { "\"financial_status\":\"authorized\"", "order_pending", "shopify:order:1" },
        { "\"financial_status\":\"voided\"", "order_cancelled", "shopify:order:1" },
        { "\"financial_status\":\"paid\",\"test\":true", "order_test", "shopify:order:1" },
        { "\"financial_status\":\"paid\",\"test\":false", "order", "shopify:order:1" },
        { "\"financial_status\":\"partially_refunded\"", "order", "shopify:order:1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct message *m = shopify(
            "orders/create", arena_format(arena, "{\"id\":1,\"total_price\":\"10.00\",\"customer\":{\"id\":7},%s}",
                                          cases[i].said));
        ASSERT_TEXT(m->kind, cases[i].kind);
        ASSERT_TEXT(m->message_id, cases[i].id);
    }
}

Test(intake_webhook, a_cancellation_happened_when_it_was_cancelled)
{
    const struct message *m =
        shopify("orders/cancelled", "{\"id\":1,\"total_price\":\"10.00\",\"customer\":{\"id\":7},"
                                    "\"processed_at\":\"2025-11-20T16:00:00-05:00\","
                                    "\"cancelled_at\":\"2025-11-22T16:00:00-05:00\"}");
    cr_assert_eq(m->time_ms, RECEIVED_MS - 3600000);
}

Test(intake_webhook, a_refund_finds_its_customer_by_the_order)
{
    const struct message *m =
        shopify("refunds/create", "{\"id\":5,\"order_id\":820982911946154508,\"created_at\":"
                                  "\"2025-11-22T16:00:00-05:00\",\"user_id\":548380009,\"refund_line_items\":[{"
                                  "\"quantity\":1,\"subtotal\":195.67,\"line_item\":"
                                  "{\"product_id\":632910392,\"price\":\"199.00\"}}],\"transactions\":[{"
                                  "\"kind\":\"refund\",\"status\":\"success\",\"amount\":\"190.00\"},"
                                  "{\"kind\":\"refund\",\"status\":\"failure\",\"amount\":\"5.00\"}]}");
    ASSERT_TEXT(m->kind, "refund");
    ASSERT_TEXT(m->user_id, "");
    ASSERT_TEXT(m->anonymous_id, "shopify:order:820982911946154508");
    ASSERT_TEXT(m->message_id, "shopify:refund:5");
    cr_assert_eq(m->amount_cents, -19000);
    cr_assert(m->lines[0].amount_cents == -19567 && m->lines[0].quantity_milli == -1000);
    m = shopify("refunds/create", "{\"id\":6,\"order_id\":1,\"refund_line_items\":[{\"quantity\":1,"
                                  "\"subtotal\":\"195.67\",\"line_item\":{}}]}");
    cr_assert_eq(m->amount_cents, -19567);
}

Test(intake_webhook, checkouts_and_customers_of_a_shop)
{
    const struct message *m = shopify("checkouts/create", "{\"token\":\"tok\",\"total_price\":\"10.00\","
                                                          "\"email\":\"A@b.de\"}");
    ASSERT_TEXT(m->kind, "checkout_started");
    ASSERT_TEXT(m->email, "a@b.de");
    cr_assert_eq(m->amount_cents, 1000);
    m = shopify("checkouts/update", "{\"token\":\"tok\",\"total_price\":\"10.00\",\"email\":null,\"customer\":"
                                    "null}");
    ASSERT_TEXT(m->kind, "checkout_updated");
    ASSERT_TEXT(m->anonymous_id, "shopify:checkout:tok");
    static const char *const topics[] = { "customers/create", "customers/update" };
    for (size_t i = 0; i < 2; i++) {
        m = shopify(topics[i], "{\"id\":7,\"email\":\"A@b.de\",\"first_name\":\"Ada\",\"phone\":null,\"tags\":"
                               "\"vip\",\"orders_count\":3,"
                               "\"email_marketing_consent\":{\"state\":\"subscribed\"},\"sms_marketing_"
                               "consent\":{\"state\":\"unsubscribed\"},"
                               "\"default_address\":{\"address1\":\"A "
                               "1\",\"city\":\"Ulm\",\"country_code\":\"DE\",\"zip\":\"89073\"}}");
        cr_assert_eq(m->type, MESSAGE_IDENTIFY);
        ASSERT_TEXT(m->user_id, "7");
        ASSERT_TEXT(m->email, "a@b.de");
        ASSERT_TEXT(m->consent, "{\"email\":true,\"sms\":false}");
        ASSERT_TEXT(m->properties, "{\"tags\":\"vip\",\"orders_count\":3,\"default_address.city\":\"Ulm\","
                                   "\"default_address.country_code\":\"DE\"}");
        ASSERT_TEXT(m->personal, "{\"email\":\"A@b.de\",\"first_name\":\"Ada\",\"default_address.address1\":"
                                 "\"A 1\","
                                 "\"default_address.zip\":\"89073\"}");
    }
    ASSERT_TEXT(shopify("customers/delete", "{\"id\":7}")->kind, "customer_deleted");
}

Test(intake_webhook, a_platforms_requests_of_privacy_are_taken)
{
    const char *body = "{\"shop_id\":1,\"shop_domain\":\"s.myshopify.com\",\"customer\":{\"id\":191167,"
                       "\"email\":\"J@b.de\",\"phone\":\"5\"},"
                       "\"orders_to_redact\":[1]}";
    const struct message *m = shopify("customers/data_request", body);
    cr_assert_eq(m->type, MESSAGE_EXPORT);
    ASSERT_TEXT(m->user_id, "191167");
    ASSERT_TEXT(m->email, "j@b.de");
    cr_assert_eq(shopify("customers/redact", body)->type, MESSAGE_ERASE);
    m = shopify("shop/redact", "{\"shop_id\":1,\"shop_domain\":\"s.myshopify.com\"}");
    cr_assert(m->type == MESSAGE_ERASE && m->is_everybody && m->user_id.length == 0);
    ASSERT_OK(read_shopify("customers/redact", "{\"shop_id\":1}"), &err);
    only_refusal("customer", "missing");
    ASSERT_FAILS(read_shopify(NULL, "{}"), &err, ERR_INVALID, "X-Shopify-Topic");
    ASSERT_OK(read_shopify("themes/create", "{}"), &err);
    cr_assert(intake.n_messages == 0 && intake.n_refusals == 0);
}

Test(intake_webhook, stripes_test_mode_sells_nothing)
{
    static const char *const types[][2] = { { "payment_intent.succeeded", "order_test" }, { "charge.refunded", "refund_test" } };
    for (size_t i = 0; i < 2; i++) {
        ASSERT_OK(read_stripe(arena_format(arena,
                                           "{\"id\":\"evt_1\",\"type\":\"%s\",\"created\":1763845200,\"livemode\":false,"
                                           "\"data\":{\"object\":{\"id\":\"x_1\",\"customer\":\"cus_1\",\"currency\":\"eur\","
                                           "\"amount_received\":500,\"amount_refunded\":500}}}",
                                           types[i][0])),
                  &err);
        ASSERT_TEXT(only_message()->kind, types[i][1]);
    }
}

Test(intake_webhook, a_charge_tells_of_a_payment_only_where_no_intent_does_it_better)
{
    const struct message *m = stripe("charge.succeeded", "{\"id\":\"ch_1\",\"customer\":null,\"payment_intent\":\"pi_1\","
                                                         "\"captured\":true,\"paid\":true,\"amount\":700,\"amount_captured\":700,"
                                                         "\"billing_details\":{\"email\":\"a@b.de\"}}");
    ASSERT_TEXT(m->kind, "order");
    ASSERT_TEXT(m->message_id, "stripe:pi_1");
    cr_assert_eq(m->amount_cents, 700);
    m = stripe("charge.succeeded", "{\"id\":\"ch_1\",\"customer\":\"cus_1\",\"payment_intent\":\"pi_1\",\"amount\":700}");
    ASSERT_TEXT(m->kind, "charge");
    m = stripe("charge.succeeded", "{\"id\":\"ch_1\",\"customer\":\"cus_1\",\"payment_intent\":null,\"captured\":false,"
                                   "\"amount\":700}");
    ASSERT_TEXT(m->kind, "payment_authorized");
    m = stripe("checkout.session.completed", "{\"id\":\"cs_1\",\"mode\":\"setup\",\"customer\":\"cus_1\",\"amount_total\":null}");
    ASSERT_TEXT(m->kind, "checkout_completed");
}

Test(intake_webhook, what_shopify_says_was_not_given_back_is_not)
{
    const struct message *m =
        shopify("refunds/create", "{\"id\":9,\"order_id\":5,\"refund_line_items\":[{\"quantity\":1,\"subtotal\":3,"
                                  "\"line_item\":{\"sku\":\"a\",\"price\":\"3\"}}],"
                                  "\"transactions\":[{\"kind\":\"refund\",\"status\":\"error\",\"amount\":\"3.00\"}]}");
    ASSERT_TEXT(m->kind, "refund");
    cr_assert(m->amount_cents == 0 && !m->is_of_all);
    m = shopify("refunds/create", "{\"id\":9,\"order_id\":5,\"transactions\":[{\"kind\":\"refund\",\"status\":\"success\","
                                  "\"test\":true,\"amount\":\"3.00\"}]}");
    ASSERT_TEXT(m->kind, "refund_test");
    m = shopify("orders/updated", "{\"id\":5,\"email\":\"a@b.de\",\"total_price\":\"3.00\",\"financial_status\":\"refunded\","
                                  "\"cancelled_at\":\"2026-01-02T03:04:05Z\"}");
    ASSERT_TEXT(m->kind, "order_cancelled");
}
