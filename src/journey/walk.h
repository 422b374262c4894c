/* walk.h - one person's way through a journey: a step machine that asks what it needs and says what it does.
 *
 * walk_on takes somebody from where they are as far as they get now.  All that it knows of the world comes by
 * struct walk_world, which the engine and the simulator each fill; both so keep the same rules.  Where somebody
 * stands is a struct walk_place, which is kept between two calls. */
#ifndef JOURNEY_WALK_H
#define JOURNEY_WALK_H

#include "journey/contact.h"
#include "journey/journey.h"

enum walk_outcome {
    OUTCOME_SENT, OUTCOME_HELD, OUTCOME_SKIPPED, OUTCOME_WAITED, OUTCOME_BRANCHED, OUTCOME_FAILED, OUTCOME_EXITED
};
const char *walk_outcome_word(enum walk_outcome outcome);       /* "sent" */

/* How a way ended; WALK_OPEN: it goes on. */
enum walk_end { WALK_OPEN, WALK_FINISHED, WALK_EXITED, WALK_GOAL, WALK_FILTER, WALK_MERGED, WALK_CANCELLED };
const char *walk_end_word(enum walk_end end);                   /* "finished"; NULL for open */

struct walk_place {
    uint32_t          step;         /* JOURNEY_END: past the last */
    int64_t           since_ms;     /* when they came to it: what waits count from */
    int64_t due_ms; /* when it is looked at again; 0: they have just come; MOMENT_NEVER: not by time */
    enum contact_rule held;         /* why a message is held, said once; RULE_NONE: it is not */
    bool              is_timed;     /* the learned hour has been waited for */
    bool              is_answer_awaited;    /* of a message that was sent, whose answer is mapped back */
    enum walk_end     end;
};

/* A line of `why`. */
struct walk_line {
    const struct journey_step *step;
    int64_t           at_ms;
    enum walk_outcome outcome;
    enum contact_rule rule;
    const char       *sentence;     /* in the walk's arena */
    const char       *message;      /* the id of what was sent, or NULL */
};

/* What became of an act. */
struct walk_act {
    enum walk_outcome outcome;      /* SENT, SKIPPED (RULE_NO_ADDRESS ...), FAILED */
    enum contact_rule rule;
    const char       *sentence, *message;
    bool              is_answer_awaited;
};

struct walk_world {
    void *context;
    const struct zone          *zone;       /* the person's */
    const struct contact_rules *rules;
    /* Whether a condition holds for the person now; what it looked at becomes part of the next line. */
    bool (*holds)(void *context, const struct condition *condition, bool *ret_holds, struct err *err);
    bool (*is_member)(void *context, const char *segment, bool *ret_is, struct err *err);
    /* Whether an event of this kind has come after the instant at which the way began. */
    bool (*has_happened)(void *context, const struct happening *what, int64_t since_ms, bool *ret_has,
                         struct err *err);
    /* The day that a trait names.  *ret_has false: it names none. */
    bool (*date)(void *context, const char *trait, int64_t *ret_day, bool *ret_has, struct err *err);
    /* The hour of day (local milliseconds) at which they read messages; *ret_has false: nothing was learned. */
    bool (*learned)(void *context, int64_t *ret_clock_ms, bool *ret_has, struct err *err);
    bool (*contact)(void *context, const struct journey_step *step, struct contact_facts *ret_facts,
                    struct err *err);
    /* Which of a step's channels, of those that are open; *ret_because is in the walk's arena. */
    bool (*best)(void *context, const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                 const char **ret_because, struct err *err);
    /* A number in [0, 1) that is always the same for this person and step. */
    double (*chance)(void *context, const struct journey_step *step);
    /* Which branch of a decision or an experiment they take; n_branches: none, they go on behind it. */
    bool (*decide)(void *context, const struct journey_step *step, size_t *ret_branch, const char **ret_sentence,
                   struct err *err);
    /* Sends, gives a task, issues a coupon, sets traits, raises an event. */
    bool (*act)(void *context, const struct journey_step *step, int64_t now_ms, struct walk_act *ret_act,
                struct err *err);
    bool (*note)(void *context, const struct walk_line *line, struct err *err);
};

struct walk {
    const struct journey    *journey;
    const struct walk_world *world;
    struct arena            *arena;         /* of sentences */
    int64_t                  entered_ms;
};

struct walk_place walk_start(const struct journey *journey, int64_t now_ms);

/* As far as they get now.  Afterwards place->end says whether it is over, else due_ms when they are looked at
 * again; they may be taken on before, when something has happened.  False leaves *place as it was. */
bool walk_on(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err) MUST_CHECK;

/* The goal was met, or they stopped matching: the way ends where they are, if the journey's exit says so; else
 * nothing happens.  end: WALK_GOAL or WALK_FILTER. */
bool walk_leave(const struct walk *walk, struct walk_place *place, enum walk_end end, int64_t now_ms,
                struct err *err) MUST_CHECK;

/* Somebody's answer has come, or is not awaited any more. */
void walk_answered(struct walk_place *place, int64_t now_ms);

/* Whether other traits may change when they go on: they wait by the clock, or a rule of time holds a message. */
bool walk_is_retimed(const struct journey *journey, const struct walk_place *place);

/* When the wait at this step is over by the zone that is now: after another zone, or in another version.  What is
 * past means now.  Nothing else of the place changes; a held message is looked at at once. */
bool walk_retime(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err) MUST_CHECK;

#endif
