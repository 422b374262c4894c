/* outbox.c - putting, cancelling and stopping; see outbox.h. */
#include "hub/outbox_internal.h"

#include "base/hash.h"
#include "base/memory.h"
#include "customer/encoding.h"
#include "store/sql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
    [OUTBOX_QUEUED] = "queued",   [OUTBOX_SENDING] = "sending", [OUTBOX_SENT] = "sent",
    [OUTBOX_RETRYING] = "retrying", [OUTBOX_UNKNOWN] = "unknown", [OUTBOX_DEAD] = "dead",
    [OUTBOX_CANCELLED] = "cancelled",
};

const char *outbox_status_word(enum outbox_status status) { return words[status]; }

bool outbox_status_find(const char *word, enum outbox_status *ret_status)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0) { *ret_status = (enum outbox_status)i; return true; }
    return false;
}

struct outbox *outbox_new(const struct profiles *profiles, struct scheduler *scheduler)
{
    struct outbox *outbox = memory_new(1, sizeof *outbox);
    outbox->profiles = profiles;
    outbox->scheduler = scheduler;
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox) return;
    alarm_free(outbox->alarm);
    free(outbox);
}

void outbox_wake(struct outbox *outbox, int64_t at_ms)
{
    if (outbox->alarm) alarm_by(outbox->alarm, at_ms);
}

void outbox_hold(struct outbox *outbox, bool is_held)
{
    outbox->is_held = is_held;
    if (!is_held && outbox->alarm) outbox_wake(outbox, scheduler_now_ms(outbox->scheduler));
}

void outbox_listen(struct outbox *outbox, outbox_told *told, void *context)
{
    outbox->told = told;
    outbox->told_context = context;
}

bool outbox_tell(struct outbox *outbox, struct store *store, const struct outbox_outcome *outcome, struct err *err)
{
    return !outbox->told || outbox->told(outbox->told_context, store, outcome, err);
}

/* ---- putting ---- */

static bool check(const struct outbox_message *message, struct err *err)
{
    const struct text texts[] = { message->key,     message->journey, message->step, message->channel,
                                  message->topic,   message->address, message->subject, message->text,
                                  message->html,    message->language };
    size_t length = 0;
    if (message->key.length == 0 || message->key.length > OUTBOX_KEY_MOST_BYTES || message->channel.length == 0)
        return err_set(err, ERR_INVALID, "a message needs a channel and a key of 1 to %d bytes",
                       OUTBOX_KEY_MOST_BYTES);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        length += texts[i].length;
        if (texts[i].length && encoding_valid_utf8(texts[i].at, texts[i].length, false) != texts[i].length)
            return err_set(err, ERR_INVALID, "the message holds bytes that are not UTF-8");
    }
    if (length > OUTBOX_MOST_BYTES)
        return err_set(err, ERR_INVALID, "the message has %zu bytes; %d are the most", length, OUTBOX_MOST_BYTES);
    return true;
}

/* Of an address its domain in lower case: who takes it decides how fast.  Without one the channel is. */
static int64_t destination_of(const struct outbox *outbox, const struct outbox_message *message)
{
    char domain[256];
    uint8_t hash[16];
    const char *at = message->address.length ? memrchr(message->address.at, '@', message->address.length) : NULL;
    struct text text = message->channel;
    if (at) text = (struct text){ at + 1, (size_t)(message->address.at + message->address.length - at - 1) };
    size_t n = text.length < sizeof domain ? text.length : sizeof domain;
    for (size_t i = 0; i < n; i++) domain[i] = (char)tolower((unsigned char)text.at[i]);
    vault_hash(profiles_vault(outbox->profiles), "destination", (struct text){ domain, n }, hash);
    return (int64_t)(hash_bytes(hash, sizeof hash, 0) >> 1);
}

static bool id_of_key(struct store *store, struct text key, int64_t *ret_id, struct err *err)
{
    struct sql_message_of_key row;
    if (!sql_message_of_key(store, key, &row, err)) return false;
    enum step step = sql_message_of_key_step(&row, err);
    if (step == STEP_ROW) *ret_id = row.id;
    cursor_close(row.cursor);
    return step == STEP_ROW || (step == STEP_END && err_set(err, ERR_CORRUPT, "a message is there and is not"));
}

/* Nothing where there is one of that key: *ret_id is that one's. */
static bool put_rows(struct store *store, const struct outbox_message *message, int64_t destination,
                     int64_t now_ms, int64_t due_ms, struct text sealed, int64_t *ret_id, struct err *err)
{
    if (!sql_message_put(store, message->key, message->identity, message->journey, message->version,
                         message->entry, message->step, message->channel, message->topic, destination, now_ms,
                         due_ms, message->expires_ms, ret_id, err))
        return err->code == ERR_MISSING && id_of_key(store, message->key, ret_id, err);
    return sql_message_content_put(store, *ret_id, sealed, err);
}

bool outbox_put(struct outbox *outbox, struct store *store, const struct outbox_message *message, int64_t now_ms,
                int64_t *ret_id, struct err *err)
{
    struct text sealed;
    int64_t due_ms = message->due_ms > now_ms ? message->due_ms : now_ms;
    if (!check(message, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = outbox_seal(outbox, store, message, arena, &sealed, err) &&
              put_rows(store, message, destination_of(outbox, message), now_ms, due_ms, sealed, ret_id, err);
    arena_free(arena);
    if (ok) outbox_wake(outbox, due_ms);
    return ok || err_context(err, "putting a message");
}

/* ---- what is not sent after all ---- */

bool outbox_cancel_entry(struct store *store, struct text journey, int64_t entry, const char *rule,
                         struct err *err)
{
    return sql_message_cancel_entry(store, journey, entry, text_of(rule), err);
}

static bool cancel_identity(struct store *store, uint32_t identity, const char *channel, const char *topic,
                            const char *rule, struct err *err)
{
    enum { AT_ONCE = 256 };
    int64_t ids[AT_ONCE];
    size_t n;
    do {
        struct sql_message_waiting_of row;
        enum step step = STEP_END;
        n = 0;
        if (!sql_message_waiting_of(store, identity, &row, err)) return false;
        while (n < AT_ONCE && (step = sql_message_waiting_of_step(&row, err)) == STEP_ROW)
            if ((!*channel || text_equal(row.channel, text_of(channel))) &&
                (!*topic || text_equal(row.topic, text_of(topic))))
                ids[n++] = row.id;
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
        for (size_t i = 0; i < n; i++)
            if (!sql_message_cancel(store, ids[i], text_of(rule), err)) return false;
    } while (n == AT_ONCE);
    return true;
}

bool outbox_cancel_customer(struct store *store, const uint32_t *identities, size_t n, const char *channel,
                            const char *topic, const char *rule, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!cancel_identity(store, identities[i], channel, topic, rule, err)) return false;
    return true;
}

bool outbox_send_again(struct outbox *outbox, struct store *store, int64_t id, int64_t now_ms, struct err *err)
{
    int64_t same;
    if (sql_message_again(store, id, now_ms, &same, err)) { outbox_wake(outbox, now_ms); return true; }
    if (err->code != ERR_MISSING) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct outbox_row found;
    bool is_there = outbox_get(store, id, arena, &found, err);
    if (is_there)
        err_set(err, ERR_REFUSED, "message m_%lld is %s: only what is dead, unknown or cancelled is sent again",
                (long long)id, found.status);
    arena_free(arena);
    return false;
}

/* ---- stops ---- */

static bool is_scope(struct text scope)
{
    static const char *const kinds[] = { "journey:", "channel:" };
    if (text_equal(scope, text_of("all"))) return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (scope.length > n && scope.length < n + 200 && memcmp(scope.at, kinds[i], n) == 0) return true;
    }
    return false;
}

bool outbox_stop(struct store *store, struct text scope, int64_t now_ms, struct text who, struct err *err)
{
    if (!is_scope(scope))
        return err_set(err, ERR_INVALID, "a stop is of \"all\", \"journey:<name>\" or \"channel:<name>\"");
    return sql_stop_put(store, scope, now_ms, who, err);
}

bool outbox_lift(struct outbox *outbox, struct store *store, struct text scope, int64_t now_ms, struct err *err)
{
    int64_t since_ms;
    if (!sql_stop_remove(store, scope, &since_ms, err))
        return err->code == ERR_MISSING
                   ? err_set(err, ERR_MISSING, "'%.*s' is not stopped", (int)scope.length, scope.at)
                   : false;
    if (!sql_message_lift(store, now_ms, err)) return false;
    outbox_wake(outbox, now_ms);
    return true;
}

bool outbox_read_stops(struct store *store, struct outbox_stopped *ret_stops, struct err *err)
{
    struct sql_stop_all row;
    enum step step;
    *ret_stops = (struct outbox_stopped){ 0 };
    if (!sql_stop_all(store, &row, err)) return false;
    while ((step = sql_stop_all_step(&row, err)) == STEP_ROW) {
        /* More stops than anybody types: then everything is. */
        ret_stops->is_all |= text_equal(row.scope, text_of("all")) || ret_stops->n == OUTBOX_STOPS_MOST;
        if (ret_stops->n < OUTBOX_STOPS_MOST)
            snprintf(ret_stops->scopes[ret_stops->n++], OUTBOX_SCOPE_BYTES, "%s", row.scope.at);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool has_scope(const struct outbox_stopped *stops, const char *kind, struct text name)
{
    size_t n = strlen(kind);
    for (size_t i = 0; i < stops->n; i++)
        if (strncmp(stops->scopes[i], kind, n) == 0 && text_equal(text_of(stops->scopes[i] + n), name))
            return true;
    return false;
}

bool outbox_is_stopped(const struct outbox_stopped *stops, struct text channel, struct text journey)
{
    return stops->is_all || has_scope(stops, "channel:", channel) || has_scope(stops, "journey:", journey);
}
