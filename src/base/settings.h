/* settings.h - holdfast.yaml, the one file of settings: which file it is, and which keys there are.
 *
 * Each room reads its own section with the functions of yaml.h and checks the keys within; a key that no room
 * knows is refused here with its line.  What stands in the file goes before what the database keeps. */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/yaml.h"

struct settings {
    const char             *path;       /* NULL: there is no file, and every section is NULL */
    const struct yaml_node *root;
};

#define SETTINGS_FILE "holdfast.yaml"

/* Which file is read: the one that was named, else that of the folder of campaigns, else the one beside the database;
 * each may be NULL.  NULL: none of the last two is there.  In the arena. */
const char *settings_path(const char *named, const char *campaigns, const char *database, struct arena *arena);

/* path NULL: there are no settings.  Lives in the arena, as does path's copy.
 * Errors: those of yaml_read; ERR_INVALID a key that is not known, or a section that should be a list and is none. */
bool settings_read(const char *path, struct arena *arena, struct settings *ret_settings, struct err *err) MUST_CHECK;

/* What stands under a key of the table in settings.c; NULL: nothing does. */
const struct yaml_node *settings_section(const struct settings *settings, const char *key);

/* From now on a section is that of another file, which holds this key and no other: for flags as --goals FILE.
 * Errors: those of yaml_read; ERR_INVALID the file holds something else. */
bool settings_replace(struct settings *settings, const char *key, const char *path, struct arena *arena,
                      struct err *err) MUST_CHECK;
/* The same of a file that may hold more keys: the first is that of the file in any case, the others where it holds
 * them. */
bool settings_replace_some(struct settings *settings, const char *const *some, size_t n, const char *path,
                           struct arena *arena, struct err *err) MUST_CHECK;

/* The texts of a section that is a list of them, as protected: [gender, age]; n 0: there is no such section.
 * Errors: ERR_INVALID something else stands in it. */
bool settings_names(const struct settings *settings, const char *key, struct arena *arena,
                    const char *const **ret_names, size_t *ret_n, struct err *err) MUST_CHECK;

/* A file that a setting names: relative to the folder of the settings.  In the arena. */
const char *settings_file(const struct settings *settings, const char *name, struct arena *arena);

/* The text under a key, or *ret_text unchanged.  Errors: ERR_INVALID it is a list or a map. */
bool settings_text(const struct settings *settings, const char *key, const char **ret_text,
                   struct err *err) MUST_CHECK;
/* A share from 0 to 1, or *ret_share unchanged.  Errors: ERR_INVALID something else. */
bool settings_share(const struct settings *settings, const char *key, double *ret_share, struct err *err) MUST_CHECK;

#endif
