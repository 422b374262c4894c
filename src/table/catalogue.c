/* catalogue.c - see catalogue.h. */
#include "table/catalogue.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"
#include "store/sql.h"
#include "store/store.h"
#include "table/frame.h"
#include "table/probe.h"
#include "table/role.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST_BYTES = 4096 };

/* ---- a file ---- */

struct catalogue_file {
    struct frame frame;
    size_t       item_column;
    const char **keys;          /* [n_columns] what each column is called here */
};

enum what { WHAT_TEXT, WHAT_AMOUNT, WHAT_DATE };

static const struct { const char *name; enum what what;
} known[] = {
    { "title", WHAT_TEXT },          { "category", WHAT_TEXT },     { "price", WHAT_AMOUNT },
    { "cost", WHAT_AMOUNT },         { "url", WHAT_TEXT },          { "stock", WHAT_AMOUNT },
    { "available_from", WHAT_DATE }, { "available_to", WHAT_DATE }, { "image", WHAT_TEXT },
    { "tags", WHAT_TEXT },           { "text", WHAT_TEXT },
};

static bool is_known(const char *key, enum what *ret_what)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, key) == 0) {
            *ret_what = known[i].what;
            return true;
        }
    return false;
}

static bool find_item_column(struct catalogue_file *file, const char *asked, struct arena *arena, struct err *err)
{
    const struct frame *frame = &file->frame;
    int best = 0;
    if (asked) return frame_column(frame, asked, &file->item_column, arena, err);
    for (size_t c = 0; c < frame->n_columns; c++) {
        int score = strcasecmp(frame->names[c], "item") == 0 ? 1000 : role_name_score(ROLE_ITEM, frame->names[c]);
        if (score == 0 && strcasecmp(frame->names[c], "id") == 0) score = 1;
        if (score > best) best = score, file->item_column = c;
    }
    if (best > 0) return true;
    const char *list = frame->names[0];
    for (size_t c = 1; c < frame->n_columns; c++) list = arena_format(arena, "%s, %s", list, frame->names[c]);
    return err_set(err, ERR_INVALID,
                   "%s: no column names the items (looked for item, item_id, product_id, sku); the columns "
                   "are %s: name it with --item COLUMN",
                   frame->path, list);
}

/* Lower-case, so that "Price" is price. */
static const char *key_of(const char *name, struct arena *arena)
{
    char *key = arena_copy(arena, name);
    for (char *c = key; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + ('a' - 'A'));
    return key;
}

static bool check_cell(const struct catalogue_file *file, size_t row, size_t column, struct err *err)
{
    const struct frame *frame = &file->frame;
    struct text cell = frame->cells[row * frame->n_columns + column];
    const char *name = frame->names[column];
    enum what what;
    double number;
    int64_t time_ms;
    if (probe_is_missing(cell) || !is_known(file->keys[column], &what) || what == WHAT_TEXT) return true;
    int shown = (int)(cell.length < 60 ? cell.length : 60);
    if (what == WHAT_DATE)
        return calendar_parse_iso(cell.at, cell.length, &time_ms) ||
               err_set(err, ERR_INVALID,
                       "%s: line %" PRIu64 ", column %s: '%.*s' is no date: write it as 2026-11-27", frame->path,
                       frame->lines[row], name, shown, cell.at);
    if (!number_double(cell, '.', &number) || !isfinite(number))
        return err_set(err, ERR_INVALID,
                       "%s: line %" PRIu64 ", column %s: '%.*s' is no number: write it as 12.50, or "
                       "leave it empty where it is not known",
                       frame->path, frame->lines[row], name, shown, cell.at);
    if (number < 0)
        return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column %s: %.*s is below 0: %s", frame->path,
                       frame->lines[row], name, shown, cell.at,
                       strcmp(file->keys[column], "stock") == 0
                           ? "write 0 where more was sold than is there, or leave it empty where it is not known"
                           : "nothing costs less than nothing; leave it empty where it is not known");
    return true;
}

/* An item's last day is not before its first, else it could never be had. */
static bool check_days(const struct catalogue_file *file, size_t row, struct err *err)
{
    const struct frame *frame = &file->frame;
    int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;
    for (size_t c = 0; c < frame->n_columns; c++) {
        struct text cell = frame->cells[row * frame->n_columns + c];
        if (c == file->item_column || probe_is_missing(cell)) continue;
        if (strcmp(file->keys[c], "available_from") == 0) (void)calendar_parse_iso(cell.at, cell.length, &from_ms);
        if (strcmp(file->keys[c], "available_to") == 0) (void)calendar_parse_iso(cell.at, cell.length, &to_ms);
    }
    return to_ms >= from_ms || err_set(err, ERR_INVALID,
                                       "%s: line %" PRIu64 ": available_to is before available_from: such an item "
                                       "could never be had; exchange them, or leave one empty",
                                       frame->path, frame->lines[row]);
}

static bool check_items(const struct catalogue_file *file, struct err *err)
{
    const struct frame *frame = &file->frame;
    struct hash_map lines = { 0 };
    bool ok = true;
    for (size_t r = 0; ok && r < frame->n_rows; r++) {
        struct text name = frame->cells[r * frame->n_columns + file->item_column];
        if (name.length == 0 || name.length > NAME_MOST_BYTES) {
            ok = err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column %s: %s: every row names its item",
                         frame->path, frame->lines[r], frame->names[file->item_column],
                         name.length ? "it is too long" : "it is empty");
            break;
        }
        uint64_t *line = hash_map_put(&lines, hash_bytes(name.at, name.length, 0));
        if (*line)
            ok = err_set(err, ERR_INVALID,
                         "%s: line %" PRIu64 ": item '%.*s' was on line %" PRIu64 " already: leave one row "
                         "for each item",
                         frame->path, frame->lines[r], (int)(name.length < 60 ? name.length : 60), name.at, *line);
        *line = frame->lines[r];
        for (size_t c = 0; ok && c < frame->n_columns; c++)
            ok = c == file->item_column || check_cell(file, r, c, err);
        ok = ok && check_days(file, r, err);
    }
    hash_map_free(&lines);
    return ok;
}

bool catalogue_read(struct input *input, const char *item_column, struct arena *arena,
                    struct catalogue_file **ret_file, struct err *err)
{
    struct catalogue_file *file = ARENA_NEW(arena, struct catalogue_file);
    if (!frame_read(input, arena, &file->frame, err) || !find_item_column(file, item_column, arena, err))
        return false;
    file->keys = ARENA_ARRAY(arena, const char *, file->frame.n_columns);
    for (size_t c = 0; c < file->frame.n_columns; c++) {
        file->keys[c] = key_of(file->frame.names[c], arena);
        for (size_t b = 0; b < c; b++)
            if (strcmp(file->keys[b], file->keys[c]) == 0)
                return err_set(err, ERR_INVALID, "%s: two columns are called %s: rename one", file->frame.path,
                               file->keys[c]);
    }
    if (!check_items(file, err)) return false;
    *ret_file = file;
    return true;
}

/* ---- keeping ---- */

/* What a row says of its item, over what was known (taken). */
static json_t *facts_of(const struct catalogue_file *file, size_t row, json_t *before)
{
    const struct frame *frame = &file->frame;
    json_t *facts = before ? before : json_object();
    for (size_t c = 0; c < frame->n_columns; c++) {
        struct text cell = frame->cells[row * frame->n_columns + c];
        enum what what = WHAT_TEXT;
        bool is = is_known(file->keys[c], &what);
        double number = 0;
        int64_t time_ms = 0;
        if (c == file->item_column) continue;
        if (probe_is_missing(cell)) {
            json_object_del(facts, file->keys[c]);
            continue;
        }
        bool is_number = is ? what == WHAT_AMOUNT : frame->is_number[c];
        if (what == WHAT_DATE && calendar_parse_iso(cell.at, cell.length, &time_ms))
            json_object_set_new(facts, file->keys[c], json_integer(time_ms));
        else if (is_number && number_double(cell, '.', &number) && isfinite(number))
            json_object_set_new(facts, file->keys[c], json_real(number));
        else {
            json_t *text = json_stringn(cell.at, cell.length);
            if (text) json_object_set_new(facts, file->keys[c], text);
        }
    }
    return facts;
}

static bool put_item(struct store *store, const struct catalogue_file *file, size_t row, int64_t now_ms,
                     struct catalogue_result *result, struct err *err)
{
    const struct frame *frame = &file->frame;
    struct text name = frame->cells[row * frame->n_columns + file->item_column];
    struct sql_item_version_last last;
    json_t *before = NULL;
    char *old = NULL;
    if (!sql_item_version_last(store, name, &last, err)) return false;
    enum step step = sql_item_version_last_step(&last, err);
    if (step == STEP_ROW) {
        old = strndup(last.facts.at, last.facts.length);
        before = old ? json_loads(old, 0, NULL) : NULL;
    }
    cursor_close(last.cursor);
    if (step == STEP_FAIL) return false;
    json_t *facts = facts_of(file, row, before);
    char *text = json_dumps(facts, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    bool is_same = old && text && strcmp(old, text) == 0, ok = true;
    if (is_same) result->n_same++;
    else if (old) result->n_changed++;
    else result->n_new++;
    if (!is_same) ok = sql_item_version_put(store, name, now_ms, text_of(text ? text : "{}"), err);
    free(text);
    free(old);
    json_decref(facts);
    return ok;
}

bool catalogue_put(struct store *store, const struct catalogue_file *file, int64_t now_ms, struct arena *arena,
                   struct catalogue_result *ret_result, struct err *err)
{
    struct catalogue_result result = { .n_rows = file->frame.n_rows, .columns = "" };
    for (size_t r = 0; r < file->frame.n_rows; r++)
        if (!put_item(store, file, r, now_ms, &result, err)) return false;
    for (size_t c = 0; c < file->frame.n_columns; c++)
        if (c != file->item_column)
            result.columns =
                arena_format(arena, "%s%s%s", result.columns, *result.columns ? ", " : "", file->keys[c]);
    *ret_result = result;
    return true;
}
