/* journeys_internal.h - what the files of journeys.h share.  Everything on the writer's thread, but where it says
 * so. */
#ifndef ENGINE_JOURNEYS_INTERNAL_H
#define ENGINE_JOURNEYS_INTERNAL_H

#include "base/hash_map.h"
#include "customer/topic.h"
#include "engine/journeys.h"
#include "engine/known.h"
#include "engine/service.h"
#include "engine/situation.h"
#include "journey/entering.h"
#include "journey/walk.h"

enum journey_state { JOURNEY_ACTIVE, JOURNEY_PAUSED, JOURNEY_DRAFT };

/* One version of one journey, kept while the process lives. */
struct definition {
    int64_t               journey, version;
    const struct journey *is;
    struct arena         *arena;
};

/* A journey in its newest version. */
struct at_work {
    int64_t                  id, version;
    const struct journey    *is;
    const struct definition *definition;
    enum journey_state       state;
    bool                     is_approved;       /* or need not be */
    int64_t                  approved_daily;    /* how many a day were expected when it was; 0: any number may */
    double                   approved_budget;   /* how much a day; 0: any */
    int64_t                  counted_day;       /* n_today is of this day of the shop's; -1: not counted yet */
    int64_t                  n_today;
    bool                     is_spending_read;
    struct spending          spending;          /* by the shop's days */
    int64_t planned_ms; /* by date or schedule everybody known then is planned for up to here */
};

enum kind_interest { STARTS_WAYS = 1, MOVES_WAYS = 2, REDEEMS = 4 };

/* Everything that the settings say, and the folder of templates; exchanged whole. */
struct journeys_rules {
    struct arena        *arena;
    struct contact_rules is;
    struct topics        topics;
    const char          *templates, *public_url;        /* NULL: none */
    double               growth;            /* the share by which more than approved may enter */
};

struct journeys {
    struct service        *service;
    struct timers         *timers;
    struct journeys_rules  rules;
    struct at_work        *all;             /* [n], the more important first */
    size_t                 n;
    struct definition    **definitions;     /* [n_definitions] */
    size_t                 n_definitions, room_definitions;
    struct hash_map        inside;          /* how many ways a customer is inside of; by identity hashed */
    uint8_t               *interest;        /* [n_kinds] */
    size_t                 n_kinds;
    bool                   is_any_interesting;  /* some condition may come true by any event */
    int64_t                segment_event;   /* the last that was looked at */
    struct segment_source *source;
    struct situations     *situations;
    uint64_t               generation;      /* of the features that source is of */
    struct arena          *scratch;
    struct alarm          *saying;          /* what waits in journey_saying is taken in */
    bool                   is_saying_wanted;
    struct step_worth     *worths;          /* [n_worths] what channels brought (journeys_message.c) */
    size_t                 n_worths;
    bool                   is_stale;        /* a job that failed may have left what the store does not have */
    char                 **stated;          /* [n_stated] who said yes to something in this group, by their names */
    size_t                 n_stated;
    int                    asks_itself;     /* some journey asks for confirmations; -1: it is to be looked up */
    const struct taken    *taken;           /* the group that is being written; NULL: a job */
    size_t                 taken_at;        /* of its events the one that starts ways now; or moves those that are there: */
    bool                   is_moving;
};

/* A way while it is walked; loaded from its row. */
struct way {
    int64_t                  id;
    const struct at_work    *at_work;
    const struct definition *definition;
    uint32_t                 customer;
    uint64_t                 key;
    int64_t                  entered_ms, goal_ms, event_ms;     /* event_ms: when what they entered by happened; or 0 */
    struct walk_place        place;
    json_t                  *event, *coupon;        /* NULL: none */
    json_t                  *known;         /* what is known of the customer; NULL: not read yet */
    const struct zone       *zone;          /* theirs, once it is */
    bool                     is_new;        /* nothing waits for it yet */
};

/* ---- definitions (journeys_define.c) ---- */
bool journeys_read_all(struct journeys *journeys, struct store *store, struct err *err) MUST_CHECK;
void journeys_forget_all(struct journeys *journeys);
struct at_work *journeys_at_work(struct journeys *journeys, int64_t id);            /* NULL */
struct at_work *journeys_named(struct journeys *journeys, const char *name);        /* NULL */
bool journeys_definition(struct journeys *journeys, struct store *store, int64_t journey, int64_t version,
                         const struct definition **ret_definition, struct err *err) MUST_CHECK;

/* ---- ways (journeys_walk.c) ---- */
/* *ret_way is there: else there is no such way, or it is over. */
bool way_load(struct journeys *journeys, struct store *store, int64_t id, struct way *ret_way, bool *ret_is_open,
              struct err *err) MUST_CHECK;
void way_free(struct way *way);
bool way_know(struct journeys *journeys, struct store *store, struct way *way, struct err *err) MUST_CHECK;
/* Takes them on as far as they get, and writes down where they are. */
bool way_walk(struct journeys *journeys, struct store *store, struct way *way, struct err *err) MUST_CHECK;
bool way_leave(struct journeys *journeys, struct store *store, struct way *way, enum walk_end end,
               struct err *err) MUST_CHECK;
/* Works the end of a wait out anew, then takes them on. */
bool way_retime(struct journeys *journeys, struct store *store, struct way *way, struct err *err) MUST_CHECK;
/* Begins it: the row is there. */
bool way_start(struct journeys *journeys, struct store *store, struct way *way, struct err *err) MUST_CHECK;

/* ---- by which channel, in which words (journeys_message.c) ---- */
bool way_best_channel(struct journeys *journeys, struct store *store, const struct way *way, const json_t *known,
                      const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                      const char **ret_because, struct err *err) MUST_CHECK;
/* That they were given a step's variant: an exposure in "<journey>.<step>"; of a step without variants nothing. */
bool way_expose(struct journeys *journeys, struct store *store, const struct way *way,
                const struct journey_step *step, struct err *err) MUST_CHECK;

/* Somebody said yes to something: as consents_told. */
void journeys_hear_consent(void *context, struct text name, int64_t received_ms);
/* Whoever said yes in this group to a topic that asks for a confirmation gets the mail with its link. */
bool journeys_ask_to_confirm(struct journeys *journeys, struct store *store, struct err *err) MUST_CHECK;
void journeys_forget_stated(struct journeys *journeys);

/* What the rules of contact ask about somebody, whatever sends: consent, control group, address, what they got.  room
 * [JOURNEYS_SENT_MOST] holds the last; texts are in the scratch arena. */
enum { JOURNEYS_SENT_MOST = 1000 };
bool journeys_contact_facts(struct journeys *journeys, struct store *store, uint32_t customer, const json_t *known,
                            const char *channel, const char *topic, struct contacted *room,
                            struct contact_facts *ret_facts, struct err *err) MUST_CHECK;

/* What a way's journey spends: whether a message by a channel is still in its budget and in what was approved. */
bool way_ask_budget(struct journeys *journeys, struct store *store, const struct way *way, const char *channel,
                    struct contact_facts *facts, struct err *err) MUST_CHECK;
/* So much was spent now; where nothing limits a journey it is not counted. */
void journeys_spend(struct journeys *journeys, struct at_work *at, double amount);
/* Read again of what it spent, where something limits that and it is not known. */
bool journeys_read_spending(struct journeys *journeys, struct store *store, struct at_work *at,
                            struct err *err) MUST_CHECK;
/* Of an instant, where the shop is. */
int64_t journeys_shop_day(const struct journeys *journeys, int64_t at_ms);

/* To what templates are told: where they confirm a yes to the topics that ask for it. */
void way_add_confirms(const struct journeys *journeys, const struct way *way, json_t *data);
/* ---- which branch (journeys_choose.c) ---- */
double way_chance(const struct journeys *journeys, const struct way *way, const struct journey_step *step);
/* *ret_branch n_branches: none; the sentence is in the scratch arena. */
typedef bool way_chooser(struct journeys *journeys, struct store *store, const struct way *way,
                         const struct journey_step *step, size_t *ret_branch, const char **ret_sentence,
                         struct err *err);
way_chooser way_decide, way_take_arm;
/* To what templates are told: the last decision that a step of this journey made for them, if one did. */
void way_add_decision(struct journeys *journeys, struct store *store, const struct way *way, json_t *data);

/* Whether they will not have their scores used. */
bool journeys_refuse_profiling(struct journeys *journeys, struct store *store, uint32_t customer, bool *ret_do,
                               struct err *err) MUST_CHECK;
/* A condition about somebody now.  set: traits they were given this moment, which go before what is known; or NULL. */
bool journeys_hold(struct journeys *journeys, struct store *store, uint32_t customer, const char *sql,
                   const json_t *event, const json_t *set, json_t *facts, bool *ret_holds, struct err *err) MUST_CHECK;
bool journeys_is_member(struct journeys *journeys, uint32_t customer, const char *segment);
json_t *journeys_event_json(struct journeys *journeys, const struct events *events, size_t i);
bool journeys_known(struct journeys *journeys, struct store *store, uint32_t customer, json_t **ret_known,
                    const struct zone **ret_zone, struct err *err) MUST_CHECK;
bool journeys_say(struct journeys *journeys, struct store *store, uint32_t customer, json_t *message,
                  struct err *err) MUST_CHECK;

/* What an answer says becomes traits, as the step maps it. */
bool journeys_map_answer(struct journeys *journeys, struct store *store, const struct way *way,
                         const struct journey_step *step, struct text answer, struct err *err) MUST_CHECK;
/* The segment that stands for a score's crossing: the caller's to free. */
char *journeys_score_segment(const struct journey *journey);
/* What has moved in and out of segments up to now starts nothing. */
bool journeys_skip_segments(struct journeys *journeys, struct store *store, struct err *err) MUST_CHECK;
bool journeys_read_rules(const struct settings *settings, struct journeys_rules *ret_rules,
                         struct err *err) MUST_CHECK;

/* ---- entering (journeys_enter.c) ---- */
/* Lets somebody begin, if they may; *ret_entry 0: they did not.  event_ms: when the event happened; 0: none did. */
bool journeys_begin(struct journeys *journeys, struct store *store, struct at_work *at, uint32_t customer,
                    const json_t *event, int64_t event_ms, int64_t *ret_entry, struct err *err) MUST_CHECK;
/* What is known of somebody's earlier ways through a journey by a key, 0: by none. */
bool journeys_last_entry(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                         uint64_t key, struct entering_facts *ret_facts, struct err *err) MUST_CHECK;
/* That somebody did not enter, and by which rule. */
bool journeys_miss(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                   enum contact_rule rule, const json_t *facts, struct err *err) MUST_CHECK;
bool journeys_take(void *context, struct store *store, const struct taken *taken, struct err *err) MUST_CHECK;
void journeys_count_inside(struct journeys *journeys, uint32_t customer, int by);
uint64_t journeys_n_inside(const struct journeys *journeys, uint32_t customer);

/* ---- by time (journeys_plan.c) ---- */
/* Everybody whose instant comes after from_ms, which may be past. */
bool journeys_plan(struct journeys *journeys, struct store *store, struct at_work *at, int64_t from_ms,
                   struct err *err) MUST_CHECK;
/* Somebody of whom something new is known, for what everybody else is planned for already. */
bool journeys_plan_person(struct journeys *journeys, struct store *store, uint32_t customer,
                          struct err *err) MUST_CHECK;
void journeys_plan_timers(struct journeys *journeys, struct timers *timers);

static inline int64_t journeys_now_ms(const struct journeys *journeys)
{
    return ingest_received_ms(journeys->service->ingest);
}

#endif
