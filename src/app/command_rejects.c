/* command_rejects.c - holdfast rejects: the rows that an import refused, and why. */
#include "app/command.h"
#include "app/json_out.h"
#include "engine/import.h"

#include <inttypes.h>

static json_t *rejects_json(const struct reject *rejects, size_t n, uint64_t total)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:s}", "line", (json_int_t)rejects[i].line,
                                              "column", rejects[i].column, "reason", rejects[i].reason, "raw",
                                              rejects[i].raw));
    return json_pack("{s:I, s:o}", "total", (json_int_t)total, "rejects", rows);
}

static void print_rejects(const struct reject *rejects, size_t n, uint64_t total)
{
    if (total == 0) { puts("the import refused no row"); return; }
    for (size_t i = 0; i < n; i++)
        printf("line %" PRIu64 "%s%s: %s\n    %.160s\n", rejects[i].line, *rejects[i].column ? ", " : "",
               rejects[i].column, rejects[i].reason, rejects[i].raw);
    if (n < total) printf("... %zu of %" PRIu64 " shown; --limit shows more\n", n, total);
}

static bool run_rejects(struct invocation *invocation, struct err *err)
{
    const char *path;
    struct store *store = NULL;
    struct reject *rejects;
    size_t n;
    uint64_t total;
    int64_t limit, import_id;
    bool ok = false;
    if (!flag_int(invocation, "limit", 0, 1000000, 20, &limit, err)) return false;
    if (!flag_int(invocation, "import", 0, INT32_MAX, 0, &import_id, err)) return false;
    if (!command_database(invocation, NULL, &path, err) || !store_open(path, STORE_READ, &store, err))
        return false;
    if (!import_rejects(store, import_id, (uint64_t)limit, invocation->arena, &rejects, &n, &total, err))
        goto done;
    if (invocation->is_json) json_print_take(rejects_json(rejects, n, total));
    else print_rejects(rejects, n, total);
    ok = true;
done:
    store_close(store);
    return ok;
}

static const struct flag flags[] = {
    { "limit", "N", "how many rows, 0 for all; 20 if not said" },
    { "import", "ID", "of an earlier import; the latest if not said" },
    { 0 },
};

const struct command command_rejects = {
    .name = "rejects",
    .arguments = "",
    .summary = "show the rows that the latest import refused, with line, column and reason",
    .details = "Nothing that was refused is in the history.  Correct the rows in the file and import it "
               "again: only\n"
               "what is new is added.",
    .example = "holdfast rejects --limit 100",
    .flags = flags,
    .run = run_rejects,
};
