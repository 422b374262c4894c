/* decay.c - see decay.h. */
#include "learn/decay.h"

#include "base/calendar.h"
#include "feature/matrix.h"
#include "learn/judged.h"
#include "model/drift.h"

/* The scores of everybody asked then and now. */
static bool scores_moved(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                         struct arena *arena, bool *ret_moved, struct err *err)
{
    const int64_t at_ms[2] = { trained->as_of_ms, end_ms };
    double *scores[2];
    size_t n[2];
    for (size_t k = 0; k < 2; k++) {
        struct matrix rows;
        if (!matrix_score(log, trained->set, &trained->question, at_ms[k], n_threads, arena, &rows, err))
            return false;
        scores[k] = ARENA_ARRAY(arena, double, rows.n_rows + 1), n[k] = rows.n_rows;
        predictor_predict(trained->predictor, rows.values, rows.n_rows, n_threads, scores[k]);
    }
    *ret_moved = n[0] > 0 && n[1] > 0 && drift_numbers(scores[0], n[0], scores[1], n[1]).is_drifted;
    return true;
}

static bool look(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                 struct arena *arena, struct decay *ret, struct err *err)
{
    struct judged now;
    struct err why;
    if (!scores_moved(log, trained, end_ms, n_threads, arena, &ret->has_moved, err)) return false;
    if (trained->question.kind == QUESTION_SPEND) return true;
    if (judged_read(log, trained, end_ms, n_threads, arena, &now, &why))
        ret->is_worse = now.is_unseen && now.quality.high < judged_when_made(trained).low;
    else if (why.code != ERR_REFUSED) {
        *err = why;
        return false;
    }
    return true;
}

bool decay_look(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                struct decay *ret_decay, struct err *err)
{
    struct decay decay = { false, false };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = trained->question.kind == QUESTION_TRAIT || end_ms <= trained->as_of_ms ||
              look(log, trained, end_ms, n_threads, arena, &decay, err);
    arena_free(arena);
    if (ok) *ret_decay = decay;
    return ok;
}
