/* template_check.c - see template_check.h.
 *
 * Two walks over the files that render each other: one along every render, which finds what is missing or wrong;
 * one along those that no condition and no loop holds back, where a file met again never ends. */
#include "template/template_check.h"
#include "template/liquid.h"

#include <string.h>

struct checked {
    struct checked        *next;
    const char            *path;        /* NULL: the text that was asked about */
    const struct template *template;
    bool                   is_on_way, is_done;
};

struct checking {
    const struct template_folder *folder;
    struct arena                 *arena;
    struct checked               *files;
    bool                          is_of_certain;        /* the second walk */
    struct err                   *err;
};

static bool walk_file(struct checking *checking, struct checked *file);

static bool fail_at(struct checking *checking, const struct checked *file, size_t line)
{
    return file->path ? err_context(checking->err, "%s:%zu", file->path, line)
                      : err_context(checking->err, "line %zu", line);
}

static bool read_file(struct checking *checking, const char *path, struct text source, struct checked **ret_file)
{
    struct template_place place = { 0 };
    struct checked *file = ARENA_NEW(checking->arena, struct checked);
    *file = (struct checked){ .next = checking->files, .path = path };
    bool ok = template_parse(source, checking->arena, &file->template, &place, checking->err);
    if (ok) checking->files = file, *ret_file = file;
    else fail_at(checking, file, place.line);
    return ok;
}

/* The file that a render names, read once. */
static bool find_file(struct checking *checking, struct text name, struct checked **ret_file)
{
    const char *path;
    struct text source;
    if (!template_folder_file(checking->folder, name, &path, &source))
        return err_set(checking->err, ERR_INVALID,
                       "there is no snippet '%.*s' in %s: write '%.*s.html' there, or take it out",
                       (int)(name.length < 100 ? name.length : 100), name.at, checking->folder->path,
                       (int)(name.length < 100 ? name.length : 100), name.at);
    for (struct checked *file = checking->files; file; file = file->next)
        if (file->path && strcmp(file->path, path) == 0) { *ret_file = file; return true; }
    return read_file(checking, path, source, ret_file);
}

static bool walk_snippet(struct checking *checking, const struct checked *from, const struct liquid_node *node)
{
    const struct liquid_expression *named = node->pipe.value;
    struct checked *file;
    if (named->kind != EXPRESSION_LITERAL || named->literal.kind != LIQUID_TEXT) return true;
    struct text name = named->literal.text;
    if (!find_file(checking, name, &file)) return fail_at(checking, from, node->line);
    if (checking->is_of_certain && file->is_on_way) {
        err_set(checking->err, ERR_INVALID,
                "'%.*s' is rendered within itself and no condition ends it: take it out, or put it into an if",
                (int)name.length, name.at);
        return fail_at(checking, from, node->line);
    }
    return walk_file(checking, file);
}

static bool walk_body(struct checking *checking, const struct checked *file, const struct liquid_body *body)
{
    for (const struct liquid_node *node = body->first; node; node = node->next) {
        bool is_snippet = node->kind == NODE_INCLUDE || node->kind == NODE_RENDER;
        bool is_certain = node->kind == NODE_CAPTURE;
        if (is_snippet && !node->is_each && !walk_snippet(checking, file, node)) return false;
        if (checking->is_of_certain && !is_certain) continue;
        if (is_snippet && node->is_each && !walk_snippet(checking, file, node)) return false;
        if (!walk_body(checking, file, &node->body)) return false;
        for (const struct liquid_branch *branch = node->branches; branch; branch = branch->next)
            if (!walk_body(checking, file, &branch->body)) return false;
    }
    return true;
}

static bool walk_file(struct checking *checking, struct checked *file)
{
    if (file->is_on_way || file->is_done) return true;
    file->is_on_way = true;
    bool ok = walk_body(checking, file, &file->template->body);
    file->is_on_way = false;
    file->is_done = true;
    return ok;
}

bool template_check(struct text source, const char *path, const struct template_folder *folder,
                    struct arena *arena, struct err *err)
{
    struct checking checking = { .folder = folder, .arena = arena, .err = err };
    struct checked *first;
    if (!read_file(&checking, path, source, &first)) return false;
    if (!folder) return true;
    if (!walk_file(&checking, first)) return false;
    for (struct checked *file = checking.files; file; file = file->next) file->is_done = false;
    checking.is_of_certain = true;
    return walk_file(&checking, first);
}
