/* intake_support.c - see intake_support.h. */
#include "intake_support.h"

#include <string.h>

struct arena *arena;
struct intake intake;
struct err    err;

void intake_setup(void)    { arena = arena_new(ARENA_NO_LIMIT); }
void intake_teardown(void) { arena_free(arena); }

bool read_request(struct intake_request request, const char *body)
{
    size_t length = strlen(body);
    char *bytes = arena_alloc(arena, length, 1);
    memcpy(bytes, body, length);
    request.body = (struct text){ bytes, length };
    request.received_ms = RECEIVED_MS;
    if (!request.path_id.at) request.path_id.at = "";
    if (!request.device_id.at) request.device_id.at = "";
    if (!request.delivery_id.at) request.delivery_id.at = "";
    return intake_read(&request, arena, &intake, &err);
}

bool read_segment(const char *type, const char *body)
{
    return read_request((struct intake_request){ .protocol = PROTOCOL_SEGMENT, .type = type }, body);
}

const struct message *only_message(void)
{
    cr_assert(intake.n_refusals == 0, "%s: %s", intake.refusals[0].field, intake.refusals[0].reason);
    cr_assert(intake.n_messages == 1, "%zu messages", intake.n_messages);
    return &intake.messages[0];
}

void only_refusal(const char *field, const char *reason)
{
    cr_assert(intake.n_messages == 0 && intake.n_refusals == 1, "%zu messages, %zu refusals", intake.n_messages,
              intake.n_refusals);
    const struct refusal *refusal = &intake.refusals[0];
    cr_assert(strstr(refusal->reason, reason), "\"%s\" is not in \"%s\"", reason, refusal->reason);
    if (field) cr_assert_str_eq(refusal->field ? refusal->field : "(none)", field);
    else cr_assert_null(refusal->field, "%s", refusal->field);
}
