/* live.c - rows of customers from the states of their identities; what the writer does to them; see live.h. */
#include "live/live_internal.h"
#include "base/hash.h"
#include "base/memory.h"
#include "feature/matrix.h"
#include "feature/recent.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct states *states_made(struct store *store, const struct log *log, int64_t now_ms, unsigned n_threads,
                                  struct err *err)
{
    struct states *states = states_new(log);
    if (states_choose(states, store, n_threads, err) && states_replay(states, now_ms, n_threads, err))
        return states;
    states_free(states);
    return NULL;
}

bool live_open(struct store *store, const struct log *log, const struct identities *identities, int64_t now_ms,
               unsigned n_threads, struct live **ret_live, struct err *err)
{
    struct states *states = states_made(store, log, now_ms, n_threads, err);
    if (!states) return err_context(err, "bringing the customers up to date");
    struct live *live = memory_new(1, sizeof *live);
    live->log = log;
    live->identities = identities;
    live->states = states;
    live->folding = folding_new(states);
    live->generation = 1;
    pthread_mutex_init(&live->scratch_lock, NULL);
    bool is_wanted[LIVE_MODELS_MOST];
    for (size_t m = 0; m < states->n_models; m++) is_wanted[m] = true;
    if (!scores_load(&live->scores, store, states, is_wanted, true, log_n_names(log, DICTIONARY_IDENTITY), err)) {
        live_close(live);
        return false;
    }
    *ret_live = live;
    return true;
}

void live_close(struct live *live)
{
    if (!live) return;
    while (live->n_scratch > 0) fold_free(live->scratch[--live->n_scratch]);
    folding_free(live->folding);
    live_undo_free(live->undo);
    states_free(live->states);
    scores_free(&live->scores);
    free(live->touched.bits);
    free(live->touched.list);
    pthread_mutex_destroy(&live->scratch_lock);
    free(live);
}

/* Which of the old models this one is: of the same question and the same data; false: none. */
static bool find_same(const struct states *old, const struct trained *trained, size_t *ret_model)
{
    for (size_t m = 0; m < old->n_models; m++) {
        const struct trained *other = &old->models[m].trained;
        if (other->as_of_ms != trained->as_of_ms || strcmp(other->question.name, trained->question.name) != 0)
            continue;
        *ret_model = m;
        return true;
    }
    return false;
}

/* The scores of models that are in force as before move to the models' new numbers; `fresh` are the others'. */
static void renumber_scores(struct live *live, const struct states *states, const struct states *old,
                            struct score_tables *fresh)
{
    struct customer_table *scores = live->scores.scores;
    for (size_t m = 0, before; m < states->n_models; m++) {
        if (!find_same(old, &states->models[m].trained, &before)) continue;
        fresh->scores[m] = scores[before];
        scores[before] = (struct customer_table){ 0 };
    }
    for (size_t m = 0; m < LIVE_MODELS_MOST; m++) {
        struct customer_table now = fresh->scores[m];
        fresh->scores[m] = scores[m];
        scores[m] = now;
    }
}

bool fresh_make(const struct live *live, struct store *store, const struct log *log, int64_t now_ms, unsigned n_threads,
                pthread_rwlock_t *lock, struct fresh *ret_fresh, struct err *err)
{
    struct fresh fresh = { .states = states_made(store, log, now_ms, n_threads, err) };
    bool is_wanted[LIVE_MODELS_MOST];
    size_t ignored;
    if (!fresh.states) return err_context(err, "bringing the customers up to date");
    if (lock) pthread_rwlock_rdlock(lock);
    for (size_t m = 0; m < fresh.states->n_models; m++)
        is_wanted[m] = !find_same(live->states, &fresh.states->models[m].trained, &ignored);
    if (lock) pthread_rwlock_unlock(lock);
    if (!scores_load(&fresh.scores, store, fresh.states, is_wanted, false, log_n_names(log, DICTIONARY_IDENTITY), err)) {
        fresh_free(&fresh);
        return false;
    }
    *ret_fresh = fresh;
    return true;
}

void fresh_free(struct fresh *fresh)
{
    states_free(fresh->states);
    scores_free(&fresh->scores);
    *fresh = (struct fresh){ 0 };
}

void live_exchange(struct live *live, struct fresh *fresh, pthread_rwlock_t *lock)
{
    struct states *old = live->states;
    struct folding *folding = folding_new(fresh->states), *old_folding = live->folding;
    struct fold_state *scratch[SCRATCH_MOST];
    if (lock) pthread_rwlock_wrlock(lock);
    renumber_scores(live, fresh->states, old, &fresh->scores);
    live->states = fresh->states;
    live->states->log = live->log;
    live->folding = folding;
    live->generation++;
    size_t n_scratch = live->n_scratch;
    memcpy(scratch, live->scratch, sizeof scratch);
    live->n_scratch = 0;
    if (lock) pthread_rwlock_unlock(lock);
    fresh->states = old;
    while (n_scratch > 0) fold_free(scratch[--n_scratch]);
    folding_free(old_folding);
}

bool live_reload(struct live *live, struct store *store, int64_t now_ms, unsigned n_threads,
                 pthread_rwlock_t *lock, struct err *err)
{
    struct fresh fresh;
    if (!fresh_make(live, store, live->log, now_ms, n_threads, NULL, &fresh, err)) return false;
    live_exchange(live, &fresh, lock);
    fresh_free(&fresh);
    return true;
}

/* ---- the writer ---- */

void live_touch(struct live *live, uint32_t identity)
{
    struct touched *touched = &live->touched;
    uint32_t customer = identities_customer(live->identities, identity);
    if (customer / 64 >= touched->n_words) {
        size_t n_words = 2 * (size_t)(customer / 64) + 64;
        touched->bits = memory_grow(touched->bits, n_words, sizeof *touched->bits);
        memset(touched->bits + touched->n_words, 0, (n_words - touched->n_words) * sizeof *touched->bits);
        touched->n_words = n_words;
    }
    if (touched->bits[customer / 64] >> (customer % 64) & 1) return;
    touched->bits[customer / 64] |= UINT64_C(1) << (customer % 64);
    if (touched->end == touched->room && touched->first > touched->room / 2) {
        memmove(touched->list, touched->list + touched->first, (touched->end - touched->first) * sizeof(uint32_t));
        touched->end -= touched->first;
        touched->first = 0;
    } else if (touched->end == touched->room) {
        touched->room = touched->room ? 2 * touched->room : 1024;
        touched->list = memory_grow(touched->list, touched->room, sizeof *touched->list);
    }
    touched->list[touched->end++] = customer;
}

size_t live_touched(struct live *live, uint32_t *ret_customers, size_t room)
{
    struct touched *touched = &live->touched;
    size_t n = 0;
    while (n < room && touched->first < touched->end) {
        uint32_t customer = touched->list[touched->first++];
        touched->bits[customer / 64] &= ~(UINT64_C(1) << (customer % 64));
        ret_customers[n++] = identities_customer(live->identities, customer);
    }
    if (touched->first == touched->end) touched->first = touched->end = 0;
    return n;
}

static void touch(void *live, uint32_t identity) { live_touch(live, identity); }

static void save_or_touch(void *live, uint32_t identity)
{
    if (!live_undo_save(live, identity)) live_touch(live, identity);
}

void live_apply(struct live *live, const struct events *events, size_t from, size_t to, int64_t now_ms)
{
    folding_apply(live->folding, events, from, to, now_ms, save_or_touch, live);
}

bool live_correct(struct live *live, const struct events *events, int64_t now_ms, struct err *err)
{
    return folding_correct(live->folding, events, now_ms, save_or_touch, live, err);
}

bool live_blank(struct live *live, uint32_t identity, int64_t now_ms, struct err *err)
{
    const struct events none = { 0 };
    states_blank_waiting(live->states, identity);
    if (!states_slot(live->states, identity)) return true;
    live_touch(live, identity);
    return states_replay_one(live->states, live->folding, identity, &none, now_ms, err);
}

uint64_t live_digest(const struct live *live)
{
    const struct states *states = live->states;
    uint64_t sum = states->n_identities + states->n_events;
    size_t n = live_set(live) ? feature_set_size(live_set(live)) : 0;
    double *row = calloc(n + 1, sizeof *row);
    if (!row) abort();
    for (uint32_t identity = 1; identity < states->n_pages * SLOTS_PER_PAGE; identity++) {
        const struct slot *slot = states_slot(states, identity);
        if (slot) sum += hash_bytes(&slot->last_known_ms, sizeof slot->last_known_ms, identity);
        if (slot && live_row_exact(live, identity, slot->last_known_ms, row)) sum += hash_bytes(row, n * sizeof *row, identity);
    }
    free(row);
    return sum;
}

void live_due(struct live *live, int64_t now_ms)
{
    states_fold_due(live->states, live->folding, now_ms, touch, live);
    folding_close(live->folding);
}

int64_t live_next_due_ms(const struct live *live) { return states_next_due_ms(live->states); }

/* The time for replays stays a fixed share of that for the events in between, however many of them there are. */
bool live_is_stale(const struct live *live)
{
    const struct states *states = live->states;
    uint64_t n_start = states->n_events_at_start, n_later = states->n_events - states->n_events_replayed;
    if (states->is_disordered && n_later > n_start / 64) return true;
    if (states->n_models > 0 || n_later <= n_start / 2) return false;
    return !states->set || states->n_kinds > states->n_kinds_at_start ||
           states->names.n > states->n_names_at_start;
}

/* ---- features ---- */

const struct feature_set *live_set(const struct live *live)     { return live->states->set; }
uint64_t live_generation(const struct live *live)               { return live->generation; }
size_t   live_n_models(const struct live *live)                 { return live->states->n_models; }

const struct trained *live_model(const struct live *live, size_t model)
{
    assert(model < live->states->n_models);
    return &live->states->models[model].trained;
}

const struct trained *live_trained(const struct live *live)
{
    return live->states->n_models ? live_model(live, 0) : NULL;
}

bool live_model_of(const struct live *live, const char *question, size_t *ret_model)
{
    for (size_t m = 0; m < live_n_models(live); m++) {
        if (strcmp(live_model(live, m)->question.name, question) != 0) continue;
        *ret_model = m;
        return true;
    }
    return false;
}

size_t live_main_model(const struct live *live)
{
    size_t model = 0, n = live_n_models(live);
    if (live_model_of(live, "churn", &model)) return model;
    while (model < n && !question_is_churn(&live_model(live, model)->question)) model++;
    return model < n ? model : 0;
}

/* States to read with are lent out, because a new one costs more than a read. */
static struct fold_state *borrow(const struct live *const_live)
{
    struct live *live = (struct live *)(uintptr_t)const_live;
    struct fold_state *state = NULL;
    pthread_mutex_lock(&live->scratch_lock);
    if (live->n_scratch > 0) state = live->scratch[--live->n_scratch];
    pthread_mutex_unlock(&live->scratch_lock);
    return state ? state : fold_new(live->states->set);
}

static void give_back(const struct live *const_live, struct fold_state *state)
{
    struct live *live = (struct live *)(uintptr_t)const_live;
    pthread_mutex_lock(&live->scratch_lock);
    if (live->n_scratch < SCRATCH_MOST) live->scratch[live->n_scratch++] = state, state = NULL;
    pthread_mutex_unlock(&live->scratch_lock);
    fold_free(state);
}

void live_stand(struct live *live, enum live_stands stands, int64_t end_ms)
{
    live->stands = stands;
    live->stands_ms = end_ms;
}

int64_t live_instant_ms(const struct live *live, uint32_t customer, int64_t as_of_ms)
{
    int64_t last_known_ms;
    if (live->stands < STANDS_SILENT || as_of_ms <= live->stands_ms) return as_of_ms;
    if (!live_known(live, customer, &last_known_ms) || last_known_ms < live->stands_ms) return live->stands_ms;
    return live->stands == STANDS_SILENT ? as_of_ms : last_known_ms + 1;
}

bool live_answer_stays(const struct live *live, size_t model, uint32_t customer, double prediction)
{
    int64_t last_known_ms;
    if (live->stands == STANDS_NOTHING || !isnan(prediction)) return false;
    struct live_score before = live_score(live, model, customer);
    return !isnan(before.prediction) && before.scored_ms <= live->stands_ms &&
           live_known(live, customer, &last_known_ms) && last_known_ms < before.scored_ms;
}

struct live_reader {
    const struct live *live;
    struct fold_state *state, *one;
    struct fold_moment moment;          /* of the row before: mostly that of the next too */
};

static struct fold_state *lend(const struct live *live, struct fold_state *of_reader)
{
    return of_reader ? of_reader : borrow(live);
}

/* The states of the customer's identities in one, to be given back or the reader's, and *as_of_ms moved behind their
 * last event; NULL: nothing is known of them. */
static struct fold_state *state_of(const struct live *live, const struct live_reader *reader, uint32_t customer,
                                   int64_t *as_of_ms)
{
    const struct states *states = live->states;
    size_t n_members;
    if (!states->set || customer == 0) return NULL;
    *as_of_ms = live_instant_ms(live, customer, *as_of_ms);
    const uint32_t *members = identities_members(live->identities, customer, &n_members);
    struct fold_state *state = NULL, *one = NULL;
    for (size_t m = 0; m < n_members; m++) {
        const struct slot *slot = states_slot(states, members[m]);
        if (!slot || !slot->state) continue;
        if (slot->last_known_ms >= *as_of_ms) *as_of_ms = slot->last_known_ms + 1;
        if (!state) {
            state = lend(live, reader ? reader->state : NULL);
            states_unpack(states, members[m], state);
        } else {
            if (!one) one = lend(live, reader ? reader->one : NULL);
            states_unpack(states, members[m], one);
            fold_merge(state, one);
        }
    }
    if (one && !reader) give_back(live, one);
    return state;
}

struct live_reader *live_reader_new(const struct live *live, const uint32_t *columns, size_t n_columns)
{
    struct live_reader *reader = memory_new(1, sizeof *reader);
    *reader = (struct live_reader){ .live = live, .state = fold_new_of(live->states->set, columns, n_columns),
                                    .one = fold_new_of(live->states->set, columns, n_columns),
                                    .moment.as_of_ms = INT64_MIN };
    return reader;
}

void live_reader_free(struct live_reader *reader)
{
    if (!reader) return;
    fold_free(reader->state);
    fold_free(reader->one);
    free(reader);
}

bool live_reader_row(struct live_reader *reader, uint32_t customer, int64_t as_of_ms, double *ret_row)
{
    struct fold_state *state = state_of(reader->live, reader, customer, &as_of_ms);
    if (!state) return false;
    if (reader->moment.as_of_ms != as_of_ms)
        reader->moment = fold_moment_at(reader->live->states->set, as_of_ms);
    fold_read_exact(state, &reader->moment, ret_row);
    return true;
}

bool live_row(const struct live *live, uint32_t customer, int64_t as_of_ms, float *ret_row)
{
    struct fold_state *state = state_of(live, NULL, customer, &as_of_ms);
    if (!state) return false;
    struct fold_moment moment = fold_moment_at(live->states->set, as_of_ms);
    fold_read(state, &moment, ret_row);
    give_back(live, state);
    return true;
}

bool live_row_exact(const struct live *live, uint32_t customer, int64_t as_of_ms, double *ret_row)
{
    struct fold_state *state = state_of(live, NULL, customer, &as_of_ms);
    if (!state) return false;
    struct fold_moment moment = fold_moment_at(live->states->set, as_of_ms);
    fold_read_exact(state, &moment, ret_row);
    give_back(live, state);
    return true;
}

void live_expect(const struct live *live, const uint32_t *identities, size_t n)
{
    for (size_t i = 0; i < n; i++) states_expect_slot(live->states, identities[i]);
    for (size_t i = 0; i < n; i++) states_expect_piece(live->states, identities[i]);
}

bool live_recent(const struct live *live, uint32_t customer,
                 void (*tell)(void *context, const char *kind, const struct seen *seen, size_t n), void *context)
{
    int64_t as_of_ms = INT64_MIN;
    struct fold_state *state = state_of(live, NULL, customer, &as_of_ms);
    if (!state) return false;
    fold_recent(state, tell, context);
    give_back(live, state);
    return true;
}

void live_own_row(const struct live *live, size_t model, const float *row, float *ret_own)
{
    size_t n = feature_set_size(live_model(live, model)->set);
    const uint32_t *column = live->states->models[model].column;
    for (size_t c = 0; c < n; c++) ret_own[c] = row[column[c]];
}

static double predict_by(const struct trained *trained, const uint32_t *column, const float *row)
{
    double prediction;
    size_t n = feature_set_size(trained->set);
    float *own = memory_new(n + 1, sizeof *own);
    for (size_t c = 0; c < n; c++) own[c] = row[column[c]];
    predictor_predict(trained->predictor, own, 1, 1, &prediction);
    free(own);
    return prediction;
}

double live_predict(const struct live *live, size_t model, const float *row)
{
    return predict_by(live_model(live, model), live->states->models[model].column, row);
}

double live_predict_of(const struct live *live, size_t model, uint32_t customer, const float *row)
{
    const struct contest *contest = live_model(live, model)->contest;
    const struct model *of = &live->states->models[model];
    size_t arm = contest ? contest_arm(contest, live->log, live->identities, customer) : SIZE_MAX;
    return arm != SIZE_MAX && of->arm_column[arm] ? predict_by(&contest->arms[arm], of->arm_column[arm], row)
                                                  : live_predict(live, model, row);
}

bool live_is_active(const struct live *live, size_t model, const float *row)
{
    const struct question *question = &live_model(live, model)->question;
    const struct model *of = &live->states->models[model];
    if (question->kind == QUESTION_TRAIT || question->active_days <= 0) return true;
    for (size_t i = 0; i < of->n_recency; i++)
        if (row[of->recency[i]] < (float)question->active_days) return true;     /* as row_is_active of matrix.c */
    return false;
}

bool live_is_asked(const struct live *live, size_t model, const float *row)
{
    bool is_asked = live_is_active(live, model, row);
    struct err ignored;         /* who was compiled when the model was trained, over the same features */
    const struct question *question = &live_model(live, model)->question;
    if (is_asked && question->who) (void)!matrix_row_is_asked(question, live_set(live), row, &is_asked, &ignored);
    return is_asked;
}

/* ---- customers ---- */

size_t   live_n_identities(const struct live *live) { return live->states->n_identities; }
uint64_t live_n_events(const struct live *live)     { return live->states->n_events; }

size_t live_n_customers(const struct live *live)
{
    size_t n = live->states->n_identities, n_members;
    for (size_t slot = 0; slot < identities_n_linked(live->identities); slot++) {
        const uint32_t *members = identities_linked(live->identities, slot, &n_members);
        size_t n_with = 0;
        for (size_t m = 0; members && m < n_members; m++) n_with += states_slot(live->states, members[m]) != NULL;
        if (n_with > 1) n -= n_with - 1;
    }
    return n;
}

uint32_t live_next(const struct live *live, uint32_t after)
{
    size_t n = live->states->n_pages * SLOTS_PER_PAGE, n_members;
    for (size_t i = (size_t)after + 1; i < n; i++) {
        uint32_t identity = (uint32_t)i;
        if (identities_customer(live->identities, identity) != identity) continue;
        if (states_slot(live->states, identity)) return identity;
        const uint32_t *members = identities_members(live->identities, identity, &n_members);
        for (size_t m = 0; n_members > 1 && m < n_members; m++)
            if (states_slot(live->states, members[m])) return identity;
    }
    return 0;
}

bool live_known(const struct live *live, uint32_t customer, int64_t *ret_last_known_ms)
{
    size_t n_members;
    int64_t last_known_ms = INT64_MIN;
    const uint32_t *members = identities_members(live->identities, customer, &n_members);
    for (size_t m = 0; m < n_members; m++) {
        const struct slot *slot = states_slot(live->states, members[m]);
        if (slot && slot->last_known_ms > last_known_ms) last_known_ms = slot->last_known_ms;
    }
    if (last_known_ms == INT64_MIN) return false;
    *ret_last_known_ms = last_known_ms;
    return true;
}

size_t live_bytes(const struct live *live)
{
    return states_bytes(live->states) + live->touched.n_words * 8 + live->touched.room * 4 +
           scores_bytes(&live->scores);
}
