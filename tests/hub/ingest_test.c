/* The writer: what is answered is there, once, in order; what fails leaves nothing. */
#include "hub/account.h"
#include "hub/ingest_support.h"

Test(ingest, an_answered_message_is_in_the_log)
{
    static struct fixture fixture;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(2);
    parcel_add(&parcel, "ada", "m1");
    parcel_add(&parcel, "bob", "m2");
    struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
    cr_assert_eq(outcome.err.code, ERR_NONE);
    cr_assert_eq(outcome.n_accepted, 2);
    cr_assert_eq(fixture_count(&fixture), 2);
    fixture_reopen(&fixture);
    cr_assert_eq(fixture_count(&fixture), 2);
    fixture_close(&fixture);
}

Test(ingest, a_message_sent_again_is_there_once_even_after_a_restart)
{
    static struct fixture fixture;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(3);
    parcel_add(&parcel, "ada", "m1");
    parcel_add(&parcel, "ada", "m2");
    parcel_add(&parcel, "ada", "m1");
    struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
    cr_assert_eq(outcome.n_accepted, 2);
    cr_assert_eq(outcome.n_repeated, 1);
    for (int round = 0; round < 2; round++) {
        parcel = parcel_new(1);
        parcel_add(&parcel, "ada", "m2");
        outcome = fixture_put(&fixture, &parcel);
        cr_assert_eq(outcome.n_accepted, 0);
        cr_assert_eq(outcome.n_repeated, 1);
        fixture_reopen(&fixture);
    }
    cr_assert_eq(fixture_count(&fixture), 2);
    fixture_close(&fixture);
}

/* A job that keeps the writer busy until it is let go, so that what comes meanwhile waits. */
struct gate { pthread_mutex_t mutex; pthread_cond_t changed; bool is_open, is_reached; };

static void gate_init(struct gate *gate)
{
    *gate = (struct gate){ .is_open = false };
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->changed, NULL);
}

static bool wait_at_gate(struct store *store, void *context, struct err *err)
{
    struct gate *gate = context;
    (void)store, (void)err;
    pthread_mutex_lock(&gate->mutex);
    gate->is_reached = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open) pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    return true;
}

static void passed(void *context, const struct err *result)
{
    (void)context;
    cr_assert_eq(result->code, ERR_NONE, "%s", result->text);
}

static void close_gate(struct fixture *fixture, struct gate *gate)
{
    struct err err;
    gate_init(gate);
    ASSERT_OK(ingest_run_later(fixture->ingest, wait_at_gate, gate, passed, &err), &err);
    pthread_mutex_lock(&gate->mutex);
    while (!gate->is_reached) pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void open_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

enum { REQUESTS = 40 };

Test(ingest, what_waited_is_committed_together_and_in_the_order_it_came)
{
    static struct fixture fixture;
    struct gate gate;
    struct answer answers[REQUESTS];
    struct err err;
    fixture_open(&fixture, support_path("a.holdfast"));
    close_gate(&fixture, &gate);
    for (int r = 0; r < REQUESTS; r++) {
        struct parcel parcel = parcel_new(2);
        for (int i = 0; i < 2; i++) {
            char id[32];
            snprintf(id, sizeof id, "%d", 2 * r + i);
            parcel_add(&parcel, "ada", id)->quantity_milli = 2 * r + i + 1;
        }
        answer_init(&answers[r]);
        ASSERT_OK(ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came,
                             &answers[r], &err),
                  &err);
        fixture.now_ms += r % 3 - 1;       /* the clock may go back; received_ms does not */
    }
    open_gate(&gate);
    for (int r = 0; r < REQUESTS; r++) cr_assert_eq(answer_wait(&answers[r]).n_accepted, 2);
    struct ingest_counts counts = ingest_counts(fixture.ingest);
    cr_assert_leq(counts.n_groups, 3);
    cr_assert_eq(counts.n_accepted, 2 * REQUESTS);
    cr_assert_eq(counts.n_waiting, 0);
    cr_assert_eq(counts.waiting_bytes, 0);

    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen seen = fixture_read(&fixture, arena);
    cr_assert_eq(seen.n, 2 * REQUESTS);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        for (size_t i = 0; i < seen.events[p].n; i++) {
            cr_assert_eq(seen.events[p].quantity_milli[i], (int64_t)i + 1);
            cr_assert(i == 0 || seen.events[p].received_ms[i] >= seen.events[p].received_ms[i - 1]);
            cr_assert(seen.events[p].time_ms[i] <= seen.events[p].received_ms[i]);
        }
    arena_free(arena);
    fixture_close(&fixture);
}

Test(ingest, a_full_queue_turns_away_and_takes_again_when_there_is_room)
{
    static struct fixture fixture;
    struct gate gate;
    struct answer answers[REQUESTS];
    struct err err;
    int n_taken = 0;
    fixture.options.most_waiting_events = 10;
    fixture_open(&fixture, support_path("a.holdfast"));
    close_gate(&fixture, &gate);
    for (;; n_taken++) {
        char id[32];
        struct parcel parcel = parcel_new(1);
        snprintf(id, sizeof id, "%d", n_taken);
        parcel_add(&parcel, "ada", id);
        answer_init(&answers[n_taken]);
        if (ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came,
                       &answers[n_taken], &err))
            continue;
        cr_assert_eq(err.code, ERR_BUSY);
        arena_free(parcel.arena);
        break;
    }
    cr_assert_eq(n_taken, 10);
    open_gate(&gate);
    for (int i = 0; i < n_taken; i++) cr_assert_eq(answer_wait(&answers[i]).n_accepted, 1);
    struct parcel parcel = parcel_new(1);
    parcel_add(&parcel, "ada", "after");
    cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, 1);
    cr_assert_eq(ingest_counts(fixture.ingest).n_turned_away, 1);
    fixture_close(&fixture);
}

Test(ingest, stopping_answers_everything_that_was_queued)
{
    static struct fixture fixture;
    struct gate gate;
    struct answer answers[REQUESTS];
    struct err err;
    fixture_open(&fixture, support_path("a.holdfast"));
    close_gate(&fixture, &gate);
    for (int r = 0; r < REQUESTS; r++) {
        char id[32];
        struct parcel parcel = parcel_new(1);
        snprintf(id, sizeof id, "u%d", r);
        parcel_add(&parcel, id, id);
        answer_init(&answers[r]);
        ASSERT_OK(ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came,
                             &answers[r], &err),
                  &err);
    }
    open_gate(&gate);
    fixture_reopen(&fixture);
    for (int r = 0; r < REQUESTS; r++) cr_assert(answers[r].is_there && answers[r].outcome.err.code == ERR_NONE);
    cr_assert_eq(fixture_count(&fixture), REQUESTS);
    fixture_close(&fixture);
}

/* ---- jobs ---- */

struct job { struct fixture *fixture; const char *account; bool fails; };

static bool write_account(struct store *store, void *context, struct err *err)
{
    struct job *job = context;
    uint32_t index;
    if (!account_put(store, text_of(job->account), text_of("{\"plan\":\"gold\"}"), 1, err)) return false;
    pthread_rwlock_wrlock(&job->fixture->lock);
    bool ok = log_intern(job->fixture->log, DICTIONARY_IDENTITY, text_of(job->account), &index, err);
    pthread_rwlock_unlock(&job->fixture->lock);
    return ok && (!job->fails || err_set(err, ERR_REFUSED, "no such luck"));
}

static bool has_account(struct fixture *fixture, const char *id)
{
    struct err err;
    struct text traits;
    struct store *store;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(store_open_beside(fixture->store, &store, &err), &err);
    bool has = account_get(store, text_of(id), arena, &traits, &err);
    store_close(store);
    arena_free(arena);
    return has;
}

Test(ingest, a_job_that_fails_leaves_nothing_and_harms_no_other)
{
    static struct fixture fixture;
    struct err err;
    uint32_t index;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct job good = { &fixture, "good", false }, bad = { &fixture, "bad", true };
    ASSERT_OK(ingest_run(fixture.ingest, write_account, &good, &err), &err);
    ASSERT_FAILS(ingest_run(fixture.ingest, write_account, &bad, &err), &err, ERR_REFUSED, "no such luck");
    cr_assert(has_account(&fixture, "good"));
    cr_assert(!has_account(&fixture, "bad"));
    cr_assert(!log_find(fixture.log, DICTIONARY_IDENTITY, text_of("bad"), &index));
    struct parcel parcel = parcel_new(1);
    parcel_add(&parcel, "bad", "m1");
    cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, 1);
    fixture_reopen(&fixture);
    cr_assert_eq(fixture_count(&fixture), 1);
    fixture_close(&fixture);
}

/* ---- what messages say ---- */

static uint32_t identity_of(struct fixture *fixture, const char *name)
{
    uint32_t index = 0;
    cr_assert(log_find(fixture->log, DICTIONARY_IDENTITY, text_of(name), &index), "%s", name);
    return index;
}

Test(ingest, ids_named_together_become_one_customer_and_blocked_ids_do_not)
{
    static struct fixture fixture;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(6);
    parcel_add(&parcel, "ada", "m1")->anonymous_id = text_of("browser");
    parcel_add(&parcel, "undefined", "m2")->anonymous_id = text_of("other browser");
    parcel_add(&parcel, "null", "m3");
    struct message *alias = parcel_add(&parcel, "ada", "m4");
    alias->type = MESSAGE_ALIAS, alias->previous_id = text_of("lovelace");
    struct message *mail = parcel_add(&parcel, NULL, "m5");
    mail->email = text_of("ada@example.com"), mail->email_is_id = true;
    struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
    cr_assert_eq(outcome.n_accepted, 4);
    cr_assert_eq(outcome.n_refused, 1);
    uint32_t ada = identity_of(&fixture, "ada");
    cr_assert_eq(identities_customer(fixture.identities, identity_of(&fixture, "anonymous:browser")), ada);
    cr_assert_eq(identities_customer(fixture.identities, identity_of(&fixture, "lovelace")), ada);
    uint32_t other = identity_of(&fixture, "anonymous:other browser"), index;
    cr_assert_eq(identities_customer(fixture.identities, other), other);
    cr_assert(!log_find(fixture.log, DICTIONARY_IDENTITY, text_of("ada@example.com"), &index));
    fixture_close(&fixture);
}

Test(ingest, an_alias_of_a_browsers_id_joins_the_browser_and_an_account_needs_nobody)
{
    static struct fixture fixture;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(3);
    parcel_add(&parcel, NULL, "m1")->anonymous_id = text_of("browser");
    struct message *alias = parcel_add(&parcel, "ada", "m2"), *group = parcel_add(&parcel, NULL, "m3");
    alias->type = MESSAGE_ALIAS, alias->previous_id = text_of("browser");
    group->type = MESSAGE_GROUP, group->group_id = text_of("acme"),
        group->properties = text_of("{\"plan\":\"gold\"}");
    struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
    cr_assert_eq(outcome.n_accepted, 3);
    cr_assert_eq(identities_customer(fixture.identities, identity_of(&fixture, "anonymous:browser")),
                 identity_of(&fixture, "ada"));
    uint32_t index;
    cr_assert(!log_find(fixture.log, DICTIONARY_IDENTITY, text_of("browser"), &index),
              "a user of the browser's id was made up");
    cr_assert_eq(fixture_count(&fixture), 2);
    cr_assert(has_account(&fixture, "acme"));
    fixture_close(&fixture);
}

Test(ingest, an_alias_of_a_page_joins_its_browser_but_no_two_customers)
{
    static struct fixture fixture;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(5);
    parcel_add(&parcel, "bob", "m1");
    parcel_add(&parcel, NULL, "m2")->anonymous_id = text_of("browser");
    static const char *const previous[] = { "bob", "browser", "not met yet" };
    for (size_t i = 0; i < 3; i++) {
        struct message *alias = parcel_add(&parcel, "ada", arena_format(parcel.arena, "a%zu", i));
        alias->type = MESSAGE_ALIAS, alias->previous_id = text_of(previous[i]), alias->is_of_page = true;
    }
    cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, 5);
    uint32_t ada = identity_of(&fixture, "ada"), bob = identity_of(&fixture, "bob"),
             met = identity_of(&fixture, "not met yet");
    cr_assert_eq(identities_customer(fixture.identities, bob), bob);
    cr_assert_eq(identities_customer(fixture.identities, met), met);
    cr_assert_eq(identities_customer(fixture.identities, identity_of(&fixture, "anonymous:browser")), ada);
    fixture_close(&fixture);
}

Test(ingest, whoever_is_suppressed_is_not_heard_until_that_ends)
{
    static struct fixture fixture;
    static const enum message_type requests[] = { MESSAGE_TRACK, MESSAGE_SUPPRESS, MESSAGE_UNSUPPRESS };
    fixture_open(&fixture, support_path("a.holdfast"));
    for (int i = 0; i < 3; i++) {
        char id[8] = { 'm', (char)('0' + i), 0 }, other[8] = { 'n', (char)('0' + i), 0 };
        struct parcel parcel = parcel_new(2);
        if (i > 0) parcel_add(&parcel, "ada", other)->type = requests[i];
        parcel_add(&parcel, "ada", id);
        struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
        cr_assert_eq(outcome.n_suppressed, i == 1);
        if (i == 0) fixture_reopen(&fixture);
    }
    cr_assert_eq(fixture_count(&fixture), 2);
    fixture_close(&fixture);
}

Test(ingest, an_order_gives_an_event_and_one_for_each_line_and_a_group_its_account)
{
    static struct fixture fixture;
    static const struct message_line lines[] = { { { "shoe", 4 }, 5000, 1000 }, { { "sock", 4 }, 990, 2000 } };
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(2);
    struct message *order = parcel_add(&parcel, "ada", "m1"), *group = parcel_add(&parcel, "ada", "m2");
    order->kind = text_of("order"), order->amount_cents = 5990, order->lines = lines, order->n_lines = 2;
    order->properties = text_of("{\"coupon\":\"x\"}");
    group->type = MESSAGE_GROUP, group->kind = text_of("traits"), group->group_id = text_of("acme \"1\"");
    group->properties = text_of("{\"plan\":\"gold\"}");
    cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, 2);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen seen = fixture_read(&fixture, arena);
    struct events *events = NULL;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) if (seen.events[p].n) events = &seen.events[p];
    cr_assert_eq(seen.n, 4);
    cr_assert_eq(events->n, 4);
    static const char *const kinds[] = { "order", "order_item", "order_item", "traits" },
                      *const items[] = { "", "shoe", "sock", "" };
    static const int64_t amounts[] = { 5990, 5000, 990, 0 };
    for (int i = 0; i < 4; i++) {
        cr_assert(text_equal(log_name(fixture.log, DICTIONARY_KIND, events->kind[i]), text_of(kinds[i])));
        cr_assert(text_equal(log_name(fixture.log, DICTIONARY_ITEM, events->item[i]), text_of(items[i])));
        cr_assert_eq(events->amount_cents[i], amounts[i]);
    }
    struct text all = { events->properties_bytes, events->properties_end[3] };
    cr_assert(text_equal(all, text_of("{\"coupon\":\"x\"}{\"account\":\"acme \\\"1\\\"\"}")), "%.*s",
              (int)all.length, all.at);
    cr_assert(has_account(&fixture, "acme \"1\""));
    arena_free(arena);
    fixture_close(&fixture);
}
