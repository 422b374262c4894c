/* Orders joined with their payments, parcels or customers: a join repeats lines and payments, and none counts
 * twice. */
#include "table/import_support.h"

#include <stdio.h>
#include <string.h>

TestSuite(joined_file, .init = import_shop_open, .fini = import_shop_close);

/* Twelve orders of two lines each, 10.00 and 5.00, paid at once with 16.00; the first one with two payments, so
 * that each of its lines stands there twice.  Two orders are of one person, under another customer_id each. */
static const char *joined(const char *line_name, bool has_person)
{
    char *text = arena_format(import_arena,
                              "order_id,customer_id,ordered_at,%s,product_id,price,payment_no,payment_value%s\n",
                              line_name, has_person ? ",customer_unique_id" : "");
    for (int o = 0; o < 12; o++)
        for (int line = 1; line <= 2; line++)
            for (int payment = 1; payment <= (o == 0 ? 2 : 1); payment++) {
                const char *person = has_person ? arena_format(import_arena, ",p%d", o / 2) : "";
                text = arena_format(import_arena, "%so%d,c%d,2024-01-%02d 10:00:00,%d,%c,%s,%d,%s%s\n", text, o, o,
                                    o + 1, line, line == 1 ? 'A' : 'B', line == 1 ? "10.00" : "5.00", payment,
                                    o == 0 ? (payment == 1 ? "6.00" : "10.00") : "16.00", person);
            }
    return text;
}

static void assert_lines_count_once(const char *line_name)
{
    IMPORT_OK(joined(line_name, false));
    cr_assert_eq(role_of(line_name), ROLE_LINE);
    cr_assert_eq(role_of("payment_value"), ROLE_NONE);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 12 * 1500);
    cr_assert_eq(sums_of("order", NULL).n, 12);
    cr_assert_eq(sums_of("order_item", NULL).n, 24);
    cr_assert(has_finding("2 rows are lines of orders once more"));
}

Test(joined_file, with_two_payments_of_an_order_has_each_of_its_lines_once)
{
    assert_lines_count_once("order_item_id");
}

Test(joined_file, may_number_its_lines_in_german)
{
    assert_lines_count_once("Positionsnummer");
}

Test(joined_file, doubts_a_customer_who_is_another_in_each_order)
{
    IMPORT_OK(joined("order_item_id", true));
    cr_assert_eq(role_of("customer_unique_id"), ROLE_CUSTOMER);
    cr_assert_eq(result.customers, 6);
    cr_assert_eq(sums_of("order", "p0").n, 2);
}

Test(joined_file, keeps_a_column_of_lines_of_goods_apart_from_numbers_of_lines)
{
    IMPORT_OK("order_id,customer_id,ordered_at,line,product_id,quantity,price\n"
              "o1,c1,2024-01-01,Men,A,1,10.00\no1,c1,2024-01-01,Men,B,1,5.00\no2,c1,2024-02-01,Men,A,1,10.00\n");
    cr_assert_neq(role_of("line"), ROLE_LINE);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 2500);
}

Test(joined_file, of_sums_by_shop_and_week_is_refused_as_such)
{
    char *text = arena_format(import_arena, "Store,Date,Weekly_Sales\n");
    for (int s = 1; s <= 5; s++)
        for (int w = 0; w < 8; w++)
            text = arena_format(import_arena, "%s%d,2024-01-%02d,%d.50\n", text, s, 1 + w, 1000 + 37 * w + s);
    IMPORT_FAILS(text, ERR_INVALID, "5 different Store in 40 rows");
}

Test(joined_file, whose_last_line_ends_in_the_middle_is_refused_unless_forced)
{
    const char *cut = "order_id,customer_id,ordered_at,amount\no1,a,2024-01-01,10.00\no2,b,2024-01-02,5.00\n"
                      "o3,a,2024-01-03,7.00\no4,b,2024-";
    IMPORT_FAILS(cut, ERR_INVALID, "its last line, 5, ends in the middle");
    cr_assert_eq(n_stored(), 0);
    IMPORT_FAILS("order_id,customer_id,ordered_at,amount\no1,a,2024-01-01,10.00\no2,b,2024-01-02,5.00\n"
                 "o3,a,2024-01-03,7.00\no4,b,2024-01-04,\"8.", ERR_INVALID, "ends in the middle");
    options.is_forced = true;
    IMPORT_OK(cut);
    cr_assert_eq(result.accepted, 3);
}

Test(joined_file, without_an_amount_names_what_may_be_money)
{
    char *text = arena_format(import_arena, "order_id,customer_id,ordered_at,worth\n");
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena, "%so%d,c%d,2024-01-%02d,%d.25\n", text, i, i % 7, 1 + i % 28, 3 + i);
    IMPORT_OK(text);
    cr_assert(has_finding("No column says what was paid"));
}

Test(joined_file, takes_a_status_that_never_changes_within_customers_for_theirs)
{
    char *text = arena_format(import_arena, "order_id,customer_id,ordered_at,amount,status_today\n");
    for (int i = 0; i < 120; i++)
        text = arena_format(import_arena, "%so%d,c%d,2024-%02d-%02d,5.00,%s\n", text, i, i % 30, 1 + i / 28,
                            1 + i % 28, i % 30 % 2 ? "active" : "lapsed");
    IMPORT_OK(text);
    cr_assert_eq(role_of("status_today"), ROLE_TRAIT);
    cr_assert_eq(sums_of("order", NULL).n, 120);
}

Test(joined_file, of_json_counts_members_that_only_late_rows_have)
{
    const char *path = file_with("");
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    for (int i = 0; i < 60000; i++)
        fprintf(out, "{\"customer\":\"c%d\",\"date\":\"2024-01-%02d\",\"amount\":1%s}\n", i % 90, 1 + i % 28,
                i == 41234 ? ",\"gift\":true" : "");
    cr_assert_eq(fclose(out), 0);
    ASSERT_OK(import(path), &import_err);
    cr_assert(has_finding("1 member was met that no row looked at first has"));
}

Test(joined_file, keeps_rows_that_look_alike_and_have_no_lines_number)
{
    const char *text = joined("order_item_id", false);
    for (int i = 0; i < 2; i++)
        text = arena_format(import_arena, "%so99,c99,2024-02-01 10:00:00,,A,10.00,1,10.00\n", text);
    IMPORT_OK(text);
    cr_assert_eq(sums_of("order", "c99").amount_cents, 2000);
    cr_assert(has_finding("2 rows are lines of orders once more"));
}

Test(joined_file, payments_by_the_number_of_their_order_alone_are_no_table_of_customers)
{
    const char *text = "order_id,payment_sequential,payment_type,payment_value\n";
    for (int i = 0; i < 40; i++)
        text = arena_format(import_arena, "%s%06x,1,%s,%d.50\n", text, 7919 * i, i % 3 ? "card" : "boleto", 10 + i);
    IMPORT_FAILS(text, ERR_INVALID, "order_id numbers orders, but no column says when they were or whose");
    options.shape = "table";
    IMPORT_OK(text);
}

Test(joined_file, rows_with_a_number_of_their_own_are_not_said_to_be_sums)
{
    const char *text = "lead_id,first_contact,origin\n";
    for (int i = 0; i < 60; i++)
        text = arena_format(import_arena, "%s%06x,2024-01-%02d,%s\n", text, 7919 * i, 1 + i % 28,
                            i % 4 == 0 ? "search" : i % 4 == 1 ? "social" : i % 4 == 2 ? "mail" : "other");
    IMPORT_FAILS(text, ERR_INVALID, "no column says whose row it is (looked for names");
}
