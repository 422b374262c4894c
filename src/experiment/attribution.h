/* attribution.h - which channels stood on the way to conversions: rules, Shapley values, an exact Markov chain.
 *
 * None of them says what would have happened without a channel; only an experiment does.  All are exact and
 * without chance.  Sources: Shao & Li (2011); Anderl, Becker, von Wangenheim & Schumann (2016): the removal effect
 * of a channel is the share of conversions that are lost when every step into it ends without one. */
#ifndef EXPERIMENT_ATTRIBUTION_H
#define EXPERIMENT_ATTRIBUTION_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct path_row {
    const uint16_t *touches;        /* [n] channels, in order */
    size_t          n;
    double          conversions, value, nulls;      /* how often it ended so; >= 0 */
};

enum attribution_model { ATTRIBUTION_FIRST, ATTRIBUTION_LAST, ATTRIBUTION_LINEAR, ATTRIBUTION_POSITION,
                         ATTRIBUTION_TIME_DECAY, ATTRIBUTION_SHAPLEY, ATTRIBUTION_MODELS };
extern const char *const attribution_names[ATTRIBUTION_MODELS];        /* "time_decay" */

/* Gives each path's conversions (by_value: value) to its channels: ret_credit [n_channels].
 * first, last: all of it; linear: alike to each touch; position: .4 to the first, .4 to the last, .2 shared by
 * those between, two touches alike; time decay: each touch half of the next; Shapley: alike to each different
 * channel, which is the Shapley value where a set is worth the conversions of the paths within it. */
void attribution_credit(enum attribution_model model, const struct path_row *rows, size_t n_rows,
                        size_t n_channels, bool by_value, double *ret_credit);

/* The chain whose state is the last `order` touches: ret_removal [n_channels], each channel's removal effect.
 * Errors: ERR_REFUSED nothing was converted; ERR_INVALID more than 2 million states. */
bool attribution_markov(const struct path_row *rows, size_t n_rows, size_t n_channels, unsigned order,
                        double *ret_removal, struct err *err) MUST_CHECK;

#endif
