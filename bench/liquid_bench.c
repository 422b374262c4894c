/* liquid_bench.c - rendering messages beside liquidjs: the same templates, parsed once, the same data, the same
 * text; by the processor's time of both. */
#include "bench.h"

#include "template/template.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "build/bench"

static const struct { const char *name, *text; unsigned n;
} templates[] = {
    { "a short mail",
      "<p>Hello {{ customer.name | capitalize }},</p>\n<p>with {{ coupon.code }} your next order is cheaper until "
      "{{ coupon.expires | date: \"%d.%m.%Y\" }}.</p>\n{% if customer.orders > 3 %}<p>Thank you for {{ "
      "customer.orders }} "
      "orders.</p>{% else %}<p>Thank you.</p>{% endif %}\n<p><a href=\"{{ unsubscribe }}\">Unsubscribe</a></p>\n",
      20000 },
    { "a mail with 40 products",
      "<table>{% for item in items %}<tr><td>{{ forloop.index }}</td><td>{{ item.title | upcase | truncate: 20 "
      "}}</td>"
      "<td>{{ item.price | times: 1.19 | round: 2 }}</td><td>{% if item.stock > 5 %}in stock{% elsif item.stock > "
      "0 %}"
      "{{ item.stock }} left{% else %}sold out{% endif %}</td></tr>\n{% endfor %}</table>"
      "{% assign cheap = items | where: \"is_cheap\" | map: \"title\" | join: \", \" %}<p>{{ cheap }}</p>\n",
      1000 },
};

struct rendering {
    const struct template *template;
    struct template_options options;
    unsigned n;
    struct arena *arena;
    struct text text;
};

static void render(void *context)
{
    struct rendering *r = context;
    struct template_result result;
    struct template_place place;
    struct err err;
    for (unsigned i = 0; i < r->n; i++) {
        arena_reset(r->arena);
        bench_need(template_render(r->template, &r->options, r->arena, &result, &place, &err), &err);
        r->text = result.text;
    }
}

static json_t *sample(void)
{
    json_t *items = json_array();
    for (int i = 0; i < 40; i++) {
        char title[64];
        snprintf(title, sizeof title, "Product & co number %d of the list", i);
        json_array_append_new(items, json_pack("{s:s, s:f, s:i, s:b}", "title", title, "price", 3.3 + i, "stock",
                                               i % 9, "is_cheap", i % 3 == 0));
    }
    return json_pack("{s:{s:s, s:i}, s:{s:s, s:s}, s:s, s:o}", "customer", "name", "ada l\xc3\xb6velace", "orders",
                     7, "coupon", "code", "WIN10-ABC234", "expires", "2027-06-30", "unsubscribe",
                     "https://news.example.com/u/abc", "items", items);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) { perror(path); exit(1); }
}

/* Seconds of n; NaN where it is not installed.  What it renders must be what we do. */
static double liquidjs(const struct rendering *r, const char *template, const char *data)
{
    char command[1024];
    snprintf(command, sizeof command, "node bench/liquidjs.mjs " FOLDER " '%s' '%s' %u", template, data, r->n);
    FILE *pipe = popen(command, "r");
    json_t *answer = pipe ? json_loadf(pipe, 0, NULL) : NULL;
    if (pipe) (void)pclose(pipe);
    const char *text = json_string_value(json_object_get(answer, "text"));
    double seconds = answer ? json_number_value(json_object_get(answer, "seconds")) : (double)NAN;
    if (text && !text_equal(text_of(text), r->text)) {
        fprintf(stderr, "liquid_bench: liquidjs says\n%s\nand not\n%.*s\n", text, (int)r->text.length, r->text.at);
        exit(1);
    }
    json_decref(answer);
    return seconds;
}

int main(void)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *scratch = arena_new(ARENA_NO_LIMIT);
    json_t *data = sample();
    char *json = json_dumps(data, JSON_COMPACT);
    const char *data_path = arena_copy(arena, bench_fresh_path("liquid.json"));
    write_file(data_path, json);
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        struct template_place place;
        struct rendering r = { .options = { .data = data, .is_html = true, .is_strict = true },
                               .n = templates[i].n,
                               .arena = scratch };
        const char *path = arena_copy(arena, bench_fresh_path("mail.liquid"));
        write_file(path, templates[i].text);
        bench_need(template_parse(text_of(templates[i].text), arena, &r.template, &place, &err), &err);
        double ours = bench_took(5, NULL, render, &r).cpu / r.n;
        bench_record(&(struct bench){ arena_format(arena, "rendering %s", templates[i].name), "us", 1e6 * ours,
                                      1e6 * liquidjs(&r, path, data_path) / r.n, "liquidjs", 10, NULL });
    }
    free(json);
    json_decref(data);
    arena_free(scratch);
    arena_free(arena);
    return 0;
}
