/* probe.c - looks at a file before it is read; see probe.h. */
#include "table/probe.h"

#include "base/code_page.h"
#include "base/json_rows.h"
#include "table/json_lines.h"
#include "customer/encoding.h"
#include "table/header.h"

#include <string.h>

enum {
    HEAD_BYTES = 2 << 20, SLICE_BYTES = 256 * 1024, SLICES = 8, CELLS_MAX = 4 << 20,
    ENCODING_BYTES = 16 << 20, TRY_ROWS = 200
};

/* Bytes of the file, in the arena, followed by CSV_PADDING zeros. */
static bool load(const struct input *input, uint64_t offset, size_t length, struct arena *arena,
                 char **ret_bytes, struct err *err)
{
    char *bytes = arena_alloc(arena, length + CSV_PADDING, 1);
    *ret_bytes = bytes;
    return input_read(input, offset, bytes, length, err);
}

static bool choose_encoding(struct input *input, const char *asked, bool *ret_is_latin1,
                            struct err *err)
{
    if (asked) {
        struct text word = text_of(asked);
        *ret_is_latin1 = text_equal_ignoring_case(word, text_of("latin-1")) ||
                         text_equal_ignoring_case(word, text_of("latin1")) ||
                         text_equal_ignoring_case(word, text_of("windows-1252"));
        if (*ret_is_latin1 || text_equal_ignoring_case(word, text_of("utf-8")) ||
            text_equal_ignoring_case(word, text_of("utf8")))
            return true;
        return code_page_is_known(word)
                   ? input_convert(input, asked, err)
                   : err_set(err, ERR_INVALID,
                             "--encoding %s is not known; it is utf-8, latin-1, windows-1250, iso-8859-2, shift_jis ...",
                             asked);
    }
    uint64_t n = input_bytes(input) < ENCODING_BYTES ? input_bytes(input) : ENCODING_BYTES;
    struct arena *arena = arena_new(ENCODING_BYTES + 4096);
    char *bytes;
    bool ok = load(input, 0, (size_t)n, arena, &bytes, err);
    bool is_utf8 = ok && encoding_valid_utf8(bytes, (size_t)n, true) == n;
    if (ok && !is_utf8 && code_page_is_1250(bytes, (size_t)n)) {
        ok = input_convert(input, "Windows-1250", err);
        is_utf8 = true;
    }
    *ret_is_latin1 = !is_utf8;
    arena_free(arena);
    return ok;
}

/* How well a separator explains the first records: the share of them with the usual number of
 * columns, and that number. */
struct trial { size_t n_columns; double share; };

static struct trial try_dialect(struct csv_reader *reader, const struct csv_dialect *dialect,
                                const char *bytes, size_t length, bool is_last)
{
    size_t counts[TRY_ROWS], n = 0, best = 0, best_n = 0;
    csv_start(reader, dialect, bytes, length, is_last, 1);
    for (enum csv_step step; n < TRY_ROWS && (step = csv_next(reader)) != CSV_END;)
        counts[n++] = step == CSV_ROW ? reader->n_fields : 0;
    for (size_t i = 0; i < n; i++) {
        size_t same = 0;
        for (size_t k = 0; k < n; k++) same += counts[k] == counts[i];
        if (counts[i] > 0 && (same > best_n || (same == best_n && counts[i] > best)))
            best_n = same, best = counts[i];
    }
    return (struct trial){ best, n > 0 ? (double)best_n / (double)n : 0.0 };
}

static bool separator_of(const char *asked, struct csv_dialect *dialect, struct err *err)
{
    struct text word = text_of(asked);
    if (text_equal_ignoring_case(word, text_of("tab")) || text_equal(word, text_of("\\t")))
        dialect->separator = '\t';
    else if (text_equal_ignoring_case(word, text_of("space"))) dialect->separator = ' ';
    else if (word.length == 1 && *asked != '"' && *asked != '\n' && *asked != '\r')
        dialect->separator = *asked;
    else
        return err_set(err, ERR_INVALID, "--separator %s is not known; it is one character, tab or space",
                       asked);
    dialect->is_padded = dialect->separator == ' ';
    return true;
}

static bool choose_dialect(struct csv_reader *reader, const char *asked, const char *bytes, size_t length,
                           bool is_last, struct csv_dialect *ret, struct trial *ret_trial, struct err *err)
{
    static const char candidates[] = ",;\t| ";
    struct csv_dialect dialect = { .quote = *bytes == '\'' ? '\'' : '"', .newline = '\n' };
    if (!memchr(bytes, '\n', length) && memchr(bytes, '\r', length)) dialect.newline = '\r';
    if (asked) {
        if (!separator_of(asked, &dialect, err)) return false;
        *ret = dialect;
        *ret_trial = try_dialect(reader, ret, bytes, length, is_last);
        return true;
    }
    *ret_trial = (struct trial){ 0 };
    for (const char *c = candidates; *c; c++) {
        dialect.separator = *c;
        dialect.is_padded = *c == ' ';
        struct trial trial = try_dialect(reader, &dialect, bytes, length, is_last);
        bool is_first = c == candidates, splits = trial.n_columns > 1 && (*c != ' ' || trial.share > 0.95);
        bool is_better = ret_trial->n_columns < 2 ? splits
                                                  : splits && *c != ' ' &&
                                                        trial.share * (double)trial.n_columns >
                                                            ret_trial->share * (double)ret_trial->n_columns &&
                                                        trial.share > 0.8 * ret_trial->share;
        if (is_first || is_better) *ret = dialect, *ret_trial = trial;
    }
    return true;
}

/* Where a backslash before a quote explains more of the records than two quotes do, as MySQL and Hadoop write. */
static void choose_escape(struct csv_reader *reader, const char *bytes, size_t length, bool is_last,
                          struct csv_dialect *dialect, struct trial *trial)
{
    if (!memmem(bytes, length, "\\\"", 2)) return;
    struct csv_dialect escaping = *dialect;
    escaping.escape = '\\';
    struct trial other = try_dialect(reader, &escaping, bytes, length, is_last);
    if (other.share * (double)other.n_columns <= trial->share * (double)trial->n_columns) return;
    *dialect = escaping;
    *trial = other;
}

struct taker {
    const struct input *input;
    struct csv_reader  *reader;
    struct arena       *arena;
    struct probe       *probe;
    size_t              rows_max;
    size_t              header;         /* the row of the probe that is it */
};

static void take_row(struct taker *taker)
{
    struct probe *probe = taker->probe;
    const struct csv_reader *reader = taker->reader;
    struct text *cells = probe->cells + probe->n_rows++ * probe->n_columns;
    for (size_t c = 0; c < probe->n_columns; c++) {
        cells[c] = reader->fields[c];
        bool is_scratch = cells[c].at >= reader->unquoted &&
                          cells[c].at < reader->unquoted + sizeof reader->unquoted;
        if (!is_scratch) continue;
        char *copy = arena_alloc(taker->arena, cells[c].length + 1, 1);
        memcpy(copy, cells[c].at, cells[c].length);
        cells[c].at = copy;
    }
}

/* The records at the start: from the first with the usual number of columns on, one of the first is the header or
 * data begins there. */
static void take_head(struct taker *taker, const char *bytes, size_t length, uint64_t offset, bool is_last,
                      const struct probe_options *options)
{
    struct probe *probe = taker->probe;
    struct csv_reader *reader = taker->reader;
    /* Of the rows taken first: where the one before ends, so that a broken one between is refused, not lost. */
    struct { uint64_t at, line; } begins[HEADER_ROWS + 1] = { { 0 } };
    enum csv_step step = CSV_ROW;
    csv_start(reader, &probe->dialect, bytes, length, is_last, 1);
    while (probe->n_rows < taker->rows_max && (step = csv_next(reader)) != CSV_END) {
        bool is_regular = step == CSV_ROW && reader->n_fields == probe->n_columns &&
                          (probe->dialect.json || reader->row_line >= options->header_line);
        if (probe->n_rows == 0 && !is_regular) { probe->n_before++; continue; }
        if (!is_regular) continue;
        take_row(taker);
        if (probe->n_rows > HEADER_ROWS) continue;
        if (probe->n_rows == 1) {
            begins[0].at = offset + (uint64_t)(reader->raw.at - bytes);
            begins[0].line = reader->row_line;
        }
        begins[probe->n_rows].at = offset + (uint64_t)(reader->at - bytes);
        begins[probe->n_rows].line = reader->line;
    }
    probe->is_whole = step == CSV_END && is_last;
    if (probe->dialect.json) {
        probe->has_header = true;
        probe->data_at = offset;
        probe->data_line = 1;
        probe->n_before = 0;
        return;
    }
    size_t header = 0;
    probe->has_header = options->header_line > 0 ||
                        (!options->has_no_header && header_find(probe, &header));
    probe->n_before += header;
    if (!probe->has_header && probe->n_before > 0) begins[0].at = offset, begins[0].line = 1, probe->n_before = 0;
    probe->data_at = begins[probe->has_header ? header + 1 : 0].at;
    probe->data_line = begins[probe->has_header ? header + 1 : 0].line;
    taker->header = header;
}

/* Takes rows from slices of the file; while the columns of JSON are being learnt, their names only. */
static bool take_slices(struct taker *taker, uint64_t from, struct err *err)
{
    uint64_t end = input_bytes(taker->input);
    struct probe *probe = taker->probe;
    bool is_learning = probe->dialect.json && probe->dialect.json->is_learning;
    for (unsigned i = 1; i <= SLICES && !probe->is_whole; i++) {
        uint64_t slice_end = from + (end - from) * i / SLICES;
        uint64_t offset = from + (end - from) * (i - 1) / SLICES;
        size_t length = slice_end - offset < SLICE_BYTES ? (size_t)(slice_end - offset) : SLICE_BYTES;
        size_t rows_max = taker->rows_max / 2 * (SLICES + i) / SLICES;
        char *bytes;
        if (!load(taker->input, offset, length, taker->arena, &bytes, err)) return false;
        csv_start(taker->reader, &probe->dialect, bytes, length, false, 1);
        taker->reader->is_skipping = true;      /* to where a line begins */
        for (enum csv_step step; probe->n_rows < rows_max && (step = csv_next(taker->reader)) != CSV_END;)
            if (step == CSV_ROW && taker->reader->n_fields == probe->n_columns && !is_learning) take_row(taker);
    }
    return true;
}

/* How many records the file begins with, the good ones in *ret_good. */
static size_t learn_head(struct taker *taker, const char *bytes, size_t length, bool is_last, size_t *ret_good)
{
    size_t n = 0;
    *ret_good = 0;
    csv_start(taker->reader, &taker->probe->dialect, bytes, length, is_last, 1);
    for (enum csv_step step; n < PROBE_ROWS && (step = csv_next(taker->reader)) != CSV_END; n++)
        *ret_good += step == CSV_ROW;
    return n;
}

/* Whether the members of the one object are objects with the same members, many of them: "5001.date", "5002.date". */
static bool is_keyed(const struct json_columns *json)
{
    enum { RECORDS_NEEDED = 5 };
    size_t n_of_first = 0, n_keys = 0;
    const char *key = "";
    for (size_t c = 0; c < json->n_columns; c++) {
        const char *name = json_column_name(json, c), *dot = strchr(name, '.');
        if (!dot) return false;
        bool is_same = strncmp(key, name, (size_t)(dot + 1 - name)) == 0;
        if (!is_same) n_keys++, key = name;
        if (n_keys == 1) n_of_first++;
        else if (strcmp(strchr(json_column_name(json, (c % n_of_first)), '.'), dot) != 0) return false;
    }
    return n_keys >= RECORDS_NEEDED && n_keys * n_of_first == json->n_columns;
}

/* The names of all members, before any row is taken. */
static bool learn_json(struct taker *taker, const char *bytes, size_t length, uint64_t offset, bool is_last,
                       struct err *err)
{
    struct probe *probe = taker->probe;
    size_t n_good, n = learn_head(taker, bytes, length, is_last, &n_good);
    struct csv_reader *reader = taker->reader;
    uint32_t lines = json_lines_find(probe->dialect.json);
    if (lines) {
        probe->dialect.json = json_columns_with_lines(probe->dialect.json, lines);
        n = learn_head(taker, bytes, length, is_last, &n_good);
    }
    taker->rows_max = SIZE_MAX;
    if (n_good > 0 && !is_last && !take_slices(taker, offset + length, err)) return false;
    struct json_columns *json = probe->dialect.json;
    json->is_learning = false;
    probe->n_columns = json->n_columns;
    if (n_good == 1 && is_last && n == 1 && is_keyed(json))
        return err_set(err, ERR_INVALID,
                       "%s: it is one object that holds a record under each key, such as %s: write the records as a list, "
                       "for example with jq '[to_entries[] | {key} + .value]'",
                       input_name(taker->input), json_column_name(json, 0));
    if (n_good == 0 || json->n_columns == 0)
        return err_set(err, ERR_INVALID,
                       "%s: line %llu: it begins as JSON, but no object can be read at its start: %s",
                       input_name(taker->input), (unsigned long long)(n > 0 ? reader->row_line : 1),
                       n > n_good ? reader->reason : "they have no members");
    return true;
}

static void name_json(struct probe *probe, struct arena *arena)
{
    probe->names = ARENA_ARRAY(arena, const char *, probe->n_columns);
    for (size_t c = 0; c < probe->n_columns; c++) {
        struct text name = text_of(json_column_name(probe->dialect.json, c));
        if (name.length > 200 || !probe_utf8(probe->is_latin1, name, arena, &name) || name.length == 0)
            name = text_of(arena_format(arena, "member %zu", c + 1));
        probe->names[c] = arena_format(arena, "%.*s", (int)name.length, name.at);
    }
}

/* What begins as a list or an object and does not end as one was cut off somewhere. */
static bool check_json_ends(const struct input *input, char first, struct err *err)
{
    char tail[64];
    uint64_t end = input_bytes(input);
    size_t n = end < sizeof tail ? (size_t)end : sizeof tail;
    if (!input_read(input, end - n, tail, n, err)) return false;
    while (n > 0 && (tail[n - 1] == ' ' || tail[n - 1] == '\n' || tail[n - 1] == '\r' || tail[n - 1] == '\t')) n--;
    char last = first == '[' ? ']' : '}';
    if (n == 0 || tail[n - 1] == last) return true;
    return err_set(err, ERR_INVALID,
                   "%s: it is cut off, or something else follows its JSON: it begins with '%c' and does not end with '%c' after "
                   "its %llu bytes; copy or export it again",
                   input_name(input), first, last, (unsigned long long)end);
}

static const char *describe(const struct input *input, const struct probe *probe, struct arena *arena)
{
    const char *encoding = input_encoding(input) ? input_encoding(input) : probe->is_latin1 ? "Latin-1" : "UTF-8";
    if (probe->dialect.json)
        return arena_format(arena, "JSON, %s, %s%s",
                            probe->dialect.json->is_spread ? "one object after another" : "one object a line",
                            probe->dialect.json->lines ? "a row for each of its lines, " : "", encoding);
    char one[] = { '\'', probe->dialect.separator, '\'', 0 };
    const char *by = one;
    switch (probe->dialect.separator) {
    case ',':  by = "comma"; break;
    case ';':  by = "semicolon"; break;
    case '\t': by = "tab"; break;
    case ' ':  by = "space"; break;
    case '|':  by = "bar"; break;
    default: break;
    }
    const char *header = probe->has_header ? "with a header line" : "without a header line";
    if (input_sheet(input)) return arena_format(arena, "sheet %s of a workbook, %s", input_sheet(input), header);
    return arena_format(arena, "%s-separated, %s%s, %s", by, probe->dialect.escape ? "quotes after a backslash, " : "",
                        encoding, header);
}

/* There are as many columns as the header has that was asked for. */
static bool take_width(struct taker *taker, uint64_t line, const char *bytes, size_t length, bool is_last,
                       struct err *err)
{
    struct csv_reader *reader = taker->reader;
    csv_start(reader, &taker->probe->dialect, bytes, length, is_last, 1);
    for (enum csv_step step; (step = csv_next(reader)) != CSV_END && reader->row_line <= line;)
        if (step == CSV_ROW && reader->row_line == line) {
            taker->probe->n_columns = reader->n_fields;
            return true;
        }
    return err_set(err, ERR_INVALID, "%s: --header-line %llu: no record begins there", input_name(taker->input),
                   (unsigned long long)line);
}

/* Excel writes no blanks at the ends of lines that are far below the last that had one: where the first line has the most
 * fields, of which some others have all and the rest fewer, these are blank in the rest. */
static void widen(struct taker *taker, const char *bytes, size_t length, bool is_last)
{
    struct probe *probe = taker->probe;
    struct csv_reader *reader = taker->reader;
    size_t first = 0, n = 0, n_full = 0, n_more = 0;
    csv_start(reader, &probe->dialect, bytes, length, is_last, 1);
    for (enum csv_step step; n < TRY_ROWS && (step = csv_next(reader)) != CSV_END;) {
        if (step != CSV_ROW) continue;
        if (n++ == 0) {
            first = reader->n_fields;
            for (size_t c = 0; c < first; c++)
                if (text_trim(reader->fields[c]).length == 0) return;       /* a title, not names */
            continue;
        }
        n_full += reader->n_fields == first;
        n_more += reader->n_fields > first;
    }
    if (probe->dialect.is_padded || first <= probe->n_columns || n_more > 0 || n_full == 0) return;
    probe->n_columns = probe->dialect.n_padded = first;
}

/* How records are told apart, how many columns they have, and how many bytes come before them. */
static bool choose_records(struct taker *taker, const struct probe_options *options, const char *bytes,
                           size_t length, uint64_t offset, bool is_last, size_t *ret_before, struct err *err)
{
    struct probe *probe = taker->probe;
    bool is_spread;
    size_t skip;
    if (!options->separator && !input_sheet(taker->input) &&
        json_rows_begin((struct text){ bytes, length }, &is_spread, &skip)) {
        const char *first = bytes + strspn(bytes, " \t\r\n");
        struct json_columns *json = json_columns_new(is_spread, taker->arena);
        json->is_enveloped = skip > 0;
        *ret_before = skip + (skip > 0);        /* the list's bracket too: it is another that ends the records */
        probe->dialect = (struct csv_dialect){ .newline = '\n', .json = json };
        return check_json_ends(taker->input, *first, err) &&
               learn_json(taker, bytes + *ret_before, length - *ret_before, offset + *ret_before, is_last, err);
    }
    struct trial trial;
    const char *separator = input_sheet(taker->input) ? "," : options->separator;
    if (!choose_dialect(taker->reader, separator, bytes, length, is_last, &probe->dialect, &trial, err))
        return false;
    choose_escape(taker->reader, bytes, length, is_last, &probe->dialect, &trial);
    if (trial.n_columns == 0)
        return err_set(err, ERR_INVALID, "%s: line 1: %s; no record can be read at its start",
                       input_name(taker->input),
                       taker->reader->reason ? taker->reader->reason : "only empty lines");
    probe->n_columns = trial.n_columns;
    if (options->header_line == 0) widen(taker, bytes, length, is_last);
    return options->header_line == 0 || take_width(taker, options->header_line, bytes, length, is_last, err);
}

bool probe_take(struct input *input, const struct probe_options *options, struct arena *arena,
                struct probe *ret_probe, struct err *err)
{
    struct probe probe = { 0 };
    struct csv_reader *reader = arena_alloc(arena, 1, sizeof *reader);
    struct taker taker = { .input = input, .reader = reader, .arena = arena, .probe = &probe };
    uint64_t end = input_bytes(input);
    size_t length = end < HEAD_BYTES ? (size_t)end : HEAD_BYTES;
    char *bytes;
    if (!choose_encoding(input, options->encoding, &probe.is_latin1, err)) return false;
    if (!load(input, 0, length, arena, &bytes, err)) return false;
    size_t bom = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, before = 0;
    if (length == bom)
        return err_set(err, ERR_INVALID, "%s: it is empty: a header line and rows were expected",
                       input_name(input));
    bool is_last = length == end;
    if (!choose_records(&taker, options, bytes + bom, length - bom, bom, is_last, &before, err)) return false;
    before += bom;
    size_t all = CELLS_MAX / probe.n_columns < PROBE_ROWS ? CELLS_MAX / probe.n_columns : PROBE_ROWS;
    probe.cells = ARENA_ARRAY(arena, struct text, all * probe.n_columns);
    taker.rows_max = is_last ? all : all / 2;
    take_head(&taker, bytes + before, length - before, before, is_last, options);
    taker.rows_max = all;
    if (!is_last && !take_slices(&taker, length, err)) return false;
    if (probe.dialect.json) name_json(&probe, arena);
    else header_name_columns(&probe, taker.header, arena);
    probe.sentence = describe(input, &probe, arena);
    *ret_probe = probe;
    return true;
}
