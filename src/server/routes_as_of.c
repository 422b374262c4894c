/* routes_as_of.c - as of when questions are answered: GET and PUT /v1/as-of. */
#include "server/changing.h"
#include "server/route.h"
#include "engine/service.h"

static json_t *as_of_json(struct service *service)
{
    struct as_of as_of = service_as_of(service);
    const char *word = as_of_word(as_of.choice);
    return json_pack("{s:I, s:s?, s:b, s:b, s:o}", "as_of_ms", (json_int_t)service_instant_ms(service), "as_of", word,
                     "is_asked", as_of_is_asked(&as_of), "is_still", as_of_is_still(&as_of), "history_end_ms",
                     as_of.end_ms > 0 ? json_integer(as_of.end_ms) : json_null());
}

static enum handling get_as_of(struct request *request, struct reply *reply)
{
    reply_json_take(request, reply, 200, as_of_json(request->service));
    return HANDLED;
}

static enum handling put_as_of(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    enum as_of_choice choice;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *word = json_string_value(json_object_get(body, "as_of"));
    bool ok = (word && as_of_choice_of(text_of(word), &choice)) ||
              err_set(&err, ERR_INVALID, "as_of: want now or last-event");
    json_decref(body);
    if (!ok) return reply_error(request, reply, &err, "as_of");
    const struct writer writer = change_writer(request, "as of");
    if (!service_choose_as_of(request->service, choice, &writer, &err))
        return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, as_of_json(request->service));
    return HANDLED;
}

static const struct route_field as_of_body[] = {
    { "as_of", "string",
      "now: time goes on from today; last-event: it stands where the history ends, nothing is sent and no timer of a "
      "person runs",
      true },
    { 0 },
};
static const struct route_field as_of_answer[] = {
    { "as_of_ms", "integer", "the instant of what is said of nobody in particular", true },
    { "as_of", "string, null", "now or last-event; null: nobody has said", true },
    { "is_asked", "boolean", "the history has ended and nobody has said: say it here, or with serve --as-of", true },
    { "is_still", "boolean", "nothing is sent, and no timer of a person runs", true },
    { "history_end_ms", "integer, null", "just after the last event of a history that has ended; null: it goes on", true },
    { 0 },
};

#define AS_OF_EXAMPLE                                                                                             \
    "{\"as_of_ms\": 1323435001000, \"as_of\": \"last-event\", \"is_asked\": false, \"is_still\": true, "         \
    "\"history_end_ms\": 1323435001000}"

const struct route routes_as_of[] = {
    { .method = "GET",
      .path = "/v1/as-of",
      .needs = ACCESS_VIEW,
      .handle = get_as_of,
      .is_slow = true,
      .summary = "As of when questions are answered",
      .details = "Where it is not now, every other answer says it in its header X-As-Of.",
      .answer = as_of_answer,
      .answer_example = AS_OF_EXAMPLE },
    { .method = "PUT",
      .path = "/v1/as-of",
      .needs = ACCESS_MODEL,
      .handle = put_as_of,
      .is_slow = true,
      .summary = "Says whether time goes on from today, or stands at the last event",
      .body = as_of_body,
      .body_example = "{\"as_of\": \"last-event\"}",
      .answer = as_of_answer,
      .answer_example = AS_OF_EXAMPLE },
    { 0 },
};
