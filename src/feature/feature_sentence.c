/* feature_sentence.c - a feature's value of one customer in plain words; see feature_set.h. */
#include "feature/feature_set_internal.h"

#include <ctype.h>
#include <string.h>

/* What a sentence is made from: the row, the feature, and its neighbours of the same kind. */
struct telling {
    const struct feature_set *set;
    const float              *row;
    const struct feature     *feature;
    const char               *kind_name;
    struct kind_words         words;
    double                    value;
    char                     *text;
    size_t                    room;
};

#define SAY(telling, ...) (void)snprintf((telling)->text, (telling)->room, __VA_ARGS__)

/* The value of another output of the same kind; NaN if the set has none. */
static double neighbour(const struct telling *telling, const char *suffix)
{
    const struct feature_set *set = telling->set;
    for (size_t i = 0; i < set->n_features; i++) {
        const struct operator_use *use = &set->uses[set->features[i].use];
        if (use->operator == &operator_traits || strcmp(use->kind_name, telling->kind_name) != 0) continue;
        if (strcmp(use->operator->outputs[set->features[i].output].suffix, suffix) == 0) return (double)telling->row[i];
    }
    return MISSING;
}

/* A number as people write it: no decimals from 10 on, thousands separated; lives until 8 more calls. */
static const char *number(double value)
{
    static _Thread_local char texts[8][40];
    static _Thread_local unsigned next;
    char *text = texts[next++ % 8], plain[32];
    if (fabs(value) < 9.95 && fabs(value - round(value)) >= 0.05) { snprintf(text, 40, "%.1f", value); return text; }
    snprintf(plain, sizeof plain, "%.0f", fabs(value));
    size_t length = strlen(plain), to = 0;
    if (round(value) < 0) text[to++] = '-';
    for (size_t i = 0; i < length && to < 38; i++) {
        if (i > 0 && (length - i) % 3 == 0) text[to++] = ',';
        text[to++] = plain[i];
    }
    text[to] = 0;
    return text;
}

static bool is_one(double value) { return value >= 0.95 && value < 1.05; }

static const char *days(double value) { return is_one(value) || strcmp(number(value), "1") == 0 ? "day" : "days"; }

static const char *noun(const struct telling *telling, double n) { return is_one(n) ? telling->words.one : telling->words.many; }

/* ---- one function for each way of speaking ---- */

static void say_recency(const struct telling *telling)
{
    double recency = telling->value, gap = neighbour(telling, "gap_mean_days"), n = neighbour(telling, "count");
    const struct kind_words *words = &telling->words;
    char since[160];
    if (recency < 1) snprintf(since, sizeof since, "last %s within a day", words->one);
    else if (words->done && n == 1)
        snprintf(since, sizeof since, "only one %s, %s %s ago", words->one, number(recency), days(recency));
    else if (words->done && recency >= 14)
        snprintf(since, sizeof since, "has not %s for %s %s", words->done, number(recency), days(recency));
    else if (recency >= 14) snprintf(since, sizeof since, "no %s for %s %s", words->one, number(recency), days(recency));
    else snprintf(since, sizeof since, "last %s %s %s ago", words->one, number(recency), days(recency));
    if (isnan(gap) || gap < 1) SAY(telling, "%s", since);
    else if (words->does) SAY(telling, "%s; usually %s every %s", since, words->does, is_one(gap) ? "day" : number(gap));
    else SAY(telling, "%s; usually one every %s", since, is_one(gap) ? "day" : number(gap));
}

static void say_recency_or_gap(const struct telling *telling)
{
    double recency = neighbour(telling, "recency_days"), gap = neighbour(telling, "gap_mean_days");
    const char *one = telling->words.one;
    if (isnan(recency) || isnan(gap)) SAY(telling, "last %s is %s times the usual gap ago", one, number(telling->value));
    else if (telling->value >= 1.5)
        SAY(telling, "last %s %s days ago, %s times the usual gap of %s days", one, number(recency), number(telling->value), number(gap));
    else SAY(telling, "last %s %s %s ago, within the usual gap of %s %s", one, number(recency), days(recency), number(gap), days(gap));
}

static void say_tenure(const struct telling *telling)
{
    SAY(telling, "first %s %s %s ago", telling->words.one, number(telling->value), days(telling->value));
}

static void say_count(const struct telling *telling)
{
    double n = round(telling->value);
    if (n == 0) SAY(telling, "no %s yet", telling->words.one);
    else SAY(telling, "%s%s %s so far", n <= 2 ? "only " : "", number(n), noun(telling, n));
}

static void say_share(const struct telling *telling)
{
    SAY(telling, "%.0f %% of all events are %s", 100 * telling->value, telling->words.many);
}

/* Windows and decays speak of the days in their suffix. */
static int days_in(const char *suffix)
{
    const char *at = strrchr(suffix, '_');
    int n = 0;
    for (at = at ? at + 1 : ""; isdigit((unsigned char)*at); at++) n = 10 * n + (*at - '0');
    return n;
}

static const char *suffix_of(const struct telling *telling)
{
    return telling->set->uses[telling->feature->use].operator->outputs[telling->feature->output].suffix;
}

static void say_window_count(const struct telling *telling)
{
    double n = round(telling->value);
    SAY(telling, "%s %s in the last %d days", n == 0 ? "no" : number(n), n == 0 ? telling->words.one : noun(telling, n),
        days_in(suffix_of(telling)));
}

static void say_window_amount(const struct telling *telling)
{
    SAY(telling, "%s worth %s in the last %d days", telling->words.many, number(telling->value), days_in(suffix_of(telling)));
}

/* A decayed count is told as what it mostly is: how much happened in about the last half-life. */
static void say_decayed_count(const struct telling *telling)
{
    static const struct { double least; const char *words; } steps[] = {
        { 5, "many" }, { 1.5, "several" }, { 0.5, "one or two" }, { 0.1, "few" } };
    int half_life = days_in(suffix_of(telling));
    const char *many = telling->words.many;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (telling->value >= steps[i].least) {
            SAY(telling, "%s %s of late (weight %s at a half-life of %d days)", steps[i].words, many, number(telling->value), half_life);
            return;
        }
    SAY(telling, "hardly any %s of late (half-life %d days)", many, half_life);
}

static void say_decayed_amount(const struct telling *telling)
{
    SAY(telling, "%s worth %s of late (half-life %d days)", telling->words.many, number(telling->value), days_in(suffix_of(telling)));
}

static void say_change(const struct telling *telling, const char *less, const char *more, const char *same)
{
    double change = 100 * (telling->value - 1);
    if (change <= -99.5) SAY(telling, "%s 100 %% less in the last weeks than over the year", less);
    else if (change < -5) SAY(telling, "%s %.0f %% less in the last weeks than over the year", less, -change);
    else if (change > 5) SAY(telling, "%s %s %% more in the last weeks than over the year", more, number(change));
    else SAY(telling, "%s", same);
}

static void say_trend(const struct telling *telling)
{
    const char *many = telling->words.many;
    char less[80], same[120];
    snprintf(less, sizeof less, "%s:", many);
    snprintf(same, sizeof same, "as many %s lately as over the year", many);
    say_change(telling, less, less, same);
}

static void say_amount_trend(const struct telling *telling)
{
    const char *verb = telling->words.done && strstr("order purchase buy transaction payment", telling->kind_name) ? "spent" : NULL;
    char start[80], same[120];
    snprintf(start, sizeof start, "amount of %s:", telling->words.many);
    snprintf(same, sizeof same, verb ? "spent as much lately as over the year" : "amounts of %s lately as over the year",
             telling->words.many);
    say_change(telling, verb ? verb : start, verb ? verb : start, same);
}

static void say_active_days(const struct telling *telling)
{
    double n = round(telling->value);
    SAY(telling, "%s%s %s with %s %s", n > 0 && n <= 2 ? "only " : "", number(n), n == 1 ? "day" : "days", telling->words.an,
        telling->words.one);
}

static void say_gap_mean(const struct telling *telling)
{
    double gap = telling->value;
    if (is_one(gap)) SAY(telling, "usually %s %s every day", telling->words.an, telling->words.one);
    else SAY(telling, "usually %s %s every %s days", telling->words.an, telling->words.one, number(gap));
}

static void say_gap_sd(const struct telling *telling)
{
    double mean = neighbour(telling, "gap_mean_days");
    bool is_regular = telling->value < 0.5 * mean;
    SAY(telling, "the days between %s vary by %s %s%s", telling->words.many, number(telling->value), days(telling->value),
        isnan(mean) ? "" : is_regular ? " (a regular customer)" : " (no regular pattern)");
}

static void say_amount(const struct telling *telling)
{
    const char *suffix = suffix_of(telling), *one = telling->words.one, *value = number(telling->value);
    if (strcmp(suffix, "amount_sum") == 0) SAY(telling, "%s worth %s in total", telling->words.many, value);
    else if (strcmp(suffix, "amount_mean") == 0) SAY(telling, "%s %s is worth %s on average", telling->words.an, one, value);
    else if (strcmp(suffix, "amount_min") == 0) SAY(telling, "the smallest %s was worth %s", one, value);
    else if (strcmp(suffix, "amount_max") == 0) SAY(telling, "the largest %s was worth %s", one, value);
    else SAY(telling, "the %s %s was worth %s", strcmp(suffix, "amount_first") == 0 ? "first" : "last", one, value);
}

static void say_quantity(const struct telling *telling)
{
    bool is_sum = strcmp(suffix_of(telling), "quantity_sum") == 0;
    if (is_sum) SAY(telling, "%s pieces in all %s", number(telling->value), telling->words.many);
    else SAY(telling, "%s pieces in %s %s on average", number(telling->value), telling->words.an, telling->words.one);
}

static void say_distinct(const struct telling *telling)
{
    double n = round(telling->value);
    SAY(telling, "%s%s different %s in %s", n == 1 ? "only " : n >= 100 ? "about " : "", number(n), n == 1 ? "item" : "items",
        telling->words.many);
}

static void say_profile(const struct telling *telling)
{
    static const struct { const char *suffix, *when; } times[] = {
        { "night_share", "between 0 and 6 o'clock" }, { "morning_share", "between 6 and 12 o'clock" },
        { "afternoon_share", "between 12 and 18 o'clock" }, { "evening_share", "between 18 and 24 o'clock" },
        { "weekend_share", "at the weekend" } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (strcmp(suffix_of(telling), times[i].suffix) == 0)
            SAY(telling, "%.0f %% of %s are %s", 100 * telling->value, telling->words.many, times[i].when);
}

/* The first row whose word begins the suffix. */
static const struct { const char *suffix; void (*say)(const struct telling *telling); } ways[] = {
    { "recency_days", say_recency }, { "gap_ratio", say_recency_or_gap }, { "tenure_days", say_tenure },
    { "count_", say_window_count }, { "count", say_count }, { "share", say_share }, { "decayed_", say_decayed_count },
    { "amount_decayed_", say_decayed_amount }, { "trend", say_trend }, { "amount_trend", say_amount_trend },
    { "active_days", say_active_days }, { "gap_mean_days", say_gap_mean }, { "gap_sd_days", say_gap_sd },
    { "amount_30d", say_window_amount }, { "amount_90d", say_window_amount }, { "amount_365d", say_window_amount },
    { "amount_", say_amount }, { "quantity_", say_quantity }, { "distinct_items", say_distinct },
};

/* "MonthlyCharges" and "monthly_charges" read as "monthly charges". */
static void spell(const char *name, char *ret_text, size_t room)
{
    size_t to = 0;
    for (size_t i = 0; name[i] && to + 2 < room; i++) {
        unsigned char letter = (unsigned char)name[i], before = i ? (unsigned char)name[i - 1] : ' ';
        unsigned char after = (unsigned char)name[i + 1];
        bool starts_word = isupper(letter) && islower(after) && (islower(before) || isupper(before));
        if (starts_word || (isupper(letter) && islower(before))) ret_text[to++] = ' ';
        bool is_word = isupper(letter) && (islower(after) || islower(before) || !after) && !(isupper(before) && !islower(after));
        ret_text[to++] = letter == '_' ? ' ' : (char)(is_word ? tolower(letter) : letter);
    }
    ret_text[to] = 0;
}

static void say_trait(const struct telling *telling)
{
    const struct feature *feature = telling->feature;
    char name[120];
    spell(feature->group, name, sizeof name);
    const char *value = strstr(feature->name, " = ");
    if (value) {
        SAY(telling, "%s is %s%s", name, telling->value > 0.5 ? "" : "not ", value + 3);
        return;
    }
    char exact[40];
    double rounded = round(telling->value * 100) / 100;
    if (rounded == floor(rounded)) snprintf(exact, sizeof exact, "%s", number(rounded));
    else snprintf(exact, sizeof exact, "%.2f", rounded);
    SAY(telling, "%s is %s", name, exact);
}

bool feature_sentence(const struct feature_set *set, size_t index, const float *row, char *ret_text, size_t room)
{
    const struct feature *feature = &set->features[index];
    const struct operator_use *use = &set->uses[feature->use];
    ret_text[0] = 0;
    if (isnan(row[index])) return false;
    struct arena *arena = arena_new(1 << 20);
    struct telling telling = { set, row, feature, use->kind_name, kind_words_of(use->kind_name, arena), (double)row[index],
                               ret_text, room };
    if (use->operator == &operator_traits) {
        say_trait(&telling);
    } else if (use->operator == &operator_profile) {
        say_profile(&telling);
    } else {
        const char *suffix = use->operator->outputs[feature->output].suffix;
        size_t way = 0, n_ways = sizeof ways / sizeof *ways;
        while (way < n_ways && strncmp(suffix, ways[way].suffix, strlen(ways[way].suffix)) != 0) way++;
        if (way < n_ways) ways[way].say(&telling);
    }
    arena_free(arena);
    return ret_text[0] != 0;
}
