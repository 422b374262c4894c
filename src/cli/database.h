/* database.h - an opened database with its log, and the flags that say what to ask and what a customer is worth.
 */
#ifndef CLI_DATABASE_H
#define CLI_DATABASE_H

#include "cli/command.h"
#include "intake/intake.h"
#include "table/import.h"
#include "table/import_record.h"
#include "learn/score.h"
#include "learn/train.h"

struct database {
    struct store *store;
    struct log   *log;
    const char   *path;
    bool          was_made;         /* by database_open, which found no file */
    struct service *service;        /* whose writer writes; NULL: the store's own transactions do */
    bool          had_key;          /* the key file was there before */
    struct import_record record;    /* after database_describe */
    int64_t       first_ms, as_of_ms;       /* the history's beginning and end; 0 and 1 for a table */
};

/* file as for command_database.  To write where the command may, else to read.  Errors: those of store_open and
 * log_open. */
bool database_open(struct invocation *invocation, const char *file, bool is_made, struct database *ret_database,
                   struct err *err) MUST_CHECK;
void database_close(struct database *database);
void database_abandon(struct database *database);       /* closes, and removes a file that database_open made */

/* What changes the database, each in one transaction with who wanted it; errors as of import_file, trained_put and
 * scores_put_some.  Of a server what is live follows, and events go on meanwhile. */
bool database_import(struct invocation *invocation, struct database *database, const char *file,
                     struct import_options *options, struct import_result *ret_result, struct err *err) MUST_CHECK;
/* database_import of a file of clients' messages (engine/message_file.h). */
bool database_import_messages(struct invocation *invocation, struct database *database,
                              const struct import_options *options, enum protocol protocol,
                              struct import_result *ret_result, struct err *err) MUST_CHECK;
bool database_put_trained(struct invocation *invocation, struct database *database, const struct trained *trained,
                          struct err *err) MUST_CHECK;
bool database_put_scores(struct invocation *invocation, struct database *database, const struct scores *scores,
                         int64_t as_of_ms, struct err *err) MUST_CHECK;

/* Runs a job in a transaction, with who wanted it; of a server what is live is read anew. */
bool database_write(struct invocation *invocation, struct database *database, command_job *job, void *context,
                    struct err *err) MUST_CHECK;

/* By id, or by e-mail address where the key file is there.  False: nobody is known by it. */
bool database_find_customer(const struct database *database, const char *id, uint32_t *ret_identity);

/* Fills record, first_ms and as_of_ms.  Errors: ERR_MISSING nothing was imported. */
bool database_describe(struct database *database, struct arena *arena, struct err *err) MUST_CHECK;

#define QUESTION_FLAGS                                                                                \
    { "question", "NAME", "churn (the default), spend, or a name from --questions" },                 \
    { "questions", "FILE", "questions in YAML, in place of the settings' own; the first if none is named" }, \
    { "goal", "EVENT", "the event that marks a customer who stays" },                                 \
    { "horizon", "SPAN", "how far ahead is asked: 90d, 12w, 3m, 1y" },                                \
    { "active", "SPAN", "only customers with a goal event within so long are asked" },                \
    { "left", "EVENT", "whoever has had it since their last goal event has left and is not asked; none: nobody has" }, \
    { "test-at", "DATE", "the held-out instant" },                                                    \
    { "yes", "VALUE", "the label's value that counts as yes, for a table" },                          \
    { "ignore", "COLUMNS", "attributes that the model does not see: A,B" },                           \
    { "only", "COLUMNS", "the only attributes that it sees" },                                        \
    { "event-means", "good|bad", "whether a label's yes is welcome, where its name does not tell" },  \
    { "search-seconds", "N", "stop the search for settings after so long" }

#define LIST_FLAG { "list", "N", "how many customers a team can work: the list to act on (else 50)" }

#define TERMS_FLAGS                                                                                   \
    { "value-horizon", "SPAN", "how far ahead a customer's spend is counted (else as trained, 1y)" }, \
    { "discount", "SHARE", "discount rate a year (else as trained, 0.1)" }
#define SCORE_FLAGS                                                                                   \
    { "margin", "SHARE", "share of revenue that is profit, 0.01 to 1 (else the settings' costs, else 1)" }, \
    TERMS_FLAGS,                                                                                      \
    { "contact-cost", "MONEY", "what treating one customer costs: sizes the pilot" },                 \
    { "value-column", "NAME", "for a table: the column of money per month" },                         \
    { "value-months", "N", "for a table: months a customer is worth (else 12)" }

/* Judges what can be judged of QUESTION_FLAGS and SCORE_FLAGS before there is any data.
 * Errors: ERR_INVALID, ERR_MISSING; each names the flag. */
bool database_check_flags(const struct invocation *invocation, struct err *err) MUST_CHECK;

/* For import_options.judge, with the invocation: the flags that can be judged only by what a file holds, before it
 * is kept.  Errors: ERR_MISSING and ERR_INVALID, with what comes near. */
bool database_judge(void *invocation, const struct log *log, const struct import_result *result,
                    struct err *err) MUST_CHECK;

/* The question the flags ask of this database; target as given to import, or NULL. */
bool database_question(struct invocation *invocation, const struct database *database,
                       struct question *ret_question, struct err *err) MUST_CHECK;
bool database_list_length(const struct invocation *invocation, size_t *ret_n, struct err *err) MUST_CHECK;
bool database_train_options(const struct invocation *invocation, const struct database *database,
                            struct train_options *ret_options, struct err *err) MUST_CHECK;
bool database_score_options(const struct invocation *invocation, const struct database *database,
                            const struct trained *trained, struct score_options *ret_options,
                            struct err *err) MUST_CHECK;

#endif
