/* learning_internal.h - what learning.c, which trains and scores, shares with learning_look.c, which says when. */
#ifndef ENGINE_LEARNING_INTERNAL_H
#define ENGINE_LEARNING_INTERNAL_H

#include "base/arena.h"
#include "engine/learning.h"
#include "engine/service.h"
#include "learn/challenge.h"
#include "learn/decay.h"
#include "learn/score.h"
#include "live/live.h"
#include "table/import_record.h"

#include <pthread.h>
#include <stdatomic.h>

struct learning {
    struct service        *service;
    struct alarm          *look;            /* rings when it is time to look around */
    pthread_t              thread;
    pthread_mutex_t        mutex;           /* guards what follows */
    pthread_cond_t         changed, settled;
    atomic_bool            is_stopping;     /* changed under the mutex; the work at hand looks at it, too */
    bool                   is_asked, is_look_due;
    struct learning_ask    ask;
    struct learning_status status;
    /* The thread's own. */
    struct attempt { char question[QUESTION_NAME_MOST + 1]; int64_t at_ms, looked_ms, shadow_ms; uint64_t n_events;
                     struct decay decay; }
                           attempts[LIVE_MODELS_MOST];      /* by itself; of no question: the first model */
    size_t                 n_attempts;
    int64_t                scoring_tried_ms;
    int64_t                valued_as_of_ms;     /* the instant of everybody's scores and values */
};

/* One piece of work: its own view of the database. */
struct learning_run {
    struct learning     *learning;
    struct store        *store;
    struct log          *log;
    struct arena        *arena;
    struct import_record record;
    int64_t              first_ms, as_of_ms;
    struct trained       trained;
    struct scores        scores;
    const struct learning_ask *ask;         /* NULL: nothing is to be trained */
    struct challenge_gate gate;             /* of one that was trained without anybody asking */
    int64_t              promoted;          /* the model to be put in force */
    uint32_t             from, to;          /* of the scores that the job at hand puts */
};

/* A view of its own for run->learning; learning_run_end also after a failure. */
bool learning_run_begin(struct learning_run *run, struct err *err) MUST_CHECK;
void learning_run_end(struct learning_run *run);

/* ask NULL: nothing is trained, only scored and valued again. */
bool learning_learn(struct learning *learning, const struct learning_ask *ask, struct err *err) MUST_CHECK;

/* Half of the cores stay with the events and decisions. */
unsigned learning_threads(const struct service_options *options);
/* Says it of the question in status.judged. */
void learning_tell(struct learning *learning, const char *question, const char *sentence);

/* When it was last tried, what is kept between two looks. */
struct attempt *learning_attempt_of(struct learning *learning, const char *question);
void learning_look_around(struct learning *learning);

#endif
