/* uplift_columns.h - which columns of a file were known before a treatment, and they as features. */
#ifndef ANALYSE_UPLIFT_COLUMNS_H
#define ANALYSE_UPLIFT_COLUMNS_H

#include "table/frame.h"

#include <stdint.h>

enum column_use { COLUMN_USED, COLUMN_NOT_ASKED, COLUMN_DROPPED };

struct uplift_columns {
    enum column_use *use;           /* [frame.n_columns] */
    const char     **why;           /* [frame.n_columns] of the dropped, a sentence without its full stop */
    bool             is_imbalanced; /* so many differ between the arms that no lot can have parted them */
    const char      *imbalance;     /* which, for people */
    const char      *doubt;         /* that one left out may have chosen who was treated, a sentence; NULL: none */
};

/* Judges each column that is COLUMN_USED so far.  arm [n_rows] FRAME_MISSING: not in the study; outcome [n_rows].
 * is_randomised: nothing known before can differ between arms but by chance, so what does was moved by them. */
void uplift_columns_judge(const struct frame *frame, const uint32_t *arm, size_t n_arms, const double *outcome,
                          bool is_randomised, struct arena *arena, struct uplift_columns *columns);

/* The used ones as features: numbers as they are, each value of a text as a yes or no. */
struct uplift_feature { const char *column, *level; bool is_text; const char *name; };
struct uplift_features { size_t n; struct uplift_feature *each; const char **names; };
struct uplift_features uplift_features_of(const struct frame *frame, const struct uplift_columns *columns,
                                          struct arena *arena);

/* ret_values [n_rows x features.n], NaN where missing.
 * Errors: ERR_INVALID the frame lacks a column, or has a text where a number is expected. */
bool uplift_features_read(const struct frame *frame, const struct uplift_features *features, struct arena *arena,
                          float **ret_values, struct err *err) MUST_CHECK;

#endif
