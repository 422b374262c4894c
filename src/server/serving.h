/* serving.h - a server begins and ends. */
#ifndef SERVER_SERVING_H
#define SERVER_SERVING_H

#include "server/server.h"

/* Opens the service and listens.  Errors: those of service_open and http_start. */
bool serving_start(const struct server_options *options, struct server **ret_server,
                   struct err *err) MUST_CHECK;
void serving_stop(struct server *server);    /* answers what has come, then closes everything; NULL is fine */

#endif
