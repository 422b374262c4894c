/* refresh_score.c - a slice of customers gets its scores; see refresh_internal.h.
 *
 * Rows are read and predicted while the lock is held for reading, because the model may be replaced as
 * soon as it is not; then the lock is taken for writing, for as long as it takes to put the scores. */
#include "live/refresh_internal.h"
#include "base/memory.h"
#include "hub/stream.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of those who are only swept, this share of each pass is written: everybody within so many passes.
 * A score written is a page of the table somewhere, which the writer has no time for at each event when many come:
 * so many a second are written, and so many at once after a while without.  The others are in memory, and in the
 * table when they are looked at again. */
enum { WRITTEN_EVERY = 32, WRITTEN_A_SECOND = 500, WRITTEN_AT_ONCE = 1024 };

void refresh_score_forget(struct refresh *refresh)
{
    for (size_t m = 0; m < LIVE_MODELS_MOST; m++) {
        expression_free(refresh->who[m]);
        refresh->who[m] = NULL;
    }
    free(refresh->row);
    refresh->row = NULL;
}

/* With the lock held: a row and the questions' predicates for the models there are now. */
static void prepare(struct refresh *refresh)
{
    const struct live *live = refresh->options.live;
    struct err ignored;         /* it was compiled when the model was trained, over the same features */
    if (refresh->row && refresh->generation == live_generation(live)) return;
    refresh_score_forget(refresh);
    refresh->generation = live_generation(live);
    size_t n = feature_set_size(live_set(live));
    refresh->row = memory_new(n + 1, sizeof *refresh->row);
    for (size_t m = 0; m < live_n_models(live); m++) {
        const char *who = live_model(live, m)->question.who;
        if (who && !expression_compile(who, feature_names(live_set(live)), n, &refresh->who[m], &ignored))
            refresh->who[m] = NULL;
    }
}

/* With the lock held, of the row at hand.  The prediction, or NaN for somebody the question does not ask. */
static double predict(struct refresh *refresh, size_t model, uint32_t customer)
{
    const struct live *live = refresh->options.live;
    struct expression *who = refresh->who[model];
    struct err ignored;
    bool is_asked = true;
    if (!live_is_active(live, model, refresh->row)) return (double)NAN;
    if (who && !expression_test(who, refresh->row, 1, &is_asked, &ignored)) return (double)NAN;
    return is_asked ? live_predict_of(live, model, customer, refresh->row) : (double)NAN;
}

static void tell(struct refresh *refresh, const struct score_row *row, enum question_kind kind)
{
    pthread_rwlock_rdlock(refresh->options.lock);
    bool is_customer = identities_customer(refresh->options.identities, row->identity) == row->identity;
    struct text name = log_name(refresh->options.log, DICTIONARY_IDENTITY, row->identity);
    json_t *line = !is_customer ? NULL
                                : json_pack("{s:s%, s:s, s:s, s:I}", "customer", name.at, name.length,
                                            "question", row->question, "question_kind", question_kind_word(kind),
                                            "scored_ms", (json_int_t)row->scored_ms);
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

/* What a slice of customers answers. */
struct slice {
    size_t   n, n_models;
    uint32_t customers[SLICE_CUSTOMERS];
    int64_t  instants_ms[SLICE_CUSTOMERS];      /* as of when each was asked */
    double   predictions[SLICE_CUSTOMERS][LIVE_MODELS_MOST];
    bool     stays[SLICE_CUSTOMERS][LIVE_MODELS_MOST];  /* the answer that is there */
    char     questions[LIVE_MODELS_MOST][QUESTION_NAME_MOST + 1];
    enum question_kind kinds[LIVE_MODELS_MOST];
};

/* With the lock held: the customer's answers to be written with the batch that fills. */
static void keep(struct refresh *refresh, const struct slice *slice, size_t nth, uint32_t identity, int64_t now_ms)
{
    for (size_t m = 0; m < slice->n_models; m++) {
        if (slice->stays[nth][m]) continue;
        struct score_row *row = refresh_add_score(refresh, now_ms);
        *row = (struct score_row){ .identity = slice->customers[nth], .scored_ms = slice->instants_ms[nth],
                                   .prediction = slice->predictions[nth][m],
                                   .question = arena_copy(refresh->filling->arena, slice->questions[m]) };
    }
    if (slice->customers[nth] == identity) return;
    struct score_row *row = refresh_add_score(refresh, now_ms);         /* whose own scores go */
    *row = (struct score_row){ .identity = identity };
}

/* With the lock held: the customers of identities, those that are to be written in the batch that fills. */
static void predict_all(struct refresh *refresh, const uint32_t *identities, size_t n, int64_t now_ms,
                        bool is_told, struct slice *slice)
{
    const struct live *live = refresh->options.live;
    slice->n = n, slice->n_models = live_n_models(live);
    for (size_t m = 0; m < slice->n_models; m++) {
        const struct question *question = &live_model(live, m)->question;
        snprintf(slice->questions[m], sizeof slice->questions[m], "%s", question->name);
        slice->kinds[m] = question->kind;
    }
    if (slice->n_models == 0) return;
    prepare(refresh);
    for (size_t i = 0; i < n; i++) {
        uint32_t customer = identities_customer(refresh->options.identities, identities[i]);
        slice->customers[i] = customer;
        slice->instants_ms[i] = live_instant_ms(live, customer, now_ms);
        bool has_row = live_row(live, customer, now_ms, refresh->row);
        for (size_t m = 0; m < slice->n_models; m++) {
            slice->predictions[i][m] = has_row ? predict(refresh, m, customer) : (double)NAN;
            slice->stays[i][m] = live_answer_stays(live, m, customer, slice->predictions[i][m]);
        }
        bool is_wanted = is_told || (customer + refresh->n_passes) % WRITTEN_EVERY == 0;
        if (is_wanted && (customer != identities[i] || may_write(refresh, now_ms)))
            keep(refresh, slice, i, identities[i], now_ms);
    }
}

void refresh_score(struct refresh *refresh, const uint32_t *identities, size_t n, int64_t now_ms, bool is_told)
{
    struct live *live = refresh->options.live;
    pthread_rwlock_t *lock = refresh->options.lock;
    struct slice slice;
    pthread_rwlock_rdlock(lock);
    uint64_t generation = live_generation(live);
    predict_all(refresh, identities, n, now_ms, is_told, &slice);
    pthread_rwlock_unlock(lock);
    if (slice.n_models == 0) return;
    pthread_rwlock_wrlock(lock);
    for (size_t i = 0; i < n && live_generation(live) == generation; i++)
        for (size_t m = 0; m < slice.n_models; m++)
            if (!slice.stays[i][m])
                live_score_put(live, m, slice.customers[i],
                               &(struct live_score){ slice.predictions[i][m], slice.instants_ms[i] });
    pthread_rwlock_unlock(lock);
    for (size_t i = 0; is_told && refresh->options.stream && i < n; i++)
        for (size_t m = 0; m < slice.n_models; m++)
            tell(refresh, &(struct score_row){ slice.customers[i], slice.instants_ms[i], slice.predictions[i][m],
                                               slice.questions[m] }, slice.kinds[m]);
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_scored += n;
    pthread_mutex_unlock(&refresh->mutex);
}
