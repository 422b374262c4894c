/* import_items.c - holdfast import FILE --shape items: what is known of items. */
#include "command/import_items.h"

#include "base/input.h"
#include "base/words.h"
#include "cli/json_out.h"
#include "server/clocks.h"
#include "table/catalogue.h"

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

bool import_items(struct invocation *invocation, struct database *database, const char *file, struct err *err)
{
    struct putting putting = { .invocation = invocation };
    struct arena *arena = invocation->arena;
    struct input *input;
    if (!command_input(invocation, file, NULL, &input, err)) return false;
    bool ok = catalogue_read(input, flag_text(invocation, "item", NULL), arena, &putting.file, err) &&
              database_write(invocation, database, put, &putting, err);
    input_close(input);
    if (!ok) return false;
    const struct catalogue_result *result = &putting.result;
    if (invocation->is_json) {
        json_write_take(invocation->out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "shape", "items", "items",
                                                   (json_int_t)result->n_rows, "new", (json_int_t)result->n_new,
                                                   "changed", (json_int_t)result->n_changed, "same",
                                                   (json_int_t)result->n_same, "columns", result->columns));
        return true;
    }
    fprintf(invocation->out,
            "%s is taken as a catalogue of items: %s\n  items      %s, %s new, %s changed, %s as before\n\n"
            "kept in %s; next: holdfast recommend --db %s\n",
            file, result->columns, words_count(arena, (double)result->n_rows),
            words_count(arena, (double)result->n_new), words_count(arena, (double)result->n_changed),
            words_count(arena, (double)result->n_same), database->path, database->path);
    return true;
}
