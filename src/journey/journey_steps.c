/* journey_steps.c - the steps of a journey as one array; see journey_internal.h.
 *
 * Steps are numbered in the order of the file.  What ends a branch goes on where the step that branches goes on:
 * INHERITED until all are read, since that is not known before. */
#include "journey/journey_internal.h"

#include "intake/commerce.h"

#include <math.h>
#include <string.h>

enum { BRANCHES_MOST = 50, VARIANTS_MOST = 20, CHANNELS_MOST = 8 };
#define INHERITED (UINT32_MAX - 1)

static bool read_block(struct reading_journey *r, const struct yaml_node *list, uint32_t parent,
                       uint32_t *ret_first, struct err *err);

/* ---- happenings ---- */

bool read_happening(struct reading_journey *r, const struct yaml_node *node, struct happening *ret_happening,
                    struct err *err)
{
    if (!yaml_text(node, "event", &ret_happening->event, err) ||
        !yaml_text(node, "segment", &ret_happening->segment, err) ||
        !read_condition(r, node, "where", &ret_happening->where, err))
        return false;
    ret_happening->event = commerce_meant(ret_happening->event);
    if (ret_happening->event && ret_happening->segment)
        return yaml_fail(node, err, "an event or a segment, not both");
    if (ret_happening->segment && ret_happening->where.sql)
        return yaml_fail(node, err, "'where' belongs to an event");
    return true;
}

/* ---- waiting ---- */

static bool read_delay(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                       struct err *err)
{
    static const char *const keys[] = { "id", "delay" };
    (void)r;
    step->kind = STEP_DELAY;
    return yaml_check_keys(node, keys, COUNT(keys), err) && words_span(node, "delay", &step->span, err);
}

static bool read_until(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                       struct err *err)
{
    static const char *const keys[] = { "id", "until" }, *const date_keys[] = { "date", "at", "before", "after" };
    const struct yaml_node *until = yaml_find(node, "until");
    (void)r;
    step->kind = STEP_UNTIL_CLOCK;
    if (!yaml_check_keys(node, keys, COUNT(keys), err)) return false;
    if (until->kind == YAML_SCALAR) return words_clock(node, "until", &step->clock_ms, err);
    step->kind = STEP_UNTIL_DATE;
    step->clock_ms = 9 * INT64_C(3600000);
    return yaml_check_keys(until, date_keys, COUNT(date_keys), err) &&
           words_text(until, "date", &step->date, err) && words_clock(until, "at", &step->clock_ms, err) &&
           words_shift(until, &step->shift_days, err);
}

static bool read_days(const struct yaml_node *days, unsigned *ret_days, struct err *err)
{
    unsigned day;
    if (days->kind != YAML_LIST || days->n == 0)
        return yaml_fail(days, err, "'days' is a list such as [mon, fri]");
    for (size_t i = 0; i < days->n; i++) {
        if (!words_weekday(days->items[i], &day, err)) return false;
        *ret_days |= 1u << day;
    }
    return true;
}

static bool read_window(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                        struct err *err)
{
    static const char *const keys[] = { "id", "window" }, *const window_keys[] = { "days", "from", "to" };
    const struct yaml_node *window = yaml_find(node, "window"), *days = yaml_find(window, "days");
    (void)r;
    step->kind = STEP_WINDOW;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) ||
        !yaml_check_keys(window, window_keys, COUNT(window_keys), err) ||
        (days && !read_days(days, &step->days, err)) || !words_clock(window, "from", &step->from_ms, err) ||
        !words_clock(window, "to", &step->to_ms, err))
        return false;
    bool has_from = yaml_find(window, "from"), has_to = yaml_find(window, "to");
    if (has_from != has_to) return yaml_fail(window, err, "a window has both 'from' and 'to', or neither");
    if (!has_from && !days) return yaml_fail(window, err, "a window needs 'days', or 'from' and 'to'");
    return !has_from || step->from_ms != step->to_ms ||
           yaml_fail(window, err, "a window that begins when it ends is never open");
}

static bool read_wait(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                      struct err *err)
{
    static const char *const keys[] = { "id", "wait", "at_most", "otherwise" },
                      *const wait_keys[] = { "event", "segment", "where", "when" };
    const struct yaml_node *wait = yaml_find(node, "wait"), *otherwise = yaml_find(node, "otherwise");
    uint32_t index = (uint32_t)r->journey.n_steps - 1;
    step->kind = STEP_WAIT;
    step->otherwise = INHERITED;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_check_keys(wait, wait_keys, COUNT(wait_keys), err))
        return false;
    if (yaml_find(wait, "when") && (yaml_find(wait, "event") || yaml_find(wait, "segment")))
        return yaml_fail(wait, err, "what is waited for is one of event, segment or when");
    if (yaml_find(wait, "when")) {
        if (!read_condition(r, wait, "when", &step->what.where, err)) return false;
    } else if (!read_happening(r, wait, &step->what, err)) {
        return false;
    } else if (!step->what.event && !step->what.segment) {
        return yaml_fail(wait, err, "what is waited for is missing: event, segment or when");
    }
    if (!yaml_find(node, "at_most"))
        return yaml_fail(node, err, "'at_most' is missing: nobody waits for ever; such as at_most: 3d");
    return words_span(node, "at_most", &step->span, err) &&
           (!otherwise || read_block(r, otherwise, index, &r->steps[index].otherwise, err));
}

/* ---- branching ---- */

static bool start_branches(struct reading_journey *r, const struct yaml_node *list, const char *what, size_t n,
                           struct branch **ret_branches, struct err *err)
{
    if (n == 0 || n > BRANCHES_MOST) {
        (void)yaml_fail(list, err, "%s has 1 to %d branches", what, BRANCHES_MOST);
        return false;
    }
    *ret_branches = ARENA_ARRAY(r->arena, struct branch, n);
    return true;
}

static bool read_split(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                       struct err *err)
{
    static const char *const keys[] = { "id", "split" }, *const when_keys[] = { "when", "steps" },
                      *const otherwise_keys[] = { "otherwise" };
    const struct yaml_node *list = yaml_find(node, "split");
    struct branch *branches = NULL;
    uint32_t index = (uint32_t)r->journey.n_steps - 1;
    if (!yaml_check_keys(node, keys, COUNT(keys), err)) return false;
    if (list->kind != YAML_LIST || !start_branches(r, list, "a split", list->n, &branches, err))
        return list->kind == YAML_LIST ? false
                                       : yaml_fail(list, err, "a split is a list of {when: ..., steps: [...]}");
    step->kind = STEP_SPLIT;
    step->branches = branches;
    step->n_branches = list->n;
    for (size_t i = 0; i < list->n; i++) {
        const struct yaml_node *item = list->items[i], *steps = yaml_find(item, "steps");
        bool is_otherwise = yaml_find(item, "otherwise") != NULL;
        branches[i].first = INHERITED;
        if (is_otherwise) {
            if (!yaml_check_keys(item, otherwise_keys, 1, err)) return false;
            if (i + 1 < list->n)
                return yaml_fail(item, err, "'otherwise' stands last: what follows is never taken");
            steps = yaml_find(item, "otherwise");
        } else {
            if (!yaml_check_keys(item, when_keys, COUNT(when_keys), err)) return false;
            if (!yaml_find(item, "when"))
                return yaml_fail(item, err, "a branch of a split needs 'when' or 'otherwise'");
            if (!read_condition(r, item, "when", &branches[i].when, err)) return false;
        }
        if (steps && !read_block(r, steps, index, &branches[i].first, err)) return false;
    }
    return true;
}

static bool read_random(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                        struct err *err)
{
    static const char *const keys[] = { "id", "random" }, *const branch_keys[] = { "share", "steps" };
    const struct yaml_node *list = yaml_find(node, "random");
    struct branch *branches = NULL;
    uint32_t index = (uint32_t)r->journey.n_steps - 1;
    double sum = 0;
    if (!yaml_check_keys(node, keys, COUNT(keys), err)) return false;
    if (list->kind != YAML_LIST) return yaml_fail(list, err, "'random' is a list of {share: 0.5, steps: [...]}");
    if (!start_branches(r, list, "a random split", list->n, &branches, err)) return false;
    step->kind = STEP_RANDOM;
    step->branches = branches;
    step->n_branches = list->n;
    for (size_t i = 0; i < list->n; i++) {
        const struct yaml_node *item = list->items[i], *steps = yaml_find(item, "steps");
        branches[i].first = INHERITED;
        branches[i].share = -1;
        if (!yaml_check_keys(item, branch_keys, COUNT(branch_keys), err) ||
            !yaml_number(item, "share", 0, 1, &branches[i].share, err))
            return false;
        if (branches[i].share < 0) return yaml_fail(item, err, "a branch of a random split needs its 'share'");
        sum += branches[i].share;
        if (steps && !read_block(r, steps, index, &branches[i].first, err)) return false;
    }
    return fabs(sum - 1) < 1e-6 || yaml_fail(list, err, "the shares add up to %g, not to 1", sum);
}

/* {coupon: [...], nothing: []}: branches by name. */
static bool read_named(struct reading_journey *r, const struct yaml_node *node, const char *key, const char *what,
                       struct journey_step *step, struct err *err)
{
    const struct yaml_node *map = yaml_find(node, key);
    struct branch *branches = NULL;
    uint32_t index = (uint32_t)r->journey.n_steps - 1;
    if (!map || map->kind != YAML_MAP)
        return yaml_fail(map ? map : node, err, "'%s' is missing: steps by name, such as {coupon: [...], %s: []}",
                         key, step->kind == STEP_DECIDE ? "nothing" : "control");
    if (!start_branches(r, map, what, map->n, &branches, err)) return false;
    step->branches = branches;
    step->n_branches = map->n;
    for (size_t i = 0; i < map->n; i++) {
        branches[i] = (struct branch){ .name = map->keys[i], .first = INHERITED };
        if (!read_block(r, map->items[i], index, &branches[i].first, err)) return false;
    }
    return true;
}

static bool read_decide(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                        struct err *err)
{
    static const char *const keys[] = { "id", "decide", "candidates" };
    step->kind = STEP_DECIDE;
    return yaml_check_keys(node, keys, COUNT(keys), err) && words_text(node, "decide", &step->name, err) &&
           read_named(r, node, "candidates", "a decision", step, err);
}

static bool read_experiment(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                            struct err *err)
{
    static const char *const keys[] = { "id", "experiment", "arms" };
    step->kind = STEP_EXPERIMENT;
    return yaml_check_keys(node, keys, COUNT(keys), err) && words_text(node, "experiment", &step->name, err) &&
           read_named(r, node, "arms", "an experiment", step, err);
}

/* ---- acting ---- */

/* {tier: gold}: names and texts. */
static bool read_sets(struct reading_journey *r, const struct yaml_node *map, struct journey_step *step,
                      struct err *err)
{
    if (map->kind != YAML_MAP || map->n == 0 || map->n > 100)
        return yaml_fail(map, err, "expected names with values, such as {tier: gold}");
    struct journey_set *sets = ARENA_ARRAY(r->arena, struct journey_set, map->n);
    for (size_t i = 0; i < map->n; i++) {
        if (map->items[i]->kind != YAML_SCALAR)
            return yaml_fail(map->items[i], err, "'%s' must be one text", map->keys[i]);
        sets[i] = (struct journey_set){ map->keys[i], map->items[i]->text };
    }
    step->sets = sets;
    step->n_sets = map->n;
    return true;
}

/* channels: [email, sms] of send: best. */
static bool read_channels(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                          struct err *err)
{
    const struct yaml_node *list = yaml_find(node, "channels");
    bool is_best = strcmp(step->channel, "best") == 0;
    if (!list && !is_best) return true;
    if (!is_best) return yaml_fail(list, err, "'channels' belongs to send: best");
    if (!list || list->kind != YAML_LIST || list->n < 2 || list->n > CHANNELS_MOST)
        return yaml_fail(list ? list : node, err,
                         "send: best chooses among 2 to %d channels, as channels: [email, sms]", CHANNELS_MOST);
    const char **channels = ARENA_ARRAY(r->arena, const char *, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (!words_name(list->items[i], "a channel", &channels[i], err)) return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(channels[k], channels[i]) == 0)
                return yaml_fail(list->items[i], err, "'%s' stands here twice", channels[i]);
    }
    step->channels = channels;
    step->n_channels = list->n;
    step->channel = channels[0];
    return true;
}

/* A subject is one line, however its YAML is broken; what is told of a person is judged when it is sent. */
static const char *one_line(struct reading_journey *r, const char *subject)
{
    if (!subject) return NULL;
    char *line = arena_copy(r->arena, subject);
    size_t n = 0;
    for (const char *c = subject; *c; c++)
        if (!strchr("\r\n\t", *c)) line[n++] = *c;
        else if (n > 0 && line[n - 1] != ' ') line[n++] = ' ';
    while (n > 0 && line[n - 1] == ' ') n--;
    line[n] = '\0';
    return line;
}

static bool read_variant(struct reading_journey *r, const struct yaml_node *node, struct variant *variant,
                         struct err *err)
{
    static const char *const keys[] = { "name", "share", "subject", "html", "text", "body" };
    variant->share = -1;
    if (node->kind == YAML_SCALAR) variant->subject = node->text;
    else if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "name", &variant->name, err) ||
             !yaml_number(node, "share", 0, 1, &variant->share, err) ||
             !yaml_text(node, "subject", &variant->subject, err) ||
             !yaml_text(node, "html", &variant->html, err) || !yaml_text(node, "text", &variant->text, err) ||
             !yaml_text(node, "body", &variant->body, err))
        return false;
    variant->subject = one_line(r, variant->subject);
    return variant->subject || variant->html || variant->text || variant->body ||
           yaml_fail(node, err, "a variant has a subject, html, text or body of its own");
}

/* variants: [{subject: A}, {subject: B, html: b.html, share: 0.2}]; those without a share have equal parts of the
 * rest. */
static bool read_variants(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                          struct err *err)
{
    const struct yaml_node *list = yaml_find(node, "variants");
    double rest = 1, n_open = 0;
    if (!list) return true;
    if (list->kind != YAML_LIST || list->n < 2 || list->n > VARIANTS_MOST)
        return yaml_fail(list, err, "'variants' is a list of 2 to %d, such as [{subject: A}, {subject: B}]",
                         VARIANTS_MOST);
    struct variant *variants = ARENA_ARRAY(r->arena, struct variant, list->n);
    for (size_t i = 0; i < list->n; i++) {
        struct variant *variant = &variants[i];
        variant->name = arena_format(r->arena, "%c", (char)('a' + i));
        if (!read_variant(r, list->items[i], variant, err)) return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(variants[k].name, variant->name) == 0)
                return yaml_fail(list->items[i], err, "two variants are called '%s'", variant->name);
        if (variant->share < 0) n_open++;
        else rest -= variant->share;
    }
    if (rest < -1e-9 || (n_open == 0 && rest > 1e-6) || (n_open > 0 && rest <= 0))
        return yaml_fail(list, err, "the shares of the variants add up to %g, not to 1", 1 - rest);
    for (size_t i = 0; i < list->n; i++)
        if (variants[i].share < 0) variants[i].share = rest / n_open;
    step->variants = variants;
    step->n_variants = list->n;
    return true;
}

static bool read_send(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                      struct err *err)
{
    static const char *const keys[] = { "id",   "send", "channels", "variants", "subject",
                                        "html", "text", "body",     "set" };
    const struct yaml_node *set = yaml_find(node, "set");
    step->kind = STEP_SEND;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_find(node, "send") ||
        !words_name(yaml_find(node, "send"), "a channel", &step->channel, err) ||
        !yaml_text(node, "subject", &step->subject, err) || !yaml_text(node, "html", &step->html, err) ||
        !yaml_text(node, "text", &step->text, err) || !yaml_text(node, "body", &step->body, err))
        return false;
    step->subject = one_line(r, step->subject);
    if (!read_channels(r, node, step, err) || !read_variants(r, node, step, err)) return false;
    if (!step->html && !step->text && !step->body && !step->subject && step->n_variants == 0)
        return yaml_fail(node, err, "nothing is said: 'html' or 'text' name a template, 'body' is one itself");
    if (set && !read_sets(r, set, step, err)) return false;
    for (size_t i = 0; i < step->n_sets; i++)
        if (strncmp(step->sets[i].text, "reply", 5) != 0)
            return yaml_fail(set->items[i], err, "what is set from an answer begins with reply, as reply.tier");
    return true;
}

static bool read_task(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                      struct err *err)
{
    static const char *const keys[] = { "id", "task" };
    (void)r;
    step->kind = STEP_TASK;
    return yaml_check_keys(node, keys, COUNT(keys), err) && words_text(node, "task", &step->words, err);
}

static bool read_coupon(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                        struct err *err)
{
    static const char *const keys[] = { "id", "coupon", "percent", "expires" };
    (void)r;
    step->kind = STEP_COUPON;
    return yaml_check_keys(node, keys, COUNT(keys), err) &&
           words_name(yaml_find(node, "coupon") ? yaml_find(node, "coupon") : node, "a coupon", &step->name,
                      err) &&
           yaml_number(node, "percent", 0.01, 99.99, &step->percent, err) &&
           words_span(node, "expires", &step->expires, err);
}

static bool read_set(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                     struct err *err)
{
    static const char *const keys[] = { "id", "set" };
    step->kind = STEP_SET;
    return yaml_check_keys(node, keys, COUNT(keys), err) && read_sets(r, yaml_find(node, "set"), step, err);
}

static bool read_raise(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                       struct err *err)
{
    static const char *const keys[] = { "id", "raise", "properties" };
    const struct yaml_node *properties = yaml_find(node, "properties");
    step->kind = STEP_RAISE;
    return yaml_check_keys(node, keys, COUNT(keys), err) && words_text(node, "raise", &step->name, err) &&
           (!properties || read_sets(r, properties, step, err));
}

static bool read_exit(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                      struct err *err)
{
    static const char *const keys[] = { "id", "exit" };
    const char *word = "";
    (void)r;
    step->kind = STEP_EXIT;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "exit", &word, err)) return false;
    return strcmp(word, "true") == 0 ||
           yaml_fail(node, err, "a step that ends the journey is written {exit: true}");
}

/* ---- all kinds, by the key that tells them ---- */

static const struct {
    const char *key;
    bool (*read)(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                 struct err *err);
} kinds[] = {
    { "delay", read_delay },   { "until", read_until },   { "window", read_window }, { "wait", read_wait },
    { "split", read_split },   { "random", read_random }, { "decide", read_decide }, { "send", read_send },
    { "task", read_task },     { "coupon", read_coupon }, { "raise", read_raise },   { "set", read_set },
    { "exit", read_exit },     { "experiment", read_experiment },
};

static bool read_one(struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                     struct err *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (yaml_find(node, kinds[i].key)) return kinds[i].read(r, node, step, err);
    return yaml_fail(node, err,
                     "this step does nothing: it needs one of delay, until, window, wait, split, random, "
                     "decide, experiment, send, task, coupon, set, raise or exit");
}

static bool check_id(const struct reading_journey *r, const struct yaml_node *node, struct journey_step *step,
                     struct err *err)
{
    const struct yaml_node *id = yaml_find(node, "id");
    if (node->kind != YAML_MAP) return yaml_fail(node, err, "a step is written {id: mail, send: email, ...}");
    if (!id) return yaml_fail(node, err, "a step needs an 'id', such as {id: mail, send: email}");
    if (!words_name(id, "a step", &step->id, err)) return false;
    for (size_t i = 0; i + 1 < r->journey.n_steps; i++)
        if (strcmp(r->steps[i].id, step->id) == 0)
            return yaml_fail(id, err, "a second step is called '%s'; the first is in line %u", step->id,
                             r->steps[i].line);
    return true;
}

static bool read_block(struct reading_journey *r, const struct yaml_node *list, uint32_t parent,
                       uint32_t *ret_first, struct err *err)
{
    uint32_t before = JOURNEY_END;
    if (list->kind == YAML_SCALAR && list->is_null) return true;
    if (list->kind != YAML_LIST)
        return yaml_fail(list, err, "expected a list of steps, such as [{id: mail, send: email}]");
    for (size_t i = 0; i < list->n; i++) {
        const struct yaml_node *node = list->items[i];
        if (r->journey.n_steps == JOURNEY_MOST_STEPS)
            return yaml_fail(node, err, "a journey has at most %d steps", JOURNEY_MOST_STEPS);
        uint32_t index = (uint32_t)r->journey.n_steps++;
        struct journey_step *step = &r->steps[index];
        *step =
            (struct journey_step){ .index = index, .next = INHERITED, .line = node->line, .column = node->column };
        r->parent[index] = parent;
        if (before == JOURNEY_END) *ret_first = index;
        else r->steps[before].next = index;
        if (!check_id(r, node, step, err) || !read_one(r, node, step, err)) return false;
        before = index;
    }
    return true;
}

/* A step's own end is known before those of the steps inside it, which come later in the array. */
static void resolve_ends(struct reading_journey *r)
{
    for (size_t i = 0; i < r->journey.n_steps; i++) {
        struct journey_step *step = &r->steps[i];
        if (step->next == INHERITED)
            step->next = r->parent[i] == JOURNEY_END ? JOURNEY_END : r->steps[r->parent[i]].next;
        if (step->kind == STEP_WAIT && step->otherwise == INHERITED) step->otherwise = step->next;
        struct branch *branches = ARENA_ARRAY(r->arena, struct branch, step->n_branches + 1);
        for (size_t j = 0; j < step->n_branches; j++) {
            branches[j] = step->branches[j];
            if (branches[j].first == INHERITED) branches[j].first = step->next;
        }
        step->branches = branches;
    }
}

bool read_steps(struct reading_journey *r, const struct yaml_node *list, struct err *err)
{
    r->steps = ARENA_ARRAY(r->arena, struct journey_step, JOURNEY_MOST_STEPS);
    r->parent = ARENA_ARRAY(r->arena, uint32_t, JOURNEY_MOST_STEPS);
    r->journey.first = JOURNEY_END;
    if (!read_block(r, list, JOURNEY_END, &r->journey.first, err)) return false;
    resolve_ends(r);
    r->journey.steps = r->steps;
    return true;
}
