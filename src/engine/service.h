/* service.h - everything that lives while events come in: opened together, drained and closed together.
 *
 * One thread, the writer's (hub/ingest.h), changes the store, the log's dictionaries, the identities and
 * the live states.  Everybody else reads: what is in memory while holding `lock` for reading, for
 * microseconds; what is in the store through a connection taken from service_read. */
#ifndef ENGINE_SERVICE_H
#define ENGINE_SERVICE_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "customer/consent.h"
#include "customer/profile.h"
#include "customer/topic.h"
#include "engine/as_of.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct writer;

struct service_options {
    const char  *path;          /* of the database; made if absent */
    const char  *settings_path; /* the file of settings; NULL: that of the campaigns, else the one beside the database */
    const char  *campaigns;     /* the folder of settings, journeys and templates; NULL: there is none */
    struct clock clock;
    double     (*now_seconds)(void);    /* a monotonic clock */
    unsigned     n_threads;     /* for replay and training */
    uint64_t     seed;
    bool         is_sending;    /* what waits in the outbox leaves */
    bool         is_retaining;  /* what the settings say is kept no longer goes (retaining.h) */
    bool         is_learning;   /* train by itself when there is enough that is new */
    enum as_of_choice as_of;    /* AS_OF_UNDECIDED: as the database was told before */
};

struct service {
    struct service_options options;
    struct store       *store;          /* the writer's */
    struct log         *log;
    struct profiles    *profiles;
    struct identities  *identities;
    struct consents    *consents;
    struct live        *live;
    struct memberships *memberships;
    struct segment_check *check;
    bool                is_in_check;    /* the writer, from folding a group until it is committed or undone */
    struct stream      *stream;
    struct access      *access;
    struct ingest      *ingest;
    struct refresh     *refresh;
    struct learning    *learning;
    struct reading_pool *readers;
    struct scheduler   *scheduler;      /* of all that falls due */
    struct timers      *timers;
    struct outbox      *outbox;
    struct journeys    *journeys;
    struct erasing     *erasing;
    struct retaining   *retaining;
    struct sender      *sender;         /* NULL: nothing is sent */
    struct alarm       *later_events;   /* that happen after they were received */
    struct as_of        as_of;  /* under the lock: ask service_as_of */
    _Atomic int64_t     instant_ms;     /* of what is said of nobody in particular; 0: now */
    pthread_rwlock_t    lock;   /* dictionaries, identities, live states, traits and scores in memory */
    pthread_mutex_t     choosing;       /* as of when questions are answered */
    pthread_mutex_t     importing;      /* one file at a time */
    atomic_bool         is_refreshing;
    struct renewal     *renewal;        /* of all that is live */
    uint32_t           *blanked;        /* [n_blanked] the writer's: whose events the group at hand blanked */
    size_t              n_blanked, blanked_room;
    int64_t             started_ms;
    struct arena       *topics_arena;
    struct topics       topics;         /* of the settings; under the lock */
    _Atomic double      holdout_share;  /* holdout_share of the settings (0.05), decision_salt made once */
    uint64_t            decision_salt;
    struct zones       *zones;
    struct recommend   *recommend;      /* what recommends items */
    struct experiments *experiments;    /* in force */
    struct bandits     *bandits;
    atomic_bool         has_plan;       /* one was committed: decisions ask whether it stands */
    struct overview    *overview;       /* how the shop did lately, for a while */
    _Atomic uint64_t    n_acts;         /* service_act */
    _Atomic uint64_t    n_erasures;     /* service_erased */
};

/* Opens the database and replays its log.  Errors: those of store_open, log_open and of the log's readers. */
bool service_open(const struct service_options *options, struct service **ret_service, struct err *err) MUST_CHECK;
void service_close(struct service *service);    /* answers what is queued first; NULL is fine */

/* After a new model or an import: features and states anew, beside the writer.  Not from its thread.  Errors: those of
 * renewal_run. */
bool service_reload(struct service *service, struct err *err) MUST_CHECK;

/* As of when questions are answered, and from now on: kept in the database.  Errors: those of ingest_run. */
struct as_of service_as_of(struct service *service);
int64_t      service_instant_ms(struct service *service);       /* of what is said of nobody in particular */
/* writer: who writes it down; NULL the service itself. */
bool service_choose_as_of(struct service *service, enum as_of_choice choice, const struct writer *writer,
                          struct err *err) MUST_CHECK;

/* The settings are read anew, as after SIGHUP: channels, topics, bandits.  Errors: those of the settings, and all stays as it was. */
bool service_reload_settings(struct service *service, struct err *err) MUST_CHECK;

/* Somebody changed something or was erased, and it is committed: answers that were worked out before do not tell of it.
 * Any thread. */
void service_act(struct service *service);
void service_erased(struct service *service);       /* an act after which nobody may be told of who was there */

/* A connection for reading that no other thread uses until it is given back; waits for one if all are taken. */
struct store;
bool service_read(struct service *service, struct store **ret_store, struct err *err) MUST_CHECK;
void service_read_done(struct service *service, struct store *store);      /* NULL is fine */

/* In a job: two identities are one person, or are not; what is live hears of it.  As identities_link and
 * identities_unlink; *ret_why is NULL unless it was refused. */
bool service_link(struct service *service, struct store *store, uint32_t a, uint32_t b, const char **ret_why,
                  struct err *err) MUST_CHECK;
bool service_unlink(struct service *service, struct store *store, uint32_t a, uint32_t b, struct err *err) MUST_CHECK;

/* The customer that a user id, "anonymous:<id>" or any other raw identity's text stands for: takes the
 * lock for reading.  Errors: ERR_MISSING nobody is known by this id. */
bool service_customer(struct service *service, struct text id, uint32_t *ret_customer, struct err *err) MUST_CHECK;

/* All identities of a customer as a JSON list, for statements; takes the lock for reading. */
struct text service_identities(struct service *service, uint32_t customer, struct arena *arena);

#endif
