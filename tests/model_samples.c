/* model_samples.c - see model_samples.h. */
#include "model_samples.h"

#include <string.h>

static const char *const SHOP_NAMES[SHOP_COLUMNS] = { "recency_days", "orders", "spend", "noise", "tickets" };

static void shop_row(struct rng *rng, float *row)
{
    row[0] = (float)(-40 * log(rng_uniform(rng)));
    row[1] = (float)rng_below(rng, 12);
    row[2] = (float)exp(3 + 1.2 * (rng_uniform(rng) + rng_uniform(rng) + rng_uniform(rng) - 1.5));
    row[3] = (float)rng_uniform(rng);
    row[4] = rng_uniform(rng) < 0.2 ? NAN : (float)rng_below(rng, 4);
}

static struct sample shop(struct arena *arena, size_t n, uint64_t seed, float *labels, float *values)
{
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) group[i] = (uint32_t)(seed * 1000000 + i);
    return (struct sample){ .values = values,
                            .n_rows = n,
                            .n_columns = SHOP_COLUMNS,
                            .labels = labels,
                            .group = group,
                            .names = SHOP_NAMES };
}

struct sample samples_shop(struct arena *arena, size_t n, uint64_t seed, double signal)
{
    float *values = ARENA_ARRAY(arena, float, n * SHOP_COLUMNS), *labels = ARENA_ARRAY(arena, float, n);
    struct rng rng = rng_new(seed);
    for (size_t i = 0; i < n; i++) {
        float *row = values + i * SHOP_COLUMNS;
        shop_row(&rng, row);
        bool is_angry = row[4] >= 2 && row[1] < 4;
        double odds = 0.03 * ((double)row[0] - 40) - 0.8 * (log((double)row[2]) - 3) + (is_angry ? 2.5 : -0.4);
        labels[i] = rng_uniform(&rng) < 1 / (1 + exp(-signal * odds)) ? 1 : 0;
    }
    return shop(arena, n, seed, labels, values);
}

struct sample samples_spend(struct arena *arena, size_t n, uint64_t seed)
{
    float *values = ARENA_ARRAY(arena, float, n * SHOP_COLUMNS), *labels = ARENA_ARRAY(arena, float, n);
    struct rng rng = rng_new(seed);
    for (size_t i = 0; i < n; i++) {
        float *row = values + i * SHOP_COLUMNS;
        shop_row(&rng, row);
        double active = 1 / (1 + exp(0.03 * ((double)row[0] - 40))),
               noise = rng_uniform(&rng) + rng_uniform(&rng) - 1;
        double amount = (double)row[2] * (1 + (double)row[1]) * exp(noise);
        labels[i] = rng_uniform(&rng) < active ? (float)amount : 0;
    }
    return shop(arena, n, seed, labels, values);
}

struct sample samples_noise(struct arena *arena, struct rng *rng, size_t n, size_t n_columns)
{
    float *values = ARENA_ARRAY(arena, float, n * n_columns), *labels = ARENA_ARRAY(arena, float, n);
    const char **names = arena_alloc(arena, n_columns, sizeof *names);
    for (size_t c = 0; c < n_columns; c++) names[c] = arena_format(arena, "x%zu", c);
    for (size_t i = 0; i < n; i++) {
        double odds = 0;
        for (size_t c = 0; c < n_columns; c++) {
            float *value = &values[i * n_columns + c];
            *value = c % 3 == 0 ? (float)rng_below(rng, 5) - 2 : (float)(4 * rng_uniform(rng) - 2);
            if (c < 4) odds += sin(3 * (double)*value + (double)c);
            if (c % 2 == 1 && rng_below(rng, 4) == 0) *value = NAN;
        }
        labels[i] = rng_uniform(rng) < 1 / (1 + exp(-odds)) ? 1 : 0;
    }
    return (struct sample){ .values = values,
                            .n_rows = n,
                            .n_columns = n_columns,
                            .labels = labels,
                            .names = names };
}

enum { TELCO_FIELDS = 21, TELCO_COLUMNS_MAX = 64 };

struct telco {
    struct arena *arena;
    char *fields[TELCO_FIELDS];
    const char **names;
    size_t n_columns;
    float *values;
};

/* Splits a line at its commas in place (the file quotes nothing). */
static void split_line(char *line, char **fields)
{
    for (size_t f = 0; f < TELCO_FIELDS; f++) {
        fields[f] = line;
        line += strcspn(line, ",\r\n");
        if (*line) *line++ = '\0';
    }
}

static void put(struct telco *telco, size_t row, const char *name, float value)
{
    size_t c = 0;
    while (c < telco->n_columns && strcmp(telco->names[c], name) != 0) c++;
    if (c == telco->n_columns) {
        cr_assert(c < TELCO_COLUMNS_MAX);
        telco->names[telco->n_columns++] = name;
    }
    telco->values[row * TELCO_COLUMNS_MAX + c] = value;
}

static bool is_number(size_t field) { return field == 2 || field == 5 || field == 18 || field == 19; }

struct sample samples_telco(struct arena *arena)
{
    const char *path = support_data("telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv");
    if (!path) return (struct sample){ 0 };
    char *line = support_read(arena, path, NULL), *heads[TELCO_FIELDS];
    size_t n = 0, rows_max = 8000;
    struct telco telco = { .arena = arena, .names = arena_alloc(arena, TELCO_COLUMNS_MAX, sizeof(char *)),
                           .values = ARENA_ARRAY(arena, float, rows_max * TELCO_COLUMNS_MAX) };
    float *labels = ARENA_ARRAY(arena, float, rows_max);
    for (bool is_head = true; *line; is_head = false) {
        char *next = line + strcspn(line, "\n");
        if (*next) *next++ = '\0';
        split_line(line, is_head ? heads : telco.fields);
        line = next;
        if (is_head) continue;
        for (size_t f = 1; f < 20; f++) {
            char *end, *text = telco.fields[f];
            if (!is_number(f)) { put(&telco, n, arena_format(arena, "%s=%s", heads[f], text), 1); continue; }
            double value = strtod(text, &end);
            put(&telco, n, heads[f], end == text ? NAN : (float)value);
        }
        labels[n++] = strcmp(telco.fields[20], "Yes") == 0;
    }
    float *values = ARENA_ARRAY(arena, float, n * telco.n_columns);
    for (size_t i = 0; i < n; i++)
        memcpy(values + i * telco.n_columns, telco.values + i * TELCO_COLUMNS_MAX,
               telco.n_columns * sizeof *values);
    return (struct sample){ .values = values, .n_rows = n, .n_columns = telco.n_columns, .labels = labels,
                            .names = telco.names };
}

size_t samples_column(const struct sample *sample, const char *name)
{
    for (size_t c = 0; c < sample->n_columns; c++)
        if (strcmp(sample->names[c], name) == 0) return c;
    cr_assert_fail("no column %s", name);
    return 0;
}
