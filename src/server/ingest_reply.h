/* ingest_reply.h - refusals in the words that those take who send events: {"success": false, "code", "message", "field"}. */
#ifndef SERVER_INGEST_REPLY_H
#define SERVER_INGEST_REPLY_H

#include "server/http.h"

/* With the status that such clients are promised for the error's code. */
void ingest_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large);

void ingest_refuse_as(struct request *request, struct reply *reply, int status, const char *code, const char *message,
                      const char *field);

/* One that may be tried again after wait_seconds. */
void ingest_refuse_for_now(struct request *request, struct reply *reply, int status, unsigned wait_seconds,
                           const char *code, const char *message);

#endif
