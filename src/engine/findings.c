/* findings.c - see findings.h. */
#include "engine/findings.h"

#include <math.h>
#include <string.h>

const char *findings_currency(const struct reading *reading, struct arena *arena)
{
    (void)reading, (void)arena;
    return "";
}

struct quality findings_judge(const struct finding_facts *facts, struct arena *arena)
{
    struct quality quality = { 0 };
    (void)facts, (void)arena;
    return quality;
}
