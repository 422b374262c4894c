/* composing.c - see composing.h. */
#include "engine/composing.h"

#include "template/template_folder.h"

#include <string.h>

enum { WORDS_MOST_BYTES = 16 * 1024 };

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* A locale says more than a language: de-CH writes amounts otherwise than de-AT. */
static const char *locale_of(const json_t *data)
{
    const json_t *customer = json_object_get(data, "customer");
    return text_at(customer, "locale") ? text_at(customer, "locale") : text_at(customer, "language");
}

static bool render_all(const struct composing *c, struct text source, const char *name, bool is_html,
                       bool is_strict, struct arena *arena, struct template_result *ret_result, struct err *err)
{
    struct template_folder folder = { c->templates ? c->templates : ".", arena };
    const struct template_options options = { .data = c->data,
                                              .is_html = is_html,
                                              .is_strict = is_strict,
                                              .now_ms = c->now_ms,
                                              .zone = c->zone,
                                              .locale = locale_of(c->data),
                                              .find = c->templates ? template_folder_find : NULL,
                                              .context = &folder };
    const struct template *template;
    struct template_place place = { 0 };
    if (!template_parse(source, arena, &template, &place, err) ||
        !template_render(template, &options, arena, ret_result, &place, err)) {
        err->code = ERR_INVALID;
        return err_context(err, "%s: line %zu", name, place.line);
    }
    return true;
}

static bool render(const struct composing *c, struct text source, const char *name, bool is_html, bool is_strict,
                   struct arena *arena, const char **ret_text, struct err *err)
{
    struct template_result result;
    if (!render_all(c, source, name, is_html, is_strict, arena, &result, err)) return false;
    *ret_text = arena_format(arena, "%.*s", (int)result.text.length, result.text.at);
    return true;
}

/* A file in the person's language. */
static bool read_file(const struct composing *c, const char *file, struct arena *arena, struct text *ret_source,
                      struct err *err)
{
    const json_t *customer = json_object_get(c->data, "customer");
    const char *spoken, *language = text_at(customer, "language");
    const char *path = template_variant(arena_format(arena, "%s/%s", c->templates, file),
                                        language ? language : text_at(customer, "locale"), arena, &spoken);
    return template_file_read(path, arena, ret_source, err);
}

static bool render_file(const struct composing *c, const char *file, bool is_html, struct arena *arena,
                        const char **ret_text, struct err *err)
{
    struct text source;
    if (!file || !c->templates) return true;
    return read_file(c, file, arena, &source, err) &&
           render(c, source, file, is_html, true, arena, ret_text, err);
}

bool composing_missing(const struct composing *c, const struct wording *wording, struct arena *arena,
                       const struct text **ret_names, size_t *ret_n, struct err *err)
{
    struct template_result result = { .n_missing = 0 };
    struct text source = text_of(wording->text ? wording->text : "");
    if ((wording->file && c->templates && !read_file(c, wording->file, arena, &source, err)) ||
        !render_all(c, source, wording->file ? wording->file : "text", wording->is_html, false, arena, &result,
                    err))
        return false;
    *ret_names = result.missing, *ret_n = result.n_missing;
    return true;
}

static bool composing_text(const struct composing *c, const char *source, bool is_strict, struct arena *arena,
                           const char **ret_text, struct err *err)
{
    return render(c, text_of(source), "text", false, is_strict, arena, ret_text, err);
}

bool composing_members(const struct composing *c, const struct journey_step *step, struct arena *arena,
                       json_t **ret_members, struct err *err)
{
    json_t *members = json_object();
    size_t length = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < step->n_sets; i++) {
        const char *text = "";
        ok = composing_text(c, step->sets[i].text, false, arena, &text, err);
        length += strlen(text);
        if (ok && length > WORDS_MOST_BYTES)
            ok = err_set(err, ERR_INVALID, "'%s' has more than %d bytes", step->sets[i].name, WORDS_MOST_BYTES);
        json_object_set_new(members, step->sets[i].name, json_string(text));
    }
    if (ok) *ret_members = members;
    else json_decref(members);
    return ok;
}

bool composing_task(const struct composing *c, const struct journey_step *step, struct arena *arena,
                    const char **ret_words, struct err *err)
{
    const char *words;
    if (!composing_text(c, step->words, false, arena, &words, err)) return false;
    if (strlen(words) > WORDS_MOST_BYTES)
        return err_set(err, ERR_INVALID, "the task has more than %d bytes", WORDS_MOST_BYTES);
    *ret_words = words;
    return true;
}

bool composing_make(const struct composing *c, const struct journey_step *step, struct arena *arena,
                    struct composed *ret_composed, struct err *err)
{
    struct composed composed = { 0 };
    if ((step->subject &&
         !render(c, text_of(step->subject), "subject", false, true, arena, &composed.subject, err)) ||
        (step->body && !render(c, text_of(step->body), "body", false, true, arena, &composed.body, err)) ||
        !render_file(c, step->html, true, arena, &composed.html, err) ||
        !render_file(c, step->text, false, arena, &composed.text, err))
        return false;
    *ret_composed = composed;
    return true;
}

static bool file_mentions(const char *templates, const char *file, const char *what, struct arena *arena)
{
    struct text source;
    struct err ignored;
    return file && templates &&
           template_file_read(arena_format(arena, "%s/%s", templates, file), arena, &source, &ignored) &&
           memmem(source.at, source.length, what, strlen(what)) != NULL;
}

bool composing_mentions(const char *templates, const struct journey_step *step, const char *what,
                        struct arena *arena)
{
    for (size_t i = 0; i < step->n_sets; i++)
        if (step->sets[i].text && strstr(step->sets[i].text, what)) return true;
    return (step->subject && strstr(step->subject, what)) || (step->body && strstr(step->body, what)) ||
           (step->words && strstr(step->words, what)) || file_mentions(templates, step->html, what, arena) ||
           file_mentions(templates, step->text, what, arena);
}

static void add_name(json_t *customer)
{
    static const char *const names[] = { "first_name", "firstName", "first name", "firstname" };
    if (json_object_get(customer, "name")) return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *name = json_object_get(customer, names[i]);
        if (name) {
            json_object_set(customer, "name", name);
            return;
        }
    }
}

json_t *composing_data(struct text id, const json_t *known, const json_t *event, const json_t *coupon,
                       const char *unsubscribe, const char *preferences)
{
    json_t *data = json_object(), *customer = known ? json_deep_copy(known) : json_object();
    json_object_set_new(customer, "id", json_stringn(id.at, id.length));
    add_name(customer);
    json_object_set_new(data, "customer", customer);
    if (event) json_object_set_new(data, "event", json_deep_copy(event));
    if (coupon) json_object_set_new(data, "coupon", json_deep_copy(coupon));
    if (unsubscribe) json_object_set_new(data, "unsubscribe", json_string(unsubscribe));
    if (preferences) json_object_set_new(data, "preferences", json_string(preferences));
    json_object_set_new(data, "recommendation", json_pack("{s:[]}", "items"));
    return data;
}

void composing_add_confirm(json_t *data, const char *topic, const char *url)
{
    json_t *confirm = json_object_get(data, "confirm");
    if (!confirm) json_object_set_new(data, "confirm", confirm = json_object());
    json_object_set_new(confirm, topic, json_string(url));
}
