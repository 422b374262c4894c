/* feature_generate.c - which features make sense for what a log holds; see feature_set.h. */
#include "feature/feature_set_internal.h"
#include "feature/churn_event.h"
#include "feature/survey.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_DEFAULT = 12, PLANS_MAX = 2000, VALUES_MAX = 20, REASONS_MAX = 2000, EVENTS_FOR_WINDOWS = 3 };

#define KIND_SHARE_LEAST  0.005     /* of customers that have the kind */
#define VALUE_SHARE_LEAST 0.01      /* of values, for a column of its own */
#define GOAL_SHARE_ALONE  0.8       /* of events that are the goal: then all events say what the goal says */

struct generation {
    const struct log             *log;
    const struct feature_options *options;
    struct survey                 survey;
    struct feature_set           *set;
    struct feature_plan          *plans;        /* [n_plans] */
    size_t                        n_plans;
    struct taken                 *taken;        /* [n_plans] what each plan of a category stands for */
    struct arena                 *arena;
};

struct taken { uint64_t signature, total; };

static void leave_out(struct generation *generation, const char *name, const char *reason)
{
    struct feature_set *set = generation->set;
    if (set->n_left_out < REASONS_MAX) set->left_out[set->n_left_out++] = (struct left_out){ name, reason };
}

/* ---- warnings ---- */

static const char *kind_warning(struct generation *generation, const char *name)
{
    return churn_event_is_named(name, generation->arena) ? "may itself be the leaving that is to be predicted" : NULL;
}

static const char *trait_warning(struct generation *generation, const char *name)
{
    return churn_event_is_named(name, generation->arena) ? "may have been written down when the customer left" : NULL;
}

/* ---- kinds of event ---- */

struct kind_choice { uint32_t kind; const char *name; const struct kind_survey *survey; bool is_lines; };

static int compare_choices(const void *a_pointer, const void *b_pointer)
{
    const struct kind_choice *a = a_pointer, *b = b_pointer;
    if (a->is_lines != b->is_lines) return a->is_lines ? 1 : -1;
    if (a->survey->n_customers != b->survey->n_customers)
        return a->survey->n_customers > b->survey->n_customers ? -1 : 1;
    if (a->survey->n_events != b->survey->n_events) return a->survey->n_events > b->survey->n_events ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* order_item where there is order: its lines, not events of their own. */
static bool is_lines_of_another(const struct log *log, struct text name)
{
    uint32_t kind;
    struct text suffix = text_of("_item");
    if (name.length <= suffix.length || memcmp(name.at + name.length - suffix.length, suffix.at,
                                               suffix.length) != 0)
        return false;
    return log_find(log, DICTIONARY_KIND, (struct text){ name.at, name.length - suffix.length }, &kind);
}

static size_t list_kinds(struct generation *generation, struct kind_choice *ret_choices)
{
    size_t n = 0;
    struct feature_set *set = generation->set;
    for (uint32_t kind = 1; kind < generation->survey.n_kinds; kind++) {
        struct text text = log_name(generation->log, DICTIONARY_KIND, kind);
        const char *name = arena_format(generation->arena, "%.*s", (int)text.length, text.at);
        bool is_lines = is_lines_of_another(generation->log, text);
        if (is_lines) set->not_counted[set->n_not_counted++] = name;
        if (strcmp(name, KIND_TRAITS) == 0 || generation->survey.kinds[kind].n_events == 0) continue;
        ret_choices[n++] = (struct kind_choice){ kind, name, &generation->survey.kinds[kind], is_lines };
    }
    qsort(ret_choices, n, sizeof *ret_choices, compare_choices);
    return n;
}

static void add_plan(struct generation *generation, struct feature_plan plan)
{
    if (generation->n_plans < PLANS_MAX) generation->plans[generation->n_plans++] = plan;
}

/* Whether an output says the same of all, or what another says: a window as long as the history, hours and
 * days of the week that (nearly) no event has, the trend of amounts below zero. */
static bool is_idle(const struct generation *generation, const struct kind_survey *survey, const char *suffix)
{
    static const char *const quarters[] = { "night_share", "morning_share", "afternoon_share", "evening_share" };
    static const struct { const char *suffix; int64_t n_days; } windows[] = {
        { "count_30d", 30 }, { "count_90d", 90 }, { "count_365d", 365 }, { "amount_30d", 30 },
        { "amount_90d", 90 },
        { "amount_365d", 365 } };
    for (size_t q = 0; q < 4; q++)
        if (strcmp(suffix, quarters[q]) == 0 && survey->n_quarter[q] * 100 < survey->n_events) return true;
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
        if (strcmp(suffix, windows[w].suffix) == 0 && generation->survey.span_days <= windows[w].n_days)
            return true;
    if (strcmp(suffix, "weekend_share") == 0) return survey->n_weekend * 100 < survey->n_events;
    return strcmp(suffix, "amount_trend") == 0 && survey->n_negative * 2 > survey->n_amounts;
}

/* Adds the outputs of an operator, named by suffix and NULL-terminated, that the kind's events have the
 * material for; suffixes NULL: all outputs. */
static void add_outputs(struct generation *generation, const struct kind_choice *choice,
                        const struct operator *operator, unsigned has, const char *const *suffixes)
{
    bool is_any = !choice;
    double n_customers = (double)generation->survey.n_customers;
    for (size_t o = 0; o < operator->n_outputs; o++) {
        bool is_wanted = !suffixes;
        for (size_t s = 0; suffixes && suffixes[s]; s++)
            is_wanted |= strcmp(suffixes[s], operator->outputs[o].suffix) == 0;
        if (!is_wanted || (operator->outputs[o].needs & ~has)) continue;
        if (choice && is_idle(generation, choice->survey, operator->outputs[o].suffix)) continue;
        add_plan(generation, (struct feature_plan){
            .kind_name = is_any ? "" : choice->name, .operator = operator, .output = o,
            .warning = is_any ? NULL : kind_warning(generation, choice->name),
            .coverage = is_any ? 1 : (double)choice->survey->n_customers / n_customers });
    }
}

static unsigned material_of(const struct kind_choice *choice, bool has_others)
{
    const struct kind_survey *survey = choice->survey;
    bool has_clock = survey->n_clock * 10 > survey->n_events;
    return (survey->n_amounts ? NEEDS_AMOUNT : 0u) | (survey->n_items ? NEEDS_ITEM : 0u) |
           (survey->n_quantities ? NEEDS_QUANTITY : 0u) | (has_clock ? NEEDS_CLOCK : 0u) |
           (has_others ? NEEDS_OTHERS : 0u);
}

static void add_kind(struct generation *generation, const struct kind_choice *choice, bool is_goal,
                     bool has_others)
{
    static const char *const other_times[] = { "count", "share", "recency_days", NULL };
    static const char *const other_days[] = { "count_30d", "count_90d", NULL };
    static const char *const line_times[] = { "count", NULL }, *const line_amount[] = { "amount_mean", NULL };
    unsigned has = material_of(choice, has_others);
    if (choice->is_lines) {
        add_outputs(generation, choice, &operator_times, has, line_times);
        add_outputs(generation, choice, &operator_distinct, has, NULL);
        add_outputs(generation, choice, &operator_amount, has, line_amount);
        return;
    }
    add_outputs(generation, choice, &operator_times, has, is_goal ? NULL : other_times);
    bool is_frequent = choice->survey->n_events >= EVENTS_FOR_WINDOWS * choice->survey->n_customers;
    if (is_goal || is_frequent) add_outputs(generation, choice, &operator_days, has, is_goal ? NULL : other_days);
    add_outputs(generation, choice, &operator_decayed, has, NULL);
    add_outputs(generation, choice, &operator_amount, has, NULL);
    if (is_goal) add_outputs(generation, choice, &operator_extremes, has, NULL);
    if (is_goal) add_outputs(generation, choice, &operator_quantity, has, NULL);
    add_outputs(generation, choice, &operator_distinct, has, NULL);
    if (is_goal) add_outputs(generation, choice, &operator_profile, has, NULL);
}

static void add_kind_decays(struct generation *generation, const struct kind_choice *choice)
{
    static const char *const decays[] = { "decayed_7d", "decayed_30d", "decayed_90d", "decayed_365d",
                                          "amount_decayed_7d", "amount_decayed_30d", "amount_decayed_90d",
                                          "amount_decayed_365d", NULL };
    add_outputs(generation, choice, &operator_decayed, NEEDS_AMOUNT, decays);
}

static bool is_needed(const struct feature_options *options, const char *kind, const char *goal)
{
    for (size_t i = 0; i < options->n_kinds; i++)
        if (strcmp(options->kinds[i], kind) == 0) return true;
    return strcmp(kind, goal) == 0;
}

/* Kinds in their order; the goal and what is needed are always taken, lines only with their goal. */
static void add_chosen(struct generation *generation, const struct kind_choice *choices, size_t n,
                       const char *goal, bool has_others)
{
    const struct feature_options *options = generation->options;
    size_t n_max = options->n_kinds_max ? options->n_kinds_max : KINDS_DEFAULT, n_taken = 0;
    for (size_t i = 0; i < n; i++) {
        const struct kind_choice *choice = &choices[i];
        bool is_goal = strcmp(choice->name, goal) == 0;
        bool is_goal_lines = choice->is_lines && strlen(choice->name) == strlen(goal) + strlen("_item") &&
                             strncmp(choice->name, goal, strlen(goal)) == 0;
        const char *name = arena_format(generation->arena, "event %s", choice->name);
        bool is_taken = is_needed(options, choice->name, goal);
        if (!is_taken &&
            (double)choice->survey->n_customers < KIND_SHARE_LEAST * (double)generation->survey.n_customers) {
            leave_out(generation, name, "too few customers have one");
        } else if (choice->is_lines && !is_goal_lines) {
            leave_out(generation, name, "lines are used of the goal only");
        } else if (!is_taken && n_taken >= n_max) {
            leave_out(generation, name, arena_format(generation->arena,
                                                     "only the %zu most widespread kinds are used", n_max));
        } else {
            n_taken++;
            if (options->decays_only) add_kind_decays(generation, choice);
            else add_kind(generation, choice, is_goal, has_others);
        }
    }
}

static void add_kinds(struct generation *generation)
{
    static const char *const any_times[] = { "recency_days", "tenure_days", NULL };
    static const char *const any_decays[] = { "decayed_30d", "trend", NULL };
    const struct feature_options *options = generation->options;
    struct kind_choice *choices = ARENA_ARRAY(generation->arena, struct kind_choice,
                                              generation->survey.n_kinds + 1);
    size_t n = list_kinds(generation, choices), n_own = 0;
    const char *goal = options->goal ? options->goal : n ? choices[0].name : "";
    uint64_t n_events = 0, n_goal = 0;
    for (size_t i = 0; i < n; i++) {
        if (choices[i].is_lines) continue;
        n_own++;
        n_events += choices[i].survey->n_events;
        if (strcmp(choices[i].name, goal) == 0) n_goal = choices[i].survey->n_events;
    }
    bool says_more = n_own > 1 && (double)n_goal < GOAL_SHARE_ALONE * (double)n_events;
    add_chosen(generation, choices, n, goal, n_own > 1);
    if (options->decays_only || says_more) add_outputs(generation, NULL, &operator_times, 0, any_times);
    if (says_more && !options->decays_only) add_outputs(generation, NULL, &operator_decayed, 0, any_decays);
}

/* ---- traits ---- */

static bool is_id_name(const char *name)
{
    size_t length = strlen(name);
    return strcasecmp(name, "id") == 0 || (length > 2 && (strcasecmp(name + length - 3, "_id") == 0 ||
           strcmp(name + length - 2, "Id") == 0 || strcmp(name + length - 2, "ID") == 0));
}

static int compare_values(const void *a_pointer, const void *b_pointer)
{
    const struct trait_value *a = a_pointer, *b = b_pointer;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* The plan that is true of the same customers as a value, or of all others; NULL if there is none. */
static const struct feature_plan *same_customers(const struct generation *generation, uint64_t signature,
                                                 uint64_t total)
{
    for (size_t i = 0; i < generation->n_plans; i++) {
        const struct taken *taken = &generation->taken[i];
        if (!generation->plans[i].value || taken->total != total) continue;
        if (taken->signature == signature || taken->signature + signature == total) return &generation->plans[i];
    }
    return NULL;
}

/* Tells the plans from first on, which are a trait's, of its value that has none of them, where it is the only one. */
static void name_other(struct generation *generation, const struct trait_survey *trait, size_t first)
{
    const char *other = NULL;
    size_t n_plans = generation->n_plans - first;
    if (trait->n_beyond > 0 || trait->n_distinct != n_plans + 1) return;
    for (size_t v = 0; v < trait->n_distinct; v++) {
        bool has_plan = false;
        for (size_t i = 0; i < n_plans; i++)
            has_plan |= strcmp(generation->plans[first + i].value, trait->values[v].text) == 0;
        if (!has_plan) other = trait->values[v].text;
    }
    for (size_t i = 0; i < n_plans; i++) generation->plans[first + i].other = other;
}

/* A column for each frequent value; of two values only one, the other is its opposite. */
static void add_categories(struct generation *generation, const struct trait_survey *trait,
                           struct feature_plan plan)
{
    struct arena *arena = generation->arena;
    size_t n = trait->n_distinct, n_taken = 0, first = generation->n_plans;
    qsort(trait->values, n, sizeof *trait->values, compare_values);
    bool is_pair = n == 2 && trait->n_beyond == 0;
    bool takes_second = is_pair && strcmp(trait->values[0].text, trait->values[1].text) < 0;
    for (size_t v = takes_second; v < n && n_taken < (is_pair ? 1 : VALUES_MAX); v++) {
        const struct trait_value *value = &trait->values[v];
        if (!is_pair && (double)value->n < VALUE_SHARE_LEAST * (double)trait->n_values) break;
        n_taken++;
        const struct feature_plan *same = same_customers(generation, value->signature, trait->signature);
        if (same) {
            leave_out(generation, arena_format(arena, "%s = %s", trait->name, value->text),
                      arena_format(arena, "says what %s = %s says", same->trait, same->value));
            continue;
        }
        plan.value = value->text;
        if (generation->n_plans < PLANS_MAX)
            generation->taken[generation->n_plans] = (struct taken){ value->signature, trait->signature };
        add_plan(generation, plan);
    }
    name_other(generation, trait, first);
    if (n_taken == 0)
        leave_out(generation, trait->name, arena_format(arena,
                                                        "more than %zu different values, none of them "
                                                        "frequent", n));
}

/* Whether "A, B" has the name, in any case. */
static bool is_listed(const char *list, const char *name)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        if (text_equal_ignoring_case(text_trim((struct text){ list, n }), text_of(name))) return true;
        list += n + (list[n] == ',');
    }
    return false;
}

static void add_trait(struct generation *generation, const struct trait_survey *trait)
{
    const char *excluded = generation->options->excluded_trait;
    bool is_number = trait->n_values > 0 && trait->n_numbers * 20 >= trait->n_values * 19;
    bool is_running = is_number && trait->n_beyond > 0 && trait->n_integers == trait->n_values &&
                      trait->max - trait->min + 1 == (double)trait->n_values;
    bool is_flag = is_number && trait->n_distinct == 2 && trait->n_beyond == 0 && trait->min == 0 &&
        trait->max == 1 &&
                   trait->n_integers == trait->n_values;
    struct feature_plan plan = { .kind_name = KIND_TRAITS, .operator = &operator_traits,
                                 .trait = trait->name, .is_flag = is_flag,
                                 .warning = trait_warning(generation, trait->name),
                                 .coverage =
                                     (double)trait->n_customers / (double)generation->survey.n_customers };
    if (excluded && strcmp(trait->name, excluded) == 0)
        leave_out(generation, trait->name, "is what is asked for");
    else if (is_listed(generation->options->ignored, trait->name) ||
             (generation->options->only && !is_listed(generation->options->only, trait->name)))
        leave_out(generation, trait->name, "as asked");
    else if (trait->n_values > 0 && generation->survey.last_known_ms != INT64_MIN &&
             trait->first_known_ms >= generation->survey.last_known_ms)
        leave_out(generation, trait->name, "says how customers stand on the last day, not how they stood before");
    else if (trait->n_values == 0) leave_out(generation, trait->name, "always empty");
    else if (trait->n_distinct == 1 && trait->n_beyond == 0 &&
             trait->n_customers == generation->survey.n_customers)
        leave_out(generation, trait->name, "always the same");
    else if (is_running || (is_id_name(trait->name) && trait->n_beyond > 0))
        leave_out(generation, trait->name, "identifies the customer and says nothing else");
    else if (is_number) add_plan(generation, plan);
    else add_categories(generation, trait, plan);
}

bool feature_set_generate(const struct log *log, const struct feature_options *options, struct arena *arena,
                          struct feature_set **ret_set, struct err *err)
{
    struct feature_set *set = ARENA_NEW(arena, struct feature_set);
    struct generation generation = { .log = log, .options = options, .set = set, .arena = arena };
    generation.plans = ARENA_ARRAY(arena, struct feature_plan, PLANS_MAX);
    generation.taken = ARENA_ARRAY(arena, struct taken, PLANS_MAX);
    if (!survey_log(log, options->n_threads, arena, &generation.survey, err))
        return err_context(err, "looking at the log");
    if (generation.survey.n_customers == 0)
        return err_set(err, ERR_REFUSED,
                       "there is no event of a known customer: import a file with a customer column first");
    set->landmark_day = generation.survey.mean_day;
    set->left_out = ARENA_ARRAY(arena, struct left_out, REASONS_MAX);
    set->not_counted = ARENA_ARRAY(arena, const char *, generation.survey.n_kinds + 1);
    set->not_counted[set->n_not_counted++] = KIND_TRAITS;
    add_kinds(&generation);
    for (size_t t = 0; t < generation.survey.n_traits && !options->decays_only; t++)
        add_trait(&generation, &generation.survey.traits[t]);
    if (generation.n_plans == 0) return err_set(err, ERR_REFUSED, "the log has nothing to make a feature of");
    feature_set_compile(set, generation.plans, generation.n_plans, log, arena);
    *ret_set = set;
    return true;
}
