/* people.h - an opened database as commands that show one person need it: whom an id means, and what is known of
 * them. */
#ifndef COMMAND_PEOPLE_H
#define COMMAND_PEOPLE_H

#include "cli/command.h"
#include "engine/known.h"
#include "log/log.h"
#include "store/store.h"

struct people {
    struct store      *store;
    struct log        *log;
    struct profiles   *profiles;        /* NULL: there is no key file, and so no personal field */
    struct identities *identities;
    struct live       *live;
};

/* To be closed whatever this returns.  Errors: those of command_database and of what is opened. */
bool people_open(struct invocation *invocation, struct people *ret_people, struct err *err) MUST_CHECK;
void people_close(struct people *people);

/* By id or e-mail address; known is the caller's (engine/known.h).  Errors: ERR_MISSING nobody is known by it. */
bool people_find(const struct people *people, const char *id, struct arena *arena, uint32_t *ret_customer,
                 json_t **ret_known, struct err *err) MUST_CHECK;

#endif
