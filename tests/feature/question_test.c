/* Questions: what is chosen from the data, what is refused, and instants that never leak. */
#include "feature/question.h"
#include "base/calendar.h"
#include "support.h"

static struct store *store;
static struct log   *trial_log;
static struct arena *arena;

static void set_up(void)
{
    struct err err;
    arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &trial_log, &err), &err);
}

static void tear_down(void)
{
    log_close(trial_log);
    store_close(store);
    arena_free(arena);
}

TestSuite(question, .init = set_up, .fini = tear_down);

static const int64_t start_ms = INT64_C(15000) * MS_PER_DAY;

static uint32_t named(enum dictionary dictionary, const char *text)
{
    struct err err;
    uint32_t index;
    ASSERT_OK(log_intern(trial_log, dictionary, text_of(text), &index, &err), &err);
    return index;
}

/* Every customer has n events of a kind, gap_days apart, customer c beginning on day c. */
static void add_events(const char *kind, size_t n_customers, size_t n, int64_t gap_days)
{
    struct err err;
    struct events events = { .n = n_customers * n };
    events.time_ms = events.received_ms = ARENA_ARRAY(arena, int64_t, events.n);
    events.identity = ARENA_ARRAY(arena, uint32_t, events.n);
    events.kind = ARENA_ARRAY(arena, uint16_t, events.n);
    for (size_t i = 0; i < events.n; i++) {
        events.time_ms[i] = start_ms + (int64_t)(i / n % 10 + i % n * (size_t)gap_days) * MS_PER_DAY + 3600000;
        events.identity[i] = named(DICTIONARY_IDENTITY, arena_format(arena, "c%zu", i / n));
        events.kind[i] = (uint16_t)named(DICTIONARY_KIND, kind);
    }
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_append(trial_log, &events, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
}

/* A table: rows of {"Churn": values[i % n], "plan": "p<i % 3>", "same": "x"}. */
static void add_table(size_t n_rows, const char *const *values, size_t n_values)
{
    struct err err;
    struct events events = { .n = n_rows,
                             .time_ms = ARENA_ARRAY(arena, int64_t, n_rows),
                             .identity = ARENA_ARRAY(arena, uint32_t, n_rows),
                             .kind = ARENA_ARRAY(arena, uint16_t, n_rows),
                             .properties_end = ARENA_ARRAY(arena, uint32_t, n_rows) };
    events.received_ms = events.time_ms;
    char *bytes = arena_alloc(arena, n_rows, 100);
    uint32_t end = 0;
    for (size_t i = 0; i < n_rows; i++) {
        events.identity[i] = named(DICTIONARY_IDENTITY, arena_format(arena, "c%zu", i));
        events.kind[i] = (uint16_t)named(DICTIONARY_KIND, "traits");
        end += (uint32_t)snprintf(bytes + end, 100, "{\"Churn\":\"%s\",\"plan\":\"p%zu\",\"same\":\"x\"}",
                                  values[i % n_values], i % 3);
        events.properties_end[i] = end;
    }
    events.properties_bytes = bytes;
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_append(trial_log, &events, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
}

static struct question chosen(const struct question_options *options)
{
    struct question question;
    struct err err;
    ASSERT_OK(question_choose(trial_log, options, arena, &question, &err), &err);
    return question;
}

Test(question, the_goal_is_the_most_telling_purchase)
{
    add_events("page view", 40, 30, 7);
    add_events("Order Completed", 30, 8, 28);
    add_events("order_item", 40, 20, 7);
    struct question question = chosen(&(struct question_options){ .name = "churn" });
    cr_assert_str_eq(question.goal, "Order Completed");
    cr_assert_eq(question.goal_kind, named(DICTIONARY_KIND, "Order Completed"));
    cr_assert_eq(question.kind, QUESTION_CHURN);
    cr_assert_eq(question.horizon_days, 30, "orders come 28 days apart, horizon %lld",
                 (long long)question.horizon_days);
    cr_assert_eq(question.active_days, 365);
    cr_assert(strstr(question.why, "looks most like a purchase (75 % of customers have one)"), "%s", question.why);
    cr_assert(strstr(question.why, "nine of ten repeats of 'Order Completed' come within 28 days"), "%s",
              question.why);
}

Test(question, a_purchase_may_be_a_part_of_its_name)
{
    add_events("af_add_to_cart", 40, 30, 7);
    add_events("purchase_page_view", 40, 30, 7);
    add_events("purchase_failed", 40, 30, 7);
    add_events("af_purchase", 30, 8, 28);
    cr_assert_str_eq(chosen(&(struct question_options){ 0 }).goal, "af_purchase");
}

Test(question, without_a_purchase_the_goal_is_what_most_customers_do)
{
    add_events("LIKE", 20, 30, 7);
    add_events("VIEW", 40, 30, 7);
    add_events("traits", 60, 1, 7);
    struct question question = chosen(&(struct question_options){ 0 });
    cr_assert_str_eq(question.goal, "VIEW");
    cr_assert_eq(question.horizon_days, 7);
    cr_assert(strstr(question.why, "No event looks like a purchase"), "%s", question.why);
}

Test(question, a_horizon_is_shortened_where_the_data_are_short)
{
    add_events("order", 40, 3, 28);     /* 66 days */
    struct question question = chosen(&(struct question_options){ 0 });
    cr_assert_eq(question.horizon_days, 14);
    cr_assert(strstr(question.why, "30 days would suit, but the data cover only 65"), "%s", question.why);
}

Test(question, a_few_events_of_a_wrong_clock_do_not_make_the_history_long)
{
    add_events("order", 300, 4, 10);
    struct err err;
    int64_t old_ms = start_ms - 400 * MS_PER_DAY;
    uint32_t identity = named(DICTIONARY_IDENTITY, "c0");
    uint16_t kind = (uint16_t)named(DICTIONARY_KIND, "order");
    struct events stray = {
        .n = 1, .received_ms = &old_ms, .time_ms = &old_ms, .identity = &identity, .kind = &kind
    };
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_append(trial_log, &stray, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    struct question question = chosen(&(struct question_options){ 0 });
    int64_t *cutoffs;
    size_t n;
    cr_assert_eq(question.begins_ms, start_ms);
    ASSERT_OK(question_cutoffs(&question, old_ms, start_ms + 39 * MS_PER_DAY + 3600001, INT64_MIN, arena,
                               &cutoffs, &n, &err),
              &err);
    cr_assert_geq(cutoffs[0], start_ms);
}

Test(question, what_the_caller_says_is_taken_or_refused_with_close_names)
{
    struct err err;
    struct question question;
    add_events("order", 40, 8, 28);
    question = chosen(
        &(struct question_options){ .name = "spend", .goal = "order", .horizon_days = 10, .active_days = 20 });
    cr_assert_eq(question.kind, QUESTION_SPEND);
    cr_assert_eq(question.horizon_days, 10);
    cr_assert_eq(question.active_days, 20);
    cr_assert(strstr(question.why, "as asked") != NULL);
    ASSERT_FAILS(
        question_choose(trial_log, &(struct question_options){ .goal = "oder" }, arena, &question, &err), &err,
        ERR_MISSING, "no event is of kind 'oder'; did you mean 'order'?");
    ASSERT_FAILS(
        question_choose(trial_log, &(struct question_options){ .name = "chrun" }, arena, &question, &err), &err,
        ERR_INVALID, "no question is called 'chrun'; did you mean 'churn'?");
}

Test(question, too_little_data_is_refused_with_how_much_is_needed)
{
    struct err err;
    struct question question;
    ASSERT_FAILS(question_choose(trial_log, &(struct question_options){ 0 }, arena, &question, &err), &err,
                 ERR_REFUSED, "import a file first");
    add_events("order", 1, 1, 1);
    ASSERT_FAILS(question_choose(trial_log, &(struct question_options){ 0 }, arena, &question, &err), &err,
                 ERR_REFUSED, "needs at least 3 whole days");
}

Test(question, cutoffs_keep_every_label_apart_from_the_test_and_inside_the_log)
{
    struct err err;
    EACH_CASE(c, 300) {
        struct question question = { .horizon_days = support_between(&c.rng, 1, 200) };
        int64_t first_ms = support_between(&c.rng, 0, 20000) * MS_PER_DAY +
                           support_between(&c.rng, 0, MS_PER_DAY - 1),
                *cutoffs;
        int64_t last_ms = first_ms + support_between(&c.rng, 1, 1000 * MS_PER_DAY),
                horizon_ms = question.horizon_days * MS_PER_DAY;
        size_t n;
        if (!question_cutoffs(&question, first_ms, last_ms, INT64_MIN, arena, &cutoffs, &n, &err)) {
            cr_assert_eq(err.code, ERR_REFUSED);
            cr_assert_lt(last_ms - first_ms, 3 * horizon_ms + 2 * MS_PER_DAY, "%s", err.text);
            continue;
        }
        cr_assert(n >= 2 && n <= 9);      /* eight to learn from, one to judge */
        cr_assert_leq(cutoffs[n - 1] + horizon_ms, last_ms + MS_PER_DAY);
        for (size_t i = 0; i + 1 < n; i++) {
            cr_assert_lt(cutoffs[i], cutoffs[i + 1]);
            cr_assert_leq(cutoffs[i] + horizon_ms, cutoffs[n - 1]);
            cr_assert_geq(cutoffs[i] - first_ms, horizon_ms - MS_PER_DAY);
        }
    }
}

Test(question, the_test_instant_may_be_given_if_its_horizon_is_over)
{
    struct err err;
    struct question question = { .horizon_days = 90 };
    int64_t *cutoffs, last_ms = start_ms + 373 * MS_PER_DAY + 1;
    size_t n;
    ASSERT_OK(
        question_cutoffs(&question, start_ms, last_ms, start_ms + 200 * MS_PER_DAY, arena, &cutoffs, &n, &err),
        &err);
    cr_assert_eq(cutoffs[n - 1], start_ms + 200 * MS_PER_DAY);
    ASSERT_FAILS(
        question_cutoffs(&question, start_ms, last_ms, start_ms + 300 * MS_PER_DAY, arena, &cutoffs, &n, &err),
        &err, ERR_INVALID, "the latest whole horizon begins at 2011-11-06");
    question.horizon_days = 200;
    ASSERT_FAILS(question_cutoffs(&question, start_ms, last_ms, INT64_MIN, arena, &cutoffs, &n, &err), &err,
                 ERR_REFUSED,
                 "a horizon of 200 days needs 600 whole days of events (to look back, learn and test), and "
                 "there are 374: try --horizon 124d or less");
}

Test(question, a_table_asks_for_its_label)
{
    static const char *const values[] = { "No", "Yes", "No" };
    add_table(30, values, 3);
    struct question question = chosen(&(struct question_options){ .name = "churn" });
    cr_assert_eq(question.kind, QUESTION_TRAIT);
    cr_assert_str_eq(question.target, "Churn");
    cr_assert_str_eq(question.yes, "Yes");
    cr_assert(strstr(question.why, "guessed from its name"), "%s", question.why);
    question = chosen(&(struct question_options){ .target = "plan", .yes = "p1" });
    cr_assert_str_eq(question.target, "plan");
    cr_assert_str_eq(question.yes, "p1");
    int64_t *cutoffs;
    size_t n;
    struct err err;
    ASSERT_OK(question_cutoffs(&question, 0, 1, INT64_MIN, arena, &cutoffs, &n, &err), &err);
    cr_assert(n == 1 && cutoffs[0] == 1);
}

Test(question, a_label_that_cannot_be_asked_is_refused_with_a_way_out)
{
    static const char *const values[] = { "a", "b" };
    struct err err;
    struct question question;
    add_table(30, values, 2);
    static const struct { const char *target, *yes; enum err_code code; const char *want; } cases[] = {
        { "churn", NULL, ERR_MISSING, "there is no column 'churn'; did you mean 'Churn'?" },
        { "Churn", NULL, ERR_INVALID, "'Churn' is 'a', 'b': say which counts as yes with --yes" },
        { "plan", NULL, ERR_INVALID, "'plan' has more than two values ('p0', 'p1', 'p2')" },
        { "plan", "p9", ERR_INVALID, "'plan' is never 'p9'" },
        { "same", NULL, ERR_REFUSED, "'same' is always 'x': there is nothing to learn" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct question_options options = { .target = cases[i].target, .yes = cases[i].yes };
        ASSERT_FAILS(question_choose(trial_log, &options, arena, &question, &err), &err, cases[i].code,
                     cases[i].want);
    }
}

static struct question read_yaml(const char *path, const char *name)
{
    struct err err;
    struct question question;
    ASSERT_OK(
        question_read_yaml(path, trial_log, &(struct question_options){ .name = name }, arena, &question, &err),
        &err);
    return question;
}

Test(question, the_example_file_declares_three_questions)
{
    add_events("order", 40, 20, 28);
    const char *path = "examples/questions.yaml";
    struct question question = read_yaml(path, NULL);
    cr_assert_str_eq(question.name, "churn");
    cr_assert(question.horizon_days == 90 && question.active_days == 365 && question.kind == QUESTION_CHURN);
    question = read_yaml(path, "second_order");
    cr_assert_eq(question.kind, QUESTION_EVENT);
    cr_assert_str_eq(question.who, "order_count = 1");
    ASSERT_NEAR(question.value_cents, 2500, 0);
    question = read_yaml(path, "spend");
    cr_assert(question.kind == QUESTION_SPEND && question.horizon_days == 180);
}

Test(question, a_wrong_declaration_is_refused_with_line_and_column)
{
    static const struct { const char *text, *want;
    } cases[] = {
        { "questions:\n  - name: a\n    kindd: churn\n", "q.yaml:3:12: 'kindd' is not known here; did you mean "
                                                         "'kind'?" },
        { "questions:\n  - name: a\n    kind: chrn\n", "q.yaml:3:11: 'chrn' is no kind of question" },
        { "questions:\n  - name: a\n    horizon: -3\n", "q.yaml:3:14: 'horizon' must be a number of days" },
        { "questions:\n  - name: a\n  - name: a\n", "q.yaml:3:5: a second question is called 'a'" },
        { "questions:\n  - kind: churn\n", "q.yaml:2:5: a question needs a name" },
        { "questions: 3\n", "expected a list under 'questions:'" },
        { "question: []\n", "q.yaml:1:11: 'question' is not known here; did you mean 'questions'?" },
        { "questions:\n  - name: a\n    goal: oder\n", "q.yaml:2: question 'a': no event is of kind 'oder'" },
        { "questions:\n  - name: a\n    target: Churn\n", "belong to a question of kind trait" },
        { "questions:\n  - name: a\n    kind: trait\n    goal: order\n", "has no goal and no horizon" },
    };
    add_events("order", 40, 20, 28);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = { .text = "" };
        struct question question;
        const char *path = support_path("q.yaml");
        support_write(path, cases[i].text, strlen(cases[i].text));
        bool ok = question_read_yaml(path, trial_log, &(struct question_options){ 0 }, arena, &question, &err);
        cr_assert(!ok && strstr(err.text, cases[i].want), "%s gave %s", cases[i].text, err.text);
    }
    struct err err;
    struct question question;
    ASSERT_FAILS(question_read_yaml("examples/questions.yaml", trial_log,
                                    &(struct question_options){ .name = "spnd" }, arena, &question, &err),
                 &err, ERR_MISSING, "no question is called 'spnd'; did you mean 'spend'?");
}
