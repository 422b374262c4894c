/* scenario.h - what a plan brings when its inputs are not known: draws of them, and what each input moves.
 *
 * A draw is of its own stream of chance and its results stand at its own place, so the same seed gives the
 * same bits on any number of threads. */
#ifndef EXPERIMENT_SCENARIO_H
#define EXPERIMENT_SCENARIO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <jansson.h>
#include <stdint.h>

enum { SCENARIO_NAMES_MOST = 200, SCENARIO_PERIODS_MOST = 1000, SCENARIO_DRAWS_MOST = 10 * 1000 * 1000 };

struct scenario;

/* Reads a YAML file: scenario: {inputs, outputs, cash_flows}.  Lives in the arena.
 * Errors: ERR_MISSING, ERR_IO; ERR_INVALID with file, line and column: a name that is none, a distribution with wrong
 * parameters, an expression, a cycle (names it). */
bool scenario_read(const char *path, struct arena *arena, struct scenario **ret_scenario,
                   struct err *err) MUST_CHECK;

/* The same of a text, which has no series: those are files; name: what it is called. */
bool scenario_parse(struct text yaml, const char *name, struct arena *arena, struct scenario **ret_scenario,
                    struct err *err) MUST_CHECK;

/* As "scenario --json".  Errors: ERR_INVALID an output that is no number in some draw (says which). */
bool scenario_run(const struct scenario *scenario, size_t n_draws, uint64_t seed, unsigned n_threads,
                  struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* ---- money over periods, the first of them now ---- */

double net_present_value(const double *flows, size_t n, double discount);
/* The discount at which it is 0; NaN: there is none between -.99 and 1000. */
double internal_rate(const double *flows, size_t n);
/* Periods until the sum is no longer below 0, the last taken in part; NaN: never. */
double payback_periods(const double *flows, size_t n);

#endif
