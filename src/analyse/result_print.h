/* result_print.h - a report's numbers on standard output, for a person or a program. */
#ifndef ANALYSE_RESULT_PRINT_H
#define ANALYSE_RESULT_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* report: the object of report_json; path: where the page was written, or NULL. */
void result_print(FILE *out, const json_t *report, const char *path);
void result_print_json(FILE *out, const json_t *report, const char *path);

/* The leaderboard alone: {models, question} as in the report. */
void result_print_models(FILE *out, const json_t *report);

/* A model's metrics as plain numbers: {name, auc, auc_low, auc_high, ..., chosen, refused}; a new array. */
json_t *result_models_flat(const json_t *models);

#endif
