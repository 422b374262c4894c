/* channel_settings.c - the section `channels` of the settings; see channel.h. */
#include "channel/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { SECRET_MOST_BYTES = 4096 };

/* Which keys a kind has, beside those of all. */
static const char *const common_keys[] = { "kind", "rate", "connections", "timeout", "in_doubt", "pause_above" };
static const char *const smtp_keys[] = { "url",  "tls",         "ca_file", "user", "password_file", "from",
                                         "return_path", "unsubscribe", "dkim", "domain_rate", "warm_up" };
static const char *const twilio_keys[] = { "url", "account", "token_file", "from", "ca_file" };
static const char *const webhook_keys[] = { "url", "secret_file", "allow_private", "ca_file" };
static const char *const file_keys[] = { "path", "format" };
static const struct { const char *const *keys; size_t n; } keys_of[] = {
    [WAY_SMTP] = { smtp_keys, COUNT(smtp_keys) },
    [WAY_TWILIO] = { twilio_keys, COUNT(twilio_keys) },
    [WAY_WEBHOOK] = { webhook_keys, COUNT(webhook_keys) },
    [WAY_FILE] = { file_keys, COUNT(file_keys) },
};

struct reading {
    const struct settings *settings;
    struct arena *arena;
    const struct yaml_node *node;
    struct channel *channel;
};

static const struct yaml_node *at(const struct reading *r, const char *key)
{
    const struct yaml_node *node = yaml_find(r->node, key);
    return node ? node : r->node;
}

static bool need(const struct reading *r, const char *key, const char *such_as, struct err *err)
{
    if (yaml_find(r->node, key)) return true;
    return yaml_fail(r->node, err, "channel '%s' needs %s, such as %s", r->channel->name, key, such_as);
}

/* The first line of the file that a key names. */
static bool read_secret(const struct reading *r, const char *key, const char **ret_secret, struct err *err)
{
    const char *name = NULL;
    if (!yaml_text(r->node, key, &name, err)) return false;
    if (!name) return true;
    const char *path = settings_file(r->settings, name, r->arena);
    FILE *file = fopen(path, "rb");
    if (!file) return yaml_fail(at(r, key), err, "%s: %s", path, strerror(errno));
    char *line = arena_alloc(r->arena, SECRET_MOST_BYTES, 1);
    bool is_read = fgets(line, SECRET_MOST_BYTES, file) != NULL;
    fclose(file);
    struct text text = text_trim(text_of(is_read ? line : ""));
    if (text.length > 0 && text.at[text.length - 1] == '\n') text.length--;
    text = text_trim(text);
    if (text.length == 0) return yaml_fail(at(r, key), err, "%s holds nothing in its first line", path);
    *ret_secret = arena_format(r->arena, "%.*s", (int)text.length, text.at);
    return true;
}

static bool read_url(const struct reading *r, const char *const *schemes, size_t n, const char *such_as,
                     struct err *err)
{
    if (!need(r, "url", such_as, err) || !yaml_text(r->node, "url", &r->channel->url, err)) return false;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(schemes[i]);
        if (strncmp(r->channel->url, schemes[i], length) == 0 && r->channel->url[length] &&
            !strpbrk(r->channel->url, " \r\n\t"))
            return true;
    }
    return yaml_fail(at(r, "url"), err, "'%s' is no address for this, such as %s", r->channel->url, such_as);
}

static bool read_ca(const struct reading *r, struct err *err)
{
    const char *name = NULL;
    if (!yaml_text(r->node, "ca_file", &name, err)) return false;
    if (name) r->channel->ca_file = settings_file(r->settings, name, r->arena);
    return true;
}

/* ---- e-mail ---- */

static bool read_from(const struct reading *r, struct err *err)
{
    const char *from = "";
    struct err why;
    if (!need(r, "from", "\"The Shop <news@example.com>\"", err) || !yaml_text(r->node, "from", &from, err))
        return false;
    if (address_mailbox(text_of(from), r->arena, &r->channel->from, &why)) return true;
    return yaml_fail(at(r, "from"), err, "%s", why.text);
}

/* An address that may hold {token}. */
static bool read_token_address(const struct reading *r, const char *key, const char **ret_address, struct err *err)
{
    const char *path = NULL, *email;
    struct err why;
    if (!yaml_text(r->node, key, &path, err)) return false;
    if (!path) return true;
    const char *token = strstr(path, "{token}");
    const char *tried =
        !token ? path : arena_format(r->arena, "%.*sx%s", (int)(token - path), path, token + strlen("{token}"));
    if (!address_email(text_of(tried), r->arena, &email, &why))
        return yaml_fail(at(r, key), err, "%s", why.text);
    *ret_address = path;
    return true;
}

static bool read_key(const struct reading *r, const struct yaml_node *node, struct err *err)
{
    static const char *const keys[] = { "domain", "selector", "algorithm", "key_file" };
    struct dkim_key key = { 0 };
    const char *algorithm = NULL, *file = NULL;
    struct err why;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "domain", &key.domain, err) ||
        !yaml_text(node, "selector", &key.selector, err) || !yaml_text(node, "algorithm", &algorithm, err) ||
        !yaml_text(node, "key_file", &file, err))
        return false;
    if (!key.domain || !key.selector || !file)
        return yaml_fail(node, err, "a key of dkim needs domain, selector and key_file");
    if (r->channel->n_keys == CHANNEL_KEYS_MOST)
        return yaml_fail(node, err, "at most %d keys of dkim", CHANNEL_KEYS_MOST);
    if (!signing_key_read(settings_file(r->settings, file, r->arena), &key.key, &why))
        return yaml_fail(node, err, "%s", why.text);
    r->channel->keys[r->channel->n_keys++] = key;
    const char *is = signing_key_is_rsa(key.key) ? "rsa-sha256" : "ed25519-sha256";
    if (algorithm && strcmp(algorithm, is) != 0)
        return yaml_fail(yaml_find(node, "algorithm"), err, "the key in %s is for %s", file, is);
    return true;
}

static bool read_smtp(const struct reading *r, struct err *err)
{
    static const char *const schemes[] = { "smtp://", "smtps://" };
    struct channel *channel = r->channel;
    const char *tls = "required";
    double warm_up = 0;
    if (!read_url(r, schemes, 2, "smtp://mail.example.com:587", err) || !yaml_text(r->node, "tls", &tls, err) ||
        !read_ca(r, err) || !yaml_text(r->node, "user", &channel->user, err) ||
        !read_secret(r, "password_file", &channel->password, err) || !read_from(r, err) ||
        !read_token_address(r, "return_path", &channel->return_path, err) ||
        !read_token_address(r, "unsubscribe", &channel->unsubscribe, err) ||
        !yaml_number(r->node, "domain_rate", 0, 1e6, &channel->rate_of_domain, err) ||
        !yaml_number(r->node, "warm_up", 0, 1e9, &warm_up, err))
        return false;
    if (strcmp(tls, "required") != 0 && strcmp(tls, "none") != 0)
        return yaml_fail(at(r, "tls"), err, "'%s': tls is required or none", tls);
    channel->is_tls_required = strcmp(tls, "required") == 0;
    channel->warm_up_a_day = (int64_t)warm_up;
    bool is_sealed = channel->is_tls_required || strncmp(channel->url, "smtps:", 6) == 0;
    if (channel->user && !is_sealed)
        return yaml_fail(at(r, "user"), err, "a password is not sent in clear: a user needs tls: required");
    if (!channel->user != !channel->password)
        return yaml_fail(r->node, err, "channel '%s' needs user and password_file, or neither", channel->name);
    const struct yaml_node *dkim = yaml_find(r->node, "dkim");
    if (dkim && dkim->kind != YAML_LIST) return yaml_fail(dkim, err, "'dkim' must be a list of keys");
    for (size_t i = 0; dkim && i < dkim->n; i++)
        if (!read_key(r, dkim->items[i], err)) return false;
    return true;
}

/* ---- the others ---- */

static bool read_twilio(const struct reading *r, struct err *err)
{
    static const char *const schemes[] = { "https://", "http://127.0.0.1", "http://localhost", "http://[::1]" };
    const char *from = "";
    struct channel *channel = r->channel;
    if (!read_url(r, schemes, COUNT(schemes), "https://api.twilio.com", err) || !read_ca(r, err) ||
        !need(r, "account", "AC0123", err) || !yaml_text(r->node, "account", &channel->user, err) ||
        !need(r, "token_file", "twilio.token", err) || !read_secret(r, "token_file", &channel->password, err) ||
        !need(r, "from", "\"+491512345678\"", err) || !yaml_text(r->node, "from", &from, err))
        return false;
    if (strpbrk(channel->user, "/?# "))
        return yaml_fail(at(r, "account"), err, "'%s' is no account of Twilio", channel->user);
    channel->from = (struct mailbox){ .name = "", .email = from };
    return true;
}

static bool read_webhook(const struct reading *r, struct err *err)
{
    static const char *const schemes[] = { "https://", "http://" };
    struct channel *channel = r->channel;
    if (!read_url(r, schemes, 2, "https://crm.example.com/in", err) || !read_ca(r, err) ||
        !read_secret(r, "secret_file", &channel->secret, err))
        return false;
    const struct yaml_node *list = yaml_find(r->node, "allow_private");
    if (list && (list->kind != YAML_LIST || list->n > CHANNEL_NETWORKS_MOST))
        return yaml_fail(list, err, "'allow_private' must be a list of at most %d networks",
                         CHANNEL_NETWORKS_MOST);
    for (size_t i = 0; list && i < list->n; i++)
        if (list->items[i]->kind != YAML_SCALAR ||
            !network_read(text_of(list->items[i]->text), &channel->allowed[channel->n_allowed++]))
            return yaml_fail(list->items[i], err, "this is no address or network, such as 10.0.0.0/8");
    return true;
}

static bool read_file(const struct reading *r, struct err *err)
{
    static const char *const words[] = {
        [FILE_CALLS] = "calls", [FILE_POST] = "post", [FILE_AUDIENCE] = "audience"
    };
    const char *path = NULL, *format = "";
    if (!need(r, "path", "\"out/{date}.csv\"", err) || !yaml_text(r->node, "path", &path, err) ||
        !need(r, "format", "calls", err) || !yaml_text(r->node, "format", &format, err))
        return false;
    r->channel->path = settings_file(r->settings, path, r->arena);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(words[i], format) == 0) { r->channel->format = (enum file_format)i; return true; }
    return yaml_fail(at(r, "format"), err, "'%s' is no format: calls, post or audience", format);
}

static bool read_common(const struct reading *r, struct err *err)
{
    struct channel *channel = r->channel;
    double connections = channel->connections, seconds = (double)channel->timeout_ms / 1000;
    const char *in_doubt = channel->kind == WAY_WEBHOOK ? "retry" : "leave";
    if (!yaml_number(r->node, "rate", 0, 1e6, &channel->rate, err) ||
        !yaml_number(r->node, "connections", 1, 64, &connections, err) ||
        !yaml_number(r->node, "timeout", 0.1, 600, &seconds, err) ||
        !yaml_number(r->node, "pause_above", 0, 1, &channel->pause_above, err) ||
        !yaml_text(r->node, "in_doubt", &in_doubt, err))
        return false;
    if (strcmp(in_doubt, "leave") != 0 && strcmp(in_doubt, "retry") != 0)
        return yaml_fail(at(r, "in_doubt"), err, "'%s': in_doubt is leave or retry", in_doubt);
    channel->is_doubt_retried = strcmp(in_doubt, "retry") == 0;
    channel->connections = (unsigned)connections;
    channel->timeout_ms = (int64_t)(1000 * seconds);
    return true;
}

static bool read_channel(struct reading *r, struct err *err)
{
    static bool (*const readers[])(const struct reading *, struct err *) = {
        [WAY_SMTP] = read_smtp, [WAY_TWILIO] = read_twilio, [WAY_WEBHOOK] = read_webhook,
        [WAY_FILE] = read_file,
    };
    const char *word = "", *known[32];
    size_t n = 0;
    unsigned kind = 0;
    if (r->node->kind != YAML_MAP) return yaml_fail(r->node, err, "a channel is {kind: smtp, ...}");
    if (!need(r, "kind", "smtp", err) || !yaml_text(r->node, "kind", &word, err)) return false;
    while (kind < WAYS && strcmp(channel_way_word((enum channel_way)kind), word) != 0) kind++;
    if (kind == WAYS)
        return yaml_fail(at(r, "kind"), err, "'%s' is no kind of channel: smtp, twilio, webhook or file", word);
    for (size_t i = 0; i < COUNT(common_keys); i++) known[n++] = common_keys[i];
    for (size_t i = 0; i < keys_of[kind].n; i++) known[n++] = keys_of[kind].keys[i];
    *r->channel = (struct channel){ .name = r->channel->name, .kind = (enum channel_way)kind, .connections = 8,
                                    .timeout_ms = kind == WAY_SMTP ? 60000 : 15000, .pause_above = 0.1 };
    return yaml_check_keys(r->node, known, n, err) && readers[kind](r, err) && read_common(r, err);
}

bool channels_read(const struct settings *settings, struct arena *arena, struct channels *ret_channels,
                   struct err *err)
{
    const struct yaml_node *section = settings_section(settings, "channels");
    struct channels channels = { .n = 0 };
    if (section) channels.list = ARENA_ARRAY(arena, struct channel, section->n + 1);
    for (size_t i = 0; section && i < section->n; i++) {
        struct reading r = { settings, arena, section->items[i], &channels.list[channels.n++] };
        r.channel->name = section->keys[i];
        if (!read_channel(&r, err)) {
            channels_forget(&channels);
            return false;
        }
    }
    *ret_channels = channels;
    return true;
}

void channels_forget(struct channels *channels)
{
    for (size_t i = 0; i < channels->n; i++)
        for (size_t k = 0; k < channels->list[i].n_keys; k++) {
            signing_key_free(channels->list[i].keys[k].key);
            channels->list[i].keys[k].key = NULL;
        }
    channels->n = 0;
}

bool channel_is_aligned(const struct channel *channel)
{
    const char *domain = address_domain(channel->from.email);
    size_t n = strlen(domain);
    for (size_t i = 0; i < channel->n_keys; i++) {
        size_t length = strlen(channel->keys[i].domain);
        if (n >= length && strcasecmp(domain + n - length, channel->keys[i].domain) == 0 &&
            (n == length || domain[n - length - 1] == '.'))
            return true;
    }
    return false;
}

const struct channel *channel_find(const struct channels *channels, struct text name)
{
    for (size_t i = 0; i < channels->n; i++)
        if (text_equal(text_of(channels->list[i].name), name)) return &channels->list[i];
    return NULL;
}
