/* overview_read.h - counts how the shop did (model/overview.h), in one pass over the log. */
#ifndef DESK_OVERVIEW_READ_H
#define DESK_OVERVIEW_READ_H

#include "base/err.h"
#include "model/overview.h"

struct service;

/* Errors: ERR_MISSING no such segment; those of log_read. */
bool overview_read(struct service *service, const struct overview_options *options,
                   struct overview_numbers *ret_numbers, struct err *err) MUST_CHECK;

#endif
