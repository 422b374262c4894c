/* returning.c - see returning.h. */
#include "engine/returning.h"

#include "base/calendar.h"
#include "channel/channel.h"
#include "customer/closed_address.h"
#include "engine/journeys.h"
#include "hub/links.h"
#include "hub/outbox_sending.h"
#include "store/setting.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTED_DAYS = 1, COUNTED_LEAST = 50, STOPPED_BY_PERSON = 21610 };

/* A message that was sent, and to which address. */
struct about { int64_t id; uint32_t identity; const char *channel, *topic, *key; struct text address; };

static bool find_message(struct service *service, struct store *store, int64_t id, struct arena *arena,
                         struct about *ret_about, bool *ret_is_there, struct err *err)
{
    struct sql_message_sealed row;
    struct outbox_content content;
    if (!sql_message_sealed(store, id, &row, err)) return false;
    enum step step = sql_message_sealed_step(&row, err);
    *ret_is_there = step == STEP_ROW;
    if (step == STEP_ROW) {
        *ret_about = (struct about){ .id = id,
                                     .identity = (uint32_t)row.identity,
                                     .channel = arena_copy(arena, row.channel.at),
                                     .topic = arena_copy(arena, row.topic.at),
                                     .key = arena_copy(arena, row.key.at),
                                     .address = text_of("") };
        if (outbox_unseal(service->outbox, row.customer_key, row.sealed, arena, &content))
            ret_about->address = content.address;
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* The number in "m_17.0a1b2c3d4e5f@example.com", if the mark behind it is that of the message's key. */
static bool message_of_id(struct service *service, struct store *store, const char *message_id,
                          struct arena *arena, struct about *ret_about, bool *ret_is_there, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    size_t n = strncmp(message_id, "m_", 2) == 0 ? strspn(message_id + 2, "0123456789") : 0;
    int64_t id;
    *ret_is_there = false;
    if (n == 0 || message_id[2 + n] != '.' || !text_int64((struct text){ message_id + 2, n }, &id)) return true;
    if (!find_message(service, store, id, arena, ret_about, ret_is_there, err)) return false;
    if (!*ret_is_there) return true;
    vault_hash(profiles_vault(service->profiles), "message id", text_of(ret_about->key), hash);
    const char *mark =
        arena_format(arena, "%02x%02x%02x%02x%02x%02x@", hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]);
    *ret_is_there = strncmp(message_id + 3 + n, mark, strlen(mark)) == 0;
    return true;
}

/* By the return path's token, else by the message's id. */
static bool find(struct service *service, struct store *store, const struct returned *returned,
                 struct arena *arena, struct about *ret_about, struct err *err)
{
    const char *plus = strchr(returned->recipient, '+');
    bool is_there = false;
    int64_t id;
    for (const char *at = plus ? plus + 1 : returned->recipient; at && *at && *at != '@' && !is_there; at++)
        if (link_bounce_read(profiles_vault(service->profiles), (struct text){ at, strcspn(at, "@") }, &id)) {
            if (!find_message(service, store, id, arena, ret_about, &is_there, err)) return false;
            break;
        }
    if (!is_there && !message_of_id(service, store, returned->message_id, arena, ret_about, &is_there, err))
        return false;
    return is_there || err_set(err, ERR_MISSING, "this is about no message that was sent from here");
}

static bool say(struct service *service, struct store *store, const struct about *about, const char *event,
                const char *why, struct err *err)
{
    if (!about->identity) return true;
    return journeys_tell(service->journeys, store, about->identity, event,
                         json_pack("{s:s, s:s, s:s, s:s}", "channel", about->channel, "topic", about->topic,
                                   "message", about->key, "reason", why),
                         err);
}

/* Too many of a day's: whoever sends on is soon refused by everybody. */
static bool stop_channel(struct service *service, struct store *store, const char *name, int64_t now_ms,
                         struct arena *arena, bool *ret_is_stopped, struct err *err)
{
    struct settings settings;
    struct channels channels;
    int64_t n_sent, n_returned;
    *ret_is_stopped = false;
    if (!sql_message_returns(store, text_of(name), now_ms - COUNTED_DAYS * MS_PER_DAY, &n_sent, &n_returned, err))
        return false;
    if (n_sent < COUNTED_LEAST) return true;
    if (!setting_file(store, service->options.settings_path, arena, &settings, err) ||
        !channels_read(&settings, arena, &channels, err))
        return false;
    const struct channel *channel = channel_find(&channels, text_of(name));
    double most = channel ? channel->pause_above : 0;
    channels_forget(&channels);
    if (most <= 0 || (double)n_returned <= most * (double)n_sent) return true;
    *ret_is_stopped = true;
    return outbox_stop(store, text_of(arena_format(arena, "channel:%s", name)), now_ms,
                       text_of(arena_format(arena, "holdfast: %lld of %lld messages of a day came back",
                                            (long long)n_returned, (long long)n_sent)),
                       err);
}

/* They want no more of what the message was about, as by its link. */
static bool unsubscribe(struct service *service, struct store *store, const struct about *about, int64_t now_ms,
                        struct arena *arena, struct err *err)
{
    const char *both = *about->topic ? arena_format(arena, "%s.%s", about->channel, about->topic) : about->channel;
    json_t *said = json_pack("{s:b}", both, 0);
    char *statement = json_dumps(said, JSON_COMPACT);
    (void)pthread_rwlock_wrlock(&service->lock);
    uint32_t customer = identities_customer(service->identities, about->identity);
    bool ok = consents_put(service->consents, store, log_name(service->log, DICTIONARY_IDENTITY, customer),
                           text_of(statement), now_ms, text_of("unsubscribe mail"),
                           text_of(arena_format(arena, "m_%lld", (long long)about->id)), err);
    (void)pthread_rwlock_unlock(&service->lock);
    free(statement);
    json_decref(said);
    size_t n;
    const uint32_t *members = identities_members(service->identities, about->identity, &n);
    return ok &&
           outbox_cancel_customer(store, members, n, about->channel, about->topic, "consent", err) &&
           journeys_tell(service->journeys, store, about->identity, "Unsubscribed",
                         json_pack("{s:s, s:s}", "channel", about->channel, "topic", about->topic), err);
}

bool returning_take(struct service *service, struct store *store, struct text bytes, int64_t now_ms,
                    struct arena *arena, json_t **ret_json, struct err *err)
{
    struct returned returned;
    struct about about = { 0 };
    bool is_stopped = false;
    if (!returned_read(bytes, arena, &returned, err) || !find(service, store, &returned, arena, &about, err))
        return false;
    bool is_complaint = returned.kind == RETURNED_COMPLAINT,
         is_closed = returned.kind == RETURNED_HARD || is_complaint;
    const char *word = returned_word(returned.kind);
    if (returned.kind == RETURNED_UNSUBSCRIBE) {
        if (about.identity && !unsubscribe(service, store, &about, now_ms, arena, err)) return false;
        *ret_json = json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "kind", word, "message",
                              arena_format(arena, "m_%lld", (long long)about.id), "address_closed", 0,
                              "channel_stopped", 0, "status", "", "diagnostic", "");
        return true;
    }
    const char *reply = arena_format(arena, "came back (%s): %s%s%s", word, returned.status,
                                     *returned.status ? " " : "", returned.diagnostic);
    struct text address = about.address.length ? about.address : text_of(returned.address);
    if (is_closed && address.length &&
        !closed_address_put(store, profiles_vault(service->profiles), address, text_of(about.channel),
                            is_complaint ? "complaint" : "bounce", now_ms, err))
        return false;
    if (!sql_message_returned(store, about.id, text_of(word), now_ms,
                              outbox_without_addresses(text_of(reply), arena), err) ||
        (returned.kind != RETURNED_DELAYED &&
         !say(service, store, &about, is_complaint ? "Email Marked as Spam" : "Email Bounced", word, err)) ||
        (is_closed && !stop_channel(service, store, about.channel, now_ms, arena, &is_stopped, err)))
        return false;
    *ret_json = json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "kind", word, "message",
                          arena_format(arena, "m_%lld", (long long)about.id), "address_closed",
                          is_closed && address.length, "channel_stopped", is_stopped, "status", returned.status,
                          "diagnostic", returned.diagnostic);
    return true;
}

bool returning_status(struct service *service, struct store *store, struct text provider_id, struct text status,
                      int64_t error, int64_t now_ms, struct arena *arena, struct err *err)
{
    struct sql_message_of_provider row;
    struct about about;
    bool is_there = false,
         is_failure = text_equal(status, text_of("undelivered")) || text_equal(status, text_of("failed"));
    if (!sql_message_of_provider(store, provider_id, &row, err)) return false;
    enum step step = sql_message_of_provider_step(&row, err);
    int64_t id = step == STEP_ROW ? row.id : 0;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (!id) return err_set(err, ERR_MISSING, "there is no message of this provider's id");
    if (!find_message(service, store, id, arena, &about, &is_there, err)) return false;
    const char *reply = arena_format(arena, "%.*s%s", (int)status.length, status.at,
                                     error ? arena_format(arena, ", error %lld", (long long)error) : "");
    bool is_stop = error == STOPPED_BY_PERSON;
    if (is_stop && about.address.length &&
        !closed_address_put(store, profiles_vault(service->profiles), about.address, text_of(about.channel),
                            "refused", now_ms, err))
        return false;
    if (!sql_message_returned(store, id, text_of(is_failure ? is_stop ? "hard" : "soft" : ""),
                              is_failure ? now_ms : 0, text_of(reply), err))
        return false;
    bool is_told = is_failure || text_equal(status, text_of("delivered"));
    return !is_told || say(service, store, &about, is_failure ? "SMS Bounced" : "SMS Delivered", reply, err);
}

bool returning_word(struct service *service, struct store *store, const char *channel, struct text number,
                    bool is_stop, int64_t now_ms, struct arena *arena, struct err *err)
{
    uint32_t *identities;
    size_t n;
    const struct vault *vault = profiles_vault(service->profiles);
    const char *statement = arena_format(arena, "{\"%s\": %s}", channel, is_stop ? "false" : "true");
    bool ok = is_stop ? closed_address_put(store, vault, number, text_of(channel), "refused", now_ms, err)
                      : closed_address_remove(store, vault, number, err);
    if (!ok || !profiles_find(service->profiles, store, number, arena, &identities, &n, err)) return false;
    (void)pthread_rwlock_wrlock(&service->lock);
    for (size_t i = 0; ok && i < n; i++) {
        struct text name =
            log_name(service->log, DICTIONARY_IDENTITY, identities_customer(service->identities, identities[i]));
        ok = consents_put(service->consents, store, name, text_of(statement), now_ms, text_of("sms"),
                          text_of(is_stop ? "STOP" : "START"), err);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    for (size_t i = 0; ok && is_stop && i < n; i++) {
        size_t n_members;
        const uint32_t *members = identities_members(service->identities, identities[i], &n_members);
        ok = outbox_cancel_customer(store, members, n_members, channel, "", "consent", err);
    }
    return ok;
}
