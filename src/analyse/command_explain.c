/* command_explain.c - why the model thinks what it thinks of one customer. */
#include "base/calendar.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "learn/explanation.h"
#include "feature/matrix.h"

enum { TERMS_SHOWN = 10 };

static void print_text(const char *customer, const char *as_of, bool is_asked, const struct explanation *e,
                       struct arena *arena)
{
    const struct question *question = &e->trained->question;
    if (!is_asked)
        printf("%s is not asked: asked are customers with a '%s' in the %lld days before%s; of anybody else the model "
               "would say:\n",
               customer, question->goal, (long long)question->active_days, question_besides(question, arena));
    if (question->kind == QUESTION_SPEND)
        printf("customer %s is expected to spend %.2f in the next %lld days\n", customer, e->prediction,
               (long long)question->horizon_days);
    else
        printf("customer %s %s: %.0f %% (it came true for %.0f %% of those the model was judged on)\n", customer,
               question_asks(question, arena), 100 * e->prediction, 100 * e->trained->base_rate);
    for (size_t i = 0; i < e->n_reasons; i++) printf("  - %s\n", e->reasons[i]);
    printf("\n%14s %10s  %s\n", "value", "log-odds", "what moves the prediction");
    for (size_t i = 0; i < e->n_terms && i < TERMS_SHOWN; i++) {
        const struct feature *feature = feature_at(e->trained->set, e->terms[i].feature);
        printf("%14.6g %+10.3f  %s\n", (double)e->row[e->terms[i].feature], e->terms[i].contribution,
               feature->meaning);
    }
    if (*as_of) printf("\nas of %s, where the history ends", as_of);
    printf("\nmodel: %s. It shows what the model leans on, not what causes anyone to leave.\n",
           predictor_name(e->trained->predictor));
}

static bool explain(struct invocation *invocation, struct database *database, struct trained *trained,
                    struct err *err)
{
    struct arena *arena = invocation->arena;
    const char *customer = invocation->arguments[0];
    uint32_t identity;
    float *row;
    if (!database_describe(database, arena, err)) return false;
    if (!trained_get(database->store, database->log, flag_text(invocation, "question", NULL), arena, trained, err))
        return false;
    if (!database_find_customer(database, customer, &identity))
        return err_set(err, ERR_MISSING, "there is no customer '%s' in %s", customer, database->path);
    if (!matrix_customer(database->log, trained->set, identity, database->as_of_ms, arena, &row, err))
        return false;
    struct explanation e = explanation_of(trained, row, arena);
    bool is_asked;
    if (!matrix_row_is_asked(&trained->question, trained->set, row, &is_asked, err)) return false;
    char as_of[11] = "";                        /* a table has no time */
    if (trained->question.kind != QUESTION_TRAIT) calendar_format_day(calendar_day_of_ms(database->as_of_ms - 1), as_of);
    if (invocation->is_json) {
        json_t *out = explanation_json(&e);
        json_object_set_new(out, "customer", json_string(customer));
        json_object_set_new(out, "is_asked", json_boolean(is_asked));
        json_object_set_new(out, "as_of", *as_of ? json_string(as_of) : json_null());
        json_print_take(out);
    } else {
        print_text(customer, as_of, is_asked, &e, arena);
    }
    return true;
}

static bool run_explain(struct invocation *invocation, struct err *err)
{
    struct database database;
    struct trained trained = { 0 };
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = explain(invocation, &database, &trained, err);
    trained_release(&trained);
    database_close(&database);
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
