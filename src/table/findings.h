/* findings.h - judges a file that was read: fills a struct quality; see quality.h. */
#ifndef TABLE_FINDINGS_H
#define TABLE_FINDINGS_H

#include "table/building.h"
#include "table/import_result.h"

struct finding_facts {
    const struct probe    *probe;
    const struct mapping  *mapping;
    const struct reading  *reading;
    const struct building *building;
    const struct import_result *result;     /* its counts */
    const char            *common_reason;   /* why most of the refused rows were, or NULL */
};

/* Everything lives in the arena. */
struct quality findings_judge(const struct finding_facts *facts, struct arena *arena);

/* The currency that most rows have, or "" where the file does not say. */
const char *findings_currency(const struct reading *reading, struct arena *arena);

/* The line of the file of what a reading noted as a place (spelling.first). */
unsigned long long findings_line(const struct reading *reading, uint64_t first);

/* Findings as they are made, at most FINDINGS_MAX. */
enum { FINDINGS_MAX = 64 };
struct findings { const struct finding_facts *facts; struct arena *arena; struct quality *quality; };
void findings_add(struct findings *findings, enum severity severity, uint64_t count, double share,
                  const char *title, const char *detail);

/* Those that need values, from the probe: amounts far from the others, columns that give the label
 * of a table away. */
void findings_from_values(struct findings *findings);

#endif
