/* log_column.c - see log_column.h. */
#include "log/log_column.h"
#include "base/hash.h"
#include "base/compress.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_FRAME, FORM_DELTA, FORMS };
enum { HEAD_BYTES = 36, CHECKSUM_BYTES = 8, BYTES_HEAD_BYTES = 16 };
enum { MOST_PLANES = 8, NOISE_SAMPLE = 8192, N = COLUMN_MOST_VALUES };

struct encoder {
    struct compressor *compressor;
    struct arena      *arena;
    size_t             room;
    uint64_t          *values;      /* [room] */
    uint8_t           *plane;       /* [room] */
    uint8_t           *compressed;  /* [MOST_PLANES x room] */
};

struct decoder {
    struct decompressor *decompressor;
    struct arena        *arena;
    size_t               room;
    uint64_t            *values;    /* [room] */
    uint8_t             *planes;    /* [MOST_PLANES x room] */
};

static double count_bits[NOISE_SAMPLE + 1];     /* c log2 c of each count c */

static void fill_count_bits(void)
{
    for (int c = 1; c <= NOISE_SAMPLE; c++) count_bits[c] = c * log2(c);
}

struct encoder *encoder_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, fill_count_bits);
    struct encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder && (encoder->compressor = compressor_new())) encoder->arena = arena_new(ARENA_NO_LIMIT);
    if (encoder && encoder->arena) return encoder;
    free(encoder);
    return NULL;
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder) return;
    compressor_free(encoder->compressor);
    arena_free(encoder->arena);
    free(encoder);
}

struct decoder *decoder_new(void)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder && (decoder->decompressor = decompressor_new())) decoder->arena = arena_new(ARENA_NO_LIMIT);
    if (decoder && decoder->arena) return decoder;
    free(decoder);
    return NULL;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder) return;
    decompressor_free(decoder->decompressor);
    arena_free(decoder->arena);
    free(decoder);
}

/* Small appends are many and need little; bulk needs all there can be. */
static size_t room_for(size_t n) { return n <= 512 ? 512 : n <= 8192 ? 8192 : N; }

uint64_t *encoder_values(struct encoder *encoder, size_t n)
{
    assert(n <= N);
    if (n <= encoder->room) return encoder->values;
    arena_reset(encoder->arena);
    size_t room = encoder->room = room_for(n);
    encoder->values = ARENA_ARRAY(encoder->arena, uint64_t, room);
    encoder->plane = ARENA_ARRAY(encoder->arena, uint8_t, room);
    encoder->compressed = ARENA_ARRAY(encoder->arena, uint8_t, MOST_PLANES * room);
    return encoder->values;
}

static void decoder_reserve(struct decoder *decoder, size_t n)
{
    assert(n <= N);
    if (n <= decoder->room) return;
    arena_reset(decoder->arena);
    size_t room = decoder->room = room_for(n);
    decoder->values = ARENA_ARRAY(decoder->arena, uint64_t, room);
    decoder->planes = ARENA_ARRAY(decoder->arena, uint8_t, MOST_PLANES * room);
}

static void     put64(uint8_t *to, uint64_t value)  { value = htole64(value); memcpy(to, &value, 8); }
static void     put32(uint8_t *to, uint32_t value)  { value = htole32(value); memcpy(to, &value, 4); }
static uint64_t get64(const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, 8);
    return le64toh(value);
}
static uint32_t get32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, 4);
    return le32toh(value);
}

static unsigned width_of(uint64_t largest) { return largest ? (71 - (unsigned)__builtin_clzll(largest)) / 8 : 0; }

/* The smallest signed value, and how far the largest lies above it. */
struct range { uint64_t least, span; };

static struct range range_of(const uint64_t *values, size_t n)
{
    int64_t least = (int64_t)values[0], most = least;
    for (size_t i = 1; i < n; i++) {
        int64_t value = (int64_t)values[i];
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    return (struct range){ (uint64_t)least, (uint64_t)most - (uint64_t)least };
}

static struct range range_of_differences(const uint64_t *values, size_t n)
{
    if (n < 2) return (struct range){ 0, UINT64_MAX };
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 1; i < n; i++) {
        int64_t value = (int64_t)(values[i] - values[i - 1]);
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    return (struct range){ (uint64_t)least, (uint64_t)most - (uint64_t)least };
}

/* Division by a number known to divide: one multiplication (Hacker's Delight, 10-16).  A value it
 * does not divide gives a quotient above most_quotient. */
struct divisor { uint64_t scale, inverse, most_quotient; unsigned shift; };

static struct divisor divisor_of(uint64_t scale)
{
    unsigned shift = (unsigned)__builtin_ctzll(scale);
    uint64_t odd = scale >> shift, inverse = odd;           /* right to 3 bits; each step doubles them */
    for (int i = 0; i < 5; i++) inverse *= 2 - odd * inverse;
    return (struct divisor){ scale, inverse, UINT64_MAX / scale, shift };
}

static uint64_t divide(const struct divisor *by, uint64_t value)
{
    uint64_t product = value * by->inverse;
    return by->shift ? product >> by->shift | product << (64 - by->shift) : product;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b) { uint64_t rest = a % b; a = b; b = rest; }
    return a;
}

/* The largest number that divides every value; 1 if all are 0. */
static struct divisor common_divisor(const uint64_t *values, size_t n)
{
    struct divisor by = { 0 };
    for (size_t i = 0; i < n && by.scale != 1; i++)
        if (values[i] && (!by.scale || divide(&by, values[i]) > by.most_quotient))
            by = divisor_of(greatest_common_divisor(by.scale, values[i]));
    return by.scale ? by : divisor_of(1);
}

/* Whether the bytes are so even, by the first of them, that compressing them cannot pay.  Counted in four tables, since
 * a count waits for the one before it of the same byte. */
static bool is_noise(const uint8_t *bytes, size_t n)
{
    uint16_t counts[4][256] = { { 0 } };
    if (n < 1024) return false;
    n = n > NOISE_SAMPLE ? NOISE_SAMPLE : n & ~(size_t)3;
    for (size_t i = 0; i < n; i += 4)
        for (size_t t = 0; t < 4; t++) counts[t][bytes[i + t]]++;
    double bits = count_bits[n];
    for (int i = 0; i < 256; i++) bits -= count_bits[counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i]];
    return bits > 7.85 * (double)n;
}

static size_t encode_plane(struct encoder *encoder, unsigned plane, size_t n)
{
    uint8_t *bytes = encoder->plane, *out = encoder->compressed + plane * encoder->room;
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(encoder->values[i] >> (8 * plane));
    size_t size = is_noise(bytes, n) ? 0 : compress_block(encoder->compressor, bytes, n, out, n);
    if (size) return size;
    memcpy(out, bytes, n);
    return n;
}

struct text column_encode(struct encoder *encoder, size_t n, uint64_t seed, struct arena *arena)
{
    assert(n >= 1 && n <= encoder->room);
    uint64_t *values = encoder->values, first = values[0];
    struct range range = range_of(values, n), differences = range_of_differences(values, n);
    enum form form = width_of(differences.span) < width_of(range.span) ? FORM_DELTA : FORM_FRAME;
    if (form == FORM_DELTA) {
        range = differences;
        for (size_t i = n; --i > 0; ) values[i] -= values[i - 1] + range.least;
        values[0] = 0;
    } else {
        for (size_t i = 0; i < n; i++) values[i] -= range.least;
    }
    struct divisor by = common_divisor(values, n);
    if (by.scale > 1) for (size_t i = 0; i < n; i++) values[i] = divide(&by, values[i]);

    unsigned width = width_of(range.span / by.scale);
    size_t sizes[MOST_PLANES], total = HEAD_BYTES + 4 * width;
    for (unsigned p = 0; p < width; p++) total += sizes[p] = encode_plane(encoder, p, n);
    uint8_t *out = arena_alloc(arena, total, 1), *at = out + HEAD_BYTES + 4 * width;
    out[8] = (uint8_t)form, out[9] = (uint8_t)width;
    put64(out + 12, range.least), put64(out + 20, first), put64(out + 28, by.scale);
    for (unsigned p = 0; p < width; at += sizes[p++]) {
        put32(out + HEAD_BYTES + 4 * p, (uint32_t)sizes[p]);
        memcpy(at, encoder->compressed + p * encoder->room, sizes[p]);
    }
    put64(out, hash_bytes(out + CHECKSUM_BYTES, total - CHECKSUM_BYTES, seed));
    return (struct text){ (const char *)out, total };
}

/* width is a constant at every call, so that each gets a loop of its own. */
static inline __attribute__((always_inline)) void join_planes(const uint8_t *const *planes, unsigned width,
                                                              size_t n, uint64_t base, uint64_t scale,
                                                              uint64_t *ret_values)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t small = 0;
        for (unsigned p = 0; p < width; p++) small |= (uint64_t)planes[p][i] << (8 * p);
        ret_values[i] = base + scale * small;
    }
}

static void join(const uint8_t *const *planes, unsigned width, size_t n, uint64_t base, uint64_t scale,
                 uint64_t *ret_values)
{
    switch (width) {
    case 0:  for (size_t i = 0; i < n; i++) ret_values[i] = base; return;
    case 1:  join_planes(planes, 1, n, base, scale, ret_values); return;
    case 2:  join_planes(planes, 2, n, base, scale, ret_values); return;
    case 3:  join_planes(planes, 3, n, base, scale, ret_values); return;
    case 4:  join_planes(planes, 4, n, base, scale, ret_values); return;
    case 5:  join_planes(planes, 5, n, base, scale, ret_values); return;
    default: join_planes(planes, width, n, base, scale, ret_values); return;
    }
}

static bool decode_planes(struct decoder *decoder, const uint8_t *bytes, size_t length, unsigned width, size_t n,
                          const uint8_t **ret_planes)
{
    if (length < 4 * (size_t)width) return false;
    const uint8_t *at = bytes + 4 * (size_t)width;
    size_t left = length - 4 * (size_t)width;
    for (unsigned p = 0; p < width; p++) {
        size_t size = get32(bytes + 4 * p);
        if (size > n || size > left) return false;
        uint8_t *plane = decoder->planes + p * decoder->room;
        ret_planes[p] = size == n ? at : plane;
        if (size < n && !decompress_block(decoder->decompressor, at, size, plane, n)) return false;
        at += size, left -= size;
    }
    return left == 0;
}

bool column_decode(struct decoder *decoder, struct text encoded, size_t n, uint64_t seed,
                   const uint64_t **ret_values, struct err *err)
{
    const uint8_t *bytes = (const uint8_t *)encoded.at, *planes[MOST_PLANES] = { 0 };
    decoder_reserve(decoder, n);
    if (encoded.length < HEAD_BYTES) return err_set(err, ERR_CORRUPT, "a column is cut short");
    if (get64(bytes) != hash_bytes(bytes + CHECKSUM_BYTES, encoded.length - CHECKSUM_BYTES, seed))
        return err_set(err, ERR_CORRUPT, "the checksum does not match");
    unsigned form = bytes[8], width = bytes[9];
    if (form >= FORMS || width > MOST_PLANES ||
        !decode_planes(decoder, bytes + HEAD_BYTES, encoded.length - HEAD_BYTES, width, n, planes))
        return err_set(err, ERR_CORRUPT, "a column does not decode");
    uint64_t *values = decoder->values;
    join(planes, width, n, get64(bytes + 12), get64(bytes + 28), values);
    if (form == FORM_DELTA && n > 0) {
        uint64_t sum = values[0] = get64(bytes + 20);
        for (size_t i = 1; i < n; i++) values[i] = sum += values[i];
    }
    *ret_values = values;
    return true;
}

struct text bytes_encode(struct encoder *encoder, struct text bytes, uint64_t seed, struct arena *arena)
{
    assert(bytes.length <= COLUMN_MOST_BYTES);
    uint8_t *out = arena_alloc(arena, BYTES_HEAD_BYTES + bytes.length, 1);
    size_t size = compress_block(encoder->compressor, bytes.at, bytes.length, out + BYTES_HEAD_BYTES, bytes.length);
    if (!size && bytes.length) memcpy(out + BYTES_HEAD_BYTES, bytes.at, size = bytes.length);
    put64(out + 8, bytes.length);
    put64(out, hash_bytes(out + CHECKSUM_BYTES, BYTES_HEAD_BYTES - CHECKSUM_BYTES + size, seed));
    return (struct text){ (const char *)out, BYTES_HEAD_BYTES + size };
}

bool bytes_decode(struct decoder *decoder, struct text encoded, uint64_t seed, size_t most_bytes,
                  struct arena *arena, struct text *ret_bytes, struct err *err)
{
    const uint8_t *bytes = (const uint8_t *)encoded.at;
    if (encoded.length < BYTES_HEAD_BYTES) return err_set(err, ERR_CORRUPT, "a run of bytes is cut short");
    if (get64(bytes) != hash_bytes(bytes + CHECKSUM_BYTES, encoded.length - CHECKSUM_BYTES, seed))
        return err_set(err, ERR_CORRUPT, "the checksum does not match");
    uint64_t length = get64(bytes + 8), size = encoded.length - BYTES_HEAD_BYTES;
    if (length > most_bytes || size > length)
        return err_set(err, ERR_CORRUPT, "a run of bytes has an impossible length");
    char *out = arena_alloc(arena, length + 1, 1);
    if (size == length) memcpy(out, bytes + BYTES_HEAD_BYTES, length);
    else if (!decompress_block(decoder->decompressor, bytes + BYTES_HEAD_BYTES, size, out, length))
        return err_set(err, ERR_CORRUPT, "a run of bytes does not decode");
    *ret_bytes = (struct text){ out, length };
    return true;
}
