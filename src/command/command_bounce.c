/* command_bounce.c - holdfast bounce: takes in bounces and complaints, as a mail server hands them over. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "server/clocks.h"
#include "engine/returning.h"
#include "hub/ingest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { REPORT_MOST_BYTES = 1 << 20 };

struct bouncing { struct invocation *invocation; struct service *service; struct text bytes; json_t *answer; };

static bool read_report(struct invocation *invocation, struct text *ret_bytes, struct err *err)
{
    const char *path = invocation->n_arguments > 0 ? invocation->arguments[0] : "-";
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? invocation->in : fopen(path, "rb");
    if (!file) return err_set(err, ERR_MISSING, "%s: %s", path, strerror(errno));
    char *bytes = arena_alloc(invocation->arena, REPORT_MOST_BYTES + 1, 1);
    size_t n = fread(bytes, 1, REPORT_MOST_BYTES + 1, file);
    bool is_read = !ferror(file);
    if (!is_stdin) fclose(file);
    if (!is_read)
        return err_set(err, ERR_IO, "%s cannot be read: %s", is_stdin ? "standard input" : path, strerror(errno));
    if (n > REPORT_MOST_BYTES)
        return err_set(err, ERR_INVALID, "%s is larger than 1 MiB", is_stdin ? "the report" : path);
    *ret_bytes = (struct text){ bytes, n };
    return true;
}

static bool take(struct store *store, void *context, struct err *err)
{
    struct bouncing *bouncing = context;
    json_decref(bouncing->answer);
    bouncing->answer = NULL;
    return returning_take(bouncing->service, store, bouncing->bytes, clock_wall_ms(NULL),
                          bouncing->invocation->arena, &bouncing->answer, err);
}

static void print(const struct invocation *invocation, json_t *answer)
{
    if (invocation->is_json) { json_write_take(invocation->out, answer); return; }
    fprintf(invocation->out, "%s: message %s%s%s\n", json_string_value(json_object_get(answer, "kind")),
            json_string_value(json_object_get(answer, "message")),
            json_is_true(json_object_get(answer, "address_closed")) ? "; nothing more is sent to its address" : "",
            json_is_true(json_object_get(answer, "channel_stopped"))
                ? "; too many came back: the channel is stopped"
                : "");
    json_decref(answer);
}

static bool run_bounce(struct invocation *invocation, struct err *err)
{
    struct bouncing bouncing = { .invocation = invocation, .service = invocation->service };
    struct service *own = NULL;
    const char *path;
    if (!read_report(invocation, &bouncing.bytes, err)) return false;
    if (!bouncing.service) {
        if (!command_database(invocation, NULL, &path, err)) return false;
        const struct service_options options = { .path = path,
                                                 .clock = { clock_wall_ms, NULL },
                                                 .now_seconds = clock_seconds,
                                                 .n_threads = invocation->n_threads,
                                                 .seed = invocation->seed,
                                                 .settings_path = flag_text(invocation, "settings", NULL) };
        if (!service_open(&options, &own, err)) return false;
        bouncing.service = own;
    }
    bool ok = ingest_run(bouncing.service->ingest, take, &bouncing, err);
    if (ok) print(invocation, bouncing.answer);
    else json_decref(bouncing.answer);
    service_close(own);
    return ok;
}

const struct command command_bounce = {
    .name = "bounce",
    .arguments = "[FILE]",
    .summary = "take in a bounce or a complaint, and send nothing more to where it came from",
    .details =
        "Reads one message, RFC 3464 or RFC 5965, from the file or from standard input, so that a mail server\n"
        "can hand it over: in aliases,  b: \"|holdfast bounce --db /srv/shop.holdfast\".",
    .example = "holdfast bounce bounce.eml",
    .run = run_bounce,
    .input_most_bytes = REPORT_MOST_BYTES,
    .is_writing = always_writes,
};
