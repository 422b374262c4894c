/* fairness.c - see fairness.h. */
#include "model/fairness.h"

#include "model/metrics.h"

#include <math.h>

static const double QUANTILE = 1.959963984540054, FOUR_FIFTHS = .8;

static struct fairness_rate rate_of(double yes, double n)
{
    struct interval share = share_interval(yes, n);
    return (struct fairness_rate){ share.value, share.low, share.high, (size_t)n };
}

struct counts { double n, yes, selected, both, score; };

static struct fairness_group group_of(const struct counts *c, bool has_score)
{
    return (struct fairness_group){
        .n = (size_t)c->n,
        .selection = rate_of(c->selected, c->n),
        .tpr = rate_of(c->both, c->yes),
        .fpr = rate_of(c->selected - c->both, c->n - c->yes),
        .precision = rate_of(c->both, c->selected),
        .outcome = rate_of(c->yes, c->n),
        .predicted = has_score && c->n > 0 ? c->score / c->n : (double)NAN,
    };
}

static const struct fairness_rate *rate_at(const struct fairness_group *group, size_t offset)
{
    return (const struct fairness_rate *)(const void *)((const char *)group + offset);
}

static struct fairness_gap gap_of(const struct fairness_group *groups, size_t n, size_t offset)
{
    struct fairness_gap gap = { (double)NAN, (double)NAN, (double)NAN, (double)NAN, n, n };
    size_t known = 0;
    for (size_t g = 0; g < n; g++) {
        double value = rate_at(&groups[g], offset)->value;
        if (isnan(value)) continue;
        known++;
        if (gap.least == n || value < rate_at(&groups[gap.least], offset)->value) gap.least = g;
        if (gap.greatest == n || value > rate_at(&groups[gap.greatest], offset)->value) gap.greatest = g;
    }
    if (known < 2) return gap;
    const struct fairness_rate *low = rate_at(&groups[gap.least], offset),
                               *high = rate_at(&groups[gap.greatest], offset);
    double error =
        sqrt(low->value * (1 - low->value) / (double)low->n + high->value * (1 - high->value) / (double)high->n);
    gap.difference = high->value - low->value;
    gap.ratio = high->value > 0 ? low->value / high->value : 1;
    gap.low = fmax(gap.difference - QUANTILE * error, 0), gap.high = fmin(gap.difference + QUANTILE * error, 1);
    return gap;
}

/* Of benefits b over their mean: mean(b^2 - 1) / 2, and Theil's mean(b log b). */
static void entropy_of(const struct fairness_rows *rows, const struct counts *counts, struct fairness *f)
{
    double mean = 0, n = (double)rows->n;
    for (size_t i = 0; i < rows->n; i++) mean += (rows->selected[i] - rows->label[i] + 1) / n;
    for (size_t i = 0; i < rows->n && mean > 0; i++) {
        double b = (rows->selected[i] - rows->label[i] + 1) / mean;
        f->entropy_index += (b * b - 1) / 2 / n;
        f->theil += b > 0 ? b * log(b) / n : 0;
    }
    for (size_t g = 0; g < rows->n_groups && mean > 0; g++) {
        if (!(counts[g].n > 0)) continue;
        double b = ((counts[g].selected - counts[g].yes) / counts[g].n + 1) / mean;
        f->entropy_between += (b * b - 1) / 2 * counts[g].n / n;
    }
}

struct fairness fairness_of(const struct fairness_rows *rows, struct arena *arena)
{
    struct counts *counts = ARENA_ARRAY(arena, struct counts, rows->n_groups + 1);
    struct fairness f = { .groups = ARENA_ARRAY(arena, struct fairness_group, rows->n_groups + 1) };
    for (size_t i = 0; i < rows->n; i++) {
        struct counts *to = &counts[rows->group[i]];
        to->n++, to->yes += rows->label[i], to->selected += rows->selected[i];
        to->both += rows->label[i] && rows->selected[i];
        if (rows->score) to->score += rows->score[i];
    }
    for (size_t g = 0; g < rows->n_groups; g++) f.groups[g] = group_of(&counts[g], rows->score);
    f.parity = gap_of(f.groups, rows->n_groups, offsetof(struct fairness_group, selection));
    f.opportunity = gap_of(f.groups, rows->n_groups, offsetof(struct fairness_group, tpr));
    f.false_alarms = gap_of(f.groups, rows->n_groups, offsetof(struct fairness_group, fpr));
    f.odds_difference = fmax(f.opportunity.difference, f.false_alarms.difference);
    f.odds_ratio = fmin(f.opportunity.ratio, f.false_alarms.ratio);
    f.four_fifths = f.parity.ratio >= FOUR_FIFTHS;
    entropy_of(rows, counts, &f);
    return f;
}
