/* service_internal.h - what service.c, taking.c and opening.c share. */
#ifndef ENGINE_SERVICE_INTERNAL_H
#define ENGINE_SERVICE_INTERNAL_H

#include "engine/service.h"
#include "hub/participant.h"

/* taking.c */
struct participant service_live_part(struct service *service);
struct participant service_memberships_part(struct service *service);
struct participant service_stream_part(struct service *service);
struct participant service_refresh_part(struct service *service);
void service_blanked(void *service, uint32_t identity);         /* in a job: somebody's events were blanked */
void service_fold_later_events(void *service);                  /* of an alarm */
bool service_do_nothing(struct store *store, void *context, struct err *err) MUST_CHECK;       /* a job */

/* service.c: who reads or scores next does so as of then. */
void service_take_as_of(struct service *service, const struct as_of *as_of);

#endif
