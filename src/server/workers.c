/* workers.c - see workers.h.  Waiting requests are in the order they came; a thread takes the first whose route has
 * not its share of the threads already.  They give way to those of events and decisions when cores are short. */
#include "server/workers.h"

#include "server/route.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "engine/service.h"
#include "hub/kept.h"
#include "live/live.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define NEVER INT64_MIN

/* What the pages ask before anybody chose anything (web/src/board/page).  path ends with '/': there follows, and before
 * `after`, each list[].name of what is answered at the path without that. */
static const struct first_ask { const char *path, *after, *query, *list, *name; } first_asks[] = {
    { "/v1/overview", "", "days=30&against=period", NULL, NULL },
    { "/v1/customers", "", "limit=50&order=loss", NULL, NULL },
    { "/v1/models/", "", "", "models", "question" },
    { "/v1/models/", "/versions", "", "models", "question" },
    { "/v1/segments/", "/worth", "", "segments", "id" },
    { "/v1/segments/", "/history", "", "segments", "id" },
    { "/v1/experiments/", "", "", "experiments", "name" },
    { "/v1/program", "", "", NULL, NULL },
    { "/v1/campaigns", "", "", NULL, NULL },
    { "/v1/forecast", "", "weeks=8", NULL, NULL },
    { "/v1/surveys", "", "days=365", NULL, NULL },
    { "/v1/sources", "", "", NULL, NULL },
};

enum { NAMES_MOST = 8 };

enum { THREADS_OF_ROUTE = WORKERS_THREADS / 2, WAITING_OF_ROUTE = WORKERS_WAITING_MOST / 2 };

struct work {
    struct request *request;
    struct reply   *reply;
    enum handling (*handle)(struct request *request, struct reply *reply);
};

struct workers {
    pthread_mutex_t     mutex;
    pthread_cond_t      changed;        /* something came, or may run now, or the end */
    struct work         waiting[WORKERS_WAITING_MOST];      /* [n_waiting] oldest first */
    size_t              n_waiting, n_threads, n_begun;
    const struct route *running[WORKERS_THREADS];           /* by thread; NULL: none */
    bool                is_stopping;
    pthread_t           threads[WORKERS_THREADS];

    struct service     *service;
    struct server      *server;
    size_t              large_shop;
    struct kept        *kept;
    pthread_cond_t      stopping;
    pthread_t           renewer;        /* works out anew what is kept and old */
    bool                has_renewer;
    int64_t             ready_ms;       /* the renewer's: as of which instant it worked out what pages ask first; NEVER */
};

/* ---- what is kept ---- */

/* Who may more may be told more, as of another instant all is another, and of who was erased nothing is told. */
static struct text key_of(const struct request *request)
{
    const struct route *route = request->route;
    uint64_t n_erasures = route->keeps_people ? atomic_load(&request->service->n_erasures) : 0;
    return text_of(arena_format(request->arena, "%x %" PRId64 " %" PRIu64 " %.*s?%.*s",
                                request->grant.rights & route->keeps_rights, request->service->instant_ms, n_erasures,
                                (int)request->path.length, request->path.at, (int)request->query.length,
                                request->query.at));
}

/* For how long an answer may have been behind that whoever asks would rather have than wait: Cache-Control: max-stale, with
 * or without a number of seconds, as RFC 9111 5.2.1.2 has it.  What cannot be read allows nothing. */
static int64_t behind_most_ms(const struct request *request)
{
    static const char word[] = "max-stale";
    const char *at = request_header(request, "Cache-Control");
    while (at && *at) {
        size_t length = strcspn(at, ",");
        struct text directive = text_trim((struct text){ at, length });
        size_t name = sizeof word - 1;
        if (directive.length >= name && strncasecmp(directive.at, word, name) == 0) {
            struct text value = text_trim((struct text){ directive.at + name, directive.length - name });
            int64_t seconds;
            if (value.length == 0) return INT64_MAX;
            if (*value.at == '=') {
                value = text_trim((struct text){ value.at + 1, value.length - 1 });
                if (value.length > 1 && *value.at == '"' && value.at[value.length - 1] == '"')
                    value = (struct text){ value.at + 1, value.length - 2 };
                if (!text_int64(value, &seconds) || seconds < 0) return 0;
                return seconds < INT64_MAX / 1000 ? 1000 * seconds : INT64_MAX;
            }
        }
        at += length + (at[length] == ',');
    }
    return 0;
}

bool workers_kept(struct workers *workers, struct request *request, struct reply *reply)
{
    struct kept_answer answer;
    char made[21];
    if (request->route->keeps == ROUTE_KEEPS_NOTHING) return false;
    struct service *service = request->service;
    int64_t now_ms = clock_now_ms(&service->options.clock);
    if (!kept_find(workers->kept, key_of(request), atomic_load(&service->n_acts), behind_most_ms(request), now_ms,
                   request->arena, &answer))
        return false;
    reply_text(reply, 200, "application/json", answer.body);
    reply_header(reply, "Age", arena_format(request->arena, "%" PRId64, (now_ms - answer.made_ms) / 1000));
    calendar_format_ms(answer.made_ms, made);
    if (service->instant_ms == 0) reply_header(reply, "X-As-Of", arena_copy(request->arena, made));
    if (answer.is_behind) reply_header(reply, "X-Newer-Coming", "true");
    return true;
}

static bool is_large(const struct workers *workers)
{
    struct service *service = workers->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is = live_n_identities(service->live) >= workers->large_shop;
    (void)pthread_rwlock_unlock(&service->lock);
    return is;
}

/* Handles a request of a route whose answers are kept, and keeps this one. */
static enum handling handle_and_keep(struct workers *workers, struct request *request, struct reply *reply,
                                     enum handling (*handle)(struct request *, struct reply *))
{
    const struct clock *clock = &request->service->options.clock;
    struct text key = key_of(request);      /* as it is before: who is erased meanwhile may be in the answer */
    int64_t begun_ms = clock_now_ms(clock);
    uint64_t acts = atomic_load(&request->service->n_acts);
    enum handling handling = handle(request, reply);
    bool is_text = handling == HANDLED && reply->status == 200 && !reply->read && reply->content_type &&
                   strcmp(reply->content_type, "application/json") == 0;
    if (is_text && is_large(workers))
        kept_put(workers->kept, key, reply->body, clock_now_ms(clock) - begun_ms, clock_now_ms(clock),
                 request->route->keeps == ROUTE_KEEPS_TILL_ACT, acts);
    else kept_drop(workers->kept, key);
    return handling;
}

static enum handling handle_work(struct workers *workers, const struct work *work)
{
    struct request *request = work->request;
    if (!request->route || request->route->keeps == ROUTE_KEEPS_NOTHING) return work->handle(request, work->reply);
    return handle_and_keep(workers, request, work->reply, work->handle);
}

/* A question of nobody's, with these rights. */
static struct request question(struct workers *workers, unsigned rights, struct text path, const char *query,
                               struct arena *arena)
{
    const char *allow;
    struct request request = { .method = "GET", .id = "kept", .address = "", .arena = arena, .body = { "", 0 },
                               .path = path, .query = text_of(query), .grant.rights = rights,
                               .service = workers->service, .server = workers->server };
    request.received_ms = clock_now_ms(&request.service->options.clock);
    request.route = route_find("GET", path, arena, request.params, &allow);
    return request;
}

/* Asks again what a key tells. */
static void renew(struct workers *workers, struct text key, struct arena *arena)
{
    const char *path = memchr(key.at, '/', key.length), *query = path ? strchr(path, '?') : NULL;
    struct reply reply = { .status = 200, .content_type = "application/json" };
    if (!query) return;
    struct request request = question(workers, (unsigned)strtoul(key.at, NULL, 16),
                                      (struct text){ path, (size_t)(query - path) }, query + 1, arena);
    bool is_same = request.route && text_equal(key_of(&request), key);      /* not: as of another instant, or erased */
    if (is_same) (void)handle_and_keep(workers, &request, &reply, request.route->handle);
    else kept_drop(workers->kept, key);
}

static void ask_first(struct workers *workers, const char *path, const char *query, struct arena *arena)
{
    struct reply reply = { .status = 200, .content_type = "application/json" };
    struct request request = question(workers, ~0u, text_of(path), query, arena);
    if (request.route) (void)handle_and_keep(workers, &request, &reply, request.route->handle);
}

/* What lists the names of such a question; NULL if it does not answer.  The caller's to give back. */
static json_t *names_of(struct workers *workers, const struct first_ask *ask, struct arena *arena)
{
    struct reply reply = { .status = 200, .content_type = "application/json" };
    struct text path = { ask->path, strlen(ask->path) - 1 };
    struct request request = question(workers, ~0u, path, "", arena);
    if (!request.route || request.route->handle(&request, &reply) != HANDLED || reply.status != 200) return NULL;
    return json_loadb(reply.body.at, reply.body.length, 0, NULL);
}

static bool is_stopping(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    bool is = workers->is_stopping;
    pthread_mutex_unlock(&workers->mutex);
    return is;
}

/* Works out what pages ask first, so that nobody waits for it.  A name that would have to be written otherwise in an
 * address is left to who asks. */
static void get_ready(struct workers *workers, struct arena *arena)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    for (size_t i = 0; i < sizeof first_asks / sizeof first_asks[0] && !is_stopping(workers); i++) {
        const struct first_ask *ask = &first_asks[i];
        arena_reset(arena);
        if (!ask->list) {
            ask_first(workers, ask->path, ask->query, arena);
            continue;
        }
        json_t *names = names_of(workers, ask, arena), *one;
        size_t k;
        json_array_foreach(json_object_get(names, ask->list), k, one) {
            json_t *name = json_object_get(one, ask->name);
            const char *word = json_is_integer(name) ? arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(name))
                                                     : json_string_value(name);
            if (k >= NAMES_MOST || is_stopping(workers)) break;
            if (word && strspn(word, plain) == strlen(word))
                ask_first(workers, arena_format(arena, "%s%s%s", ask->path, word, ask->after), ask->query, arena);
        }
        json_decref(names);
    }
}

static void *work_renewer(void *context)
{
    struct workers *workers = context;
    const struct clock *clock = &workers->service->options.clock;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    parallel_give_way();
    pthread_mutex_lock(&workers->mutex);
    while (!workers->is_stopping) {
        struct timespec until;
        struct text key;
        pthread_mutex_unlock(&workers->mutex);
        arena_reset(arena);
        int64_t instant_ms = workers->service->instant_ms;
        if (workers->ready_ms != instant_ms && is_large(workers)) {
            get_ready(workers, arena);
            workers->ready_ms = instant_ms;
        }
        bool is_due = kept_due(workers->kept, atomic_load(&workers->service->n_acts), clock_now_ms(clock), arena, &key);
        if (is_due) renew(workers, key, arena);
        pthread_mutex_lock(&workers->mutex);
        if (is_due || workers->is_stopping) continue;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        (void)pthread_cond_timedwait(&workers->stopping, &workers->mutex, &until);
    }
    pthread_mutex_unlock(&workers->mutex);
    arena_free(arena);
    return NULL;
}

/* ---- what waits ---- */

static size_t n_running(const struct workers *workers, const struct route *route)
{
    size_t n = 0;
    for (size_t i = 0; i < WORKERS_THREADS; i++) n += workers->running[i] == route;
    return n;
}

/* Takes the first that may run; with the mutex. */
static bool take_first(struct workers *workers, struct work *ret_work)
{
    for (size_t i = 0; i < workers->n_waiting; i++) {
        if (n_running(workers, workers->waiting[i].request->route) >= THREADS_OF_ROUTE) continue;
        *ret_work = workers->waiting[i];
        workers->n_waiting--;
        memmove(workers->waiting + i, workers->waiting + i + 1,
                (workers->n_waiting - i) * sizeof workers->waiting[0]);
        return true;
    }
    return false;
}

static void *work(void *context)
{
    struct workers *workers = context;
    struct work work;
    parallel_give_way();
    pthread_mutex_lock(&workers->mutex);
    const struct route **mine = &workers->running[workers->n_begun++];
    for (;;) {
        while (!take_first(workers, &work)) {
            if (workers->is_stopping && workers->n_waiting == 0) {
                pthread_mutex_unlock(&workers->mutex);
                return NULL;
            }
            pthread_cond_wait(&workers->changed, &workers->mutex);
        }
        *mine = work.request->route;
        pthread_mutex_unlock(&workers->mutex);
        if (handle_work(workers, &work) == HANDLED) request_resume(work.request);
        pthread_mutex_lock(&workers->mutex);
        *mine = NULL;
        pthread_cond_broadcast(&workers->changed);
    }
}

bool workers_start(struct service *service, struct server *server, size_t large_shop, struct workers **ret_workers,
                   struct err *err)
{
    struct workers *workers = memory_new(1, sizeof *workers);
    workers->service = service, workers->server = server;
    workers->large_shop = large_shop;
    workers->ready_ms = NEVER;
    workers->kept = kept_new();
    pthread_cond_init(&workers->stopping, NULL);
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->changed, NULL);
    while (workers->n_threads < WORKERS_THREADS &&
           pthread_create(&workers->threads[workers->n_threads], NULL, work, workers) == 0)
        workers->n_threads++;
    workers->has_renewer = pthread_create(&workers->renewer, NULL, work_renewer, workers) == 0;
    if (workers->n_threads < WORKERS_THREADS || !workers->has_renewer) {
        workers_stop(workers);
        return err_set(err, ERR_IO, "no more threads");
    }
    *ret_workers = workers;
    return true;
}

enum handling workers_take(struct workers *workers, struct request *request, struct reply *reply,
                           enum handling (*handle)(struct request *request, struct reply *reply))
{
    struct err err;
    size_t n_of_route = 0;
    pthread_mutex_lock(&workers->mutex);
    for (size_t i = 0; i < workers->n_waiting; i++)
        n_of_route += workers->waiting[i].request->route == request->route;
    bool has_room = workers->n_waiting < WORKERS_WAITING_MOST && n_of_route < WAITING_OF_ROUTE;
    if (has_room) {
        workers->waiting[workers->n_waiting++] = (struct work){ request, reply, handle };
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->mutex);
    if (has_room) return HANDLED_LATER;
    err_set(&err, ERR_BUSY, "too many ask for something that takes long; try again in a second");
    return reply_error(request, reply, &err, NULL);
}

size_t workers_n_kept(struct workers *workers) { return kept_n(workers->kept); }

size_t workers_n_waiting(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    size_t n = workers->n_waiting;
    pthread_mutex_unlock(&workers->mutex);
    return n;
}

void workers_stop(struct workers *workers)
{
    if (!workers) return;
    pthread_mutex_lock(&workers->mutex);
    workers->is_stopping = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_cond_broadcast(&workers->stopping);
    pthread_mutex_unlock(&workers->mutex);
    for (size_t i = 0; i < workers->n_threads; i++) pthread_join(workers->threads[i], NULL);
    if (workers->has_renewer) pthread_join(workers->renewer, NULL);
    pthread_cond_destroy(&workers->changed);
    pthread_cond_destroy(&workers->stopping);
    kept_free(workers->kept);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}
