/* drift_database.c - see drift_database.h. */
#include "analyse/drift_database.h"

#include "base/calendar.h"
#include "base/json_write.h"
#include "cli/database.h"
#include "learn/evidence.h"
#include "learn/judged.h"

#include <math.h>
#include <string.h>

static const double MISSING_DRIFTED = .1;

struct moving {
    struct invocation *invocation;
    struct arena      *arena;
    struct database database;
    struct trained     trained;
    int64_t            then_ms, now_ms;
    struct matrix      then, now;
    json_t            *columns;
    size_t             n_drifted;
    bool               is_score_moved;
    const char        *names;           /* of the first few that drifted */
};

enum { NAMED_MOST = 8 };

json_t *drift_column_json(const char *name, const char *kind, struct drift *drift, const double missing[2])
{
    if (fabs(missing[1] - missing[0]) >= MISSING_DRIFTED) drift->is_drifted = true;
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:{s:f, s:f}}", "column", name, "kind",
                     kind, "psi", number_json(drift->psi), "ks", number_json(drift->ks), "p",
                     number_json(drift->p), "chi2", number_json(drift->chi2), "hellinger",
                     number_json(drift->hellinger), "chi2_fit", number_json(drift->chi2_fit), "p_fit",
                     number_json(drift->p_fit), "drifted", drift->is_drifted, "missing", "before", missing[0],
                     "now", missing[1]);
}

static void add(struct moving *m, const char *name, const char *kind, struct drift *drift, const double missing[2])
{
    json_array_append_new(m->columns, drift_column_json(name, kind, drift, missing));
    if (!drift->is_drifted) return;
    m->n_drifted++;
    if (m->n_drifted <= NAMED_MOST)
        m->names = arena_format(m->arena, "%s%s%s", m->names, *m->names ? ", " : "", name);
    else if (m->n_drifted == NAMED_MOST + 1) m->names = arena_format(m->arena, "%s and others", m->names);
}

/* ---- features and scores ---- */

static size_t known_of(const struct matrix *m, size_t column, double *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_rows; i++)
        if (!isnan((double)m->values[i * m->n_columns + column]))
            ret[n++] = (double)m->values[i * m->n_columns + column];
    return n;
}

static void compare_features(struct moving *m)
{
    double *then = ARENA_ARRAY(m->arena, double, m->then.n_rows + 1),
           *now = ARENA_ARRAY(m->arena, double, m->now.n_rows + 1);
    for (size_t c = 0; c < m->then.n_columns; c++) {
        const struct feature *feature = feature_at(m->trained.set, c);
        size_t n_then = known_of(&m->then, c, then), n_now = known_of(&m->now, c, now);
        double missing[2] = { 1 - (double)n_then / (double)m->then.n_rows,
                              1 - (double)n_now / (double)m->now.n_rows };
        struct drift drift = { (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN,
                               (double)NAN, false };
        if (n_then > 0 && n_now > 0) drift = drift_numbers(then, n_then, now, n_now);
        add(m, feature->name, "number", &drift, missing);
    }
}

static void compare_scores(struct moving *m)
{
    static const double none[2] = { 0, 0 };
    double *then = ARENA_ARRAY(m->arena, double, m->then.n_rows + 1),
           *now = ARENA_ARRAY(m->arena, double, m->now.n_rows + 1);
    predictor_predict(m->trained.predictor, m->then.values, m->then.n_rows, m->invocation->n_threads, then);
    predictor_predict(m->trained.predictor, m->now.values, m->now.n_rows, m->invocation->n_threads, now);
    struct drift drift = drift_numbers(then, m->then.n_rows, now, m->now.n_rows);
    add(m, m->trained.question.name, "score", &drift, none);
    m->is_score_moved = drift.is_drifted;
}

/* ---- what happened ---- */

static void compare_outcomes(struct moving *m, const struct judged *then, const struct judged *now)
{
    static const double none[2] = { 0, 0 };
    struct drift drift;
    const char *name = arena_format(m->arena, "%s, what happened", m->trained.question.name);
    const struct judged *both[2] = { then, now };
    double counts[2][2] = { { 0 } }, *amounts[2];
    for (size_t k = 0; k < 2; k++) {
        amounts[k] = ARENA_ARRAY(m->arena, double, both[k]->rows.n_rows + 1);
        for (size_t i = 0; i < both[k]->rows.n_rows; i++) {
            amounts[k][i] = (double)both[k]->rows.labels[i];
            counts[k][amounts[k][i] > 0]++;
        }
    }
    drift = m->trained.question.kind == QUESTION_SPEND
                ? drift_numbers(amounts[0], then->rows.n_rows, amounts[1], now->rows.n_rows)
                : drift_counts(counts[0], counts[1], 2);
    add(m, name, "outcome", &drift, none);
}

static json_t *judged_json(const struct judged *j)
{
    char day[11];
    calendar_format_day(calendar_day_of_ms(j->as_of_ms), day);
    return json_pack("{s:s, s:I, s:b, s:o}", "as_of", day, "n", (json_int_t)j->rows.n_rows, "unseen", j->is_unseen,
                     "auc", interval_json(j->quality));
}

/* Whether it still ranks as it did: *ret_is_worse where the intervals do not meet. */
static bool compare_accuracy(struct moving *m, json_t **ret_json, bool *ret_is_worse, struct err *err)
{
    struct judged then, now;
    struct err why;
    *ret_is_worse = false, *ret_json = json_null();
    if (!judged_read(m->database.log, &m->trained, m->now_ms, m->invocation->n_threads, m->arena, &now, &why) ||
        !judged_read(m->database.log, &m->trained, m->then_ms, m->invocation->n_threads, m->arena, &then, &why)) {
        if (why.code == ERR_REFUSED) return true;
        *err = why;
        return false;
    }
    compare_outcomes(m, &then, &now);
    *ret_is_worse = now.quality.high < then.quality.low;
    *ret_json = json_pack("{s:o, s:o, s:b}", "then", judged_json(&then), "now", judged_json(&now), "is_worse",
                          *ret_is_worse);
    return true;
}

/* ---- all ---- */

static const char *sentence_of(const struct moving *m, bool is_worse)
{
    char then[11], now[11];
    size_t n = json_array_size(m->columns);
    calendar_format_day(calendar_day_of_ms(m->then_ms), then);
    calendar_format_day(calendar_day_of_ms(m->now_ms), now);
    const char *moved =
        m->n_drifted == 0
            ? arena_format(m->arena, "None of %zu columns has moved enough to matter between %s and %s.", n, then,
                           now)
            : arena_format(m->arena, "%zu of %zu columns moved enough to matter between %s and %s: %s.",
                           m->n_drifted, n, then, now, m->names);
    /* Who has learned from all there is learns nothing by another training. */
    const char *advice = m->trained.as_of_ms < m->now_ms
        ? "train it again"
        : "it has learned from all that is here, so train it again when more has come";
    if (is_worse) return arena_format(m->arena, "%s  The model ranks worse than it did: %s.", moved, advice);
    if (m->is_score_moved)
        return arena_format(m->arena, "%s  What the model says has moved with them: %s.", moved, advice);
    return m->n_drifted == 0 ? moved : arena_format(m->arena, "%s  What the model says has not moved.", moved);
}

static bool compare(struct moving *m, json_t **ret_json, struct err *err)
{
    const struct question *q = &m->trained.question;
    unsigned threads = m->invocation->n_threads;
    json_t *accuracy;
    bool is_worse;
    if (q->kind == QUESTION_TRAIT)
        return err_set(err, ERR_REFUSED, "the customers of a table do not move with time: compare two tables, "
                       "holdfast drift OLD NEW");
    m->now_ms = m->database.as_of_ms, m->then_ms = m->now_ms - q->horizon_days * MS_PER_DAY;
    if (m->trained.as_of_ms < m->then_ms) m->then_ms = m->trained.as_of_ms;
    if (!matrix_score(m->database.log, m->trained.set, q, m->then_ms, threads, m->arena, &m->then, err) ||
        !matrix_score(m->database.log, m->trained.set, q, m->now_ms, threads, m->arena, &m->now, err))
        return false;
    if (m->then.n_rows == 0 || m->now.n_rows == 0)
        return err_set(err, ERR_REFUSED, "nobody %s asked '%s': there is nothing to compare",
                       m->now.n_rows ? "was then" : "is now", q->name);
    compare_features(m);
    compare_scores(m);
    if (!compare_accuracy(m, &accuracy, &is_worse, err)) return false;
    *ret_json = json_pack("{s:O, s:I, s:s, s:[], s:s, s:o}", "columns", m->columns, "drifted",
                          (json_int_t)m->n_drifted, "sentence", sentence_of(m, is_worse), "skipped", "question",
                          q->name, "accuracy", accuracy);
    return true;
}

bool drift_database(struct invocation *invocation, json_t **ret_json, struct err *err)
{
    struct moving *m = ARENA_NEW(invocation->arena, struct moving);
    m->invocation = invocation, m->arena = invocation->arena, m->names = "";
    if (!database_open(invocation, NULL, false, &m->database, err)) return false;
    m->columns = json_array();
    bool ok = database_describe(&m->database, m->arena, err) &&
              trained_get(m->database.store, m->database.log, flag_text(invocation, "question", NULL), m->arena,
                          &m->trained, err);
    if (ok) {
        ok = compare(m, ret_json, err);
        trained_release(&m->trained);
    }
    json_decref(m->columns);
    database_close(&m->database);
    return ok;
}
