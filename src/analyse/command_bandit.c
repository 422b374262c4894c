/* command_bandit.c - which arm is best, from a file of what was tried and what came of it, or of the database. */
#include "analyse/bandit_database.h"
#include "base/json_write.h"
#include "cli/argument.h"
#include "cli/json_out.h"
#include "cli/warnings.h"
#include "decide/bandit_state.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_ROOM = 32 };

struct bandit_file {
    struct invocation   *invocation;
    struct arena        *arena;
    struct frame         frame;
    struct frame_levels  arms;
    double              *reward;
    const char          *names[LINEAR_WIDTH_MOST];      /* of the context */
    double              *context[LINEAR_WIDTH_MOST], ask[LINEAR_WIDTH_MOST];
    size_t               width;
    double               alpha, floor, half_life;
    bool                 is_linucb;
};

/* ---- reading ---- */

static bool read_context(struct bandit_file *f, struct err *err)
{
    for (const char *rest = flag_text(f->invocation, "context", ""); *rest;) {
        size_t length = strcspn(rest, ",");
        if (f->width == LINEAR_WIDTH_MOST)
            return err_set(err, ERR_INVALID, "--context names more than %d columns", LINEAR_WIDTH_MOST);
        f->names[f->width] = arena_format(f->arena, "%.*s", (int)length, rest);
        if (!frame_numbers(&f->frame, f->names[f->width], f->arena, &f->context[f->width], err))
            return err_context(err, "--context");
        f->width++, rest += length + (rest[length] == ',');
    }
    return true;
}

static bool read_ask(struct bandit_file *f, struct err *err)
{
    bool is_given[LINEAR_WIDTH_MOST] = { 0 };
    const char *ask = flag_text(f->invocation, "ask", NULL);
    for (const char *rest = ask ? ask : ""; *rest;) {
        size_t length = strcspn(rest, ","), c = 0;
        const char *part = arena_format(f->arena, "%.*s", (int)length, rest), *equals = strchr(part, '=');
        while (c < f->width && !(equals && strncmp(f->names[c], part, (size_t)(equals - part)) == 0 &&
                                 strlen(f->names[c]) == (size_t)(equals - part)))
            c++;
        if (c == f->width || !text_double(text_of(equals + 1), '.', &f->ask[c]))
            return err_set(err, ERR_INVALID,
                           "--ask is written like x0=1,x1=.4, of the columns of --context; not %s", part);
        is_given[c] = true, rest += length + (rest[length] == ',');
    }
    for (size_t c = 0; c < f->width; c++)
        if (!is_given[c])
            return err_set(err, ERR_INVALID,
                           "--ask says for whom: a value for each column of --context, also for %s", f->names[c]);
    return true;
}

static bool read_file(struct bandit_file *f, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *arm = flag_text(in, "arm", NULL), *reward = flag_text(in, "reward", NULL),
               *where = flag_text(in, "where", NULL), *policy = flag_text(in, "policy", "thompson");
    size_t column;
    f->is_linucb = strcmp(policy, "linucb") == 0;
    if (!arm || !reward)
        return err_set(err, ERR_INVALID, "--arm COL says what was tried, and --reward COL what came of it");
    if (!f->is_linucb && strcmp(policy, "thompson") != 0)
        return err_set(err, ERR_INVALID, "--policy is thompson or linucb; not %s", policy);
    if (!flag_double(in, "alpha", 0, 1e6, 1, &f->alpha, err) ||
        !flag_double(in, "floor", 0, 1, 0, &f->floor, err) ||
        !flag_double(in, "half-life", 1e-3, 1e15, HUGE_VAL, &f->half_life, err) ||
        !frame_open(in->arguments[0], in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)) || !frame_column(&f->frame, arm, &column, f->arena, err) ||
        !frame_arms(&f->frame, column, BANDIT_ARMS_MOST, f->arena, &f->arms, err) ||
        !frame_numbers(&f->frame, reward, f->arena, &f->reward, err) || !read_context(f, err))
        return false;
    if (f->arms.n == 0)
        return err_set(err, ERR_REFUSED, "%s: column %s is empty: no arm was tried", f->frame.path, arm);
    if (f->floor * (double)f->arms.n > 1)
        return err_set(err, ERR_INVALID, "--floor %g for each of %zu arms is more than all: at most %g", f->floor,
                       f->arms.n, 1 / (double)f->arms.n);
    if (f->is_linucb && f->width == 0)
        return err_set(err, ERR_INVALID, "linucb needs --context, the columns that it looks at");
    return f->width == 0 || read_ask(f, err);
}

/* ---- arms without a context ---- */

static bool is_yes_no(const struct bandit_file *f)
{
    for (size_t i = 0; i < f->frame.n_rows; i++)
        if (!isnan(f->reward[i]) && f->reward[i] != 0 && f->reward[i] != 1) return false;
    return true;
}

/* A reward that has not come yet is no failure: its row waits.  Returns how many do. */
static size_t tally_of(const struct bandit_file *f, struct bandit_tally *ret)
{
    size_t waiting = 0;
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        if (f->arms.of[i] == FRAME_MISSING) continue;
        if (isnan(f->reward[i])) { waiting++; continue; }
        double weight = exp2(-(double)(f->frame.n_rows - 1 - i) / f->half_life);
        struct bandit_tally *to = &ret[f->arms.of[i]];
        to->n++, to->tried += weight;
        to->sum += weight * f->reward[i], to->squares += weight * f->reward[i] * f->reward[i];
    }
    return waiting;
}

static json_t *arms_json(const struct bandit_file *f)
{
    struct bandit_tally tally[BANDIT_ARMS_MOST] = { 0 };
    struct bandit_arm arms[BANDIT_ARMS_MOST];
    double chance[BANDIT_ARMS_MOST], floored[BANDIT_ARMS_MOST];
    bool is_beta = is_yes_no(f);
    size_t waiting = tally_of(f, tally), best = 0;
    json_t *all = json_array();
    bandit_plain_arms(tally, f->arms.n, !is_beta, arms);
    bandit_chances(arms, f->arms.n, chance);
    memcpy(floored, chance, sizeof floored);
    bandit_floor(floored, f->arms.n, f->floor);
    for (size_t a = 0; a < f->arms.n; a++) {
        double mean = tally[a].tried > 0 ? tally[a].sum / tally[a].tried : (double)NAN;
        if (chance[a] > chance[best]) best = a;
        json_array_append_new(all, json_pack("{s:s, s:I, s:o, s:o, s:o, s:f, s:f}", "arm", f->arms.names[a], "n",
                                             (json_int_t)tally[a].n, "mean", number_json(mean), "alpha",
                                             is_beta ? json_real(arms[a].alpha) : json_null(), "beta",
                                             is_beta ? json_real(arms[a].beta) : json_null(), "chance_best",
                                             chance[a], "propensity", floored[a]));
    }
    return json_pack("{s:o, s:I, s:s, s:o}", "arms", all, "waiting", (json_int_t)waiting, "best",
                     f->arms.names[best], "chance_best", json_real(chance[best]));
}

/* ---- arms with a context ---- */

static bool fit_linear(const struct bandit_file *f, struct linear_arm *arms, double *ret_variance, size_t *ret_n,
                       struct err *err)
{
    double x[LINEAR_WIDTH_MOST], squares = 0;
    size_t rows = 0;
    for (size_t a = 0; a < f->arms.n; a++) arms[a] = linear_arm_new(f->width, f->arena);
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        if (f->arms.of[i] == FRAME_MISSING || isnan(f->reward[i])) continue;
        for (size_t c = 0; c < f->width; c++) {
            x[c] = f->context[c][i];
            if (isnan(x[c]))
                return err_set(err, ERR_INVALID,
                               "%s: line %" PRIu64 ", column %s is missing: leave such rows out with --where",
                               f->frame.path, f->frame.lines[i], f->names[c]);
        }
        squares += pow(f->reward[i] - linear_arm_mean(&arms[f->arms.of[i]], x), 2), rows++;
        linear_arm_add(&arms[f->arms.of[i]], x, f->reward[i]);
        ret_n[f->arms.of[i]]++;
    }
    *ret_variance = rows > 0 ? fmax(squares / (double)rows, 1e-12) : 1;
    return true;
}

static bool linear_json(const struct bandit_file *f, json_t **ret_json, struct err *err)
{
    struct linear_arm arms[BANDIT_ARMS_MOST];
    struct bandit_arm normal[BANDIT_ARMS_MOST];
    double chance[BANDIT_ARMS_MOST], floored[BANDIT_ARMS_MOST], variance = 1;
    size_t n[BANDIT_ARMS_MOST] = { 0 }, best = 0;
    if (!fit_linear(f, arms, &variance, n, err)) return false;
    json_t *all = json_array();
    for (size_t a = 0; a < f->arms.n; a++)
        normal[a] = (struct bandit_arm){ linear_arm_mean(&arms[a], f->ask), 0,
                                         fmax(sqrt(variance) * linear_arm_spread(&arms[a], f->ask), 1e-9) };
    if (!f->is_linucb) {
        bandit_chances(normal, f->arms.n, chance);
        memcpy(floored, chance, sizeof floored);
        bandit_floor(floored, f->arms.n, f->floor);
    }
    for (size_t a = 0; a < f->arms.n; a++) {
        double upper = normal[a].alpha + f->alpha * linear_arm_spread(&arms[a], f->ask),
               best_upper = normal[best].alpha + f->alpha * linear_arm_spread(&arms[best], f->ask);
        json_t *theta = json_array();
        for (size_t c = 0; c < f->width; c++) json_array_append_new(theta, json_real(arms[a].theta[c]));
        if (f->is_linucb ? upper > best_upper : chance[a] > chance[best]) best = a;
        json_array_append_new(all,
                              json_pack("{s:s, s:I, s:o, s:f, s:f, s:o, s:o}", "arm", f->arms.names[a], "n",
                                        (json_int_t)n[a], "theta", theta, "mean", normal[a].alpha, "upper", upper,
                                        "chance_best", f->is_linucb ? json_null() : number_json(chance[a]),
                                        "propensity", f->is_linucb ? json_null() : number_json(floored[a])));
    }
    *ret_json = json_pack("{s:o, s:s}", "arms", all, "best", f->arms.names[best]);
    return true;
}

/* ---- the command ---- */

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* "-" of an arm that was not tried. */
static const char *number_text(double number, char room[NUMBER_ROOM])
{
    if (isnan(number)) return "-";
    snprintf(room, NUMBER_ROOM, "%.5g", number);
    return room;
}

static void print_arms(const json_t *json)
{
    char room[NUMBER_ROOM];
    size_t i;
    const json_t *row;
    bool is_drawn = false;      /* linucb draws nothing: it hopes */
    json_array_foreach(json_object_get(json, "arms"), i, row) is_drawn |= !isnan(at(row, "chance_best"));
    printf("%-24s %10s %12s %12s\n", "arm", "tried", "mean", is_drawn ? "chance best" : "upper");
    json_array_foreach(json_object_get(json, "arms"), i, row)
        printf("%-24s %10.0f %12s %12.5g\n", json_string_value(json_object_get(row, "arm")), at(row, "n"),
               number_text(at(row, "mean"), room), at(row, is_drawn ? "chance_best" : "upper"));
    if (at(json, "waiting") > 0)
        printf("\n%.0f rewards have not come yet and are not counted.\n", at(json, "waiting"));
    printf("\nBest by what is known: %s.\n", json_string_value(json_object_get(json, "best")));
}

/* What was typed and is only of another kind of bandit. */
static json_t *bandit_warnings(const struct invocation *invocation, bool is_file, bool is_linear, bool is_linucb)
{
    static const char *const of_files[] = { "arm",   "reward", "policy",    "context", "ask",
                                            "alpha", "floor",  "half-life", "where",   NULL },
                      *const of_names[] = { "as-of", NULL }, *const linear[] = { "ask", "alpha", NULL },
                      *const plain[] = { "half-life", NULL }, *const thompson[] = { "floor", NULL };
    json_t *warnings = json_array();
    if (!is_file) warn_of_flags(invocation, of_files, "on a bandit of the settings", warnings);
    else warn_of_flags(invocation, of_names, "on a file", warnings);
    if (is_file && !is_linear) warn_of_flags(invocation, linear, "without --context", warnings);
    if (is_file && is_linear) warn_of_flags(invocation, plain, "with --context", warnings);
    if (is_file && is_linucb) warn_of_flags(invocation, thompson, "on linucb, which draws nothing", warnings);
    return warnings;
}

static void warn(json_t *warnings, const char *sentence)
{
    json_array_append_new(warnings, json_string(sentence));
}

/* What there is to choose between. */
static void warn_of_choice(const json_t *json, struct arena *arena, json_t *warnings)
{
    const json_t *arms = json_object_get(json, "arms"), *row;
    const char *best = json_string_value(json_object_get(json, "best"));
    double most = -HUGE_VAL;
    size_t i;
    if (json_array_size(arms) == 1 && best)
        warn(warnings, arena_format(arena, "only one arm, %s, was ever tried: there is nothing to choose between; "
                                    "try another beside it", best));
    json_array_foreach(arms, i, row) most = fmax(most, at(row, "chance_best"));
    json_array_foreach(arms, i, row) {
        const char *arm = json_string_value(json_object_get(row, "arm"));
        if (!best || !arm || strcmp(arm, best) == 0 || !(at(row, "chance_best") >= most)) continue;
        warn(warnings, arena_format(arena, "by what is known %s and %s are equally good: more trials would tell",
                                    best, arm));
        return;
    }
}

static bool run_bandit(struct invocation *invocation, struct err *err)
{
    struct bandit_file *f = ARENA_NEW(invocation->arena, struct bandit_file);
    json_t *json;
    f->invocation = invocation, f->arena = invocation->arena;
    bool is_file = argument_is_file(invocation->arguments[0]) || flag_is_given(invocation, "arm");
    if (is_file ? !read_file(f, err) : !bandit_database(invocation, invocation->arguments[0], &json, err))
        return false;
    if (is_file && f->width == 0) json = arms_json(f);
    else if (is_file && !linear_json(f, &json, err)) return false;
    json_object_set_new(json, "warnings", bandit_warnings(invocation, is_file, f->width > 0, f->is_linucb));
    warn_of_choice(json, f->arena, json_object_get(json, "warnings"));
    if (invocation->is_json) { json_print_take(json); return true; }
    print_arms(json);
    warnings_print(invocation, json_object_get(json, "warnings"));
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "arm", "COL", "what was tried" },
    { "reward", "COL", "what came of it: 0 and 1, or an amount; missing where it has not come yet" },
    { "policy", "NAME", "thompson or linucb (else thompson)" },
    { "context", "LIST", "columns that describe each trial; a constant 1 has to be one of them" },
    { "ask", "LIST", "for whom: x0=1,x1=.4" },
    { "alpha", "A", "linucb: how many standard deviations of hope (else 1)" },
    { "floor", "SHARE", "thompson: the least chance of any arm" },
    { "half-life", "ROWS", "thompson: a row counts half as much as one so many rows later" },
    { "where", "SQL", "only rows for which this holds" },
    { "as-of", "DATE", "of a bandit of the settings: by what was known when this day began (else now)" },
    { 0 },
};

const struct command command_bandit = {
    .name = "bandit",
    .arguments = "FILE|NAME",
    .summary = "which arm is best by what was tried, and with which chance to take each",
    .details = "Thompson sampling's chances are computed, not drawn: they are the propensities that a log needs.\n"
               "NAME is a bandit of the settings, by what the database's decisions at its placement earned.",
    .example = "holdfast bandit trials.csv --arm subject --reward opened",
    .flags = flags,
    .run = run_bandit,
};
