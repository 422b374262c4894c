/* purchases.h - which events of the log are the shop's money, for what is counted over all of it: orders under the
 * name that they have here, and what went back; as GET /v1/kpi counts them.  Lines of an order repeat its amount, and
 * orders that were cancelled, are not paid or were tests brought nothing.
 *
 * Where the goal brings no money, as a visit, it is every amount but those. */
#ifndef DESK_PURCHASES_H
#define DESK_PURCHASES_H

#include "base/arena.h"
#include "base/err.h"
#include "log/log.h"
#include "table/status.h"

struct service;

/* What is read of each event. */
enum { PURCHASE_COLUMNS = LOG_TIME | LOG_RECEIVED | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT | LOG_REPLACED };

/* Lines of refunds, refunds that are tests, and of each status its orders and their lines. */
enum { PURCHASE_NOT_MOST = 2 + 2 * STATUSES };

struct purchases {
    uint32_t order, refund;                 /* DICTIONARY_KIND; 0: there is none */
    bool     is_of_goal;                    /* false: every amount but those of not_money */
    uint32_t not_money[PURCHASE_NOT_MOST];
    size_t   n_not_money;
    int64_t  as_of_ms;
};

/* Reads until the goal's first amount.  Takes the service's lock for reading.  Errors: those of log_read. */
bool purchases_open(struct service *service, struct log_reader *reader, int64_t as_of_ms, struct purchases *ret,
                    struct err *err) MUST_CHECK;

/* False: the event is no money of a customer, or was replaced, or is not known yet.  Cents are below 0 for what went
 * back, and never 0. */
bool purchase_of(const struct purchases *purchases, const struct events *events, size_t i, int64_t *ret_cents);

#endif
