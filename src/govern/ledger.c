/* ledger.c - see ledger.h. */
#include "govern/ledger.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "base/secret.h"
#include "store/sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { HASH_BYTES = 32, NUMBER_ROOM = 24 };

struct head { int64_t n, decisions, acts; uint8_t hash[HASH_BYTES]; struct text seal; };

/* ---- bytes that are hashed: each part behind its length ---- */

struct bytes { char *at; size_t length, room; };

static void add(struct bytes *b, const void *bytes, size_t length)
{
    uint64_t said = length;
    if (b->length + length + sizeof said > b->room)
        b->at = memory_grow(b->at, b->room = 2 * b->room + length + 1024, 1);
    memcpy(b->at + b->length, &said, sizeof said);
    if (length > 0) memcpy(b->at + b->length + sizeof said, bytes, length);
    b->length += sizeof said + length;
}

static void add_text(struct bytes *b, struct text text) { add(b, text.at, text.length); }
static void add_int(struct bytes *b, int64_t number) { add(b, &number, sizeof number); }

static void add_value(struct bytes *b, const struct value *value)
{
    int64_t kind = value->kind;
    add_int(b, kind);
    if (value->kind == VALUE_INT) add_int(b, value->i);
    if (value->kind == VALUE_REAL) add(b, &value->r, sizeof value->r);
    if (value->kind == VALUE_TEXT || value->kind == VALUE_BLOB) add(b, value->bytes, value->length);
}

static struct text take(const struct bytes *b) { return (struct text){ b->at, b->length }; }

/* ---- digests ---- */

/* STEP_END: there is no such decision. */
static enum step digest_decision(struct store *store, const struct vault *vault, struct text id,
                                 uint8_t ret_digest[HASH_BYTES], int64_t *ret_at_ms, int64_t *ret_identity,
                                 struct err *err)
{
    struct sql_decision_row row = { 0 };
    struct bytes b = { 0 };
    enum step step = sql_decision_row(store, id, &row, err) ? sql_decision_row_step(&row, err) : STEP_FAIL;
    if (step == STEP_ROW) {
        add_text(&b, row.id), add_int(&b, row.identity), add_int(&b, row.at_ms), add_text(&b, row.placement);
        add_text(&b, row.action), add(&b, &row.propensity, sizeof row.propensity), add_text(&b, row.policy);
        add_text(&b, row.answer), add_value(&b, &row.question), add_value(&b, &row.trained_ms),
            add_value(&b, &row.features);
        secret_keyed_hash(vault->hash_key, take(&b), ret_digest, HASH_BYTES);
        *ret_at_ms = row.at_ms, *ret_identity = row.identity;
        free(b.at);
    }
    cursor_close(row.cursor);
    return step;
}

static enum step digest_act(struct store *store, int64_t id, uint8_t ret_digest[HASH_BYTES], int64_t *ret_at_ms,
                            int64_t *ret_identity, struct err *err)
{
    struct sql_audit_row row = { 0 };
    struct bytes b = { 0 };
    enum step step = sql_audit_row(store, id, &row, err) ? sql_audit_row_step(&row, err) : STEP_FAIL;
    if (step == STEP_ROW) {
        add_int(&b, row.id), add_int(&b, row.at_ms), add_text(&b, row.who), add_text(&b, row.what),
            add_int(&b, row.identity);
        secret_hash(take(&b), ret_digest, HASH_BYTES);
        *ret_at_ms = row.at_ms, *ret_identity = row.identity;
        free(b.at);
    }
    cursor_close(row.cursor);
    return step;
}

static void chain(uint8_t hash[HASH_BYTES], int64_t n, int64_t at_ms, struct text kind, struct text subject,
                  int64_t identity, struct text digest)
{
    struct bytes b = { 0 };
    add(&b, hash, HASH_BYTES);
    add_int(&b, n), add_int(&b, at_ms), add_text(&b, kind), add_text(&b, subject), add_int(&b, identity),
        add_text(&b, digest);
    secret_hash(take(&b), hash, HASH_BYTES);
    free(b.at);
}

/* ---- the head ---- */

static void seal_of(const struct vault *vault, const struct head *head, uint8_t ret_seal[HASH_BYTES])
{
    struct bytes b = { 0 };
    add_text(&b, text_of("ledger head"));
    add_int(&b, head->n), add_int(&b, head->decisions), add_int(&b, head->acts), add(&b, head->hash, HASH_BYTES);
    secret_keyed_hash(vault->hash_key, take(&b), ret_seal, HASH_BYTES);
    free(b.at);
}

/* seal is copied to the arena, if there is one.  Of a ledger that has not begun: all zero. */
static bool head_get(struct store *store, struct arena *arena, struct head *ret_head, struct err *err)
{
    struct sql_ledger_head_get row = { 0 };
    enum step step = sql_ledger_head_get(store, &row, err) ? sql_ledger_head_get_step(&row, err) : STEP_FAIL;
    *ret_head = (struct head){ 0 };
    if (step == STEP_ROW) {
        ret_head->n = row.n, ret_head->decisions = row.decisions, ret_head->acts = row.acts;
        if (row.hash.length == HASH_BYTES) memcpy(ret_head->hash, row.hash.at, HASH_BYTES);
        if (arena && row.seal.length == HASH_BYTES) {
            char *copy = ARENA_ARRAY(arena, char, HASH_BYTES);
            memcpy(copy, row.seal.at, HASH_BYTES);
            ret_head->seal = (struct text){ copy, HASH_BYTES };
        }
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* False with *ret_has_key true: the store failed. */
static bool own_vault(struct store *store, const struct vault **vault, struct vault *room, struct err *err)
{
    if (*vault) return true;
    if (vault_open(store, false, room, err)) *vault = room;
    else if (err->code != ERR_MISSING) return false;
    return true;
}

static bool append(struct store *store, const struct vault *vault, struct text kind, struct text subject,
                   int64_t identity, int64_t at_ms, struct text digest, struct err *err)
{
    struct head head;
    struct vault room;
    uint8_t seal[HASH_BYTES];
    if (!own_vault(store, &vault, &room, err) || !head_get(store, NULL, &head, err)) return false;
    if (head.n == 0) {
        if (!sql_ledger_outside(store, &head.decisions, &head.acts, err)) return false;
        head.decisions -= text_equal(kind, text_of("decision")), head.acts -= text_equal(kind, text_of("audit"));
    }
    head.n++;
    chain(head.hash, head.n, at_ms, kind, subject, identity, digest);
    if (vault) seal_of(vault, &head, seal);
    return sql_ledger_append(store, head.n, at_ms, kind, subject, identity, digest,
                             (struct text){ (const char *)head.hash, HASH_BYTES }, err) &&
           sql_ledger_head_put(store, head.n, (struct text){ (const char *)head.hash, HASH_BYTES }, head.decisions,
                               head.acts, (struct text){ (const char *)seal, vault ? HASH_BYTES : 0 }, err);
}

bool ledger_put_decision(struct store *store, const struct vault *vault, struct text id, struct err *err)
{
    uint8_t digest[HASH_BYTES];
    int64_t at_ms, identity;
    struct vault room;
    if (!own_vault(store, &vault, &room, err)) return false;
    if (!vault) return err_context(err, "writing the decision into the ledger");
    enum step step = digest_decision(store, vault, id, digest, &at_ms, &identity, err);
    return step == STEP_ROW && append(store, vault, text_of("decision"), id, identity, at_ms,
                                      (struct text){ (const char *)digest, HASH_BYTES }, err);
}

bool ledger_put_act(struct store *store, const struct vault *vault, int64_t id, struct err *err)
{
    uint8_t digest[HASH_BYTES];
    int64_t at_ms, identity;
    char subject[NUMBER_ROOM];
    snprintf(subject, sizeof subject, "%" PRId64, id);
    enum step step = digest_act(store, id, digest, &at_ms, &identity, err);
    return step == STEP_ROW && append(store, vault, text_of("audit"), text_of(subject), identity, at_ms,
                                      (struct text){ (const char *)digest, HASH_BYTES }, err);
}

bool ledger_put_erasure(struct store *store, const struct vault *vault, uint32_t identity, int64_t at_ms,
                        struct err *err)
{
    char subject[NUMBER_ROOM];
    snprintf(subject, sizeof subject, "%" PRIu32, identity);
    return append(store, vault, text_of("erasure"), text_of(subject), identity, at_ms, text_of(""), err);
}

/* ---- verifying ---- */

struct verifying {
    struct store *store, *beside; /* rows are read through one, what they are about through the other */
    struct arena       *arena;
    const struct vault *vault;
    struct hash_map     erased;                 /* identities */
    uint8_t             hash[HASH_BYTES];
    struct ledger_check check;
    bool                is_stopped;             /* at a bad row */
};

static void bad(struct verifying *v, int64_t n, const char *why)
{
    if (v->check.first_bad) return;
    v->check.first_bad = n, v->check.why = why, v->is_stopped = true;
}

/* What a row is about must be as it was; of erased people it may be gone. */
static bool check_subject(struct verifying *v, const struct sql_ledger_rows *row, struct err *err)
{
    uint8_t digest[HASH_BYTES];
    int64_t at_ms, identity;
    bool is_decision = text_equal(row->kind, text_of("decision")),
         is_act = text_equal(row->kind, text_of("audit"));
    enum step step = STEP_END;
    if (!is_decision && !is_act) return true;
    if (is_decision && !v->vault) return true;          /* said of the head */
    const char *id = arena_format(v->arena, "%.*s", (int)row->subject.length, row->subject.at);
    step = is_decision ? digest_decision(v->beside, v->vault, row->subject, digest, &at_ms, &identity, err)
                       : digest_act(v->beside, strtoll(id, NULL, 10), digest, &at_ms, &identity, err);
    if (step == STEP_FAIL) return false;
    const char *what = is_decision ? "decision" : "act";
    if (step == STEP_END) {
        const uint64_t *when = hash_map_find(&v->erased, hash_bytes(&row->identity, sizeof row->identity, 0));
        if (is_act || !when || (int64_t)*when < row->n)
            bad(v, row->n,
                arena_format(v->arena, "row %" PRId64 ": %s %s is gone, and nobody asked to be erased", row->n,
                             what, id));
        return true;
    }
    if (row->digest.length != HASH_BYTES || !secret_equal(row->digest.at, digest, HASH_BYTES))
        bad(v, row->n,
            arena_format(v->arena, "row %" PRId64 ": %s %s is not what was written down", row->n, what, id));
    return true;
}

static bool note_erasures(struct verifying *v, struct err *err)
{
    struct sql_ledger_rows row = { 0 };
    enum step step = STEP_FAIL;
    if (sql_ledger_rows(v->store, &row, err))
        while ((step = sql_ledger_rows_step(&row, err)) == STEP_ROW)
            if (text_equal(row.kind, text_of("erasure")))
                *hash_map_put(&v->erased, hash_bytes(&row.identity, sizeof row.identity, 0)) = (uint64_t)row.n;
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool check_rows(struct verifying *v, struct err *err)
{
    struct sql_ledger_rows row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = true;
    if (sql_ledger_rows(v->store, &row, err))
        while (ok && !v->is_stopped && (step = sql_ledger_rows_step(&row, err)) == STEP_ROW) {
            int64_t n = ++v->check.n_rows;
            if (row.n != n) { bad(v, n, arena_format(v->arena, "row %" PRId64 " is missing", n)); break; }
            chain(v->hash, row.n, row.at_ms, row.kind, row.subject, row.identity, row.digest);
            if (row.hash.length != HASH_BYTES || !secret_equal(row.hash.at, v->hash, HASH_BYTES))
                bad(v, n, arena_format(v->arena, "row %" PRId64 " is not what was written down", n));
            else ok = check_subject(v, &row, err);
        }
    cursor_close(row.cursor);
    return ok && step != STEP_FAIL;
}

static bool check_head(struct verifying *v, struct err *err)
{
    struct head head;
    uint8_t seal[HASH_BYTES];
    int64_t decisions, acts, n = v->check.n_rows;
    if (!head_get(v->store, v->arena, &head, err) || !sql_ledger_outside(v->store, &decisions, &acts, err))
        return false;
    if (v->vault) seal_of(v->vault, &head, seal);
    if (head.n == 0 && n == 0) return true;
    if (n < head.n)
        bad(v, n + 1, arena_format(v->arena, "the ledger ends after row %" PRId64 " and had %" PRId64, n, head.n));
    else if (n > head.n || !secret_equal(head.hash, v->hash, HASH_BYTES))
        bad(v, n, arena_format(v->arena, "row %" PRId64 " is not the end that was written down", n));
    else if (v->vault && head.seal.length == HASH_BYTES && !secret_equal(head.seal.at, seal, HASH_BYTES))
        bad(v, n, "the ledger's end was not written with this database's key");
    else if (v->vault && head.seal.length == 0 && head.decisions + head.acts < decisions + acts)
        bad(v, n, "the ledger's end is not sealed");
    else if (decisions > head.decisions || acts > head.acts)
        bad(v, n + 1,
            arena_format(v->arena,
                         "%" PRId64 " decisions and %" PRId64 " acts are not in the ledger, which were written "
                         "without it",
                         decisions - head.decisions, acts - head.acts));
    return true;
}

bool ledger_verify(struct store *store, struct arena *arena, struct ledger_check *ret_check, struct err *err)
{
    struct vault room;
    struct verifying v = { .store = store, .arena = arena };
    if (!own_vault(store, &v.vault, &room, err) || !store_open_beside(store, &v.beside, err)) return false;
    bool ok = note_erasures(&v, err) && check_rows(&v, err) && (v.is_stopped || check_head(&v, err));
    hash_map_free(&v.erased);
    store_close(v.beside);
    if (ok) *ret_check = v.check;
    return ok;
}
