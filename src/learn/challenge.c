/* challenge.c - see challenge.h. */
#include "learn/challenge.h"

#include "base/calendar.h"
#include "model/bootstrap.h"

#include <string.h>

enum { REPLICATES = 200 };

const char *const challenge_word_text[] = { "keep", "promote", "wait" };

static bool is_same_question(const struct question *a, const struct question *b)
{
    return a->kind == b->kind && a->horizon_days == b->horizon_days && a->active_days == b->active_days &&
           strcmp(a->goal ? a->goal : "", b->goal ? b->goal : "") == 0;
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
