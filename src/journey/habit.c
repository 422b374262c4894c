/* habit.c - see habit.h. */
#include "journey/habit.h"

#include "base/calendar.h"

#include <ctype.h>
#include <string.h>

enum { EVENTS_LEAST = 5, WORD_BYTES = 24, MS_PER_HOUR = 3600 * 1000 };

static bool is_among(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* The next word of a kind's name in lower case, as "Product Viewed", "productViewed" and "product_viewed" have
 * two; "" at the end.  What does not fit of a long one is left out. */
static size_t next_word(struct text name, size_t at, char ret_word[WORD_BYTES])
{
    size_t n = 0;
    while (at < name.length && !isalnum((unsigned char)name.at[at])) at++;
    for (size_t begin = at; at < name.length && isalnum((unsigned char)name.at[at]); at++) {
        bool begins_another = at > begin && isupper((unsigned char)name.at[at]) &&
                              !isupper((unsigned char)name.at[at - 1]);
        if (begins_another) break;
        if (n + 1 < WORD_BYTES) ret_word[n++] = (char)tolower((unsigned char)name.at[at]);
    }
    ret_word[n] = '\0';
    return at;
}

bool habit_is_told_by(struct text kind)
{
    static const char *const clicks[] = { "click", "clicks", "clicked", NULL },
                      *const visits[] = { "visit", "visits", "visited", "page", "pageview", "screen", "screenview",
                                          "view", "viewed", "session", "login", "logged", "searched", "cart",
                                          "checkout", NULL },
                      *const messages[] = { "email", "mail", "newsletter", "campaign", "message", "push", "sms",
                                            "notification", NULL };
    char word[WORD_BYTES];
    bool is_visit = text_equal(kind, text_of("order")), is_of_message = false;
    size_t at = next_word(kind, 0, word);
    for (; *word; at = next_word(kind, at, word)) {
        if (is_among(word, clicks)) return true;
        is_visit |= is_among(word, visits);
        is_of_message |= is_among(word, messages);
    }
    return is_visit && !is_of_message;
}

void habit_add(struct habit *habit, const struct zone *zone, int64_t time_ms)
{
    if (time_ms % MS_PER_DAY == 0) return;      /* to the millisecond: a day of a file that knows no hours */
    int64_t local_ms = zone_local_ms(zone, time_ms), of_day_ms = (local_ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY;
    habit->n_at[of_day_ms / MS_PER_HOUR]++;
    habit->n++;
}

bool habit_hour(const struct habit *habit, int64_t *ret_clock_ms)
{
    int64_t best = 0;
    for (int64_t hour = 1; hour < 24; hour++)
        if (habit->n_at[hour] > habit->n_at[best]) best = hour;
    *ret_clock_ms = best * MS_PER_HOUR;
    return habit->n >= EVENTS_LEAST;
}
