/* repeats.c - what a customer will have again: how often they had it, how long ago, and whether it is due. */
#include "recommend/recommender_internal.h"

#include "base/calendar.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAPS_LIKE_ALL = 5, GAPS_LIKE_ITEM = 2 };      /* how many gaps of its own the wider mean weighs */

struct visit { uint32_t item; int64_t time_ms; float weight; };

static int compare_visits(const void *a_pointer, const void *b_pointer)
{
    const struct visit *a = a_pointer, *b = b_pointer;
    if (a->item != b->item) return a->item < b->item ? -1 : 1;
    return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

static struct visit *visits_of(const struct interaction *rows, size_t n)
{
    struct visit *visits = memory_new(n + 1, sizeof *visits);
    for (size_t i = 0; i < n; i++) visits[i] = (struct visit){ rows[i].item, rows[i].time_ms, rows[i].weight };
    qsort(visits, n, sizeof *visits, compare_visits);
    return visits;
}

static double days_between(int64_t from_ms, int64_t to_ms)
{
    return (double)(to_ms - from_ms) / (double)MS_PER_DAY;
}

void repeats_fit(const struct recommender_source *source, double half_life_days, bool is_timed,
                 struct arena *arena, struct recommender *ret_recommender)
{
    const struct interactions *had = source->had;
    double *days = ARENA_ARRAY(arena, double, had->n_items + 1),
           *n_gaps = ARENA_ARRAY(arena, double, had->n_items + 1);
    double all_days = 0, n_all = 0;
    recommender_begin(source, "repeats", FORM_REPEATS, SATURATION_ONCE, arena, ret_recommender);
    for (size_t c = 0; c < had->n_customers; c++) {
        size_t n = had->first[c + 1] - had->first[c];
        struct visit *visits = visits_of(had->rows + had->first[c], n);
        for (size_t i = 1; i < n; i++) {
            double gap_days = days_between(visits[i - 1].time_ms, visits[i].time_ms);
            if (visits[i].item != visits[i - 1].item || gap_days < 1) continue;
            days[visits[i].item] += gap_days, n_gaps[visits[i].item]++;
            all_days += gap_days, n_all++;
        }
        free(visits);
    }
    double usual_days = n_all > 0 ? all_days / n_all : 30;
    float *gap_days = ARENA_ARRAY(arena, float, had->n_items + 1);
    for (size_t i = 0; i < had->n_items; i++)
        gap_days[i] = (float)((days[i] + GAPS_LIKE_ALL * usual_days) / (n_gaps[i] + GAPS_LIKE_ALL));
    ret_recommender->repeating = (struct repeating){ gap_days, (float)half_life_days, is_timed };
}

/* Of one item's visits [n], by time. */
static double score_visits(const struct repeating *repeating, const struct visit *visits, size_t n,
                           int64_t as_of_ms)
{
    double sum = 0, days = 0, n_gaps = 0;
    for (size_t i = 0; i < n; i++) {
        double age_days = fmax(days_between(visits[i].time_ms, as_of_ms), 0);
        double fades = (double)repeating->half_life_days;
        sum += (double)visits[i].weight * (fades > 0 ? exp2(-fmin(age_days / fades, 1000)) : 1);
        double gap_days = i > 0 ? days_between(visits[i - 1].time_ms, visits[i].time_ms) : 0;
        if (gap_days >= 1) days += gap_days, n_gaps++;
    }
    if (!repeating->is_timed) return sum;
    double usual_days = (double)repeating->gap_days[visits[0].item];
    double expected_days = (days + GAPS_LIKE_ITEM * usual_days) / (n_gaps + GAPS_LIKE_ITEM);
    double late = fmax(days_between(visits[n - 1].time_ms, as_of_ms), 0) / fmax(expected_days, 1);
    return sum * exp(-fmax(late - 2, 0) / 2);       /* who is two gaps late already is less likely to come back */
}

void repeats_score(const struct recommender *recommender, const struct own *own, float *ret_scores)
{
    memset(ret_scores, 0, recommender->n_items * sizeof *ret_scores);
    struct visit *visits = visits_of(own->rows, own->n);
    for (size_t i = 0, end; i < own->n; i = end) {
        for (end = i; end < own->n && visits[end].item == visits[i].item; end++) continue;
        ret_scores[visits[i].item] =
            (float)score_visits(&recommender->repeating, visits + i, end - i, own->as_of_ms);
    }
    free(visits);
}
