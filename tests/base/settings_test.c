/* The one file of settings: where it is, which keys there are, and whose flags replace a section. */
#include "base/settings.h"
#include "support.h"

static const char *file_of(const char *name, const char *text)
{
    const char *path = support_path(name);
    support_write(path, text, strlen(text));
    return path;
}

Test(settings, a_key_that_is_not_known_is_refused_with_its_line)
{
    struct arena *arena = arena_new(1 << 24);
    struct settings settings;
    struct err err;
    const char *path = file_of("holdfast.yaml", "zone: Europe/Berlin\nquiet_hour: {from: '21:00'}\n");
    ASSERT_FAILS(settings_read(path, arena, &settings, &err), &err, ERR_INVALID, "holdfast.yaml:2:13");
    cr_assert(strstr(err.text, "quiet_hours"), "the one that was meant is named: %s", err.text);
    path = file_of("list.yaml", "zone: UTC\ncaps: {channel: email}\n");
    ASSERT_FAILS(settings_read(path, arena, &settings, &err), &err, ERR_INVALID,
                 "list.yaml:2:7: under 'caps' a list should stand");
    path = file_of("zone.yaml", "zone: [UTC]\n");
    ASSERT_FAILS(settings_read(path, arena, &settings, &err), &err, ERR_INVALID, "one value should stand");
    arena_free(arena);
}

Test(settings, sections_are_found_and_shares_are_shares)
{
    struct arena *arena = arena_new(1 << 24);
    struct settings settings, none;
    struct err err;
    double share = .05;
    const char *url = NULL;
    ASSERT_OK(settings_read(NULL, arena, &none, &err), &err);
    cr_assert_null(settings_section(&none, "topics"));
    ASSERT_OK(settings_share(&none, "holdout_share", &share, &err), &err);
    ASSERT_NEAR(share, .05, 0);
    const char *path =
        file_of("a.yaml", "public_url: https://x.example\nholdout_share: 0.2\ntopics: {a: {basis: consent}}\n");
    ASSERT_OK(settings_read(path, arena, &settings, &err), &err);
    ASSERT_OK(settings_text(&settings, "public_url", &url, &err), &err);
    cr_assert_str_eq(url, "https://x.example");
    ASSERT_OK(settings_share(&settings, "holdout_share", &share, &err), &err);
    ASSERT_NEAR(share, .2, 0);
    cr_assert_eq(settings_section(&settings, "topics")->n, 1);
    ASSERT_OK(settings_read(file_of("b.yaml", "holdout_share: 5 %\n"), arena, &settings, &err), &err);
    ASSERT_FAILS(settings_share(&settings, "holdout_share", &share, &err), &err, ERR_INVALID, "b.yaml:1:16");
    ASSERT_NEAR(share, .2, 0);
    arena_free(arena);
}

Test(settings, a_flags_file_replaces_its_section_and_no_other)
{
    struct arena *arena = arena_new(1 << 24);
    struct settings settings;
    struct err err;
    ASSERT_OK(settings_read(file_of("a.yaml", "zone: UTC\ngoals: [{name: x}]\n"), arena, &settings, &err), &err);
    const char *goals = file_of("goals.yaml", "goals: [{name: y}, {name: z}]\n");
    ASSERT_OK(settings_replace(&settings, "goals", goals, arena, &err), &err);
    cr_assert_eq(settings_section(&settings, "goals")->n, 2);
    cr_assert_str_eq(settings_section(&settings, "zone")->text, "UTC");
    ASSERT_FAILS(settings_replace(&settings, "actions", goals, arena, &err), &err, ERR_INVALID, "goals.yaml:1");
    ASSERT_OK(settings_read(NULL, arena, &settings, &err), &err);
    ASSERT_OK(settings_replace(&settings, "goals", goals, arena, &err), &err);
    cr_assert_eq(settings_section(&settings, "goals")->n, 2);
    arena_free(arena);
}

Test(settings, a_flags_file_of_more_keys_leaves_those_that_it_does_not_hold)
{
    static const char *const some[] = { "actions", "budget", "approve" };
    struct arena *arena = arena_new(1 << 24);
    struct settings settings;
    struct err err;
    const char *all = "zone: UTC\nactions: [{name: x}]\nbudget: {amount: 1}\napprove: {above: 1}\n";
    ASSERT_OK(settings_read(file_of("all.yaml", all), arena, &settings, &err), &err);
    const char *budget = file_of("budget.yaml", "budget: {amount: 2}\n");
    ASSERT_OK(settings_replace_some(&settings, some, 3, budget, arena, &err), &err);
    cr_assert_null(settings_section(&settings, "actions"));
    cr_assert_str_eq(yaml_find(settings_section(&settings, "budget"), "amount")->text, "2");
    cr_assert_str_eq(yaml_find(settings_section(&settings, "approve"), "above")->text, "1");
    cr_assert_str_eq(settings_section(&settings, "zone")->text, "UTC");
    arena_free(arena);
}

Test(settings, the_named_file_goes_before_the_campaigns_and_these_before_the_database)
{
    struct arena *arena = arena_new(1 << 24);
    const char *database = arena_format(arena, "%s/shop.holdfast", support_scratch());
    cr_assert_null(settings_path(NULL, NULL, database, arena));
    const char *beside = file_of("holdfast.yaml", "zone: UTC\n");
    cr_assert_str_eq(settings_path(NULL, "/no/such/folder", database, arena), beside);
    cr_assert_str_eq(settings_path(NULL, support_scratch(), "/elsewhere/x.holdfast", arena), beside);
    cr_assert_str_eq(settings_path("/named.yaml", support_scratch(), database, arena), "/named.yaml");
    struct settings settings = { .path = "/etc/shop/holdfast.yaml" };
    cr_assert_str_eq(settings_file(&settings, "ca.pem", arena), "/etc/shop/ca.pem");
    cr_assert_str_eq(settings_file(&settings, "/tmp/ca.pem", arena), "/tmp/ca.pem");
    arena_free(arena);
}
