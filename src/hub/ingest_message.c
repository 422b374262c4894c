/* ingest_message.c - one message: is it new, who is it about, may they be heard, what does it say. */
#include "hub/ingest_internal.h"

#include "base/memory.h"
#include "base/hash.h"
#include "decide/reach.h"
#include "hub/account.h"
#include "hub/dead_letter.h"
#include "intake/commerce.h"
#include "log/correction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_MESSAGES = 128 };

/* Holds the lock for writing until slice_leave; slice_next, between messages, lets others in now and then. */
static void slice_enter(struct slice *slice)
{
    if (slice->is_held) return;
    pthread_rwlock_wrlock(slice->lock);
    slice->is_held = true, slice->n_messages = 0;
}

static void slice_next(struct slice *slice)
{
    if (slice->is_held && ++slice->n_messages >= SLICE_MESSAGES) slice_leave(slice);
}

void slice_leave(struct slice *slice)
{
    if (slice->is_held) pthread_rwlock_unlock(slice->lock);
    slice->is_held = false;
}

void recent_clear(struct ingest *ingest) { memset(ingest->recent, 0, RECENT_SLOTS * sizeof *ingest->recent); }

/* Whether the same was said lately; it is from now on.  what tells uses apart. */
static bool was_said(struct ingest *ingest, unsigned what, uint64_t about, struct text text)
{
    const uint64_t all[] = { what, about, hash_bytes(text.at, text.length, what) };
    uint64_t hash = hash_bytes(all, sizeof all, 0) | 1, *slot = &ingest->recent[hash >> 48];
    bool was = *slot == hash;
    *slot = hash;
    return was;
}
enum { SAID_LINK = 1, SAID_CONSENT, SAID_PERSONAL, SAID_ACCOUNT };

static struct text spelled(const struct ingest *ingest, enum identity_kind kind, struct text id,
                           struct arena *arena)
{
    if (id.length == 0) return id;
    return identity_text(kind, id, profiles_key(ingest->options.profiles), arena);
}

void messages_prepare(const struct ingest *ingest, struct submission *submission)
{
    const struct intake *intake = &submission->intake;
    struct arena *arena = submission->arena;
    submission->prepared = ARENA_ARRAY(arena, struct prepared, intake->n_messages);
    for (size_t i = 0; i < intake->n_messages; i++) {
        const struct message *message = &intake->messages[i];
        submission->prepared[i] = (struct prepared){
            .hash = message->message_id.length > 0 ? event_message_hash(message, 0, 0) : 0,
            .user = spelled(ingest, IDENTITY_USER, message->user_id, arena),
            .anonymous = spelled(ingest, IDENTITY_ANONYMOUS, message->anonymous_id, arena),
            .email = spelled(ingest, IDENTITY_EMAIL, message->email, arena),
        };
    }
}

static void add_name(struct ingest *ingest, struct text id, struct text name, struct who *who)
{
    if (id.length > 0 && !identities_is_blocked(ingest->options.identities, id)) who->names[who->n++] = name;
}

/* Of all messages at once, so that the waits for memory overlap: whom they name, and where it is written whether
 * they were taken before. */
static struct who *read_who(struct ingest *ingest, const struct submission *submission)
{
    const struct intake *intake = &submission->intake;
    struct arena *arena = ingest->group.arena;
    struct who *who = ARENA_ARRAY(arena, struct who, intake->n_messages);
    struct text *names = ARENA_ARRAY(arena, struct text, WHO_MOST * intake->n_messages);
    uint32_t *found = ARENA_ARRAY(arena, uint32_t, WHO_MOST * intake->n_messages);
    size_t n_names = 0;
    for (size_t i = 0; i < intake->n_messages; i++) {
        const struct message *message = &intake->messages[i];
        const struct prepared *prepared = &submission->prepared[i];
        if (prepared->hash) dedupe_expect(ingest->dedupe, prepared->hash);
        add_name(ingest, message->user_id, prepared->user, &who[i]);
        add_name(ingest, message->anonymous_id, prepared->anonymous, &who[i]);
        add_name(ingest, message->email, prepared->email, &who[i]);
        for (size_t k = 0; k < who[i].n; k++) names[n_names++] = who[i].names[k];
    }
    log_find_many(ingest->options.log, DICTIONARY_IDENTITY, names, n_names, found);
    n_names = 0;
    for (size_t i = 0; i < intake->n_messages; i++)
        for (size_t k = 0; k < who[i].n; k++) who[i].identities[k] = found[n_names++];
    return who;
}

/* A mended letter that is refused again keeps its number. */
bool letter_put(struct ingest *ingest, struct submission *submission, const struct refusal *refusal,
                struct err *err)
{
    size_t nth = submission->outcome.n_refused;
    int64_t id = nth < submission->n_letters ? submission->letters[nth] : 0;
    if (!dead_letter_put(ingest->options.store, ingest->options.profiles, id, &submission->intake.request, refusal,
                         submission->source, ingest->group.received_ms, err))
        return false;
    submission->outcome.n_refused++;
    ingest->group.n_letters++;
    return true;
}

static bool refuse(struct ingest *ingest, struct submission *submission, const struct message *message,
                   const char *reason, const char *field, struct err *err)
{
    const struct refusal refusal = { message->raw, reason, field };
    return letter_put(ingest, submission, &refusal, err);
}

/* The index of a text, under the lock where it is new.  Errors as of log_intern. */
static bool intern(struct ingest *ingest, enum dictionary dictionary, struct text text, uint32_t *ret_index,
                   struct err *err)
{
    struct log *log = ingest->options.log;
    *ret_index = 0;
    if (text.length == 0 || log_find(log, dictionary, text, ret_index)) return true;       /* "" is number 0 */
    slice_enter(&ingest->group.slice);
    return log_intern(log, dictionary, text, ret_index, err);
}

static bool intern16(struct ingest *ingest, enum dictionary dictionary, struct text text, uint16_t *ret_index,
                     struct err *err)
{
    uint32_t index;
    if (!intern(ingest, dictionary, text, &index, err)) return false;
    *ret_index = (uint16_t)index;
    return true;
}

/* Everything that the message's events name. */
static bool intern_all(struct ingest *ingest, const struct submission *submission, const struct message *message,
                       struct who *who, struct event_names *names, uint32_t *items, struct err *err)
{
    struct text line_kind = event_line_kind(message->kind);
    for (size_t i = 0; i < who->n; i++)
        if (!who->identities[i] &&
            !intern(ingest, DICTIONARY_IDENTITY, who->names[i], &who->identities[i], err))
            return false;
    names->identity = who->identities[0];
    if (!intern16(ingest, DICTIONARY_KIND, message->kind, &names->kind, err) ||
        !intern16(ingest, DICTIONARY_KIND, line_kind, &names->line_kind, err) ||
        !intern16(ingest, DICTIONARY_SOURCE, submission->source, &names->source, err) ||
        !intern(ingest, DICTIONARY_ITEM, message->item, &items[0], err))
        return false;
    for (size_t i = 0; names->line_kind && i < message->n_lines; i++)
        if (!intern(ingest, DICTIONARY_ITEM, message->lines[i].item, &items[1 + i], err)) return false;
    return true;
}

static void keep_link(struct group *group, uint32_t a, uint32_t b)
{
    if (group->n_links == group->links_room) {
        size_t room = 2 * group->links_room + 64;
        struct link_change *links = memory_grow(group->links, room, sizeof *links);
        group->links = links, group->links_room = room;
    }
    group->links[group->n_links++] = (struct link_change){ .a = a, .b = b };
}

static int64_t received_of(const struct ingest *ingest, const struct message *message)
{
    return message->received_ms ? message->received_ms : ingest->group.received_ms;
}

static bool link(struct ingest *ingest, const struct message *message, uint32_t a, uint32_t b, enum link_how how,
                 struct err *err)
{
    struct group *group = &ingest->group;
    enum link_result result;
    const char *why;        /* refusals are counted by identities_link; the event itself is taken all the same */
    uint64_t both = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    if (a == b || was_said(ingest, SAID_LINK, both, (struct text){ (const char *)&how, sizeof how })) return true;
    slice_enter(&group->slice);
    if (!identities_link(ingest->options.identities, ingest->options.store, a, b, how,
                         received_of(ingest, message), &result, &why, err))
        return false;
    if (result != LINK_MADE) return true;
    group->is_memory_changed = true;
    keep_link(group, a, b);
    return true;
}

/* Who an alias or merge says it was before.  Clients do not tell of an alias whether its previous id was a
 * browser's or a user's: it is the one that has been met. */
static void add_previous(struct ingest *ingest, const struct message *message, struct who *previous)
{
    uint32_t index;
    const struct log *log = ingest->options.log;
    struct arena *arena = ingest->group.arena;
    struct text id = message->previous_id, email = message->previous_email;
    add_name(ingest, id,
             spelled(ingest, message->previous_is_anonymous ? IDENTITY_ANONYMOUS : IDENTITY_USER, id, arena),
             previous);
    if (previous->n == 0) {
        add_name(ingest, email, spelled(ingest, IDENTITY_EMAIL, email, arena), previous);
    } else if (message->type == MESSAGE_ALIAS && !log_find(log, DICTIONARY_IDENTITY, previous->names[0], &index)) {
        struct text anonymous = spelled(ingest, IDENTITY_ANONYMOUS, id, arena);
        if (log_find(log, DICTIONARY_IDENTITY, anonymous, &index)) previous->names[0] = anonymous;
    }
}

/* Those a message names together are one person; and the one that an alias or merge names besides. */
static bool link_all(struct ingest *ingest, const struct message *message, const struct who *who, struct err *err)
{
    for (size_t i = 1; i < who->n; i++)
        if (!link(ingest, message, who->identities[0], who->identities[i], LINK_IDENTIFY, err)) return false;
    if (message->type != MESSAGE_ALIAS && message->type != MESSAGE_MERGE) return true;
    struct who previous = { .n = 0 };
    add_previous(ingest, message, &previous);
    enum link_how how = message->is_of_page             ? LINK_IDENTIFY
                        : message->type == MESSAGE_ALIAS ? LINK_ALIAS
                                                         : LINK_MERGE;
    return previous.n == 0 ||
           (intern(ingest, DICTIONARY_IDENTITY, previous.names[0], &previous.identities[0], err) &&
            link(ingest, message, who->identities[0], previous.identities[0], how, err));
}

/* Statements about consent count even of somebody who said no before: that is how one says yes again. */
static bool hear_consent(struct ingest *ingest, const struct submission *submission, const struct message *message,
                         struct text name, struct err *err)
{
    struct group *group = &ingest->group;
    if (message->consent.length == 0 ||
        was_said(ingest, SAID_CONSENT, hash_bytes(name.at, name.length, 0), message->consent))
        return true;
    group->is_memory_changed = true;
    slice_enter(&group->slice);
    if (consents_put(ingest->options.consents, ingest->options.store, name, message->consent,
                     received_of(ingest, message), submission->source, message->message_id, err))
        return true;
    return err->code == ERR_INVALID;        /* a statement nobody can read is none */
}

static void keep_asked(struct group *group, const struct asked *asked)
{
    if (group->n_asked == group->asked_room) {
        size_t room = 2 * group->asked_room + 16;
        struct asked *more = ARENA_ARRAY(group->arena, struct asked, room);
        if (group->n_asked > 0) memcpy(more, group->asked, group->n_asked * sizeof *more);
        group->asked = more, group->asked_room = room;
    }
    group->asked[group->n_asked++] = *asked;
}

/* Suppression and the rights of a person: not events, and the same twice does no harm. */
static bool take_request(struct ingest *ingest, struct submission *submission, const struct message *message,
                         const struct who *who, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    struct group *group = &ingest->group;
    bool ok = true;
    for (size_t i = 0; ok && i < (message->is_everybody ? 1 : who->n); i++) {
        struct text name = message->is_everybody ? text_of("") : who->names[i];
        if (message->type == MESSAGE_SUPPRESS || message->type == MESSAGE_UNSUPPRESS) {
            slice_enter(&group->slice);
            group->is_memory_changed = true;
            ok = (message->type == MESSAGE_SUPPRESS ? consents_suppress : consents_unsuppress)(
                with->consents, with->store, name, group->received_ms, submission->source, err);
        } else {
            keep_asked(group, &(struct asked){ message->type == MESSAGE_ERASE, name, submission->source });
        }
    }
    submission->outcome.n_accepted++;
    return ok;
}

static bool is_request(enum message_type type)
{
    return type == MESSAGE_SUPPRESS || type == MESSAGE_UNSUPPRESS || type == MESSAGE_ERASE ||
        type == MESSAGE_EXPORT;
}

static void keep_message(struct ingest *ingest, uint64_t hash)
{
    struct group *group = &ingest->group;
    if (group->n_messages == group->messages_room) {
        size_t room = 2 * group->messages_room + 256;
        uint64_t *messages = memory_grow(group->messages, room, sizeof *messages);
        group->messages = messages, group->messages_room = room;
    }
    dedupe_put(ingest->dedupe, hash, group->received_ms);
    group->messages[group->n_messages++] = hash;
}

/* What the message says about its person and account besides the event itself. */
static bool keep_what_it_says(struct ingest *ingest, const struct message *message, uint32_t identity,
                              struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    int64_t received_ms = ingest->group.received_ms;
    if (message->personal.length > 0 && identity > 0 &&
        !was_said(ingest, SAID_PERSONAL, identity, message->personal) &&
        !profiles_put(with->profiles, with->store, identity, message->personal, message->time_ms, err))
        return false;
    if (message->type != MESSAGE_GROUP || message->group_id.length == 0) return true;
    uint64_t group = hash_bytes(message->group_id.at, message->group_id.length, 0);
    return was_said(ingest, SAID_ACCOUNT, group, message->properties) ||
           account_put(with->store, message->group_id, message->properties, received_ms, err);
}

/* What is said of an account alone, by nobody: no event comes of it, and the same twice does no harm. */
static bool take_account(struct ingest *ingest, struct submission *submission, const struct message *message,
                         struct err *err)
{
    if (keep_what_it_says(ingest, message, 0, err)) {
        submission->outcome.n_accepted++;
        return true;
    }
    if (err->code != ERR_INVALID) return false;
    recent_clear(ingest);
    return refuse(ingest, submission, message, arena_copy(ingest->group.arena, err->text), "traits", err);
}

/* Corrects what is known of the order otherwise, and says what it was and whether this is news. */
static bool replace_version(struct ingest *ingest, const struct message *message, uint32_t identity, uint64_t hash,
                            struct version *ret, struct err *err)
{
    size_t n_members;
    uint16_t kind;
    if (!intern16(ingest, DICTIONARY_KIND, text_of(LOG_CORRECTION), &kind, err)) return false;
    const uint32_t *members = identities_members(ingest->options.identities, identity, &n_members);
    return versions_replace(ingest->versions, message, hash, members, n_members, kind, received_of(ingest, message),
                            &ingest->group.batch, ret, err);
}

/* A message that is new, of somebody who may be heard. */
static bool take_new(struct ingest *ingest, struct submission *submission, const struct message *message,
                     struct who *who, uint64_t hash, struct err *err)
{
    struct event_names names;
    uint32_t *items = ARENA_ARRAY(ingest->group.arena, uint32_t, 1 + message->n_lines);
    if (!intern_all(ingest, submission, message, who, &names, items, err) ||
        !keep_what_it_says(ingest, message, names.identity, err)) {
        if (err->code != ERR_INVALID) return false;
        recent_clear(ingest);       /* what was not kept was not said */
        const char *reason = arena_copy(ingest->group.arena, err->text);
        return refuse(ingest, submission, message, reason, NULL, err);
    }
    struct version version = { .as = VERSION_NEW };
    bool is_of_order = message->is_version || (message->n_orders > 0 && commerce_is_of_order(message->kind));
    /* Its corrections follow it: what they precede is another version of what was there, and no news. */
    bool takes_back = is_of_order && !message->is_version && text_equal(message->kind, text_of("order_cancelled"));
    if (!link_all(ingest, message, who, err) ||
        (is_of_order && !takes_back && !replace_version(ingest, message, names.identity, hash, &version, err)))
        return false;
    if (version.as != VERSION_NEW) {
        submission->outcome.n_repeated++;
        return true;
    }
    struct message built = *message;
    if (version.has_sale && message->is_update) built.time_ms = version.time_ms;
    if (version.has_sale && message->is_of_all && version.left_cents > 0) built.amount_cents = -version.left_cents;
    keep_message(ingest, hash);
    if (!event_build(&ingest->group.batch, &built, &names, items, received_of(ingest, message), hash, err) ||
        (takes_back && !replace_version(ingest, message, names.identity, hash, &version, err)))
        return false;
    submission->outcome.n_accepted++;
    return true;
}

/* Whether nobody whom the message names is suppressed, nor, unless a no is fine, has said no. */
static bool is_heard(const struct ingest *ingest, const struct who *who, bool is_no_fine)
{
    for (size_t i = 0; i < who->n; i++)
        if (!reach_is_heard(consents_check(ingest->options.consents, who->names[i]), is_no_fine)) return false;
    return true;
}

/* One message.  Errors as messages_take. */
static bool take(struct ingest *ingest, struct submission *submission, size_t nth, struct who *who,
                 struct err *err)
{
    const struct message *message = &submission->intake.messages[nth];
    uint64_t hash = submission->prepared[nth].hash;
    slice_next(&ingest->group.slice);
    if (!hash && message->received_ms) hash = event_message_hash(message, message->received_ms, 0);
    if (!hash) hash = event_message_hash(message, ingest->group.received_ms, ingest->n_numbered++);
    if (!is_request(message->type) && !message->is_version && dedupe_has(ingest->dedupe, hash)) {
        submission->outcome.n_repeated++;
        return true;
    }
    if (who->n == 0 && message->type == MESSAGE_GROUP) return take_account(ingest, submission, message, err);
    bool is_nobody = who->n == 0 && !message->is_everybody;
    submission->outcome.n_nobody += is_nobody;
    if (is_nobody)
        return refuse(ingest, submission, message, "its ids stand for nobody in particular", "userId", err);
    if (is_request(message->type)) return take_request(ingest, submission, message, who, err);

    bool is_allowed = is_heard(ingest, who, true);
    if (is_allowed && !hear_consent(ingest, submission, message, who->names[0], err)) return false;
    if (is_allowed && is_heard(ingest, who, false)) return take_new(ingest, submission, message, who, hash, err);
    submission->outcome.n_suppressed++;
    return true;
}

bool messages_take(struct ingest *ingest, struct submission *submission, struct err *err)
{
    struct who *who = read_who(ingest, submission);
    for (size_t i = 0; i < submission->intake.n_messages; i++)
        if (!take(ingest, submission, i, &who[i], err)) return false;
    return true;
}
