/* Who is in the global control group, whatever is found out about who is whom. */
#include "decide/holdout.h"
#include "support.h"

enum { VISITORS = 400, PEOPLE = 2 * VISITORS };

static const struct holdout fifth = { .2, 77 };

Test(holdout, it_has_its_share_and_another_share_moves_only_those_between)
{
    const struct holdout shares[] = { { .05, 9 }, { .1, 9 }, { .3, 9 } };
    size_t n[3] = { 0 };
    for (uint32_t i = 1; i <= 20000; i++) {
        bool was = false;
        for (size_t s = 0; s < 3; s++) {
            struct holdout_place place = holdout_place_of(&shares[s], &i, 1);
            cr_assert(!was || place.is_held_out, "%u leaves a larger group", i);
            cr_assert(!place.is_mixed);
            n[s] += was = place.is_held_out;
        }
    }
    for (size_t s = 0; s < 3; s++) ASSERT_NEAR((double)n[s] / 20000, shares[s].share, .01);
}

/* A store with visitors 1 .. VISITORS by anonymous id, and user ids after them. */
struct shop {
    struct store *store;
    struct log *log;
    struct identities *identities;
    uint32_t id[PEOPLE];
    struct arena *arena;
};

static void shop_open_with_visitors(struct shop *shop)
{
    struct err err;
    shop->arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &shop->store, &err), &err);
    ASSERT_OK(log_open(shop->store, &shop->log, &err), &err);
    for (size_t i = 0; i < PEOPLE; i++) {
        enum identity_kind kind = i < VISITORS ? IDENTITY_ANONYMOUS : IDENTITY_USER;
        struct text text =
            identity_text(kind, text_of(arena_format(shop->arena, "visitor%zu", i)), NULL, shop->arena);
        ASSERT_OK(log_intern(shop->log, DICTIONARY_IDENTITY, text, &shop->id[i], &err), &err);
    }
    ASSERT_OK(identities_open(shop->store, shop->log, &shop->identities, &err), &err);
}

static void shop_close(struct shop *shop)
{
    identities_close(shop->identities);
    log_close(shop->log);
    store_close(shop->store);
    arena_free(shop->arena);
}

static void join(struct shop *shop, uint32_t a, uint32_t b, enum link_how how)
{
    struct err err;
    enum link_result result;
    const char *why;
    ASSERT_OK(identities_link(shop->identities, shop->store, a, b, how, 5, &result, &why, &err), &err);
    cr_assert_eq(result, LINK_MADE, "%s", why);
}

static struct holdout_place place(const struct shop *shop, uint32_t identity)
{
    return holdout_place(&fifth, shop->identities, identity);
}

Test(holdout, visitors_stay_in_their_group_when_they_are_identified_merged_and_unmerged)
{
    struct shop shop;
    struct err err;
    bool was[VISITORS];
    size_t n_held_out = 0, n_mixed = 0, n_late = 0;
    shop_open_with_visitors(&shop);
    for (size_t i = 0; i < VISITORS; i++) n_held_out += was[i] = place(&shop, shop.id[i]).is_held_out;
    cr_assert(n_held_out > 50 && n_held_out < 110, "%zu", n_held_out);
    for (size_t i = 0; i < VISITORS; i++) {
        n_late += place(&shop, shop.id[VISITORS + i]).is_held_out != was[i];
        join(&shop, shop.id[i], shop.id[VISITORS + i], LINK_IDENTIFY);
        cr_assert_neq(identities_customer(shop.identities, shop.id[i]), shop.id[i],
                      "a user id stands for them now");
    }
    cr_assert(n_late > 80, "as users alone %zu would be in the other group", n_late);
    for (size_t i = 0; i < VISITORS; i++) {
        cr_assert_eq(place(&shop, shop.id[i]).is_held_out, was[i]);
        cr_assert_eq(place(&shop, shop.id[VISITORS + i]).is_held_out, was[i]);
    }
    for (size_t i = 0; i < VISITORS; i += 2) {
        join(&shop, shop.id[VISITORS + i], shop.id[VISITORS + i + 1], LINK_MERGE);
        struct holdout_place pair = place(&shop, shop.id[i + 1]);
        cr_assert_eq(pair.is_held_out, was[i], "the earlier one rules");
        cr_assert(pair.is_mixed || was[i] == was[i + 1], "who was in both groups is mixed");
        n_mixed += pair.is_mixed;
    }
    cr_assert(n_mixed > 40, "%zu", n_mixed);
    for (size_t i = 0; i < VISITORS; i += 2)
        ASSERT_OK(identities_unlink(shop.identities, shop.store, shop.id[VISITORS + i], shop.id[VISITORS + i + 1],
                                    9, &err),
                  &err);
    for (size_t i = 0; i < VISITORS; i++) cr_assert_eq(place(&shop, shop.id[i]).is_held_out, was[i]);
    shop_close(&shop);
}
