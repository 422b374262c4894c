/* A file imported beside others who write: what they write meanwhile counts as if it had come before. */
#include "table/import_support.h"

#include <string.h>

enum when { AFTER_NAMES, BEFORE_WRITING };

/* What somebody does while the file is imported, once; and how often the names were asked for. */
struct others {
    void     (*meddle)(void);
    enum when  when;
    unsigned   n_steps;
};

static struct others others;
static pthread_rwlock_t lock;

static void let_others(enum when when)
{
    if (!others.meddle || others.when != when) return;
    void (*meddle)(void) = others.meddle;
    others.meddle = NULL;
    meddle();
}

static bool run_alone(bool (*job)(struct store *store, void *context, struct err *err), void *context, struct err *err)
{
    if (!store_begin(store, err)) return false;
    if (job(store, context, err) && store_commit(store, err)) return true;
    store_rollback(store);
    return false;
}

static bool step(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                 void *job_context, struct err *err)
{
    (void)context;
    bool ok = run_alone(job, job_context, err);
    others.n_steps++;
    let_others(AFTER_NAMES);
    return ok;
}

static bool transact(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                     void *job_context, struct err *err)
{
    (void)context;
    let_others(BEFORE_WRITING);
    return run_alone(job, job_context, err);
}

static void open_shop(void)
{
    import_shop_open();
    (void)pthread_rwlock_init(&lock, NULL);
    others = (struct others){ 0 };
}

TestSuite(beside, .init = open_shop, .fini = import_shop_close);

static void import_beside(const char *text, void (*meddle)(void), enum when when)
{
    others = (struct others){ meddle, when, 0 };
    options.step = step, options.transact = transact, options.lock = &lock;
    IMPORT_OK(text);
    cr_assert_null(others.meddle, "they came to write");
}

/* Another file, by somebody else. */
static void import_other(const char *text)
{
    struct import_result other_result;
    const struct import_options alone = { .n_threads = 1 };
    const char *path = support_path("other.csv");
    support_write(path, text, strlen(text));
    ASSERT_OK(import_file(store, history, path, &alone, import_arena, NULL, &other_result, &import_err), &import_err);
}

#define EXPORT "order_id,customer_id,order_date,item,amount,status\n"

static void same_order(void) { import_other(EXPORT "2,b,2024-01-02,x,10,paid\n"); }
static void other_order(void) { import_other(EXPORT "9,z,2024-01-05,x,3,paid\n"); }
static void same_row(void) { import_other("customer,date,amount\nb,2024-01-02,10\n"); }
static void forget_names(void) { ASSERT_OK(log_reload(history, &import_err), &import_err); }

static void assert_orders(uint64_t n, int64_t amount_cents)
{
    struct sums sums = sums_of("order", NULL);
    cr_assert_eq(sums.n, n, "%llu orders", (unsigned long long)sums.n);
    cr_assert_eq(sums.amount_cents, amount_cents);
}

#define TWO_ORDERS EXPORT "1,a,2024-01-01,x,5,paid\n2,b,2024-01-02,x,10,paid\n"

Test(beside, an_order_that_others_write_meanwhile_is_there_once)
{
    import_beside(TWO_ORDERS, same_order, BEFORE_WRITING);
    assert_orders(2, 1500);
    cr_assert_eq(result.repeated, 1);
}

Test(beside, what_others_write_in_time_is_built_with_before_anybody_has_to_wait)
{
    import_beside(TWO_ORDERS, same_order, AFTER_NAMES);
    assert_orders(2, 1500);
    cr_assert_eq(others.n_steps, 2);
}

Test(beside, what_concerns_nobody_of_the_file_makes_no_further_work)
{
    import_beside(TWO_ORDERS, other_order, AFTER_NAMES);
    assert_orders(3, 1800);
    cr_assert_eq(others.n_steps, 1);
}

Test(beside, a_row_without_an_orders_number_that_others_import_meanwhile_is_there_once)
{
    import_beside("customer,date,amount\na,2024-01-01,5\nb,2024-01-02,10\n", same_row, BEFORE_WRITING);
    assert_orders(2, 1500);
}

/* A client tells of order 2 by its number, under a message of its own. */
static void same_order_live(void)
{
    static const char properties[] = "{\"order_id\":\"2\"}";
    uint32_t who, kind;
    uint16_t kind16;
    int64_t time_ms = INT64_C(1704186000000), cents = 1000;
    uint64_t hash = UINT64_C(0x123456789abcde0);
    uint32_t end = sizeof properties - 1;
    ASSERT_OK(store_begin(store, &import_err), &import_err);
    ASSERT_OK(log_intern(history, DICTIONARY_IDENTITY, text_of("b"), &who, &import_err), &import_err);
    ASSERT_OK(log_intern(history, DICTIONARY_KIND, text_of("order"), &kind, &import_err), &import_err);
    kind16 = (uint16_t)kind;
    const struct events events = { .n = 1, .received_ms = &time_ms, .time_ms = &time_ms, .identity = &who, .kind = &kind16,
                                   .amount_cents = &cents, .message_hash = &hash, .properties_end = &end,
                                   .properties_bytes = properties };
    ASSERT_OK(log_append(history, &events, &import_err), &import_err);
    ASSERT_OK(store_commit(store, &import_err), &import_err);
}

Test(beside, an_order_that_a_client_tells_of_meanwhile_by_its_number_is_there_once)
{
    static const enum when whens[] = { AFTER_NAMES, BEFORE_WRITING };
    for (size_t i = 0; i < 2; i++) {
        import_shop_close();
        open_shop();
        import_beside(TWO_ORDERS, same_order_live, whens[i]);
        assert_orders(2, 1500);
    }
}

Test(beside, names_that_are_forgotten_meanwhile_are_given_again)
{
    import_beside(TWO_ORDERS, forget_names, BEFORE_WRITING);
    assert_orders(2, 1500);
    cr_assert_eq(sums_of("order", "b").amount_cents, 1000);
}
