/* JSON as records: what is a field, what is a fault, where reading goes on; wherever it is cut, the same comes. */
#include "base/json_rows.h"
#include "base/csv.h"
#include "support.h"

#include <jansson.h>

static struct csv_reader reader;
static struct arena *arena;

static void open_arena(void) { arena = arena_new(ARENA_NO_LIMIT); }
static void close_arena(void) { arena_free(arena); }
TestSuite(json_rows, .init = open_arena, .fini = close_arena);

static char *padded(const char *text, size_t length)
{
    char *bytes = arena_alloc(arena, length + CSV_PADDING, 1);
    memcpy(bytes, text, length);
    return bytes;
}

static struct csv_dialect dialect_of(const char *text)
{
    bool is_spread = false;
    size_t skip = 0;
    cr_assert(json_rows_begin(text_of(text), &is_spread, &skip), "%s", text);
    struct csv_dialect dialect = { .newline = '\n', .json = json_columns_new(is_spread, arena) };
    csv_start(&reader, &dialect, padded(text, strlen(text)), strlen(text), true, 1);
    while (csv_next(&reader) != CSV_END) continue;
    dialect.json->is_learning = false;
    return dialect;
}

static void start(const char *text)
{
    struct csv_dialect dialect = dialect_of(text);
    csv_start(&reader, &dialect, padded(text, strlen(text)), strlen(text), true, 1);
}

static const char *field(const char *name)
{
    const struct json_columns *columns = reader.dialect.json;
    for (size_t c = 0; c < columns->n_columns; c++)
        if (strcmp(json_column_name(columns, c), name) == 0)
            return arena_format(arena, "%.*s", (int)reader.fields[c].length, reader.fields[c].at);
    cr_assert_fail("no field %s", name);
    return "";
}

Test(json_rows, members_are_fields_named_by_their_path_in_whatever_order_they_stand)
{
    start("{\"id\": 7, \"user\": {\"name\": \"A\\u00e9\\n\", \"plan\": null}, \"paid\": true}\n"
          "{\"paid\":false,\"user\":{\"plan\":\"gold\"},\"id\":-1.5e3}\r\n\n{}\n");
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_str_eq(field("id"), "7");
    cr_assert_str_eq(field("user.name"), "A\xc3\xa9\n");
    cr_assert_str_eq(field("user.plan"), "");
    cr_assert_str_eq(field("paid"), "true");
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_str_eq(field("user.plan"), "gold");
    cr_assert_str_eq(field("user.name"), "");
    cr_assert_str_eq(field("id"), "-1.5e3");
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_eq(reader.row_line, 4);
    cr_assert_str_eq(field("id"), "");
    cr_assert_eq(csv_next(&reader), CSV_END);
}

Test(json_rows, pairs_of_key_and_value_are_members_and_other_lists_keep_their_text)
{
    start("{\"params\":[{\"key\":\"page\",\"value\":{\"string_value\":\"/a\",\"int_value\":null}},"
          "{\"key\":\"n\",\"value\":{\"int_value\":\"3\"}}],\"tags\":[1,\"b\",{}],\"none\":[]}\n");
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_str_eq(field("params.page"), "/a");
    cr_assert_str_eq(field("params.n"), "3");
    cr_assert_str_eq(field("tags"), "[1,\"b\",{}]");
    cr_assert_str_eq(field("none"), "[]");
}

Test(json_rows, a_list_of_objects_over_many_lines_is_read_as_one_object_a_line_is)
{
    start("[\n  {\n    \"id\": 1,\n    \"x\": { \"y\": \"a}\\\"{\" }\n  },\n  { \"id\": 2 },{\"id\":3}\n]\n");
    static const struct { const char *id; uint64_t line; } want[] = { { "1", 2 }, { "2", 6 }, { "3", 6 } };
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(csv_next(&reader), CSV_ROW);
        cr_assert_str_eq(field("id"), want[i].id);
        cr_assert_eq(reader.row_line, want[i].line);
    }
    cr_assert_eq(csv_next(&reader), CSV_END);
}

Test(json_rows, a_malformed_object_costs_itself_and_says_the_byte)
{
    static const struct { const char *bad, *reason; } faults[] = {
        { "{\"id\":01}", "malformed JSON at byte 9" },
        { "{\"id\":1,}", "a name in quotes expected" },
        { "{\"id\":1}x", "the end of the line expected" },
        { "{\"id\":\"\t\"}", "a character that may stand in a string" },
        { "{\"id\":\"\\ud83d\"}", "the other half of a character" },
        { "{\"id\":\"\\u0000\"}", "other than NUL" },
        { "{\"id\":1,\"id\":2}", "a member that was not there before" },
        { "{\"id\":tru}", "a value expected" },
        { "id,1", "an object expected" },
        { "[[1]]", "an object expected" },
        { "{\"id\":1", "',' or '}' expected" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        start(arena_format(arena, "{\"id\":1}\n%s\n{\"id\":3}\n", faults[i].bad));
        cr_assert_eq(csv_next(&reader), CSV_ROW);
        cr_assert_eq(csv_next(&reader), CSV_BAD, "%s", faults[i].bad);
        cr_assert(strstr(reader.reason, faults[i].reason), "%s: %s", faults[i].bad, reader.reason);
        cr_assert_eq(reader.row_line, 2);
        cr_assert_eq(csv_next(&reader), CSV_ROW);
        cr_assert_str_eq(field("id"), "3");
        cr_assert_eq(csv_next(&reader), CSV_END);
        if (strchr(faults[i].bad, '[') || strchr(faults[i].bad, ',') == NULL) continue;
        start(arena_format(arena, "[{\"id\":1},\n%s,\n{\"id\":3}]\n", faults[i].bad));
        size_t n_good = 0;
        for (enum csv_step step; (step = csv_next(&reader)) != CSV_END;) n_good += step == CSV_ROW;
        cr_assert(n_good >= 2, "%s", faults[i].bad);
    }
}

Test(json_rows, an_object_of_more_than_a_mebibyte_is_refused_and_the_next_is_read)
{
    enum { LONG = CSV_LINE_MAX + 1000 };
    char *text = arena_alloc(arena, LONG + 100, 1);
    memset(text, 'x', LONG);
    memcpy(text, "{\"id\":\"", 7);
    memcpy(text + LONG, "\"}\n{\"id\":2}\n", 13);
    struct csv_dialect dialect = { .newline = '\n', .json = json_columns_new(false, arena) };
    size_t length = LONG + 12;
    csv_start(&reader, &dialect, padded(text, length), length, true, 1);
    cr_assert_eq(csv_next(&reader), CSV_BAD);
    cr_assert(strstr(reader.reason, "longer than 1 MiB"), "%s", reader.reason);
    cr_assert_eq(csv_next(&reader), CSV_ROW);
    cr_assert_str_eq(field("id"), "2");
    cr_assert_eq(reader.row_line, 2);
}

/* One random object of members a..f, some of them nested, as jansson writes it. */
static json_t *random_object(struct rng *rng, int depth)
{
    json_t *object = json_object();
    for (char name[2] = "a"; *name <= 'f'; ++*name) {
        switch (support_between(rng, 0, depth > 0 ? 7 : 5)) {
        case 0: break;
        case 1: json_object_set_new(object, name, json_null()); break;
        case 2: json_object_set_new(object, name, json_integer(support_between(rng, -9999, 9999))); break;
        case 3: json_object_set_new(object, name, json_boolean(support_between(rng, 0, 1))); break;
        case 4: json_object_set_new(object, name, json_string("q\"\\/\b\n\xc3\xa9\xf0\x9f\x98\x80}{][,")); break;
        case 5: json_object_set_new(object, name, json_real((double)support_between(rng, -500, 500) / 8)); break;
        default: json_object_set_new(object, name, random_object(rng, depth - 1)); break;
        }
    }
    return object;
}

static void check_against(json_t *object, const char *path)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        const char *full = *path ? arena_format(arena, "%s.%s", path, name) : name;
        if (json_is_object(value)) { check_against(value, full); continue; }
        char *want = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        cr_assert_str_eq(field(full), json_is_string(value) ? json_string_value(value)
                                      : json_is_null(value) ? "" : want);
        free(want);
    }
}

Test(json_rows, random_objects_read_as_jansson_reads_them_and_the_same_wherever_the_buffer_is_cut)
{
    EACH_CASE(c, 150) {
        enum { N = 8 };
        json_t *objects[N], *list = json_array();
        bool is_spread = support_between(&c.rng, 0, 1);
        char *text = arena_alloc(arena, 1 << 17, 1);
        size_t length = 0;
        for (size_t i = 0; i < N; i++) {
            objects[i] = random_object(&c.rng, 2);
            json_array_append_new(list, objects[i]);
            char *line = json_dumps(objects[i], support_between(&c.rng, 0, 1) ? JSON_ENSURE_ASCII : 0);
            if (!is_spread) length += (size_t)snprintf(text + length, (1 << 17) - length, "%s\n", line);
            free(line);
        }
        if (is_spread) {
            char *all = json_dumps(list, JSON_INDENT((size_t)support_between(&c.rng, 0, 3)));
            length = (size_t)snprintf(text, 1 << 17, "%s", all);
            free(all);
        }
        struct csv_dialect dialect = { .newline = '\n', .json = json_columns_new(is_spread, arena) };
        csv_start(&reader, &dialect, padded(text, length), length, true, 1);
        while (csv_next(&reader) != CSV_END) continue;
        dialect.json->is_learning = false;
        size_t at = 0, n = 0;
        bool is_skipping = false;
        while (at < length) {           /* a block of random length, or more while no record is whole in it */
            size_t take = (size_t)support_between(&c.rng, 1, (int64_t)(length - at)), whole = 0;
            for (; whole == 0; take = take < length - at ? take + 1 : take) {
                whole = csv_split(&reader, &dialect, padded(text + at, take), take, at + take == length,
                                  &is_skipping);
                if (at + take == length) whole = take;
            }
            csv_start(&reader, &dialect, padded(text + at, length - at), length - at, true, 1);
            reader.stop = reader.at + whole;
            for (enum csv_step step; (step = csv_next(&reader)) != CSV_END; n++) {
                cr_assert_eq(step, CSV_ROW, "%s", reader.reason);
                check_against(objects[n], "");
            }
            at += whole;
        }
        cr_assert_eq(n, N);
        json_decref(list);
    }
}
