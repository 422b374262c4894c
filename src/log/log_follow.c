/* log_follow.c - reads some events of many: those of identities, and those that arrived after others; see log.h.
 */
#include "log/log_internal.h"
#include "log/share.h"

#include <string.h>

/* Positions of a block's events that are wanted. */
struct found { const struct block *block; uint32_t *at; size_t n; struct found *next; };

/* What is found block by block, and then put together. */
struct search {
    struct log_reader *reader;
    struct arena *arena;
    struct found *first, **last;
    size_t n;
    uint64_t last_sequence; /* found so far by search_arrivals */
    bool is_out_of_order;
};

static struct search search_new(struct log_reader *reader)
{
    return (struct search){ .reader = reader, .arena = arena_new(ARENA_NO_LIMIT) };
}

static void add_found(struct search *search, const struct block *block, uint32_t *at, size_t n)
{
    struct found *found = ARENA_NEW(search->arena, struct found);
    struct block *kept = ARENA_NEW(search->arena, struct block);
    *kept = *block;
    *found = (struct found){ kept, at, n, NULL };
    if (!search->last) search->last = &search->first;
    *search->last = found;
    search->last = &found->next;
    search->n += n;
}

static bool has_properties(const struct block *block, unsigned columns)
{
    return columns & LOG_PROPERTIES && block->chunk.columns & 1u << CHUNK_PROPERTY_BYTES;
}

/* Decodes the blocks in which something was found, one after the other; properties alone are needed to the end. */
static bool search_finish(struct search *search, unsigned columns, struct arena *arena, struct events *ret_events,
                          struct err *err)
{
    struct gather gather;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    gather_init(&gather, search->n, columns, arena);
    for (const struct found *found = search->first; ok && found; found = found->next) {
        struct arena *into = has_properties(found->block, columns) ? search->arena : scratch;
        struct events events;
        arena_reset(scratch);
        ok = log_reader_block(search->reader, found->block, columns, into, &events, err);
        for (size_t i = 0; ok && i < found->n; i++) gather_copy(&gather, &events, found->at[i], search->arena);
    }
    arena_free(scratch);
    ok = ok && gather_finish(&gather, arena, err);
    if (ok) *ret_events = gather.events;
    return ok;
}

/* ---- of identities ---- */

static bool is_wanted(const uint32_t *identities, size_t n, uint32_t identity)
{
    for (size_t i = 0; i < n; i++)
        if (identities[i] == identity) return true;
    return false;
}

static bool may_hold(const struct block *block, const uint32_t *identities, size_t n)
{
    if (!block->chunk.has_identities) return true;
    for (size_t i = 0; i < n; i++)
        if (identities[i] >= block->chunk.first_identity && identities[i] <= block->chunk.last_identity)
            return true;
    return false;
}

static bool search_block(struct search *search, const struct block *block, const uint32_t *identities, size_t n,
                         struct arena *scratch, struct err *err)
{
    struct events events;
    size_t n_found = 0;
    if (!may_hold(block, identities, n)) return true;
    arena_reset(scratch);
    if (!log_reader_block(search->reader, block, LOG_IDENTITY, scratch, &events, err)) return false;
    for (size_t i = 0; i < events.n; i++) n_found += is_wanted(identities, n, events.identity[i]);
    if (n_found == 0) return true;
    uint32_t *at = ARENA_ARRAY(search->arena, uint32_t, n_found);
    n_found = 0;
    for (size_t i = 0; i < events.n; i++)
        if (is_wanted(identities, n, events.identity[i])) at[n_found++] = (uint32_t)i;
    add_found(search, block, at, n_found);
    return true;
}

/* Those of a partition's own blocks, and of the mixed ones with it, so that each is looked at once. */
static bool search_partition(struct search *search, unsigned partition, const uint32_t *identities, size_t n,
                             struct err *err)
{
    struct block *blocks;
    size_t n_blocks;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok = log_reader_blocks(search->reader, partition, &blocks, &n_blocks, err);
    for (size_t i = 0; ok && i < n_blocks; i++) ok = search_block(search, &blocks[i], identities, n, scratch, err);
    arena_free(scratch);
    return ok;
}

bool embedded_read_identities(struct log_reader *reader, const uint32_t *identities, size_t n, unsigned columns,
                              struct arena *arena, struct events *ret_events, struct err *err)
{
    struct search search = search_new(reader);
    bool is_done[LOG_PARTITIONS] = { false }, ok = store_begin_reading(reader->store, err);
    unsigned needed = log_reader_columns(reader, columns);
    uint32_t *together = ARENA_ARRAY(search.arena, uint32_t, n + 1);
    for (size_t i = 0; ok && i < n; i++) {
        size_t n_together = 0;
        if (!log_reader_knows(reader, identities[i])) continue;
        unsigned partition = log_reader_partition(reader, identities[i]);
        if (is_done[partition]) continue;
        is_done[partition] = true;
        for (size_t k = i; k < n; k++)
            if (log_reader_knows(reader, identities[k]) && log_reader_partition(reader, identities[k]) == partition)
                together[n_together++] = identities[k];
        ok = search_partition(&search, partition, together, n_together, err);
    }
    ok = ok && search_finish(&search, needed, arena, ret_events, err);
    if (ok) log_reader_correct(reader, columns, arena, ret_events);
    store_rollback(reader->store);
    arena_free(search.arena);
    return ok;
}

/* ---- in the order of arrival ---- */

void log_reader_take_share(struct log_reader *reader, unsigned n, unsigned which)
{
    reader->n_shares = n, reader->share = which;
}

static bool is_of_share(const struct log_reader *reader, unsigned partition)
{
    return reader->n_shares < 2 || partition % reader->n_shares == reader->share;
}

/* Finds a block's events whose sequences are first .. last, of the partitions that the reader is asked for. */
static bool search_arrivals(struct search *search, const struct block *block, uint64_t first, uint64_t last,
                            struct arena *scratch, struct err *err)
{
    struct events events;
    size_t n = 0;
    bool is_mixed = block->chunk.partition == CHUNK_MIXED;
    if (!is_mixed && !is_of_share(search->reader, block->chunk.partition)) return true;
    arena_reset(scratch);
    if (!log_reader_block(search->reader, block, LOG_SEQUENCE | (is_mixed ? LOG_IDENTITY : 0), scratch, &events,
                          err))
        return false;
    uint32_t *at = ARENA_ARRAY(search->arena, uint32_t, events.n);
    for (size_t i = 0; i < events.n; i++) {
        uint64_t sequence = events.sequence[i];
        if (sequence < first || sequence > last) continue;
        if (is_mixed && !is_of_share(search->reader, log_reader_partition(search->reader, events.identity[i])))
            continue;
        search->is_out_of_order |= sequence < search->last_sequence;
        search->last_sequence = sequence;
        at[n++] = (uint32_t)i;
    }
    if (n > 0) add_found(search, block, at, n);
    return true;
}

/* The first number after a sequence that some block may have. */
static uint64_t first_after(const struct block *blocks, size_t n, uint64_t sequence)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (blocks[i].chunk.first_sequence < least) least = blocks[i].chunk.first_sequence;
    return least > sequence ? least : sequence + 1;
}

static uint64_t last_of(const struct log_reader *reader, const struct block *blocks, size_t n)
{
    uint64_t last = 0;
    for (size_t i = 0; i < n; i++)
        if (blocks[i].chunk.last_sequence > last) last = blocks[i].chunk.last_sequence;
    return last < reader->log->until ? last : reader->log->until;
}

/* Reads the next `most` numbers, of which some may be nobody's; *sequence moves to the last that was given to
 * somebody. */
static bool read_window(struct log_reader *reader, uint64_t *sequence, size_t most, unsigned columns,
                        struct arena *arena, struct events *ret_events, bool *ret_is_end, struct err *err)
{
    struct block *blocks;
    size_t n;
    if (!log_reader_after(reader, *sequence, most, &blocks, &n, err)) return false;
    *ret_is_end = n == 0;
    if (n == 0) return true;
    struct search search = search_new(reader);
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    uint64_t first = first_after(blocks, n, *sequence), last = first + most - 1, given = last_of(reader, blocks, n);
    struct events found;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) ok = search_arrivals(&search, &blocks[i], first, last, scratch, err);
    ok = ok && search_finish(&search, columns | LOG_SEQUENCE, search.is_out_of_order ? search.arena : arena,
                             &found, err);
    if (ok && search.is_out_of_order)
        found = events_in_order(&found, events_order_by(found.sequence, found.n, search.arena), found.n, arena);
    if (ok) *ret_events = found, *sequence = last < given ? last : given;
    arena_free(scratch);
    arena_free(search.arena);
    return ok;
}

bool embedded_read_after(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns,
                         struct arena *arena, struct events *ret_events, uint64_t *ret_sequence, struct err *err)
{
    struct events events = { 0 };
    uint64_t at = sequence;
    bool is_end = most == 0, ok = store_begin_reading(reader->store, err);
    while (ok && events.n == 0 && !is_end && at < reader->log->until)
        ok = read_window(reader, &at, most, columns, arena, &events, &is_end, err);
    store_rollback(reader->store);
    if (!ok) return err_context(err, "reading along");
    *ret_events = events;
    *ret_sequence = at;
    return true;
}
