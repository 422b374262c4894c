/* feature_set.c - from the plans of features to their places and texts; see feature_set.h. */
#include "feature/feature_set_internal.h"
#include "customer/once.h"
#include "feature/recent.h"

#include <assert.h>
#include <string.h>

size_t                feature_set_size(const struct feature_set *set)             { return set->n_features; }
const struct feature *feature_at(const struct feature_set *set, size_t index)
{
    return &set->features[index];
}
const char *const    *feature_names(const struct feature_set *set)                { return set->names; }
size_t                feature_set_state_bytes(const struct feature_set *set)      { return set->state_bytes; }

static const struct kind_plan *feature_set_plan(const struct feature_set *set, uint16_t kind)
{
    return kind < set->n_kinds ? &set->kinds[kind] : &set->new_kind;
}

unsigned feature_set_parts_of(const struct feature_set *set, uint16_t kind)
{
    return feature_set_plan(set, kind)->parts;
}

unsigned feature_set_columns(const struct feature_set *set)
{
    return LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | (set->parts & PART_AMOUNT ? LOG_AMOUNT : 0) |
           (set->parts & PART_QUANTITY ? LOG_QUANTITY : 0) |
           (set->parts & (PART_ITEM | PART_ITEM_SHORT) ? LOG_ITEM : 0) |
           (set->parts & PART_PROPERTIES ? LOG_PROPERTIES : 0);
}

bool feature_find(const struct feature_set *set, const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < set->n_features; i++)
        if (strcmp(set->names[i], name) == 0) { *ret_index = i; return true; }
    return false;
}

const char *feature_suffix(const struct feature_set *set, size_t index)
{
    const struct operator *operator = set->uses[set->features[index].use].operator;
    return operator == &operator_traits ? "" : operator->outputs[set->features[index].output].suffix;
}

bool feature_of_kind(const struct feature_set *set, const char *kind_name, const char *suffix, size_t *ret_index)
{
    for (size_t i = 0; i < set->n_features; i++)
        if (strcmp(set->features[i].group, kind_name) == 0 && strcmp(feature_suffix(set, i), suffix) == 0) {
            *ret_index = i;
            return true;
        }
    return false;
}

bool feature_beside(const struct feature_set *set, size_t index, const char *suffix, size_t *ret_index)
{
    const struct feature_facts *facts = &set->facts[index];
    for (size_t i = 0; i < facts->n_beside; i++)
        if (strcmp(feature_suffix(set, facts->beside[i]), suffix) == 0) {
            *ret_index = facts->beside[i];
            return true;
        }
    return false;
}

size_t feature_set_left_out(const struct feature_set *set, const struct left_out **ret_left_out)
{
    *ret_left_out = set->left_out;
    return set->n_left_out;
}

/* A text in an SQL literal. */
static const char *quoted(const char *text, struct arena *arena)
{
    char *out = arena_alloc(arena, 2 * strlen(text) + 3, 1), *to = out;
    *to++ = '\'';
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') *to++ = '\\';
        *to++ = *text;
    }
    *to++ = '\'';
    return out;
}

/* What stands for {mark} in a template. */
struct mark { const char *mark, *by; };

/* Each mark of the template replaced, in one pass: what comes in is not looked at again. */
static const char *filled(const char *text, const struct mark *marks, size_t n_marks, struct arena *arena)
{
    const char *out = "";
    for (const char *open; (open = strchr(text, '{')); ) {
        size_t m = 0;
        while (m < n_marks && strncmp(open, marks[m].mark, strlen(marks[m].mark)) != 0) m++;
        assert(m < n_marks);
        out = arena_format(arena, "%s%.*s%s", out, (int)(open - text), text, marks[m].by);
        text = open + strlen(marks[m].mark);
    }
    return arena_format(arena, "%s%s", out, text);
}

static const char *counted_sql(const struct feature_set *set, struct arena *arena)
{
    if (set->n_not_counted == 0) return "1";
    const char *list = quoted(set->not_counted[0], arena);
    for (size_t i = 1; i < set->n_not_counted; i++)
        list = arena_format(arena, "%s, %s", list, quoted(set->not_counted[i], arena));
    return arena_format(arena, "kind NOT IN (%s)", list);
}

/* As operator_traits.c has it: what is set outweighs what is set once; of two that are set the later, of two set once
 * the earlier. */
static const char *trait_sql(const struct feature_plan *plan, struct arena *arena)
{
    const char *name = quoted(plan->trait, arena);
    const char *once = quoted(arena_format(arena, ONCE_PREFIX "%s", plan->trait), arena);
    const char *order = "(time_ms, greatest(received_ms, time_ms), row)";
    const char *is_set = arena_format(arena, "kind = '" KIND_TRAITS "' AND has(property_names, %s)", name);
    const char *set_value = arena_format(arena, "property_values[indexOf(property_names, %s)]", name);
    const char *once_value = arena_format(arena, "property_values[indexOf(property_names, %s)]", once);
    const char *is_once = arena_format(arena, "kind = '" KIND_TRAITS "' AND %s != ''", once_value);
    const char *text = arena_format(arena, "if(countIf(%s) > 0, argMaxIf(%s, %s, %s), argMinIf(%s, %s, %s))", is_set,
                                    set_value, order, is_set, once_value, order, is_once);
    if (plan->value) return arena_format(arena, "if(%s = '', nan, toFloat64(%s = %s))", text, text,
                                         quoted(plan->value, arena));
    const char *number = arena_format(arena, "ifNull(toFloat64OrNull(%s), nan)", text);
    return arena_format(arena, "if(abs(%s) < 3e38, %s, nan)", number, number);
}

static void describe_trait(struct feature *feature, const struct feature_plan *plan, struct arena *arena)
{
    feature->name = plan->value ? arena_format(arena, "%s = %s", plan->trait, plan->value)
                                : arena_copy(arena, plan->trait);
    feature->meaning = plan->value ? arena_format(arena, "whether %s is %s", plan->trait, plan->value)
                                   : plan->is_flag ? arena_format(arena, "whether the customer is %s",
                                                                  plan->trait)
                                    : arena_format(arena, "the customer's %s", plan->trait);
    feature->unit = plan->value || plan->is_flag ? "yes/no" : "number";
    feature->sql = trait_sql(plan, arena);
    feature->group = arena_copy(arena, plan->trait);
}

static void describe_event(const struct feature_set *set, struct feature *feature,
                           const struct feature_plan *plan, struct arena *arena)
{
    const struct operator_output *output = &plan->operator->outputs[plan->output];
    bool is_any = plan->kind_name[0] == 0;
    struct kind_words words = kind_words_of(plan->kind_name, arena);
    const char *counted = counted_sql(set, arena);
    const char *is = is_any ? counted : arena_format(arena, "kind = %s", quoted(plan->kind_name, arena));
    feature->name = arena_format(arena, "%s_%s", is_any ? "event" : feature_slug(plan->kind_name, arena),
                                 output->suffix);
    const struct mark marks[] = { { "{one}", words.one }, { "{many}", words.many }, { "{an}", words.an },
                                  { "{is}", is },
                                  { "{counted}", counted } };
    feature->meaning = filled(output->meaning, marks, sizeof marks / sizeof *marks, arena);
    feature->unit = output->unit;
    feature->sql = filled(output->sql, marks, sizeof marks / sizeof *marks, arena);
    feature->group = arena_copy(arena, plan->kind_name);
}

static void make_unique(struct feature_set *set, size_t index, struct arena *arena)
{
    size_t same;
    const char *base = set->features[index].name;
    set->n_features = index;        /* look among those before */
    for (int n = 2; feature_find(set, set->features[index].name, &same); n++)
        set->features[index].name = arena_format(arena, "%s_%d", base, n);
    set->names[index] = set->features[index].name;
}

/* Traits in the plans' order; the plans of one trait are neighbours. */
static void collect_traits(struct feature_set *set, const struct feature_plan *plans, size_t n_plans,
                           struct arena *arena)
{
    set->traits = ARENA_ARRAY(arena, struct trait, n_plans + 1);
    for (size_t i = 0; i < n_plans; i++) {
        if (plans[i].operator != &operator_traits) continue;
        struct trait *trait = set->n_traits ? &set->traits[set->n_traits - 1] : NULL;
        if (!trait || trait->is_number || !plans[i].value || strcmp(trait->name, plans[i].trait) != 0) {
            trait = &set->traits[set->n_traits++];
            *trait = (struct trait){ .name = arena_copy(arena, plans[i].trait), .is_number = !plans[i].value,
                                     .other = plans[i].other ? arena_copy(arena, plans[i].other) : NULL };
        }
        if (!plans[i].value) continue;
        const char **values = ARENA_ARRAY(arena, const char *, trait->n_values + 1);
        if (trait->n_values) memcpy(values, trait->values, trait->n_values * sizeof *values);
        values[trait->n_values++] = arena_copy(arena, plans[i].value);
        trait->values = values;
    }
}

static size_t outputs_of(const struct feature_set *set, const struct operator *operator)
{
    if (operator != &operator_traits) return operator->n_outputs;
    size_t n = 0;
    for (size_t i = 0; i < set->n_traits; i++) n += set->traits[i].is_number ? 1 : set->traits[i].n_values;
    return n;
}

static size_t use_for(struct feature_set *set, const struct feature_plan *plan, const struct log *log,
                      struct arena *arena)
{
    const char *kind_name = plan->operator == &operator_traits ? KIND_TRAITS : plan->kind_name;
    for (size_t i = 0; i < set->n_uses; i++)
        if (set->uses[i].operator == plan->operator && strcmp(set->uses[i].kind_name, kind_name) == 0) return i;
    uint32_t kind = KIND_ABSENT;
    if (kind_name[0] == 0) kind = KIND_ANY;
    else if (log && !log_find(log, DICTIONARY_KIND, text_of(kind_name), &kind)) kind = KIND_ABSENT;
    struct operator_use *use = &set->uses[set->n_uses];
    *use = (struct operator_use){ .operator = plan->operator, .kind_name = arena_copy(arena, kind_name),
                                  .kind = (uint16_t)kind,
                                  .offset_bytes = (uint32_t)set->state_bytes, .decay = set->decay };
    size_t n_outputs = outputs_of(set, plan->operator);
    use->column = ARENA_ARRAY(arena, int32_t, n_outputs + 1);
    for (size_t i = 0; i < n_outputs; i++) use->column[i] = -1;
    if (plan->operator == &operator_traits) use->traits = set->traits, use->n_traits = set->n_traits;
    set->state_bytes += plan->operator->state_bytes * (use->traits ? use->n_traits : 1);
    return set->n_uses++;
}

static bool is_named(const char *const *names, size_t n, struct text name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(text_of(names[i]), name)) return true;
    return false;
}

static struct kind_plan plan_of_kind(const struct feature_set *set, uint32_t kind, bool is_counted,
                                     struct arena *arena)
{
    struct kind_plan plan = { .uses = ARENA_ARRAY(arena, const struct operator_use *, set->n_uses + 1),
                              .is_counted = is_counted };
    for (size_t i = 0; i < set->n_uses; i++) {
        if (set->uses[i].kind != kind && !(set->uses[i].kind == KIND_ANY && is_counted)) continue;
        plan.uses[plan.n_uses++] = &set->uses[i];
        plan.parts |= set->uses[i].operator->parts;
    }
    return plan;
}

static void plan_kinds(struct feature_set *set, const struct log *log, struct arena *arena)
{
    set->n_kinds = log ? log_n_names(log, DICTIONARY_KIND) : 0;
    set->kinds_room = set->n_kinds + 1;
    set->kinds = ARENA_ARRAY(arena, struct kind_plan, set->kinds_room);
    for (uint32_t kind = 0; kind < set->n_kinds; kind++) {
        bool is_counted = !is_named(set->not_counted, set->n_not_counted, log_name(log, DICTIONARY_KIND, kind));
        set->kinds[kind] = plan_of_kind(set, kind, is_counted, arena);
    }
    set->new_kind = plan_of_kind(set, KIND_ANY, true, arena);
}

void feature_set_follow(struct feature_set *set, const struct log *log, size_t n_kinds, struct arena *arena)
{
    if (n_kinds > set->kinds_room) {
        set->kinds_room = 2 * n_kinds;
        struct kind_plan *kinds = ARENA_ARRAY(arena, struct kind_plan, set->kinds_room);
        memcpy(kinds, set->kinds, set->n_kinds * sizeof *kinds);
        set->kinds = kinds;
    }
    for (uint32_t kind = (uint32_t)set->n_kinds; kind < n_kinds; kind++) {
        struct text name = log_name(log, DICTIONARY_KIND, kind);
        bool is_counted = !is_named(set->not_counted, set->n_not_counted, name), is_of_set = !is_counted;
        for (size_t i = 0; i < set->n_uses; i++)
            if (set->uses[i].kind == KIND_ABSENT && text_equal(text_of(set->uses[i].kind_name), name)) {
                set->uses[i].kind = (uint16_t)kind;
                is_of_set = true;
            }
        set->kinds[kind] = is_of_set ? plan_of_kind(set, kind, is_counted, arena) : set->new_kind;
    }
    if (n_kinds > set->n_kinds) set->n_kinds = n_kinds;
}

void feature_set_compile(struct feature_set *set, const struct feature_plan *plans, size_t n_plans,
                         const struct log *log, struct arena *arena)
{
    set->decay = ARENA_NEW(arena, struct decay_table);
    decay_table_fill(set->decay, set->landmark_day);
    set->features = ARENA_ARRAY(arena, struct feature, n_plans + 1);
    set->names = ARENA_ARRAY(arena, const char *, n_plans + 1);
    set->uses = ARENA_ARRAY(arena, struct operator_use, n_plans + 1);
    collect_traits(set, plans, n_plans, arena);
    uint32_t trait_output = 0;
    for (size_t i = 0; i < n_plans; i++) {
        const struct feature_plan *plan = &plans[i];
        struct feature *feature = &set->features[i];
        bool is_trait = plan->operator == &operator_traits;
        feature->use = (uint32_t)use_for(set, plan, log, arena);
        feature->output = is_trait ? trait_output++ : (uint32_t)plan->output;
        set->uses[feature->use].column[feature->output] = (int32_t)i;
        if (is_trait) describe_trait(feature, plan, arena);
        else describe_event(set, feature, plan, arena);
        feature->warning = plan->warning ? arena_copy(arena, plan->warning) : NULL;
        feature->coverage = plan->coverage;
        if (plan->name) feature->name = arena_copy(arena, plan->name);
        make_unique(set, i, arena);
        set->parts |= plan->operator->parts;
    }
    set->n_features = n_plans;
    feature_set_find_facts(set, arena);
    plan_kinds(set, log, arena);
}

void feature_set_keep_recent(struct feature_set *set, const char *const *kinds, size_t n_kinds, const struct log *log,
                             struct arena *arena)
{
    struct operator_use *uses = ARENA_ARRAY(arena, struct operator_use, set->n_uses + n_kinds + 1);
    if (set->n_uses) memcpy(uses, set->uses, set->n_uses * sizeof *uses);
    set->uses = uses;
    for (size_t i = 0; i < n_kinds; i++) {
        const struct feature_plan plan = { .kind_name = kinds[i], .operator = &operator_recent };
        (void)use_for(set, &plan, log, arena);
    }
    if (n_kinds > 0) set->parts |= operator_recent.parts;
    plan_kinds(set, log, arena);
}
