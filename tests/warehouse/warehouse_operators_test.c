/* warehouse_operators_test.c - every operator both ways: folded here, and by its SQL on two servers, which
 * warehouse_operators_test.sh starts and names in HOLDFAST_SHARDS; without them the tests say so and pass. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "customer/identity.h"
#include "warehouse/gather.h"
#include "warehouse/shipping.h"
#include "warehouse/tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { END_DAY = 15600, DAYS = 900, CUSTOMERS = 40, EVENTS = 3000, CUTOFFS = 4, LINKS = 14 };

struct both {
    struct diary diary;
    struct feature_set *set;
    struct identities *identities;
    struct warehouse_settings settings;
    struct shipping_source source;
    int64_t cutoffs_ms[CUTOFFS];
};

static int64_t now_ms(void *context)
{
    (void)context;
    return END_DAY * MS_PER_DAY;
}

static bool run_job(void *context, bool (*job)(struct store *, void *, struct err *), void *job_context,
                    struct err *err)
{
    struct both *both = context;
    return store_begin(both->diary.store, err) && job(both->diary.store, job_context, err) &&
           store_commit(both->diary.store, err);
}

/* "http://127.0.0.1:1 http://127.0.0.1:2"; false: nobody started any.  Each test has a database of its own. */
static bool read_shards(struct both *both, const char *database)
{
    const char *text = getenv("HOLDFAST_SHARDS");
    if (!text) {
        fputs("skipped: no clickhouse-servers (tests/warehouse_operators_test.sh starts them)\n", stderr);
        return false;
    }
    both->settings.patience_ms = 60000;
    both->settings.node = "n1", both->settings.user = "holdfast", both->settings.password = "secret";
    both->settings.database = database;
    for (char *at = arena_copy(both->diary.arena, text); at;) {
        char *end = strchr(at, ' ');
        size_t s = both->settings.n_shards++;
        if (end) *end = '\0';
        both->settings.replicas[s][0] = at;
        both->settings.n_replicas[s] = 1;
        at = end ? end + 1 : NULL;
    }
    return true;
}

/* Some come late, a few of them years, some before they happen, some twice. */
static void write_log(struct both *both, struct rng *rng)
{
    struct noted *noted = ARENA_ARRAY(both->diary.arena, struct noted, EVENTS);
    for (size_t i = 0; i < EVENTS; i++) {
        noted[i] = diary_random(&both->diary, rng, CUSTOMERS, END_DAY * MS_PER_DAY, DAYS, true);
        if (rng_below(rng, 12) == 0)
            noted[i].received_ms = noted[i].time_ms - support_between(rng, 0, 20) * MS_PER_DAY;
        if (rng_below(rng, 30) == 0)
            noted[i].received_ms = noted[i].time_ms + support_between(rng, 300, 700) * MS_PER_DAY;
        if (i > 0 && rng_below(rng, 15) == 0) noted[i] = noted[i - 1];
    }
    diary_append(&both->diary, noted, EVENTS);
}

static void link_some(struct both *both, struct rng *rng)
{
    struct err err;
    int64_t received_ms = (END_DAY - DAYS) * MS_PER_DAY;
    for (int i = 0; i < LINKS; i++) {
        enum link_result result;
        const char *why;
        uint32_t a = diary_customer(&both->diary, 1 + (unsigned)rng_below(rng, CUSTOMERS));
        uint32_t b = diary_customer(&both->diary, 1 + (unsigned)rng_below(rng, CUSTOMERS));
        received_ms += support_between(rng, 0, 2 * DAYS / LINKS) * MS_PER_DAY;
        ASSERT_OK(identities_link(both->identities, both->diary.store, a, b, LINK_MERGE, received_ms, &result,
                                  &why, &err),
                  &err);
        if (result == LINK_MADE && i % 5 == 4)
            ASSERT_OK(identities_unlink(both->identities, both->diary.store, a, b, received_ms + 1000, &err),
                      &err);
    }
}

static void ship_all(struct both *both)
{
    struct err err;
    both->source = (struct shipping_source){
        .settings = &both->settings,
        .store = both->diary.store,
        .log = both->diary.log,
        .identities = both->identities,
        .names = { .is_plain = true },
        .writer = { .context = both, .run = run_job },
        .clock = { .now_ms = now_ms },
    };
    for (size_t s = 0; s < both->settings.n_shards; s++) {
        struct shipper *shipper;
        bool is_done = false;
        ASSERT_OK(tables_make(&both->settings, s, &err), &err);
        ASSERT_OK(shipper_open(&both->source, s, &shipper, &err), &err);
        while (!is_done) ASSERT_OK(shipper_ship(shipper, &is_done, &err), &err);
        shipper_close(shipper);
    }
}

static bool both_open(struct both *both, const char *database, struct rng *rng, bool is_linked)
{
    struct err err;
    *both = (struct both){ .diary = diary_open() };
    if (!read_shards(both, database)) {
        diary_close(&both->diary);
        return false;
    }
    write_log(both, rng);
    both->set = diary_full_set(&both->diary);
    ASSERT_OK(identities_open(both->diary.store, both->diary.log, &both->identities, &err), &err);
    if (is_linked) link_some(both, rng);
    ship_all(both);
    for (int c = 0; c < CUTOFFS; c++)
        both->cutoffs_ms[c] = (END_DAY - 200 + 60 * c) * MS_PER_DAY + (int64_t)rng_below(rng, 5000);
    return true;
}

static void both_close(struct both *both)
{
    identities_close(both->identities);
    diary_close(&both->diary);
}

static struct gather_options options_of(const struct both *both)
{
    return (struct gather_options){
        .settings = &both->settings,
        .log = both->diary.log,
        .identities = both->identities,
        .names = both->source.names,
        .set = both->set,
        .cutoffs_ms = both->cutoffs_ms,
        .n_cutoffs = CUTOFFS,
        .last_partition = LOG_PARTITIONS - 1,
        .share = 1,
        .n_threads = 2,
        .wants_labels = true,
        .last_ms = END_DAY * MS_PER_DAY,
    };
}

/* Floats of doubles that agree to 1e-9 are the same, or neighbours. */
static bool is_same(float a, float b)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || nextafterf(a, b) == b || fabsf(a - b) < 1e-9f;
}

static void compare(const struct both *both, const struct matrix *here, const struct matrix *there)
{
    cr_assert(here->n_rows == there->n_rows, "%zu rows here, %zu there (seed %llu)", here->n_rows, there->n_rows,
              (unsigned long long)support_seed());
    for (size_t i = 0; i < here->n_rows; i++) {
        cr_assert(here->identity[i] == there->identity[i] && here->cutoff[i] == there->cutoff[i]);
        for (size_t f = 0; f < here->n_columns; f++) {
            float a = here->values[i * here->n_columns + f], b = there->values[i * here->n_columns + f];
            cr_assert(is_same(a, b), "%s: %.9g here, %.9g there, identity %u at cutoff %u (seed %llu)",
                      feature_names(both->set)[f], (double)a, (double)b, here->identity[i], here->cutoff[i],
                      (unsigned long long)support_seed());
        }
        cr_assert(is_same(here->labels[i], there->labels[i]) && is_same(here->amounts[i], there->amounts[i]),
                  "label %g here, %g there; amount %g, %g", (double)here->labels[i], (double)there->labels[i],
                  (double)here->amounts[i], (double)there->amounts[i]);
    }
}

static void ask_both_ways(struct both *both, const struct question *question)
{
    struct err err;
    struct matrix here, there;
    struct gather_options options = options_of(both);
    struct log_totals totals;
    ASSERT_OK(log_totals(both->diary.log, &totals, &err), &err);
    options.last_ms = totals.last_ms;
    options.question = question;
    ASSERT_OK(matrix_build(both->diary.log, both->set, question, both->cutoffs_ms, CUTOFFS, 1, 1,
                           both->diary.arena, &here, &err),
              &err);
    for (int is_of_asked = 0; is_of_asked < 2; is_of_asked++) {
        options.is_of_asked = is_of_asked;
        ASSERT_OK(gather_matrix(&options, both->diary.arena, &there, &err), &err);
        compare(both, &here, &there);
    }
}

Test(warehouse_operators, every_operator_says_what_the_fold_says)
{
    struct rng rng = rng_new(11);
    struct both both;
    if (!both_open(&both, "operators0", &rng, false)) return;
    ask_both_ways(&both, NULL);
    both_close(&both);
}

Test(warehouse_operators, linked_customers_on_different_shards_are_one)
{
    struct rng rng = rng_new(12);
    struct both both;
    if (!both_open(&both, "operators1", &rng, true)) return;
    ask_both_ways(&both, NULL);
    both_close(&both);
}

Test(warehouse_operators, labels_and_who_is_asked_are_those_of_the_log)
{
    struct rng rng = rng_new(13);
    struct both both;
    if (!both_open(&both, "operators2", &rng, true)) return;
    struct question question = {
        .name = "churn", .kind = QUESTION_CHURN, .goal = "order", .horizon_days = 15, .active_days = 40
    };
    uint32_t kind;
    cr_assert(log_find(both.diary.log, DICTIONARY_KIND, text_of("order"), &kind));
    question.goal_kind = (uint16_t)kind;
    ask_both_ways(&both, &question);
    question.who = "order_count > 3";
    ask_both_ways(&both, &question);
    question.kind = QUESTION_SPEND;
    ask_both_ways(&both, &question);
    question.kind = QUESTION_EVENT, question.who = NULL;
    ask_both_ways(&both, &question);
    both_close(&both);
}

Test(warehouse_operators, parts_by_partition_make_up_the_whole)
{
    struct err err;
    struct rng rng = rng_new(14);
    struct both both;
    struct matrix whole, part;
    size_t n = 0;
    if (!both_open(&both, "operators3", &rng, true)) return;
    struct gather_options options = options_of(&both);
    ASSERT_OK(gather_matrix(&options, both.diary.arena, &whole, &err), &err);
    for (unsigned from = 0; from < LOG_PARTITIONS; from += 16) {
        options.first_partition = from, options.last_partition = from + 15;
        ASSERT_OK(gather_matrix(&options, both.diary.arena, &part, &err), &err);
        n += part.n_rows;
    }
    cr_assert(n == whole.n_rows, "%zu rows in parts, %zu in all", n, whole.n_rows);
    options = options_of(&both);
    options.share = 0.5;
    ASSERT_OK(gather_matrix(&options, both.diary.arena, &part, &err), &err);
    cr_assert(part.n_rows > 0 && part.n_rows < whole.n_rows);
    both_close(&both);
}
