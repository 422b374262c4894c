/* Any bytes are a bounce, a complaint, HTML, addresses: read or refused with a sentence. */
#include "channel/address.h"
#include "channel/plain_text.h"
#include "channel/returned.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text text = { (const char *)bytes, length };
    struct returned returned;
    struct mailbox mailbox;
    const char *number;
    struct err err = { 0 };
    if (returned_read(text, arena, &returned, &err)) assert(returned.address && returned.status && returned.message_id);
    else assert(err.code == ERR_INVALID && *err.text);
    (void)plain_text(text, arena);
    if (address_mailbox(text, arena, &mailbox, &err)) assert(strchr(mailbox.email, '@') && !strpbrk(mailbox.email, " \r\n<>"));
    (void)!address_number(text, arena, &number, &err);
    arena_free(arena);
    return 0;
}
