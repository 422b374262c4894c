/* matrix.c - partitions fold in parallel into blocks of rows, which then move to their places; see matrix.h. */
#include "feature/matrix.h"
#include "feature/by_customer.h"
#include "feature/fold_events.h"
#include "feature/matrix_internal.h"
#include "feature/properties.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "customer/once.h"

#include <stdlib.h>
#include <string.h>

enum { SHARE_SEED = 0x5a };

void matrix_fold_events(const struct build *build, const struct customer *customer, size_t from, size_t to,
                        struct fold_state *state)
{
    struct fold_event batch[BATCH_EVENTS];
    const struct events *events = customer->events;
    for (size_t n; from < to; from += n) {
        n = to - from < BATCH_EVENTS ? to - from : BATCH_EVENTS;
        for (size_t i = 0; i < n; i++) {
            uint32_t at = customer->order[from + i];
            batch[i] = fold_event_at(events, at, customer->known_ms[at],
                                     events->item ? build->item_hash[events->item[at]] : 0);
        }
        fold_update(state, batch, n);
    }
}

bool matrix_is_of_share(const struct build *build, uint32_t identity)
{
    if (build->share >= 1) return true;
    struct text name = log_name(build->log, DICTIONARY_IDENTITY, identity);
    return (double)(hash_bytes(name.at, name.length, SHARE_SEED) >> 11) * 0x1p-53 < build->share;
}

bool matrix_is_active(const struct build *build, const struct customer *customer, size_t n_known,
                      int64_t cutoff_ms)
{
    const struct question *question = build->question;
    if (n_known == 0) return false;
    if (!question || question->kind == QUESTION_TRAIT || question->active_days <= 0) return true;
    bool is_any = question->kind == QUESTION_EVENT;
    int64_t since_ms = cutoff_ms - question->active_days * MS_PER_DAY;
    for (size_t i = n_known; i-- > 0;) {
        uint32_t at = customer->order[i];
        if (customer->events->time_ms[at] < since_ms) continue;
        if (is_any || customer->events->kind[at] == question->goal_kind) return true;
    }
    return false;
}

/* The trait that is asked for, from the last event that sets it, else from the first that sets it once; NaN if
 * none has. */
static float trait_label(const struct question *question, const struct customer *customer)
{
    float label = NAN;
    for (size_t i = customer->n; i-- > 0;) {
        struct properties properties;
        struct property property;
        properties_begin(&properties, fold_properties_at(customer->events, customer->order[i]));
        while (properties_next(&properties, &property)) {
            bool is_once = once_take(&property.name), is_blank = property.value.length == 0;
            if (!text_equal(property.name, text_of(question->target)) || (is_once && is_blank)) continue;
            label = is_blank ? NAN : (float)text_equal(property.value, text_of(question->yes));
            if (!is_once) return label;
        }
    }
    return label;
}

static void label_row(const struct build *build, const struct customer *customer, int64_t cutoff_ms,
                      float *ret_label, float *ret_amount)
{
    const struct question *question = build->question;
    *ret_label = *ret_amount = NAN;
    if (!build->wants_labels || !question) return;
    if (question->kind == QUESTION_TRAIT) { *ret_label = trait_label(question, customer); return; }
    int64_t end_ms = cutoff_ms + question->horizon_days * MS_PER_DAY, cents = 0;
    if (end_ms > build->last_ms + MS_PER_DAY) return;
    int64_t goal_ms = INT64_MIN, left_ms = INT64_MIN;       /* the last of each */
    for (size_t i = 0; i < customer->n; i++) {
        uint32_t at = customer->order[i];
        int64_t time_ms = customer->events->time_ms[at];
        if (time_ms < cutoff_ms || time_ms >= end_ms) continue;
        if (question_is_left(question, customer->events->kind[at]) && time_ms > left_ms) left_ms = time_ms;
        if (customer->events->kind[at] != question->goal_kind) continue;
        cents += customer->events->amount_cents[at];
        if (time_ms > goal_ms) goal_ms = time_ms;
    }
    *ret_amount = (float)((double)cents / 100);
    *ret_label = question->kind == QUESTION_SPEND ? *ret_amount
                                                  : (goal_ms > left_ms) == (question->kind == QUESTION_EVENT);
}

static size_t next_row(struct share *share, size_t c, size_t n_columns)
{
    struct row_block *last = share->last[c];
    if (last && last->n < BLOCK_ROWS) return last->n++;
    struct arena **arena = &share->worker->rows[c];
    if (!*arena) *arena = arena_new(ARENA_NO_LIMIT);
    struct row_block *block = ARENA_NEW(*arena, struct row_block);
    block->values = ARENA_ARRAY(*arena, float, BLOCK_ROWS * n_columns);
    if (last) last->next = block;
    else share->first[c] = block;
    share->last[c] = block;
    block->n = 1;
    return 0;
}

void matrix_add_row(const struct build *build, const struct fold_state *state, uint32_t identity, size_t c,
                    const struct customer *customer, struct share *share)
{
    size_t n_columns = build->set->n_features, row = next_row(share, c, n_columns);
    struct row_block *block = share->last[c];
    block->identity[row] = identity;
    fold_read(state, &build->moments[c], block->values + row * n_columns);
    label_row(build, customer, build->cutoffs_ms[c], &block->label[row], &block->amount[row]);
}

/* The events of a customer that no correction had replaced by an instant: INT64_MAX of all that are in force now.
 */
static struct customer in_force(const struct customer *customer, int64_t as_of_ms, struct arena *arena)
{
    struct customer those = *customer;
    const int64_t *replaced_ms = customer->events->replaced_ms;
    if (!replaced_ms) return those;
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, customer->n + 1);
    those.order = order;
    those.n = 0;
    for (size_t i = 0; i < customer->n; i++)
        if (replaced_ms[customer->order[i]] >= as_of_ms) order[those.n++] = customer->order[i];
    return those;
}

static bool is_corrected(const struct customer *customer)
{
    for (size_t i = 0; customer->events->replaced_ms && i < customer->n; i++)
        if (customer->events->replaced_ms[customer->order[i]] != INT64_MAX) return true;
    return false;
}

/* A state cannot forget an event: of a customer of whom some were replaced it is folded anew at each instant. */
static void fold_corrected(const struct build *build, const struct customer *customer, struct worker *worker,
                           struct share *share)
{
    struct customer now = in_force(customer, INT64_MAX, worker->events);
    for (size_t c = 0; c < build->n_cutoffs; c++) {
        int64_t cutoff_ms = build->cutoffs_ms[c];
        size_t n_known = 0;
        struct customer then = in_force(customer, cutoff_ms, worker->events);
        while (n_known < then.n && then.known_ms[then.order[n_known]] < cutoff_ms) n_known++;
        fold_begin(worker->state);
        matrix_fold_events(build, &then, 0, n_known, worker->state);
        if (matrix_is_active(build, &then, n_known, cutoff_ms))
            matrix_add_row(build, worker->state, customer->identity, c, &now, share);
    }
}

static void fold_customer(const struct build *build, const struct customer *customer, struct fold_state *state,
                          struct share *share)
{
    size_t n_known = 0;
    fold_begin(state);
    for (size_t c = 0; c < build->n_cutoffs; c++) {
        int64_t cutoff_ms = build->cutoffs_ms[c];
        size_t from = n_known;
        while (n_known < customer->n && customer->known_ms[customer->order[n_known]] < cutoff_ms) n_known++;
        matrix_fold_events(build, customer, from, n_known, state);
        if (matrix_is_active(build, customer, n_known, cutoff_ms))
            matrix_add_row(build, state, customer->identity, c, customer, share);
    }
}

/* ---- one partition ---- */

static unsigned columns_needed(const struct build *build)
{
    bool asks_trait = build->question && build->question->kind == QUESTION_TRAIT;
    return feature_set_columns(build->set) | LOG_REPLACED | LOG_AMOUNT | (asks_trait ? LOG_PROPERTIES : 0);
}

static bool worker_open(const struct build *build, struct worker *worker)
{
    const char *who = build->question ? build->question->who : NULL;
    if (!log_reader_open(build->log, &worker->reader, &worker->err)) return false;
    if (who && !expression_compile(who, feature_names(build->set), build->set->n_features, &worker->who,
                                   &worker->err))
        return err_context(&worker->err, "who is asked");
    worker->state = fold_new(build->set);
    worker->events = arena_new(ARENA_NO_LIMIT);
    worker->aside = arena_new(ARENA_NO_LIMIT);
    return true;
}

bool matrix_worker_begin(const struct build *build, struct worker *worker)
{
    if (worker->err.code != ERR_NONE) return false;
    if (!worker->reader && !worker_open(build, worker)) return false;
    arena_reset(worker->events);
    return true;
}

static void worker_close(struct worker *worker)
{
    log_reader_close(worker->reader);
    expression_free(worker->who);
    fold_free(worker->state);
    for (size_t m = 0; m < worker->n_members; m++) fold_free(worker->members[m]);
    free(worker->members);
    arena_free(worker->events);
    arena_free(worker->aside);
    for (size_t c = 0; c < CUTOFFS_MAX; c++) arena_free(worker->rows[c]);
}

/* Keeps the rows of a block of which the question's predicate is true. */
static bool keep_block(struct row_block *block, size_t n_columns, struct worker *worker)
{
    bool is_asked[BLOCK_ROWS];
    if (!expression_test(worker->who, block->values, block->n, is_asked, &worker->err))
        return err_context(&worker->err, "who is asked");
    size_t kept = 0;
    for (size_t i = 0; i < block->n; i++) {
        if (!is_asked[i]) continue;
        memmove(block->values + kept * n_columns, block->values + i * n_columns, n_columns * sizeof(float));
        block->identity[kept] = block->identity[i];
        block->label[kept] = block->label[i], block->amount[kept] = block->amount[i];
        kept++;
    }
    block->n = kept;
    return true;
}

bool matrix_keep_asked(const struct build *build, struct worker *worker, struct share *share)
{
    for (size_t c = 0; c < build->n_cutoffs && worker->who; c++)
        for (struct row_block *block = share->first[c]; block; block = block->next)
            if (!keep_block(block, build->set->n_features, worker)) return false;
    return true;
}

static void fold_partition(void *context, size_t partition, unsigned thread)
{
    struct build *build = context;
    struct worker *worker = &build->workers[thread];
    struct events events;
    if (!matrix_worker_begin(build, worker)) return;
    struct arena *arena = worker->events;
    if (!log_read(worker->reader, (unsigned)partition, columns_needed(build), arena, &events, &worker->err))
        return;
    struct by_customer by_customer;
    by_customer_group(&events, build->n_identities, arena, &by_customer);
    struct share *share = &build->shares[partition];
    share->worker = worker;
    for (size_t i = 0; i < by_customer.n_customers; i++) {
        uint32_t start = by_customer.start[i];
        struct customer customer = { &events, by_customer.order + start, by_customer.known_ms,
                                     by_customer.start[i + 1] - start, by_customer.identity[i] };
        bool is_mixed = is_corrected(&customer);
        if (matrix_is_linked(build, customer.identity)) {
            if (is_mixed) customer = in_force(&customer, INT64_MAX, arena);
            matrix_put_aside(build, &customer, worker->aside);
        } else if (matrix_is_of_share(build, customer.identity)) {
            if (is_mixed) fold_corrected(build, &customer, worker, share);
            else fold_customer(build, &customer, worker->state, share);
        }
    }
    (void)matrix_keep_asked(build, worker, share);      /* worker->err says */
}

/* ---- all rows to their places, one cutoff after the other ---- */

struct placement {
    struct build  *build;
    struct matrix *matrix;
    size_t         c;
    uint64_t      *bits;        /* [n_words] who is asked at cutoff c */
    size_t        *before;      /* [n_words] rows before the word's first */
    size_t         n_words;
};

static void place_share(void *context, size_t share, unsigned thread)
{
    (void)thread;
    struct placement *placement = context;
    struct matrix *matrix = placement->matrix;
    const struct row_block *first = placement->build->shares[share].first[placement->c];
    for (const struct row_block *block = first; block; block = block->next)
        for (size_t i = 0; i < block->n; i++) {
            uint32_t identity = block->identity[i];
            uint64_t below = placement->bits[identity / 64] & ((UINT64_C(1) << (identity % 64)) - 1);
            size_t at = placement->before[identity / 64] + (size_t)__builtin_popcountll(below);
            matrix->identity[at] = identity;
            matrix->cutoff[at] = (uint16_t)placement->c;
            matrix->labels[at] = block->label[i];
            matrix->amounts[at] = block->amount[i];
            memcpy(matrix->values + at * matrix->n_columns, block->values + i * matrix->n_columns,
                   matrix->n_columns * sizeof(float));
        }
}

/* Finds the place of each row of cutoff c, the first of which is `first`; returns the row after the last. */
static size_t find_places(struct placement *placement, size_t c, size_t first)
{
    placement->c = c;
    memset(placement->bits, 0, placement->n_words * sizeof *placement->bits);
    for (size_t s = 0; s < 2 * LOG_PARTITIONS; s++)
        for (const struct row_block *block = placement->build->shares[s].first[c]; block; block = block->next)
            for (size_t i = 0; i < block->n; i++)
                placement->bits[block->identity[i] / 64] |= UINT64_C(1) << (block->identity[i] % 64);
    for (size_t w = 0; w < placement->n_words; w++) {
        placement->before[w] = first;
        first += (size_t)__builtin_popcountll(placement->bits[w]);
    }
    return first;
}

static size_t count_rows(const struct build *build)
{
    size_t n_rows = 0;
    for (size_t s = 0; s < 2 * LOG_PARTITIONS; s++)
        for (size_t c = 0; c < build->n_cutoffs; c++)
            for (const struct row_block *block = build->shares[s].first[c]; block; block = block->next)
                n_rows += block->n;
    return n_rows;
}

/* Blocks are given back cutoff by cutoff: all of them beside the matrix would take its size once more. */
static void place_rows(struct build *build, unsigned n_threads, struct arena *arena, struct matrix *ret_matrix)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t n_rows = count_rows(build), n_words = build->n_identities / 64 + 1;
    *ret_matrix = (struct matrix){
        .n_rows = n_rows, .n_columns = build->set->n_features,
        .values = arena_alloc(arena, n_rows * build->set->n_features, sizeof(float)),
        .labels = ARENA_ARRAY(arena, float, n_rows), .amounts = ARENA_ARRAY(arena, float, n_rows),
        .identity = ARENA_ARRAY(arena, uint32_t, n_rows), .cutoff = ARENA_ARRAY(arena, uint16_t, n_rows),
    };
    struct placement placement = { .build = build, .matrix = ret_matrix, .n_words = n_words,
                                   .bits = ARENA_ARRAY(scratch, uint64_t, n_words),
                                   .before = ARENA_ARRAY(scratch, size_t, n_words) };
    for (size_t c = 0, first = 0; c < build->n_cutoffs; c++) {
        first = find_places(&placement, c, first);
        parallel_for(n_threads, 2 * LOG_PARTITIONS, place_share, &placement);
        for (unsigned t = 0; t < n_threads; t++) {
            arena_free(build->workers[t].rows[c]);
            build->workers[t].rows[c] = NULL;
        }
    }
    arena_free(scratch);
}

/* ---- the whole ---- */

/* Who is linked with whom, if anybody is. */
static bool read_links(struct build *build, struct arena *arena, struct err *err)
{
    if (!identities_open(log_store(build->log), build->log, &build->identities, err)) return false;
    if (identities_n_links(build->identities) > 0) {
        build->aside = ARENA_ARRAY(arena, struct customer *, build->n_identities);
        return true;
    }
    identities_close(build->identities);
    build->identities = NULL;
    return true;
}

static bool run_build(struct build *build, unsigned n_threads, struct arena *arena,
                      struct matrix *ret_matrix, struct err *err)
{
    bool ok = false;
    struct log_totals totals;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    if (n_threads < 1) n_threads = 1;
    if (n_threads > THREADS_MAX) n_threads = THREADS_MAX;
    if (!log_totals(build->log, &totals, err)) goto done;
    build->last_ms = totals.last_ms;
    build->n_identities = log_n_names(build->log, DICTIONARY_IDENTITY);
    if (!read_links(build, scratch, err)) goto done;
    if (feature_set_columns(build->set) & LOG_ITEM) build->item_hash = fold_item_hashes(build->log, scratch);
    for (size_t c = 0; c < build->n_cutoffs; c++)
        build->moments[c] = fold_moment_at(build->set, build->cutoffs_ms[c]);
    parallel_for(n_threads, LOG_PARTITIONS, fold_partition, build);
    if (build->identities) parallel_for(n_threads, LOG_PARTITIONS, matrix_fold_linked, build);
    for (unsigned t = 0; t < n_threads; t++) {
        arena_free(build->workers[t].events);
        arena_free(build->workers[t].aside);
        build->workers[t].events = build->workers[t].aside = NULL;
        if (build->workers[t].err.code != ERR_NONE) { *err = build->workers[t].err; goto done; }
    }
    place_rows(build, n_threads, arena, ret_matrix);
    ok = true;
done:
    for (unsigned t = 0; t < n_threads; t++) worker_close(&build->workers[t]);
    identities_close(build->identities);
    arena_free(scratch);
    return ok;
}

bool matrix_build(const struct log *log, const struct feature_set *set, const struct question *question,
                  const int64_t *cutoffs_ms, size_t n_cutoffs, double share, unsigned n_threads,
                  struct arena *arena, struct matrix *ret_matrix, struct err *err)
{
    if (n_cutoffs > CUTOFFS_MAX)
        return err_set(err, ERR_INVALID, "%zu cutoffs; at most %d", n_cutoffs, CUTOFFS_MAX);
    struct build *build = ARENA_NEW(arena, struct build);
    *build = (struct build){ .log = log, .set = set, .question = question, .cutoffs_ms = cutoffs_ms,
                             .n_cutoffs = n_cutoffs, .share = share,
                             .wants_labels = true };
    struct matrix matrix;
    if (!run_build(build, n_threads, arena, &matrix, err)) return err_context(err, "building the features");
    if (matrix.n_rows == 0)
        return err_set(
            err, ERR_REFUSED,
            "no customer is asked at any of %zu cutoffs: nobody did what marks a customer so lately before "
            "them; --active looks further back, --goal names another event",
            n_cutoffs);
    *ret_matrix = matrix;
    return true;
}

bool matrix_score(const struct log *log, const struct feature_set *set, const struct question *question,
                  int64_t as_of_ms, unsigned n_threads, struct arena *arena, struct matrix *ret_matrix,
                  struct err *err)
{
    struct build *build = ARENA_NEW(arena, struct build);
    *build = (struct build){ .log = log, .set = set, .question = question, .cutoffs_ms = &as_of_ms,
                             .n_cutoffs = 1, .share = 1 };
    return run_build(build, n_threads, arena, ret_matrix, err) || err_context(err, "building the features");
}

/* Folds one identity's events as of an instant into a state that has begun; *ret_n_known: how many. */
static bool fold_identity(const struct build *build, struct log_reader *reader, uint32_t identity,
                          struct fold_state *state, size_t *ret_n_known, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct events events;
    bool ok = log_read_identities(reader, &identity, 1, columns_needed(build), scratch, &events, err);
    *ret_n_known = 0;
    if (ok) {
        struct by_customer by_customer;
        by_customer_group(&events, build->n_identities, scratch, &by_customer);
        size_t at = 0;
        while (at < by_customer.n_customers && by_customer.identity[at] != identity) at++;
        size_t start = at < by_customer.n_customers ? by_customer.start[at] : 0, n_known = 0;
        size_t n = at < by_customer.n_customers ? by_customer.start[at + 1] - start : 0;
        struct customer customer = { &events, by_customer.order + start, by_customer.known_ms, n, identity };
        customer = in_force(&customer, *build->cutoffs_ms, scratch);
        while (n_known < customer.n && customer.known_ms[customer.order[n_known]] < *build->cutoffs_ms) n_known++;
        matrix_fold_events(build, &customer, 0, n_known, state);
        *ret_n_known = n_known;
    }
    arena_free(scratch);
    return ok;
}

bool matrix_customer(const struct log *log, const struct feature_set *set, uint32_t identity, int64_t as_of_ms,
                     struct arena *arena, float **ret_row, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct build *build = ARENA_NEW(scratch, struct build);
    *build = (struct build){ .log = log, .set = set, .cutoffs_ms = &as_of_ms, .n_cutoffs = 1, .share = 1,
                             .n_identities = log_n_names(log, DICTIONARY_IDENTITY) };
    uint32_t members[IDENTITY_MEMBERS_MOST] = { identity };
    size_t n_members = 1, n_known_in_all = 0, n_known;
    struct log_reader *reader = NULL;
    struct fold_state *state = NULL, *merged = NULL;
    bool ok = false;
    if (!read_links(build, scratch, err) || !log_reader_open(log, &reader, err)) goto done;
    if (build->identities)
        n_members = identities_members_at(build->identities, identity, as_of_ms, members, IDENTITY_MEMBERS_MOST);
    if (feature_set_columns(set) & LOG_ITEM) build->item_hash = fold_item_hashes(log, scratch);
    state = fold_new(set);
    merged = fold_new(set);
    for (size_t m = 0; m < n_members; m++, n_known_in_all += n_known) {
        fold_begin(state);
        if (!fold_identity(build, reader, members[m], state, &n_known, err)) goto done;
        fold_merge(merged, state);
    }
    if (n_known_in_all == 0) {
        err_set(err, ERR_MISSING, "nothing is known of this customer at that time");
        goto done;
    }
    struct fold_moment moment = fold_moment_at(set, as_of_ms);
    *ret_row = ARENA_ARRAY(arena, float, set->n_features + 1);
    fold_read(merged, &moment, *ret_row);
    ok = true;
done:
    fold_free(state);
    fold_free(merged);
    identities_close(build->identities);
    log_reader_close(reader);
    arena_free(scratch);
    return ok;
}

/* Of an event's question any event of late is enough.  As matrix_is_active, but a row's days are floats, in which 365
 * and a millisecond is 365: an instant lies just after the last event, so whole days are a millisecond too long. */
static bool row_is_active(const struct question *question, const struct feature_set *set, const float *row)
{
    bool is_any = question->kind == QUESTION_EVENT;
    if (question->kind == QUESTION_TRAIT || question->active_days <= 0) return true;
    for (size_t i = 0; i < feature_set_size(set); i++)
        if (strcmp(feature_suffix(set, i), "recency_days") == 0 &&
            (is_any || strcmp(feature_at(set, i)->group, question->goal) == 0) &&
            row[i] < (float)question->active_days)
            return true;
    return false;
}

bool matrix_row_is_asked(const struct question *question, const struct feature_set *set, const float *row,
                         bool *ret_is_asked, struct err *err)
{
    struct expression *who = NULL;
    *ret_is_asked = row_is_active(question, set, row);
    if (!*ret_is_asked || !question->who) return true;
    bool ok = expression_compile(question->who, feature_names(set), feature_set_size(set), &who, err) &&
              expression_test(who, row, 1, ret_is_asked, err);
    expression_free(who);
    return ok || err_context(err, "who is asked");
}
