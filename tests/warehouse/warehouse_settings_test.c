/* The section warehouse: what stands in it, and what must not, for addresses are shown wherever a server is named. */
#include "warehouse/warehouse_settings.h"

#include "support.h"

static bool read_text(const char *text, struct arena *arena, struct warehouse_settings *ret_settings, struct err *err)
{
    const char *path = support_path("holdfast.yaml");
    struct settings settings;
    support_write(path, text, strlen(text));
    return settings_read(path, arena, &settings, err) &&
           warehouse_settings_read(&settings, arena, ret_settings, err);
}

Test(warehouse_settings, a_password_within_an_address_is_refused_and_not_said_again)
{
    struct arena *arena = arena_new(1 << 24);
    struct warehouse_settings settings;
    struct err err;
    ASSERT_OK(read_text("warehouse: {shards: [[\"http://127.0.0.1:8123\"]], user: holdfast}\n", arena, &settings, &err),
              &err);
    cr_assert_str_eq(settings.replicas[0][0], "http://127.0.0.1:8123");
    cr_assert_str_eq(settings.user, "holdfast");
    ASSERT_FAILS(read_text("warehouse: {shards: [[\"http://holdfast:open sesame@127.0.0.1:8123\"]]}\n", arena,
                           &settings, &err),
                 &err, ERR_INVALID, "password_file");
    cr_assert(!strstr(err.text, "sesame"), "the sentence tells the password: %s", err.text);
    arena_free(arena);
}

Test(warehouse_settings, a_password_file_that_is_not_there_is_told_of_with_its_place_and_what_it_should_hold)
{
    struct arena *arena = arena_new(1 << 24);
    struct warehouse_settings settings;
    struct err err;
    ASSERT_FAILS(read_text("warehouse:\n  shards: [[\"http://127.0.0.1:8123\"]]\n  password_file: /no/such\n", arena,
                           &settings, &err),
                 &err, ERR_INVALID, ":3:18: password_file: /no/such cannot be read (No such file or directory): write");
    arena_free(arena);
}

Test(warehouse_settings, a_path_for_replicated_tables_that_cannot_stand_in_a_statement_is_refused_and_so_is_none)
{
    static const char *const bad[] = { "replicated, zookeeper_path: '/hold\\fast'", "replicated, zookeeper_path: hold",
                                       "replicated, zookeeper_path: \"/hold'fast\"", "{}", "{replicated: }" };
    struct arena *arena = arena_new(1 << 24);
    struct warehouse_settings settings;
    struct err err;
    const char *head = "warehouse: {shards: [[\"http://127.0.0.1:8123\"]], tables: ";
    ASSERT_OK(read_text(arena_format(arena, "%s{replicated: {zookeeper_path: /holdfast}}}\n", head), arena, &settings, &err),
              &err);
    cr_assert_str_eq(settings.zookeeper_path, "/holdfast");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(read_text(arena_format(arena, "%s%s}\n", head, bad[i]), arena, &settings, &err), &err, ERR_INVALID,
                     "replicated ones need zookeeper_path: /holdfast");
    arena_free(arena);
}

Test(warehouse_settings, what_no_warehouse_can_be_is_refused_with_its_place_and_what_to_write)
{
    static const struct {
        const char *rest, *said;
    } bad[] = {
        { "shard: []", ":2:10: 'shard' is not known here; did you mean 'shards'?" },
        { "shards: http://a:1", ":2:11: shards: want a list of shards" },
        { "shards: [[\"a:8123\"]]", ":2:13: shards: want addresses" },
        { "shards: [[\"http://\"]]", "want addresses" },
        { "shards: [[\"http://a:1/?user=x\"]]", "want addresses" },
        { "shards: [[\"http://a:1\"], [\"http://a:1/\"]]", ":2:29: shards: http://a:1 stands there twice" },
        { "shards: [[\"http://a:1\", \"http://b:1\"]]", "plain tables would fill only one of them" },
        { "shards: [[\"http://a:1\"]]\n  zookeeper_path: /x", ":3:19: zookeeper_path goes with  tables: replicated" },
        { "shards: [[\"http://a:1\"]]\n  tables: other", ":3:11: tables: want plain or replicated" },
        { "shards: [[\"http://a:1\"]]\n  node: a b", ":3:9: node: want letters" },
        { "shards: [[\"http://a:1\"]]\n  database: \"hold'fast\"", ":3:13: database: want letters" },
        { "shards: [[\"http://a:1\"]]\n  database: 9lives", "a letter first" },
        { "shards: [[\"http://a:1\"]]\n  identities: open", ":3:15: identities: want hashed or plain" },
    };
    struct arena *arena = arena_new(1 << 24);
    struct warehouse_settings settings;
    struct err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(read_text(arena_format(arena, "warehouse:\n  %s\n", bad[i].rest), arena, &settings, &err), &err,
                     ERR_INVALID, bad[i].said);
    ASSERT_OK(read_text("warehouse: {shards: [[\"http://a:1/\"], [\"https://b/clickhouse\"]]}\n", arena, &settings, &err),
              &err);
    cr_assert_str_eq(settings.replicas[0][0], "http://a:1");
    arena_free(arena);
}
