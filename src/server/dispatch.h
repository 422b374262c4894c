/* dispatch.h - the way of a request: which route it is for, who asks and whether they may, how often, and who answers. */
#ifndef SERVER_DISPATCH_H
#define SERVER_DISPATCH_H

#include "server/http.h"

/* Finds the route, asks who is calling, and lets its handler answer; what http_options.handle calls. */
enum handling route_handle(struct request *request, struct reply *reply);

/* Answers a request that is refused before its handler sees it, in the words of its route. */
void route_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large);

/* 429 with Retry-After in whole seconds. */
void route_too_often(struct request *request, struct reply *reply, unsigned wait_seconds);

/* Whether this address may ask once more; answers 429 if not. */
bool route_address_may(struct request *request, struct reply *reply);

#endif
