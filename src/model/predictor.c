/* predictor.c - see predictor.h. */
#include "model/predictor.h"

#include <math.h>

struct predictor { const char *name, *settings; enum target target; size_t n_columns; const char *const *columns; };

bool predictor_refit(const struct selection *selection, const struct sample *all, uint64_t seed, unsigned n_threads,
                     struct arena *arena, struct predictor **ret_predictor, struct err *err)
{
    (void)selection, (void)all, (void)seed, (void)n_threads, (void)arena, (void)ret_predictor;
    return err_set(err, ERR_INVALID, "training is not built in yet");
}

const char *predictor_name(const struct predictor *predictor) { return predictor->name; }
const char *predictor_settings(const struct predictor *predictor) { return predictor->settings; }
enum target predictor_target(const struct predictor *predictor) { return predictor->target; }
size_t predictor_columns(const struct predictor *predictor) { return predictor->n_columns; }
const char *predictor_column(const struct predictor *predictor, size_t column) { return predictor->columns[column]; }
double predictor_threshold(const struct predictor *predictor) { (void)predictor; return (double)NAN; }

void predictor_predict(const struct predictor *predictor, const float *values, size_t n_rows, unsigned n_threads,
                       double *ret_predicted)
{
    (void)predictor, (void)values, (void)n_threads;
    for (size_t row = 0; row < n_rows; row++) ret_predicted[row] = (double)NAN;
}

void predictor_explain(const struct predictor *predictor, const float *row, double *ret_contribution, double *ret_base)
{
    (void)row;
    for (size_t c = 0; c < predictor->n_columns; c++) ret_contribution[c] = (double)NAN;
    *ret_base = (double)NAN;
}

double predictor_score(const struct predictor *predictor, const float *row) { (void)predictor, (void)row; return (double)NAN; }
double predictor_calibrate(const struct predictor *predictor, double score) { (void)predictor, (void)score; return (double)NAN; }

void predictor_save(const struct predictor *predictor, struct arena *arena, const uint8_t **ret_bytes, size_t *ret_length)
{
    (void)predictor, (void)arena;
    *ret_bytes = NULL;
    *ret_length = 0;
}

bool predictor_load(const uint8_t *bytes, size_t length, struct arena *arena, struct predictor **ret_predictor,
                    struct err *err)
{
    (void)bytes, (void)length, (void)arena, (void)ret_predictor;
    return err_set(err, ERR_CORRUPT, "no model can be read yet");
}
