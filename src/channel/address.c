/* address.c - see address.h; the only file that includes libidn2. */
#include "channel/address.h"

#include <ctype.h>
#include <idn2.h>
#include <string.h>

enum {
    LOCAL_MOST = 64,
    DOMAIN_MOST = 253,
    ADDRESS_MOST = 254,
    LABEL_MOST = 63,
    DIGITS_LEAST = 7,
    DIGITS_MOST = 15
};

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] >= 0x80) return false;
    return true;
}

/* An address that is refused may be in a log: only its beginning is quoted, without control characters. */
static bool refuse(struct text address, const char *why, struct err *err)
{
    char shown[41];
    size_t n = address.length < sizeof shown - 1 ? address.length : sizeof shown - 1;
    for (size_t i = 0; i < n; i++) shown[i] = (char)(isprint((unsigned char)address.at[i]) ? address.at[i] : '?');
    shown[n] = '\0';
    return err_set(err, ERR_INVALID, "'%s' is no address to send to: %s", shown, why);
}

/* RFC 5321's Dot-string: what everybody uses and no receiver misreads. */
static const char *fault_of_local(struct text local)
{
    static const char also[] = "!#$%&'*+-/=?^_`{|}~.";
    if (local.length == 0) return "nothing stands before the @";
    if (local.length > LOCAL_MOST) return "more than 64 characters stand before the @";
    for (size_t i = 0; i < local.length; i++) {
        unsigned char c = (unsigned char)local.at[i];
        if (c >= 0x80) return "letters outside ASCII stand before the @";
        if (!isalnum(c) && !(c && strchr(also, c))) return "it holds a character that no address has";
    }
    if (local.at[0] == '.' || local.at[local.length - 1] == '.' || memmem(local.at, local.length, "..", 2))
        return "a dot stands at an end, or two side by side";
    return NULL;
}

static const char *fault_of_domain(const char *domain)
{
    size_t label = 0, n = strlen(domain), n_labels = 1;
    if (n == 0 || n > DOMAIN_MOST) return "its domain is empty or too long";
    for (size_t i = 0; i <= n; i++) {
        bool is_end = i == n || domain[i] == '.';
        if (!is_end && !isalnum((unsigned char)domain[i]) && domain[i] != '-')
            return "its domain holds a character that none has";
        if (is_end && (i == label || i - label > LABEL_MOST || domain[label] == '-' || domain[i - 1] == '-'))
            return "a part of its domain is empty, too long, or has a hyphen at an end";
        if (is_end && i < n) n_labels++;
        if (is_end) label = i + 1;
    }
    return n_labels < 2 && strcmp(domain, "localhost") != 0 ? "its domain has no dot" : NULL;
}

static bool domain_in_ascii(struct text domain, struct arena *arena, const char **ret_domain)
{
    char *lower = arena_format(arena, "%.*s", (int)domain.length, domain.at);
    if (strlen(lower) != domain.length) return false;
    if (is_ascii(domain)) {
        for (char *c = lower; *c; c++) *c = (char)tolower((unsigned char)*c);
        *ret_domain = lower;
        return true;
    }
    char *ascii = NULL;
    if (idn2_to_ascii_8z(lower, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK) return false;
    *ret_domain = arena_copy(arena, ascii);
    idn2_free(ascii);
    return true;
}

bool address_email(struct text address, struct arena *arena, const char **ret_email, struct err *err)
{
    const char *domain;
    address = text_trim(address);
    const char *at = address.length ? memrchr(address.at, '@', address.length) : NULL;
    if (!at) return refuse(address, "it has no @", err);
    struct text local = { address.at, (size_t)(at - address.at) };
    struct text host = { at + 1, address.length - local.length - 1 };
    const char *fault = fault_of_local(local);
    if (fault) return refuse(address, fault, err);
    if (host.length > DOMAIN_MOST || !domain_in_ascii(host, arena, &domain))
        return refuse(address, "its domain is none", err);
    fault = fault_of_domain(domain);
    if (fault) return refuse(address, fault, err);
    if (local.length + 1 + strlen(domain) > ADDRESS_MOST) return refuse(address, "it is too long", err);
    *ret_email = arena_format(arena, "%.*s@%s", (int)local.length, local.at, domain);
    return true;
}

const char *address_domain(const char *email)
{
    const char *at = strrchr(email, '@');
    return at ? at + 1 : "";
}

bool address_number(struct text number, struct arena *arena, const char **ret_number, struct err *err)
{
    char digits[DIGITS_MOST + 2] = "+";
    size_t n = 0;
    number = text_trim(number);
    struct text rest = number;
    if (rest.length > 0 && rest.at[0] == '+') rest.at++, rest.length--;
    else if (rest.length > 1 && rest.at[0] == '0' && rest.at[1] == '0') rest.at += 2, rest.length -= 2;
    else return refuse(number, "a number begins with + and the country's code", err);
    for (size_t i = 0; i < rest.length; i++) {
        char c = rest.at[i];
        if (isdigit((unsigned char)c) && n == DIGITS_MOST)
            return refuse(number, "it has more than 15 digits", err);
        if (isdigit((unsigned char)c)) digits[++n] = c;
        else if (!c || !strchr(" .-()/", c)) return refuse(number, "it holds a character that no number has", err);
    }
    if (n < DIGITS_LEAST || digits[1] == '0')
        return refuse(number, "it has too few digits, or no country's code", err);
    *ret_number = arena_format(arena, "%.*s", (int)n + 1, digits);
    return true;
}

bool address_mailbox(struct text text, struct arena *arena, struct mailbox *ret_mailbox, struct err *err)
{
    struct text name = { "", 0 }, email = text_trim(text);
    if (email.length > 0 && email.at[email.length - 1] == '>') {
        const char *open = memrchr(email.at, '<', email.length);
        if (!open) return refuse(email, "a < is missing", err);
        name = text_trim((struct text){ email.at, (size_t)(open - email.at) });
        email = (struct text){ open + 1, (size_t)(email.at + email.length - 1 - (open + 1)) };
    }
    if (name.length > 1 && name.at[0] == '"' && name.at[name.length - 1] == '"') name.at++, name.length -= 2;
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f)
            return refuse(text, "its name holds a control character", err);
    if (name.length > 200) return refuse(text, "its name has more than 200 bytes", err);
    struct mailbox mailbox = { .name = arena_format(arena, "%.*s", (int)name.length, name.at) };
    if (!address_email(email, arena, &mailbox.email, err)) return false;
    *ret_mailbox = mailbox;
    return true;
}
