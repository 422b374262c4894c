/* import_items.c - holdfast import FILE --shape items: what is known of items. */
#include "command/import_items.h"

#include "base/input.h"
#include "base/words.h"
#include "cli/json_out.h"
#include "cli/warnings.h"
#include "server/clocks.h"
#include "table/catalogue.h"

#include <string.h>

struct putting {
    struct invocation       *invocation;
    struct catalogue_file   *file;
    struct catalogue_result  result;
};

static bool put(struct store *store, void *context, struct err *err)
{
    struct putting *putting = context;
    return catalogue_put(store, putting->file, clock_wall_ms(NULL), putting->invocation->arena, &putting->result,
                         err);
}

/* What was typed and is only of rows of customers. */
static json_t *items_warnings(const struct invocation *invocation)
{
    static const char *const used[] = { "shape", "item", "sheet" };
    const struct flag *flags = invocation->command->flags;
    size_t n_flags = 0, n = 0, u;
    while (flags[n_flags].name) n_flags++;
    const char **needless = ARENA_ARRAY(invocation->arena, const char *, n_flags + 1);
    for (size_t f = 0; f < n_flags; f++) {
        for (u = 0; u < sizeof used / sizeof *used && strcmp(used[u], flags[f].name) != 0;) u++;
        if (u == sizeof used / sizeof *used) needless[n++] = flags[f].name;
    }
    json_t *warnings = json_array();
    warn_of_flags(invocation, needless, "on a catalogue of items", warnings);
    return warnings;
}

bool import_items(struct invocation *invocation, struct database *database, const char *file, struct err *err)
{
    struct putting putting = { .invocation = invocation };
    struct arena *arena = invocation->arena;
    struct input *input;
    if (!command_input(invocation, file, flag_text(invocation, "sheet", NULL), &input, err)) return false;
    bool ok = catalogue_read(input, flag_text(invocation, "item", NULL), arena, &putting.file, err) &&
              database_write(invocation, database, put, &putting, err);
    input_close(input);
    if (!ok) return false;
    const struct catalogue_result *result = &putting.result;
    json_t *warnings = items_warnings(invocation);
    if (invocation->is_json) {
        json_write_take(invocation->out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:o}", "shape", "items", "items",
                                                   (json_int_t)result->n_rows, "new", (json_int_t)result->n_new,
                                                   "changed", (json_int_t)result->n_changed, "same",
                                                   (json_int_t)result->n_same, "columns", result->columns,
                                                   "warnings", warnings));
        return true;
    }
    fprintf(invocation->out,
            "%s is taken as a catalogue of items: %s\n  items      %s, %s new, %s changed, %s as before\n\n"
            "kept in %s; next: holdfast recommend --db %s\n",
            file, result->columns, words_count(arena, (double)result->n_rows),
            words_count(arena, (double)result->n_new), words_count(arena, (double)result->n_changed),
            words_count(arena, (double)result->n_same), database->path, database->path);
    warnings_print(invocation, warnings);
    json_decref(warnings);
    return true;
}
