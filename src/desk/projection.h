/* projection.h - what the weeks to come bring, by the weeks before.
 *
 * Three simple ways compete: the level of lately goes on, a trend that dies away goes on, last year's season comes
 * again at this year's level.  Each is tried on earlier weeks, knowing only what was known then; the one that was
 * nearest is taken, and its range is as wide as its errors were.
 * Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 2021, sections 5.10, 8.1
 * and 8.2. */
#ifndef DESK_PROJECTION_H
#define DESK_PROJECTION_H

#include <stddef.h>

/* PROJECTION_ORIGINS: earlier weeks from which a way is tried, at least; BEGIN: weeks it needs first. */
enum { PROJECTION_WEEKS_MOST = 26, PROJECTION_BEGIN = 12, PROJECTION_ORIGINS = 8, PROJECTION_CHECKS_MOST = 6 };

enum projection_way { PROJECTION_LEVEL, PROJECTION_TREND, PROJECTION_SEASON, PROJECTION_WAYS };
extern const char *const projection_words[PROJECTION_WAYS];     /* "the level of the last weeks goes on" ... */

struct projected { double value, low, high; };      /* 95 % */

struct projection {
    enum projection_way way;
    size_t              n_weeks;        /* ahead */
    struct projected    weeks[PROJECTION_WEEKS_MOST], total;
    double              error_share;    /* the mean size of a week's error, of the mean week; NaN */
};

/* What would have been said so many weeks ago of as many weeks, and what then came. */
struct projection_check { size_t weeks_ago; struct projected said; double came; };

/* How many weeks must be known to say n ahead. */
size_t projection_least(size_t n_ahead);

/* weeks [n], n >= projection_least(n_ahead), the oldest first; n_ahead 1 to PROJECTION_WEEKS_MOST. */
struct projection projection_make(const double *weeks, size_t n, size_t n_ahead);

/* The newest first, no two of the same weeks; how many there are. */
size_t projection_check(const double *weeks, size_t n, size_t n_ahead,
                        struct projection_check ret_checks[PROJECTION_CHECKS_MOST]);

#endif
