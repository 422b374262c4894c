/* plan_contact.h - who may get an action of a plan: by the rules of contact that journeys keep, and by the
 * action's own cap and cooldown. */
#ifndef CAMPAIGN_PLAN_CONTACT_H
#define CAMPAIGN_PLAN_CONTACT_H

#include "base/settings.h"
#include "base/zones.h"
#include "customer/profile.h"
#include "customer/topic.h"
#include "journey/contact.h"
#include "plan/plan_log.h"

#include <jansson.h>

/* How an action reaches somebody, of the settings. */
struct plan_way {
    const char *base;           /* the action's name without its depth: caps count all depths together */
    const char *channel, *topic, *subject, *html, *text;        /* NULL: not given */
    int64_t     cooldown_days, cap_days;        /* 0: none */
    uint32_t    cap_most;
};

struct past_contact { uint32_t customer; int64_t at_ms; size_t base; };

struct plan_contact {
    const struct plan_way   *ways;              /* [n_ways] */
    size_t                   n_ways, n_past;
    struct store            *store;
    const struct log        *log;
    const struct identities *identities;
    const struct profiles *profiles; /* NULL: the database has no key, and so no consent and no address */
    struct consents         *consents;
    struct contact_rules     rules;
    struct topics            topics;
    struct zones            *zones;
    struct past_contact     *past;              /* [n_past] by customer and time */
    int64_t                  as_of_ms;
    struct arena            *scratch;
};

/* ways, store, log, identities, profiles and as_of_ms are given.  Errors: those of the settings and the store. */
bool plan_contact_open(struct plan_contact *contact, const struct settings *settings, struct arena *arena,
                       struct err *err) MUST_CHECK;
void plan_contact_close(struct plan_contact *contact);

/* An `allows` of plan_log.h; context is a struct plan_contact. */
bool plan_contact_allows(void *context, uint32_t identity, size_t action, enum plan_rule *ret_rule,
                         struct err *err) MUST_CHECK;

/* Whether the settings say how a channel sends. */
bool plan_contact_has_channel(const struct plan_contact *contact, const char *channel);

/* What is known of a customer by name for templates and addresses: sealed members over traits.  New reference. */
bool plan_contact_known(const struct plan_contact *contact, uint32_t customer, struct arena *scratch,
                        json_t **ret_known, struct err *err) MUST_CHECK;

#endif
