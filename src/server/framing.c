/* framing.c - see framing.h. */
#include "server/framing.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

/* Digits alone: other programs may read "+2", "0x2" or "2, 2" in other ways, or not at all. */
static bool read_length(const char *value, uint64_t *ret_bytes)
{
    int64_t bytes;
    size_t length = strlen(value);
    if (length == 0 || strspn(value, "0123456789") != length || !text_int64(text_of(value), &bytes)) return false;
    *ret_bytes = (uint64_t)bytes;
    return true;
}

static bool is_name(const char *name)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return *name && strspn(name, letters) == strlen(name);
}

void framing_header(struct framing *framing, const char *name, const char *value)
{
    if (!is_name(name)) framing->is_bad_name = true;
    if (strcasecmp(name, "Content-Length") == 0) {
        framing->n_lengths++;
        framing->is_bad_length |= !read_length(value, &framing->body_bytes);
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        framing->n_codings++;
        framing->is_chunked = strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(name, "Host") == 0) {
        framing->n_hosts++;
    }
}

const char *framing_fault(const struct framing *framing, bool is_http_1_1)
{
    if (framing->is_bad_name) return "a header's name has a sign in it that names have not, as a space before the colon";
    if (framing->n_lengths > 1) return "Content-Length is there more than once";
    if (framing->is_bad_length) return "Content-Length is no number of bytes";
    if (framing->n_codings > 0 && framing->n_lengths > 0)
        return "Content-Length and Transfer-Encoding are both there: where does the body end?";
    if (framing->n_codings > 1 || (framing->n_codings == 1 && !framing->is_chunked))
        return "Transfer-Encoding is something else than chunked";
    if (framing->n_codings == 1 && !is_http_1_1) return "Transfer-Encoding is not known to HTTP/1.0";
    if (framing->n_hosts > 1) return "Host is there more than once";
    if (framing->n_hosts == 0 && is_http_1_1) return "a request of HTTP/1.1 names its host";
    return NULL;
}
