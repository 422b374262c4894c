/* UTF-8 is told from Latin-1, and Latin-1 becomes UTF-8. */
#include "customer/encoding.h"
#include "support.h"

Test(encoding, only_valid_utf_8_is_taken_for_it)
{
    static const struct { const char *bytes; size_t n, valid; } cases[] = {
        { "abc", 3, 3 }, { "\xc3\xbc", 2, 2 }, { "\xe2\x82\xac", 3, 3 }, { "\xf0\x9f\x98\x80", 4, 4 },
        { "a\xfc" "b", 3, 1 }, { "\xc0\x80", 2, 0 }, { "\xed\xa0\x80", 3, 0 }, { "\xf4\x90\x80\x80", 4, 0 },
        { "12345678\xe2\x82", 10, 8 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(encoding_valid_utf8(cases[i].bytes, cases[i].n, false), cases[i].valid, "case %zu", i);
    cr_assert_eq(encoding_valid_utf8("12345678\xe2\x82", 10, true), 10, "cut off by the end of a buffer");
}

Test(encoding, latin_1_and_its_windows_letters_become_utf_8)
{
    struct arena *arena = arena_new(1 << 16);
    struct text text = encoding_from_latin1(arena, text_of("na\xefve \x80 5"));
    cr_assert(text_equal(text, text_of("na\xc3\xafve \xe2\x82\xac 5")), "%.*s", (int)text.length, text.at);
    arena_free(arena);
}
