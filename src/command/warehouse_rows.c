/* warehouse_rows.c - see warehouse_rows.h. */
#include "command/warehouse_rows.h"

#include "learn/reasons.h"
#include "server/clocks.h"
#include "store/sql.h"
#include "warehouse/put_scores.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

bool warehouse_rows_wanted(const struct invocation *invocation, bool *ret_is_wanted, struct err *err)
{
    const char *on = flag_text(invocation, "on", NULL);
    *ret_is_wanted = on && strcmp(on, "warehouse") == 0;
    if (!on && (flag_is_given(invocation, "sample") || flag_is_given(invocation, "partitions")))
        return err_set(err, ERR_INVALID, "--sample and --partitions go with --on warehouse");
    return !on || *ret_is_wanted || err_set(err, ERR_INVALID, "--on '%s': want warehouse", on);
}

static bool begin(void *context, struct err *err)
{
    return warehouse_desk_check_behind(&((struct warehouse_rows *)context)->desk, INT64_MAX, err);
}

static bool build(void *context, const struct feature_set *set, const struct question *question,
                  const int64_t *cutoffs_ms, size_t n_cutoffs, double share, bool wants_labels,
                  struct arena *arena, struct matrix *ret_matrix, struct err *err)
{
    struct warehouse_rows *rows = context;
    struct gather_options options = rows->options;
    if (question->kind == QUESTION_TRAIT)
        return err_set(err, ERR_REFUSED, "a table's label is a column of one row each: leave out --on warehouse");
    options.set = set, options.question = question;
    options.cutoffs_ms = cutoffs_ms, options.n_cutoffs = n_cutoffs;
    options.share = share, options.wants_labels = wants_labels;
    options.is_of_asked = true;
    if (!gather_matrix(&options, arena, ret_matrix, err)) return false;
    return ret_matrix->n_rows > 0 || !wants_labels ||
           err_set(err, ERR_REFUSED, "no customer is asked at any of %zu cutoffs", n_cutoffs);
}

static bool count_customers(struct warehouse_rows *rows, struct err *err)
{
    const struct warehouse_desk *desk = &rows->desk;
    size_t n = log_n_names(desk->database.log, DICTIONARY_IDENTITY);
    int64_t sample, n_customers = 0;
    for (uint32_t i = 1; i < n; i++) n_customers += identities_customer(desk->identities, i) == i;
    rows->source.n_customers = n_customers;
    if (!flag_int(desk->invocation, "sample", 1, INT64_MAX, n_customers ? n_customers : 1, &sample, err))
        return false;
    rows->source.share = n_customers && sample < n_customers ? (double)sample / (double)n_customers : 1;
    return true;
}

bool warehouse_rows_open(struct invocation *invocation, struct warehouse_rows *ret_rows, struct err *err)
{
    struct log_totals totals;
    if (!warehouse_desk_open(invocation, &ret_rows->desk, err)) return false;
    ret_rows->options = warehouse_desk_gather(&ret_rows->desk);
    ret_rows->source = (struct rows_source){ .context = ret_rows, .begin = begin, .build = build };
    bool ok = warehouse_desk_partitions(invocation, &ret_rows->options.first_partition,
                                        &ret_rows->options.last_partition, err) &&
              log_totals(ret_rows->desk.database.log, &totals, err) && count_customers(ret_rows, err);
    if (ok)
        ret_rows->options.last_ms = totals.last_ms;
    else
        warehouse_rows_close(ret_rows);
    return ok;
}

void warehouse_rows_close(struct warehouse_rows *rows) { warehouse_desk_close(&rows->desk); }

/* ---- scores ---- */

struct keeping {
    struct warehouse_rows *rows;
    const struct scores *scores;
};

static bool is_ours(const struct warehouse_rows *rows, uint32_t identity)
{
    unsigned partition = log_partition(rows->desk.database.log, identity);
    return partition >= rows->options.first_partition && partition <= rows->options.last_partition;
}

/* Of some partitions only these customers' answers are replaced. */
static bool keep_some(struct store *store, void *context, struct err *err)
{
    const struct keeping *keeping = context;
    for (uint32_t i = 1; i < keeping->scores->n; i++)
        if (is_ours(keeping->rows, i) && !scores_put_some(store, keeping->scores, i, i + 1, err)) return false;
    return true;
}

static bool keep_here(struct warehouse_rows *rows, const struct scores *scores, struct err *err)
{
    struct keeping keeping = { rows, scores };
    bool is_all = rows->options.first_partition == 0 && rows->options.last_partition == LOG_PARTITIONS - 1;
    struct invocation *invocation = rows->desk.invocation;
    if (is_all) return database_put_scores(invocation, &rows->desk.database, scores, scores->as_of_ms, err);
    return database_write(invocation, &rows->desk.database, keep_some, &keeping, err);
}

static const char *joined(const char *const reasons[REASONS_MOST], struct arena *arena)
{
    struct text parts[2 * REASONS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < REASONS_MOST && reasons[i]; i++) {
        if (n > 0) parts[n++] = (struct text)TEXT("; ");
        parts[n++] = text_of(reasons[i]);
    }
    return arena_join(arena, parts, n);
}

bool warehouse_rows_put_scores(struct warehouse_rows *rows, const struct trained *trained,
                               const struct scores *scores, struct err *err)
{
    const struct matrix *matrix = &scores->rows;
    struct warehouse_desk *desk = &rows->desk;
    struct arena *arena = desk->invocation->arena;
    size_t n = matrix->n_rows;
    double *predictions = ARENA_ARRAY(arena, double, n + 1);
    const char *(*reasons)[REASONS_MOST] = arena_alloc(arena, n + 1, sizeof *reasons);
    struct put_scores put = {
        .settings = &desk->settings,
        .question = scores->question,
        .as_of_ms = scores->as_of_ms,
        .model = predictor_name(trained->predictor),
        .trained_ms = trained->as_of_ms,
        .n = n,
        .customer = ARENA_ARRAY(arena, struct text, n + 1),
        .partition = ARENA_ARRAY(arena, uint8_t, n + 1),
        .number = matrix->identity, .prediction = predictions,
        .loss_cents = ARENA_ARRAY(arena, int64_t, n + 1),
        .reasons = ARENA_ARRAY(arena, const char *, n + 1),
        .first_partition = rows->options.first_partition,
        .last_partition = rows->options.last_partition,
        .now_ms = clock_wall_ms(NULL),
    };
    for (size_t i = 0; i < n; i++) predictions[i] = scores->prediction[matrix->identity[i]];
    reasons_of_rows(trained, matrix, predictions, 0, n, desk->invocation->n_threads, arena, reasons);
    for (size_t i = 0; i < n; i++) {
        struct text name = log_name(desk->database.log, DICTIONARY_IDENTITY, matrix->identity[i]);
        if (!shipped_name(&desk->source.names, name, arena, &put.customer[i]))
            return err_set(err, ERR_REFUSED, "an identity is an address, and the database has no key file");
        put.partition[i] = (uint8_t)log_partition(desk->database.log, matrix->identity[i]);
        put.loss_cents[i] = scores->expected_loss_cents[matrix->identity[i]];
        put.reasons[i] = joined(reasons[i], arena);
    }
    return put_scores(&put, arena, err) && keep_here(rows, scores, err);
}
