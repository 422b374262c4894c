/* routes_ingest.h - what the groups of routes that take events share. */
#ifndef SERVER_ROUTES_INGEST_H
#define SERVER_ROUTES_INGEST_H

#include "server/http.h"

struct intake_request;

/* Reads what was sent and queues it; the answer follows when it is durable.  Takes the arena, which may hold
 * sent->json.  source is who sent it, as it is written down; answer is the body of success (constant). */
enum handling ingest_take(struct request *request, struct reply *reply, struct arena *arena,
                          const struct intake_request *sent, struct text source, const char *answer);

/* Whether it is a page key or a write key; and whether one stands outside of the body.  Both fill the grant. */
bool ingest_key(struct request *request, struct text key);
/* Whether the name of Customer.io's client stands before the key, as where it asks what Segment's asks too; then takes
 * it off.  A key counts with it and without. */
bool ingest_key_named(struct text *key);
bool ingest_key_outside(struct request *request);

#endif
