/* composing.h - the texts of a message from its step, its templates and what is known of the person. */
#ifndef ENGINE_COMPOSING_H
#define ENGINE_COMPOSING_H

#include "base/zone.h"
#include "journey/journey.h"

#include <jansson.h>

struct composed { const char *subject, *html, *text, *body; };      /* NULL: the step has none; in the arena */

struct composing {
    const char        *templates;   /* the folder; NULL: files are left out, other texts are made */
    const json_t      *data;
    const struct zone *zone;
    int64_t            now_ms;
};

/* Errors: ERR_INVALID a template cannot be rendered, or lacks a value; ERR_MISSING a file is not there. */
bool composing_make(const struct composing *composing, const struct journey_step *step, struct arena *arena,
                    struct composed *ret_composed, struct err *err) MUST_CHECK;

/* What a step sets or raises, by name; and the words of its task.  Errors: those of rendering, with what is missing
 * empty; ERR_INVALID more than 16 KiB. */
bool composing_members(const struct composing *composing, const struct journey_step *step, struct arena *arena,
                       json_t **ret_members, struct err *err) MUST_CHECK;
bool composing_task(const struct composing *composing, const struct journey_step *step, struct arena *arena,
                    const char **ret_words, struct err *err) MUST_CHECK;

/* The names [n] in one of a step's texts that have no value in the data.  Errors: those of composing_make but
 * that. */
bool composing_missing(const struct composing *composing, const struct wording *wording, struct arena *arena,
                       const struct text **ret_names, size_t *ret_n, struct err *err) MUST_CHECK;

/* Whether one of a step's templates speaks of something, as "recommendation.": files are looked into, snippets are
 * not. */
bool composing_mentions(const char *templates, const struct journey_step *step, const char *what,
                        struct arena *arena);

/* What templates are told: known is of the person, each other member may be NULL.  recommendation.items is an
 * empty list, which whoever knows better replaces. */
json_t *composing_data(struct text id, const json_t *known, const json_t *event, const json_t *coupon,
                       const char *unsubscribe, const char *preferences);
/* And confirm.<topic>: the link by which somebody confirms that they want to hear of it. */
void composing_add_confirm(json_t *data, const char *topic, const char *url);

#endif
