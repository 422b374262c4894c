/* message.c - see message.h. */
#include "intake/message.h"

#include <string.h>

static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte > ' ' && byte != 127 && !strchr("<>()[],;:\\\"", c);
}

bool message_is_email(struct text id)
{
    const char *at = id.length > 0 ? memchr(id.at, '@', id.length) : NULL;
    if (!at || at == id.at || id.length > 254) return false;
    const char *end = id.at + id.length, *dot = NULL;
    if (memchr(at + 1, '@', (size_t)(end - at - 1))) return false;
    for (const char *c = id.at; c < end; c++) {
        if (c != at && !is_plain(*c)) return false;
        if (c > at + 1 && *c == '.') dot = c;
    }
    return dot && dot + 1 < end && at[1] != '.';
}
