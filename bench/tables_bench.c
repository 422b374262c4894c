/* tables_bench.c - how well `holdfast` tells who will say yes in five public tables, beside scikit-learn's
 * gradient boosting and random forest on the same folds.  Less is better, so what is compared is how much an AUC
 * lacks of 1; the budget is to be within 0.002 of the better of the two. */
#include "bench.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define DATA "../shared/data"

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void record(const json_t *answer)
{
    double boosting = number(answer, "gradient boosting"), forest = number(answer, "random forest");
    double theirs = 1 - fmax(boosting, forest), ours = 1 - number(answer, "ours");
    char name[64], note[160];
    snprintf(name, sizeof name, "1 - AUC, %s", json_string_value(json_object_get(answer, "table")));
    snprintf(note, sizeof note,
             "AUC %.4f; theirs %.4f and %.4f; %.0f s for import, search and scores, theirs %.0f s", 1 - ours,
             boosting, forest, number(answer, "ours_seconds"), number(answer, "theirs_seconds"));
    bench_record(&(struct bench){ .name = name, .unit = "", .ours = ours, .theirs = theirs,
                                  .peer = boosting >= forest ? "scikit-learn's boosting" : "scikit-learn's forest",
                                  .budget = theirs / (theirs + 0.002), .note = note });
}

int main(void)
{
    if (access(DATA, R_OK) != 0) {
        fprintf(stderr, "bench: the tables of " DATA " are not here; AUC is not compared\n");
        return 0;
    }
    FILE *pipe = popen("/usr/bin/python3 bench/tables.py build/release/holdfast " DATA " build/bench", "r");
    json_t *answer = pipe ? json_loadf(pipe, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (!answer) fprintf(stderr, "bench: AUC is not compared: bench/tables.py needs Debian's python3-sklearn\n");
    for (; answer; answer = json_loadf(pipe, JSON_DISABLE_EOF_CHECK, NULL)) {
        record(answer);
        json_decref(answer);
    }
    if (pipe) pclose(pipe);
    return 0;
}
