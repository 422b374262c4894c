/* command_rejects.c - holdfast rejects: what was refused, of files and of what clients sent, and why; and its
 * return. */
#include "cli/command.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "base/input.h"
#include "table/import_record.h"
#include "hub/replay.h"
#include "engine/service.h"
#include "govern/audit.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { MOST_MENDED_BYTES = 1 << 30 };

/* Everything refused that is kept, the newest messages first. */
struct refused {
    struct reject      *rows;
    size_t              n_rows;
    uint64_t            total_rows;
    struct dead_letter *letters;
    size_t              n_letters;
    uint64_t            total_letters;
};

static json_t *rows_json(const struct refused *refused)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < refused->n_rows; i++)
        json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:s}", "line", (json_int_t)refused->rows[i].line,
                                              "column", refused->rows[i].column, "reason", refused->rows[i].reason,
                                              "raw", refused->rows[i].raw));
    return rows;
}

static json_t *letters_json(const struct refused *refused, struct arena *arena)
{
    json_t *messages = json_array();
    for (size_t i = 0; i < refused->n_letters; i++) {
        const struct dead_letter *letter = &refused->letters[i];
        char received[21];
        calendar_format_ms(letter->received_ms, received);
        json_array_append_new(messages,
                              json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "id", (json_int_t)letter->id,
                                        "received", received, "source", letter->source, "protocol",
                                        protocol_word(letter->request.protocol), "field", letter->field, "reason",
                                        letter->reason, "is_cut", letter->is_cut, "raw",
                                        dead_letter_raw(letter, arena)));
    }
    return messages;
}

static void print_json(const struct refused *refused, struct arena *arena)
{
    json_print_take(json_pack("{s:I, s:o, s:I, s:o}", "total", (json_int_t)refused->total_rows, "rejects",
                              rows_json(refused), "total_messages", (json_int_t)refused->total_letters, "messages",
                              letters_json(refused, arena)));
}

static void print_refused(const struct refused *refused)
{
    if (refused->total_rows == 0 && refused->total_letters == 0) { puts("nothing was refused"); return; }
    for (size_t i = 0; i < refused->n_rows; i++)
        printf("line %" PRIu64 "%s%s: %s\n    %.160s\n", refused->rows[i].line,
               *refused->rows[i].column ? ", " : "",
               refused->rows[i].column, refused->rows[i].reason, refused->rows[i].raw);
    if (refused->n_rows < refused->total_rows)
        printf("... %zu of %" PRIu64 " rows shown; --limit shows more\n", refused->n_rows, refused->total_rows);
    for (size_t i = 0; i < refused->n_letters; i++) {
        const struct dead_letter *letter = &refused->letters[i];
        struct text raw = letter->request.body;
        int n_shown = (int)(raw.length < 160 ? raw.length : 160);
        char received[21];
        calendar_format_ms(letter->received_ms, received);
        printf("message %" PRId64 ", %s, from %s%s%s: %s\n    %.*s\n", letter->id, received, letter->source,
               *letter->field ? ", " : "", letter->field, letter->reason, n_shown,
               raw.at ? raw.at : "");
    }
    if (refused->n_letters < refused->total_letters)
        printf("... %zu of %" PRIu64 " messages shown; --limit shows more\n", refused->n_letters,
               refused->total_letters);
}

/* Without the key file the messages are listed all the same, but not what was in them. */
static bool read_letters(struct store *store, size_t limit, struct arena *arena, struct refused *refused,
                         struct err *err)
{
    struct profiles *profiles = NULL;
    struct err no_key;
    if (!profiles_open(store, false, &profiles, &no_key)) profiles = NULL;
    bool ok = dead_letters_read(store, profiles, limit, arena, &refused->letters, &refused->n_letters,
                                &refused->total_letters, err);
    profiles_close(profiles);
    return ok;
}

static bool show_refused(struct invocation *invocation, const char *path, struct err *err)
{
    struct store *store = NULL;
    struct refused refused = { 0 };
    int64_t limit, import_id;
    bool ok = false;
    if (!flag_int(invocation, "limit", 0, 1000000, 20, &limit, err) ||
        !flag_int(invocation, "import", 0, INT32_MAX, 0, &import_id, err) ||
        !store_open(path, STORE_READ, &store, err))
        return false;
    if (!read_letters(store, (size_t)limit, invocation->arena, &refused, err)) goto done;
    if (!import_rejects(store, import_id, (uint64_t)limit, invocation->arena, &refused.rows, &refused.n_rows,
                        &refused.total_rows, err) &&
        (err->code != ERR_MISSING || import_id != 0))
        goto done;
    if (invocation->is_json) print_json(&refused, invocation->arena);
    else print_refused(&refused);
    ok = true;
done:
    store_close(store);
    return ok;
}

/* ---- replay ---- */

static bool read_file(struct invocation *invocation, const char *path, struct text *ret_text, struct err *err)
{
    struct input *input;
    if (!command_input(invocation, path, NULL, &input, err)) return false;
    uint64_t length = input_bytes(input);
    bool ok = length <= MOST_MENDED_BYTES || err_set(err, ERR_INVALID, "'%s' is too large", path);
    if (ok) {
        char *bytes = arena_alloc(invocation->arena, length + 1, 1);
        ok = input_read(input, 0, bytes, length, err);
        *ret_text = (struct text){ bytes, length };
    }
    input_close(input);
    return ok;
}

/* The letters to take in, the oldest first: those that the file mends, or all as they were sent. */
static bool choose_letters(struct invocation *invocation, struct refused *refused, struct err *err)
{
    struct text text;
    for (size_t i = 0; i < refused->n_letters / 2; i++) {
        struct dead_letter *other = &refused->letters[refused->n_letters - 1 - i], kept = refused->letters[i];
        refused->letters[i] = *other;
        *other = kept;
    }
    if (invocation->n_arguments == 0) return true;
    const char *path = invocation->arguments[0];
    return read_file(invocation, path, &text, err) &&
           (replay_mend(refused->letters, refused->n_letters, text, invocation->arena, &refused->letters,
                        &refused->n_letters, err) ||
            err_context(err, "%s", path));
}

static void print_counts(const struct invocation *invocation, const struct replay_counts *counts)
{
    if (invocation->is_json)
        json_write_take(invocation->out,
                        json_pack("{s:I, s:I, s:I}", "taken", (json_int_t)counts->n_taken, "refused",
                                  (json_int_t)counts->n_refused, "unreadable", (json_int_t)counts->n_unreadable));
    else
        fprintf(invocation->out,
               "%zu messages taken in, %zu refused again, %zu not readable; holdfast rejects shows what is left\n",
               counts->n_taken, counts->n_refused, counts->n_unreadable);
}

/* Opens a service for as long as the command runs, where no server runs it. */
static bool open_service(struct invocation *invocation, const char *path, struct service **ret_service,
                         struct err *err)
{
    struct store *store;
    const struct service_options options = { .path = path, .clock = { clock_wall_ms, NULL },
                                             .now_seconds = clock_seconds,
                                             .n_threads = invocation->n_threads, .seed = invocation->seed };
    if (!store_open(path, STORE_READ, &store, err)) return false;       /* nothing is made of a wrong name */
    store_close(store);
    return service_open(&options, ret_service, err);
}

static bool read_all(struct service *service, struct arena *arena, struct refused *ret_refused, struct err *err)
{
    struct store *store;
    if (!service_read(service, &store, err)) return false;
    bool ok = dead_letters_read(store, service->profiles, 0, arena, &ret_refused->letters, &ret_refused->n_letters,
                                &ret_refused->total_letters, err);
    service_read_done(service, store);
    return ok;
}

static bool note_replay(struct store *store, void *context, struct err *err)
{
    const struct invocation *invocation = context;
    return audit_put(store, clock_wall_ms(NULL), invocation->who, "rejects replay", 0, err);
}

static bool replay_refused(struct invocation *invocation, const char *path, struct err *err)
{
    struct service *own = NULL, *service = invocation->service;
    struct refused refused = { 0 };
    struct replay_counts counts;
    if (!service && !open_service(invocation, path, &own, err)) return false;
    if (!service) service = own;
    bool ok = read_all(service, invocation->arena, &refused, err) && choose_letters(invocation, &refused, err) &&
              ingest_run(service->ingest, note_replay, invocation, err) &&
              replay_letters(service->ingest, refused.letters, refused.n_letters, &counts, err);
    service_close(own);
    if (ok) print_counts(invocation, &counts);
    return ok;
}

static bool is_writing(const struct invocation *invocation) { return flag_is_given(invocation, "replay"); }

static bool run_rejects(struct invocation *invocation, struct err *err)
{
    const char *path;
    bool is_replay = flag_is_given(invocation, "replay");
    if (invocation->n_arguments > 0 && !is_replay)
        return err_set(err, ERR_INVALID, "'%s': a file of mended messages goes with --replay",
                       invocation->arguments[0]);
    if (!command_database(invocation, NULL, &path, err)) return false;
    return is_replay ? replay_refused(invocation, path, err) : show_refused(invocation, path, err);
}

static const struct flag flags[] = {
    { "limit", "N", "how many rows and messages, 0 for all; 20 if not said" },
    { "import", "ID", "rows of an earlier import; of the latest if not said" },
    { "replay", NULL, "take refused messages in again: those of FILE, else all as they were sent" },
    { 0 },
};

const struct command command_rejects = {
    .name = "rejects",
    .arguments = "[FILE]",
    .summary = "show what was refused, of files and of what clients sent, and take it in once mended",
    .details =
        "Nothing that was refused is in the history.  Rows: correct them in the file and import it again: only\n"
        "what is new is added.  Messages: holdfast rejects --json --limit 0 > mended.json writes them down;\n"
        "correct \"raw\" of each in it, leave out what is beyond help, and holdfast rejects --replay\n"
        "mended.json takes them in.  Without FILE all are read again as they were sent, by the rules of today.\n"
        "A message that was refused can be sent again by its client, too: it counts as new.",
    .example = "holdfast rejects --limit 100",
    .flags = flags,
    .run = run_rejects,
    .is_writing = is_writing,
};
