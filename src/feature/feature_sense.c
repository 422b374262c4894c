/* feature_sense.c - what more of a feature speaks for, so that a reason has a direction; see feature_set.h. */
#include "feature/feature_set_internal.h"

#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Kinds of event that nobody has for joy, by a part of their name. */
static const char *const troubles[] = { "refund", "return",     "unsubscribe", "support", "ticket", "complain",
                                        "cancel", "chargeback", "dispute",     "bounce",  "fail",   "spam" };

/* By the beginning of the output's suffix, the first that fits. */
static const struct { const char *suffix; enum sense sense; } senses[] = {
    { "recency_days", SENSE_SILENT }, { "gap_ratio", SENSE_SILENT }, { "gap_mean_days", SENSE_SILENT },
    { "count", SENSE_ACTIVE }, { "decayed_", SENSE_ACTIVE }, { "trend", SENSE_ACTIVE },
    { "amount_min", SENSE_MUTE }, { "amount_first", SENSE_MUTE }, { "amount_", SENSE_ACTIVE },
    { "active_days", SENSE_ACTIVE }, { "quantity_", SENSE_ACTIVE }, { "distinct_items", SENSE_ACTIVE },
};

static bool is_trouble(const char *kind_name)
{
    for (size_t i = 0; i < COUNT(troubles); i++)
        if (strcasestr(kind_name, troubles[i])) return true;
    return false;
}

enum sense feature_sense(const struct feature_set *set, size_t index)
{
    const char *suffix = feature_suffix(set, index);
    for (size_t i = 0; i < COUNT(senses); i++) {
        if (strncmp(suffix, senses[i].suffix, strlen(senses[i].suffix)) != 0) continue;
        if (!is_trouble(set->uses[set->features[index].use].kind_name)) return senses[i].sense;
        if (senses[i].sense == SENSE_ACTIVE) return SENSE_TROUBLE;
        /* The longer ago trouble was, the calmer; how regular it is says nothing. */
        return strcmp(suffix, "recency_days") == 0 ? SENSE_ACTIVE : SENSE_MUTE;
    }
    return SENSE_NONE;
}

size_t feature_told(const struct feature_set *set, size_t index)
{
    const char *suffix = feature_suffix(set, index);
    const char *window = strstr(suffix, "decayed_");
    if (!window) return index;
    char name[80];
    snprintf(name, sizeof name, "%.*s%s", (int)(window - suffix), suffix, window + strlen("decayed_"));
    if (window == suffix) snprintf(name, sizeof name, "count_%s", suffix + strlen("decayed_"));
    for (size_t i = 0; i < set->n_features; i++)
        if (strcmp(set->uses[set->features[i].use].kind_name, set->uses[set->features[index].use].kind_name) ==
                0 &&
            strncmp(feature_suffix(set, i), name, strlen(name)) == 0)
            return i;
    return set->n_features;
}

/* Of a number that fades the sentence tells how long ago the last is, where that is longer than it takes to fade.
 */
bool feature_is_long_ago(const struct feature_set *set, size_t index, const float *row)
{
    enum { TREND_DAYS = 30 };
    const char *suffix = feature_suffix(set, index), *window = strstr(suffix, "decayed_");
    const char *kind = set->uses[set->features[index].use].kind_name;
    double days = window ? strtod(window + strlen("decayed_"), NULL) : strstr(suffix, "trend") ? TREND_DAYS : 0;
    for (size_t i = 0; days > 0 && i < set->n_features; i++)
        if (strcmp(set->uses[set->features[i].use].kind_name, kind) == 0 &&
            strcmp(feature_suffix(set, i), "recency_days") == 0)
            return (double)row[i] > days;
    return false;
}

bool feature_usual(const struct feature_set *set, size_t index, const float *row, const double *usual,
                   struct arena *arena, const char **ret_text)
{
    if (feature_is_long_ago(set, index, row)) return false;
    size_t column = feature_told(set, index);
    const char *suffix = feature_suffix(set, index), *unit = set->features[index].unit;
    bool is_compared = strncmp(suffix, "trend", 5) == 0 || strncmp(suffix, "amount_trend", 12) == 0 ||
                       strcmp(suffix, "gap_ratio") == 0;
    if (is_compared || column == set->n_features || isnan(usual[column]) || strcmp(unit, "yes/no") == 0 ||
        strcmp(unit, "share") == 0)
        return false;
    double value = fabs(usual[column]);
    bool is_days = strcmp(unit, "days") == 0, is_to_the_cent = strcmp(unit, "currency") == 0 && value < 99.995;
    *ret_text = is_days ? words_days(arena, value < 10 ? value : round(value))
              : is_to_the_cent && value != round(value) ? arena_format(arena, "%.2f", value) : words_rough(arena, value);
    /* "every 52 days, give or take 72": it is of the second number. */
    if (strcmp(suffix, "gap_sd_days") == 0) *ret_text = arena_format(arena, "give or take %s", *ret_text);
    return true;
}
