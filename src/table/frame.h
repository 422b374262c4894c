/* frame.h - a file with a header as columns that commands ask by name or by an SQL expression.
 *
 * For files that are looked at as they are, such as the result of an experiment: nothing is imported.  Everything
 * lives in the arena. */
#ifndef TABLE_FRAME_H
#define TABLE_FRAME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "condition/expression.h"

struct frame {
    const char   *path;
    size_t        n_rows, n_columns;
    const char  **names;            /* [n_columns] */
    struct text  *cells;            /* [n_rows x n_columns], row-major, trimmed */
    uint64_t     *lines;            /* [n_rows] of the file, from 1 */
    bool         *is_number;        /* [n_columns] whatever is not missing is a number */
    char         *decimal;          /* [n_columns] what stands before the decimals of its numbers: '.' or ',' */
};

/* Errors: ERR_MISSING, ERR_INVALID the file cannot be read as separated text with a header, or a line of it (says
 * which); ERR_IO. */
bool frame_open(const char *path, struct progress *progress, struct arena *arena, struct frame *ret_frame,
                struct err *err) MUST_CHECK;

/* The same of a file that is open. */
struct input;
bool frame_read(struct input *input, struct arena *arena, struct frame *ret_frame, struct err *err) MUST_CHECK;

/* The column of a name, in any case.  Errors: ERR_INVALID there is none (names similar ones). */
bool frame_column(const struct frame *frame, const char *name, size_t *ret_column, struct arena *arena,
                  struct err *err) MUST_CHECK;

/* A column's name or an expression over columns: ret_values [n_rows], NaN where it is missing.
 * Errors: ERR_INVALID no such column, no expression, or a cell that is no number (says where). */
bool frame_numbers(const struct frame *frame, const char *expression, struct arena *arena, double **ret_values,
                   struct err *err) MUST_CHECK;

/* Leaves the rows for which a condition holds.  Errors: ERR_INVALID it is none; ERR_REFUSED none is left. */
bool frame_where(struct frame *frame, const char *condition, struct err *err) MUST_CHECK;

/* The different texts of a column: ret_level [n_rows], FRAME_MISSING where it is missing, and their names, sorted.
 * Errors: ERR_INVALID more than most. */
#define FRAME_MISSING UINT32_MAX
struct frame_levels { size_t n; const char **names; uint32_t *of; size_t *counts; };
bool frame_levels(const struct frame *frame, size_t column, size_t most, struct arena *arena,
                  struct frame_levels *ret_levels, struct err *err) MUST_CHECK;

/* The same of what was done to somebody: "None" is one of the things, not a missing cell. */
bool frame_arms(const struct frame *frame, size_t column, size_t most, struct arena *arena,
                struct frame_levels *ret_levels, struct err *err) MUST_CHECK;

/* A hash for each row's text in a column, 0 where it is missing: to see that two rows are of one unit. */
uint64_t *frame_hashes(const struct frame *frame, size_t column, struct arena *arena);

#endif
