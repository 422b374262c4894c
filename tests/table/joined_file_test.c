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
