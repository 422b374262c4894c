/* interaction_read.h - what customers did with items, from the log, as recommenders learn from it.
 *
 * What counts: the items of orders where there are orders, else the strongest kind of event with an item (bought,
 * put in a cart, liked, seen ...) that most customers have; or kinds with weights as asked.  Refunds take back
 * what was bought.  Links received before the instant join identities into customers. */
#ifndef LEARN_INTERACTION_READ_H
#define LEARN_INTERACTION_READ_H

#include "log/log.h"
#include "recommend/interactions.h"

enum { INTERACTION_KINDS_MOST = 32 };

struct kind_weight { const char *kind; double weight; };

struct interaction_options {
    const struct kind_weight *weights;  /* [n_weights]; 0: chosen from the log */
    size_t      n_weights;
    int64_t     as_of_ms;       /* had: received and happened before it */
    int64_t until_ms; /* later: happened from as_of_ms until before it; as_of_ms where nothing is wanted */
    int64_t     known_before_ms;        /* of later only what was received before it; 0: whenever it was */
    const struct text *more_items;      /* [n_more_items] ascending: items of which there may be no event */
    size_t      n_more_items;
    unsigned    n_threads;
};

struct interaction_log {
    struct interactions had, later;         /* of the same customers and items */
    uint32_t           *identity;           /* [n_customers] ascending */
    uint32_t *item; /* [n_items] of DICTIONARY_ITEM, by name; 0: the log has none of this name */
    struct text        *item_names;         /* [n_items] until the log interns or closes */
    struct kind_weight  kinds[INTERACTION_KINDS_MOST];      /* that count */
    size_t              n_kinds;
    bool                has_times;
};

/* Errors: ERR_MISSING no event has an item, or a kind asked for does not occur (names close ones); those of
 * log_read. */
bool interaction_read(const struct log *log, const struct interaction_options *options, struct arena *arena,
                      struct interaction_log *ret_interactions, struct err *err) MUST_CHECK;

/* How much a kind of event says that somebody wants its item, by its name: 0 nothing, or that it is given back;
 * INTERACTION_BOUGHT the most. */
enum { INTERACTION_BOUGHT = 5 };
int interaction_strength(struct text kind);

/* The kind of event that takes back one of this kind; NULL: there is none. */
const char *interaction_taken_back_by(const char *kind);

/* The index of an item by its name; false: nobody ever did anything with it. */
bool interaction_find_item(const struct interaction_log *interactions, struct text name, uint32_t *ret_item);
bool interaction_find_customer(const struct interaction_log *interactions, uint32_t identity,
                               uint32_t *ret_customer);

#endif
