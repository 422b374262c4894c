/* ingest_support.c - see ingest_support.h. */
#include "hub/ingest_support.h"

#include "base/secret.h"

static int64_t fixture_now(void *context)
{
    struct fixture *fixture = context;
    return atomic_load(&fixture->now_ms);
}

static void open_all(struct fixture *fixture, const char *path)
{
    struct err err;
    ASSERT_OK(secret_start(&err), &err);
    ASSERT_OK(store_open(path, STORE_CREATE, &fixture->store, &err), &err);
    ASSERT_OK(log_open(fixture->store, &fixture->log, &err), &err);
    ASSERT_OK(profiles_open(fixture->store, true, &fixture->profiles, &err), &err);
    ASSERT_OK(identities_open(fixture->store, fixture->log, &fixture->identities, &err), &err);
    ASSERT_OK(consents_open(fixture->store, fixture->log, fixture->identities, profiles_vault(fixture->profiles),
                            &fixture->consents, &err),
              &err);
    pthread_rwlock_init(&fixture->lock, NULL);
    struct ingest_options options = fixture->options;
    options.store = fixture->store, options.log = fixture->log, options.profiles = fixture->profiles;
    options.identities = fixture->identities, options.consents = fixture->consents, options.lock = &fixture->lock;
    options.clock = (struct clock){ fixture_now, fixture };
    ASSERT_OK(scheduler_start(&options.clock, &fixture->scheduler, &err), &err);
    options.scheduler = fixture->scheduler;
    ASSERT_OK(ingest_start(&options, &fixture->ingest, &err), &err);
}

void fixture_open(struct fixture *fixture, const char *path)
{
    if (fixture->now_ms == 0) fixture->now_ms = FIXTURE_NOON_MS * INT64_C(1000);
    open_all(fixture, path);
}

void fixture_close(struct fixture *fixture)
{
    scheduler_stop(fixture->scheduler);
    ingest_stop(fixture->ingest);
    scheduler_free(fixture->scheduler);
    consents_close(fixture->consents);
    identities_close(fixture->identities);
    profiles_close(fixture->profiles);
    log_close(fixture->log);
    store_close(fixture->store);
    pthread_rwlock_destroy(&fixture->lock);
}

void fixture_reopen(struct fixture *fixture)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *path = arena_copy(arena, store_path(fixture->store));
    fixture_close(fixture);
    open_all(fixture, path);
    arena_free(arena);
}

struct parcel parcel_new(size_t n_messages)
{
    struct parcel parcel = { .arena = arena_new(ARENA_NO_LIMIT), .room = n_messages };
    parcel.intake.messages = ARENA_ARRAY(parcel.arena, struct message, n_messages + 1);
    parcel.intake.refusals = ARENA_ARRAY(parcel.arena, struct refusal, n_messages + 1);
    return parcel;
}

struct message *parcel_add(struct parcel *parcel, const char *user, const char *message_id)
{
    struct message *message = &parcel->intake.messages[parcel->intake.n_messages++];
    cr_assert_leq(parcel->intake.n_messages, parcel->room);
    *message = (struct message){ .type = MESSAGE_PAGE,
                                 .user_id = user ? text_of(arena_copy(parcel->arena, user)) : text_of(""),
                                 .message_id = text_of(arena_copy(parcel->arena, message_id)),
                                 .kind = text_of("page"),
                                 .time_ms = FIXTURE_NOON_MS * INT64_C(1000),
                                 .raw = text_of("{\"type\":\"page\"}") };
    return message;
}

void parcel_refuse(struct parcel *parcel, const char *raw, const char *reason)
{
    parcel->intake.refusals[parcel->intake.n_refusals++] =
        (struct refusal){ text_of(arena_copy(parcel->arena, raw)), arena_copy(parcel->arena, reason), "batch[0]" };
    cr_assert_leq(parcel->intake.n_refusals, parcel->room);
}

void answer_init(struct answer *answer)
{
    answer->is_there = false;
    pthread_mutex_init(&answer->mutex, NULL);
    pthread_cond_init(&answer->came, NULL);
}

void answer_came(void *context, const struct ingest_outcome *outcome)
{
    struct answer *answer = context;
    pthread_mutex_lock(&answer->mutex);
    answer->outcome = *outcome;
    answer->is_there = true;
    pthread_cond_signal(&answer->came);
    pthread_mutex_unlock(&answer->mutex);
}

struct ingest_outcome answer_wait(struct answer *answer)
{
    pthread_mutex_lock(&answer->mutex);
    while (!answer->is_there) pthread_cond_wait(&answer->came, &answer->mutex);
    pthread_mutex_unlock(&answer->mutex);
    return answer->outcome;
}

struct ingest_outcome fixture_put(struct fixture *fixture, struct parcel *parcel)
{
    struct err err;
    struct answer answer;
    answer_init(&answer);
    ASSERT_OK(
        ingest_put(fixture->ingest, parcel->arena, &parcel->intake, text_of("test"), answer_came, &answer, &err),
        &err);
    return answer_wait(&answer);
}

struct seen fixture_read(struct fixture *fixture, struct arena *arena)
{
    struct err err;
    struct log_reader *reader;
    struct seen seen = { .n = 0 };
    pthread_rwlock_rdlock(&fixture->lock);
    ASSERT_OK(log_reader_open(fixture->log, &reader, &err), &err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        ASSERT_OK(log_read(reader, p, LOG_ALL, arena, &seen.events[p], &err), &err);
        seen.n += seen.events[p].n;
    }
    log_reader_close(reader);
    pthread_rwlock_unlock(&fixture->lock);
    return seen;
}

size_t fixture_count(struct fixture *fixture)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = fixture_read(fixture, arena).n;
    arena_free(arena);
    return n;
}
