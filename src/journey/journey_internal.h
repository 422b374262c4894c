/* journey_internal.h - what the files that read a journey share. */
#ifndef JOURNEY_JOURNEY_INTERNAL_H
#define JOURNEY_JOURNEY_INTERNAL_H

#include "base/yaml.h"
#include "journey/journey.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A journey while it is read. */
struct reading_journey {
    struct arena        *arena;
    struct journey       journey;
    struct journey_step *steps;         /* [JOURNEY_MOST_STEPS] */
    uint32_t            *parent;        /* [JOURNEY_MOST_STEPS] the step that it is inside of */
    struct condition    *conditions;    /* [room_conditions] */
    size_t               room_conditions;
};

/* ---- words (journey_words.c): of a key; what is absent leaves *ret as it is ---- */

/* "30s", "90min", "24h": elapsed; "1d", "2w": days of the local calendar. */
bool words_span(const struct yaml_node *node, const char *key, struct span *ret_span, struct err *err) MUST_CHECK;
/* Days before (negative) or after: a number of days, which `before` and `after` give. */
bool words_shift(const struct yaml_node *node, int64_t *ret_days, struct err *err) MUST_CHECK;
/* "09:00" */
bool words_clock(const struct yaml_node *node, const char *key, int64_t *ret_ms, struct err *err) MUST_CHECK;
/* "mon" or "monday": 0..6 */
bool words_weekday(const struct yaml_node *node, unsigned *ret_day, struct err *err) MUST_CHECK;
/* An id of our own: letters, digits, '_' and '-', at most JOURNEY_NAME_MOST. */
bool words_name(const struct yaml_node *node, const char *what, const char **ret_name, struct err *err) MUST_CHECK;
/* A text that must be there and not be empty. */
bool words_text(const struct yaml_node *node, const char *key, const char **ret_text, struct err *err) MUST_CHECK;

/* ---- parts ---- */

/* A condition's text with event.amount as a name ("event.amount"); in the arena. */
const char *condition_sql(const char *text, struct arena *arena);
/* A condition under a key, checked as far as it can be without knowing what names there are. */
bool read_condition(struct reading_journey *r, const struct yaml_node *node, const char *key,
                    struct condition *ret_condition, struct err *err) MUST_CHECK;
bool read_trigger(struct reading_journey *r, const struct yaml_node *node, struct err *err) MUST_CHECK;
/* {event: order, where: ...} or {segment: lost}; keys [n_keys] may stand beside. */
bool read_happening(struct reading_journey *r, const struct yaml_node *node, struct happening *ret_happening,
                    struct err *err) MUST_CHECK;
bool read_steps(struct reading_journey *r, const struct yaml_node *list, struct err *err) MUST_CHECK;

#endif
