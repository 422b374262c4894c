/* contact.h - whether a message may go to somebody now, later or not at all: the rules of contact and of time,
 * pure, shared by the engine and the simulator.
 *
 * Who may be contacted at all decide/reach.h says; here are the rest: addresses, caps, quiet hours, stops. */
#ifndef JOURNEY_CONTACT_H
#define JOURNEY_CONTACT_H

#include "base/settings.h"
#include "base/zone.h"
#include "decide/reach.h"
#include "journey/budget.h"
#include "journey/moment.h"
#include "table/costs.h"

/* What a line of `why` names as the cause; contact_rule_word has the words. */
enum contact_rule {
    RULE_NONE,
    RULE_CONSENT,
    RULE_SUPPRESSED,
    RULE_NO_ADDRESS,
    RULE_CAP,
    RULE_HOLDOUT,
    RULE_DUPLICATE,
    RULE_QUIET_HOURS,
    RULE_APPROVAL,
    RULE_STOPPED,
    RULE_TEMPLATE,
    RULE_FILTER,
    RULE_GOAL,
    RULE_TOO_OLD,
    CONTACT_RULES
};
const char *contact_rule_word(enum contact_rule rule);      /* "quiet_hours"; NULL for none */

enum channel_kind { CHANNEL_SMTP, CHANNEL_TWILIO, CHANNEL_WEBHOOK, CHANNEL_CALLS, CHANNEL_POST, CHANNEL_AUDIENCE };
enum topic_basis { BASIS_NONE, BASIS_CONSENT, BASIS_INTEREST, BASIS_CONTRACT };

struct cap { const char *channel, *topic; uint32_t most; bool is_week, waits; };    /* channel, topic NULL: any */

struct contact_rules {
    const struct cap *caps;             /* [n_caps] */
    size_t            n_caps;
    struct hours      quiet;
    bool              is_quiet_set;
    double            holdout_share;
    const char       *zone;             /* the shop's; NULL: UTC */
    const struct contact_topic   { const char *name; enum topic_basis basis; } *topics;         /* [n_topics] */
    size_t            n_topics;
    const struct contact_channel { const char *name; enum channel_kind kind; } *channels;       /* [n_channels] */
    size_t            n_channels;
    struct costs      costs;            /* of contacts: what a journey spends of its budget */
};

/* From the settings; lives in the arena.  Errors: ERR_INVALID what is wrong, with its line. */
bool contact_rules_read(const struct settings *settings, struct arena *arena, struct contact_rules *ret_rules,
                        struct err *err) MUST_CHECK;

/* A channel that no setting names is of the kind that its name says: email, sms, calls, post, audience; else a
 * webhook. */
enum channel_kind contact_channel_kind(const struct contact_rules *rules, const char *channel);
enum topic_basis  contact_basis(const struct contact_rules *rules, const char *topic);      /* topic NULL: none */
/* Whether the settings name the channel at all, where they name any. */
bool              contact_has_channel(const struct contact_rules *rules, const char *channel);

/* What one message costs, in units of the shop's currency; 0 where nobody has said. */
double            contact_cost(const struct contact_rules *rules, const char *channel, int64_t at_ms);

/* Whether somebody is reached by it: what goes to our own programs is under no cap and no quiet hour. */
bool contact_is_personal(enum channel_kind kind);

/* What was stated on channel, topic and channel.topic, taken together: a refusal at any level wins; a consent
 * counts on the topic, or on channel.topic, and where there is no topic on the channel.  said tells of one name.
 */
enum consent_said contact_said(const char *channel, const char *topic,
                               enum consent_said (*said)(void *context, const char *name), void *context);

struct contacted { int64_t at_ms; const char *channel, *topic; };       /* topic NULL: none */

struct contact_facts {
    enum consent_verdict    heard;
    enum consent_said       said;           /* contact_said */
    bool                    is_held_out;
    bool                    has_address;
    bool                    is_refused_address;     /* on the list of addresses that are not to be sent to */
    bool                    is_duplicate;           /* this step has gone to the same address */
    bool                    is_stopped, is_unapproved;
    enum budget_answer      budget;         /* of the journey, for what this message costs */
    int64_t                 budget_until_ms;        /* when there may be more: the shop's next day */
    const struct contacted *sent;           /* [n_sent] to them in the last nine days, in any order */
    size_t                  n_sent;
};

/* Two customers with one address get a step once: whether it went there, by_another, so lately that it counts. */
bool contact_is_duplicate(bool by_another, int64_t before_ms, int64_t now_ms);

enum contact_verdict { CONTACT_GO, CONTACT_SKIP, CONTACT_HOLD };
struct contact_answer {
    enum contact_verdict verdict;
    enum contact_rule    rule;
    int64_t              until_ms;          /* of CONTACT_HOLD; MOMENT_NEVER: until somebody lets it go */
    bool                 is_of_budget;      /* it is the journey's budget that the rule speaks of */
};
struct contact_answer contact_judge(const struct contact_rules *rules, const struct contact_facts *facts,
                                    const char *channel, const char *topic, const struct zone *zone,
                                    int64_t now_ms);

#endif
