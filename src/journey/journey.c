/* journey.c - see journey.h. */
#include "journey/journey_internal.h"

#include "condition/expression.h"

#include <string.h>

/* ---- conditions ---- */

static const struct condition *add_condition(struct reading_journey *r, const struct condition *condition)
{
    struct journey *journey = &r->journey;
    if (journey->n_conditions == r->room_conditions) {
        struct condition *more = ARENA_ARRAY(r->arena, struct condition, 2 * r->room_conditions + 16);
        if (journey->n_conditions) memcpy(more, r->conditions, journey->n_conditions * sizeof *more);
        r->room_conditions = 2 * r->room_conditions + 16;
        r->conditions = more;
        journey->conditions = more;
    }
    r->conditions[journey->n_conditions] = *condition;
    return &r->conditions[journey->n_conditions++];
}

/* Names are looked for when it is asked: here any will do. */
bool read_condition(struct reading_journey *r, const struct yaml_node *node, const char *key,
                    struct condition *ret_condition, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    struct condition condition = { .number = (unsigned)r->journey.n_conditions };
    if (!value) return true;
    if (!words_text(node, key, &condition.sql, err)) return false;
    condition.written = condition.sql;
    condition.sql = condition_sql(condition.sql, r->arena);
    condition.line = value->line;
    condition.column = value->column;
    struct expression *expression;
    struct err why;
    if (!expression_compile_columns(condition.sql, NULL, 0, true, &expression, &why))
        return yaml_fail(value, err, "'%s': %s", key, why.text);
    expression_free(expression);
    *ret_condition = *add_condition(r, &condition);
    return true;
}

/* ---- the rest of a journey ---- */

static bool read_again(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    const char *word = "never";
    if (!yaml_text(root, "again", &word, err)) return false;
    if (strcmp(word, "never") == 0) r->journey.again = AGAIN_NEVER;
    else if (strcmp(word, "always") == 0) r->journey.again = AGAIN_ALWAYS;
    else {
        r->journey.again = AGAIN_AFTER;
        struct err span;
        if (!words_span(root, "again", &r->journey.again_after, &span))
            return yaml_fail(yaml_find(root, "again"), err, "'again' is never, always or a span such as 30d");
    }
    return true;
}

/* The place of a word among those of a key; absent: *ret stays. */
static bool read_word(const struct yaml_node *root, const char *key, const char *const *words, size_t n,
                      unsigned *ret_place, struct err *err)
{
    const struct yaml_node *value = yaml_find(root, key);
    const char *word = NULL, *list = "";
    if (!yaml_text(root, key, &word, err)) return false;
    if (!word) return true;
    for (unsigned i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0) { *ret_place = i; return true; }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (size_t i = 0; i < n; i++)
        list = arena_format(arena, "%s%s%s", list, i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
    (void)yaml_fail(value, err, "'%s' is %s", key, list);
    arena_free(arena);
    return false;
}

static bool read_goal(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    static const char *const keys[] = { "event", "segment", "where", "within" };
    const struct yaml_node *node = yaml_find(root, "goal");
    struct goal *goal = &r->journey.goal;
    if (!node) return true;
    goal->is_set = true;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !read_happening(r, node, &goal->what, err) ||
        !words_span(node, "within", &goal->within, err))
        return false;
    return goal->what.event || goal->what.segment ||
           yaml_fail(node, err, "a goal is an event or a segment, such as {event: order, within: 14d}");
}

/* 200: on a day; {amount: 5000, per: 4w} as the settings have it. */
static bool read_budget(const struct yaml_node *node, struct budget *ret_budget, struct err *err)
{
    static const char *const keys[] = { "amount", "per" };
    const struct yaml_node *value = yaml_find(node, "budget");
    const char *key = "budget";
    struct budget budget = { 0, 1 };
    if (!value) return true;
    if (value->kind == YAML_MAP) {
        node = value, key = "amount";
        if (!yaml_check_keys(value, keys, COUNT(keys), err) || !yaml_days(value, "per", &budget.days, err))
            return false;
        if (!yaml_find(value, key))
            return yaml_fail(value, err, "a budget says how much in how long: {amount: 5000, per: 4w}");
    }
    if (!yaml_number(node, key, 0.01, 1e12, &budget.amount, err)) return false;
    *ret_budget = budget;
    return budget.days <= BUDGET_MOST_DAYS ||
           yaml_fail(value, err, "a budget is for at most %d days", BUDGET_MOST_DAYS);
}

static bool read_at_most(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    static const char *const keys[] = { "per_day", "budget", "discount" };
    const struct yaml_node *node = yaml_find(root, "at_most"), *value = node ? yaml_find(node, "per_day") : NULL;
    if (!node) return true;
    if (!yaml_check_keys(node, keys, COUNT(keys), err)) return false;
    if (node->n == 0)
        return yaml_fail(node, err, "'at_most' limits something: {per_day: 5000, budget: 200, discount: 15}");
    if (value &&
        (value->kind != YAML_SCALAR || !text_int64(text_of(value->text), &r->journey.most_per_day) ||
         r->journey.most_per_day < 1))
        return yaml_fail(value, err, "'per_day' is a number of people from 1 on");
    return read_budget(node, &r->journey.budget, err) &&
           yaml_number(node, "discount", 0.01, 99.99, &r->journey.most_percent, err);
}

/* Once the steps are read: what a coupon takes off is known, and not too much. */
static bool check_discounts(const struct journey *journey, const struct yaml_node *root, struct err *err)
{
    for (size_t i = 0; journey->most_percent > 0 && i < journey->n_steps; i++) {
        const struct journey_step *step = &journey->steps[i];
        const struct yaml_node at = { .source = root->source, .line = step->line, .column = step->column };
        if (step->kind != STEP_COUPON) continue;
        if (step->percent == 0)
            return yaml_fail(&at, err,
                             "'at_most' limits the discount, and the step '%s' does not say what its coupon takes "
                             "off: percent: %g",
                             step->id, journey->most_percent);
        if (step->percent > journey->most_percent)
            return yaml_fail(&at, err, "the step '%s' takes %g %% off; 'at_most' allows %g", step->id, step->percent,
                             journey->most_percent);
    }
    return true;
}

static bool read_priority(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    const struct yaml_node *value = yaml_find(root, "priority");
    if (!value) return true;
    if (value->kind == YAML_SCALAR && text_int64(text_of(value->text), &r->journey.priority) &&
        r->journey.priority >= -1000000 && r->journey.priority <= 1000000)
        return true;
    return yaml_fail(value, err, "'priority' is a whole number; of two journeys the higher goes first");
}

static bool read_rest(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    static const char *const edits[] = { "finish", "move" },
                             *const exits[] = { "never", "filter", "goal", "either" },
                             *const approvals[] = { "none", "required" }, *const times[] = { "now", "learned" };
    unsigned edit = EDIT_FINISH, exit = EXIT_EITHER, approval = 0, time = 0;
    struct journey *journey = &r->journey;
    if (!read_again(r, root, err) || !read_word(root, "edit", edits, COUNT(edits), &edit, err) ||
        !read_word(root, "exit", exits, COUNT(exits), &exit, err) ||
        !read_word(root, "approval", approvals, COUNT(approvals), &approval, err) ||
        !read_word(root, "send_time", times, COUNT(times), &time, err) || !read_goal(r, root, err) ||
        !read_at_most(r, root, err) || !read_priority(r, root, err))
        return false;
    journey->edit = (enum edit_kind)edit;
    journey->exit = (enum exit_mode)exit;
    journey->is_approval_needed = approval == 1;
    journey->is_time_learned = time == 1;
    return true;
}

static bool read_root(struct reading_journey *r, const struct yaml_node *root, struct err *err)
{
    static const char *const keys[] = { "journey", "topic",    "trigger", "filter",   "again",     "edit", "exit",
                                        "goal",    "approval", "at_most", "priority", "send_time", "steps" };
    const struct yaml_node *name = yaml_find(root, "journey"), *topic = yaml_find(root, "topic"),
                           *trigger = yaml_find(root, "trigger"), *steps = yaml_find(root, "steps");
    if (!yaml_check_keys(root, keys, COUNT(keys), err)) return false;
    if (!name) return yaml_fail(root, err, "the first line names the journey, such as 'journey: winback'");
    if (!words_name(name, "a journey", &r->journey.name, err)) return false;
    if (topic && !words_name(topic, "a topic", &r->journey.topic, err)) return false;
    if (topic) r->journey.topic_line = topic->line, r->journey.topic_column = topic->column;
    if (!trigger) return yaml_fail(root, err, "'trigger' is missing: who enters, such as {event: order}");
    if (!steps) return yaml_fail(root, err, "'steps' is missing");
    return read_trigger(r, trigger, err) && read_condition(r, root, "filter", &r->journey.filter, err) &&
           read_rest(r, root, err) && read_steps(r, steps, err) && check_discounts(&r->journey, root, err);
}

static bool finish(const struct yaml_node *root, struct arena *arena, const struct journey **ret_journey,
                   struct err *err)
{
    struct reading_journey r = { .arena = arena };
    if (!read_root(&r, root, err)) return false;
    struct journey *journey = ARENA_NEW(arena, struct journey);
    *journey = r.journey;
    *ret_journey = journey;
    return true;
}

bool journey_read(struct text yaml, const char *source, struct arena *arena, const struct journey **ret_journey,
                  struct err *err)
{
    const struct yaml_node *root;
    return yaml_parse(yaml.at, yaml.length, source, arena, &root, err) && finish(root, arena, ret_journey, err);
}

bool journey_read_file(const char *path, struct arena *arena, const struct journey **ret_journey, struct err *err)
{
    const struct yaml_node *root;
    return yaml_read(path, arena, &root, err) && finish(root, arena, ret_journey, err);
}

/* ---- what others ask ---- */

uint32_t journey_find_step(const struct journey *journey, const char *id)
{
    for (uint32_t i = 0; i < journey->n_steps; i++)
        if (strcmp(journey->steps[i].id, id) == 0) return i;
    return JOURNEY_END;
}

bool journey_decides(const struct journey *journey, struct text placement)
{
    for (size_t i = 0; i < journey->n_steps; i++)
        if (journey->steps[i].kind == STEP_DECIDE && text_equal(placement, text_of(journey->steps[i].name)))
            return true;
    return false;
}

size_t journey_find_branch(const struct journey_step *step, const char *name)
{
    size_t i = 0;
    while (i < step->n_branches && strcmp(step->branches[i].name, name) != 0) i++;
    return i;
}

const struct journey_step *journey_varied(const struct journey_step *step, double chance, struct arena *arena)
{
    if (step->n_variants == 0) return step;
    size_t i = 0;
    while (i + 1 < step->n_variants && chance >= step->variants[i].share) chance -= step->variants[i++].share;
    const struct variant *variant = &step->variants[i];
    struct journey_step *varied = ARENA_NEW(arena, struct journey_step);
    *varied = *step;
    varied->variant = variant->name;
    if (variant->subject) varied->subject = variant->subject;
    if (variant->html) varied->html = variant->html;
    if (variant->text) varied->text = variant->text;
    if (variant->body) varied->body = variant->body;
    return varied;
}

/* The texts of a step's variants, each as wording of the step. */
static bool look_at_variants(const struct journey_step *step,
                             bool (*look)(void *context, const struct wording *wording, struct err *err),
                             void *context, struct err *err)
{
    for (size_t i = 0; i < step->n_variants; i++) {
        const struct variant *v = &step->variants[i];
        const struct wording words[] = { { step, NULL, v->subject, false }, { step, v->html, NULL, true },
                                         { step, v->text, NULL, false }, { step, NULL, v->body, false } };
        for (size_t j = 0; j < COUNT(words); j++)
            if ((words[j].file || words[j].text) && !look(context, &words[j], err)) return false;
    }
    return true;
}

bool journey_wordings(const struct journey *journey,
                      bool (*look)(void *context, const struct wording *wording, struct err *err), void *context,
                      struct err *err)
{
    for (size_t i = 0; i < journey->n_steps; i++) {
        const struct journey_step *step = &journey->steps[i];
        const struct wording words[] = {
            { step, NULL, step->subject, false }, { step, step->html, NULL, true },
            { step, step->text, NULL, false },    { step, NULL, step->body, false },
            { step, NULL, step->words, false },
        };
        for (size_t j = 0; j < COUNT(words); j++)
            if ((words[j].file || words[j].text) && !look(context, &words[j], err)) return false;
        if (!look_at_variants(step, look, context, err)) return false;
        for (size_t j = 0; step->kind != STEP_SEND && j < step->n_sets; j++) {
            const struct wording set = { step, NULL, step->sets[j].text, false };
            if (!look(context, &set, err)) return false;
        }
    }
    return true;
}
