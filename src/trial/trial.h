/* trial.h - journeys through time that is only thought of: what would have been sent, held or skipped, when and
 * why.
 *
 * The events of a database happen again in their order, states and scores as they were known then, and everybody
 * walks by the same rules (journey/walk.h, journey/contact.h) as under a server.  Nothing is written.  A preview
 * is the trial of one person, a simulation that of everybody. */
#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include "base/zones.h"
#include "customer/consent.h"
#include "customer/profile.h"
#include "journey/walk.h"

#include <jansson.h>

struct trial_line {
    const struct journey   *journey;
    uint32_t                customer;
    size_t                  entry;          /* its number in the trial, from 0; SIZE_MAX: they did not enter */
    int64_t                 entered_ms;
    const struct zone      *zone;
    const struct walk_line *line;           /* NULL: only `end` is told, or why they did not enter */
    const json_t           *facts;          /* what the rule looked at */
    enum contact_rule       rule;           /* of who did not enter */
    enum walk_end           end;
    int64_t                 at_ms;
    double                  spent;          /* what the message that this line tells of cost */
};

/* Something that is only thought to happen to whom a preview is about. */
struct trial_happening { const char *kind; int64_t at_ms; const json_t *event; };

struct trial_options {
    const struct journey *const *journeys;  /* [n_journeys] */
    size_t                       n_journeys;
    const struct contact_rules  *rules;
    const struct settings       *settings;  /* of bandits; NULL: there are none */
    struct store                *store;
    const struct log            *log;
    const struct identities     *identities;
    const struct consents       *consents;  /* NULL: person tells */
    const struct profiles       *profiles;  /* NULL: person tells */
    struct zones                *zones;
    int64_t                      from_ms, to_ms;
    uint64_t                     salt;
    unsigned                     n_threads;
    const json_t *person; /* preview: {"traits": {}, "consent": {}, "holdout": false}; NULL: everybody */
    uint32_t                     customer;  /* preview of one of the database; 0: not */
    const struct trial_happening *happenings;       /* [n_happenings] of a preview, the earlier first */
    size_t                       n_happenings;
    const char                  *templates; /* a folder: what is sent is rendered; NULL: it is not */
    const char                  *public_url;
    void (*told)(void *context, const struct trial_line *line);     /* NULL: nobody listens */
    void                        *context;
};

/* How often each thing happened. */
struct trial_counts {
    size_t   n_people, n_entered, n_not_entered;
    uint64_t ended[WALK_CANCELLED + 1];             /* WALK_OPEN: still inside */
    uint64_t held[CONTACT_RULES], skipped[CONTACT_RULES], failed;
    uint64_t n_violations, n_unknown_zones;
    const char *violation;                          /* the first, as a sentence; NULL */
    struct trial_sent { const char *channel; uint64_t n; } sent[32];
    size_t   n_sent;
    double   spent;                                 /* what the messages cost */
};

bool trial_run(const struct trial_options *options, struct arena *arena, struct trial_counts *ret_counts,
               struct err *err) MUST_CHECK;

#endif
