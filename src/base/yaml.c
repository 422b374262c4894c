/* yaml.c - builds the tree from libyaml's events; see yaml.h.  The only file that includes yaml.h of libyaml. */
#include "base/yaml.h"
#include "base/number.h"
#include "base/similar.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <yaml.h>

enum { DAYS_MOST = 36500 };

struct reading {
    yaml_parser_t parser;
    const char   *source;
    struct arena *arena;
    size_t        n_nodes;
};

bool yaml_fail(const struct yaml_node *node, struct err *err, const char *fmt, ...)
{
    char text[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return err_set(err, ERR_INVALID, "%s:%u:%u: %s", node->source, node->line, node->column, text);
}

static bool fail_at(const struct reading *reading, yaml_mark_t mark, struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "%s:%zu:%zu: %s", reading->source, mark.line + 1, mark.column + 1, what);
}

static bool next_event(struct reading *reading, yaml_event_t *ret_event, struct err *err)
{
    if (yaml_parser_parse(&reading->parser, ret_event)) return true;
    const yaml_parser_t *parser = &reading->parser;
    char what[256];
    snprintf(what, sizeof what, "%s%s%s", parser->problem ? parser->problem : "cannot be read as YAML",
             parser->context ? ", " : "", parser->context ? parser->context : "");
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) mark = parser->mark;
    return fail_at(reading, mark, err, what);
}

static struct yaml_node *node_new(struct reading *reading, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml_node *node = ARENA_NEW(reading->arena, struct yaml_node);
    node->kind = kind, node->source = reading->source;
    node->line = (unsigned)mark.line + 1, node->column = (unsigned)mark.column + 1;
    return node;
}

static void node_add(struct reading *reading, struct yaml_node *node, const char *key,
                     const struct yaml_node *item)
{
    if ((node->n & (node->n - 1)) == 0) {       /* grows at 0, 1, 2, 4, 8 ... */
        size_t room = node->n ? 2 * node->n : 1;
        const char **keys = ARENA_ARRAY(reading->arena, const char *, room);
        const struct yaml_node **items = ARENA_ARRAY(reading->arena, const struct yaml_node *, room);
        for (size_t i = 0; i < node->n; i++) keys[i] = node->keys[i], items[i] = node->items[i];
        node->keys = keys, node->items = items;
    }
    node->keys[node->n] = key;
    node->items[node->n++] = item;
}

static bool read_scalar(struct reading *reading, const yaml_event_t *event, struct yaml_node **ret_node,
                        struct err *err)
{
    const char *text = (const char *)event->data.scalar.value;
    struct yaml_node *node = node_new(reading, YAML_SCALAR, event->start_mark);
    if (strlen(text) != event->data.scalar.length)
        return fail_at(reading, event->start_mark, err, "a NUL character");
    node->text = arena_copy(reading->arena, text);
    node->is_null = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                    (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
    *ret_node = node;
    return true;
}

static bool read_node(struct reading *reading, const yaml_event_t *event, unsigned depth,
                      struct yaml_node **ret_node, struct err *err);

/* Items up to the end of the list or map. */
static bool read_items(struct reading *reading, struct yaml_node *node, unsigned depth, struct err *err)
{
    for (;;) {
        yaml_event_t event;
        struct yaml_node *key = NULL, *item;
        if (!next_event(reading, &event, err)) return false;
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        bool ok = is_end || read_node(reading, &event, depth, &item, err);
        yaml_event_delete(&event);
        if (is_end || !ok) return ok;
        if (node->kind == YAML_MAP) {
            key = item;
            if (key->kind != YAML_SCALAR) return yaml_fail(key, err, "a key must be a text");
            for (size_t i = 0; i < node->n; i++)
                if (strcmp(node->keys[i], key->text) == 0)
                    return yaml_fail(key, err, "'%s' is given twice", key->text);
            if (!next_event(reading, &event, err)) return false;
            ok = read_node(reading, &event, depth, &item, err);
            yaml_event_delete(&event);
            if (!ok) return false;
        }
        node_add(reading, node, key ? key->text : NULL, item);
    }
}

/* Whether the event carries an anchor (&x), or is an alias (*x), and whether a tag (!x). */
static void read_marks(const yaml_event_t *event, bool *ret_has_anchor, bool *ret_has_tag)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT) anchor = event->data.alias.anchor;
    if (event->type == YAML_SCALAR_EVENT) anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
    if (event->type == YAML_MAPPING_START_EVENT)
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
    *ret_has_anchor = anchor != NULL;
    *ret_has_tag = tag != NULL;
}

static bool read_node(struct reading *reading, const yaml_event_t *event, unsigned depth,
                      struct yaml_node **ret_node, struct err *err)
{
    bool is_scalar = event->type == YAML_SCALAR_EVENT, is_list = event->type == YAML_SEQUENCE_START_EVENT;
    bool has_anchor, has_tag;
    read_marks(event, &has_anchor, &has_tag);
    if (has_anchor)
        return fail_at(reading, event->start_mark, err,
                       "anchors and aliases (& and *) are not taken: write the text out, or quote it");
    if (has_tag) return fail_at(reading, event->start_mark, err, "tags (!) are not taken: quote the text");
    if (++reading->n_nodes > YAML_MOST_NODES)
        return fail_at(reading, event->start_mark, err, "more than 100,000 values");
    if (is_scalar) return read_scalar(reading, event, ret_node, err);
    if (depth >= YAML_MOST_DEPTH) return fail_at(reading, event->start_mark, err, "nested more than 32 deep");
    *ret_node = node_new(reading, is_list ? YAML_LIST : YAML_MAP, event->start_mark);
    return read_items(reading, *ret_node, depth + 1, err);
}

/* The one document; *ret_root stays NULL if there is none. */
static bool read_documents(struct reading *reading, struct yaml_node **ret_root, struct err *err)
{
    for (unsigned n_documents = 0;;) {
        yaml_event_t event;
        bool ok = true;
        if (!next_event(reading, &event, err)) return false;
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && n_documents++ > 0)
            ok = fail_at(reading, event.start_mark, err, "a second document begins: only one is taken");
        bool is_frame = type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
                        type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT;
        if (ok && !is_frame) ok = read_node(reading, &event, 0, ret_root, err);
        yaml_event_delete(&event);
        if (!ok || type == YAML_STREAM_END_EVENT) return ok;
    }
}

bool yaml_parse(const char *bytes, size_t length, const char *source, struct arena *arena,
                const struct yaml_node **ret_root, struct err *err)
{
    struct reading reading = { .source = arena_copy(arena, source), .arena = arena };
    struct yaml_node *root = NULL;
    if (length > YAML_MOST_BYTES)
        return err_set(err, ERR_INVALID, "%s: %zu bytes are too many for a YAML file (most 1 MiB)", source,
                       length);
    if (!yaml_parser_initialize(&reading.parser)) return err_set(err, ERR_IO, "%s: out of memory", source);
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, (const unsigned char *)bytes, length);
    bool ok = read_documents(&reading, &root, err);
    yaml_parser_delete(&reading.parser);
    if (ok && (!root || root->is_null)) return err_set(err, ERR_INVALID, "%s: the file is empty", source);
    if (ok) *ret_root = root;
    return ok;
}

bool yaml_read(const char *path, struct arena *arena, const struct yaml_node **ret_root, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    char *bytes = arena_alloc(arena, YAML_MOST_BYTES + 1, 1);
    size_t length = fread(bytes, 1, YAML_MOST_BYTES + 1, file);
    bool ok = !ferror(file) || err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    return ok && yaml_parse(bytes, length, path, arena, ret_root, err);
}

const struct yaml_node *yaml_find(const struct yaml_node *node, const char *key)
{
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++)
        if (strcmp(node->keys[i], key) == 0) return node->items[i]->is_null ? NULL : node->items[i];
    return NULL;
}

bool yaml_check_keys(const struct yaml_node *node, const char *const *keys, size_t n_keys, struct err *err)
{
    if (node->kind != YAML_MAP)
        return yaml_fail(node, err, "expected names with values, such as '%s: ...'", n_keys ? keys[0] : "name");
    for (size_t i = 0; i < node->n; i++) {
        size_t k = 0;
        while (k < n_keys && strcmp(node->keys[i], keys[k]) != 0) k++;
        if (k < n_keys) continue;
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        yaml_fail(node->items[i], err, "'%.80s' is not known here%s", node->keys[i],
                  similar_names(node->keys[i], keys, n_keys, arena));
        arena_free(arena);
        return false;
    }
    return true;
}

bool yaml_text(const struct yaml_node *node, const char *key, const char **ret_text, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    if (value && value->kind != YAML_SCALAR) return yaml_fail(value, err, "'%s' must be one text", key);
    if (value) *ret_text = value->text;
    return true;
}

bool yaml_number(const struct yaml_node *node, const char *key, double least, double most, double *ret_number,
                 struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    double number;
    if (!value) return true;
    if (value->kind != YAML_SCALAR || !text_double(text_of(value->text), '.', &number) || number < least ||
        number > most)
        return yaml_fail(value, err, "'%s' must be a number from %g to %g%s%s", key, least, most,
                         value->kind == YAML_SCALAR ? "; not " : "",
                         value->kind == YAML_SCALAR ? value->text : "");
    *ret_number = number;
    return true;
}

bool yaml_days(const struct yaml_node *node, const char *key, int64_t *ret_days, struct err *err)
{
    static const struct { char unit; int64_t days; } units[] = {
        { 'd', 1 }, { 'w', 7 }, { 'm', 30 }, { 'y', 365 },
    };
    const struct yaml_node *value = yaml_find(node, key);
    if (!value) return true;
    int64_t number = 0, days = 1;
    struct text text = text_of(value->kind == YAML_SCALAR ? value->text : "");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text.length && text.at[text.length - 1] == units[i].unit) {
            days = units[i].days, text.length--;
            break;
        }
    if (!text_int64(text, &number) || number < 1 || number > DAYS_MOST / days)
        return yaml_fail(
            value, err, "'%s' must be a number of days such as 90, 90d, 12w, 3m or 1y, at most 100 years", key);
    *ret_days = number * days;
    return true;
}

bool yaml_cents(const struct yaml_node *node, const char *key, int64_t *ret_cents, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    if (!value) return true;
    if (value->kind != YAML_SCALAR || !number_cents(text_of(value->text), '.', ret_cents))
        return yaml_fail(value, err, "'%s' must be an amount such as 12.50", key);
    return true;
}
