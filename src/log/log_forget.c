/* log_forget.c - takes out of the log what says who somebody was; see log.h. */
#include "base/crash_point.h"
#include "log/log_internal.h"
#include "store/setting.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOMBSTONE_ROOM = 64 };

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static bool has(const uint32_t *identities, size_t n, uint32_t identity)
{
    return bsearch(&identity, identities, n, sizeof *identities, by_number) != NULL;
}

static bool put_instead(struct log *log, const struct block *block, const struct events *events,
                        struct arena *arena, struct err *err)
{
    struct chunk chunk;
    chunk_encode(log->encoder, block->chunk.partition, events, NULL, 0, events->n, arena, &chunk);
    bool ok = log_blocks_remove(log, block->id, block->id, err) && log_block_put(log, block->id, &chunk, err);
    crash_point();
    return ok;
}

/* Leaves the properties of the identities' events out; how many had some. */
static size_t blank(struct events *events, const uint32_t *identities, size_t n, struct arena *arena)
{
    size_t n_blanked = 0, begin = 0, end = 0;
    size_t length = events->n ? events->properties_end[events->n - 1] : 0;
    char *bytes = arena_alloc(arena, length + 1, 1);
    for (size_t i = 0; i < events->n; i++) {
        size_t next = events->properties_end[i], kept = next - begin;
        if (kept && has(identities, n, events->identity[i])) kept = 0, n_blanked++;
        if (kept) memcpy(bytes + end, events->properties_bytes + begin, kept);
        begin = next;
        events->properties_end[i] = (uint32_t)(end += kept);
    }
    events->properties_bytes = bytes;
    return n_blanked;
}

static bool blank_block(struct log *log, struct log_reader *reader, const struct block *block,
                        const uint32_t *identities, size_t n, uint64_t *n_blanked, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events;
    bool has_properties = block->chunk.columns & 1u << CHUNK_PROPERTY_BYTES, is_theirs = false;
    bool ok = !has_properties || log_reader_block(reader, block, LOG_IDENTITY, arena, &events, err);
    for (size_t i = 0; ok && has_properties && !is_theirs && i < events.n; i++)
        is_theirs = has(identities, n, events.identity[i]);
    if (ok && is_theirs && (ok = log_reader_block(reader, block, LOG_ALL | LOG_SEQUENCE, arena, &events, err))) {
        size_t n_here = blank(&events, identities, n, arena);
        *n_blanked += n_here;
        ok = n_here == 0 || put_instead(log, block, &events, arena, err);
    }
    arena_free(arena);
    return ok;
}

/* The blocks of a partition, without the mixed ones; of CHUNK_MIXED those alone. */
static bool blank_partition(struct log *log, struct log_reader *reader, unsigned partition,
                            const uint32_t *identities, size_t n, uint64_t *n_blanked, struct err *err)
{
    struct block *blocks;
    size_t n_blocks;
    bool ok = log_reader_blocks(reader, partition, &blocks, &n_blocks, err);
    for (size_t i = 0; ok && i < n_blocks; i++)
        if (blocks[i].chunk.partition == partition)
            ok = blank_block(log, reader, &blocks[i], identities, n, n_blanked, err);
    return ok;
}

static bool count_blanking(struct log *log, struct err *err)
{
    char *before = NULL, after[24];
    if (!setting_get(log->store, LOG_BLANKINGS, &before, err)) return false;
    snprintf(after, sizeof after, "%lld", before ? strtoll(before, NULL, 10) + 1 : 1LL);
    free(before);
    return setting_put(log->store, LOG_BLANKINGS, after, err);
}

bool embedded_blank(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n, struct err *err)
{
    struct log_reader *reader;
    uint64_t n_blanked = 0;
    bool is_done[LOG_PARTITIONS] = { false };
    log->until = UINT64_MAX;        /* what is rewritten must lack nothing */
    if (!log_need_encoder(log, err) || !log_reader_new(log, log->store, false, &reader, err)) return false;
    bool ok = n == 0 || blank_partition(log, reader, CHUNK_MIXED, identities, n, &n_blanked, err);
    for (size_t i = 0; ok && i < n; i++) {
        unsigned partition = log_partition(log, identities[i]);
        if (!is_done[partition]) ok = blank_partition(log, reader, partition, identities, n, &n_blanked, err);
        is_done[partition] = true;
    }
    log_reader_close(reader);
    ok = ok && (n_blanked == 0 || count_blanking(log, err));
    if (ok) *ret_n = n_blanked;
    return ok || err_context(err, "blanking events");
}

/* The block of names, as stored, that an identity is in. */
static bool find_block_of_names(struct log *log, uint32_t identity, int64_t *ret_id, size_t *ret_n,
                                struct err *err)
{
    struct sql_log_names_holding row;
    if (!sql_log_names_holding(log->store, (int64_t)DICTIONARY_IDENTITY << 40 | identity, &row, err)) return false;
    enum step step = sql_log_names_holding_step(&row, err);
    if (step == STEP_ROW) *ret_id = row.id, *ret_n = (size_t)row.n_names;
    cursor_close(row.cursor);
    if (step == STEP_END)
        return err_set(err, ERR_CORRUPT, "the names of customer number %u are missing", identity);
    return step == STEP_ROW;
}

static bool put_names_again(struct log *log, uint32_t identity, struct err *err)
{
    int64_t id = 0;
    size_t n = 0;
    if (!find_block_of_names(log, identity, &id, &n, err)) return false;
    size_t first = (size_t)(id & ((INT64_C(1) << 40) - 1));
    if (identity - first >= n || first + n > log->names[DICTIONARY_IDENTITY].n)
        return err_set(err, ERR_BUSY, "another process has added to '%s' since it was opened",
                       store_path(log->store));
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text lengths, bytes;
    names_encode(&log->names[DICTIONARY_IDENTITY], first, n, (uint64_t)id, log->encoder, arena, &lengths, &bytes);
    bool ok = sql_log_names_change(log->store, id, lengths, bytes, err);
    arena_free(arena);
    return ok;
}

bool log_rename_erased(struct log *log, uint32_t identity, struct err *err)
{
    char text[TOMBSTONE_ROOM];
    if (!log_need_encoder(log, err)) return false;
    log->n_changes++;
    for (unsigned attempt = 0;; attempt++) {    /* one in 64 lies in the partition that the events are in */
        int length = attempt ? snprintf(text, sizeof text, LOG_ERASED_PREFIX "%u:%u", identity, attempt)
                             : snprintf(text, sizeof text, LOG_ERASED_PREFIX "%u", identity);
        if (names_rename(&log->names[DICTIONARY_IDENTITY], identity, (struct text){ text, (size_t)length }, err))
            break;
        if (err->code != ERR_INVALID) return false;
    }
    return identity >= log->n_stored[DICTIONARY_IDENTITY] || put_names_again(log, identity, err);
}
