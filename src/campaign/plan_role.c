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

/* NULL: nobody of the name is there. */
static bool role_of(struct store *store, const char *name, struct arena *arena, const char **ret_role, struct err *err)
{
    struct sql_person_named row = { 0 };
    if (!sql_person_named(store, text_of(name), &row, err)) return false;
    enum step step = sql_person_named_step(&row, err);
    if (step == STEP_ROW) *ret_role = arena_format(arena, "%.*s", (int)row.role.length, row.role.at);
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

bool plan_role_check(struct store *store, const char *role, const char *who, const char *known_role,
                     struct arena *arena, struct err *err)
{
    const char *colon = strchr(who, ':'), *name = colon ? colon + 1 : who, *has = known_role;
    if (!known_role && !role_of(store, name, arena, &has, err)) return false;
    if (has && (strcmp(has, role) == 0 || strcmp(has, access_role_name(ROLE_ADMIN)) == 0)) return true;
    return err_set(err, ERR_REFUSED,
                   "a plan like this needs a yes of the role %s, and %s is %s%s; holdfast access person %s --role "
                   "%s makes them one",
                   role, name, has ? "of the role " : "nobody whom this database knows", has ? has : "", name,
                   role);
}
