/* journey.h - what a journey is: who enters, which steps they take, when they leave.  Read from YAML.
 *
 * A definition is a tree of steps written down in one array: each step knows which comes after it, so that where
 * somebody is is one number.  Pure; nothing here knows of a database. */
#ifndef JOURNEY_JOURNEY_H
#define JOURNEY_JOURNEY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "journey/budget.h"

#include <stdint.h>

enum { JOURNEY_MOST_STEPS = 1000, JOURNEY_NAME_MOST = 64 };
#define JOURNEY_END UINT32_MAX

/* A span: elapsed milliseconds ("24h"), or days as the local clock counts them ("1d").  One of the two is 0. */
struct span { int64_t ms, days; };

/* A condition as in segments; number is its place among the journey's conditions,
 * written what the file says.  sql NULL: there is none. */
struct condition { const char *sql, *written; unsigned number, line, column; };

enum trigger_kind { TRIGGER_EVENT, TRIGGER_SEGMENT, TRIGGER_SCORE, TRIGGER_DATE, TRIGGER_SCHEDULE, TRIGGER_API };
enum every { EVERY_ONCE, EVERY_DAY, EVERY_WEEK, EVERY_MONTH, EVERY_YEAR };

struct trigger {
    enum trigger_kind kind;
    const char       *name;         /* of the event's kind, segment, score or date's trait */
    const char       *key;          /* event: the property that tells one from another, as an order's id; NULL */
    struct condition  where;        /* event: over it and the customer */
    bool              is_leaving;   /* segment: on leaving it */
    double            crosses;      /* score: rising past this, falling below it where is_falling */
    bool              is_falling;
    int64_t           shift_days;   /* date: days after it, negative before it */
    enum every        every;        /* date: EVERY_ONCE or EVERY_YEAR; schedule: any but EVERY_YEAR */
    int64_t           at_local_ms;  /* schedule, once: the local instant */
    int64_t           clock_ms;     /* of a day: date, recurring schedule */
    unsigned          on;           /* week: 0 Monday .. 6; month: 1..31 */
    const char       *zone;         /* schedule: "person", "shop" or a zone's name */
    struct condition  audience;     /* schedule */
};

enum again_kind { AGAIN_NEVER, AGAIN_ALWAYS, AGAIN_AFTER };
enum edit_kind  { EDIT_FINISH, EDIT_MOVE };
/* May end a way early: what is in the set. */
enum exit_mode  { EXIT_NEVER = 0, EXIT_FILTER = 1, EXIT_GOAL = 2, EXIT_EITHER = 3 };

/* What has happened, of an event or of being in a segment. */
struct happening { const char *event, *segment; struct condition where; };

struct goal { bool is_set; struct happening what; struct span within; };

enum step_kind {
    STEP_DELAY, STEP_UNTIL_CLOCK, STEP_UNTIL_DATE, STEP_WINDOW, STEP_WAIT, STEP_SPLIT, STEP_RANDOM, STEP_DECIDE,
    STEP_EXPERIMENT, STEP_SEND, STEP_TASK, STEP_COUPON, STEP_SET, STEP_RAISE, STEP_EXIT
};

/* A way that a split, a random split, a decision or an experiment may take. */
struct branch {
    const char      *name;          /* of a decision's candidate or an experiment's arm; else NULL */
    struct condition when;          /* of a split; none: otherwise */
    double           share;         /* of a random split */
    uint32_t         first;         /* where it begins; JOURNEY_END and steps after the split as `next` has them */
};

/* name: text.  Of an answer: text is the path in it, as "reply.tier"; else a template. */
struct journey_set { const char *name, *text; };

/* Other texts for a step; NULL: the step's own. */
struct variant { const char *name, *subject, *html, *text, *body; double share; };

struct journey_step {
    const char    *id;
    uint32_t       index;           /* among the steps */
    enum step_kind kind;
    uint32_t       next;            /* JOURNEY_END: none */
    unsigned       line, column;
    struct span    span;            /* delay; wait's at_most */
    int64_t        clock_ms;        /* until */
    const char    *date;            /* until: a trait */
    int64_t        shift_days;      /* until a date: days after it */
    unsigned       days;            /* window: bit 0 Monday .. bit 6; 0: all */
    int64_t        from_ms, to_ms;  /* window */
    struct happening   what;        /* wait; neither event nor segment: the condition in where */
    const struct branch *branches;  /* [n_branches] */
    size_t         n_branches;
    uint32_t       otherwise;       /* wait: where it goes on when time is over */
    const char    *channel;         /* send; of several the first */
    const char *const *channels;    /* [n_channels] send: best of these */
    size_t         n_channels;
    const struct variant *variants; /* [n_variants] send: one for each person, by lot and for good */
    size_t         n_variants;
    const char    *variant;         /* of a step that is carried out: whose texts these are; else NULL */
    const char    *subject, *html, *text, *body;    /* send: subject and body are templates, html and text files */
    const char    *name;            /* decide: placement; of an experiment, coupon, event raised */
    const char    *words;           /* task: a template */
    struct span    expires;         /* coupon; none: 0, 0 */
    double         percent;         /* coupon: what it takes off; 0: nobody has said */
    const struct journey_set *sets;  /* [n_sets] set, raise's properties, what send takes from the answer */
    size_t         n_sets;
};

struct journey {
    const char        *name, *topic;        /* topic NULL: none */
    unsigned           topic_line, topic_column;
    struct trigger     trigger;
    struct condition   filter;
    enum again_kind    again;
    struct span        again_after;
    enum edit_kind     edit;
    enum exit_mode     exit;
    struct goal        goal;
    bool               is_approval_needed;
    int64_t            most_per_day;        /* 0: any number */
    struct budget      budget;
    double             most_percent;        /* of its coupons; 0: any */
    int64_t            priority;
    bool               is_time_learned;
    const struct journey_step *steps;              /* [n_steps] */
    size_t             n_steps;
    uint32_t           first;               /* JOURNEY_END: it has no steps */
    const struct condition *conditions;     /* [n_conditions] all there are, by number */
    size_t             n_conditions;
};

/* Reads a definition; source names it in errors, which say line and column.  Lives in the arena.
 * Errors: ERR_INVALID anything that is not as it should be; of journey_read_file also ERR_MISSING, ERR_IO. */
bool journey_read(struct text yaml, const char *source, struct arena *arena, const struct journey **ret_journey,
                  struct err *err) MUST_CHECK;
bool journey_read_file(const char *path, struct arena *arena, const struct journey **ret_journey,
                       struct err *err) MUST_CHECK;

/* The step of an id; JOURNEY_END: there is none. */
uint32_t journey_find_step(const struct journey *journey, const char *id);

/* Whether a step of it decides at the placement. */
bool journey_decides(const struct journey *journey, struct text placement);

/* The branch of a name; step->n_branches: there is none. */
size_t journey_find_branch(const struct journey_step *step, const char *name);

/* A step in the words of the variant that a number in [0, 1) falls on; the step itself where it has none.  In the
 * arena. */
const struct journey_step *journey_varied(const struct journey_step *step, double chance, struct arena *arena);

/* The names in a condition, each once, that are no functions and no words of SQL; in the arena. */
size_t condition_names(const char *sql, struct arena *arena, const char *const **ret_names);

/* Whether journeys [n] could start one another for ever without any time passing: a raises what starts b, and b
 * what starts a.  sources [n] name their files.  Errors: ERR_INVALID they could. */
bool journeys_check_loops(const struct journey *const *journeys, const char *const *sources, size_t n,
                          struct arena *arena, struct err *err) MUST_CHECK;

/* Every template text in it, to be looked at: file is a name of a template, or NULL and text is one itself.  Stops
 * at the first that `look` returns false for. */
struct wording { const struct journey_step *step; const char *file, *text; bool is_html; };
bool journey_wordings(const struct journey *journey,
                      bool (*look)(void *context, const struct wording *wording, struct err *err), void *context,
                      struct err *err) MUST_CHECK;

/* "24h", "1d" as a sentence has it; in the arena. */
const char *span_words(struct span span, struct arena *arena);

#endif
