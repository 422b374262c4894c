/* identity_test.c - the graph of links against a trivial model of it. */
#include "customer/identity.h"
#include "support.h"
#include "store/sql.h"

enum { PEOPLE = 14, LINKS_MOST = 200 };

struct model_link { uint32_t a, b; int64_t received_ms; bool is_removed; };

struct graph {
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    uint32_t           id[PEOPLE];          /* ascending; the first of these are users */
    enum identity_kind kind[PEOPLE];
    struct model_link  links[LINKS_MOST];
    size_t             n_links, most_members;
};

static const uint8_t key[IDENTITY_KEY_BYTES] = { 1, 2, 3 };

static void graph_open(struct graph *graph, struct rng *rng)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    *graph = (struct graph){ .most_members = 50 };
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &graph->store, &err), &err);
    ASSERT_OK(log_open(graph->store, &graph->log, &err), &err);
    for (size_t i = 0; i < PEOPLE; i++) {
        graph->kind[i] = (enum identity_kind)rng_below(rng, 3);
        struct text text = identity_text(graph->kind[i], text_of(arena_format(arena, "id%zu@x", i)), key, arena);
        ASSERT_OK(log_intern(graph->log, DICTIONARY_IDENTITY, text, &graph->id[i], &err), &err);
    }
    arena_free(arena);
}

static void graph_close(struct graph *graph)
{
    identities_close(graph->identities);
    log_close(graph->log);
    store_close(graph->store);
}

/* ---- the model: breadth-first search over a list of links ---- */

static void reach(const struct graph *graph, size_t from, int64_t as_of_ms, bool ret_is_reached[PEOPLE])
{
    memset(ret_is_reached, 0, PEOPLE * sizeof *ret_is_reached);
    ret_is_reached[from] = true;
    for (size_t round = 0; round < PEOPLE; round++)
        for (size_t l = 0; l < graph->n_links; l++) {
            const struct model_link *link = &graph->links[l];
            if (link->is_removed || link->received_ms >= as_of_ms) continue;
            if (ret_is_reached[link->a] || ret_is_reached[link->b])
                ret_is_reached[link->a] = ret_is_reached[link->b] = true;
        }
}

static uint32_t model_customer(const struct graph *graph, size_t from, int64_t as_of_ms)
{
    bool is_reached[PEOPLE];
    reach(graph, from, as_of_ms, is_reached);
    for (size_t l = 0; l < graph->n_links; l++) {
        const struct model_link *link = &graph->links[l];
        if (link->is_removed || link->received_ms >= as_of_ms || !is_reached[link->a]) continue;
        size_t first = link->a < link->b ? link->a : link->b, other = link->a < link->b ? link->b : link->a;
        if (graph->kind[first] == IDENTITY_USER) return graph->id[first];
        if (graph->kind[other] == IDENTITY_USER) return graph->id[other];
    }
    size_t least = 0;
    while (!is_reached[least]) least++;
    return graph->id[least];
}

static struct model_link *model_find(struct graph *graph, size_t a, size_t b, bool is_removed)
{
    for (size_t l = 0; l < graph->n_links; l++) {
        struct model_link *link = &graph->links[l];
        bool is_pair = (link->a == a && link->b == b) || (link->a == b && link->b == a);
        if (is_pair && link->is_removed == is_removed) return link;
    }
    return NULL;
}

static enum link_result model_link(struct graph *graph, size_t a, size_t b, enum link_how how)
{
    bool with_a[PEOPLE], with_b[PEOPLE];
    size_t n = 0;
    bool has_user_a = false, has_user_b = false;
    if (a == b) return LINK_REFUSED;
    if (model_find(graph, a, b, false)) return LINK_WAS_THERE;
    if (how == LINK_IDENTIFY && model_find(graph, a, b, true)) return LINK_REFUSED;
    reach(graph, a, INT64_MAX, with_a);
    reach(graph, b, INT64_MAX, with_b);
    if (with_a[b]) return LINK_MADE;
    for (size_t i = 0; i < PEOPLE; i++) {
        n += with_a[i] || with_b[i];
        has_user_a |= with_a[i] && graph->kind[i] == IDENTITY_USER;
        has_user_b |= with_b[i] && graph->kind[i] == IDENTITY_USER;
    }
    if (how == LINK_IDENTIFY && has_user_a && has_user_b) return LINK_REFUSED;
    return n > graph->most_members ? LINK_REFUSED : LINK_MADE;
}

/* ---- the two side by side ---- */

static void try_link(struct graph *graph, size_t a, size_t b, enum link_how how, int64_t received_ms)
{
    struct err err;
    enum link_result result, wanted = model_link(graph, a, b, how);
    const char *why;
    ASSERT_OK(identities_link(graph->identities, graph->store, graph->id[a], graph->id[b], how, received_ms,
                              &result, &why, &err), &err);
    cr_assert_eq(result, wanted, "%d, not %d (seed %llu)", result, wanted, (unsigned long long)support_seed());
    cr_assert_eq(why != NULL, wanted == LINK_REFUSED);
    if (wanted == LINK_MADE)
        graph->links[graph->n_links++] = (struct model_link){ (uint32_t)a, (uint32_t)b, received_ms, false };
}

static void try_unlink(struct graph *graph, size_t a, size_t b)
{
    struct err err;
    struct model_link *link = model_find(graph, a, b, false);
    bool ok = identities_unlink(graph->identities, graph->store, graph->id[a], graph->id[b], 1000, &err);
    cr_assert_eq(ok, link != NULL);
    if (!ok) cr_assert_eq(err.code, ERR_MISSING);
    if (link) link->is_removed = true;
}

static void check_member(const struct graph *graph, size_t i, int64_t as_of_ms)
{
    bool is_reached[PEOPLE];
    uint32_t got[PEOPLE], wanted[PEOPLE];
    size_t n_wanted = 0, n_got;
    reach(graph, i, as_of_ms, is_reached);
    for (size_t j = 0; j < PEOPLE; j++)
        if (is_reached[j]) wanted[n_wanted++] = graph->id[j];
    n_got = identities_members_at(graph->identities, graph->id[i], as_of_ms, got, PEOPLE);
    cr_assert_eq(n_got, n_wanted, "%zu members, not %zu (seed %llu)", n_got, n_wanted,
                 (unsigned long long)support_seed());
    cr_assert_arr_eq(got, wanted, n_wanted * sizeof *got);
    cr_assert_eq(identities_customer_at(graph->identities, graph->id[i], as_of_ms),
                 model_customer(graph, i, as_of_ms));
    if (as_of_ms != INT64_MAX) return;
    const uint32_t *members = identities_members(graph->identities, graph->id[i], &n_got);
    cr_assert_eq(n_got, n_wanted);
    cr_assert_arr_eq(members, wanted, n_wanted * sizeof *members);
    cr_assert_eq(identities_customer(graph->identities, graph->id[i]), model_customer(graph, i, as_of_ms));
}

static void check(const struct graph *graph, struct rng *rng)
{
    size_t n_links = 0, n_linked = 0, n_in_slots = 0, n;
    for (size_t l = 0; l < graph->n_links; l++) n_links += !graph->links[l].is_removed;
    cr_assert_eq(identities_n_links(graph->identities), n_links);
    for (size_t i = 0; i < PEOPLE; i++) {
        check_member(graph, i, INT64_MAX);
        check_member(graph, i, support_between(rng, 0, 100));
        identities_members(graph->identities, graph->id[i], &n);
        n_linked += n > 1;
    }
    for (size_t slot = 0; slot < identities_n_linked(graph->identities); slot++)
        if (identities_linked(graph->identities, slot, &n)) n_in_slots += n;
    cr_assert_eq(n_in_slots, n_linked);
}

static void put_setting(struct store *store, const char *name, const char *text)
{
    struct err err;
    ASSERT_OK(sql_setting_put(store, text_of(name), text_of(text), &err), &err);
}

Test(identity, links_and_their_removals_join_what_a_search_of_the_graph_joins)
{
    EACH_CASE(c, 60) {
        struct err err;
        struct graph graph;
        graph_open(&graph, &c.rng);
        if (rng_below(&c.rng, 2)) {
            put_setting(graph.store, "identity_most", "4");
            graph.most_members = 4;
        }
        ASSERT_OK(identities_open(graph.store, graph.log, &graph.identities, &err), &err);
        int64_t now_ms = 0;
        for (size_t step = 0; step < 40; step++) {
            size_t a = rng_below(&c.rng, PEOPLE), b = rng_below(&c.rng, PEOPLE);
            now_ms += support_between(&c.rng, 0, 3);
            if (rng_below(&c.rng, 4)) try_link(&graph, a, b, (enum link_how)rng_below(&c.rng, 4), now_ms);
            else try_unlink(&graph, a, b);
            if (rng_below(&c.rng, 8) == 0)
                ASSERT_OK(identities_reload(graph.identities, graph.store, &err), &err);
            if (step % 5 == 0) check(&graph, &c.rng);
        }
        check(&graph, &c.rng);
        graph_close(&graph);
    }
}

static void open_plain(struct graph *graph, const char *const *names, size_t n)
{
    struct err err;
    *graph = (struct graph){ 0 };
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &graph->store, &err), &err);
    ASSERT_OK(log_open(graph->store, &graph->log, &err), &err);
    for (size_t i = 0; i < n; i++)
        ASSERT_OK(log_intern(graph->log, DICTIONARY_IDENTITY, text_of(names[i]), &graph->id[i], &err), &err);
    ASSERT_OK(identities_open(graph->store, graph->log, &graph->identities, &err), &err);
}

static enum link_result link(struct graph *graph, size_t a, size_t b, enum link_how how, const char **ret_why)
{
    struct err err;
    enum link_result result;
    ASSERT_OK(identities_link(graph->identities, graph->store, graph->id[a], graph->id[b], how, 5, &result,
                              ret_why, &err),
              &err);
    return result;
}

Test(identity, a_shared_device_does_not_make_two_people_one_but_a_merge_does)
{
    static const char *const names[] = { "ada", "bob", "anonymous:tablet" };
    struct graph graph;
    const char *why;
    open_plain(&graph, names, 3);
    cr_assert_eq(link(&graph, 2, 0, LINK_IDENTIFY, &why), LINK_MADE);
    cr_assert_eq(link(&graph, 2, 1, LINK_IDENTIFY, &why), LINK_REFUSED);
    cr_assert(strstr(why, "device"), "%s", why);
    cr_assert_eq(link(&graph, 2, 1, LINK_IDENTIFY, &why), LINK_REFUSED);
    cr_assert_eq(identities_customer(graph.identities, graph.id[2]), graph.id[0]);

    struct err err;
    struct sql_identity_refused_of row;
    ASSERT_OK(sql_identity_refused_of(graph.store, graph.id[2], &row, &err), &err);
    cr_assert_eq(sql_identity_refused_of_step(&row, &err), STEP_ROW);
    cr_assert_eq(row.n, 2, "the refusal is counted");
    cr_assert_eq(sql_identity_refused_of_step(&row, &err), STEP_END);
    cursor_close(row.cursor);

    cr_assert_eq(link(&graph, 0, 1, LINK_MERGE, &why), LINK_MADE);
    cr_assert_eq(identities_customer(graph.identities, graph.id[1]), graph.id[0], "who was linked first");
    graph_close(&graph);
}

Test(identity, what_a_person_took_apart_is_not_joined_again_by_itself)
{
    static const char *const names[] = { "ada", "anonymous:x" };
    struct graph graph;
    struct err err;
    const char *why;
    open_plain(&graph, names, 2);
    cr_assert_eq(link(&graph, 0, 1, LINK_IDENTIFY, &why), LINK_MADE);
    ASSERT_OK(identities_unlink(graph.identities, graph.store, graph.id[1], graph.id[0], 9, &err), &err);
    ASSERT_OK(identities_reload(graph.identities, graph.store, &err), &err);
    cr_assert_eq(link(&graph, 1, 0, LINK_IDENTIFY, &why), LINK_REFUSED);
    cr_assert_eq(link(&graph, 1, 0, LINK_MANUAL, &why), LINK_MADE);
    graph_close(&graph);
}

Test(identity, after_a_rollback_the_links_are_those_of_the_store)
{
    static const char *const names[] = { "ada", "anonymous:x", "anonymous:y" };
    struct graph graph;
    struct err err;
    const char *why;
    size_t n;
    open_plain(&graph, names, 3);
    link(&graph, 0, 1, LINK_IDENTIFY, &why);
    ASSERT_OK(store_begin(graph.store, &err), &err);
    link(&graph, 0, 2, LINK_IDENTIFY, &why);
    ASSERT_OK(identities_unlink(graph.identities, graph.store, graph.id[0], graph.id[1], 9, &err), &err);
    store_rollback(graph.store);
    ASSERT_OK(identities_reload(graph.identities, graph.store, &err), &err);
    const uint32_t *members = identities_members(graph.identities, graph.id[1], &n);
    cr_assert_eq(n, 2);
    cr_assert_eq(members[0], graph.id[0]);
    cr_assert_eq(link(&graph, 0, 2, LINK_IDENTIFY, &why), LINK_MADE);
    graph_close(&graph);
}

/* What the newest link was called the next must not be, for the warehouse has that already. */
Test(identity, a_link_after_a_forgotten_one_that_was_shipped_has_a_number_of_its_own)
{
    static const char *const names[] = { "ada", "anonymous:x", "anonymous:y" };
    struct graph graph;
    struct err err;
    const char *why;
    size_t n;
    open_plain(&graph, names, 3);
    link(&graph, 0, 1, LINK_IDENTIFY, &why);
    const struct link *links = identities_links(graph.identities, graph.id[0], &n);
    int64_t id = links[0].id;
    ASSERT_OK(sql_warehouse_shard_put(graph.store, 0, 0, 0, id, 0, 1, 0, 0, 0, 0, text_of(""), &err), &err);
    ASSERT_OK(sql_identity_link_forget(graph.store, graph.id[1], &err), &err);
    ASSERT_OK(identities_reload(graph.identities, graph.store, &err), &err);
    cr_assert_eq(link(&graph, 0, 2, LINK_IDENTIFY, &why), LINK_MADE);
    links = identities_links(graph.identities, graph.id[0], &n);
    cr_assert_eq(n, 1);
    cr_assert_gt(links[0].id, id);
    graph_close(&graph);
}

Test(identity, ids_that_stand_for_nobody_are_blocked)
{
    static const char *const nobody[] = {
        "", "  ", "null", "NULL", " undefined ", "anonymous", "0", "000", "-1", "none", "NaN", "unknown", "-",
        "...", "[object Object]", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "{00000000-0000-0000-0000-000000000000}", "guest", "n/a", "\"\"", "(not set)",
        "Walk-in Customer", "CASH SALE", "Laufkundschaft", "noemail@shop.example", "No-Reply@shop.example",
    };
    static const char *const somebody[] = {
        "1", "42", "a", "f", "ff", "nulla", "ada", "anonymous42", "\xc3\xa9", "0a", "100", "-2",
        "7f000000-0000-0000", "walker", "noemil@shop.example", "Cash, Johnny",
    };
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
        cr_expect(identity_is_blocked(text_of(nobody[i])), "'%s'", nobody[i]);
    for (size_t i = 0; i < sizeof somebody / sizeof *somebody; i++)
        cr_expect_not(identity_is_blocked(text_of(somebody[i])), "'%s'", somebody[i]);
}

Test(identity, settings_block_more_ids_and_allow_others)
{
    struct graph graph;
    struct err err;
    open_plain(&graph, NULL, 0);
    put_setting(graph.store, "identity_blocked", "kiosk\nTEST\n");
    put_setting(graph.store, "identity_allowed", "guest");
    ASSERT_OK(identities_reload(graph.identities, graph.store, &err), &err);
    cr_assert(identities_is_blocked(graph.identities, text_of("Kiosk")));
    cr_assert(identities_is_blocked(graph.identities, text_of("test")));
    cr_assert(identities_is_blocked(graph.identities, text_of("null")));
    cr_assert(identities_is_blocked(graph.identities, text_of("")));
    cr_assert_not(identities_is_blocked(graph.identities, text_of("guest")));
    cr_assert_not(identities_is_blocked(graph.identities, text_of("kios")));
    put_setting(graph.store, "identity_most", "many");
    ASSERT_FAILS(identities_reload(graph.identities, graph.store, &err), &err, ERR_INVALID, "identity_most");
    cr_assert_not(identities_is_blocked(graph.identities, text_of("guest")), "what there was stays");
    graph_close(&graph);
}

Test(identity, texts_of_different_kinds_are_never_equal)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    static const char *const ids[] = { "x", "anonymous:x", "email:x", "user:x", "user:anonymous:x", "erased:1" };
    struct text seen[32];
    size_t n = 0;
    for (int kind = IDENTITY_USER; kind <= IDENTITY_EMAIL; kind++)
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
            struct text text = identity_text((enum identity_kind)kind, text_of(ids[i]), key, arena);
            cr_assert_eq(identity_kind_of(text), kind);
            for (size_t j = 0; j < n; j++) cr_assert_not(text_equal(seen[j], text));
            seen[n++] = text;
        }
    struct text a = identity_text(IDENTITY_EMAIL, text_of(" Ada@Example.com "), key, arena);
    struct text b = identity_text(IDENTITY_EMAIL, text_of("ada@example.com"), key, arena);
    cr_assert(text_equal(a, b));
    cr_assert_eq(a.length, strlen("email:") + 32);
    arena_free(arena);
}
