/* A catalogue of items: what files say of them, and what was said when. */
#include "base/input.h"
#include "store/store.h"
#include "support.h"
#include "table/catalogue.h"

static struct store *open_store(void)
{
    struct err err;
    struct store *store;
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &store, &err), &err);
    return store;
}

static bool read_text(const char *text, struct arena *arena, struct catalogue_file **ret_file, struct err *err)
{
    const char *path = support_path("items.csv");
    support_write(path, text, strlen(text));
    struct input *input;
    if (!input_open(path, NULL, &input, err)) return false;
    bool ok = catalogue_read(input, NULL, arena, ret_file, err);
    input_close(input);
    return ok;
}

static struct catalogue_result import(struct store *store, const char *text, int64_t now_ms, struct arena *arena)
{
    struct err err;
    struct catalogue_file *file;
    struct catalogue_result result;
    ASSERT_OK(read_text(text, arena, &file, &err), &err);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(catalogue_put(store, file, now_ms, arena, &result, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    return result;
}

static struct catalogue load(struct store *store, int64_t as_of_ms, struct arena *arena)
{
    struct err err;
    struct catalogue catalogue;
    ASSERT_OK(catalogue_load(store, as_of_ms, arena, &catalogue, &err), &err);
    return catalogue;
}

Test(catalogue, a_newer_file_changes_what_it_names_and_the_past_stays)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store = open_store();
    struct catalogue_result result =
        import(store, "item,title,price,stock,brand\nP1,Red cup,4.50,3,Acme\nP2,Pot,20,0,\n", 1000, arena);
    cr_assert(result.n_new == 2 && result.n_changed == 0);
    result = import(store, "item,price\nP1,5\nP3,7\n", 2000, arena);
    cr_assert(result.n_new == 1 && result.n_changed == 1);
    result = import(store, "item,price\nP1,5\nP3,7\n", 3000, arena);
    cr_assert(result.n_same == 2);
    struct catalogue before = load(store, 2000, arena), after = load(store, 2001, arena),
                     long_ago = load(store, 5, arena);
    cr_assert_eq(before.n, 2);
    ASSERT_NEAR(catalogue_find(&before, text_of("P1"))->price, 4.5, 1e-9);
    ASSERT_NEAR(catalogue_find(&after, text_of("P1"))->price, 5, 1e-9);
    ASSERT_NEAR(catalogue_find(&after, text_of("P1"))->stock, 3, 1e-9);
    cr_assert(text_equal(catalogue_find(&after, text_of("P1"))->title, text_of("Red cup")));
    cr_assert(isnan(catalogue_find(&after, text_of("P3"))->stock));
    /* What the first file said counts as always so; what came later does not. */
    cr_assert_eq(long_ago.n, 2);
    ASSERT_NEAR(catalogue_find(&long_ago, text_of("P1"))->price, 4.5, 1e-9);
    cr_assert_null(catalogue_find(&long_ago, text_of("P3")));
    store_close(store);
    arena_free(arena);
}

Test(catalogue, what_cannot_be_is_refused_with_its_line_and_a_remedy)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct catalogue_file *file;
    struct err err;
    ASSERT_FAILS(read_text("item,price\nA,3\nB,-1\n", arena, &file, &err), &err, ERR_INVALID,
                 "line 3, column price: -1 is below 0");
    ASSERT_FAILS(read_text("item,price\nA,3\nA,4\n", arena, &file, &err), &err, ERR_INVALID,
                 "item 'A' was on line 2 already");
    ASSERT_FAILS(read_text("item,price\nA,cheap\n", arena, &file, &err), &err, ERR_INVALID,
                 "'cheap' is no number");
    ASSERT_FAILS(read_text("item,available_to\nA,soon\n", arena, &file, &err), &err, ERR_INVALID,
                 "'soon' is no date");
    ASSERT_FAILS(read_text("what,price\nA,3\n", arena, &file, &err), &err, ERR_INVALID,
                 "name it with --item COLUMN");
    ASSERT_FAILS(read_text("item,price\n,3\n", arena, &file, &err), &err, ERR_INVALID, "it is empty");
    ASSERT_FAILS(read_text("item,Price,price\nA,3,4\n", arena, &file, &err), &err, ERR_INVALID,
                 "two columns are called price");
    arena_free(arena);
}

Test(catalogue, a_condition_can_ask_every_column_that_a_file_says)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store = open_store();
    (void)import(store, "sku,Price,brand,colour\nA,3,Acme,red\nB,4,,blue\n", 1000, arena);
    struct catalogue catalogue = load(store, 5000, arena);
    size_t n_found = 0;
    for (size_t c = 0; c < catalogue.n_columns; c++) {
        if (strcmp(catalogue.columns[c].name, "brand") == 0) {
            n_found++;
            cr_assert_eq(catalogue.columns[c].type, EXPRESSION_TEXT);
            cr_assert_eq(catalogue.items[1].values[c].kind, EXPRESSION_IS_NULL);
        }
        if (strcmp(catalogue.columns[c].name, "price") == 0) {
            n_found++;
            ASSERT_NEAR(catalogue.items[1].values[c].number, 4, 1e-12);
        }
    }
    cr_assert_eq(n_found, 2);
    cr_assert(strstr(catalogue.items[0].words.at, "Acme") != NULL);
    store_close(store);
    arena_free(arena);
}
