/* learning_curve.c - see learning_curve.h. */
#include "learn/learning_curve.h"

#include "model/learner.h"
#include "model/metrics.h"
#include "model/predictor.h"

#include <math.h>

enum { PARTS = 4, ROWS_LEAST = 100 };

/* The rows of a part of the groups, which are hashes; values are borrowed. */
static struct sample part_of(const struct sample *whole, double share, struct arena *arena)
{
    struct sample part = *whole;
    uint32_t *places = ARENA_ARRAY(arena, uint32_t, whole->n_rows + 1);
    float *labels = ARENA_ARRAY(arena, float, whole->n_rows + 1);
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, whole->n_rows + 1);
    uint16_t *cutoff = ARENA_ARRAY(arena, uint16_t, whole->n_rows + 1);
    size_t n = 0;
    for (size_t i = 0; i < whole->n_rows; i++) {
        if ((double)whole->group[i] >= share * 4294967296.0) continue;
        places[n] = whole->places ? whole->places[i] : (uint32_t)i;
        labels[n] = whole->labels[i], group[n] = whole->group[i], cutoff[n++] = whole->cutoff[i];
    }
    part.places = places, part.labels = labels, part.group = group, part.cutoff = cutoff, part.n_rows = n;
    return part;
}

bool learning_curve_json(const struct learner_settings *settings, const struct sample *train,
                         const struct sample *test, uint64_t seed, unsigned n_threads, json_t **ret_curve,
                         const char **ret_sentence, struct err *err)
{
    static const double shares[PARTS] = { 1.0 / 8, 1.0 / 4, 1.0 / 2, 1 };
    json_t *curve = json_array();
    struct interval last = { (double)NAN, 0, 0 }, before = last;
    bool ok = true;
    for (int p = 0; ok && p < PARTS && test->n_rows > 0 && settings->target == TARGET_YES_NO; p++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sample part = part_of(train, shares[p], arena);
        struct predictor *predictor = NULL;
        double *predicted = ARENA_ARRAY(arena, double, test->n_rows + 1);
        struct err why;
        bool is_enough =
            part.n_rows >= ROWS_LEAST && predictor_fit(settings, &part, seed, n_threads, arena, &predictor, &why);
        if (is_enough) {
            predictor_judge(predictor, test, n_threads, predicted);
            before = last;
            last = area_interval(test->labels, predicted, test->n_rows);
            json_array_append_new(curve, json_pack("{s:I, s:[fff]}", "rows", (json_int_t)part.n_rows, "auc",
                                                   last.value, last.low, last.high));
        } else if (part.n_rows >= ROWS_LEAST && why.code != ERR_REFUSED) {
            *err = why;
            ok = false;
        }
        arena_free(arena);
    }
    *ret_sentence = isnan(before.value) ? "there is too little to say whether more customers would help"
                    : last.value - before.value > (last.high - last.low) / 4
                        ? "the last doubling still helped: a larger sample would help more"
                        : "the last doubling changed little: a larger sample would hardly help";
    if (ok)
        *ret_curve = curve;
    else
        json_decref(curve);
    return ok;
}
