/* segment_uses.h - what uses a segment, so that it is not removed under it. */
#ifndef ENGINE_SEGMENT_USES_H
#define ENGINE_SEGMENT_USES_H

#include "engine/service.h"

#include <jansson.h>

/* What uses the segment of this name: [{"kind": "journey", "name": ..., "how": ...}], the caller's to json_decref;
 * NULL: err. */
json_t *segment_uses(struct service *service, const char *name, struct arena *arena, struct err *err);

#endif
