/* walk.c - see walk.h. */
#include "journey/walk.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *walk_outcome_word(enum walk_outcome outcome)
{
    static const char *const words[] = { "sent", "held", "skipped", "waited", "branched", "failed", "exited" };
    return words[outcome];
}

static const char *const ends[] = { NULL, "finished", "exited", "goal", "filter", "merged", "cancelled" };

const char *walk_end_word(enum walk_end end) { return ends[end]; }

struct walk_place walk_start(const struct journey *journey, int64_t now_ms)
{
    return (struct walk_place){ .step = journey->first, .since_ms = now_ms };
}

/* ---- going from step to step ---- */

static const struct journey_step *step_of(const struct walk *walk, const struct walk_place *place)
{
    return &walk->journey->steps[place->step];
}

static void go_to(struct walk_place *place, uint32_t step, int64_t now_ms)
{
    *place = (struct walk_place){ .step = step,
                                  .since_ms = now_ms,
                                  .end = step == JOURNEY_END ? WALK_FINISHED : WALK_OPEN };
}

static bool note(const struct walk *walk, const struct walk_place *place, int64_t now_ms,
                 enum walk_outcome outcome, enum contact_rule rule, const char *sentence, struct err *err)
{
    const struct walk_line line = { step_of(walk, place), now_ms, outcome, rule, sentence, NULL };
    return walk->world->note(walk->world->context, &line, err);
}

static const char *local_words(const struct walk *walk, int64_t time_ms)
{
    char text[MOMENT_TEXT_BYTES];
    moment_format(walk->world->zone, time_ms, text);
    return arena_format(walk->arena, "%.10s %.5s", text, text + 11);
}

/* ---- waiting ---- */

static struct hours hours_of(const struct journey_step *step)
{
    return (struct hours){ step->days, step->from_ms, step->to_ms };
}

/* When a wait that began at since_ms is over. */
static bool wait_end(const struct walk *walk, const struct journey_step *step, int64_t since_ms, int64_t *ret_ms,
                     const char **ret_sentence, struct err *err)
{
    const struct zone *zone = walk->world->zone;
    const struct hours hours = hours_of(step);
    int64_t day, ms = since_ms;
    bool has_day = false;
    *ret_sentence = "";
    switch (step->kind) {
    case STEP_DELAY: case STEP_WAIT: ms = moment_after(zone, since_ms, step->span); break;
    case STEP_UNTIL_CLOCK: ms = moment_clock(zone, since_ms, step->clock_ms); break;
    case STEP_WINDOW: ms = moment_inside(zone, since_ms, &hours); break;
    case STEP_UNTIL_DATE:
        if (!walk->world->date(walk->world->context, step->date, &day, &has_day, err)) return false;
        if (has_day) ms = moment_of(zone, day + step->shift_days, step->clock_ms);
        else
            *ret_sentence =
                arena_format(walk->arena, "'%s' names no day, so there is nothing to wait for", step->date);
        break;
    case STEP_SPLIT: case STEP_RANDOM: case STEP_DECIDE: case STEP_EXPERIMENT: case STEP_SEND: case STEP_TASK:
    case STEP_COUPON: case STEP_SET: case STEP_RAISE: case STEP_EXIT: break;
    }
    *ret_ms = ms;
    return true;
}

static const char *waited_words(const struct walk *walk, const struct walk_place *place, int64_t now_ms)
{
    const struct journey_step *step = step_of(walk, place);
    const char *until = local_words(walk, now_ms);
    if (now_ms <= place->since_ms) return "nothing to wait for: it goes on at once";
    if (step->kind == STEP_DELAY)
        return arena_format(walk->arena, "waited %s, until %s", span_words(step->span, walk->arena), until);
    if (step->kind == STEP_WINDOW) return arena_format(walk->arena, "waited until the window opened, %s", until);
    return arena_format(walk->arena, "waited until %s", until);
}

static bool walk_wait(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    const struct journey_step *step = step_of(walk, place);
    const char *nothing = "";
    if (place->due_ms == 0 && !wait_end(walk, step, place->since_ms, &place->due_ms, &nothing, err)) return false;
    if (place->due_ms > now_ms) return true;
    if (!note(walk, place, now_ms, *nothing ? OUTCOME_SKIPPED : OUTCOME_WAITED, RULE_NONE,
              *nothing ? nothing : waited_words(walk, place, now_ms), err))
        return false;
    go_to(place, step->next, now_ms);
    return true;
}

static bool is_so(const struct walk *walk, const struct happening *what, bool *ret_is, struct err *err)
{
    const struct walk_world *world = walk->world;
    if (what->event) return world->has_happened(world->context, what, walk->entered_ms, ret_is, err);
    if (what->segment) return world->is_member(world->context, what->segment, ret_is, err);
    return world->holds(world->context, &what->where, ret_is, err);
}

static const char *what_words(const struct walk *walk, const struct happening *what)
{
    if (what->event) return arena_format(walk->arena, "the event '%s'", what->event);
    if (what->segment) return arena_format(walk->arena, "the segment '%s'", what->segment);
    return arena_format(walk->arena, "\"%s\"", what->where.written);
}

static bool walk_wait_for(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    const struct journey_step *step = step_of(walk, place);
    const char *nothing, *what = what_words(walk, &step->what);
    bool is_there, is_new = place->due_ms == 0;
    if (!is_so(walk, &step->what, &is_there, err)) return false;
    if (is_new && !wait_end(walk, step, place->since_ms, &place->due_ms, &nothing, err)) return false;
    if (!is_there && place->due_ms > now_ms) return true;
    const char *sentence = !is_there ? arena_format(walk->arena, "%s did not come within %s", what,
                                                    span_words(step->span, walk->arena))
                           : is_new ? arena_format(walk->arena, "%s was there already", what)
                                    : arena_format(walk->arena, "%s came", what);
    if (!note(walk, place, now_ms, OUTCOME_WAITED, RULE_NONE, sentence, err)) return false;
    go_to(place, is_there ? step->next : step->otherwise, now_ms);
    return true;
}

/* ---- branching ---- */

static bool choose_split(const struct walk *walk, const struct journey_step *step, size_t *ret_branch,
                         const char **ret_sentence, struct err *err)
{
    const struct walk_world *world = walk->world;
    for (size_t i = 0; i < step->n_branches; i++) {
        bool holds = true;
        const struct condition *when = &step->branches[i].when;
        if (when->sql && !world->holds(world->context, when, &holds, err)) return false;
        if (!holds) continue;
        *ret_branch = i;
        *ret_sentence = when->sql ? arena_format(walk->arena, "went where \"%s\"", when->written)
                                  : "no condition held: otherwise";
        return true;
    }
    *ret_branch = step->n_branches;
    *ret_sentence = "no condition held: it goes on behind the split";
    return true;
}

static void choose_random(const struct walk *walk, const struct journey_step *step, size_t *ret_branch,
                          const char **ret_sentence)
{
    double chance = walk->world->chance(walk->world->context, step);
    size_t branch = 0;
    while (branch + 1 < step->n_branches && chance >= step->branches[branch].share)
        chance -= step->branches[branch++].share;
    *ret_branch = branch;
    *ret_sentence = arena_format(walk->arena, "drawn: branch %zu of %zu, of share %g", branch + 1,
                                 step->n_branches, step->branches[branch].share);
}

static bool walk_branch(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    const struct walk_world *world = walk->world;
    const struct journey_step *step = step_of(walk, place);
    size_t branch = 0;
    const char *sentence = "";
    if (step->kind == STEP_RANDOM) choose_random(walk, step, &branch, &sentence);
    else if (step->kind == STEP_SPLIT ? !choose_split(walk, step, &branch, &sentence, err)
                                      : !world->decide(world->context, step, &branch, &sentence, err))
        return false;
    if (!note(walk, place, now_ms, OUTCOME_BRANCHED, RULE_NONE, sentence, err)) return false;
    go_to(place, branch < step->n_branches ? step->branches[branch].first : step->next, now_ms);
    return true;
}

/* ---- acting ---- */

/* step: as it is carried out; because: why by this channel, or NULL. */
static bool do_act(const struct walk *walk, struct walk_place *place, const struct journey_step *step,
                   const char *because, int64_t now_ms, struct err *err)
{
    const struct walk_world *world = walk->world;
    struct walk_act act = { .outcome = OUTCOME_SENT, .sentence = "" };
    if (step->n_variants > 0) step = journey_varied(step, world->chance(world->context, step), walk->arena);
    if (!world->act(world->context, step, now_ms, &act, err)) return false;
    if (step->variant) act.sentence = arena_format(walk->arena, "%s, variant '%s'", act.sentence, step->variant);
    if (because) act.sentence = arena_format(walk->arena, "%s: %s", act.sentence, because);
    const struct walk_line line = { step, now_ms, act.outcome, act.rule, act.sentence, act.message };
    if (!world->note(world->context, &line, err)) return false;
    if (act.is_answer_awaited) {
        place->is_answer_awaited = true;
        place->due_ms = now_ms + INT64_C(3600000);      /* an answer that never comes holds nobody for longer */
        return true;
    }
    go_to(place, step->next, now_ms);
    return true;
}

/* Whether they still match; if not they have been taken on, or out, when this returns. */
static bool check_filter(const struct walk *walk, struct walk_place *place, int64_t now_ms, bool *ret_matches,
                         struct err *err)
{
    const struct walk_world *world = walk->world;
    const struct condition *filter = &walk->journey->filter;
    *ret_matches = true;
    if (filter->sql && !world->holds(world->context, filter, ret_matches, err)) return false;
    if (*ret_matches) return true;
    bool leaves = walk->journey->exit & EXIT_FILTER;
    const char *sentence = arena_format(walk->arena, "\"%s\" does not hold any more", filter->written);
    if (!note(walk, place, now_ms, leaves ? OUTCOME_EXITED : OUTCOME_SKIPPED, RULE_FILTER, sentence, err))
        return false;
    if (leaves) place->end = WALK_FILTER;
    else go_to(place, step_of(walk, place)->next, now_ms);
    return true;
}

static const char *held_words(const struct walk *walk, const struct contact_answer *answer)
{
    static const char *const why[CONTACT_RULES] = {
        [RULE_QUIET_HOURS] = "quiet hours",
        [RULE_CAP] = "as many as the cap allows have been sent",
        [RULE_STOPPED] = "sending is stopped",
        [RULE_APPROVAL] = "nobody has approved this version",
    };
    const char *because = !answer->is_of_budget          ? why[answer->rule]
                          : answer->rule == RULE_APPROVAL ? "more would be spent in a day than was approved"
                                                          : "what the journey may spend is spent";
    if (answer->until_ms == MOMENT_NEVER) return arena_format(walk->arena, "held: %s", because);
    return arena_format(walk->arena, "held until %s: %s", local_words(walk, answer->until_ms), because);
}

static const char *skipped_words(const struct walk *walk, const struct journey_step *step,
                                 const struct contact_answer *answer)
{
    if (answer->is_of_budget) return "it costs more than the journey may spend";
    switch (answer->rule) {
    case RULE_CONSENT:
        return arena_format(walk->arena, "no consent to '%s'",
                            walk->journey->topic ? walk->journey->topic : step->channel);
    case RULE_SUPPRESSED: return "this person or address must not be written to";
    case RULE_NO_ADDRESS: return arena_format(walk->arena, "there is no address for '%s'", step->channel);
    case RULE_CAP: return "as many as the cap allows have been sent";
    case RULE_HOLDOUT: return "in the control group that nobody contacts";
    case RULE_DUPLICATE: return "this step has gone to the same address";
    case RULE_NONE:
    case RULE_QUIET_HOURS:
    case RULE_APPROVAL:
    case RULE_STOPPED:
    case RULE_TEMPLATE:
    case RULE_FILTER:
    case RULE_GOAL: case RULE_TOO_OLD: case CONTACT_RULES: break;
    }
    return "";
}

/* The hour that somebody reads messages at is waited for before the rules are asked, which may put it off. */
static bool wait_for_hour(const struct walk *walk, struct walk_place *place, int64_t now_ms, bool *ret_waits,
                          struct err *err)
{
    const struct walk_world *world = walk->world;
    int64_t clock_ms = 0;
    bool has = false;
    *ret_waits = false;
    if (!walk->journey->is_time_learned || place->is_timed) return true;
    if (!world->learned(world->context, &clock_ms, &has, err)) return false;
    int64_t at_ms = has ? moment_clock(world->zone, now_ms, clock_ms) : now_ms;
    *ret_waits = at_ms > now_ms;
    place->is_timed = true;
    if (!*ret_waits) return true;
    place->due_ms = at_ms;
    return note(walk, place, now_ms, OUTCOME_HELD, RULE_NONE,
                arena_format(walk->arena, "held until %s, when they usually read", local_words(walk, at_ms)), err);
}

static bool judge(const struct walk *walk, const struct journey_step *step, int64_t now_ms,
                  struct contact_answer *ret_answer, struct err *err)
{
    const struct walk_world *world = walk->world;
    struct contact_facts facts = { .has_address = true };
    if (!world->contact(world->context, step, &facts, err)) return false;
    *ret_answer = contact_judge(world->rules, &facts, step->channel, walk->journey->topic, world->zone, now_ms);
    return true;
}

/* The step by the best of its channels that are open now, else by the one that will be first. */
static bool choose_channel(const struct walk *walk, const struct journey_step *step, int64_t now_ms,
                           const struct journey_step **ret_step, struct contact_answer *ret_answer,
                           const char **ret_because, struct err *err)
{
    const struct walk_world *world = walk->world;
    size_t n = step->n_channels, best = 0;
    struct journey_step *by = ARENA_ARRAY(walk->arena, struct journey_step, n);
    struct contact_answer *answers = ARENA_ARRAY(walk->arena, struct contact_answer, n);
    bool *is_open = ARENA_ARRAY(walk->arena, bool, n), has_open = false;
    for (size_t i = 0; i < n; i++) {
        by[i] = *step;
        by[i].channel = step->channels[i];
        if (!judge(walk, &by[i], now_ms, &answers[i], err)) return false;
        is_open[i] = answers[i].verdict == CONTACT_GO;
        has_open |= is_open[i];
        bool is_sooner = answers[i].verdict == CONTACT_HOLD &&
                         (answers[best].verdict != CONTACT_HOLD || answers[i].until_ms < answers[best].until_ms);
        if (is_sooner) best = i;
    }
    if (has_open && !world->best(world->context, step, is_open, &best, ret_because, err)) return false;
    *ret_step = &by[best];
    *ret_answer = answers[best];
    return true;
}

static bool walk_send(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    const struct walk_world *world = walk->world;
    const struct journey_step *step = step_of(walk, place);
    const char *because = NULL;
    struct contact_answer answer = { .verdict = CONTACT_SKIP };
    bool matches, waits = false;
    if (!check_filter(walk, place, now_ms, &matches, err)) return false;
    if (!matches) return true;
    if (contact_is_personal(contact_channel_kind(world->rules, step->channel)) &&
        (!wait_for_hour(walk, place, now_ms, &waits, err) || waits))
        return waits;
    if (step->n_channels > 0 ? !choose_channel(walk, step, now_ms, &step, &answer, &because, err)
                             : !judge(walk, step, now_ms, &answer, err))
        return false;
    if (answer.verdict == CONTACT_GO) return do_act(walk, place, step, because, now_ms, err);
    if (answer.verdict == CONTACT_SKIP) {
        if (!note(walk, place, now_ms, OUTCOME_SKIPPED, answer.rule, skipped_words(walk, step, &answer), err))
            return false;
        go_to(place, step->next, now_ms);
        return true;
    }
    bool is_said = place->held == answer.rule;
    place->held = answer.rule;
    place->due_ms = answer.until_ms;
    return is_said || note(walk, place, now_ms, OUTCOME_HELD, answer.rule, held_words(walk, &answer), err);
}

static bool walk_task(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    bool matches;
    if (!check_filter(walk, place, now_ms, &matches, err)) return false;
    return !matches || do_act(walk, place, step_of(walk, place), NULL, now_ms, err);
}

static bool walk_exit(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    if (!note(walk, place, now_ms, OUTCOME_EXITED, RULE_NONE, "the journey ends here", err)) return false;
    place->end = WALK_EXITED;
    return true;
}

static bool take_step(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    switch (step_of(walk, place)->kind) {
    case STEP_DELAY: case STEP_UNTIL_CLOCK: case STEP_UNTIL_DATE: case STEP_WINDOW:
        return walk_wait(walk, place, now_ms, err);
    case STEP_WAIT: return walk_wait_for(walk, place, now_ms, err);
    case STEP_SPLIT: case STEP_RANDOM: case STEP_DECIDE: case STEP_EXPERIMENT:
        return walk_branch(walk, place, now_ms, err);
    case STEP_SEND: return walk_send(walk, place, now_ms, err);
    case STEP_TASK: return walk_task(walk, place, now_ms, err);
    case STEP_COUPON: case STEP_SET: case STEP_RAISE:
        return do_act(walk, place, step_of(walk, place), NULL, now_ms, err);
    case STEP_EXIT: return walk_exit(walk, place, now_ms, err);
    }
    return false;
}

/* ---- all of it ---- */

bool walk_on(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    struct walk_place at = *place;
    if (at.step == JOURNEY_END && at.end == WALK_OPEN) at.end = WALK_FINISHED;
    while (at.end == WALK_OPEN) {
        uint32_t before = at.step;
        bool is_put_off = step_of(walk, &at)->kind == STEP_SEND && at.due_ms != MOMENT_NEVER && at.due_ms > now_ms;
        if (is_put_off) break;
        if (at.is_answer_awaited) {
            go_to(&at, step_of(walk, &at)->next, now_ms);
            continue;
        }
        if (!take_step(walk, &at, now_ms, err)) return false;
        if (at.step == before && at.end == WALK_OPEN) break;
    }
    *place = at;
    return true;
}

bool walk_leave(const struct walk *walk, struct walk_place *place, enum walk_end end, int64_t now_ms,
                struct err *err)
{
    bool leaves = walk->journey->exit & (end == WALK_GOAL ? EXIT_GOAL : EXIT_FILTER);
    if (!leaves || place->end != WALK_OPEN) return true;
    const char *sentence = end == WALK_GOAL ? "the goal was met" : "the filter does not hold any more";
    if (place->step != JOURNEY_END &&
        !note(walk, place, now_ms, OUTCOME_EXITED, end == WALK_GOAL ? RULE_GOAL : RULE_FILTER, sentence, err))
        return false;
    place->end = end;
    return true;
}

void walk_answered(struct walk_place *place, int64_t now_ms)
{
    if (place->is_answer_awaited) place->due_ms = now_ms;
}

bool walk_is_retimed(const struct journey *journey, const struct walk_place *place)
{
    if (place->end != WALK_OPEN || place->step == JOURNEY_END) return false;
    enum step_kind at = journey->steps[place->step].kind;
    return at <= STEP_WINDOW || (at == STEP_SEND && place->held != RULE_NONE);
}

bool walk_retime(const struct walk *walk, struct walk_place *place, int64_t now_ms, struct err *err)
{
    const char *nothing;
    if (place->end != WALK_OPEN || place->step == JOURNEY_END || place->due_ms == 0 || place->is_answer_awaited)
        return true;
    int64_t due_ms = now_ms;
    if (step_of(walk, place)->kind < STEP_SPLIT &&
        !wait_end(walk, step_of(walk, place), place->since_ms, &due_ms, &nothing, err))
        return false;
    place->due_ms = due_ms > now_ms ? due_ms : now_ms;
    return true;
}
