/* concordance.c - whether a score puts in order who has the event first; see survival.h. */
#include "math/numerics.h"
#include "model/survival_internal.h"

#include <math.h>
#include <string.h>

/* Rows by their score, in a Fenwick tree. */
struct scores { size_t n, n_in, *tree; const double *sorted; };

static size_t counted(const struct scores *scores, size_t rank)
{
    size_t n = 0;
    for (; rank > 0; rank &= rank - 1) n += scores->tree[rank];
    return n;
}

/* How many are below a value, or up to it. */
static size_t rank_of(const struct scores *scores, double value, bool is_up_to)
{
    size_t low = 0, high = scores->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (scores->sorted[middle] < value || (is_up_to && scores->sorted[middle] == value)) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void put(struct scores *scores, double value)
{
    for (size_t at = rank_of(scores, value, false) + 1; at <= scores->n; at += at & (~at + 1)) scores->tree[at]++;
    scores->n_in++;
}

static void empty(struct scores *scores)
{
    memset(scores->tree, 0, (scores->n + 2) * sizeof *scores->tree);
    scores->n_in = 0;
}

struct against { double lower, same, higher; };

static struct against compare(const struct scores *scores, double value)
{
    double lower = (double)counted(scores, rank_of(scores, value, false));
    double up_to = (double)counted(scores, rank_of(scores, value, true));
    return (struct against){ lower, up_to - lower, (double)scores->n_in - up_to };
}

struct pairing {
    const struct durations *durations;
    const double           *score;
    struct scores           scores;
    double                 *right, *all;        /* [n] of each row's pairs; half of those with the same score are right */
    struct concordance      sum;
};

/* Events with whoever outlived them; the censored of a time outlive its events. */
static void pair_events(struct pairing *p, const struct ranked *by_time, size_t n)
{
    const bool *is_event = p->durations->is_event;
    empty(&p->scores);
    for (size_t end = n, from; end > 0; end = from) {
        for (from = end; from > 0 && by_time[from - 1].time == by_time[end - 1].time;) from--;
        for (size_t i = from; i < end; i++)
            if (!is_event[by_time[i].row]) put(&p->scores, p->score[by_time[i].row]);
        for (size_t i = from; i < end; i++) {
            size_t row = by_time[i].row;
            if (!is_event[row]) continue;
            struct against later = compare(&p->scores, p->score[row]);
            p->sum.n_right += later.lower, p->sum.n_wrong += later.higher, p->sum.n_tied_score += later.same;
            p->right[row] += later.lower + later.same / 2, p->all[row] += (double)p->scores.n_in;
        }
        for (size_t i = from; i < end; i++)
            if (is_event[by_time[i].row]) put(&p->scores, p->score[by_time[i].row]);
    }
}

/* A row's pairs with those in the tree, who had the event before it; returns how many of them have its score. */
static double pair_with_earlier(struct pairing *p, size_t row)
{
    struct against earlier = compare(&p->scores, p->score[row]);
    p->right[row] += earlier.higher + earlier.same / 2, p->all[row] += (double)p->scores.n_in;
    return earlier.same;
}

/* The same pairs as those see them who outlived the event; and events of one time, of which none was first. */
static void pair_survivors(struct pairing *p, const struct ranked *by_time, size_t n)
{
    const bool *is_event = p->durations->is_event;
    empty(&p->scores);
    for (size_t from = 0, end; from < n; from = end) {
        double n_events = 0, n_same = 0;
        for (end = from; end < n && by_time[end].time == by_time[from].time;) end++;
        for (size_t i = from; i < end; i++)
            if (is_event[by_time[i].row]) n_events++, n_same -= pair_with_earlier(p, by_time[i].row);
        for (size_t i = from; i < end; i++) {       /* with the earlier ones taken off, those of this time are left */
            double score = p->score[by_time[i].row];
            if (is_event[by_time[i].row]) n_same += compare(&p->scores, score).same, put(&p->scores, score);
        }
        for (size_t i = from; i < end; i++)
            if (!is_event[by_time[i].row]) (void)pair_with_earlier(p, by_time[i].row);
        p->sum.n_tied_both += n_same, p->sum.n_tied_time += n_events * (n_events - 1) / 2 - n_same;
    }
}

struct concordance survival_concordance(const struct durations *durations, const double *score, struct arena *arena)
{
    size_t n = durations->n, *first;
    uint32_t *rows;
    double *sorted = ARENA_ARRAY(arena, double, n + 1), squares = 0;
    struct pairing p = { .durations = durations, .score = score,
                         .scores = { .n = n, .tree = ARENA_ARRAY(arena, size_t, n + 2), .sorted = sorted },
                         .right = ARENA_ARRAY(arena, double, n + 1), .all = ARENA_ARRAY(arena, double, n + 1) };
    memcpy(sorted, score, n * sizeof *sorted);
    sort_doubles(sorted, n);
    size_t n_strata = rows_by_stratum(durations, NULL, n, arena, &rows, &first);
    for (size_t s = 0; s < n_strata; s++) {
        size_t n_of = first[s + 1] - first[s];
        const struct ranked *by_time = ranked_by(durations->time, rows + first[s], n_of, arena);
        pair_events(&p, by_time, n_of);
        pair_survivors(&p, by_time, n_of);
    }
    double all = p.sum.n_right + p.sum.n_wrong + p.sum.n_tied_score;
    p.sum.value = all > 0 ? (p.sum.n_right + p.sum.n_tied_score / 2) / all : (double)NAN;
    for (size_t i = 0; i < n; i++) squares += pow(p.right[i] - p.sum.value * p.all[i], 2);
    p.sum.se = sqrt(squares) / all;
    return p.sum;
}
