/* margin.c - see margin.h. */
#include "cli/margin.h"

#include "base/calendar.h"

bool margin_said(const struct invocation *invocation, const struct costs *costs, int64_t at_ms, double least,
                 struct margin_said *ret_margin, struct err *err)
{
    struct margin_said said = { 1, "not said: all of it", false };
    if (flag_is_given(invocation, "margin")) {
        said.from = "--margin";
        if (!flag_double(invocation, "margin", least, 1, 1, &said.share, err)) return false;
    } else {
        said.share = costs_margin(costs, COST_OF_ITEM, NULL, calendar_day_of_ms(at_ms));
        said.varies = costs_margin_varies(costs);
        if (said.share != 1) said.from = "costs of the settings";
        if (!(said.share > 0 && said.share <= 1))
            return err_set(err, ERR_INVALID,
                           "the settings' costs leave a margin of %g, and nothing that is sold earns anything: give "
                           "costs: {margin: .4}, or --margin",
                           said.share);
    }
    *ret_margin = said;
    return true;
}
