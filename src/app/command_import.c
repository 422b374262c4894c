/* command_import.c - holdfast import FILE: brings a customer file into the database. */
#include "app/command.h"
#include "app/import_flags.h"
#include "app/json_out.h"

static bool run_import(struct invocation *invocation, struct err *err)
{
    const char *file = invocation->arguments[0], *path;
    struct store *store = NULL;
    struct log *log = NULL;
    struct import_options options;
    struct import_result result;
    double began = command_seconds();
    bool ok = false;
    import_flags_read(invocation, &options);
    if (!command_database(invocation, file, &path, err)) return false;
    if (!store_open(path, STORE_CREATE, &store, err) || !log_open(store, &log, err)) goto done;
    if (!import_file(store, log, file, &options, invocation->arena, invocation->progress, &result, err)) goto done;
    result.seconds = command_seconds() - began;
    if (invocation->is_json) json_print_take(import_json(&result));
    else {
        import_print(stdout, &result);
        printf("in %s; next: holdfast run %s, or holdfast features --db %s\n", path, file, path);
    }
    ok = true;
done:
    log_close(log);
    store_close(store);
    return ok;
}

static const struct flag flags[] = { IMPORT_FLAGS, { NULL } };

const struct command command_import = {
    .name = "import",
    .arguments = "FILE",
    .summary = "bring a customer file into the database",
    .details = "FILE is CSV or its relatives, plain or gzip; - is standard input.  Three shapes are recognised:\n"
               "lines of orders, a log of events, and a table with one row per customer.  What was guessed is\n"
               "printed with its reason; a flag overrides each guess.  An import is all or nothing, and importing\n"
               "a file again adds only what is new.",
    .example = "holdfast import orders.csv --currency GBP",
    .flags = flags,
    .run = run_import,
};
