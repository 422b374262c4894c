/* yaml.h - settings and declarations from YAML, as a plain tree that knows where each part stands.
 *
 * Of YAML it takes maps with text keys, lists and scalars.  Anchors, aliases, tags, a second document and
 * a key given twice are refused.  Errors read "questions.yaml:3:5: ...", line and column from 1. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum { YAML_MOST_BYTES = 1024 * 1024, YAML_MOST_DEPTH = 32, YAML_MOST_NODES = 100 * 1000 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind           kind;
    const char              *source;        /* the file's name, for errors */
    unsigned                 line, column;
    const char              *text;          /* of a scalar, as written, without quotes */
    bool                     is_null;       /* a scalar that is empty, ~ or null without quotes */
    size_t                   n;             /* of a list or map */
    const char             **keys;          /* [n] of a map */
    const struct yaml_node **items;         /* [n] */
};

/* The tree of a text or of a file, in the arena; source names it in errors.
 * Errors: ERR_INVALID with line and column, too large or too deep, empty, not UTF-8;
 * of yaml_read also ERR_MISSING no such file, ERR_IO. */
bool yaml_parse(const char *bytes, size_t length, const char *source, struct arena *arena,
                const struct yaml_node **ret_root, struct err *err) MUST_CHECK;
bool yaml_read(const char *path, struct arena *arena, const struct yaml_node **ret_root,
               struct err *err) MUST_CHECK;

/* Fails with a sentence that begins with where the node stands. */
bool yaml_fail(const struct yaml_node *node, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The value of a key; NULL if node is no map, or lacks it, or has null there. */
const struct yaml_node *yaml_find(const struct yaml_node *node, const char *key);

/* Errors: ERR_INVALID node is no map, or has a key that is none of keys [n_keys] (names close ones). */
bool yaml_check_keys(const struct yaml_node *node, const char *const *keys, size_t n_keys,
                     struct err *err) MUST_CHECK;

/* The value of a scalar under a key, or *ret unchanged where the key is absent.
 * Days are written 90, 90d, 12w, 3m (30 days each) or 1y; cents as an amount, 12.50.
 * Errors: ERR_INVALID something else stands there. */
bool yaml_text(const struct yaml_node *node, const char *key, const char **ret_text, struct err *err) MUST_CHECK;
bool yaml_days(const struct yaml_node *node, const char *key, int64_t *ret_days, struct err *err) MUST_CHECK;
bool yaml_number(const struct yaml_node *node, const char *key, double least, double most, double *ret_number,
                 struct err *err) MUST_CHECK;
bool yaml_cents(const struct yaml_node *node, const char *key, int64_t *ret_cents, struct err *err) MUST_CHECK;

#endif
