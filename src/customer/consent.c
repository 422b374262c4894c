/* consent.c - whose events are taken in; see consent.h.  In memory is who is not: 64 bits of each hash. */
#include "customer/consent.h"
#include "base/memory.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "base/secret.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE_MOST_BYTES = 100, SAID_ENTRIES = 1 << 14 };
#define CONFIRMATION "confirmation"     /* the source of a yes that was confirmed */
enum { REFUSED_ANALYTICS = 1, REFUSED_TRACKING = 2, SUPPRESSED = 4 };

/* The last statements of somebody, to see that they are said again; a new entry takes the old one's place. */
struct said { uint64_t name, statements; };

struct consents {
    const struct log        *log;
    const struct identities *identities;
    uint8_t                  key[VAULT_KEY_BYTES];
    struct hash_map          closed;        /* why, by hash; 0 open again */
    struct said             *said;          /* [SAID_ENTRIES] NULL until somebody states something */
    consents_told           *told;          /* NULL: nobody listens */
    void                    *told_context;
};

static void hash_name(const struct consents *consents, struct text name, uint8_t ret_hash[VAULT_HASH_BYTES])
{
    secret_keyed_hash(consents->key, name, ret_hash, VAULT_HASH_BYTES);
}

static uint64_t short_hash(const void *hash)
{
    uint64_t number;
    memcpy(&number, hash, sizeof number);
    return number;
}

/* ---- who is not heard ---- */

/* Sets or clears a reason not to hear somebody. */
static void set_why(struct consents *consents, const void *hash, unsigned why, bool is_set)
{
    if (hash_map_n(&consents->closed) == 0 && !is_set) return;
    uint64_t *had = hash_map_put(&consents->closed, short_hash(hash));
    *had = is_set ? *had | why : *had & ~(uint64_t)why;
}

static unsigned why_closed(const struct consents *consents, struct text name)
{
    uint8_t hash[VAULT_HASH_BYTES];
    hash_name(consents, name, hash);
    const uint64_t *why = hash_map_find(&consents->closed, short_hash(hash));
    return why ? (unsigned)*why : 0;
}

enum consent_verdict consents_check(const struct consents *consents, struct text name)
{
    uint32_t identity;
    if (hash_map_n(&consents->closed) == 0) return CONSENT_ALLOWED;
    unsigned why = why_closed(consents, name);
    if (!why && log_find(consents->log, DICTIONARY_IDENTITY, name, &identity)) {
        size_t n;
        const uint32_t *members = identities_members(consents->identities, identity, &n);
        for (size_t i = 0; n > 1 && i < n; i++)
            if (members[i] != identity)
                why |= why_closed(consents, log_name(consents->log, DICTIONARY_IDENTITY, members[i]));
    }
    if (why & SUPPRESSED) return CONSENT_SUPPRESSED;
    return why ? CONSENT_REFUSED : CONSENT_ALLOWED;
}

uint64_t consents_digest(const struct consents *consents)
{
    uint64_t sum = 0;
    const struct hash_entry *entry;
    for (size_t at = 0; (entry = hash_map_next(&consents->closed, &at));)
        if (entry->value) sum += hash_bytes(entry, sizeof *entry, 0);
    return sum;
}

/* ---- opening ---- */

/* The reason that refusing a purpose gives, 0 if it gives none. */
static unsigned why_of(struct text purpose)
{
    if (text_equal_ignoring_case(purpose, text_of("analytics"))) return REFUSED_ANALYTICS;
    return text_equal_ignoring_case(purpose, text_of("tracking")) ? REFUSED_TRACKING : 0;
}

static bool load_why(struct consents *consents, struct text hash, unsigned why, struct err *err)
{
    if (hash.length != VAULT_HASH_BYTES) return err_set(err, ERR_CORRUPT, "a hash is damaged");
    set_why(consents, hash.at, why, true);
    return true;
}

static bool load_suppressed(struct consents *consents, struct store *store, struct err *err)
{
    struct sql_suppression_all row;
    enum step step;
    bool ok = true;
    if (!sql_suppression_all(store, &row, err)) return false;
    while (ok && (step = sql_suppression_all_step(&row, err)) != STEP_END)
        ok = step == STEP_ROW && load_why(consents, row.hash, SUPPRESSED, err);
    cursor_close(row.cursor);
    return ok;
}

static bool load_refused(struct consents *consents, struct store *store, struct err *err)
{
    struct sql_consent_closing row;
    enum step step;
    bool ok = true;
    if (!sql_consent_closing(store, &row, err)) return false;
    while (ok && (step = sql_consent_closing_step(&row, err)) != STEP_END)
        ok = step == STEP_ROW && (row.is_given || load_why(consents, row.hash, why_of(row.purpose), err));
    cursor_close(row.cursor);
    return ok;
}

bool consents_reload(struct consents *consents, struct store *store, struct err *err)
{
    struct consents fresh = *consents;
    fresh.closed = (struct hash_map){ 0 }, fresh.said = NULL;
    if (!load_suppressed(&fresh, store, err) || !load_refused(&fresh, store, err)) {
        hash_map_free(&fresh.closed);
        return err_context(err, "consents");
    }
    hash_map_free(&consents->closed);
    free(consents->said);
    *consents = fresh;
    return true;
}

bool consents_open(struct store *store, const struct log *log, const struct identities *identities,
                   const struct vault *vault, struct consents **ret_consents, struct err *err)
{
    struct consents *consents = memory_new(1, sizeof *consents);
    consents->log = log;
    consents->identities = identities;
    secret_keyed_hash(vault->hash_key, text_of("consent"), consents->key, sizeof consents->key);
    if (!consents_reload(consents, store, err)) {
        consents_close(consents);
        return false;
    }
    *ret_consents = consents;
    return true;
}

void consents_close(struct consents *consents)
{
    if (!consents) return;
    hash_map_free(&consents->closed);
    free(consents->said);
    secret_forget(consents->key, sizeof consents->key);
    free(consents);
}

/* ---- writing ---- */

bool consents_suppress(struct consents *consents, struct store *store, struct text name, int64_t received_ms,
                       struct text source, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    hash_name(consents, name, hash);
    if (!sql_suppression_put(store, bytes_of(hash, sizeof hash), received_ms, source, err))
        return err_context(err, "suppressing");
    set_why(consents, hash, SUPPRESSED, true);
    return true;
}

bool consents_unsuppress(struct consents *consents, struct store *store, struct text name, int64_t received_ms,
                         struct text source, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    (void)received_ms, (void)source;
    hash_name(consents, name, hash);
    if (!sql_suppression_remove(store, bytes_of(hash, sizeof hash), err)) return err_context(err, "unsuppressing");
    set_why(consents, hash, SUPPRESSED, false);
    return true;
}

/* The latest statements of n hashes: an object of purposes. */
static bool read_statements(struct store *store, const void *hash, json_t *statements, struct err *err)
{
    struct sql_consent_of row;
    enum step step;
    if (!sql_consent_of(store, bytes_of(hash, VAULT_HASH_BYTES), &row, err)) return false;
    while ((step = sql_consent_of_step(&row, err)) == STEP_ROW) {
        const json_t *had = json_object_get(statements, row.purpose.at);
        if (had && json_integer_value(json_object_get(had, "since_ms")) > row.stated_ms) continue;
        bool is_confirmed = row.is_given && (text_equal(row.source, text_of(CONFIRMATION)) ||
                                             json_is_true(json_object_get(had, "confirmed")));
        json_object_set_new(statements, row.purpose.at,
                            json_pack("{s:b, s:I, s:s, s:s, s:o*}", "given", row.is_given != 0, "since_ms",
                                      (json_int_t)row.stated_ms, "source", row.source.at, "proof", row.proof.at,
                                      "confirmed", is_confirmed ? json_true() : NULL));
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* Whence a statement came. */
struct stated { int64_t received_ms; struct text source, proof; };

static bool put_one(struct consents *consents, struct store *store, const uint8_t *hash, struct text purpose,
                    bool is_given, const struct stated *stated, struct err *err)
{
    unsigned why = why_of(purpose);
    if (!sql_consent_put(store, bytes_of(hash, VAULT_HASH_BYTES), purpose, is_given, stated->received_ms,
                         stated->source, stated->proof, err))
        return false;
    if (why) set_why(consents, hash, why, !is_given);
    return true;
}

static bool check_statements(const json_t *statements, struct err *err)
{
    const char *purpose;
    json_t *given;
    if (!json_is_object(statements)) return err_set(err, ERR_INVALID, "consent must be a JSON object");
    json_object_foreach((json_t *)(uintptr_t)statements, purpose, given)
        if (strlen(purpose) > PURPOSE_MOST_BYTES || !*purpose || !json_is_boolean(given))
            return err_set(err, ERR_INVALID, "consent to '%.100s' must be true or false", purpose);
    return true;
}

bool consents_put(struct consents *consents, struct store *store, struct text name, struct text statements,
                  int64_t received_ms, struct text source, struct text proof, struct err *err)
{
    uint64_t name_hash = hash_bytes(name.at, name.length, 1);
    uint64_t statements_hash = hash_bytes(statements.at, statements.length, 1);
    if (!consents->said) consents->said = memory_new(SAID_ENTRIES, sizeof *consents->said);
    struct said *said = &consents->said[name_hash % SAID_ENTRIES];
    if (said->name == name_hash && said->statements == statements_hash) return true;

    uint8_t hash[VAULT_HASH_BYTES];
    const struct stated stated = { received_ms, source, proof };
    json_t *stated_now = json_loadb(statements.at, statements.length, 0, NULL), *had = json_object(), *given;
    const char *purpose;
    hash_name(consents, name, hash);
    bool ok = check_statements(stated_now, err) && read_statements(store, hash, had, err), is_new_yes = false;
    json_object_foreach(stated_now, purpose, given) {
        const json_t *before = ok ? json_object_get(json_object_get(had, purpose), "given") : NULL;
        if (!ok || (before && json_is_true(before) == json_is_true(given))) continue;
        ok = put_one(consents, store, hash, text_of(purpose), json_is_true(given), &stated, err);
        is_new_yes |= json_is_true(given);
    }
    if (ok && is_new_yes && consents->told) consents->told(consents->told_context, name, received_ms);
    if (ok) *said = (struct said){ name_hash, statements_hash };
    json_decref(stated_now);
    json_decref(had);
    return ok || err_context(err, "consent");
}

void consents_listen(struct consents *consents, consents_told *told, void *context)
{
    consents->told = told;
    consents->told_context = context;
}

bool consents_confirm(struct consents *consents, struct store *store, struct text name, struct text purpose,
                      int64_t received_ms, struct text proof, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    const struct stated stated = { received_ms, text_of(CONFIRMATION), proof };
    if (purpose.length == 0 || purpose.length > PURPOSE_MOST_BYTES) return err_set(err, ERR_INVALID, "there is no such purpose");
    hash_name(consents, name, hash);
    free(consents->said);
    consents->said = NULL;
    return put_one(consents, store, hash, purpose, true, &stated, err) || err_context(err, "consent");
}

bool consents_erase(struct consents *consents, struct store *store, struct text name, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    hash_name(consents, name, hash);
    free(consents->said);
    consents->said = NULL;
    if (!sql_consent_remove(store, bytes_of(hash, sizeof hash), err)) return false;
    set_why(consents, hash, REFUSED_ANALYTICS | REFUSED_TRACKING, false);
    return true;
}

/* ---- reading ---- */

static bool statements_of(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                          json_t **ret_statements, struct err *err)
{
    json_t *statements = json_object();
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        uint8_t hash[VAULT_HASH_BYTES];
        hash_name(consents, log_name(consents->log, DICTIONARY_IDENTITY, members[i]), hash);
        ok = read_statements(store, hash, statements, err);
    }
    if (ok) *ret_statements = statements;
    else json_decref(statements);
    return ok;
}

bool consents_get(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                  struct arena *arena, struct text *ret_json, struct err *err)
{
    json_t *statements;
    if (!statements_of(consents, store, members, n, &statements, err)) return false;
    char *text = json_dumps(statements, JSON_COMPACT | JSON_SORT_KEYS);
    *ret_json = text_of(arena_copy(arena, text ? text : "{}"));
    free(text);
    json_decref(statements);
    return true;
}

bool consents_said(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                   const char *purpose, enum consent_said *ret_said, struct err *err)
{
    json_t *statements;
    if (!statements_of(consents, store, members, n, &statements, err)) return false;
    const json_t *given = json_object_get(json_object_get(statements, purpose), "given");
    *ret_said = !given ? CONSENT_SAID_NOTHING : json_is_true(given) ? CONSENT_SAID_YES : CONSENT_SAID_NO;
    json_decref(statements);
    return true;
}

bool consents_statements(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                         const char *const *purposes, size_t n_purposes, struct consent_statement *ret_statements,
                         struct err *err)
{
    json_t *statements;
    if (!statements_of(consents, store, members, n, &statements, err)) return false;
    for (size_t i = 0; i < n_purposes; i++) {
        const json_t *stated = *purposes[i] ? json_object_get(statements, purposes[i]) : NULL;
        const json_t *given = json_object_get(stated, "given");
        ret_statements[i].said = !given ? CONSENT_SAID_NOTHING : json_is_true(given) ? CONSENT_SAID_YES : CONSENT_SAID_NO;
        ret_statements[i].is_confirmed = json_is_true(json_object_get(stated, "confirmed"));
    }
    json_decref(statements);
    return true;
}

bool consents_suppressed(const struct consents *consents, struct store *store, struct text name,
                         struct arena *arena, int64_t *ret_since_ms, const char **ret_source, struct err *err)
{
    struct sql_suppression_get row;
    uint8_t hash[VAULT_HASH_BYTES];
    hash_name(consents, name, hash);
    if (!sql_suppression_get(store, bytes_of(hash, sizeof hash), &row, err)) return false;
    enum step step = sql_suppression_get_step(&row, err);
    *ret_since_ms = step == STEP_ROW ? row.since_ms : 0;
    *ret_source = arena_copy(arena, step == STEP_ROW ? row.source.at : "");
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}
