/* Bytes of files: plain, gzip, pipes; and files that are none. */
#include "base/input.h"
#include "support.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

static struct input *input;
static struct err    err;

static char *content(void)
{
    static char bytes[1 << 16];
    size_t n = (size_t)input_bytes(input);
    cr_assert(n < sizeof bytes);
    ASSERT_OK(input_read(input, 0, bytes, n, &err), &err);
    bytes[n] = 0;
    return bytes;
}

static size_t packed(const char *text, unsigned char *ret_bytes, size_t room)
{
    z_stream stream = { 0 };
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    char *copy = strdup(text);
    stream.next_in = (unsigned char *)copy;
    stream.avail_in = (unsigned)strlen(text);
    stream.next_out = ret_bytes;
    stream.avail_out = (unsigned)room;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    free(copy);
    return room - stream.avail_out;
}

static const char *written(const void *bytes, size_t length)
{
    const char *path = support_path("file");
    support_write(path, bytes, length);
    return path;
}

Test(input, a_plain_file_is_read_at_any_offset)
{
    char part[4] = { 0 };
    ASSERT_OK(input_open(written("a,b\n1,2\n", 8), NULL, &input, &err), &err);
    cr_assert_eq(input_bytes(input), 8);
    ASSERT_OK(input_read(input, 4, part, 3, &err), &err);
    cr_assert_str_eq(part, "1,2");
    ASSERT_FAILS(input_read(input, 6, part, 3, &err), &err, ERR_INVALID, "became shorter");
    input_close(input);
}

Test(input, gzip_is_unpacked_whatever_the_name_and_members_are_joined)
{
    unsigned char bytes[4096];
    size_t n = packed("a,b\n1,2\n", bytes, sizeof bytes);
    n += packed("3,4\n", bytes + n, sizeof bytes - n);
    ASSERT_OK(input_open(written(bytes, n), NULL, &input, &err), &err);
    cr_assert_str_eq(content(), "a,b\n1,2\n3,4\n");
    input_close(input);
}

Test(input, gzip_cut_off_anywhere_is_refused_and_says_where)
{
    unsigned char bytes[4096];
    size_t n = packed("customer,date,amount\nann,2024-01-01,5\nbob,2024-01-02,7\n", bytes, sizeof bytes);
    for (size_t cut = 2; cut < n; cut++) {
        ASSERT_FAILS(input_open(written(bytes, cut), NULL, &input, &err), &err, ERR_INVALID,
                     "ends too early, at byte");
        cr_assert(strstr(err.text, "file"), "%s", err.text);
    }
}

Test(input, damaged_gzip_is_refused)
{
    unsigned char bytes[4096];
    size_t n = packed("customer,date,amount\nann,2024-01-01,5\nbob,2024-01-02,7\n", bytes, sizeof bytes);
    bytes[n - 6] ^= 0xff;       /* the checksum */
    ASSERT_FAILS(input_open(written(bytes, n), NULL, &input, &err), &err, ERR_INVALID, "damaged at byte");
    memcpy(bytes, "\x1f\x8b" "no gzip at all", 16);
    ASSERT_FAILS(input_open(written(bytes, 16), NULL, &input, &err), &err, ERR_INVALID, "damaged");
    n = packed("", bytes, sizeof bytes);
    ASSERT_FAILS(input_open(written(bytes, n), NULL, &input, &err), &err, ERR_INVALID, "is empty");
}

Test(input, standard_input_is_a_file_too)
{
    int ends[2];
    cr_assert(pipe(ends) == 0);
    cr_assert(write(ends[1], "a,b\n1,2\n", 8) == 8);
    close(ends[1]);
    cr_assert(dup2(ends[0], STDIN_FILENO) >= 0);
    close(ends[0]);
    ASSERT_OK(input_open("-", NULL, &input, &err), &err);
    cr_assert_str_eq(content(), "a,b\n1,2\n");
    cr_assert_str_eq(input_name(input), "standard input");
    input_close(input);
}

Test(input, what_is_no_text_is_refused_and_named)
{
    static const struct { const char *bytes; size_t n; const char *sentence; } cases[] = {
        { "", 0, "it is empty" },
        { "PK\3\4 workbook", 13, "save the sheet as CSV" },
        { "PAR1xxxx", 8, "Parquet" },
        { "SQLite format 3", 16, "SQLite database" },
        { "\xff\xfe" "a\0b", 5, "UTF-16" },
        { "\x28\xb5\x2f\xfd....", 8, "zstd" },
        { "\x7f" "ELF\0\0\0\0\0\0\0\0", 12, "it is binary, not text" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_FAILS(input_open(written(cases[i].bytes, cases[i].n), NULL, &input, &err), &err, ERR_INVALID,
                     cases[i].sentence);
    support_write(support_path("book.xlsx"), "\x01\x7f\x02 text \x03\x04\x05 \x06", 15);
    ASSERT_FAILS(input_open(support_path("book.xlsx"), NULL, &input, &err), &err, ERR_INVALID,
                 "it is called a workbook and is none");
    ASSERT_FAILS(input_open(support_scratch(), NULL, &input, &err), &err, ERR_INVALID,
                 "it is a folder; name one of the files");
    ASSERT_FAILS(input_open(support_path("absent.csv"), NULL, &input, &err), &err, ERR_MISSING,
                 "absent.csv: cannot open it: No such file");
}

Test(input, a_temporary_folder_that_cannot_be_written_is_named)
{
    unsigned char bytes[4096];
    size_t n = packed("a,b\n", bytes, sizeof bytes);
    const char *path = written(bytes, n);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    ASSERT_FAILS(input_open(path, NULL, &input, &err), &err, ERR_IO, "set TMPDIR");
}

static struct text unpack(const void *bytes, size_t n, size_t most, struct arena *arena, bool *ret_is_too_large)
{
    struct text text = { "", 0 };
    char *exact = malloc(n ? n : 1);        /* so that reading past the end is found */
    memcpy(exact, bytes, n);
    err.code = ERR_NONE;
    (void)!input_gunzip((struct text){ exact, n }, most, arena, &text, ret_is_too_large, &err);
    free(exact);
    return text;
}

Test(input, gzip_in_memory_is_unpacked_up_to_a_limit)
{
    struct arena *arena = arena_new(1 << 20);
    unsigned char bytes[4096];
    bool is_too_large;
    size_t n = packed("{\"a\":1}", bytes, sizeof bytes), whole = n + packed("  ", bytes + n, sizeof bytes - n);
    cr_assert(input_is_gzip((struct text){ (char *)bytes, n }));
    struct text text = unpack(bytes, n, 7, arena, &is_too_large);
    cr_assert(text_equal(text, text_of("{\"a\":1}")), "%s", err.text);
    text = unpack(bytes, whole, 100, arena, &is_too_large);
    cr_assert(text_equal(text, text_of("{\"a\":1}  ")), "%s", err.text);
    (void)unpack(bytes, n, 6, arena, &is_too_large);
    cr_assert(err.code == ERR_INVALID && is_too_large);
    for (size_t cut = 0; cut < n; cut++) {
        (void)unpack(bytes, cut, 100, arena, &is_too_large);
        cr_assert(err.code == ERR_INVALID && !is_too_large && strstr(err.text, "ends too early"), "%zu: %s",
                  cut, err.text);
    }
    bytes[n - 3] ^= 1;      /* the length at the end */
    (void)unpack(bytes, n, 100, arena, &is_too_large);
    cr_assert(err.code == ERR_INVALID && strstr(err.text, "damaged"), "%s", err.text);
    arena_free(arena);
}

Test(input, a_gzip_bomb_costs_no_more_than_its_limit)
{
    size_t n_zeros = 64 << 20, room = 1 << 20;
    struct arena *arena = arena_new(4 << 20);       /* passing this would abort */
    char *zeros = calloc(n_zeros, 1);
    unsigned char *bytes = malloc(room);
    z_stream stream = { .next_in = (unsigned char *)zeros, .avail_in = (unsigned)n_zeros, .next_out = bytes,
                        .avail_out = (unsigned)room };
    cr_assert_eq(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t n = room - stream.avail_out;
    deflateEnd(&stream);
    bool is_too_large;
    (void)unpack(bytes, n, 1 << 20, arena, &is_too_large);
    cr_assert(err.code == ERR_INVALID && is_too_large && strstr(err.text, "1048576"), "%s", err.text);
    free(bytes);
    free(zeros);
    arena_free(arena);
}
