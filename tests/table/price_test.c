/* Whose money a column has, by what more pieces of an item cost. */
#include "table/import_support.h"

TestSuite(price, .init = import_shop_open, .fini = import_shop_close);

enum { LINES = 120 };

static int pieces_of(int line) { return 1 + line % 3; }
static int cents_of(int line) { return 500 + line % 4 * 310; }      /* of one piece */

/* Lines of four items, their pieces and their money: a piece's, or the line's. */
static const char *lines_with(const char *header, bool is_of_line)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < LINES; i++)
        rows = arena_format(import_arena, "%s2024-01-%02d,c%d,item %d,%d,%.2f\n", rows, 1 + i % 28, i % 9, i % 4,
                            pieces_of(i), cents_of(i) * (is_of_line ? pieces_of(i) : 1) / 100.0);
    return rows;
}

static int64_t all_cents(void)
{
    int64_t sum = 0;
    for (int i = 0; i < LINES; i++) sum += (int64_t)pieces_of(i) * cents_of(i);
    return sum;
}

static void assert_sum(const char *header, bool is_of_line)
{
    IMPORT_OK(lines_with(header, is_of_line));
    cr_assert_eq(sums_of("order", NULL).amount_cents, all_cents(), "%s: %lld", header,
                 (long long)sums_of("order", NULL).amount_cents);
}

Test(price, that_grows_with_the_pieces_is_the_lines)
{
    assert_sum("Date,Customer,Product,Quantity,Price", true);
    cr_assert_eq(role_of("Price"), ROLE_AMOUNT);
}

Test(price, that_does_not_grow_with_the_pieces_is_a_pieces)
{
    assert_sum("Date,Customer,Product,Quantity,Price", false);
    cr_assert_eq(role_of("Price"), ROLE_PRICE);
}

Test(price, that_is_called_an_amount_and_is_the_same_for_more_pieces_is_a_pieces)
{
    assert_sum("Date,Customer,Product,Quantity,Value", false);
    cr_assert_eq(role_of("Value"), ROLE_PRICE);
}

Test(price, beside_an_amount_that_is_smaller_shows_that_the_amount_counts_pieces)
{
    assert_sum("TRANSACTION_DT,CUSTOMER_ID,PRODUCT_ID,AMOUNT,SALES_PRICE", true);
    cr_assert_eq(role_of("AMOUNT"), ROLE_QUANTITY);
}

Test(price, of_kinds_of_items_tells_as_well)
{
    assert_sum("invoice_date,customer_id,category,quantity,price", true);
}

Test(price, of_customers_and_orders_whose_numbers_read_as_instants_too)
{
    const char *rows = "order_id,customer_id,order_date,total\n";
    for (int i = 0; i < LINES; i++)
        rows = arena_format(import_arena, "%s%d,%lld,2024-01-%02d,10.00\n", rows, 1700000000 + i * 1000,
                            1600000000000LL + i % 9, 1 + i % 28);
    IMPORT_OK(rows);
    cr_assert(role_of("order_id") == ROLE_ORDER && role_of("customer_id") == ROLE_CUSTOMER);
    cr_assert_eq(sums_of("order", NULL).n, LINES);
}

/* Stripe's payments, as its API has them or as its export for people. */
static const char *payments(bool is_of_api, const char *currency)
{
    const char *rows = "id,customer,created,amount,currency,status,amount_refunded\n";
    for (int i = 0; i < LINES; i++) {
        const char *amount = arena_format(import_arena, "%.*f", is_of_api ? 0 : 2, cents_of(i) / (is_of_api ? 1.0 : 100));
        rows = arena_format(import_arena, "%sch_%d,cus_%d,%d,%s,%s,succeeded,0\n", rows, i, i % 9, 1704200000 + i * 86400,
                            amount, currency);
    }
    return rows;
}

Test(price, beside_the_ids_of_stripes_objects_is_in_cents_where_it_has_no_decimals)
{
    const int64_t all = LINES / 4 * (4 * 500 + 6 * 310);
    IMPORT_OK(payments(true, "eur"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, all);
    import_shop_close();
    import_shop_open();
    IMPORT_OK(payments(false, "eur"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, all);
    import_shop_close();
    import_shop_open();
    IMPORT_OK(payments(true, "jpy"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, 100 * all, "of yen there are no hundredths");
    import_shop_close();
    import_shop_open();
    IMPORT_OK(payments(true, "kwd"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, all / 10, "of dinars of Kuwait there are thousandths");
}

/* Orders of two lines as a service's API answers them, with money in the smallest unit of a currency. */
static const char *answers(const char *form, const char *currency)
{
    const char *rows = "";
    for (int i = 0; i < LINES; i++) {
        int day = 1 + i % 28, who = i % 9, cents = cents_of(i);
        const char *lines = "";
        for (int l = 0; l < 2; l++)
            lines = arena_format(import_arena, "%s%s{\"name\": \"item %d\", \"quantity\": \"1\", \"%s\": "
                                 "{\"amount\": %d, \"currency\": \"%s\"}}", lines, l ? "," : "", l, form, cents, currency);
        rows = arena_format(import_arena, "%s{\"id\": \"o%d\", \"customer_id\": \"c%d\", \"created_at\": "
                            "\"2024-01-%02dT10:00:00Z\", \"line_items\": [%s], \"total_money\": {\"amount\": %d, "
                            "\"currency\": \"%s\"}}\n", rows, i, who, day, lines, 2 * cents, currency);
    }
    return rows;
}

Test(price, in_a_member_that_an_api_writes_in_the_smallest_unit_is_so)
{
    const int64_t all = 2 * LINES / 4 * (4 * 500 + 6 * 310);
    IMPORT_OK(answers("base_price_money", "USD"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, all);
    cr_assert_str_eq(result.currency, "USD");
    import_shop_close();
    import_shop_open();
    IMPORT_OK(answers("base_price_money", "JPY"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, 100 * all, "of yen there are no hundredths");
}

Test(price, of_the_whole_order_may_stand_on_its_last_line_only)
{
    const char *rows = "order_id,customer_id,date,item,qty,price,order_total\n";
    for (int i = 0; i < LINES; i++)
        for (int l = 0; l <= i % 3; l++)
            rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,item %d,1,3.00,%s\n", rows, i, i % 9, 1 + i % 28, l,
                                l == i % 3 ? arena_format(import_arena, "%d.00", 10 + i) : "");
    IMPORT_OK(rows);
    cr_assert_eq(role_of("order_total"), ROLE_TOTAL);
    cr_assert(!has_finding("order_total is missing"), "it is where it belongs");
    cr_assert_eq(sums_of("order", NULL).n, LINES);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 100 * (10 * LINES + LINES * (LINES - 1) / 2));
}

/* Of Adyen's settlements, with what was given back first. */
static const char *settlements(const char *back)
{
    const char *rows = "Psp Reference,Creation Date,Type,Gross Currency,Gross Debit (GC),Gross Credit (GC),Shopper Reference\n";
    rows = arena_format(import_arena, "%sq,2024-01-03 10:00:00,Refunded,EUR,%s,,s1\n", rows, back);
    for (int i = 0; i < LINES; i++)
        rows = arena_format(import_arena, "%sp%d,2024-01-%02d 10:00:00,Settled,EUR,1.00,20.00,s%d\n", rows, i, 1 + i % 20, i % 9);
    return rows;
}

Test(price, that_is_debited_and_cannot_be_read_is_refused_for_what_it_is)
{
    size_t n;
    IMPORT_OK(settlements("1e40"));
    cr_assert(strstr(rejects_of(&n)->reason, "is beyond 64 bits") && n == 1);
}

Test(price, that_is_asked_for_in_another_column_has_nothing_taken_off)
{
    options.roles[ROLE_AMOUNT] = "Gross Debit (GC)";
    IMPORT_OK(settlements("5.00"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, LINES * 100);
    cr_assert_eq(sums_of("order_other", NULL).n, 1, "what was refunded brought nothing in");
}

Test(price, that_is_credited_or_debited_is_the_difference)
{
    const char *rows = "Psp Reference,Creation Date,Type,Gross Currency,Gross Debit (GC),Gross Credit (GC),Shopper Reference\n";
    for (int i = 0; i < LINES; i++) {
        rows = arena_format(import_arena, "%sp%d,2024-01-%02d 10:00:00,Settled,EUR,,20.00,s%d\n", rows, i, 1 + i % 20, i % 9);
        if (i % 4 == 0)
            rows = arena_format(import_arena, "%sp%d,2024-01-%02d 10:00:00,Refunded,EUR,5.00,,s%d\n", rows, i, 3 + i % 20, i % 9);
    }
    IMPORT_OK(arena_format(import_arena, "%s,2024-02-01 10:00:00,MerchantPayout,EUR,,,\n", rows));
    cr_assert_eq(sums_of("order", NULL).amount_cents, LINES * 2000);
    cr_assert_eq(sums_of("refund", NULL).amount_cents, -LINES / 4 * 500);
    cr_assert(!has_finding("Type has rows that give money back"), "they are read as what they are");
    cr_assert(!has_finding("Gross Credit (GC) is missing") && !has_finding("Gross Debit (GC) is missing"), "one of the two is");
}

Test(price, and_pieces_that_both_went_back_are_a_refund_and_no_sale)
{
    const char *rows = "Subscriber ID,Purchase Date,Customer Price,Units,Currency\n";
    for (int i = 0; i < LINES; i++)
        rows = arena_format(import_arena, "%s%d,2024-01-%02d,%s,%s,USD\n", rows, 7000 + i % 9, 1 + i % 28,
                            i % 10 == 9 ? "-4.99" : "4.99", i % 10 == 9 ? "-1" : "1");
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", NULL).amount_cents, LINES / 10 * 9 * 499);
    cr_assert_eq(sums_of("refund", NULL).amount_cents, -LINES / 10 * 499);
}

/* Lines of 10.00 a piece, of which every third has a discount of 1.50. */
static const char *discounted(const char *header, bool has_paid)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < LINES; i++) {
        double off = i % 3 ? 0 : 1.5;
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,item %d,%d,10.00,%.2f", rows, 100 + i, i % 9, 1 + i % 28, i % 4,
                            pieces_of(i), off);
        rows = has_paid ? arena_format(import_arena, "%s,%.2f\n", rows, 10.0 * pieces_of(i) - off)
                        : arena_format(import_arena, "%s\n", rows);
    }
    return rows;
}

Test(price, times_pieces_is_not_what_was_paid_where_a_column_has_that_after_discounts)
{
    int64_t pieces = 0;
    for (int i = 0; i < LINES; i++) pieces += pieces_of(i);
    IMPORT_OK(discounted("order_id,customer_id,order_date,product,qty,unit price,discount,Paid Total", true));
    cr_assert_eq(role_of("Paid Total"), ROLE_AMOUNT);
    cr_assert_eq(sums_of("order", NULL).amount_cents, pieces * 1000 - LINES / 3 * 150);
}

Test(price, times_pieces_beside_discounts_that_nothing_takes_off_is_told)
{
    IMPORT_OK(discounted("order_id,customer_id,order_date,product,qty,unit price,discount", false));
    cr_assert(has_finding("discount is not taken off") && has_advice("--amount"));
}

/* Orders of one to four tickets, a row each. */
static const char *tickets(const char *header, bool is_of_order)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < LINES; i++)
        for (int k = 0; k <= i % 4; k++)
            rows = arena_format(import_arena, "%s%d,2024-01-%02d,c%d@example.com,%d,%d.00\n", rows, 100 + i, 1 + i % 28, i % 9,
                                10 * i + k, (20 + i % 5 * 7) * (is_of_order ? 1 + i % 4 : 1));
    return rows;
}

Test(price, of_a_ticket_is_each_rows_though_all_rows_of_an_order_have_the_same)
{
    int64_t each = 0;
    for (int i = 0; i < LINES; i++) each += (1 + i % 4) * (20 + i % 5 * 7) * 100;
    IMPORT_OK(tickets("Order #,Order Date,Email,Attendee #,Total Paid", false));
    cr_assert_eq(role_of("Total Paid"), ROLE_AMOUNT);
    cr_assert_eq(sums_of("order", NULL).amount_cents, each);
}

Test(price, of_the_whole_order_is_the_orders_where_more_tickets_cost_more)
{
    int64_t all = 0;
    for (int i = 0; i < LINES; i++) all += (1 + i % 4) * (20 + i % 5 * 7) * 100;
    IMPORT_OK(tickets("Order #,Order Date,Email,Attendee #,Total Paid", true));
    cr_assert_eq(role_of("Total Paid"), ROLE_TOTAL);
    cr_assert_eq(sums_of("order", NULL).amount_cents, all);
}

/* Sales in three currencies and what they are in dollars; some euros cost as many dollars by chance. */
Test(price, in_one_currency_is_found_though_a_first_row_of_another_has_as_much_by_chance)
{
    static const char *const codes[] = { "EUR", "USD", "GBP" };
    const char *rows = "order_id,customer_id,order_date,Total,Currency,Total (USD)\n";
    int64_t cents = 0;
    for (int i = 0; i < LINES; i++) {
        int one = cents_of(i), usd = i == 0 || i % 3 == 1 ? one : one + 77;
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,%.2f,%s,%.2f\n", rows, 100 + i, i % 9, 1 + i % 28, one / 100.0,
                            codes[i % 3], usd / 100.0);
        cents += usd;
    }
    IMPORT_OK(rows);
    cr_assert_eq(role_of("Total (USD)"), ROLE_AMOUNT);
    cr_assert_eq(sums_of("order", NULL).amount_cents, cents);
}
