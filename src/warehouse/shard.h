/* shard.h - one shard of the cluster, asked over HTTP: SQL goes there, bytes come back, and an error is said in a
 * sentence with the server's name and its own words.
 *
 * A shard is asked at its first replica that answers.  One thread at a time. */
#ifndef WAREHOUSE_SHARD_H
#define WAREHOUSE_SHARD_H

#include "base/arena.h"
#include "base/text.h"
#include "warehouse/warehouse_settings.h"

#include <jansson.h>
#include <stdatomic.h>

struct shard;

/* settings are borrowed.  Errors: ERR_IO libcurl cannot start. */
bool shard_open(const struct warehouse_settings *settings, size_t index, struct shard **ret_shard,
                struct err *err) MUST_CHECK;
/* The same, and one replica alone is asked. */
bool shard_open_replica(const struct warehouse_settings *settings, size_t index, size_t replica,
                        struct shard **ret_shard, struct err *err) MUST_CHECK;
/* From now on whatever is asked ends soon after *is_stopping has become true. */
void shard_stop_with(struct shard *shard, const atomic_bool *is_stopping);
void shard_close(struct shard *shard);               /* NULL is fine */
const char *shard_server(const struct shard *shard); /* the address of the replica that is asked */
/* From now on this replica alone is asked; false, and turned to the next: it goes on as before. */
void shard_settle(struct shard *shard, bool is_good);
size_t shard_index(const struct shard *shard);

struct shard_query {
    const char *sql;
    struct text body;    /* what an INSERT takes; empty: none */
    const char *id;      /* by which the server knows it; NULL: none */
    const char *session; /* temporary tables live as long as it; NULL: none */
    bool is_again;       /* the same rows were there before, and were removed: they are no repetition */
    bool is_streamed;    /* the answer comes as it is made, and may break off saying why: count its rows */
    /* Gets the answer; false ends it.  What came counts only when shard_ask is true.  NULL: nothing is answered.
     */
    bool (*take)(void *context, const char *bytes, size_t n);
    void *context;
};

/* Errors: ERR_MISSING no server answers, or it began and did not end (then an INSERT may be there or not);
 * ERR_REFUSED the server's own words. */
bool shard_ask(struct shard *shard, const struct shard_query *query, struct err *err) MUST_CHECK;

/* A short answer's rows, which are all of them: each an object, or else an array; numbers of 64 bits are texts.
 * The caller owns them.  Errors: those of shard_ask; ERR_MISSING it is not whole. */
bool shard_rows(struct shard *shard, const char *sql, const char *session, bool is_named, json_t **ret_rows,
                struct err *err) MUST_CHECK;
/* The same, tab-separated, without a last newline; in the arena. */
bool shard_text(struct shard *shard, const char *sql, struct arena *arena, const char **ret_text,
                struct err *err) MUST_CHECK;
bool shard_number(struct shard *shard, const char *sql, int64_t *ret_number, struct err *err) MUST_CHECK;
/* The line after one of a short answer; NULL: it was the last. */
const char *shard_next_line(const char *line);
/* An answer is not what was wanted: the server, the line and that.  Always false; ERR_REFUSED. */
bool shard_answers_odd(const struct shard *shard, const char *line, const char *wanted,
                       struct err *err) MUST_CHECK;
bool shard_do(struct shard *shard, const char *sql, struct err *err) MUST_CHECK; /* nothing is answered */

/* Waits for a while until no request whose id begins so is at work there: one whose answer nobody got could put its
 * rows after it was asked which are there.  Errors: ERR_BUSY one still is. */
bool shard_wait_for(struct shard *shard, const char *id, struct err *err) MUST_CHECK;

uint64_t shard_bytes_sent(const struct shard *shard);

const char *url_escaped(struct arena *arena, const char *text); /* in the arena */
/* A text in quotes, in the arena. */
const char *sql_quoted(struct arena *arena, struct text text);

#endif
