/* Any bytes: a tree or an error, never a crash; what is found in the tree lies in the text. */
#include "base/yaml.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct yaml_node *node)
{
    size_t n = node->kind == YAML_SCALAR ? strlen(node->text) : 1;
    for (size_t i = 0; i < node->n; i++) n += count(node->items[i]);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    const struct yaml_node *root;
    struct err err;
    int64_t number = 0;
    if (yaml_parse((const char *)data, size, "fuzz", arena, &root, &err)) {
        volatile size_t n = count(root);
        (void)n;
        bool ok = yaml_days(root, "a", &number, &err) && yaml_cents(root, "b", &number, &err);
        (void)ok;
    }
    arena_free(arena);
    return 0;
}
