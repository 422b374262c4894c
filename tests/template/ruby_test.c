/* Random templates are rendered as Ruby's own Liquid (Debian's ruby-liquid) renders them. */
#include "template/template.h"
#include "support.h"

#include <stdlib.h>

enum { TEMPLATES = 400, ROOM = 4096 };

static const char data_text[] =
    "{\"a\": 5, \"b\": -3, \"n\": 2.5, \"s\": \"Hello big World\", \"t\": \"x,y,,z\", \"e\": \"\", \"h\": \"<b>a "
    "& b</b>\","
    "\"list\": [3, 1, 2, 3], \"words\": [\"b\", \"a\", \"c\", \"a\"], \"items\": [{\"t\": \"A\", \"p\": 3}, "
    "{\"t\": \"b\", \"p\": 1}],"
    "\"yes\": true, \"no\": false, \"nothing\": null, \"map\": {\"k\": \"v\", \"d\": {\"q\": 7}}}";

struct writing { struct rng *rng; char *at; size_t n; };

static void put(struct writing *w, const char *text)
{
    w->n += (size_t)snprintf(w->at + w->n, ROOM - w->n, "%s", text);
}

static const char *pick(struct writing *w, const char *const *words)
{
    size_t n = 0;
    while (words[n]) n++;
    return words[rng_below(w->rng, n)];
}
#define PICK(w, ...) pick(w, (const char *const[]){ __VA_ARGS__, NULL })

static void put_filters(struct writing *w, const char *const *filters)
{
    for (uint64_t i = rng_below(w->rng, 3); i > 0; i--) put(w, " | "), put(w, pick(w, filters));
}

static void put_value(struct writing *w)
{
    static const char *const numbers[] = { "plus: 2",       "minus: 7",  "times: 3",    "abs",        "ceil",
                                           "floor",         "round",     "at_least: 4", "at_most: 4", "modulo: 3",
                                           "divided_by: 2", "plus: 0.5", "round: 1",    NULL };
    static const char *const texts[] = { "upcase",
                                         "downcase",
                                         "capitalize",
                                         "append: '!'",
                                         "prepend: '['",
                                         "replace: 'l', 'L'",
                                         "replace_first: 'l', ''",
                                         "remove: 'o'",
                                         "remove_first: 'o'",
                                         "strip",
                                         "lstrip",
                                         "rstrip",
                                         "slice: 2, 4",
                                         "slice: -3, 2",
                                         "truncate: 9",
                                         "truncate: 9, '-'",
                                         "truncatewords: 2",
                                         "escape",
                                         "escape_once",
                                         "url_encode",
                                         "strip_html",
                                         "newline_to_br",
                                         "strip_newlines",
                                         "default: 'none'",
                                         "split: ',' | join: '-'",
                                         "split: '' | reverse | join: ''",
                                         NULL };
    static const char *const lists[] = { "sort | join: ' '",
                                         "reverse | join: ','",
                                         "uniq | join: ' '",
                                         "first",
                                         "last",
                                         "size",
                                         "join: '+'",
                                         "sort | last",
                                         "concat: words | join: ' '",
                                         "compact | size",
                                         "slice: 1, 2 | join: ' '",
                                         NULL };
    switch (rng_below(w->rng, 4)) {
    case 0:
        put(w, PICK(w, "a", "b", "n", "7", "-2", "0.25", "map.d.q", "items[1].p")), put_filters(w, numbers);
        break;
    case 1:
        put(w, PICK(w, "s", "t", "e", "h", "' a\tb \n'", "\"it's\"", "map.k", "map['k']", "nothing", "unknown",
                    "items.first.t"));
        put_filters(w, texts);
        break;
    case 2: put(w, PICK(w, "list", "words")), put(w, " | "), put(w, pick(w, lists)); break;
    default:
        put(w, PICK(w, "items | map: 't' | join: ' '", "items | sort: 'p' | map: 't' | first",
                    "items | where: 'p', 3 | size", "yes", "no", "(1..3) | join: ' '", "s.size", "list.size",
                    "words.last", "list[-1]", "list[9]", "empty"));
    }
}

static void put_condition(struct writing *w)
{
    put(w, PICK(w, "a == 5", "a > n", "b <= -3", "s contains 'big'", "words contains 'c'", "e == empty",
                "list.size >= 4", "nothing", "yes", "no", "unknown == nil", "t != 'x'", "map.k == 'v'", "n < 2",
                "s == \"Hello big World\""));
    if (rng_below(w->rng, 3) == 0)
        put(w, PICK(w, " and ", " or ")), put(w, PICK(w, "yes", "no", "a < 3", "e != empty"));
}

static void put_block(struct writing *w, int depth);

static void put_tag(struct writing *w, int depth)
{
    const char *in = PICK(w, "{% ", "{%- "), *out = PICK(w, " %}", " -%}");
    put(w, in);
    switch (rng_below(w->rng, 8)) {
    case 0:
        put(w, PICK(w, "if ", "if ")), put_condition(w), put(w, out), put_block(w, depth + 1);
        put(w, "{% elsif "), put_condition(w), put(w, " %}"), put_block(w, depth + 1), put(w, "{% else %}no"),
            put(w, in), put(w, "endif"), put(w, out);
        break;
    case 1:
        put(w, "unless "), put_condition(w), put(w, out), put_block(w, depth + 1), put(w, "{% endunless %}");
        break;
    case 2:
        put(w, PICK(w, "for i in list", "for i in words reversed", "for i in (1..4) limit: 2",
                    "for i in list offset: 1 limit: 2", "for i in items", "for i in unknown"));
        put(w, out), put(w, PICK(w, "{{ i }}", "{{ forloop.index }}:{{ forloop.last }} ", "{{ i.t | default: i }}",
                                 "{% if forloop.first %}{% continue %}{% endif %}{{ forloop.rindex0 }}",
                                 "{% if i == 2 %}{% break %}{% endif %}{{ i }}", "{% cycle 'x', 'y', 'z' %}"));
        put(w, "{% else %}none{% endfor %}");
        break;
    case 3:
        put(w, "case "), put(w, PICK(w, "a", "s", "map.k", "nothing")), put(w, out);
        put(w, "{% when 5 or 'v' %}one{% when nil %}nil{% else %}other{% endcase %}");
        break;
    case 4: put(w, "assign z = "), put_value(w), put(w, out), put(w, "{{ z }}"); break;
    case 5: put(w, "capture z"), put(w, out), put_block(w, depth + 1), put(w, "{% endcapture %}[{{ z }}]"); break;
    case 6:
        put(w, PICK(w, "increment q", "decrement r", "comment %}{{ a }}{% endcomment", "raw %}{{ a }}{% endraw",
                    "echo a | plus: 1")),
            put(w, " %}");
        break;
    default: put(w, "tablerow i in list cols: 2"), put(w, out), put(w, "{{ i }}{% endtablerow %}");
    }
}

static void put_block(struct writing *w, int depth)
{
    for (uint64_t i = 1 + rng_below(w->rng, depth > 1 ? 1 : 3); i > 0 && w->n < ROOM / 2; i--) {
        put(w, PICK(w, "", " ", "text ", "\n  ", "<p>"));
        if (depth < 2 && rng_below(w->rng, 2)) { put_tag(w, depth); continue; }
        put(w, PICK(w, "{{ ", "{{- ", "{{")), put_value(w), put(w, PICK(w, " }}", " -}}", "}}"));
    }
}

static json_t *ask_ruby(json_t *templates, const json_t *data)
{
    char command[4200];
    const char *path = support_path("templates.json");
    json_t *given = json_pack("{s:O, s:O}", "templates", templates, "data", data);
    cr_assert_eq(json_dump_file(given, path, 0), 0);
    json_decref(given);
    snprintf(command, sizeof command, "ruby tests/template/ruby_liquid.rb '%s'", path);
    FILE *pipe = popen(command, "r");
    json_t *answer = pipe ? json_loadf(pipe, 0, NULL) : NULL;
    if (pipe) pclose(pipe);
    return answer;
}

static bool render(const char *source, const json_t *data, struct arena *arena, const char **ret_text)
{
    const struct template_options options = { .data = data };
    const struct template *template;
    struct template_result result;
    struct template_place place;
    struct err err;
    if (!template_parse(text_of(source), arena, &template, &place, &err) ||
        !template_render(template, &options, arena, &result, &place, &err)) {
        *ret_text = arena_copy(arena, err.text);
        return false;
    }
    *ret_text = arena_format(arena, "%.*s", (int)result.text.length, result.text.at);
    return true;
}

Test(liquid, random_templates_are_rendered_as_rubys_own_liquid_renders_them)
{
    EACH_CASE(c, 1) {
        static char source[ROOM];
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        json_t *templates = json_array(), *data = json_loads(data_text, 0, NULL);
        for (int i = 0; i < TEMPLATES; i++) {
            struct writing w = { &c.rng, source, 0 };
            put_block(&w, 0);
            json_array_append_new(templates, json_string(source));
        }
        json_t *said = ask_ruby(templates, data);
        cr_assert_eq(json_array_size(said), TEMPLATES, "ruby-liquid did not answer");
        for (size_t i = 0; i < TEMPLATES; i++) {
            const char *template = json_string_value(json_array_get(templates, i)), *ours;
            const char *theirs = json_string_value(json_array_get(said, i));
            bool ok = render(template, data, arena, &ours);
            cr_assert_eq(ok, theirs != NULL, "%s\nours: %s\ntheirs: %s", template, ours,
                         theirs ? theirs : "an error");
            if (ok) cr_assert_str_eq(ours, theirs, "%s\nours: %s\ntheirs: %s", template, ours, theirs);
        }
        json_decref(said), json_decref(templates), json_decref(data);
        arena_free(arena);
    }
}
