/* command_import.c - holdfast import FILE: brings a customer file into the database. */
#include "cli/import_flags.h"
#include "command/import_items.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "cli/database.h"

#include <string.h>

/* Items go to the database that is here, which their file does not name. */
static bool run_import_items(struct invocation *invocation, struct err *err)
{
    const char *file = invocation->arguments[0], *path;
    struct database database;
    struct err ignored;
    if (!database_open(invocation, command_database(invocation, NULL, &path, &ignored) ? NULL : file, true,
                       &database, err))
        return false;
    if (!import_items(invocation, &database, file, err)) {
        database_abandon(&database);
        return false;
    }
    database_close(&database);
    return true;
}

/* --as-of DATE is what had been received before that day begins: the rows of now are the last of that. */
static bool read_as_of(const struct invocation *invocation, struct import_options *options, struct err *err)
{
    int64_t as_of_ms;
    if (!flag_is_given(invocation, "as-of")) return true;
    if (!flag_date_ms(invocation, "as-of", 0, &as_of_ms, err)) return false;
    options->known_ms = as_of_ms - 1, options->now_ms = as_of_ms;
    return true;
}

/* A catalogue has no columns to guess, so that there is nothing to look at. */
static bool check_look(const struct invocation *invocation, bool has_items, struct err *err)
{
    return !flag_is_given(invocation, "look") || !has_items ||
           err_set(err, ERR_INVALID, "--look is for rows of customers; a catalogue of items is imported at once");
}

enum { REJECTS_SHOWN = 50 };

/* import_json with the first rows that would be refused, and without what only an import can know. */
static json_t *look_json(const struct import_result *result)
{
    json_t *json = import_json(result), *import = json_object_get(json, "import"), *rejects = json_array();
    (void)json_object_del(import, "customers"), (void)json_object_del(import, "events");
    (void)json_object_del(import, "repeated");
    for (size_t i = 0; i < result->n_rejects && i < REJECTS_SHOWN; i++) {
        const struct reject *reject = &result->rejects[i];
        json_array_append_new(rejects, json_pack("{s:I, s:s, s:s, s:s}", "line", (json_int_t)reject->line,
                                                 "column", reject->column, "reason", reject->reason, "raw",
                                                 reject->raw));
    }
    json_object_set_new(json, "rejects", rejects);
    return json;
}

static void look_print(FILE *out, const struct import_result *result)
{
    import_print(out, result);
    for (size_t i = 0; i < result->n_rejects && i < REJECTS_SHOWN; i++) {
        const struct reject *reject = &result->rejects[i];
        fprintf(out, "  line %llu%s%s: %s\n", (unsigned long long)reject->line, *reject->column ? ", column " : "",
                reject->column, reject->reason);
    }
    fputs("\nnothing was imported\n", out);
}

static bool end_look(struct invocation *invocation, struct database *database, const struct import_result *result)
{
    if (invocation->is_json) json_write_take(invocation->out, look_json(result));
    else look_print(invocation->out, result);
    database_abandon(database);
    return true;
}

static bool run_import(struct invocation *invocation, struct err *err)
{
    const char *file = invocation->arguments[0];
    struct database database;
    struct import_options options;
    struct import_result result;
    double began = clock_seconds();
    bool has_items = strcmp(flag_text(invocation, "shape", ""), "items") == 0;
    if (!check_look(invocation, has_items, err)) return false;
    if (has_items) return run_import_items(invocation, err);
    import_flags_read(invocation, &options);
    options.ignored = flag_text(invocation, "ignore", NULL);
    options.name = flag_text(invocation, "name", NULL);
    options.is_looked = flag_is_given(invocation, "look");
    if (!read_as_of(invocation, &options, err)) return false;
    if (!database_open(invocation, file, true, &database, err)) return false;
    if (!database_import(invocation, &database, file, &options, &result, err)) {
        database_abandon(&database);
        return false;
    }
    result.seconds = clock_seconds() - began;
    if (options.is_looked) return end_look(invocation, &database, &result);
    if (invocation->is_json) {
        json_write_take(invocation->out, import_json(&result));
    } else {
        import_print(invocation->out, &result);
        if (!result.events && !result.accepted)
            fprintf(invocation->out, "\n%s is as it was (%.1f s): nothing in the file is new\n", database.path,
                    result.seconds);
        else
            fprintf(invocation->out, "\nkept in %s (%.1f s); next: holdfast train --db %s\n", database.path,
                    result.seconds, database.path);
    }
    database_close(&database);
    return true;
}

static const struct flag flags[] = {
    IMPORT_FLAGS,
    { "ignore", "LIST", "columns that are left out of everything" },
    { "look", NULL, "say how the file would be read and what is wrong with it, and import nothing" },
    { "name", "NAME", "what the import is called (else as the file)" },
    { "as-of", "DATE", "write the rows down as received just before this day (or instant) began" },
    { 0 }
};

const struct command command_import = {
    .name = "import",
    .arguments = "FILE",
    .summary = "bring a customer file into the database",
    .details =
        "FILE is CSV or its relatives, JSON (an object a line, or a list) or .xlsx; .gz and .zst too, - is standard input.\nThree shapes are recognised:\n"
        "lines of orders, a log of events, and a table with one row per customer.  What was guessed is\n"
        "printed with its reason; a flag overrides each guess.  An import is all or nothing, and importing\n"
        "a file again adds only what is new.\n--shape items is a catalogue: item, title, category, price, cost, stock, available_from, available_to, url,\n"
        "image, tags, text; other columns are kept as they are.  A newer file changes what it names.",
    .example = "holdfast import orders.csv --currency GBP",
    .flags = flags,
    .run = run_import,
    .is_writing = always_writes,
    .is_named_by_file = true,
};
