/* export_recommendations.c - see export_recommendations.h. */
#include "analyse/export_recommendations.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/recommend.h"
#include "engine/service.h"
#include "live/live.h"
#include "server/clocks.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

enum { CUSTOMERS_AT_ONCE = 256 };

/* Customers of one batch, each on whatever thread, written in order. */
struct batch {
    struct service      *service;
    struct recommend_ask ask;
    uint32_t             customers[CUSTOMERS_AT_ONCE];
    size_t               n;
    struct arena        *arenas[CUSTOMERS_AT_ONCE];
    const char          *answers[CUSTOMERS_AT_ONCE];
    struct err           errs[CUSTOMERS_AT_ONCE];
};

static void make_one(void *context, size_t index, unsigned thread)
{
    struct batch *batch = context;
    struct service *service = batch->service;
    struct recommend_ask ask = batch->ask;
    struct recommended recommended;
    (void)thread;
    batch->arenas[index] = arena_new(ARENA_NO_LIMIT);
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, batch->customers[index]);
    ask.customer = arena_format(batch->arenas[index], "%.*s", (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    ask.chance = arena_format(batch->arenas[index], "%" PRIu64 " %s", service->options.seed, ask.customer);
    bool ok = recommend_make(service->recommend, &ask, batch->arenas[index], &recommended, &batch->errs[index]);
    batch->answers[index] = ok ? recommended.answer : NULL;
}

static void write_answer(struct output *out, const char *answer, uint64_t *n_rows)
{
    json_t *json = json_loads(answer, 0, NULL), *item;
    size_t i;
    json_array_foreach(json_object_get(json, "items"), i, item) {
        output_csv_field(out, json_string_value(json_object_get(json, "customer")));
        output_format(out, ",%zu,", i + 1);
        output_csv_field(out, json_string_value(json_object_get(item, "item")));
        output_format(out, ",%.6g,", json_real_value(json_object_get(item, "score")));
        output_csv_field(out, json_string_value(json_object_get(item, "reason")));
        output_text(out, "\n");
        ++*n_rows;
    }
    json_decref(json);
}

static bool write_batch(struct invocation *invocation, struct batch *batch, struct output *out, uint64_t *n_rows,
                        struct err *err)
{
    bool ok = true;
    parallel_for(invocation->n_threads, batch->n, make_one, batch);
    for (size_t i = 0; i < batch->n; i++) {
        if (ok && batch->answers[i]) write_answer(out, batch->answers[i], n_rows);
        if (ok && !batch->answers[i]) *err = batch->errs[i], ok = false;
        arena_free(batch->arenas[i]);
    }
    return ok;
}

static void next_batch(struct batch *batch, uint32_t *after)
{
    struct service *service = batch->service;
    batch->n = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    while (batch->n < CUSTOMERS_AT_ONCE && (*after = live_next(service->live, *after)) != 0)
        batch->customers[batch->n++] = *after;
    (void)pthread_rwlock_unlock(&service->lock);
}

static bool write_all(struct invocation *invocation, struct batch *batch, struct output *out, uint64_t *ret_rows,
                      struct err *err)
{
    uint32_t after = 0;
    uint64_t n_rows = 0, n_done = 0;
    output_text(out, "customer,rank,item,score,reason\n");
    do {
        next_batch(batch, &after);
        if (!write_batch(invocation, batch, out, &n_rows, err)) return false;
        progress_report(invocation->progress, "recommending", n_done += batch->n, 0, "customers");
    } while (after != 0);
    *ret_rows = n_rows;
    return true;
}

bool export_recommendations(struct invocation *invocation, struct database *database, struct output *out,
                            uint64_t *ret_rows, struct err *err)
{
    struct service_options options = { .path = database->path, .clock = { .now_ms = clock_wall_ms },
                                       .now_seconds = clock_seconds,
                                       .settings_path = flag_text(invocation, "settings", NULL),
                                       .n_threads = invocation->n_threads,
                                       .seed = invocation->seed };
    struct batch *batch = memory_new(1, sizeof *batch);
    struct service *own = NULL, *service = invocation->service;
    const char *question = flag_text(invocation, "question", "new");
    int64_t k;
    bool ok = flag_int(invocation, "k", 1, RECOMMEND_ITEMS_MOST, 10, &k, err) &&
              (recommend_question_find(question, &batch->ask.question) ||
               err_set(err, ERR_INVALID, "--question '%s': want new, again or any", question)) &&
              (service || service_open(&options, &own, err));
    if (ok) {
        if (own) service = own;
        batch->service = service;
        batch->ask.k = (size_t)k;
        batch->ask.placement = "export";
        batch->ask.at_ms = clock_wall_ms(NULL);
        ok = write_all(invocation, batch, out, ret_rows, err);
    }
    service_close(own);
    free(batch);
    return ok;
}
