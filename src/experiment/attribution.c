/* attribution.c - see attribution.h. */
#include "experiment/attribution.h"

#include "base/memory.h"
#include "base/hash.h"
#include "base/hash_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const attribution_names[] = { "first", "last", "linear", "position", "time_decay", "shapley" };

/* ---- rules ---- */

static double position_weight(size_t i, size_t n)
{
    if (n <= 2) return 1. / (double)n;
    return i == 0 || i == n - 1 ? .4 : .2 / (double)(n - 2);
}

/* The share of a path's touch, before they are made to sum to 1. */
static double weight_of(enum attribution_model model, size_t i, size_t n)
{
    switch (model) {
    case ATTRIBUTION_FIRST: return i == 0;
    case ATTRIBUTION_LAST: return i == n - 1;
    case ATTRIBUTION_POSITION: return position_weight(i, n);
    case ATTRIBUTION_TIME_DECAY: return ldexp(1, -(int)(n - 1 - i < 1000 ? n - 1 - i : 1000));
    case ATTRIBUTION_LINEAR:
    case ATTRIBUTION_SHAPLEY:
    case ATTRIBUTION_MODELS: break;
    }
    return 1;
}

static bool was_before(const struct path_row *row, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (row->touches[k] == row->touches[i]) return true;
    return false;
}

void attribution_credit(enum attribution_model model, const struct path_row *rows, size_t n_rows,
                        size_t n_channels, bool by_value, double *ret_credit)
{
    memset(ret_credit, 0, n_channels * sizeof *ret_credit);
    for (size_t r = 0; r < n_rows; r++) {
        const struct path_row *row = &rows[r];
        double all = by_value ? row->value : row->conversions, sum = 0;
        if (all == 0) continue;
        for (size_t pass = 0; pass < 2; pass++)
            for (size_t i = 0; i < row->n; i++) {
                bool counts = model != ATTRIBUTION_SHAPLEY || !was_before(row, i);
                double weight = counts ? weight_of(model, i, row->n) : 0;
                if (pass == 0) sum += weight;
                else ret_credit[row->touches[i]] += all * weight / sum;
            }
    }
}

/* ---- the chain ---- */

/* States are numbered as they are met; each has the counts of what follows it. */
struct edge { uint32_t from, to; double weight; };
struct chain {
    struct hash_map numbers, edge_at;       /* of states by their touches; of edges by their ends */
    struct edge    *edges;                  /* [n_edges], later sorted by from */
    size_t          n_edges, edges_room;
    uint16_t       *channel;                /* [n_states] the last touch */
    double         *out, *converted;        /* [n_states] all that follows it; of it, conversions */
    size_t          n_states, states_room;
    size_t         *begins;                 /* [n_states + 1] in edges */
};
enum { STATES_MOST = 2000000, START = 0 };

static void *grown(void *memory, size_t count, size_t size)
{
    void *more = memory_grow(memory, count, size);
    return more;
}

static uint32_t state_of(struct chain *chain, const uint16_t *touches, size_t n)
{
    uint64_t *number = hash_map_put(&chain->numbers, hash_bytes(touches, n * sizeof *touches, n));
    if (*number == 0) {
        if (chain->n_states == chain->states_room) {
            size_t room = chain->states_room = 2 * chain->states_room + 64;
            chain->channel = grown(chain->channel, room, sizeof *chain->channel);
            chain->out = grown(chain->out, room, sizeof *chain->out);
            chain->converted = grown(chain->converted, room, sizeof *chain->converted);
        }
        chain->channel[chain->n_states] = n ? touches[n - 1] : UINT16_MAX;
        chain->out[chain->n_states] = chain->converted[chain->n_states] = 0;
        *number = ++chain->n_states;
    }
    return (uint32_t)(*number - 1);
}

static void add_step(struct chain *chain, uint32_t from, uint32_t to, double weight)
{
    const uint32_t ends[] = { from, to };
    uint64_t *at = hash_map_put(&chain->edge_at, hash_bytes(ends, sizeof ends, 0));
    if (*at == 0) {
        if (chain->n_edges == chain->edges_room)
            chain->edges =
                grown(chain->edges, chain->edges_room = 2 * chain->edges_room + 64, sizeof *chain->edges);
        chain->edges[chain->n_edges] = (struct edge){ from, to, 0 };
        *at = ++chain->n_edges;
    }
    chain->edges[*at - 1].weight += weight;
    chain->out[from] += weight;
}

static int compare_edges(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static bool build(struct chain *chain, const struct path_row *rows, size_t n_rows, unsigned order, struct err *err)
{
    (void)state_of(chain, NULL, 0);
    for (size_t r = 0; r < n_rows; r++) {
        double weight = rows[r].conversions + rows[r].nulls;
        uint32_t state = START;
        for (size_t i = 0; i < rows[r].n && weight > 0; i++) {
            size_t n = i + 1 < order ? i + 1 : order;
            uint32_t next = state_of(chain, &rows[r].touches[i + 1 - n], n);
            add_step(chain, state, next, weight);
            state = next;
        }
        chain->out[state] += weight;
        chain->converted[state] += rows[r].conversions;
        if (chain->n_states > STATES_MOST)
            return err_set(err, ERR_INVALID,
                           "order %u makes more than %d states of these paths: choose a lower one", order,
                           STATES_MOST);
    }
    qsort(chain->edges, chain->n_edges, sizeof *chain->edges, compare_edges);
    chain->begins = memory_new(chain->n_states + 2, sizeof *chain->begins);
    for (size_t e = 0; e < chain->n_edges; e++) chain->begins[chain->edges[e].from + 1]++;
    for (size_t s = 0; s < chain->n_states; s++) chain->begins[s + 1] += chain->begins[s];
    return true;
}

/* The chance of a conversion from the start when steps into a channel end without one; UINT16_MAX: none is
 * removed. Gauss-Seidel, from the states met last back to the first: what follows is mostly known already. */
static double chance(const struct chain *chain, uint16_t removed, double *p)
{
    memset(p, 0, chain->n_states * sizeof *p);
    for (int sweep = 0; sweep < 100000; sweep++) {
        double change = 0;
        for (size_t s = chain->n_states; s-- > 0;) {
            double sum = chain->converted[s], stays = 0;
            for (size_t e = chain->begins[s]; e < chain->begins[s + 1]; e++) {
                const struct edge *edge = &chain->edges[e];
                if (chain->channel[edge->to] == removed) continue;
                if (edge->to == s) stays = edge->weight;
                else sum += edge->weight * p[edge->to];
            }
            double is = chain->out[s] > stays ? sum / (chain->out[s] - stays) : 0;
            change = fmax(change, fabs(is - p[s]));
            p[s] = is;
        }
        if (change < 1e-15) break;
    }
    return p[START];
}

bool attribution_markov(const struct path_row *rows, size_t n_rows, size_t n_channels, unsigned order,
                        double *ret_removal, struct err *err)
{
    struct chain chain = { 0 };
    bool ok = build(&chain, rows, n_rows, order, err);
    double *p = memory_new(chain.n_states + 1, sizeof *p);
    double base = ok ? chance(&chain, UINT16_MAX, p) : 0;
    if (ok && base <= 0)
        ok = err_set(err, ERR_REFUSED, "no path ends in a conversion, so no channel can have helped");
    for (size_t c = 0; ok && c < n_channels; c++) ret_removal[c] = 1 - chance(&chain, (uint16_t)c, p) / base;
    hash_map_free(&chain.numbers);
    hash_map_free(&chain.edge_at);
    free(chain.edges);
    free(chain.channel);
    free(chain.out);
    free(chain.converted);
    free(chain.begins);
    free(p);
    return ok;
}
