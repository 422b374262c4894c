/* k-means, silhouettes and the adjusted Rand index; see kmeans.h. */
#include "model/kmeans.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 300, SILHOUETTE_ROWS = 3000, SEED_CANDIDATES = 4, RACE_ROWS = 4000, LANES = 4 };

/* Restarts are told apart on a part of very many rows, and as soon as no centre moves farther than this share of a
 * row's distance to its own, long before they stand still: by then their sums of squares hardly change.  Only the
 * best goes on to the end, with all rows. */
static const double race_ends_at = 0.01;

/* Of several rows at once: one number for each. */
typedef double  lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));
typedef int64_t flags __attribute__((vector_size(LANES * sizeof(int64_t)), aligned(sizeof(int64_t))));

#ifdef __SANITIZE_THREAD__      /* its choice at load time runs before that sanitizer is ready */
#define FOR_EACH_PROCESSOR
#else
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#endif

/* tiles: the same values, LANES rows after each other, of these column by column; the last tile's rows beyond n are 0. */
struct data { const float *values; size_t n, d, n_tiles; lanes *tiles; };

static const float *row_of(const struct data *data, size_t i)
{
    return data->values + i * data->d;
}

static struct data data_of(const float *values, size_t n, size_t d, struct arena *arena)
{
    struct data data = { values, n, d, (n + LANES - 1) / LANES, NULL };
    data.tiles = ARENA_ARRAY(arena, lanes, data.n_tiles * d + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) data.tiles[i / LANES * d + j][i % LANES] = (double)values[i * d + j];
    return data;
}

/* How many numbers have room for one of each row, those of the last tile too. */
static size_t room_of(const struct data *data) { return data->n_tiles * LANES + 1; }

static double squared_distance(const float *row, const double *centre, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        double gap = (double)row[j] - centre[j];
        sum += gap * gap;
    }
    return sum;
}

static inline __attribute__((always_inline)) void squares_of_tile(const lanes *tile, const double *centre, size_t d,
                                                                  lanes *ret_squares)
{
    lanes sum = { 0 };
    for (size_t j = 0; j < d; j++) {
        lanes gap = tile[j] - centre[j];
        sum += gap * gap;
    }
    *ret_squares = sum;
}

/* Squared distances of all rows to a centre, ret [room_of]; no more than most, if that is not NULL. */
FOR_EACH_PROCESSOR
static void squares_to(const struct data *data, const double *centre, const double *most, double *ret)
{
    for (size_t t = 0; t < data->n_tiles; t++) {
        lanes squares, least;
        squares_of_tile(data->tiles + t * data->d, centre, data->d, &squares);
        if (most) {
            memcpy(&least, most + t * LANES, sizeof least);
            flags is_less = squares < least;
            squares = (lanes)(((flags)squares & is_less) | ((flags)least & ~is_less));
        }
        memcpy(ret + t * LANES, &squares, sizeof squares);
    }
}

/* The nearest of k centres and its squared distance, both [room_of]. */
FOR_EACH_PROCESSOR
static void nearest_centres(const struct data *data, const double *centres, unsigned k, uint8_t *ret_label,
                            double *ret_squared)
{
    for (size_t t = 0; t < data->n_tiles; t++) {
        lanes squares, least;
        flags label = { 0 };
        squares_of_tile(data->tiles + t * data->d, centres, data->d, &least);
        for (unsigned c = 1; c < k; c++) {
            squares_of_tile(data->tiles + t * data->d, centres + c * data->d, data->d, &squares);
            flags is_less = squares < least, number = (flags){ 0 } + (int64_t)c;
            least = (lanes)(((flags)squares & is_less) | ((flags)least & ~is_less));
            label = (number & is_less) | (label & ~is_less);
        }
        memcpy(ret_squared + t * LANES, &least, sizeof least);
        for (size_t i = 0; i < LANES; i++) ret_label[t * LANES + i] = (uint8_t)label[i];
    }
}

static void put_centre(const float *row, size_t d, double *ret_centre)
{
    for (size_t j = 0; j < d; j++) ret_centre[j] = (double)row[j];
}

/* ---- seeding ----------------------------------------------------------------------------------- */

static double sum_of(const double *numbers, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += numbers[i];
    return sum;
}

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
    double *nearest = ARENA_ARRAY(arena, double, room_of(data)), *trial = ARENA_ARRAY(arena, double, room_of(data));
    double *best = ARENA_ARRAY(arena, double, room_of(data));
    put_centre(row_of(data, rng_below(rng, data->n)), data->d, ret_centres);
    squares_to(data, ret_centres, NULL, nearest);
    double total = sum_of(nearest, data->n);
    for (unsigned c = 1; c < k; c++) {
        double best_total = (double)INFINITY, *centre = ret_centres + c * data->d, *spare = nearest;
        size_t best_row = 0;
        if (!(total > 0)) return false;
        for (unsigned attempt = 0; attempt < SEED_CANDIDATES; attempt++) {
            size_t row = draw_by_weight(nearest, data->n, total, rng);
            put_centre(row_of(data, row), data->d, centre);
            squares_to(data, centre, nearest, trial);
            double trial_total = sum_of(trial, data->n), *other = best;
            if (trial_total >= best_total) continue;
            best_total = trial_total;
            best_row = row;
            best = trial;
            trial = other;
        }
        put_centre(row_of(data, best_row), data->d, centre);
        nearest = best;
        best = spare;
        total = best_total;
    }
    return true;
}

/* ---- Lloyd's iterations ------------------------------------------------------------------------ */

struct run {
    const struct data *data;
    unsigned  k;
    double   *centres;      /* [k x d] */
    uint8_t  *label;        /* [room_of] */
    double   *squared;      /* [room_of] distance to the own centre */
    size_t    size[KMEANS_CLUSTERS_MAX];
    double    inertia;
};

static struct run run_new(const struct data *data, unsigned k, struct arena *arena)
{
    return (struct run){ .data = data, .k = k, .centres = ARENA_ARRAY(arena, double, k * data->d),
                         .label = ARENA_ARRAY(arena, uint8_t, room_of(data)),
                         .squared = ARENA_ARRAY(arena, double, room_of(data)), .inertia = (double)INFINITY };
}

/* An empty cluster takes the row that is farthest from its centre. */
static void refill(struct run *run, unsigned empty, double *sums)
{
    const struct data *data = run->data;
    size_t farthest = 0;
    double most = -1;
    for (size_t i = 0; i < data->n; i++)
        if (run->size[run->label[i]] > 1 && run->squared[i] > most) {
            most = run->squared[i];
            farthest = i;
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
        longest = fmax(longest, sqrt(squared));
    }
    return longest;
}

static void assign(struct run *run)
{
    nearest_centres(run->data, run->centres, run->k, run->label, run->squared);
}

/* Until no centre moves farther than a share of the root of a row's mean squared distance to its own. */
static void iterate(struct run *run, double share, struct arena *arena)
{
    size_t n = run->data->n;
    double *sums = ARENA_ARRAY(arena, double, run->k * run->data->d);
    assign(run);
    double enough = share * sqrt(sum_of(run->squared, n) / (double)n);
    for (unsigned round = 0; round < ITERATIONS_MAX; round++) {
        double longest = move_centres(run, sums);
        if (longest == 0) break;
        assign(run);
        if (longest <= enough) break;
    }
    run->inertia = sum_of(run->squared, n);
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
    outcome->run = run_new(&all->data, all->k, outcome->arena);
    outcome->has_seeds = seed_centres(&all->data, all->k, &rng, scratch, outcome->run.centres);
    if (outcome->has_seeds) iterate(&outcome->run, race_ends_at, scratch);
    arena_free(scratch);
}

/* The centres of the best of several restarts, [k x n_columns]; NULL: fewer than k rows differ. */
static double *race(const struct data *data, unsigned k, unsigned n_restarts, uint64_t seed, unsigned n_threads,
                    struct arena *arena)
{
    struct restarts all = { *data, k, seed, ARENA_ARRAY(arena, struct outcome, n_restarts) };
    parallel_for(n_threads, n_restarts, restart_job, &all);
    struct outcome *best = &all.outcomes[0];
    for (unsigned i = 1; i < n_restarts; i++)
        if (all.outcomes[i].run.inertia < best->run.inertia) best = &all.outcomes[i];
    double *centres = best->has_seeds ? ARENA_ARRAY(arena, double, k * data->d) : NULL;
    if (centres) memcpy(centres, best->run.centres, k * data->d * sizeof *centres);
    for (unsigned i = 0; i < n_restarts; i++) arena_free(all.outcomes[i].arena);
    return centres;
}

/* RACE_ROWS of the rows, drawn. */
static struct data part_of(const struct data *data, uint64_t seed, struct arena *arena)
{
    struct rng rng = rng_stream(seed, UINT32_MAX);
    float *values = ARENA_ARRAY(arena, float, RACE_ROWS *data->d);
    size_t taken = 0;
    for (size_t i = 0; i < data->n && taken < RACE_ROWS; i++) {
        if (rng_below(&rng, data->n - i) >= RACE_ROWS - taken) continue;
        memcpy(values + taken++ * data->d, row_of(data, i), data->d * sizeof *values);
    }
    return data_of(values, taken, data->d, arena);
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
    struct data data = data_of(values, n_rows, n_columns, scratch);
    double *centres = NULL;
    if (n_rows > 2 * (size_t)RACE_ROWS) {
        struct data part = part_of(&data, seed, scratch);
        centres = race(&part, k, n_restarts, seed, n_threads, scratch);
    }
    if (!centres) centres = race(&data, k, n_restarts, seed, n_threads, scratch);
    bool ok = centres
              || err_set(err, ERR_INVALID, "fewer than %u rows differ, so they cannot make %u clusters", k, k);
    if (ok) {
        struct run run = run_new(&data, k, scratch);
        run.centres = centres;
        iterate(&run, 0, scratch);
        keep(&run, arena, ret_kmeans);
    }
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
    struct data           data;         /* the rows drawn */
    const struct labeling *labelings;
    size_t                n_labelings;
    uint8_t              *label;        /* [data.n x n_labelings] */
    size_t              (*size)[KMEANS_CLUSTERS_MAX];       /* [n_labelings] among the rows drawn */
    double               *width;        /* [data.n x n_labelings] */
    double              **distances;    /* [n_threads][room_of] */
};

static double width_of(const double *sum, const size_t *size, unsigned k, unsigned own)
{
    double other = (double)INFINITY;
    if (size[own] < 2) return 0;
    double inner = sum[own] / (double)(size[own] - 1);
    for (unsigned c = 0; c < k; c++)
        if (c != own && size[c] > 0) other = fmin(other, sum[c] / (double)size[c]);
    return isfinite(other) && fmax(inner, other) > 0 ? (other - inner) / fmax(inner, other) : 0;
}

static void silhouette_job(void *context, size_t item, unsigned thread)
{
    struct silhouettes *all = context;
    size_t n_labelings = all->n_labelings;
    double *distances = all->distances[thread], sums[SILHOUETTES_MAX][KMEANS_CLUSTERS_MAX] = { 0 },
           *mine = distances + room_of(&all->data);
    put_centre(row_of(&all->data, item), all->data.d, mine);
    squares_to(&all->data, mine, NULL, distances);
    for (size_t i = 0; i < all->data.n; i++) {
        double distance = sqrt(distances[i]);
        for (size_t l = 0; l < n_labelings; l++) sums[l][all->label[i * n_labelings + l]] += distance;
    }
    for (size_t l = 0; l < n_labelings; l++)
        all->width[item * n_labelings + l] =
            width_of(sums[l], all->size[l], all->labelings[l].k, all->label[item * n_labelings + l]);
}

/* The first n of rows are drawn. */
static void draw_rows(uint64_t seed, uint32_t *rows, size_t n_rows, size_t n)
{
    struct rng rng = rng_new(seed);
    for (uint32_t i = 0; i < n_rows; i++) rows[i] = i;
    for (size_t i = 0; i < n && n < n_rows; i++) {
        size_t other = i + rng_below(&rng, n_rows - i);
        uint32_t swapped = rows[i];
        rows[i] = rows[other];
        rows[other] = swapped;
    }
}

void silhouettes(const float *values, size_t n_rows, size_t n_columns, const struct labeling *labelings,
                 size_t n_labelings, uint64_t seed, unsigned n_threads, double *ret_silhouettes)
{
    assert(n_labelings <= SILHOUETTES_MAX);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = n_rows < SILHOUETTE_ROWS ? n_rows : SILHOUETTE_ROWS;
    if (n_threads == 0) n_threads = 1;
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
    float *drawn = ARENA_ARRAY(arena, float, n *n_columns + 1);
    draw_rows(seed, rows, n_rows, n);
    for (size_t i = 0; i < n; i++)
        memcpy(drawn + i * n_columns, values + rows[i] * n_columns, n_columns * sizeof *drawn);
    struct silhouettes all = { .data = data_of(drawn, n, n_columns, arena), .labelings = labelings,
                               .n_labelings = n_labelings, .label = ARENA_ARRAY(arena, uint8_t, n *n_labelings + 1),
                               .size = arena_alloc(arena, n_labelings + 1, sizeof *all.size),
                               .width = ARENA_ARRAY(arena, double, n *n_labelings + 1),
                               .distances = ARENA_ARRAY(arena, double *, n_threads) };
    for (unsigned t = 0; t < n_threads; t++)
        all.distances[t] = ARENA_ARRAY(arena, double, room_of(&all.data) + n_columns);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < n_labelings; l++) {
            all.label[i * n_labelings + l] = labelings[l].label[rows[i]];
            all.size[l][labelings[l].label[rows[i]]]++;
        }
    parallel_for(n_threads, n, silhouette_job, &all);
    for (size_t l = 0; l < n_labelings; l++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += all.width[i * n_labelings + l];
        ret_silhouettes[l] = n ? sum / (double)n : 0;
    }
    arena_free(arena);
}

double silhouette(const float *values, size_t n_rows, size_t n_columns, const uint8_t *label, unsigned k,
                  uint64_t seed, unsigned n_threads)
{
    double mean;
    silhouettes(values, n_rows, n_columns, &(struct labeling){ label, k }, 1, seed, n_threads, &mean);
    return mean;
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
