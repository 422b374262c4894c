/* settings.c - see settings.h. */
#include "base/settings.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* All keys that there are, and what stands under them. */
static const struct { const char *key; enum yaml_kind kind; } keys[] = {
    { "public_url", YAML_SCALAR },      /* where people reach this server: https://news.example.com */
    { "zone", YAML_SCALAR },            /* the shop's */
    { "holdout_share", YAML_SCALAR },
    { "tracking", YAML_MAP },           /* of links and opens */
    { "topics", YAML_MAP },
    { "quiet_hours", YAML_MAP },
    { "caps", YAML_LIST },
    { "channels", YAML_MAP },
    { "questions", YAML_LIST },
    { "costs", YAML_MAP },
    { "goals", YAML_LIST },
    { "actions", YAML_LIST },
    { "bandits", YAML_LIST },
    { "budget", YAML_MAP },
    { "approve", YAML_MAP },
    { "protected", YAML_LIST },
    { "models", YAML_MAP },             /* who owns them, and when they are looked at again */
    { "recommend", YAML_MAP },
    { "experiments", YAML_LIST },
    { "retention", YAML_MAP },          /* how long what names people is kept */
    { "warehouse", YAML_MAP },
};

const char *settings_path(const char *named, const char *campaigns, const char *database, struct arena *arena)
{
    if (named) return named;
    const char *slash = database ? strrchr(database, '/') : NULL;
    const char *candidates[] = {
        campaigns ? arena_format(arena, "%s/" SETTINGS_FILE, campaigns) : NULL,
        !database ? NULL
        : slash   ? arena_format(arena, "%.*s/" SETTINGS_FILE, (int)(slash - database), database)
                  : SETTINGS_FILE,
    };
    for (size_t i = 0; i < COUNT(candidates); i++)
        if (candidates[i] && access(candidates[i], F_OK) == 0) return candidates[i];
    return NULL;
}

static bool check_root(const struct yaml_node *root, const char *const *known, size_t n_known, struct err *err)
{
    static const char *const kinds[] = {
        [YAML_SCALAR] = "one value", [YAML_LIST] = "a list", [YAML_MAP] = "names with values"
    };
    if (!yaml_check_keys(root, known, n_known, err)) return false;
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct yaml_node *section = yaml_find(root, keys[i].key);
        if (section && section->kind != keys[i].kind)
            return yaml_fail(section, err, "under '%s' %s should stand", keys[i].key, kinds[keys[i].kind]);
    }
    return true;
}

bool settings_read(const char *path, struct arena *arena, struct settings *ret_settings, struct err *err)
{
    struct settings settings = { 0 };
    const char *known[COUNT(keys)];
    for (size_t i = 0; i < COUNT(keys); i++) known[i] = keys[i].key;
    if (path) {
        settings.path = arena_copy(arena, path);
        if (!yaml_read(settings.path, arena, &settings.root, err) ||
            !check_root(settings.root, known, COUNT(known), err))
            return false;
    }
    *ret_settings = settings;
    return true;
}

static bool is_key(const char *key)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strcmp(keys[i].key, key) == 0) return true;
    return false;
}

const struct yaml_node *settings_section(const struct settings *settings, const char *key)
{
    assert(is_key(key));
    return settings->root ? yaml_find(settings->root, key) : NULL;
}

bool settings_replace_some(struct settings *settings, const char *const *some, size_t n, const char *path,
                           struct arena *arena, struct err *err)
{
    const struct yaml_node *other;
    for (size_t i = 0; i < n; i++) assert(is_key(some[i]));
    if (!yaml_read(path, arena, &other, err) || !check_root(other, some, n, err)) return false;
    struct yaml_node *root = ARENA_NEW(arena, struct yaml_node);
    const struct yaml_node *old = settings->root;
    size_t room = (old ? old->n : 0) + other->n;
    *root = old ? *old : *other;
    root->keys = ARENA_ARRAY(arena, const char *, room + 1);
    root->items = ARENA_ARRAY(arena, const struct yaml_node *, room + 1);
    root->n = 0;
    for (size_t i = 0; old && i < old->n; i++)
        if (strcmp(old->keys[i], some[0]) != 0 && !yaml_find(other, old->keys[i]))
            root->keys[root->n] = old->keys[i], root->items[root->n++] = old->items[i];
    for (size_t i = 0; i < other->n; i++)
        root->keys[root->n] = other->keys[i], root->items[root->n++] = other->items[i];
    settings->root = root;
    return true;
}

bool settings_replace(struct settings *settings, const char *key, const char *path, struct arena *arena,
                      struct err *err)
{
    return settings_replace_some(settings, &key, 1, path, arena, err);
}

bool settings_names(const struct settings *settings, const char *key, struct arena *arena,
                    const char *const **ret_names, size_t *ret_n, struct err *err)
{
    const struct yaml_node *list = settings_section(settings, key);
    const char **names = ARENA_ARRAY(arena, const char *, (list ? list->n : 0) + 1);
    for (size_t i = 0; list && i < list->n; i++) {
        if (list->items[i]->kind != YAML_SCALAR)
            return yaml_fail(list->items[i], err, "%s is a list of names such as [gender, age]", key);
        names[i] = list->items[i]->text;
    }
    *ret_names = names, *ret_n = list ? list->n : 0;
    return true;
}

const char *settings_file(const struct settings *settings, const char *name, struct arena *arena)
{
    const char *slash = settings->path ? strrchr(settings->path, '/') : NULL;
    if (name[0] == '/' || !slash) return arena_copy(arena, name);
    return arena_format(arena, "%.*s/%s", (int)(slash - settings->path), settings->path, name);
}

bool settings_text(const struct settings *settings, const char *key, const char **ret_text, struct err *err)
{
    assert(is_key(key));
    return !settings->root || yaml_text(settings->root, key, ret_text, err);
}

bool settings_share(const struct settings *settings, const char *key, double *ret_share, struct err *err)
{
    double share;
    const struct yaml_node *node = settings_section(settings, key);
    if (!node) return true;
    if (node->kind != YAML_SCALAR || !text_double(text_of(node->text), '.', &share) || share < 0 || share > 1)
        return yaml_fail(node, err, "'%s' must be a share from 0 to 1, such as 0.05", key);
    *ret_share = share;
    return true;
}
