/* situation.h - conditions of journeys over what is known of a customer now and the event they entered by.
 *
 * The names are those of segments (live/segment_source.h), and of the event: event.amount, event.item,
 * event.coupon ..., or without `event.` where the customer has no such name.  Not for two threads at once. */
#ifndef ENGINE_SITUATION_H
#define ENGINE_SITUATION_H

#include "base/err.h"
#include "live/segment_source.h"

#include <jansson.h>

struct live;
struct situations;

/* Borrows both; made anew when the source is. */
struct situations *situations_new(const struct segment_source *source, const struct live *live);
void               situations_free(struct situations *situations);      /* NULL is fine */

struct situation {
    uint32_t      customer;
    int64_t       now_ms;
    const json_t *event;            /* what the event said; NULL: there was none */
    const json_t *person;           /* goes before what is known; NULL: nothing does */
    bool          is_unprofiled;    /* they refuse it: no score is read */
    json_t       *facts;            /* gets the values that were looked at; NULL: nobody wants them */
};

/* *ret_lacks_score, if not NULL: a score that it asks for is not known. */
bool situation_holds(struct situations *situations, const char *sql, const struct situation *about,
                     bool *ret_holds, bool *ret_lacks_score, struct err *err) MUST_CHECK;

#endif
