/* refresh_score.c - a slice of customers gets its scores; see refresh_internal.h.
 *
 * Rows are read and predicted while the lock is held for reading, because the model may be replaced as
 * soon as it is not; then the lock is taken for writing, for as long as it takes to put the scores. */
#include "engine/refresh_internal.h"
#include "engine/stream.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of those who are only swept, this share of each pass is written: everybody within so many passes. */
enum { WRITTEN_EVERY = 32 };

void refresh_score_forget(struct refresh *refresh)
{
    expression_free(refresh->who);
    free(refresh->row);
    refresh->who = NULL, refresh->row = NULL;
}

/* With the lock held: a row and the question's predicate for the model there is now. */
static void prepare(struct refresh *refresh)
{
    const struct live *live = refresh->options.live;
    const struct trained *trained = live_trained(live);
    struct err ignored;         /* it was compiled when the model was trained, over the same features */
    if (refresh->row && refresh->generation == live_generation(live)) return;
    refresh_score_forget(refresh);
    refresh->generation = live_generation(live);
    size_t n = feature_set_size(live_set(live));
    refresh->row = calloc(n + 1, sizeof *refresh->row);
    if (!refresh->row) abort();     /* as an arena does */
    if (trained->question.who && !expression_compile(trained->question.who, feature_names(live_set(live)), n,
                                                     &refresh->who, &ignored))
        refresh->who = NULL;
}

/* With the lock held.  The prediction, or NaN for somebody the question does not ask. */
static double predict(struct refresh *refresh, const struct trained *trained, uint32_t customer, int64_t now_ms)
{
    const struct live *live = refresh->options.live;
    struct err ignored;
    bool is_asked = true;
    if (!live_row(live, customer, now_ms, refresh->row) || !live_is_asked(live, trained, refresh->row))
        return (double)NAN;
    if (refresh->who && !expression_test(refresh->who, refresh->row, 1, &is_asked, &ignored)) return (double)NAN;
    return is_asked ? live_predict(live, trained, refresh->row) : (double)NAN;
}

/* With the lock held. */
static void keep(struct refresh *refresh, uint32_t customer, double prediction, int64_t now_ms,
                 const char *question)
{
    struct text name = log_name(refresh->options.log, DICTIONARY_IDENTITY, customer);
    struct score_row *row = refresh_add_score(refresh, now_ms);
    *row = (struct score_row){
        .identity = customer, .scored_ms = now_ms, .prediction = prediction, .question = question,
        .customer = arena_format(refresh->filling->arena, "%.*s", (int)name.length, name.at),
    };
}

static void tell(struct refresh *refresh, const struct score_row *row)
{
    json_t *line = json_pack("{s:s, s:s, s:I}", "customer", row->customer, "question", row->question, "scored_ms",
                             (json_int_t)row->scored_ms);
    if (!line) return;          /* out of memory, or an id that is no text: nobody hears of it */
    json_object_set_new(line, "prediction", isnan(row->prediction) ? json_null() : json_real(row->prediction));
    char *text = json_dumps(line, JSON_COMPACT);
    if (text) stream_put(refresh->options.stream, "score", text_of(text));
    free(text);
    json_decref(line);
}

void refresh_score(struct refresh *refresh, const uint32_t *customers, size_t n, int64_t now_ms, bool is_told)
{
    struct live *live = refresh->options.live;
    pthread_rwlock_t *lock = refresh->options.lock;
    double predictions[SLICE_CUSTOMERS];
    pthread_rwlock_rdlock(lock);
    const struct trained *trained = live_trained(live);
    uint64_t generation = live_generation(live);
    size_t n_kept = refresh->filling ? refresh->filling->n_scores : 0;
    if (trained) {
        prepare(refresh);
        const char *question = NULL;
        for (size_t i = 0; i < n; i++) {
            predictions[i] = predict(refresh, trained, customers[i], now_ms);
            if (!is_told && (customers[i] + refresh->n_passes) % WRITTEN_EVERY != 0) continue;
            keep(refresh, customers[i], predictions[i], now_ms, question);
            if (!question) question = arena_copy(refresh->filling->arena, trained->question.name);
            refresh->filling->scores[refresh->filling->n_scores - 1].question = question;
        }
    }
    pthread_rwlock_unlock(lock);
    if (!trained) return;
    pthread_rwlock_wrlock(lock);
    for (size_t i = 0; i < n && live_generation(live) == generation; i++) {
        struct live_score score = live_score(live, customers[i]);
        score.prediction = predictions[i], score.scored_ms = now_ms;
        live_score_put(live, customers[i], &score);
    }
    pthread_rwlock_unlock(lock);
    if (is_told && refresh->options.stream && refresh->filling)
        for (size_t i = n_kept; i < refresh->filling->n_scores; i++) tell(refresh, &refresh->filling->scores[i]);
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_scored += n;
    pthread_mutex_unlock(&refresh->mutex);
}
