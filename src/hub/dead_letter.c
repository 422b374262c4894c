/* dead_letter.c - see dead_letter.h. */
#include "hub/dead_letter.h"

#include "base/secret.h"
#include "customer/encoding.h"
#include "store/sql.h"

#include <string.h>

/* What is sealed of a letter, one after another, each behind its length. */
enum { PART_REASON, PART_FIELD, PART_TYPE, PART_PATH_ID, PART_DEVICE_ID, PART_TOPIC, PART_DELIVERY_ID,
       PART_ENVELOPE, PART_RAW,
       PART_IS_PAGE,        /* "1", or nothing; letters of older versions end before it */
       PARTS };
enum { LENGTH_BYTES = 4, PART_MOST_BYTES = 4096 };

static void put_length(uint8_t *to, size_t length)
{
    for (int i = 0; i < LENGTH_BYTES; i++) to[i] = (uint8_t)(length >> 8 * i);
}

static size_t get_length(const uint8_t *from)
{
    size_t length = 0;
    for (int i = 0; i < LENGTH_BYTES; i++) length |= (size_t)from[i] << 8 * i;
    return length;
}

static struct text cut(struct text text, size_t most)
{
    if (text.length > most) text.length = most;
    return text;
}

static struct text pack(const struct intake_request *request, const struct refusal *refusal, struct arena *arena)
{
    const struct text parts[PARTS] = {
        [PART_REASON] = cut(text_of(refusal->reason), PART_MOST_BYTES),
        [PART_FIELD] = cut(text_of(refusal->field), PART_MOST_BYTES),
        [PART_TYPE] = cut(text_of(request->type), PART_MOST_BYTES),
        [PART_PATH_ID] = cut(request->path_id, PART_MOST_BYTES),
        [PART_DEVICE_ID] = cut(request->device_id, PART_MOST_BYTES),
        [PART_TOPIC] = cut(text_of(request->topic), PART_MOST_BYTES),
        [PART_DELIVERY_ID] = cut(request->delivery_id, PART_MOST_BYTES),
        /* Half a JSON object is worth nothing. */
        [PART_ENVELOPE] = cut(request->envelope, request->envelope.length > DEAD_LETTER_MOST_BYTES ? 0 : SIZE_MAX),
        [PART_RAW] = cut(refusal->raw, DEAD_LETTER_MOST_BYTES),
        [PART_IS_PAGE] = text_of(request->is_page ? "1" : ""),
    };
    size_t length = 0, at = 0;
    for (int i = 0; i < PARTS; i++) length += LENGTH_BYTES + parts[i].length;
    uint8_t *bytes = arena_alloc(arena, length, 1);
    for (int i = 0; i < PARTS; at += parts[i++].length) {
        put_length(bytes + at, parts[i].length);
        at += LENGTH_BYTES;
        if (parts[i].length) memcpy(bytes + at, parts[i].at, parts[i].length);
    }
    return (struct text){ (const char *)bytes, length };
}

/* The parts as texts that a NUL follows. */
static bool unpack(const uint8_t *bytes, size_t length, struct arena *arena, struct text *ret_parts)
{
    for (int i = 0; i < PARTS; i++) {
        ret_parts[i] = (struct text){ "", 0 };
        if (i == PART_IS_PAGE && length == 0) break;
        if (length < LENGTH_BYTES) return false;
        size_t n = get_length(bytes);
        bytes += LENGTH_BYTES, length -= LENGTH_BYTES;
        if (n > length) return false;
        char *copy = arena_alloc(arena, n + 1, 1);
        if (n) memcpy(copy, bytes, n);
        ret_parts[i] = (struct text){ copy, n };
        bytes += n, length -= n;
    }
    return length == 0;
}

bool dead_letter_put(struct store *store, const struct profiles *profiles, int64_t id,
                     const struct intake_request *request, const struct refusal *refusal, struct text source,
                     int64_t received_ms, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text packed = pack(request, refusal, arena);
    size_t n_sealed = secret_sealed_bytes(packed.length);
    uint8_t *sealed = arena_alloc(arena, n_sealed, 1);
    secret_seal(profiles_vault(profiles)->seal_key, packed.at, packed.length, sealed);
    bool ok = sql_dead_letter_put(store, id ? value_int(id) : value_null(), received_ms, source,
                                  text_of(protocol_word(request->protocol)), bytes_of(sealed, n_sealed),
                                  refusal->raw.length > DEAD_LETTER_MOST_BYTES, err);
    arena_free(arena);
    return ok;
}

bool dead_letters_trim(struct store *store, struct err *err)
{
    return sql_dead_letter_trim(store, DEAD_LETTERS_MOST, err);
}

static void unseal(const struct profiles *profiles, struct text sealed, struct arena *arena,
                   struct dead_letter *letter)
{
    struct text parts[PARTS];
    size_t overhead = secret_sealed_bytes(0);
    letter->reason = "what was refused cannot be read without the key file";
    letter->field = "";
    if (!profiles || sealed.length < overhead) return;
    uint8_t *plain = arena_alloc(arena, sealed.length - overhead + 1, 1);
    if (!secret_unseal(profiles_vault(profiles)->seal_key, sealed.at, sealed.length, plain) ||
        !unpack(plain, sealed.length - overhead, arena, parts))
        return;
    letter->reason = parts[PART_REASON].at;
    letter->field = parts[PART_FIELD].at;
    letter->request.type = parts[PART_TYPE].length ? parts[PART_TYPE].at : NULL;
    letter->request.topic = parts[PART_TOPIC].length ? parts[PART_TOPIC].at : NULL;
    letter->request.path_id = parts[PART_PATH_ID];
    letter->request.device_id = parts[PART_DEVICE_ID];
    letter->request.delivery_id = parts[PART_DELIVERY_ID];
    letter->request.envelope = parts[PART_ENVELOPE];
    letter->request.body = parts[PART_RAW];
    letter->request.is_page = parts[PART_IS_PAGE].length > 0;
    letter->request.is_import = !letter->request.is_page && text_equal(parts[PART_TYPE], text_of("import"));
}

static bool read_letter(const struct profiles *profiles, const struct sql_dead_letter_all *row,
                        struct arena *arena, struct dead_letter *ret_letter, struct err *err)
{
    *ret_letter = (struct dead_letter){
        .id = row->id,
        .received_ms = row->received_ms,
        .source = arena_copy(arena, row->source.at),
        .is_cut = row->is_cut != 0,
    };
    if (!protocol_find(row->protocol.at, &ret_letter->request.protocol))
        return err_set(err, ERR_CORRUPT, "refused message %lld: there is no protocol '%s'",
                       (long long)ret_letter->id, row->protocol.at);
    unseal(profiles, row->sealed, arena, ret_letter);
    ret_letter->request.received_ms = ret_letter->received_ms;
    return true;
}

bool dead_letters_read(struct store *store, const struct profiles *profiles, size_t limit, struct arena *arena,
                       struct dead_letter **ret_letters, size_t *ret_n, uint64_t *ret_total, struct err *err)
{
    struct sql_dead_letter_all row;
    int64_t total;
    size_t n = 0;
    if (!sql_dead_letter_count(store, &total, err)) return false;
    size_t room = limit > 0 && limit < (uint64_t)total ? limit : (size_t)total;
    struct dead_letter *letters = ARENA_ARRAY(arena, struct dead_letter, room + 1);
    if (!sql_dead_letter_all(store, (int64_t)room, &row, err)) return false;
    enum step step;
    while ((step = sql_dead_letter_all_step(&row, err)) == STEP_ROW && n < room)
        if (!read_letter(profiles, &row, arena, &letters[n++], err)) { step = STEP_FAIL; break; }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_letters = letters, *ret_n = n, *ret_total = (uint64_t)total;
    return true;
}

static struct text as_utf8(struct text raw, struct arena *arena)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    char *text = arena_alloc(arena, 3 * raw.length + 1, 1);
    size_t n = 0;
    while (raw.length > 0) {
        size_t n_valid = encoding_valid_utf8(raw.at, raw.length, false);
        memcpy(text + n, raw.at, n_valid);
        n += n_valid;
        raw.at += n_valid, raw.length -= n_valid;
        if (raw.length == 0) break;
        memcpy(text + n, replacement, sizeof replacement - 1);
        n += sizeof replacement - 1;
        raw.at++, raw.length--;
    }
    return (struct text){ text, n };
}

json_t *dead_letter_raw(const struct dead_letter *letter, struct arena *arena)
{
    struct text raw = letter->request.body.length ? as_utf8(letter->request.body, arena) : text_of("");
    json_t *json = json_loadb(raw.at, raw.length, JSON_ALLOW_NUL, NULL);
    return json ? json : json_stringn(raw.at, raw.length);
}

bool dead_letter_remove(struct store *store, int64_t id, struct err *err)
{
    return sql_dead_letter_remove(store, id, err);
}

static bool holds(struct text raw, struct text text)
{
    return text.length > 0 && raw.length >= text.length && memmem(raw.at, raw.length, text.at, text.length);
}

static bool names_one(const struct dead_letter *letter, const struct text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (holds(letter->request.body, texts[i]) || holds(letter->request.path_id, texts[i]) ||
            holds(letter->request.envelope, texts[i]))
            return true;
    return false;
}

bool dead_letters_forget(struct store *store, const struct profiles *profiles, const struct text *texts, size_t n,
                         size_t *ret_n_removed, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters;
    size_t n_letters, n_removed = 0;
    uint64_t total;
    bool ok = dead_letters_read(store, profiles, 0, arena, &letters, &n_letters, &total, err);
    for (size_t i = 0; ok && i < n_letters; i++)
        if (names_one(&letters[i], texts, n)) {
            ok = dead_letter_remove(store, letters[i].id, err);
            n_removed++;
        }
    arena_free(arena);
    if (ok) *ret_n_removed = n_removed;
    return ok;
}
