/* outbox_content.c - what a message says and to whom, packed and sealed; see outbox_sending.h.
 *
 * Packed are a byte that tells the form, then each text as its length, its bytes and a NUL.  The form before was a
 * JSON object, which took longer to read and write than all else that is done for a message of some pages. */
#include "hub/outbox_internal.h"
#include "hub/outbox_sending.h"

#include "base/bytes.h"
#include "base/secret.h"

#include <jansson.h>

enum { FORM = 1, N_TEXTS = 5 };

static void pack(struct bytes_writer *writer, const struct outbox_message *message)
{
    const struct text texts[N_TEXTS] = { message->address, message->subject, message->text, message->html,
                                         message->language };
    write_bytes(writer, &(uint8_t){ FORM }, 1);
    for (size_t i = 0; i < N_TEXTS; i++) {
        write_u32(writer, (uint32_t)texts[i].length);
        write_bytes(writer, texts[i].at, texts[i].length);
        write_bytes(writer, "", 1);
    }
}

bool outbox_seal(const struct outbox *outbox, struct store *store, const struct outbox_message *message,
                 struct arena *arena, struct text *ret_sealed, struct err *err)
{
    struct bytes_writer counted = { 0 }, writer = { .arena = arena };
    pack(&counted, message);
    writer.bytes = arena_alloc(arena, counted.length, 1);       /* once, so that no copy of it is left behind */
    writer.room = counted.length;
    pack(&writer, message);
    bool ok = profiles_seal(outbox->profiles, store, message->identity,
                            (struct text){ (const char *)writer.bytes, writer.length }, arena, ret_sealed, err);
    secret_forget(writer.bytes, writer.length);
    return ok;
}

static bool unpack(struct text plain, struct outbox_content *ret_content)
{
    struct outbox_content content = { 0 };
    struct text *const texts[N_TEXTS] = { &content.address, &content.subject, &content.text, &content.html,
                                          &content.language };
    struct bytes_reader reader = { (const uint8_t *)plain.at + 1, (const uint8_t *)plain.at + plain.length, false };
    for (size_t i = 0; i < N_TEXTS; i++) {
        size_t length = read_u32(&reader, OUTBOX_MOST_BYTES);
        if (reader.is_bad || (size_t)(reader.end - reader.at) <= length) return false;
        *texts[i] = (struct text){ (const char *)reader.at, length };
        reader.at += length + 1;
    }
    *ret_content = content;
    return true;
}

static struct text member(const json_t *object, const char *name, struct arena *arena)
{
    const char *value = json_string_value(json_object_get(object, name));
    return text_of(arena_copy(arena, value ? value : ""));
}

/* What was put before the form had a byte. */
static bool read_object(struct text plain, struct arena *arena, struct outbox_content *ret_content)
{
    json_t *object = json_loadb(plain.at, plain.length, 0, NULL);
    if (!object) return false;
    *ret_content = (struct outbox_content){
        .address = member(object, "to", arena), .subject = member(object, "subject", arena),
        .text = member(object, "text", arena), .html = member(object, "html", arena),
        .language = member(object, "language", arena),
    };
    json_decref(object);
    return true;
}

bool outbox_unseal(const struct outbox *outbox, struct text sealed_key, struct text sealed, struct arena *arena,
                   struct outbox_content *ret_content)
{
    struct text plain;
    if (!profiles_unseal(outbox->profiles, sealed_key, sealed, arena, &plain) || plain.length == 0) return false;
    return plain.at[0] == FORM ? unpack(plain, ret_content) : read_object(plain, arena, ret_content);
}
