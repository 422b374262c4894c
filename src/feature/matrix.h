/* matrix.h - every asked customer's features as of several instants, in one pass over the log.
 *
 * As of T, features use events received and happened before T and nothing else; labels and amounts use events
 * that happened in [T, T + horizon).
 *
 * An event that a correction replaced (log/correction.h) counts as of instants before the correction was received; of
 * labels only what is in force now is known.
 *
 * Identities that links join (customer/identity.h) are one customer: as of T those that links received before T
 * join, with the states of each merged in ascending order; its row carries the identity that stood for it then.
 * Labels and amounts are of all who are joined now.  Links are read from the log's store; an identity without one
 * costs nothing more. */
#ifndef FEATURE_MATRIX_H
#define FEATURE_MATRIX_H

#include "base/progress.h"
#include "feature/feature_set.h"
#include "feature/question.h"

/* Rows in order of (cutoff, identity), whatever the number of threads. */
struct matrix {
    size_t    n_rows, n_columns;
    float    *values;           /* [n_rows x n_columns] row-major, NaN missing */
    float    *labels;           /* [n_rows] 1 yes, 0 no, NaN unknown; of QUESTION_SPEND the amount in units */
    float    *amounts;          /* [n_rows] amount of goal events in the horizon, in units of the currency */
    uint32_t *identity;         /* [n_rows] */
    uint16_t *cutoff;           /* [n_rows] index into the cutoffs */
};

/* question   who is asked and what is a yes; NULL: every customer with an event, no labels
 * cutoffs_ms [n_cutoffs] ascending, at most 64
 * share      of the customers, the same ones at every cutoff, chosen by their names; 1 for all
 * Labels are NaN where the log ends before the horizon does.
 * Errors: ERR_REFUSED nobody is asked at any cutoff; ERR_INVALID the question's who or target; those of
 * log_read. */
bool matrix_build(const struct log *log, const struct feature_set *set, const struct question *question,
                  const int64_t *cutoffs_ms, size_t n_cutoffs, double share, unsigned n_threads,
                  struct arena *arena, struct matrix *ret_matrix, struct err *err) MUST_CHECK;

/* The same at one instant without labels: who is asked now.  Writes n_rows 0 if nobody is. */
bool matrix_score(const struct log *log, const struct feature_set *set, const struct question *question,
                  int64_t as_of_ms, unsigned n_threads, struct arena *arena, struct matrix *ret_matrix,
                  struct err *err) MUST_CHECK;

/* One customer's row as of an instant, asked or not, named by any of its identities.
 * Errors: ERR_MISSING no event of this customer before as_of_ms. */
bool matrix_customer(const struct log *log, const struct feature_set *set, uint32_t identity, int64_t as_of_ms,
                     struct arena *arena, float **ret_row, struct err *err) MUST_CHECK;

/* Whether the question asks the customer of a row of the set: a goal event of late, by its recency, and who is true.  Errors:
 * ERR_INVALID who names what is no feature. */
bool matrix_row_is_asked(const struct question *question, const struct feature_set *set, const float *row,
                         bool *ret_is_asked, struct err *err) MUST_CHECK;

#endif
