/* measuring.h - what an experiment in force showed: exposures and the log as an analysis (experiment/analysis.h).
 *
 * Each person counts from their own exposure, for the metric's window; whoever has not had a whole window yet is
 * left out of the metric, and that is said.  Amounts are in units of money. */
#ifndef ENGINE_MEASURING_H
#define ENGINE_MEASURING_H

#include "engine/assigning.h"
#include "experiment/analysis.h"
#include "table/costs.h"

struct measuring_options {
    int64_t             as_of_ms;
    const struct costs *costs;
    double              alpha, tuning;
    bool is_watched; /* the verdict rests on the always-valid interval although it is past its end */
    enum correction     correction;
    double              looks[ANALYSIS_LOOKS_MOST];
    size_t              n_looks;
    uint64_t            seed;
};

/* The analysis as "experiment analyse --json".  Not beside a server's writer: where->log must stand still or be
 * locked. Errors: ERR_REFUSED nobody was exposed, or too few; those of log_read and of the store. */
bool measuring_run(const struct assigning *where, const struct design *design,
                   const struct experiment_record *record, const struct measuring_options *options,
                   struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* Whether a guardrail is to stop it now, and in which words; those of measuring_run, though no window is over yet.
 */
bool measuring_guard(const struct assigning *where, const struct design *design,
                     const struct measuring_options *options, struct arena *arena, bool *ret_stops,
                     const char **ret_sentence, struct err *err) MUST_CHECK;

/* The people of an experiment one by one: what each had of the primary metric. */
struct measured_people {
    size_t    n;
    uint32_t *customer;         /* [n] and their first exposure */
    int64_t  *at_ms;
    uint8_t  *arm;
    double   *value;            /* NaN: not the whole window yet, or mixed */
    bool      is_yes_no;
};
bool measuring_each(const struct assigning *where, const struct design *design,
                    const struct measuring_options *options, struct arena *arena,
                    struct measured_people *ret_people, struct err *err) MUST_CHECK;

#endif
