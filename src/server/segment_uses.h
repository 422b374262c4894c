/* segment_uses.h - what uses a segment, so that it is not removed under it. */
#ifndef SERVER_SEGMENT_USES_H
#define SERVER_SEGMENT_USES_H

#include "server/route.h"

/* What uses the segment of this name: [{"kind": "journey", "name": ..., "how": ...}]; NULL: err. */
json_t *segment_uses(struct request *request, const char *name, struct err *err);

#endif
