/* consigning.c - from what the outbox holds to the bytes that a channel takes; see send_internal.h. */
#include "send/send_internal.h"

#include "channel/plain_text.h"
#include "channel/tracked_html.h"
#include "customer/closed_address.h"
#include "hub/links.h"

#include <string.h>

static bool refuse(const char **ret_rule, const char *rule, struct err *err, const char *sentence)
{
    *ret_rule = rule;
    return err_set(err, ERR_REFUSED, "%s", sentence);
}

static bool is_closed(struct lane *lane, struct text address, bool *ret_is_closed, struct err *err)
{
    struct store *store;
    const struct sender_options *options = &lane->sender->options;
    if (!reading_pool_take(options->readers, &store, err)) return false;
    bool ok = closed_address_find(store, profiles_vault(options->profiles), address, ret_is_closed, err);
    reading_pool_give(options->readers, store);
    return ok;
}

/* An address of the settings, for one message: what comes back to it is about that. */
static const char *token_address(struct lane *lane, const struct flight *flight, const char *path)
{
    const char *at = strstr(path, "{token}");
    if (!at) return path;
    return arena_format(
        flight->arena, "%.*s%s%s", (int)(at - path), path,
        link_bounce_token(profiles_vault(lane->sender->options.profiles), flight->parcel.id, flight->arena),
        at + strlen("{token}"));
}

static const char *unsubscribe_url(struct lane *lane, const struct flight *flight)
{
    const struct outbox_parcel *parcel = &flight->parcel;
    if (strncmp(lane->setup->public_url, "https://", 8) != 0) return NULL;
    const struct link_token token = {
        parcel->identity, parcel->id,
        text_of(arena_format(flight->arena, "%.*s/%.*s", (int)parcel->channel.length, parcel->channel.at,
                             (int)parcel->topic.length, parcel->topic.at))
    };
    return link_url(profiles_vault(lane->sender->options.profiles), lane->setup->public_url, LINK_UNSUBSCRIBE,
                    &token, flight->arena);
}

/* ---- what tells that a message was opened, and which link was followed ---- */

/* Who refused that is not followed; nor is who there is no statement of because it is nobody of ours. */
static bool may_track(struct lane *lane, const struct flight *flight, bool *ret_may, struct err *err)
{
    struct store *store;
    const struct sender_options *options = &lane->sender->options;
    const char *const purposes[] = { "tracking", "analytics" };
    struct consent_statement said[2];
    uint32_t members[IDENTITY_MEMBERS_MOST];
    const struct sending_setup *setup = lane->setup;
    *ret_may = flight->parcel.identity && *setup->public_url && (setup->tracks_links || setup->tracks_opens);
    if (!*ret_may) return true;
    if (!reading_pool_take(options->readers, &store, err)) return false;
    (void)pthread_rwlock_rdlock(options->lock);
    uint32_t customer = identities_customer(options->identities, flight->parcel.identity);
    size_t n = identities_members_at(options->identities, customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    bool ok = consents_statements(options->consents, store, members, n, purposes, 2, said, err);
    (void)pthread_rwlock_unlock(options->lock);
    reading_pool_give(options->readers, store);
    *ret_may = ok && said[0].said != CONSENT_SAID_NO && said[1].said != CONSENT_SAID_NO;
    return ok;
}

struct following { struct lane *lane; const struct flight *flight; };

static const char *followed_url(const struct following *following, enum link_kind kind, struct text target)
{
    const struct outbox_parcel *parcel = &following->flight->parcel;
    const struct link_token token = { parcel->identity, parcel->id, target };
    return link_url(profiles_vault(following->lane->sender->options.profiles), following->lane->setup->public_url,
                    kind, &token, following->flight->arena);
}

/* Our own pages, as that of unsubscribing, are reached without a detour. */
static const char *followed_link(void *context, struct text url)
{
    const struct following *following = context;
    struct text own = text_of(following->lane->setup->public_url);
    bool is_own = url.length >= own.length && memcmp(url.at, own.at, own.length) == 0;
    return is_own || url.length > LINK_TEXT_MOST_BYTES ? NULL : followed_url(following, LINK_CLICK, url);
}

static bool track(struct lane *lane, const struct flight *flight, struct text *html, struct err *err)
{
    bool may_be = false;
    struct following following = { lane, flight };
    if (html->length == 0) return true;
    if (!may_track(lane, flight, &may_be, err)) return false;
    if (!may_be) return true;
    const struct tracking tracking = {
        .link = lane->setup->tracks_links ? followed_link : NULL,
        .context = &following,
        .pixel = lane->setup->tracks_opens ? followed_url(&following, LINK_OPEN, text_of("")) : NULL,
    };
    *html = tracked_html(*html, &tracking, flight->arena);
    return true;
}

static bool compose_mail(struct lane *lane, struct flight *flight, const struct outbox_content *content,
                         struct consignment *ret_consignment, struct err *err)
{
    const struct channel *channel = lane->channel;
    const struct topic *topic = topic_find(&lane->setup->topics, flight->parcel.topic);
    bool is_contract = topic && topic->right == RIGHT_CONTRACT;
    uint8_t hash[VAULT_HASH_BYTES];
    vault_hash(profiles_vault(lane->sender->options.profiles), "message id", flight->parcel.key, hash);
    struct text beside =
        content->text.length || !content->html.length ? content->text : plain_text(content->html, flight->arena);
    struct mail mail = {
        .from = channel->from,
        .to = ret_consignment->to,
        .subject = content->subject,
        .text = beside,
        .html = content->html,
        .sent_ms = ret_consignment->now_ms,
        .keys = channel->keys,
        .n_keys = channel->n_keys,
        .message_id = arena_format(flight->arena, "m_%lld.%02x%02x%02x%02x%02x%02x@%s",
                                   (long long)flight->parcel.id, hash[0], hash[1], hash[2], hash[3], hash[4],
                                   hash[5], address_domain(channel->from.email)),
        .unsubscribe = is_contract ? NULL : unsubscribe_url(lane, flight),
        .unsubscribe_mail =
            is_contract || !channel->unsubscribe ? NULL : token_address(lane, flight, channel->unsubscribe),
    };
    ret_consignment->from =
        token_address(lane, flight, channel->return_path ? channel->return_path : channel->from.email);
    return track(lane, flight, &mail.html, err) && mime_write(&mail, flight->arena, &ret_consignment->bytes, err);
}

bool compose(struct lane *lane, struct flight *flight, struct consignment *ret_consignment, const char **ret_rule,
             struct err *err)
{
    struct outbox_content content;
    const struct sender_options *options = &lane->sender->options;
    enum channel_way kind = lane->channel->kind;
    bool is_shut = false;
    *ret_consignment =
        (struct consignment){ .id = arena_format(flight->arena, "m_%lld", (long long)flight->parcel.id),
                              .from = "",
                              .to = "",
                              .now_ms = clock_now_ms(&options->clock),
                              .context = flight };
    if (!outbox_unseal(options->outbox, flight->parcel.sealed_key, flight->parcel.sealed, flight->arena, &content))
        return refuse(ret_rule, "suppressed", err, "whom it is for was erased");
    flight->address = content.address;
    *ret_rule = "no_address";
    if (kind == WAY_SMTP && !address_email(content.address, flight->arena, &ret_consignment->to, err))
        return false;
    if (kind == WAY_TWILIO && !address_number(content.address, flight->arena, &ret_consignment->to, err))
        return false;
    *ret_rule = "";
    if (*ret_consignment->to && !is_closed(lane, text_of(ret_consignment->to), &is_shut, err)) return false;
    if (is_shut)
        return refuse(ret_rule, "suppressed", err, "the address bounced, complained, or said stop before");
    *ret_rule = "template";
    ret_consignment->bytes = content.text;
    if (kind == WAY_TWILIO && *lane->setup->public_url)
        ret_consignment->callback =
            arena_format(flight->arena, "%s/v1/callbacks/%s", lane->setup->public_url, lane->channel->name);
    return kind != WAY_SMTP || compose_mail(lane, flight, &content, ret_consignment, err);
}
