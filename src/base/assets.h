/* assets.h - files compiled into the program: SQL and the report's page. */
#ifndef BASE_ASSETS_H
#define BASE_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path;       /* as in the source tree: "src/store/open.sql" */
    const char *bytes;      /* followed by a NUL that length does not count */
    size_t      length;
};

const struct asset *asset_find(const char *path);   /* NULL if absent */

extern const struct asset assets[];
extern const size_t       n_assets;

#endif
