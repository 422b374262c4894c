/* Memberships are the truth of their conditions at every instant, and change at the millisecond at which it
 * does. */
#include "base/calendar.h"
#include "live/crowd_support.h"
#include "store/sql.h"

static struct crowd crowd;

static void open_all(int64_t window_ms)
{
    crowd_open(&crowd, window_ms);
    for (int i = 0; i < CROWD_CONDITIONS; i++) crowd_define(&crowd, i);
    crowd_look_at_all(&crowd, CAUSE_TIME);
}

static size_t take(struct arena *arena, struct segment_change **ret_changes)
{
    size_t n = memberships_n_changes(crowd.memberships);
    memberships_take_changes(crowd.memberships, n, arena, ret_changes);
    return n;
}

Test(membership, an_exit_by_time_alone_happens_at_its_millisecond)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    open_all(60 * 60 * 1000);
    crowd.now_ms += 1234;
    crowd_order(&crowd, 7);
    int64_t order_ms = crowd.now_ms;
    cr_assert(!crowd_is_member(&crowd, 1, 7));
    (void)take(arena, &changes);
    crowd_go_on(&crowd, order_ms + 30 * MS_PER_DAY);
    cr_assert(!crowd_is_member(&crowd, 1, 7));
    cr_assert_eq(memberships_next_ms(crowd.memberships), order_ms + 30 * MS_PER_DAY + 1);
    crowd_go_on(&crowd, order_ms + 30 * MS_PER_DAY + 1);
    cr_assert(crowd_is_member(&crowd, 1, 7));
    size_t n = take(arena, &changes);
    cr_assert_eq(changes[n - 1].at_ms, order_ms + 30 * MS_PER_DAY + 1);
    cr_assert_eq(changes[n - 1].cause, CAUSE_TIME);
    cr_assert(changes[n - 1].entered && changes[n - 1].identity == 7 && changes[n - 1].segment == 1);
    crowd_close(&crowd);
    arena_free(arena);
}

Test(membership, a_window_of_days_moves_at_midnight)
{
    open_all(60 * 60 * 1000);
    crowd_order(&crowd, 3);
    crowd_order(&crowd, 3);
    cr_assert(crowd_is_member(&crowd, 3, 3));
    int64_t midnight_ms = (calendar_day_of_ms(crowd.now_ms) + 30) * MS_PER_DAY;
    crowd_go_on(&crowd, midnight_ms);
    cr_assert(crowd_is_member(&crowd, 3, 3));
    crowd_go_on(&crowd, midnight_ms + 1);
    cr_assert(!crowd_is_member(&crowd, 3, 3));
    crowd_close(&crowd);
}

Test(membership, a_timer_that_fires_late_gives_the_change_its_own_instant)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    open_all(60 * 60 * 1000);
    crowd_order(&crowd, 7);
    int64_t due_ms = crowd.now_ms + 30 * MS_PER_DAY + 1;
    crowd_go_on(&crowd, due_ms - 1000);
    (void)take(arena, &changes);
    crowd_jump(&crowd, due_ms + 4000);
    cr_assert_eq(take(arena, &changes), 1);
    cr_assert_eq(changes[0].at_ms, due_ms);
    crowd_close(&crowd);
    arena_free(arena);
}

/* Somebody's links change: identity b becomes a's, or its own again.  Both ends are looked at, as the server
 * does. */
static void relink(struct rng *rng)
{
    uint32_t a = 1 + (uint32_t)rng_below(rng, CROWD - 1), b = 1 + (uint32_t)rng_below(rng, CROWD - 1);
    if (a == b) return;
    if (crowd.customer_of[b] != b) {
        a = crowd.customer_of[b];
        crowd.customer_of[b] = b;
    } else if (crowd.customer_of[a] == a) {
        for (uint32_t i = 1; i < CROWD; i++)
            if (crowd.customer_of[i] == b) crowd.customer_of[i] = a;
    }
    uint32_t both[] = { a, b };
    for (int i = 0; i < 2; i++)
        memberships_check(crowd.memberships, &crowd.source, both[i], crowd.now_ms,
                          crowd.now_ms + 2 * crowd.window_ms, crowd.now_ms, CAUSE_MERGE);
}

/* Each (segment, identity) enters and leaves in turn, and what is left in the end is in segment_member. */
static void check_feed(void)
{
    static bool is_in[CROWD_CONDITIONS + 1][CROWD];
    struct sql_segment_event_after event;
    struct sql_segment_member_all member;
    struct err err;
    size_t n_in = 0, n_members = 0;
    memset(is_in, 0, sizeof is_in);
    ASSERT_OK(sql_segment_event_after(crowd.store, 0, 1000000, &event, &err), &err);
    while (sql_segment_event_after_step(&event, &err) == STEP_ROW) {
        bool *in = &is_in[event.segment][event.identity];
        cr_assert_neq(*in, event.entered);
        *in = event.entered;
        n_in += *in ? 1 : (size_t)-1;
    }
    cursor_close(event.cursor);
    ASSERT_OK(sql_segment_member_all(crowd.store, &member, &err), &err);
    for (; sql_segment_member_all_step(&member, &err) == STEP_ROW; n_members++)
        cr_assert(is_in[member.segment][member.identity]);
    cursor_close(member.cursor);
    cr_assert_eq(n_members, n_in);
}

Test(membership, memberships_are_what_everybody_computed_anew_gives)
{
    EACH_CASE(c, 3)
    {
        open_all(6 * 60 * 60 * 1000);
        for (int step = 0; step < 50; step++) {
            int64_t ahead_ms = (int64_t)rng_below(&c.rng, rng_below(&c.rng, 4) ? MS_PER_DAY : 9 * MS_PER_DAY);
            if (rng_below(&c.rng, 3)) crowd_go_on(&crowd, crowd.now_ms + ahead_ms);
            else crowd_jump(&crowd, crowd.now_ms + ahead_ms);
            for (size_t i = rng_below(&c.rng, 6); i > 0; i--)
                crowd_order(&crowd, 1 + (uint32_t)rng_below(&c.rng, CROWD - 1));
            if (rng_below(&c.rng, 3) == 0) relink(&c.rng);
            uint32_t someone = 1 + (uint32_t)rng_below(&c.rng, CROWD - 1);
            crowd.churn[someone] = rng_uniform(&c.rng);
            memberships_check(crowd.memberships, &crowd.source, someone, crowd.now_ms,
                              crowd.now_ms + 2 * crowd.window_ms, crowd.now_ms, CAUSE_EVENTS);
            if (rng_below(&c.rng, 2)) crowd_write(&crowd);
            if (rng_below(&c.rng, 8) == 0) crowd_restart(&crowd);
            crowd_check(&crowd);
        }
        crowd_write(&crowd);
        check_feed();
        crowd_close(&crowd);
    }
}

/* Every change that time alone made is at the first millisecond of the new truth. */
Test(membership, every_change_by_time_is_at_the_first_millisecond_of_the_new_truth)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 2)
    {
        size_t n_by_time = 0;
        open_all(3 * 60 * 60 * 1000);
        for (int i = 0; i < 30; i++) {
            struct segment_change *changes;
            crowd_order(&crowd, 1 + (uint32_t)rng_below(&c.rng, CROWD - 1));
            (void)take(arena, &changes);
            crowd_go_on(&crowd, crowd.now_ms + (int64_t)rng_below(&c.rng, 2 * MS_PER_DAY));
            size_t n = take(arena, &changes);
            for (size_t k = 0; k < n; k++) {
                const struct segment_change *change = &changes[k];
                int condition = (int)change->segment - 1;
                cr_assert_eq(change->cause, CAUSE_TIME);
                cr_assert_eq(crowd_truth(&crowd, condition, change->identity, change->at_ms), change->entered);
                cr_assert_neq(crowd_truth(&crowd, condition, change->identity, change->at_ms - 1),
                              change->entered);
                n_by_time++;
            }
        }
        cr_assert_gt(n_by_time, 10);
        crowd_close(&crowd);
    }
    arena_free(arena);
}

static void define_text(const char *name, const char *expression)
{
    struct err err;
    int64_t id;
    const struct segment_draft draft = { name, expression, NULL };
    ASSERT_OK(memberships_put(crowd.memberships, &crowd.source, &crowd.writer, 0, &draft, crowd.now_ms, &id, NULL,
                              &err), &err);
}

/* The first millisecond at which recency_days, counted in doubles, has come to that many days. */
static int64_t reaches_ms(int64_t ordered_ms, double days)
{
    int64_t at_ms = ordered_ms + (int64_t)(days * (double)MS_PER_DAY) - 2;
    while ((double)(at_ms - ordered_ms) / (double)MS_PER_DAY < days) at_ms++;
    return at_ms;
}

/* 72 minutes, of which each check sees the beginning or the end, and the one in the middle neither. */
Test(membership, what_is_true_for_little_longer_than_a_window_enters_and_leaves_at_its_instants)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 40) {
        struct segment_change *changes;
        crowd_open(&crowd, 60 * 60 * 1000);
        define_text("blink", "recency_days >= 10.01 and recency_days < 10.06");
        crowd_look_at_all(&crowd, CAUSE_TIME);
        crowd.now_ms += (int64_t)rng_below(&c.rng, 60 * 60 * 1000);
        crowd_order(&crowd, 7);
        int64_t ordered_ms = crowd.now_ms;
        (void)take(arena, &changes);
        crowd_go_on(&crowd, ordered_ms + 12 * MS_PER_DAY);
        cr_assert_eq(take(arena, &changes), 2, "seed %llu", (unsigned long long)support_seed());
        cr_assert(changes[0].entered && !changes[1].entered);
        cr_assert_eq(changes[0].at_ms, reaches_ms(ordered_ms, 10.01));
        cr_assert_eq(changes[1].at_ms, reaches_ms(ordered_ms, 10.06));
        crowd_close(&crowd);
    }
    arena_free(arena);
}

static int64_t crowd_now(void *context) { return ((struct crowd *)context)->now_ms; }

/* What came since the last call are changes of customer 7, each a multiple of step_ms after the order. */
static void check_steps(int64_t ordered_ms, int64_t step_ms, size_t n_expected)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    size_t n = take(arena, &changes);
    cr_assert_eq(n, n_expected, "%zu changes", n);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(changes[i].identity, 7);
        cr_assert_eq((changes[i].at_ms - ordered_ms) % step_ms, 0, "%lld",
                     (long long)(changes[i].at_ms - ordered_ms));
    }
    arena_free(arena);
}

Test(membership, what_is_made_of_rounded_days_changes_at_its_instants_when_sweeps_are_a_day_apart)
{
    static const struct { const char *sql; int64_t days; size_t n_changes; } cases[] = {
        { "cast(recency_days as integer) % 3 = 0", 1, 20 }, { "recency_days % 5 >= 4", 1, 12 },
        { "length(floor(recency_days)) = 4", 10, 1 }, { "'day ' || cast(recency_days as int) like '%1_'", 10, 2 },
        { "case cast(recency_days as integer) when 10 then country else 'x' end = 'DE'", 1, 2 },
        { "cast(recency_days as integer) & 4", 4, 7 }, { "sqrt(recency_days) >= 4", 16, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        crowd_open(&crowd, MS_PER_DAY);
        crowd.country[7] = "DE";
        crowd_order(&crowd, 7);
        int64_t ordered_ms = crowd.now_ms;
        define_text("steps", cases[i].sql);
        crowd_look_at_all(&crowd, CAUSE_TIME);
        crowd_go_on(&crowd, ordered_ms + MS_PER_DAY / 2);
        crowd_write(&crowd);
        crowd_go_on(&crowd, ordered_ms + 30 * MS_PER_DAY + MS_PER_DAY / 2);
        check_steps(ordered_ms, cases[i].days * MS_PER_DAY, cases[i].n_changes);
        crowd_close(&crowd);
    }
}

/* Among them what moves with every millisecond and is made a text of. */
Test(membership, whatever_sqlite_computes_of_a_customer_can_be_a_condition)
{
    static const struct { const char *sql; bool is_true; } cases[] = {
        { "churn > 0.5 and recency_days || 'x' like '0.%x'", true },
        { "substr(recency_days, 1, 3) = '0.5'", true },
        { "abs(recency_days - recency_days) > 0.000001", false },
        { "case when recency_days < 1 then country else upper(country) end glob 'F*'", true },
        { "(recency_days, country) < (0.5, 'ZZ')", true },
        { "recency_days is not distinct from 0.5", true },
        { "cast(recency_days * 86400000 as integer) % 2 = 0", true },
    };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_source *only = &crowd.source;
    struct err err;
    crowd_open(&crowd, 60 * 60 * 1000);
    const struct clock clock = { crowd_now, &crowd };
    crowd_order(&crowd, 7);
    crowd.country[7] = "FR";
    crowd.now_ms += MS_PER_DAY / 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct segment_preview preview;
        ASSERT_OK(memberships_preview(crowd.memberships, &only, 1, cases[i].sql, &clock, 1000, arena, &preview,
                                      &err), &err);
        char name[32];
        snprintf(name, sizeof name, "case %zu", i);
        define_text(name, cases[i].sql);
    }
    crowd_look_at_all(&crowd, CAUSE_TIME);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(crowd_is_member(&crowd, (int64_t)i + 1, 7), cases[i].is_true, "%s", cases[i].sql);
    crowd_close(&crowd);
    arena_free(arena);
}

Test(membership, joined_customers_keep_the_earlier_entry)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    struct segment_since since[CROWD_CONDITIONS];
    open_all(60 * 60 * 1000);
    crowd.country[5] = crowd.country[6] = "AT";
    crowd_order(&crowd, 6);
    int64_t since_ms = crowd.now_ms;
    crowd.now_ms += 1000;
    (void)take(arena, &changes);
    crowd.customer_of[6] = 5;
    memberships_check(crowd.memberships, &crowd.source, 6, crowd.now_ms, crowd.now_ms + 1000, crowd.now_ms,
                      CAUSE_MERGE);
    size_t n = take(arena, &changes);
    bool has_moved = false;
    for (size_t i = 0; i < n; i++)
        has_moved |= changes[i].segment == 2 && changes[i].identity == 5 && changes[i].entered &&
                     changes[i].cause == CAUSE_MERGE && changes[i].since_ms == since_ms;
    cr_assert(has_moved);
    cr_assert_eq(memberships_of(crowd.memberships, 6, since, CROWD_CONDITIONS), 0);
    cr_assert_eq(memberships_of(crowd.memberships, 5, since, CROWD_CONDITIONS), 1);
    cr_assert_eq(since[0].since_ms, since_ms);
    crowd_close(&crowd);
    arena_free(arena);
}

static void put_first(const struct segment_draft *draft)
{
    struct err err;
    int64_t id;
    ASSERT_OK(memberships_put(crowd.memberships, &crowd.source, &crowd.writer, 1, draft, 5, &id, NULL, &err),
              &err);
}

Test(membership, a_changed_condition_is_another_version_that_everybody_is_looked_at_for)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment segment;
    struct segment_change *changes;
    struct err err;
    crowd_open(&crowd, 60 * 60 * 1000);
    crowd_define(&crowd, 5);
    ASSERT_OK(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err);
    cr_assert(!segment.is_complete && segment.version == 1 && segment.n_members == 0);
    cr_assert(memberships_incomplete(crowd.memberships));
    crowd_look_at_all(&crowd, CAUSE_TIME);
    cr_assert(!memberships_incomplete(crowd.memberships));
    size_t n = take(arena, &changes);
    cr_assert_eq(n, CROWD);     /* everybody but 0, and that it is complete */
    for (size_t i = 0; i < n; i++) cr_assert_eq(changes[i].cause, CAUSE_DEFINITION);

    struct segment_draft draft = { "other name", crowd_conditions[5], "told" };
    put_first(&draft);
    ASSERT_OK(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err);
    cr_assert(segment.is_complete && segment.version == 1 && segment.n_members == CROWD - 1);
    cr_assert_str_eq(segment.name, "other name");
    draft.expression = "churn > 0.5";
    put_first(&draft);
    ASSERT_OK(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err);
    cr_assert(!segment.is_complete && segment.version == 2);
    crowd_look_at_all(&crowd, CAUSE_TIME);
    crowd_write(&crowd);
    memberships_close(crowd.memberships);
    ASSERT_OK(memberships_open(crowd.store, &crowd.memberships, &err), &err);
    ASSERT_OK(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err);
    cr_assert(segment.is_complete && segment.version == 2);
    cr_assert_str_eq(segment.expression, "churn > 0.5");
    cr_assert_str_eq(segment.description, "told");
    ASSERT_OK(memberships_remove(crowd.memberships, &crowd.writer, 1, &err), &err);
    ASSERT_FAILS(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err, ERR_MISSING, "no segment 1");
    crowd_close(&crowd);
    arena_free(arena);
}

Test(membership, a_draft_that_cannot_be_is_refused_and_nothing_changes)
{
    char long_name[SEGMENT_NAME_MOST_BYTES + 2];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment *segments;
    struct err err;
    int64_t id;
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    const struct {
        struct segment_draft draft;
        int64_t              id;
        enum err_code        code;
        const char          *field, *want;
    } cases[] = {
        { { NULL, "churn > 1", NULL }, 0, ERR_INVALID, "name", "needs a name" },
        { { "  ", "churn > 1", NULL }, 0, ERR_INVALID, "name", "needs a name" },
        { { long_name, "churn > 1", NULL }, 0, ERR_INVALID, "name", "200" },
        { { "SEGMENT 0", "churn > 1", NULL }, 0, ERR_INVALID, "name", "there is a segment 'segment 0' already" },
        { { "x", NULL, NULL }, 0, ERR_INVALID, "expression", "needs a condition" },
        { { "x", "churm > 1", NULL }, 0, ERR_INVALID, "expression", "did you mean 'churn'?" },
        { { "x", "(select 1)", NULL }, 0, ERR_INVALID, "expression", "may not use a query within it" },
        { { "x", "churn > 1", NULL }, 77, ERR_MISSING, NULL, "no segment 77" },
    };
    crowd_open(&crowd, 60 * 60 * 1000);
    crowd_define(&crowd, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *field = "untouched";
        ASSERT_FAILS(memberships_put(crowd.memberships, &crowd.source, &crowd.writer, cases[i].id, &cases[i].draft,
                                     1, &id, &field, &err), &err, cases[i].code, cases[i].want);
        if (cases[i].field) cr_assert_str_eq(field, cases[i].field);
        else cr_assert_null(field);
    }
    crowd.is_full = true;
    const struct segment_draft draft = { "x", "churn > 1", NULL };
    ASSERT_FAILS(memberships_put(crowd.memberships, &crowd.source, &crowd.writer, 0, &draft, 1, &id, NULL, &err),
                 &err, ERR_IO, "full");
    ASSERT_FAILS(memberships_remove(crowd.memberships, &crowd.writer, 1, &err), &err, ERR_IO, "full");
    cr_assert_eq(memberships_list(crowd.memberships, arena, &segments), 1);
    crowd_close(&crowd);
    arena_free(arena);
}

static int64_t hasty_now(void *context) { return ((struct crowd *)context)->now_ms += 20; }

Test(membership, a_preview_tells_what_saving_would_give)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_source *only = &crowd.source;
    struct segment_preview preview;
    struct err err;
    const struct clock clock = { crowd_now, &crowd };
    open_all(60 * 60 * 1000);
    for (uint32_t i = 1; i < CROWD; i += 2) {
        crowd_order(&crowd, i);
        crowd_go_on(&crowd, crowd.now_ms + MS_PER_DAY);
    }
    for (int condition = 0; condition < CROWD_CONDITIONS; condition++) {
        size_t n = 0, n_both = 0;
        for (uint32_t i = 1; i < CROWD; i++) {
            bool is_true = crowd_truth(&crowd, condition, i, crowd.now_ms);
            n += is_true;
            n_both += is_true && crowd_truth(&crowd, 0, i, crowd.now_ms);
        }
        ASSERT_OK(memberships_preview(crowd.memberships, &only, 1, crowd_conditions[condition], &clock, 1000,
                                      arena, &preview, &err), &err);
        cr_assert(preview.is_exact);
        cr_assert_eq(preview.n_members, n);
        cr_assert_eq(preview.n_customers, CROWD - 1);
        cr_assert_eq(preview.n_overlaps, CROWD_CONDITIONS);
        cr_assert_eq(preview.overlaps[0].n_both, n_both);
        cr_assert_eq(preview.n_absent, 0);
        cr_assert_eq(preview.overlaps[condition].n_both, n);
        cr_assert_eq(preview.n_sample, n < SEGMENT_SAMPLE ? n : SEGMENT_SAMPLE);
        for (size_t i = 0; i < preview.n_sample; i++)
            cr_assert(crowd_truth(&crowd, condition, preview.sample[i], crowd.now_ms));
    }
    ASSERT_FAILS(memberships_preview(crowd.memberships, &only, 1, "churn >", &clock, 1000, arena, &preview,
                                     &err), &err, ERR_INVALID, "ends before it is complete");
    const struct clock hasty = { hasty_now, &crowd };
    ASSERT_OK(memberships_preview(crowd.memberships, &only, 1, "1", &hasty, 10, arena, &preview, &err), &err);
    cr_assert(!preview.is_exact && preview.n_seen < CROWD - 1);
    cr_assert(preview.n_members >= CROWD - 4 && preview.n_members <= CROWD + 4, "%zu", preview.n_members);
    crowd_close(&crowd);
    arena_free(arena);
}

Test(membership, a_preview_names_what_nobody_has_a_value_of)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_source *only = &crowd.source;
    struct segment_preview preview;
    struct err err;
    const struct clock clock = { crowd_now, &crowd };
    open_all(60 * 60 * 1000);
    for (uint32_t i = 1; i < CROWD; i++) crowd.churn[i] = (double)NAN;
    ASSERT_OK(memberships_preview(crowd.memberships, &only, 1, "country = 'DE' and churn > 0.5", &clock, 1000,
                                  arena, &preview, &err), &err);
    cr_assert(preview.n_members == 0 && preview.n_absent == 1);
    cr_assert_str_eq(preview.absent[0], "churn");
    crowd_close(&crowd);
    arena_free(arena);
}

Test(membership, members_are_listed_in_pages)
{
    struct segment_member members[10];
    struct err err;
    size_t n, n_all = 0;
    uint32_t after = 0;
    open_all(60 * 60 * 1000);
    crowd_write(&crowd);
    do {
        ASSERT_OK(memberships_members(crowd.memberships, 6, after, members, 10, &n, &err), &err);
        for (size_t i = 0; i < n; i++) {
            cr_assert(members[i].identity > after);
            after = members[i].identity;
        }
        n_all += n;
    } while (n == 10);
    cr_assert_eq(n_all, CROWD - 1);
    ASSERT_FAILS(memberships_members(crowd.memberships, 99, 0, members, 10, &n, &err), &err, ERR_MISSING, "99");
    crowd_close(&crowd);
}

/* Whether a reader sees customer 7 in the first segment, asked in each way there is. */
static bool is_seen(void)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_since of[CROWD_CONDITIONS];
    struct segment_member members[CROWD];
    struct segment segment;
    struct err err;
    size_t n, n_of = 0;
    ASSERT_OK(memberships_members(crowd.memberships, 1, 0, members, CROWD, &n, &err), &err);
    ASSERT_OK(memberships_get(crowd.memberships, 1, arena, &segment, &err), &err);
    bool is = false;
    for (size_t i = 0; i < n; i++) is |= members[i].identity == 7;
    size_t n_all = memberships_of(crowd.memberships, 7, of, CROWD_CONDITIONS);
    for (size_t i = 0; i < n_all; i++) n_of += of[i].segment == 1;
    cr_assert_eq(n_of, is, "the list of members and the customer's own differ");
    cr_assert_eq(segment.n_members, n, "as many are counted as are listed");
    arena_free(arena);
    return is;
}

Test(membership, nobody_sees_a_change_by_time_before_it_is_committed)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    open_all(60 * 60 * 1000);
    crowd_order(&crowd, 7);
    (void)take(arena, &changes);
    bool before = is_seen();
    crowd_jump(&crowd, crowd.now_ms + 31 * MS_PER_DAY);
    cr_assert_gt(memberships_n_changes(crowd.memberships), 0);
    cr_assert_neq(crowd_is_member(&crowd, 1, 7), before, "time changes nothing: try another condition");
    cr_assert_eq(is_seen(), before, "it is seen before it is written");
    (void)take(arena, &changes);
    cr_assert_neq(is_seen(), before);
    crowd_close(&crowd);
    arena_free(arena);
}
