/* command_warehouse.c - holdfast warehouse: a ClickHouse cluster that holds the history too. */
#include "cli/json_out.h"
#include "command/warehouse_desk.h"
#include "base/output.h"
#include "base/parallel.h"
#include "engine/service.h"
#include "feature/matrix_csv.h"
#include "store/sql.h"
#include "warehouse/restore.h"
#include "warehouse/tables.h"
#include "warehouse/warehouse_check.h"
#include "warehouse/warehouse_status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- init ---- */

static bool run_init(struct warehouse_desk *desk, struct err *err)
{
    struct invocation *invocation = desk->invocation;
    const struct warehouse_settings *settings = &desk->settings;
    for (size_t s = 0; s < settings->n_shards; s++) {
        for (size_t r = 0; flag_is_given(invocation, "dry-run") && r < settings->n_replicas[s]; r++) {
            const char *statements[TABLES_STATEMENTS_MOST];
            size_t n = tables_sql(settings, s, r, invocation->arena, statements, TABLES_STATEMENTS_MOST);
            fprintf(invocation->out, "-- %s\n", settings->replicas[s][r]);
            for (size_t i = 0; i < n; i++) fprintf(invocation->out, "%s;\n", statements[i]);
        }
        if (!flag_is_given(invocation, "dry-run") && !tables_make(settings, s, err)) return false;
    }
    if (flag_is_given(invocation, "dry-run")) return true;
    if (invocation->is_json)
        json_write_take(invocation->out, json_pack("{s:I, s:s}", "shards", (json_int_t)settings->n_shards,
                                                   "database", settings->database));
    else
        fprintf(invocation->out,
                "the tables of %s are on %zu shard%s; next: holdfast warehouse ship --until-done\n",
                settings->database, settings->n_shards, settings->n_shards == 1 ? "" : "s");
    return true;
}

/* ---- ship ---- */

struct shipping_all {
    struct warehouse_desk *desk;
    bool is_until_done;
    struct err errs[WAREHOUSE_SHARDS_MOST];
};

static void ship_shard(void *context, size_t shard, unsigned thread)
{
    struct shipping_all *all = context;
    struct shipper *shipper = NULL;
    struct err *err = &all->errs[shard];
    bool is_done = false;
    (void)thread;
    err->code = ERR_NONE;
    bool ok = shipper_open(&all->desk->source, shard, &shipper, err);
    do ok = ok && shipper_ship(shipper, &is_done, err);
    while (ok && !is_done && all->is_until_done);
    shipper_close(shipper);
    if (ok) err->code = ERR_NONE;
}

static bool print_status(struct warehouse_desk *desk, struct err *err)
{
    struct warehouse_status status;
    struct invocation *invocation = desk->invocation;
    if (!warehouse_status_read(&desk->source, desk->database.store, false, invocation->arena, &status, err))
        return false;
    if (invocation->is_json) {
        json_write_take(invocation->out, warehouse_status_json(&status));
        return true;
    }
    for (size_t s = 0; s < status.n; s++) {
        const struct shard_status *shard = &status.shards[s];
        fprintf(invocation->out, "%s: %" PRId64 " rows, %" PRId64 " behind", shard->server, shard->n_rows,
                shard->behind_rows);
        if (shard->behind_rows) fprintf(invocation->out, " (%" PRId64 " s)", shard->behind_seconds);
        if (shard->links_behind)
            fprintf(invocation->out, "; %" PRId64 " links between ids behind", shard->links_behind);
        if (shard->n_owed) fprintf(invocation->out, "; owes %" PRId64 " erasures", shard->n_owed);
        fprintf(invocation->out, "%s%s\n", shard->error ? "; " : "", shard->error ? shard->error : "");
    }
    return true;
}

/* A server ships by itself: then what is left to do is to wait for it. */
static bool wait_for_server(struct warehouse_desk *desk, bool is_until_done, struct err *err)
{
    struct warehouse_status status;
    for (int tries = 0; is_until_done && tries < 600; tries++) {
        if (!warehouse_status_read(&desk->source, desk->database.store, true, desk->invocation->arena, &status,
                                   err))
            return false;
        int64_t n_links = 0;
        for (size_t s = 0; s < status.n; s++) n_links += status.shards[s].links_behind;
        if (status.spool_events == 0 && n_links == 0) break;
        for (size_t s = 0; tries > 60 && s < status.n; s++)
            if (status.shards[s].error) return err_set(err, ERR_MISSING, "%s", status.shards[s].error);
        (void)sleep(1);
    }
    return true;
}

static bool run_ship(struct warehouse_desk *desk, struct err *err)
{
    struct shipping_all all = { .desk = desk, .is_until_done = flag_is_given(desk->invocation, "until-done") };
    bool ok = true;
    if (desk->invocation->service) {
        ok = wait_for_server(desk, all.is_until_done, err);
    } else {
        parallel_for((unsigned)desk->settings.n_shards, desk->settings.n_shards, ship_shard, &all);
        for (size_t s = 0; ok && s < desk->settings.n_shards; s++)
            if (all.errs[s].code != ERR_NONE) *err = all.errs[s], ok = false;
    }
    return ok && print_status(desk, err);
}

/* ---- features ---- */

static bool read_as_of(const struct invocation *invocation, const struct database *database, int64_t *ret_as_of_ms,
                       struct err *err)
{
    return flag_date_ms(invocation, "as-of", database->as_of_ms, ret_as_of_ms, err);
}

/* The features of the trained question, else all that the log gives unless one was named. */
static bool find_set(struct warehouse_desk *desk, struct trained *trained, struct gather_options *options,
                     struct err *err)
{
    struct arena *arena = desk->invocation->arena;
    if (trained_get(desk->database.store, desk->database.log, flag_text(desk->invocation, "question", NULL), arena,
                    trained, err)) {
        options->set = trained->set;
        options->question = &trained->question;
        return true;
    }
    if (err->code != ERR_MISSING || flag_is_given(desk->invocation, "question")) return false;
    struct feature_set *set = NULL;
    const struct feature_options all = { .n_threads = desk->invocation->n_threads };
    if (!feature_set_generate(desk->database.log, &all, arena, &set, err)) return false;
    options->set = set;
    return true;
}

static bool choose_names(struct warehouse_desk *desk, struct gather_options *options, struct err *err)
{
    struct arena *arena = desk->invocation->arena;
    const char *typed = flag_text(desk->invocation, "names", NULL);
    if (!typed) return true;
    size_t *features = ARENA_ARRAY(arena, size_t, strlen(typed) + 1);
    for (char *at = arena_copy(arena, typed); at;) {
        char *comma = strchr(at, ',');
        if (comma) *comma = '\0';
        if (!feature_find(options->set, at, &features[options->n_features]))
            return err_set(err, ERR_MISSING, "--names: there is no feature '%s': holdfast features lists them",
                           at);
        options->n_features++;
        at = comma ? comma + 1 : NULL;
    }
    options->features = features;
    return true;
}

static bool prepare(struct warehouse_desk *desk, struct trained *trained, int64_t *as_of_ms,
                    struct gather_options *options, struct err *err)
{
    *options = warehouse_desk_gather(desk);
    options->cutoffs_ms = as_of_ms;
    options->n_cutoffs = 1;
    return database_describe(&desk->database, desk->invocation->arena, err) &&
           read_as_of(desk->invocation, &desk->database, as_of_ms, err) && find_set(desk, trained, options, err) &&
           choose_names(desk, options, err);
}

static void write_rows(const struct warehouse_desk *desk, const struct gather_options *options,
                       const struct matrix *matrix, struct output *out)
{
    const char **names = ARENA_ARRAY(desk->invocation->arena, const char *, matrix->n_columns + 1);
    for (size_t c = 0; c < matrix->n_columns; c++)
        names[c] = feature_names(options->set)[options->features ? options->features[c] : c];
    matrix_csv(out, desk->database.log, matrix, names, desk->invocation->n_threads);
}

static bool run_features(struct warehouse_desk *desk, struct err *err)
{
    struct invocation *invocation = desk->invocation;
    struct trained trained = { 0 };
    struct gather_options options;
    struct matrix matrix;
    struct output *out = NULL;
    int64_t as_of_ms;
    const char *path = flag_text(invocation, "out", "-");
    bool ok = output_check(path, err) && prepare(desk, &trained, &as_of_ms, &options, err) &&
              warehouse_desk_check_behind(desk, as_of_ms, err) &&
              gather_matrix(&options, invocation->arena, &matrix, err) && output_open(path, &out, err);
    trained_release(&trained);
    if (!ok) return false;
    write_rows(desk, &options, &matrix, out);
    if (!output_commit(out, err)) return false;
    if (strcmp(path, "-") == 0) return true;
    if (invocation->is_json)
        json_write_take(invocation->out, json_pack("{s:s, s:I}", "path", path, "rows", (json_int_t)matrix.n_rows));
    else
        fprintf(invocation->out, "%s: %zu rows\n", path, matrix.n_rows);
    return true;
}

static bool run_sql(struct warehouse_desk *desk, struct err *err)
{
    struct trained trained = { 0 };
    struct gather_options options;
    int64_t as_of_ms;
    bool ok = prepare(desk, &trained, &as_of_ms, &options, err);
    trained_release(&trained);
    for (size_t s = 0; ok && s < desk->settings.n_shards; s++)
        fprintf(desk->invocation->out, "-- shard %zu, %s, for clickhouse-client --multiquery%s\n%s;\n", s + 1,
                desk->settings.replicas[s][0],
                desk->settings.password ? "; PASSWORD stands for that of password_file" : "",
                gather_sql(&options, s, desk->invocation->arena));
    return ok;
}

/* ---- check ---- */

enum { PIECES_SHOWN = 20 };

static void print_check(FILE *out, const struct warehouse_check *check)
{
    fprintf(out, "%" PRIu64 " events here, %" PRIu64 " there: %" PRIu64 " missing, %" PRIu64 " doubled\n",
            check->n_here, check->n_there, check->n_missing, check->n_doubled);
    if (check->n_unknown)
        fprintf(out, "%" PRIu64 " of those there this database never shipped\n", check->n_unknown);
    for (size_t i = 0; i < check->n_differ && i < PIECES_SHOWN; i++) {
        const struct piece *piece = &check->differ[i];
        fprintf(out, "  %s: partition %u, month %u: %" PRIu64 " here, %" PRIu64 " there%s\n",
                check->servers[piece->shard], piece->partition, piece->month, piece->n_here,
                piece->n_there + piece->n_unknown,
                piece->n_here == piece->n_there + piece->n_unknown ? ", which say something else" : "");
    }
    if (check->n_differ > PIECES_SHOWN)
        fprintf(out, "  and %zu more, which --json lists\n", check->n_differ - PIECES_SHOWN);
    for (size_t s = 0; s < check->n_shards; s++)
        if (check->links[s].is_different)
            fprintf(out, "  %s: %" PRIu64 " links between ids here, %" PRIu64 " there%s\n", check->servers[s],
                    check->links[s].n_here, check->links[s].n_there,
                    check->links[s].n_here == check->links[s].n_there ? ", which say something else" : "");
    if (check->n_differ || check->n_links_differ) fputs("holdfast warehouse check --mend removes what differs, and ships it again\n", out);
}

static bool run_check(struct warehouse_desk *desk, struct err *err)
{
    struct invocation *invocation = desk->invocation;
    struct warehouse_check check;
    if (!warehouse_check_run(&desk->source, invocation->arena, &check, err)) return false;
    if (flag_is_given(invocation, "mend") && (check.n_differ || check.n_links_differ) &&
        !(warehouse_mend(&desk->source, &check, err) &&
          warehouse_check_run(&desk->source, invocation->arena, &check, err)))
        return false;
    if (invocation->is_json)
        json_write_take(invocation->out, warehouse_check_json(&check));
    else
        print_check(invocation->out, &check);
    return true;
}

/* ---- restore ---- */

/* Whole or not at all. */
static bool restore_to(struct warehouse_desk *desk, const char *path, struct restored *ret_restored,
                       struct err *err)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    struct store *store = NULL;
    struct log *log = NULL;
    unsigned first, last;
    bool ok = warehouse_desk_partitions(desk->invocation, &first, &last, err) &&
              store_open(path, STORE_CREATE, &store, err) && log_open(store, &log, err) &&
              restore_run(&desk->settings, first, last, store, log, ret_restored, err);
    log_close(log);
    store_close(store);
    for (size_t e = 0; !ok && e < sizeof endings / sizeof *endings; e++)
        (void)unlink(arena_format(desk->invocation->arena, "%s%s", path, endings[e]));
    return ok;
}

static bool run_restore(struct warehouse_desk *desk, struct err *err)
{
    struct invocation *invocation = desk->invocation;
    struct restored restored;
    const char *path = flag_text(invocation, "to", NULL);
    if (!path || !*path)
        return err_set(err, ERR_INVALID, "restore needs --to FILE, a database that is not there yet");
    if (access(path, F_OK) == 0) return err_set(err, ERR_INVALID, "--to %s: there is such a file already", path);
    if (!restore_to(desk, path, &restored, err)) return false;
    if (invocation->is_json)
        json_write_take(invocation->out,
                        json_pack("{s:s, s:I, s:I, s:I}", "path", path, "events", (json_int_t)restored.n_events,
                                  "identities", (json_int_t)restored.n_identities, "links",
                                  (json_int_t)restored.n_links));
    else
        fprintf(invocation->out, "%s: %" PRIu64 " events of %" PRIu64 " identities, %" PRIu64 " links\n", path,
                restored.n_events, restored.n_identities, restored.n_links);
    return true;
}

static bool run_status(struct warehouse_desk *desk, struct err *err) { return print_status(desk, err); }

static const struct {
    const char *word;
    bool (*run)(struct warehouse_desk *, struct err *);
    bool is_writing;
} actions[] = {
    { "init", run_init, false },   { "ship", run_ship, true },        { "status", run_status, false },
    { "check", run_check, false }, { "restore", run_restore, false }, { "features", run_features, false },
    { "sql", run_sql, false },
};
enum { ACTIONS = sizeof actions / sizeof *actions };

static bool run_warehouse(struct invocation *invocation, struct err *err)
{
    size_t a = 0;
    while (a < ACTIONS && strcmp(actions[a].word, invocation->arguments[0]) != 0) a++;
    if (a == ACTIONS)
        return err_set(err, ERR_INVALID,
                       "'%s' is nothing a warehouse does: init, ship, status, check, restore, features or sql",
                       invocation->arguments[0]);
    struct warehouse_desk desk;
    if (!warehouse_desk_open(invocation, &desk, err)) return false;
    bool ok = actions[a].run(&desk, err);
    warehouse_desk_close(&desk);
    return ok;
}

static bool writes(const struct invocation *invocation)
{
    for (size_t a = 0; a < ACTIONS; a++)
        if (invocation->n_arguments && strcmp(actions[a].word, invocation->arguments[0]) == 0)
            return actions[a].is_writing;
    return false;
}

static const struct flag flags[] = {
    { "dry-run", NULL, "init: print the statements, and run none" },
    { "until-done", NULL, "ship: until everything is there (else one batch for each shard)" },
    { "mend", NULL, "check: remove what differs there, and ship it again" },
    { "to", "FILE", "restore: the database to make" },
    { "partitions", "0-63", "restore: only customers of these" },
    { "as-of", "DATE", "features, sql: the instant (else the end of what is known)" },
    { "names", "A,B", "features, sql: only these features, in this order" },
    { "question", "NAME", "features, sql: the trained question whose features and customers are asked for" },
    { "out", "PATH", "features: where to (else standard output)" },
    { 0 },
};

const struct command command_warehouse = {
    .name = "warehouse",
    .arguments = "ACTION",
    .summary = "a ClickHouse cluster that holds the history too",
    .details =
        "The section `warehouse` of the settings names its servers:\n"
        "  warehouse: {shards: [[\"http://127.0.0.1:8123\"], [\"http://127.0.0.1:8124\"]], user: holdfast, "
        "password_file: ch.password}\n"
        "\n"
        "ACTION:\n"
        "  init      makes the tables on each server             holdfast warehouse init --dry-run\n"
        "  ship      sends there what is not there yet, each\n"
        "            event exactly once (serve does by itself)   holdfast warehouse ship --until-done\n"
        "  status    how far each shard is, and what is wrong    holdfast warehouse status --json\n"
        "  check     compares what is here and there, by\n"
        "            partition and month, and mends it           holdfast warehouse check --mend\n"
        "  restore   a database made anew from what is there     holdfast warehouse restore --to new.holdfast\n"
        "  features  computed there: what export features says   holdfast warehouse features --as-of 2024-06-01\n"
        "  sql       the query, for clickhouse-client            holdfast warehouse sql --as-of 2024-06-01\n"
        "\n"
        "train and score ask there with --on warehouse.",
    .example = "holdfast warehouse ship --until-done",
    .flags = flags,
    .run = run_warehouse,
    .is_writing = writes,
};
