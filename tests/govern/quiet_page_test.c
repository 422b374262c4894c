/* quiet_page_test.c - pages that ask where to send and send nothing are told of; those that send are not. */
#include "govern/quiet_page.h"
#include "support.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct arena *arena;
static struct quiet_pages *pages;

static void start(void)
{
    arena = arena_new(1 << 20);
    pages = quiet_pages_new();
}
static void finish(void) { quiet_pages_free(pages); arena_free(arena); }

TestSuite(quiet_page, .init = start, .fini = finish);

static bool asked(int64_t key, int64_t now_ms)
{
    struct quiet_page page;
    struct access_grant grant = { .id = key };
    snprintf(grant.name, sizeof grant.name, "shop %d", (int)key);
    return quiet_pages_asked(pages, &grant, now_ms, &page);
}

static size_t n_quiet(void)
{
    struct quiet_page *list;
    return quiet_pages_list(pages, arena, &list);
}

Test(quiet_page, a_key_is_quiet_after_five_questions_and_a_minute)
{
    struct quiet_page *list;
    for (int i = 0; i < 5; i++) cr_assert_not(asked(7, i * SECOND), "within seconds");
    cr_assert_eq(n_quiet(), 0);
    cr_assert(asked(7, MINUTE));
    cr_assert_eq(quiet_pages_list(pages, arena, &list), 1);
    cr_assert_eq(list->key, 7);
    cr_assert_str_eq(list->name, "shop 7");
    cr_assert_eq(list->n_asked, 6);
    cr_assert_eq(list->since_ms, 0);
    cr_assert_eq(list->last_ms, MINUTE);
    for (int i = 0; i < 4; i++) cr_assert_not(asked(8, i * MINUTE), "four times only");
}

Test(quiet_page, one_event_from_a_page_ends_it_and_it_begins_anew)
{
    for (int i = 0; i < 10; i++) (void)asked(7, i * MINUTE);
    cr_assert_eq(n_quiet(), 1);
    quiet_pages_sent(pages, 8);
    cr_assert_eq(n_quiet(), 1, "another's");
    quiet_pages_sent(pages, 7);
    cr_assert_eq(n_quiet(), 0);
    cr_assert_not(asked(7, 20 * MINUTE));
}

Test(quiet_page, of_many_keys_those_are_known_that_asked_last)
{
    for (int key = 1; key <= 100; key++)
        for (int i = 0; i < 5; i++) (void)asked(key, (key * 10 + i) * MINUTE);
    struct quiet_page *list;
    size_t n = quiet_pages_list(pages, arena, &list);
    cr_assert_eq(n, 32);
    for (size_t i = 0; i < n; i++) cr_assert_gt(list[i].key, 68);
}
