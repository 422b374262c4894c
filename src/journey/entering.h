/* entering.h - whether somebody may enter a journey once more.  Pure. */
#ifndef JOURNEY_ENTERING_H
#define JOURNEY_ENTERING_H

#include "journey/contact.h"
#include "journey/journey.h"

/* Of the entries of this person, or, where the trigger has a key, of this person by the same key. */
struct entering_facts {
    bool    is_inside;          /* one is not over */
    bool    has_entered;
    int64_t last_ms;            /* when the last of them began */
};

bool entering_is_allowed(const struct journey *journey, const struct entering_facts *facts,
                         const struct zone *zone, int64_t now_ms);

/* What keeps everybody else from entering on a day, by the file's at_most: RULE_CAP, or RULE_NONE.  n_today: have. */
enum contact_rule entering_full(const struct journey *journey, int64_t n_today, const struct spending *spending,
                                int64_t day);

/* An event that arrived so long after it happened starts nothing. */
#define ENTERING_OLDEST_MS MS_PER_DAY

/* A number in [0, 1) that this person has at this step of the journey for good: whoever comes by again goes the
 * same way.  salt: the database's. */
double entering_chance(const char *journey, const char *step, struct text person, uint64_t salt);

#endif
