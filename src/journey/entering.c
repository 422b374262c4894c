/* entering.c - see entering.h. */
#include "journey/entering.h"

#include "base/hash.h"

#include <string.h>

bool entering_is_allowed(const struct journey *journey, const struct entering_facts *facts,
                         const struct zone *zone, int64_t now_ms)
{
    if (facts->is_inside) return false;
    if (!facts->has_entered) return true;
    switch (journey->again) {
    case AGAIN_NEVER: return false;
    case AGAIN_ALWAYS: return true;
    case AGAIN_AFTER: return moment_after(zone, facts->last_ms, journey->again_after) <= now_ms;
    }
    return false;
}

enum contact_rule entering_full(const struct journey *journey, int64_t n_today, const struct spending *spending,
                                int64_t day)
{
    if (journey->most_per_day && n_today >= journey->most_per_day) return RULE_CAP;
    return budget_asked(&journey->budget, spending, day, 0) == BUDGET_LEFT ? RULE_NONE : RULE_CAP;
}

double entering_chance(const char *journey, const char *step, struct text person, uint64_t salt)
{
    const uint64_t parts[] = { salt, hash_bytes(journey, strlen(journey), 1), hash_bytes(step, strlen(step), 2),
                               hash_bytes(person.at, person.length, 3) };
    return (double)(hash_bytes(parts, sizeof parts, 4) >> 11) * 0x1p-53;
}
