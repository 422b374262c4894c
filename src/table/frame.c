/* frame.c - see frame.h. */
#include "table/frame.h"

#include "base/memory.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "base/input.h"
#include "base/number.h"
#include "base/similar.h"
#include "table/probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MOST_BYTES ((uint64_t)4 << 30)

/* ---- reading ---- */

static bool read_bytes(const struct input *input, struct arena *arena, const char **ret_bytes, struct err *err)
{
    uint64_t n = input_bytes(input);
    if (n > FILE_MOST_BYTES)
        return err_set(err, ERR_INVALID, "%s: %" PRIu64 " MB are too many to be held at once (most 4096)",
                       input_name(input), n >> 20);
    char *bytes = ARENA_ARRAY(arena, char, n + CSV_PADDING);
    *ret_bytes = bytes;
    return input_read(input, 0, bytes, n, err);
}

/* As UTF-8, and copied where it stands in the reader's own buffer. */
static struct text kept(const struct csv_reader *reader, bool is_latin1, struct text text, struct arena *arena)
{
    text = text_trim(text);
    if (is_latin1) (void)probe_utf8(true, text, arena, &text);
    if (text.at < reader->unquoted || text.at >= reader->unquoted + sizeof reader->unquoted) return text;
    char *copy = ARENA_ARRAY(arena, char, text.length + 1);
    memcpy(copy, text.at, text.length);
    return (struct text){ copy, text.length };
}

struct filling { struct frame *frame; struct arena *arena; size_t room; bool is_latin1; };

static void add_row(struct filling *filling, const struct csv_reader *reader)
{
    struct frame *frame = filling->frame;
    if (frame->n_rows == filling->room) {
        struct text *cells = frame->cells;
        uint64_t *lines = frame->lines;
        size_t room = filling->room = 2 * filling->room + 1024;
        frame->cells = ARENA_ARRAY(filling->arena, struct text, room * frame->n_columns);
        frame->lines = ARENA_ARRAY(filling->arena, uint64_t, room);
        if (frame->n_rows > 0) memcpy(frame->cells, cells, frame->n_rows * frame->n_columns * sizeof *cells);
        if (frame->n_rows > 0) memcpy(frame->lines, lines, frame->n_rows * sizeof *lines);
    }
    struct text *row = &frame->cells[frame->n_rows * frame->n_columns];
    for (size_t c = 0; c < frame->n_columns; c++)
        row[c] = c < reader->n_fields ? kept(reader, filling->is_latin1, reader->fields[c], filling->arena)
                                      : text_of("");
    frame->lines[frame->n_rows++] = reader->row_line;
}

static bool read_rows(const struct input *input, const struct probe *probe, struct arena *arena,
                      struct frame *frame, struct err *err)
{
    struct filling filling = { .frame = frame, .arena = arena, .is_latin1 = probe->is_latin1 };
    struct csv_reader *reader = memory_new(1, sizeof *reader);
    const char *bytes = NULL;
    enum csv_step step = CSV_END;
    bool ok = read_bytes(input, arena, &bytes, err);
    if (ok)
        csv_start(reader, &probe->dialect, bytes + probe->data_at, input_bytes(input) - probe->data_at, true,
                  probe->data_line);
    while (ok && (step = csv_next(reader)) == CSV_ROW) {
        if (reader->n_fields > frame->n_columns)
            ok = err_set(err, ERR_INVALID, "%s: line %" PRIu64 " has %zu fields where the header has %zu",
                         frame->path, reader->row_line, reader->n_fields, frame->n_columns);
        else add_row(&filling, reader);
    }
    if (ok && step == CSV_BAD)
        ok = err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": %s", frame->path, reader->row_line, reader->reason);
    free(reader);
    return ok && (frame->n_rows > 0 || err_set(err, ERR_INVALID, "%s has a header and no rows", frame->path));
}

/* A number, or true and false as 1 and 0. */
static bool number_of(struct text cell, char decimal, double *ret_number)
{
    bool is_true = text_equal_ignoring_case(cell, text_of("true"));
    if (!is_true && !text_equal_ignoring_case(cell, text_of("false")))
        return text_double(cell, decimal, ret_number);
    *ret_number = is_true;
    return true;
}

/* Whether whatever is not missing is a number, with some sign before the decimals; a comma only where a cell says so. */
static bool is_number_with(const struct frame *frame, size_t column, char decimal)
{
    size_t n = 0;
    bool says_comma = false;
    for (size_t r = 0; r < frame->n_rows; r++) {
        struct text cell = frame->cells[r * frame->n_columns + column];
        double number;
        if (probe_is_missing(cell)) continue;
        if (!number_of(cell, decimal, &number)) return false;
        says_comma |= decimal == ',' && number_decimal_vote(cell) > 0;
        n++;
    }
    return n > 0 && (decimal == '.' || says_comma);
}

static void judge_columns(struct frame *frame, struct arena *arena)
{
    frame->is_number = ARENA_ARRAY(arena, bool, frame->n_columns + 1);
    frame->decimal = ARENA_ARRAY(arena, char, frame->n_columns + 1);
    for (size_t c = 0; c < frame->n_columns; c++) {
        bool has_point = is_number_with(frame, c, '.'), has_comma = !has_point && is_number_with(frame, c, ',');
        frame->decimal[c] = has_comma ? ',' : '.';
        frame->is_number[c] = has_point || has_comma;
    }
}

bool frame_read(struct input *input, struct arena *arena, struct frame *ret_frame, struct err *err)
{
    struct probe probe;
    *ret_frame = (struct frame){ .path = arena_copy(arena, input_name(input)) };
    bool ok = probe_take(input, &(struct probe_options){ 0 }, arena, &probe, err);
    if (ok && !probe.has_header)
        ok = err_set(err, ERR_INVALID, "%s has no header line that names its columns: put one in front",
                     ret_frame->path);
    ret_frame->names = ok ? probe.names : NULL;
    ret_frame->n_columns = ok ? probe.n_columns : 0;
    ok = ok && read_rows(input, &probe, arena, ret_frame, err);
    if (ok) judge_columns(ret_frame, arena);
    return ok;
}

bool frame_open(const char *path, struct progress *progress, struct arena *arena, struct frame *ret_frame,
                struct err *err)
{
    struct input *input = NULL;
    if (!input_open(path, progress, &input, err)) return false;
    bool ok = frame_read(input, arena, ret_frame, err);
    input_close(input);
    return ok;
}

/* ---- asking ---- */

static bool find_column(const struct frame *frame, const char *name, size_t *ret_column)
{
    for (size_t c = 0; c < frame->n_columns; c++)
        if (strcasecmp(frame->names[c], name) == 0) {
            *ret_column = c;
            return true;
        }
    return false;
}

bool frame_column(const struct frame *frame, const char *name, size_t *ret_column, struct arena *arena,
                  struct err *err)
{
    if (find_column(frame, name, ret_column)) return true;
    return err_set(err, ERR_INVALID, "%s has no column '%s'%s", frame->path, name,
                   similar_names(name, frame->names, frame->n_columns, arena));
}

/* A word such as "yes" is said how to ask for; what has a digit is a number mistyped. */
static bool say_no_number(const struct frame *frame, size_t row, size_t column, struct err *err)
{
    struct text cell = frame->cells[row * frame->n_columns + column];
    int length = (int)(cell.length < 60 ? cell.length : 60);
    const char *name = frame->names[column];
    bool has_digit = false;
    for (int i = 0; i < length; i++) has_digit |= cell.at[i] >= '0' && cell.at[i] <= '9';
    if (has_digit)
        return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column %s: '%.*s' is no number", frame->path,
                       frame->lines[row], name, length, cell.at);
    return err_set(err, ERR_INVALID,
                   "%s: line %" PRIu64 ", column %s: '%.*s' is no number: an expression says which text counts, "
                   "such as \"%s = '%.*s'\"",
                   frame->path, frame->lines[row], name, length, cell.at, name, length, cell.at);
}

static bool column_numbers(const struct frame *frame, size_t column, double *values, struct err *err)
{
    for (size_t r = 0; r < frame->n_rows; r++) {
        struct text cell = frame->cells[r * frame->n_columns + column];
        values[r] = NAN;
        if (probe_is_missing(cell) || number_of(cell, frame->decimal[column], &values[r])) continue;
        return say_no_number(frame, r, column, err);
    }
    return true;
}

/* What an expression is told of one row. */
struct row { const struct frame *frame; size_t index; };

static struct expression_value value_of(void *context, size_t column)
{
    const struct row *row = context;
    const struct frame *frame = row->frame;
    struct text cell = frame->cells[row->index * frame->n_columns + column];
    struct expression_value value = { .kind = EXPRESSION_IS_NULL };
    if (probe_is_missing(cell)) return value;
    if (frame->is_number[column] && number_of(cell, frame->decimal[column], &value.number)) value.kind = EXPRESSION_IS_NUMBER;
    if (!frame->is_number[column]) value.kind = EXPRESSION_IS_TEXT, value.text = cell;
    return value;
}

static struct expression_column *columns_of(const struct frame *frame, struct arena *arena)
{
    struct expression_column *columns = ARENA_ARRAY(arena, struct expression_column, frame->n_columns + 1);
    for (size_t c = 0; c < frame->n_columns; c++)
        columns[c] = (struct expression_column){ frame->names[c],
                                                 frame->is_number[c] ? EXPRESSION_NUMBER : EXPRESSION_TEXT };
    return columns;
}

bool frame_numbers(const struct frame *frame, const char *expression, struct arena *arena, double **ret_values,
                   struct err *err)
{
    struct expression *compiled;
    size_t column;
    double *values = *ret_values = ARENA_ARRAY(arena, double, frame->n_rows + 1);
    if (find_column(frame, expression, &column)) return column_numbers(frame, column, values, err);
    if (!expression_compile_number(expression, columns_of(frame, arena), frame->n_columns, "column", &compiled,
                                   err))
        return err_context(err, "%s", frame->path);
    bool ok = true;
    for (struct row row = { frame, 0 }; ok && row.index < frame->n_rows; row.index++)
        ok = expression_number(compiled, value_of, &row, &values[row.index], err) ||
             err_context(err, "%s: line %" PRIu64, frame->path, frame->lines[row.index]);
    expression_free(compiled);
    return ok;
}

bool frame_where(struct frame *frame, const char *condition, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct expression *compiled = NULL;
    size_t n = 0, width = frame->n_columns * sizeof *frame->cells;
    bool ok =
        expression_compile_of_file(condition, columns_of(frame, scratch), frame->n_columns, &compiled, err);
    for (struct row row = { frame, 0 }; ok && row.index < frame->n_rows; row.index++) {
        bool is;
        ok = expression_holds(compiled, value_of, &row, &is, err);
        if (!ok || !is) continue;
        memmove(&frame->cells[n * frame->n_columns], &frame->cells[row.index * frame->n_columns], width);
        frame->lines[n++] = frame->lines[row.index];
    }
    expression_free(compiled);
    arena_free(scratch);
    if (!ok) return err_context(err, "%s", frame->path);
    frame->n_rows = n;
    return n > 0 || err_set(err, ERR_REFUSED, "%s: no row is left by --where %s", frame->path, condition);
}

/* ---- levels ---- */

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static uint64_t *hashes_of(const struct frame *frame, size_t column, bool is_none_a_name, struct arena *arena)
{
    uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, frame->n_rows + 1);
    for (size_t r = 0; r < frame->n_rows; r++) {
        struct text cell = frame->cells[r * frame->n_columns + column];
        if (!probe_is_missing(cell) || (is_none_a_name && text_equal(cell, text_of("None"))))
            hashes[r] = hash_bytes(cell.at, cell.length, 0) | 1;
    }
    return hashes;
}

uint64_t *frame_hashes(const struct frame *frame, size_t column, struct arena *arena)
{
    return hashes_of(frame, column, false, arena);
}

/* hashes [rows] 0 where it is missing. */
static bool find_levels(const struct frame *frame, size_t column, const uint64_t *hashes, size_t most,
                        struct arena *arena, struct frame_levels *ret_levels, struct err *err)
{
    struct hash_map met = { 0 };
    const char **names = ARENA_ARRAY(arena, const char *, most + 1);
    size_t n = 0;
    bool ok = true;
    for (size_t r = 0; ok && r < frame->n_rows; r++) {
        struct text cell = frame->cells[r * frame->n_columns + column];
        if (!hashes[r] || hash_map_find(&met, hashes[r])) continue;
        if (n == most)
            ok = err_set(err, ERR_INVALID, "%s: column %s has more than %zu different values", frame->path,
                         frame->names[column], most);
        else names[n++] = arena_format(arena, "%.*s", (int)cell.length, cell.at);
        *hash_map_put(&met, hashes[r]) = 1;
    }
    if (ok) {
        qsort(names, n, sizeof *names, compare_names);
        for (size_t i = 0; i < n; i++) *hash_map_put(&met, hash_bytes(names[i], strlen(names[i]), 0) | 1) = i;
        *ret_levels = (struct frame_levels){ n, names, ARENA_ARRAY(arena, uint32_t, frame->n_rows + 1),
                                             ARENA_ARRAY(arena, size_t, n + 1) };
        for (size_t r = 0; r < frame->n_rows; r++) {
            ret_levels->of[r] = hashes[r] ? (uint32_t)*hash_map_find(&met, hashes[r]) : FRAME_MISSING;
            if (hashes[r]) ret_levels->counts[ret_levels->of[r]]++;
        }
    }
    hash_map_free(&met);
    return ok;
}

bool frame_levels(const struct frame *frame, size_t column, size_t most, struct arena *arena,
                  struct frame_levels *ret_levels, struct err *err)
{
    return find_levels(frame, column, frame_hashes(frame, column, arena), most, arena, ret_levels, err);
}

bool frame_arms(const struct frame *frame, size_t column, size_t most, struct arena *arena,
                struct frame_levels *ret_levels, struct err *err)
{
    return find_levels(frame, column, hashes_of(frame, column, true, arena), most, arena, ret_levels, err);
}
