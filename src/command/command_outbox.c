/* command_outbox.c - holdfast outbox: what was sent, waits, or is in doubt, and why. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "customer/identity.h"
#include "hub/outbox.h"
#include "log/log.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *customer_of(const struct log *log, const struct outbox_row *row, struct arena *arena)
{
    if (!row->identity || row->identity >= log_n_names(log, DICTIONARY_IDENTITY)) return "";
    struct text name = log_name(log, DICTIONARY_IDENTITY, row->identity);
    return arena_format(arena, "%.*s", (int)name.length, name.at);
}

static json_t *or_null(const char *text) { return *text ? json_string(text) : json_null(); }
static json_t *instant(int64_t at_ms)
{
    return at_ms > 0 && at_ms < INT64_MAX - 1 ? json_integer(at_ms) : json_null();
}

static json_t *row_json(const struct log *log, const struct outbox_row *row, struct arena *arena)
{
    return json_pack("{s:s, s:s, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "id",
                     arena_format(arena, "m_%" PRId64, row->id), "key", row->key, "journey", or_null(row->journey),
                     "version", (json_int_t)row->version, "step", row->step, "customer",
                     customer_of(log, row, arena), "channel", row->channel, "topic", row->topic, "status",
                     row->status, "attempts", (json_int_t)row->n_attempts, "queued_ms", (json_int_t)row->queued_ms,
                     "due_ms", instant(row->due_ms), "sent_ms", instant(row->sent_ms), "reply",
                     or_null(row->reply), "rule", or_null(row->rule));
}

static void print_row(const struct log *log, const struct outbox_row *row, struct arena *arena)
{
    char queued[21];
    calendar_format_ms(row->queued_ms, queued);
    printf("m_%" PRId64 "  %s  %-9s  %s to %s%s%s%s%s\n", row->id, queued, row->status, row->channel,
           customer_of(log, row, arena), *row->journey ? ", journey " : "", row->journey,
           *row->rule ? ", rule " : "", row->rule);
    if (*row->reply) printf("      %s\n", row->reply);
}

static bool read_filter(const struct invocation *invocation, struct outbox_filter *ret_filter, struct err *err)
{
    enum outbox_status status;
    int64_t limit;
    struct outbox_filter filter = { .status = flag_text(invocation, "status", NULL),
                                    .journey = flag_text(invocation, "journey", NULL) };
    if (filter.status && !outbox_status_find(filter.status, &status))
        return err_set(err, ERR_INVALID,
                       "--status '%s': give queued, sending, sent, retrying, unknown, dead or cancelled",
                       filter.status);
    if (!flag_int(invocation, "limit", 1, 1000000, 50, &limit, err)) return false;
    filter.most = (size_t)limit;
    *ret_filter = filter;
    return true;
}

static bool run_outbox(struct invocation *invocation, struct err *err)
{
    const char *path;
    struct store *store = NULL;
    struct log *log = NULL;
    struct outbox_filter filter;
    struct outbox_row *rows = NULL;
    size_t n = 0;
    bool ok = read_filter(invocation, &filter, err) && command_database(invocation, NULL, &path, err) &&
              store_open(path, STORE_READ, &store, err) && log_open(store, &log, err) &&
              outbox_read(store, &filter, invocation->arena, &rows, &n, err);
    json_t *messages = ok && invocation->is_json ? json_array() : NULL;
    for (size_t i = 0; ok && i < n; i++)
        if (messages) json_array_append_new(messages, row_json(log, &rows[i], invocation->arena));
        else print_row(log, &rows[i], invocation->arena);
    if (messages) json_print_take(json_pack("{s:o}", "messages", messages));
    else if (ok && n == 0) puts("no such messages");
    log_close(log);
    store_close(store);
    return ok;
}

static const struct flag flags[] = {
    { "status", "WORD", "only those queued, sending, sent, retrying, unknown, dead or cancelled" },
    { "journey", "NAME", "only those of a journey" },
    { "limit", "N", "the newest N (else 50)" },
    { 0 },
};

const struct command command_outbox = {
    .name = "outbox",
    .arguments = "",
    .summary = "what was sent, what waits, and what was not sent and why",
    .details =
        "A message is put once and leaves once.  'unknown' is one that was on its way when the connection or the\n"
        "program ended: whether it arrived nobody can say; POST /v1/messages/ID/retry sends it again.",
    .example = "holdfast outbox --status unknown",
    .flags = flags,
    .run = run_outbox,
};
