/* Files of JSON, from their bytes to events: the same as a CSV of the same content. */
#include "table/import_support.h"

#include <string.h>

TestSuite(json_file, .init = import_shop_open, .fini = import_shop_close);

Test(json_file, one_object_a_line_is_read_like_the_same_rows_of_csv)
{
    IMPORT_OK("{\"customer\": 17850, \"order_id\": 1, \"date\": \"2024-01-03T09:00:00Z\", \"amount\": 863.9}\n"
              "{\"order_id\": 2, \"customer\": \"b\", \"amount\": -7, \"date\": \"2024-01-04T09:00:00Z\"}\n"
              "{\"customer\": null, \"order_id\": 3, \"date\": \"2024-01-05T09:00:00Z\", \"amount\": 1e1}\n");
    cr_assert_eq(result.shape, SHAPE_ORDER_LINES);
    cr_assert_str_eq(result.dialect, "JSON, one object a line, UTF-8");
    cr_assert_eq(result.rejected, 0);
    cr_assert_eq(result.no_customer, 1);
    cr_assert_eq(sums_of("order", "17850").amount_cents, 86390);
    cr_assert_eq(sums_of("refund", "b").amount_cents, -700);
    cr_assert_eq(sums_of("order", "").amount_cents, 1000);
}

Test(json_file, a_list_of_nested_objects_is_read_by_the_paths_of_its_members)
{
    IMPORT_OK("[\n  { \"user\": { \"id\": \"u1\" }, \"event\": \"view\", \"at\": { \"time\": 1511544070 } },\n"
              "  { \"user\": { \"id\": \"u1\" }, \"event\": \"buy\", \"at\": { \"time\": 1511544080 },\n"
              "    \"ecommerce\": { \"revenue\": 9.99 } },\n"
              "  { \"user\": { \"id\": \"u2\" }, \"event\": \"view\", \"at\": { \"time\": 1511544090 } }\n]\n");
    cr_assert_eq(result.shape, SHAPE_EVENTS);
    cr_assert_eq(role_of("user.id"), ROLE_CUSTOMER);
    cr_assert_eq(role_of("at.time"), ROLE_TIME);
    cr_assert_eq(sums_of("view", NULL).n, 2);
    cr_assert_eq(sums_of("buy", "u1").amount_cents, 999);
    cr_assert_eq(result.first_ms, INT64_C(1511544070000));
}

Test(json_file, what_begins_as_json_and_does_not_end_as_it_was_cut_off_and_nothing_is_imported)
{
    static const char lines[] = "{\"customer\": \"a\", \"date\": \"2024-01-03\", \"amount\": 1}\n"
                                "{\"customer\": \"b\", \"date\": \"2024-01-04\", \"amo";
    static const char list[] = "[{\"customer\": \"a\", \"date\": \"2024-01-03\", \"amount\": 1},\n"
                               "{\"customer\": \"b\", \"date\": \"2024-01-04\", \"amount\": 1},\n";
    IMPORT_FAILS(lines, ERR_INVALID, "cut off");
    IMPORT_FAILS(list, ERR_INVALID, "does not end with ']'");
    cr_assert_eq(n_stored(), 0);
}

Test(json_file, malformed_lines_and_lines_of_another_format_are_refused_by_line)
{
    const char *text = "";
    for (int i = 1; i <= 40; i++)
        text = arena_format(import_arena, "%s%s\n", text,
                            i == 7    ? "c7,2024-01-03,1"
                            : i == 30 ? "{\"customer\": \"a\", \"date\": 2024-01-03, \"amount\": 1}"
                                      : arena_format(import_arena,
                                                     "{\"customer\": \"c%d\", \"date\": \"2024-01-%02d\"}", i % 5,
                                                     i % 28 + 1));
    IMPORT_OK(text);
    size_t n;
    struct reject *rejects = rejects_of(&n);
    cr_assert_eq(n, 2);
    cr_assert_eq(rejects[0].line, 7);
    cr_assert(strstr(rejects[0].reason, "an object expected"), "%s", rejects[0].reason);
    cr_assert_eq(rejects[1].line, 30);
    cr_assert(strstr(rejects[1].reason, "byte 31"), "%s", rejects[1].reason);
}

Test(json_file, the_result_does_not_depend_on_threads)
{
    static char text[300 * 80];
    size_t length = 0;
    for (int i = 0; i < 300; i++)
        length += (size_t)snprintf(
            text + length, sizeof text - length,
            "{\"customer\":\"c%d\",\"date\":\"2024-01-%02d\",\"amount\":%d.5,\"x\":\"%c\"}\n", i % 7, i % 28 + 1,
            i, 'a' + i % 3);
    for (unsigned n_threads = 1; n_threads <= 4; n_threads++) {
        import_shop_close();
        import_shop_open();
        options.n_threads = n_threads;
        IMPORT_OK(text);
        cr_assert_eq(result.accepted, 300);
        cr_assert_eq(sums_of("order", NULL).amount_cents, 299 * 150 * 100 + 300 * 50);
    }
}

/* Twelve orders of three customers, as programs answer them. */
static const char *answer(const char *opening, const char *closing)
{
    const char *text = opening;
    for (int i = 0; i < 12; i++)
        text = arena_format(import_arena,
                            "%s%s{\"id\": %d, \"email\": \"c%d@example.com\", \"created_at\": "
                            "\"2024-01-%02dT10:00:00Z\", \"total_price\": \"%d.50\", \"line_items\": [{\"sku\": "
                            "\"A\"}, {\"sku\": \"B]\"}]}",
                            text, i ? ", " : "", i, i % 3, i + 1, 10 + i);
    return arena_format(import_arena, "%s%s", text, closing);
}

static void assert_is_answer(const char *opening, const char *closing)
{
    IMPORT_OK(answer(opening, closing));
    cr_assert_eq(result.rows, 24);
    cr_assert_eq(result.rejected, 0);
    cr_assert_eq(result.customers, 3);
    cr_assert_eq(sums_of("order", NULL).n, 12);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 12 * 1050 + 6600);
}

Test(json_file, an_object_that_holds_the_list_of_records_is_that_list)
{
    assert_is_answer("{\"orders\": [", "]}");
}

Test(json_file, an_answer_with_more_before_and_after_its_list_is_that_list)
{
    assert_is_answer("{\n \"object\": \"list\", \"page\": {\"n\": [1]},\n \"found\": [\n",
                     "\n], \"has_more\": false }\n");
}

Test(json_file, a_list_within_an_answers_data_is_that_list)
{
    assert_is_answer("{\"data\": {\"orders\": [", "]}}");
}

Test(json_file, an_order_by_itself_with_its_lines_is_one_record)
{
    IMPORT_OK("{\"customer\": \"a\", \"date\": \"2024-01-03\", \"amount\": 3, \"lines\": [{\"sku\": \"A\"}]}\n");
    cr_assert_eq(result.rows, 1);
    cr_assert_eq(sums_of("order", "a").amount_cents, 300);
}

/* Eight orders of two lines: 2 pieces at 10 + i and 1 at 5.25, under the name of a list; what is more goes before it. */
static const char *orders_with_lines(const char *list, const char *more)
{
    const char *text = "";
    for (int i = 0; i < 8; i++)
        text = arena_format(import_arena,
                            "%s{\"id\": %d, \"customer\": {\"id\": \"c%d\"}, \"created_at\": \"2024-01-%02dT10:00:00Z\"%s,"
                            " \"%s\": [{\"id\": %d, \"sku\": \"A\", \"price\": %d, \"quantity\": 2},"
                            " {\"id\": %d, \"sku\": \"B\\n\", \"price\": 5.25, \"quantity\": 1}], \"note\": \"x\"}\n",
                            text, 100 + i, i % 3, i + 1, more, list, 2 * i, 10 + i, 2 * i + 1);
    return text;
}

static void assert_has_lines(int64_t order_cents)
{
    cr_assert_eq(result.rejected, 0);
    cr_assert_eq(result.rows, 16);
    cr_assert_eq(result.customers, 3);
    cr_assert_eq(sums_of("order", NULL).n, 8);
    cr_assert_eq(sums_of("order", NULL).amount_cents, order_cents, "%lld",
                 (long long)sums_of("order", NULL).amount_cents);
    cr_assert_eq(sums_of("order_item", NULL).n, 16);
    cr_assert_eq(sums_of("order_item", NULL).amount_cents, 8 * 2525 + 2 * 2800);
    cr_assert(!has_finding("exact copies"));
}

Test(json_file, the_list_of_an_orders_lines_is_read_as_its_lines)
{
    IMPORT_OK(orders_with_lines("line_items", ""));
    cr_assert_str_eq(result.dialect, "JSON, one object a line, a row for each of its lines, UTF-8");
    assert_has_lines(8 * 2525 + 2 * 2800);
    import_shop_close();
    import_shop_open();
    IMPORT_OK(orders_with_lines("Positionen", ", \"total\": 50.00"));
    cr_assert_eq(role_of("total"), ROLE_TOTAL);
    assert_has_lines(8 * 5000);
}

Test(json_file, what_events_hold_as_a_list_stays_one_event)
{
    IMPORT_OK(orders_with_lines("items", ", \"event\": \"purchase\", \"total\": 50.00"));
    cr_assert_eq(result.shape, SHAPE_EVENTS);
    cr_assert_eq(result.rows, 8);
    cr_assert_eq(sums_of("purchase", NULL).amount_cents, 8 * 5000);
}

Test(json_file, lists_of_no_lines_and_orders_without_any_are_orders_all_the_same)
{
    const char *text = arena_format(import_arena,
                                    "%s{\"id\": 200, \"customer\": {\"id\": \"c9\"}, \"created_at\": "
                                    "\"2024-02-01T10:00:00Z\", \"total\": 7, \"line_items\": []}\n"
                                    "{\"id\": 201, \"customer\": {\"id\": \"c9\"}, \"created_at\": "
                                    "\"2024-02-02T10:00:00Z\", \"total\": 8}\n",
                                    orders_with_lines("line_items", ", \"total\": 50.00"));
    IMPORT_OK(text);
    cr_assert_eq(result.rejected, 0);
    cr_assert_eq(sums_of("order", NULL).n, 10);
    cr_assert_eq(sums_of("order", "c9").amount_cents, 1500);
}

Test(json_file, the_values_that_mongodb_gives_a_type_are_plain_values)
{
    const char *text = "";
    for (int i = 0; i < 12; i++)
        text = arena_format(import_arena,
                            "%s{\"_id\": {\"$oid\": \"65a0%020d\"}, \"userId\": \"u%d\", \"createdAt\": {\"$date\": "
                            "{\"$numberLong\": \"17042724%02d000\"}}, \"total\": {\"$numberDecimal\": \"1.50\"}}\n",
                            text, i, i % 3, i);
    IMPORT_OK(text);
    cr_assert_eq(role_of("_id"), ROLE_ORDER);
    cr_assert_eq(role_of("createdAt"), ROLE_TIME);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 12 * 150);
    cr_assert_eq(result.first_ms, INT64_C(1704272400000));
}

static void read_wrapped(const char *before, const char *begin, const char *end, const char *between, const char *after)
{
    import_shop_close();
    import_shop_open();
    const char *text = before;
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena,
                            "%s%s%s\"orderId\": %d, \"customerId\": \"c%d\", \"createdAt\": \"2024-01-%02dT10:00:00Z\", "
                            "\"total\": \"10.50\"%s", text, i ? between : "", begin, 100 + i, i % 7, 1 + i % 28, end);
    text = arena_format(import_arena, "%s%s\n", text, after);
    IMPORT_OK(text);
    cr_assert_eq(result.rows, 30, "%s", text);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 30 * 1050, "%s", text);
    cr_assert_eq(result.customers, 7, "%s", text);
}

Test(json_file, whose_records_are_wrapped_as_services_do_is_read_by_what_is_within)
{
    read_wrapped("{\"data\": {\"orders\": {\"edges\": [", "{\"cursor\": \"x\", \"node\": {", "}}", ", ", "]}}}");
    read_wrapped("{\"data\": {\"orders\": {\"nodes\": [", "{", "}", ", ", "]}}}");
    read_wrapped("", "{\"_index\": \"o\", \"_id\": \"1\", \"_source\": {", "}}", "\n", "");
    read_wrapped("{\"records\": [", "{\"id\": \"rec1\", \"fields\": {", "}}", ",\n", "]}");
    read_wrapped("{\"data\": [", "{\"type\": \"orders\", \"attributes\": {", "}}", ",\n", "]}");
}
