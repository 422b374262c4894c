/* model_card.h - a model described for whoever has to answer for it: what it learned from, whom it asks, how good
 * it is and for which groups, what it is for and what not, who owns it and when it is to be looked at again. */
#ifndef LEARN_MODEL_CARD_H
#define LEARN_MODEL_CARD_H

#include "base/settings.h"
#include "hub/trained.h"

/* Of the settings: models: {owner: "Ann", review: 180d}, and protected: [gender, age]. */
struct card_terms {
    const char        *owner;           /* NULL: nobody is named */
    int64_t            review_days;
    const char *const *traits;          /* [n_traits] whose groups are told of; 0: those that the model sees */
    size_t             n_traits;
};

/* Errors: ERR_INVALID with file, line and column. */
bool card_terms_read(const struct settings *settings, struct arena *arena, struct card_terms *ret_terms,
                     struct err *err) MUST_CHECK;

struct card_version { int64_t version, made_ms; bool is_in_force; };

/* When the model is to be looked at again: so long after it was made, or after what it learned from. */
int64_t card_review_ms(const struct card_terms *terms, const struct card_version *version, int64_t as_of_ms);

/* end_ms: of what the log knows; now_ms: whether the review is overdue.  Errors: those of the log. */
bool model_card(const struct log *log, const struct trained *trained, const struct card_version *version,
                const struct card_terms *terms, int64_t end_ms, int64_t now_ms, unsigned n_threads,
                struct arena *arena, json_t **ret_card, struct err *err) MUST_CHECK;

/* The row of the leaderboard that was chosen, the caller's reference; null where none is marked. */
json_t *model_card_chosen(const json_t *evidence);

#endif
