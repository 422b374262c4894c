/* Liquid: the golden cases, escaping, limits, mistakes with their lines. */
#include "support.h"
#include "template/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *snippets;

static bool find_snippet(void *context, struct text name, struct text *ret_source)
{
    const json_t *found = json_object_getn(context, name.at, name.length);
    if (!json_is_string(found)) return false;
    *ret_source = (struct text){ json_string_value(found), json_string_length(found) };
    return true;
}

struct rendered { bool ok; struct template_result result; struct template_place place; struct err err; };

static struct rendered render_with(struct arena *arena, const char *source, const json_t *data,
                                   struct template_options options)
{
    struct rendered r = { 0 };
    const struct template *template;
    options.data = data;
    options.find = snippets ? find_snippet : NULL;
    options.context = (void *)(uintptr_t)snippets;
    r.ok = template_parse(text_of(source), arena, &template, &r.place, &r.err) &&
           template_render(template, &options, arena, &r.result, &r.place, &r.err);
    return r;
}

static struct rendered render(struct arena *arena, const char *source, const char *data,
                              struct template_options options)
{
    json_t *json = json_loads(data, 0, NULL);
    cr_assert(json, "%s", data);
    struct rendered r = render_with(arena, source, json, options);
    if (r.ok) r.result.text = text_of(arena_format(arena, "%.*s", (int)r.result.text.length, r.result.text.at));
    json_decref(json);
    return r;
}

static void renders(const char *source, const char *data, bool is_html, const char *expected)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rendered r = render(arena, source, data, (struct template_options){ .is_html = is_html });
    cr_assert(r.ok, "%s: line %zu: %s", source, r.place.line, r.err.text);
    cr_assert_str_eq(r.result.text.at, expected, "%s", source);
    arena_free(arena);
}

static void fails(const char *source, size_t line, enum err_code code, const char *sentence)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rendered r = render(arena, source, "{\"list\": [1, 2], \"name\": \"Ada\"}",
                               (struct template_options){ .is_strict = true });
    cr_assert(!r.ok, "%s", source);
    cr_assert_eq(r.err.code, code, "%s: %s", source, r.err.text);
    cr_assert_eq(r.place.line, line, "%s: line %zu: %s", source, r.place.line, r.err.text);
    cr_assert(strstr(r.err.text, sentence), "%s: %s", source, r.err.text);
    arena_free(arena);
}

/* ---- the golden cases ---- */

struct tally { char name[40]; unsigned n, n_right; };

static void count(struct tally *tallies, size_t room, const char *name, bool is_right)
{
    size_t i = 0;
    while (i < room && *tallies[i].name && strcmp(tallies[i].name, name) != 0) i++;
    cr_assert_lt(i, room);
    snprintf(tallies[i].name, sizeof tallies[i].name, "%s", name);
    tallies[i].n++;
    tallies[i].n_right += is_right;
}

static bool is_right(const json_t *test)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    json_t *none = json_object();
    const json_t *data = json_object_get(test, "data"), *results = json_object_get(test, "results");
    snippets = json_object_get(test, "templates");
    struct rendered r = render_with(arena, json_string_value(json_object_get(test, "template")),
                                    data ? data : none, (struct template_options){ 0 });
    bool is = json_is_true(json_object_get(test, "invalid")) ? !r.ok : false;
    for (size_t i = 0; r.ok && !json_object_get(test, "invalid") && i < (results ? json_array_size(results) : 1);
         i++) {
        const json_t *result = results ? json_array_get(results, i) : json_object_get(test, "result");
        is |= text_equal(r.result.text, (struct text){ json_string_value(result), json_string_length(result) });
    }
    if (!is && getenv("SHOW_WRONG"))
        printf("%s: %s\n  %.*s\n", json_string_value(json_object_get(test, "name")), r.ok ? "gives" : r.err.text,
               r.ok ? (int)r.result.text.length : 0, r.ok ? r.result.text.at : "");
    json_decref(none);
    arena_free(arena);
    return is;
}

/* Where we tell a mistake on purpose, and Ruby's Liquid says nothing. */
static const char *why_otherwise(const char *name)
{
    static const char *const cases[][2] = {
        { "filters, reject, first argument is undefined",
          "a property without a name is a slip of the pen, for which Ruby drops the whole list" },
        { "tags, case, unexpected when token",
          "what follows 'and' in a 'when' is dropped by Ruby, and so is never rendered" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i][0], name) == 0) return cases[i][1];
    return NULL;
}

Test(liquid, golden_cases_are_rendered_as_their_authors_say)
{
    static struct tally tallies[150];
    unsigned n = 0, n_right = 0;
    size_t i, k;
    json_t *test, *tag, *all = json_load_file("../shared/data/golden_liquid.json", 0, NULL);
    if (!all) cr_skip_test("../shared/data/golden_liquid.json is not here");
    json_array_foreach(json_object_get(all, "tests"), i, test) {
        bool is = is_right(test);
        const char *name = json_string_value(json_object_get(test, "name")),
                   *why = is ? NULL : why_otherwise(name);
        cr_assert(is || why, "%s", name);
        if (why) printf("liquid: not \"%s\": %s\n", name, why);
        n++, n_right += is;
        json_array_foreach(json_object_get(test, "tags"), k, tag)
            count(tallies, sizeof tallies / sizeof *tallies, json_string_value(tag), is);
    }
    snippets = NULL;
    printf("liquid: %u of %u golden cases", n_right, n);
    for (i = 0; *tallies[i].name; i++)
        printf("%s %s %u/%u", i % 6 ? "," : "\n   ", tallies[i].name, tallies[i].n_right, tallies[i].n);
    printf("\n");
    fflush(stdout);
    cr_assert_geq(100 * n_right, 95 * n, "only %u of %u", n_right, n);
    json_decref(all);
}

/* ---- ours ---- */

Test(liquid, what_comes_from_data_is_escaped_in_html_and_markup_of_the_template_is_not)
{
    const char *data = "{\"name\": \"<b>A & B</b>\", \"list\": [\"<\", \"x\"]}";
    renders("{{ name }}", data, true, "&lt;b&gt;A &amp; B&lt;/b&gt;");
    renders("{{ name }}", data, false, "<b>A & B</b>");
    renders("{{ name | raw }}", data, true, "<b>A & B</b>");
    renders("{{ '<i>' }}", data, true, "<i>");
    renders("{{ '<i>' | append: name }}", data, true, "&lt;i&gt;&lt;b&gt;A &amp; B&lt;/b&gt;");
    renders("{% capture x %}<p>{{ name }}</p>{% endcapture %}{{ x }}", data, true,
            "<p>&lt;b&gt;A &amp; B&lt;/b&gt;</p>");
    renders("{{ name | escape }}", data, true, "&lt;b&gt;A &amp; B&lt;/b&gt;");
    renders("{{ list | join: '' }}", data, true, "&lt;x");
    renders("{{ list | first | newline_to_br }}", data, true, "&lt;");
    renders("{% assign y = name | upcase %}{{ y }}", data, true, "&lt;B&gt;A &amp; B&lt;/B&gt;");
}

Test(liquid, a_missing_value_fails_when_strict_unless_a_default_stands_for_it)
{
    fails("Dear {{ name }},\n{{ customer.title }}", 2, ERR_MISSING, "no value for customer.title");
    fails("{{ customer.title | upcase }}", 1, ERR_MISSING, "no value for customer.title");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct template_options strict = { .is_strict = true };
    struct rendered r = render(arena, "{{ x.y | default: 'friend' }}{% if x.y %}!{% endif %}", "{}", strict);
    cr_assert(r.ok && strcmp(r.result.text.at, "friend") == 0);
    r = render(arena, "{{ a.b }}{{ c }}{{ a.b }}{{ d | default: 1 }}", "{\"a\": {}}",
               (struct template_options){ 0 });
    cr_assert(r.ok);
    cr_assert_eq(r.result.n_missing, 2);
    cr_assert(text_equal(r.result.missing[0], text_of("a.b")) && text_equal(r.result.missing[1], text_of("c")));
    arena_free(arena);
}

Test(liquid, a_mistake_is_told_with_its_line)
{
    fails("a\nb {{ name | nosuch }}", 2, ERR_INVALID, "no filter 'nosuch'");
    fails("a\n\n{% if name %}x", 3, ERR_INVALID, "begins with 'if' has no end");
    fails("{{ name", 1, ERR_INVALID, "no }} behind it");
    fails("x\n{% for a of list %}{% endfor %}", 2, ERR_INVALID, "'in' is missing");
    fails("\n{{ name | append }}", 2, ERR_INVALID, "takes 1 value, not 0");
    fails("\n\n{{ list | sort: 'x' }}", 3, ERR_INVALID, "filter sort: x cannot be had");
    fails("{{ 'a }}", 1, ERR_INVALID, "no ' at its end");
    fails("{% wibble %}", 1, ERR_INVALID, "'wibble' is no tag");
}

Test(liquid, no_template_runs_for_ever_or_without_bounds)
{
    fails("{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}", 1, ERR_REFUSED, "steps");
    fails("{% for i in (1..9000000000) %}{% endfor %}", 1, ERR_REFUSED, "too long");
    fails("{% assign s = 'abcdefgh' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}", 1,
          ERR_REFUSED, "more text");
    fails("{% capture s %}{% for i in (1..900) %}abcdefghijklmnop{% endfor %}{% endcapture %}{{ s | replace: '', "
          "s }}",
          1, ERR_REFUSED, "more text");
    json_t *circle = json_pack("{s:s}", "loop", "{% render 'loop' %}");
    snippets = circle;
    fails("{% render 'loop' %}", 1, ERR_REFUSED, "more than 20 deep");
    fails("{% render 'other' %}", 1, ERR_INVALID, "no snippet 'other'");
    snippets = NULL;
    json_decref(circle);
    char deep[3000] = "", path[3000] = "{{ ";
    for (size_t i = 0; i < 150; i++) memcpy(deep + 10 * i, "{% if 1 %}", 11);
    for (size_t i = 3; i < 300; i++) path[i] = '[';
    fails(deep, 1, ERR_INVALID, "blocks stand in each other");
    fails(path, 1, ERR_INVALID, "no }}");
    memcpy(path + 300, " }}", 4);
    fails(path, 1, ERR_INVALID, "nested too deeply");
}

Test(liquid, dates_are_told_by_the_clock_of_the_zone)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct err err;
    struct template_options options = { .now_ms = INT64_C(1806145200000) };
    ASSERT_OK(zone_open("/usr/share/zoneinfo", text_of("Europe/Berlin"), arena, &options.zone, &err), &err);
    static const struct { const char *source, *expected; } cases[] = {
        { "{{ 'now' | date: '%Y-%m-%d %H:%M %z' }}", "2027-03-27 12:00 +0100" },
        { "{{ '2027-07-01T10:00:00Z' | date: '%A, %-d %B %Y, %H:%M' }}", "Thursday, 1 July 2027, 12:00" },
        { "{{ '2027-07-01 10:00' | date: '%H:%M' }}", "10:00" },
        { "{{ 1806228000 | date: '%d.%m.%Y %k:%M' }}", "28.03.2027 12:00" },
        { "{{ '2027-01-03' | date: '%V %G %j %u %U %W %e' }}", "53 2026 003 7 01 00  3" },
        { "{{ 'not a date' | date: '%Y' }}", "not a date" },
        { "{{ 'Dec 5, 2027' | date: '%^a %q %%' }}", "SUN %q %" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rendered r = render(arena, cases[i].source, "{}", options);
        cr_assert(r.ok, "%s", r.err.text);
        cr_assert_str_eq(r.result.text.at, cases[i].expected, "%s", cases[i].source);
    }
    arena_free(arena);
}

Test(liquid, numbers_add_up_as_people_see_them)
{
    renders("{{ 0.1 | plus: 0.2 }} {{ 10 | divided_by: 4 }} {{ 10 | divided_by: 4.0 }} {{ -7 | modulo: 3 }}", "{}",
            false, "0.3 2 2.5 2");
    renders("{{ 9223372036854775807 | plus: 1 }}", "{}", false, "9.22337203685478e+18");
    fails("{{ -9223372036854775807 | minus: 1 | abs }}", 1, ERR_INVALID, "too large");
}

Test(liquid, a_number_is_written_in_the_fewest_digits_that_mean_it)
{
    static const double some[] = { 0.1 + 0.2, 1.0 / 3, 1e-7, 123456789.1234, 1e21, -0.5,
                                   0.0001,    0.00012, 5e8,  999999999.9,    2.675 };
    EACH_CASE(c, 2000) {
        struct arena *arena = arena_new(1 << 20);
        double real = c.index < sizeof some / sizeof *some ? some[c.index]
                      : rng_below(&c.rng, 2) ? (double)((int64_t)rng_below(&c.rng, 2000000) - 1000000) / 1000
                                             : (rng_uniform(&c.rng) - 0.5) * 1e6;
        char want[40], got[40];
        int n = 15;
        while (snprintf(want, sizeof want, "%.*g", n, real), strtod(want, NULL) != real && n < 17) n++;
        json_t *data = json_pack("{s:f}", "x", real);
        struct rendered r = render_with(arena, "{{ x }}", data, (struct template_options){ 0 });
        snprintf(got, sizeof got, "%.*s", (int)r.result.text.length, r.result.text.at);
        if (!strpbrk(want, ".e")) snprintf(want + strlen(want), 3, ".0");
        cr_assert_str_eq(got, want);
        json_decref(data);
        arena_free(arena);
    }
}

Test(liquid, amounts_are_written_as_the_persons_language_writes_them)
{
    renders("{{ 1234.5 | money: 'EUR' }} {{ '1234.5' | money: 'usd' }} {{ 1234.5 | money: 'JPY' }}", "{}", false,
            "\xe2\x82\xac" "1,234.50 $1,234.50 \xc2\xa5" "1,235");
    renders("{{ 1234.5 | money: 'EUR', 'de' }} {{ 1234567.5 | money: 'INR', 'hi-IN' }}", "{}", false,
            "1.234,50\xc2\xa0\xe2\x82\xac \xe2\x82\xb9" "12,34,567.50");
    fails("{{ 1 | money: 'Euro' }}", 1, ERR_INVALID, "'Euro' is no currency, such as EUR");
    fails("{{ 1 | money: 5 }}", 1, ERR_INVALID, "is no currency");
}

Test(liquid, letters_of_any_script_are_counted_and_turned)
{
    const char *data = "{\"x\": \"\\u00e4\\u00f6 stra\\u00dfe\", \"y\": \"\\u0391\\u0398\\u0397\\u039d\\u0391\"}";
    renders("{{ x | upcase }} {{ y | downcase }} {{ x | capitalize }} {{ x.size }} {{ x | slice: 1, 3 }}", data,
            false,
            "\xc3\x84\xc3\x96 STRASSE \xce\xb1\xce\xb8\xce\xb7\xce\xbd\xce\xb1 \xc3\x84\xc3\xb6 stra\xc3\x9f"
            "e 9 \xc3\xb6 s");
}
