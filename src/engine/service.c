/* service.c - what everybody asks of the service that is open; see service.h. */
#include "engine/service_internal.h"

#include "hub/ingest.h"
#include "hub/outbox.h"
#include "hub/reading_pool.h"
#include "hub/timers.h"
#include "live/live.h"
#include "live/refresh.h"

/* ---- as of when ---- */

/* Who reads or scores next does so as of then. */
void service_take_as_of(struct service *service, const struct as_of *as_of)
{
    (void)pthread_rwlock_wrlock(&service->lock);
    service->as_of = *as_of;
    live_stand(service->live, as_of_stands(as_of), as_of->end_ms);
    (void)pthread_rwlock_unlock(&service->lock);
    service->instant_ms = as_of_instant_ms(as_of, 0);
    timers_hold(service->timers, as_of_is_still(as_of));
    outbox_hold(service->outbox, as_of_is_still(as_of));
}

struct as_of service_as_of(struct service *service)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct as_of as_of = service->as_of;
    (void)pthread_rwlock_unlock(&service->lock);
    return as_of;
}

int64_t service_instant_ms(struct service *service)
{
    int64_t instant_ms = service->instant_ms;
    return instant_ms ? instant_ms : clock_now_ms(&service->options.clock);
}

struct choosing { struct service *service; enum as_of_choice choice; struct as_of as_of; };

/* An import may have moved the end; a choice may have been made. */
static bool choose(struct store *store, void *context, struct err *err)
{
    struct choosing *choosing = context;
    struct service *service = choosing->service;
    return as_of_read(store, service->log, choosing->choice, clock_now_ms(&service->options.clock),
                      &choosing->as_of, err);
}

bool service_choose_as_of(struct service *service, enum as_of_choice choice, const struct writer *writer,
                          struct err *err)
{
    struct choosing choosing = { .service = service, .choice = choice };
    /* One after the other, or who was overtaken between the file and memory would put back what was before. */
    (void)pthread_mutex_lock(&service->choosing);
    struct as_of before = service_as_of(service);
    bool ok = writer ? writer->run(writer->context, choose, &choosing, err)
                     : ingest_run(service->ingest, choose, &choosing, err);
    if (ok) service_take_as_of(service, &choosing.as_of);
    (void)pthread_mutex_unlock(&service->choosing);
    if (!ok) return false;
    if (before.choice != choosing.as_of.choice || before.end_ms != choosing.as_of.end_ms)
        refresh_anew(service->refresh);
    return true;
}

/* ---- what others ask ---- */

void service_act(struct service *service) { atomic_fetch_add(&service->n_acts, 1); }

void service_erased(struct service *service)
{
    service_act(service);
    atomic_fetch_add(&service->n_erasures, 1);
}

bool service_read(struct service *service, struct store **ret_store, struct err *err)
{
    return reading_pool_take(service->readers, ret_store, err);
}

void service_read_done(struct service *service, struct store *store)
{
    reading_pool_give(service->readers, store);
}

bool service_customer(struct service *service, struct text id, uint32_t *ret_customer, struct err *err)
{
    uint32_t identity = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = identity_find(service->log, id, profiles_key(service->profiles), &identity);
    if (is_known) *ret_customer = identities_customer(service->identities, identity);
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known ||
           err_set(err, ERR_MISSING,
                   "nobody is known by this id; a browser's id is written \"anonymous:<id>\", others as "
                   "they are, e-mail addresses too");
}

struct text service_identities(struct service *service, uint32_t customer, struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text list = identities_list(service->identities, customer, arena);
    (void)pthread_rwlock_unlock(&service->lock);
    return list;
}
