/* taking.c - the service's own parts in the commit: what is live follows it, and what falls due without one. */
#include "engine/service_internal.h"

#include "base/memory.h"
#include "hub/ingest.h"
#include "hub/stream.h"
#include "live/live.h"
#include "live/refresh.h"
#include "live/renewal.h"

#include <stdlib.h>

/* So few events are replayed at once, sooner than another thread is woken. */
enum { APPLY_SLICE = 256, RETRY_MS = 1000, REPLAYED_AT_ONCE = 10000 };

/* ---- parts in the commit (hub/participant.h) ---- */

static void touch_linked(struct service *service, const struct taken *taken)
{
    for (size_t i = 0; i < taken->n_links; i++) {
        const uint32_t ends[] = { taken->links[i].a, taken->links[i].b };
        (void)pthread_rwlock_wrlock(&service->lock);
        live_touch(service->live, ends[0]);
        live_touch(service->live, ends[1]);
        (void)pthread_rwlock_unlock(&service->lock);
        if (atomic_load(&service->is_refreshing)) refresh_touch(service->refresh, ends, 2);
    }
}

/* States and memberships are of one room: what is folded is checked, and nobody else checks until it is committed.
 */
static bool fold_and_check(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct service *service = context;
    const struct events *events = taken->events;
    (void)segment_check_enter(service->check, NULL);
    service->is_in_check = true;
    (void)pthread_rwlock_wrlock(&service->lock);
    live_begin(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    for (size_t from = 0; from < events->n; from += APPLY_SLICE) {
        size_t to = from + APPLY_SLICE < events->n ? from + APPLY_SLICE : events->n;
        (void)pthread_rwlock_wrlock(&service->lock);
        live_apply(service->live, events, from, to, taken->received_ms);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = live_correct(service->live, events, taken->received_ms, err);
    live_due(service->live, taken->received_ms);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && segment_check_take(service->check, store, taken, err);
}

static void leave_check(struct service *service)
{
    if (service->is_in_check) segment_check_leave(service->check);
    service->is_in_check = false;
}

static bool unfold(void *context, bool is_all, struct err *err)
{
    struct service *service = context;
    if (service->is_in_check) segment_check_undo(service->check);
    (void)pthread_rwlock_wrlock(&service->lock);
    bool is_back = live_undo(service->live) && !is_all;
    (void)pthread_rwlock_unlock(&service->lock);
    service->n_blanked = 0;
    bool ok = is_back || live_reload(service->live, service->store, clock_now_ms(&service->options.clock),
                                     service->options.n_threads, &service->lock, err);
    leave_check(service);
    return ok;
}

/* Of somebody erased nothing may stay in what is folded, nor come back with states that are being made. */
static void forget_blanked(struct service *service, int64_t now_ms)
{
    struct err err;
    bool ok = true;
    if (service->n_blanked > 0) renewal_spoil(service->renewal);
    for (size_t i = 0; i < service->n_blanked; i++) {
        (void)pthread_rwlock_wrlock(&service->lock);
        ok &= live_blank(service->live, service->blanked[i], now_ms, &err);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    if (service->n_blanked > 0) service_erased(service);
    service->n_blanked = 0;
    if (!ok) renewal_ask(service->renewal);
}

/* A generated set that lacks what came since: features anew. */
static void renew_if_stale(struct service *service)
{
    struct err ignored;
    struct log_totals totals;       /* an import may have brought more than what is live */
    if (!live_is_stale(service->live) || !log_totals(service->log, &totals, &ignored)) return;
    if (totals.n_events > REPLAYED_AT_ONCE) (void)renewal_ask_if_idle(service->renewal);
    else (void)!live_reload(service->live, service->store, clock_now_ms(&service->options.clock),
                            service->options.n_threads, &service->lock, &ignored);
}

static void have_folded_group(void *context, const struct taken *taken)
{
    struct service *service = context;
    (void)pthread_rwlock_wrlock(&service->lock);
    live_end(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    segment_check_committed(service->check);
    leave_check(service);
    touch_linked(service, taken);
    int64_t due_ms = live_next_due_ms(service->live);       /* which only this thread changes */
    if (due_ms != NEVER_MS) alarm_by(service->later_events, due_ms);
    forget_blanked(service, taken->received_ms);
    renew_if_stale(service);
}

static uint64_t digest_live(void *context)
{
    struct service *service = context;
    return live_digest(service->live);
}

static uint64_t digest_memberships(void *context)
{
    return memberships_digest(((struct service *)context)->memberships);
}

static void tell_stream(void *context, const struct taken *taken)
{
    struct service *service = context;
    const struct events *events = taken->events;
    for (size_t i = 0; i < events->n && stream_has_readers(service->stream); i++) {
        (void)pthread_rwlock_rdlock(&service->lock);
        struct text who = log_name(service->log, DICTIONARY_IDENTITY,
                                   identities_customer(service->identities, events->identity[i]));
        struct text kind = log_name(service->log, DICTIONARY_KIND, events->kind[i]);
        json_t *json = json_pack("{s:s%, s:s%, s:I, s:I}", "customer", who.at, who.length, "kind", kind.at,
                                 kind.length, "time_ms", (json_int_t)events->time_ms[i], "received_ms",
                                 (json_int_t)events->received_ms[i]);
        (void)pthread_rwlock_unlock(&service->lock);
        if (json && events->amount_cents && events->amount_cents[i])
            json_object_set_new(json, "amount_cents", json_integer(events->amount_cents[i]));
        char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
        if (line) stream_put(service->stream, "event", text_of(line));
        free(line);
        json_decref(json);
    }
}

static void wake_refresh(void *context, const struct taken *taken)
{
    struct service *service = context;
    (void)taken;
    if (atomic_load(&service->is_refreshing)) refresh_wake(service->refresh);
}

void service_blanked(void *context, uint32_t identity)
{
    struct service *service = context;
    if (service->n_blanked == service->blanked_room) {
        service->blanked_room = 2 * service->blanked_room + 16;
        service->blanked = memory_grow(service->blanked, service->blanked_room, sizeof *service->blanked);
    }
    service->blanked[service->n_blanked++] = identity;
}

struct participant service_live_part(struct service *service)
{
    return (struct participant){ .name = "live", .take = fold_and_check, .undo = unfold, .committed = have_folded_group,
                                 .digest = digest_live, .context = service };
}

struct participant service_memberships_part(struct service *service)
{
    return (struct participant){ .name = "memberships", .digest = digest_memberships, .context = service };
}

struct participant service_stream_part(struct service *service)
{
    return (struct participant){ .name = "stream", .committed = tell_stream, .context = service };
}

struct participant service_refresh_part(struct service *service)
{
    return (struct participant){ .name = "refresh", .committed = wake_refresh, .context = service };
}

/* ---- what falls due ---- */

bool service_do_nothing(struct store *store, void *context, struct err *err)
{
    (void)store, (void)context, (void)err;
    return true;
}

static void have_folded(void *context, const struct err *result)
{
    struct service *service = context;
    (void)pthread_rwlock_rdlock(&service->lock);
    int64_t due_ms = live_next_due_ms(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    int64_t now_ms = clock_now_ms(&service->options.clock);
    alarm_set(service->later_events, result->code == ERR_NONE || due_ms > now_ms ? due_ms : now_ms + RETRY_MS);
}

/* Events whose time has come are folded after the commit of any group, one of nothing too. */
void service_fold_later_events(void *context)
{
    struct service *service = context;
    struct err busy;
    if (!ingest_run_later(service->ingest, service_do_nothing, service, have_folded, &busy)) have_folded(service, &busy);
}
