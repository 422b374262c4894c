/* The whole way: real files nobody prepared become reports, with numbers that others can check. */
#include "support.h"

#include <jansson.h>
#include <stdarg.h>
#include <unistd.h>

static char folder[160];

/* Runs holdfast in the scratch folder and returns what it printed as JSON. */
static json_t *holdfast(const char *fmt, ...) PRINTF_LIKE(1, 2);
static json_t *holdfast(const char *fmt, ...)
{
    char arguments[1024], command[2048], here[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(arguments, sizeof arguments, fmt, args);
    va_end(args);
    snprintf(folder, sizeof folder, "%s", support_scratch());
    cr_assert(getcwd(here, sizeof here));
    snprintf(command, sizeof command, "cd %s && %s/%s/holdfast %s --json", folder, here, getenv("BUILD"),
             arguments);
    FILE *out = popen(command, "r");
    cr_assert(out);
    json_error_t problem;
    json_t *printed = json_loadf(out, 0, &problem);
    int status = pclose(out);
    cr_assert(printed, "%s: %s", command, problem.text);
    cr_assert_eq(status, 0, "%s: %s", command, json_dumps(printed, 0));
    return printed;
}

static double number(const json_t *object, const char *group, const char *key)
{
    const json_t *value = json_object_get(*group ? json_object_get(object, group) : object, key);
    cr_assert(json_is_number(value), "no number %s.%s", group, key);
    return json_number_value(value);
}

static const json_t *chosen(const json_t *result)
{
    size_t index;
    const json_t *model;
    json_array_foreach(json_object_get(result, "models"), index, model)
        if (json_is_true(json_object_get(model, "chosen"))) return model;
    cr_assert(false, "no model was chosen");
    return NULL;
}

static void assert_report_is_written(const json_t *result)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *name = json_string_value(json_object_get(result, "report"));
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *page = support_read(arena, path, NULL);
    cr_assert(page && strstr(page, "\"actions\":") && strstr(page, "</html>"), "%s is no report", path);
    arena_free(arena);
}

static const char *absolute(const char *path)
{
    static char found[4096];
    cr_assert(realpath(path, found));
    return found;
}

Test(run, slow_online_retail_beats_the_recency_rule_and_a_second_run_adds_nothing, .timeout = 600)
{
    const char *file = support_data("online_retail/online_retail.csv");
    SKIP_WITHOUT(file);
    json_t *result = holdfast("run %s", absolute(file));
    cr_assert_eq(number(result, "import", "rows"), 541909);
    cr_assert_eq(number(result, "import", "customers"), 4372);
    cr_assert_eq(number(result, "import", "no_customer"), 135080);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(result, "question"), "goal")), "order");
    const json_t *model = chosen(result);
    cr_assert(number(model, "", "over_rule_low") > 0, "the chosen model does not beat the recency rule");
    cr_assert(number(model, "", "auc") > 0.7 && number(model, "", "ece") < 0.1);
    double low = number(result, "at_risk", "low_cents"), high = number(result, "at_risk", "high_cents");
    double revenue = number(result, "at_risk", "revenue_cents");
    cr_assert(0 < low && low <= revenue && revenue <= high);
    assert_report_is_written(result);

    json_t *again = holdfast("import %s", absolute(file));
    cr_assert_eq(number(again, "import", "repeated"), 541909);
    cr_assert_eq(number(again, "import", "events"), 0);
    json_decref(again);
    json_decref(result);
}

Test(run, slow_cdnow_gives_a_report_from_named_columns, .timeout = 600)
{
    const char *file = support_data("cdnow/CDNOW_master.txt");
    SKIP_WITHOUT(file);
    json_t *result = holdfast("run %s --columns customer,date,quantity,amount", absolute(file));
    cr_assert_eq(number(result, "import", "accepted"), 69659);
    cr_assert_eq(number(result, "import", "customers"), 23570);
    const json_t *model = chosen(result);
    cr_assert(number(model, "", "over_rule_low") > 0, "the chosen model does not beat the recency rule");
    cr_assert(number(result, "value", "r") > 0 && number(result, "value", "log_likelihood") < 0);
    assert_report_is_written(result);
    json_decref(result);
}

Test(run, slow_telco_has_an_honest_cross_validated_auc, .timeout = 600)
{
    const char *file = support_data("telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv");
    SKIP_WITHOUT(file);
    json_t *result = holdfast("run %s --target Churn", absolute(file));
    cr_assert_eq(number(result, "import", "rows"), 7043);
    cr_assert_eq(number(result, "question", "positives"), 1869);
    double auc = number(chosen(result), "", "auc");     /* above 0.88 would be a leak */
    cr_assert(auc >= 0.835 && auc <= 0.865, "AUC %f", auc);
    assert_report_is_written(result);
    json_decref(result);
}
