/* ingest_support.c - see ingest_support.h. */
#include "hub/ingest_support.h"

#include "base/secret.h"

static int64_t desk_now(void *context)
{
    struct desk *desk = context;
    return atomic_load(&desk->now_ms);
}

static void open_all(struct desk *desk, const char *path)
{
    struct err err;
    ASSERT_OK(secret_start(&err), &err);
    ASSERT_OK(store_open(path, STORE_CREATE, &desk->store, &err), &err);
    ASSERT_OK(log_open(desk->store, &desk->log, &err), &err);
    ASSERT_OK(profiles_open(desk->store, true, &desk->profiles, &err), &err);
    ASSERT_OK(identities_open(desk->store, desk->log, &desk->identities, &err), &err);
    ASSERT_OK(consents_open(desk->store, desk->log, desk->identities, profiles_vault(desk->profiles),
                            &desk->consents, &err), &err);
    pthread_rwlock_init(&desk->lock, NULL);
    struct ingest_options options = desk->options;
    options.store = desk->store, options.log = desk->log, options.profiles = desk->profiles;
    options.identities = desk->identities, options.consents = desk->consents, options.lock = &desk->lock;
    options.clock = (struct clock){ desk_now, desk };
    ASSERT_OK(scheduler_start(&options.clock, &desk->scheduler, &err), &err);
    options.scheduler = desk->scheduler;
    ASSERT_OK(ingest_start(&options, &desk->ingest, &err), &err);
}

void desk_open(struct desk *desk, const char *path)
{
    if (desk->now_ms == 0) desk->now_ms = DESK_NOON_MS * INT64_C(1000);
    open_all(desk, path);
}

void desk_close(struct desk *desk)
{
    scheduler_stop(desk->scheduler);
    ingest_stop(desk->ingest);
    scheduler_free(desk->scheduler);
    consents_close(desk->consents);
    identities_close(desk->identities);
    profiles_close(desk->profiles);
    log_close(desk->log);
    store_close(desk->store);
    pthread_rwlock_destroy(&desk->lock);
}

void desk_reopen(struct desk *desk)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *path = arena_copy(arena, store_path(desk->store));
    desk_close(desk);
    open_all(desk, path);
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
                                 .time_ms = DESK_NOON_MS * INT64_C(1000),
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

void answer_take(void *context, const struct ingest_outcome *outcome)
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

struct ingest_outcome desk_put(struct desk *desk, struct parcel *parcel)
{
    struct err err;
    struct answer answer;
    answer_init(&answer);
    ASSERT_OK(ingest_put(desk->ingest, parcel->arena, &parcel->intake, text_of("test"), answer_take, &answer,
                         &err),
              &err);
    return answer_wait(&answer);
}

struct seen desk_read(struct desk *desk, struct arena *arena)
{
    struct err err;
    struct log_reader *reader;
    struct seen seen = { .n = 0 };
    pthread_rwlock_rdlock(&desk->lock);
    ASSERT_OK(log_reader_open(desk->log, &reader, &err), &err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        ASSERT_OK(log_read(reader, p, LOG_ALL, arena, &seen.events[p], &err), &err);
        seen.n += seen.events[p].n;
    }
    log_reader_close(reader);
    pthread_rwlock_unlock(&desk->lock);
    return seen;
}

size_t desk_count(struct desk *desk)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = desk_read(desk, arena).n;
    arena_free(arena);
    return n;
}
