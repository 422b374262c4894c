/* command_explain.c - why the model thinks what it thinks of one customer. */
#include "app/json_out.h"
#include "app/shop.h"
#include "engine/evidence.h"
#include "feature/matrix.h"

#include <math.h>
#include <string.h>

enum { TERMS_SHOWN = 10 };

struct term { size_t feature; double contribution; };

static int by_falling_weight(const void *left, const void *right)
{
    double a = fabs(((const struct term *)left)->contribution),
           b = fabs(((const struct term *)right)->contribution);
    return (a < b) - (a > b);
}

struct explanation {
    const struct trained *trained;
    const char           *customer;
    const float          *row;
    double                prediction, base;
    struct term          *terms;        /* [n_terms] the weightiest first */
    size_t                n_terms;
    const char           *reasons[SCORE_REASONS];
    size_t                n_reasons;
};

static void print_json(const struct explanation *e)
{
    json_t *reasons = json_array(), *terms = json_array();
    for (size_t i = 0; i < e->n_reasons; i++) json_array_append_new(reasons, json_string(e->reasons[i]));
    for (size_t i = 0; i < e->n_terms; i++) {
        const struct feature *feature = feature_at(e->trained->set, e->terms[i].feature);
        json_array_append_new(terms, json_pack("{s:s, s:s, s:o, s:f}", "feature", feature->name, "meaning",
                                               feature->meaning, "value",
                                               number_json((double)e->row[e->terms[i].feature]), "contribution",
                                               e->terms[i].contribution));
    }
    json_print_take(json_pack(
        "{s:s, s:s, s:f, s:f, s:f, s:s, s:o, s:o}", "customer", e->customer, "question",
        e->trained->question.name, "prediction", e->prediction, "base_rate", e->trained->base_rate, "base",
        e->base, "model", predictor_name(e->trained->predictor), "reasons", reasons, "contributions", terms));
}

static void print_text(const struct explanation *e, struct arena *arena)
{
    const struct question *question = &e->trained->question;
    if (question->kind == QUESTION_SPEND)
        printf("customer %s is expected to spend %.2f in the next %lld days\n", e->customer, e->prediction,
               (long long)question->horizon_days);
    else
        printf("customer %s %s: %.0f %% (on average %.0f %%)\n", e->customer, question_asks(question, arena),
               100 * e->prediction, 100 * e->trained->base_rate);
    for (size_t i = 0; i < e->n_reasons; i++) printf("  - %s\n", e->reasons[i]);
    printf("\n%-44s %14s  %s\n", "what moves the prediction", "value", "log-odds");
    for (size_t i = 0; i < e->n_terms && i < TERMS_SHOWN; i++) {
        const struct feature *feature = feature_at(e->trained->set, e->terms[i].feature);
        printf("%-44.44s %14.6g  %+.3f\n", feature->meaning, (double)e->row[e->terms[i].feature],
               e->terms[i].contribution);
    }
    printf("\nmodel: %s. It shows what the model leans on, not what causes anyone to leave.\n",
           predictor_name(e->trained->predictor));
}

static bool explain(struct invocation *invocation, struct shop *shop, struct trained *trained, struct err *err)
{
    struct arena *arena = invocation->arena;
    struct explanation e = { .trained = trained, .customer = invocation->arguments[0] };
    uint32_t identity;
    float *row;
    if (!shop_describe(shop, arena, err)) return false;
    if (!trained_get(shop->store, shop->log, flag_text(invocation, "question", NULL), arena, trained, err))
        return false;
    if (!log_find(shop->log, DICTIONARY_IDENTITY, text_of(e.customer), &identity) || identity == 0)
        return err_set(err, ERR_MISSING, "there is no customer '%s' in %s", e.customer, shop->path);
    if (!matrix_customer(shop->log, trained->set, identity, shop->as_of_ms, arena, &row, err)) return false;
    e.row = row;
    predictor_predict(trained->predictor, row, 1, 1, &e.prediction);
    size_t n = feature_set_size(trained->set);
    double *contribution = ARENA_ARRAY(arena, double, n);
    predictor_explain(trained->predictor, row, contribution, &e.base);
    e.terms = ARENA_ARRAY(arena, struct term, n);
    for (size_t i = 0; i < n; i++)
        if (contribution[i] != 0) e.terms[e.n_terms++] = (struct term){ i, contribution[i] };
    qsort(e.terms, e.n_terms, sizeof *e.terms, by_falling_weight);
    e.n_reasons = score_reasons(trained, row, e.prediction, arena, e.reasons, SCORE_REASONS);
    if (invocation->is_json) print_json(&e);
    else print_text(&e, arena);
    return true;
}

static bool run_explain(struct invocation *invocation, struct err *err)
{
    struct shop shop;
    struct trained trained = { 0 };
    if (!shop_open(invocation, NULL, false, &shop, err)) return false;
    bool ok = explain(invocation, &shop, &trained, err);
    trained_release(&trained);
    shop_close(&shop);
    return ok;
}

static const struct flag flags[] = { { "question", "NAME", "the trained question (else the newest)" }, { 0 } };

const struct command command_explain = {
    .name = "explain",
    .arguments = "CUSTOMER",
    .summary = "why the model thinks what it thinks of one customer",
    .details = "The contributions are exact SHAP values of the trees, or the terms of a linear model; with the "
               "base they add\n"
               "up to the model's log-odds.",
    .example = "holdfast explain 17850",
    .flags = flags,
    .run = run_explain,
};
