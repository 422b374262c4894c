/* routes_webhook.c - what Stripe and Shopify send by themselves, signed with a secret that was given here before.
 */
#include "server/changing.h"
#include "server/dispatch.h"
#include "server/routes_ingest.h"
#include "server/route.h"
#include "server/clocks.h"
#include "server/server.h"
#include "intake/intake.h"
#include "hub/ingest.h"
#include "govern/webhook.h"

#include <string.h>

static const char answer[] = "{\"success\":true}";

static bool secret_of(struct request *request, const char *source, struct text *ret_secret, struct err *err)
{
    struct store *store;
    if (!service_read(request->service, &store, err)) return false;
    bool ok = webhook_secret_get(store, profiles_vault(request->service->profiles), text_of(source),
                                 request->arena, ret_secret, err);
    service_read_done(request->service, store);
    return ok;
}

/* A wrong signature is 401, so that the sender tells its owner; no secret yet is 404. */
static enum handling refuse(struct request *request, struct reply *reply, const struct err *err)
{
    unsigned wait_seconds;
    if (err->code == ERR_REFUSED) {
        (void)throttle_take(request->server->failures, text_of(request->address), clock_seconds(), &wait_seconds);
        reply_refusal(request, reply, 401, "unauthorized", err->text);
    } else {
        reply_error(request, reply, err, NULL);
    }
    return HANDLED;
}

static enum handling post_stripe(struct request *request, struct reply *reply)
{
    struct err err;
    struct text secret;
    if (!route_address_may(request, reply)) return HANDLED;
    if (!secret_of(request, "stripe", &secret, &err) ||
        !intake_stripe_signed(request->body, text_of(request_header(request, "Stripe-Signature")), secret,
                              request->received_ms, &err))
        return refuse(request, reply, &err);
    const struct intake_request sent = { .protocol = PROTOCOL_STRIPE, .body = request->body,
                                         .received_ms = request->received_ms };
    return ingest_take(request, reply, arena_new(ARENA_NO_LIMIT), &sent, text_of("stripe"), answer);
}

static enum handling post_shopify(struct request *request, struct reply *reply)
{
    struct err err;
    struct text secret;
    if (!route_address_may(request, reply)) return HANDLED;
    if (!secret_of(request, "shopify", &secret, &err) ||
        !intake_shopify_signed(request->body, text_of(request_header(request, "X-Shopify-Hmac-Sha256")), secret,
                               &err))
        return refuse(request, reply, &err);
    const char *delivery = request_header(request, "X-Shopify-Event-Id");
    if (!delivery) delivery = request_header(request, "X-Shopify-Webhook-Id");
    const struct intake_request sent = { .protocol = PROTOCOL_SHOPIFY, .body = request->body,
                                         .topic = request_header(request, "X-Shopify-Topic"),
                                         .delivery_id = text_of(delivery), .received_ms = request->received_ms };
    return ingest_take(request, reply, arena_new(ARENA_NO_LIMIT), &sent, text_of("shopify"), answer);
}

struct giving { const struct request *request; const struct vault *vault; struct text source, secret; };

static bool give(struct store *store, void *context, struct err *err)
{
    const struct giving *giving = context;
    return webhook_secret_put(store, giving->vault, giving->source, giving->secret, err) &&
           change_note(giving->request, store, "webhook secret", 0, err);
}

static enum handling put_secret(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    struct giving giving = { request,
                             profiles_vault(request->service->profiles),
                             request_param(request, "source"),
                             { "", 0 } };
    bool ok = request_json(request, &body, &err);
    if (ok) {
        const char *secret = json_string_value(json_object_get(body, "secret"));
        giving.secret = text_of(secret);
        ok = ingest_run(request->service->ingest, give, &giving, &err);
    }
    if (ok) reply_text(reply, 200, "application/json", text_of(answer));
    else reply_error(request, reply, &err, "secret");
    json_decref(body);
    return HANDLED;
}

static const struct route_field success[] = { { "success", "boolean", "true: it is durable", true }, { 0 } };
static const struct route_field any_body[] = { { "id", "string, integer", "of the event", false }, { 0 } };
static const struct route_field secret_body[] = {
    { "secret", "string", "as Stripe or Shopify shows it: whsec_..., or the app's client secret", true }, { 0 },
};

const struct route routes_webhook[] = {
    { .method = "POST",
      .path = "/v1/webhooks/stripe",
      .needs = ACCESS_OPEN,
      .handle = post_stripe, .is_slow = true,
      .summary = "Takes an event of Stripe",
      .details = "Signed: Stripe-Signature.",
      .body = any_body,
      .body_example = "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"invoice.paid\",\"data\":{\"object\":{}}}",
      .answer = success,
      .answer_example = "{\"success\":true}",
      .most_body_bytes = INTAKE_MOST_BODY_BYTES },
    { .method = "POST",
      .path = "/v1/webhooks/shopify",
      .needs = ACCESS_OPEN,
      .handle = post_shopify, .is_slow = true,
      .summary = "Takes an event of Shopify, privacy topics among them",
      .details = "Signed: X-Shopify-Hmac-Sha256.",
      .body = any_body,
      .body_example = "{\"id\":1,\"email\":\"ada@example.com\"}",
      .answer = success,
      .answer_example = "{\"success\":true}",
      .most_body_bytes = INTAKE_MOST_BODY_BYTES },
    { .method = "PUT",
      .path = "/v1/webhooks/{source}/secret",
      .needs = ACCESS_OPERATE,
      .handle = put_secret, .is_slow = true,
      .summary = "Gives the secret that stripe's or shopify's webhooks are signed with",
      .body = secret_body,
      .body_example = "{\"secret\":\"whsec_...\"}",
      .answer = success,
      .answer_example = "{\"success\":true}" },
    { 0 },
};
