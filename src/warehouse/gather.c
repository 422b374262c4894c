/* gather.c - see gather.h. */
#include "warehouse/gather.h"

#include "base/calendar.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "condition/expression.h"
#include "log/correction.h"
#include "warehouse/answer.h"
#include "warehouse/counted_rows.h"
#include "warehouse/feature_query.h"
#include "warehouse/tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2, HEAD_BYTES = 17, LABEL_BYTES = 32, CHUNK_ROWS = 1024 };

/* Customers' rows as one shard gives them: numbers as the matrix has them, in chunks, and whose they are. */
struct given_row {
    uint64_t customer_hash;
    int64_t as_of_ms;
};
struct given_rows {
    struct arena *arena; /* of the chunks; NULL: nothing came */
    size_t n_features, n, room, n_chunks, chunk_room;
    struct given_row *rows; /* [n] */
    float **chunks;         /* [n_chunks][CHUNK_ROWS x n_features] */
};

struct given_label {
    struct given_row of;
    int64_t n, cents;
};
struct given_labels {
    size_t n, room;
    struct given_label *labels; /* [n] */
};

/* What one shard gives. */
struct giving {
    struct gather_options *options;
    size_t index;
    size_t asked; /* the shard that is asked, whose error err is: another where links join customers of two */
    struct shard *shard;
    struct given_rows rows;
    struct given_labels labels;
    char session[64];
    bool is_visited;
    bool ok;
    struct err err;
};

static struct feature_query query_of(const struct gather_options *options, size_t shard, bool is_visited)
{
    uint32_t kind;
    return (struct feature_query){
        .settings = options->settings,
        .shard = shard,
        .set = options->set,
        .features = options->features,
        .n_features = options->n_features,
        .question = options->question,
        .cutoffs_ms = options->cutoffs_ms,
        .n_cutoffs = options->n_cutoffs,
        .first_partition = options->first_partition,
        .last_partition = options->last_partition,
        .share = options->share,
        .is_linked = options->identities && identities_n_links(options->identities) > 0,
        .is_visited = is_visited,
        .is_of_asked = options->is_of_asked,
        .is_corrected = log_find(options->log, DICTIONARY_KIND, text_of(LOG_CORRECTION), &kind),
    };
}

static size_t *all_features(const struct feature_set *set, struct arena *arena)
{
    size_t *features = ARENA_ARRAY(arena, size_t, feature_set_size(set) + 1);
    for (size_t f = 0; f < feature_set_size(set); f++) features[f] = f;
    return features;
}

static struct gather_options whole(const struct gather_options *options, struct arena *arena)
{
    struct gather_options out = *options;
    if (out.features) return out;
    out.features = all_features(out.set, arena);
    out.n_features = feature_set_size(out.set);
    return out;
}

const char *gather_sql(const struct gather_options *options, size_t shard, struct arena *arena)
{
    struct gather_options out = whole(options, arena);
    struct feature_query query = query_of(&out, shard, out.settings->n_shards > 1);
    query.is_visited = query.is_visited && query.is_linked;
    return arena_format(arena, "%s%s", query.is_visited ? feature_query_visiting_sql(&query, arena) : "",
                        feature_query_sql(&query, arena));
}

/* ---- what others have of the shard's customers ---- */

static bool keep_bytes(void *context, const char *bytes, size_t n) { return answer_add(context, bytes, n); }

static bool visit_from(struct giving *giving, size_t from, const struct feature_query *query, struct arena *arena,
                       struct err *err)
{
    struct shard *other = NULL;
    struct answer answer = { 0 };
    const char *sql = feature_query_visitors_sql(query, arena);
    giving->asked = from;
    bool ok = shard_open(giving->options->settings, from, &other, err) &&
              tables_check_whole(giving->options->settings, other, err);
    const struct shard_query ask = { .sql = arena_format(arena, "%s FORMAT Native", sql),
                                     .take = keep_bytes,
                                     .context = &answer };
    ok = ok && shard_ask(other, &ask, err);
    shard_close(other);
    if (ok) giving->asked = giving->index;
    const struct shard_query put = { .sql = "INSERT INTO visiting FORMAT Native",
                                     .body = { answer.bytes, answer.n },
                                     .session = giving->session };
    if (ok && answer.n > 0) ok = shard_ask(giving->shard, &put, err);
    answer_free(&answer);
    return ok;
}

/* Whether each other shard's rows are all there. */
static bool check_visitors(struct giving *giving, const struct feature_query *query, struct arena *arena,
                           struct err *err)
{
    json_t *rows = NULL;
    if (!shard_rows(giving->shard, feature_query_visited_sql(query, arena), giving->session, false, &rows, err))
        return false;
    bool is_whole = json_integer_value(json_array_get(json_array_get(rows, 0), 0)) == 1;
    json_decref(rows);
    return is_whole ||
           err_set(err, ERR_MISSING,
                   "another shard broke off its answer about customers of %s, or what it holds changes: "
                   "try again",
                   shard_server(giving->shard));
}

static bool make_visitors(struct giving *giving, const struct feature_query *query, struct arena *arena,
                          struct err *err)
{
    snprintf(giving->session, sizeof giving->session, "holdfast-%zx-%zu", (size_t)(uintptr_t)giving,
             giving->index);
    const struct shard_query create = {
        .sql = arena_format(arena, "CREATE TEMPORARY TABLE visiting (%s)", visiting_columns_sql),
        .session = giving->session,
    };
    const struct shard_query drop = { .sql = "DROP TEMPORARY TABLE IF EXISTS visiting",
                                      .session = giving->session };
    if (!shard_ask(giving->shard, &drop, err) || !shard_ask(giving->shard, &create, err)) return false;
    for (size_t s = 0; s < giving->options->settings->n_shards; s++)
        if (s != giving->index && !visit_from(giving, s, query, arena, err)) return false;
    return check_visitors(giving, query, arena, err);
}

/* ---- one shard ---- */

static void forget_rows(void *context)
{
    struct given_rows *rows = context;
    arena_free(rows->arena);
    free(rows->rows);
    free(rows->chunks);
    *rows = (struct given_rows){ .n_features = rows->n_features };
}

static const float *given_values(const struct given_rows *rows, size_t i)
{
    return rows->chunks[i / CHUNK_ROWS] + i % CHUNK_ROWS * rows->n_features;
}

/* Who is not asked is left out. */
static void take_row(void *context, const char *row)
{
    struct given_rows *rows = context;
    const char *from = row + HEAD_BYTES;
    if (row[16] == 0) return;
    if (rows->n == rows->room) {
        rows->room = rows->room ? 2 * rows->room : CHUNK_ROWS;
        rows->rows = memory_grow(rows->rows, rows->room, sizeof *rows->rows);
    }
    if (rows->n == rows->n_chunks * CHUNK_ROWS) {
        if (!rows->arena) rows->arena = arena_new(ARENA_NO_LIMIT);
        if (rows->n_chunks == rows->chunk_room) {
            rows->chunk_room = 2 * rows->chunk_room + 16;
            rows->chunks = memory_grow(rows->chunks, rows->chunk_room, sizeof *rows->chunks);
        }
        rows->chunks[rows->n_chunks++] = ARENA_ARRAY(rows->arena, float, CHUNK_ROWS *rows->n_features + 1);
    }
    float *values = rows->chunks[rows->n_chunks - 1] + rows->n % CHUNK_ROWS * rows->n_features;
    for (size_t f = 0; f < rows->n_features; f++) values[f] = (float)answer_f64(from + 8 * f);
    rows->rows[rows->n++] = (struct given_row){ (uint64_t)answer_i64(row + 8), answer_i64(row) };
}

static void forget_labels(void *context)
{
    struct given_labels *labels = context;
    free(labels->labels);
    *labels = (struct given_labels){ 0 };
}

static void take_label(void *context, const char *row)
{
    struct given_labels *labels = context;
    if (labels->n == labels->room) {
        labels->room = labels->room ? 2 * labels->room : CHUNK_ROWS;
        labels->labels = memory_grow(labels->labels, labels->room, sizeof *labels->labels);
    }
    labels->labels[labels->n++] =
        (struct given_label){ .of = { (uint64_t)answer_i64(row + 8), answer_i64(row) },
                              .n = answer_i64(row + 16),
                              .cents = answer_i64(row + 24) };
}

/* Every customer that the log here knows at every instant, the row that counts them, and an error's words. */
static size_t most_rows(const struct gather_options *options, size_t row_bytes)
{
    enum { WORDS_BYTES = 65536 };
    return log_n_names(options->log, DICTIONARY_IDENTITY) * options->n_cutoffs + 1 + WORDS_BYTES / row_bytes;
}

/* What came of rows that are not whole is forgotten before they are asked for again. */
static bool stream(struct giving *giving, const char *sql, struct counted_rows *rows, void (*forget)(void *context),
                   struct err *err)
{
    const char *server = shard_server(giving->shard);
    const struct shard_query ask = { .sql = sql,
                                     .is_streamed = true,
                                     .take = counted_rows_take,
                                     .context = rows,
                                     .session = giving->is_visited ? giving->session : NULL };
    bool ok = false;
    rows->most = most_rows(giving->options, rows->row_bytes);
    for (int tries = 0; !ok && tries < TRIES; tries++) {
        forget(rows->context);
        ok = shard_ask(giving->shard, &ask, err) && counted_rows_check(rows, server, err);
        if (!ok && rows->is_over)
            err_set(err, ERR_REFUSED,
                    "%s answers with more than a row for each customer here at each instant: holdfast warehouse "
                    "check names what differs",
                    server);
        counted_rows_free(rows);
        if (!ok && err->code != ERR_MISSING) break;
    }
    return ok;
}

static bool give_all(struct giving *giving, struct arena *arena, struct err *err)
{
    const struct gather_options *options = giving->options;
    struct feature_query query = query_of(options, giving->index, false);
    const struct question *question = options->question;
    giving->is_visited = query.is_linked && options->settings->n_shards > 1;
    if (!shard_open(options->settings, giving->index, &giving->shard, err) ||
        !tables_check_whole(options->settings, giving->shard, err))
        return false;
    if (giving->is_visited && !make_visitors(giving, &query, arena, err)) return false;
    query.is_visited = giving->is_visited;
    const char *sql = arena_format(arena, "%s\nFORMAT RowBinary", feature_query_sql(&query, arena));
    giving->rows.n_features = options->n_features;
    struct counted_rows rows = { .row_bytes = HEAD_BYTES + 8 * options->n_features,
                                 .take = take_row,
                                 .context = &giving->rows };
    if (!stream(giving, sql, &rows, forget_rows, err)) return false;
    if (!options->wants_labels || !question || question->kind == QUESTION_TRAIT) return true;
    sql = arena_format(arena, "%s\nFORMAT RowBinary", feature_query_labels_sql(&query, arena));
    struct counted_rows labels = { .row_bytes = LABEL_BYTES, .take = take_label, .context = &giving->labels };
    return stream(giving, sql, &labels, forget_labels, err);
}

/* ---- put together ---- */

struct placed {
    uint32_t identity, cutoff;
    const float *values; /* [n_features] */
};

struct putting {
    const struct gather_options *options;
    struct giving *givings;
    struct hash_map identity_of; /* 1 + identity, by its hash there */
    struct hash_map labels;      /* struct given_label *, by customer and instant */
    struct placed *placed;       /* [n] in the matrix's order */
    size_t n;
    struct matrix *matrix;
    bool is_indexed;
    struct err index_err;
};

static bool index_identities(struct putting *putting, struct err *err)
{
    const struct gather_options *options = putting->options;
    size_t n = log_n_names(options->log, DICTIONARY_IDENTITY);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    hash_map_clear(&putting->identity_of, n);
    for (uint32_t i = 1; ok && i < n; i++) {
        struct text name;
        ok = shipped_name(&options->names, log_name(options->log, DICTIONARY_IDENTITY, i), arena, &name) ||
             err_set(err, ERR_REFUSED, "an identity is an address, and the database has no key file");
        if (ok) *hash_map_put(&putting->identity_of, shipped_hash(name)) = i + 1;
        if (i % 4096 == 0) arena_reset(arena);
    }
    arena_free(arena);
    return ok;
}

/* A shard's own, and after the last the index of identities, which needs no answer. */
static void give(void *context, size_t item, unsigned thread)
{
    struct putting *putting = context;
    (void)thread;
    if (item == putting->options->settings->n_shards) {
        putting->is_indexed = index_identities(putting, &putting->index_err);
        return;
    }
    struct giving *giving = &putting->givings[item];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    giving->ok = give_all(giving, arena, &giving->err);
    arena_free(arena);
}

/* An instant's rows, each at its customer's place [identities], from where they are taken in order. */
static bool place_instant(struct putting *putting, uint32_t cutoff, const float **places, struct err *err)
{
    const struct gather_options *options = putting->options;
    size_t n_identities = log_n_names(options->log, DICTIONARY_IDENTITY);
    memset(places, 0, n_identities * sizeof *places);
    for (size_t s = 0; s < options->settings->n_shards; s++) {
        const struct given_rows *rows = &putting->givings[s].rows;
        for (size_t i = 0; i < rows->n; i++) {
            if (rows->rows[i].as_of_ms != options->cutoffs_ms[cutoff]) continue;
            const uint64_t *identity = hash_map_find(&putting->identity_of, rows->rows[i].customer_hash);
            if (!identity)
                return err_set(err, ERR_REFUSED,
                               "shard %zu has a customer whom the log here does not know: holdfast warehouse check "
                               "names what differs",
                               s + 1);
            const float **place = &places[*identity - 1];
            if (*place)
                return err_set(err, ERR_REFUSED, "two shards have rows of one customer: holdfast warehouse check");
            *place = given_values(rows, i);
        }
    }
    for (uint32_t i = 0; i < n_identities; i++)
        if (places[i]) putting->placed[putting->n++] = (struct placed){ i, cutoff, places[i] };
    return true;
}

/* One instant after the other, so that places are as many as there are identities, however many instants there are. */
static bool place_rows(struct putting *putting, struct arena *arena, struct err *err)
{
    const struct gather_options *options = putting->options;
    size_t n_given = 0;
    for (size_t s = 0; s < options->settings->n_shards; s++) n_given += putting->givings[s].rows.n;
    putting->placed = ARENA_ARRAY(arena, struct placed, n_given + 1);
    const float **places = memory_new(log_n_names(options->log, DICTIONARY_IDENTITY), sizeof *places);
    bool ok = true;
    for (uint32_t c = 0; ok && c < options->n_cutoffs; c++) ok = place_instant(putting, c, places, err);
    free(places);
    return ok && (putting->n == n_given ||
                  err_set(err, ERR_REFUSED, "a shard has rows of an instant that nobody asked about: try again"));
}

static uint64_t label_key(uint64_t customer_hash, int64_t as_of_ms)
{
    return customer_hash ^ ((uint64_t)as_of_ms * UINT64_C(0x9E3779B97F4A7C15));
}

static void place_labels(struct putting *putting)
{
    for (size_t s = 0; s < putting->options->settings->n_shards; s++) {
        const struct given_labels *labels = &putting->givings[s].labels;
        for (size_t i = 0; i < labels->n; i++)
            *hash_map_put(&putting->labels,
                          label_key(labels->labels[i].of.customer_hash, labels->labels[i].of.as_of_ms)) =
                (uint64_t)(uintptr_t)&labels->labels[i];
    }
}

static bool label_row(const struct putting *putting, const struct placed *placed, struct arena *arena,
                      float *ret_label, float *ret_amount, struct err *err)
{
    const struct gather_options *options = putting->options;
    const struct question *question = options->question;
    int64_t as_of_ms = options->cutoffs_ms[placed->cutoff];
    struct text name;
    *ret_label = *ret_amount = NAN;
    if (!options->wants_labels || !question ||
        as_of_ms + question->horizon_days * MS_PER_DAY > options->last_ms + MS_PER_DAY)
        return true;
    uint32_t now =
        options->identities ? identities_customer(options->identities, placed->identity) : placed->identity;
    if (!shipped_name(&options->names, log_name(options->log, DICTIONARY_IDENTITY, now), arena, &name))
        return err_set(err, ERR_REFUSED, "an identity is an address, and the database has no key file");
    const uint64_t *found = hash_map_find(&putting->labels, label_key(shipped_hash(name), as_of_ms));
    const struct given_label *label = found ? (const struct given_label *)(uintptr_t)*found : NULL;
    int64_t n = label ? label->n : 0, cents = label ? label->cents : 0;
    *ret_amount = (float)((double)cents / 100);
    *ret_label = question->kind == QUESTION_SPEND ? *ret_amount : (n > 0) == (question->kind == QUESTION_EVENT);
    return true;
}

static bool label_rows(struct putting *putting, struct err *err)
{
    struct matrix *out = putting->matrix;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    place_labels(putting);
    for (size_t i = 0; ok && i < putting->n; i++) {
        if (i % 4096 == 0) arena_reset(arena);
        ok = label_row(putting, &putting->placed[i], arena, &out->labels[i], &out->amounts[i], err);
    }
    arena_free(arena);
    return ok;
}

static void fill_chunk(void *context, size_t chunk, unsigned thread)
{
    struct putting *putting = context;
    struct matrix *out = putting->matrix;
    size_t from = chunk * CHUNK_ROWS, to = from + CHUNK_ROWS < putting->n ? from + CHUNK_ROWS : putting->n;
    (void)thread;
    for (size_t i = from; i < to; i++) {
        const struct placed *placed = &putting->placed[i];
        out->identity[i] = placed->identity;
        out->cutoff[i] = (uint16_t)placed->cutoff;
        memcpy(out->values + i * out->n_columns, placed->values, out->n_columns * sizeof *out->values);
    }
}

static bool fill(struct putting *putting, struct arena *arena, struct matrix *out, struct err *err)
{
    const struct gather_options *options = putting->options;
    size_t n = putting->n, n_columns = options->n_features;
    *out = (struct matrix){ .n_rows = n,
                            .n_columns = n_columns,
                            .values = ARENA_ARRAY(arena, float, n *n_columns + 1),
                            .labels = ARENA_ARRAY(arena, float, n + 1),
                            .amounts = ARENA_ARRAY(arena, float, n + 1),
                            .identity = ARENA_ARRAY(arena, uint32_t, n + 1),
                            .cutoff = ARENA_ARRAY(arena, uint16_t, n + 1) };
    putting->matrix = out;
    parallel_for(options->n_threads, (n + CHUNK_ROWS - 1) / CHUNK_ROWS, fill_chunk, putting);
    return label_rows(putting, err);
}

/* Those of whom the question's condition is true. */
static bool keep_asked(const struct gather_options *options, struct matrix *matrix, struct arena *arena,
                       struct err *err)
{
    struct expression *who = NULL;
    if (!options->question || !options->question->who) return true;
    bool *is_asked = ARENA_ARRAY(arena, bool, matrix->n_rows + 1);
    bool ok = expression_compile(options->question->who, feature_names(options->set),
                                 feature_set_size(options->set), &who, err) &&
              expression_test(who, matrix->values, matrix->n_rows, is_asked, err);
    expression_free(who);
    size_t n = 0;
    for (size_t i = 0; ok && i < matrix->n_rows; i++) {
        if (!is_asked[i]) continue;
        memmove(matrix->values + n * matrix->n_columns, matrix->values + i * matrix->n_columns,
                matrix->n_columns * sizeof *matrix->values);
        matrix->labels[n] = matrix->labels[i], matrix->amounts[n] = matrix->amounts[i];
        matrix->identity[n] = matrix->identity[i], matrix->cutoff[n++] = matrix->cutoff[i];
    }
    if (ok) matrix->n_rows = n;
    return ok || err_context(err, "who is asked");
}

/* All or nothing: what part of the shards would say is no answer. */
static bool judge(const struct gather_options *options, const struct giving *givings, struct err *err)
{
    size_t n_shards = options->settings->n_shards, n_absent = 0, bad = n_shards;
    bool is_absent[WAREHOUSE_SHARDS_MOST] = { 0 };
    for (size_t s = n_shards; s-- > 0;) {
        if (givings[s].ok) continue;
        bad = s;
        if (givings[s].err.code == ERR_MISSING || givings[s].err.code == ERR_BUSY) is_absent[givings[s].asked] = true;
    }
    for (size_t s = 0; s < n_shards; s++) n_absent += is_absent[s];
    if (bad == n_shards) return true;
    *err = givings[bad].err;
    if (n_absent > 0 && n_absent < n_shards)
        return err_set(err, ERR_REFUSED, "only part of the shards would answer, which is no answer: %.400s",
                       givings[bad].err.text);
    return false;
}

bool gather_matrix(const struct gather_options *asked, struct arena *arena, struct matrix *ret_matrix,
                   struct err *err)
{
    struct gather_options options = whole(asked, arena);
    size_t n_shards = options.settings->n_shards;
    struct giving *givings = ARENA_ARRAY(arena, struct giving, n_shards);
    struct putting putting = { .options = &options, .givings = givings };
    for (size_t s = 0; s < n_shards; s++) givings[s].options = &options, givings[s].index = givings[s].asked = s;
    parallel_for((unsigned)n_shards + 1, n_shards + 1, give, &putting);
    bool ok = judge(&options, givings, err) &&
              (putting.is_indexed || (*err = putting.index_err, false)) &&
              place_rows(&putting, arena, err) && fill(&putting, arena, ret_matrix, err) &&
              keep_asked(&options, ret_matrix, arena, err);
    hash_map_free(&putting.identity_of);
    hash_map_free(&putting.labels);
    for (size_t s = 0; s < n_shards; s++) {
        forget_rows(&givings[s].rows);
        forget_labels(&givings[s].labels);
        shard_close(givings[s].shard);
    }
    return ok;
}
