/* question_yaml.c - questions declared in a file; see question.h. */
#include "feature/question_internal.h"
#include "base/similar.h"
#include "base/yaml.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool read_kind(const struct yaml_node *node, enum question_kind *ret_kind, struct err *err)
{
    const char *word = question_kind_word(QUESTION_CHURN);
    if (!yaml_text(node, "kind", &word, err)) return false;
    for (enum question_kind kind = QUESTION_CHURN; kind <= QUESTION_TRAIT; kind++)
        if (strcmp(question_kind_word(kind), word) == 0) { *ret_kind = kind; return true; }
    return yaml_fail(yaml_find(node, "kind"), err, "'%s' is no kind of question: churn, event, spend or trait",
                     word);
}

/* What the file says goes before what the caller says. */
static bool read_question(const struct yaml_node *node, const struct question_options *options,
                          enum question_kind *ret_kind, struct question_options *ret_options, struct err *err)
{
    static const char *const keys[] = { "name", "kind",   "goal", "horizon", "active",
                                        "who",  "left",   "target", "yes",  "value" };
    struct question_options declared = *options;
    int64_t value_cents = (int64_t)options->value_cents;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !read_kind(node, ret_kind, err) ||
        !yaml_text(node, "name", &declared.name, err) || !yaml_text(node, "goal", &declared.goal, err) ||
        !yaml_days(node, "horizon", &declared.horizon_days, err) ||
        !yaml_days(node, "active", &declared.active_days, err) || !yaml_text(node, "who", &declared.who, err) ||
        !yaml_text(node, "left", &declared.left, err) ||
        !yaml_text(node, "target", &declared.target, err) || !yaml_text(node, "yes", &declared.yes, err) ||
        !yaml_cents(node, "value", &value_cents, err))
        return false;
    bool is_trait = *ret_kind == QUESTION_TRAIT;
    if (!is_trait && (yaml_find(node, "target") || yaml_find(node, "yes")))
        return yaml_fail(node, err, "'target' and 'yes' belong to a question of kind trait");
    if (yaml_find(node, "who") && yaml_find(node, "left"))
        return yaml_fail(yaml_find(node, "left"), err, "'left' beside 'who': let who say it, over EVENT_recency_days");
    if (yaml_find(node, "left") && *ret_kind != QUESTION_CHURN)
        return yaml_fail(yaml_find(node, "left"), err, "'left' belongs to a question of kind churn");
    if (is_trait && (yaml_find(node, "goal") || yaml_find(node, "horizon")))
        return yaml_fail(node, err, "a question of kind trait has no goal and no horizon");
    if (!is_trait) declared.target = NULL;
    declared.is_table = is_trait;
    declared.value_cents = (double)value_cents;
    *ret_options = declared;
    return true;
}

/* Conditions, exports and answers name what a question gives as the question is named. */
static bool check_name(const struct yaml_node *node, const char *name, struct err *err)
{
    static const char *const taken[] = {
        "customer", "value_12m_cents", "p_alive", "rfm_group", "cluster", "stage"
    };
    if (!*name || strlen(name) > QUESTION_NAME_MOST)
        return yaml_fail(yaml_find(node, "name"), err, "a question's name has 1 to %d bytes", QUESTION_NAME_MOST);
    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(name, taken[i]) == 0)
            return yaml_fail(
                yaml_find(node, "name"), err,
                "a question cannot be called '%s': conditions and exports know something else by that name", name);
    return true;
}

bool question_find(const struct yaml_node *list, const char *name, struct arena *arena,
                   const struct yaml_node **ret_node, struct err *err)
{
    const struct yaml_node *found = NULL;
    const char **names = ARENA_ARRAY(arena, const char *, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        names[i] = "";
        if (list->items[i]->kind != YAML_MAP || !yaml_find(list->items[i], "name"))
            return yaml_fail(list->items[i], err, "a question needs a name, such as '- name: churn'");
        if (!yaml_text(list->items[i], "name", &names[i], err) || !check_name(list->items[i], names[i], err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return yaml_fail(list->items[i], err, "a second question is called '%s'", names[i]);
        if (!found && (!name || strcmp(name, names[i]) == 0)) found = list->items[i];
    }
    *ret_node = found;
    return true;
}

/* Of a file that holds nothing else. */
static bool find_in_file(const struct yaml_node *root, const char *name, struct arena *arena,
                         const struct yaml_node **ret_node, struct err *err)
{
    static const char *const keys[] = { "questions" };
    const struct yaml_node *list = yaml_find(root, "questions");
    if (!yaml_check_keys(root, keys, 1, err)) return false;
    if (!list || list->kind != YAML_LIST || list->n == 0)
        return yaml_fail(root, err, "expected a list under 'questions:'");
    if (!question_find(list, name, arena, ret_node, err)) return false;
    if (*ret_node) return true;
    const char **names = ARENA_ARRAY(arena, const char *, list->n);
    for (size_t i = 0; i < list->n; i++) names[i] = yaml_find(list->items[i], "name")->text;
    return err_set(err, ERR_MISSING, "%s: no question is called '%s'%s", root->source, name,
                   similar_names(name, names, list->n, arena));
}

bool question_read_node(const struct yaml_node *node, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err)
{
    struct question_options declared;
    enum question_kind kind = QUESTION_CHURN;
    if (!read_question(node, options, &kind, &declared, err)) return false;
    if (question_decide(log, &declared, kind, arena, ret_question, err)) return true;
    return err_context(err, "%s:%u: question '%s'", node->source, node->line, declared.name);
}

bool question_read_yaml(const char *path, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err)
{
    const struct yaml_node *root, *node = NULL;
    return yaml_read(path, arena, &root, err) && find_in_file(root, options->name, arena, &node, err) &&
           question_read_node(node, log, options, arena, ret_question, err);
}
