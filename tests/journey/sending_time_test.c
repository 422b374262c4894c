/* When a message for the best of two channels goes, under quiet hours, caps, consent and stops at once: against a
 * little model that looks at every quarter of an hour by the C library's clock. */
#include "base/rng.h"
#include "base/zones.h"
#include "journey/walk.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CASES = 400, QUARTER_MS = 15 * 60 * 1000, LOOKED_AT = 12 * 96, SENT_MOST = 6, CHANNELS = 2,
       CAPS_MOST = 3 };

static const char *const zone_names[] = { "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                          "Australia/Sydney" };
static const char *const channels[CHANNELS] = { "email", "sms" };

struct trial_case {
    struct contact_rules  rules;
    struct cap            caps[CAPS_MOST];
    struct contact_facts  facts[CHANNELS];
    struct contacted      sent[SENT_MOST];
    const struct zone    *zone;
    int64_t               now_ms;
    /* what the walk did */
    int64_t               sent_ms, skipped_ms;
    const char           *channel;
};

/* ---- the model ---- */

static struct tm local_of(int64_t time_ms)
{
    struct tm local;
    time_t seconds = (time_t)(time_ms / 1000);
    return *localtime_r(&seconds, &local);
}

/* Days since 1970 of the local date; of its week's Monday. */
static int64_t day_of(int64_t time_ms)
{
    struct tm local = local_of(time_ms), date = { .tm_year = local.tm_year, .tm_mon = local.tm_mon,
                                                  .tm_mday = local.tm_mday };
    return (int64_t)timegm(&date) / 86400;
}
static int64_t monday_of(int64_t time_ms) { return day_of(time_ms) - (local_of(time_ms).tm_wday + 6) % 7; }

static bool is_quiet(const struct trial_case *c, int64_t time_ms)
{
    struct tm local = local_of(time_ms);
    int64_t clock_ms = (local.tm_hour * 60 + local.tm_min) * INT64_C(60000), from = c->rules.quiet.from_ms,
            to = c->rules.quiet.to_ms;
    bool is_within = from < to ? clock_ms >= from && clock_ms < to : clock_ms >= from || clock_ms < to;
    return c->rules.is_quiet_set && is_within;
}

static bool is_full(const struct trial_case *c, const struct cap *cap, const char *channel, int64_t time_ms)
{
    uint32_t n = 0;
    if (cap->channel && strcmp(cap->channel, channel) != 0) return false;
    for (size_t i = 0; i < c->facts[0].n_sent; i++)
        n += (!cap->channel || strcmp(cap->channel, c->sent[i].channel) == 0) &&
             (cap->is_week ? monday_of(c->sent[i].at_ms) == monday_of(time_ms)
                           : day_of(c->sent[i].at_ms) == day_of(time_ms));
    return n >= cap->most;
}

static enum contact_verdict verdict_of(const struct trial_case *c, size_t channel, int64_t time_ms)
{
    const struct contact_facts *facts = &c->facts[channel];
    if (facts->is_stopped) return CONTACT_HOLD;
    if (facts->said != CONSENT_SAID_YES || !facts->has_address) return CONTACT_SKIP;
    if (is_quiet(c, time_ms)) return CONTACT_HOLD;
    for (size_t i = 0; i < c->rules.n_caps; i++)
        if (is_full(c, &c->caps[i], channels[channel], time_ms))
            return c->caps[i].waits && c->caps[i].most > 0 ? CONTACT_HOLD : CONTACT_SKIP;
    return CONTACT_GO;
}

/* *ret_ms: when something becomes of it, -1 never; *ret_verdict: what. */
static void model(const struct trial_case *c, int64_t *ret_ms, enum contact_verdict *ret_verdict)
{
    *ret_ms = -1;
    for (size_t i = 0; i < LOOKED_AT; i++) {
        int64_t time_ms = c->now_ms + (int64_t)i * QUARTER_MS;
        enum contact_verdict first = verdict_of(c, 0, time_ms), second = verdict_of(c, 1, time_ms);
        bool goes = first == CONTACT_GO || second == CONTACT_GO;
        if (!goes && (first == CONTACT_HOLD || second == CONTACT_HOLD)) continue;
        *ret_ms = time_ms;
        *ret_verdict = goes ? CONTACT_GO : CONTACT_SKIP;
        return;
    }
}

/* ---- the walk ---- */

static bool contact(void *context, const struct journey_step *step, struct contact_facts *ret_facts,
                    struct err *err)
{
    struct trial_case *c = context;
    (void)err;
    *ret_facts = c->facts[strcmp(step->channel, channels[0]) != 0];
    return true;
}

static bool best(void *context, const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                 const char **ret_because, struct err *err)
{
    (void)context, (void)step, (void)err;
    *ret_channel = !is_open[0];
    *ret_because = "it is open";
    return true;
}

static bool act(void *context, const struct journey_step *step, int64_t now_ms, struct walk_act *ret_act,
                struct err *err)
{
    struct trial_case *c = context;
    (void)ret_act, (void)err;
    c->sent_ms = now_ms, c->channel = step->channel;
    return true;
}

static bool note(void *context, const struct walk_line *line, struct err *err)
{
    struct trial_case *c = context;
    (void)err;
    if (line->outcome == OUTCOME_SKIPPED) c->skipped_ms = line->at_ms;
    return true;
}

/* Looked at whenever it asks for it, and as the engine does now and then where it waits for somebody to let it go;
 * *ret_is_stuck: it still does. */
static void walk_case(struct trial_case *c, const struct journey *journey, struct arena *arena, bool *ret_is_stuck)
{
    struct err err;
    const struct walk_world world = { .context = c, .zone = c->zone, .rules = &c->rules, .contact = contact,
                                      .best = best, .act = act, .note = note };
    const struct walk walk = { journey, &world, arena, c->now_ms };
    struct walk_place place = walk_start(journey, c->now_ms);
    int64_t now_ms = c->now_ms;
    c->sent_ms = c->skipped_ms = -1;
    while (place.end == WALK_OPEN && now_ms < c->now_ms + (int64_t)LOOKED_AT * QUARTER_MS) {
        ASSERT_OK(walk_on(&walk, &place, now_ms, &err), &err);
        cr_assert(place.end != WALK_OPEN || place.due_ms > now_ms, "it is looked at again and again");
        now_ms = place.due_ms == MOMENT_NEVER ? now_ms + QUARTER_MS : place.due_ms;
    }
    *ret_is_stuck = place.end == WALK_OPEN;
}

/* ---- cases ---- */

static struct trial_case draw(struct rng *rng, const char **ret_zone, struct arena *arena)
{
    static const int64_t around_ms[] = { INT64_C(1806102000000), INT64_C(1824958800000), INT64_C(1804672800000) };
    struct trial_case c = { .rules = { .is_quiet_set = rng_below(rng, 4) > 0 } };
    struct err err;
    *ret_zone = zone_names[rng_below(rng, 4)];
    ASSERT_OK(zone_open(ZONES_FOLDER, text_of(*ret_zone), arena, &c.zone, &err), &err);
    /* Around clock changes of Europe, and in between. */
    c.now_ms = around_ms[rng_below(rng, 3)] / QUARTER_MS * QUARTER_MS;
    c.now_ms += (int64_t)rng_below(rng, 4 * 96) * QUARTER_MS;
    c.rules.quiet.from_ms = (int64_t)rng_below(rng, 96) * QUARTER_MS;
    c.rules.quiet.to_ms = (c.rules.quiet.from_ms + (int64_t)(1 + rng_below(rng, 90)) * QUARTER_MS) % 86400000;
    c.rules.n_caps = rng_below(rng, 2) ? CHANNELS : rng_below(rng, CAPS_MOST + 1);
    bool waits = rng_below(rng, 2) > 0;     /* who is skipped now and who waits are asked about apart */
    for (size_t i = 0; i < c.rules.n_caps; i++)
        c.caps[i] = (struct cap){ i < CHANNELS ? channels[i] : NULL, NULL,
                                  (uint32_t)rng_below(rng, 3), rng_below(rng, 2) > 0, waits };
    for (size_t i = 0; i < CHANNELS; i++)
        c.facts[i] = (struct contact_facts){ .heard = CONSENT_ALLOWED,
                                             .said = rng_below(rng, 5) ? CONSENT_SAID_YES : CONSENT_SAID_NO,
                                             .has_address = rng_below(rng, 6) > 0,
                                             .is_stopped = rng_below(rng, 8) == 0,
                                             .n_sent = SENT_MOST };
    for (size_t i = 0; i < SENT_MOST; i++)
        c.sent[i] = (struct contacted){ c.now_ms - (int64_t)rng_below(rng, 4 * 96) * QUARTER_MS,
                                        channels[rng_below(rng, 2)], NULL };
    return c;
}

Test(journey, a_message_goes_by_the_first_channel_that_all_rules_leave_open_and_not_a_moment_later)
{
    static const char yaml[] = "journey: j\ntrigger: {api: true}\n"
                               "steps: [{id: m, send: best, channels: [email, sms], subject: x, body: y}]\n";
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(11);
    const struct journey *journey;
    struct err err;
    size_t n_sent = 0, n_late = 0, n_stuck = 0;
    ASSERT_OK(journey_read(text_of(yaml), "j", arena, &journey, &err), &err);
    for (int i = 0; i < CASES; i++) {
        const char *zone;
        int64_t wanted_ms;
        enum contact_verdict wanted = CONTACT_HOLD;
        bool is_stuck;
        struct trial_case c = draw(&rng, &zone, arena);
        c.rules.caps = c.caps, c.facts[0].sent = c.facts[1].sent = c.sent;
        (void)setenv("TZ", zone, 1);
        tzset();
        model(&c, &wanted_ms, &wanted);
        walk_case(&c, journey, arena, &is_stuck);
        cr_assert_eq(c.sent_ms, wanted == CONTACT_GO ? wanted_ms : -1, "case %d, %s: sent at %lld, not %lld", i,
                     zone, (long long)c.sent_ms, (long long)wanted_ms);
        cr_assert_eq(c.skipped_ms, wanted == CONTACT_SKIP ? wanted_ms : -1, "case %d, %s", i, zone);
        cr_assert_eq(is_stuck, wanted_ms < 0, "case %d", i);
        if (c.sent_ms >= 0)
            cr_assert_eq(verdict_of(&c, strcmp(c.channel, channels[0]) != 0, c.sent_ms), CONTACT_GO, "case %d", i);
        n_sent += c.sent_ms >= 0, n_late += c.sent_ms > c.now_ms, n_stuck += is_stuck;
    }
    cr_assert(n_sent > CASES / 4 && n_late > CASES / 8 && n_stuck > 0, "%zu %zu %zu: the cases are of one kind",
              n_sent, n_late, n_stuck);
    arena_free(arena);
}

Test(journey, of_two_channels_that_are_shut_the_one_that_opens_first_is_waited_for)
{
    static const char yaml[] = "journey: j\ntrigger: {api: true}\n"
                               "steps: [{id: m, send: best, channels: [email, sms], subject: x, body: y}]\n";
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct journey *journey;
    struct err err;
    bool is_stuck;
    struct trial_case c = { .zone = zone_utc, .now_ms = INT64_C(1806494400000) };       /* a Wednesday's noon */
    const struct contact_facts facts = { .heard = CONSENT_ALLOWED, .said = CONSENT_SAID_YES, .has_address = true,
                                         .sent = c.sent, .n_sent = CHANNELS };
    ASSERT_OK(journey_read(text_of(yaml), "j", arena, &journey, &err), &err);
    c.caps[0] = (struct cap){ "email", NULL, 1, true, true };
    c.caps[1] = (struct cap){ "sms", NULL, 1, false, true };
    c.rules.caps = c.caps, c.rules.n_caps = CHANNELS;
    for (size_t i = 0; i < CHANNELS; i++)
        c.facts[i] = facts, c.sent[i] = (struct contacted){ c.now_ms - QUARTER_MS, channels[i], NULL };
    walk_case(&c, journey, arena, &is_stuck);
    cr_assert_eq(c.sent_ms, c.now_ms + 48 * QUARTER_MS, "by SMS tomorrow, not by e-mail next week");
    cr_assert_str_eq(c.channel, "sms");
    arena_free(arena);
}
