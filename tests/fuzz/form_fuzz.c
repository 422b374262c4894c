/* Any bytes are a provider's callback: a form of at most so many fields, signed alike whatever the order of its
 * fields. */
#include "channel/channel.h"
#include "server/http_parse.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { FIELDS_MOST = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct form_field fields[FIELDS_MOST], turned[FIELDS_MOST];
    size_t n = form_read((struct text){ (const char *)bytes, length }, arena, fields, FIELDS_MOST);
    bool has_twice = false;
    assert(n <= FIELDS_MOST);
    for (size_t i = 0; i < n; i++) {
        assert(fields[i].name.length + fields[i].value.length <= length);
        turned[n - 1 - i] = fields[i];
        for (size_t k = 0; k < i; k++) has_twice |= text_equal(fields[i].name, fields[k].name);
    }
    const char *signature = twilio_signature("12345", "https://example.com/sms", fields, n, arena);
    assert(strlen(signature) == 28);
    if (!has_twice)
        assert(strcmp(signature, twilio_signature("12345", "https://example.com/sms", turned, n, arena)) == 0);
    (void)form_find(fields, n, "Body");
    arena_free(arena);
    return 0;
}
