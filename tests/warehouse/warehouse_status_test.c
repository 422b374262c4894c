/* How far the warehouse is behind is told by a server's threads while the writer writes. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "support.h"
#include "warehouse/warehouse_status.h"

#include <pthread.h>

enum { END_DAY = 15600, EVENTS = 40 };

static int64_t now_ms(void *context)
{
    (void)context;
    return END_DAY * MS_PER_DAY;
}

struct asking {
    struct shipping_source source;
    struct store *beside;
    struct arena *arena;
    struct warehouse_status status;
    bool is_told;
};

static void *ask(void *context)
{
    struct asking *asking = context;
    struct err err;
    asking->is_told =
        warehouse_status_read(&asking->source, asking->beside, true, asking->arena, &asking->status, &err);
    return NULL;
}

Test(warehouse_status, it_is_told_beside_a_writer_in_the_middle_of_its_transaction)
{
    struct err err;
    struct rng rng = rng_new(1);
    struct noted noted[EVENTS];
    struct diary diary = diary_open();
    const struct warehouse_settings settings = { .replicas = { { "http://127.0.0.1:1" } }, .n_replicas = { 1 },
                                                 .n_shards = 1, .database = "holdfast", .node = "n1" };
    struct asking asking = { .source = { .settings = &settings, .store = diary.store, .log = diary.log,
                                         .clock = { .now_ms = now_ms } },
                             .arena = diary.arena };
    pthread_t thread;
    for (size_t i = 0; i < EVENTS; i++)
        noted[i] = diary_random(&diary, &rng, 5, END_DAY * MS_PER_DAY, 100, true);
    diary_append(&diary, noted, EVENTS);
    ASSERT_OK(store_open_beside(diary.store, &asking.beside, &err), &err);
    ASSERT_OK(store_begin(diary.store, &err), &err);
    cr_assert_eq(pthread_create(&thread, NULL, ask, &asking), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    store_rollback(diary.store);
    cr_assert(asking.is_told);
    cr_assert_eq(asking.status.spool_events, EVENTS);
    cr_assert_gt(asking.status.spool_bytes, 0);
    store_close(asking.beside);
    diary_close(&diary);
}
