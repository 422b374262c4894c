/* outbox_sending.c - see outbox_sending.h. */
#include "hub/outbox_sending.h"
#include "hub/outbox_internal.h"

#include "base/crash_point.h"
#include "base/memory.h"
#include "customer/encoding.h"
#include "store/sql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AT = 512, REPLY_MOST_BYTES = 500 };

void outbox_sender(struct outbox *outbox, void (*ring)(void *context), void *context)
{
    outbox->alarm = alarm_new(outbox->scheduler, "outbox", ring, context);
}

void outbox_look_at(struct outbox *outbox, int64_t at_ms)
{
    if (outbox->alarm) alarm_set(outbox->alarm, at_ms);
}

/* ---- taking ---- */

static struct text keep(struct arena *arena, struct text text)
{
    char *copy = arena_alloc(arena, text.length + 1, 1);
    if (text.length) memcpy(copy, text.at, text.length);
    return (struct text){ copy, text.length };
}

struct due { struct outbox_parcel parcel; int64_t expires_ms; };

static bool read_due(struct store *store, const struct outbox_take *take, size_t most, struct arena *arena,
                     struct due *due, size_t *ret_n, struct err *err)
{
    struct sql_message_due row;
    enum step step = STEP_END;
    size_t n = 0;
    if (!sql_message_due(store, text_of(take->channel), take->now_ms, (int64_t)most, &row, err)) return false;
    while (n < most && (step = sql_message_due_step(&row, err)) == STEP_ROW) {
        due[n++] = (struct due){
            .parcel = { .id = row.id,
                        .entry = row.entry,
                        .queued_ms = row.queued_ms,
                        .destination = row.destination,
                        .key = keep(arena, row.key),
                        .journey = keep(arena, row.journey),
                        .step = keep(arena, row.step),
                        .channel = text_of(arena_copy(arena, take->channel)),
                        .topic = keep(arena, row.topic),
                        .version = (uint32_t)row.version,
                        .identity = (uint32_t)row.identity,
                        .n_attempts = (unsigned)row.n_attempts + 1,
                        .sealed_key = keep(arena, row.customer_key),
                        .sealed = keep(arena, row.sealed) },
            .expires_ms = row.expires_ms,
        };
    }
    cursor_close(row.cursor);
    *ret_n = n;
    return n == most || step == STEP_END;
}

static bool next_due(struct store *store, const char *channel, int64_t *ret_ms, struct err *err)
{
    struct sql_message_next row;
    if (!sql_message_next(store, text_of(channel), &row, err)) return false;
    enum step step = sql_message_next_step(&row, err);
    *ret_ms = step == STEP_ROW && row.due_ms.kind == VALUE_INT ? row.due_ms.i : NEVER_MS;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static struct outbox_outcome outcome_of(const struct outbox_parcel *parcel, enum outbox_status status,
                                        const char *rule, int64_t at_ms)
{
    return (struct outbox_outcome){ .id = parcel->id, .at_ms = at_ms, .entry = parcel->entry, .key = parcel->key,
                                    .journey = parcel->journey, .step = parcel->step, .channel = parcel->channel,
                                    .topic = parcel->topic, .rule = text_of(rule), .version = parcel->version,
                                    .identity = parcel->identity, .status = status, .reply = text_of(""),
                                    .answer = text_of("") };
}

static bool end(struct outbox *outbox, struct store *store, const struct outbox_parcel *parcel,
                enum outbox_status status, const char *rule, int64_t now_ms, struct err *err)
{
    const struct outbox_outcome outcome = outcome_of(parcel, status, rule, now_ms);
    return sql_message_settle(store, parcel->id, text_of(outbox_status_word(status)), text_of(rule), value_null(),
                              0, text_of(""), text_of(""), err) &&
           outbox_tell(outbox, store, &outcome, err);
}

/* Carries out what is to happen to one; *ret_is_taken: it is to be sent. */
static bool judge_one(struct outbox *outbox, struct store *store, const struct outbox_take *take,
                      const struct outbox_stopped *stops, const struct due *due, bool *ret_is_taken, struct err *err)
{
    const struct outbox_parcel *parcel = &due->parcel;
    struct outbox_verdict verdict = { .gate = GATE_SEND, .rule = "" };
    *ret_is_taken = false;
    if (due->expires_ms && take->now_ms > due->expires_ms)
        return end(outbox, store, parcel, OUTBOX_DEAD, "too_old", take->now_ms, err);
    if (outbox_is_stopped(stops, parcel->channel, parcel->journey))
        return sql_message_hold(store, parcel->id, err);
    if (take->judge && !take->judge(take->context, store, parcel, &verdict, err)) return false;
    switch (verdict.gate) {
    case GATE_SEND: break;
    case GATE_WAIT: return sql_message_put_off(store, parcel->id, verdict.until_ms, err);
    case GATE_WAIT_ALL:
        return sql_message_hold_destination(store, parcel->channel, parcel->destination, verdict.until_ms, err);
    case GATE_CANCEL: return end(outbox, store, parcel, OUTBOX_CANCELLED, verdict.rule, take->now_ms, err);
    case GATE_DIE: return end(outbox, store, parcel, OUTBOX_DEAD, verdict.rule, take->now_ms, err);
    }
    *ret_is_taken = true;
    return sql_message_sending(store, parcel->id, err);
}

bool outbox_take(struct outbox *outbox, struct store *store, const struct outbox_take *take, struct arena *arena,
                 struct outbox_parcel *ret_parcels, size_t *ret_n, int64_t *ret_next_ms, struct err *err)
{
    struct due *due = ARENA_ARRAY(arena, struct due, LOOK_AT);
    struct outbox_stopped stops;
    size_t n_due, n_looked_at, n = 0;
    *ret_n = 0;
    *ret_next_ms = NEVER_MS;
    if (outbox->is_held) return true;
    if (!outbox_read_stops(store, &stops, err)) return false;
    do {
        n_looked_at = take->most - n < LOOK_AT ? take->most - n : LOOK_AT;
        if (!read_due(store, take, n_looked_at, arena, due, &n_due, err)) return false;
        for (size_t i = 0; i < n_due && n < take->most; i++) {
            bool is_taken;
            if (!judge_one(outbox, store, take, &stops, &due[i], &is_taken, err)) return false;
            if (is_taken) ret_parcels[n++] = due[i].parcel;
        }
    } while (n_due == n_looked_at && n < take->most);       /* each that was looked at is due no more */
    crash_point();
    *ret_n = n;
    return next_due(store, take->channel, ret_next_ms, err) || err_context(err, "taking messages");
}

/* ---- settling ---- */

/* A reply may name the address that it refuses: every word with an @ or of seven digits and more goes. */
static struct text without_addresses(struct text reply, char room[REPLY_MOST_BYTES + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < reply.length && n < REPLY_MOST_BYTES;) {
        size_t end = i, n_digits = 0;
        bool has_at = false;
        while (end < reply.length && !strchr(" \t\r\n<>()[]\",;", reply.at[end])) {
            has_at |= reply.at[end] == '@';
            n_digits += isdigit((unsigned char)reply.at[end]) != 0;
            end++;
        }
        if (end == i) {
            unsigned char c = (unsigned char)reply.at[i++];
            room[n++] = (char)(c < 0x20 ? ' ' : c);
            continue;
        }
        bool is_personal = has_at || n_digits >= 7;
        for (size_t k = i; k < end && n < REPLY_MOST_BYTES && !is_personal; k++) room[n++] = reply.at[k];
        if (is_personal) room[n++] = '*';
        i = end;
    }
    while (n > 0 && room[n - 1] == ' ') n--;
    room[n] = '\0';
    size_t n_valid = encoding_valid_utf8(room, n, false);
    return (struct text){ room, n_valid };
}

struct text outbox_without_addresses(struct text text, struct arena *arena)
{
    char room[REPLY_MOST_BYTES + 1];
    return keep(arena, without_addresses(text, room));
}

bool outbox_settle(struct outbox *outbox, struct store *store, const struct outbox_parcel *parcel,
                   const struct outbox_settled *settled, struct err *err)
{
    char room[REPLY_MOST_BYTES + 1];
    struct text reply = without_addresses(settled->reply, room);
    const char *rule = settled->rule ? settled->rule : "";
    bool is_retried = settled->status == OUTBOX_RETRYING;
    struct outbox_outcome outcome = outcome_of(parcel, settled->status, rule, settled->at_ms);
    outcome.reply = reply, outcome.answer = settled->answer;
    bool ok = sql_message_settle(store, parcel->id, text_of(outbox_status_word(settled->status)), text_of(rule),
                                 is_retried ? value_int(settled->due_ms) : value_null(),
                                 settled->status == OUTBOX_SENT ? settled->at_ms : 0, reply,
                                 text_of(settled->provider_id), err) &&
              outbox_tell(outbox, store, &outcome, err);
    crash_point();
    if (ok && is_retried) outbox_wake(outbox, settled->due_ms);
    return ok || err_context(err, "settling message m_%lld", (long long)parcel->id);
}

bool outbox_put_back(struct outbox *outbox, struct store *store, const struct outbox_parcel *parcel,
                     int64_t due_ms, struct text why, struct err *err)
{
    char room[REPLY_MOST_BYTES + 1];
    if (!sql_message_put_back(store, parcel->id, due_ms, without_addresses(why, room), err))
        return err_context(err, "putting back message m_%lld", (long long)parcel->id);
    outbox_wake(outbox, due_ms);
    return true;
}

/* ---- after a crash ---- */

struct doubtful { int64_t id; bool is_retried; };

bool outbox_recover(struct outbox *outbox, struct store *store, int64_t now_ms, outbox_is_retried *is_retried,
                    void *context, size_t *ret_n_unknown, struct err *err)
{
    struct sql_message_in_doubt row;
    enum step step;
    struct doubtful *all = NULL;
    size_t n = 0, n_unknown = 0;
    bool ok = true;
    (void)outbox;
    if (!sql_message_in_doubt(store, &row, err)) return false;
    while ((step = sql_message_in_doubt_step(&row, err)) == STEP_ROW) {
        if ((n & (n - 1)) == 0) all = memory_grow(all, n ? 2 * n : 1, sizeof *all);
        all[n++] = (struct doubtful){ row.id, is_retried(context, row.channel.at) };
    }
    cursor_close(row.cursor);
    ok = step == STEP_END;
    for (size_t i = 0; ok && i < n; i++) {
        n_unknown += !all[i].is_retried;
        ok = sql_message_settle(store, all[i].id, text_of(all[i].is_retried ? "retrying" : "unknown"), text_of(""),
                                all[i].is_retried ? value_int(now_ms) : value_null(), 0,
                                text_of("the program ended while it was on its way"), text_of(""), err);
    }
    free(all);
    if (ok) *ret_n_unknown = n_unknown;
    return ok;
}
