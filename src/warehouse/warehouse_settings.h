/* warehouse_settings.h - the section `warehouse` of the settings: where a ClickHouse cluster holds the history
 * too.
 *
 *     warehouse:
 *       shards: [["http://127.0.0.1:8123"], ["http://127.0.0.1:8124"]]      # each a list of replicas
 *       database: holdfast
 *       user: holdfast
 *       password_file: ch.password
 *       tables: plain             # or replicated, with zookeeper_path: /holdfast
 *       node: n1
 *       identities: hashed        # or plain
 *       patience: 300             # seconds that a server may be silent in an answer */
#ifndef WAREHOUSE_WAREHOUSE_SETTINGS_H
#define WAREHOUSE_WAREHOUSE_SETTINGS_H

#include "base/settings.h"

enum { WAREHOUSE_SHARDS_MOST = 64, WAREHOUSE_REPLICAS_MOST = 8 };

struct warehouse_settings {
    const char *replicas[WAREHOUSE_SHARDS_MOST][WAREHOUSE_REPLICAS_MOST];
    size_t n_replicas[WAREHOUSE_SHARDS_MOST], n_shards;
    const char *database, *user, *password; /* user NULL: the server's default one; password NULL: none */
    const char *node;
    const char *zookeeper_path; /* NULL: plain tables */
    bool is_plain;              /* identities go as they are, addresses too */
    int64_t patience_ms;
};

/* Errors: ERR_MISSING there is no such section; ERR_INVALID a key or a value that cannot be, with its line;
 * ERR_IO the file of the password does not read. */
bool warehouse_settings_read(const struct settings *settings, struct arena *arena,
                             struct warehouse_settings *ret_settings, struct err *err) MUST_CHECK;

#endif
