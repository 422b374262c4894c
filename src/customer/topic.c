/* topic.c - see topic.h. */
#include "customer/topic.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { NAME_MOST = 60, PURPOSE_ROOM = 256 };

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return n > 0 && n <= NAME_MOST && !name[n];
}

static bool read_topic(const struct yaml_node *node, struct topic *topic, struct err *err)
{
    static const char *const keys[] = { "basis", "double_opt_in", "title", "purpose" };
    static const char *const words[] = {
        [RIGHT_CONSENT] = "consent", [RIGHT_INTEREST] = "interest", [RIGHT_CONTRACT] = "contract"
    };
    const char *basis = NULL, *twice = "false";
    size_t b = 0;
    if (!is_name(topic->name))
        return yaml_fail(node, err, "'%s' is no name of a topic: letters, digits, _ and -", topic->name);
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "basis", &basis, err) ||
        !yaml_text(node, "double_opt_in", &twice, err) || !yaml_text(node, "title", &topic->title, err) ||
        !yaml_text(node, "purpose", &topic->purpose, err))
        return false;
    while (basis && b < COUNT(words) && strcmp(words[b], basis) != 0) b++;
    if (!basis || b == COUNT(words))
        return yaml_fail(basis ? yaml_find(node, "basis") : node, err,
                         "topic '%s' needs a basis: consent, interest or contract", topic->name);
    topic->right = (enum topic_right)b;
    topic->is_double_opt_in = strcmp(twice, "true") == 0;
    if (!topic->is_double_opt_in && strcmp(twice, "false") != 0)
        return yaml_fail(yaml_find(node, "double_opt_in"), err, "'%s': double_opt_in is true or false", twice);
    return true;
}

bool topics_read(const struct settings *settings, struct arena *arena, struct topics *ret_topics, struct err *err)
{
    const struct yaml_node *section = settings_section(settings, "topics");
    struct topics topics = { .n = section ? section->n : 0 };
    topics.list = ARENA_ARRAY(arena, struct topic, topics.n + 1);
    for (size_t i = 0; i < topics.n; i++) {
        topics.list[i] = (struct topic){ .name = section->keys[i], .title = section->keys[i], .purpose = "" };
        if (!read_topic(section->items[i], &topics.list[i], err)) return false;
    }
    *ret_topics = topics;
    return true;
}

const struct topic *topic_find(const struct topics *topics, struct text name)
{
    for (size_t i = 0; i < topics->n; i++)
        if (text_equal(text_of(topics->list[i].name), name)) return &topics->list[i];
    return NULL;
}

bool topic_said(const struct topics *topics, const struct consents *consents, struct store *store,
                const uint32_t *members, size_t n, struct text channel, struct text topic,
                enum consent_said *ret_said, struct err *err)
{
    char names[3][2 * PURPOSE_ROOM] = { "", "", "" };
    struct consent_statement said[3];
    const struct topic *known = topic_find(topics, topic);
    bool is_no = false, is_yes = false;
    if (known && known->right == RIGHT_CONTRACT) { *ret_said = CONSENT_SAID_NOTHING; return true; }
    snprintf(names[0], PURPOSE_ROOM, "%.*s", (int)channel.length, channel.at);
    snprintf(names[1], PURPOSE_ROOM, "%.*s", (int)topic.length, topic.at);
    if (channel.length && topic.length) snprintf(names[2], sizeof names[2], "%.100s.%.100s", names[0], names[1]);
    const char *const purposes[] = { names[0], names[1], names[2] };
    if (!consents_statements(consents, store, members, n, purposes, 3, said, err)) return false;
    for (size_t i = 0; i < 3; i++) {
        is_no |= said[i].said == CONSENT_SAID_NO;
        is_yes |= (i > 0 || topic.length == 0) && said[i].said == CONSENT_SAID_YES &&
                  (!known || !known->is_double_opt_in || said[i].is_confirmed);
    }
    *ret_said = is_no                                       ? CONSENT_SAID_NO
                : is_yes                                      ? CONSENT_SAID_YES
                : known && known->right == RIGHT_CONSENT ? CONSENT_SAID_NO
                                                              : CONSENT_SAID_NOTHING;
    return true;
}
