/* slab.c - pieces one behind the other in blocks, and blocks emptied when too much of them is dead; see slab.h.
 *
 * A piece is whose it is, how many units of 8 bytes it has, and then the bytes; a dead one is nobody's.  Its
 * handle is the block's number and its place there in units.  What is put goes to the end of the current block.
 * When more than a sixth of all room is dead, the pieces that live in the block with the least life move to the
 * end, too. */
#include "base/memory.h"
#include "base/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_BYTES = 8, BLOCK_UNITS = 8192, BLOCK_LEAST_UNITS = 256, BLOCK_SHARE = 16, DEAD_SHARE = 6,
       GROWTH_SHARE = 8, GROWTH_UNITS_MOST = 4 };

struct head { uint32_t owner; uint16_t n_units; };      /* owner 0: dead */
enum { HEAD_BYTES = 6, PIECE_UNITS_MOST = UINT16_MAX };

struct block { unsigned char *bytes; uint32_t n_room, n_used, n_live; };    /* in units; bytes NULL: none */

struct slab {
    slab_moved   *moved;
    void         *context;
    struct block *blocks;       /* [n_blocks] */
    size_t        n_blocks, blocks_room, n_bytes;
    size_t        n_room, n_live;       /* units of all blocks */
    size_t        current;      /* block that is being filled */
};

struct slab *slab_new(slab_moved *moved, void *context)
{
    struct slab *slab = memory_new(1, sizeof *slab);
    slab->moved = moved;
    slab->context = context;
    slab->n_bytes = sizeof *slab;
    return slab;
}

void slab_free(struct slab *slab)
{
    if (!slab) return;
    for (size_t i = 0; i < slab->n_blocks; i++) free(slab->blocks[i].bytes);
    free(slab->blocks);
    free(slab);
}

static struct head head_at(const unsigned char *at)
{
    struct head head = { 0 };
    memcpy(&head, at, HEAD_BYTES);
    return head;
}

static unsigned char *piece_at(const struct slab *slab, uint32_t piece)
{
    return slab->blocks[piece / BLOCK_UNITS].bytes + (size_t)(piece % BLOCK_UNITS) * UNIT_BYTES;
}

static size_t block_bytes(const struct block *block) { return (size_t)block->n_room * UNIT_BYTES + SLAB_BEYOND; }

/* The number of no block. */
static size_t free_block(struct slab *slab)
{
    size_t index = 0;
    while (index < slab->n_blocks && slab->blocks[index].bytes) index++;
    if (index < slab->n_blocks) return index;
    if (slab->n_blocks == slab->blocks_room) {
        size_t room = slab->blocks_room ? slab->blocks_room + slab->blocks_room / 2 : 4;
        struct block *blocks = memory_grow(slab->blocks, room, sizeof *blocks);
        slab->n_bytes += (room - slab->blocks_room) * sizeof *blocks;
        slab->blocks = blocks;
        slab->blocks_room = room;
    }
    if (slab->n_blocks >= UINT32_MAX / BLOCK_UNITS) abort();
    return slab->n_blocks++;
}

/* Blocks grow with the slab, so that little takes little.  Handle 0 would be the first unit of block 0: that one
 * stays empty. */
static size_t add_block(struct slab *slab, uint32_t n_least)
{
    size_t index = free_block(slab), n_room = slab->n_room / BLOCK_SHARE;
    if (n_room < BLOCK_LEAST_UNITS) n_room = BLOCK_LEAST_UNITS;
    if (n_room > BLOCK_UNITS) n_room = BLOCK_UNITS;
    if (n_room < n_least + 1) n_room = n_least + 1;
    struct block block = { .n_room = (uint32_t)n_room, .n_used = index == 0 };
    block.bytes = memory_new(1, block_bytes(&block));
    memset(block.bytes + n_room * UNIT_BYTES, 0, SLAB_BEYOND);
    slab->blocks[index] = block;
    slab->n_room += n_room;
    slab->n_bytes += block_bytes(&block);
    return index;
}

/* Room for a piece of so many units, at the end; what is too long for a block gets one of its own. */
static uint32_t take(struct slab *slab, struct head head)
{
    size_t index = slab->current;
    if (slab->n_blocks == 0 || slab->blocks[index].n_used + head.n_units > slab->blocks[index].n_room)
        index = add_block(slab, head.n_units);
    if (slab->blocks[index].n_room <= BLOCK_UNITS) slab->current = index;
    struct block *block = &slab->blocks[index];
    uint32_t piece = (uint32_t)index * BLOCK_UNITS + block->n_used;
    memcpy(block->bytes + (size_t)block->n_used * UNIT_BYTES, &head, HEAD_BYTES);
    block->n_used += head.n_units;
    block->n_live += head.n_units;
    slab->n_live += head.n_units;
    return piece;
}

static void remove_block(struct slab *slab, size_t index)
{
    struct block *block = &slab->blocks[index];
    slab->n_room -= block->n_room;
    slab->n_bytes -= block_bytes(block);
    free(block->bytes);
    *block = (struct block){ 0 };
}

static void empty_block(struct slab *slab, size_t index)
{
    const struct block block = slab->blocks[index];
    uint32_t n_units;
    for (uint32_t at = index == 0; at < block.n_used && slab->blocks[index].n_live > 0; at += n_units) {
        unsigned char *from = block.bytes + (size_t)at * UNIT_BYTES;
        struct head head = head_at(from);
        n_units = head.n_units;
        if (head.owner == 0) continue;
        uint32_t piece = take(slab, head);
        memcpy(piece_at(slab, piece), from, (size_t)n_units * UNIT_BYTES);
        slab->blocks[index].n_live -= n_units;
        slab->n_live -= n_units;
        slab->moved(slab->context, head.owner, piece);
    }
    remove_block(slab, index);
}

/* Empties one block at most, so that no put takes long. */
static void tidy(struct slab *slab)
{
    size_t worst = slab->current, n_worst = 0;
    const struct block *current = &slab->blocks[slab->current];
    size_t n_dead = slab->n_room - slab->n_live - (current->n_room - current->n_used);
    if (n_dead < BLOCK_LEAST_UNITS || n_dead < slab->n_room / DEAD_SHARE) return;
    for (size_t i = 0; i < slab->n_blocks; i++) {
        const struct block *block = &slab->blocks[i];
        if (i == slab->current || !block->bytes) continue;
        size_t n_gone = (size_t)(block->n_room - block->n_live) * BLOCK_UNITS / block->n_room;
        if (n_gone > n_worst) worst = i, n_worst = n_gone;
    }
    if (n_worst > BLOCK_UNITS / DEAD_SHARE / 2) empty_block(slab, worst);
}

/* A piece that changes its size will again. */
static size_t room_to_grow(size_t n_units)
{
    size_t more = n_units / GROWTH_SHARE;
    return more < GROWTH_UNITS_MOST ? more : GROWTH_UNITS_MOST;
}

uint32_t slab_put(struct slab *slab, uint32_t old, uint32_t owner, const void *bytes, size_t n_bytes)
{
    size_t n_units = (HEAD_BYTES + n_bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    assert(owner > 0 && n_units + GROWTH_UNITS_MOST <= PIECE_UNITS_MOST);
    uint32_t piece = old;
    size_t n_old = old ? head_at(piece_at(slab, old)).n_units : 0;
    if (n_units > n_old || n_units + n_units / DEAD_SHARE < n_old) {
        slab_drop(slab, old);
        if (old) n_units += room_to_grow(n_units);
        piece = take(slab, (struct head){ owner, (uint16_t)n_units });
    }
    memcpy(piece_at(slab, piece) + HEAD_BYTES, bytes, n_bytes);
    return piece;
}

void slab_drop(struct slab *slab, uint32_t piece)
{
    if (!piece) return;
    unsigned char *at = piece_at(slab, piece);
    struct head head = head_at(at);
    struct block *block = &slab->blocks[piece / BLOCK_UNITS];
    memset(at, 0, sizeof head.owner);
    block->n_live -= head.n_units;
    slab->n_live -= head.n_units;
    if (block->n_live == 0 && piece / BLOCK_UNITS != slab->current) remove_block(slab, piece / BLOCK_UNITS);
    tidy(slab);
}

size_t slab_length(const struct slab *slab, uint32_t piece)
{
    return (size_t)head_at(piece_at(slab, piece)).n_units * UNIT_BYTES - HEAD_BYTES;
}

const unsigned char *slab_at(const struct slab *slab, uint32_t piece)
{
    return piece_at(slab, piece) + HEAD_BYTES;
}

size_t slab_bytes(const struct slab *slab) { return slab->n_bytes; }
