/* replay.c - see replay.h. */
#include "hub/replay.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT_MOST = 256 };

/* What the writer's answers are gathered in. */
struct replay {
    pthread_mutex_t      mutex;
    pthread_cond_t       answered;
    size_t               n_in_flight;
    struct replay_counts counts;
    struct err           err;           /* the first that failed */
};

static void take_answer(void *context, const struct ingest_outcome *outcome)
{
    struct replay *replay = context;
    pthread_mutex_lock(&replay->mutex);
    if (outcome->err.code != ERR_NONE) {
        if (replay->err.code == ERR_NONE) replay->err = outcome->err;
    } else if (outcome->n_refused > 0) {
        replay->counts.n_refused++;
    } else {
        replay->counts.n_taken++;
    }
    replay->n_in_flight--;
    pthread_cond_signal(&replay->answered);
    pthread_mutex_unlock(&replay->mutex);
}

static void count_in_flight(struct replay *replay, size_t n)
{
    pthread_mutex_lock(&replay->mutex);
    replay->n_in_flight += n;
    pthread_mutex_unlock(&replay->mutex);
}

static void wait_for(struct replay *replay, size_t most_in_flight)
{
    pthread_mutex_lock(&replay->mutex);
    while (replay->n_in_flight > most_in_flight) pthread_cond_wait(&replay->answered, &replay->mutex);
    pthread_mutex_unlock(&replay->mutex);
}

static bool put_letter(struct ingest *ingest, struct replay *replay, const struct dead_letter *letter,
                       struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake;
    if (letter->request.body.length == 0 || !intake_read(&letter->request, arena, &intake, err)) {
        replay->counts.n_unreadable++;
        arena_free(arena);
        return true;
    }
    count_in_flight(replay, 1);
    if (ingest_replay(ingest, arena, &intake, text_of(letter->source), &letter->id, 1, take_answer, replay, err))
        return true;
    count_in_flight(replay, (size_t)-1);
    arena_free(arena);
    return false;
}

bool replay_letters(struct ingest *ingest, const struct dead_letter *letters, size_t n,
                    struct replay_counts *ret_counts, struct err *err)
{
    struct replay replay = { .err = { .code = ERR_NONE } };
    bool ok = true;
    pthread_mutex_init(&replay.mutex, NULL);
    pthread_cond_init(&replay.answered, NULL);
    for (size_t i = 0; ok && i < n; i++) {
        ok = put_letter(ingest, &replay, &letters[i], err);
        wait_for(&replay, IN_FLIGHT_MOST);
    }
    wait_for(&replay, 0);
    pthread_mutex_destroy(&replay.mutex);
    pthread_cond_destroy(&replay.answered);
    *ret_counts = replay.counts;
    if (ok && replay.err.code != ERR_NONE) {
        *err = replay.err;
        return false;
    }
    return ok;
}

/* ---- mending ---- */

static bool mend_one(const struct dead_letter *letters, size_t n, json_t *given, struct arena *arena,
                     struct dead_letter *ret_letter, struct err *err)
{
    json_t *id = json_object_get(given, "id"), *raw = json_object_get(given, "raw");
    if (!json_is_integer(id) || (!json_is_object(raw) && !json_is_string(raw)))
        return err_set(err, ERR_INVALID, "a mended message is written as {\"id\": 17, \"raw\": {...}}");
    for (size_t i = 0; i < n; i++) {
        if (letters[i].id != json_integer_value(id)) continue;
        *ret_letter = letters[i];
        char *text = json_is_object(raw) ? json_dumps(raw, JSON_COMPACT) : NULL;
        ret_letter->request.body = text_of(arena_copy(arena,
                text ? text : json_is_string(raw) ? json_string_value(raw) : ""));
        ret_letter->is_cut = false;
        free(text);
        return true;
    }
    return err_set(err, ERR_INVALID, "no refused message has the id %lld: it may have been taken in already",
                   (long long)json_integer_value(id));
}

/* The JSON values of a text that stand one after another, those of a list "messages" one by one, as one array. */
static json_t *read_values(struct text json, struct err *err)
{
    json_t *values = json_array();
    size_t at = 0;
    while (at < json.length) {
        json_error_t error;
        if (strchr(" \t\r\n", json.at[at])) { at++; continue; }
        json_t *value = json_loadb(json.at + at, json.length - at, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL,
                                   &error);
        if (!value) {
            err_set(err, ERR_INVALID, "byte %zu is not JSON: %s", at + (size_t)error.position, error.text);
            json_decref(values);
            return NULL;
        }
        json_t *messages = json_object_get(value, "messages");
        if (json_is_array(messages)) json_array_extend(values, messages);
        else json_array_append(values, value);
        json_decref(value);
        at += (size_t)error.position;
    }
    return values;
}

bool replay_mend(const struct dead_letter *letters, size_t n, struct text json, struct arena *arena,
                 struct dead_letter **ret_mended, size_t *ret_n, struct err *err)
{
    json_t *values = read_values(json, err);
    if (!values) return false;
    size_t n_values = json_array_size(values);
    struct dead_letter *mended = ARENA_ARRAY(arena, struct dead_letter, n_values + 1);
    bool ok = true;
    for (size_t i = 0; ok && i < n_values; i++) {
        ok = mend_one(letters, n, json_array_get(values, i), arena, &mended[i], err);
        if (!ok) err_context(err, "message %zu", i + 1);
    }
    json_decref(values);
    if (ok) *ret_mended = mended, *ret_n = n_values;
    return ok;
}
