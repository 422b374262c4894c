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

static enum sense sense_of(const struct feature_set *set, size_t index)
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

static size_t told_by(const struct feature_set *set, size_t index)
{
    const struct feature_facts *facts = &set->facts[index];
    const char *suffix = feature_suffix(set, index);
    const char *window = strstr(suffix, "decayed_");
    if (!window) return index;
    char name[80];
    snprintf(name, sizeof name, "%.*s%s", (int)(window - suffix), suffix, window + strlen("decayed_"));
    if (window == suffix) snprintf(name, sizeof name, "count_%s", suffix + strlen("decayed_"));
    for (size_t i = 0; i < facts->n_beside; i++)
        if (strncmp(feature_suffix(set, facts->beside[i]), name, strlen(name)) == 0) return facts->beside[i];
    return set->n_features;
}

static double fades_after(const char *suffix)
{
    enum { TREND_DAYS = 30 };
    const char *window = strstr(suffix, "decayed_");
    return window ? strtod(window + strlen("decayed_"), NULL) : strstr(suffix, "trend") ? TREND_DAYS : 0;
}

static const char *kind_of(const struct feature_set *set, size_t index)
{
    return set->uses[set->features[index].use].kind_name;
}

static bool is_trait(const struct feature_set *set, size_t index)
{
    return set->uses[set->features[index].use].operator == &operator_traits;
}

/* The features of one kind of event have one list of each other. */
static void find_beside(struct feature_set *set, size_t index, struct arena *arena)
{
    struct feature_facts *facts = &set->facts[index];
    for (size_t i = 0; i < index; i++)
        if (!is_trait(set, i) && strcmp(kind_of(set, i), kind_of(set, index)) == 0) {
            *facts = set->facts[i];
            return;
        }
    uint32_t *beside = ARENA_ARRAY(arena, uint32_t, set->n_features);
    for (size_t i = index; i < set->n_features; i++)
        if (!is_trait(set, i) && strcmp(kind_of(set, i), kind_of(set, index)) == 0)
            beside[facts->n_beside++] = (uint32_t)i;
    facts->beside = beside;
    facts->words = kind_words_of(kind_of(set, index), arena);
}

void feature_set_find_facts(struct feature_set *set, struct arena *arena)
{
    set->facts = ARENA_ARRAY(arena, struct feature_facts, set->n_features + 1);
    for (size_t i = 0; i < set->n_features; i++) {
        struct feature_facts *facts = &set->facts[i];
        if (!is_trait(set, i)) find_beside(set, i, arena);
        facts->sense = sense_of(set, i);
        facts->told = told_by(set, i);
        facts->fades_days = fades_after(feature_suffix(set, i));
        if (!feature_beside(set, i, "recency_days", &facts->recency)) facts->recency = set->n_features;
    }
}

enum sense feature_sense(const struct feature_set *set, size_t index) { return set->facts[index].sense; }
size_t     feature_told(const struct feature_set *set, size_t index)  { return set->facts[index].told; }

/* Of a number that fades the sentence tells how long ago the last is, where that is longer than it takes to fade.
 */
bool feature_is_long_ago(const struct feature_set *set, size_t index, const float *row)
{
    const struct feature_facts *facts = &set->facts[index];
    return facts->fades_days > 0 && facts->recency < set->n_features &&
           (double)row[facts->recency] > facts->fades_days;
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
