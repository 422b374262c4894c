/* Properties: the scanner reads what jansson reads. */
#include "feature/properties.h"
#include "support.h"

#include <jansson.h>
#include <string.h>

static void assert_member(const char *json, const char *name, const char *value)
{
    struct properties properties;
    struct property property;
    properties_begin(&properties, text_of(json));
    cr_assert(properties_next(&properties, &property), "%s has no member", json);
    cr_assert(text_equal(property.name, text_of(name)), "%s", json);
    cr_assert(text_equal(property.value, text_of(value)), "%s gives \"%.*s\"", json,
              (int)property.value.length, property.value.at);
    cr_assert(!properties_next(&properties, &property), "%s has another member", json);
}

Test(properties, values_become_text)
{
    assert_member("{\"a\":\"b\"}", "a", "b");
    assert_member(" { \"a\" : \" b c \" } ", "a", "b c");
    assert_member("{\"a\":12}", "a", "12");
    assert_member("{\"a\":-12.50}", "a", "-12.5");
    assert_member("{\"a\":1.25e1}", "a", "12.5");
    assert_member("{\"a\":true}", "a", "true");
    assert_member("{\"a\":null}", "a", "");
    assert_member("{\"a\":{\"b\":[1,\"}\"]}}", "a", "");
    assert_member("{\"q\\\"\\u00e9\":\"\\ud83d\\ude00\\n.\"}", "q\"\xc3\xa9", "\xf0\x9f\x98\x80\n.");
}

Test(properties, what_is_no_object_has_no_members)
{
    static const char *const texts[] = { "", "{", "{}", "[1]", "{a:1}", "{\"a\"", "{\"a\":", "{\"a\":\"",
                                         "{\"a\":\"\\", "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":x}", "{\"a\":}", "null", "{\"a\":[1}" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct properties properties;
        struct property property;
        properties_begin(&properties, text_of(texts[i]));
        bool is_first = properties_next(&properties, &property);
        cr_assert(!is_first || i == sizeof texts / sizeof *texts - 1, "%s", texts[i]);
    }
}

Test(properties, random_objects_read_as_jansson_wrote_them)
{
    static const char letters[] = "ab\"\\/\n\t{}[]:,\xc3\xa9 .-1e";
    EACH_CASE(c, 300) {
        json_t *object = json_object();
        for (uint64_t n = rng_below(&c.rng, 8); n > 0; n--) {
            char name[20] = "", text[40] = "";
            for (size_t i = 0; i < 8; i++) name[i] = (char)('a' + rng_below(&c.rng, 26));
            for (size_t i = 0, length = rng_below(&c.rng, 30); i < length; i++)
                text[i] = letters[rng_below(&c.rng, sizeof letters - 1)];
            json_t *value = rng_below(&c.rng, 2) ? json_string(text) : rng_below(&c.rng,
                    2) ? json_integer(support_between(&c.rng, -999, 999))
                          : rng_below(&c.rng, 2) ? json_real(rng_uniform(&c.rng) * 1000)
                              : json_boolean(rng_below(&c.rng, 2));
            if (value) json_object_set_new(object, name, value);
        }
        char *json = json_dumps(object, rng_below(&c.rng, 2) ? JSON_COMPACT : JSON_INDENT(2) | JSON_ENSURE_ASCII);
        struct properties properties;
        struct property property;
        size_t n = 0;
        properties_begin(&properties, text_of(json));
        while (properties_next(&properties, &property)) {
            char name[20] = "";
            memcpy(name, property.name.at, property.name.length < 19 ? property.name.length : 19);
            const json_t *value = json_object_get(object, name);
            double number;
            cr_assert(value, "%s", json);
            if (json_is_string(value)) {
                struct text wanted = text_trim(text_of(json_string_value(value)));
                cr_assert(text_equal(property.value, wanted), "%s: \"%.*s\"", json,
                          (int)property.value.length, property.value.at);
            } else if (json_is_number(value)) {
                cr_assert(text_double(property.value, '.', &number) &&
                          fabs(number - json_number_value(value)) < 1e-9, "%s", json);
            } else {
                cr_assert(text_equal(property.value, text_of(json_is_true(value) ? "true" : "false")));
            }
            n++;
        }
        cr_assert_eq(n, json_object_size(object), "%s", json);
        free(json);
        json_decref(object);
    }
}
