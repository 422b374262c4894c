/* command_ledger.c - what was decided and done, and that nobody changed it since. */
#include "base/calendar.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/json_out.h"
#include "command/decision_outcome.h"
#include "customer/profile.h"
#include "govern/ledger.h"
#include "log/log.h"
#include "store/sql.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BROKEN_STATUS = 7, SHOWN = 50 };

/* ---- audit verify ---- */

static bool run_audit(struct invocation *invocation, struct err *err)
{
    const char *path;
    struct store *store;
    struct ledger_check check = { 0 };
    if (strcmp(invocation->arguments[0], "verify") != 0)
        return err_set(err, ERR_INVALID, "usage: holdfast audit verify");
    if (!secret_start(err) || !command_database(invocation, NULL, &path, err) ||
        !store_open(path, STORE_READ, &store, err))
        return false;
    bool ok = ledger_verify(store, invocation->arena, &check, err);
    store_close(store);
    if (!ok) return false;
    if (invocation->is_json) {
        json_t *json = json_pack("{s:I, s:b}", "rows", (json_int_t)check.n_rows, "ok", check.first_bad == 0);
        if (check.first_bad) json_object_set_new(json, "first_bad", json_integer(check.first_bad));
        if (check.first_bad) json_object_set_new(json, "why", json_string(check.why));
        json_write_take(invocation->out, json);
    } else if (!check.first_bad) {
        fprintf(invocation->out, "%" PRId64 " rows, each as it was written down.\n", check.n_rows);
    }
    if (!check.first_bad) return true;
    invocation->failure_status = BROKEN_STATUS, invocation->has_answered = invocation->is_json;
    return err_set(err, ERR_CORRUPT,
                   "the ledger is broken at row %" PRId64 ": %s; compare it with a back-up, and keep both",
                   check.first_bad, check.why);
}

/* ---- ledger ---- */

/* Whom to show: the members of a customer; n 0: everybody. */
struct shown {
    struct log *log;
    struct identities *identities;
    struct profiles *profiles;
    const uint32_t *members;
    size_t n;
};

static bool find_customer(struct shown *s, struct store *store, struct arena *arena, const char *id,
                          struct err *err)
{
    uint32_t identity = 0, *found;
    struct err no_key;
    size_t n = 0;
    if (!id) return true;
    bool is_known = log_find(s->log, DICTIONARY_IDENTITY, text_of(id), &identity) && identity;
    if (!is_known && profiles_open(store, false, &s->profiles, &no_key) &&
        !profiles_find(s->profiles, store, text_of(id), arena, &found, &n, err))
        return false;
    if (!is_known && n == 0) return err_set(err, ERR_MISSING, "nobody is known as '%s'", id);
    s->members = identities_members(s->identities, is_known ? identity : found[0], &s->n);
    return true;
}

static bool is_shown(const struct shown *s, int64_t identity)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->members[i] == identity) return true;
    return s->n == 0;
}

static json_t *text_json(const struct value *value)
{
    return value->kind == VALUE_TEXT ? json_stringn(value->bytes, value->length) : json_null();
}

static json_t *row_json(const struct shown *s, const struct sql_ledger_page *row)
{
    char when[21];
    struct text name =
        row->identity ? log_name(s->log, DICTIONARY_IDENTITY, (uint32_t)row->identity) : text_of("");
    calendar_format_ms(row->at_ms, when);
    json_t *json =
        json_pack("{s:I, s:s, s:s%, s:o}", "n", (json_int_t)row->n, "at", when, "kind", row->kind.at,
                  row->kind.length, "customer", row->identity ? json_stringn(name.at, name.length) : json_null());
    if (text_equal(row->kind, text_of("audit"))) {
        json_object_set_new(json, "who", text_json(&row->who));
        json_object_set_new(json, "what", text_json(&row->what));
    }
    if (!text_equal(row->kind, text_of("decision"))) return json;
    json_object_set_new(json, "decision_id", json_stringn(row->subject.at, row->subject.length));
    json_object_set_new(json, "placement", text_json(&row->placement));
    json_object_set_new(json, "action", text_json(&row->action));
    json_object_set_new(json, "propensity",
                        row->propensity.kind == VALUE_REAL ? json_real(row->propensity.r) : json_null());
    json_object_set_new(json, "policy", text_json(&row->policy));
    json_t *answer =
        row->answer.kind == VALUE_TEXT ? json_loadb(row->answer.bytes, row->answer.length, 0, NULL) : NULL;
    json_object_set(json, "reason",
                    json_object_get(answer, "reason") ? json_object_get(answer, "reason") : json_null());
    json_object_set_new(json, "answer", answer ? answer : json_null());
    return json;
}

static void print_row(FILE *out, const json_t *row)
{
    const char *kind = json_string_value(json_object_get(row, "kind")),
               *who = json_string_value(json_object_get(row, "customer"));
    const char *first = json_string_value(json_object_get(row, kind[0] == 'a' ? "who" : "action")),
               *second = json_string_value(json_object_get(row, kind[0] == 'a' ? "what" : "reason"));
    fprintf(out, "%8" JSON_INTEGER_FORMAT "  %s  %-9s %-20s %s%s%s\n",
            json_integer_value(json_object_get(row, "n")), json_string_value(json_object_get(row, "at")), kind,
            who ? who : "-", first ? first : "(gone)", second ? ": " : "", second ? second : "");
}

static bool show(struct invocation *invocation, const struct shown *s, struct store *store, int64_t since_ms,
                 struct err *err)
{
    struct sql_ledger_page row = { 0 };
    enum step step = STEP_FAIL;
    json_t *rows = json_array();
    uint32_t *identity = NULL;
    size_t n_rows = 0, room = 0;
    if (sql_ledger_page(store, since_ms, &row, err))
        while ((step = sql_ledger_page_step(&row, err)) == STEP_ROW) {
            if (!is_shown(s, row.identity)) continue;
            if (n_rows == room) identity = memory_grow(identity, room = 2 * room + 256, sizeof *identity);
            identity[n_rows++] = (uint32_t)row.identity;
            json_array_append_new(rows, row_json(s, &row));
        }
    cursor_close(row.cursor);
    bool ok = step == STEP_END && decision_outcomes(s->log, s->identities, rows, identity, err);
    free(identity);
    if (!ok) { json_decref(rows); return false; }
    if (invocation->is_json) { json_write_take(invocation->out, json_pack("{s:o}", "rows", rows)); return true; }
    size_t n = json_array_size(rows);
    for (size_t i = 0; i < n && i < SHOWN; i++) print_row(invocation->out, json_array_get(rows, i));
    if (n > SHOWN) fprintf(invocation->out, "... and %zu more; --json tells all\n", n - SHOWN);
    if (n == 0) fputs("nothing was decided or done\n", invocation->out);
    json_decref(rows);
    return true;
}

static bool run_ledger(struct invocation *invocation, struct err *err)
{
    const char *path;
    struct store *store = NULL;
    struct shown s = { 0 };
    int64_t since_ms;
    bool ok = secret_start(err) && command_database(invocation, NULL, &path, err) &&
              flag_date_ms(invocation, "since", INT64_MIN, &since_ms, err) &&
              store_open(path, STORE_READ, &store, err) && log_open(store, &s.log, err) &&
              identities_open(store, s.log, &s.identities, err) &&
              find_customer(&s, store, invocation->arena, flag_text(invocation, "customer", NULL), err) &&
              show(invocation, &s, store, since_ms, err);
    identities_close(s.identities);
    profiles_close(s.profiles);
    log_close(s.log);
    store_close(store);
    return ok;
}

static const struct flag flags[] = {
    { "customer", "ID", "only what is about this customer" },
    { "since", "DATE", "only from this day on" },
    { 0 },
};

const struct command command_ledger = {
    .name = "ledger",
    .arguments = "",
    .summary = "what was decided for whom and why, and what people did with their own hands, newest first",
    .details = "Of people who were erased the rows stay and say nothing any more.  holdfast audit verify checks "
               "the chain.",
    .example = "holdfast ledger --customer C001407",
    .flags = flags,
    .run = run_ledger,
};

const struct command command_audit = {
    .name = "audit",
    .arguments = "ACTION",
    .summary = "verify: whether the ledger is as it was written down; exit status 7 where it is not",
    .example = "holdfast audit verify",
    .run = run_audit,
};
