/* Money, items and pieces in properties; exact in cents. */
#include "intake/commerce.h"
#include "intake_support.h"

#include <string.h>

TestSuite(commerce, .init = intake_setup, .fini = intake_teardown);

static struct message message;
static const char *field, *reason;

static bool read(const char *event, const char *properties)
{
    struct json json;
    ASSERT_OK(json_read(text_of(arena_format(arena, "{\"p\":%s}", properties)), arena, &json, &err), &err);
    message = (struct message){ .kind = commerce_kind(text_of(event)), .item = { "", 0 }, .currency = { "", 0 } };
    return commerce_read(&json, 1, arena, &message, &field, &reason);
}

Test(commerce, orders_and_refunds_have_kinds_and_everything_else_its_name)
{
    static const char *const cases[][2] = {
        { "Order Completed", "order" },
        { "order_completed", "order" },
        { "Completed Order", "order" },
        { "Order Refunded", "refund" },
        { "Order Updated", "Order Updated" },
        { "Order Cancelled", "order_cancelled" },
        { "Product Viewed", "Product Viewed" },
        { "order", "order" },
        { "traits", "track traits" },
        { "order_item", "track order_item" },
        { "Order Completed with a long tail", "Order Completed with a long tail" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_TEXT(commerce_kind(text_of(cases[i][0])), cases[i][1]);
}

Test(commerce, whoever_names_an_event_as_clients_do_means_the_kind_that_it_has)
{
    cr_assert_str_eq(commerce_meant("Order Completed"), "order");
    cr_assert_str_eq(commerce_meant("order_cancelled"), "order_cancelled");
    cr_assert_str_eq(commerce_meant("traits"), "traits");
    cr_assert_str_eq(commerce_meant("Product Viewed"), "Product Viewed");
    cr_assert_null(commerce_meant(NULL));
}

Test(commerce, an_update_with_a_number_and_a_worth_is_the_order_as_it_is_now)
{
    cr_assert(read("Order Updated", "{\"order_id\":1001,\"revenue\":5}"));
    ASSERT_TEXT(message.kind, "order");
    cr_assert(message.is_update && message.n_orders == 1 && message.amount_cents == 500);
    ASSERT_TEXT(message.orders[0], "1001");
    cr_assert(read("Order Updated", "{\"order_id\":1001,\"status\":\"sent\"}"));
    ASSERT_TEXT(message.kind, "Order Updated");
    cr_assert(read("Order Updated", "{\"revenue\":5}"));
    ASSERT_TEXT(message.kind, "Order Updated");
    cr_assert(read("Product Viewed", "{\"order_id\":1001,\"price\":5}"));
    cr_assert_eq(message.n_orders, 0);
}

Test(commerce, an_orders_amount_is_what_it_says_or_the_sum_of_its_lines)
{
    static const struct { const char *properties; int64_t cents, quantity_milli; size_t n_lines; } cases[] = {
        { "{\"revenue\":25.55,\"total\":30}", 2555, 0, 0 },
        { "{\"total\":\"1,234.50\"}", 123450, 0, 0 },
        { "{\"revenue\":null,\"value\":0.1}", 10, 0, 0 },
        { "{\"total\":1.005e2}", 10050, 0, 0 },
        { "{\"products\":[{\"sku\":\"a\",\"price\":0.335,\"quantity\":3},{\"price\":\"1\"}]}", 201, 4000, 2 },
        { "{\"products\":[{\"product_id\":1,\"price\":2.5,\"quantity\":0.5},7,null]}", 125, 500, 1 },
        { "{}", 0, 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert(read("Order Completed", cases[i].properties), "%s", cases[i].properties);
        cr_assert_eq(message.amount_cents, cases[i].cents, "%s gives %lld", cases[i].properties,
                     (long long)message.amount_cents);
        cr_assert_eq(message.quantity_milli, cases[i].quantity_milli, "%s", cases[i].properties);
        cr_assert_eq(message.n_lines, cases[i].n_lines);
    }
    static const char *const unreadable[] = { "{\"revenue\":\"much\"}", "{\"total\":{}}", "{\"revenue\":true}",
                                              "{\"revenue\":1e30}", "{\"revenue\":\"\"}" };
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        cr_assert(!read("Order Completed", unreadable[i]), "%s", unreadable[i]);
        cr_assert(strncmp(field, "properties.", 11) == 0 && strstr(reason, "not an amount"));
    }
}

Test(commerce, refunds_are_negative_whichever_sign_they_are_sent_with)
{
    cr_assert(read("Order Refunded", "{\"total\":30,\"currency\":\"usd\",\"products\":[{\"sku\":\"a\","
                                     "\"price\":30,\"quantity\":1}]}"));
    cr_assert(message.amount_cents == -3000 && message.quantity_milli == -1000);
    cr_assert(message.lines[0].amount_cents == -3000 && message.lines[0].quantity_milli == -1000);
    ASSERT_TEXT(message.currency, "USD");
    cr_assert(read("Order Refunded", "{\"total\":-30}"));
    cr_assert_eq(message.amount_cents, -3000);
}

Test(commerce, other_events_say_a_product_and_what_it_is_worth)
{
    cr_assert(read("Product Added", "{\"product_id\":\"p\",\"sku\":\"s\",\"price\":12.5,\"quantity\":2,"
                                    "\"currency\":\"EURO\"}"));
    ASSERT_TEXT(message.item, "p");
    ASSERT_TEXT(message.currency, "");
    cr_assert(message.amount_cents == 2500 && message.quantity_milli == 2000);
    cr_assert(read("Signed Up", "{\"revenue\":9.99,\"plan\":\"pro\"}"));
    cr_assert(message.amount_cents == 999 && message.quantity_milli == 0 && message.item.length == 0);
    cr_assert(read("Signed Up", "{\"revenue\":\"free\"}"));
    cr_assert_eq(message.amount_cents, 0);
    cr_assert(read("Signed Up", "[1]"));
}

Test(commerce, amounts_nobody_could_count_on_are_not_added_up)
{
    cr_assert(read("Order Completed", "{\"products\":[{\"price\":9000000000000,\"quantity\":1000000000},{"
                                      "\"price\":1}]}"));
    cr_assert(message.lines[0].amount_cents == 0 && message.lines[1].amount_cents == 100);
    EACH_CASE (c, 300) {
        int64_t cents = support_between(&c.rng, -INT64_C(1000000000000000), INT64_C(1000000000000000));
        int64_t whole = cents / 100, part = cents % 100;
        const char *sign = cents < 0 ? "-" : "";
        cr_assert(read("Order Completed", arena_format(arena, "{\"revenue\":%s%lld.%02lld}", sign,
                                                       (long long)llabs(whole), (long long)llabs(part))));
        cr_assert_eq(message.amount_cents, cents, "%lld (seed %llu)", (long long)cents,
                     (unsigned long long)support_seed());
    }
}
