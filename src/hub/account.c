/* account.c - see account.h. */
#include "hub/account.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNT_MOST_BYTES = 64 * 1024 };

bool account_get(struct store *store, struct text id, struct arena *arena, struct text *ret_traits,
                 struct err *err)
{
    struct sql_account_get row;
    if (!sql_account_get(store, id, &row, err)) return false;
    enum step step = sql_account_get_step(&row, err);
    if (step == STEP_ROW) *ret_traits = text_of(arena_copy(arena, row.traits.at));
    if (step == STEP_END) err_set(err, ERR_MISSING, "there is no account '%.*s'", (int)id.length, id.at);
    cursor_close(row.cursor);
    return step == STEP_ROW;
}

static void lay_over(json_t *traits, json_t *newer)
{
    const char *name;
    json_t *value;
    json_object_foreach(newer, name, value) {
        if (json_is_null(value)) json_object_del(traits, name);
        else json_object_set(traits, name, value);
    }
}

static bool keep(struct store *store, struct text id, json_t *traits, int64_t received_ms, struct err *err)
{
    char *text = json_dumps(traits, JSON_COMPACT);
    if (!text) return err_set(err, ERR_IO, "out of memory");
    bool ok = strlen(text) <= ACCOUNT_MOST_BYTES ? sql_account_put(store, id, received_ms, text_of(text), err)
                                                 : err_set(err, ERR_INVALID, "the account has too many traits");
    free(text);
    return ok;
}

bool account_put(struct store *store, struct text id, struct text traits, int64_t received_ms, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text known = text_of("{}");
    if (traits.length == 0) traits = text_of("{}");
    bool ok = account_get(store, id, arena, &known, err) || err->code == ERR_MISSING;
    json_t *all = json_loadb(known.at, known.length, 0, NULL),
           *newer = json_loadb(traits.at, traits.length, 0, NULL);
    if (ok && !json_is_object(all)) ok = err_set(err, ERR_CORRUPT, "the traits of an account are not JSON");
    if (ok && !json_is_object(newer)) ok = err_set(err, ERR_INVALID, "the traits of the group are not JSON");
    if (ok) {
        lay_over(all, newer);
        ok = keep(store, id, all, received_ms, err);
    }
    json_decref(all);
    json_decref(newer);
    arena_free(arena);
    return ok;
}
