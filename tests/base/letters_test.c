/* letters_test.c - names of any script, as conditions use them. */
#include "support.h"

#include "base/letters.h"

static void check(const char *name, const char *slug)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    cr_expect_str_eq(letters_slug(arena, name), slug);
    arena_free(arena);
}

Test(letters, a_slug_keeps_the_letters_of_every_script_and_nothing_else)
{
    check("Add to cart", "add_to_cart");
    check("Check-in", "check_in");
    check("Kündigung", "kündigung");
    check("ÉCHÉANCE (payée)", "échéance_payée");
    check("Заказ оформлен", "заказ_оформлен");
    check("購入", "購入");
    check("注文、確定 ", "注文_確定");
    check("हिन्दी", "हिन्दी");
    check("a\u00a0b\u200fc", "a_b_c");
    check("__x__1__", "x_1");
    check("💶 !", "");
    check("", "");
}

Test(letters, a_slug_of_broken_utf_8_leaves_out_what_is_broken)
{
    check("a\xff" "b", "a_b");
    check("k\xfcndigung", "k_ndigung");
    check("ab\xe2\x82", "ab");
}

static size_t n_letters(struct text text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) n += (text.at[i] & 0xC0) != 0x80;
    return n;
}

static void check_amounts(const char *locale, size_t n_others)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_written = 0;
    for (size_t digits = 1; digits < 130; digits++) {
        struct text text;
        double amount = strtod(arena_format(arena, "1e%zu", digits - 1), NULL);
        if (!letters_money(arena, amount, "EUR", locale, &text)) continue;
        cr_expect_eq(++n_written, digits, "%zu digits were written after fewer were refused", digits);
        cr_expect_eq(n_letters(text), digits + (digits - 1) / 3 + n_others, "%zu digits: %.*s", digits,
                     (int)text.length, text.at);
    }
    cr_expect(n_written > 80 && n_written < 100, "%zu digits at most", n_written);
    arena_free(arena);
}

Test(letters, an_amount_is_written_whole_or_refused)
{
    check_amounts("en", strlen("E.00"));
    check_amounts("de", strlen(",00 E"));
}
