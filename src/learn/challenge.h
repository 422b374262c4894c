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

#endif
