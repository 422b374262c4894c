/* erasing.c - see erasing.h.
 *
 * An erasure has two passes, since events that were received before it are written at the end of its own group:
 * the timer of a request fires for each, the second time in a later transaction. */
#include "govern/erasing.h"
#include "base/memory.h"
#include "store/sql.h"

#include "base/hash.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SCRUB_AGAIN_MS = 1000 };

struct erasing {
    struct erasing_options options;
    struct ingest *ingest;
    struct alarm  *scrub;               /* for while a reader looks at the past */
    atomic_bool    is_scrub_wanted;
};

static struct privacy privacy_of(const struct erasing *erasing, struct store *store)
{
    struct privacy privacy = erasing->options.privacy;
    privacy.store = store;
    return privacy;
}

/* Every erasure that waits has a timer. */
static bool set_timers(struct erasing *erasing, struct store *store, int64_t due_ms, struct err *err)
{
    struct sql_privacy_untimed row;
    enum step step = STEP_FAIL;
    int64_t id = 0;
    do {        /* one at a time: a timer changes what the query looks at */
        if (!sql_privacy_untimed(store, &row, err)) return false;
        step = sql_privacy_untimed_step(&row, err);
        if (step == STEP_ROW) id = row.id;
        cursor_close(row.cursor);
        const struct timer timer = { .due_ms = due_ms, .who = (uint32_t)id };
        if (step == STEP_ROW && !timer_put(erasing->options.timers, store, "privacy", &timer, err)) return false;
    } while (step == STEP_ROW);
    return step == STEP_END;
}

bool erasing_erase(struct erasing *erasing, struct store *store, uint32_t identity, int64_t now_ms,
                   struct erased *ret_erased, struct err *err)
{
    struct privacy privacy = privacy_of(erasing, store);
    if (!privacy_erase(&privacy, identity, now_ms, ret_erased, err) || !set_timers(erasing, store, now_ms, err))
        return false;
    atomic_store(&erasing->is_scrub_wanted, true);
    return true;
}

bool erasing_request(struct erasing *erasing, struct store *store, enum privacy_kind kind, struct text name,
                     int64_t now_ms, const char *source, struct err *err)
{
    struct privacy privacy = privacy_of(erasing, store);
    int64_t id;
    return privacy_request_put(&privacy, kind, name, now_ms, text_of(source), &id, err) &&
           set_timers(erasing, store, now_ms, err);
}

bool erasing_ask(struct erasing *erasing, struct store *store, uint32_t identity, int64_t now_ms, const char *source,
                 struct err *err)
{
    struct privacy privacy = privacy_of(erasing, store);
    int64_t id;
    return privacy_request_put_of(&privacy, PRIVACY_ERASE, identity, now_ms, text_of(source), &id, err) &&
           set_timers(erasing, store, now_ms, err);
}

void erasing_scrub(struct erasing *erasing) { atomic_store(&erasing->is_scrub_wanted, true); }

static bool fire(void *context, struct store *store, const struct timer *timer, int64_t now_ms, struct err *err)
{
    struct erasing *erasing = context;
    struct privacy privacy = privacy_of(erasing, store);
    bool is_left;
    if (!privacy_carry_out(&privacy, timer->who, now_ms, &is_left, err)) return false;
    atomic_store(&erasing->is_scrub_wanted, true);
    return !is_left || set_timers(erasing, store, now_ms, err);
}

struct timer_kind erasing_timer(struct erasing *erasing)
{
    return (struct timer_kind){ .name = "privacy", .fire = fire, .context = erasing, .is_always = true };
}

/* ---- its part in the commit ---- */

static bool take(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct erasing *erasing = context;
    struct privacy privacy = privacy_of(erasing, store);
    int64_t id;
    for (size_t i = 0; i < taken->n_asked; i++) {
        const struct asked *asked = &taken->asked[i];
        if (!privacy_request_put(&privacy, asked->is_erasure ? PRIVACY_ERASE : PRIVACY_EXPORT, asked->name,
                                 taken->received_ms, asked->source, &id, err))
            return false;
    }
    return taken->n_asked == 0 || set_timers(erasing, store, taken->received_ms, err);
}

/* Outside the transaction, on the thread that writes.  A reader that still looks at the past keeps its bytes. */
static void committed(void *context, const struct taken *taken)
{
    struct erasing *erasing = context;
    struct err later;
    (void)taken;
    if (!atomic_load(&erasing->is_scrub_wanted)) return;
    if (privacy_scrub(erasing->options.privacy.store, &later)) atomic_store(&erasing->is_scrub_wanted, false);
    else alarm_by(erasing->scrub, scheduler_now_ms(erasing->options.scheduler) + SCRUB_AGAIN_MS);
}

static uint64_t digest(void *context)
{
    const struct erasing *erasing = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct privacy_request *requests;
    struct err ignored;
    size_t n = 0;
    uint64_t sum = 0;
    if (!privacy_requests(erasing->options.privacy.store, PRIVACY_REQUESTS_USUAL, arena, &requests, &n, &ignored)) n = 0;
    for (size_t i = 0; i < n; i++)
        sum += hash_bytes(requests[i].state, strlen(requests[i].state), (uint64_t)requests[i].id);
    arena_free(arena);
    return sum;
}

struct participant erasing_participant(struct erasing *erasing)
{
    return (struct participant){ .name = "privacy", .take = take, .committed = committed, .digest = digest,
                                 .context = erasing };
}

/* ---- the scrub's next try ---- */

static bool do_nothing(struct store *store, void *context, struct err *err)
{
    (void)store, (void)context, (void)err;
    return true;
}

static void have_tried(void *context, const struct err *result)
{
    struct erasing *erasing = context;
    (void)result;
    alarm_set(erasing->scrub, !atomic_load(&erasing->is_scrub_wanted)
                                  ? NEVER_MS : scheduler_now_ms(erasing->options.scheduler) + SCRUB_AGAIN_MS);
}

/* The commit of a job that does nothing is followed by the next try. */
static void ring(void *context)
{
    struct erasing *erasing = context;
    struct err busy;
    if (!ingest_run_later(erasing->ingest, do_nothing, erasing, have_tried, &busy)) have_tried(erasing, &busy);
}

/* ---- start and end ---- */

struct erasing *erasing_new(const struct erasing_options *options)
{
    struct erasing *erasing = memory_new(1, sizeof *erasing);
    erasing->options = *options;
    erasing->scrub = alarm_new(options->scheduler, "scrub", ring, erasing);
    return erasing;
}

void erasing_free(struct erasing *erasing)
{
    if (!erasing) return;
    alarm_free(erasing->scrub);
    free(erasing);
}

static bool take_up(struct store *store, void *context, struct err *err)
{
    struct erasing *erasing = context;
    return set_timers(erasing, store, ingest_received_ms(erasing->ingest), err);
}

bool erasing_start(struct erasing *erasing, struct ingest *ingest, struct err *err)
{
    erasing->ingest = ingest;
    return ingest_run(ingest, take_up, erasing, err);
}
