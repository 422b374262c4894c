/* Where a file's header stands, and what the columns are called. */
#include "table/import_support.h"

TestSuite(header_file, .init = import_shop_open, .fini = import_shop_close);

Test(header_file, titles_and_labels_above_the_header_are_passed_over_and_labels_named)
{
    IMPORT_OK(
        "Orders "
        "2024-25,,,,,\nCustomer,,Order,,,\nID,Country,Number,Date,Amount,Note\n1180,US,1001,2024-01-03,394.60,\n"
        "1164,GB,1002,2024-01-03,394.60,\n1180,US,1003,2024-02-03,10.00,gift\n");
    cr_assert_eq(role_of("Customer ID"), ROLE_CUSTOMER);
    cr_assert_eq(role_of("Order Date"), ROLE_TIME);
    cr_assert_eq(result.accepted, 3);
    cr_assert_eq(sums_of("order", "1180").amount_cents, 40460);
    cr_assert(has_finding("2 lines stand above the header"));
}

Test(header_file, padded_titles_dates_of_export_and_empty_lines_are_no_header)
{
    static const char *const tops[] = { "Report,,\n",
                                        "Report,,\nExported on,2024-05-01,\n",
                                        ",,\nReport of,all shops,\n,,\n",
                                        "2024,,\n",
                                        "Report\n\n",
                                        "sep=,\n" };
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        import_shop_close();
        import_shop_open();
        IMPORT_OK(arena_format(import_arena,
                               "%scustomer,date,amount\nann,2024-01-31,5\nbob,2024-02-13,7\nann,2024-03-13,7\n",
                               tops[i]));
        cr_assert_eq(role_of("customer"), ROLE_CUSTOMER, "%s", tops[i]);
        cr_assert_eq(result.accepted, 3, "%s", tops[i]);
        cr_assert_eq(result.rejected, 0, "%s", tops[i]);
    }
}

Test(header_file, the_line_of_the_header_can_be_said)
{
    static const char text[] =
        "Alpha,Beta,Gamma\nx,y,z\ncustomer,date,amount\nann,2024-01-31,5\nbob,2024-02-13,7\n";
    options.header_line = "3";
    IMPORT_OK(text);
    cr_assert_eq(result.accepted, 2);
    cr_assert_eq(role_of("customer"), ROLE_CUSTOMER);
    options.header_line = "9";
    IMPORT_FAILS(text, ERR_INVALID, "--header-line 9: no record begins there");
    options.header_line = "first";
    IMPORT_FAILS(text, ERR_INVALID, "--header-line first is no line's number");
}

Test(header_file, lines_of_refused_rows_are_counted_from_the_files_start_below_titles_too)
{
    IMPORT_OK("Title,,\ncustomer,date,amount\nann,2024-01-31,5\nbob,soon,7\ncid,2024-02-13,7\ndan,2024-02-13,7\n");
    size_t n;
    struct reject *rejects = rejects_of(&n);
    cr_assert_eq(n, 1);
    cr_assert_eq(rejects[0].line, 4);
}

Test(header_file, a_first_row_that_is_broken_is_refused_and_not_lost)
{
    IMPORT_OK("customer,date,amount\nann,2024-01-01\nbob,2024-01-02,5\ncy,2024-01-03,6\ndee,2024-01-04,7\n");
    size_t n;
    struct reject *rejects = rejects_of(&n);
    cr_assert(n == 1 && rejects[0].line == 2);
}

Test(header_file, another_header_within_the_file_is_refused_by_its_line)
{
    const char *first = "order_id,customer_id,order_date,amount\n";
    for (int i = 0; i < 60; i++)
        first = arena_format(import_arena, "%s%d,c%d,2024-03-%02d,10.00\n", first, 700 + i, i % 9, 1 + i % 28);
    IMPORT_FAILS(arena_format(import_arena, "%scustomer_id,order_id,order_date,amount\nc1,990,2024-03-01,10.00\n", first),
                 ERR_INVALID, "line 62, column order_id: another header begins here");
    cr_assert_eq(n_stored(), 0);
    IMPORT_FAILS(arena_format(import_arena, "%sEmail,Date,Status\nc1@x.com,2024-03-01,paid\n", first), ERR_INVALID,
                 "line 62, column order_id: another header begins here");
    IMPORT_OK(arena_format(import_arena, "%sdate of the party,7,late,10.00\n", first));
    cr_assert_eq(result.rejected, 1);
}
