/* outbox_test.c - a message is put once, leaves once, and is accounted for whatever happens. */
#include "hub/ingest_support.h"
#include "hub/outbox_sending.h"
#include "store/sql.h"
#include "store/statement.h"

enum { PARCELS_MOST = 64 };

/* A fixture with an outbox, and what the writer's jobs work on. */
struct post {
    struct fixture    fixture;
    struct outbox *outbox;
    struct arena  *arena;
    struct outbox_parcel parcels[PARCELS_MOST];
    size_t         n;
    int64_t        next_ms;
    struct outbox_verdict verdict;          /* of every message */
    size_t         n_told;
    enum outbox_status told_status;         /* the last */
    char           told_rule[32];
};

static bool hear(void *context, struct store *store, const struct outbox_outcome *outcome, struct err *err)
{
    struct post *post = context;
    (void)store, (void)err;
    post->n_told++;
    post->told_status = outcome->status;
    snprintf(post->told_rule, sizeof post->told_rule, "%.*s", (int)outcome->rule.length, outcome->rule.at);
    return true;
}

static void open_post(struct post *post)
{
    *post = (struct post){ .arena = arena_new(ARENA_NO_LIMIT) };
    fixture_open(&post->fixture, support_path("outbox.holdfast"));
    post->outbox = outbox_new(post->fixture.profiles, post->fixture.scheduler);
    outbox_listen(post->outbox, hear, post);
}

static void close_post(struct post *post)
{
    outbox_free(post->outbox);
    fixture_close(&post->fixture);
    arena_free(post->arena);
}

struct putting { struct post *post; struct outbox_message message; int64_t id; bool is_failing; };

static bool put_job(struct store *store, void *context, struct err *err)
{
    struct putting *job = context;
    if (!outbox_put(job->post->outbox, store, &job->message, job->post->fixture.now_ms, &job->id, err))
        return false;
    return !job->is_failing || err_set(err, ERR_REFUSED, "the cause fails");
}

static struct outbox_message mail_of(const char *key, uint32_t identity)
{
    return (struct outbox_message){ .key = text_of(key),
                                    .journey = text_of("winback"),
                                    .step = text_of("mail"),
                                    .version = 1,
                                    .entry = 7,
                                    .identity = identity,
                                    .channel = text_of("email"),
                                    .topic = text_of("offers"),
                                    .address = text_of("ada@example.net"),
                                    .subject = text_of("Hello"),
                                    .text = text_of("Come back."),
                                    .html = text_of("<p>Come back.</p>"),
                                    .language = text_of("en") };
}

static int64_t put(struct post *post, const char *key, uint32_t identity)
{
    struct err err;
    struct putting job = { .post = post, .message = mail_of(key, identity) };
    ASSERT_OK(ingest_run(post->fixture.ingest, put_job, &job, &err), &err);
    return job.id;
}

static bool judge_job(void *context, struct store *store, const struct outbox_parcel *parcel,
                      struct outbox_verdict *ret_verdict, struct err *err)
{
    (void)store, (void)parcel, (void)err;
    *ret_verdict = ((struct post *)context)->verdict;
    return true;
}

static bool take_job(struct store *store, void *context, struct err *err)
{
    struct post *post = context;
    const struct outbox_take take = { .channel = "email", .now_ms = post->fixture.now_ms, .most = PARCELS_MOST,
                                      .judge = judge_job, .context = post };
    return outbox_take(post->outbox, store, &take, post->arena, post->parcels, &post->n, &post->next_ms, err);
}

static void take(struct post *post)
{
    struct err err;
    ASSERT_OK(ingest_run(post->fixture.ingest, take_job, post, &err), &err);
}

struct settling { struct post *post; size_t index; struct outbox_settled settled; };

static bool settle_job(struct store *store, void *context, struct err *err)
{
    struct settling *job = context;
    return outbox_settle(job->post->outbox, store, &job->post->parcels[job->index], &job->settled, err);
}

static void settle(struct post *post, size_t index, enum outbox_status status, const char *reply, int64_t due_ms)
{
    struct err err;
    struct settling job = { post, index, { .status = status, .due_ms = due_ms, .at_ms = post->fixture.now_ms,
                                           .reply = text_of(reply), .answer = text_of("") } };
    ASSERT_OK(ingest_run(post->fixture.ingest, settle_job, &job, &err), &err);
}

/* What a reader of the store sees. */
static struct outbox_row row_of(struct post *post, int64_t id)
{
    struct err err;
    struct store *store;
    struct outbox_row row = { 0 };
    ASSERT_OK(store_open_beside(post->fixture.store, &store, &err), &err);
    ASSERT_OK(outbox_get(store, id, post->arena, &row, &err), &err);
    store_close(store);
    return row;
}

Test(outbox, a_key_is_put_once_however_often)
{
    static struct post post;
    open_post(&post);
    int64_t id = put(&post, "winback 7 mail 1", 3);
    cr_assert_eq(put(&post, "winback 7 mail 1", 3), id);
    cr_assert_neq(put(&post, "winback 7 mail 2", 3), id);
    take(&post);
    cr_assert_eq(post.n, 2);
    settle(&post, 0, OUTBOX_SENT, "250 ok", 0);
    cr_assert_eq(put(&post, "winback 7 mail 1", 3), id, "nor after it was sent");
    take(&post);
    cr_assert_eq(post.n, 0);
    close_post(&post);
}

Test(outbox, of_a_cause_that_fails_no_message_stays)
{
    static struct post post;
    struct err err;
    open_post(&post);
    struct putting job = { .post = &post, .message = mail_of("k", 3), .is_failing = true };
    ASSERT_FAILS(ingest_run(post.fixture.ingest, put_job, &job, &err), &err, ERR_REFUSED, "the cause fails");
    take(&post);
    cr_assert_eq(post.n, 0);
    close_post(&post);
}

Test(outbox, what_is_taken_is_sending_before_anybody_sends_and_says_what_was_put)
{
    static struct post post;
    struct outbox_content content = { 0 };
    open_post(&post);
    int64_t id = put(&post, "k", 3);
    take(&post);
    cr_assert_eq(post.n, 1);
    cr_assert_str_eq(row_of(&post, id).status, "sending");
    cr_assert_eq(row_of(&post, id).n_attempts, 1);
    cr_assert(
        outbox_unseal(post.outbox, post.parcels[0].sealed_key, post.parcels[0].sealed, post.arena, &content));
    cr_assert(text_equal(content.address, text_of("ada@example.net")));
    cr_assert(text_equal(content.html, text_of("<p>Come back.</p>")));
    settle(&post, 0, OUTBOX_RETRYING, "451 <ada@example.net>: later, call +491512345678",
           post.fixture.now_ms + 5000);
    struct outbox_row row = row_of(&post, id);
    cr_assert_str_eq(row.status, "retrying");
    cr_assert_str_eq(row.reply, "451 <*>: later, call *", "no address outside the seal");
    take(&post);
    cr_assert_eq(post.n, 0);
    cr_assert_eq(post.next_ms, post.fixture.now_ms + 5000);
    post.fixture.now_ms += 5000;
    take(&post);
    cr_assert_eq(post.n, 1);
    settle(&post, 0, OUTBOX_SENT, "250 ok", 0);
    cr_assert_eq(row_of(&post, id).sent_ms, post.fixture.now_ms);
    cr_assert_eq(post.told_status, OUTBOX_SENT);
    close_post(&post);
}

struct older { struct post *post; struct text key, sealed; };

/* As a program before put what a message says: a JSON object under the customer's key. */
static bool seal_older(struct store *store, void *context, struct err *err)
{
    struct older *older = context;
    struct sql_profile_get row;
    static const char object[] = "{\"to\":\"ada@example.net\",\"subject\":\"Hello\",\"text\":\"K\\u00e4se\"}";
    if (!profiles_seal(older->post->fixture.profiles, store, 3, text_of(object), older->post->arena, &older->sealed,
                       err) ||
        !sql_profile_get(store, 3, &row, err))
        return false;
    bool ok = sql_profile_get_step(&row, err) == STEP_ROW;
    char *key = ok ? arena_alloc(older->post->arena, row.key.length, 1) : NULL;
    if (ok) memcpy(key, row.key.at, row.key.length), older->key = (struct text){ key, row.key.length };
    cursor_close(row.cursor);
    return ok;
}

Test(outbox, what_a_program_before_put_as_an_object_is_still_sent)
{
    static struct post post;
    struct outbox_content content = { 0 };
    struct err err;
    open_post(&post);
    struct older older = { .post = &post };
    ASSERT_OK(ingest_run(post.fixture.ingest, seal_older, &older, &err), &err);
    cr_assert(outbox_unseal(post.outbox, older.key, older.sealed, post.arena, &content));
    cr_assert(text_equal(content.address, text_of("ada@example.net")));
    cr_assert(text_equal(content.text, text_of("Käse")));
    cr_assert_eq(content.html.length, 0);
    close_post(&post);
}

static bool is_webhook(void *context, const char *channel)
{
    (void)context;
    return strcmp(channel, "crm") == 0;
}

static bool recover_job(struct store *store, void *context, struct err *err)
{
    struct post *post = context;
    return outbox_recover(post->outbox, store, post->fixture.now_ms, is_webhook, NULL, &post->n, err);
}

Test(outbox, what_was_on_its_way_when_the_process_ended_is_unknown_or_sent_again)
{
    static struct post post;
    struct err err;
    open_post(&post);
    int64_t mail = put(&post, "k", 3);
    take(&post);
    struct putting job = { .post = &post, .message = mail_of("crm 1", 3) };
    job.message.channel = text_of("crm"), job.message.address = text_of("");
    ASSERT_OK(ingest_run(post.fixture.ingest, put_job, &job, &err), &err);
    cr_assert(sql_message_sending(post.fixture.store, job.id, &err));
    outbox_free(post.outbox);
    fixture_reopen(&post.fixture);
    post.outbox = outbox_new(post.fixture.profiles, post.fixture.scheduler);
    ASSERT_OK(ingest_run(post.fixture.ingest, recover_job, &post, &err), &err);
    cr_assert_eq(post.n, 1);
    cr_assert_str_eq(row_of(&post, mail).status, "unknown");
    cr_assert_str_eq(row_of(&post, job.id).status, "retrying");
    take(&post);
    cr_assert_eq(post.n, 0, "an e-mail in doubt is left");
    close_post(&post);
}

struct scope { struct post *post; const char *text; bool is_lift; int64_t id; };

static bool stop_job(struct store *store, void *context, struct err *err)
{
    struct scope *scope = context;
    int64_t now_ms = scope->post->fixture.now_ms;
    if (scope->id) return outbox_send_again(scope->post->outbox, store, scope->id, now_ms, err);
    if (scope->is_lift) return outbox_lift(scope->post->outbox, store, text_of(scope->text), now_ms, err);
    return outbox_stop(store, text_of(scope->text), now_ms, text_of("person@desk"), err);
}

Test(outbox, a_stop_holds_what_waits_until_it_is_lifted_over_restarts_too)
{
    static const char *const scopes[] = { "all", "journey:winback", "channel:email" };
    static struct post post;
    struct err err;
    open_post(&post);
    for (size_t i = 0; i < 3; i++) {
        char key[] = { 'k', (char)('0' + i), 0 };
        struct scope stop = { &post, scopes[i], false, 0 }, lift = { &post, scopes[i], true, 0 };
        int64_t id = put(&post, key, 3);
        ASSERT_OK(ingest_run(post.fixture.ingest, stop_job, &stop, &err), &err);
        take(&post);
        cr_assert_eq(post.n, 0, "%s", scopes[i]);
        cr_assert_str_eq(row_of(&post, id).rule, "stopped");
        outbox_free(post.outbox);
        fixture_reopen(&post.fixture);
        post.outbox = outbox_new(post.fixture.profiles, post.fixture.scheduler);
        post.fixture.now_ms += 1000;
        take(&post);
        cr_assert_eq(post.n, 0);
        ASSERT_OK(ingest_run(post.fixture.ingest, stop_job, &lift, &err), &err);
        ASSERT_FAILS(ingest_run(post.fixture.ingest, stop_job, &lift, &err), &err, ERR_MISSING, "is not stopped");
        take(&post);
        cr_assert_eq(post.n, 1);
        cr_assert_str_eq(row_of(&post, id).rule, "");
    }
    struct scope other = { &post, "everybody", false, 0 }, another = { &post, "journey:other", false, 0 };
    ASSERT_FAILS(ingest_run(post.fixture.ingest, stop_job, &other, &err), &err, ERR_INVALID, "journey:<name>");
    ASSERT_OK(ingest_run(post.fixture.ingest, stop_job, &another, &err), &err);
    put(&post, "not stopped", 3);
    take(&post);
    cr_assert_eq(post.n, 1);
    close_post(&post);
}

Test(outbox, what_is_refused_expired_or_cancelled_ends_with_its_rule_and_can_be_sent_again)
{
    static struct post post;
    struct err err;
    open_post(&post);
    int64_t refused = put(&post, "a", 3);
    post.verdict = (struct outbox_verdict){ .gate = GATE_CANCEL, .rule = "consent" };
    take(&post);
    cr_assert_eq(post.n, 0);
    cr_assert_str_eq(row_of(&post, refused).status, "cancelled");
    cr_assert_str_eq(row_of(&post, refused).rule, "consent");
    cr_assert_str_eq(post.told_rule, "consent");
    post.verdict = (struct outbox_verdict){ .gate = GATE_WAIT_ALL, .until_ms = post.fixture.now_ms + 9 };
    int64_t first = put(&post, "b", 3), second = put(&post, "c", 4);
    take(&post);
    cr_assert_eq(post.n, 0);
    cr_assert_eq(row_of(&post, first).due_ms, post.fixture.now_ms + 9);
    cr_assert_eq(row_of(&post, second).due_ms, post.fixture.now_ms + 9);
    cr_assert(outbox_cancel_customer(post.fixture.store, &(uint32_t){ 4 }, 1, "email", "", "consent", &err));
    cr_assert_str_eq(row_of(&post, second).status, "cancelled");
    cr_assert(outbox_cancel_entry(post.fixture.store, text_of("winback"), 7, "goal", &err));
    cr_assert_str_eq(row_of(&post, first).rule, "goal");
    post.verdict = (struct outbox_verdict){ .gate = GATE_SEND };
    struct putting late = { .post = &post, .message = mail_of("d", 3) };
    late.message.expires_ms = post.fixture.now_ms + 1;
    ASSERT_OK(ingest_run(post.fixture.ingest, put_job, &late, &err), &err);
    post.fixture.now_ms += 1000;
    take(&post);
    cr_assert_eq(post.n, 0);
    cr_assert_str_eq(row_of(&post, late.id).rule, "too_old");
    struct scope again = { &post, "", false, late.id };
    ASSERT_OK(ingest_run(post.fixture.ingest, stop_job, &again, &err), &err);
    ASSERT_FAILS(ingest_run(post.fixture.ingest, stop_job, &again, &err), &err, ERR_REFUSED, "is queued");
    take(&post);
    cr_assert_eq(post.n, 1);
    again.id = 999;
    ASSERT_FAILS(ingest_run(post.fixture.ingest, stop_job, &again, &err), &err, ERR_MISSING, "no message m_999");
    close_post(&post);
}

Test(outbox, of_somebody_erased_no_word_can_be_read)
{
    static struct post post;
    struct outbox_content content;
    struct err err;
    open_post(&post);
    put(&post, "k", 3);
    cr_assert(profiles_erase(post.fixture.profiles, post.fixture.store, 3, &err));
    take(&post);
    cr_assert_eq(post.n, 1);
    cr_assert_not(
        outbox_unseal(post.outbox, post.parcels[0].sealed_key, post.parcels[0].sealed, post.arena, &content));
    close_post(&post);
}

static bool put_back_job(struct store *store, void *context, struct err *err)
{
    struct post *post = context;
    return outbox_put_back(post->outbox, store, &post->parcels[0], post->fixture.now_ms + 500, text_of(""), err);
}

Test(outbox, what_was_taken_and_never_tried_waits_again_as_if_nobody_had_taken_it)
{
    static struct post post;
    struct err err;
    open_post(&post);
    int64_t id = put(&post, "k", 3);
    take(&post);
    cr_assert_eq(row_of(&post, id).n_attempts, 1);
    ASSERT_OK(ingest_run(post.fixture.ingest, put_back_job, &post, &err), &err);
    struct outbox_row row = row_of(&post, id);
    cr_assert_str_eq(row.status, "queued");
    cr_assert_eq(row.n_attempts, 0);
    cr_assert_eq(row.due_ms, post.fixture.now_ms + 500);
    cr_assert_eq(post.n_told, 0, "nothing became of it");
    take(&post);
    cr_assert_eq(post.n, 0);
    post.fixture.now_ms += 500;
    take(&post);
    cr_assert_eq(post.n, 1);
    cr_assert_eq(post.parcels[0].n_attempts, 1);
    close_post(&post);
}

struct erasing_job { int64_t id; uint32_t identity; };

/* What it said is gone where another may be put in its place. */
static bool erase_message_job(struct store *store, void *context, struct err *err)
{
    const struct erasing_job *job = context;
    const struct value arg = value_int(job->identity);
    for (size_t t = 0; t < n_person_tables; t++)
        if (strcmp(person_tables[t].table, "message") == 0 &&
            !statement_run(store, person_tables[t].erase, &arg, err))
            return false;
    return sql_message_content_put(store, job->id, text_of("x"), err);
}

Test(outbox, what_a_message_says_goes_with_its_row)
{
    static struct post post;
    struct err err;
    open_post(&post);
    struct erasing_job job = { put(&post, "k", 3), 4 };
    cr_assert_not(ingest_run(post.fixture.ingest, erase_message_job, &job, &err), "another's erasure took it");
    job.identity = 3;
    ASSERT_OK(ingest_run(post.fixture.ingest, erase_message_job, &job, &err), &err);
    close_post(&post);
}

Test(outbox, what_is_no_message_is_not_put)
{
    static struct post post;
    struct err err;
    open_post(&post);
    struct putting job = { .post = &post, .message = mail_of("", 3) };
    ASSERT_FAILS(ingest_run(post.fixture.ingest, put_job, &job, &err), &err, ERR_INVALID, "a key");
    job.message = mail_of("k", 3), job.message.text = text_of("caf\xE9");
    ASSERT_FAILS(ingest_run(post.fixture.ingest, put_job, &job, &err), &err, ERR_INVALID, "not UTF-8");
    char *large = arena_alloc(post.arena, OUTBOX_MOST_BYTES + 1, 1);
    memset(large, 'a', OUTBOX_MOST_BYTES);
    job.message.text = text_of(large);
    ASSERT_FAILS(ingest_run(post.fixture.ingest, put_job, &job, &err), &err, ERR_INVALID, "are the most");
    close_post(&post);
}

Test(outbox, nothing_leaves_one_that_is_held_until_it_is_let_go)
{
    static struct post post;
    open_post(&post);
    outbox_hold(post.outbox, true);
    (void)put(&post, "held", 7);
    take(&post);
    cr_assert_eq(post.n, 0, "it left");
    cr_assert_eq(post.next_ms, NEVER_MS);
    outbox_hold(post.outbox, false);
    take(&post);
    cr_assert_eq(post.n, 1, "it never left");
    close_post(&post);
}
