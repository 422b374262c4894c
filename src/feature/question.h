/* question.h - what is asked of the future: of whom, what counts as yes, within how long.
 *
 * As of an instant T, a question looks at [T, T + horizon) for its answer and at nothing after T for
 * whom it asks.  Chosen from the log where nothing is said; `why` then tells how. */
#ifndef FEATURE_QUESTION_H
#define FEATURE_QUESTION_H

#include "log/log.h"

struct yaml_node;       /* base/yaml.h */

enum { QUESTION_NAME_MOST = 63 };       /* bytes */
enum { CHURN_EVENTS_MOST = 4 };

enum question_kind {
    QUESTION_CHURN,         /* yes = no goal event in the horizon, or none after one by which customers leave */
    QUESTION_EVENT,         /* yes = at least one goal event in the horizon */
    QUESTION_SPEND,         /* the amount of goal events in the horizon */
    QUESTION_TRAIT          /* the label column of a table */
};

/* Whether a label's yes is welcome; of other kinds it follows from the kind. */
enum meaning { MEANS_UNKNOWN, MEANS_BAD, MEANS_GOOD };

struct question {
    const char        *name;
    enum question_kind kind;
    const char        *goal;            /* kind of event, and its index in the log's dictionary */
    uint16_t           goal_kind;
    int64_t            horizon_days;
    int64_t            active_days;     /* asked are those with a goal event in so many days before; 0: everyone */
    const char        *who;             /* SQL predicate over features (condition/expression.h), or NULL */
    const char *const *left;            /* [n_left] kinds of event (churn_event.h): asked are those without one since their last
                                         * goal event; who says so once there is a set of features */
    size_t             n_left;
    uint16_t           left_kind[CHURN_EVENTS_MOST];         /* their indices in the log's dictionary */
    const char        *target, *yes;    /* QUESTION_TRAIT: the trait and its value that counts as yes */
    enum meaning       meaning;         /* of QUESTION_TRAIT */
    double             value_cents;     /* what a yes is worth; 0 not said */
    int64_t begins_ms; /* when goal events begin in earnest, past a few of a wrong clock; 0 not known */
    const char        *why;             /* sentences: how goal and horizon, or target, were chosen */
};

const char *question_kind_word(enum question_kind kind);       /* "churn", "event", "spend", "trait" */

/* Whether a yes is a customer who leaves: then predictions are risks, and value may be lost. */
bool question_is_churn(const struct question *question);

/* Whether a label's yes is welcome, by its name and values. */
enum meaning question_meaning(const struct question *question);

/* What a customer does whose answer is yes, by the label's own words where it has some: "leave", "respond", "have
 * y = yes", "have no order"; and what they did: "left". */
const char *question_verb(const struct question *question, struct arena *arena);
const char *question_past(const struct question *question, struct arena *arena);

/* Whom it asks besides those with a goal event of late, after "customers with an order in the 365 days before": " and no
 * 'Cancellation' since", "" where that is all. */
const char *question_besides(const struct question *question, struct arena *arena);

/* What a yes is, as an ending of "a customer ...": "will have no order in the next 90 days". */
const char *question_asks(const struct question *question, struct arena *arena);

/* What a person gave; NULL or 0: chosen from the data. */
struct question_options {
    const char *name;           /* "churn" (NULL), "spend", "return", or a name in a YAML file */
    const char *goal;           /* kind of event */
    int64_t     horizon_days, active_days;      /* active_days 0: 365 */
    const char *who;            /* SQL predicate over features */
    const char *left;           /* kind of event by which customers leave, "none": there is none; not beside who */
    bool        is_goal_only;   /* whom it asks besides is not looked for */
    const char *target, *yes;   /* for a table: the label and the value that counts as yes */
    bool        is_target_guessed;      /* target is the program's own guess of an earlier time */
    enum meaning meaning;       /* for a table: whether yes is welcome; MEANS_UNKNOWN: by its words */
    double      value_cents;
    bool        is_table;       /* one row per customer: the question is QUESTION_TRAIT */
    int64_t     first_ms, last_ms;      /* what the history spans; last_ms is exclusive */
    unsigned    n_threads;      /* 0: 1 */
};

/* Makes the question whole from the options and the data, and says how in why.  A log that holds nothing
 * but traits at one instant is a table too.  Texts live in the arena.
 * Errors: ERR_MISSING no such goal, target or left (names close ones); ERR_REFUSED too short a history for
 * any horizon (says how much is needed), or no column that looks like a label; ERR_INVALID a name it does
 * not know, a label of more than two values without yes, or a yes that never occurs. */
bool question_choose(const struct log *log, const struct question_options *options, struct arena *arena,
                     struct question *ret_question, struct err *err) MUST_CHECK;

/* Whether an event is of a kind by which customers leave. */
bool question_is_left(const struct question *question, uint16_t kind);

/* The kind of event that a goal names.  Errors: ERR_MISSING there is none (names close ones). */
bool question_goal(const struct log *log, const char *goal, struct arena *arena, uint16_t *ret_kind,
                   struct err *err) MUST_CHECK;

/* Whether a question of this name can be asked without a file of questions.  Errors: ERR_INVALID (names close
 * ones). */
bool question_is_known(const char *name, struct arena *arena, struct err *err) MUST_CHECK;

/* The question of a name in the section `questions` of the settings, a list; *ret_node NULL: none is called so.  name
 * NULL: the first.  Errors: ERR_INVALID with file, line and column, of any question of the list. */
bool question_find(const struct yaml_node *list, const char *name, struct arena *arena,
                   const struct yaml_node **ret_node, struct err *err) MUST_CHECK;

/* What it declares, see examples/questions.yaml; what it leaves open is taken from options, then chosen.
 * Errors: those of question_choose; ERR_INVALID with file, line and column. */
bool question_read_node(const struct yaml_node *node, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err) MUST_CHECK;

/* The same of a file of questions: options->name, NULL: its first.
 * Errors: those of question_choose; ERR_INVALID with file, line and column; ERR_MISSING no such file,
 * or no question of that name in it (names close ones). */
bool question_read_yaml(const char *path, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err) MUST_CHECK;

/* The instants, ascending; the last is the held-out one: test_at_ms, or with INT64_MIN one horizon before
 * the last whole day.  The label windows of all others end at or before it.  At most 9 in all.
 * Of a QUESTION_TRAIT one instant: last_ms, exclusive as above.
 * Errors: ERR_REFUSED the history is too short (says how much is needed); ERR_INVALID test_at_ms leaves no
 * whole horizon behind it. */
bool question_cutoffs(const struct question *question, int64_t first_ms, int64_t last_ms, int64_t test_at_ms,
                      struct arena *arena, int64_t **ret_cutoffs_ms, size_t *ret_n_cutoffs,
                      struct err *err) MUST_CHECK;

#endif
