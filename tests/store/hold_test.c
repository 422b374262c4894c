/* hold_test.c - one process alone writes. */
#include "store/store.h"
#include "support.h"

#include <unistd.h>

Test(hold, who_holds_a_database_is_told_to_others_that_want_to_write_and_to_them_only)
{
    struct err err;
    struct store *held, *other;
    const char *path = support_path("held.holdfast");
    ASSERT_OK(store_open(path, STORE_CREATE, &held, &err), &err);
    ASSERT_OK(store_hold(held, "a server", &err), &err);
    ASSERT_FAILS(store_open(path, STORE_WRITE, &other, &err), &err, ERR_BUSY, "held by a server");
    ASSERT_OK(store_hold(held, "the server at http://[::1]:7", &err), &err);
    ASSERT_FAILS(store_open(path, STORE_CREATE, &other, &err), &err, ERR_BUSY, "http://[::1]:7");
    ASSERT_OK(store_open(path, STORE_READ, &other, &err), &err);
    ASSERT_FAILS(store_hold(other, "another", &err), &err, ERR_BUSY, "http://[::1]:7");
    store_close(other);
    ASSERT_OK(store_open_beside(held, &other, &err), &err);
    store_close(other);
    ASSERT_FAILS(store_open(path, STORE_WRITE, &other, &err), &err, ERR_BUSY, "held by");
    store_close(held);
    ASSERT_OK(store_open(path, STORE_WRITE, &other, &err), &err);
    ASSERT_OK(store_hold(other, "the next", &err), &err);
    store_close(other);
}

Test(hold, a_file_that_somebody_left_is_no_hindrance)
{
    struct err err;
    struct store *store;
    const char *path = support_path("left.holdfast");
    support_write(support_path("left.holdfast.lock"), "the server at nowhere\n", 22);
    ASSERT_OK(store_open(path, STORE_CREATE, &store, &err), &err);
    ASSERT_OK(store_hold(store, "a server", &err), &err);
    store_close(store);
    cr_assert(access(support_path("left.holdfast.lock"), F_OK) != 0);
}

Test(hold, the_lock_is_the_databases_own_whatever_name_it_is_opened_by_and_whatever_became_of_the_words)
{
    struct err err;
    struct store *held, *other;
    struct arena *arena = arena_new(1 << 16);
    const char *path = arena_copy(arena, support_path("held.holdfast"));
    const char *link_path = arena_copy(arena, support_path("link.holdfast"));
    const char *words = arena_copy(arena, support_path("held.holdfast.lock"));
    ASSERT_OK(store_open(path, STORE_CREATE, &held, &err), &err);
    ASSERT_OK(store_hold(held, "a server", &err), &err);
    cr_assert_eq(link(path, link_path), 0);
    ASSERT_FAILS(store_open(link_path, STORE_WRITE, &other, &err), &err, ERR_BUSY, "held by another process");
    ASSERT_FAILS(store_open(link_path, STORE_CREATE, &other, &err), &err, ERR_BUSY, "held by");
    cr_assert_eq(rename(words, support_path("moved")), 0);
    ASSERT_FAILS(store_open(path, STORE_WRITE, &other, &err), &err, ERR_BUSY, "held by another process");
    store_close(held);
    ASSERT_OK(store_open(link_path, STORE_WRITE, &other, &err), &err);
    store_close(other);
    arena_free(arena);
}
