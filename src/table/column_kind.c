/* column_kind.c - see column_kind.h. */
#include "table/column_kind.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/hash_map.h"

#include <ctype.h>
#include <string.h>

static const char *const kind_words[KINDS] = { "empty", "number", "time", "category", "text" };
const char *column_kind_word(enum column_kind kind) { return kind_words[kind]; }

static struct text cell(const struct probe *probe, size_t row, size_t column)
{
    return text_trim(probe->cells[row * probe->n_columns + column]);
}

/* "12,50" says comma, "12.50" point; "1,234" and "1.234" say nothing. */
static int decimal_vote(struct text text)
{
    size_t i = text.length > 0 && (text.at[0] == '-' || text.at[0] == '+'), at = 0;
    char sign = 0;
    for (; i < text.length; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9') continue;
        if (c != ',' && c != '.') return 0;
        if (sign == c) return 0;        /* twice: groups, or no number */
        sign = c;
        at = i;
    }
    if (!sign || text.length - at - 1 == 3 || text.length - at - 1 == 0) return 0;
    return sign == ',' ? 1 : -1;
}

char column_decimal(const struct probe *probe)
{
    long votes = 0;
    for (size_t i = 0; i < probe->n_rows * probe->n_columns; i++)
        votes += decimal_vote(text_trim(probe->cells[i]));
    return votes > 0 ? ',' : '.';
}

static bool has_word(const char *name, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = name; *at; at++) {
        if (strncasecmp(at, word, n) != 0) continue;
        bool begins = at == name || !isalpha((unsigned char)at[-1]) ||
                      (islower((unsigned char)at[-1]) && isupper((unsigned char)*at));
        bool ends = !isalpha((unsigned char)at[n]) ||
                    (islower((unsigned char)at[n - 1]) && isupper((unsigned char)at[n]));
        if (begins && ends) return true;
    }
    return false;
}

bool column_is_id_name(const char *name)
{
    static const char *const words[] = {
        "id", "no", "number", "sku", "code", "zip", "phone", "index", "key"
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(name, words[i])) return true;
    size_t n = strlen(name);
    return n > 2 && strcmp(name + n - 2, "ID") == 0;
}

/* How many values a format reads, and how often a value is not before the one above it: files are
 * often in order, which tells day from month where both readings are dates. */
struct fit { size_t n_read, n_ordered; };

static bool format_is_number(struct instant_format format)
{
    return format.order == INSTANT_COMPACT || format.order == INSTANT_EPOCH_S ||
           format.order == INSTANT_EPOCH_MS;
}

/* Any number is a second of some year: only those since 1989 and before 2100 speak for times. */
static bool speaks_for(struct instant_format format, int64_t time_ms)
{
    return !format_is_number(format) || (time_ms > INT64_C(600000000000) && time_ms < INT64_C(4102444800000));
}

static struct fit format_fit(const struct probe *probe, size_t column, struct instant_format format)
{
    struct fit fit = { 0 };
    struct instant_reader reader = { .format = format };
    int64_t before_ms = INT64_MIN, time_ms;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, column);
        if (probe_is_missing(text) || !instant_read(&reader, text, &time_ms) || !speaks_for(format, time_ms))
            continue;
        fit.n_read++;
        fit.n_ordered += time_ms >= before_ms;
        before_ms = time_ms;
    }
    return fit;
}

/* Numbers of something are no times, and amounts with a point are no dates. */
static bool is_plausible_time(const struct column *column, struct instant_format format)
{
    if (format_is_number(format))
        return column->fit < 0.9 || (column->is_integer && !column_is_id_name(column->name));
    return column->fit < 0.9 || format.separator == '.';
}

static void judge_time(const struct probe *probe, size_t index, const struct instant_format *asked,
                       bool is_forced, struct column *column)
{
    struct fit best = { 0 }, other = { 0 };
    for (unsigned i = 0; i < n_instant_formats; i++) {
        struct instant_format format = instant_formats[i];
        if (asked && (asked->order != format.order || asked->separator != format.separator)) continue;
        if (!is_forced && !is_plausible_time(column, format)) continue;
        struct fit fit = format_fit(probe, index, format);
        bool is_swap = best.n_read > 0 && format.separator == column->format.separator &&
                       format.order == INSTANT_MDY;
        if (is_swap) other = fit;
        bool is_better = fit.n_read > best.n_read ||
                         (fit.n_read > 0 && fit.n_read == best.n_read && fit.n_ordered > best.n_ordered);
        if (!is_better) continue;
        if (is_swap) other = best;
        best = fit;
        column->format = format;
    }
    if (best.n_read * 2 <= column->n_values) return;
    column->kind = KIND_TIME;
    column->fit = (double)best.n_read / (double)column->n_values;
    if (other.n_read < best.n_read) return;
    column->format_note = other.n_ordered < best.n_ordered
        ? "both orders of day and month read every value; this one keeps the rows in order of time"
        : "both orders of day and month read every value: check it";
}

bool column_force_time(const struct probe *probe, size_t index, const struct instant_format *asked,
                       struct column *column)
{
    judge_time(probe, index, asked, true, column);
    return column->kind == KIND_TIME;
}

static void judge_numbers(const struct probe *probe, size_t index, char decimal, struct column *column)
{
    size_t n = 0;
    column->is_integer = true;
    for (size_t r = 0; r < probe->n_rows; r++) {
        double number;
        struct text text = cell(probe, r, index);
        if (probe_is_missing(text)) { column->n_missing++; continue; }
        column->n_values++;
        if (!text_double(text, decimal, &number)) continue;
        if (n == 0 || number < column->least) column->least = number;
        if (n == 0 || number > column->most) column->most = number;
        n++;
        column->n_negative += number < 0;
        int64_t whole;
        column->is_integer &= text_int64(text, &whole);
    }
    column->fit = column->n_values > 0 ? (double)n / (double)column->n_values : 0.0;
    if (n == 0) column->is_integer = false;
}

/* Counts different values by their hashes. */
static void count_distinct(const struct probe *probe, size_t index, struct hash_map *seen, struct column *column)
{
    hash_map_clear(seen, probe->n_rows);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, index);
        if (probe_is_missing(text)) continue;
        (void)hash_map_put(seen, hash_bytes(text.at, text.length, 0));
    }
    column->n_distinct = seen->n;
    column->is_unique = column->n_distinct == column->n_values && column->n_values > 1;
}

static const char *example_of(const struct probe *probe, size_t index, struct arena *arena)
{
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, index), utf8;
        if (probe_is_missing(text)) continue;
        if (text.length > 60) text.length = 60;
        while (text.length > 0 && ((unsigned char)text.at[text.length - 1] & 0xc0) == 0x80 &&
               text.length > 57)
            text.length--;
        if (!probe_utf8(probe->is_latin1, text, arena, &utf8)) continue;
        return arena_format(arena, "%.*s", (int)utf8.length, utf8.at);
    }
    return "";
}

struct column *columns_judge(const struct probe *probe, char decimal, const struct instant_format *asked,
                             struct arena *arena)
{
    struct column *columns = ARENA_ARRAY(arena, struct column, probe->n_columns);
    struct hash_map seen = { 0 };
    for (size_t c = 0; c < probe->n_columns; c++) {
        struct column *column = &columns[c];
        *column = (struct column){ .name = probe->names[c], .format_note = "", .example = "" };
        judge_numbers(probe, c, decimal, column);
        count_distinct(probe, c, &seen, column);
        column->example = example_of(probe, c, arena);
        if (column->n_values == 0) { column->kind = KIND_EMPTY; continue; }
        column->number_fit = column->fit;
        judge_time(probe, c, asked, false, column);
        if (column->kind == KIND_TIME) continue;
        if (column->number_fit >= 0.99 || (column->number_fit >= 0.9 && column->n_values < 200)) {
            column->kind = KIND_NUMBER;
            continue;
        }
        column->kind = column->n_distinct <= 50 || column->n_distinct * 20 <= column->n_values ? KIND_CATEGORY
                                                                                               : KIND_TEXT;
        if (column->n_distinct > 1000) column->kind = KIND_TEXT;
        column->fit = 1;
    }
    hash_map_free(&seen);
    return columns;
}
