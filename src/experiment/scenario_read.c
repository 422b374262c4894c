/* scenario_read.c - a scenario from YAML, in an order in which it can be worked out; see scenario.h. */
#include "experiment/scenario_internal.h"

#include "base/calendar.h"
#include "base/similar.h"
#include "table/frame.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- names ---- */

static bool is_letter(char c) { return isalnum((unsigned char)c) || c == '_'; }

static bool is_name(const char *name)
{
    if (isdigit((unsigned char)*name) || !*name) return false;
    for (; *name; name++)
        if (!is_letter(*name)) return false;
    return true;
}

/* Words that an expression is made of; every other word of SQL may be a name, such as order. */
static const char *const words[] = { "and", "or",     "not",  "case",    "when",   "then",   "else", "end",
                                     "is",  "null",   "in",   "between", "like",   "glob",   "cast", "collate",
                                     "as",  "isnull", "true", "false",   "escape", "notnull" };
enum { WORDS = sizeof words / sizeof *words };

static bool is_word(const char *name)
{
    for (size_t i = 0; i < WORDS; i++)
        if (text_equal_ignoring_case(text_of(name), text_of(words[i]))) return true;
    return false;
}

/* The expression with the scenario's names in double quotes, so that they may be words of SQL. */
static const char *quoted(const struct scenario *s, const char *sql, struct arena *arena)
{
    char *text = ARENA_ARRAY(arena, char, 3 * strlen(sql) + 1), *to = text, quote = 0;
    for (const char *at = sql; *at;) {
        size_t length = 1, i = 0;
        if (quote) quote = *at == quote ? 0 : quote;
        else if (*at == '\'' || *at == '"') quote = *at;
        else while (is_letter(*at) && is_letter(at[length])) length++;
        while (i < s->n &&
               (strlen(s->quantities[i].name) != length || strncmp(s->quantities[i].name, at, length) != 0))
            i++;
        bool is_ours = i < s->n && !quote && is_letter(*at);
        if (is_ours) *to++ = '"';
        memcpy(to, at, length);
        to += length, at += length;
        if (is_ours) *to++ = '"';
    }
    return text;
}

static struct quantity *add(struct scenario *s, const char *name, const struct yaml_node *node, struct err *err)
{
    if (s->n == SCENARIO_NAMES_MOST) {
        yaml_fail(node, err, "a scenario has at most %d names", SCENARIO_NAMES_MOST);
        return NULL;
    }
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->quantities[i].name, name) == 0) {
            yaml_fail(node, err, "'%s' is there twice", name);
            return NULL;
        }
    struct quantity *q = &s->quantities[s->n];
    *q = (struct quantity){ .name = name, .node = node };
    s->columns[s->n++] = (struct expression_column){ name, EXPRESSION_NUMBER };
    return q;
}

static bool read_number(const struct yaml_node *node, double *ret_number)
{
    return node->kind == YAML_SCALAR && !node->is_null && text_double(text_of(node->text), '.', ret_number);
}

/* ---- what a name is ---- */

static bool read_distribution(const struct yaml_node *map, struct quantity *q, struct arena *arena,
                              struct err *err)
{
    const char *word = map->keys[0];
    const struct yaml_node *list = map->items[0];
    size_t kind = 0;
    struct err why;
    while (kind < DISTRIBUTIONS && strcmp(distribution_names[kind], word) != 0) kind++;
    if (kind == DISTRIBUTIONS)
        return yaml_fail(map, err, "there is no distribution '%s'%s", word,
                         similar_names(word, distribution_names, DISTRIBUTIONS, arena));
    size_t wanted = distribution_n_parameters((enum distribution_kind)kind);
    bool is_one = list->kind == YAML_SCALAR && wanted == 1;
    if (!is_one && (list->kind != YAML_LIST || list->n != wanted))
        return yaml_fail(list, err, "%s takes [%s]", word, distribution_parameters[kind]);
    q->kind = IS_DRAWN, q->distribution.kind = (enum distribution_kind)kind;
    for (size_t i = 0; i < wanted; i++)
        if (!read_number(is_one ? list : list->items[i], &q->distribution.parameter[i]))
            return yaml_fail(is_one ? list : list->items[i], err, "%s takes numbers, [%s]", word,
                             distribution_parameters[kind]);
    return distribution_check(&q->distribution, &why) || yaml_fail(list, err, "%s", why.text);
}

/* {series: prices.csv, column: price, date: day, as_of: 2026-01-05}: the last value on or before the day. */
static bool read_series(const struct yaml_node *map, struct quantity *q, const char *folder, struct arena *arena,
                        struct err *err)
{
    static const char *const keys[] = { "series", "column", "date", "as_of" };
    const char *file = NULL, *column = NULL, *date = "date", *as_of = NULL;
    struct frame frame;
    size_t at;
    double *values;
    int64_t until, when, latest = INT64_MIN;
    if (!folder)
        return yaml_fail(map, err,
                         "a series is a file beside the scenario's own, and this one has none: give its number");
    if (!yaml_check_keys(map, keys, 4, err) || !yaml_text(map, "series", &file, err) ||
        !yaml_text(map, "column", &column, err) || !yaml_text(map, "date", &date, err) ||
        !yaml_text(map, "as_of", &as_of, err))
        return false;
    if (!file || !column || !as_of || !calendar_parse_iso(as_of, strlen(as_of), &until))
        return yaml_fail(map, err,
                         "a series is written {series: FILE, column: NAME, date: NAME, as_of: 2026-01-05}");
    if (*file != '/') file = arena_format(arena, "%s%s", folder, file);
    if (!frame_open(file, NULL, arena, &frame, err) || !frame_numbers(&frame, column, arena, &values, err) ||
        !frame_column(&frame, date, &at, arena, err))
        return err_context(err, "%s:%u", map->source, map->line);
    q->constant = NAN;
    for (size_t i = 0; i < frame.n_rows; i++) {
        struct text cell = frame.cells[i * frame.n_columns + at];
        if (!calendar_parse_iso(cell.at, cell.length, &when))
            return yaml_fail(map, err, "%s: line %" PRIu64 ", column %s: '%.*s' is no date like 2026-01-05", file,
                             frame.lines[i], date, (int)cell.length, cell.at);
        if (when <= until && when >= latest && !isnan(values[i])) latest = when, q->constant = values[i];
    }
    return !isnan(q->constant) || yaml_fail(map, err, "%s has no %s on or before %s", file, column, as_of);
}

static bool read_value(const struct yaml_node *node, struct quantity *q, const char *folder, struct arena *arena,
                       struct err *err)
{
    if (node->kind == YAML_MAP && yaml_find(node, "series")) return read_series(node, q, folder, arena, err);
    if (node->kind == YAML_MAP && node->n == 1) return read_distribution(node, q, arena, err);
    if (read_number(node, &q->constant)) return true;
    if (node->kind != YAML_SCALAR || node->is_null)
        return yaml_fail(node, err, "%s is a number, an SQL expression, or one distribution, as {normal: [60, 8]}",
                         q->name);
    q->kind = IS_WORKED_OUT, q->sql = node->text;
    return true;
}

static bool read_names(struct scenario *s, const struct yaml_node *map, bool is_output, const char *folder,
                       struct arena *arena, struct err *err)
{
    if (map->kind != YAML_MAP)
        return yaml_fail(map, err, "%s is a map of names", is_output ? "outputs" : "inputs");
    for (size_t i = 0; i < map->n; i++) {
        if (!is_name(map->keys[i]))
            return yaml_fail(map->items[i], err, "'%s' is no name: letters, digits and _ only", map->keys[i]);
        if (is_word(map->keys[i]))
            return yaml_fail(map->items[i], err, "'%s' means something in an expression: choose another name",
                             map->keys[i]);
        struct quantity *q = add(s, map->keys[i], map->items[i], err);
        if (!q || !read_value(map->items[i], q, folder, arena, err)) return false;
        q->is_output = is_output;
        if (is_output && q->kind == IS_DRAWN)
            return yaml_fail(map->items[i], err, "%s is an output, so it is an SQL expression over the inputs",
                             q->name);
    }
    return true;
}

/* A period or the discount: a number, a name or an expression. */
static bool read_flow(struct scenario *s, const struct yaml_node *node, const char *name, const char *folder,
                      struct arena *arena, size_t *ret_quantity, struct err *err)
{
    struct quantity *q = add(s, name, node, err);
    *ret_quantity = s->n - 1;
    if (q) s->columns[*ret_quantity].name = "";     /* no expression names it */
    return q && read_value(node, q, folder, arena, err);
}

static bool read_flows(struct scenario *s, const struct yaml_node *map, const char *folder, struct arena *arena,
                       struct err *err)
{
    static const char *const keys[] = { "discount", "periods" };
    const struct yaml_node *periods = yaml_find(map, "periods"), *discount = yaml_find(map, "discount");
    if (!yaml_check_keys(map, keys, 2, err)) return false;
    if (!periods || !discount || periods->kind != YAML_LIST || periods->n < 2)
        return yaml_fail(map, err,
                         "cash_flows has a discount and two or more periods: {discount: .08, periods: [-100, "
                         "60, 70]}");
    if (periods->n > SCENARIO_NAMES_MOST / 2)
        return yaml_fail(periods, err, "at most %d periods", SCENARIO_NAMES_MOST / 2);
    if (!read_flow(s, discount, "cash flow's discount", folder, arena, &s->discount, err)) return false;
    for (size_t i = 0; i < periods->n; i++)
        if (!read_flow(s, periods->items[i], arena_format(arena, "cash flow %zu", i), folder, arena,
                       &s->periods[i], err))
            return false;
    s->n_periods = periods->n;
    return true;
}

/* ---- order ---- */

enum { NOT_YET, UNDER_WAY, DONE };

struct ordering {
    struct scenario *s;
    uint8_t          state[SCENARIO_NAMES_MOST];
    size_t           way[SCENARIO_NAMES_MOST], n_way;
    struct arena    *arena;
};

static bool cycle(const struct ordering *o, size_t back_to, struct err *err)
{
    const char *text = "";
    size_t from = 0;
    while (o->way[from] != back_to) from++;
    for (size_t i = from; i < o->n_way; i++)
        text = arena_format(o->arena, "%s%s needs ", text, o->s->quantities[o->way[i]].name);
    return yaml_fail(o->s->quantities[back_to].node, err,
                     "%s%s: a circle, which cannot be worked out; give one of them another way", text,
                     o->s->quantities[back_to].name);
}

static bool visit(struct ordering *o, size_t at, struct err *err)
{
    struct quantity *q = &o->s->quantities[at];
    struct expression *compiled;
    struct err why;
    bool ok = true;
    if (o->state[at] == UNDER_WAY) return cycle(o, at, err);
    if (o->state[at] == DONE || q->kind != IS_WORKED_OUT) return true;
    q->sql = quoted(o->s, q->sql, o->arena);
    if (!expression_compile_number(q->sql, o->s->columns, o->s->n, "input or output", &compiled, &why))
        return yaml_fail(q->node, err, "%s: %s", q->name, why.text);
    o->state[at] = UNDER_WAY, o->way[o->n_way++] = at;
    size_t n_needed;
    const uint32_t *needed = expression_columns(compiled, &n_needed);
    for (size_t i = 0; ok && i < n_needed; i++) ok = visit(o, needed[i], err);
    expression_free(compiled);
    o->state[at] = DONE, o->n_way--;
    if (ok) o->s->order[o->s->n_worked++] = at;
    return ok;
}

static bool from_root(const struct yaml_node *root, const char *path, bool is_file, struct arena *arena,
                      struct scenario **ret_scenario, struct err *err)
{
    static const char *const outer[] = { "scenario" }, *const keys[] = { "inputs", "outputs", "cash_flows" };
    struct scenario *s = ARENA_NEW(arena, struct scenario);
    struct ordering *o = ARENA_NEW(arena, struct ordering);
    const struct yaml_node *map;
    const char *slash = strrchr(path, '/'),
               *folder = slash ? arena_format(arena, "%.*s", (int)(slash - path + 1), path) : "";
    if (!is_file) folder = NULL;
    if (!yaml_check_keys(root, outer, 1, err)) return false;
    if (!(map = yaml_find(root, "scenario")))
        return yaml_fail(root, err, "a scenario begins with scenario:, and has inputs and outputs");
    const struct yaml_node *inputs = yaml_find(map, "inputs"), *outputs = yaml_find(map, "outputs"),
                           *flows = yaml_find(map, "cash_flows");
    s->path = path;
    if (!yaml_check_keys(map, keys, 3, err)) return false;
    if (!outputs && !flows)
        return yaml_fail(map, err, "the scenario has no outputs, so there is nothing to work out");
    if ((inputs && !read_names(s, inputs, false, folder, arena, err)) ||
        (outputs && !read_names(s, outputs, true, folder, arena, err)) ||
        (flows && !read_flows(s, flows, folder, arena, err)))
        return false;
    o->s = s, o->arena = arena;
    for (size_t i = 0; i < s->n; i++)
        if (!visit(o, i, err)) return false;
    *ret_scenario = s;
    return true;
}

bool scenario_parse(struct text yaml, const char *name, struct arena *arena, struct scenario **ret_scenario,
                    struct err *err)
{
    const struct yaml_node *root;
    return yaml_parse(yaml.at, yaml.length, name, arena, &root, err) &&
           from_root(root, name, false, arena, ret_scenario, err);
}

bool scenario_read(const char *path, struct arena *arena, struct scenario **ret_scenario, struct err *err)
{
    const struct yaml_node *root;
    return yaml_read(path, arena, &root, err) && from_root(root, path, true, arena, ret_scenario, err);
}
