/* command_channel.c - holdfast channel check: sends a test through each channel of the settings, and says what DNS
 * has to say of the senders. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "server/clocks.h"
#include "channel/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BODY_MOST_BYTES = 1 << 20, PATIENCE_MS = 90 * 1000 };

static const char *const delivery_words[] = { [DELIVERY_SENT] = "sent", [DELIVERY_REFUSED] = "refused",
                                              [DELIVERY_LATER] = "later", [DELIVERY_UNKNOWN] = "unknown" };

struct checking {
    struct invocation *invocation;
    struct arena      *arena;
    const char        *to;
    struct text        subject, text, html;
};

/* ---- what is sent ---- */

static bool read_body(struct checking *checking, const char *flag, struct text *ret_text, struct err *err)
{
    const char *path = flag_text(checking->invocation, flag, NULL);
    if (!path) return true;
    FILE *file = fopen(path, "rb");
    if (!file) return err_set(err, ERR_MISSING, "--%s %s: %s", flag, path, strerror(errno));
    char *bytes = arena_alloc(checking->arena, BODY_MOST_BYTES + 1, 1);
    size_t n = fread(bytes, 1, BODY_MOST_BYTES + 1, file);
    bool is_read = !ferror(file);
    fclose(file);
    if (!is_read || n > BODY_MOST_BYTES)
        return err_set(err, ERR_INVALID, "--%s %s cannot be read, or is larger than 1 MiB", flag, path);
    *ret_text = (struct text){ bytes, n };
    return true;
}

static bool make_mail(struct checking *checking, const struct channel *channel, struct consignment *consignment,
                      struct err *err)
{
    const char *path = channel->return_path ? channel->return_path : channel->from.email,
               *at = strstr(path, "{token}");
    if (!address_email(text_of(checking->to), checking->arena, &consignment->to, err)) return false;
    const struct mail mail = {
        .from = channel->from, .to = consignment->to, .subject = checking->subject, .text = checking->text,
        .html = checking->html, .sent_ms = consignment->now_ms, .keys = channel->keys, .n_keys = channel->n_keys,
        .message_id = arena_format(checking->arena, "check.%lld@%s", (long long)consignment->now_ms,
                                   address_domain(channel->from.email)),
    };
    consignment->from =
        !at ? path : arena_format(checking->arena, "%.*scheck%s", (int)(at - path), path, at + strlen("{token}"));
    return mime_write(&mail, checking->arena, &consignment->bytes, err);
}

static bool make(struct checking *checking, const struct channel *channel, struct consignment *consignment,
                 struct err *err)
{
    *consignment = (struct consignment){ .from = "", .to = "", .now_ms = clock_wall_ms(NULL) };
    consignment->id = arena_format(checking->arena, "check_%lld", (long long)consignment->now_ms);
    switch (channel->kind) {
    case WAY_SMTP: return make_mail(checking, channel, consignment, err);
    case WAY_TWILIO:
        consignment->bytes = checking->text;
        return address_number(text_of(checking->to), checking->arena, &consignment->to, err);
    case WAY_WEBHOOK: consignment->bytes = text_of("{\"type\":\"check\"}"); return true;
    case WAY_FILE: consignment->bytes = text_of("{\"customer\":\"check\",\"name\":\"a test\"}"); return true;
    case WAYS:
    default: return err_set(err, ERR_INVALID, "there is no such channel");
    }
}

/* An error is what became of it, too: the others are checked all the same. */
static void check_one(struct checking *checking, const struct channel *channel, json_t *results, bool *is_all_sent)
{
    struct consignment consignment;
    struct delivered delivered = { .delivery = DELIVERY_REFUSED };
    struct carrier *carrier = NULL;
    struct err err = { 0 };
    bool is_other = !checking->to && (channel->kind == WAY_SMTP || channel->kind == WAY_TWILIO);
    bool is_number = checking->to && !strchr(checking->to, '@');
    if (is_other || (channel->kind == WAY_SMTP && is_number) ||
        (channel->kind == WAY_TWILIO && checking->to && !is_number)) {
        json_array_append_new(results, json_pack("{s:s, s:s, s:n, s:s}", "name", channel->name, "kind",
                                                 channel_way_word(channel->kind), "delivery", "reply",
                                                 "not tried: --to names no address of this kind"));
        return;
    }
    bool ok = make(checking, channel, &consignment, &err) && carrier_new(channel, &carrier, &err) &&
              carrier_start(carrier, &consignment, &err);
    for (int64_t until_ms = clock_wall_ms(NULL) + PATIENCE_MS; ok && clock_wall_ms(NULL) < until_ms;)
        if (carrier_wait(carrier, 1000, &delivered, 1) == 1) break;
    const char *reply = ok ? delivered.reply : err.text;
    *is_all_sent &= ok && delivered.delivery == DELIVERY_SENT;
    json_array_append_new(results, json_pack("{s:s, s:s, s:s, s:s}", "name", channel->name, "kind",
                                             channel_way_word(channel->kind), "delivery",
                                             delivery_words[delivered.delivery], "reply", reply));
    carrier_free(carrier);
}

/* ---- what DNS has to say ---- */

static void add_record(json_t *records, const char *name, const char *type, const char *text, const char *why)
{
    json_array_append_new(records,
                          json_pack("{s:s, s:s, s:s, s:s}", "name", name, "type", type, "text", text, "why", why));
}

static const char *host_of(const char *url, struct arena *arena)
{
    const char *from = strstr(url, "://");
    from = from ? from + 3 : url;
    return arena_format(arena, "%.*s", (int)strcspn(from, ":/"), from);
}

static void add_records(const struct channel *channel, json_t *records, struct arena *arena)
{
    if (channel->kind != WAY_SMTP) return;
    const char *domain = address_domain(channel->from.email), *bounces = NULL;
    const char *spf = arena_format(arena, "v=spf1 a:%s ~all", host_of(channel->url, arena));
    if (channel->return_path) bounces = address_domain(channel->return_path);
    add_record(records, bounces ? bounces : domain, "TXT", spf,
               "SPF: the relay may send for the domain of the return path");
    for (size_t i = 0; i < channel->n_keys; i++)
        add_record(records, dkim_record_name(&channel->keys[i], arena), "TXT",
                   dkim_record_text(&channel->keys[i], arena), "DKIM: the key by which signatures are checked");
    add_record(records, arena_format(arena, "_dmarc.%s", domain), "TXT",
               arena_format(arena, "v=DMARC1; p=none; rua=mailto:postmaster@%s", domain),
               "DMARC: what receivers do with mail that neither SPF nor DKIM aligns with the From");
    if (bounces)
        add_record(records, bounces, "MX", arena_format(arena, "10 %s", host_of(channel->url, arena)),
                   "return path: where bounces go, to be given to holdfast bounce");
}

static const char *alignment_of(const struct channel *channel, struct arena *arena)
{
    if (channel->kind != WAY_SMTP || channel_is_aligned(channel)) return NULL;
    if (channel->n_keys == 0)
        return arena_format(arena, "%s: nothing is signed, so large receivers refuse bulk mail", channel->name);
    return arena_format(arena, "%s: no key is of the From's domain %s, so DMARC fails", channel->name,
                        address_domain(channel->from.email));
}

/* ---- the command ---- */

static void print(const json_t *results, const json_t *records, const json_t *warnings)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)(uintptr_t)results, i, row) {
        const char *delivery = json_string_value(json_object_get(row, "delivery"));
        printf("%-12s %-8s %-8s %s\n", json_string_value(json_object_get(row, "name")),
               json_string_value(json_object_get(row, "kind")), delivery ? delivery : "-",
               json_string_value(json_object_get(row, "reply")));
    }
    json_array_foreach((json_t *)(uintptr_t)records, i, row)
        printf("%s\n  %s  %s  %s\n", json_string_value(json_object_get(row, "why")),
               json_string_value(json_object_get(row, "name")), json_string_value(json_object_get(row, "type")),
               json_string_value(json_object_get(row, "text")));
    json_array_foreach((json_t *)(uintptr_t)warnings, i, row) printf("warning: %s\n", json_string_value(row));
}

static bool run_check(struct invocation *invocation, struct err *err)
{
    const char *name = invocation->n_arguments > 1 ? invocation->arguments[1] : NULL;
    struct settings settings;
    struct channels channels;
    struct checking checking = { .invocation = invocation,
                                 .arena = invocation->arena,
                                 .to = flag_text(invocation, "to", NULL),
                                 .subject = text_of(flag_text(invocation, "subject", "A test of this channel")),
                                 .text = text_of("This is a test of Holdfast. Nobody has to answer.\n") };
    if (!read_body(&checking, "text", &checking.text, err) || !read_body(&checking, "html", &checking.html, err) ||
        !command_settings(invocation, NULL, &settings, err))
        return false;
    if (!settings.path) return err_set(err, ERR_MISSING, "no settings here: name the file with --settings");
    if (!channels_read(&settings, checking.arena, &channels, err)) return false;
    json_t *results = json_array(), *records = json_array(), *warnings = json_array();
    bool is_all_sent = true, is_found = false;
    for (size_t i = 0; i < channels.n; i++) {
        const struct channel *channel = &channels.list[i];
        if (name && strcmp(name, channel->name) != 0) continue;
        is_found = true;
        check_one(&checking, channel, results, &is_all_sent);
        add_records(channel, records, checking.arena);
        const char *warning = alignment_of(channel, checking.arena);
        if (warning) json_array_append_new(warnings, json_string(warning));
    }
    channels_forget(&channels);
    if (is_found && !invocation->is_json) print(results, records, warnings);
    json_t *all = json_pack("{s:o, s:o, s:o}", "channels", results, "records", records, "warnings", warnings);
    if (is_found && invocation->is_json) json_print_take(all);
    else json_decref(all);
    if (!is_found)
        return err_set(err, ERR_MISSING, "%s: there is no channel%s%s", settings.path, name ? " " : "",
                       name ? name : "");
    if (is_all_sent) return true;
    invocation->failure_status = 7;
    invocation->has_answered = invocation->is_json;
    return err_set(err, ERR_REFUSED, "not every test was sent");
}

static bool run_channel(struct invocation *invocation, struct err *err)
{
    if (strcmp(invocation->arguments[0], "check") == 0) return run_check(invocation, err);
    return err_set(err, ERR_INVALID, "'%s': holdfast channel check [NAME] --to me@example.com",
                   invocation->arguments[0]);
}

static const struct flag flags[] = {
    { "to", "ADDRESS", "whom the test goes to: an e-mail address, or a number for SMS" },
    { "subject", "TEXT", "of the test" },
    { "text", "FILE", "what it says, instead of the usual" },
    { "html", "FILE", "and as HTML" },
    { 0 },
};

const struct command command_channel = {
    .name = "channel",
    .arguments = "check [NAME]",
    .summary = "send a test through each channel, and say what DNS has to say of the sender",
    .details = "Reads the channels of the settings.  Exit status 7: a test was not sent.",
    .example = "holdfast channel check email --to me@example.com --settings holdfast.yaml",
    .flags = flags,
    .run = run_channel,
};
