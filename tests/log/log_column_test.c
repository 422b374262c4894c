/* One column as few bytes: any values come back, and the usual ones take little room. */
#include "log/log_column.h"
#include "support.h"

static struct encoder *encoder;
static struct decoder *decoder;
static struct arena   *arena;

static void set_up(void) { encoder = encoder_new(), decoder = decoder_new(), arena = arena_new(ARENA_NO_LIMIT); }
static void tear_down(void) { encoder_free(encoder), decoder_free(decoder), arena_free(arena); }

TestSuite(log_column, .init = set_up, .fini = tear_down);

/* Encodes, decodes, compares; the bytes it took. */
static size_t round_trip(const uint64_t *values, size_t n)
{
    struct err err;
    const uint64_t *got;
    memcpy(encoder_values(encoder, n), values, n * sizeof *values);
    struct text encoded = column_encode(encoder, n, 5, arena);
    ASSERT_OK(column_decode(decoder, encoded, n, 5, &got, &err), &err);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(got[i], values[i], "value %zu of %zu (seed %llu)", i, n,
                     (unsigned long long)support_seed());
    return encoded.length;
}

Test(log_column, any_values_come_back_whatever_their_size_step_and_number)
{
    static uint64_t values[COLUMN_MOST_VALUES];
    EACH_CASE(c, 150) {
        size_t n = 1 + rng_below(&c.rng, c.index % 10 == 0 ? COLUMN_MOST_VALUES : 700);
        uint64_t step = UINT64_C(1) << rng_below(&c.rng, 64), base = rng_uint64(&c.rng),
                 bits = rng_below(&c.rng, 64), sum = base;
        bool is_running = rng_below(&c.rng, 2);
        if (rng_below(&c.rng, 2)) step *= 1 + rng_below(&c.rng, 1000);
        for (size_t i = 0; i < n; i++) {
            uint64_t drawn = step * (rng_uint64(&c.rng) >> bits);
            values[i] = is_running ? (sum += drawn) : base + drawn;
            if (rng_below(&c.rng, 500) == 0) values[i] = rng_uint64(&c.rng);
        }
        round_trip(values, n);
    }
}

Test(log_column, the_ends_of_the_range_come_back)
{
    static const uint64_t ends[] = { 0, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 1, UINT64_MAX - 1, 0 };
    for (size_t first = 0; first < 7; first++)
        for (size_t n = 1; first + n <= 7; n++) round_trip(ends + first, n);
}

Test(log_column, usual_columns_take_little_room)
{
    enum { N = COLUMN_MOST_VALUES };
    static uint64_t values[N];
    struct rng rng = rng_new(1);
    for (size_t i = 0; i < N; i++) values[i] = 77;
    cr_assert_lt(round_trip(values, N), 50, "a constant");
    for (size_t i = 0; i < N; i++) values[i] = UINT64_C(1300000000000) + (uint64_t)i / 100 * 86400000;
    cr_assert_lt(round_trip(values, N), N / 40, "days in order");
    for (size_t i = 0; i < N; i++)
        values[i] = UINT64_C(1300000000000) + (uint64_t)i * 60000 + rng_below(&rng, 60) * 1000;
    cr_assert_lt(round_trip(values, N), N * 11 / 10, "seconds in order");
    for (size_t i = 0; i < N; i++) values[i] = rng_below(&rng, 5) ? 0 : 1;
    cr_assert_lt(round_trip(values, N), N / 4, "a rare yes");
    for (size_t i = 0; i < N; i++) values[i] = (uint64_t)(int64_t)(-100 * (int64_t)rng_below(&rng, 200));
    cr_assert_lt(round_trip(values, N), N * 11 / 10, "whole amounts, negative");
    for (size_t i = 0; i < N; i++) values[i] = rng_uint64(&rng);
    cr_assert_lt(round_trip(values, N), 8 * N + 100, "noise is not made larger");
}

Test(log_column, a_wrong_seed_length_or_count_is_refused)
{
    struct err err;
    const uint64_t *got;
    uint64_t *values = encoder_values(encoder, 300);
    for (size_t i = 0; i < 300; i++) values[i] = i * i % 1000;
    struct text encoded = column_encode(encoder, 300, 5, arena);
    ASSERT_FAILS(column_decode(decoder, encoded, 300, 6, &got, &err), &err, ERR_CORRUPT,
                 "the checksum does not match");
    ASSERT_FAILS(column_decode(decoder, encoded, 299, 5, &got, &err), &err, ERR_CORRUPT, "does not decode");
    ASSERT_FAILS(column_decode(decoder, (struct text){ encoded.at, encoded.length - 1 }, 300, 5, &got, &err),
                 &err, ERR_CORRUPT, "checksum");
    ASSERT_FAILS(column_decode(decoder, (struct text){ encoded.at, 20 }, 300, 5, &got, &err), &err, ERR_CORRUPT,
                 "cut short");
    ASSERT_FAILS(column_decode(decoder, (struct text){ NULL, 0 }, 300, 5, &got, &err), &err, ERR_CORRUPT,
                 "cut short");
}

Test(log_column, runs_of_bytes_come_back_and_respect_their_limit)
{
    struct err err;
    struct text got;
    EACH_CASE(c, 50) {
        size_t length = rng_below(&c.rng, 3000);
        char *bytes = arena_alloc(arena, length + 1, 1);
        for (size_t i = 0; i < length; i++) bytes[i] = (char)rng_below(&c.rng, c.index % 2 ? 4 : 256);
        struct text encoded = bytes_encode(encoder, (struct text){ bytes, length }, c.index, arena);
        ASSERT_OK(bytes_decode(decoder, encoded, c.index, length, arena, &got, &err), &err);
        cr_assert(text_equal(got, (struct text){ bytes, length }));
        if (length > 0)
            ASSERT_FAILS(bytes_decode(decoder, encoded, c.index, length - 1, arena, &got, &err), &err,
                         ERR_CORRUPT, "impossible length");
    }
}
