/* slab.c - classes of sizes with a list of free pieces each; see slab.h.
 *
 * A piece is one byte, its class, and then the bytes.  Its handle is the block's number and its place there in
 * units of 8 bytes.  Classes go in steps of 8 bytes to 512, then of an eighth. */
#include "base/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_BYTES = 8, BLOCK_UNITS = 8192, SMALL_BLOCK_UNITS = 512, SMALL_BLOCKS = 8,
       FINE_CLASSES = 64, EIGHTHS = 8, CLASSES = FINE_CLASSES + 8 * 18 };

struct slab {
    unsigned char **blocks;
    size_t          n_blocks, blocks_room, n_bytes;
    uint32_t        current;            /* block that is being filled */
    uint32_t        used_units, current_units;      /* of it */
    uint32_t        free[CLASSES];      /* first free piece of the class, 0 none; its bytes hold the next */
};

struct slab *slab_new(void)
{
    struct slab *slab = calloc(1, sizeof *slab);
    if (!slab) abort();         /* as an arena does */
    slab->n_bytes = sizeof *slab;
    return slab;
}

void slab_free(struct slab *slab)
{
    if (!slab) return;
    for (size_t i = 0; i < slab->n_blocks; i++) free(slab->blocks[i]);
    free(slab->blocks);
    free(slab);
}

/* The smallest class whose pieces have room for n_units. */
static unsigned class_of(uint32_t n_units)
{
    if (n_units <= FINE_CLASSES) return n_units - 1;
    unsigned shift = 0;
    while ((n_units - 1) >> shift >= 2 * EIGHTHS) shift++;
    return FINE_CLASSES + (shift - 3) * EIGHTHS + ((n_units - 1) >> shift) - EIGHTHS;
}

static uint32_t units_of(unsigned class)
{
    if (class < FINE_CLASSES) return class + 1;
    unsigned coarse = class - FINE_CLASSES, shift = coarse / EIGHTHS + 3;
    return (uint32_t)((coarse % EIGHTHS + EIGHTHS + 1) << shift);
}

static void add_block(struct slab *slab, uint32_t n_units)
{
    if (slab->n_blocks == slab->blocks_room) {
        size_t room = slab->blocks_room ? 2 * slab->blocks_room : 8;
        unsigned char **blocks = realloc(slab->blocks, room * sizeof *blocks);
        if (!blocks) abort();
        slab->n_bytes += (room - slab->blocks_room) * sizeof *blocks;
        slab->blocks = blocks;
        slab->blocks_room = room;
    }
    size_t n_bytes = (size_t)n_units * UNIT_BYTES + SLAB_BEYOND;
    unsigned char *block = malloc(n_bytes);
    if (!block || slab->n_blocks >= UINT32_MAX / BLOCK_UNITS) abort();
    memset(block + n_bytes - SLAB_BEYOND, 0, SLAB_BEYOND);
    slab->blocks[slab->n_blocks++] = block;
    slab->n_bytes += n_bytes;
}

static unsigned char *piece_at(const struct slab *slab, uint32_t piece)
{
    return slab->blocks[piece / BLOCK_UNITS] + (size_t)(piece % BLOCK_UNITS) * UNIT_BYTES;
}

/* The first ones are small, so that little takes little.  Handle 0 would be the first unit of the first block:
 * that one stays empty. */
static void begin_block(struct slab *slab)
{
    slab->current_units = slab->n_blocks < SMALL_BLOCKS ? SMALL_BLOCK_UNITS : BLOCK_UNITS;
    slab->used_units = slab->n_blocks == 0;
    slab->current = (uint32_t)slab->n_blocks;
    add_block(slab, slab->current_units);
}

static uint32_t take(struct slab *slab, unsigned class)
{
    uint32_t n_units = units_of(class), piece = slab->free[class];
    if (piece) {
        memcpy(&slab->free[class], piece_at(slab, piece) + 1, sizeof piece);
        return piece;
    }
    if (slab->n_blocks == 0) begin_block(slab);
    if (n_units >= SMALL_BLOCK_UNITS) {         /* a block of its own */
        add_block(slab, n_units);
        return (uint32_t)(slab->n_blocks - 1) * BLOCK_UNITS;
    }
    if (slab->used_units + n_units > slab->current_units) begin_block(slab);
    piece = slab->current * BLOCK_UNITS + slab->used_units;
    slab->used_units += n_units;
    return piece;
}

uint32_t slab_put(struct slab *slab, uint32_t old, const void *bytes, size_t n_bytes)
{
    assert(n_bytes < (size_t)1 << 24);
    unsigned class = class_of((uint32_t)((n_bytes + 1 + UNIT_BYTES - 1) / UNIT_BYTES));
    uint32_t piece = old;
    if (!old || *piece_at(slab, old) != class) {
        slab_drop(slab, old);
        piece = take(slab, class);
    }
    unsigned char *at = piece_at(slab, piece);
    *at = (unsigned char)class;
    memcpy(at + 1, bytes, n_bytes);
    return piece;
}

/* A free piece has at least 8 bytes: its class and the next of the list. */
void slab_drop(struct slab *slab, uint32_t piece)
{
    if (!piece) return;
    unsigned char *at = piece_at(slab, piece);
    memcpy(at + 1, &slab->free[*at], sizeof piece);
    slab->free[*at] = piece;
}

const unsigned char *slab_at(const struct slab *slab, uint32_t piece) { return piece_at(slab, piece) + 1; }

size_t slab_bytes(const struct slab *slab) { return slab->n_bytes; }
