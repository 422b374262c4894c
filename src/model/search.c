/* search.c - see search.h. */
#include "model/search.h"

#include "model/calibration.h"
#include "model/metrics.h"
#include "model/split.h"

#include <math.h>

enum { FOLDS = 3, SMALL_ROWS = 6000, PATIENCE = 2, ROWS_MAX = 40000, MIN_JUDGED = 200 };

struct inner { struct sample fit, judge; };

struct learner_settings search_settings(const struct learner *learner, const struct learner_settings *base,
                                        size_t entry)
{
    struct learner_settings settings = learner->grid[entry];
    settings.learner = learner;
    settings.target = base->target;
    settings.seed = base->seed;
    settings.rule = base->rule;
    return settings;
}

/* Rows of the fold (or not of it), of instants first_cutoff..last_cutoff. */
static struct sample part(const struct sample *sample, const uint8_t *fold, uint8_t wanted, bool is_in,
                          uint16_t first_cutoff, uint16_t last_cutoff, struct arena *arena)
{
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, sample->n_rows);
    size_t n = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        uint16_t cutoff = sample->cutoff ? sample->cutoff[i] : 0;
        if ((fold[i] == wanted) == is_in && cutoff >= first_cutoff && cutoff <= last_cutoff)
            rows[n++] = (uint32_t)i;
    }
    return split_take(sample, rows, n, arena);
}

static bool has_both(const struct sample *sample, enum target target)
{
    size_t n_positive = 0;
    for (size_t i = 0; i < sample->n_rows; i++)
        n_positive += sample->labels[i] > (target == TARGET_AMOUNT ? 0.0F : 0.5F);
    return sample->n_rows >= MIN_JUDGED && n_positive >= 10
           && (target == TARGET_AMOUNT || sample->n_rows - n_positive >= 10);
}

/* Rows of the fold to judge on and the others to fit on: later and earlier ones if there is enough of both. */
static struct inner split_inner(const struct sample *sample, enum target target, const uint8_t *fold, uint8_t f,
                                struct arena *arena)
{
    uint16_t last = 0, first = UINT16_MAX;
    for (size_t i = 0; i < sample->n_rows && sample->cutoff; i++) {
        if (sample->cutoff[i] > last) last = sample->cutoff[i];
        if (sample->cutoff[i] < first) first = sample->cutoff[i];
    }
    if (sample->cutoff && last > first) {
        struct inner inner = { part(sample, fold, f, false, first, (uint16_t)(last - 1), arena),
                               part(sample, fold, f, true, last, last, arena) };
        if (has_both(&inner.fit, target) && has_both(&inner.judge, target)) return inner;
    }
    return (struct inner){ part(sample, fold, f, false, 0, UINT16_MAX, arena),
                           part(sample, fold, f, true, 0, UINT16_MAX, arena) };
}

static bool loss_of(const struct learner_settings *settings, const struct inner *inner, unsigned n_threads,
                    double *ret_loss, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct fitted *fitted = NULL;
    bool ok = settings->learner->fit(settings, &inner->fit, n_threads, arena, &fitted, err);
    if (ok) {
        size_t n = inner->judge.n_rows;
        double *scores = ARENA_ARRAY(arena, double, n);
        learner_predict(fitted, &inner->judge, n_threads, scores);
        struct calibration line = calibration_line(settings->target, scores, inner->judge.labels, n);
        for (size_t i = 0; i < n; i++) scores[i] = calibration_apply(&line, scores[i]);
        enum metric metric = settings->target == TARGET_AMOUNT ? METRIC_DEVIANCE : METRIC_LOG_LOSS;
        *ret_loss = metric_compute(metric, inner->judge.labels, scores, n, 0.5);
    }
    arena_free(arena);
    return ok;
}

bool search_grid(const struct learner *learner, const struct learner_settings *base, const struct sample *sample,
                 unsigned n_threads, struct search_limit *limit, size_t *ret_best, struct err *err)
{
    *ret_best = 0;
    if (learner->n_grid < 2) return true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample used = split_thin(sample, ROWS_MAX, SPLIT_SEARCH, base->seed, arena);
    uint8_t *fold = ARENA_ARRAY(arena, uint8_t, used.n_rows);
    split_folds(&used, FOLDS, base->seed + 1, fold);
    size_t n_inner = used.n_rows < SMALL_ROWS ? FOLDS : 1, n_tried = 0, n_worse = 0;
    struct inner inner[FOLDS];
    for (size_t f = 0; f < n_inner; f++) inner[f] = split_inner(&used, base->target, fold, (uint8_t)f, arena);
    double best_loss = (double)INFINITY;
    bool ok = true;
    for (size_t entry = 0; entry < learner->n_grid && ok; entry++) {
        if (limit->now_seconds && limit->now_seconds() >= limit->end_seconds) {
            limit->is_reached = true;
            break;
        }
        struct learner_settings settings = search_settings(learner, base, entry);
        if (settings.rows_up_to && sample->n_rows > settings.rows_up_to) continue;
        settings.is_trial = true;
        double sum = 0;
        for (size_t f = 0; f < n_inner && ok; f++) {
            double loss = 0;
            ok = loss_of(&settings, &inner[f], n_threads, &loss, err);
            sum += loss * (double)inner[f].judge.n_rows;
        }
        n_tried++, n_worse++;
        if (ok && sum < best_loss) best_loss = sum, *ret_best = entry, n_worse = 0;
        if (n_worse == PATIENCE) break;         /* a grid goes from small to large */
    }
    if (n_tried == 0) *ret_best = learner->n_grid / 2;
    arena_free(arena);
    return ok;
}
