/* command_render.c - a template and data as the message that they make, and what receivers would dislike of it. */
#include "command/command.h"
#include "command/json_out.h"
#include "server/clocks.h"
#include "template/template_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLIPPED_BYTES = 100 * 1000 };

struct rendering {
    struct arena          *arena;
    struct template_folder folder;  /* of snippets */
};

/* ---- files ---- */

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_format(arena, "%.*s", (int)(slash - path), path) : ".";
}

static bool read_data(struct rendering *r, const char *path, json_t **ret_data, struct err *err)
{
    struct text text;
    json_error_t fault;
    if (!path) {
        *ret_data = json_object();
        return true;
    }
    if (!template_file_read(path, r->arena, &text, err)) return false;
    *ret_data = json_loadb(text.at, text.length, 0, &fault);
    if (!*ret_data)
        return err_set(err, ERR_INVALID, "%s: line %d, column %d: %s", path, fault.line, fault.column, fault.text);
    if (json_is_object(*ret_data)) return true;
    json_decref(*ret_data);
    return err_set(err, ERR_INVALID, "%s holds no JSON object, as {\"customer\": {\"name\": \"Ada\"}}", path);
}

/* ---- what receivers dislike ---- */

static void warn(json_t *warnings, const char *rule, const char *sentence)
{
    json_array_append_new(warnings, json_pack("{s:s, s:s}", "rule", rule, "sentence", sentence));
}

static bool has(struct text text, const char *part)
{
    return memmem(text.at, text.length, part, strlen(part)) != NULL;
}

/* Whether a tag of this kind stands there without a word. */
static bool has_tag_without(struct text text, const char *tag, const char *word)
{
    const char *at = text.at, *end = text.at + text.length;
    while ((at = memmem(at, (size_t)(end - at), tag, strlen(tag)))) {
        const char *close = memchr(at, '>', (size_t)(end - at));
        size_t n = (size_t)((close ? close : end) - at);
        if (!has((struct text){ at, n }, word)) return true;
        at += n;
    }
    return false;
}

static json_t *warnings_of(struct text text, bool is_html)
{
    json_t *warnings = json_array();
    if (text.length > CLIPPED_BYTES)
        warn(warnings, "size", "it is larger than 100 kB, which some mailboxes cut off");
    if (is_html && has(text, "href=\"http://")) warn(warnings, "link", "a link does not begin with https");
    if (is_html && has_tag_without(text, "<img", "alt="))
        warn(warnings, "image", "an image has no words (alt) beside it");
    if (is_html && !has(text, "nsubscribe")) warn(warnings, "unsubscribe", "nothing says how to unsubscribe");
    return warnings;
}

/* ---- the command ---- */

static json_t *result_json(const struct template_result *result, bool is_html, struct arena *arena)
{
    json_t *missing = json_array();
    const char *text = arena_format(arena, "%.*s", (int)result->text.length, result->text.at);
    for (size_t i = 0; i < result->n_missing; i++)
        json_array_append_new(missing, json_stringn(result->missing[i].at, result->missing[i].length));
    return json_pack("{s:n, s:s?, s:s?, s:n, s:o, s:o, s:n}", "subject", "text", is_html ? NULL : text, "html",
                     is_html ? text : NULL, "language", "missing", missing, "warnings",
                     warnings_of(result->text, is_html), "error");
}

static void print_result(const struct template_result *result, bool is_html)
{
    size_t i;
    const json_t *row;
    json_t *warnings = warnings_of(result->text, is_html);
    fwrite(result->text.at, 1, result->text.length, stdout);
    if (result->text.length > 0 && result->text.at[result->text.length - 1] != '\n') putchar('\n');
    for (i = 0; i < result->n_missing; i++)
        fprintf(stderr, "missing: %.*s\n", (int)result->missing[i].length, result->missing[i].at);
    json_array_foreach(warnings, i, row)
        fprintf(stderr, "warning: %s\n", json_string_value(json_object_get(row, "sentence")));
    json_decref(warnings);
}

static bool render(struct invocation *invocation, struct rendering *r, const json_t *data, struct err *err)
{
    const char *path = invocation->arguments[0], *zone = flag_text(invocation, "zone", NULL);
    size_t length = strlen(path);
    bool is_html =
        flag_is_given(invocation, "html") || (length > 5 && strcasecmp(path + length - 5, ".html") == 0);
    struct template_options options = { .data = data,
                                        .is_html = is_html,
                                        .is_strict = !flag_is_given(invocation, "lenient"),
                                        .now_ms = clock_wall_ms(NULL),
                                        .find = template_folder_find,
                                        .context = &r->folder };
    const struct template *template;
    struct template_result result;
    struct template_place place = { 0 };
    struct text source;
    if (zone && !zone_open("/usr/share/zoneinfo", text_of(zone), r->arena, &options.zone, err)) return false;
    if (!template_file_read(path, r->arena, &source, err)) return false;
    if (!template_parse(source, r->arena, &template, &place, err) ||
        !template_render(template, &options, r->arena, &result, &place, err)) {
        if (invocation->is_json)
            json_print_take(json_pack("{s:n, s:n, s:n, s:n, s:[], s:[], s:{s:I, s:s}}", "subject", "text", "html",
                                      "language", "missing", "warnings", "error", "line", (json_int_t)place.line,
                                      "sentence", err->text));
        err->code = ERR_INVALID; /* a template that cannot be rendered is a wrong one, whatever it asked for */
        return err_context(err, "%s: line %zu", path, place.line);
    }
    if (invocation->is_json) json_print_take(result_json(&result, is_html, r->arena));
    else print_result(&result, is_html);
    return true;
}

static bool run_render(struct invocation *invocation, struct err *err)
{
    struct rendering r = { .arena = invocation->arena };
    json_t *data;
    r.folder.arena = r.arena;
    r.folder.path = flag_text(invocation, "templates", folder_of(r.arena, invocation->arguments[0]));
    if (!read_data(&r, flag_text(invocation, "data", NULL), &data, err)) return false;
    bool ok = render(invocation, &r, data, err);
    json_decref(data);
    return ok;
}

static const struct flag flags[] = {
    { "data", "FILE", "a JSON object: what the names in the template mean" },
    { "html", NULL, "escape what comes from data (a name that ends with .html says so too)" },
    { "lenient", NULL, "what is missing is empty, and listed; else it is a mistake" },
    { "templates", "DIR", "where snippets are (else beside the template)" },
    { "zone", "NAME", "whose clock dates are told by, as Europe/Berlin (else UTC)" },
    { 0 },
};

const struct command command_render = {
    .name = "render",
    .arguments = "FILE",
    .summary = "the message that a Liquid template and data make, and what receivers would dislike of it",
    .details = "Nothing is sent.  Steps, size and depth are bounded, so no template runs for ever.",
    .example = "holdfast render winback.html --data ada.json --zone Europe/Berlin",
    .flags = flags,
    .run = run_render,
};
