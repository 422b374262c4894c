/* intake.c - see intake.h. */
#include "customer/intake.h"

static const char *const words[PROTOCOLS] = { "segment", "customerio", "posthog", "stripe", "shopify" };

const char *protocol_word(enum protocol protocol) { return words[protocol]; }

bool protocol_find(const char *word, enum protocol *ret_protocol)
{
    for (int i = 0; i < PROTOCOLS; i++)
        if (strcmp(words[i], word) == 0) { *ret_protocol = (enum protocol)i; return true; }
    return false;
}

bool intake_read(const struct intake_request *request, struct arena *arena, struct intake *ret_intake,
                 struct err *err)
{
    (void)arena;
    *ret_intake = (struct intake){ .request = *request };
    return err_set(err, ERR_INVALID, "%s: not read yet", protocol_word(request->protocol));
}

bool intake_write_key(struct text body, struct arena *arena, struct text *ret_key)
{
    (void)body, (void)arena, (void)ret_key;
    return false;
}

bool intake_stripe_signed(struct text body, struct text header, struct text secret, int64_t now_ms, struct err *err)
{
    (void)body, (void)header, (void)secret, (void)now_ms;
    return err_set(err, ERR_REFUSED, "signatures are not checked yet");
}

bool intake_shopify_signed(struct text body, struct text header, struct text secret, struct err *err)
{
    (void)body, (void)header, (void)secret;
    return err_set(err, ERR_REFUSED, "signatures are not checked yet");
}
