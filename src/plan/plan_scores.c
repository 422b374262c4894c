/* plan_scores.c - see plan_scores.h. */
#include "plan/plan_scores.h"

#include "store/sql.h"

#include <math.h>
#include <string.h>

/* most: there is no room for another. */
static size_t column_of(struct plan_scores *scores, struct text question, size_t most, struct arena *arena)
{
    size_t c = 0;
    while (c < scores->n && !text_equal(question, text_of(scores->names[c]))) c++;
    if (c < scores->n || c == most) return c;
    scores->names[scores->n++] = arena_format(arena, "%.*s", (int)question.length, question.at);
    for (size_t i = 0; i < scores->n_identities; i++) scores->of[c * scores->n_identities + i] = NAN;
    return c;
}

/* How many questions have scores. */
static bool count(struct store *store, size_t *ret_n, struct err *err)
{
    struct sql_score_questions row;
    enum step step;
    *ret_n = 0;
    if (!sql_score_questions(store, &row, err)) return false;
    while ((step = sql_score_questions_step(&row, err)) == STEP_ROW) *ret_n += row.is_scored != 0;
    cursor_close(row.cursor);
    return step == STEP_END;
}

bool plan_scores_read(struct store *store, size_t n_identities, int64_t as_of_ms, struct arena *arena,
                      struct plan_scores *ret_scores, struct err *err)
{
    struct sql_score_live row;
    enum step step;
    size_t most;
    *ret_scores = (struct plan_scores){ .n_identities = n_identities };
    if (!count(store, &most, err) || !sql_score_live(store, &row, err)) return false;
    ret_scores->names = ARENA_ARRAY(arena, const char *, most + 1);
    ret_scores->of = ARENA_ARRAY(arena, float, most * n_identities + 1);
    while ((step = sql_score_live_step(&row, err)) == STEP_ROW) {
        if (row.as_of_ms > as_of_ms || row.identity < 0 || (size_t)row.identity >= n_identities) continue;
        if (row.prediction.kind == VALUE_NULL) continue;
        size_t c = column_of(ret_scores, row.question, most, arena);
        if (c == most) continue;
        ret_scores->of[c * n_identities + (size_t)row.identity] = (float)value_as_real(row.prediction);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

void plan_scores_fill(const struct plan_scores *scores, uint32_t identity, float *ret)
{
    for (size_t c = 0; c < scores->n; c++)
        ret[c] = identity < scores->n_identities ? scores->of[c * scores->n_identities + identity] : NAN;
}
