/* learning.h - training and valuing beside the live traffic, in a thread of its own.
 *
 * It reads through a connection and dictionaries of its own, so that nobody waits for it; what it learned
 * goes through the writer.  It trains when asked, and by itself: the first model as soon as the history allows one,
 * each model again once a week and when there is enough that is new (learning_schedule.h); it scores and values
 * everybody after training and once a day. */
#ifndef ENGINE_LEARNING_H
#define ENGINE_LEARNING_H

#include "base/err.h"
#include "learn/learning_schedule.h"
#include "feature/question.h"

#include <stdbool.h>
#include <stdint.h>

struct learning;
struct service;
struct scores;

enum learning_state { LEARNING_IDLE, LEARNING_TRAINING, LEARNING_SCORING };

/* A model in force that is no longer what it was when it was made (learn/decay.h). */
struct learning_decay { char question[QUESTION_NAME_MOST + 1]; bool is_worse, has_moved; };

enum { LEARNING_DECAYS_MOST = 16 };

struct learning_status {
    enum learning_state state;
    int64_t             since_ms;           /* in this state */
    int64_t             trained_ms;         /* when the last training ended here; 0: none yet */
    int64_t             scored_ms;          /* when everybody was last scored and valued here; 0: not yet */
    struct err          last;               /* why the last attempt gave nothing; ERR_NONE if it did */
    char                judged[600];        /* how the last that it trained by itself did; "": none yet */
    struct learning_plan next;              /* of all questions the one that learns again first */
    char                next_question[QUESTION_NAME_MOST + 1];      /* its name; "" there is no model yet */
    struct learning_decay decays[LEARNING_DECAYS_MOST];     /* as of the last look, once a day */
    size_t              n_decays;
};

struct learning_ask {
    char    question[QUESTION_NAME_MOST + 1], goal[64];
    int64_t horizon_days;           /* "" and 0: chosen from the data */
    bool    is_again;               /* as the question's model in force asks it */
    char    who[128];               /* asked, and is noted in the commit of the model; "": nobody */
    bool    is_by_itself;           /* nobody asked: what comes of it has to pass a backtest (learn/challenge.h) */
};

bool learning_start(struct service *service, struct learning **ret_learning, struct err *err) MUST_CHECK;
void learning_stop(struct learning *learning);      /* the work at hand is given up; NULL is fine */

/* Errors: ERR_BUSY it is at work. */
bool learning_train(struct learning *learning, const struct learning_ask *ask, struct err *err) MUST_CHECK;
/* Keeps scores that somebody else made: in the table, and in memory what does not move with each event. */
bool learning_put_scores(struct learning *learning, const struct scores *scores, int64_t as_of_ms,
                         struct err *err) MUST_CHECK;

struct learning_status learning_status(struct learning *learning);
void learning_settle(struct learning *learning);    /* waits until what was asked for is done */

#endif
