/* warehouse_settings.c - see warehouse_settings.h. */
#include "warehouse/warehouse_settings.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* "http://127.0.0.1:8123", a path after it if there is a proxy before the server. */
static bool is_server(const char *address)
{
    const char *host = strncmp(address, "http://", 7) == 0 ? address + 7 : address + 8;
    if (host == address + 8 && strncmp(address, "https://", 8) != 0) return false;
    for (const char *at = host; *at; at++)
        if ((unsigned char)*at <= ' ' || strchr("?#\"'\\", *at)) return false;
    return *host && *host != '/' && *host != ':';
}

static bool is_named(const struct warehouse_settings *settings, const char *address)
{
    for (size_t s = 0; s <= settings->n_shards && s < WAREHOUSE_SHARDS_MOST; s++)
        for (size_t r = 0; r < settings->n_replicas[s]; r++)
            if (strcmp(settings->replicas[s][r], address) == 0) return true;
    return false;
}

static bool read_replica(const struct yaml_node *node, struct arena *arena, struct warehouse_settings *settings,
                         struct err *err)
{
    size_t shard = settings->n_shards;
    if (node->kind == YAML_SCALAR && strchr(node->text, '@')) /* addresses stand in sentences, logs and metrics */
        return yaml_fail(node, err, "shards: an address has no name and password in it: user and password_file "
                                    "say them");
    if (node->kind != YAML_SCALAR || !is_server(node->text))
        return yaml_fail(node, err, "shards: want addresses such as \"http://127.0.0.1:8123\"");
    if (settings->n_replicas[shard] == WAREHOUSE_REPLICAS_MOST)
        return yaml_fail(node, err, "shards: at most %d replicas of one", WAREHOUSE_REPLICAS_MOST);
    char *address = arena_copy(arena, node->text);
    for (size_t n = strlen(address); n > 0 && address[n - 1] == '/';) address[--n] = '\0';
    if (is_named(settings, address))
        return yaml_fail(node, err, "shards: %s stands there twice: a server is one replica of one shard", address);
    settings->replicas[shard][settings->n_replicas[shard]++] = address;
    return true;
}

static bool read_shards(const struct yaml_node *node, struct arena *arena, struct warehouse_settings *settings,
                        struct err *err)
{
    const struct yaml_node *shards = yaml_find(node, "shards");
    if (!shards || shards->kind != YAML_LIST || shards->n == 0)
        return yaml_fail(shards ? shards : node, err,
                         "shards: want a list of shards, each a list of replicas: [[\"http://127.0.0.1:8123\"]]");
    if (shards->n > WAREHOUSE_SHARDS_MOST)
        return yaml_fail(shards, err, "shards: at most %d", WAREHOUSE_SHARDS_MOST);
    for (size_t s = 0; s < shards->n; s++, settings->n_shards++) {
        const struct yaml_node *shard = shards->items[s];
        if (shard->kind == YAML_LIST && shard->n == 0)
            return yaml_fail(shard, err, "shards: one without a server");
        if (shard->kind != YAML_LIST && !read_replica(shard, arena, settings, err)) return false;
        for (size_t r = 0; shard->kind == YAML_LIST && r < shard->n; r++)
            if (!read_replica(shard->items[r], arena, settings, err)) return false;
    }
    return true;
}

/* Plain tables tell each other nothing. */
static bool check_plain(const struct yaml_node *node, const struct warehouse_settings *settings, struct err *err)
{
    if (settings->zookeeper_path)
        return yaml_fail(yaml_find(node, "zookeeper_path"), err, "zookeeper_path goes with  tables: replicated");
    for (size_t s = 0; s < settings->n_shards; s++)
        if (settings->n_replicas[s] > 1)
            return yaml_fail(yaml_find(node, "shards"), err,
                             "shards: one has %zu replicas, and plain tables would fill only one of them: say  "
                             "tables: replicated  with zookeeper_path, or make each server a shard: [[...], [...]]",
                             settings->n_replicas[s]);
    return true;
}

/* `replicated` with zookeeper_path beside it, or {replicated: {zookeeper_path: /holdfast}}. */
static bool read_tables(const struct yaml_node *node, struct warehouse_settings *settings, struct err *err)
{
    static const char *const kinds[] = { "replicated" }, *const paths[] = { "zookeeper_path" };
    const struct yaml_node *tables = yaml_find(node, "tables"), *holds_path = node;
    const char *word = "plain";
    if (tables && tables->kind == YAML_MAP) {
        word = "replicated";
        holds_path = yaml_find(tables, "replicated");
        if (!yaml_check_keys(tables, kinds, 1, err) || (holds_path && !yaml_check_keys(holds_path, paths, 1, err)))
            return false;
    } else if (!yaml_text(node, "tables", &word, err)) {
        return false;
    }
    if (holds_path && !yaml_text(holds_path, "zookeeper_path", &settings->zookeeper_path, err)) return false;
    if (strcmp(word, "plain") == 0) return check_plain(node, settings, err);
    if (strcmp(word, "replicated") != 0) return yaml_fail(tables, err, "tables: want plain or replicated");
    if (settings->zookeeper_path && settings->zookeeper_path[0] == '/' &&
        !strpbrk(settings->zookeeper_path, "'\\"))
        return true;
    return yaml_fail(tables, err, "tables: replicated ones need zookeeper_path: /holdfast beside them");
}

static bool read_password(const struct settings *settings, const struct yaml_node *node, struct arena *arena,
                          struct warehouse_settings *out, struct err *err)
{
    const char *name = NULL;
    char line[1024];
    if (!yaml_text(node, "password_file", &name, err)) return false;
    if (!name) return true;
    const char *path = settings_file(settings, name, arena);
    FILE *file = fopen(path, "re");
    if (!file)
        return yaml_fail(yaml_find(node, "password_file"), err,
                         "password_file: %s cannot be read (%s): write the password into it, on one line", path,
                         strerror(errno));
    bool is_read = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    if (!is_read || strcspn(line, "\r\n") == 0)
        return yaml_fail(yaml_find(node, "password_file"), err,
                         "password_file: %s is empty: write the password into it, on one line", path);
    line[strcspn(line, "\r\n")] = '\0';
    out->password = arena_copy(arena, line);
    return true;
}

static bool is_word(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-') return false;
    return *text && strlen(text) <= 64;
}

static bool read_words(const struct yaml_node *node, struct warehouse_settings *out, struct err *err)
{
    const char *identities = "hashed", *patience = NULL;
    int64_t seconds = 300;
    if (!yaml_text(node, "database", &out->database, err) || !yaml_text(node, "user", &out->user, err) ||
        !yaml_text(node, "node", &out->node, err) || !yaml_text(node, "identities", &identities, err) ||
        !yaml_text(node, "patience", &patience, err))
        return false;
    if (!is_word(out->database) || strchr(out->database, '-') || isdigit((unsigned char)out->database[0]))
        return yaml_fail(yaml_find(node, "database"), err, "database: want letters, digits and _, a letter first");
    if (!is_word(out->node)) return yaml_fail(yaml_find(node, "node"), err, "node: want letters, digits, _ and -");
    out->is_plain = strcmp(identities, "plain") == 0;
    if (!out->is_plain && strcmp(identities, "hashed") != 0)
        return yaml_fail(yaml_find(node, "identities"), err, "identities: want hashed or plain");
    if (patience && (!text_int64(text_of(patience), &seconds) || seconds < 1 || seconds > 86400))
        return yaml_fail(yaml_find(node, "patience"), err, "patience: want seconds, 1 to 86400");
    out->patience_ms = seconds * 1000;
    return true;
}

bool warehouse_settings_read(const struct settings *settings, struct arena *arena,
                             struct warehouse_settings *ret_settings, struct err *err)
{
    static const char *const keys[] = { "shards",         "database", "user",       "password_file", "tables",
                                        "zookeeper_path", "node",     "identities", "patience" };
    struct warehouse_settings out = { .database = "holdfast", .node = "n1" };
    const struct yaml_node *node = settings_section(settings, "warehouse");
    if (!node)
        return err_set(err, ERR_MISSING,
                       "the settings name no warehouse: put  warehouse: {shards: [[\"http://127.0.0.1:8123\"]]}  "
                       "into " SETTINGS_FILE " (one machine needs none)");
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !read_shards(node, arena, &out, err) ||
        !read_tables(node, &out, err) || !read_words(node, &out, err) ||
        !read_password(settings, node, arena, &out, err))
        return false;
    *ret_settings = out;
    return true;
}
