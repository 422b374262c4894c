/* topic.h - what messages are about, and by which right somebody is written to about it. */
#ifndef CUSTOMER_TOPIC_H
#define CUSTOMER_TOPIC_H

#include "base/settings.h"
#include "customer/consent.h"

enum topic_right {
    RIGHT_CONSENT,      /* they said yes */
    RIGHT_INTEREST,     /* they did not say no */
    RIGHT_CONTRACT      /* they bought something and must hear of it */
};

struct topic {
    const char      *name, *title, *purpose;    /* title, purpose: for people; "" where not said */
    enum topic_right right;
    bool             is_double_opt_in;          /* a yes counts once it was confirmed by mail */
};
struct topics { struct topic *list; size_t n; };

/* The section `topics`; lives in the arena.  Errors: ERR_INVALID with its line. */
bool topics_read(const struct settings *settings, struct arena *arena, struct topics *ret_topics,
                 struct err *err) MUST_CHECK;
const struct topic *topic_find(const struct topics *topics, struct text name);     /* NULL: there is none */

/* Whether n identities of one customer agree to be written to by a channel about a topic, from what they stated on
 * the channel, the topic and "channel.topic": a refusal at any level wins; a topic of basis contract asks nobody;
 * one of basis consent needs a yes on the topic or "channel.topic", of double opt-in a confirmed one, and without
 * it the answer is no; of basis interest, or that no setting names, silence is CONSENT_SAID_NOTHING. channel and
 * topic may be "". */
bool topic_said(const struct topics *topics, const struct consents *consents, struct store *store,
                const uint32_t *members, size_t n, struct text channel, struct text topic,
                enum consent_said *ret_said, struct err *err) MUST_CHECK;

#endif
