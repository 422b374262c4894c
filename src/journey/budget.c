/* budget.c - see budget.h. */
#include "journey/budget.h"

#include <stddef.h>

#define TINY 1e-9       /* sums of cents are not exact */

static size_t place_of(int64_t day)
{
    return (size_t)((day % BUDGET_MOST_DAYS + BUDGET_MOST_DAYS) % BUDGET_MOST_DAYS);
}

void spending_add(struct spending *spending, int64_t day, double amount)
{
    if (day <= spending->newest_day - BUDGET_MOST_DAYS) return;
    if (day > spending->newest_day + BUDGET_MOST_DAYS) *spending = (struct spending){ .newest_day = day };
    while (spending->newest_day < day) spending->of_day[place_of(++spending->newest_day)] = 0;
    spending->of_day[place_of(day)] += amount;
}

double spending_in(const struct spending *spending, int64_t day, int64_t n_days)
{
    double sum = 0;
    int64_t first = day - n_days + 1, oldest = spending->newest_day - BUDGET_MOST_DAYS + 1;
    for (int64_t at = first > oldest ? first : oldest; at <= day && at <= spending->newest_day; at++)
        sum += spending->of_day[place_of(at)];
    return sum;
}

enum budget_answer budget_asked(const struct budget *budget, const struct spending *spending, int64_t day,
                                double more)
{
    if (budget->amount <= 0) return BUDGET_LEFT;
    if (more > budget->amount + TINY) return BUDGET_NEVER;
    double spent = spending_in(spending, day, budget->days);
    return more > 0 ? spent + more > budget->amount + TINY ? BUDGET_SPENT : BUDGET_LEFT
                    : spent >= budget->amount - TINY ? BUDGET_SPENT : BUDGET_LEFT;
}

double budget_coupon(double paid, double percent)
{
    return percent > 0 && percent < 100 && paid > 0 ? paid * percent / (100 - percent) : 0;
}
