/* CSV records: fields, quotes, faults with their lines, and buffers cut anywhere. */
#include "base/csv.h"
#include "support.h"

#include <string.h>

static struct csv_reader reader;

static void start(const char *text, struct csv_dialect dialect)
{
    static char buffer[1 << 16];
    size_t length = strlen(text);
    memcpy(buffer, text, length);
    memset(buffer + length, 0, CSV_PADDING);
    csv_start(&reader, &dialect, buffer, length, true, 1);
}

static const struct csv_dialect comma = { .separator = ',', .quote = '"', .newline = '\n' };

/* All records as "a|b|c;d|e|f;", a fault as "!line reason;". */
static const char *all(const char *text, struct csv_dialect dialect)
{
    static char out[1 << 16];
    size_t n = 0;
    start(text, dialect);
    for (enum csv_step step; (step = csv_next(&reader)) != CSV_END;) {
        if (step == CSV_BAD)
            n += (size_t)snprintf(out + n, sizeof out - n, "!%llu %s", (unsigned long long)reader.row_line,
                                  reader.reason);
        for (size_t i = 0; step == CSV_ROW && i < reader.n_fields; i++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i ? "|" : "",
                                  (int)reader.fields[i].length, reader.fields[i].at);
        n += (size_t)snprintf(out + n, sizeof out - n, ";");
    }
    out[n] = 0;
    return out;
}

Test(csv, records_with_every_kind_of_newline)
{
    cr_assert_str_eq(all("a,b\n1,2\n", comma), "a|b;1|2;");
    cr_assert_str_eq(all("a,b\r\n1,2\r\n", comma), "a|b;1|2;");
    cr_assert_str_eq(all("a,b\n\n\r\n1,2", comma), "a|b;1|2;",
                     "empty lines are passed over, the last needs no newline");
    cr_assert_str_eq(all(",\n,,x\n", comma), "|;||x;");
    struct csv_dialect mac = { .separator = ';', .newline = '\r' };
    cr_assert_str_eq(all("a;b\r1;2\r", mac), "a|b;1|2;");
}

Test(csv, quotes_hold_separators_newlines_and_quotes)
{
    cr_assert_str_eq(all("\"a,b\",\"c \"\"d\"\"\",\"\"\n", comma), "a,b|c \"d\"|;");
    cr_assert_str_eq(all("1,\"two\nlines\"\n3,4\n", comma), "1|two\nlines;3|4;");
    cr_assert_eq(reader.row_line, 3, "a newline inside quotes counts as a line");
    cr_assert_str_eq(all("\"x\"\r\n\"y\"", comma), "x;y;");
    cr_assert_str_eq(all("a, \"b, c\" ,d\n", comma), "a|b, c|d;", "blanks around quotes");
    cr_assert_str_eq(all("5\" nail,\"6\"\n", comma), "5\" nail|6;",
                     "a quote inside a plain field is a character");
    struct csv_dialect single = { .separator = ',', .quote = '\'', .newline = '\n' };
    cr_assert_str_eq(all("'a,b',\"c\"\n", single), "a,b|\"c\";");
}

Test(csv, a_faulty_record_is_named_by_its_line_and_the_next_line_goes_on)
{
    cr_assert_str_eq(all("a\n1,\"open\n2,b\n", comma), "a;!2 a quote is opened and never closed;2|b;");
    cr_assert_str_eq(all("a\n\"x\"y,1\nb\n", comma), "a;!2 there is text after a closing quote;b;");
    static char with_nul[64] = "a,b\n1,?2\n3,4\n";
    *strchr(with_nul, '?') = 0;
    csv_start(&reader, &comma, with_nul, 13, true, 1);
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_eq(csv_next(&reader), CSV_BAD);
    cr_assert(strstr(reader.reason, "NUL"));
    cr_assert_eq(reader.row_line, 2);
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_eq(csv_next(&reader), CSV_END);
}

Test(csv, padded_text_splits_at_runs_of_blanks)
{
    struct csv_dialect padded = { .separator = ' ', .quote = '"', .newline = '\n', .is_padded = true };
    cr_assert_str_eq(all(" 00001 19970101  1   11.77\r\n00002  2 \"a b\" x\n   \n", padded),
                     "00001|19970101|1|11.77;00002|2|a b|x;");
}

Test(csv, a_line_of_more_than_a_mebibyte_and_too_many_columns_are_refused)
{
    enum { LONG = CSV_LINE_MAX + 1000 };
    static char bytes[LONG + 100 + CSV_PADDING];
    memset(bytes, 'x', LONG);
    memcpy(bytes + LONG, "\nb\n", 3);
    csv_start(&reader, &comma, bytes, LONG + 3, true, 1);
    cr_assert_eq(csv_next(&reader), CSV_BAD);
    cr_assert_str_eq(reader.reason, "the line is longer than 1 MiB");
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_eq(reader.row_line, 2);
    memset(bytes, ',', CSV_COLUMNS_MAX + 5);
    bytes[CSV_COLUMNS_MAX + 5] = '\n';
    csv_start(&reader, &comma, bytes, CSV_COLUMNS_MAX + 6, true, 1);
    cr_assert_eq(csv_next(&reader), CSV_BAD);
    cr_assert(strstr(reader.reason, "20,000 columns"));
}

/* Random text of the characters that matter. */
static size_t random_text(struct rng *rng, char *bytes, size_t most)
{
    static const char alphabet[] = "ab,\"\n\r 1";
    size_t n = rng_below(rng, most);
    for (size_t i = 0; i < n; i++) bytes[i] = alphabet[rng_below(rng, sizeof alphabet - 1)];
    return n;
}

struct record { enum csv_step step; uint64_t line, hash; };

static uint64_t hash_record(void)
{
    uint64_t hash = reader.n_fields;
    for (size_t i = 0; reader.n_fields > i; i++) {
        hash = hash * 31 + reader.fields[i].length;
        for (size_t k = 0; k < reader.fields[i].length; k++)
            hash = hash * 131 + (unsigned char)reader.fields[i].at[k];
    }
    return hash;
}

static size_t take_all(struct record *records, size_t n, uint64_t first_line)
{
    for (enum csv_step step; (step = csv_next(&reader)) != CSV_END;)
        records[n++] = (struct record){ step, reader.row_line + first_line,
                                        step == CSV_ROW ? hash_record() : 0 };
    return n;
}

Test(csv, a_buffer_cut_anywhere_gives_the_same_records)
{
    EACH_CASE(c, 500) {
        char bytes[300 + CSV_PADDING] = { 0 };
        struct record want[300], got[300];
        size_t length = random_text(&c.rng, bytes, 300), n_got = 0, at = 0;
        csv_start(&reader, &comma, bytes, length, true, 0);
        size_t n_want = take_all(want, 0, 0);
        uint64_t line = 0;
        for (size_t room = 1 + rng_below(&c.rng, 40); at < length;) {
            size_t n = length - at < room ? length - at : room;
            bool is_skipping = false, is_last = at + n == length;
            size_t whole = csv_split(&reader, &comma, bytes + at, n, is_last, &is_skipping);
            cr_assert(whole <= n);
            if (is_last) whole = n;
            if (whole == 0) { room *= 2; continue; }
            char piece[300 + CSV_PADDING] = { 0 };
            memcpy(piece, bytes + at, n);
            csv_start(&reader, &comma, piece, n, is_last, 0);
            reader.stop = piece + whole;
            n_got = take_all(got, n_got, line);
            line += reader.line;
            at += whole;
        }
        cr_assert_eq(n_got, n_want, "%zu records, not %zu (seed %llu)", n_got, n_want,
                     (unsigned long long)c.seed);
        for (size_t i = 0; i < n_want; i++)
            cr_assert(got[i].step == want[i].step && got[i].line == want[i].line &&
                          got[i].hash == want[i].hash,
                      "record %zu (seed %llu)", i, (unsigned long long)c.seed);
    }
}

Test(csv, a_backslash_before_a_quote_makes_it_text_where_the_dialect_has_it)
{
    struct csv_dialect escaping = comma;
    escaping.escape = '\\';
    cr_assert_str_eq(all("a,\"15\\\" wide, red\",b\n", escaping), "a|15\" wide, red|b;");
    cr_assert_str_eq(all("\"\\\"\",\"all \\\"of\\\" it\"\n", escaping), "\"|all \"of\" it;");
    cr_assert_str_eq(all("\"C:\\\\\",x\n", escaping), "C:\\|x;");         /* two backslashes are one, and the field's end */
    cr_assert_str_eq(all("\"a\\\\\\\"b\\\\c\",\"\\n\"\n", escaping), "a\\\"b\\c|\\n;");
    cr_assert_str_eq(all("\"a \"\"b\"\"\",x\n", escaping), "a \"b\"|x;");
    cr_assert_str_eq(all("\"15\\\",x\n", comma), "15\\|x;");
}
