/* Exports with what nobody would put into a file by hand: sums among the rows, numbers that several share, halves of orders
 * that came back, a till's nobody, what spreadsheets do to numbers and lines. */
#include "table/import_support.h"
#include "table/probe.h"

#include <stdarg.h>
#include <stdio.h>

TestSuite(odd_file, .init = import_shop_open, .fini = import_shop_close);

enum { ORDERS = 60 };

static void begin_again(void)
{
    import_shop_close();
    import_shop_open();
}

static const char *row(const char *rows, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *row(const char *rows, const char *format, ...)
{
    char line[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return arena_format(import_arena, "%s%s\n", rows, line);
}

static void assert_sums(const char *kind, uint64_t n, int64_t amount_cents)
{
    struct sums sums = sums_of(kind, NULL);
    cr_assert_eq(sums.n, n, "%llu of %s", (unsigned long long)sums.n, kind);
    cr_assert_eq(sums.amount_cents, amount_cents, "%lld of %s", (long long)sums.amount_cents, kind);
}

Test(odd_file, lines_that_were_returned_are_taken_off_their_order_and_not_all_of_it)
{
    for (int first = 0; first < 2; first++) {
        const char *rows = "order_id,ordered_at,customer_id,sku,qty,price,item_status\n";
        begin_again();
        for (int i = 0; i < ORDERS; i++) {
            const char *other = i % 10 == 0 ? "returned" : "shipped";
            rows = row(rows, "%d,2024-03-%02d,c%d,a,1,10.00,%s", i, 1 + i % 28, i % 9, first ? other : "shipped");
            rows = row(rows, "%d,2024-03-%02d,c%d,b,2,5.00,%s", i, 1 + i % 28, i % 9, first ? "shipped" : other);
        }
        IMPORT_OK(rows);
        assert_sums("order", ORDERS, ORDERS * 2000);
        assert_sums("refund", ORDERS / 10, -ORDERS / 10 * 1000);
    }
}

Test(odd_file, a_total_of_nothing_on_an_orders_last_line_is_a_total)
{
    const char *rows = "order_id,ordered_at,customer_id,sku,price,order_total\n";
    for (int i = 0; i < ORDERS; i++) {
        rows = row(rows, "%d,2024-03-%02d,c%d,a,10.00,", i, 1 + i % 28, i % 9);
        rows = row(rows, "%d,2024-03-%02d,c%d,b,5.00,%s", i, 1 + i % 28, i % 9, i % 6 == 0 ? "0.00" : "15.00");
    }
    IMPORT_OK(rows);
    cr_assert_eq(role_of("order_total"), ROLE_TOTAL);
    assert_sums("order", ORDERS, ORDERS / 6 * 5 * 1500);
}

Test(odd_file, a_line_of_sums_at_the_end_is_no_order)
{
    const char *rows = "Receipt,Date,Client,Amount\n";
    for (int i = 0; i < ORDERS; i++) rows = row(rows, "%d,2024-03-%02d,c%d,10.00", i, 1 + i % 28, i % 9);
    rows = row(rows, ",,Total,%d.00", 10 * ORDERS);
    IMPORT_OK(rows);
    assert_sums("order", ORDERS, ORDERS * 1000);
    cr_assert_eq(result.rejected, 1);
}

Test(odd_file, a_number_that_several_customers_share_numbers_no_orders)
{
    const char *rows = "order_id,invoice_no,customer_id,total,date_added\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "%d,%d,c%d,10.00,2024-03-%02d", 500 + i, i % 3 ? 0 : 900 + i, i % 9, 1 + i % 28);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("order_id"), ROLE_ORDER);
    assert_sums("order", ORDERS, ORDERS * 1000);
}

static const char *baskets(void)
{
    const char *rows = "time,customer_id,product_id,price,quantity\n";
    for (int i = 0; i < ORDERS; i++) {
        rows = row(rows, "2024-03-%02d 10:%02d:07,c%d,a,10.00,1", 1 + i / 3, i % 60, i % 9);
        rows = row(rows, "2024-03-%02d 10:%02d:07,c%d,b,5.00,2", 1 + i / 3, i % 60, i % 9);
    }
    return rows;
}

Test(odd_file, items_of_a_customer_at_one_instant_are_an_order_where_nothing_numbers_them)
{
    for (int again = 0; again < 2; again++) {
        IMPORT_OK(baskets());
        assert_sums("order", ORDERS, ORDERS * 2000);
        assert_sums("order_item", 2 * ORDERS, ORDERS * 2000);
    }
    begin_again();
    options.roles[ROLE_ORDER] = "none";
    IMPORT_OK(baskets());
    cr_assert_eq(sums_of("order", NULL).n, 2 * ORDERS);
}

Test(odd_file, two_forms_of_dates_that_contradict_each_other_are_read_in_one_order_of_day_and_month)
{
    const char *rows = "order_id,order_date,customer_id,total\n";
    for (int i = 0; i < ORDERS; i++) {
        int month = 1 + i / 20, day = 1 + i % 20;
        rows = row(rows, day > 12 ? "%d,%02d-%02d-2024,c%d,10.00" : "%d,%02d/%02d/2024,c%d,10.00", i, month, day, i % 9);
    }
    IMPORT_OK(rows);
    cr_assert_eq(result.first_ms, INT64_C(1704067200000));      /* 2024-01-01 */
    cr_assert_eq(result.last_ms, INT64_C(1710892800000));       /* 2024-03-20 */
    cr_assert(has_finding("can be read in two ways"));
}

Test(odd_file, orders_of_whom_nobody_was_asked_are_nobodys)
{
    static const char *const names[] = { "Walk-in Customer", "CASH SALE", "Laufkundschaft", "Consumidor Final", "no-email@shop.test" };
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        const char *rows = "order_id,order_date,customer,total\n";
        begin_again();
        for (int i = 0; i < ORDERS; i++)
            rows = i % 2 ? row(rows, "%d,2024-03-%02d,Ada %d,10.00", i, 1 + i % 28, i % 9)
                         : row(rows, "%d,2024-03-%02d,%s,10.00", i, 1 + i % 28, names[n]);
        IMPORT_OK(rows);
        cr_assert_eq(result.no_customer, ORDERS / 2, "%s", names[n]);
    }
}

Test(odd_file, a_customer_with_a_large_part_of_all_rows_is_doubted_without_telling_an_address)
{
    const char *rows = "order_id,order_date,email,total\n";
    for (int i = 0; i < 5 * ORDERS; i++)
        rows = i % 2 ? row(rows, "%d,2024-03-%02d,ada%d@shop.test,10.00", i, 1 + i % 28, i % 40)
                     : row(rows, "%d,2024-03-%02d,till@shop.test,10.00", i, 1 + i % 28);
    IMPORT_OK(rows);
    cr_assert(has_finding("One customer has 50 % of the rows"));
    cr_assert_not(has_advice("till@shop.test"));
}

Test(odd_file, a_customer_who_is_doubted_is_named_in_the_letters_of_any_file)
{
    static const char *const names[] = { "Ladenk\xfc" "che", "xüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü" };
    static const char *const shown[] = { "\"Ladenküche\" in column", "\"xüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü\" in column" };
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        const char *rows = "order_id,order_date,customer,total\n";
        begin_again();
        for (int i = 0; i < 5 * ORDERS; i++)
            rows = i % 2 ? row(rows, "%d,2024-03-%02d,Ada %d,10.00", i, 1 + i % 28, i % 40)
                         : row(rows, "%d,2024-03-%02d,%s,10.00", i, 1 + i % 28, names[n]);
        IMPORT_OK(rows);
        cr_assert(has_finding("One customer has 50 % of the rows"));
        cr_assert(has_advice(shown[n]), "%s", shown[n]);
    }
}

Test(odd_file, addresses_name_the_customers_where_no_name_of_a_column_does)
{
    const char *rows = "check_no,closed,guest,total\n";
    for (int i = 0; i < ORDERS; i++) rows = row(rows, "%d,2024-03-%02d,ada%d@shop.test,10.00", i, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("guest"), ROLE_CUSTOMER);
    cr_assert_eq(result.customers, 9);
}

Test(odd_file, an_order_that_stands_on_two_pages_counts_once)
{
    const char *rows = "order_id,order_date,customer_id,total\n";
    for (int page = 0; page < 2; page++)
        for (int i = page * 30; i < page * 30 + 40; i++)
            rows = row(rows, "%d,2024-03-%02d,c%d,10.00", i, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    assert_sums("order", 70, 70 * 1000);
    cr_assert(has_finding("10 rows are orders once more"));
}

Test(odd_file, numbers_that_a_spreadsheet_cut_name_nothing)
{
    const char *rows = "order_id,order_date,customer_id,total\n";
    for (int i = 0; i < ORDERS; i++) rows = row(rows, "4.50032E+15,2024-03-%02d,c%d,10.00", 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", NULL).n, ORDERS);
    cr_assert(has_finding("order_id was cut by a spreadsheet program"));
}

Test(odd_file, what_is_written_as_a_formula_to_stay_as_it_is_is_read)
{
    const char *rows = "order_id,order_date,customer_id,total\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "=\"00%d\",2024-03-%02d,\"=\"\"c%d\"\"\",=\"10.00\"", i, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    assert_sums("order", ORDERS, ORDERS * 1000);
    cr_assert_eq(sums_of("order", "c1").n, ORDERS / 9 + 1);
}

Test(odd_file, lines_without_their_last_blank_fields_are_whole)
{
    const char *rows = "order_id,order_date,customer_id,total,note,tag\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "%d,2024-03-%02d,c%d,10.00%s", i, 1 + i % 28, i % 9, i % 9 ? "" : ",gift,x");
    IMPORT_OK(rows);
    cr_assert_eq(result.rejected, 0);
    assert_sums("order", ORDERS, ORDERS * 1000);
}

Test(odd_file, money_that_does_not_read_as_numbers_is_said)
{
    const char *rows = "order_id,order_date,customer_id,total\n";
    for (int i = 0; i < ORDERS; i++) rows = row(rows, "%d,2024-03-%02d,c%d,10.00 Dr", i, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    cr_assert(has_finding("total is called money and does not read as numbers"));
}

Test(odd_file, a_ledger_of_points_has_rows_that_are_no_sales)
{
    const char *rows = "card_number,date,transaction_type,points,basket_value\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "c%d,2024-03-%02d,%s,%d,%s", i % 9, 1 + i % 28, i % 4 ? "Earn" : "Redeem", i % 4 ? 10 : -50,
                   i % 4 ? "10.00" : "0.00");
    IMPORT_OK(rows);
    assert_sums("order", ORDERS / 4 * 3, ORDERS / 4 * 3 * 1000);
}

Test(odd_file, what_is_no_table_is_called_by_its_name)
{
    IMPORT_FAILS("<html><body><table><tr><td>1</td></tr></table></body></html>", ERR_INVALID, "a web page (HTML)");
    IMPORT_FAILS("<?xml version=\"1.0\"?>\n<orders><order id=\"1\"/></orders>\n", ERR_INVALID, "it is XML");
    IMPORT_FAILS("{\"1\":{\"date\":\"2024-01-01\",\"c\":1},\"2\":{\"date\":\"2024-01-01\",\"c\":1},"
                 "\"3\":{\"date\":\"2024-01-01\",\"c\":1},\"4\":{\"date\":\"2024-01-01\",\"c\":1},"
                 "\"5\":{\"date\":\"2024-01-01\",\"c\":1},\"6\":{\"date\":\"2024-01-01\",\"c\":1}}",
                 ERR_INVALID, "holds a record under each key");
    const char *rows = "Umsatz;WKZ Umsatz;Konto;Belegdatum;Belegfeld 1\n";
    for (int i = 0; i < ORDERS; i++) rows = row(rows, "%d,50;EUR;1%04d;%02d%02d;RE%d", 10 + i, i % 9, 1 + i % 28, 1 + i % 12, i);
    IMPORT_FAILS(rows, ERR_INVALID, "Belegdatum does not read as days");
}

Test(odd_file, quotes_that_a_backslash_escapes_are_text)
{
    const char *rows = "order_id,created_at,customer_id,item_name,amount\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "%d,2024-03-%02d,c%d,%s,10.00", i, 1 + i % 28, i % 9,
                   i % 3 ? "\"A 15\\\" screen, black\"" : "\"Plain, white\"");
    IMPORT_OK(rows);
    assert_sums("order", ORDERS, ORDERS * 1000);
    cr_assert_eq(result.rejected, 0);
    cr_assert(strstr(result.dialect, "after a backslash"));
}

Test(odd_file, two_backslashes_within_quotes_are_one_where_one_escapes_a_quote)
{
    const char *rows = "customer_id,created_at,group,amount\n";
    for (int i = 0; i < ORDERS; i++)
        rows = row(rows, "c%d,2024-03-%02d,%s,10.00", i % 9, 1 + i % 28,
                   i % 9 == 1 ? "\"a\\\\\"" : i % 9 == 2 ? "\"b\\\\c \\\"d\\\"\"" : "\"15\\\" screen\"");
    options.traits = "group";
    IMPORT_OK(rows);
    assert_sums("order", ORDERS, ORDERS * 1000);
    cr_assert(strstr(traits_of("c1"), "\"group\":\"a\\\\\""), "%s", traits_of("c1"));          /* as JSON writes a\ */
    cr_assert(strstr(traits_of("c2"), "\"group\":\"b\\\\c \\\"d\\\"\""), "%s", traits_of("c2"));
}

Test(odd_file, an_order_whose_lines_have_two_customers_is_told_with_its_line)
{
    const char *rows = "order_id,ordered_at,customer_id,sku,price\n";
    for (int i = 0; i < 2 * ORDERS; i++)
        rows = row(rows, "%d,2024-03-%02d,c%d,a%d,10.00", 700 + i / 2, 1 + i / 2 % 28, i == 41 ? 99 : i / 2 % 9, i % 2);
    IMPORT_OK(rows);
    cr_assert(has_finding("Lines of one order have different customers"));
    cr_assert(has_advice("by column customer_id, the first on line 43 (1 of such lines)"));
    begin_again();
    rows = "order_id,ordered_at,customer_id,sku,price\n";         /* everybody has orders of these numbers */
    for (int i = 0; i < 2 * ORDERS; i++) rows = row(rows, "%d,2024-03-%02d,c%d,a,10.00", i / 9, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    cr_assert(!has_finding("different customers"));
}

Test(odd_file, an_account_of_the_books_is_no_customer_where_contacts_have_names)
{
    const char *rows = "ContactName,InvoiceNumber,InvoiceDate,LineAmount,AccountCode,Type\n", *alone = "Date,Customer,Amount\n";
    for (int i = 0; i < 2 * ORDERS; i++) {
        rows = row(rows, "Firm %d,INV-%d,2024-03-%02d,10.00,200,%s", i % 23, i, 1 + i % 28,
                   i % 10 ? "Sales invoice" : "Sales credit note");
        alone = row(alone, "2024-03-%02d,till,%d.00", 1 + i % 28, 5 + i);
    }
    IMPORT_OK(rows);
    cr_assert_eq(role_of("ContactName"), ROLE_CUSTOMER);
    cr_assert_eq(result.customers, 23);
    assert_sums("order", ORDERS / 5 * 9, ORDERS / 5 * 9 * 1000);
    assert_sums("refund", ORDERS / 5, -ORDERS / 5 * 1000);
    const char *text = arena_format(import_arena, "%s", alone);
    IMPORT_OK(text);
    cr_assert(has_finding("All rows are of one customer"));
}

Test(odd_file, more_rows_than_are_looked_at_are_not_all_said_to_be_of_one_customer)
{
    enum { AT_ONCE = 100 };
    const char *some = "", *rows = "Date,Customer,Amount\n";
    for (int i = 0; i < AT_ONCE; i++) some = row(some, "2024-03-%02d,till,%d.00", 1 + i % 28, 5 + i);
    for (int i = 0; i <= PROBE_ROWS / AT_ONCE; i++) rows = arena_format(import_arena, "%s%s", rows, some);
    IMPORT_OK(row(rows, "2024-03-29,ann,7.00"));
    cr_assert_eq(result.customers, 2);
    cr_assert(has_finding("Nearly all rows are of one customer"));
    cr_assert(!has_finding("All rows are of one customer"));
}

/* Rows of a receipt; %s: what comes before the day and the money. */
static const char *receipts_with(const char *header, const char *(*who)(int row), int n)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < n; i++)
        rows = arena_format(import_arena, "%s%s,2024-%02d-%02d %02d:%02d,10.00\n", rows, who(i), 1 + i / 28 % 12, 1 + i % 28,
                            i % 24, i % 60);
    return rows;
}

static const char *postal_code(int i) { return arena_format(import_arena, "GPA.33-%d,%05d", 1000 + i, 10000 + i % 37); }

Test(odd_file, whose_only_column_of_buyers_has_their_postal_codes_has_no_customer)
{
    IMPORT_FAILS(receipts_with("Order Number,Postal Code of Buyer,Order Charged Date,Charged Amount", postal_code, 100), ERR_INVALID,
                 "no column says whose row it is");
}

static const char *namesake(int i) { return arena_format(import_arena, "%d,Anna Smith %c,a%d@example.com", i, 'A' + i % 5, i % 20); }

Test(odd_file, in_which_several_customers_have_one_name_is_told_apart_by_their_addresses)
{
    IMPORT_OK(receipts_with("Receipt number,Customer name,Customer contacts,Date,Total", namesake, 200));
    cr_assert_eq(role_of("Customer contacts"), ROLE_CUSTOMER);
    cr_assert_eq(result.customers, 20);
}

static const char *name_only(int i) { return arena_format(import_arena, "%d,Anna Smith %c%c", i, 'A' + i % 60 / 10, 'a' + i % 10); }

Test(odd_file, in_which_names_alone_tell_customers_apart_says_so)
{
    IMPORT_OK(receipts_with("Receipt number,Customer name,Date,Total", name_only, 200));
    cr_assert(has_finding("Customers are told apart by Customer name"));
}

static const char *begins_again(int i) { return arena_format(import_arena, "%d,c%d", i % 40, i % 7); }

Test(odd_file, whose_numbers_of_orders_begin_again_has_an_order_in_each_row)
{
    IMPORT_OK(receipts_with("Check #,Customer,Date,Total", begins_again, 600));
    cr_assert_neq(role_of("Check #"), ROLE_ORDER);
    cr_assert_eq(sums_of("order", NULL).n, 600);
}

Test(odd_file, whose_numbers_of_orders_begin_again_beside_lines_of_orders_is_told_so)
{
    const char *rows = "Check #,Customer,Date,Item,Total\n";
    for (int i = 0; i < 600; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-%02d-%02d,item %d,10.00\n", rows, i / 2 % 40, i / 2 % 7, 1 + i / 56 % 12,
                            1 + i / 2 % 28, i % 2);
    IMPORT_OK(rows);
    cr_assert(has_finding("Check # is used again"));
}

static const char *money_called_invoiced(int i) { return arena_format(import_arena, "c%d,%d.50", i % 20, 20 + i % 50); }

Test(odd_file, whose_column_of_money_is_called_invoiced_has_no_orders_by_it)
{
    IMPORT_OK(receipts_with("customer_no,invoiced,period,note", money_called_invoiced, 200));
    cr_assert_eq(role_of("invoiced"), ROLE_AMOUNT);
}

Test(odd_file, with_objects_of_json_in_its_cells_says_that_they_are_not_read)
{
    const char *rows = "event,properties,timestamp,distinct_id\n";
    for (int i = 0; i < 60; i++)
        rows = arena_format(import_arena, "%sorder,\"{\"\"revenue\"\":10.5}\",2024-01-%02d,u%d\n", rows, 1 + i % 28, i % 7);
    IMPORT_OK(rows);
    cr_assert(has_finding("properties holds JSON that is not read"));
}

Test(odd_file, with_a_total_beside_what_it_is_made_of_takes_the_total)
{
    const char *rows = "Reservation,Guest ID,Booked On,Room Revenue,Total Revenue\n";
    for (int i = 0; i < 60; i++)
        rows = arena_format(import_arena, "%s%d,g%d,2024-01-%02d,80.00,100.00\n", rows, i, i % 7, 1 + i % 28);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("Total Revenue"), ROLE_AMOUNT);
}
