/* segment_source.c - features, scores and traits of what is live as the columns of conditions; see
 * segment_source.h.
 *
 * The columns are the features of the set, then the scores, then the traits; names are copied, because the set
 * goes when another one takes its place.  Traits are looked up only for a condition that asks for one. */
#include "live/segment_source.h"
#include "base/memory.h"
#include "live/live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a customer, after the answers to the questions. */
enum { OF_VALUE, OF_P_ALIVE, OF_RFM_GROUP, OF_CLUSTER, OF_STAGE, OF_ID, OF_CUSTOMER };

static const struct expression_column of_customer[OF_CUSTOMER] = {
    [OF_VALUE] = { .name = "value_12m_cents", .type = EXPRESSION_NUMBER },
    [OF_P_ALIVE] = { .name = "p_alive", .type = EXPRESSION_NUMBER },
    [OF_RFM_GROUP] = { .name = "rfm_group", .type = EXPRESSION_TEXT },
    [OF_CLUSTER] = { .name = "cluster", .type = EXPRESSION_TEXT },
    [OF_STAGE] = { .name = "stage", .type = EXPRESSION_TEXT },
    [OF_ID] = { .name = "customer_id", .type = EXPRESSION_TEXT },
};

struct live_source {
    struct segment_source    source;
    const struct live       *live;
    const struct log        *log;
    const struct identities *identities;
    pthread_rwlock_t        *lock;
    struct arena            *arena;         /* of the names */
    uint64_t                 generation;
    size_t                   n_features, n_questions, n_traits, n_text_traits;
    bool                     has_model;     /* else the one question is that of a model to come */

    struct live_reader      *reader;        /* NULL: all features are read */
    bool                     is_without_features;       /* none is asked for */
    uint32_t                 customer;      /* the one that begin was called for */
    double                  *row;           /* [n_features] */
    bool                     has_traits;    /* were looked up */
    struct live_trait       *traits;        /* [n_found] by name */
    size_t                   n_found;
    struct arena            *scratch;       /* of them */
};

static void lock(void *context)
{
    struct live_source *live = context;
    pthread_rwlock_rdlock(live->lock);
    live->customer = 0, live->has_traits = false;       /* what was looked up before may be outdated */
}

static void unlock(void *context) { pthread_rwlock_unlock(((struct live_source *)context)->lock); }

static size_t n_identities(void *context)
{
    return log_n_names(((struct live_source *)context)->log, DICTIONARY_IDENTITY);
}

static bool is_current(void *context)
{
    const struct live_source *live = context;
    return live_generation(live->live) == live->generation;
}

static uint32_t customer_of(void *context, uint32_t identity)
{
    return identities_customer(((struct live_source *)context)->identities, identity);
}

static const uint32_t *members_of(void *context, uint32_t customer, size_t *ret_n)
{
    return identities_members(((struct live_source *)context)->identities, customer, ret_n);
}

static void expect(void *context, const uint32_t *identities, size_t n)
{
    live_expect(((struct live_source *)context)->live, identities, n);
}

static void narrow(void *context, const uint32_t *columns, size_t n)
{
    struct live_source *live = context;
    uint32_t *features = memory_new(n + 1, sizeof *features);
    size_t n_features = 0;
    for (size_t i = 0; i < n; i++)
        if (columns[i] < live->n_features) features[n_features++] = columns[i];
    live_reader_free(live->reader);
    live->reader = n_features > 0 && is_current(live) ? live_reader_new(live->live, features, n_features) : NULL;
    live->is_without_features = n_features == 0;
    free(features);
}

/* False: no feature yet; there may be traits. */
static bool read_row(struct live_source *live, int64_t as_of_ms)
{
    return live->reader ? live_reader_row(live->reader, live->customer, as_of_ms, live->row)
                        : live_row_exact(live->live, live->customer, as_of_ms, live->row);
}

static bool begin(void *context, uint32_t customer, int64_t as_of_ms)
{
    struct live_source *live = context;
    if (customer != live->customer) live->has_traits = false;
    live->customer = customer;
    int64_t known_ms;
    if (!live_known(live->live, customer, &known_ms)) return false;
    if (!live->is_without_features && !read_row(live, as_of_ms))
        for (size_t i = 0; i < live->n_features; i++) live->row[i] = NAN;
    return true;
}

static struct expression_value number(double value)
{
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = value };     /* NaN is missing */
}

static struct expression_value trait_value(struct live_source *live, uint32_t name, enum expression_type type)
{
    if (!live->has_traits) {
        arena_reset(live->scratch);
        live->n_found = live_traits(live->live, live->customer, live->scratch, &live->traits);
        live->has_traits = true;
    }
    size_t low = 0, high = live->n_found;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (live->traits[middle].name < name) low = middle + 1;
        else high = middle;
    }
    if (low == live->n_found || live->traits[low].name != name) return number((double)NAN);
    const struct live_trait *trait = &live->traits[low];
    if (type == EXPRESSION_TEXT)
        return (struct expression_value){ .kind = EXPRESSION_IS_TEXT, .text = trait->text };
    if (text_equal(trait->text, text_of("true"))) return number(1);
    if (text_equal(trait->text, text_of("false"))) return number(0);
    return number(trait->number);
}

static struct expression_value group(const char *name)
{
    if (!*name) return number((double)NAN);
    return (struct expression_value){ .kind = EXPRESSION_IS_TEXT, .text = text_of(name) };
}

static struct expression_value value_of_customer(const struct live_source *live, size_t which)
{
    struct live_value value = live_value(live->live, live->customer);
    switch (which) {
    case OF_VALUE:     return number(value.value_cents);
    case OF_P_ALIVE:   return number(value.p_alive);
    case OF_RFM_GROUP: return group(value.rfm_group);
    case OF_CLUSTER:   return group(value.cluster);
    case OF_ID:
        return (struct expression_value){ .kind = EXPRESSION_IS_TEXT,
                                          .text = log_name(live->log, DICTIONARY_IDENTITY, live->customer) };
    default:           return group(value.stage);
    }
}

static struct expression_value value(void *context, size_t column)
{
    struct live_source *live = context;
    if (column < live->n_features) return number(live->row[column]);
    size_t at = column - live->n_features;
    if (at < live->n_questions)
        return number(live->has_model ? live_score(live->live, at, live->customer).prediction : (double)NAN);
    at -= live->n_questions;
    if (at < OF_CUSTOMER) return value_of_customer(live, at);
    return trait_value(live, (uint32_t)(at - OF_CUSTOMER), live->source.columns[column].type);
}

static size_t n_text_traits(const struct live *live)
{
    size_t n = 0;
    for (size_t i = 0; i < live_n_trait_names(live); i++) n += !live_trait_is_number(live, i);
    return n;
}

static void copy_features(const struct live_source *source, struct expression_column *columns)
{
    for (size_t i = 0; i < source->n_features; i++) {
        const struct feature *feature = feature_at(live_set(source->live), i);
        bool is_trait = strcmp(feature->name, feature->group) == 0; /* the trait itself may be a text as well */
        columns[i].name = is_trait ? "" : arena_copy(source->arena, feature->name);
    }
}

/* With the lock held. */
static void copy_columns(struct live_source *source)
{
    const struct live *live = source->live;
    size_t n_models = live_n_models(live);
    source->generation = live_generation(live);
    source->n_features = live_set(live) ? feature_set_size(live_set(live)) : 0;
    source->has_model = n_models > 0;
    source->n_questions = n_models > 0 ? n_models : 1;
    source->n_traits = live_n_trait_names(live);
    source->n_text_traits = n_text_traits(live);
    size_t n_scores = source->n_questions + OF_CUSTOMER;
    size_t n = source->n_features + n_scores + source->n_traits;
    struct expression_column *columns = ARENA_ARRAY(source->arena, struct expression_column, n);
    copy_features(source, columns);
    struct expression_column *scores = columns + source->n_features, *traits = scores + n_scores;
    for (size_t i = 0; i < source->n_questions; i++)
        scores[i].name = n_models ? arena_copy(source->arena, live_model(live, i)->question.name) : "churn";
    memcpy(scores + source->n_questions, of_customer, sizeof of_customer);
    for (size_t i = 0; i < source->n_traits; i++)
        traits[i] = (struct expression_column){
            .name = arena_copy(source->arena, live_trait_name(live, i)),
            .type = live_trait_is_number(live, i) ? EXPRESSION_NUMBER : EXPRESSION_TEXT };
    source->row = ARENA_ARRAY(source->arena, double, source->n_features + 1);
    source->source.columns = columns;
    source->source.n_columns = n;
    source->source.n_moving = source->n_features;
}

struct segment_source *live_source_new(const struct live *live, const struct log *log,
                                       const struct identities *identities, pthread_rwlock_t *service_lock)
{
    struct live_source *source = memory_new(1, sizeof *source);
    *source = (struct live_source){
        .live = live, .log = log, .identities = identities, .lock = service_lock,
        .arena = arena_new(ARENA_NO_LIMIT), .scratch = arena_new(ARENA_NO_LIMIT),
        .source = { .context = source, .lock = lock, .unlock = unlock, .n_identities = n_identities,
                    .is_current = is_current, .customer_of = customer_of, .members_of = members_of,
                    .begin = begin, .value = value, .expect = expect,
                    .narrow = narrow },
    };
    pthread_rwlock_rdlock(service_lock);
    copy_columns(source);
    pthread_rwlock_unlock(service_lock);
    return &source->source;
}

struct segment_source *live_source_beside(const struct segment_source *of)
{
    struct live_source *source = memory_new(1, sizeof *source);
    *source = *(const struct live_source *)of->context;
    source->arena = arena_new(ARENA_NO_LIMIT);
    source->scratch = arena_new(ARENA_NO_LIMIT);
    source->row = ARENA_ARRAY(source->arena, double, source->n_features + 1);
    source->source.context = source;
    source->reader = NULL;
    source->is_without_features = source->has_traits = false;
    source->customer = 0;
    return &source->source;
}

void live_source_free(struct segment_source *source)
{
    if (!source) return;
    struct live_source *live = source->context;
    live_reader_free(live->reader);
    arena_free(live->arena);
    arena_free(live->scratch);
    free(live);
}

bool live_source_is_stale(const struct segment_source *source)
{
    struct live_source *live = source->context;
    pthread_rwlock_rdlock(live->lock);
    bool is_stale = !is_current(live) || live_n_trait_names(live->live) != live->n_traits ||
                    n_text_traits(live->live) != live->n_text_traits;
    pthread_rwlock_unlock(live->lock);
    return is_stale;
}
