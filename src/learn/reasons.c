/* reasons.c - why the model says what it says of one customer, in plain words: what speaks for a yes, then what
 * speaks against it; see score.h. */
#include "learn/score.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct reasoning {
    const struct trained *trained;
    const float          *row;
    double               *contribution;
    struct arena         *arena;
    const struct feature *told[SCORE_REASONS];
    const char           *sentence[SCORE_REASONS], *text[SCORE_REASONS];
    size_t                n;
};

/* The largest contribution in the direction of sign that is worth a word; n_columns if there is none. */
static size_t weightiest(const double *contribution, size_t n_columns, double sign)
{
    const double worth_a_word = 0.02;       /* in log-odds: a hundredth of a probability at most */
    size_t best = n_columns;
    for (size_t i = 0; i < n_columns; i++) {
        if (contribution[i] * sign <= worth_a_word) continue;
        if (best == n_columns || contribution[i] * sign > contribution[best] * sign) best = i;
    }
    return best;
}

/* Whether the value speaks for what it is a reason for.  A model may lean the other way among features that go
 * together; then it is true of the model and no reason for a person.  What is as usual says nothing either. */
static bool is_telling(const struct reasoning *r, size_t column, double sign)
{
    enum sense sense = feature_sense(r->trained->set, column);
    double value = fabs((double)r->row[column]), usual = fabs(r->trained->usual[column]);
    bool stays_by_yes = !question_is_churn(&r->trained->question);
    if (sense == SENSE_ACTIVE && feature_is_long_ago(r->trained->set, column, r->row))
        return (stays_by_yes ? -1 : 1) * sign > 0;
    if (sense == SENSE_NONE || isnan(usual)) return true;
    if (fabs(value - usual) <= 0.05 * fmax(value, usual)) return false;
    double towards_staying = (value > usual) == (sense == SENSE_ACTIVE) ? 1 : -1;
    return towards_staying * (stays_by_yes ? 1 : -1) * sign > 0;
}

/* The sentence, with its side in front and what is usual after it. */
static const char *in_full(const struct reasoning *r, size_t column, double sign, const char *sentence)
{
    const char *usual, *against = sign < 0 && r->trained->question.kind != QUESTION_SPEND ? "against: " : "";
    if (!feature_usual(r->trained->set, column, r->row, r->trained->usual, r->arena, &usual))
        return arena_format(r->arena, "%s%s", against, sentence);
    return arena_format(r->arena, "%s%s (usual among all: %s)", against, sentence, usual);
}

/* At most n more in the direction of sign, one per group of like features. */
static void reason_towards(struct reasoning *r, double sign, size_t n)
{
    size_t n_columns = feature_set_size(r->trained->set), from = r->n;
    while (r->n < from + n && r->n < SCORE_REASONS) {
        size_t best = weightiest(r->contribution, n_columns, sign);
        if (best == n_columns) return;
        r->contribution[best] = 0;
        const struct feature *feature = feature_at(r->trained->set, best);
        bool is_new = is_telling(r, best, sign);
        for (size_t i = from; i < r->n; i++)
            is_new &= r->told[i]->use != feature->use || strcmp(r->told[i]->group, feature->group) != 0;
        char sentence[400];
        if (!is_new || !feature_sentence(r->trained->set, best, r->row, sentence, sizeof sentence)) continue;
        for (size_t i = 0; i < r->n; i++) is_new &= strcmp(r->sentence[i], sentence) != 0;
        if (!is_new) continue;
        r->told[r->n] = feature;
        r->sentence[r->n] = arena_copy(r->arena, sentence);
        r->text[r->n++] = in_full(r, best, sign, sentence);
    }
}

size_t score_reasons(const struct trained *trained, const float *row, double prediction, struct arena *arena,
                     const char **ret_reasons, size_t n)
{
    enum { MAIN_REASONS = 3 };
    double base;
    struct reasoning r = { .trained = trained, .row = row, .arena = arena,
                           .contribution = ARENA_ARRAY(arena, double, feature_set_size(trained->set)) };
    predictor_explain(trained->predictor, row, r.contribution, &base);
    bool is_high = prediction >= trained->base_rate;
    reason_towards(&r, 1, is_high ? MAIN_REASONS : SCORE_REASONS - MAIN_REASONS);
    reason_towards(&r, -1, is_high ? SCORE_REASONS - MAIN_REASONS : MAIN_REASONS);
    assert(n <= SCORE_REASONS);
    size_t n_found = r.n < n ? r.n : n;
    for (size_t i = 0; i < n_found; i++) ret_reasons[i] = r.text[i];
    return n_found;
}
