/* flags.c - what was typed after a flag, read as a number, a span of days or a date; see command.h. */
#include "cli/command.h"

#include "base/calendar.h"
#include "base/text.h"

#include <string.h>

bool flag_double(const struct invocation *invocation, const char *name, double least, double most,
                 double otherwise, double *ret_value, struct err *err)
{
    const char *typed = flag_text(invocation, name, NULL);
    double value = otherwise;
    if (typed && (!text_double(text_of(typed), '.', &value) || value < least || value > most))
        return err_set(err, ERR_INVALID, "--%s '%s': give a number from %g to %g", name, typed, least, most);
    *ret_value = value;
    return true;
}

bool flag_int(const struct invocation *invocation, const char *name, int64_t least, int64_t most,
              int64_t otherwise, int64_t *ret_value, struct err *err)
{
    const char *typed = flag_text(invocation, name, NULL);
    int64_t value = otherwise;
    if (typed && (!text_int64(text_of(typed), &value) || value < least || value > most))
        return err_set(err, ERR_INVALID, "--%s '%s': give a whole number from %lld to %lld", name, typed,
                       (long long)least, (long long)most);
    *ret_value = value;
    return true;
}

static int64_t days_of_unit(char unit)
{
    switch (unit) {
    case 'd': return 1;
    case 'w': return 7;
    case 'm': return 30;
    case 'y': return 365;
    default:  return 0;
    }
}

bool flag_days(const struct invocation *invocation, const char *name, int64_t otherwise, int64_t *ret_days,
               struct err *err)
{
    const char *typed = flag_text(invocation, name, NULL);
    if (!typed) { *ret_days = otherwise; return true; }
    struct text number = text_of(typed);
    int64_t days_each = number.length > 0 ? days_of_unit(number.at[number.length - 1]) : 0, count;
    if (days_each > 0) number.length--;
    else days_each = 1;
    if (!text_int64(number, &count) || count < 1 || count > 36500 / days_each)
        return err_set(err, ERR_INVALID,
                       "--%s '%s': give a span such as 90d, 12w, 3m (30 days each) or 1y, up to 100 years",
                       name, typed);
    *ret_days = count * days_each;
    return true;
}

bool flag_date_ms(const struct invocation *invocation, const char *name, int64_t otherwise, int64_t *ret_ms,
                  struct err *err)
{
    const char *typed = flag_text(invocation, name, NULL);
    int64_t value_ms = otherwise;
    if (typed && !calendar_parse_iso(typed, strlen(typed), &value_ms))
        return err_set(err, ERR_INVALID, "--%s '%s': give a date such as 2011-09-09", name, typed);
    *ret_ms = value_ms;
    return true;
}
