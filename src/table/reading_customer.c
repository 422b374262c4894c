/* reading_customer.c - whom a row names, as live messages do: nobody by "guest" or "0", and an e-mail address by
 * its hash under the key of the database; see reading.h. */
#include "table/reading.h"

#include "intake/message.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

/* Where others write, which a server does, through a connection beside theirs: a server has made its key. */
static bool open_profiles(struct reading *reading)
{
    struct store *beside;
    if (!reading->is_shared) return profiles_open(reading->store, true, &reading->profiles, &reading->err);
    if (!store_open_beside(reading->store, &beside, &reading->err)) return false;
    bool ok = profiles_open(beside, false, &reading->profiles, &reading->err);
    store_close(beside);
    return ok;
}

const uint8_t *reading_key(struct reading *reading)
{
    pthread_mutex_lock(&reading->lock);
    if (!reading->profiles && !reading->has_failed && !open_profiles(reading)) reading->has_failed = true;
    const uint8_t *key = reading->profiles ? profiles_key(reading->profiles) : NULL;
    pthread_mutex_unlock(&reading->lock);
    return key;
}

/* Each address is hashed once by each thread. */
static struct text name_of_address(struct reading *reading, struct reader_thread *thread, struct text address)
{
    char lower[IDENTITY_EMAIL_BYTES_MOST];
    for (size_t i = 0; i < address.length; i++) {
        char c = address.at[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    struct text text = { lower, address.length };
    struct spellings *addresses = &thread->spellings[SPELL_ADDRESS];
    size_t n_before = addresses->n;
    uint32_t number = spellings_put(addresses, text, spelling_hash(text), 0)->number;
    if (addresses->n > thread->names_room) {
        size_t room = 2 * addresses->n + 64;
        struct text *more = ARENA_ARRAY(thread->arena, struct text, room);
        if (n_before > 0) memcpy(more, thread->address_names, n_before * sizeof *more);
        thread->address_names = more;
        thread->names_room = room;
    }
    struct text *name = &thread->address_names[number - 1];
    if (addresses->n == n_before) return *name;
    const uint8_t *key = reading_key(reading);
    *name = key ? identity_text(IDENTITY_EMAIL, text, key, thread->arena) : text;
    return *name;
}

struct text reading_customer(struct reading *reading, struct reader_thread *thread, struct text customer)
{
    bool is_table = reading->mapping->shape == SHAPE_TABLE;     /* whose row 0 is somebody */
    if (customer.length == 0 || (!is_table && identity_is_blocked(customer))) return (struct text){ "", 0 };
    if (memchr(customer.at, '@', customer.length) && message_is_email(customer))
        return name_of_address(reading, thread, customer);
    return customer;
}

bool reading_has_key(struct reading *reading, struct err *err)
{
    if (reading_key(reading)) return true;
    *err = reading->err;
    return false;
}

bool reading_seal(struct reading *reading, uint32_t identity, const char *json, int64_t time_ms, struct err *err)
{
    if (reading_key(reading))
        return profiles_put(reading->profiles, reading->store, identity, text_of(json), time_ms, err);
    *err = reading->err;
    return false;
}

static bool keep_address(struct reading *reading, struct log *log, struct text name, const char *address,
                         struct err *err)
{
    uint32_t identity;
    if (!log_find(log, DICTIONARY_IDENTITY, name, &identity) || identity == 0) return true;
    json_t *json = json_pack("{s:s}", "email", address);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    bool ok = text ? reading_seal(reading, identity, text, reading->counts.latest_ms, err)
                   : err_set(err, ERR_IO, "out of memory");
    free(text);
    return ok;
}

bool reading_keep_addresses(struct reading *reading, struct log *log, struct err *err)
{
    for (unsigned t = 0; t < reading->n_threads; t++) {
        const struct reader_thread *thread = &reading->threads[t];
        const struct spellings *addresses = &thread->spellings[SPELL_ADDRESS];
        for (size_t i = 0; i < addresses->n; i++)
            if (!keep_address(reading, log, thread->address_names[i], addresses->keys[i], err)) return false;
    }
    return true;
}
