/* instant.h - times as files write them, in one format per column.
 *
 * Two-digit years are 1970 to 2069.  Without a zone a time is UTC. */
#ifndef CUSTOMER_INSTANT_H
#define CUSTOMER_INSTANT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum instant_order {
    INSTANT_YMD,            /* 2011-09-09, 2011/9/9 */
    INSTANT_MDY,            /* 9/30/2011 */
    INSTANT_DMY,            /* 30.9.2011, 30-09-11 */
    INSTANT_DAY_NAME_YEAR,  /* 30-Sep-2011 */
    INSTANT_COMPACT,        /* 20110930 */
    INSTANT_EPOCH_S, INSTANT_EPOCH_MS
};

struct instant_format {
    enum instant_order order;
    char               separator;       /* between the parts of a date; 0 where there is none */
};

/* Every format there is, as "D.M.Y"; a clock, fractions and a zone may follow a date. */
extern const struct instant_format instant_formats[];
extern const unsigned              n_instant_formats;
const char *instant_name(struct instant_format format);
bool        instant_find(const char *name, struct instant_format *ret_format);     /* any case */

/* Reads one column; remembers the last date, because neighbours often share it. */
struct instant_reader {
    struct instant_format format;
    char    last_date[10];
    bool    has_last;
    int64_t last_day_ms;
};

/* The whole text, trimmed; false if it is not of the reader's format. */
bool instant_read(struct instant_reader *reader, struct text text, int64_t *ret_time_ms);

#endif
