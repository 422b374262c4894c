/* assigning.h - experiments in force: who gets which arm of one, and when they could first feel it.
 *
 * The unit is the customer, by the identity seen first, so that identify and merge change nobody's arm.  When
 * people of different arms turn out to be one, the earlier arm rules and the person counts as mixed. */
#ifndef ENGINE_ASSIGNING_H
#define ENGINE_ASSIGNING_H

#include "base/arena.h"
#include "customer/identity.h"
#include "decide/holdout.h"
#include "experiment/design.h"

#include <jansson.h>

struct service;

/* What is known where: of a server its own, of a command its own connection.  service may be NULL: then a
 * condition `who` cannot be asked. */
struct assigning {
    struct store            *store;
    const struct log        *log;
    const struct identities *identities;
    struct holdout           holdout;
    struct service          *service;
};

struct experiment_record { int64_t started_ms, stopped_ms; };   /* INT64_MAX: it runs */

/* The experiment of a name.  Errors: ERR_MISSING there is none (names close ones); those of the store. */
bool experiment_find(struct store *store, const char *name, struct arena *arena, struct design *ret_design,
                     struct experiment_record *ret_record, const struct yaml_node **ret_root,
                     struct err *err) MUST_CHECK;

struct assigned_arm {
    const char   *experiment, *asked;       /* the id that was asked about */
    const char   *unit, *arm;               /* what was hashed; arm NULL: none */
    uint32_t      identity;                 /* the customer's first; 0: nobody is known by the id */
    struct assigned assigned;
};

/* Which arm somebody has at an instant.  Takes the service's lock for reading.  Errors: ERR_REFUSED `who` needs a
 * service; those of conditions_hold and of the store. */
bool assignment_make(const struct assigning *where, const struct design *design,
                     const struct experiment_record *record, const char *id, int64_t at_ms, struct arena *arena,
                     struct assigned_arm *ret_assignment, struct err *err) MUST_CHECK;

/* {"experiment", "unit", "arm", "bucket", "reason"}: the caller's to json_decref. */
json_t *assignment_json(const struct assigned_arm *assignment);

/* All experiments, the newest first, with how many were exposed; an array.  Of those that run also which share takes part now,
 * and their ramp. */
bool experiments_json(struct store *store, int64_t now_ms, json_t **ret_list, struct err *err) MUST_CHECK;

/* In the caller's transaction: that they have this arm, and that they could feel it now (how: "call").  Of
 * somebody without an arm, or of whom nothing is known, nothing. */
bool assignment_expose(struct store *store, const struct assigned_arm *assignment, int64_t at_ms, const char *how,
                       struct err *err) MUST_CHECK;

#endif
