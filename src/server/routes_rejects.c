/* routes_rejects.c - messages that were refused: what there is, why, and taking them in once mended. */
#include "server/changing.h"
#include "server/route.h"
#include "hub/replay.h"
#include "engine/service.h"

#include <string.h>

enum { LIST_MOST = 1000, REPLAY_MOST_BYTES = 4 * 1024 * 1024 };

/* The newest first; what was sent holds personal data. */
static bool read_letters(struct request *request, size_t limit, bool has_bodies, struct dead_letter **ret_letters,
                         size_t *ret_n, uint64_t *ret_total, struct err *err)
{
    struct store *store;
    if (!service_read(request->service, &store, err)) return false;
    bool ok = dead_letters_read(store, has_bodies ? request->service->profiles : NULL, limit, request->arena,
                                ret_letters, ret_n, ret_total, err);
    service_read_done(request->service, store);
    return ok;
}

static json_t *letter_json(const struct dead_letter *letter, bool has_body, struct arena *arena)
{
    json_t *out = json_pack("{s:I, s:I, s:s, s:s, s:s, s:b}", "id", (json_int_t)letter->id, "received_ms",
                            (json_int_t)letter->received_ms, "source", letter->source, "field", letter->field,
                            "reason", letter->reason, "is_cut", letter->is_cut);
    if (has_body) json_object_set_new(out, "raw", dead_letter_raw(letter, arena));
    return out;
}

static enum handling handle_rejects(struct request *request, struct reply *reply)
{
    struct err err;
    struct dead_letter *letters;
    size_t n;
    uint64_t total;
    int64_t limit;
    bool has_bodies = request->grant.rights & ACCESS_PRIVACY;
    bool ok = request_query_int(request, "limit", 1, LIST_MOST, 50, &limit, &err);
    if (!ok || !read_letters(request, (size_t)limit, has_bodies, &letters, &n, &total, &err))
        return reply_error(request, reply, &err, ok ? NULL : "limit");
    json_t *messages = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(messages, letter_json(&letters[i], has_bodies,
                                                                              request->arena));
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:o}", "total_messages", (json_int_t)total, "messages", messages));
    return HANDLED;
}

/* At most LIST_MOST at a time, for this waits until they are durable. */
static enum handling handle_replay(struct request *request, struct reply *reply)
{
    struct err err;
    struct dead_letter *letters;
    size_t n;
    uint64_t total;
    struct replay_counts counts;
    bool ok = read_letters(request, request->body.length ? 0 : LIST_MOST, true, &letters, &n, &total, &err);
    if (ok && request->body.length)
        ok = replay_mend(letters, n, request->body, request->arena, &letters, &n, &err);
    if (ok && n > LIST_MOST)
        ok = err_set(&err, ERR_INVALID, "%zu messages are too many at once; most are %d", n, LIST_MOST);
    /* Each letter is a commit of its own: the note stands before the first, or none of them is replayed. */
    ok = ok && change_note_alone(request, "rejects replay", &err) &&
         replay_letters(request->service->ingest, letters, n, &counts, &err);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:I, s:I, s:I}", "taken", (json_int_t)counts.n_taken, "refused",
                                  (json_int_t)counts.n_refused, "unreadable", (json_int_t)counts.n_unreadable));
    else reply_error(request, reply, &err, NULL);
    return HANDLED;
}

static const struct route_field rejects_query[] = {
    { "limit", "integer", "1 to 1000; 50 if not said", false },
    { 0 },
};
static const struct route_field rejects_answer[] = {
    { "total_messages", "integer", "how many there are", true },
    { "messages", "array", "the newest first", true },
    { "messages[].id", "integer", "its number", true },
    { "messages[].received_ms", "integer", "when", true },
    { "messages[].source", "string", "the write key it came with", true },
    { "messages[].field", "string", "the member at fault, or empty", true },
    { "messages[].reason", "string", "why, in a sentence", true },
    { "messages[].is_cut", "boolean", "it was too large to be kept whole", true },
    { "messages[].raw", "object", "as sent, a text where it is no JSON; only for those who may see personal data",
      false },
    { 0 },
};
static const struct route_field replay_body[] = {
    { "messages", "array", "of GET /v1/rejects, mended; without a body the newest 1000 are read again as they were sent", false },
    { "messages[].id", "integer", "which", true },
    { "messages[].raw", "object", "the message as it should have been", true },
    { 0 },
};
static const struct route_field replay_answer[] = {
    { "taken", "integer", "messages that are in the history now", true },
    { "refused", "integer", "that were refused again", true },
    { "unreadable", "integer", "that are no JSON and stay as they are", true },
    { 0 },
};

const struct route routes_rejects[] = {
    { .method = "GET", .path = "/v1/rejects", .needs = ACCESS_OPERATE, .handle = handle_rejects, .is_slow = true,
      .summary = "Messages that could not be taken in, and why", .query = rejects_query, .answer = rejects_answer,
      .answer_example = "{\"total_messages\": 1, \"messages\": [{\"id\": 17, \"received_ms\": 1790000000000, \"source\": \"shop\", "
                        "\"field\": \"userId\", \"reason\": \"neither userId nor anonymousId is there\", \"is_cut\": false}]}" },
    { .method = "POST", .path = "/v1/rejects/replay", .needs = ACCESS_PRIVACY, .handle = handle_replay, .is_slow = true,
      .summary = "Take refused messages in again, mended or as they were sent", .body = replay_body, .answer = replay_answer,
      .body_example = "{\"messages\": [{\"id\": 17, \"raw\": {\"type\": \"track\", \"userId\": \"u1\", \"event\": \"Order Completed\"}}]}",
      .answer_example = "{\"taken\": 1, \"refused\": 0, \"unreadable\": 0}", .most_body_bytes = REPLAY_MOST_BYTES },
    { 0 },
};
