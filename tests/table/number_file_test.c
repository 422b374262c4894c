/* Columns of numbers as people write them: what is sniffed is what is read, in orders and in tables. */
#include "table/import_support.h"

TestSuite(number_file, .init = import_shop_open, .fini = import_shop_close);

Test(number_file, money_in_any_spelling_is_found_and_read_without_a_flag)
{
    static const struct {
        const char *small, *large, *refund;
    } forms[] = {
        { "$863.90", "\"$1,067.09\"", "($5.00)" },
        { "\"863,90 \xe2\x82\xac\"", "\"1.067,09 \xe2\x82\xac\"", "\"-5,00 \xe2\x82\xac\"" },
        { "\"863,90\"",
          "\"1\xc2\xa0"
          "067,09\"",
          "\"5,00-\"" },
        { "\"863,90\"",
          "\"1\xe2\x80\xaf"
          "067,09\"",
          "\"\xe2\x88\x92"
          "5,00\"" },
        { "CHF 863.90", "CHF 1'067.09", "CHF -5.00" },
        { "Rs. 863.90", "\"Rs. 1,067.09\"", "-Rs. 5.00" },
        { "863.90 USD", "\"1,067.09 USD\"", "- 5.00 USD" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        import_shop_close();
        import_shop_open();
        const char *text = "customer,date,amount\n";
        for (int k = 0; k < 30; k++)
            text = arena_format(import_arena, "%sc%d,2024-01-%02d,%s\n", text, k % 3, k % 28 + 1,
                                k % 3 == 0   ? forms[i].small
                                : k % 3 == 1 ? forms[i].large
                                             : forms[i].refund);
        IMPORT_OK(text);
        cr_assert_eq(role_of("amount"), ROLE_AMOUNT, "form %zu", i);
        cr_assert_eq(result.rejected, 0, "form %zu", i);
        cr_assert_eq(sums_of("order", "c0").amount_cents, 863900, "form %zu", i);
        cr_assert_eq(sums_of("order", "c1").amount_cents, 1067090, "form %zu", i);
        cr_assert_eq(sums_of("refund", "c2").amount_cents, -5000, "form %zu", i);
    }
}

Test(number_file, points_that_only_group_are_no_decimals)
{
    IMPORT_OK(
        "customer;date;amount\na;2024-01-01;863\nb;2024-01-02;1.067\na;2024-01-03;12\nb;2024-01-04;21.500\n");
    cr_assert_eq(sums_of("order", "b").amount_cents, 2256700);
    cr_assert_eq(sums_of("order", "a").amount_cents, 87500);
    import_shop_close();
    import_shop_open();
    IMPORT_OK("customer,date,amount\na,2024-01-01,2.572\nb,2024-01-02,2.548\na,2024-01-03,3.514\n");
    cr_assert_eq(sums_of("order", "b").amount_cents, 255, "prices of three decimals throughout are just that");
}

Test(number_file, percent_money_and_months_are_numbers_in_a_table)
{
    const char *text = "user,share,mrr,tenure,note,size,status\n";
    for (int i = 0; i < 60; i++)
        text = arena_format(import_arena, "%su%d,%d.5%%,\"$%d,%03d.81\",%d month%s,\"%d Main St\",%d %s,%s\n",
                            text, i, i, i % 7 + 1, i, i % 5 + 1, i % 5 ? "s" : "", i, i, i % 2 ? "kg" : "g",
                            i % 3 ? "active" : "churned");
    options.roles[ROLE_TARGET] = "status";
    IMPORT_OK(text);
    cr_assert_eq(result.rejected, 0);
    cr_assert(strstr(traits_of("u3"), "\"share\":3.5,\"mrr\":4003.81,\"tenure\":4"), "%s", traits_of("u3"));
    cr_assert(!strstr(traits_of("u3"), "\"size\":3,"), "grams and kilograms are no one number");
}

Test(number_file, a_file_whose_refunds_are_no_numbers_is_refused_and_a_third_of_bad_rows_too)
{
    static char text[200 * 40];
    size_t n = (size_t)snprintf(text, sizeof text, "customer,date,amount\n");
    for (int i = 0; i < 150; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "c%d,2024-01-%02d,%s\n", i % 7, i % 28 + 1,
                              i % 12 ? "5.00" : "minus 5");
    IMPORT_FAILS(text, ERR_INVALID,
                 "column amount is no number in 13 of 150 rows; the first is line 2: \"minus 5\"");
    cr_assert(strstr(import_err.text, "--force"));
    cr_assert_eq(n_stored(), 0);
    options.is_forced = true;
    IMPORT_OK(text);
    cr_assert_eq(result.rejected, 13);
    options.is_forced = false;
    n = (size_t)snprintf(text, sizeof text, "customer,date,amount\n");
    for (int i = 0; i < 90; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "c%d,%s,5\n", i % 7, i % 5 < 3 ? "2024-01-05" : "soon");
    IMPORT_FAILS(text, ERR_INVALID, "36 of 90 rows cannot be read");
}

Test(number_file, signs_of_three_currencies_are_told_one_by_one)
{
    static const char *const signs[] = { "\xe2\x82\xac", "$", "\xc2\xa3" };
    const char *text = "customer,date,amount\n";
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena, "%sc%d,2024-01-%02d,%s%d.50\n", text, i % 7, i % 28 + 1, signs[i % 3],
                            10 + i);
    IMPORT_OK(text);
    cr_assert(has_finding("Amounts are in 3 currencies"));
    cr_assert(has_advice("in 20 of 30 rows looked at, \"$\" or \"\xc2\xa3\"; sums"));
}

Test(number_file, signs_of_two_currencies_in_a_column_of_money_are_a_problem)
{
    const char *text = "customer,date,amount\n";
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena, "%sc%d,2024-01-%02d,%s%d.50\n", text, i % 7, i % 28 + 1,
                            i % 5 ? "\xe2\x82\xac" : "$", 10 + i);
    IMPORT_OK(text);
    cr_assert(has_finding("Amounts are in 2 currencies"));
    cr_assert(has_advice("has \"$\" and, in 24 of 30 rows looked at, \"\xe2\x82\xac\"; sums"));
    import_shop_close();
    import_shop_open();
    text = "customer,date,amount\n";
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena, "%sc%d,2024-01-%02d,%s%d.50\n", text, i % 7, i % 28 + 1,
                            i % 5 ? "\xe2\x82\xac" : "EUR ", 10 + i);
    IMPORT_OK(text);
    cr_assert(!has_finding("currencies"));
}

Test(number_file, money_in_cents_or_thousands_by_its_name_is_taken_in_whole_units)
{
    IMPORT_OK("order_id,customer_id,created_at,amount_cents\n1,a,2024-01-03,1999\n2,b,2024-01-04,500\n"
              "3,a,2024-01-05,12345678\n");
    cr_assert_eq(sums_of("order", "a").amount_cents, 12347677);
    cr_assert_str_eq(format_of("amount_cents"), "in cents");
    import_shop_close();
    import_shop_open();
    IMPORT_OK("Order ID,Order Date,Customer ID,Revenue (k\xe2\x82\xac)\n1,2024-01-03,a,0.12345\n2,2024-01-04,b,1.5\n");
    cr_assert_eq(sums_of("order", "a").amount_cents, 12345);
    cr_assert_eq(sums_of("order", "b").amount_cents, 150000);
    import_shop_close();
    import_shop_open();
    IMPORT_OK("order_id,customer_id,created_at,quantity,unit_price_cents\n1,a,2024-01-03,3,1999\n2,b,2024-01-04,1,500\n");
    cr_assert_eq(sums_of("order", "a").amount_cents, 5997);
    import_shop_close();
    import_shop_open();
    IMPORT_OK("order_id,customer_id,created_at,amount_cents\n1,a,2024-01-03,19.99\n2,b,2024-01-04,5.00\n");
    cr_assert_eq(sums_of("order", "a").amount_cents, 1999, "with decimals it cannot be cents");
}

Test(number_file, of_amounts_in_several_currencies_those_of_the_column_in_one_are_taken)
{
    static const char *const names[] = { "Total (USD)", "base_amount", "Shop total" };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        import_shop_close();
        import_shop_open();
        const char *text = arena_format(import_arena, "Order,Date,Customer ID,Total,Currency,%s\n", names[k]);
        for (int i = 0; i < 30; i++)
            text = arena_format(import_arena, "%s%d,2024-01-%02d,c%d,%d.00,%s,%d.00\n", text, 700 + i, i % 28 + 1, i % 7,
                                10, i % 3 ? "USD" : "GBP", i % 3 ? 10 : 13);
        IMPORT_OK(text);
        cr_assert_eq(role_of(names[k]), ROLE_AMOUNT, "%s", names[k]);
        cr_assert_eq(sums_of("order", NULL).amount_cents, 20 * 1000 + 10 * 1300, "%s", names[k]);
        cr_assert_str_eq(result.currency, "USD");
        cr_assert(!has_finding("currencies"));
    }
}

Test(number_file, amounts_in_several_currencies_stay_a_problem_where_no_column_has_them_in_one)
{
    const char *text = "Order,Date,Customer ID,Total,Currency,Total (USD)\n";
    for (int i = 0; i < 30; i++)
        text = arena_format(import_arena, "%s%d,2024-01-%02d,c%d,10.00,%s,%d.00\n", text, 700 + i, i % 28 + 1, i % 7,
                            i % 3 ? "USD" : "GBP", 3 + i);
    IMPORT_OK(text);
    cr_assert_eq(role_of("Total"), ROLE_AMOUNT);
    cr_assert(has_finding("Amounts are in 2 currencies"));
}
