/* question_internal.h - what question.c decides for question_yaml.c. */
#ifndef FEATURE_QUESTION_INTERNAL_H
#define FEATURE_QUESTION_INTERNAL_H

#include "feature/question.h"

/* As question_choose, for a kind already known; options->name is any name. */
bool question_decide(const struct log *log, const struct question_options *options, enum question_kind kind,
                     struct arena *arena, struct question *ret_question, struct err *err) MUST_CHECK;

/* Whether a label's value is a word for no. */
bool question_says_no(const char *value);

#endif
