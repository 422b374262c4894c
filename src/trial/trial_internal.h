/* trial_internal.h - what the files of a trial share. */
#ifndef ENGINE_TRIAL_INTERNAL_H
#define ENGINE_TRIAL_INTERNAL_H

#include "base/due_list.h"
#include "base/hash_map.h"
#include "engine/assigning.h"
#include "engine/known.h"
#include "engine/situation.h"
#include "trial/trial.h"
#include "journey/entering.h"
#include "learn/bandit_measure.h"
#include "live/live.h"

#include <pthread.h>

struct trial_person {
    uint32_t           customer;
    struct text        name;
    json_t            *known;           /* traits and personal members, NULL: to be looked up */
    json_t            *set;             /* what goes before what is known: as told, and set by journeys; NULL: nothing was */
    const struct zone *zone;
    bool               is_held_out, is_zone_known;
    json_t            *said;            /* by purpose, as consents_get gives them */
    enum consent_verdict heard;
    struct contacted  *sent;            /* [n_sent], the last ones */
    size_t             n_sent, room_sent;
    uint32_t first_open, last_entry;    /* 1 + entry, of those not known to be over; the last of all; 0 none */
    uint32_t           last_event;      /* 1 + index among events that have happened; 0: none */
    int64_t            scored_ms;       /* when scores were last worked out */
    uint64_t          *matched;         /* bits by journey: a segment or score trigger held when last looked at */
};

struct trial_entry {
    uint32_t          person;
    uint32_t          journey;
    int64_t           entered_ms;       /* of one that is pending: when it will be */
    struct walk_place place;
    json_t           *event;            /* by which they entered; NULL */
    uint32_t          event_number;     /* 1 + index of it; 0: none */
    json_t           *coupon;
    const struct journey_step *decided_at;      /* NULL: nothing was decided yet */
    const char       *decided;          /* the action; lives as the journey does */
    uint64_t          key;              /* hash of the trigger's key; 0 none */
    uint32_t          before;           /* 1 + the entry before of the same person and journey; 0: none */
    uint32_t          next_of_person;   /* 1 + entry; 0: none */
    bool              is_pending, goal_met;
};

/* What at_most of a journey counts, by the shop's days. */
struct trial_journey { int64_t counted_day, n_today; struct spending spending; };

/* An experiment of the database, the earliest first; a bandit of the settings, with what its arms earned by now. */
struct trial_experiment { const struct design *is; const struct experiment_record *record; };
struct trial_bandit { const struct bandit_rule *is; const struct bandit_view *view; };

/* What the audit looks at. */
struct trial_contact {
    int64_t at_ms;
    uint32_t person, entry, step;       /* step: its index */
    const char *channel;
    uint64_t address;                   /* hash; 0 none */
};

struct trial {
    const struct trial_options *options;
    struct arena           *arena, *scratch;
    struct live            *live;
    struct segment_source  *source;
    struct situations      *situations;
    pthread_rwlock_t        lock;
    struct trial_person    *people;         /* [n_people] */
    size_t                  n_people;
    struct hash_map         person_of;      /* 1 + index, by customer + 1 */
    struct trial_entry     *entries;
    size_t                  n_entries, room_entries;
    struct due_list         due;            /* entries */
    struct hash_map         last_entry;     /* 1 + entry, by person, journey and key */
    struct hash_map         addressed;      /* 1 + contact, by journey, step and address */
    struct trial_contact   *contacts;
    size_t                  n_contacts, room_contacts;
    struct trial_counts     counts;
    int64_t                 now_ms;
    struct trial_journey   *journeys;       /* [options->n_journeys] */
    struct trial_experiment *experiments;   /* [n_experiments] */
    size_t                  n_experiments;
    struct trial_bandit    *bandits;        /* [n_bandits] */
    size_t                  n_bandits;
    const struct segment   *segments;       /* [n_segments] of the database */
    size_t                  n_segments;
    /* The events, in the order of their times. */
    struct events           parts[LOG_PARTITIONS];
    struct trial_event     { int64_t time_ms; uint32_t part, index; } *events;
    uint32_t               *event_before;   /* [n_events] 1 + the one before of the same person; 0: none */
    size_t                  n_events, next_event;
    struct trial_raised    { uint32_t person; json_t *event; const char *kind; } *raised;
    size_t                  n_raised, room_raised;
    size_t                  next_happening;
    /* Of the entry that is walking. */
    struct trial_entry     *walking;
    double                  spent;          /* by the step that is carried out */
    json_t                 *facts;
};

static inline bool trial_is_preview(const struct trial *trial)
{
    return trial->options->person || trial->options->customer;
}

/* ---- people (trial_person.c) ---- */
bool trial_people_find(struct trial *trial, struct err *err) MUST_CHECK;
void trial_people_free(struct trial *trial);
/* Looks up what is known of somebody, where it is not; forget makes it be looked up again. */
bool trial_person_know(struct trial *trial, struct trial_person *person, struct err *err) MUST_CHECK;
void trial_person_forget(struct trial_person *person);
enum consent_said trial_said(void *person, const char *name);
bool trial_is_unprofiled(const struct trial_person *person);
void trial_person_contacted(struct trial_person *person, const struct contacted *contacted);
struct trial_person *trial_person_of(struct trial *trial, uint32_t customer);      /* NULL */

/* ---- walking (trial_walk.c) ---- */
bool trial_walk_on(struct trial *trial, size_t entry, struct err *err) MUST_CHECK;
bool trial_leave(struct trial *trial, size_t entry, enum walk_end end, struct err *err) MUST_CHECK;
bool trial_retime(struct trial *trial, size_t entry, struct err *err) MUST_CHECK;       /* by other traits */
/* ---- entering (trial_enter.c) ---- */
/* Tries to begin a way; event is borrowed.  at_ms > now: it is to begin then. */
bool trial_enter(struct trial *trial, struct trial_person *person, size_t journey, uint32_t event_number,
                 const json_t *event, int64_t at_ms, struct err *err) MUST_CHECK;
/* What was to begin begins, if they are in the audience and match. */
bool trial_begin(struct trial *trial, size_t entry, struct err *err) MUST_CHECK;
json_t *trial_event_json(const struct trial *trial, size_t event);
bool trial_holds(struct trial *trial, const struct trial_person *person, const char *sql, const json_t *event,
                 json_t *facts, bool *ret_holds, bool *ret_lacks_score, struct err *err) MUST_CHECK;
const char *trial_segment_sql(const struct trial *trial, const char *name); /* NULL: there is no such segment */

int64_t trial_shop_day(const struct trial *trial, int64_t at_ms);

/* ---- which branch (trial_choose.c) ---- */
bool trial_choices_find(struct trial *trial, struct err *err) MUST_CHECK;
/* By the shares of the experiment, or by the chances of what would decide; n_branches: none. */
bool trial_choose(struct trial *trial, struct trial_person *person, const struct journey_step *step, double chance,
                  const char *topic, size_t *ret_branch, const char **ret_sentence, struct err *err) MUST_CHECK;

/* ---- triggers by time ---- */
enum { TRIAL_TICK_HOURS = 24 };
/* Looks at everybody: segments and scores that hold now, and dates and schedules that come before the next look.
 */
bool trial_tick(struct trial *trial, bool is_first, int64_t next_ms, struct err *err) MUST_CHECK;
/* Segments and scores of one, after an event. */
bool trial_look(struct trial *trial, struct trial_person *person, bool is_first, struct err *err) MUST_CHECK;

/* ---- the audit (trial_audit.c) ---- */
void trial_audit(struct trial *trial);

#endif
