/* How customers stand and what happened to them: which of both a file is, where names and values leave it open. */
#include "table/import_support.h"

TestSuite(standing_file, .init = import_shop_open, .fini = import_shop_close);

enum { CUSTOMERS = 60 };

static const char *accounts_with(const char *header, const char *stays, const char *left)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%sacct_%d,2022-%02d-%02d,%d,%s\n", rows, i, 1 + i % 12, 1 + i % 28, i % 9,
                            i % 5 ? stays : left);
    return rows;
}

Test(standing_file, with_the_day_of_signing_up_and_who_left_is_a_table_and_no_orders)
{
    IMPORT_OK(accounts_with("account_id,signup_date,seats,status", "active", "churned"));
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_eq(result.customers, CUSTOMERS);
    cr_assert_str_eq(result.target, "status");
}

Test(standing_file, says_churn_of_who_left_as_well_as_churned)
{
    IMPORT_OK(accounts_with("account_id,signup_date,seats,state", "active", "Churn"));
    cr_assert_str_eq(result.target, "state");
}

Test(standing_file, names_who_left_in_other_languages)
{
    IMPORT_OK(accounts_with("Kundennummer,Vertragsbeginn,Monate,Gek\xc3\xbcndigt", "Nein", "Ja"));
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_str_eq(result.target, "Gek\xc3\xbcndigt");
}

Test(standing_file, in_which_customers_come_again_without_a_time_is_refused)
{
    const char *rows = "customer_id,wave,logins,charge\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%sc%d,w%d,%d,9.%d\n", rows, i % 12, i / 12, i % 7, i);
    IMPORT_FAILS(rows, ERR_INVALID, "customer_id comes again and again (12 different in 60 rows looked at)");
    options.shape = "table";
    IMPORT_OK(rows);
}

Test(standing_file, by_month_is_a_history_of_months)
{
    const char *rows = "customer_id,month,logins\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%sc%d,2024-%02d,%d\n", rows, i % 12, 1 + i / 12, i % 7);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("month"), ROLE_TIME);
    cr_assert_str_eq(format_of("month"), "YYYY-MM");
    cr_assert_eq(result.customers, 12);
}

Test(standing_file, with_a_type_and_no_number_of_orders_is_a_log_of_events)
{
    const char *rows = "app_user_id,event_timestamp_ms,type,price_in_usd\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%su%d,%lld,%s,%s\n", rows, i % 9, 1704100000000LL + i * 7200000LL,
                            i % 4 ? "RENEWAL" : "CANCELLATION", i % 4 ? "9.99" : "");
    IMPORT_OK(rows);
    cr_assert_eq(result.shape, SHAPE_EVENTS);
    cr_assert_eq(sums_of("RENEWAL", NULL).n, CUSTOMERS / 4 * 3);
    cr_assert_eq(sums_of("CANCELLATION", NULL).amount_cents, 0);
}

Test(standing_file, of_items_by_customers_without_times_is_what_was_had)
{
    const char *rows = "";
    for (int i = 0; i < CUSTOMERS; i++) rows = arena_format(import_arena, "%s%d\t%d\t%d\n", rows, 1 + i / 6, i % 6, 100 + i);
    options.columns = "customer,item,quantity", options.roles[ROLE_TIME] = "none";
    IMPORT_OK(rows);
    cr_assert_eq(result.shape, SHAPE_ORDER_LINES);
    cr_assert_eq(result.customers, CUSTOMERS / 6);
    cr_assert_eq(result.rows, CUSTOMERS);
}

Test(standing_file, with_one_value_in_some_rows_only_is_not_said_to_have_it_in_all)
{
    const char *rows = "order_id,customer_id,date,amount,shop,gift\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,9.%02d,web,%s\n", rows, i, i % 9, 1 + i % 28, i,
                            i % 3 ? "" : "wrapped");
    IMPORT_OK(rows);
    cr_assert(has_finding("shop has one value only") && has_finding("gift has one value only"));
    cr_assert(has_advice("\"wrapped\" in every row looked at that has one"));
    cr_assert(has_advice("\"web\" in every row looked at") && !has_advice("\"web\" in every row looked at that"));
}

Test(standing_file, of_many_idle_columns_has_one_note_for_them_all)
{
    const char *rows = "order_id,customer_id,date,amount,a,b,c,d,e,f,g\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,9.%02d,,x,,y,,%s,\n", rows, i, i % 9, 1 + i % 28, i,
                            i % 3 ? "" : "z");
    IMPORT_OK(rows);
    cr_assert(has_finding("7 columns that are not used have gaps, one value or none"));
    cr_assert(has_advice("a, b, c, d and 3 more"));
    cr_assert(!has_finding("a is empty in every row"));
}

Test(standing_file, in_a_currency_that_there_is_not_is_told_so)
{
    IMPORT_OK("order_id,customer_id,date,amount,currency\n1,ann,2024-01-01,5,XQZ\n2,bob,2024-01-02,6,XQZ\n");
    cr_assert(has_finding("XQZ is no currency that is known") && has_advice("say --currency CODE"));
    import_shop_close();
    import_shop_open();
    IMPORT_OK("order_id,customer_id,date,amount,currency\n1,ann,2024-01-01,5,kwd\n2,bob,2024-01-02,6,kwd\n");
    cr_assert(!has_finding("no currency that is known"));
}

static const char *members_with(const char *header, const char *between)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%sM%03d,2022-%02d-%02d,%s,%d,%s,%s\n", rows, i, 1 + i % 12, 1 + i % 28, between, i % 9,
                            i % 5 ? "" : "2023-11-02", i % 5 ? "" : i % 2 ? "moved" : "price");
    return rows;
}

Test(standing_file, with_the_day_on_which_members_left_has_who_left_for_its_label)
{
    IMPORT_OK(members_with("member_id,join_date,plan,visits,cancel_date,cancel_reason", "basic"));
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_str_eq(result.target, "cancel_date");
    cr_assert(strstr(traits_of("M005"), "\"cancel_date\":\"yes\""), "%s", traits_of("M005"));
    cr_assert(strstr(traits_of("M006"), "\"cancel_date\":\"no\""), "%s", traits_of("M006"));
    cr_assert(has_finding("cancel_reason gives the label away") && has_advice("who has no day in it counts as still there"));
}

Test(standing_file, with_money_a_month_and_the_day_of_leaving_is_a_table_and_no_orders)
{
    IMPORT_OK(members_with("customer_id,signup_date,mrr,seats,churned_at,why", "29.00"));
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_str_eq(result.target, "churned_at");
}

Test(standing_file, says_who_is_still_there_where_nothing_says_who_left)
{
    IMPORT_OK(accounts_with("policy_no,start,claims,renewed", "Yes", "No"));
    cr_assert_str_eq(result.target, "renewed");
}

Test(standing_file, of_who_was_written_to_and_who_bought_has_that_for_its_label)
{
    const char *rows = "ID,Promotion,purchase,V1,V2\r\n";
    for (int i = 0; i < CUSTOMERS; i++)
        rows = arena_format(import_arena, "%s%d,%s,%d,%d,%.3f\r\n", rows, i + 1, i % 2 ? "Yes" : "No", i % 7 == 0, i % 4, i * .31);
    IMPORT_OK(rows);
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_str_eq(result.target, "purchase");
}
