/* plan_role.c - see plan_role.h. */
#include "campaign/plan_role.h"

#include "govern/access.h"
#include "store/sql.h"

#include <string.h>

bool plan_role_is(const char *name)
{
    enum access_role role;
    return access_role_named(text_of(name), &role);
}

bool plan_role_check(struct store *store, const char *role, const char *who, struct arena *arena, struct err *err)
{
    struct sql_person_named row = { 0 };
    const char *colon = strchr(who, ':'), *name = colon ? colon + 1 : who;
    if (!sql_person_named(store, text_of(name), &row, err)) return false;
    enum step step = sql_person_named_step(&row, err);
    const char *has = step == STEP_ROW ? arena_format(arena, "%.*s", (int)row.role.length, row.role.at) : NULL;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (has && (strcmp(has, role) == 0 || strcmp(has, access_role_name(ROLE_ADMIN)) == 0)) return true;
    return err_set(err, ERR_REFUSED,
                   "a plan like this needs a yes of the role %s, and %s is %s%s; holdfast access person %s --role "
                   "%s makes them one",
                   role, name, has ? "of the role " : "nobody whom this database knows", has ? has : "", name,
                   role);
}
