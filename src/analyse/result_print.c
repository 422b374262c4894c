/* result_print.c - see result_print.h. */
#include "analyse/result_print.h"

#include "cli/json_out.h"

#include <math.h>
#include <string.h>

static const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double number_in(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

json_t *result_models_flat(const json_t *models)
{
    json_t *flat = json_array();
    size_t index;
    json_t *model;
    json_array_foreach(models, index, model) {
        json_t *row = json_object();
        const char *key;
        json_t *value;
        json_object_foreach(model, key, value) {
            char side[64];
            if (!json_is_object(value)) { json_object_set(row, key, value); continue; }
            json_object_set(row, key, json_object_get(value, "value"));
            snprintf(side, sizeof side, "%s_low", key);
            json_object_set(row, side, json_object_get(value, "low"));
            snprintf(side, sizeof side, "%s_high", key);
            json_object_set(row, side, json_object_get(value, "high"));
        }
        json_array_append_new(flat, row);
    }
    return flat;
}

void result_print_json(FILE *out_file, const json_t *report, const char *path)
{
    static const char *const same[] = { "import", "quality", "question", "seconds", "as_of", "memory" };
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (json_object_get(report, same[i])) json_object_set(out, same[i], json_object_get(report, same[i]));
    json_object_set_new(out, "models", result_models_flat(json_object_get(report, "models")));
    const json_t *value = json_object_get(report, "value");
    json_object_set(out, "value", value ? json_object_get(value, "bgnbd") : json_null());
    json_object_set(out, "at_risk", json_object_get(json_object_get(report, "summary"), "at_risk"));
    json_object_set(out, "summary", json_object_get(report, "summary"));
    if (path) json_object_set_new(out, "report", json_string(path));
    json_write_take(out_file, out);
}

static void print_metric(FILE *out, const json_t *model, const char *metric)
{
    const json_t *interval = json_object_get(model, metric);
    if (!json_is_object(interval)) fprintf(out, "  %-21s", "-");
    else
        fprintf(out, "  %.3f (%.3f-%.3f) ", number_in(interval, "value"), number_in(interval, "low"),
                number_in(interval, "high"));
}

void result_print_models(FILE *out, const json_t *report)
{
    const json_t *question = json_object_get(report, "question"), *models = json_object_get(report, "models"),
                 *model;
    size_t index;
    bool is_amount = json_object_get(json_array_get(models, 0), "auc") == NULL;
    const char *const metrics[] = { is_amount ? "r2" : "auc", is_amount ? "mae" : "pr_auc",
                                    is_amount ? "rmse" : "brier" };
    fprintf(out, "\n%s\n  %s\n  judged on %s, %.0f customers\n\n", text_in(question, "sentence"),
            text_in(question, "why"), text_in(question, "validation"), number_in(question, "judged"));
    fprintf(out, "  %-30s  %-21s  %-21s  %-21s\n", "model", metrics[0], metrics[1], metrics[2]);
    json_array_foreach(models, index, model) {
        fprintf(out, "%c %-30s", json_is_true(json_object_get(model, "chosen")) ? '*' : ' ',
                text_in(model, "name"));
        for (int m = 0; m < 3; m++) print_metric(out, model, metrics[m]);
        fputc('\n', out);
    }
    fprintf(out, "\n  %s\n", text_in(question, "chosen_because"));
    json_array_foreach(models, index, model) if (*text_in(model, "refused"))
        fprintf(out, "  %s: %s\n", text_in(model, "name"), text_in(model, "refused"));
}

/* What speaks for it, then what speaks against it. */
static void print_reasons(FILE *out, const json_t *reasons)
{
    static const char against[] = "against: ";
    bool is_against = false;
    size_t index;
    const json_t *reason;
    json_array_foreach(reasons, index, reason) {
        const char *text = json_string_value(reason);
        bool is_first = !is_against && strncmp(text, against, strlen(against)) == 0;
        fprintf(out, "%s%s", index ? is_first ? " | " : "; " : " ", is_against ? text + strlen(against) : text);
        is_against |= is_first;
    }
}

/* "GBP 22937.49 ", to the right of a column of 16. */
static void print_money(FILE *out, const char *currency, double cents)
{
    char money[64];
    snprintf(money, sizeof money, "%s%s%.2f", currency, *currency ? " " : "", cents / 100);
    fprintf(out, "%16s ", money);
}

static void print_actions(FILE *out, const json_t *report)
{
    enum { SHOWN = 5 };
    const json_t *rows = json_object_get(json_object_get(report, "actions"), "rows"), *row;
    const char *currency = text_in(report, "currency");
    const json_t *summary = json_object_get(report, "summary");
    bool is_churn = json_is_object(json_object_get(summary, "at_risk"));
    size_t index;
    if (json_array_size(rows) == 0) return;
    bool has_money = json_is_number(json_object_get(json_object_get(summary, "at_risk"), "revenue_cents"));
    if (is_churn && !has_money) fprintf(out, "\n  %-20s %6s  %s\n", "act first", "chance", "why");
    else if (is_churn)
        fprintf(out, "\n  %-20s %6s %16s %16s  %s\n", "act first", "chance", "value if stays", "expected loss",
                "why");
    else fprintf(out, "\n  %-20s %16s  %s\n", "highest first", "prediction", "why");
    json_array_foreach(rows, index, row) {
        if (index == SHOWN) break;
        fprintf(out, "  %-20.20s ", text_in(row, "customer"));
        if (is_churn && !has_money) fprintf(out, "%5.0f%% ", 100 * number_in(row, "churn"));
        else if (is_churn) {
            fprintf(out, "%5.0f%% ", 100 * number_in(row, "churn"));
            print_money(out, currency, number_in(row, "value_if_stays_cents"));
            print_money(out, currency, number_in(row, "expected_loss_cents"));
        } else
            fprintf(out, "%16.2f ", number_in(row, "churn"));
        print_reasons(out, json_object_get(row, "reasons"));
        fputc('\n', out);
    }
}

void result_print(FILE *out, const json_t *report, const char *path)
{
    const json_t *summary = json_object_get(report, "summary"), *sentence;
    size_t index;
    result_print_models(out, report);
    fprintf(out, "\n%s\n", text_in(summary, "headline"));
    json_array_foreach(json_object_get(summary, "sentences"), index, sentence)
        fprintf(out, "  %s\n", json_string_value(sentence));
    print_actions(out, report);
    fprintf(out, "\ntook %.1f s\n", number_in(json_object_get(report, "seconds"), "total"));
    if (path) fprintf(out, "report: %s\n", path);
}
