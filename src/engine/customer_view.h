/* customer_view.h - all that is known of one customer, as JSON: what a person looks at before they act. */
#ifndef ENGINE_CUSTOMER_VIEW_H
#define ENGINE_CUSTOMER_VIEW_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

struct service;

struct customer_view_options {
    int64_t  as_of_ms;          /* now */
    bool     has_personal;      /* personal members in clear; else only their names */
    size_t   n_timeline;        /* the latest events, at most so many; 0: none */
    size_t   n_decisions;
    size_t   n_features;        /* 0: none; else all */
};

/* {customer, identities, first_ms, last_ms, traits, personal, consent, is_suppressed, scores, rfm_group, cluster,
 * stage, reasons, features, segments, timeline, decisions}; a part that is not known is null, with a sentence in
 * `missing` where a person would ask why. The caller owns it.  Errors: those of the store and of log_read. */
bool customer_view(struct service *service, uint32_t customer, const struct customer_view_options *options,
                   struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* Why the question's model thinks what it thinks as of an instant (explanation.h), with the customer's id;
 * question NULL is the main one (live_main_model).  Errors: ERR_REFUSED nothing is trained yet, or nothing is
 * known of the customer (says what is missing); ERR_MISSING the question has no model. */
bool customer_explain(struct service *service, uint32_t customer, const char *question, int64_t as_of_ms,
                      struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* The customer's latest events, newest first, with time_ms < before_ms; at most n. */
bool customer_timeline(struct service *service, uint32_t customer, int64_t before_ms, size_t n,
                       struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

#endif
