/* field_view.h - the names that conditions and lists may use, with what they mean, who has a value, and usual
 * ones. */
#ifndef DESK_FIELD_VIEW_H
#define DESK_FIELD_VIEW_H

#include "base/arena.h"

#include <jansson.h>

struct service;

/* Of each name: name, kind (feature, score, group, trait), type (number, text), unit, meaning, and of a sample of
 * the customers the share that has a value, quartiles of numbers and the most usual texts; an array, the caller's.
 * *ret_n_seen: of how many.  Takes the lock in slices. */
json_t *field_view(struct service *service, struct arena *arena, size_t *ret_n_seen);

#endif
