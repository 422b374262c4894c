/* kept_test.c - answers that are kept: given while they are new or a little old, due when old, void after an act. */
#include "hub/kept.h"
#include "support.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static struct arena *arena;
static struct kept *kept;
static uint64_t n_acts;         /* how often somebody did something */

static void start(void)
{
    arena = arena_new(1 << 26);
    kept = kept_new();
}
static void finish(void) { kept_free(kept); arena_free(arena); }

TestSuite(kept, .init = start, .fini = finish);

static void put(const char *key, const char *body, int64_t took_ms, int64_t now_ms)
{
    kept_put(kept, text_of(key), text_of(body), took_ms, now_ms, false, 0);
}

static bool gives(const char *key, const char *body, int64_t now_ms)
{
    struct kept_answer given;
    return kept_find(kept, text_of(key), n_acts, 0, now_ms, arena, &given) &&
           text_equal(given.body, text_of(body)) && !given.is_behind;
}

static bool gives_behind(const char *key, const char *body, int64_t now_ms)
{
    struct kept_answer given;
    return kept_find(kept, text_of(key), n_acts, INT64_MAX, now_ms, arena, &given) &&
           text_equal(given.body, text_of(body)) && given.is_behind;
}

static bool is_due(const char *key, int64_t now_ms)
{
    struct text due;
    return kept_due(kept, n_acts, now_ms, arena, &due) && text_equal(due, text_of(key));
}

Test(kept, an_answer_is_given_to_the_same_question_only)
{
    put("a", "one", SECOND, 0);
    cr_assert(gives("a", "one", 1));
    cr_assert_not(gives("b", "one", 1));
    put("a", "two", SECOND, 2);
    cr_assert(gives("a", "two", 3));
}

Test(kept, an_old_answer_is_given_and_falls_due_once)
{
    put("a", "one", SECOND, 0);
    cr_assert(gives("a", "one", 19 * SECOND));
    cr_assert_not(is_due("a", 19 * SECOND));
    cr_assert(gives("a", "one", 21 * SECOND));      /* twenty times what it took */
    cr_assert(is_due("a", 21 * SECOND));
    cr_assert(gives("a", "one", 22 * SECOND));
    cr_assert_not(is_due("a", 22 * SECOND), "somebody is at it");
    put("a", "two", SECOND, 23 * SECOND);
    cr_assert(gives("a", "two", 24 * SECOND));
    cr_assert_not(is_due("a", 24 * SECOND));
}

Test(kept, what_nobody_worked_out_anew_for_a_quarter_of_an_hour_is_given_no_more)
{
    put("a", "one", SECOND, 0);
    cr_assert(gives("a", "one", 14 * MINUTE));
    cr_assert_not(gives("a", "one", 15 * MINUTE));
    put("b", "one", SECOND, HOUR);
    cr_assert_not(gives("b", "one", HOUR - 1), "the clock was set back");
}

Test(kept, what_was_asked_for_today_falls_due_by_itself)
{
    put("a", "one", SECOND, 0);
    cr_assert_not(is_due("a", 5 * MINUTE));
    cr_assert(is_due("a", 5 * MINUTE + 1));
    put("b", "one", SECOND, 0);
    cr_assert_not(is_due("b", 12 * HOUR));
}

Test(kept, an_act_voids_what_hangs_on_acts_and_what_was_begun_before_it)
{
    kept_put(kept, text_of("a"), text_of("one"), SECOND, 0, true, n_acts);
    put("b", "one", SECOND, 0);
    uint64_t before = n_acts;
    cr_assert(gives("a", "one", 1));
    n_acts++;
    cr_assert_not(gives("a", "one", 2));
    cr_assert(gives("b", "one", 2));
    kept_put(kept, text_of("a"), text_of("two"), SECOND, 3, true, before);
    cr_assert_not(gives("a", "two", 4), "it does not know of the act");
    kept_put(kept, text_of("a"), text_of("three"), SECOND, 5, true, n_acts);
    cr_assert(gives("a", "three", 6));
}

Test(kept, who_takes_what_is_behind_gets_it_and_it_falls_due_at_once)
{
    struct kept_answer given;
    kept_put(kept, text_of("a"), text_of("one"), SECOND, 7, true, n_acts);
    cr_assert(kept_find(kept, text_of("a"), n_acts, INT64_MAX, 8, arena, &given));
    cr_assert(!given.is_behind && given.made_ms == 7);
    cr_assert_not(is_due("a", 8));
    n_acts++;
    cr_assert_not(gives("a", "one", 9));
    cr_assert_not(is_due("a", 9), "nobody got it");
    cr_assert(gives_behind("a", "one", 9));
    cr_assert(is_due("a", 9));
    cr_assert_not(is_due("a", 9), "somebody is at it");
    kept_put(kept, text_of("a"), text_of("two"), SECOND, 10, true, n_acts);
    cr_assert(gives("a", "two", 11));
    cr_assert(gives_behind("a", "two", 10 + HOUR), "nobody worked it out anew for long");
    cr_assert(is_due("a", 10 + HOUR));
}

Test(kept, what_is_looked_at_is_worked_out_anew_after_an_act_but_not_for_each_of_many)
{
    kept_put(kept, text_of("a"), text_of("one"), SECOND, 0, true, n_acts);
    n_acts++;
    cr_assert_not(is_due("a", 20 * SECOND), "twenty times what it took");
    cr_assert(is_due("a", 20 * SECOND + 1));
    kept_put(kept, text_of("a"), text_of("two"), SECOND, 21 * SECOND, true, n_acts);
    cr_assert(gives("a", "two", 22 * SECOND));
    kept_put(kept, text_of("a"), text_of("three"), SECOND, 12 * MINUTE, true, n_acts);
    n_acts++;
    cr_assert_not(is_due("a", 13 * MINUTE), "nobody has looked for ten minutes");
}

Test(kept, where_there_are_too_many_the_one_goes_that_was_not_asked_for_longest)
{
    for (int i = 0; i < 64; i++) put(arena_format(arena, "%d", i), "one", SECOND, i);
    cr_assert(gives("0", "one", 100));
    put("more", "one", SECOND, 101);
    cr_assert(gives("more", "one", 102) && gives("0", "one", 102) && gives("63", "one", 102));
    cr_assert_not(gives("1", "one", 102));
    kept_drop(kept, text_of("0"));
    cr_assert_not(gives("0", "one", 103));
}

Test(kept, what_is_very_large_is_not_kept)
{
    char *body = arena_alloc(arena, 2 << 20, 1);
    put("a", "one", SECOND, 0);
    kept_put(kept, text_of("a"), (struct text){ body, 2 << 20 }, SECOND, 1, false, 0);
    cr_assert_not(gives("a", "one", 2));
}

Test(kept, one_that_is_behind_is_given_to_who_takes_one_so_far_behind)
{
    struct kept_answer given;
    put("a", "one", SECOND, 0);
    int64_t now_ms = 20 * MINUTE;       /* behind for five */
    cr_assert_not(kept_find(kept, text_of("a"), n_acts, 4 * MINUTE, now_ms, arena, &given));
    cr_assert(kept_find(kept, text_of("a"), n_acts, 6 * MINUTE, now_ms, arena, &given) && given.is_behind);
    kept_put(kept, text_of("b"), text_of("two"), SECOND, 0, true, 0);
    n_acts = 1;     /* when it was done is not known: perhaps at once */
    cr_assert_not(kept_find(kept, text_of("b"), n_acts, 4 * SECOND, 5 * SECOND, arena, &given));
    cr_assert(kept_find(kept, text_of("b"), n_acts, 5 * SECOND, 5 * SECOND, arena, &given) && given.is_behind);
}
