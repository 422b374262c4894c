/* Files into the log: small ones written here, the public ones with their published counts, and what
 * bad input gets. */
#include "base/calendar.h"
#include "base/crash_point.h"
#include "table/import_support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(import, .init = import_shop_open, .fini = import_shop_close);

Test(import, lines_of_one_invoice_are_one_order_wherever_they_stand)
{
    IMPORT_OK("InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
              "536365,A,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
              "536366,B,2,2010-12-01 08:28:00,1.10,13047.0,France\n"
              "536365,C,1,2010-12-01 08:26:00,0.333,17850.0,United Kingdom\n"
              "C536379,A,-1,2010-12-02 09:41:00,2.55,17850.0,United Kingdom\n"
              "536380,D,3,2010-12-02 10:00:00,1.00,,France\n"
              "536381,D,3,2010-12-02 10:00:00,1.00,13047.0,Spain\n");
    cr_assert_eq(result.shape, SHAPE_ORDER_LINES);
    cr_assert_eq(result.rows, 6);
    cr_assert_eq(result.accepted, 6);
    cr_assert_eq(result.customers, 2);
    cr_assert_eq(result.no_customer, 1);
    struct sums orders = sums_of("order", "17850"), refunds = sums_of("refund", "17850"),
                items = sums_of("order_item", NULL);
    cr_assert_eq(orders.n, 1);
    cr_assert_eq(orders.amount_cents, 1530 + 33);
    cr_assert_eq(orders.quantity_milli, 7000);
    cr_assert_eq(refunds.n, 1);
    cr_assert_eq(refunds.amount_cents, -255);
    cr_assert_eq(items.n, 5);
    cr_assert_eq(sums_of("refund_item", NULL).n, 1);
    cr_assert_eq(sums_of("order", "").n, 1, "a line without a customer is an order of identity 0");
    cr_assert_str_eq(traits_of("13047"), "{\"Country\":\"France\"}{\"Country\":\"Spain\"}");
    cr_assert_str_eq(traits_of("17850"), "{\"Country\":\"United Kingdom\"}");
    cr_assert_eq(result.events, n_stored());
}

Test(import, an_event_log_keeps_the_kinds_it_has)
{
    IMPORT_OK("user_id,timestamp,event,amount,item_id\nu1,1511544070,view,,a\nu1,1511544080,buy,9.99,a\nu2,"
              "1511544090,view,,b\n");
    cr_assert_eq(result.shape, SHAPE_EVENTS);
    cr_assert_eq(sums_of("view", NULL).n, 2);
    cr_assert_eq(sums_of("buy", "u1").amount_cents, 999);
    cr_assert_eq(result.first_ms, INT64_C(1511544070000));
    cr_assert_eq(result.last_ms, INT64_C(1511544090000));
}

Test(import, a_table_gives_each_customer_its_traits_and_label)
{
    IMPORT_OK("customerID,tenure,Contract,TotalCharges,Churn\nA-1,1,Monthly,29.85,No\nB-2,0,Yearly, ,Yes\n");
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_str_eq(result.target, "Churn");
    cr_assert_str_eq(
        traits_of("A-1"),
        "{\"tenure\":1,\"Contract\":\"Monthly\",\"TotalCharges\":29.85,\"Churn\":\"No\"}");
    cr_assert_str_eq(traits_of("B-2"), "{\"tenure\":0,\"Contract\":\"Yearly\",\"Churn\":\"Yes\"}",
                     "a blank is missing");
    cr_assert_eq(sums_of("traits", NULL).n, 2);
}

Test(import, importing_again_adds_nothing_and_a_longer_file_adds_what_is_new)
{
    static const char first[] =
        "customer,date,amount\nann,2024-01-01,5\nann,2024-01-01,5\nbob,2024-01-02,7\n";
    static const char longer[] = "customer,date,amount\nann,2024-01-01,5\nann,2024-01-01,5\nbob,2024-01-02,"
                                 "7\nann,2024-01-01,5\ncid,2024-02-01,1\n";
    IMPORT_OK(first);
    cr_assert_eq(result.accepted, 3, "equal rows of a file are each their own message");
    IMPORT_OK(first);
    cr_assert_eq(result.accepted, 0);
    cr_assert_eq(result.repeated, 3);
    cr_assert_eq(result.events, 0);
    cr_assert_eq(n_stored(), 3);
    IMPORT_OK(longer);
    cr_assert_eq(result.accepted, 2);
    cr_assert_eq(n_stored(), 5);
    cr_assert_eq(sums_of("order", "ann").amount_cents, 1500);
}

Test(import, every_form_of_a_file_is_read_alike)
{
    static const struct { const char *text; const char *date_format;
    } forms[] = {
        { "customer,date,amount\nann,2024-01-31,1234.50\nbob,2024-02-13,-2\n", NULL },
        { "customer;date;amount\r\nann;31.01.2024;1.234,50\r\nbob;13.02.2024;-2,0\r\n", NULL },
        { "\xef\xbb\xbf"
          "customer\tdate\tamount\nann\t01/31/2024\t\"1,234.50\"\nbob\t2/13/2024\t-2\n",
          NULL },
        { "customer|date|amount\n\"ann\"|31/1/24|1234.5\n\"bob\"|13/2/24|-2.00", NULL },
        { "customer  date      amount\nann       20240131  1234.50\nbob       20240213    -2\n", NULL },
        { "customer,date,amount\nann,1706659200,1234.50\nbob,1707782400,-2\n", NULL },
        { "customer,date,amount\nann,1706659200000,1234.50\nbob,1707782400000,-2\n", NULL },
        { "customer,date,amount\nann,31-Jan-2024,1234.50\nbob,13-Feb-2024,-2\n", NULL },
        { "customer,date,amount\nann,2024-01-31T00:00:00Z,1234.50\nbob,2024-02-13T02:00:00+02:00,-2\n",
          NULL },
        { "Sales of the shop\n\ncustomer,date,amount\nann,2024-01-31,1234.50\nbob,2024-02-13,-2\n", NULL },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        import_shop_close();
        import_shop_open();
        IMPORT_OK(forms[i].text);
        cr_assert_eq(sums_of("order", "ann").amount_cents, 123450, "form %zu", i);
        cr_assert_eq(sums_of("refund", "bob").amount_cents, -200, "form %zu", i);
        cr_assert_eq(result.first_ms, INT64_C(1706659200000), "form %zu", i);
        cr_assert_eq(result.last_ms, INT64_C(1707782400000), "form %zu: %lld", i, (long long)result.last_ms);
    }
}

Test(import, latin_1_becomes_utf_8)
{
    IMPORT_OK("customer,date,amount,country\nM\xfcller,2024-01-31,1,\xd6sterreich\nann,2024-02-13,2,Peru\n");
    cr_assert(strstr(result.dialect, "Latin-1"));
    cr_assert_eq(sums_of("order", "M\xc3\xbcller").amount_cents, 100);
    cr_assert_str_eq(traits_of("M\xc3\xbcller"), "{\"country\":\"\xc3\x96sterreich\"}");
}

Test(import, windows_1250_is_known_by_its_letters_within_words_and_other_pages_by_their_flag)
{
    options.traits = "country";
    IMPORT_OK("customer,date,amount,country\nWa\xb3\xeasa,2024-01-31,1,\xa3\xf3" "d\x9f\nann,2024-02-13,2,Peru\n");
    cr_assert(strstr(result.dialect, "Windows-1250"));
    cr_assert_eq(sums_of("order", "Wa\xc5\x82\xc4\x99sa").amount_cents, 100);
    cr_assert_str_eq(traits_of("Wa\xc5\x82\xc4\x99sa"), "{\"country\":\"\xc5\x81\xc3\xb3" "d\xc5\xba\"}");
    import_shop_close();
    import_shop_open();
    options = (struct import_options){ .encoding = "koi8-r" };
    IMPORT_OK("customer,date,amount\n\xed\xc9\xd2,2024-01-31,1\nann,2024-02-13,2\n");
    cr_assert_eq(sums_of("order", "\xd0\x9c\xd0\xb8\xd1\x80").amount_cents, 100);
    options.encoding = "windows-1253";
    IMPORT_FAILS("customer,date,amount\na\xd2z,2024-01-31,1\n", ERR_INVALID, "byte 22 (0xd2) means nothing in windows-1253");
    options.encoding = "shift_jis";
    import_err.code = ERR_IO;       /* of a file before */
    IMPORT_FAILS("customer,date,amount\nann,2024-01-31,1\n\x83", ERR_INVALID, "byte 38 (0x83) means nothing in shift_jis");
}

Test(import, flags_override_every_guess)
{
    options.roles[ROLE_CUSTOMER] = "who";
    options.roles[ROLE_TIME] = "2";
    options.roles[ROLE_AMOUNT] = "Paid";
    options.date_format = "D/M/Y";
    options.currency = "GBP";
    options.traits = "plan";
    IMPORT_OK("who,at,paid,plan,amount\nann,01/02/2024,5,gold,99\nbob,02/02/2024,6,blue,98\n");
    cr_assert_eq(sums_of("order", "ann").amount_cents, 500);
    cr_assert_eq(result.first_ms, calendar_day((struct civil){ 2024, 2, 1 }) * MS_PER_DAY);
    cr_assert_str_eq(result.currency, "GBP");
    cr_assert_eq(role_of("plan"), ROLE_TRAIT);
    cr_assert_eq(role_of("amount"), ROLE_NONE);
}

Test(import, columns_names_a_file_without_a_header)
{
    options.columns = "customer,date,quantity,amount";
    options.has_no_header = true;
    IMPORT_OK("00001 19970101 1 11.77\n00002 19970112 1 12.00\n00002 19970112 5 77.00\n");
    cr_assert_eq(result.rows, 3);
    cr_assert_eq(sums_of("order", "00002").amount_cents, 8900);
    cr_assert_eq(sums_of("order", "00002").quantity_milli, 6000);
    options.columns = "customer,date";
    IMPORT_FAILS("00001 19970101 1 11.77\n00002 19970112 1 12.00\n", ERR_INVALID,
                 "names 2 columns, but the file has 4");
}

Test(import, refused_rows_are_kept_with_line_column_and_reason)
{
    struct reject *rejects;
    size_t n;
    uint64_t total;
    options.is_forced = true;
    options.now_ms = INT64_C(1735689600000);
    IMPORT_OK("customer,date,amount\nid,YYYY-MM-DD,EUR\nann,2024-01-01,5\nann,2024-01-02\nann,01/02/"
              "2024,5\nann,2024-01-03,NaN\n"
              "ann,2024-01-04,inf\nann,2024-01-05,99999999999999999999\nann,2124-01-05,1\nann,\"2024-01-06,"
              "1\nann,2024-01-07,5\n"
              "ann,2024-01-08,5\nann,2024-01-09,5\nann,2024-01-10,5\nann,2024-01-11,5\nann,2024-01-12,5\nann,"
              "2024-01-13,5\n"
              "customer,date,amount\nann,2024-01-14,5\n");
    cr_assert_eq(result.accepted, 9);
    ASSERT_OK(import_rejects(store, 0, 0, import_arena, &rejects, &n, &total, &import_err), &import_err);
    static const struct { uint64_t line; const char *column, *reason;
    } want[] = {
        { 2, "date", "is not a time" },
        { 4, "", "2 columns instead of 3" },
        { 5, "date", "is not a time written as YYYY-MM-DD" },
        { 6, "amount", "\"NaN\" is not a number" },
        { 7, "amount", "\"inf\" is not" },
        { 8, "amount", "beyond 64 bits" },
        { 9, "date", "in the future" },
        { 10, "date", "never closed" },
        { 18, "", "the header line again" },
    };
    cr_assert_eq(n, sizeof want / sizeof *want);
    cr_assert_eq(total, n);
    cr_assert_eq(result.rejected, n);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(rejects[i].line, want[i].line, "line %llu", (unsigned long long)rejects[i].line);
        cr_assert_str_eq(rejects[i].column, want[i].column);
        cr_assert(strstr(rejects[i].reason, want[i].reason), "%s", rejects[i].reason);
    }
    cr_assert_str_eq(rejects[1].raw, "ann,2024-01-02");
    cr_assert(has_finding("9 rows were refused"));
}

Test(import, a_file_that_is_mostly_refused_is_refused_as_a_whole)
{
    static const char mixed[] =
        "customer,date,amount\nann,2024-01-01,5\nbob,2024-01-02,x\ncid,2024-01-03,y\n";
    options.roles[ROLE_AMOUNT] = "amount";
    IMPORT_FAILS(mixed, ERR_INVALID,
                 "2 of 3 rows cannot be read; the first is line 3, column amount: \"x\" is not a number");
    cr_assert_eq(n_stored(), 0);
    cr_assert_eq(log_n_names(history, DICTIONARY_IDENTITY), 1);
    options.is_forced = true;
    IMPORT_OK(mixed);
    cr_assert_eq(result.accepted, 1);
}

Test(import, what_cannot_be_understood_says_what_was_looked_for)
{
    IMPORT_FAILS("customer,plan,amount\n", ERR_INVALID, "no rows under the header");
    IMPORT_FAILS("\n\n\n", ERR_INVALID, "line 1");
    IMPORT_FAILS("shop,date,amount\n1,2024-01-01,5\n2,2024-01-02,6\n", ERR_INVALID, "--customer COLUMN");
    options.shape = "events";
    IMPORT_FAILS("customer,date,amount\nann,2024-01-01,5\n", ERR_INVALID, "--event COLUMN");
    options.shape = "order_lines";
    IMPORT_FAILS("customer,plan,amount\nann,gold,5\n", ERR_INVALID, "--time COLUMN");
    options.shape = NULL;
    options.roles[ROLE_TARGET] = "Chrun";
    IMPORT_FAILS("customer,plan,churn\nann,gold,no\n", ERR_INVALID,
                 "--target Chrun: there is no such column; did you mean 'churn'?");
    options = (struct import_options){ .date_format = "MDY" };
    IMPORT_FAILS("customer,date,amount\nann,2024-01-01,5\n", ERR_INVALID, "--date-format MDY is not known");
    options = (struct import_options){ .separator = "tabs" };
    IMPORT_FAILS("customer,date,amount\nann,2024-01-01,5\n", ERR_INVALID, "--separator tabs is not known");
    options = (struct import_options){ .encoding = "utf-7" };
    IMPORT_FAILS("customer,date,amount\nann,2024-01-01,5\n", ERR_INVALID, "--encoding utf-7 is not known");
    options = (struct import_options){ .shape = "rows" };
    IMPORT_FAILS("customer,date,amount\nann,2024-01-01,5\n", ERR_INVALID, "--shape rows is not known");
    cr_assert_eq(n_stored(), 0);
}

Test(import, one_customer_and_one_event_are_enough)
{
    IMPORT_OK("customer,date,amount\nann,2024-01-01,5\n");
    cr_assert_eq(result.accepted, 1);
    cr_assert_eq(result.first_ms, result.last_ms);
}

Test(import, day_and_month_are_told_apart_by_all_values)
{
    IMPORT_OK("customer,date,amount\nann,01/02/2024,5\nbob,02/02/2024,6\ncid,13/02/2024,7\n");
    cr_assert_eq(result.first_ms, calendar_day((struct civil){ 2024, 2, 1 }) * MS_PER_DAY);
    IMPORT_OK("customer,date,amount\nann,02/01/2024,5\nbob,02/02/2024,6\ncid,02/13/2024,7\n");
    cr_assert_eq(result.first_ms, calendar_day((struct civil){ 2024, 2, 1 }) * MS_PER_DAY);
    IMPORT_FAILS("customer,date,amount\nann,02/01/2024,5\nbob,02/02/2024,6\ncid,02/03/2024,7\n", ERR_INVALID,
                 "--date-format D/M/Y or --date-format M/D/Y");
}

Test(import, a_column_that_gives_the_label_away_is_found)
{
    char *text = arena_format(import_arena, "customer,noise,refund_after,churn\n");
    for (int i = 0; i < 200; i++)
        text = arena_format(import_arena, "%sc%d,%d,%s,%s\n", text, i, i * 37 % 101, i % 3 ? "none" : "sent",
                            i % 3 ? "no" : "yes");
    IMPORT_OK(text);
    cr_assert(has_finding("refund_after gives the label away"));
    cr_assert(!has_finding("noise gives the label away"));
    cr_assert_eq(result.quality.findings[0].severity, SEVERITY_PROBLEM);
}

Test(import, currencies_gaps_and_wrong_clocks_are_found)
{
    char *text = arena_format(import_arena, "customer,date,amount,currency\n"), day[11];
    for (int i = 0; i < 400; i++) {
        calendar_format_day(19000 + i / 4 + (i >= 200 ? 60 : 0), day);
        text = arena_format(import_arena, "%sc%d,%s,%d,%s\n", text, i % 50, day, i == 7 ? 9000000 : 10 + i % 7,
                            i % 10 ? "EUR" : "USD");
    }
    text = arena_format(import_arena, "%sc1,1999-01-01,5,EUR\n", text);
    IMPORT_OK(text);
    cr_assert_str_eq(result.currency, "EUR");
    cr_assert(has_finding("2 currencies"));
    cr_assert(has_advice("then USD in 40 rows (line 2 is the first)"));
    cr_assert(has_finding("no rows for 60 days"));
    cr_assert(has_finding("1 row has a time far from all others"));
    cr_assert(has_finding("Some amounts are far from all others"));
}

Test(import, the_number_of_threads_changes_nothing)
{
    char *text = arena_format(import_arena, "customer,date,event,note\n");
    struct rng rng = rng_new(3);
    for (int i = 0; i < 3000; i++)
        text = arena_format(import_arena, "%su%d,2024-01-%02d,%s,\"a \"\"b\"\"\nc\"\n", text,
                            (int)rng_below(&rng, 90), (int)rng_below(&rng, 28) + 1,
                            rng_below(&rng, 2) ? "view" : "buy");
    support_write(support_path("file.csv"), text, strlen(text));
    uint64_t names[2], hash[2] = { 0 };
    for (unsigned run = 0; run < 2; run++) {
        import_shop_close();
        import_shop_open();
        options.n_threads = run ? 4 : 1;
        ASSERT_OK(import(support_path("file.csv")), &import_err);
        names[run] = log_n_names(history, DICTIONARY_IDENTITY);
        struct log_reader *reader;
        ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
        for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
            struct events events;
            ASSERT_OK(log_read(reader, p, LOG_ALL, import_arena, &events, &import_err), &import_err);
            for (size_t i = 0; i < events.n; i++)
                hash[run] = hash[run] * 31 + events.message_hash[i] * 7 + events.identity[i] +
                            (uint64_t)events.time_ms[i] + events.kind[i];
        }
        log_reader_close(reader);
    }
    cr_assert_eq(names[0], names[1]);
    cr_assert_eq(hash[0], hash[1]);
}

Test(import, the_record_of_the_latest_import_stays)
{
    struct import_record record;
    ASSERT_FAILS(import_latest(store, import_arena, &record, &import_err), &import_err, ERR_MISSING,
                 "holdfast import FILE");
    IMPORT_OK("customer,plan,churn\nann,gold,no\nbob,blue,yes\n");
    ASSERT_OK(import_latest(store, import_arena, &record, &import_err), &import_err);
    cr_assert_eq(record.shape, SHAPE_TABLE);
    cr_assert_str_eq(record.target, "churn");
    cr_assert_str_eq(record.source, "file.csv");
    json_error_t at;
    json_t *json = json_loads(record.json, 0, &at);
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(json, "import"), "rows")), 2);
    cr_assert(json_is_array(json_object_get(json_object_get(json, "quality"), "findings")));
    json_decref(json);
}

/* Imports in a process of its own that ends at the nth crash point; true if it was not reached. */
static bool import_until_crash(const char *path, const char *database, unsigned nth)
{
    fflush(NULL);
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        struct store *own;
        struct log *log;
        struct err e;
        options.n_threads = 1;
        crash_at(nth);
        bool ok = store_open(database, STORE_CREATE, &own, &e) && log_open(own, &log, &e) &&
                  import_file(own, log, path, &options, import_arena, NULL, &result, &e);
        _exit(ok ? 0 : 98);
    }
    int status;
    cr_assert(waitpid(child, &status, 0) == child);
    cr_assert(!(WIFEXITED(status) && WEXITSTATUS(status) == 98), "the import failed instead of crashing");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Test(import, a_crash_at_any_point_leaves_all_or_nothing)
{
    const char *path = file_with(
        "customer,date,amount\nann,2024-01-01,5\nbob,2024-01-02,7\ncid,2024-01-03,8\ndan,2024-01-04,x\n");
    static const char database[] = "build/scratch/crash.holdfast";
    unsigned nth = 1, n_empty = 0;
    for (bool is_over = false; !is_over; nth++) {
        unlink(database), unlink("build/scratch/crash.holdfast-wal"),
            unlink("build/scratch/crash.holdfast-shm");
        is_over = import_until_crash(path, database, nth);
        struct store *after;
        struct log *log;
        struct log_totals totals;
        struct import_record record;
        if (access(database, F_OK) != 0) { n_empty++; continue; }
        ASSERT_OK(store_open(database, STORE_CREATE, &after, &import_err), &import_err);
        ASSERT_OK(log_open(after, &log, &import_err), &import_err);
        ASSERT_OK(log_totals(log, &totals, &import_err), &import_err);
        bool has_record = import_latest(after, import_arena, &record, &import_err);
        cr_assert(totals.n_events == 0 || totals.n_events == 3, "%llu events after point %u",
                  (unsigned long long)totals.n_events, nth);
        cr_assert_eq(has_record, totals.n_events == 3);
        cr_assert_eq(log_n_names(log, DICTIONARY_IDENTITY), totals.n_events == 3 ? 4 : 1);
        n_empty += totals.n_events == 0;
        if (is_over) cr_assert_eq(totals.n_events, 3);
        log_close(log);
        store_close(after);
    }
    cr_assert(nth > LOG_PARTITIONS && n_empty > 0);
    unlink(database), unlink("build/scratch/crash.holdfast-wal"), unlink("build/scratch/crash.holdfast-shm");
}

Test(import, lines_longer_than_a_mebibyte_and_thousands_of_columns_are_refused_not_kept)
{
    enum { LONG = 3 << 20 };
    char *text = arena_alloc(import_arena, LONG + 200, 1);
    size_t n = (size_t)snprintf(text, 100, "customer,date,amount\nann,2024-01-01,5\nbob,2024-01-02,7\n");
    memset(text + n, 'x', LONG);
    n += LONG;
    n += (size_t)snprintf(text + n, 100, "\ncid,2024-01-03,8\n");
    const char *path = support_path("long.csv");
    support_write(path, text, n);
    ASSERT_OK(import(path), &import_err);
    cr_assert_eq(result.accepted, 3);
    cr_assert_eq(result.rejected, 1);
    struct reject *rejects;
    size_t n_rejects;
    uint64_t total;
    ASSERT_OK(import_rejects(store, 0, 0, import_arena, &rejects, &n_rejects, &total, &import_err), &import_err);
    cr_assert_eq(rejects[0].line, 4);
    cr_assert(strstr(rejects[0].reason, "longer than 1 MiB"));
    cr_assert_eq(strlen(rejects[0].raw), 1024);
    memset(text, ',', 20000);
    text[20000] = '\n';
    memcpy(text + 20001, text, 20001);
    support_write(path, text, 40002);
    ASSERT_FAILS(import(path), &import_err, ERR_INVALID, "20,000 columns");
}
