/* What sets a cluster apart, in words, and its JSON; see clusters.h. */
#include "model/clusters_internal.h"

#include "base/words.h"
#include "math/numerics.h"

#include <math.h>

enum { WORDS_MOST = 3 };
static const double least_difference = 0.35;        /* in spreads of all rows, to be worth a word */

/* One column seen from one cluster. */
struct contrast { const struct scale *scale; double difference, inside, outside; };

static int compare_contrasts(const void *left, const void *right)
{
    double a = fabs(((const struct contrast *)left)->difference),
           b = fabs(((const struct contrast *)right)->difference);
    return (a < b) - (a > b);
}

/* The typical value among the rows of a cluster (label < 0: of all): a share for yes/no columns,
 * else the median; NaN if all are missing.  ret_scaled gets the mean on the common scale. */
static double typical(const struct cluster_request *request, const struct scale *scale, const uint8_t *labels,
                      int label, double *scratch, double *ret_scaled)
{
    size_t n = 0, n_rows = 0;
    double sum = 0, scaled = 0;
    for (size_t i = 0; i < request->n_rows; i++) {
        if (label >= 0 && labels[i] != label) continue;
        float value = request->values[i * request->n_columns + scale->column];
        scaled += (double)scale_value(scale, value);
        n_rows++;
        if (isnan(value)) continue;
        scratch[n++] = (double)value;
        sum += (double)value;
    }
    *ret_scaled = n_rows ? scaled / (double)n_rows : 0;
    if (n == 0) return (double)NAN;
    if (scale->is_yes_no) return sum / (double)n;
    return median_of(scratch, n);
}

static const char *say_number(struct arena *arena, double value)
{
    if (fabs(value) >= 100 || value == floor(value)) return words_count(arena, value);
    return arena_format(arena, fabs(value) < 1 ? "%.2f" : "%.1f", value);
}

static const char *say_contrast(struct arena *arena, const char *name, const struct contrast *c)
{
    if (c->scale->is_yes_no)
        return arena_format(arena, "%s: %s (all: %s)", name, words_share(arena, c->inside),
                            words_share(arena, c->outside));
    return arena_format(arena, "%s typically %s (all: %s)", name, say_number(arena, c->inside),
                        say_number(arena, c->outside));
}

static const char *say_name(struct arena *arena, const struct cluster_request *request,
                            const struct contrast *c)
{
    size_t column = c->scale->column;
    bool is_high = c->difference > 0;
    const char *const *words = is_high ? request->high_words : request->low_words;
    if (words) return words[column];
    if (c->scale->is_yes_no) {
        const char *degree =
            is_high ? (c->inside >= 0.6 ? "mostly" : "more") : (c->inside <= 0.1 ? "hardly any" : "less");
        return arena_format(arena, "%s %s", degree, request->names[column]);
    }
    return arena_format(arena, "%s %s", is_high ? "high" : "low", request->names[column]);
}

static void describe_row(const struct cluster_request *request, struct contrast *contrasts, size_t n,
                         struct arena *arena, struct cluster_row *row)
{
    qsort(contrasts, n, sizeof *contrasts, compare_contrasts);
    const char *name = "", *text = "";
    size_t n_said = 0;
    for (size_t j = 0; j < n && n_said < WORDS_MOST && fabs(contrasts[j].difference) >= least_difference; j++) {
        const char *column = request->names[contrasts[j].scale->column];
        text =
            arena_format(arena, "%s%s%s", text, n_said ? "; " : "", say_contrast(arena, column, &contrasts[j]));
        if (n_said < 2)
            name = arena_format(arena, "%s%s%s", name, n_said ? ", " : "",
                                say_name(arena, request, &contrasts[j]));
        n_said++;
    }
    row->name = n_said ? name : "in between";
    row->description = n_said ? text : "close to the average in everything";
}

void clusters_describe(const struct cluster_request *request, const struct scale *scales, size_t n_scales,
                       struct arena *arena, struct clusters *clusters)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    double *values = ARENA_ARRAY(scratch, double, request->n_rows), scaled_all, scaled;
    struct contrast *contrasts = ARENA_ARRAY(scratch, struct contrast, clusters->k * n_scales);
    for (size_t j = 0; j < n_scales; j++) {
        double all = typical(request, &scales[j], clusters->label, -1, values, &scaled_all);
        /* Yes/no columns are not divided by their spread when scaled; here all must compare. */
        double share = all, spread = scales[j].is_yes_no ? sqrt(fmax(share * (1 - share), 1e-9)) : 1;
        for (unsigned c = 0; c < clusters->k; c++) {
            double inside = typical(request, &scales[j], clusters->label, (int)c, values, &scaled);
            double difference = isnan(inside) ? 0 : (scaled - scaled_all) / spread;
            contrasts[c * n_scales + j] = (struct contrast){ &scales[j], difference, inside, all };
        }
    }
    for (unsigned c = 0; c < clusters->k; c++)
        describe_row(request, contrasts + c * n_scales, n_scales, arena, &clusters->rows[c]);
    arena_free(scratch);
}

json_t *clusters_json(const struct clusters *clusters, const double *churn, const int64_t *value_cents)
{
    json_t *rows = json_array();
    for (unsigned c = 0; c < clusters->k; c++) {
        double risk = 0, n_risk = 0, value = 0;
        for (size_t i = 0; i < clusters->n_rows; i++) {
            if (clusters->label[i] != c) continue;
            if (value_cents) value += (double)value_cents[i];
            if (!churn || isnan(churn[i])) continue;
            risk += churn[i];
            n_risk++;
        }
        const struct cluster_row *row = &clusters->rows[c];
        double customers = (double)row->customers;
        json_array_append_new(
            rows,
            json_pack("{ss ss sI sf so so}", "name", row->name, "description", row->description, "customers",
                      (json_int_t)row->customers, "share", customers / (double)clusters->n_rows, "churn",
                      n_risk > 0 ? json_real(risk / n_risk) : json_null(), "value_cents",
                      value_cents ? json_integer(llround(value / fmax(customers, 1))) : json_null()));
    }
    return json_pack("{sI so so so ss?}", "k", (json_int_t)clusters->k, "silhouette",
                     clusters->k ? json_real(clusters->silhouette) : json_null(), "stability",
                     clusters->k ? json_real(clusters->stability) : json_null(), "rows", rows, "refused",
                     clusters->refusal);
}
