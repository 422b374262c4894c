/* challenge.h - whether another model of a question is better than the one in force, judged in the shadow: both say
 * what they would have said of the same people, and what then happened decides. */
#ifndef LEARN_CHALLENGE_H
#define LEARN_CHALLENGE_H

#include "learn/judged.h"

enum challenge_word { CHALLENGE_KEEP, CHALLENGE_PROMOTE, CHALLENGE_WAIT };
extern const char *const challenge_word_text[];     /* "keep", "promote", "wait" */

struct challenge {
    struct judged       champion, challenger;
    struct interval     difference;     /* of the AUC, challenger less champion, paired by a bootstrap */
    enum challenge_word word;           /* wait: they cannot be told apart, or one of them learned from these people */
    const char         *sentence;
};

/* As of the newest instant whose answers are known at end_ms.  In the arena.
 * Errors: ERR_INVALID they ask different things, or foretell amounts; those of judged_read. */
bool challenge_judge(const struct log *log, const struct trained *champion, const struct trained *challenger,
                     int64_t end_ms, uint64_t seed, unsigned n_threads, struct arena *arena,
                     struct challenge *ret_challenge, struct err *err) MUST_CHECK;

/* The model that waits in the shadow of this one, if one does (table model: force below 0), compared with it.
 * ret_id 0: none waits, or nobody's answers are known yet.  Errors: those of the log and the store. */
bool challenge_shadow(struct store *store, const struct log *log, const struct trained *champion, int64_t end_ms,
                      uint64_t seed, unsigned n_threads, struct arena *arena, int64_t *ret_id,
                      struct challenge *ret_challenge, struct err *err) MUST_CHECK;

/* Whether a model that was trained without anybody asking may take the place of the one in force: not if, by people
 * it had not learned from, it ranks no better than lot, or worse than that one beyond noise, which is asked of the
 * same people where it had not learned from them either.  (Of other people, at another time, another AUC is natural; and
 * what is in force was among what the training chose from.) */
struct challenge_gate { bool passes; const char *sentence; };
struct challenge_gate challenge_gate(struct interval mine, struct interval theirs, bool is_same_people,
                                     struct arena *arena);
bool challenge_backtest(const struct log *log, const struct trained *champion, const struct trained *challenger,
                        unsigned n_threads, struct arena *arena, struct challenge_gate *ret_gate,
                        struct err *err) MUST_CHECK;

#endif
