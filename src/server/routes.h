/* routes.h - what the way of a request and the groups of routes share. */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "server/route.h"

/* Answers a request that is refused before its handler sees it, in the words of its route. */
void route_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large);

/* The same for the routes that take events: {"success": false, "code", "message", "field"}. */
void ingest_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large);

/* Reads what was sent and queues it; the answer follows when it is durable.  Takes the arena, which may hold
 * sent->json.  source is who sent it, as it is written down; answer is the body of success (constant). */
struct intake_request;
enum handling ingest_take(struct request *request, struct reply *reply, struct arena *arena,
                          const struct intake_request *sent, struct text source, const char *answer);

/* 429 with Retry-After in whole seconds. */
void route_too_often(struct request *request, struct reply *reply, unsigned wait_seconds);

/* Whether this address may ask once more; answers 429 if not. */
bool route_address_may(struct request *request, struct reply *reply);

/* A refusal in the words of those who send events. */
void ingest_refuse_as(struct request *request, struct reply *reply, int status, const char *code, const char *message,
                      const char *field);
/* Whether it is a page key or a write key; and whether one stands outside of the body.  Both fill the grant. */
bool ingest_key(struct request *request, struct text key);
/* Whether the name of Customer.io's client stands before the key, as where it asks what Segment's asks too; then takes
 * it off.  A key counts with it and without. */
bool ingest_key_named(struct text *key);
bool ingest_key_outside(struct request *request);

#endif
