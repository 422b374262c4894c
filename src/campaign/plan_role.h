/* plan_role.h - whether who types may say yes to a plan. */
#ifndef CAMPAIGN_PLAN_ROLE_H
#define CAMPAIGN_PLAN_ROLE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

bool plan_role_is(const char *name);

/* Who types ("cli:ann") has the role if the person of that name has it whom holdfast access made; of whom a server
 * knows, known_role is it (else NULL).  An admin has every role.  Errors: ERR_REFUSED, with how they get it. */
bool plan_role_check(struct store *store, const char *role, const char *who, const char *known_role,
                     struct arena *arena, struct err *err) MUST_CHECK;

#endif
