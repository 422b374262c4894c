/* moments.c - see moments.h. */
#include "experiment/moments.h"

#include "base/parallel.h"
#include "math/dense.h"

enum { UNITS_A_PIECE = 1 << 16, ROWS_A_BLOCK = 256 };

struct gathering {
    const double *const *columns;
    const double  *pivot;               /* [m] */
    const uint8_t *arm;
    size_t         m, n_units, n_arms;
    double        *pieces;              /* [pieces][n_arms] of n, sums [m], products [m x m] */
    double        *rows;                /* [threads][n_arms][ROWS_A_BLOCK x m] */
    size_t        *n_rows;              /* [threads][n_arms] */
};

static size_t size_of(const struct gathering *g) { return 1 + g->m + g->m * g->m; }

static void add_block(const struct gathering *g, const double *rows, size_t n, double *piece)
{
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < g->m; c++) piece[1 + c] += rows[r * g->m + c];
    piece[0] += (double)n;
    dense_add_products(rows, n, g->m, piece + 1 + g->m);
}

static void gather(void *context, size_t piece, unsigned thread)
{
    const struct gathering *g = context;
    size_t begin = piece * UNITS_A_PIECE, end = begin + UNITS_A_PIECE;
    if (end > g->n_units) end = g->n_units;
    double *sums = g->pieces + piece * g->n_arms * size_of(g),
           *blocks = g->rows + thread * g->n_arms * ROWS_A_BLOCK * g->m;
    size_t *n_rows = g->n_rows + thread * g->n_arms;
    for (size_t i = begin; i < end; i++) {
        size_t arm = g->arm[i];
        if (arm >= g->n_arms) continue;
        double *row = blocks + (arm * ROWS_A_BLOCK + n_rows[arm]) * g->m;
        for (size_t c = 0; c < g->m; c++) row[c] = g->columns[c][i] - g->pivot[c];
        if (++n_rows[arm] < ROWS_A_BLOCK) continue;
        add_block(g, blocks + arm * ROWS_A_BLOCK * g->m, ROWS_A_BLOCK, sums + arm * size_of(g));
        n_rows[arm] = 0;
    }
    for (size_t arm = 0; arm < g->n_arms; arm++) {
        add_block(g, blocks + arm * ROWS_A_BLOCK * g->m, n_rows[arm], sums + arm * size_of(g));
        n_rows[arm] = 0;
    }
}

/* From sums about the pivots to those about the means. */
static struct moments moments_of(const struct gathering *g, const double *sums, struct arena *arena)
{
    size_t m = g->m;
    struct moments of = { sums[0], ARENA_ARRAY(arena, double, m + 1), ARENA_ARRAY(arena, double, m * m + 1) };
    const double *sum = sums + 1, *products = sums + 1 + m;
    for (size_t a = 0; a < m && of.n > 0; a++) {
        of.mean[a] = g->pivot[a] + sum[a] / of.n;
        for (size_t b = 0; b <= a; b++) of.products[a * m + b] = products[a * m + b] - sum[a] * sum[b] / of.n;
    }
    return of;
}

void moments_by_arm(const double *const *columns, size_t m, const uint8_t *arm, size_t n_units, size_t n_arms,
                    unsigned n_threads, struct arena *arena, struct moments *ret_arms)
{
    size_t n_sums, n_pieces = (n_units + UNITS_A_PIECE - 1) / UNITS_A_PIECE;
    double *pivot = ARENA_ARRAY(arena, double, m + 1);
    struct gathering g = { columns, pivot, arm, m, n_units, n_arms, NULL, NULL, NULL };
    for (size_t c = 0; c < m && n_units > 0; c++) pivot[c] = columns[c][0];
    g.pieces = ARENA_ARRAY(arena, double, (n_pieces + 1) * n_arms * size_of(&g));
    g.rows = ARENA_ARRAY(arena, double, n_threads * n_arms * ROWS_A_BLOCK * m + 1);
    g.n_rows = ARENA_ARRAY(arena, size_t, n_threads * n_arms);
    parallel_for(n_threads, n_pieces, gather, &g);
    n_sums = n_arms * size_of(&g);
    for (size_t piece = 1; piece < n_pieces; piece++)       /* in their order, whoever gathered them */
        for (size_t i = 0; i < n_sums; i++) g.pieces[i] += g.pieces[piece * n_sums + i];
    for (size_t a = 0; a < n_arms; a++) ret_arms[a] = moments_of(&g, g.pieces + a * size_of(&g), arena);
}
