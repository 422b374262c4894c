/* train.h - from a question to a judged model. */
#ifndef LEARN_TRAIN_H
#define LEARN_TRAIN_H

#include "base/progress.h"
#include "base/settings.h"
#include "hub/trained.h"
#include "learn/backtest.h"
#include "learn/rows_source.h"

struct train_options {
    int64_t  as_of_ms;          /* the end of the data: instants are laid back from here */
    int64_t  first_ms;          /* its beginning */
    int64_t  test_at_ms;        /* the held-out instant; INT64_MIN: as late as the horizon allows */
    uint64_t seed;
    unsigned n_threads;
    const char *ignored, *only; /* lists of traits, see struct feature_options; NULL: none */
    double   search_seconds;    /* 0: the whole grid */
    double (*now_seconds)(void);        /* a monotonic clock */
    struct value_terms terms;           /* of the backtest */
    const struct rows_source *rows;     /* NULL: the log's own; else the evidence tells of the sample */
};

struct train_timing { double features_seconds, train_seconds; uint64_t matrix_bytes, state_bytes; };

/* The list of traits that teach nothing: `also`, which may be NULL, and those that the settings protect.  NULL: none. */
bool train_ignored(const struct settings *settings, const char *also, struct arena *arena, const char **ret_list,
                   struct err *err) MUST_CHECK;

/* Builds the matrix at the question's instants, selects, judges and fits again on everything up to
 * as_of_ms; trained_put keeps the result.  Everything but the evidence lives in the arena.
 * Errors: ERR_REFUSED too little data, all labels the same; those of log_read. */
bool train_question(const struct log *log, const struct question *question, const struct train_options *options,
                    struct arena *arena, struct progress *progress, struct trained *ret_trained,
                    struct train_timing *ret_timing, struct err *err) MUST_CHECK;

#endif
