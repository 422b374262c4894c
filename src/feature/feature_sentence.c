/* feature_sentence.c - a feature's value of one customer in plain words; see feature_set.h. */
#include "feature/feature_set_internal.h"

#include <ctype.h>
#include <string.h>

/* What a sentence is made from: the row, the feature, and its neighbours of the same kind. */
struct telling {
    const struct feature_set *set;
    const float              *row;
    size_t                    index;
    const struct feature     *feature;
    const char               *kind_name;
    struct kind_words         words;
    double                    value;
    struct arena             *arena;        /* for the length of the call */
    char                     *text;
    size_t                    room;
};

#define SAY(telling, ...) (void)snprintf((telling)->text, (telling)->room, __VA_ARGS__)

/* The value of another output of the same kind; NaN if the set has none. */
static double neighbour(const struct telling *telling, const char *suffix)
{
    size_t column;
    return feature_beside(telling->set, telling->index, suffix, &column) ? (double)telling->row[column] : MISSING;
}

/* The usual days between two; known after three days with one. */
static double usual_gap(const struct telling *telling)
{
    return neighbour(telling, "active_days") < 3 ? MISSING : neighbour(telling, "gap_mean_days");
}

struct written { char text[40]; };

/* As %.0f writes a number of 0 to 1e18, in a fraction of the time; how many there are. */
static size_t digits(double value, char *ret_digits)
{
    char reversed[24];
    uint64_t whole = (uint64_t)nearbyint(value);
    size_t n = 0;
    do reversed[n++] = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    for (size_t i = 0; i < n; i++) ret_digits[i] = reversed[n - 1 - i];
    return n;
}

/* As %.1f writes a number between -10 and 10, in a fraction of the time unless it is about a half of a tenth. */
static struct written one_decimal(double value)
{
    struct written out = { "" };
    double tenths = 10 * fabs(value), rest = tenths - floor(tenths);
    if (fabs(rest - 0.5) < 1e-6) {
        snprintf(out.text, sizeof out.text, "%.1f", value);
        return out;
    }
    unsigned n = (unsigned)nearbyint(tenths);
    char *to = out.text;
    if (value < 0) *to++ = '-';
    *to++ = (char)('0' + n / 10);
    *to++ = '.';
    *to = (char)('0' + n % 10);
    return out;
}

/* A number as people write it: one decimal below 10, thousands separated. */
static struct written number(double value)
{
    struct written out = { "" };
    char plain[32];
    if (fabs(value) < 9.95 && fabs(value - round(value)) >= 0.05) return one_decimal(value);
    size_t length = digits(fmin(fabs(value), 1e18), plain), to = 0;
    if (round(value) < 0) out.text[to++] = '-';
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) out.text[to++] = ',';
        out.text[to++] = plain[i];
    }
    return out;
}

static bool is_one(double value) { return value >= 0.95 && value < 1.05; }

/* "1 day", "31 days" */
static struct written days(double value)
{
    struct written out = number(value);
    bool is_single = strcmp(out.text, "1") == 0;
    memcpy(out.text + strlen(out.text), is_single ? " day" : " days", sizeof " days" - is_single);
    return out;
}

static const char *noun(const struct telling *telling, double n)
{
    return is_one(n) ? telling->words.one : telling->words.many;
}

static const char *suffix_of(const struct telling *telling)
{
    return telling->set->uses[telling->feature->use].operator->outputs[telling->feature->output].suffix;
}

/* ---- one function for each way of speaking ---- */

static void say_recency(const struct telling *telling)
{
    double recency = telling->value, gap = usual_gap(telling), n = neighbour(telling, "count");
    const struct kind_words *words = &telling->words;
    struct written ago = days(recency), every = is_one(gap) ? (struct written){ "day" } : days(gap);
    char since[160];
    if (recency < 1) snprintf(since, sizeof since, "last %s within a day", words->one);
    else if (n == 1) snprintf(since, sizeof since, "only one %s, %s ago", words->one, ago.text);
    else if (recency < 14 || !(recency > 1.5 * gap))
        snprintf(since, sizeof since, "last %s %s ago", words->one, ago.text);
    else if (words->done) snprintf(since, sizeof since, "has not %s for %s", words->done, ago.text);
    else snprintf(since, sizeof since, "no %s for %s", words->one, ago.text);
    if (isnan(gap)) SAY(telling, "%s", since);
    else SAY(telling, "%s; usually %s every %s", since, words->does ? words->does : "one", every.text);
}

static void say_gap_ratio(const struct telling *telling)
{
    double recency = neighbour(telling, "recency_days"), gap = neighbour(telling, "gap_mean_days");
    bool is_usual = !isnan(usual_gap(telling));
    const char *one = telling->words.one;
    struct written times = number(telling->value);
    if (isnan(recency) || isnan(gap)) SAY(telling, "the last %s is %s times the usual gap ago", one, times.text);
    else if (!is_usual)
        SAY(telling, "last %s %s ago; the two days with one were %s apart", one, days(recency).text,
            days(gap).text);
    else if (telling->value < 1.5)
        SAY(telling, "last %s %s ago, within the usual gap of %s", one, days(recency).text, days(gap).text);
    else
        SAY(telling, "last %s %s ago, %s times the usual gap of %s", one, days(recency).text, times.text,
            days(gap).text);
}

static void say_tenure(const struct telling *telling)
{
    SAY(telling, "first %s %s ago", telling->words.one, days(telling->value).text);
}

static void say_count(const struct telling *telling)
{
    double n = round(telling->value);
    if (n == 0) SAY(telling, "no %s yet", telling->words.one);
    else SAY(telling, "%s%s %s so far", n <= 2 ? "only " : "", number(n).text, noun(telling, n));
}

static void say_share(const struct telling *telling)
{
    SAY(telling, "%.0f %% of all events are %s", 100 * telling->value, telling->words.many);
}

/* The days in the suffix of a window or a decay. */
static int days_in(const char *suffix)
{
    int n = 0;
    for (const char *at = strrchr(suffix, '_') + 1; isdigit((unsigned char)*at); at++) n = 10 * n + (*at - '0');
    return n;
}

static void say_window_count(const struct telling *telling, double count)
{
    double n = round(count);
    SAY(telling, "%s %s in the last %d days", n == 0 ? "no" : number(n).text,
        n == 0 ? telling->words.one : noun(telling, n), days_in(suffix_of(telling)));
}

static bool is_kind_of(const char *kind_name, const char *const *kinds)
{
    for (; *kinds; kinds++)
        if (strcmp(kind_name, *kinds) == 0) return true;
    return false;
}

static bool is_spending(const char *kind_name)
{
    static const char *const kinds[] = { "order", "purchase", "buy", "transaction", "payment", NULL };
    return is_kind_of(kind_name, kinds);
}

/* Small amounts to the cent.  Refunds are kept below zero and told above. */
static struct written amount(const struct telling *telling, double value)
{
    static const char *const kinds[] = { "refund", "refund_item", "return", "return_item", NULL };
    struct written out;
    if (is_kind_of(telling->kind_name, kinds)) value = fabs(value);
    if (fabs(value) >= 99.995 || value == round(value)) return number(value);
    snprintf(out.text, sizeof out.text, "%.2f", value);
    return out;
}

static void say_window_amount(const struct telling *telling, double value)
{
    int n_days = days_in(suffix_of(telling));
    if (value != 0)
        SAY(telling, "%s worth %s in the last %d days", telling->words.many, amount(telling, value).text, n_days);
    else if (is_spending(telling->kind_name)) SAY(telling, "spent nothing in the last %d days", n_days);
    else SAY(telling, "no amount of %s in the last %d days", telling->words.many, n_days);
}

static void say_own_count(const struct telling *telling)  { say_window_count(telling, telling->value); }
static void say_own_amount(const struct telling *telling) { say_window_amount(telling, telling->value); }

enum { TREND_DAYS = 30 };

static const char *span_of(int half_life_days)
{
    return half_life_days <= 7 ? "in the last days" : half_life_days <= 30 ? "in the last weeks"
         : half_life_days <= 90 ? "in the last months" : "over the last year or so";
}

/* What fades with time is still something when the last is long ago, and no "last weeks" then: tells that instead.
 */
static bool say_if_long_ago(const struct telling *telling, int half_life_days)
{
    double recency = neighbour(telling, "recency_days");
    if (!(recency > half_life_days)) return false;
    struct telling long_ago = *telling;
    long_ago.value = recency;
    say_recency(&long_ago);
    return true;
}

/* A decayed number is told by the exact window as long as its half-life if the set has that, else roughly. */
static void say_decayed_count(const struct telling *telling)
{
    if (say_if_long_ago(telling, days_in(suffix_of(telling)))) return;
    static const struct { double least; const char *words; } steps[] = {
        { 5, "many" }, { 1.5, "several" }, { 0.5, "about one of the" }, { 0.1, "few" }, { -1, "hardly any" } };
    char window[40];
    snprintf(window, sizeof window, "count_%dd", days_in(suffix_of(telling)));
    double exact = neighbour(telling, window);
    if (!isnan(exact)) { say_window_count(telling, exact); return; }
    size_t step = 0;
    while (telling->value < steps[step].least && step + 1 < sizeof steps / sizeof *steps) step++;
    const char *span = span_of(days_in(suffix_of(telling)));
    if (step == 2) SAY(telling, "about one %s %s", telling->words.one, span);
    else SAY(telling, "%s %s %s", steps[step].words, telling->words.many, span);
}

static void say_decayed_amount(const struct telling *telling)
{
    if (say_if_long_ago(telling, days_in(suffix_of(telling)))) return;
    char window[40];
    snprintf(window, sizeof window, "amount_%dd", days_in(suffix_of(telling)));
    double exact = neighbour(telling, window);
    if (!isnan(exact)) say_window_amount(telling, exact);
    else if (fabs(telling->value) < 0.5 && is_spending(telling->kind_name))
        SAY(telling, "spent next to nothing %s", span_of(days_in(suffix_of(telling))));
    else SAY(telling, "%s worth about %s %s", telling->words.many, amount(telling, telling->value).text,
             span_of(days_in(suffix_of(telling))));
}

/* 1 is as much as over the year. */
static void say_trend(const struct telling *telling)
{
    double change = 100 * (telling->value - 1), tenure = neighbour(telling, "tenure_days");
    const char *many = telling->words.many, *span = "in the last weeks than over the year";
    if (tenure < 60) SAY(telling, "new: first %s %s ago", telling->words.one, days(tenure).text);
    else if (say_if_long_ago(telling, TREND_DAYS)) return;
    else if (change <= -99.5) SAY(telling, "no %s in the last weeks", many);
    else if (change < -5) SAY(telling, "%.0f %% fewer %s %s", -change, many, span);
    else if (change >= 200)
        SAY(telling, "%s times as many %s in the last weeks as over the year", number(telling->value).text, many);
    else if (change > 5) SAY(telling, "%.0f %% more %s %s", change, many, span);
    else SAY(telling, "as many %s in the last weeks as over the year", many);
}

static void say_amount_trend(const struct telling *telling)
{
    double change = 100 * (telling->value - 1), tenure = neighbour(telling, "tenure_days");
    const char *span = "in the last weeks than over the year";
    struct written size;
    snprintf(size.text, sizeof size.text, "%.36s %%", number(fabs(change)).text);
    if (tenure < 60) { say_trend(telling); return; }
    if (say_if_long_ago(telling, TREND_DAYS)) return;
    if (is_spending(telling->kind_name)) {
        if (change <= -99.5) SAY(telling, "spent next to nothing in the last weeks");
        else if (fabs(change) <= 5) SAY(telling, "spent as much in the last weeks as over the year");
        else SAY(telling, "spent %s %s %s", size.text, change < 0 ? "less" : "more", span);
    } else if (fabs(change) <= 5) {
        SAY(telling, "amount of %s the same in the last weeks as over the year", telling->words.many);
    } else {
        SAY(telling, "amount of %s %s %s %s", telling->words.many, size.text,
            change < 0 ? "lower" : "higher", span);
    }
}

static void say_active_days(const struct telling *telling)
{
    double n = round(telling->value);
    if (n == 0) SAY(telling, "no %s yet", telling->words.one);
    else SAY(telling, "%s on %s%s", telling->words.many, n <= 2 ? "only " : "",
             n == 1 ? "one day" : arena_format(telling->arena, "%s different days", number(n).text));
}

static void say_gap_mean(const struct telling *telling)
{
    const char *does = telling->words.does;
    if (isnan(usual_gap(telling)))
        SAY(telling, "two days with %s %s, %s apart", telling->words.an, telling->words.one,
            days(telling->value).text);
    else if (does)
        SAY(telling, "usually %s every %s", does, is_one(telling->value) ? "day" : days(telling->value).text);
    else SAY(telling, "usually %s %s every %s", telling->words.an, telling->words.one,
             is_one(telling->value) ? "day" : days(telling->value).text);
}

static void say_gap_sd(const struct telling *telling)
{
    double mean = neighbour(telling, "gap_mean_days");
    const char *many = telling->words.many;
    if (isnan(mean)) SAY(telling, "the days between %s vary by %s", many, number(telling->value).text);
    else
        SAY(telling, "%s come %s: every %s, give or take %s", many,
            telling->value < 0.5 * mean ? "regularly" : "irregularly",
             days(mean).text, number(telling->value).text);
}

static void say_amount(const struct telling *telling)
{
    const char *suffix = suffix_of(telling), *one = telling->words.one;
    struct written value = amount(telling, telling->value);
    if (strcmp(suffix, "amount_sum") == 0) SAY(telling, "%s worth %s in total", telling->words.many, value.text);
    else if (strcmp(suffix, "amount_mean") == 0)
        SAY(telling, "%s %s is worth %s on average", telling->words.an, one, value.text);
    else if (strcmp(suffix, "amount_min") == 0) SAY(telling, "the smallest %s was worth %s", one, value.text);
    else if (strcmp(suffix, "amount_max") == 0) SAY(telling, "the largest %s was worth %s", one, value.text);
    else
        SAY(telling, "the %s %s was worth %s", strcmp(suffix, "amount_first") == 0 ? "first" : "last", one,
            value.text);
}

static void say_quantity(const struct telling *telling)
{
    struct written n = number(telling->value);
    const char *pieces = strcmp(n.text, "1") == 0 ? "piece" : "pieces";
    if (strcmp(suffix_of(telling), "quantity_sum") == 0)
        SAY(telling, "%s %s in all %s", n.text, pieces, telling->words.many);
    else SAY(telling, "%s %s in %s %s on average", n.text, pieces, telling->words.an, telling->words.one);
}

static void say_distinct(const struct telling *telling)
{
    double n = round(telling->value);
    SAY(telling, "%s%s different %s in %s", n == 1 ? "only " : n >= 100 ? "about " : "",
        n == 0 ? "no" : number(n).text, n == 1 ? "item" : "items", telling->words.many);
}

static void say_profile(const struct telling *telling)
{
    static const struct { const char *suffix, *when; } times[] = {
        { "night_share", "between 0 and 6 o'clock (UTC)" }, { "morning_share", "between 6 and 12 o'clock (UTC)" },
        { "afternoon_share", "between 12 and 18 o'clock (UTC)" },
        { "evening_share", "between 18 and 24 o'clock (UTC)" },
        { "weekend_share", "at the weekend" } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (strcmp(suffix_of(telling), times[i].suffix) == 0)
            SAY(telling, "%.0f %% of %s are %s", 100 * telling->value, telling->words.many, times[i].when);
}

/* The first row whose word begins the suffix. */
static const struct { const char *suffix; void (*say)(const struct telling *telling); } ways[] = {
    { "recency_days", say_recency }, { "gap_ratio", say_gap_ratio }, { "tenure_days", say_tenure },
    { "count_", say_own_count }, { "count", say_count }, { "share", say_share },
    { "decayed_", say_decayed_count },
    { "amount_decayed_", say_decayed_amount }, { "trend", say_trend }, { "amount_trend", say_amount_trend },
    { "active_days", say_active_days }, { "gap_mean_days", say_gap_mean }, { "gap_sd_days", say_gap_sd },
    { "amount_30d", say_own_amount }, { "amount_90d", say_own_amount }, { "amount_365d", say_own_amount },
    { "amount_", say_amount }, { "quantity_", say_quantity }, { "distinct_items", say_distinct },
};

/* "MonthlyCharges" and "monthly_charges" read as "monthly charges", "StreamingTV" as "streaming TV". */
static void spell(const char *name, char *ret_text, size_t room)
{
    size_t to = 0;
    for (size_t i = 0; name[i] && to + 2 < room; i++) {
        unsigned char letter = (unsigned char)name[i], after = (unsigned char)name[i + 1];
        unsigned char before = i ? (unsigned char)name[i - 1] : ' ';
        bool begins_word = isupper(letter) && (islower(before) || (isupper(before) && islower(after)));
        bool is_initials = isupper(letter) && !islower(after) && (isupper(after) || isupper(before));
        if (begins_word) ret_text[to++] = ' ';
        ret_text[to++] = letter == '_' ? ' ' : is_initials ? (char)letter : (char)tolower(letter);
    }
    ret_text[to] = 0;
}

/* The value that the customer has of a trait with a column for each frequent one; NULL: a rare one. */
static const char *value_had(const struct telling *telling)
{
    for (size_t i = 0; i < telling->set->n_features; i++) {
        const struct feature *feature = &telling->set->features[i];
        const char *value = strstr(feature->name, " = ");
        if (value && feature->use == telling->feature->use && strcmp(feature->group, telling->feature->group) == 0 &&
            telling->row[i] > 0.5f)
            return value + 3;
    }
    for (size_t t = 0; t < telling->set->n_traits; t++) {
        const struct trait *trait = &telling->set->traits[t];
        if (strcmp(trait->name, telling->feature->group) != 0) continue;
        /* Models of older databases know no other value: of two the other of yes is no. */
        return trait->other ? trait->other
             : trait->n_values == 1 && strcasecmp(trait->values[0], "yes") == 0 ? "no" : NULL;
    }
    return NULL;
}

static void say_trait(const struct telling *telling)
{
    const struct feature *feature = telling->feature;
    const char *value = strstr(feature->name, " = "), *had = value ? value_had(telling) : NULL;
    bool is_yes = telling->value > 0.5;
    char name[120];
    spell(feature->group, name, sizeof name);
    size_t length = strlen(name);
    const char *verb = length > 2 && name[length - 1] == 's' && !strchr("sui", name[length - 2]) ? "are" : "is";
    if (had && (strcasecmp(had, "yes") == 0 || strcasecmp(had, "no") == 0))
        SAY(telling, "%s: %s", name, strcasecmp(had, "yes") == 0 ? "yes" : "no");
    else if (had && strncasecmp(had, "no ", 3) == 0) SAY(telling, "%s: %s", name, had);
    else if (had) SAY(telling, "%s %s %s", name, verb, had);
    else if (value && strcasecmp(value + 3, "yes") == 0) SAY(telling, "no %s", name);
    else if (value) SAY(telling, "%s %s not %s", name, verb, value + 3);
    else if (strcmp(feature->unit, "yes/no") == 0) SAY(telling, "%s: %s", name, is_yes ? "yes" : "no");
    else if (telling->value == round(telling->value))
        SAY(telling, "%s %s %s", name, verb, number(telling->value).text);
    else SAY(telling, "%s %s %.2f", name, verb, telling->value);
}

bool feature_sentence(const struct feature_set *set, size_t index, const float *row, char *ret_text, size_t room)
{
    const struct feature *feature = &set->features[index];
    const struct operator_use *use = &set->uses[feature->use];
    ret_text[0] = 0;
    if (isnan(row[index])) return false;
    struct arena *arena = arena_new(1 << 20);
    struct telling telling = { set, row, index, feature, use->kind_name, set->facts[index].words,
                               (double)row[index], arena, ret_text, room };
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
