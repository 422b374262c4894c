/* Nested objects as flat ones, and what is personal apart. */
#include "intake/flat.h"
#include "intake_support.h"

#include <string.h>

TestSuite(flat, .init = intake_setup, .fini = intake_teardown);

static struct text properties, personal;

static void flatten(const char *text, const char *prefix, enum personal_of of)
{
    struct json json;
    struct flat *flat = ARENA_NEW(arena, struct flat);
    ASSERT_OK(json_read(text_of(text), arena, &json, &err), &err);
    flat_begin(flat);
    flat_add(flat, &json, 0, prefix, of);
    properties = flat_end(&flat->properties, arena);
    personal = flat_end(&flat->personal, arena);
}

Test(flat, members_of_members_get_names_with_points)
{
    static const struct { const char *text, *properties;
    } cases[] = {
        { "{}", "" },
        { "{\"a\":{\"b\":{\"c\":1.50}},\"d\":\"x\\n\",\"e\":null,\"f\":true}", "{\"a.b.c\":1.50,\"d\":\"x\\n\","
                                                                               "\"e\":null,\"f\":true}" },
        { "{\"a\":[\"x\",2,true],\"b\":[],\"c\":[{}],\"d\":[[1]]}", "{\"a\":\"x,2,true\"}" },
        { "{\"a.b\":1,\"a\":{\"b\":2,\"c\":3}}", "{\"a.b\":1,\"a.c\":3}" },
        { "{\"u\":\"https://h/p?mail=a#f\",\"v\":\"http:\\/\\/h?x\",\"w\":\"?q\",\"x\":\"why?\"}",
          "{\"u\":\"https://h/p\",\"v\":\"http:\\/\\/h\",\"w\":\"\",\"x\":\"why?\"}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        flatten(cases[i].text, "", PERSONAL_OF_EVENT);
        ASSERT_TEXT(properties, cases[i].properties);
        ASSERT_TEXT(personal, "");
    }
}

Test(flat, what_says_who_a_person_is_stands_apart)
{
    static const struct { enum personal_of of; const char *text, *properties, *personal;
    } cases[] = {
        { PERSONAL_OF_EVENT,
          "{\"name\":\"Lamp\",\"Customer "
          "Email\":\"x\",\"shippingPhone\":5,\"email_opt_in\":true,\"email\":false}",
          "{\"name\":\"Lamp\",\"email_opt_in\":true,\"email\":false}",
          "{\"Customer Email\":\"x\",\"shippingPhone\":5}" },
        { PERSONAL_OF_PERSON, "{\"name\":\"Ada\",\"username\":\"ada\",\"plan\":\"pro\",\"title\":\"CEO\"}",
          "{\"plan\":\"pro\",\"title\":\"CEO\"}", "{\"name\":\"Ada\",\"username\":\"ada\"}" },
        { PERSONAL_OF_EVENT, "{\"contact\":\"a@b.de\",\"list\":[\"x\",\"a@b.de\"],\"at\":\"@home\"}",
          "{\"at\":\"@home\"}", "{\"contact\":\"a@b.de\",\"list\":\"x,a@b.de\"}" },
        { PERSONAL_OF_EVENT,
          "{\"billing_address\":{\"country\":\"DE\",\"city\":\"Ulm\",\"anything\":1,\"geo\":{\"x\":1}},"
          "\"country\":\"DE\"}",
          "{\"billing_address.country\":\"DE\",\"billing_address.city\":\"Ulm\",\"country\":\"DE\"}",
          "{\"billing_address.anything\":1,\"billing_address.geo.x\":1}" },
        { PERSONAL_OF_PERSON,
          "{\"dob\":\"1990-01-01\",\"BIRTHDAY\":null,\"IP\":\"1\",\"zip\":89073,\"region\":\"BW\"}",
          "{\"region\":\"BW\"}", "{\"dob\":\"1990-01-01\",\"BIRTHDAY\":null,\"IP\":\"1\",\"zip\":89073}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        flatten(cases[i].text, "", cases[i].of);
        ASSERT_TEXT(properties, cases[i].properties);
        ASSERT_TEXT(personal, cases[i].personal);
    }
    flatten("{\"email\":\"a@b.de\",\"plan\":\"pro\"}", "context.traits.", PERSONAL_OF_PERSON);
    ASSERT_TEXT(properties, "{\"context.traits.plan\":\"pro\"}");
    ASSERT_TEXT(personal, "{\"email\":\"a@b.de\"}");
}

/* Whatever goes in, what comes out is flat, sound, within its limit, and cut between characters. */
Test(flat, long_texts_are_cut_between_characters_and_large_objects_at_a_member)
{
    static const char *const units[] = { "x",   "\xc3\xa9", "\xe2\x82\xac",  "\xf0\x9f\x98\x80",
                                         "\\n", "\\u00e9",  "\\ud83d\\ude00" };
    EACH_CASE (c, 200) {
        char *text = arena_alloc(arena, 1 << 16, 1);
        size_t n = 0;
        text[n++] = '{';
        for (uint64_t i = 0, members = 1 + rng_below(&c.rng, 12); i < members; i++) {
            n += (size_t)snprintf(text + n, 32, "%s\"m%u\":\"", i ? "," : "", (unsigned)i);
            for (uint64_t k = rng_below(&c.rng, 600); k > 0; k--) {
                const char *unit = units[rng_below(&c.rng, sizeof units / sizeof *units)];
                memcpy(text + n, unit, strlen(unit));
                n += strlen(unit);
            }
            text[n++] = '"';
        }
        text[n++] = '}';
        flatten(text, "", PERSONAL_OF_EVENT);
        struct json json;
        ASSERT_OK(json_read(properties, arena, &json, &err), &err);
        cr_assert(json.values[0].fault == JSON_SOUND && properties.length <= MESSAGE_MOST_PROPERTIES_BYTES,
                  "seed %llu", (unsigned long long)support_seed());
        for (uint32_t i = json_first(&json, 0); i; i = json_next(&json, 0, i))
            cr_assert(json.values[i].length <= FLAT_MOST_TEXT_BYTES);
        arena_reset(arena);
    }
}

Test(flat, texts_put_by_us_are_escaped)
{
    struct flat *flat = ARENA_NEW(arena, struct flat);
    flat_begin(flat);
    flat_put_text(&flat->properties, "a", text_of("q\"b\\s\nz\x01"));
    flat_put_text(&flat->properties, "a", text_of("again"));
    flat_put_json(&flat->properties, "n", text_of("1.5"));
    ASSERT_TEXT(flat_end(&flat->properties, arena), "{\"a\":\"q\\\"b\\\\s\\u000az\\u0001\",\"n\":1.5}");
    for (size_t tail = 0; tail < 6; tail++) {       /* a character of three bytes where the limit falls */
        char text[1100];
        memset(text, 'x', sizeof text);
        for (size_t i = FLAT_MOST_TEXT_BYTES - tail; i < FLAT_MOST_TEXT_BYTES + 6; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 3);
        flat_begin(flat);
        flat_put_text(&flat->properties, "a", (struct text){ text, sizeof text });
        struct json json;
        ASSERT_OK(json_read(flat_end(&flat->properties, arena), arena, &json, &err), &err);
        cr_assert_eq(json.values[0].fault, JSON_SOUND, "%zu", tail);
    }
}

Test(flat, an_address_of_mail_has_a_form)
{
    static const char *const yes[] = { "a@b.de", "Ada.L+x@mail.example.com", "\xc3\xa9@b.de" };
    static const char *const no[] = { "",     "@",        "a@",       "@b.de",    "a@b",           "a@.de",
                                      "a@b.", "a b@c.de", "a@b@c.de", "<a@b.de>", "a@b.de, c@d.de" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        cr_assert(message_is_email(text_of(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) cr_assert(!message_is_email(text_of(no[i])), "%s", no[i]);
}
