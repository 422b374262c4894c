/* judged.h - what a model said of everybody as of an instant, beside what then happened. */
#ifndef LEARN_JUDGED_H
#define LEARN_JUDGED_H

#include "feature/matrix.h"
#include "hub/trained.h"
#include "model/metrics.h"

struct judged {
    int64_t       as_of_ms;
    struct matrix rows;                 /* of those asked, whose answer is known by now */
    double       *prediction;           /* [rows.n_rows] */
    bool          is_unseen;            /* nothing of it was there when the model learned */
    struct interval quality;            /* AUC with Hanley and McNeil's 95 % interval; NaN of amounts */
};

/* As of the newest instant whose answers are known at end_ms; of a table all that are known.  In the arena.
 * Errors: ERR_REFUSED nobody's answer is known yet; those of matrix_build. */
bool judged_read(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                 struct arena *arena, struct judged *ret_judged, struct err *err) MUST_CHECK;

/* The AUC that it was chosen by, of people it had not learned from; NaN: not told. */
struct interval judged_when_made(const struct trained *trained);

#endif
