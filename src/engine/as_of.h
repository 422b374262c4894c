/* as_of.h - as of when a server answers whose history has ended: time may go on from today, or stand at the end.
 *
 * A history has ended where its last event is older than a week and it is no table.  Then somebody is asked, once:
 * until they answer, whoever has been silent since is answered for as of the end, everybody else as of now.
 * `now`: everybody as of now; answers that were imported stay where nobody is asked any more, until better ones
 * replace them.  `last-event`: everybody as of the end; nothing is sent, and no timer of a person runs.  A shop of
 * which a thousand events have come since needs no answer: its time goes on from today. */
#ifndef ENGINE_AS_OF_H
#define ENGINE_AS_OF_H

#include "base/err.h"
#include "base/text.h"
#include "live/live.h"

enum as_of_choice { AS_OF_UNDECIDED, AS_OF_NOW, AS_OF_LAST_EVENT };

struct as_of {
    enum as_of_choice choice;
    int64_t           end_ms;       /* just after the last event of the history that has ended; 0: it goes on */
    uint64_t          n_events;     /* that it had */
};

const char *as_of_word(enum as_of_choice choice);       /* "now", "last-event"; NULL: not decided */
bool        as_of_choice_of(struct text word, enum as_of_choice *ret_choice);

/* What this database was told, and whether its history has ended by now_ms; both are kept in its settings.  choice
 * AS_OF_UNDECIDED: as it was told before.  In the store's transaction, or in ones of its own. */
bool as_of_read(struct store *store, const struct log *log, enum as_of_choice choice, int64_t now_ms,
                struct as_of *ret_as_of, struct err *err) MUST_CHECK;

/* Whether somebody should say as of when. */
bool as_of_is_asked(const struct as_of *as_of);
/* The instant of what is said of nobody in particular. */
int64_t as_of_instant_ms(const struct as_of *as_of, int64_t now_ms);
/* What of the live states stands still, at end_ms. */
enum live_stands as_of_stands(const struct as_of *as_of);
/* Nothing is sent, and no timer of a person runs. */
bool as_of_is_still(const struct as_of *as_of);

#endif
