/* local_popularity.c - see local_popularity.h. */
#include "learn/local_popularity.h"

#include "learn/people_group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { GROUPS_ABOUT = 20 };     /* of more, only the largest: each keeps a number for every item */

static const float part_of_all = 1e-6f;
static const char *const places[] = { "country", "channel" };

static bool is_protected(const struct local_task *task, const char *trait)
{
    for (size_t i = 0; i < task->n_protected; i++)
        if (strcasecmp(task->protected_traits[i], trait) == 0) return true;
    return false;
}

static int compare_falling(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left < right) - (left > right);
}

/* From how many customers on a group has lists of its own. */
static size_t least_of(const size_t *n_with, size_t n_groups, struct arena *arena)
{
    size_t *sorted = ARENA_ARRAY(arena, size_t, n_groups + 1);
    memcpy(sorted, n_with, n_groups * sizeof *sorted);
    qsort(sorted, n_groups, sizeof *sorted, compare_falling);
    size_t last = n_groups > GROUPS_ABOUT ? sorted[GROUPS_ABOUT - 1] : 0;
    return last > LOCAL_CUSTOMERS_LEAST ? last : LOCAL_CUSTOMERS_LEAST;
}

/* Which group each customer of the task is in, of those large enough.  Not usable: the trait parts nobody. */
static bool place_customers(const struct log *log, const struct local_task *task, const char *trait,
                            struct arena *arena, struct people_group *group, uint32_t **ret_of, bool *ret_is_usable,
                            struct err *err)
{
    const struct interactions *had = &task->items->had;
    uint32_t *of = ARENA_ARRAY(arena, uint32_t, had->n_customers + 1);
    *ret_is_usable = people_trait(log, trait, task->as_of_ms, arena, group, err);
    if (!*ret_is_usable) return err->code == ERR_INVALID;
    size_t *n_with = ARENA_ARRAY(arena, size_t, group->n_groups + 1), n_usable = 0;
    for (size_t c = 0; c < had->n_customers; c++) {
        of[c] = group->of[task->items->identity[c]];
        if (of[c] != PEOPLE_NO_GROUP && had->first[c + 1] > had->first[c]) n_with[of[c]]++;
    }
    size_t least = least_of(n_with, group->n_groups, arena);
    for (size_t g = 0; g < group->n_groups; g++) n_usable += n_with[g] >= least;
    for (size_t c = 0; c < had->n_customers; c++)
        if (of[c] != PEOPLE_NO_GROUP && n_with[of[c]] < least) of[c] = PEOPLE_NO_GROUP;
    *ret_is_usable = n_usable > 1;
    *ret_of = of;
    return true;
}

static void fit_group(const struct local_task *task, const uint32_t *of, uint32_t group, struct arena *arena,
                      struct recommender *ret)
{
    const struct interactions *had = &task->items->had;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct interaction *rows = ARENA_ARRAY(scratch, struct interaction, had->n + 1);
    struct interactions theirs;
    size_t n = 0;
    for (size_t i = 0; i < had->n; i++)
        if (of[had->rows[i].customer] == group) rows[n++] = had->rows[i];
    interactions_build(rows, n, had->n_customers, had->n_items, scratch, &theirs);
    struct recommender_source source = { &theirs, NULL, task->as_of_ms, task->seed, task->n_threads, 0 };
    popularity_fit(&source, task->popular->half_life_days, arena, ret);
    for (size_t i = 0; i < had->n_items; i++)       /* what nobody here had goes by how popular it is with all */
        ret->popularity[i] += part_of_all * task->popular->popularity[i];
    arena_free(scratch);
}

/* Who of all is in the group. */
static struct truth part_of(const struct truth *all, const uint32_t *of, uint32_t group, struct arena *arena)
{
    struct truth part = { .customer = ARENA_ARRAY(arena, uint32_t, all->n + 1),
                          .first = ARENA_ARRAY(arena, size_t, all->n + 1),
                          .item = ARENA_ARRAY(arena, uint32_t, all->first[all->n] + 1) };
    size_t n_items = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (of[all->customer[i]] != group) continue;
        for (size_t k = all->first[i]; k < all->first[i + 1]; k++) part.item[n_items++] = all->item[k];
        part.customer[part.n++] = all->customer[i];
        part.first[part.n] = n_items;
    }
    return part;
}

struct sums { double n, here, of_all, gain, squares; };

static void judge_group(const struct local_task *task, const struct truth *all, const uint32_t *of, uint32_t group,
                        struct sums *sums)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct truth truth = part_of(all, of, group, scratch);
    struct recommender here;
    if (truth.n > 0) {
        const struct interactions *had = &task->items->had;
        fit_group(task, of, group, scratch, &here);
        struct judged by_here = judge(&here, had, task->as_of_ms, &truth, task->question, 10, task->n_threads,
                                      scratch);
        struct judged by_all = judge(task->popular, had, task->as_of_ms, &truth, task->question, 10,
                                     task->n_threads, scratch);
        for (size_t i = 0; i < truth.n; i++) {
            double a = by_here.values[i * LIST_METRICS + LIST_NDCG], b = by_all.values[i * LIST_METRICS + LIST_NDCG];
            sums->n++, sums->here += a, sums->of_all += b;
            sums->gain += a - b, sums->squares += (a - b) * (a - b);
        }
    }
    arena_free(scratch);
}

bool local_popularity_judge(const struct log *log, const struct local_task *task, struct arena *arena,
                            struct local_verdict *ret_verdict, struct err *err)
{
    struct local_verdict best = { 0 };
    *ret_verdict = best;
    if (task->question == RECOMMEND_AGAIN) return true;         /* that is asked of whoever has a history */
    struct truth truth = truth_find(&task->items->had, &task->items->later, task->question, JUDGED_MOST,
                                    task->seed, arena);
    for (size_t t = 0; t < sizeof places / sizeof *places; t++) {
        struct people_group group;
        struct sums sums = { 0 };
        uint32_t *of = NULL;
        bool is_usable = false;
        if (is_protected(task, places[t])) continue;
        if (!place_customers(log, task, places[t], arena, &group, &of, &is_usable, err)) return false;
        for (uint32_t g = 0; is_usable && g < group.n_groups; g++) judge_group(task, &truth, of, g, &sums);
        if (sums.n < 2 * LOCAL_CUSTOMERS_LEAST) continue;
        double gain = sums.gain / sums.n, variance = fmax(sums.squares / sums.n - gain * gain, 0);
        double error = sqrt(variance / (sums.n - 1));
        if (gain - 1.96 * error <= 0 || gain <= best.gain) continue;
        best = (struct local_verdict){ places[t], (size_t)sums.n, sums.here / sums.n, sums.of_all / sums.n,
                                       gain, gain - 1.96 * error, gain + 1.96 * error };
    }
    *ret_verdict = best;
    return true;
}

bool local_popularity_fit(const struct log *log, const struct local_task *task, const char *trait,
                          struct arena *arena, struct local_popularity *ret_local, struct err *err)
{
    struct people_group group;
    uint32_t *of = NULL;
    bool is_usable = false;
    *ret_local = (struct local_popularity){ 0 };
    if (!trait) return true;
    if (!place_customers(log, task, trait, arena, &group, &of, &is_usable, err)) return false;
    if (!is_usable) return true;
    struct local_popularity local = { trait, 0, ARENA_ARRAY(arena, const char *, group.n_groups + 1),
                                      ARENA_ARRAY(arena, struct recommender, group.n_groups + 1) };
    bool *is_there = ARENA_ARRAY(arena, bool, group.n_groups + 1);
    for (size_t c = 0; c < task->items->had.n_customers; c++)
        if (of[c] != PEOPLE_NO_GROUP) is_there[of[c]] = true;
    for (uint32_t g = 0; g < group.n_groups; g++) {
        if (!is_there[g]) continue;
        fit_group(task, of, g, arena, &local.popular[local.n_groups]);
        local.names[local.n_groups++] = group.names[g];
    }
    *ret_local = local;
    return true;
}

const struct recommender *local_popularity_find(const struct local_popularity *local, struct text value)
{
    for (size_t g = 0; g < local->n_groups; g++)
        if (text_equal(value, text_of(local->names[g]))) return &local->popular[g];
    return NULL;
}
