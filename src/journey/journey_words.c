/* journey_words.c - spans, clock times, days and names as a journey writes them; see journey_internal.h. */
#include "journey/journey_internal.h"

#include "base/calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SPAN_MOST_DAYS INT64_C(3660)

bool words_text(const struct yaml_node *node, const char *key, const char **ret_text, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    if (!value || value->kind != YAML_SCALAR || !*value->text)
        return yaml_fail(value ? value : node, err, "'%s' needs a text", key);
    *ret_text = value->text;
    return true;
}

static bool span_of(struct text text, struct span *ret_span)
{
    static const struct { const char *unit; int64_t ms, days; } units[] = {
        { "ms", 1, 0 },      { "min", 60000, 0 }, { "s", 1000, 0 }, { "m", 60000, 0 },
        { "h", 3600000, 0 }, { "d", 0, 1 },       { "w", 0, 7 },
    };
    int64_t number;
    size_t n = 0;
    while (n < text.length && isdigit((unsigned char)text.at[n])) n++;
    const struct text unit = { text.at + n, text.length - n };
    if (n == 0 || n > 15 || !text_int64((struct text){ text.at, n }, &number)) return false;
    for (size_t i = 0; i < COUNT(units); i++) {
        if (!text_equal(unit, text_of(units[i].unit))) continue;
        int64_t most = units[i].days ? SPAN_MOST_DAYS / units[i].days : SPAN_MOST_DAYS * MS_PER_DAY / units[i].ms;
        if (number > most) return false;
        *ret_span = (struct span){ number * units[i].ms, number * units[i].days };
        return true;
    }
    return false;
}

bool words_span(const struct yaml_node *node, const char *key, struct span *ret_span, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    if (!value) return true;
    if (value->kind == YAML_SCALAR && span_of(text_trim(text_of(value->text)), ret_span)) return true;
    return yaml_fail(value, err,
                     "'%s' must be a span such as 30min, 24h (elapsed), 1d or 2w (days of the calendar), "
                     "at most ten years",
                     key);
}

bool words_shift(const struct yaml_node *node, int64_t *ret_days, struct err *err)
{
    const struct yaml_node *before = yaml_find(node, "before"), *after = yaml_find(node, "after");
    struct span span = { 0, 0 };
    if (before && after) return yaml_fail(after, err, "a date has 'before' or 'after', not both");
    if (!words_span(node, before ? "before" : "after", &span, err)) return false;
    if (span.ms)
        return yaml_fail(before ? before : after, err, "days before or after a date are written 14d or 2w");
    *ret_days = before ? -span.days : span.days;
    return true;
}

bool words_clock(const struct yaml_node *node, const char *key, int64_t *ret_ms, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    int64_t ms;
    if (!value) return true;
    const char *text = value->kind == YAML_SCALAR ? value->text : "";
    if (!strchr(text, ':') || strpbrk(text, "+-Zz") || !calendar_parse_clock(text, strlen(text), &ms) || ms < 0 ||
        ms >= MS_PER_DAY)
        return yaml_fail(value, err, "'%s' must be a time of the day such as \"09:00\"", key);
    *ret_ms = ms;
    return true;
}

bool words_weekday(const struct yaml_node *node, unsigned *ret_day, struct err *err)
{
    static const char *const names[] = { "monday", "tuesday",  "wednesday", "thursday",
                                         "friday", "saturday", "sunday" };
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    size_t length = strlen(text);
    for (unsigned day = 0; day < COUNT(names); day++)
        if (length >= 3 && (length == 3 || length == strlen(names[day])) &&
            strncasecmp(text, names[day], length) == 0) {
            *ret_day = day;
            return true;
        }
    return yaml_fail(node, err, "'%.40s' is no day of the week: mon, tue, wed, thu, fri, sat or sun", text);
}

bool words_name(const struct yaml_node *node, const char *what, const char **ret_name, struct err *err)
{
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    size_t length = strlen(text);
    bool is_name = length > 0 && length <= JOURNEY_NAME_MOST;
    for (size_t i = 0; i < length; i++)
        is_name = is_name && (isalnum((unsigned char)text[i]) || text[i] == '_' || text[i] == '-');
    if (!is_name)
        return yaml_fail(node, err, "%s is named by at most %d letters, digits, '_' and '-'", what,
                         JOURNEY_NAME_MOST);
    *ret_name = text;
    return true;
}

const char *span_words(struct span span, struct arena *arena)
{
    if (span.days) return arena_format(arena, "%lld day%s", (long long)span.days, span.days == 1 ? "" : "s");
    static const struct { int64_t ms; const char *word; } units[] = {
        { 3600000, "hour" }, { 60000, "minute" }, { 1000, "second" }
    };
    for (size_t i = 0; i < COUNT(units); i++)
        if (span.ms >= units[i].ms && span.ms % units[i].ms == 0) {
            long long n = (long long)(span.ms / units[i].ms);
            return arena_format(arena, "%lld %s%s", n, units[i].word, n == 1 ? "" : "s");
        }
    return arena_format(arena, "%lld ms", (long long)span.ms);
}
