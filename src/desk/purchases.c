/* purchases.c - see purchases.h. */
#include "desk/purchases.h"

#include "engine/experiments.h"
#include "engine/service.h"

#include <assert.h>
#include <stdlib.h>

static void leave_out(struct purchases *p, const struct log *log, const char *kind)
{
    uint32_t found = 0;
    assert(p->n_not_money < PURCHASE_NOT_MOST);
    if (log_find(log, DICTIONARY_KIND, text_of(kind), &found)) p->not_money[p->n_not_money++] = found;
}

static void find_kinds(struct purchases *p, struct service *service, const char *goal)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    (void)log_find(service->log, DICTIONARY_KIND, text_of(goal), &p->order);
    (void)log_find(service->log, DICTIONARY_KIND, text_of("refund"), &p->refund);
    leave_out(p, service->log, "refund_item");
    leave_out(p, service->log, "refund_test");
    for (int status = 0; status < STATUSES; status++) {
        leave_out(p, service->log, status_item_kind((enum status)status));
        if (!status_is_sale((enum status)status)) leave_out(p, service->log, status_kind((enum status)status));
    }
    (void)pthread_rwlock_unlock(&service->lock);
}

bool purchases_open(struct service *service, struct log_reader *reader, int64_t as_of_ms, struct purchases *ret,
                    struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    *ret = (struct purchases){ .as_of_ms = as_of_ms };
    find_kinds(ret, service, experiments_goal(service, arena));
    for (unsigned partition = 0; ok && ret->order && !ret->is_of_goal && partition < LOG_PARTITIONS; partition++) {
        struct events events;
        arena_reset(arena);
        ok = log_read(reader, partition, LOG_KIND | LOG_AMOUNT, arena, &events, err);
        for (size_t i = 0; ok && i < events.n && !ret->is_of_goal; i++)
            ret->is_of_goal = events.kind[i] == ret->order && events.amount_cents[i] != 0;
    }
    arena_free(arena);
    return ok;
}

static bool is_money(const struct purchases *p, uint32_t kind)
{
    if (kind == p->refund && kind) return true;
    if (p->is_of_goal) return kind == p->order;
    for (size_t i = 0; i < p->n_not_money; i++)
        if (p->not_money[i] == kind) return false;
    return true;
}

bool purchase_of(const struct purchases *p, const struct events *events, size_t i, int64_t *ret_cents)
{
    int64_t cents = events->amount_cents[i];
    if (cents == 0 || events->identity[i] == 0 || !is_money(p, events->kind[i])) return false;
    if (events->time_ms[i] >= p->as_of_ms || events->received_ms[i] >= p->as_of_ms) return false;
    if (events->replaced_ms && events->replaced_ms[i] < p->as_of_ms) return false;
    *ret_cents = events->kind[i] == p->refund && p->refund ? -llabs(cents) : cents;
    return true;
}
