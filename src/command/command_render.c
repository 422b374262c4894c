/* command_render.c - a template and data as the message that they make, and what receivers would dislike of it. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "base/zones.h"
#include "base/json_error_words.h"
#include "command/people.h"
#include "server/clocks.h"
#include "channel/channel.h"
#include "channel/plain_text.h"
#include "customer/topic.h"
#include "engine/composing.h"
#include "template/template_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLIPPED_BYTES = 100 * 1000, SUBJECT_MOST_LETTERS = 50, SENDER_FAULTS_MOST = 8 };

struct fault { const char *rule, *sentence; };

/* What was rendered; length 0: there is none. */
struct message {
    struct text        subject, text, html;
    const char        *language;            /* of the variant; NULL: there is none */
    const struct text *missing;             /* [n_missing] */
    size_t             n_missing;
    const char        *unsubscribe;         /* the link that the data has for it; NULL: none */
    struct fault       sender_faults[SENDER_FAULTS_MOST];
    size_t             n_sender_faults;
};

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

/* What is wrong in a file and where, as JSON in place of the message, for who asked for that. */
static void answer_wrong(struct invocation *invocation, const char *path, size_t line, const struct err *err)
{
    if (!invocation->is_json) return;
    json_print_take(json_pack("{s:n, s:n, s:n, s:n, s:[], s:[], s:{s:s, s:s, s:s, s:I, s:s}}", "subject", "text",
                              "html", "language", "missing", "warnings", "error", "code", err_word(ERR_INVALID),
                              "message", err->text, "file", path, "line", (json_int_t)line, "sentence", err->text));
    invocation->has_answered = true;
}

static bool read_data(struct invocation *invocation, const char *path, json_t **ret_data, struct err *err)
{
    struct text text;
    json_error_t fault;
    if (!path) {
        *ret_data = json_object();
        return true;
    }
    if (!template_file_read(path, invocation->arena, &text, err)) return false;
    *ret_data = json_loadb(text.at, text.length, 0, &fault);
    if (json_is_object(*ret_data)) return true;
    int line = *ret_data ? 1 : fault.line;
    if (*ret_data)
        err_set(err, ERR_INVALID, "%s holds no JSON object, as {\"customer\": {\"name\": \"Ada\"}}", path);
    else
        err_set(err, ERR_INVALID, "%s: line %d, column %d: %s", path, fault.line, fault.column,
                json_error_words(&fault));
    json_decref(*ret_data);
    answer_wrong(invocation, path, line > 0 ? (size_t)line : 1, err);
    return false;
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

/* Letters, not bytes. */
static size_t letters_of(struct text text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) n += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return n;
}

/* By the word or by the link, as far as HTML escapes none of it. */
static bool says_how_to_unsubscribe(const struct message *message, struct text whole)
{
    const char *link = message->unsubscribe;
    return has(whole, "nsubscribe") || (link && memmem(whole.at, whole.length, link, strcspn(link, "&")));
}

static json_t *warnings_of(const struct message *message)
{
    json_t *warnings = json_array();
    bool is_html = message->html.length > 0;
    struct text whole = is_html ? message->html : message->text;
    if (whole.length > CLIPPED_BYTES)
        warn(warnings, "size", "it is larger than 100 kB, which some mailboxes cut off");
    if (letters_of(message->subject) > SUBJECT_MOST_LETTERS)
        warn(warnings, "subject", "the subject has more than 50 letters, of which a phone shows the first");
    if (is_html && text_trim(message->text).length == 0)
        warn(warnings, "text", "it says nothing in words: there is no text beside the HTML");
    if (is_html && has(whole, "href=\"http://")) warn(warnings, "link", "a link does not begin with https");
    if (is_html && has_tag_without(whole, "<img", "alt="))
        warn(warnings, "image", "an image has no words (alt) beside it");
    if (is_html && !says_how_to_unsubscribe(message, whole))
        warn(warnings, "unsubscribe", "nothing says how to unsubscribe");
    for (size_t i = 0; i < message->n_sender_faults; i++)
        warn(warnings, message->sender_faults[i].rule, message->sender_faults[i].sentence);
    return warnings;
}

/* What receivers hold against the senders of the settings: unsigned domains, and a From outside of the domain that
 * signs. */
static bool look_at_senders(const struct invocation *invocation, struct message *message, struct err *err)
{
    struct settings settings;
    struct channels channels;
    struct arena *arena = invocation->arena;
    if (!command_settings(invocation, NULL, &settings, err) || !channels_read(&settings, arena, &channels, err))
        return false;
    for (size_t i = 0; i < channels.n && message->n_sender_faults < SENDER_FAULTS_MOST; i++) {
        const struct channel *channel = &channels.list[i];
        if (channel->kind != WAY_SMTP || channel_is_aligned(channel)) continue;
        message->sender_faults[message->n_sender_faults++] =
            channel->n_keys == 0
                ? (struct fault){ "unsigned",
                                  arena_format(arena, "channel %s signs nothing with DKIM", channel->name) }
                : (struct fault){ "alignment",
                                  arena_format(
                                      arena,
                                      "the From of channel %s is outside of the domain that signs, so DMARC fails",
                                      channel->name) };
    }
    channels_forget(&channels);
    return true;
}

/* ---- the command ---- */

static json_t *text_json(struct text text)
{
    return text.length ? json_stringn(text.at, text.length) : json_null();
}

static json_t *result_json(const struct message *message)
{
    json_t *missing = json_array();
    for (size_t i = 0; i < message->n_missing; i++)
        json_array_append_new(missing, json_stringn(message->missing[i].at, message->missing[i].length));
    return json_pack("{s:o, s:o, s:o, s:s?, s:o, s:o, s:n}", "subject", text_json(message->subject), "text",
                     text_json(message->text), "html", text_json(message->html), "language", message->language,
                     "missing", missing, "warnings", warnings_of(message), "error");
}

static void print_result(const struct message *message)
{
    size_t i;
    const json_t *row;
    json_t *warnings = warnings_of(message);
    struct text shown = message->html.length ? message->html : message->text;
    fwrite(shown.at, 1, shown.length, stdout);
    if (shown.length > 0 && shown.at[shown.length - 1] != '\n') putchar('\n');
    for (i = 0; i < message->n_missing; i++)
        fprintf(stderr, "missing: %.*s\n", (int)message->missing[i].length, message->missing[i].at);
    json_array_foreach(warnings, i, row)
        fprintf(stderr, "warning: %s\n", json_string_value(json_object_get(row, "sentence")));
    json_decref(warnings);
}

/* What stands between <title> and </title> is the subject of a message. */
static struct text subject_of(struct text html, struct arena *arena)
{
    const char *from = memmem(html.at, html.length, "<title>", 7);
    const char *to = from ? memmem(from, (size_t)(html.at + html.length - from), "</title>", 8) : NULL;
    if (!to) return text_of("");
    struct text subject = plain_text((struct text){ from + 7, (size_t)(to - from - 7) }, arena);
    if (subject.length > 0) subject.length--;       /* its line's end */
    return subject;
}

static const char *language_of(const json_t *data)
{
    const json_t *customer = json_object_get(data, "customer"), *language = json_object_get(customer, "language");
    return json_string_value(language ? language : json_object_get(customer, "locale"));
}

static const char *locale_of(const json_t *data)
{
    const char *locale = json_string_value(json_object_get(json_object_get(data, "customer"), "locale"));
    return locale ? locale : language_of(data);
}

static bool fail_in(struct invocation *invocation, const char *path, const struct template_place *place,
                    struct err *err)
{
    answer_wrong(invocation, path, place->line, err);
    err->code = ERR_INVALID; /* a template that cannot be rendered is a wrong one, whatever it asked for */
    return err_context(err, "%s: line %zu", path, place->line);
}

static bool render(struct invocation *invocation, struct rendering *r, const json_t *data, struct err *err)
{
    const char *zone = flag_text(invocation, "zone", NULL);
    struct message message = { .unsubscribe = json_string_value(json_object_get(data, "unsubscribe")) };
    const char *path = template_variant(invocation->arguments[0], language_of(data), r->arena, &message.language);
    size_t length = strlen(path);
    bool is_html =
        flag_is_given(invocation, "html") || (length > 5 && strcasecmp(path + length - 5, ".html") == 0);
    struct template_options options = { .data = data,
                                        .is_html = is_html,
                                        .is_strict = !flag_is_given(invocation, "lenient"),
                                        .now_ms = clock_wall_ms(NULL),
                                        .locale = locale_of(data),
                                        .find = template_folder_find,
                                        .context = &r->folder };
    const struct template *template;
    struct template_result result;
    struct template_place place = { 0 };
    struct text source;
    const char *theirs = json_string_value(json_object_get(json_object_get(data, "customer"), "timezone"));
    struct err none;
    /* A zone that there is not is the shop's when it is sent; here it is none. */
    if (!zone && theirs && !zone_open(ZONES_FOLDER, text_of(theirs), r->arena, &options.zone, &none)) options.zone = NULL;
    if ((zone && !zone_open(ZONES_FOLDER, text_of(zone), r->arena, &options.zone, err)) ||
        !template_file_read(path, r->arena, &source, err))
        return false;
    if (!template_parse(source, r->arena, &template, &place, err) ||
        !template_render(template, &options, r->arena, &result, &place, err))
        return fail_in(invocation, path, &place, err);
    message.missing = result.missing, message.n_missing = result.n_missing;
    message.text = is_html ? plain_text(result.text, r->arena) : result.text;
    if (is_html) message.html = result.text, message.subject = subject_of(result.text, r->arena);
    if (flag_is_given(invocation, "settings") && !look_at_senders(invocation, &message, err)) return false;
    if (invocation->is_json) json_print_take(result_json(&message));
    else print_result(&message);
    return true;
}

/* ---- a person of the database ---- */

/* What journeys tell a template of this person goes before what the file says. */
static bool add_person(struct invocation *invocation, const char *id, json_t *data, struct err *err)
{
    struct people people;
    struct settings settings;
    struct topics topics;
    uint32_t customer;
    json_t *known;
    bool ok =
        people_open(invocation, &people, err) && command_settings(invocation, people.store, &settings, err) &&
        topics_read(&settings, invocation->arena, &topics, err) &&
        (people_find(&people, id, invocation->arena, &customer, &known, err) || err_context(err, "--person"));
    if (ok) {
        json_t *told = composing_data(log_name(people.log, DICTIONARY_IDENTITY, customer), known, NULL, NULL,
                                      NULL, NULL);
        for (size_t i = 0; i < topics.n; i++)
            composing_add_confirm(told, topics.list[i].name, "https://example.com/c/sample");
        json_object_update(data, told);
        json_decref(told);
        json_decref(known);
    }
    people_close(&people);
    return ok;
}

/* The links that a sent message always has, where the data says no others. */
static void add_links(json_t *data)
{
    json_t *links = json_pack("{s:s, s:s}", "unsubscribe", "https://example.com/u/sample", "preferences",
                              "https://example.com/p/sample");
    json_object_update_missing(data, links);
    json_decref(links);
}

static bool run_render(struct invocation *invocation, struct err *err)
{
    struct rendering r = { .arena = invocation->arena };
    const char *person = flag_text(invocation, "person", NULL);
    json_t *data;
    r.folder.arena = r.arena;
    r.folder.path = flag_text(invocation, "templates", folder_of(r.arena, invocation->arguments[0]));
    if (!read_data(invocation, flag_text(invocation, "data", NULL), &data, err)) return false;
    bool ok = !person || add_person(invocation, person, data, err);
    if (ok) {
        add_links(data);
        ok = render(invocation, &r, data, err);
    }
    json_decref(data);
    return ok;
}

static const struct flag flags[] = {
    { "data", "FILE", "a JSON object: what the names in the template mean" },
    { "person", "ID", "somebody of the database as the customer" },
    { "html", NULL, "escape what comes from data (a name that ends with .html says so too)" },
    { "lenient", NULL, "what is missing is empty, and listed; else it is a mistake" },
    { "templates", "DIR", "where snippets are (else beside the template)" },
    { "zone", "NAME", "whose clock dates are told by, as Europe/Berlin (else customer.timezone of the data, else UTC)" },
    { 0 },
};

const struct command command_render = {
    .name = "render",
    .arguments = "FILE",
    .summary = "the message that a Liquid template and data make, and what receivers would dislike of it",
    .details =
        "Of mail.html and a customer whose language is de mail.de.html is taken, where it is there; the title is "
        "the\n"
        "subject, and the text beside the HTML is made of it.  With --settings the senders are looked at, too.\n"
        "unsubscribe and preferences are samples where the data has none.\n"
        "Nothing is sent.  Steps, size and depth are bounded, so no template runs for ever.",
    .example = "holdfast render winback.html --data ada.json --zone Europe/Berlin",
    .flags = flags,
    .run = run_render,
};
