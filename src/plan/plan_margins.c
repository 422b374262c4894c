/* plan_margins.c - see plan_margins.h. */
#include "plan/plan_margins.h"

#include "base/calendar.h"
#include "learn/margins.h"

#include <math.h>

/* Money sold, and what was left of it. */
struct sold { double amount, left; };

struct summing {
    const struct plan_margins_asked *a;
    struct margins                   margins;
    uint32_t                         goal;
    struct sold                     *sold;      /* [rows] at first what became known since the cutoff before */
};

/* The customer's row at a cutoff; SIZE_MAX: none. */
static size_t row_at(const struct matrix *m, size_t cutoff, uint32_t customer)
{
    size_t low = 0, high = m->n_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->cutoff[middle] < cutoff || (m->cutoff[middle] == cutoff && m->identity[middle] < customer))
            low = middle + 1;
        else high = middle;
    }
    return low < m->n_rows && m->cutoff[low] == cutoff && m->identity[low] == customer ? low : SIZE_MAX;
}

/* Of the first cutoff that knows it. */
static void add(struct summing *s, const struct events *events, size_t i)
{
    const struct plan_margins_asked *a = s->a;
    uint16_t kind = events->kind[i];
    bool is_line = margins_is_line(&s->margins, kind);
    int64_t known_ms = events->received_ms[i] > events->time_ms[i] ? events->received_ms[i] : events->time_ms[i];
    size_t cutoff = 0;
    if ((kind != s->goal && !(is_line && kind == s->margins.order_item)) || events->identity[i] == 0) return;
    while (cutoff < a->n_cutoffs && a->cutoffs_ms[cutoff] <= known_ms) cutoff++;
    size_t row = row_at(a->rows, cutoff, identities_customer(a->identities, events->identity[i]));
    if (row == SIZE_MAX) return;
    double amount = (double)events->amount_cents[i] / 100;
    s->sold[row].left += margins_share(&s->margins, events, i) * amount;
    if (!is_line) s->sold[row].amount += amount;
}

static bool read(struct summing *s, struct err *err)
{
    struct log_reader *reader = NULL;
    bool ok = log_reader_open(s->a->log, &reader, err);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, partition, LOG_RECEIVED | LOG_IDENTITY | LOG_AMOUNT | MARGINS_COLUMNS, scratch, &events,
                      err);
        for (size_t i = 0; ok && i < events.n; i++) add(s, &events, i);
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

bool plan_margins(const struct plan_margins_asked *a, struct arena *arena, double **ret_share, double *ret_mean,
                  struct err *err)
{
    const struct matrix *rows = a->rows;
    struct summing s = { .a = a, .sold = ARENA_ARRAY(arena, struct sold, rows->n_rows + 1) };
    struct sold all = { 0, 0 };
    double *share = ARENA_ARRAY(arena, double, rows->n_rows + 1);
    (void)log_find(a->log, DICTIONARY_KIND, text_of(a->goal), &s.goal);
    if (!margins_open(a->store, a->log, a->costs, a->cutoffs_ms[a->n_cutoffs - 1], arena, &s.margins, err) ||
        !read(&s, err))
        return false;
    for (size_t i = 0; i < rows->n_rows; i++) {
        size_t before = rows->cutoff[i] ? row_at(rows, rows->cutoff[i] - 1u, rows->identity[i]) : SIZE_MAX;
        if (before != SIZE_MAX) s.sold[i].amount += s.sold[before].amount, s.sold[i].left += s.sold[before].left;
        if (rows->cutoff[i] + 1u == a->n_cutoffs) all.amount += s.sold[i].amount, all.left += s.sold[i].left;
    }
    int64_t day = calendar_day_of_ms(a->cutoffs_ms[a->n_cutoffs - 1]);
    double general = costs_margin(a->costs, COST_OF_ITEM, NULL, day),
           mean = all.amount > 0 ? all.left / all.amount : general, weight = fmax(a->prior, 1e-9);
    for (size_t i = 0; i < rows->n_rows; i++)
        share[i] = fmin((s.sold[i].left + weight * mean) / (s.sold[i].amount + weight), 1);
    *ret_share = share, *ret_mean = mean;
    return true;
}
