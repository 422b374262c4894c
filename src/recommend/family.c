/* family.c - see leaderboard_internal.h. */
#include "recommend/leaderboard_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The geometric mean of how many items and customers there are. */
enum { ALS_USUAL_MEAN = 53000 };

static size_t settings_one(const struct interactions *had, enum saturation saturation,
                           struct setting *ret_settings)
{
    (void)had;
    ret_settings[0] = (struct setting){ .saturation = saturation };
    return 1;
}

#define FIT_POPULARITY(days)                                                                                      \
    static void fit_popularity_##days(const struct recommender_source *source, struct setting setting,            \
                                      const struct recommender *best, struct arena *arena,                        \
                                      struct recommender *ret_recommender)                                        \
    {                                                                                                             \
        (void)setting, (void)best;                                                                                \
        popularity_fit(source, days, arena, ret_recommender);                                                     \
    }
FIT_POPULARITY(0)
FIT_POPULARITY(1)
FIT_POPULARITY(7)
FIT_POPULARITY(30)
FIT_POPULARITY(90)

static size_t settings_repeats(const struct interactions *had, enum saturation saturation,
                               struct setting *ret_settings)
{
    static const double half_lives[] = { 0, 365, 90, 30 };
    size_t n = 0;
    (void)saturation;
    for (size_t i = 0; i < sizeof half_lives / sizeof *half_lives; i++) {
        ret_settings[n++] = (struct setting){ .value = half_lives[i] };
        if (had->first_ms != had->last_ms)
            ret_settings[n++] = (struct setting){ .value = half_lives[i], .other = 1 };
        else return n;
    }
    return n;
}

static void fit_repeats(const struct recommender_source *source, struct setting setting,
                        const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best;
    repeats_fit(source, setting.value, setting.other > 0, arena, ret_recommender);
}

/* Whether weights or quantities say more than that something was had. */
static bool has_repeats(const struct interactions *had)
{
    for (size_t i = 1; i < had->n; i++)
        if (had->rows[i].customer == had->rows[i - 1].customer && had->rows[i].item == had->rows[i - 1].item)
            return true;
    return false;
}

static bool has_quantities(const struct interactions *had)
{
    for (size_t i = 0; i < had->n; i++)
        if (had->rows[i].quantity > 1) return true;
    return false;
}

static size_t settings_cosine(const struct interactions *had, enum saturation saturation,
                              struct setting *ret_settings)
{
    static const double shrinkages[] = { 0, 10, 50, 200 };
    bool is_tried[SATURATIONS] = { true, has_repeats(had), has_quantities(had) };
    size_t n = 0;
    (void)saturation;
    for (int s = 0; s < SATURATIONS; s++)
        for (size_t i = 0; is_tried[s] && i < sizeof shrinkages / sizeof *shrinkages; i++)
            ret_settings[n++] = (struct setting){ (enum saturation)s, shrinkages[i], 0 };
    return n;
}

static void fit_cosine(const struct recommender_source *source, struct setting setting,
                       const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best;
    cosine_fit(source, setting.saturation, setting.value, NEIGHBOURS_MOST, arena, ret_recommender);
}

static size_t settings_ease(const struct interactions *had, enum saturation saturation,
                            struct setting *ret_settings)
{
    static const double lambdas[] = { 10, 30, 100, 200, 500, 1000, 3000 };
    size_t n = 0;
    (void)had;
    for (; n < sizeof lambdas / sizeof *lambdas; n++)
        ret_settings[n] = (struct setting){ saturation, lambdas[n], 0 };
    return n;
}

static void fit_ease(const struct recommender_source *source, struct setting setting,
                     const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best;
    (void)ease_fit(source, setting.saturation, setting.value, arena, ret_recommender);
}

/* Those that do well on 20,000 items and 140,000 customers.  What is unobserved weighs as many as there are of the
 * other side, so that of many more the same would leave nothing of a vector but what is popular. */
static size_t settings_als(const struct interactions *had, enum saturation saturation,
                           struct setting *ret_settings)
{
    static const double regularisations[] = { 0.003, 0.01, 0.03 };
    double of_sides = sqrt((double)had->n_items * (double)had->n_customers);
    double scale = of_sides > ALS_USUAL_MEAN ? ALS_USUAL_MEAN / of_sides : 1;
    size_t n = 0;
    for (; n < sizeof regularisations / sizeof *regularisations; n++)
        ret_settings[n] = (struct setting){ saturation, regularisations[n] * scale, 0 };
    return n;
}

static void fit_als(const struct recommender_source *source, struct setting setting,
                    const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best;
    als_fit(source, setting.saturation, setting.value, arena, ret_recommender);
}

static void fit_bpr(const struct recommender_source *source, struct setting setting,
                    const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best, (void)setting;
    bpr_fit(source, arena, ret_recommender);
}

static void fit_content(const struct recommender_source *source, struct setting setting,
                        const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    (void)best, (void)setting;
    content_fit(source, arena, ret_recommender);
}

static size_t settings_blend(const struct interactions *had, enum saturation saturation,
                             struct setting *ret_settings)
{
    static const double half_lives[] = { 0, 90, 30, 7 }, powers[] = { 0.25, 0.5, 1 };
    bool has_times = had->first_ms != had->last_ms;
    size_t n = 0;
    for (size_t h = 0; h < (has_times ? 4 : 1); h++)
        for (size_t p = 0; p < sizeof powers / sizeof *powers; p++)
            ret_settings[n++] = (struct setting){ saturation, half_lives[h], powers[p] };
    return n;
}

static void fit_blend(const struct recommender_source *source, struct setting setting,
                      const struct recommender *best, struct arena *arena, struct recommender *ret_recommender)
{
    blend_fit(source, best, setting.value, setting.other, arena, ret_recommender);
}

const struct family families[] = {
    { .name = "popularity",
      .is_popularity = true,
      .is_quick = true,
      .settings = settings_one,
      .fit = fit_popularity_0 },
    { .name = "popularity_90d",
      .is_popularity = true,
      .is_quick = true,
      .needs_times = true,
      .settings = settings_one,
      .fit = fit_popularity_90 },
    { .name = "popularity_30d",
      .is_popularity = true,
      .is_quick = true,
      .needs_times = true,
      .settings = settings_one,
      .fit = fit_popularity_30 },
    { .name = "popularity_7d",
      .is_popularity = true,
      .is_quick = true,
      .needs_times = true,
      .settings = settings_one,
      .fit = fit_popularity_7 },
    { .name = "popularity_1d",
      .is_popularity = true,
      .is_quick = true,
      .needs_times = true,
      .settings = settings_one,
      .fit = fit_popularity_1 },
    { .name = "repeats",
      .is_quick = true,
      .needs_repeats = true,
      .settings = settings_repeats,
      .fit = fit_repeats },
    { .name = "cosine",
      .is_collaborative = true,
      .is_quick = true,
      .sets_saturation = true,
      .settings = settings_cosine,
      .fit = fit_cosine },
    { .name = "content", .needs_words = true, .settings = settings_one, .fit = fit_content },
    { .name = "ease", .is_collaborative = true, .settings = settings_ease, .fit = fit_ease },
    { .name = "als", .is_collaborative = true, .settings = settings_als, .fit = fit_als },
    { .name = "bpr", .is_collaborative = true, .settings = settings_one, .fit = fit_bpr },
    { .name = "blend", .needs_best = true, .needs_times = true, .settings = settings_blend, .fit = fit_blend },
};
const size_t n_families = sizeof families / sizeof *families;

void recommender_refit(const struct recommender *recommender, const struct recommender_source *source,
                       struct arena *arena, struct recommender *ret_recommender)
{
    struct recommender fitted;
    const struct recommender *old = recommender;
    switch (old->form) {
    case FORM_POPULARITY: popularity_fit(source, old->half_life_days, arena, &fitted); break;
    case FORM_REPEATS:
        repeats_fit(source, (double)old->repeating.half_life_days, old->repeating.is_timed, arena, &fitted);
        break;
    case FORM_CONTENT:
        if (source->words) content_fit(source, arena, &fitted);
        else popularity_fit(source, 0, arena, &fitted);
        break;
    case FORM_EASE: (void)ease_fit(source, old->saturation, old->setting, arena, &fitted); break;
    case FORM_ALS: als_fit(source, old->saturation, old->setting, arena, &fitted); break;
    case FORM_BPR: bpr_fit(source, arena, &fitted); break;
    case FORM_COSINE:
    default: cosine_fit(source, old->saturation, old->setting, NEIGHBOURS_MOST, arena, &fitted); break;
    }
    if (old->popularity_power > 0)
        blend_fit(source, &fitted, old->half_life_days, old->popularity_power, arena, &fitted);
    *ret_recommender = fitted;
}
