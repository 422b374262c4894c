/* margin.h - which share of revenue is left, as a command was told: --margin, else the costs of the settings. */
#ifndef CLI_MARGIN_H
#define CLI_MARGIN_H

#include "cli/command.h"
#include "table/costs.h"

struct margin_said {
    double      share;
    const char *from;           /* "--margin", "costs of the settings", or "not said: all of it" */
    bool        varies;         /* settings have margins of items or channels; share is that of all else */
};

/* least: of --margin.  Errors: ERR_INVALID the flag, or a margin of the settings that is none. */
bool margin_said(const struct invocation *invocation, const struct costs *costs, int64_t at_ms, double least,
                 struct margin_said *ret_margin, struct err *err) MUST_CHECK;

#endif
