/* refresh_score.c - a slice of customers gets its scores; see refresh_internal.h.
 *
 * Rows are read and predicted while the lock is held for reading, because the model may be replaced as
 * soon as it is not; then the lock is taken for writing, for as long as it takes to put the scores. */
#include "live/refresh_internal.h"
#include "hub/stream.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of those who are only swept, this share of each pass is written: everybody within so many passes.
 * A score written is a page of the table somewhere, which the writer has no time for at each event when many come:
 * so many a second are written, and so many at once after a while without.  The others are in memory, and in the
 * table when they are looked at again. */
enum { WRITTEN_EVERY = 32, WRITTEN_A_SECOND = 500, WRITTEN_AT_ONCE = 1024, QUESTION_BYTES = 128 };

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

static void tell(struct refresh *refresh, const struct score_row *row)
{
    pthread_rwlock_rdlock(refresh->options.lock);
    bool is_customer = identities_customer(refresh->options.identities, row->identity) == row->identity;
    struct text name = log_name(refresh->options.log, DICTIONARY_IDENTITY, row->identity);
    json_t *line = !is_customer ? NULL
                                : json_pack("{s:s%, s:s, s:I}", "customer", name.at, name.length, "question",
                                            row->question, "scored_ms", (json_int_t)row->scored_ms);
    pthread_rwlock_unlock(refresh->options.lock);
    if (!line) return;          /* no customer, or an id that is no text: nobody hears of it */
    json_object_set_new(line, "prediction", isnan(row->prediction) ? json_null() : json_real(row->prediction));
    char *text = json_dumps(line, JSON_COMPACT);
    if (text) stream_put(refresh->options.stream, "score", text_of(text));
    free(text);
    json_decref(line);
}

/* Whether one more score may be written now. */
static bool may_write(struct refresh *refresh, int64_t now_ms)
{
    double more = (double)(now_ms - refresh->allowed_ms) * WRITTEN_A_SECOND / 1000;
    if (more < 0) refresh->allowed_ms = now_ms;         /* the clock was set back */
    if (more > 0) {
        refresh->n_allowed += more;
        refresh->allowed_ms = now_ms;
    }
    if (refresh->n_allowed > WRITTEN_AT_ONCE) refresh->n_allowed = WRITTEN_AT_ONCE;
    if (refresh->n_allowed < 1) return false;
    refresh->n_allowed--;
    return true;
}

/* With the lock held: the customers of identities, those that are to be written in the batch that fills. */
static void predict_all(struct refresh *refresh, const struct trained *trained, const uint32_t *identities,
                        size_t n, int64_t now_ms, bool is_told, uint32_t *ret_customers,
                        double *ret_predictions)
{
    const char *question = NULL;
    prepare(refresh);
    for (size_t i = 0; i < n; i++) {
        uint32_t customer = identities_customer(refresh->options.identities, identities[i]);
        ret_customers[i] = customer;
        ret_predictions[i] = predict(refresh, trained, customer, now_ms);
        bool is_wanted = is_told || (customer + refresh->n_passes) % WRITTEN_EVERY == 0;
        if (!is_wanted || (customer == identities[i] && !may_write(refresh, now_ms))) continue;
        struct score_row *row = refresh_add_score(refresh, now_ms);
        if (!question) question = arena_copy(refresh->filling->arena, trained->question.name);
        *row = (struct score_row){ .identity = customer, .scored_ms = now_ms, .prediction = ret_predictions[i],
                                   .question = question };
        if (customer == identities[i]) continue;
        row = refresh_add_score(refresh, now_ms);       /* whose own score goes */
        *row = (struct score_row){ .identity = identities[i], .scored_ms = now_ms, .prediction = (double)NAN,
                                   .question = question };
    }
}

void refresh_score(struct refresh *refresh, const uint32_t *identities, size_t n, int64_t now_ms, bool is_told)
{
    struct live *live = refresh->options.live;
    pthread_rwlock_t *lock = refresh->options.lock;
    double predictions[SLICE_CUSTOMERS];
    uint32_t customers[SLICE_CUSTOMERS];
    pthread_rwlock_rdlock(lock);
    const struct trained *trained = live_trained(live);
    uint64_t generation = live_generation(live);
    char question[QUESTION_BYTES];
    if (trained) snprintf(question, sizeof question, "%s", trained->question.name);
    if (trained) predict_all(refresh, trained, identities, n, now_ms, is_told, customers, predictions);
    pthread_rwlock_unlock(lock);
    if (!trained) return;
    pthread_rwlock_wrlock(lock);
    for (size_t i = 0; i < n && live_generation(live) == generation; i++) {
        struct live_score score = live_score(live, customers[i]);
        score.prediction = predictions[i], score.scored_ms = now_ms;
        live_score_put(live, customers[i], &score);
    }
    pthread_rwlock_unlock(lock);
    for (size_t i = 0; is_told && refresh->options.stream && i < n; i++)
        tell(refresh, &(struct score_row){ customers[i], now_ms, predictions[i], question });
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_scored += n;
    pthread_mutex_unlock(&refresh->mutex);
}
