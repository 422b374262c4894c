/* Inputs that are not plain text in UTF-8: zstd and UTF-16, whole and damaged. */
#include "base/input.h"
#include "base/compress.h"
#include "support.h"

static struct err err;
static struct arena *arena;
static struct input *input;

static void open_arena(void) { arena = arena_new(ARENA_NO_LIMIT); }
static void close_arena(void) { arena_free(arena); }
TestSuite(packed_input, .init = open_arena, .fini = close_arena);

static bool open_bytes(const void *bytes, size_t n)
{
    support_write(support_path("packed.csv"), bytes, n);
    return input_open(support_path("packed.csv"), NULL, &input, &err);
}

static void check_text(const char *want, size_t n)
{
    cr_assert_eq(input_bytes(input), n);
    char *got = arena_alloc(arena, n + 1, 1);
    ASSERT_OK(input_read(input, 0, got, n, &err), &err);
    cr_assert(memcmp(got, want, n) == 0);
    input_close(input);
}

/* Rows that do not fit one buffer of any stage. */
static char *many_rows(size_t *ret_n)
{
    enum { ROWS = 60000, ROW_BYTES = 24 };
    char *text = arena_alloc(arena, ROWS * ROW_BYTES, 1);
    size_t n = 0;
    for (int i = 0; i < ROWS; i++)
        n += (size_t)snprintf(text + n, ROW_BYTES, "c%d,%d,%d\n", i % 977, i * 7919 % 10007, i);
    *ret_n = n;
    return text;
}

Test(packed_input, zstd_is_unpacked_frame_after_frame_and_refused_where_it_is_cut_or_damaged)
{
    size_t n;
    char *text = many_rows(&n), *packed = arena_alloc(arena, 2 * n, 1);
    struct compressor *compressor = compressor_new();
    size_t half = n / 2, first = compress_block(compressor, text, half, packed, n);
    size_t all = first + compress_block(compressor, text + half, n - half, packed + first, n);
    compressor_free(compressor);
    cr_assert(first > 0 && all > first);
    ASSERT_OK(open_bytes(packed, all), &err);
    check_text(text, n);
    for (size_t cut = 5; cut < all; cut += all / 7)
        if (cut != first) ASSERT_FAILS(open_bytes(packed, cut), &err, ERR_INVALID, "ends too early");
    packed[first] ^= 0x55;      /* where the second frame begins */
    ASSERT_FAILS(open_bytes(packed, all), &err, ERR_INVALID, "the zstd data is damaged near byte");
}

Test(packed_input, utf_16_of_either_order_with_and_without_its_mark_is_text)
{
    static const char want[] = "name,amount\nM\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80,1\n";
    static const unsigned short units[] = { 0xFEFF, 'n', 'a',    'm',  'e',    ',',    'a', 'm', 'o',
                                            'u',    'n', 't',    '\n', 'M',    0xFC,   'l', 'l', 'e',
                                            'r',    ' ', 0x20AC, ' ',  0xD83D, 0xDE00, ',', '1', '\n' };
    enum { N = sizeof units / sizeof *units };
    for (int is_big = 0; is_big < 2; is_big++)
        for (int skip = 0; skip < 2; skip++) {
            unsigned char bytes[2 * N];
            for (size_t i = 0; i < N; i++) {
                bytes[2 * i + (is_big ? 1 : 0)] = (unsigned char)(units[i] & 0xFF);
                bytes[2 * i + (is_big ? 0 : 1)] = (unsigned char)(units[i] >> 8);
            }
            bool is_told = skip == 0;
            ASSERT_OK(open_bytes(bytes + 2 * skip, sizeof bytes - 2 * (size_t)skip), &err);
            cr_assert(strcmp(input_encoding(input), "UTF-16") == 0, "%d", is_told);
            check_text(want, sizeof want - 1);
        }
}

Test(packed_input, utf_16_that_is_cut_within_a_character_is_refused_and_half_a_pair_is_marked)
{
    static const unsigned char cut[] = { 0xFF, 0xFE, 'a', 0, ',' },
                               half[] = { 0xFF, 0xFE, 'a', 0, 0x3D, 0xD8, 'b', 0, 0x3D, 0xD8 };
    ASSERT_FAILS(open_bytes(cut, sizeof cut), &err, ERR_INVALID, "ends within a character, at byte 5");
    ASSERT_OK(open_bytes(half, sizeof half), &err);
    check_text("a\xef\xbf\xbd" "b\xef\xbf\xbd", 8);
}

Test(packed_input, parquet_and_others_are_named_with_what_to_do)
{
    static const struct { const char *bytes, *sentence; } cases[] = {
        { "PAR1xxxxxxxxxxxx", "Parquet" }, { "Obj\1xxxxxxxx", "Avro" }, { "PK\3\4xxxxxxxxxxxxxxx", "ZIP" },
        { "\xd0\xcf\x11\xe0xxxxxxxx", "old Excel workbook" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_FAILS(open_bytes(cases[i].bytes, strlen(cases[i].bytes)), &err, ERR_INVALID, cases[i].sentence);
        cr_assert(strstr(err.text, "CSV"), "%s", err.text);
    }
}
