/* setting.c - see setting.h. */
#include "store/setting.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

bool setting_get(struct store *store, const char *name, char **ret_text, struct err *err)
{
    struct sql_setting_get row;
    if (!sql_setting_get(store, text_of(name), &row, err)) return false;
    enum step step = sql_setting_get_step(&row, err);
    char *text = step == STEP_ROW ? strdup(row.value.at) : NULL;
    if (step == STEP_ROW && !text) abort();     /* as an arena does */
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_text = text;
    return true;
}

bool setting_put(struct store *store, const char *name, const char *text, struct err *err)
{
    return sql_setting_put(store, text_of(name), text_of(text), err);
}

bool setting_file(struct store *store, const char *named, struct arena *arena, struct settings *ret_settings,
                  struct err *err)
{
    char *campaigns = NULL;
    if (!named && !setting_get(store, SETTING_CAMPAIGNS, &campaigns, err)) return false;
    const char *path = settings_path(named, campaigns, store_path(store), arena);
    free(campaigns);
    return settings_read(path, arena, ret_settings, err);
}
