/* instant.h - times as files write them, in one format per column, or two where every row tells which.
 *
 * Two-digit years are 1970 to 2069.  Without a zone a time is UTC. */
#ifndef CUSTOMER_INSTANT_H
#define CUSTOMER_INSTANT_H

#include "base/text.h"
#include "customer/instant_words.h"

#include <stdbool.h>
#include <stdint.h>

enum instant_order {
    INSTANT_YMD,            /* 2011-09-09, 2011/9/9, 2011. 9. 9. */
    INSTANT_SIGNS,          /* 2011年9月9日, 2011년 9월 9일 */
    INSTANT_MONTH,          /* 2011-09, Sep-11: the month's first day */
    INSTANT_WEEK,           /* 2011-W36, 2011-W36-5, 2011W365: ISO 8601's weeks; without a day their Monday */
    INSTANT_MDY,            /* 9/30/2011 */
    INSTANT_DMY,            /* 30.9.2011, 30-09-11 */
    INSTANT_NAMED,          /* 30-Sep-2011, September 30, 2011, 30. September 2011 */
    INSTANT_COMPACT,        /* 20110930, 20110930T082600Z */
    INSTANT_STAMP,          /* 20110930082600, 201109300826 */
    INSTANT_EPOCH_S, INSTANT_EPOCH_MS,          /* also as "/Date(1700000000000)/" */
    INSTANT_EPOCH_US, INSTANT_EPOCH_NS,
    INSTANT_SERIAL,         /* 40816.35: days of a spreadsheet, 1 is 1900-01-01 (and 1900-02-29 was one) */
    INSTANT_PATTERN         /* of strptime */
};

struct instant_format {
    enum instant_order order;
    char               separator;       /* between the parts of a date; 0 where there is none */
    const char        *pattern;         /* of INSTANT_PATTERN; borrowed */
    const struct instant_format *other; /* what this does not read is read by it; NULL: nothing is */
};

/* Every format there is but patterns, as "D.M.Y"; a clock, fractions and a zone may follow a date. */
extern const struct instant_format instant_formats[];
extern const unsigned              n_instant_formats;
const char *instant_name(struct instant_format format);     /* without its other */
/* By name in any case, or a pattern of strptime: "%d.%m.%Y %H:%M", which must outlive the format. */
bool        instant_find(const char *name, struct instant_format *ret_format);
bool        instant_is_number(struct instant_format format);        /* texts that are plain numbers too */

/* Reads one column; remembers the last date, because neighbours often share it. */
struct instant_reader {
    struct instant_format format;
    struct instant_zones  zones;
    char    last_date[10];
    bool    has_last;
    int64_t last_day_ms;
};

/* The whole text, trimmed; false if it is not of the reader's format. */
bool instant_read(struct instant_reader *reader, struct text text, int64_t *ret_time_ms);

#endif
