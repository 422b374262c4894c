/* recommend_internal.h - what is in force to recommend by; see recommend.h. */
#ifndef ENGINE_RECOMMEND_INTERNAL_H
#define ENGINE_RECOMMEND_INTERNAL_H

#include "engine/recommend.h"
#include "learn/recommend_rules.h"
#include "learn/recommender_store.h"
#include "recommend/listing.h"
#include "table/catalogue.h"

#include <pthread.h>

enum { SHOWN_ENOUGH = 50 };     /* an item is no longer shown to be learned of */

/* A recommender, and by its items what the catalogue and the rules say of them. */
struct shelf {
    const struct kept_recommender *kept;
    const struct catalogue_item  **facts;       /* [n_items] NULL: it is not in the catalogue */
    uint32_t *category;         /* [n_items] 0: none */
    float    *margin;           /* [n_items] price less cost; NaN */
    bool *is_open;     /* [n_items] by the rules' condition where it asks of items only; NULL: it asks of more */
    uint32_t *unknown; /* [n_unknown] in the catalogue, and nobody has had them nor were they shown often */
    _Atomic uint32_t *n_shown;  /* [n_unknown] how often each was, which goes on while this is in force */
    size_t    n_unknown;
    size_t    n_missing;        /* items of the catalogue that came after it was learned */
    struct sparse words, of_word;       /* items x words, and turned round; of the question new, and rows 0 where
                                         * the catalogue says nothing */
};

struct in_force {
    struct arena           *arena;
    struct kept_recommender *kept[RECOMMEND_QUESTIONS];     /* NULL: none for this question */
    struct shelf            shelves[RECOMMEND_QUESTIONS];
    struct catalogue        catalogue;
    struct recommend_rules  rules;
};

struct recommend {
    struct service   *service;
    pthread_rwlock_t  lock;             /* of in_force, which lists are made from while it is held for reading */
    pthread_mutex_t   making;           /* one at a time makes what is not there */
    struct in_force  *in_force;
    _Atomic size_t    n_tried[RECOMMEND_QUESTIONS];     /* items missing when it was learned again for them */
};

/* What the catalogue and the rules of in_force say of what is kept for a question; shown: how often items were, by
 * item_hash_of. */
bool shelf_fill(struct in_force *in_force, enum recommend_question question, const struct hash_map *shown,
                struct err *err) MUST_CHECK;

/* Reads what is in force; by the files that ask names, or ask NULL: the service's.  In the caller's hands until
 * in_force_free. */
bool in_force_read(struct service *service, struct store *store, const struct recommend_ask *ask,
                   struct in_force **ret_in_force, struct err *err) MUST_CHECK;
void in_force_free(struct in_force *in_force);      /* NULL is fine */

/* Judges a few simple recommenders, fits the best and puts it in force. */
bool recommend_fill(struct recommend *recommend, enum recommend_question question, struct err *err) MUST_CHECK;

/* Learns what is in force for the question again, for the items of a newer catalogue; whoever asks meanwhile gets
 * lists of the old one, which goes on if this fails. */
void recommend_renew(struct recommend *recommend, enum recommend_question question);

/* One list on its way. */
struct making {
    struct service             *service;
    const struct recommend_ask *ask;
    const struct in_force      *in_force;
    const struct shelf         *shelf;
    struct arena               *arena;
    uint32_t                    customer;
    const char                 *customer_name;
    struct interaction         *rows;       /* [n_rows] the customer's own, by time */
    size_t                      n_rows;
    bool                        is_cut;         /* what they had before may be forgotten */
    int64_t                     as_of_ms;
    bool                        has_refused;        /* profiling */
    bool                        is_past;            /* as of an instant long ago: nothing came since */
    const char                 *place;      /* "country DE", whose popular items are listed; NULL: with all */
    const struct recommender   *recommender;        /* that scores */
    struct listed              *list;       /* [n] */
    size_t                      n;
    struct err                 *err;
    bool                        has_failed;
};

/* What the rules, stock and dates keep back becomes false in may_be [n_items], and what of the customer's own is
 * too recent. */
void recommend_close_items(const struct making *making, bool *may_be);

/* Why an item is in the list, as a sentence in the arena. */
const char *recommend_reason(const struct making *making, const struct listed *listed);

/* The list under the rules; fills list and n. */
bool recommend_list(struct making *making, const char *id, struct err *err) MUST_CHECK;

#endif
