/* column_kind.c - see column_kind.h. */
#include "table/column_kind.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"
#include "table/role.h"

#include <ctype.h>
#include <string.h>

static const char *const kind_words[KINDS] = { "empty", "number", "time", "category", "text" };
const char *column_kind_word(enum column_kind kind) { return kind_words[kind]; }

static struct text cell(const struct probe *probe, size_t row, size_t column)
{
    return text_trim(probe->cells[row * probe->n_columns + column]);
}

/* Whether a column writes thousands as 1.234 and never decimals: what has no point is below 1,000, so that these
 * are no numbers with three decimals throughout. */
static bool has_grouping_points(const struct probe *probe, size_t column)
{
    size_t n_grouped = 0, n_small = 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct number number;
        double value;
        struct text text = cell(probe, r, column);
        if (probe_is_missing(text)) continue;
        if (!number_find(text, &number) || !text_double((struct text){ number.digits, number.n }, ',', &value))
            return false;
        const char *point = memchr(number.digits, '.', number.n);
        if (point && *number.digits != '0' && number.n - (size_t)(point - number.digits) == 4) n_grouped++;
        else if (!point && value < 1000 && value > -1000) n_small++;
        else return false;
    }
    return n_grouped > 0 && n_small > 0;
}

char column_decimal(const struct probe *probe)
{
    long votes = 0;
    for (size_t i = 0; i < probe->n_rows * probe->n_columns; i++)
        votes += number_decimal_vote(text_trim(probe->cells[i]));
    for (size_t c = 0; c < probe->n_columns && votes == 0; c++) votes += has_grouping_points(probe, c);
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

/* "4.50032E+15" */
static bool is_rounded(struct text text)
{
    size_t n = 0;
    while (n < text.length && (isdigit((unsigned char)text.at[n]) || text.at[n] == '.' || text.at[n] == ',')) n++;
    return n > 0 && n + 3 < text.length && (text.at[n] == 'E' || text.at[n] == 'e') && text.at[n + 1] == '+' &&
           isdigit((unsigned char)text.at[n + 2]) && isdigit((unsigned char)text.at[n + 3]) &&
           (text.at[n + 2] > '0' || text.at[n + 3] > '5');
}

bool column_is_rounded(const struct probe *probe, size_t index)
{
    size_t n = 0, n_rounded = 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, index);
        n += !probe_is_missing(text);
        n_rounded += is_rounded(text_trim(text));
    }
    return 2 * n_rounded > n;
}

/* How many values a format reads, and how they follow one another: files are often in order, the oldest or the
 * newest first, which tells day from month where both readings are dates. */
struct fit {
    size_t n_read, n_up, n_down;
};

/* Any number is a second of some year: only those since 1989 and before 2100 speak for times. */
static bool speaks_for(struct instant_format format, int64_t time_ms)
{
    return !instant_is_number(format) || (time_ms > INT64_C(600000000000) && time_ms < INT64_C(4102444800000));
}

/* One value by one format; INT64_MIN: it is none. */
static int64_t reading_of(struct instant_reader *reader, struct text text)
{
    int64_t time_ms;
    bool ok = !probe_is_missing(text) && instant_read(reader, text, &time_ms) &&
              speaks_for(reader->format, time_ms);
    return ok ? time_ms : INT64_MIN;
}

static struct fit format_fit(const struct probe *probe, size_t column, struct instant_format format,
                             struct arena *arena)
{
    struct fit fit = { 0 };
    struct instant_reader reader = { .format = format, .zones.arena = arena };
    int64_t before_ms = INT64_MIN;
    for (size_t r = 0; r < probe->n_rows; r++) {
        int64_t time_ms = reading_of(&reader, cell(probe, r, column));
        if (time_ms == INT64_MIN) continue;
        fit.n_read++;
        fit.n_up += before_ms != INT64_MIN && time_ms > before_ms;
        fit.n_down += time_ms < before_ms;
        before_ms = time_ms;
    }
    return fit;
}

/* Numbers of something are no times, and amounts with a point are no dates. */
static bool is_plausible_time(const struct column *column, struct instant_format format)
{
    if (format.order == INSTANT_SERIAL || format.order == INSTANT_MONTH)
        return role_name_score(ROLE_TIME, column->name) > 0;
    if (instant_is_number(format))
        return column->fit < 0.9 || ((column->is_integer || role_name_score(ROLE_TIME, column->name) > 0) &&
                                     !column_is_id_name(column->name));
    bool is_asked = format.order == INSTANT_PATTERN && role_name_score(ROLE_TIME, column->name) > 0;
    return column->fit < 0.9 || format.separator == '.' || is_asked;
}

/* The share of steps from one value to the next that go the way that most go. */
static double order_of(struct fit fit)
{
    size_t n = fit.n_up + fit.n_down, most = fit.n_up > fit.n_down ? fit.n_up : fit.n_down;
    return n > 0 ? (double)most / (double)n : 0.0;
}

static bool readings_differ(const struct probe *probe, size_t index, struct instant_format a,
                            struct instant_format b)
{
    struct instant_reader one = { .format = a }, two = { .format = b };
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, index);
        if (reading_of(&one, text) != reading_of(&two, text)) return true;
    }
    return false;
}

/* Whether a form has day and month in an order that the other order does not read. */
static bool tells_day_from_month(const struct probe *probe, size_t index, struct instant_format form,
                                 struct arena *arena)
{
    struct instant_format swapped = form;
    if (form.order != INSTANT_DMY && form.order != INSTANT_MDY) return false;
    form.other = swapped.other = NULL;
    swapped.order = form.order == INSTANT_DMY ? INSTANT_MDY : INSTANT_DMY;
    return format_fit(probe, index, swapped, arena).n_read < format_fit(probe, index, form, arena).n_read;
}

/* Both orders of day and month read the column equally well: that which keeps the rows in order is taken, and
 * where neither does, nobody can tell, but where the column's other form does.  Nobody writes M.D.Y with points.
 * form: the column's, or its other one. */
static void judge_day_and_month(const struct probe *probe, size_t index, struct instant_format *form,
                                struct arena *arena, struct column *column)
{
    enum { DECIDED_PERCENT = 98, NOT_PERCENT = 95 };
    struct instant_format other = column->format.other ? *column->format.other : column->format,
                          whole = column->format, as_it_is = *form;
    if (form->order != INSTANT_DMY || form->separator == '.') return;
    if (whole.other) whole.other = &other;
    struct fit dmy = format_fit(probe, index, whole, arena);
    *(form == &column->format ? &whole.order : &other.order) = INSTANT_MDY;
    struct fit mdy = format_fit(probe, index, whole, arena);
    struct instant_format swapped = as_it_is;
    swapped.order = INSTANT_MDY;
    if (mdy.n_read < dmy.n_read || !readings_differ(probe, index, as_it_is, swapped)) return;
    double as_dmy = 100 * order_of(dmy), as_mdy = 100 * order_of(mdy);
    bool is_mdy = as_mdy >= DECIDED_PERCENT && as_dmy < NOT_PERCENT;
    const char *why = "only this keeps the rows in order of time";
    if (!is_mdy && !(as_dmy >= DECIDED_PERCENT && as_mdy < NOT_PERCENT)) {
        const struct instant_format *beside = form == &column->format ? column->format.other : &column->format;
        if (!beside || !tells_day_from_month(probe, index, *beside, arena)) {
            column->other_reading = instant_name(swapped);
            return;
        }
        is_mdy = beside->order == INSTANT_MDY;
        why = "the rows written otherwise have day and month in this order";
    }
    form->order = is_mdy ? INSTANT_MDY : INSTANT_DMY;
    swapped.order = is_mdy ? INSTANT_DMY : INSTANT_MDY;
    column->format_note = arena_format(arena, "%s reads every value too, but %s", instant_name(swapped), why);
}

/* A second form that reads nearly all of what the first does not, and never differs from it: each row tells. */
static void judge_other_form(const struct probe *probe, size_t index, size_t n_read, struct arena *arena,
                             struct column *column)
{
    size_t best = 0, n_needed = column->n_values - column->n_values / 100;
    struct instant_format *other = NULL;
    for (unsigned i = 0; i < n_instant_formats && n_read < n_needed; i++) {
        struct instant_reader first = { .format = column->format, .zones.arena = arena },
                              second = { .format = instant_formats[i], .zones.arena = arena };
        bool is_named = (instant_formats[i].order != INSTANT_SERIAL && instant_formats[i].order != INSTANT_MONTH) ||
                        role_name_score(ROLE_TIME, column->name) > 0;
        size_t n = 0, n_conflicts = !is_named;
        for (size_t r = 0; r < probe->n_rows && n_conflicts == 0; r++) {
            struct text text = cell(probe, r, index);
            int64_t one = reading_of(&first, text), two = reading_of(&second, text);
            n += one == INT64_MIN && two != INT64_MIN;
            n_conflicts += one != INT64_MIN && two != INT64_MIN && one != two;
        }
        if (n_conflicts > 0 || n <= best || n_read + n < n_needed) continue;
        if (!other) other = ARENA_NEW(arena, struct instant_format);
        *other = instant_formats[i];
        best = n;
    }
    column->format.other = other;
    column->fit = (double)(n_read + best) / (double)column->n_values;
}

static void judge_time(const struct probe *probe, size_t index, const struct instant_format *asked,
                       bool is_forced, struct arena *arena, struct column *column)
{
    struct fit best = { 0 };
    for (unsigned i = 0; i < (asked ? 1 : n_instant_formats); i++) {
        struct instant_format format = asked ? *asked : instant_formats[i];
        if (!is_forced && !is_plausible_time(column, format)) continue;
        struct fit fit = format_fit(probe, index, format, arena);
        if (fit.n_read <= best.n_read) continue;
        best = fit;
        column->format = format;
    }
    if (best.n_read * 2 <= column->n_values && !(best.n_read * 2 == column->n_values && best.n_read > 1)) return;
    struct instant_format first = column->format;
    judge_other_form(probe, index, best.n_read, arena, column);
    if (best.n_read * 2 == column->n_values && !column->format.other) {
        column->format = first;
        column->fit = column->number_fit;
        return;
    }
    column->kind = KIND_TIME;
    if (asked) return;
    judge_day_and_month(probe, index, &column->format, arena, column);
    if (!column->format.other) return;
    struct instant_format *other = ARENA_NEW(arena, struct instant_format);
    *other = *column->format.other;
    judge_day_and_month(probe, index, other, arena, column);
    column->format.other = other;
}

bool column_force_time(const struct probe *probe, size_t index, const struct instant_format *asked,
                       struct arena *arena, struct column *column)
{
    judge_time(probe, index, asked, true, arena, column);
    return column->kind == KIND_TIME;
}

/* Numbers, and what stands beside them: "26 months" is one only among others of months. */
static void judge_numbers(const struct probe *probe, size_t index, char decimal, struct column *column)
{
    size_t n = 0;
    struct text word = { 0 };
    column->is_integer = true;
    for (size_t r = 0; r < probe->n_rows; r++) {
        double value;
        int64_t whole;
        struct number number;
        struct text text = cell(probe, r, index);
        if (probe_is_missing(text)) { column->n_missing++; continue; }
        column->n_values++;
        if (!number_find(text, &number)) continue;
        struct text digits = { number.digits, number.n };
        if (!text_double(digits, decimal, &value)) continue;
        if (number.unit == NUMBER_WORD && word.length == 0) word = number.word;
        if (number.unit == NUMBER_WORD && !number_same_word(word, number.word)) continue;
        if (n == 0 || value < column->least) column->least = value;
        if (n == 0 || value > column->most) column->most = value;
        n++;
        column->n_negative += value < 0;
        column->is_integer &= text_int64(digits, &whole);
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
    column->n_distinct = hash_map_n(seen);
    column->is_unique = column->n_distinct == column->n_values && column->n_values > 1;
}

static const char *example_of(const struct probe *probe, size_t index, struct arena *arena)
{
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = cell(probe, r, index);
        const char *shown = probe_is_missing(text) ? NULL : probe_shown(probe, text, arena);
        if (shown) return shown;
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
        judge_time(probe, c, asked, false, arena, column);
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

/* A blank field is what the row above says. */
static bool is_same_or_blank(const struct probe *probe, size_t row, size_t was, int column)
{
    struct text here = text_trim(probe->cells[row * probe->n_columns + (size_t)column]),
                there = text_trim(probe->cells[was * probe->n_columns + (size_t)column]);
    return here.length == 0 || there.length == 0 || text_equal(here, there);
}

struct order_numbers order_numbers_look(const struct probe *probe, int order, int customer, int time)
{
    struct order_numbers numbers = { 0 };
    struct hash_map latest = { 0 };     /* the latest row of a number, from 1 */
    for (size_t r = 0; customer >= 0 && time >= 0 && r < probe->n_rows; r++) {
        struct text number = text_trim(probe->cells[r * probe->n_columns + (size_t)order]);
        if (number.length == 0) continue;
        uint64_t *row = hash_map_put(&latest, hash_bytes(number.at, number.length, 1)), was = *row;
        *row = r + 1;
        if (was == 0) continue;
        bool is_of_them = is_same_or_blank(probe, r, was - 1, customer), is_then = is_same_or_blank(probe, r, was - 1, time);
        numbers.n_again++;
        numbers.n_lines += is_of_them && is_then;
        numbers.n_of_another += !is_of_them && !is_then;
    }
    hash_map_free(&latest);
    return numbers;
}
