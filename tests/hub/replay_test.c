/* Refused messages: kept with their reason, readable by nobody without the key, and taken in again once mended. */
#include "hub/ingest_support.h"
#include "hub/replay.h"

static const char bad[] =
    "{\"type\":\"track\",\"userId\":\"ada\",\"email\":\"ada@example.com\",\"messageId\":\"m1\"}";
static const char good[] = "{\"type\":\"track\",\"userId\":\"ada\",\"event\":\"signed up\",\"messageId\":\"m1\"}";

/* Sends the bad message through the reader of Segment's protocol, as the server does. */
static void send_bad(struct fixture *fixture, const char *body)
{
    struct err err;
    struct parcel parcel = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT,
                                      .type = "batch",
                                      .received_ms = fixture->now_ms };
    request.body = text_of(arena_format(parcel.arena, "{\"batch\":[%s]}", body));
    ASSERT_OK(intake_read(&request, parcel.arena, &parcel.intake, &err), &err);
    cr_assert_eq(parcel.intake.n_refusals, 1);
    cr_assert_eq(fixture_put(fixture, &parcel).n_refused, 1);
}

static void read_letters(struct fixture *fixture, struct arena *arena, struct dead_letter **ret_letters,
                         size_t *ret_n)
{
    struct err err;
    struct store *store;
    uint64_t total;
    ASSERT_OK(store_open_beside(fixture->store, &store, &err), &err);
    ASSERT_OK(dead_letters_read(store, fixture->profiles, 0, arena, ret_letters, ret_n, &total, &err), &err);
    cr_assert_eq(total, *ret_n);
    store_close(store);
}

Test(replay, a_refused_message_is_kept_with_its_reason_and_its_text_sealed)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters;
    size_t n, length;
    fixture_open(&fixture, support_path("a.holdfast"));
    send_bad(&fixture, bad);
    read_letters(&fixture, arena, &letters, &n);
    cr_assert_eq(n, 1);
    cr_assert(*letters[0].reason && strcmp(letters[0].source, "test") == 0);
    cr_assert_eq(letters[0].received_ms, fixture.now_ms);
    cr_assert(text_equal(letters[0].request.body, text_of(bad)));
    cr_assert(!letters[0].is_cut);
    fixture_close(&fixture);
    const char *bytes = support_read(arena, support_path("a.holdfast"), &length);
    cr_assert(!memmem(bytes, length, "ada@example", 11));
    arena_free(arena);
}

Test(replay, mended_it_is_taken_in_and_gone_from_the_refused_and_unmended_it_stays)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters, *mended;
    struct replay_counts counts;
    struct err err;
    size_t n;
    fixture_open(&fixture, support_path("a.holdfast"));
    send_bad(&fixture, bad);
    read_letters(&fixture, arena, &letters, &n);
    ASSERT_OK(replay_letters(fixture.ingest, letters, n, &counts, &err), &err);
    cr_assert(counts.n_taken == 0 && counts.n_refused == 1 && counts.n_unreadable == 0);
    int64_t id = letters[0].id;
    read_letters(&fixture, arena, &letters, &n);
    cr_assert_eq(n, 1);
    cr_assert_eq(letters[0].id, id);

    const char *json = arena_format(arena, "{\"messages\": [{\"id\": %lld, \"raw\": %s}]}",
                                    (long long)letters[0].id, good);
    ASSERT_OK(replay_mend(letters, n, text_of(json), arena, &mended, &n, &err), &err);
    cr_assert_eq(n, 1);
    ASSERT_OK(replay_letters(fixture.ingest, mended, n, &counts, &err), &err);
    cr_assert_eq(counts.n_taken, 1);
    read_letters(&fixture, arena, &letters, &n);
    cr_assert_eq(n, 0);
    cr_assert_eq(fixture_count(&fixture), 1);
    arena_free(arena);
    fixture_close(&fixture);
}

Test(replay, a_message_of_a_batch_is_mended_under_what_the_batch_said)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters;
    struct intake intake;
    struct err err;
    size_t n;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = { .arena = arena_new(ARENA_NO_LIMIT) };
    const struct intake_request request = {
        .protocol = PROTOCOL_SEGMENT, .type = "batch", .received_ms = fixture.now_ms,
        .body = text_of(arena_format(parcel.arena,
            "{\"sentAt\":%lld,\"context\":{\"locale\":\"de\"},\"integrations\":null,\"batch\":"
            "[{\"type\":\"track\",\"userId\":\"u\",\"timestamp\":%lld}]}", (long long)fixture.now_ms - 3600000,
            (long long)fixture.now_ms - 3600000 - 5000)),
    };
    ASSERT_OK(intake_read(&request, parcel.arena, &parcel.intake, &err), &err);
    cr_assert_eq(fixture_put(&fixture, &parcel).n_refused, 1);
    for (int again = 0; again < 2; again++) {
        struct replay_counts counts;
        read_letters(&fixture, arena, &letters, &n);
        cr_assert_eq(n, 1);
        struct intake_request mended = letters[0].request;
        json_t *raw = dead_letter_raw(&letters[0], arena);
        json_object_set_new(raw, "event", json_string("A"));
        char *text = json_dumps(raw, 0);
        mended.body = text_of(text);
        ASSERT_OK(intake_read(&mended, arena, &intake, &err), &err);
        cr_assert(intake.n_messages == 1 && intake.n_refusals == 0);
        cr_assert_eq(intake.messages[0].time_ms, fixture.now_ms - 5000,
                     "by the clock that the batch was sent with");
        cr_assert(text_equal(intake.messages[0].properties, text_of("{\"context.locale\":\"de\"}")));
        free(text);
        json_decref(raw);
        ASSERT_OK(replay_letters(fixture.ingest, letters, n, &counts, &err), &err);        /* refused as it is */
        cr_assert_eq(counts.n_refused, 1);
    }
    fixture_close(&fixture);
    arena_free(arena);
}

Test(replay, what_is_no_json_is_shown_so_that_it_can_be_mended)
{
    static const struct { const char *sent, *shown; } cases[] = {
        { "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"a\xff\"}",
          "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"a\xEF\xBF\xBD\"}" },
        { "{\"event\":\"a\\ud800\"}", "\"{\\\"event\\\":\\\"a\\\\ud800\\\"}\"" },
        { "{\"event\":\"a\\u0000\"}", "{\"event\":\"a\\u0000\"}" },
    };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct dead_letter letter = { .request = { .body = text_of(cases[i].sent) } };
        json_t *raw = dead_letter_raw(&letter, arena);
        char *text = json_dumps(raw, JSON_COMPACT | JSON_ENCODE_ANY);
        cr_assert_str_eq(text, cases[i].shown);
        free(text);
        json_decref(raw);
    }
    arena_free(arena);
}

Test(replay, what_is_too_long_is_cut_and_a_file_that_mends_nothing_is_refused)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters, *mended;
    struct replay_counts counts;
    struct err err;
    size_t n;
    fixture_open(&fixture, support_path("a.holdfast"));
    char *filling = arena_alloc(arena, 40001, 1);
    memset(filling, 'x', 40000);
    send_bad(&fixture, arena_format(arena, "{\"type\":\"track\",\"userId\":\"ada\",\"event\":\"%s\"}", filling));
    read_letters(&fixture, arena, &letters, &n);
    cr_assert(n == 1 && letters[0].is_cut);
    cr_assert_eq(letters[0].request.body.length, DEAD_LETTER_MOST_BYTES);
    ASSERT_OK(replay_letters(fixture.ingest, letters, n, &counts, &err), &err);
    cr_assert_eq(counts.n_unreadable, 1);
    ASSERT_FAILS(replay_mend(letters, n, text_of("{\"id\": 99, \"raw\": {}}"), arena, &mended, &n, &err), &err,
                 ERR_INVALID,
                 "message 1: no refused message has the id 99");
    ASSERT_FAILS(replay_mend(letters, 1, text_of("[]"), arena, &mended, &n, &err), &err, ERR_INVALID, "message 1");
    ASSERT_FAILS(replay_mend(letters, 1, text_of("{\"id\": 1"), arena, &mended, &n, &err), &err, ERR_INVALID,
                 "is not JSON");
    arena_free(arena);
    fixture_close(&fixture);
}

/* Whoever takes refused messages in again has rights of their own, which a page must not borrow. */
Test(replay, what_a_page_may_not_say_is_not_taken_in_later)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters;
    struct replay_counts counts;
    struct err err;
    size_t n;
    fixture_open(&fixture, support_path("a.holdfast"));
    struct parcel parcel = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct intake_request request = { .protocol = PROTOCOL_CUSTOMERIO, .type = "customers/suppress",
                                      .path_id = text_of("ada"), .body = text_of("{}"), .is_page = true,
                                      .received_ms = fixture.now_ms };
    ASSERT_OK(intake_read(&request, parcel.arena, &parcel.intake, &err), &err);
    cr_assert_eq(fixture_put(&fixture, &parcel).n_refused, 1);
    read_letters(&fixture, arena, &letters, &n);
    cr_assert(n == 1 && letters[0].request.is_page);
    ASSERT_OK(replay_letters(fixture.ingest, letters, n, &counts, &err), &err);
    cr_assert(counts.n_taken == 0 && counts.n_refused == 1);
    arena_free(arena);
    fixture_close(&fixture);
}
