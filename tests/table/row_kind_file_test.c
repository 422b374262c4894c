/* Files that tell what customers did with no column for what it was: page views, tickets, log-ins, and orders among them. */
#include "table/import_support.h"

#include <string.h>

TestSuite(row_kind_file, .init = import_shop_open, .fini = import_shop_close);

enum { ROWS = 40 };

/* A header line, and rows made of a pattern: # is the row's number, ~ a day of two digits, ^ one of nine customers. */
static const char *file_of(const char *header, const char *pattern)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < ROWS; i++) {
        const char *line = "";
        for (const char *at = pattern; *at; at++)
            line = *at == '#'   ? arena_format(import_arena, "%s%d", line, i)
                   : *at == '~' ? arena_format(import_arena, "%s%02d", line, 1 + i % 28)
                   : *at == '^' ? arena_format(import_arena, "%s%d", line, i % 9)
                                : arena_format(import_arena, "%s%c", line, *at);
        rows = arena_format(import_arena, "%s%s\n", rows, line);
    }
    return rows;
}

static void assert_all_are(const char *kind)
{
    cr_assert_eq(result.shape, SHAPE_EVENTS, "%s", kind);
    cr_assert_eq(sums_of(kind, NULL).n, ROWS, "%s", kind);
    cr_assert_eq(sums_of("order", NULL).n, 0, "%s", kind);
    cr_assert(has_finding(arena_format(import_arena, "Each row is an event %s", kind)));
    cr_assert(has_advice("--shape order_lines"));
}

Test(row_kind_file, says_by_its_columns_what_a_row_is_and_makes_no_order_of_it)
{
    static const struct { const char *kind, *header, *pattern; } files[] = {
        { "page_view", "view,timestamp,user_id,page_url,referrer", "#,2024-03-~T10:00:00,u^,/shoes,google" },
        { "session", "session_id,session_start,user_id,pageviews", "s#,2024-03-~ 10:00,u^,3" },
        { "ticket", "ticket_id,created_at,customer_id,subject,status", "#,2024-03-~ 10:00,u^,My parcel,solved" },
        { "ticket", "Ticketnummer;Erstellt am;Kundennummer;Betreff;Priorität;Bearbeiter",
          "#;~.03.2024 10:00;u^;Paket;hoch;Eva" },
        { "ticket", "Ticket Number,Created,Customer ID,Priority", "#,2024-03-~ 10:00,u^,high" },
        { "email_sent", "id,sent_at,email,campaign,opened", "#,2024-03-~T10:00:00,u^@x.com,spring,1" },
        { "login", "n,login_at,user,ip", "#,2024-03-~T10:00:00,u^,10.0.0.1" },
        { "visit", "n,checked_in_at,member_id,club", "#,2024-03-~ 10:00,u^,north" },
        { "call", "call_id,call_start,customer_id,direction", "#,2024-03-~ 10:00,u^,in" },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        import_shop_close();
        import_shop_open();
        IMPORT_OK(file_of(files[i].header, files[i].pattern));
        assert_all_are(files[i].kind);
    }
}

Test(row_kind_file, of_sessions_some_of_which_have_money_has_orders_among_them_and_adds_nothing_when_it_comes_again)
{
    const char *rows = "session_id,session_start,user_id,pageviews,revenue\n";
    for (int i = 0; i < ROWS; i++)
        rows = arena_format(import_arena, "%ss%d,2024-03-%02d 10:00,u%d,3,%s\n", rows, i, 1 + i % 28, i % 9,
                            i % 10 ? "0" : "25.50");
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("session", NULL).n, ROWS);
    cr_assert_eq(sums_of("session", NULL).amount_cents, 0);
    cr_assert_eq(sums_of("order", NULL).n, ROWS / 10);
    cr_assert_eq(sums_of("order", NULL).amount_cents, ROWS / 10 * 2550);
    IMPORT_OK(rows);
    cr_assert_eq(result.events, 0);
    cr_assert_eq(sums_of("order", NULL).n, ROWS / 10);
}

static const char *priced_tickets(void)
{
    return file_of("ticket_id,created_at,customer_id,subject,priority,assignee,value",
                   "#,2024-03-~ 10:00,u^,My parcel,high,Eva,99.00");
}

Test(row_kind_file, of_tickets_that_all_have_money_is_asked_for_what_they_are)
{
    IMPORT_FAILS(priced_tickets(), ERR_INVALID, "support tickets, and value reads as money: say --shape events");
    cr_assert_eq(n_stored(), 0);
    options.shape = "events";
    IMPORT_OK(priced_tickets());
    cr_assert_eq(sums_of("ticket", NULL).n, ROWS);
    cr_assert_eq(sums_of("ticket", NULL).amount_cents, ROWS * 9900);
    import_shop_close();
    import_shop_open();
    options.shape = "order_lines";
    IMPORT_OK(priced_tickets());
    cr_assert_eq(sums_of("order", NULL).n, ROWS);
}

Test(row_kind_file, of_visits_that_are_paid_counts_them_as_orders_and_says_so)
{
    IMPORT_OK(file_of("n,visit_date,client_id,amount", "#,2024-03-~,u^,30.00"));
    cr_assert_eq(sums_of("order", NULL).amount_cents, ROWS * 3000);
    cr_assert(has_finding("Rows count as orders, and may be visits"));
}

Test(row_kind_file, of_orders_stays_one_whatever_stands_beside_their_numbers)
{
    IMPORT_OK(file_of("order_id,created_at,email,landing_page,referrer,user_agent,ip",
                      "#,2024-03-~ 10:00,u^@x.com,/,google,Mozilla,10.0.0.1"));
    cr_assert_eq(sums_of("order", NULL).n, ROWS);
}

Test(row_kind_file, of_customers_and_times_alone_is_doubted_aloud_unless_the_times_are_of_sales)
{
    IMPORT_OK(file_of("n,time,customer", "#,2024-03-~ 10:00,u^"));
    cr_assert(has_finding("Each row counts as an order"));
    cr_assert(has_advice("--shape events --event WORD"));
    import_shop_close();
    import_shop_open();
    IMPORT_OK(file_of("n,purchased_at,customer", "#,2024-03-~ 10:00,u^"));
    cr_assert(!has_finding("Each row counts as an order"));
    cr_assert_eq(sums_of("order", NULL).n, ROWS);
}

Test(row_kind_file, may_be_told_what_a_row_is_by_a_word_that_is_no_columns_name_nor_like_one)
{
    const char *rows = file_of("n,time,customer", "#,2024-03-~ 10:00,u^");
    options.shape = "events";
    options.roles[ROLE_EVENT] = "custmer";
    IMPORT_FAILS(rows, ERR_INVALID, "did you mean 'customer'");
    options.roles[ROLE_EVENT] = "walk in the park";
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("walk in the park", NULL).n, ROWS);
    options.roles[ROLE_EVENT] = NULL;
    IMPORT_FAILS(rows, ERR_INVALID, "as in --event login");
    options.shape = NULL;
    options.roles[ROLE_EVENT] = "walk in the park";
    IMPORT_FAILS(rows, ERR_INVALID, "there is no such column");
}

Test(row_kind_file, is_what_was_said_although_a_column_could_say_it)
{
    options.shape = "events";
    options.roles[ROLE_EVENT] = "login";
    IMPORT_OK(file_of("n,time,customer,action", "#,2024-03-~ 10:00,u^,a^"));
    cr_assert_eq(role_of("action"), ROLE_NONE);
    assert_all_are("login");
}
