/* By which channel somebody is written to, and in which variant's words. */
#include "journey/best_channel.h"
#include "journey/journey.h"
#include "support.h"

static const char *const channels[] = { "email", "sms", "post" };

static size_t best(const char *stated, const struct channel_worth *worth, bool email, bool sms, bool post,
                   const char **ret_because)
{
    static struct arena *arena;
    const bool is_open[] = { email, sms, post };
    const struct channel_choice choice = { channels, is_open, 3, stated, worth };
    if (!arena) arena = arena_new(1 << 20);
    return best_channel(&choice, arena, ret_because);
}

Test(journey_best, what_they_stated_goes_before_what_brought_more_and_that_before_the_first)
{
    const char *because;
    const struct channel_worth sms_better[] = { { 1000, 50 }, { 1000, 90 }, { 1000, 40 } };
    const struct channel_worth alike[] = { { 1000, 50 }, { 1000, 55 }, { 1000, 40 } };
    const struct channel_worth untried[] = { { 1000, 50 }, { 99, 90 }, { 1000, 40 } };
    cr_assert_eq(best("post", sms_better, true, true, true, &because), 2);
    cr_assert_str_eq(because, "it is what they asked for");
    cr_assert_eq(best("post", sms_better, true, true, false, &because), 1,
                 "what is asked for and closed is not taken");
    cr_assert_str_eq(because, "it brought more: 9 % of 1000 reached the goal");
    cr_assert_eq(best(NULL, alike, true, true, true, &because), 0);
    cr_assert_str_eq(because, "it is the first that reaches them");
    cr_assert_eq(best(NULL, untried, true, true, true, &because), 0);
    cr_assert_eq(best(NULL, untried, true, false, true, &because), 0, "50 and 40 of 1000 are alike");
    cr_assert_eq(best(NULL, NULL, false, true, true, &because), 1);
    cr_assert_eq(best(NULL, sms_better, false, false, true, &because), 2);
    cr_assert_str_eq(because, "nothing else reaches them now");
}

static enum consent_said said(void *context, const char *name)
{
    return strstr(context, name) ? CONSENT_SAID_YES : CONSENT_SAID_NOTHING;
}

Test(journey_best, a_yes_to_one_channel_alone_is_a_wish)
{
    char sms[] = "sms", both[] = "sms email", topic[] = "[email.offers]";
    cr_assert_str_eq(stated_channel(channels, 3, NULL, NULL, said, sms), "sms");
    cr_assert_null(stated_channel(channels, 3, NULL, NULL, said, both));
    cr_assert_str_eq(stated_channel(channels, 3, "offers", NULL, said, topic), "email");
    cr_assert_str_eq(stated_channel(channels, 3, NULL, "post", said, both), "post");
}

static const struct journey *read(struct arena *arena, const char *steps, struct err *err)
{
    const struct journey *journey;
    const char *yaml =
        arena_format(arena, "journey: a\ntopic: offers\ntrigger: {event: order}\nsteps:\n  - %s\n", steps);
    return journey_read(text_of(yaml), "a.yaml", arena, &journey, err) ? journey : NULL;
}

Test(journey_best, variants_share_people_as_the_file_says)
{
    struct arena *arena = arena_new(1 << 24);
    struct err err;
    const struct journey *journey =
        read(arena,
             "{id: m, send: email, html: m.html, variants: [{name: short, share: 0.25, "
             "subject: A}, {subject: B, html: b.html}, C]}",
             &err);
    cr_assert(journey, "%s", err.text);
    unsigned n[3] = { 0 };
    for (int i = 0; i < 1000; i++) {
        const struct journey_step *as = journey_varied(&journey->steps[0], i / 1000.0, arena);
        n[*as->subject - 'A']++;
        static const char *const names[] = { "short", "b", "c" }, *const files[] = { "m.html", "b.html",
                                                                                     "m.html" };
        cr_assert_str_eq(as->variant, names[*as->subject - 'A']);
        cr_assert_str_eq(as->html, files[*as->subject - 'A']);
    }
    cr_assert(n[0] == 250 && n[1] == 375 && n[2] == 375);
    arena_free(arena);
}

Test(journey_best, what_is_wrong_of_variants_and_channels_is_told)
{
    static const char *const cases[][2] = {
        { "{id: m, send: best, body: x}", "send: best chooses among 2 to 8 channels" },
        { "{id: m, send: best, channels: [email], body: x}", "send: best chooses among 2 to 8 channels" },
        { "{id: m, send: best, channels: [email, email], body: x}", "'email' stands here twice" },
        { "{id: m, send: email, channels: [email, sms], body: x}", "'channels' belongs to send: best" },
        { "{id: m, send: email, html: x, variants: [A]}", "'variants' is a list of 2 to 20" },
        { "{id: m, send: email, html: x, variants: [A, {share: 0.5}]}", "a variant has a subject, html" },
        { "{id: m, send: email, html: x, variants: [A, {name: a, subject: B}]}", "two variants are called 'a'" },
        { "{id: m, send: email, html: x, variants: [{subject: A, share: 0.5}, {subject: B, share: 0.6}]}",
          "add up to 1.1" },
        { "{id: m, send: email, html: x, variants: [{subject: A, color: red}, B]}", "color" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 24);
        struct err err = { 0 };
        cr_assert_not(read(arena, cases[i][0], &err), "%s", cases[i][0]);
        cr_assert(strstr(err.text, cases[i][1]), "%s: %s", cases[i][0], err.text);
        cr_assert(strncmp(err.text, "a.yaml:5:", 9) == 0, "%s", err.text);
        arena_free(arena);
    }
}
