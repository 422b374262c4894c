/* JSON as a flat list: against jansson on random texts, and what it refuses, with the byte. */
#include "base/json_read.h"
#include "support.h"

#include <jansson.h>
#include <string.h>

static struct arena *arena;
static struct json   json;
static struct err    err;

static void setup(void)    { arena = arena_new(ARENA_NO_LIMIT); }
static void teardown(void) { arena_free(arena); }
TestSuite(json_read, .init = setup, .fini = teardown);

/* From memory of exactly the text's size, so that reading past it is found. */
static bool read_bytes(const char *text, size_t length)
{
    char *bytes = arena_alloc(arena, length, 1);
    memcpy(bytes, text, length);
    return json_read((struct text){ bytes, length }, arena, &json, &err);
}
static bool read(const char *text) { return read_bytes(text, strlen(text)); }

#define ASSERT_TEXT(got, want)                                                                                 \
    cr_assert(text_equal((got), text_of(want)), "\"%.*s\", want \"%s\"", (int)(got).length, (got).at, want)

Test(json_read, members_and_items_are_walked_in_the_order_written)
{
    ASSERT_OK(read(" {\"a\" : 1.50 , \"b\":[true,false,null,\"x\\u0041\\ud83d\\ude00\\n\"],\"\":{}} "), &err);
    cr_assert_eq(json.n_values, 8);
    uint32_t a = json_first(&json, 0), b = json_next(&json, 0, a), empty = json_next(&json, 0, b);
    cr_assert_eq(json_next(&json, 0, empty), 0);
    cr_assert_eq(json_member(&json, 0, "b"), b);
    cr_assert_eq(json_member(&json, 0, "c"), 0);
    cr_assert_eq(json_member(&json, a, "b"), 0);
    cr_assert_eq(json.values[a].kind, JSON_IS_NUMBER);
    ASSERT_TEXT(json_written(&json, a), "1.50");
    ASSERT_TEXT(json_name(&json, empty, arena), "");
    cr_assert_eq(json_first(&json, empty), 0);
    uint32_t item = json_first(&json, b);
    for (enum json_kind kind = JSON_IS_TRUE; kind != JSON_IS_NULL;
         kind = kind == JSON_IS_TRUE ? JSON_IS_FALSE : JSON_IS_NULL) {
        cr_assert_eq(json.values[item].kind, kind);
        item = json_next(&json, b, item);
    }
    item = json_next(&json, b, item);
    ASSERT_TEXT(json_text(&json, item, arena), "xA\xf0\x9f\x98\x80\n");
    ASSERT_TEXT(json_whole(&json, item), "\"x\\u0041\\ud83d\\ude00\\n\"");
    ASSERT_TEXT(json_whole(&json, b), "[true,false,null,\"x\\u0041\\ud83d\\ude00\\n\"]");
    cr_assert_eq(json.values[0].fault, JSON_SOUND);
}

Test(json_read, what_is_not_json_is_refused_with_the_byte)
{
    static const struct { const char *text, *sentence; } cases[] = {
        { "", "ends at byte 0, where a value should be" },
        { "{\"a\":1", "ends at byte 6, where ',' or '}' should be" },
        { "{\"a\" 1}", "at byte 5: '1' where ':' should be" },
        { "{a:1}", "at byte 1: 'a' where a member's name" },
        { "{\"a\":1,}", "at byte 7: '}' where a member's name" },
        { "[1,]", "at byte 3: ']' where a value" },
        { "[1 2]", "at byte 3: '2' where ',' or ']'" },
        { "[01]", "at byte 2: '1' where ',' or ']'" },
        { "[-]", "at byte 2: ']' where a digit" },
        { "[1.]", "at byte 3: ']' where a digit" },
        { "[1e]", "at byte 3: ']' where a digit" },
        { "[+1]", "at byte 1: '+' where a value" },
        { "[tru]", "at byte 1: 't' where a value" },
        { "[NaN]", "at byte 1: 'N' where a value" },
        { "\"a", "ends at byte 2, where the end of a string" },
        { "\"a\\", "ends at byte 3, where an escape" },
        { "\"\\x\"", "at byte 2: 'x' where an escape" },
        { "\"\\u12g4\"", "at byte 3: '1' where four hexadecimal digits" },
        { "\"a\nb\"", "at byte 2: a byte 10 where a character that may stand in a string" },
        { "{} {}", "at byte 3: '{' where the end" },
        { "\xef\xbb\xbf{}", "at byte 0: a byte 239 where a value" },
        { "'a'", "at byte 0: ''' where a value" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_FAILS(read(cases[i].text), &err, ERR_INVALID, cases[i].sentence);
}

Test(json_read, a_fault_belongs_to_the_value_that_has_it)
{
    static const struct { const char *text; enum json_fault fault; } cases[] = {
        { "[\"\\ud83d\",1]", JSON_LONE_SURROGATE },         { "[\"\\ude00\",1]", JSON_LONE_SURROGATE },
        { "[\"\\ud83d\\u0041\",1]", JSON_LONE_SURROGATE },  { "[\"\\ud83dx\",1]", JSON_LONE_SURROGATE },
        { "[\"\xff\",1]", JSON_BAD_UTF8 },                  { "[\"\xc0\xaf\",1]", JSON_BAD_UTF8 },
        { "[\"\xed\xa0\x80\",1]", JSON_BAD_UTF8 },          { "[\"\xf4\x90\x80\x80\",1]", JSON_BAD_UTF8 },
        { "[\"\xe2\x82\",1]", JSON_BAD_UTF8 },              { "[\"\xe2\x82\xac\xf0\x90\x80\x80\",1]", JSON_SOUND },
        { "[{\"a\":1,\"a\":2},1]", JSON_REPEATED_NAME },    { "[{\"a\":1,\"\\u0061\":2},1]", JSON_REPEATED_NAME },
        { "[{\"ab\":1,\"ba\":2,\"aab\":3},1]", JSON_SOUND }, { "[{\"\xff\":1},1]", JSON_BAD_UTF8 },
        { "[{\"a\":{\"b\":[{\"\\ud800\":0}]}},1]", JSON_LONE_SURROGATE },
        { "[\"a\\u0000\",1]", JSON_NUL },                 { "[{\"\\u0000\":1},1]", JSON_NUL },
        { "[\"\\\\u0000 \\u0001\",1]", JSON_SOUND },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_OK(read(cases[i].text), &err);
        uint32_t first = json_first(&json, 0);
        cr_assert_eq(json.values[0].fault, cases[i].fault, "%s", cases[i].text);
        cr_assert_eq(json.values[first].fault, cases[i].fault, "%s", cases[i].text);
        cr_assert_eq(json.values[json_next(&json, 0, first)].fault, JSON_SOUND, "%s", cases[i].text);
    }
}

Test(json_read, names_of_large_objects_are_compared_too)
{
    for (int n = 1; n < 300; n = n * 3 / 2 + 1) {
        char *text = arena_alloc(arena, (size_t)n * 16 + 64, 1), *at = text;
        at += snprintf(at, 8, "{");
        for (int i = 0; i < n; i++) at += snprintf(at, 32, "\"m%d\":%d,", i, i);
        snprintf(at, 16, "\"x\":0}");
        ASSERT_OK(read(text), &err);
        cr_assert_eq(json.values[0].fault, JSON_SOUND, "%d members", n);
        snprintf(at, 32, "\"m%d\":0}", n - 1);
        ASSERT_OK(read(text), &err);
        cr_assert_eq(json.values[0].fault, JSON_REPEATED_NAME, "%d members", n);
    }
}

Test(json_read, depth_is_a_fault_first_and_refused_where_it_is_an_attack)
{
    static const struct { int depth; bool is_read; enum json_fault fault;
    } cases[] = {
        { 32, true, JSON_SOUND }, { 33, true, JSON_TOO_DEEP }, { 256, true, JSON_TOO_DEEP },
        { 257, false, 0 },        { 100000, false, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = (size_t)cases[i].depth;
        char *text = arena_alloc(arena, 2 * n, 1);
        memset(text, '[', n);
        memset(text + n, ']', n);
        bool is_read = read_bytes(text, 2 * n);
        cr_assert_eq(is_read, cases[i].is_read, "%d", cases[i].depth);
        if (is_read) cr_assert_eq(json.values[0].fault, cases[i].fault, "%d", cases[i].depth);
        else cr_assert(strstr(err.text, "byte 256: over 256"), "%s", err.text);
    }
}

/* ---- random texts ---- */

static size_t put_random(struct rng *rng, char *to, unsigned depth)
{
    static const char *const scalars[] = { "0",
                                           "-1.5e3",
                                           "true",
                                           "false",
                                           "null",
                                           "\"\"",
                                           "\"a b\"",
                                           "\"\\u00e9\\\"\"",
                                           "\"\xc3\xa9\xe2\x82\xac\"",
                                           "12345678901",
                                           "\"\\ud83d\\ude00\"",
                                           "0.001",
                                           "\"a rather longer string, of more than sixteen bytes\"" };
    uint64_t choice = rng_below(rng, depth > 0 ? 6 : 4);
    if (choice < 4) {
        const char *scalar = scalars[rng_below(rng, sizeof scalars / sizeof *scalars)];
        memcpy(to, scalar, strlen(scalar));
        return strlen(scalar);
    }
    size_t n = 0;
    bool is_object = choice == 5;
    to[n++] = is_object ? '{' : '[';
    for (uint64_t i = 0, count = rng_below(rng, 5); i < count; i++) {
        if (i) to[n++] = ',';
        if (rng_below(rng, 4) == 0) to[n++] = ' ';
        if (is_object)
            n += (size_t)snprintf(to + n, 32, "\"%s%llu\":", rng_below(rng, 2) ? "k" : "k\\u0061",
                                  (unsigned long long)i);
        n += put_random(rng, to + n, depth - 1);
    }
    to[n++] = is_object ? '}' : ']';
    return n;
}

/* The same value in jansson's tree and in our list. */
static void assert_same(const json_t *theirs, uint32_t ours)
{
    const struct json_value *value = &json.values[ours];
    if (json_is_object(theirs) || json_is_array(theirs)) {
        size_t n = 0;
        cr_assert_eq(value->kind, json_is_object(theirs) ? JSON_IS_OBJECT : JSON_IS_LIST);
        for (uint32_t i = json_first(&json, ours); i; i = json_next(&json, ours, i), n++) {
            struct text name = json_is_object(theirs) ? json_name(&json, i, arena) : text_of("");
            const json_t *inner =
                json_is_object(theirs)
                    ? json_object_get(theirs, arena_format(arena, "%.*s", (int)name.length, name.at))
                    : json_array_get(theirs, n);
            cr_assert_not_null(inner);
            assert_same(inner, i);
        }
        cr_assert_eq(n, json_is_object(theirs) ? json_object_size(theirs) : json_array_size(theirs));
    } else if (json_is_string(theirs)) {
        struct text text = json_text(&json, ours, arena);
        cr_assert(text.length == json_string_length(theirs) &&
                  memcmp(text.at, json_string_value(theirs), text.length) == 0);
    } else if (json_is_number(theirs)) {
        double number = 0;
        cr_assert(text_double(json_written(&json, ours), '.', &number));
        cr_assert_eq(number, json_number_value(theirs));
    } else {
        cr_assert_eq(value->kind, json_is_true(theirs)    ? JSON_IS_TRUE
                                  : json_is_false(theirs) ? JSON_IS_FALSE
                                                          : JSON_IS_NULL);
    }
}

Test(json_read, every_text_is_what_jansson_reads)
{
    EACH_CASE (c, 400) {
        char text[1 << 15];
        json_error_t error;
        size_t n = put_random(&c.rng, text, 4);
        json_t *theirs = json_loadb(text, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
        cr_assert_not_null(theirs, "%s", error.text);
        cr_assert(read_bytes(text, n), "%.*s: %s", (int)n, text, err.text);
        cr_assert_eq(json.values[0].fault, JSON_SOUND, "%.*s", (int)n, text);
        assert_same(theirs, 0);
        json_decref(theirs);
        arena_reset(arena);
    }
}

/* What is cut off is refused, and says a byte that is there; what is changed is read or refused as jansson
 * does. */
Test(json_read, texts_cut_or_changed_are_refused_as_jansson_refuses_them)
{
    EACH_CASE (c, 400) {
        char text[1 << 15];
        size_t n = put_random(&c.rng, text, 3), cut = rng_below(&c.rng, n);
        bool is_scalar = text[0] != '{' && text[0] != '[';
        if (!is_scalar) {
            cr_assert(!read_bytes(text, cut), "%.*s", (int)cut, text);
            cr_assert(strstr(err.text, "byte"), "%s", err.text);
        }
        text[rng_below(&c.rng, n)] = (char)(1 + rng_below(&c.rng, 255));       /* jansson passes some NULs over */
        json_error_t error;
        json_t *theirs = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
        bool is_ours = read_bytes(text, n) && json.values[0].fault == JSON_SOUND;
        bool is_number_too_large = !theirs && strstr(error.text, "overflow");
        cr_assert(is_ours == (theirs != NULL) || is_number_too_large, "%.*s: %s / %s (seed %llu)", (int)n, text,
                  err.text, error.text, (unsigned long long)support_seed());
        json_decref(theirs);
        arena_reset(arena);
    }
}
