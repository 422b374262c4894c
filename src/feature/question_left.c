/* question_left.c - by which events customers leave; see question_internal.h. */
#include "feature/question_internal.h"
#include "base/calendar.h"
#include "feature/churn_event.h"

#include <string.h>

/* So many have to leave within a horizon, or models cannot be judged. */
static const double LEAVERS_LEAST = 75;

/* Tells of an event after which nobody came back, and which is not taken for one by which customers leave. */
static void tell(const struct churn_event *kind, struct arena *arena, struct question *question)
{
    question->why =
        arena_format(arena,
                     "%s After '%s' %zu of %zu customers had another '%s': if it says that somebody has left, "
                     "--left leaves them out.",
                     question->why, kind->name, kind->n_back, kind->n_had, question->goal);
}

static void take(const struct churn_event *kind, struct arena *arena, struct question *question, const char **left)
{
    question->left_kind[question->n_left] = kind->kind;
    left[question->n_left++] = kind->name;
    question->why =
        arena_format(arena,
                     "%s Who has had '%s' since the last '%s' has left already and is not asked (%zu of %zu came "
                     "back; --left none asks them, too).",
                     question->why, kind->name, question->goal, kind->n_back, kind->n_had);
}

/* By their goal alone customers of whom many leave by an event seem to leave within one gap between two goals. */
static void lengthen(const struct question_options *options, double n_daily, struct arena *arena,
                     struct question *question)
{
    int64_t asked = question->horizon_days, days = (options->last_ms - options->first_ms) / MS_PER_DAY;
    for (size_t i = 0; i < QUESTION_N_HORIZONS; i++) {
        int64_t horizon = question_horizons[i];
        if (n_daily * (double)question->horizon_days >= LEAVERS_LEAST) break;
        if (horizon > question->horizon_days && horizon * QUESTION_HORIZONS_NEEDED <= days)
            question->horizon_days = horizon;
    }
    if (question->horizon_days != asked)
        question->why = arena_format(arena, "%s Too few leave within %lld days to judge by, so %lld are asked.",
                                     question->why, (long long)asked, (long long)question->horizon_days);
}

bool question_choose_left(const struct log *log, const struct question_options *options,
                          const struct survey *survey, struct arena *arena, struct question *question,
                          struct err *err)
{
    struct churn_events found;
    uint16_t kind;
    double n_daily = 0;
    const char **left = ARENA_ARRAY(arena, const char *, CHURN_EVENTS_MOST);
    bool is_none = options->left && strcmp(options->left, "none") == 0;
    const struct churn_event_request request = { survey,           question->goal_kind, question->horizon_days,
                                                 options->last_ms, options->left,       options->n_threads };
    question->left = left;
    if (is_none) return true;
    if (options->left && strcmp(options->left, question->goal) == 0)
        return err_set(err, ERR_INVALID, "left '%s' is the goal, the event of customers who stay", options->left);
    if (options->left && !question_goal(log, options->left, arena, &kind, err)) return err_context(err, "left");
    if (!churn_events_find(log, &request, arena, &found, err)) return false;
    if (found.n > 0 && !found.event[0].is_named) tell(&found.event[0], arena, question);    /* the named come first */
    for (size_t i = 0; i < found.n && found.event[i].is_named; i++) {
        take(&found.event[i], arena, question, left);
        n_daily += found.event[i].n_daily;
    }
    if (question->n_left > 0 && !options->horizon_days) lengthen(options, n_daily, arena, question);
    return true;
}
