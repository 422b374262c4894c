/* template_folder.c - see template_folder.h. */
#include "template/template_folder.h"

#include "base/letters.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMPLATE_MOST_BYTES = 1 << 20, NAME_MOST_BYTES = 200, LANGUAGE_MOST = 20 };

static const char language_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/* Which line is not, and what is to be done. */
static bool check_utf8(const char *path, struct text text, struct err *err)
{
    size_t n = letters_valid_utf8(text), line = 1;
    if (n == text.length) return true;
    for (size_t i = 0; i < n; i++) line += text.at[i] == '\n';
    return err_set(err, ERR_INVALID, "%s:%zu: this line is not UTF-8: save the file as UTF-8", path, line);
}

bool template_file_read(const char *path, struct arena *arena, struct text *ret_text, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return err_set(err, ERR_MISSING, "%s: %s", path, strerror(errno));
    char *bytes = ARENA_ARRAY(arena, char, TEMPLATE_MOST_BYTES + 1);
    size_t n = fread(bytes, 1, TEMPLATE_MOST_BYTES + 1, file);
    bool is_read = !ferror(file);
    fclose(file);
    if (!is_read) return err_set(err, ERR_INVALID, "%s cannot be read: is it a folder?", path);
    if (n > TEMPLATE_MOST_BYTES) return err_set(err, ERR_INVALID, "%s is larger than 1 MiB", path);
    *ret_text = (struct text){ bytes, n };
    return check_utf8(path, *ret_text, err);
}

static bool is_inside(struct text name)
{
    bool is = name.length > 0 && name.length < NAME_MOST_BYTES && name.at[0] != '/';
    for (size_t i = 0; i < name.length && is; i++)
        is = name.at[i] != '\0' && !(name.at[i] == '.' && i + 1 < name.length && name.at[i + 1] == '.');
    return is;
}

bool template_folder_file(const struct template_folder *folder, struct text name, const char **ret_path,
                          struct text *ret_source)
{
    static const char *const endings[] = { "", ".html", ".liquid", ".txt" };
    struct err none;
    for (size_t i = 0; is_inside(name) && i < sizeof endings / sizeof *endings; i++) {
        *ret_path = arena_format(folder->arena, "%s/%.*s%s", folder->path, (int)name.length, name.at, endings[i]);
        if (template_file_read(*ret_path, folder->arena, ret_source, &none)) return true;
    }
    return false;
}

bool template_folder_find(void *context, struct text name, struct text *ret_source)
{
    const char *path;
    return template_folder_file(context, name, &path, ret_source);
}

const char *template_variant(const char *path, const char *language, struct arena *arena,
                             const char **ret_language)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    size_t stem = dot ? (size_t)(dot - path) : strlen(path);
    size_t n = language ? strspn(language, language_letters) : 0;
    *ret_language = NULL;
    if (n == 0 || language[n] || n > LANGUAGE_MOST) return path;
    for (char *tried = arena_copy(arena, language);;) {
        const char *variant = arena_format(arena, "%.*s.%s%s", (int)stem, path, tried, path + stem);
        if (access(variant, R_OK) == 0) { *ret_language = tried; return variant; }
        char *cut = strpbrk(tried, "-_");
        if (!cut) return path;
        *cut = '\0';
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t template_variants(const char *path, struct arena *arena, const char *ret_paths[TEMPLATE_VARIANTS_MOST])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t stem = dot ? (size_t)(dot - name) : strlen(name), n = 0;
    const char *folder = slash ? arena_format(arena, "%.*s", (int)(slash - path), path) : ".";
    const char *ending = name + stem;
    DIR *open = opendir(folder);
    for (struct dirent *entry; open && n < TEMPLATE_VARIANTS_MOST && (entry = readdir(open));) {
        const char *tried = entry->d_name, *language = tried + stem + 1;
        if (strncmp(tried, name, stem) != 0 || tried[stem] != '.') continue;
        size_t length = strspn(language, language_letters);
        if (length > 0 && length <= LANGUAGE_MOST && strcmp(language + length, ending) == 0)
            ret_paths[n++] = arena_format(arena, "%.*s%s", (int)(name - path), path, tried);
    }
    if (open) closedir(open);
    if (n > 1) qsort(ret_paths, n, sizeof *ret_paths, by_name);
    return n;
}
