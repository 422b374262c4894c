/* scaling.c - see scaling.h. */
#include "model/scaling.h"

#include <math.h>

static const double SKEWED = 1;     /* |third standardised moment| from here on is worth a logarithm */

struct moments { double n, mean, deviation, skew; };

static double bent(double value) { return copysign(log1p(fabs(value)), value); }

static struct moments moments_of(const struct sample *sample, size_t column, bool is_log)
{
    struct moments m = { 0 };
    double square = 0, cube = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < sample->n_rows; i++) {
            float raw = sample_row(sample, i)[column];
            if (isnan(raw)) continue;
            double value = is_log ? bent((double)raw) : (double)raw, gap = value - m.mean;
            if (pass == 0) m.n += 1, m.deviation += value;      /* the sum, for now */
            else square += gap * gap, cube += gap * gap * gap;
        }
        if (pass == 0) m.mean = m.n > 0 ? m.deviation / m.n : 0;
    }
    m.deviation = m.n > 0 ? sqrt(square / m.n) : 0;
    if (m.deviation < 1e-9 * (1e-3 + fabs(m.mean))) m.deviation = 0;
    m.skew = m.deviation > 0 ? cube / m.n / (m.deviation * m.deviation * m.deviation) : 0;
    return m;
}

struct scaling scaling_fit(const struct sample *sample, struct arena *arena)
{
    struct scaling scaling = { sample->n_columns, ARENA_ARRAY(arena, struct scaled_column, sample->n_columns) };
    for (size_t c = 0; c < sample->n_columns; c++) {
        struct scaled_column *column = &scaling.columns[c];
        struct moments m = moments_of(sample, c, false);
        if (fabs(m.skew) > SKEWED) {
            struct moments logs = moments_of(sample, c, true);
            column->is_log = fabs(logs.skew) < fabs(m.skew) && logs.deviation > 0;
            if (column->is_log) m = logs;
        }
        column->mean = m.mean;
        column->inverse_deviation = m.deviation > 0 ? 1 / m.deviation : 0;
        double missing = 1 - m.n / (double)sample->n_rows;
        if (missing > 0 && missing < 1) {
            column->missing_mean = missing;
            column->missing_inverse_deviation = 1 / sqrt(missing * (1 - missing));
        }
    }
    return scaling;
}

void scaling_apply(const struct scaled_column *column, float value, double *ret_value, double *ret_missing)
{
    bool is_missing = isnan(value);
    double known = column->is_log ? bent((double)value) : (double)value;
    *ret_value = is_missing ? 0 : (known - column->mean) * column->inverse_deviation;
    *ret_missing = ((is_missing ? 1.0 : 0.0) - column->missing_mean) * column->missing_inverse_deviation;
}

void scaling_save(const struct scaling *scaling, struct bytes_writer *writer)
{
    for (size_t c = 0; c < scaling->n_columns; c++) {
        const struct scaled_column *column = &scaling->columns[c];
        write_f64(writer, column->mean);
        write_f64(writer, column->inverse_deviation);
        write_f64(writer, column->missing_mean);
        write_f64(writer, column->missing_inverse_deviation);
        write_u32(writer, column->is_log);
    }
}

bool scaling_load(struct bytes_reader *reader, size_t n_columns, struct arena *arena, struct scaling *ret,
                  struct err *err)
{
    *ret = (struct scaling){ n_columns, ARENA_ARRAY(arena, struct scaled_column, n_columns) };
    for (size_t c = 0; c < n_columns && !reader->is_bad; c++) {
        struct scaled_column *column = &ret->columns[c];
        column->mean = read_f64(reader);
        column->inverse_deviation = read_f64(reader);
        column->missing_mean = read_f64(reader);
        column->missing_inverse_deviation = read_f64(reader);
        column->is_log = read_u32(reader, 1) == 1;
    }
    return !reader->is_bad || err_set(err, ERR_CORRUPT, "the scaling of the features is cut short");
}
