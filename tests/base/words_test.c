/* Numbers in sentences. */
#include "support.h"

#include "base/words.h"

Test(words, numbers_read_as_people_write_them)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    cr_assert_str_eq(words_count(arena, 0), "0");
    cr_assert_str_eq(words_count(arena, 999), "999");
    cr_assert_str_eq(words_count(arena, 1234567.4), "1,234,567");
    cr_assert_str_eq(words_count(arena, -1000), "-1,000");
    cr_assert_str_eq(words_count(arena, -0.2), "0");
    cr_assert_str_eq(words_count(arena, (double)NAN), "unknown");
    cr_assert_str_eq(words_money(arena, 1234599, "GBP"), "GBP 12,346");
    cr_assert_str_eq(words_money(arena, 750, ""), "7.50");
    cr_assert_str_eq(words_money(arena, 750, NULL), "7.50");
    cr_assert_str_eq(words_share(arena, .412), "41 %");
    cr_assert_str_eq(words_share(arena, .004), "0.4 %");
    cr_assert_str_eq(words_share(arena, 0), "0 %");
    cr_assert_str_eq(words_days(arena, 1), "1 day");
    cr_assert_str_eq(words_days(arena, 2.5), "2.5 days");
    cr_assert_str_eq(words_days(arena, 365), "365 days");
    arena_free(arena);
}

Test(words, what_is_pasted_into_a_shell_stays_one_word)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    cr_assert_str_eq(words_shell(arena, "Status"), "Status");
    cr_assert_str_eq(words_shell(arena, "country,order-day"), "country,order-day");
    cr_assert_str_eq(words_shell(arena, "Financial Status"), "'Financial Status'");
    cr_assert_str_eq(words_shell(arena, "Total ($)"), "'Total ($)'");
    cr_assert_str_eq(words_shell(arena, "customer's"), "'customer'\\''s'");
    cr_assert_str_eq(words_shell(arena, ""), "''");
    arena_free(arena);
}
