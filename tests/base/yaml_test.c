/* YAML: the tree with its places, and what is refused, with line and column. */
#include "base/yaml.h"
#include "support.h"

static const struct yaml_node *parsed(const char *text, struct arena *arena)
{
    const struct yaml_node *root = NULL;
    struct err err;
    ASSERT_OK(yaml_parse(text, strlen(text), "x.yaml", arena, &root, &err), &err);
    return root;
}

Test(yaml, maps_lists_and_scalars_become_a_tree_with_places)
{
    struct arena *arena = arena_new(1 << 24);
    const struct yaml_node *root = parsed("name: 'a b'\nlist:\n  - 1\n  - {x: y}\nnone: ~\n", arena);
    cr_assert_eq(root->kind, YAML_MAP);
    cr_assert_eq(root->n, 3);
    const struct yaml_node *list = yaml_find(root, "list");
    cr_assert_eq(list->kind, YAML_LIST);
    cr_assert_str_eq(list->items[0]->text, "1");
    cr_assert_eq(list->items[0]->line, 3);
    cr_assert_eq(list->items[0]->column, 5);
    cr_assert_str_eq(yaml_find(list->items[1], "x")->text, "y");
    cr_assert_null(yaml_find(root, "none"));
    cr_assert_null(yaml_find(root, "absent"));
    cr_assert_str_eq(yaml_find(root, "name")->text, "a b");
    arena_free(arena);
}

Test(yaml, values_are_read_with_their_units)
{
    struct arena *arena = arena_new(1 << 24);
    struct err err;
    const struct yaml_node *root = parsed("a: 90\nb: 12w\nc: 3m\nd: 12.5\ne: 1y\nbad: 0d\nworse: soon\nlist: "
                                          "[1]\nhuge: 99999999999y",
                                          arena);
    int64_t days = 0, cents = 0;
    double number = 0;
    const char *text = "unchanged";
    ASSERT_OK(yaml_days(root, "a", &days, &err), &err);
    cr_assert_eq(days, 90);
    ASSERT_OK(yaml_days(root, "b", &days, &err), &err);
    cr_assert_eq(days, 84);
    ASSERT_OK(yaml_days(root, "c", &days, &err), &err);
    cr_assert_eq(days, 90);
    ASSERT_OK(yaml_days(root, "e", &days, &err), &err);
    cr_assert_eq(days, 365);
    ASSERT_OK(yaml_cents(root, "d", &cents, &err), &err);
    cr_assert_eq(cents, 1250);
    ASSERT_OK(yaml_number(root, "d", 0, 100, &number, &err), &err);
    ASSERT_OK(yaml_number(root, "absent", 0, 1, &number, &err), &err);
    cr_assert_eq(number, 12.5);
    ASSERT_FAILS(yaml_number(root, "d", 0, 12, &number, &err), &err, ERR_INVALID,
                 "'d' must be a number from 0 to 12; not 12.5");
    ASSERT_FAILS(yaml_number(root, "list", 0, 1, &number, &err), &err, ERR_INVALID,
                 "x.yaml:8:7: 'list' must be a number from 0 to 1");
    ASSERT_OK(yaml_text(root, "absent", &text, &err), &err);
    cr_assert_str_eq(text, "unchanged");
    ASSERT_FAILS(yaml_days(root, "bad", &days, &err), &err, ERR_INVALID,
                 "x.yaml:6:6: 'bad' must be a number of days");
    ASSERT_FAILS(yaml_days(root, "worse", &days, &err), &err, ERR_INVALID, "x.yaml:7:8");
    ASSERT_FAILS(yaml_days(root, "huge", &days, &err), &err, ERR_INVALID, "x.yaml:9:7");
    ASSERT_FAILS(yaml_text(root, "list", &text, &err), &err, ERR_INVALID, "x.yaml:8:7: 'list' must be one text");
    arena_free(arena);
}

Test(yaml, an_unknown_key_is_refused_with_the_one_that_was_meant)
{
    struct arena *arena = arena_new(1 << 24);
    struct err err;
    static const char *const keys[] = { "name", "horizon" };
    const struct yaml_node *root = parsed("name: a\nhorizn: 3\n", arena);
    ASSERT_FAILS(yaml_check_keys(root, keys, 2, &err), &err, ERR_INVALID,
                 "x.yaml:2:9: 'horizn' is not known here; did you mean 'horizon'?");
    ASSERT_FAILS(yaml_check_keys(parsed("- a", arena), keys, 2, &err), &err, ERR_INVALID,
                 "x.yaml:1:1: expected names with values");
    arena_free(arena);
}

Test(yaml, what_is_not_taken_is_refused_with_its_place)
{
    static const struct { const char *text, *want; } cases[] = {
        { "a: [1, 2", "did not find expected ',' or ']'" },
        { "a: b\n c: d", "x.yaml:2:3: mapping values are not allowed" },
        { "a: &x 1\nb: *x\n", "x.yaml:1:4: anchors and aliases" },
        { "b: *x\n", "x.yaml:1:4: anchors and aliases" },
        { "a: !!int 1", "x.yaml:1:4: tags" },
        { "a: 1\na: 2", "x.yaml:2:1: 'a' is given twice" },
        { "a: 1\n---\nb: 2", "a second document" },
        { "? [a]\n: b", "a key must be a text" },
        { "a: \"\\0\"", "a NUL character" },
        { "", "x.yaml: the file is empty" },
        { "# only a remark", "the file is empty" },
        { "a: \xff\xfe", "x.yaml:1:" },
        { "\t- a", "x.yaml:1:1: " },
    };
    struct arena *arena = arena_new(1 << 24);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct yaml_node *root;
        struct err err;
        ASSERT_FAILS(yaml_parse(cases[i].text, strlen(cases[i].text), "x.yaml", arena, &root, &err), &err,
                     ERR_INVALID, cases[i].want);
    }
    arena_free(arena);
}

Test(yaml, depth_and_size_have_limits)
{
    struct arena *arena = arena_new(1 << 24);
    const struct yaml_node *root;
    struct err err;
    char deep[40];
    memset(deep, '[', sizeof deep);
    ASSERT_FAILS(yaml_parse(deep, sizeof deep, "x.yaml", arena, &root, &err), &err, ERR_INVALID,
                 "x.yaml:1:33: nested more than 32 deep");
    ASSERT_FAILS(yaml_parse(deep, YAML_MOST_BYTES + 1, "x.yaml", arena, &root, &err), &err, ERR_INVALID,
                 "too many for a YAML file");
    ASSERT_FAILS(yaml_read(support_path("absent.yaml"), arena, &root, &err), &err, ERR_MISSING,
                 "absent.yaml: No such file");
    ASSERT_FAILS(yaml_read(support_scratch(), arena, &root, &err), &err, ERR_IO, "Is a directory");
    arena_free(arena);
}
