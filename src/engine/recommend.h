/* recommend.h - the one call that says which items next: of requests, commands and templates alike.
 *
 * What is in force (a recommender for each question, the catalogue, the rules) is read when the service opens and
 * whenever one of them changes.  A list is made from what is live: the customer's last items (live_recent), folded
 * into what is known of items, then rules.  Where nothing is in force for a question the first who asks waits
 * until a simple recommender has been judged and fitted. */
#ifndef ENGINE_RECOMMEND_H
#define ENGINE_RECOMMEND_H

#include "base/arena.h"
#include "base/err.h"
#include "recommend/judging.h"

#include <jansson.h>

struct service;
struct store;
struct recommend;

struct recommend_ask {
    const char *customer;           /* NULL: a basket */
    const char *const *items;       /* [n_items] of a basket */
    size_t      n_items;
    enum recommend_question question;
    size_t      k;                  /* at most RECOMMEND_ITEMS_MOST */
    const char *placement;          /* "" where it is not said */
    int64_t     at_ms;
    const char *settings_path;      /* a file of settings whose rules hold for this list; NULL: those in force */
    const char *rules_path;         /* the same, of a file of rules alone */
    const char *chance;             /* what is drawn is drawn by it, the same each time; NULL: by the id */
};

enum { RECOMMEND_ITEMS_MOST = 100, RECOMMEND_ID_BYTES = 40 };

/* What was recommended, and all that is kept of it; in the arena. */
struct recommended {
    char        id[RECOMMEND_ID_BYTES];
    uint32_t    customer;           /* 0 of a basket */
    const char *placement, *model;
    int64_t     at_ms;
    const char *answer;             /* JSON, as GET /v1/recommend describes it */
    const char *explored;           /* the item that was drawn because little is known of it, or NULL */
};

/* Errors of all: those of the store and the log. */
bool recommend_open(struct service *service, struct recommend **ret_recommend, struct err *err) MUST_CHECK;
void recommend_close(struct recommend *recommend);      /* NULL is fine */
bool recommend_reload(struct recommend *recommend, struct err *err) MUST_CHECK;

/* Makes a list, and writes nothing down.  Not in a job of the writer.
 * Errors: ERR_MISSING nothing to recommend; ERR_INVALID rules; those of the store. */
bool recommend_make(struct recommend *recommend, const struct recommend_ask *ask, struct arena *arena,
                    struct recommended *ret_recommended, struct err *err) MUST_CHECK;

/* The list that a customer would have been given as of ask->at_ms, by what was learned before it (kept, just
 * made), what the catalogue said then and the rules of now; nothing of it is written down.  The answer is in the
 * arena. Errors: ERR_REFUSED the rules ask of customers as they stand now. */
struct kept_recommender;
struct catalogue;
struct recommend_rules;
bool recommend_past(const struct kept_recommender *kept, const struct catalogue *catalogue,
                    const struct recommend_rules *rules, uint32_t identity, const struct recommend_ask *ask,
                    struct arena *arena, const char **ret_answer, struct err *err) MUST_CHECK;

/* Writes it down, in the caller's transaction. */
bool recommended_put(struct store *store, const struct recommended *recommended, struct err *err) MUST_CHECK;

/* For a message that is composed in a job of the writer: puts the customer's list as member `recommendation` of
 * what its template is told, and writes it down in the job's transaction.  Where nothing is in force, or nothing
 * can be said, what stands there stays. */
void recommend_tell(struct recommend *recommend, struct store *store, uint32_t customer, const char *placement,
                    int64_t at_ms, struct arena *arena, json_t *data);

/* The board by which what is in force was chosen, as recommend --json prints it, in the arena.
 * Errors: ERR_MISSING nothing is in force for the question, or nobody judged it. */
bool recommend_board(struct recommend *recommend, enum recommend_question question, struct arena *arena,
                     const char **ret_board, struct err *err) MUST_CHECK;

/* {"item", "also": [...], "similar": [...]}, as JSON in the arena: what is had together with an item, and what is
 * like it by words of the catalogue and by who had both, of what may be shown now (a condition that asks of
 * customers too closes nothing here: nobody is asked for).
 * Errors: ERR_MISSING the item is not known. */
bool recommend_also(struct recommend *recommend, const char *item, size_t k, struct arena *arena,
                    const char **ret_answer, struct err *err) MUST_CHECK;

#endif
