/* costs.c - see costs.h. */
#include "table/costs.h"

#include "base/calendar.h"
#include "base/similar.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names_of[COST_NAMES] = { "item", "category", "shop", "channel", "campaign" };
static const char *const kinds[] = { "margin", "contact", "spend" };

/* ---- the section ---- */

static bool read_amount(const struct yaml_node *map, const char *key, double least, double *ret_amount,
                        struct err *err)
{
    const char *text = NULL;
    double amount;
    if (!yaml_text(map, key, &text, err)) return false;
    if (!text) return true;
    if (!text_double(text_of(text), '.', &amount) || amount < least)
        return yaml_fail(yaml_find(map, key), err, "%s is an amount of at least %g; not %s", key, least, text);
    *ret_amount = amount;
    return true;
}

static bool read_contacts(const struct yaml_node *map, struct arena *arena, struct costs *costs, struct err *err)
{
    if (!map) return true;
    if (map->kind != YAML_MAP) return yaml_fail(map, err, "contact has an amount for each channel: {email: .02}");
    costs->contact = ARENA_ARRAY(arena, struct cost_name, map->n + 1);
    for (size_t i = 0; i < map->n; i++) {
        struct cost_name *one = &costs->contact[costs->n_contact++];
        one->name = map->keys[i];
        if (!read_amount(map, map->keys[i], 0, &one->amount, err)) return false;
    }
    return true;
}

static bool read_day(const struct yaml_node *map, int64_t *ret_day, struct err *err)
{
    const char *text = NULL;
    int64_t at_ms;
    *ret_day = INT64_MIN;
    if (!yaml_text(map, "from", &text, err)) return false;
    if (!text) return true;
    if (!calendar_parse_iso(text, strlen(text), &at_ms))
        return yaml_fail(yaml_find(map, "from"), err, "from is a day, as 2026-01-05; not %s", text);
    *ret_day = calendar_day_of_ms(at_ms);
    return true;
}

static bool read_fixed(const struct yaml_node *list, struct arena *arena, struct costs *costs, struct err *err)
{
    static const char *const keys[] = { "campaign", "amount", "hours", "from" };
    if (!list) return true;
    if (list->kind != YAML_LIST)
        return yaml_fail(list, err, "fixed is a list: [{campaign: winback, amount: 900}]");
    costs->fixed = ARENA_ARRAY(arena, struct cost_fixed, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        struct cost_fixed *one = &costs->fixed[costs->n_fixed++];
        const struct yaml_node *node = list->items[i];
        double amount = NAN, hours = NAN;
        if (!yaml_check_keys(node, keys, 4, err) || !yaml_text(node, "campaign", &one->campaign, err) ||
            !read_amount(node, "amount", 0, &amount, err) || !read_amount(node, "hours", 0, &hours, err) ||
            !read_day(node, &one->day, err))
            return false;
        if (!one->campaign || (isnan(amount) && isnan(hours)))
            return yaml_fail(node, err, "a fixed cost is {campaign: winback, amount: 900}, or has hours");
        if (!isnan(hours) && isnan(costs->hour))
            return yaml_fail(node, err, "hours need what one costs: hour: 45 beside fixed");
        one->amount = (isnan(amount) ? 0 : amount) + (isnan(hours) ? 0 : hours * costs->hour);
    }
    return true;
}

/* ---- the CSV ---- */

struct cost_file {
    struct frame frame;
    size_t from, kind, amount, currency, names[COST_NAMES];
}; /* SIZE_MAX: none */

static struct text cell(const struct cost_file *f, size_t row, size_t column)
{
    return column == SIZE_MAX ? text_of("") : f->frame.cells[row * f->frame.n_columns + column];
}

static bool find_columns(struct cost_file *f, struct arena *arena, struct err *err)
{
    struct err none;
    bool any = false;
    if (!frame_column(&f->frame, "from", &f->from, arena, err) ||
        !frame_column(&f->frame, "kind", &f->kind, arena, err) ||
        !frame_column(&f->frame, "amount", &f->amount, arena, err))
        return false;
    if (!frame_column(&f->frame, "currency", &f->currency, arena, &none)) f->currency = SIZE_MAX;
    for (size_t i = 0; i < COST_NAMES; i++) {
        if (frame_column(&f->frame, names_of[i], &f->names[i], arena, &none)) any = true;
        else f->names[i] = SIZE_MAX;
    }
    return any || err_set(err, ERR_INVALID, "%s has none of the columns item, category, shop, channel, campaign",
                          f->frame.path);
}

/* What one unit of a currency was worth on a day; NaN: nobody says. */
static double rate_of(const struct costs *costs, struct text currency, int64_t day)
{
    double rate = NAN;
    for (size_t i = 0; i < costs->n_rates && costs->rates[i].day <= day; i++)
        if (text_equal_ignoring_case(currency, text_of(costs->rates[i].currency))) rate = costs->rates[i].rate;
    return rate;
}

/* An amount of money in the shop's own. */
static bool convert(const struct costs *costs, const char *at, struct text other, const char *currency,
                    struct cost_row *row, struct err *err)
{
    bool is_known = currency && *currency;
    if (other.length == 0 || row->kind == COST_MARGIN) return true;
    if (is_known && text_equal_ignoring_case(other, text_of(currency))) return true;
    double rate = rate_of(costs, other, row->day);
    if (isnan(rate) && is_known)
        return err_set(err, ERR_INVALID,
                       "%s, column currency: '%.*s', where the shop counts in %s, and no rate is known as of that "
                       "day; costs: {rates: rates.csv} with columns from, currency, rate tells it",
                       at, (int)other.length, other.at, currency);
    if (!isnan(rate)) row->amount *= rate;
    return true;
}

static bool read_row(const struct costs *costs, const struct cost_file *f, size_t r, const char *currency,
                     struct arena *arena, struct cost_row *row, struct err *err)
{
    struct text day = cell(f, r, f->from), kind = cell(f, r, f->kind), amount = cell(f, r, f->amount),
                other = cell(f, r, f->currency);
    size_t k = 0;
    int64_t at_ms;
    const char *at = arena_format(arena, "%s: line %" PRIu64, f->frame.path, f->frame.lines[r]);
    if (!calendar_parse_iso(day.at, day.length, &at_ms))
        return err_set(err, ERR_INVALID, "%s, column from: '%.*s' is no day like 2026-01-05", at, (int)day.length,
                       day.at);
    while (k < 3 && !text_equal_ignoring_case(kind, text_of(kinds[k]))) k++;
    if (k == 3)
        return err_set(err, ERR_INVALID, "%s, column kind: '%.*s' is neither margin, contact nor spend", at,
                       (int)kind.length, kind.at);
    if (!text_double(amount, '.', &row->amount) || (k != COST_MARGIN && row->amount < 0))
        return err_set(err, ERR_INVALID, "%s, column amount: '%.*s' is no amount", at, (int)amount.length,
                       amount.at);
    row->day = calendar_day_of_ms(at_ms), row->kind = (enum cost_kind)k;
    for (size_t i = 0; i < COST_NAMES; i++) {
        struct text name = cell(f, r, f->names[i]);
        if (name.length > 0) row->names[i] = arena_format(arena, "%.*s", (int)name.length, name.at);
    }
    return convert(costs, at, other, currency, row, err);
}

static int compare_rows(const void *a, const void *b)
{
    const struct cost_row *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static bool read_csv(const char *path, const char *currency, struct arena *arena, struct costs *costs,
                     struct err *err)
{
    struct cost_file f;
    if (!frame_open(path, NULL, arena, &f.frame, err) || !find_columns(&f, arena, err)) return false;
    costs->rows = ARENA_ARRAY(arena, struct cost_row, f.frame.n_rows + 1);
    for (size_t r = 0; r < f.frame.n_rows; r++)
        if (!read_row(costs, &f, r, currency, arena, &costs->rows[costs->n_rows++], err)) return false;
    qsort(costs->rows, costs->n_rows, sizeof *costs->rows, compare_rows);
    return true;
}

static int compare_rates(const void *a, const void *b)
{
    const struct cost_rate *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static bool read_rates(const char *path, struct arena *arena, struct costs *costs, struct err *err)
{
    struct frame f;
    size_t from, currency, rate;
    if (!frame_open(path, NULL, arena, &f, err) || !frame_column(&f, "from", &from, arena, err) ||
        !frame_column(&f, "currency", &currency, arena, err) || !frame_column(&f, "rate", &rate, arena, err))
        return false;
    costs->rates = ARENA_ARRAY(arena, struct cost_rate, f.n_rows + 1);
    for (size_t r = 0; r < f.n_rows; r++) {
        const struct text *cells = &f.cells[r * f.n_columns];
        struct cost_rate *one = &costs->rates[costs->n_rates++];
        int64_t at_ms;
        if (!calendar_parse_iso(cells[from].at, cells[from].length, &at_ms))
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column from: '%.*s' is no day like 2026-01-05",
                           path, f.lines[r], (int)cells[from].length, cells[from].at);
        if (!text_double(cells[rate], '.', &one->rate) || one->rate <= 0 || cells[currency].length == 0)
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ": a rate is a currency and what one unit of it is worth, above 0",
                           path, f.lines[r]);
        one->day = calendar_day_of_ms(at_ms);
        one->currency = arena_format(arena, "%.*s", (int)cells[currency].length, cells[currency].at);
    }
    qsort(costs->rates, costs->n_rates, sizeof *costs->rates, compare_rates);
    return true;
}

bool costs_read(const struct settings *settings, const char *currency, struct arena *arena,
                struct costs *ret_costs, struct err *err)
{
    static const char *const keys[] = { "margin", "contact", "hour", "fixed", "csv", "rates" };
    struct costs costs = { .margin = 1, .hour = NAN };
    const struct yaml_node *map = settings_section(settings, "costs");
    const char *csv = NULL, *rates = NULL;
    if (map && (!yaml_check_keys(map, keys, 6, err) || !read_amount(map, "margin", 0, &costs.margin, err) ||
                !read_amount(map, "hour", 0, &costs.hour, err) ||
                !read_contacts(yaml_find(map, "contact"), arena, &costs, err) ||
                !read_fixed(yaml_find(map, "fixed"), arena, &costs, err) || !yaml_text(map, "csv", &csv, err) ||
                !yaml_text(map, "rates", &rates, err)))
        return false;
    if (map && costs.margin > 1)
        return yaml_fail(yaml_find(map, "margin"), err, "margin is a share of revenue, as .4; not %g",
                         costs.margin);
    if (rates && !read_rates(settings_file(settings, rates, arena), arena, &costs, err)) return false;
    if (csv && !read_csv(settings_file(settings, csv, arena), currency, arena, &costs, err)) return false;
    *ret_costs = costs;
    return true;
}

/* ---- asking ---- */

static bool matches(const struct cost_row *row, const char *const *names)
{
    for (size_t i = 0; i < COST_NAMES; i++)
        if (row->names[i] && (!names[i] || strcmp(row->names[i], names[i]) != 0)) return false;
    return true;
}

static size_t n_names(const struct cost_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < COST_NAMES; i++) n += row->names[i] != NULL;
    return n;
}

/* The latest row of a kind at a day that matches, one that names more before one that names less. */
static double latest(const struct costs *costs, enum cost_kind kind, const char *const *names, int64_t day,
                     double otherwise)
{
    const struct cost_row *best = NULL;
    for (size_t i = 0; i < costs->n_rows && costs->rows[i].day <= day; i++) {
        const struct cost_row *row = &costs->rows[i];
        if (row->kind == kind && matches(row, names) && (!best || n_names(row) >= n_names(best))) best = row;
    }
    return best ? best->amount : otherwise;
}

static double named(const struct cost_name *list, size_t n, const char *name)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0) sum += list[i].amount;
    return sum;
}

double costs_margin(const struct costs *costs, enum cost_of of, const char *name, int64_t day)
{
    const char *names[COST_NAMES] = { NULL };
    names[of] = name;
    return costs_margin_of(costs, names, day);
}

double costs_margin_of(const struct costs *costs, const char *const *names, int64_t day)
{
    return latest(costs, COST_MARGIN, names, day, costs->margin);
}

bool costs_margin_varies(const struct costs *costs)
{
    for (size_t i = 0; i < costs->n_rows; i++)
        if (costs->rows[i].kind == COST_MARGIN) return true;
    return false;
}

double costs_contact(const struct costs *costs, const char *channel, int64_t day)
{
    const char *names[COST_NAMES] = { [COST_OF_CHANNEL] = channel };
    return latest(costs, COST_CONTACT, names, day, named(costs->contact, costs->n_contact, channel));
}

double costs_fixed(const struct costs *costs, const char *campaign)
{
    double sum = 0;
    for (size_t i = 0; i < costs->n_fixed; i++)
        if (strcmp(costs->fixed[i].campaign, campaign) == 0) sum += costs->fixed[i].amount;
    return sum;
}

double costs_campaigns(const struct costs *costs, int64_t from_day, int64_t until_day)
{
    double sum = 0;
    for (size_t i = 0; i < costs->n_fixed; i++)
        if (costs->fixed[i].day >= from_day && costs->fixed[i].day < until_day) sum += costs->fixed[i].amount;
    for (size_t i = 0; i < costs->n_rows; i++) {
        const struct cost_row *row = &costs->rows[i];
        bool is = row->kind == COST_SPEND && row->names[COST_OF_CAMPAIGN];
        if (is && row->day >= from_day && row->day < until_day) sum += row->amount;
    }
    return sum;
}

double costs_spend(const struct costs *costs, enum cost_of of, const char *name, int64_t from_day,
                   int64_t until_day)
{
    double sum = 0;
    for (size_t i = 0; i < costs->n_rows; i++) {
        const struct cost_row *row = &costs->rows[i];
        bool is = row->kind == COST_SPEND && row->names[of] && strcmp(row->names[of], name) == 0;
        if (is && row->day >= from_day && row->day <= until_day) sum += row->amount;
    }
    return sum;
}
