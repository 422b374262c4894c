/* journey_person.h - one person of a file as a database of their own: for a preview.
 *
 * {"id":"ada","traits":{"email":"ada@example.net","timezone":"Europe/Berlin"},"consent":{"offers":true},
 *  "holdout":false,"events":[{"event":"Order Completed","time":"2027-03-27T11:00:00Z"}]} */
#ifndef COMMAND_JOURNEY_PERSON_H
#define COMMAND_JOURNEY_PERSON_H

#include "customer/identity.h"

#include <jansson.h>

struct person_database {
    json_t            *person;          /* as read */
    const char        *id;
    struct store      *store;           /* in memory */
    struct log        *log;
    struct identities *identities;
};

/* from_ms: traits are known before it.  Errors: ERR_MISSING no such file; ERR_INVALID it is not such an object. */
bool person_database_open(const char *path, int64_t from_ms, struct arena *arena,
                          struct person_database *ret_database, struct err *err) MUST_CHECK;
void person_database_close(struct person_database *database);       /* a zeroed one is fine */

#endif
