/* form.c - see form.h. */
#include "server/form.h"

#include "server/http_parse.h"

#include <string.h>

size_t form_read(struct text body, struct arena *arena, struct form_field *fields, size_t most)
{
    size_t n = 0;
    const char *at = body.at, *end = at + body.length;
    while (at < end && n < most) {
        const char *stop = memchr(at, '&', (size_t)(end - at)), *equals;
        struct text pair = { at, (size_t)((stop ? stop : end) - at) };
        equals = pair.length ? memchr(pair.at, '=', pair.length) : NULL;
        struct text name = { pair.at, equals ? (size_t)(equals - pair.at) : pair.length };
        struct text value = { equals ? equals + 1 : "", equals ? pair.length - name.length - 1 : 0 };
        if (percent_decode(name, true, arena, &fields[n].name) &&
            percent_decode(value, true, arena, &fields[n].value))
            n++;
        at = stop ? stop + 1 : end;
    }
    return n;
}

struct text form_find(const struct form_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(fields[i].name, text_of(name))) return fields[i].value;
    return text_of("");
}
