/* question_internal.h - what question.c decides for question_yaml.c. */
#ifndef FEATURE_QUESTION_INTERNAL_H
#define FEATURE_QUESTION_INTERNAL_H

#include "feature/question.h"
#include "feature/survey.h"

/* A horizon is one of these days, and a history holds so many of it. */
enum { QUESTION_N_HORIZONS = 11, QUESTION_HORIZONS_NEEDED = 3 };
extern const int64_t question_horizons[QUESTION_N_HORIZONS];

/* As question_choose, for a kind already known; options->name is any name. */
bool question_decide(const struct log *log, const struct question_options *options, enum question_kind kind,
                     struct arena *arena, struct question *ret_question, struct err *err) MUST_CHECK;

/* By which events customers leave, of a question of churn that has all else, and what that makes of a horizon nobody asked for:
 * as options->left says, else found (churn_event.h).  Errors: ERR_MISSING no such event; those of log_read. */
bool question_choose_left(const struct log *log, const struct question_options *options, const struct survey *survey,
                          struct arena *arena, struct question *question, struct err *err) MUST_CHECK;

/* Whether a kind of event says what another says already, or nothing of what a customer did: "order_item", "traits". */
bool question_is_no_deed(const char *kind);

/* Whether a label's value is a word for no. */
bool question_says_no(const char *value);

#endif
