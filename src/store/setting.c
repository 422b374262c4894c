/* setting.c - see setting.h. */
#include "store/setting.h"

#include <stdlib.h>
#include <string.h>

bool setting_get(struct store *store, const char *name, char **ret_text, struct err *err)
{
    struct cursor *cursor;
    const struct value arg = value_text(name);
    if (!store_query(store, "setting_get", &arg, 1, &cursor, err)) return false;
    enum step step = cursor_step(cursor, err);
    char *text = step == STEP_ROW ? strdup(cursor_text(cursor, 0)) : NULL;
    if (step == STEP_ROW && !text) abort();     /* as an arena does */
    cursor_close(cursor);
    if (step == STEP_FAIL) return false;
    *ret_text = text;
    return true;
}

bool setting_put(struct store *store, const char *name, const char *text, struct err *err)
{
    const struct value args[] = { value_text(name), value_text(text) };
    return store_run(store, "setting_put", args, 2, err);
}
