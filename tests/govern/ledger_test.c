/* ledger_test.c - a changed row, a gap, a chain cut short or written anew: each is found and named; an erasure is
 * not taken for one. */
#include "govern/audit.h"
#include "govern/ledger.h"
#include "base/secret.h"
#include "store/sql.h"
#include "support.h"

#include <sqlite3.h>

enum { DECISIONS = 12, ERASED = 4 };

static struct store *store;
static struct vault vault;
static struct arena *arena;

static void put_decision(int i)
{
    struct err err;
    char id[16];
    snprintf(id, sizeof id, "d%d", i);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(sql_decision_put(store, text_of(id), i % 5 + 1, 1000 + i, text_of("cart"), text_of("coupon"), .5,
                               text_of("pilot"), text_of("{\"action\":\"coupon\"}"), value_null(), value_null(),
                               value_null(), value_null(), value_null(), &err),
              &err);
    ASSERT_OK(ledger_put_decision(store, &vault, text_of(id), &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
}

static void begin(void)
{
    struct err err;
    ASSERT_OK(secret_start(&err), &err);
    arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(store_open(support_path("shop.holdfast"), STORE_CREATE, &store, &err), &err);
    ASSERT_OK(vault_open(store, true, &vault, &err), &err);
    for (int i = 0; i < DECISIONS; i++) put_decision(i);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(audit_put(store, 5000, "cli:ann", "identity merge", 3, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
}

static void end(void)
{
    store_close(store);
    arena_free(arena);
}

TestSuite(ledger, .init = begin, .fini = end);

/* What somebody does who has the file and sqlite3, but not the key. */
static void tamper(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    cr_assert_eq(sqlite3_open(support_path("shop.holdfast"), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &message), SQLITE_OK, "%s", message);
    cr_assert_gt(sqlite3_total_changes(db), 0);
    sqlite3_close(db);
}

static struct ledger_check check(void)
{
    struct ledger_check check;
    struct err err;
    ASSERT_OK(ledger_verify(store, arena, &check, &err), &err);
    return check;
}

static void is_bad(int64_t row, const char *why)
{
    struct ledger_check got = check();
    cr_assert_eq(got.first_bad, row, "%lld: %s", (long long)got.first_bad, got.why);
    cr_assert(strstr(got.why, why), "%s", got.why);
}

Test(ledger, what_nobody_touched_is_ok)
{
    struct ledger_check got = check();
    cr_assert_eq(got.first_bad, 0, "%s", got.why);
    cr_assert_eq(got.n_rows, DECISIONS + 1);
}

Test(ledger, a_decision_that_was_changed_is_named)
{
    tamper("UPDATE decision SET propensity = .25 WHERE id = 'd4'");
    is_bad(5, "decision d4 is not what was written down");
}

Test(ledger, an_act_that_was_changed_is_named)
{
    tamper("UPDATE audit SET who = 'cli:bob'");
    is_bad(DECISIONS + 1, "act 1 is not what was written down");
}

Test(ledger, a_decision_that_was_removed_is_named)
{
    tamper("DELETE FROM decision WHERE id = 'd7'");
    is_bad(8, "decision d7 is gone");
}

Test(ledger, a_row_that_was_changed_is_named)
{
    tamper("UPDATE ledger SET at_ms = at_ms + 1 WHERE n = 3");
    is_bad(3, "is not what was written down");
}

Test(ledger, a_gap_is_found)
{
    tamper("DELETE FROM ledger WHERE n = 6; DELETE FROM decision WHERE id = 'd5'");
    is_bad(6, "row 6 is missing");
}

Test(ledger, a_ledger_cut_short_is_found)
{
    tamper("DELETE FROM ledger WHERE n > 9; DELETE FROM audit; DELETE FROM decision WHERE id IN ('d9', 'd10', "
           "'d11')");
    is_bad(10, "ends after row 9 and had 13");
}

Test(ledger, an_end_moved_without_the_key_is_found)
{
    tamper(
        "DELETE FROM ledger WHERE n > 9; DELETE FROM audit; DELETE FROM decision WHERE id IN ('d9', 'd10', 'd11');"
        "UPDATE ledger_head SET n = 9, hash = (SELECT hash FROM ledger WHERE n = 9)");
    is_bad(9, "not written with this database's key");
}

Test(ledger, a_decision_put_in_without_the_ledger_is_found)
{
    tamper("INSERT INTO decision SELECT 'forged', identity, at_ms, placement, action, propensity, policy, answer, "
           "question, "
           "trained_ms, features, window, rule FROM decision LIMIT 1");
    is_bad(DECISIONS + 2, "1 decisions");
}

Test(ledger, an_erased_persons_decisions_may_go_and_the_rows_stay)
{
    struct err err;
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(ledger_put_erasure(store, &vault, ERASED, 6000, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    tamper("DELETE FROM decision WHERE identity = 4");
    struct ledger_check got = check();
    cr_assert_eq(got.first_bad, 0, "%s", got.why);
    cr_assert_eq(got.n_rows, DECISIONS + 2);
    tamper("DELETE FROM decision WHERE identity = 2");
    is_bad(2, "decision d1 is gone");
}

Test(ledger, what_was_there_before_it_began_is_no_fault)
{
    struct err err;
    tamper("DELETE FROM ledger; DELETE FROM ledger_head");
    put_decision(DECISIONS);
    struct ledger_check got = check();
    cr_assert_eq(got.first_bad, 0, "%s", got.why);
    cr_assert_eq(got.n_rows, 1);
    ASSERT_OK(store_begin(store, &err), &err);
    store_rollback(store);
}
