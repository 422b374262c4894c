/* import_record.c - see import_record.h. */
#include "table/import_record.h"
#include "table/reading.h"

#include "base/calendar.h"
#include "customer/encoding.h"
#include "store/sql.h"

#include <string.h>

static const char *utf8_of(const struct reading *reading, struct text text, struct arena *arena)
{
    size_t valid = encoding_valid_utf8(text.at, text.length, true);
    if (reading->probe->is_latin1 || valid != text.length) text = encoding_from_latin1(arena, text);
    else
        while (text.length > 0 && encoding_valid_utf8(text.at, text.length, false) != text.length)
            text.length--;
    char *copy = arena_alloc(arena, text.length + 1, 1);
    for (size_t i = 0; i < text.length; i++) copy[i] = text.at[i] ? text.at[i] : ' ';
    return copy;
}

/* What stays of a reason without the value that it quotes. */
static const char *kind_of_reason(const char *reason)
{
    const char *quote = *reason == '"' ? strrchr(reason, '"') : NULL;
    return quote && quote[1] == ' ' ? quote + 2 : reason;
}

static const char *most_common(const struct reject *rejects, size_t n)
{
    enum { KINDS_MAX = 32 };
    const char *kinds[KINDS_MAX];
    size_t counts[KINDS_MAX] = { 0 }, n_kinds = 0, best = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        const char *kind = kind_of_reason(rejects[i].reason);
        while (k < n_kinds && strcmp(kinds[k], kind) != 0) k++;
        if (k == KINDS_MAX) continue;
        if (k == n_kinds) kinds[n_kinds++] = kind;
        if (++counts[k] > counts[best]) best = k;
    }
    return n > 0 ? kinds[best] : NULL;
}

void import_rejects_gather(const struct reading *reading, struct arena *arena, struct reject **ret_rejects,
                           size_t *ret_n, const char **ret_common_reason)
{
    size_t n = 0;
    for (size_t b = 0; b < reading->n_blocks; b++) n += reading->blocks[b]->n_refused_kept;
    if (n > REJECTS_KEPT_MAX) n = REJECTS_KEPT_MAX;
    struct reject *rejects = ARENA_ARRAY(arena, struct reject, n + 1);
    uint64_t first_line = reading->probe->data_line;
    size_t at = 0;
    for (size_t b = 0; b < reading->n_blocks; b++) {
        const struct block *block = reading->blocks[b];
        for (size_t i = 0; i < block->n_refused_kept && at < n; i++) {
            const struct refused_row *row = &block->refused[i];
            rejects[at++] = (struct reject){
                .line = first_line + row->line,
                .column = row->column >= 0 ? reading->probe->names[row->column] : "",
                .is_fatal = row->is_fatal,
                .reason = utf8_of(reading, text_of(row->reason), arena),
                .raw = utf8_of(reading, row->raw, arena),
            };
        }
        first_line += block->n_lines;
    }
    *ret_rejects = rejects;
    *ret_n = n;
    *ret_common_reason = most_common(rejects, n);
}

static json_t *date_json(int64_t time_ms)
{
    char text[11];
    if (time_ms == 0) return json_null();
    calendar_format_day(calendar_day_of_ms(time_ms), text);
    return json_string(text);
}

json_t *import_json(const struct import_result *result)
{
    json_t *mapping = json_array();
    for (size_t i = 0; i < result->n_mapping; i++) {
        const struct import_mapping *m = &result->mapping[i];
        json_array_append_new(mapping, json_pack("{s:s, s:s, s:s, s:s, s:s}", "column", m->column, "role",
                                                 role_word(m->role), "format", m->format, "why", m->why,
                                                 "flag", m->flag));
    }
    json_t *import =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s, s:s?, s:f, s:o, s:s?}",
                  "source", result->source, "shape", shape_word(result->shape), "dialect", result->dialect,
                  "rows", (json_int_t)result->rows, "accepted", (json_int_t)result->accepted, "rejected",
                  (json_int_t)result->rejected, "repeated", (json_int_t)result->repeated, "no_customer",
                  (json_int_t)result->no_customer, "customers", (json_int_t)result->customers, "events",
                  (json_int_t)result->events, "from", date_json(result->first_ms), "to",
                  date_json(result->last_ms), "currency", result->currency, "target", result->target,
                  "seconds", result->seconds, "mapping", mapping, "format", result->format);
    return json_pack("{s:o, s:o}", "import", import, "quality", quality_json(&result->quality));
}

bool import_record_put(struct store *store, const struct import_result *result, const struct reject *rejects,
                       size_t n_rejects, struct err *err)
{
    json_t *json = import_json(result);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    int64_t id = 0;
    bool ok = sql_import_put(store, text_of(result->source), text_of(shape_word(result->shape)),
                             value_text(result->target), text_of(result->currency), result->first_ms,
                             result->last_ms, (int64_t)result->rejected, text_of(text ? text : "{}"), &id, err);
    free(text);
    for (size_t i = 0; ok && i < n_rejects; i++) {
        const struct reject *r = &rejects[i];
        ok = sql_reject_put(store, id, (int64_t)i + 1, (int64_t)r->line, text_of(r->column), text_of(r->reason),
                            text_of(r->raw), err);
    }
    return ok;
}

bool import_latest(struct store *store, struct arena *arena, struct import_record *ret_record,
                   struct err *err)
{
    struct sql_import_latest row;
    if (!sql_import_latest(store, &row, err)) return false;
    enum step step = sql_import_latest_step(&row, err);
    if (step == STEP_ROW) {
        bool has_target = row.target.kind == VALUE_TEXT;
        struct import_record record = {
            .id = row.id, .source = arena_copy(arena, row.source.at),
            .target = has_target ? arena_copy(arena, row.target.bytes) : NULL,
            .currency = arena_copy(arena, row.currency.at), .first_ms = row.first_ms,
            .last_ms = row.last_ms, .json = arena_copy(arena, row.json.at),
        };
        if (!shape_find(row.shape.at, &record.shape)) {
            step = STEP_FAIL;
            err_set(err, ERR_CORRUPT,
                    "the record of the latest import has the shape '%s', which there is not",
                    row.shape.at);
        } else {
            *ret_record = record;
        }
    } else if (step == STEP_END) {
        err_set(err, ERR_MISSING, "nothing was imported yet; holdfast import FILE does that");
    }
    cursor_close(row.cursor);
    return step == STEP_ROW;
}

bool import_describe(struct store *store, const struct log *log, struct arena *arena,
                     struct import_record *ret_record, int64_t *ret_first_ms, int64_t *ret_as_of_ms,
                     struct err *err)
{
    struct log_totals totals;
    if (!log_totals(log, &totals, err)) return false;
    if (!import_latest(store, arena, ret_record, err)) {
        if (err->code != ERR_MISSING || totals.n_events == 0) return false;
        *ret_record = (struct import_record){ .source = "live events",
                                              .currency = "",
                                              .shape = SHAPE_EVENTS,
                                              .first_ms = totals.first_ms,
                                              .last_ms = totals.last_ms,
                                              .json = "{}" };
    }
    *ret_first_ms = totals.first_ms;
    if (!log_known_until(log, ret_as_of_ms, err)) return false;
    *ret_as_of_ms += 1;
    return true;
}

static bool count_rejects(struct store *store, int64_t *import_id, uint64_t *ret_total, struct err *err)
{
    struct sql_reject_count row;
    if (!sql_reject_count(store, *import_id, &row, err)) return false;
    enum step step = sql_reject_count_step(&row, err);
    if (step == STEP_ROW) *import_id = row.id, *ret_total = (uint64_t)row.n_refused;
    if (step == STEP_END)
        err_set(err, ERR_MISSING, "there is no such import; holdfast import FILE makes one");
    cursor_close(row.cursor);
    return step == STEP_ROW;
}

bool import_rejects(struct store *store, int64_t import_id, uint64_t limit, struct arena *arena,
                    struct reject **ret_rejects, size_t *ret_n, uint64_t *ret_total, struct err *err)
{
    uint64_t total;
    if (!count_rejects(store, &import_id, &total, err)) return false;
    size_t room = limit > 0 && limit < total ? limit
                  : total < REJECTS_KEPT_MAX ? total
                                             : REJECTS_KEPT_MAX,
           n = 0;
    struct reject *rejects = ARENA_ARRAY(arena, struct reject, room + 1);
    struct sql_reject_all row;
    if (!sql_reject_all(store, import_id, (int64_t)room, &row, err)) return false;
    enum step step;
    while ((step = sql_reject_all_step(&row, err)) == STEP_ROW && n < room)
        rejects[n++] = (struct reject){ .line = (uint64_t)row.line,
                                        .column = arena_copy(arena, row.column_name.at),
                                        .reason = arena_copy(arena, row.reason.at),
                                        .raw = arena_copy(arena, row.raw.at) };
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_rejects = rejects;
    *ret_n = n;
    *ret_total = total;
    return true;
}
