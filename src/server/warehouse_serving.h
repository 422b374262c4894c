/* warehouse_serving.h - the warehouse of a running server: it is shipped to all the while. */
#ifndef SERVER_WAREHOUSE_SERVING_H
#define SERVER_WAREHOUSE_SERVING_H

#include "engine/service.h"
#include "warehouse/warehouse_status.h"

#include <stdio.h>

struct warehouse_serving;

/* *ret_serving is NULL where the settings name no warehouse.  Errors: those of the settings and shipping_start. */
bool warehouse_serving_start(struct service *service, struct warehouse_serving **ret_serving,
                             struct err *err) MUST_CHECK;
void warehouse_serving_stop(struct warehouse_serving *serving); /* NULL is fine */

/* As warehouse_status_read.  Errors: ERR_MISSING the settings name no warehouse. */
bool warehouse_serving_status(struct warehouse_serving *serving, bool is_quick, struct arena *arena,
                              struct warehouse_status *ret_status, struct err *err) MUST_CHECK;

/* What it holds about the person of an identity (person_there.h); NULL: there is none.  The caller owns it. */
json_t *warehouse_serving_person(struct warehouse_serving *serving, uint32_t identity);

/* Its figures as Prometheus reads them; nothing where there is none. */
void warehouse_serving_print(struct warehouse_serving *serving, FILE *out);

#endif
