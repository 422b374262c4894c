/* challenge.c - see challenge.h. */
#include "learn/challenge.h"

#include "base/calendar.h"
#include "model/bootstrap.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { REPLICATES = 200 };

const char *const challenge_word_text[] = { "keep", "promote", "wait" };

static bool is_same_question(const struct question *a, const struct question *b)
{
    return a->kind == b->kind && a->horizon_days == b->horizon_days && a->active_days == b->active_days &&
           strcmp(a->goal ? a->goal : "", b->goal ? b->goal : "") == 0 &&
           strcmp(a->who ? a->who : "", b->who ? b->who : "") == 0;
}

static struct interval difference_of(const struct challenge *c, uint64_t seed, unsigned n_threads,
                                     struct arena *arena)
{
    const struct judged *both[2] = { &c->challenger, &c->champion };
    const struct ranking *rankings[2];
    for (size_t k = 0; k < 2; k++)
        rankings[k] = ranking_new(arena, TARGET_YES_NO, both[k]->rows.labels, both[k]->prediction,
                                  both[k]->rows.n_rows, .5);
    struct bootstrap b = bootstrap_run(rankings, 2, NULL, REPLICATES, seed, n_threads, arena);
    return bootstrap_difference(&b, 0, 1, METRIC_AUC, NULL);
}

static void say(struct challenge *c, bool is_timed, struct arena *arena)
{
    char day[11];
    const struct interval *d = &c->difference;
    calendar_format_day(calendar_day_of_ms(c->champion.as_of_ms), day);
    const char *found = arena_format(arena, "Of %zu people%s%s the AUC is %.4f instead of %.4f: %+.4f (%+.4f to "
                                     "%+.4f).", c->champion.rows.n_rows, is_timed ? " as of " : "",
                                     is_timed ? day : "", c->challenger.quality.value,
                                     c->champion.quality.value, d->value, d->low, d->high);
    if (!c->champion.is_unseen || !c->challenger.is_unseen) {
        c->word = CHALLENGE_WAIT;
        c->sentence = arena_format(arena, "%s  One of them learned from these people: wait until what came after both "
                                   "is known.", found);
    } else if (d->low > 0) {
        c->word = CHALLENGE_PROMOTE;
        c->sentence = arena_format(arena, "%s  It is better: promote it.", found);
    } else if (d->value <= 0) {
        c->word = CHALLENGE_KEEP;
        c->sentence = arena_format(arena, "%s  It is no better: keep the one in force.", found);
    } else {
        c->word = CHALLENGE_WAIT;
        c->sentence = arena_format(arena, "%s  That may be chance: wait for more.", found);
    }
}

bool challenge_judge(const struct log *log, const struct trained *champion, const struct trained *challenger,
                     int64_t end_ms, uint64_t seed, unsigned n_threads, struct arena *arena,
                     struct challenge *ret_challenge, struct err *err)
{
    struct challenge c = { .word = CHALLENGE_WAIT };
    if (!is_same_question(&champion->question, &challenger->question))
        return err_set(err, ERR_INVALID, "the two versions of %s ask different things: no answer tells which is "
                       "better", champion->question.name);
    if (champion->question.kind == QUESTION_SPEND)
        return err_set(err, ERR_INVALID, "%s foretells amounts: what is compared are answers of yes or no",
                       champion->question.name);
    if (!judged_read(log, champion, end_ms, n_threads, arena, &c.champion, err) ||
        !judged_read(log, challenger, end_ms, n_threads, arena, &c.challenger, err))
        return false;
    size_t n = c.champion.rows.n_rows;
    if (n != c.challenger.rows.n_rows ||
        memcmp(c.champion.rows.identity, c.challenger.rows.identity, n * sizeof *c.champion.rows.identity) != 0)
        return err_set(err, ERR_INVALID, "the two versions of %s ask different people", champion->question.name);
    c.difference = difference_of(&c, seed, n_threads, arena);
    say(&c, champion->question.kind != QUESTION_TRAIT, arena);      /* a table's rows are of no instant */
    *ret_challenge = c;
    return true;
}

struct challenge_gate challenge_gate(struct interval mine, struct interval theirs, bool is_same_people,
                                     struct arena *arena)
{
    const char *found = arena_format(arena, "its AUC of people it did not learn from is %.4f (%.4f to %.4f), that of "
                                     "the one in force %s %.4f (%.4f to %.4f)", mine.value, mine.low, mine.high,
                                     is_same_people ? "of the same people" : "when it was made", theirs.value,
                                     theirs.low, theirs.high);
    bool is_worse = is_same_people && mine.high < theirs.low, is_lot = mine.low <= .5 && theirs.low > .5;
    if (!is_worse && !is_lot)
        return (struct challenge_gate){ true, arena_format(arena, "It took the place of the one before: %s.",
                                                           found) };
    return (struct challenge_gate){
        false, arena_format(arena, "It stays in the shadow, for it ranks %s: %s.  Once what came after both is known "
                            "they are compared again; holdfast model promote puts it in force all the same.",
                            is_worse ? "worse" : "no better than lot", found) };
}

bool challenge_backtest(const struct log *log, const struct trained *champion, const struct trained *challenger,
                        unsigned n_threads, struct arena *arena, struct challenge_gate *ret_gate, struct err *err)
{
    struct interval mine = judged_when_made(challenger), theirs = judged_when_made(champion);
    struct judged then;
    struct err why;
    bool is_same_people = false;
    if (!is_same_question(&champion->question, &challenger->question) || isnan(mine.value) || isnan(theirs.value)) {
        *ret_gate = (struct challenge_gate){ true, "It took the place of the one before: nothing tells which of "
                                                   "them ranks better." };
        return true;
    }
    if (judged_read(log, champion, challenger->as_of_ms, n_threads, arena, &then, &why)) {
        is_same_people = then.is_unseen && !isnan(then.quality.value);
        if (is_same_people) theirs = then.quality;
    } else if (why.code != ERR_REFUSED) {
        *err = why;
        return false;
    }
    *ret_gate = challenge_gate(mine, theirs, is_same_people, arena);
    return true;
}

bool challenge_shadow(struct store *store, const struct log *log, const struct trained *champion, int64_t end_ms,
                      uint64_t seed, unsigned n_threads, struct arena *arena, int64_t *ret_id,
                      struct challenge *ret_challenge, struct err *err)
{
    const char *question = champion->question.name;
    struct sql_model_in_shadow row = { 0 };
    struct trained shadow;
    int64_t id = 0;
    enum step step = STEP_FAIL;
    if (sql_model_in_shadow(store, text_of(question), &row, err) &&
        (step = sql_model_in_shadow_step(&row, err)) == STEP_ROW)
        id = row.id;
    cursor_close(row.cursor);
    *ret_id = 0;
    if (step == STEP_FAIL) return false;
    if (id == 0) return true;
    if (!trained_get_version(store, log, question, id, arena, &shadow, err)) return false;
    bool ok = challenge_judge(log, champion, &shadow, end_ms, seed, n_threads, arena, ret_challenge, err);
    trained_release(&shadow);
    if (ok) *ret_id = id;
    return ok || err->code == ERR_REFUSED || err->code == ERR_INVALID;
}
