/* k-means with Hamerly's bounds, silhouettes and the adjusted Rand index; see kmeans.h. */
#include "model/kmeans.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 300, SILHOUETTE_ROWS = 3000, SEED_CANDIDATES = 4 };

/* Restarts are told apart as soon as no centre moves farther than this share of a row's distance to its own, long
 * before they stand still: by then their sums of squares hardly change. Only the best goes on to the end. */
static const double race_ends_at = 0.01;

struct data { const float *values; size_t n, d; };

static const float *row_of(const struct data *data, size_t i)
{
    return data->values + i * data->d;
}

static double squared_distance(const float *row, const double *centre, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        double gap = (double)row[j] - centre[j];
        sum += gap * gap;
    }
    return sum;
}

static void put_centre(const float *row, size_t d, double *ret_centre)
{
    for (size_t j = 0; j < d; j++) ret_centre[j] = (double)row[j];
}

/* ---- seeding ----------------------------------------------------------------------------------- */

static size_t draw_by_weight(const double *weight, size_t n, double total, struct rng *rng)
{
    double left = rng_uniform(rng) * total;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (weight[i] == 0) continue;
        last = i;
        left -= weight[i];
        if (left < 0) break;
    }
    return last;
}

/* k-means++: each next centre is the best of a few rows drawn by their squared distance to the
 * nearest centre so far.  False if there are fewer than k distinct rows. */
static bool seed_centres(const struct data *data, unsigned k, struct rng *rng, struct arena *arena,
                         double *ret_centres)
{
    double *nearest = ARENA_ARRAY(arena, double, data->n), *trial = ARENA_ARRAY(arena, double, data->n);
    double *best = ARENA_ARRAY(arena, double, data->n), total = 0;
    put_centre(row_of(data, rng_below(rng, data->n)), data->d, ret_centres);
    for (size_t i = 0; i < data->n; i++)
        total += nearest[i] = squared_distance(row_of(data, i), ret_centres, data->d);
    for (unsigned c = 1; c < k; c++) {
        double best_total = (double)INFINITY, *centre = ret_centres + c * data->d;
        size_t best_row = 0;
        if (!(total > 0)) return false;
        for (unsigned attempt = 0; attempt < SEED_CANDIDATES; attempt++) {
            size_t row = draw_by_weight(nearest, data->n, total, rng);
            double trial_total = 0;
            put_centre(row_of(data, row), data->d, centre);
            for (size_t i = 0; i < data->n; i++) {
                double squared = squared_distance(row_of(data, i), centre, data->d);
                trial_total += trial[i] = squared < nearest[i] ? squared : nearest[i];
            }
            if (trial_total >= best_total) continue;
            best_total = trial_total;
            best_row = row;
            double *spare = best;
            best = trial;
            trial = spare;
        }
        put_centre(row_of(data, best_row), data->d, centre);
        memcpy(nearest, best, data->n * sizeof *nearest);
        total = best_total;
    }
    return true;
}

/* ---- Lloyd's iterations ------------------------------------------------------------------------ */

struct run {
    const struct data *data;
    unsigned  k;
    double   *centres;      /* [k x d] */
    uint8_t  *label;        /* [n] */
    double   *upper;        /* [n] at least the distance to the own centre */
    double   *lower;        /* [n] at most the distance to any other centre */
    double    half_gap[KMEANS_CLUSTERS_MAX];    /* half the distance to the nearest other centre */
    double    moved[KMEANS_CLUSTERS_MAX];
    size_t    size[KMEANS_CLUSTERS_MAX];
    double    inertia;
};

static void assign_row(struct run *run, size_t i)
{
    const struct data *data = run->data;
    double first = (double)INFINITY, second = (double)INFINITY;
    unsigned label = 0;
    for (unsigned c = 0; c < run->k; c++) {
        double squared = squared_distance(row_of(data, i), run->centres + c * data->d, data->d);
        if (squared < first) {
            second = first;
            first = squared;
            label = c;
        } else if (squared < second) second = squared;
    }
    run->label[i] = (uint8_t)label;
    run->upper[i] = sqrt(first);
    run->lower[i] = sqrt(second);
}

/* Only rows whose bounds cannot rule out another centre are compared with all of them. */
static void assign(struct run *run)
{
    const struct data *data = run->data;
    for (size_t i = 0; i < data->n; i++) {
        double bound = run->lower[i], half_gap = run->half_gap[run->label[i]];
        if (bound < half_gap) bound = half_gap;
        if (run->upper[i] <= bound) continue;
        run->upper[i] =
            sqrt(squared_distance(row_of(data, i), run->centres + run->label[i] * data->d, data->d));
        if (run->upper[i] > bound) assign_row(run, i);
    }
}

static void measure_gaps(struct run *run)
{
    size_t d = run->data->d;
    for (unsigned a = 0; a < run->k; a++) {
        double least = (double)INFINITY;
        for (unsigned b = 0; b < run->k; b++) {
            double squared = 0;
            for (size_t j = 0; j < d; j++) {
                double gap = run->centres[a * d + j] - run->centres[b * d + j];
                squared += gap * gap;
            }
            if (a != b) least = fmin(least, squared);
        }
        run->half_gap[a] = sqrt(least) / 2;
    }
}

/* An empty cluster takes the row that is farthest from its centre. */
static void refill(struct run *run, unsigned empty, double *sums)
{
    const struct data *data = run->data;
    size_t farthest = 0;
    double most = -1;
    for (size_t i = 0; i < data->n; i++) {
        double squared = squared_distance(row_of(data, i), run->centres + run->label[i] * data->d, data->d);
        if (run->size[run->label[i]] > 1 && squared > most) {
            most = squared;
            farthest = i;
        }
    }
    unsigned from = run->label[farthest];
    for (size_t j = 0; j < data->d; j++) {
        double value = (double)row_of(data, farthest)[j];
        sums[from * data->d + j] -= value;
        sums[empty * data->d + j] += value;
    }
    run->size[from]--;
    run->size[empty]++;
    run->label[farthest] = (uint8_t)empty;
    run->upper[farthest] = run->lower[farthest] = 0;        /* compared with all next time */
}

/* Moves the centres to the means of their rows; the longest move. */
static double move_centres(struct run *run, double *sums)
{
    const struct data *data = run->data;
    size_t d = data->d;
    double longest = 0;
    memset(sums, 0, run->k * d * sizeof *sums);
    memset(run->size, 0, sizeof run->size);
    for (size_t i = 0; i < data->n; i++) {
        double *sum = sums + run->label[i] * d;
        run->size[run->label[i]]++;
        for (size_t j = 0; j < d; j++) sum[j] += (double)row_of(data, i)[j];
    }
    for (unsigned c = 0; c < run->k; c++)
        if (run->size[c] == 0) refill(run, c, sums);
    for (unsigned c = 0; c < run->k; c++) {
        double squared = 0;
        for (size_t j = 0; j < d; j++) {
            double mean = sums[c * d + j] / (double)run->size[c], gap = mean - run->centres[c * d + j];
            run->centres[c * d + j] = mean;
            squared += gap * gap;
        }
        run->moved[c] = sqrt(squared);
        longest = fmax(longest, run->moved[c]);
    }
    return longest;
}

/* Until no centre moves farther than a share of the root of a row's mean squared distance to its own. */
static void iterate(struct run *run, double share, struct arena *arena)
{
    const struct data *data = run->data;
    double *sums = ARENA_ARRAY(arena, double, run->k * data->d), squares = 0;
    for (size_t i = 0; i < data->n; i++) {
        assign_row(run, i);
        squares += run->upper[i] * run->upper[i];
    }
    double enough = share * sqrt(squares / (double)data->n);
    for (unsigned round = 0; round < ITERATIONS_MAX; round++) {
        double longest = move_centres(run, sums);
        if (longest == 0) break;
        for (size_t i = 0; i < data->n; i++) {
            run->upper[i] += run->moved[run->label[i]];
            run->lower[i] -= longest;
        }
        measure_gaps(run);
        assign(run);
        if (longest <= enough) break;
    }
    run->inertia = 0;
    for (size_t i = 0; i < data->n; i++)
        run->inertia += squared_distance(row_of(data, i), run->centres + run->label[i] * data->d, data->d);
}

/* ---- restarts ---------------------------------------------------------------------------------- */

struct restarts {
    struct data    data;
    unsigned       k;
    uint64_t       seed;
    struct outcome { struct arena *arena; struct run run; bool has_seeds; } *outcomes;
};

static void restart_job(void *context, size_t item, unsigned thread)
{
    (void)thread;
    struct restarts *all = context;
    struct outcome *outcome = &all->outcomes[item];
    struct rng rng = rng_stream(all->seed, item);
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    outcome->arena = arena_new(ARENA_NO_LIMIT);
    struct run *run = &outcome->run;
    *run = (struct run){ .data = &all->data, .k = all->k,
                         .centres = ARENA_ARRAY(outcome->arena, double, all->k * all->data.d),
                         .label = ARENA_ARRAY(outcome->arena, uint8_t, all->data.n),
                         .upper = ARENA_ARRAY(outcome->arena, double, all->data.n),
                         .lower = ARENA_ARRAY(outcome->arena, double, all->data.n),
                         .inertia = (double)INFINITY };
    outcome->has_seeds = seed_centres(&all->data, all->k, &rng, scratch, run->centres);
    if (outcome->has_seeds) iterate(run, race_ends_at, scratch);
    arena_free(scratch);
}

/* Copies the run into the arena, largest cluster first. */
static void keep(const struct run *run, struct arena *arena, struct kmeans *ret)
{
    size_t n = run->data->n, d = run->data->d;
    unsigned order[KMEANS_CLUSTERS_MAX], place[KMEANS_CLUSTERS_MAX];
    struct kmeans kept = { run->k, d, ARENA_ARRAY(arena, double, run->k * d), ARENA_ARRAY(arena, uint8_t, n),
                           ARENA_ARRAY(arena, size_t, run->k), run->inertia };
    for (unsigned c = 0; c < run->k; c++) {
        unsigned at = c;
        while (at > 0 && run->size[order[at - 1]] < run->size[c]) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = c;
    }
    for (unsigned c = 0; c < run->k; c++) {
        place[order[c]] = c;
        kept.size[c] = run->size[order[c]];
        memcpy(kept.centres + c * d, run->centres + order[c] * d, d * sizeof *kept.centres);
    }
    for (size_t i = 0; i < n; i++) kept.label[i] = (uint8_t)place[run->label[i]];
    *ret = kept;
}

bool kmeans_fit(const float *values, size_t n_rows, size_t n_columns, unsigned k, unsigned n_restarts,
                uint64_t seed, unsigned n_threads, struct arena *arena, struct kmeans *ret_kmeans,
                struct err *err)
{
    assert(k >= 1 && k <= KMEANS_CLUSTERS_MAX && n_restarts >= 1 && n_columns >= 1);
    if (n_rows < k) return err_set(err, ERR_INVALID, "%zu rows cannot make %u clusters", n_rows, k);
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct restarts all = {
        { values, n_rows, n_columns }, k, seed, ARENA_ARRAY(scratch, struct outcome, n_restarts)
    };
    parallel_for(n_threads, n_restarts, restart_job, &all);
    struct outcome *best = &all.outcomes[0];
    for (unsigned i = 1; i < n_restarts; i++)
        if (all.outcomes[i].run.inertia < best->run.inertia) best = &all.outcomes[i];
    bool ok = best->has_seeds
              || err_set(err, ERR_INVALID, "fewer than %u rows differ, so they cannot make %u clusters", k, k);
    if (ok) {
        iterate(&best->run, 0, scratch);
        keep(&best->run, arena, ret_kmeans);
    }
    for (unsigned i = 0; i < n_restarts; i++) arena_free(all.outcomes[i].arena);
    arena_free(scratch);
    return ok;
}

unsigned kmeans_nearest(const struct kmeans *kmeans, const float *row)
{
    unsigned nearest = 0;
    double least = (double)INFINITY;
    for (unsigned c = 0; c < kmeans->k; c++) {
        double squared = squared_distance(row, kmeans->centres + c * kmeans->n_columns, kmeans->n_columns);
        if (squared >= least) continue;
        least = squared;
        nearest = c;
    }
    return nearest;
}

/* ---- silhouette -------------------------------------------------------------------------------- */

struct silhouettes {
    struct data     data;
    const uint8_t  *label;
    unsigned        k;
    const uint32_t *rows;       /* [n_rows] drawn */
    size_t          n_rows;
    size_t          size[KMEANS_CLUSTERS_MAX];      /* among the rows drawn */
    double         *width;      /* [n_rows] */
};

static void silhouette_job(void *context, size_t item, unsigned thread)
{
    (void)thread;
    struct silhouettes *all = context;
    const float *mine = row_of(&all->data, all->rows[item]);
    unsigned own = all->label[all->rows[item]];
    double sum[KMEANS_CLUSTERS_MAX] = { 0 }, other = (double)INFINITY;
    for (size_t i = 0; i < all->n_rows; i++) {
        const float *row = row_of(&all->data, all->rows[i]);
        double squared = 0;
        for (size_t j = 0; j < all->data.d; j++) {
            double gap = (double)mine[j] - (double)row[j];
            squared += gap * gap;
        }
        sum[all->label[all->rows[i]]] += sqrt(squared);
    }
    if (all->size[own] < 2) return;
    double inner = sum[own] / (double)(all->size[own] - 1);
    for (unsigned c = 0; c < all->k; c++)
        if (c != own && all->size[c] > 0) other = fmin(other, sum[c] / (double)all->size[c]);
    if (isfinite(other) && fmax(inner, other) > 0) all->width[item] = (other - inner) / fmax(inner, other);
}

double silhouette(const float *values, size_t n_rows, size_t n_columns, const uint8_t *label, unsigned k,
                  uint64_t seed, unsigned n_threads)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(seed);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
    size_t n = n_rows < SILHOUETTE_ROWS ? n_rows : SILHOUETTE_ROWS;
    for (uint32_t i = 0; i < n_rows; i++) rows[i] = i;
    for (size_t i = 0; i < n && n < n_rows; i++) {
        size_t other = i + rng_below(&rng, n_rows - i);
        uint32_t swapped = rows[i];
        rows[i] = rows[other];
        rows[other] = swapped;
    }
    struct silhouettes all = { .data = { values, n_rows, n_columns },
                               .label = label,
                               .k = k,
                               .rows = rows,
                               .n_rows = n,
                               .width = ARENA_ARRAY(arena, double, n + 1) };
    for (size_t i = 0; i < n; i++) all.size[label[rows[i]]]++;
    parallel_for(n_threads, n, silhouette_job, &all);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += all.width[i];
    arena_free(arena);
    return n ? sum / (double)n : 0;
}

/* ---- agreement --------------------------------------------------------------------------------- */

static double pairs(double n)
{
    return n * (n - 1) / 2;
}

double adjusted_rand_index(const uint8_t *label_a, const uint8_t *label_b, size_t n)
{
    static const size_t labels = 256;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double *both = ARENA_ARRAY(arena, double, labels * labels), a[256] = { 0 }, b[256] = { 0 };
    double together = 0, in_a = 0, in_b = 0;
    for (size_t i = 0; i < n; i++) {
        both[label_a[i] * labels + label_b[i]]++;
        a[label_a[i]]++;
        b[label_b[i]]++;
    }
    for (size_t i = 0; i < labels * labels; i++) together += pairs(both[i]);
    for (size_t i = 0; i < labels; i++) {
        in_a += pairs(a[i]);
        in_b += pairs(b[i]);
    }
    arena_free(arena);
    double chance = n > 1 ? in_a * in_b / pairs((double)n) : 0, most = (in_a + in_b) / 2;
    return most == chance ? 1 : (together - chance) / (most - chance);
}
