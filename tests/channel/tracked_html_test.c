/* Links that lead by way of ours, and the picture that says a message was opened. */
#include "channel/tracked_html.h"
#include "support.h"

static const char *detour(void *context, struct text url)
{
    struct arena *arena = context;
    return url.length > 30 ? NULL : arena_format(arena, "https://n.example/l/?a&[%.*s]", (int)url.length, url.at);
}

static const char *tracked(struct arena *arena, const char *html, const char *pixel)
{
    const struct tracking tracking = { detour, arena, pixel };
    struct text out = tracked_html(text_of(html), &tracking, arena);
    return arena_format(arena, "%.*s", (int)out.length, out.at);
}

Test(email, links_lead_by_way_of_ours_and_all_else_stays)
{
    static const char *const cases[][2] = {
        { "<p>a <a href=\"https://x.example/?a=1&amp;b=2\">b</a></p>",
          "<p>a <a href=\"https://n.example/l/?a&amp;[https://x.example/?a=1&amp;b=2]\">b</a></p>" },
        { "<A class='x' HREF='http://x.example' id=y>b</A>",
          "<A class='x' HREF=\"https://n.example/l/?a&amp;[http://x.example]\" id=y>b</A>" },
        { "<a href=https://x.example>b</a>", "<a href=\"https://n.example/l/?a&amp;[https://x.example]\">b</a>" },
        { "<a\ntitle=\"a > b\" href = \" https://x.example \" >b</a>",
          "<a\ntitle=\"a > b\" href = \"https://n.example/l/?a&amp;[https://x.example]\" >b</a>" },
        { "<a href=\"mailto:a@b.example\"><a href=\"#top\"><a href=\"tel:+49\"><a name=\"x\">", NULL },
        { "<a data-href=\"https://x.example\"><abbr href=\"https://x.example\"><link href=\"https://x.example\">",
          NULL },
        { "<a href=\"https://x.example/an/address/that/is/too/long\">b</a>", NULL },
        { "<a href=\"https://x.example/?q=O&#39;B\n c\">b</a>",
          "<a href=\"https://n.example/l/?a&amp;[https://x.example/?q=O'B%20c]\">b</a>" },
        { "a < b <", NULL },
        { "<a href=\"https://x", NULL },
        { "<a href", NULL },
        { "<a ", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 20);
        const char *want = cases[i][1] ? cases[i][1] : cases[i][0], *got = tracked(arena, cases[i][0], NULL);
        if (strstr(cases[i][0], "https://x") && !strchr(cases[i][0], '>'))
            want = got; /* cut off: anything, but no crash */
        cr_assert_str_eq(got, want, "%s became %s", cases[i][0], got);
        arena_free(arena);
    }
}

Test(email, the_picture_stands_before_the_end_of_the_body)
{
    struct arena *arena = arena_new(1 << 20);
    cr_assert_str_eq(tracked(arena, "<body>x</BODY></html>", "https://n.example/o/1"),
                     "<body>x<img src=\"https://n.example/o/1\" width=\"1\" height=\"1\" alt=\"\"></BODY></html>");
    cr_assert_str_eq(tracked(arena, "x", "https://n.example/o/1"),
                     "x<img src=\"https://n.example/o/1\" width=\"1\" height=\"1\" alt=\"\">");
    arena_free(arena);
}

Test(email, any_bytes_are_gone_through)
{
    EACH_CASE(c, 300) {
        static const char *const pieces[] = { "<a ",   "href=", "\"",      "'", "https://x.example",
                                              ">",     "<",     "</body>", " ", "=",
                                              "&amp;", "é" };
        struct arena *arena = arena_new(1 << 20);
        char html[1000] = "";
        size_t n = 0, most = (size_t)rng_below(&c.rng, 800);
        while (n < most) n += (size_t)snprintf(html + n, sizeof html - n, "%s", pieces[rng_below(&c.rng, 12)]);
        char *exact = arena_alloc(arena, n + 1, 1);
        memcpy(exact, html, n);
        const struct tracking nothing = { NULL, NULL, NULL }, tracking = { detour, arena, "p" };
        struct text same = tracked_html((struct text){ exact, n }, &nothing, arena);
        cr_assert(same.length == n && memcmp(same.at, html, n) == 0);
        cr_assert(tracked_html((struct text){ exact, n }, &tracking, arena).length > n);
        arena_free(arena);
    }
}
