/* quality.h - what is odd about a file, in sentences with counts.
 *
 * Counters run over every row; what needs the values themselves (distinct values, outliers, the
 * leak of a label) is judged on a sample, and the sentence says so. */
#ifndef TABLE_QUALITY_H
#define TABLE_QUALITY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_OK, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_PROBLEM };

struct finding {
    enum severity severity;
    const char   *title;        /* "135,080 rows have no customer" */
    const char   *detail;       /* what it means and what to do */
    uint64_t      count;
    double        share;        /* of the rows, 0..1; NAN where it makes no sense */
};

struct quality_column {
    const char *name, *role, *kind, *example;
    double      missing_share;  /* 0..1 over all rows */
    uint64_t    distinct;       /* in the sample */
};

struct quality {
    struct finding        *findings;    /* [n_findings] worst first */
    size_t                 n_findings;
    struct quality_column *columns;     /* [n_columns] in the file's order */
    size_t                 n_columns;
};

/* { "findings": [...], "columns": [...] }; the caller owns it. */
json_t *quality_json(const struct quality *quality);

#endif
