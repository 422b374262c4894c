/* Any bytes as a column, a run of bytes or a block of names: decoded, or refused; never beyond a limit.  The
 * checksum is put right first, or nothing but the checksum would be tried. */
#include "base/hash.h"
#include "log/log_column.h"
#include "log/names.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED = 7, MOST_BYTES = 1 << 20 };

static struct text with_checksum(const uint8_t *data, size_t size, uint64_t seed, struct arena *arena)
{
    char *bytes = arena_alloc(arena, size + 8, 1);
    if (size) memcpy(bytes + 8, data, size);
    uint64_t checksum = hash_bytes(bytes + 8, size, seed);
    memcpy(bytes, &checksum, 8);
    return (struct text){ bytes, size + 8 };
}

/* What decodes must encode to something that decodes to the same. */
static void check_again(struct encoder *encoder, struct decoder *decoder, const uint64_t *values, size_t n,
                        struct arena *arena)
{
    struct err err;
    uint64_t *kept = ARENA_ARRAY(arena, uint64_t, n), *again = encoder_values(encoder, n);
    memcpy(kept, values, n * sizeof *kept);
    memcpy(again, values, n * sizeof *kept);
    struct text encoded = column_encode(encoder, n, SEED, arena);
    if (!column_decode(decoder, encoded, n, SEED, &values, &err) || memcmp(values, kept, n * sizeof *kept) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) return 0;
    struct arena *arena = arena_new((size_t)1 << 30);
    struct encoder *encoder = encoder_new();
    struct decoder *decoder = decoder_new();
    const uint64_t *values;
    struct text bytes;
    struct err err;
    size_t n = 1 + (data[0] | (size_t)data[1] << 8), half = size / 2;
    struct text column = with_checksum(data + 2, size - 2, SEED, arena);
    if (column_decode(decoder, column, n, SEED, &values, &err)) check_again(encoder, decoder, values, n, arena);
    if (bytes_decode(decoder, column, SEED, MOST_BYTES, arena, &bytes, &err) && bytes.length > MOST_BYTES) abort();

    struct names names;
    if (names_init(&names, &err)) {
        bool ok = names_decode(&names, with_checksum(data + 2, half - 1, SEED, arena),
                               with_checksum(data + 1 + half, size - 1 - half, SEED, arena), n, SEED, decoder,
                               arena, &err);
        if (ok && names.n != n + 1) abort();
        names_free(&names);
    }
    encoder_free(encoder);
    decoder_free(decoder);
    arena_free(arena);
    return 0;
}
