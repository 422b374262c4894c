/* shard.c - see shard.h. */
#include "warehouse/shard.h"

#include "base/memory.h"
#include "channel/transfer.h"
#include "warehouse/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORDS_BYTES = 300, SHORT_ANSWER_MOST = 256 * 1024 * 1024 };

struct shard {
    const struct warehouse_settings *settings;
    size_t index, replica;
    bool is_settled;
    struct transfers *transfers;
    const atomic_bool *is_stopping;     /* NULL: nothing stops it */
    uint64_t n_sent;
};

bool shard_open(const struct warehouse_settings *settings, size_t index, struct shard **ret_shard, struct err *err)
{
    struct shard *shard = memory_new(1, sizeof *shard);
    *shard = (struct shard){ .settings = settings, .index = index };
    if (!transfers_new(1, &shard->transfers, err)) {
        free(shard);
        return false;
    }
    *ret_shard = shard;
    return true;
}

bool shard_open_replica(const struct warehouse_settings *settings, size_t index, size_t replica,
                        struct shard **ret_shard, struct err *err)
{
    if (!shard_open(settings, index, ret_shard, err)) return false;
    (*ret_shard)->replica = replica;
    shard_settle(*ret_shard, true);
    return true;
}

void shard_close(struct shard *shard)
{
    if (!shard) return;
    transfers_free(shard->transfers);
    free(shard);
}

void shard_stop_with(struct shard *shard, const atomic_bool *is_stopping) { shard->is_stopping = is_stopping; }

const char *shard_server(const struct shard *shard)
{
    return shard->settings->replicas[shard->index][shard->replica];
}

void shard_settle(struct shard *shard, bool is_good)
{
    shard->is_settled = is_good;
    if (!is_good) shard->replica = (shard->replica + 1) % shard->settings->n_replicas[shard->index];
}

size_t shard_index(const struct shard *shard) { return shard->index; }
uint64_t shard_bytes_sent(const struct shard *shard) { return shard->n_sent; }

/* ---- one request ---- */

struct asking {
    struct shard *shard;
    const struct shard_query *query;
    char words[WORDS_BYTES + 1]; /* what the server says is wrong */
    size_t n_words;
};

static bool take(void *context, int code, const char *bytes, size_t n)
{
    struct asking *asking = context;
    if (code != 200) {
        size_t room = WORDS_BYTES - asking->n_words, kept = n < room ? n : room;
        memcpy(asking->words + asking->n_words, bytes, kept);
        asking->n_words += kept;
        return true;
    }
    return !asking->query->take || asking->query->take(asking->query->context, bytes, n);
}

const char *url_escaped(struct arena *arena, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, 3 * strlen(text) + 1, 1), *to = out;
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (isalnum(c) || strchr("-_.~", c)) {
            *to++ = (char)c;
        } else {
            *to++ = '%', *to++ = digits[c >> 4], *to++ = digits[c & 15];
        }
    }
    *to = '\0';
    return out;
}

/* What is written at once comes back with its code; a stream may say in its middle that it failed, so whoever
 * reads one counts its rows. */
static const char *url_of(const struct shard *shard, const struct shard_query *query, struct arena *arena)
{
    const char *url = arena_format(arena, "%s/?wait_end_of_query=%d&output_format_json_quote_64bit_integers=1",
                                   shard_server(shard), !query->is_streamed);
    if (query->id) url = arena_format(arena, "%s&query_id=%s", url, url_escaped(arena, query->id));
    if (query->session)
        url =
            arena_format(arena, "%s&session_id=%s&session_timeout=3600", url, url_escaped(arena, query->session));
    if (query->is_again) url = arena_format(arena, "%s&insert_deduplicate=0", url);
    if (query->body.length) url = arena_format(arena, "%s&query=%s", url, url_escaped(arena, query->sql));
    return url;
}

static void tidy_words(char *words)
{
    size_t n = 0;
    for (const char *at = words; *at; at++) words[n++] = (char)((unsigned char)*at < ' ' ? ' ' : *at);
    while (n > 0 && words[n - 1] == ' ') n--;
    words[n] = '\0';
}

static bool judge(const struct asking *asking, const struct transfer_result *result, bool *ret_is_absent,
                  struct err *err)
{
    const char *server = shard_server(asking->shard);
    *ret_is_absent = result->end == TRANSFER_NOT_BEGUN || result->end == TRANSFER_GUARDED;
    if (result->end == TRANSFER_ANSWERED && result->code == 200) return true;
    if (*ret_is_absent) return err_set(err, ERR_MISSING, "%s does not answer: %.200s", server, result->reply);
    if (result->end != TRANSFER_ANSWERED)
        return err_set(err, ERR_MISSING, "%s began and did not end: %.200s", server, result->reply);
    if (asking->n_words) return err_set(err, ERR_REFUSED, "%s says: %s", server, asking->words);
    return err_set(err, ERR_REFUSED, "%s answers %d", server, result->code);
}

/* Waits for the end; false: it is time to stop, and the transfer was cut off. */
static bool wait_for(struct shard *shard, struct transfer_result *ret_result, struct err *err)
{
    while (transfers_wait(shard->transfers, 500, ret_result, 1) == 0) {
        if (!shard->is_stopping || !atomic_load(shard->is_stopping)) continue;
        transfers_free(shard->transfers);
        shard->transfers = NULL;
        return transfers_new(1, &shard->transfers, err) && err_set(err, ERR_BUSY, "stopped in the middle");
    }
    return true;
}

static bool ask_replica(struct shard *shard, const struct shard_query *query, bool *ret_is_absent, struct err *err)
{
    const struct warehouse_settings *settings = shard->settings;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct asking asking = { .shard = shard, .query = query };
    struct transfer_result result;
    static const char *const headers[] = { "Content-Type: application/octet-stream" };
    const struct transfer transfer = {
        .url = url_of(shard, query, arena),
        .user = settings->user,
        .password = settings->password ? settings->password : "",
        .headers = headers,
        .n_headers = 1,
        .body = query->body.length ? query->body : text_of(query->sql),
        .connect_timeout_ms = 5000,
        .stall_ms = settings->patience_ms,
        .is_said_once = query->body.length > 0, /* rows that would be there twice */
        .take = take,
        .context = &asking,
    };
    shard->n_sent += transfer.body.length;
    bool ok = transfers_start(shard->transfers, &transfer, err) && wait_for(shard, &result, err);
    if (ok) {
        asking.words[asking.n_words] = '\0';
        tidy_words(asking.words);
        ok = judge(&asking, &result, ret_is_absent, err);
    }
    arena_free(arena);
    return ok;
}

bool shard_ask(struct shard *shard, const struct shard_query *query, struct err *err)
{
    size_t n = shard->is_settled ? 1 : shard->settings->n_replicas[shard->index];
    for (size_t tries = 0; tries < n; tries++) {
        bool is_absent = false;
        if (ask_replica(shard, query, &is_absent, err)) return true;
        if (!is_absent || tries + 1 == n) return false;
        shard->replica = (shard->replica + 1) % n;
    }
    return false;
}

/* ---- short answers ---- */

static bool take_short(void *context, const char *bytes, size_t n) { return answer_add(context, bytes, n); }

/* What is cut off anywhere is no JSON, however politely the answer ended. */
static bool read_rows(const struct shard *shard, const struct answer *answer, json_t **ret_rows, struct err *err)
{
    json_t *json = answer->n ? json_loadb(answer->bytes, answer->n, JSON_ALLOW_NUL, NULL) : NULL;
    json_t *rows = json_object_get(json, "data"), *n_rows = json_object_get(json, "rows");
    bool ok = json_is_array(rows) && json_array_size(rows) == (size_t)json_integer_value(n_rows);
    if (ok) {
        *ret_rows = json_incref(rows);
    } else {
        char words[WORDS_BYTES + 1] = "";
        if (answer->n) memcpy(words, answer->bytes, answer->n < WORDS_BYTES ? answer->n : WORDS_BYTES);
        tidy_words(words);
        (void)err_set(err, ERR_MISSING, "%s broke off its answer after %zu bytes: '%.100s'", shard_server(shard),
                      answer->n, words);
    }
    json_decref(json);
    return ok;
}

bool shard_rows(struct shard *shard, const char *sql, const char *session, bool is_named, json_t **ret_rows,
                struct err *err)
{
    struct answer answer = { .most = SHORT_ANSWER_MOST };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct shard_query query = { .sql = arena_format(arena, "%s FORMAT %s", sql,
                                                           is_named ? "JSON" : "JSONCompact"),
                                       .session = session,
                                       .take = take_short,
                                       .context = &answer };
    bool ok = shard_ask(shard, &query, err) && read_rows(shard, &answer, ret_rows, err);
    answer_free(&answer);
    arena_free(arena);
    return ok;
}

static void print_row(FILE *out, const json_t *row)
{
    size_t i;
    json_t *value;
    json_array_foreach(row, i, value) {
        if (i) fputc('\t', out);
        if (json_is_string(value))
            fputs(json_string_value(value), out);
        else
            (void)json_dumpf(value, out, JSON_ENCODE_ANY | JSON_COMPACT);
    }
}

bool shard_text(struct shard *shard, const char *sql, struct arena *arena, const char **ret_text, struct err *err)
{
    json_t *rows = NULL, *row;
    char *bytes = NULL;
    size_t n_bytes = 0, i;
    FILE *out = open_memstream(&bytes, &n_bytes);
    if (!out) return err_set(err, ERR_IO, "no memory for an answer");
    bool ok = shard_rows(shard, sql, NULL, false, &rows, err);
    json_array_foreach(rows, i, row) {
        if (i) fputc('\n', out);
        print_row(out, row);
    }
    (void)fclose(out);
    if (ok) *ret_text = arena_format(arena, "%.*s", (int)n_bytes, bytes);
    json_decref(rows);
    free(bytes);
    return ok;
}

bool shard_number(struct shard *shard, const char *sql, int64_t *ret_number, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *text;
    bool ok = shard_text(shard, sql, arena, &text, err) &&
              (text_int64(text_of(text), ret_number) || shard_answers_odd(shard, text, "a number", err));
    arena_free(arena);
    return ok;
}

bool shard_wait_for(struct shard *shard, const char *id, struct err *err)
{
    enum { POLL_MS = 50, POLLS_MOST = 200 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *sql = arena_format(arena, "SELECT count() FROM system.processes WHERE startsWith(query_id, %s)",
                                   sql_quoted(arena, text_of(id)));
    int64_t n = 1;
    bool ok = true;
    for (int polls = 0; ok && n > 0 && polls < POLLS_MOST; polls++) {
        if (polls > 0) (void)nanosleep(&(struct timespec){ 0, POLL_MS * 1000000L }, NULL);
        ok = shard_number(shard, sql, &n, err);
    }
    arena_free(arena);
    return ok && (n == 0 || err_set(err, ERR_BUSY, "%s is still at %s: try again", shard_server(shard), id));
}

const char *shard_next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : NULL;
}

bool shard_answers_odd(const struct shard *shard, const char *line, const char *wanted, struct err *err)
{
    size_t n = strcspn(line, "\n");
    return err_set(err, ERR_REFUSED, "%s answers '%.*s' where %s was asked for", shard_server(shard),
                   (int)(n < 100 ? n : 100), line, wanted);
}

bool shard_do(struct shard *shard, const char *sql, struct err *err)
{
    const struct shard_query query = { .sql = sql };
    return shard_ask(shard, &query, err);
}

const char *sql_quoted(struct arena *arena, struct text text)
{
    char *out = arena_alloc(arena, 2 * text.length + 3, 1), *to = out;
    *to++ = '\'';
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\'' || text.at[i] == '\\') *to++ = '\\';
        *to++ = text.at[i];
    }
    *to++ = '\'', *to = '\0';
    return out;
}
