/* kpi_activity.c - see kpi_activity.h. */
#include "model/kpi_activity.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/json_write.h"
#include "customer/identity.h"
#include "feature/properties.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 500, WEEKS = 12, RETAINED_DAYS = 90, CART_DAYS = 1, CONVERTED_DAYS = 5 };

/* ---- what kinds of event mean ---- */

enum what {
    IS_NOTHING,
    IS_GOAL,
    IS_CART,
    IS_DELIVERED,
    IS_OPENED,
    IS_CLICKED,
    IS_BOUNCED,
    IS_COMPLAINED,
    IS_UNSUBSCRIBED,
    IS_REFERRAL,
    WHATS
};
static const char *const message_words[WHATS] = {
    [IS_DELIVERED] = "delivered", [IS_OPENED] = "opened",         [IS_CLICKED] = "clicked",
    [IS_BOUNCED] = "bounced",     [IS_COMPLAINED] = "complained", [IS_UNSUBSCRIBED] = "unsubscribed"
};

/* A kind's name without case, spaces and marks, and what begins it where it is of a message. */
static enum what what_of(struct text name)
{
    static const struct { const char *word; enum what what;
    } known[] = { { "cart", IS_CART },
                  { "addtocart", IS_CART },
                  { "addedtocart", IS_CART },
                  { "productadded", IS_CART },
                  { "cartviewed", IS_CART },
                  { "checkoutstarted", IS_CART },
                  { "begincheckout", IS_CART },
                  { "delivered", IS_DELIVERED },
                  { "sent", IS_DELIVERED },
                  { "opened", IS_OPENED },
                  { "open", IS_OPENED },
                  { "clicked", IS_CLICKED },
                  { "linkclicked", IS_CLICKED },
                  { "click", IS_CLICKED },
                  { "bounced", IS_BOUNCED },
                  { "bounce", IS_BOUNCED },
                  { "markedasspam", IS_COMPLAINED },
                  { "complained", IS_COMPLAINED },
                  { "unsubscribed", IS_UNSUBSCRIBED },
                  { "unsubscribe", IS_UNSUBSCRIBED },
                  { "referral", IS_REFERRAL },
                  { "referred", IS_REFERRAL },
                  { "invitesent", IS_REFERRAL },
                  { "inviteaccepted", IS_REFERRAL } };
    static const char *const channels[] = { "email", "sms", "push", "message", "mail", "campaign" };
    char plain[64];
    size_t n = 0;
    for (size_t i = 0; i < name.length && n + 1 < sizeof plain; i++)
        if (isalnum((unsigned char)name.at[i])) plain[n++] = (char)tolower((unsigned char)name.at[i]);
    plain[n] = 0;
    const char *word = plain;
    for (size_t c = 0; c < sizeof channels / sizeof *channels; c++) {
        size_t length = strlen(channels[c]);
        if (strncmp(plain, channels[c], length) == 0 && plain[length]) { word = plain + length; break; }
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(word, known[i].word) == 0 || strcmp(plain, known[i].word) == 0) return known[i].what;
    return IS_NOTHING;
}

/* ---- one reading of the log ---- */

/* By what messages are counted. */
enum by { BY_CAMPAIGN, BY_TEMPLATE, BY_CONTENT, BYS };

struct named { uint16_t of[BYS]; };     /* 0: not told */
struct deed { uint32_t customer; uint8_t what; struct named named; int64_t time_ms; uint64_t message; };
struct names { const char *text[NAMES_MOST]; size_t n; struct hash_map numbers; };     /* 0: none */
struct first { int64_t time_ms; uint16_t channel; };

struct activity {
    const struct kpi_activity_options *options;
    struct arena   *arena;
    struct identities *identities;
    uint8_t        *what;               /* [kinds] */
    struct deed    *deeds;
    size_t          n_deeds, room;
    struct names    names[BYS], channels;
    struct hash_map delivered;          /* by a message's hash, 1 + its deed: what came of it may not name it */
    struct first   *first;              /* [identities] of a customer */
    uint16_t       *weeks;              /* [identities] of a customer: bits of the last weeks */
};

static uint16_t number_of(struct activity *a, struct names *names, struct text text)
{
    if (text.length == 0) return 0;
    uint64_t *number = hash_map_put(&names->numbers, hash_bytes(text.at, text.length, 0));
    if (*number == 0) {
        if (names->n == NAMES_MOST) return 0;
        names->text[names->n] = arena_format(a->arena, "%.*s", (int)text.length, text.at);
        *number = ++names->n;
    }
    return (uint16_t)*number;
}

static bool is_one_of(struct text name, const char *const *words)
{
    for (; *words; words++)
        if (text_equal_ignoring_case(name, text_of(*words))) return true;
    return false;
}

/* What one event tells of a message and of the customer's channel. */
struct told { struct named named; uint16_t channel; uint64_t message; bool is_machine; };

static struct told read_properties(struct activity *a, struct text json)
{
    static const char *const words[BYS][5] = {
        [BY_CAMPAIGN] = { "campaign", "campaign_name", "campaign_id", "journey", NULL },
        [BY_TEMPLATE] = { "template", "template_name", "template_id", NULL },
        [BY_CONTENT] = { "content", "content_kind", "content_type", "topic", NULL } },
                      *const channel_words[] = { "acquisition_channel", "channel", "utm_source", NULL },
                      *const step_words[] = { "step", NULL }, *const message_words_of[] = { "message", NULL },
                      *const machine_words[] = { "machine", NULL };
    struct told told = { .message = 0 };
    struct properties properties;
    struct property property;
    struct text step = { 0 };
    if (json.length < 3) return told;
    properties_begin(&properties, json);
    while (properties_next(&properties, &property)) {
        for (size_t by = 0; by < BYS; by++)
            if (!told.named.of[by] && is_one_of(property.name, words[by]))
                told.named.of[by] = number_of(a, &a->names[by], property.value);
        if (!told.channel && is_one_of(property.name, channel_words))
            told.channel = number_of(a, &a->channels, property.value);
        if (is_one_of(property.name, step_words)) step = property.value;
        if (is_one_of(property.name, message_words_of) && property.value.length > 0)
            told.message = hash_bytes(property.value.at, property.value.length, 0);
        if (is_one_of(property.name, machine_words)) told.is_machine = text_equal(property.value, text_of("true"));
    }
    uint16_t campaign = told.named.of[BY_CAMPAIGN];
    if (!told.named.of[BY_TEMPLATE] && step.length > 0 && campaign)     /* steps of two journeys share names */
        told.named.of[BY_TEMPLATE] =
            number_of(a, &a->names[BY_TEMPLATE],
                      text_of(arena_format(a->arena, "%s / %.*s", a->names[BY_CAMPAIGN].text[campaign - 1],
                                           (int)step.length, step.at)));
    return told;
}

static void add_deed(struct activity *a, struct deed deed)
{
    if (a->n_deeds == a->room) {
        struct deed *old = a->deeds;
        a->room = 2 * a->room + 4096;
        a->deeds = ARENA_ARRAY(a->arena, struct deed, a->room);
        if (old) memcpy(a->deeds, old, a->n_deeds * sizeof *old);
    }
    a->deeds[a->n_deeds++] = deed;
}

static void take_events(struct activity *a, const struct events *events)
{
    int64_t as_of_ms = a->options->as_of_ms;
    for (size_t i = 0; i < events->n; i++) {
        uint32_t begin = i ? events->properties_end[i - 1] : 0;
        if (!events->identity[i] || events->time_ms[i] >= as_of_ms || events->received_ms[i] >= as_of_ms) continue;
        if (events->replaced_ms && events->replaced_ms[i] < as_of_ms) continue;
        uint32_t customer = identities_customer_at(a->identities, events->identity[i], as_of_ms);
        uint8_t what = events->kind[i] == a->options->goal_kind ? IS_GOAL : a->what[events->kind[i]];
        int64_t weeks_ago = (as_of_ms - 1 - events->time_ms[i]) / (7 * MS_PER_DAY);
        struct told told = read_properties(
            a, (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin });
        if (weeks_ago < WEEKS) a->weeks[customer] |= (uint16_t)(1u << weeks_ago);
        struct first *first = &a->first[customer];
        bool is_message = what >= IS_DELIVERED && what <= IS_UNSUBSCRIBED;     /* its channel brought nobody */
        if (told.channel && !is_message && (!first->channel || events->time_ms[i] < first->time_ms))
            *first = (struct first){ events->time_ms[i], told.channel };
        if (told.is_machine && (what == IS_OPENED || what == IS_CLICKED)) continue;     /* no person looked */
        if (what) add_deed(a, (struct deed){ customer, what, told.named, events->time_ms[i], told.message });
        if (what == IS_DELIVERED && told.message) *hash_map_put(&a->delivered, told.message) = a->n_deeds;
    }
}

static bool read_log(struct activity *a, const struct log *log, struct err *err)
{
    struct log_reader *reader = NULL;
    bool ok = log_reader_open(log, &reader, err);
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, p, LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_PROPERTIES | LOG_REPLACED,
                      scratch, &events, err);
        if (ok) take_events(a, &events);
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

static int compare_deeds(const void *left, const void *right)
{
    const struct deed *a = left, *b = right;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return (a->what > b->what) - (a->what < b->what);
}

/* Whether the customer of a deed has a goal event within so many days after it. */
static bool is_followed(const struct activity *a, size_t i, int64_t days)
{
    const struct deed *d = &a->deeds[i];
    for (size_t k = i + 1; k < a->n_deeds && a->deeds[k].customer == d->customer; k++) {
        if (a->deeds[k].time_ms - d->time_ms > days * MS_PER_DAY) return false;
        if (a->deeds[k].what == IS_GOAL) return true;
    }
    return false;
}

/* ---- JSON ---- */

/* Adding again within a day, with no order between, is the same cart. */
static json_t *carts_json(const struct activity *a)
{
    double n = 0, abandoned = 0;
    const struct deed *last = NULL;
    for (size_t i = 0; i < a->n_deeds; i++) {
        const struct deed *d = &a->deeds[i];
        if (d->what == IS_GOAL) last = NULL;
        if (d->what != IS_CART) continue;
        bool is_same =
            last && last->customer == d->customer && d->time_ms - last->time_ms <= CART_DAYS * MS_PER_DAY;
        last = d;
        if (is_same || d->time_ms > a->options->as_of_ms - CART_DAYS * MS_PER_DAY) continue;
        n++, abandoned += !is_followed(a, i, CART_DAYS);
    }
    return json_pack("{s:I, s:o, s:s}", "carts", (json_int_t)n, "abandonment",
                     kpi_share_json(kpi_share_of(abandoned, n)), "definition",
                     "carts with no goal event within a day of being begun / carts");
}

/* A bounce tells which message it is of, and the message what it was. */
static void name_answers(struct activity *a)
{
    for (size_t i = 0; i < a->n_deeds; i++) {
        struct deed *d = &a->deeds[i];
        const uint64_t *at = d->message ? hash_map_find(&a->delivered, d->message) : NULL;
        for (size_t by = 0; at && by < BYS; by++)
            if (!d->named.of[by]) d->named.of[by] = a->deeds[*at - 1].named.of[by];
    }
}

static json_t *messages_by(const struct activity *a, enum by by, const char *key)
{
    const struct names *names = &a->names[by];
    struct tally { size_t of[WHATS]; } *counts = ARENA_ARRAY(a->arena, struct tally, names->n + 1);
    json_t *rows = json_array();
    for (size_t i = 0; i < a->n_deeds; i++) {
        const struct deed *d = &a->deeds[i];
        struct tally *count = &counts[d->named.of[by]];
        count->of[d->what]++;
        if (d->what == IS_DELIVERED) count->of[IS_NOTHING] += is_followed(a, i, CONVERTED_DAYS);
    }
    for (size_t c = 0; c <= names->n; c++) {
        size_t any = 0;
        for (size_t w = IS_DELIVERED; w <= IS_UNSUBSCRIBED; w++) any += counts[c].of[w];
        if (any == 0) continue;
        json_t *row = json_pack("{s:s?}", key, c ? names->text[c - 1] : NULL);
        for (size_t w = IS_DELIVERED; w <= IS_UNSUBSCRIBED; w++)
            json_object_set_new(row, message_words[w], json_integer((json_int_t)counts[c].of[w]));
        json_object_set_new(row, "converted", json_integer((json_int_t)counts[c].of[IS_NOTHING]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *messages_json(const struct activity *a)
{
    return json_pack(
        "{s:o, s:o, s:o, s:s}", "rows", messages_by(a, BY_CAMPAIGN, "campaign"), "templates",
        messages_by(a, BY_TEMPLATE, "template"), "contents", messages_by(a, BY_CONTENT, "content"), "definition",
        "events of messages by campaign or journey, by template or step, and by kind of content or topic, null "
        "where it is not told; without opens and clicks of machines; converted: delivered to somebody with a goal "
        "event within five days after, whatever caused it");
}

struct channel_sums { double people, customers, revenue, older, retained, months; };

static json_t *channel_json(const struct activity *a, const char *name, const struct channel_sums *s,
                            int64_t until_day)
{
    const struct costs *costs = a->options->costs;
    double cost = costs_spend(costs, COST_OF_CHANNEL, name, INT64_MIN, until_day),
           margin = costs_margin(costs, COST_OF_CHANNEL, name, until_day),
           per_month = s->months > 0 ? margin * s->revenue / 100 / s->months : (double)NAN,
           per_customer = s->customers > 0 ? cost / s->customers : (double)NAN;
    return json_pack(
        "{s:s, s:I, s:I, s:o, s:I, s:o, s:o, s:I, s:o}", "channel", name, "people", (json_int_t)s->people,
        "customers", (json_int_t)s->customers, "lead_conversion",
        kpi_share_json(kpi_share_of(s->customers, s->people)), "cost_cents", (json_int_t)llround(100 * cost),
        "cost_per_customer_cents", number_json(100 * per_customer), "payback_months",
        number_json(cost > 0 && per_month > 0 ? per_customer / per_month : (double)NAN), "revenue_cents",
        (json_int_t)s->revenue, "retention", kpi_share_json(kpi_share_of(s->retained, s->older)));
}

/* Who came by which channel: the first that any of their events tells of. */
static json_t *channels_json(const struct activity *a, const struct history *history, size_t n_identities)
{
    struct channel_sums *sums = ARENA_ARRAY(a->arena, struct channel_sums, a->channels.n + 1);
    int32_t as_of_day = (int32_t)calendar_day_of_ms(a->options->as_of_ms - 1);
    json_t *rows = json_array();
    for (size_t i = 0; i < n_identities; i++) sums[a->first[i].channel].people++;
    for (size_t c = 0; c < history->n_customers; c++) {
        struct channel_sums *s = &sums[a->first[history->identity[c]].channel];
        int32_t begun = history->day[history->first[c]], last = history->day[history->first[c + 1] - 1];
        s->customers++, s->months += (as_of_day - begun + 1) / 30.4375;
        for (size_t e = history->first[c]; e < history->first[c + 1]; e++)
            s->revenue += (double)history->amount_cents[e];
        s->older += begun <= as_of_day - RETAINED_DAYS;
        s->retained += begun <= as_of_day - RETAINED_DAYS && last > as_of_day - RETAINED_DAYS;
    }
    for (size_t c = 1; c <= a->channels.n; c++)
        if (sums[c].people > 0)
            json_array_append_new(rows, channel_json(a, a->channels.text[c - 1], &sums[c], as_of_day));
    return rows;
}

static json_t *engagement_json(const struct activity *a, const struct history *history)
{
    double n = 0, mean = 0, squares = 0;
    for (size_t c = 0; c < history->n_customers; c++) {
        double score = 100. * __builtin_popcount(a->weeks[history->identity[c]]) / WEEKS, d = score - mean;
        n++, mean += d / n, squares += d * (score - mean);
    }
    double half = n > 1 ? 1.959963984540054 * sqrt(squares / (n - 1) / n) : (double)NAN;
    return json_pack(
        "{s:o, s:o, s:o, s:s}", "value", number_json(n > 0 ? mean : (double)NAN), "low", number_json(mean - half),
        "high", number_json(mean + half), "definition",
        "share of the last 12 weeks in which a customer did anything, of 100; the mean over customers");
}

static json_t *whole_json(struct activity *a, const struct history *history, size_t n_identities)
{
    size_t referrals = 0;
    name_answers(a);
    if (a->n_deeds) qsort(a->deeds, a->n_deeds, sizeof *a->deeds, compare_deeds);
    for (size_t i = 0; i < a->n_deeds; i++) referrals += a->deeds[i].what == IS_REFERRAL;
    return json_pack("{s:o, s:o, s:o, s:o, s:I}", "channels", channels_json(a, history, n_identities), "messages",
                     messages_json(a), "carts", carts_json(a), "engagement", engagement_json(a, history),
                     "referrals", (json_int_t)referrals);
}

bool kpi_activity_json(const struct log *log, const struct history *history,
                       const struct kpi_activity_options *options, json_t **ret_json, struct err *err)
{
    size_t n_identities = log_n_names(log, DICTIONARY_IDENTITY), n_kinds = log_n_names(log, DICTIONARY_KIND);
    struct activity a = { .options = options };
    if (!identities_open(log_store(log), log, &a.identities, err)) return false;
    a.arena = arena_new(ARENA_NO_LIMIT);
    a.what = ARENA_ARRAY(a.arena, uint8_t, n_kinds + 1);
    a.first = ARENA_ARRAY(a.arena, struct first, n_identities + 1);
    a.weeks = ARENA_ARRAY(a.arena, uint16_t, n_identities + 1);
    for (size_t k = 0; k < n_kinds; k++) a.what[k] = (uint8_t)what_of(log_name(log, DICTIONARY_KIND, (uint32_t)k));
    bool ok = read_log(&a, log, err);
    if (ok) *ret_json = whole_json(&a, history, n_identities);
    for (size_t by = 0; by < BYS; by++) hash_map_free(&a.names[by].numbers);
    hash_map_free(&a.delivered);
    hash_map_free(&a.channels.numbers);
    identities_close(a.identities);
    arena_free(a.arena);
    return ok;
}
