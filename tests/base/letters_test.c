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
