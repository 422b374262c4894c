/* explanation.c - see explanation.h. */
#include "learn/explanation.h"

#include "learn/evidence.h"

#include <math.h>
#include <stdlib.h>

static int by_falling_weight(const void *left, const void *right)
{
    double a = fabs(((const struct term *)left)->contribution),
           b = fabs(((const struct term *)right)->contribution);
    return (a < b) - (a > b);
}

struct explanation explanation_of(const struct trained *trained, const float *row, struct arena *arena)
{
    struct explanation e = { .trained = trained, .row = row };
    predictor_predict(trained->predictor, row, 1, 1, &e.prediction);
    size_t n = feature_set_size(trained->set);
    double *contribution = ARENA_ARRAY(arena, double, n);
    predictor_explain(trained->predictor, row, contribution, &e.base);
    e.terms = ARENA_ARRAY(arena, struct term, n);
    for (size_t i = 0; i < n; i++)
        if (contribution[i] != 0) e.terms[e.n_terms++] = (struct term){ i, contribution[i] };
    qsort(e.terms, e.n_terms, sizeof *e.terms, by_falling_weight);
    e.n_reasons = reasons_of(trained, row, e.prediction, arena, e.reasons);
    return e;
}

json_t *explanation_json(const struct explanation *e)
{
    json_t *terms = json_array();
    for (size_t i = 0; i < e->n_terms; i++) {
        const struct feature *feature = feature_at(e->trained->set, e->terms[i].feature);
        json_array_append_new(terms, json_pack("{s:s, s:s, s:o, s:f}", "feature", feature->name, "meaning",
                                               feature->meaning, "value",
                                               number_json((double)e->row[e->terms[i].feature]), "contribution",
                                               e->terms[i].contribution));
    }
    return json_pack("{s:s, s:f, s:f, s:f, s:s, s:o, s:o}", "question", e->trained->question.name, "prediction",
                     e->prediction, "base_rate", e->trained->base_rate, "base", e->base, "model",
                     predictor_name(e->trained->predictor), "reasons", reasons_json(e->reasons, e->n_reasons),
                     "contributions", terms);
}
