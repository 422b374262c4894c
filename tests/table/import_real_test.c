/* The public files, with the counts their publishers give. */
#include "base/calendar.h"
#include "table/import.h"
#include "support.h"

#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct import_result result;
static struct err err;

struct kind_sums { uint64_t n; int64_t amount_cents, quantity_milli; };

/* Imports a public file into a new database and sums one kind of event. */
static struct kind_sums import(const char *path, struct import_options options, const char *kind_name)
{
    struct store *store;
    struct log *log;
    struct log_reader *reader;
    struct kind_sums sums = { 0 };
    uint32_t kind;
    arena = arena_new(ARENA_NO_LIMIT);
    options.n_threads = 2;
    ASSERT_OK(store_open(support_path("real.holdfast"), STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &log, &err), &err);
    ASSERT_OK(import_file(store, log, path, &options, arena, NULL, &result, &err), &err);
    ASSERT_OK(log_reader_open(log, &reader, &err), &err);
    cr_assert(log_find(log, DICTIONARY_KIND, text_of(kind_name), &kind), "no event of kind %s", kind_name);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ASSERT_OK(log_read(reader, p, LOG_KIND | LOG_AMOUNT | LOG_QUANTITY, scratch, &events, &err), &err);
        for (size_t i = 0; i < events.n; i++) {
            if (events.kind[i] != kind) continue;
            sums.n++;
            sums.amount_cents += events.amount_cents[i];
            sums.quantity_milli += events.quantity_milli[i];
        }
        arena_free(scratch);
    }
    log_reader_close(reader);
    log_close(log);
    store_close(store);
    return sums;
}

static void assert_days(int64_t first_day, int64_t last_day)
{
    cr_assert_eq(calendar_day_of_ms(result.first_ms), first_day);
    cr_assert_eq(calendar_day_of_ms(result.last_ms), last_day);
}

static const struct finding *finding(const char *words)
{
    for (size_t i = 0; i < result.quality.n_findings; i++)
        if (strstr(result.quality.findings[i].title, words)) return &result.quality.findings[i];
    cr_assert_fail("no finding \"%s\"", words);
    return NULL;
}

Test(import_real, online_retail_has_its_published_counts)
{
    const char *path = support_data("online_retail/online_retail.csv");
    SKIP_WITHOUT(path);
    struct kind_sums items = import(path, (struct import_options){ 0 }, "order_item");
    cr_assert_eq(result.shape, SHAPE_ORDER_LINES);
    cr_assert_eq(result.rows, 541909);
    cr_assert_eq(result.accepted, 541909);
    cr_assert_eq(result.no_customer, 135080);
    cr_assert_eq(result.customers, 4372);
    assert_days(14944, 15317);
    cr_assert_eq(finding("exact copies")->count, 5268);
    cr_assert_eq(finding("no customer")->count, 135080);
    cr_assert_eq(result.events - result.accepted - 25900, 4388,
                 "order_item, an order for each invoice, traits: 4,372 and 16 changes");
    cr_assert(items.n > 500000);
    arena_free(arena);
}

Test(import_real, cdnow_has_its_published_totals_with_and_without_named_columns)
{
    const char *path = support_data("cdnow/CDNOW_master.txt");
    SKIP_WITHOUT(path);
    static const char *const columns[] = { NULL, "customer,date,quantity,amount" };
    for (int i = 0; i < 2; i++) {
        if (i) unlink(support_path("real.holdfast"));
        struct kind_sums orders = import(path, (struct import_options){ .columns = columns[i] }, "order");
        cr_assert_eq(result.rows, 69659);
        cr_assert_eq(result.customers, 23570);
        cr_assert_eq(orders.n, 69659);
        cr_assert_eq(orders.amount_cents, INT64_C(250031563));
        cr_assert_eq(orders.quantity_milli, INT64_C(167881000));
        assert_days(9862, 10407);
        arena_free(arena);
    }
}

Test(import_real, telco_is_a_table_with_eleven_blanks)
{
    const char *path = support_data("telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv");
    SKIP_WITHOUT(path);
    struct kind_sums traits = import(path, (struct import_options){ .roles = { [ROLE_TARGET] = "Churn" } },
                                     "traits");
    cr_assert_eq(result.shape, SHAPE_TABLE);
    cr_assert_eq(traits.n, 7043);
    cr_assert_eq(result.customers, 7043);
    cr_assert_str_eq(result.target, "Churn");
    cr_assert_eq(finding("TotalCharges is missing")->count, 11);
    for (size_t i = 0; i < result.quality.n_findings; i++)
        cr_assert(result.quality.findings[i].severity <= SEVERITY_WARNING);
    arena_free(arena);
}

Test(import_real, tables_and_logs_of_every_dialect_are_recognised)
{
    static const struct {
        const char *path;
        enum shape shape;
        uint64_t rows, customers;
        const char *kind;
        uint64_t n_kind;
        const char *dialect;
    } files[] = {
        { "bank_marketing/bank-full.csv", SHAPE_TABLE, 45211, 45211, "traits", 45211, "semicolon" },
        { "mlc_churn/mlc_churn.csv", SHAPE_TABLE, 5000, 5000, "traits", 5000, "comma" },
        { "movielens_100k/u.user", SHAPE_TABLE, 943, 943, "traits", 943, "bar-separated, UTF-8, without" },
        { "movielens_100k/u.data", SHAPE_ORDER_LINES, 100000, 943, "order", 100000,
          "tab-separated, UTF-8, without" },
        { "taobao_userbehavior/UserBehavior.csv", SHAPE_EVENTS, 84475, 815, "buy", 1750, "comma" },
        { "rees46_2019oct/2019-Oct_first17k.csv", SHAPE_EVENTS, 17434, 4504, "purchase", 214, "comma" },
        { "deskdrop/users_interactions.csv", SHAPE_EVENTS, 72312, 1895, "COMMENT CREATED", 1611, "comma" },
        { "clvtools_apparel_simulated/apparelTrans.csv", SHAPE_ORDER_LINES, 3187, 600, "order", 3187,
          "comma" },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = support_data(files[i].path);
        SKIP_WITHOUT(path);
        unlink(support_path("real.holdfast"));
        struct kind_sums sums = import(path, (struct import_options){ 0 }, files[i].kind);
        cr_assert_eq(result.shape, files[i].shape, "%s", files[i].path);
        cr_assert_eq(result.rows, files[i].rows, "%s", files[i].path);
        cr_assert_eq(result.rejected, 0, "%s", files[i].path);
        cr_assert_eq(result.customers, files[i].customers, "%s", files[i].path);
        cr_assert_eq(sums.n, files[i].n_kind, "%s", files[i].path);
        cr_assert(strstr(result.dialect, files[i].dialect), "%s is %s", files[i].path, result.dialect);
        arena_free(arena);
    }
}

Test(import_real, walmart_dates_are_day_month_year_of_two_digits)
{
    const char *path = support_data("walmart_weekly/walmart.csv");
    SKIP_WITHOUT(path);
    struct kind_sums weeks = import(
        path,
        (struct import_options){ .roles = { [ROLE_CUSTOMER] = "Store", [ROLE_AMOUNT] = "Weekly_Sales" } },
        "order");
    cr_assert_eq(weeks.n, 6435);
    cr_assert_eq(weeks.amount_cents, INT64_C(673721898711));
    assert_days(14645, 15639);
    arena_free(arena);
}

Test(import_real, newlines_in_quotes_and_latin_1_are_read)
{
    const char *path = support_data("olist/olist_order_reviews_subset.csv");
    SKIP_WITHOUT(path);
    (void)import(path,
                 (struct import_options){ .shape = "order_lines",
                                          .roles = { [ROLE_CUSTOMER] = "review_id",
                                                     [ROLE_TIME] = "review_creation_date",
                                                     [ROLE_ORDER] = "none" } },
                 "order");
    cr_assert_eq(result.rows, 14538);
    cr_assert_eq(result.rejected, 0);
    arena_free(arena);
    unlink(support_path("real.holdfast"));
    (void)import(support_data("movielens_100k/u.item"), (struct import_options){ .shape = "table" },
                 "traits");
    cr_assert_eq(result.rows, 1682);
    cr_assert(strstr(result.dialect, "Latin-1"));
    arena_free(arena);
}
