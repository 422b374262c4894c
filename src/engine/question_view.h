/* question_view.h - what is said of everybody by the answers to one question, as the report says it. */
#ifndef ENGINE_QUESTION_VIEW_H
#define ENGINE_QUESTION_VIEW_H

#include "base/err.h"
#include "base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { SPREAD_BARS = 10 };

struct service;

struct question_view {
    bool           is_chance;           /* answers lie between 0 and 1; else only the headline is there */
    size_t         spread[SPREAD_BARS]; /* of the customers asked, those in each tenth from 0 to 1 */
    json_t        *at_risk;             /* as at_risk_json, a reference of the caller's; NULL: it is not about leaving */
    const char    *headline;            /* the report's first sentence, of the answers as they are now */
};

/* Of a question that is scored live.  Takes the lock in slices; in the arena.
 * Errors: ERR_MISSING it has no model in force; those of reading the store. */
bool question_view(struct service *service, const char *question, struct arena *arena, struct question_view *ret_view,
                   struct err *err) MUST_CHECK;

#endif
