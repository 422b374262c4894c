/* bandits.c - see bandits.h. */
#include "learn/bandits.h"

#include "base/memory.h"
#include "hub/reading_pool.h"
#include "learn/bandit_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WAIT_MS = 60 * 1000, WAIT_FACTOR = 20 };

/* What one learned, and how its arms stand for everybody where it has no context. */
struct known_bandit {
    const struct bandit_rule *rule;
    struct arena             *arena;            /* of what was measured; NULL: not yet */
    struct bandit_measured    measured;
    struct bandit_view        view;
    int64_t                   again_ms;
    unsigned                  n_reckoned;
    bool                      is_at_work;       /* somebody reckons it */
};

struct bandits {
    struct reading_pool *readers;
    double             (*now_seconds)(void);
    int64_t              epoch;
    struct arena        *arena;         /* of the rules, also of those before a reload: decisions borrow them */
    struct known_bandit *known;         /* [n] under the lock */
    size_t               n;
    unsigned             n_loaded;
    pthread_mutex_t      mutex;
    pthread_cond_t       is_reckoned;
};

/* Texts of the settings given live shorter. */
static bool read_rules(struct bandits *b, const struct settings *settings, struct bandit_rule **ret_rules,
                       size_t *ret_n, struct err *err)
{
    struct settings own;
    return settings_read(settings->path, b->arena, &own, err) &&
           bandit_rules_read(&own, b->arena, ret_rules, ret_n, err);
}

static void forget(struct bandits *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->known[i].arena) arena_free(b->known[i].arena);
    b->n = 0;
}

static void take_rules(struct bandits *b, const struct bandit_rule *rules, size_t n)
{
    forget(b);
    b->known = ARENA_ARRAY(b->arena, struct known_bandit, n + 1), b->n = n, b->n_loaded++;
    for (size_t i = 0; i < n; i++) b->known[i].rule = &rules[i];
}

bool bandits_open(const struct settings *settings, struct reading_pool *readers, double (*now_seconds)(void),
                  int64_t epoch, struct bandits **ret_bandits, struct err *err)
{
    struct bandits *b = memory_new(1, sizeof *b);
    struct bandit_rule *rules;
    size_t n;
    b->readers = readers, b->now_seconds = now_seconds, b->epoch = epoch, b->arena = arena_new(ARENA_NO_LIMIT);
    (void)pthread_mutex_init(&b->mutex, NULL);
    (void)pthread_cond_init(&b->is_reckoned, NULL);
    *ret_bandits = b;
    if (!read_rules(b, settings, &rules, &n, err)) return false;
    take_rules(b, rules, n);
    return true;
}

void bandits_close(struct bandits *b)
{
    if (!b) return;
    forget(b);
    (void)pthread_cond_destroy(&b->is_reckoned);
    (void)pthread_mutex_destroy(&b->mutex);
    arena_free(b->arena);
    free(b);
}

static bool is_any_at_work(const struct bandits *b)
{
    bool is = false;
    for (size_t i = 0; i < b->n; i++) is |= b->known[i].is_at_work;
    return is;
}

bool bandits_reload(struct bandits *b, const struct settings *settings, struct err *err)
{
    struct bandit_rule *rules;
    size_t n;
    (void)pthread_mutex_lock(&b->mutex);
    while (is_any_at_work(b)) (void)pthread_cond_wait(&b->is_reckoned, &b->mutex);
    bool ok = read_rules(b, settings, &rules, &n, err);
    if (ok) take_rules(b, rules, n);
    (void)pthread_mutex_unlock(&b->mutex);
    return ok;
}

/* Through names and links of its own, since those of the service change meanwhile. */
static bool measure(struct bandits *b, const struct bandit_rule *rule, int64_t now_ms, struct arena *arena,
                    struct bandit_measured *ret_measured, struct err *err)
{
    struct store *store;
    struct log *log = NULL;
    struct identities *identities = NULL;
    if (!reading_pool_take(b->readers, &store, err)) return false;
    bool ok = log_open(store, &log, err) && identities_open(store, log, &identities, err) &&
              bandit_measure(store, log, identities, rule, now_ms, arena, ret_measured, err);
    identities_close(identities);
    log_close(log);
    reading_pool_give(b->readers, store);
    return ok;
}

/* Under the mutex, which it leaves meanwhile: others go on by what was known, or wait where nothing was. */
static bool reckon(struct bandits *b, struct known_bandit *known, int64_t now_ms, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct bandit_measured measured;
    known->is_at_work = true;
    (void)pthread_mutex_unlock(&b->mutex);
    double began = b->now_seconds();
    bool ok = measure(b, known->rule, now_ms, arena, &measured, err);
    double wait_ms = 1000 * WAIT_FACTOR * (b->now_seconds() - began);
    (void)pthread_mutex_lock(&b->mutex);
    if (ok) {
        if (known->arena) arena_free(known->arena);
        known->arena = arena, known->measured = measured, known->n_reckoned++;
        if (known->rule->n_context == 0)
            bandit_view_of(known->rule, measured.tally, measured.variance, NULL, &known->view);
        known->again_ms = now_ms + (int64_t)fmax(wait_ms, LEAST_WAIT_MS);
    } else arena_free(arena);
    known->is_at_work = false;
    (void)pthread_cond_broadcast(&b->is_reckoned);
    return ok;
}

const struct bandit_rule *bandits_find(struct bandits *b, const char *placement, const struct text *actions,
                                       size_t n)
{
    const struct bandit_rule *rule = NULL;
    bool has = false;
    (void)pthread_mutex_lock(&b->mutex);
    for (size_t i = 0; i < b->n && !rule; i++)
        if (strcmp(b->known[i].rule->placement, placement) == 0) rule = b->known[i].rule;
    (void)pthread_mutex_unlock(&b->mutex);
    for (size_t i = 0; rule && i < n; i++) has |= bandit_rule_has(rule, actions[i]);
    return has ? rule : NULL;
}

/* NULL: a reload has done away with it. */
static struct known_bandit *known_of(struct bandits *b, const struct bandit_rule *rule)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->known[i].rule == rule) return &b->known[i];
    return NULL;
}

bool bandits_rule(struct bandits *b, const struct bandit_rule *rule, const double *x, int64_t at_ms,
                  struct arena *arena, const struct policy **ret_policy, struct err *err)
{
    struct policy_bandit *policy = ARENA_NEW(arena, struct policy_bandit);
    struct bandit_view *view = ARENA_NEW(arena, struct bandit_view);
    struct known_bandit *known;
    bool ok = true;
    *ret_policy = NULL;
    (void)pthread_mutex_lock(&b->mutex);
    while ((known = known_of(b, rule)) && !known->arena && known->is_at_work)
        (void)pthread_cond_wait(&b->is_reckoned, &b->mutex);
    if (known && at_ms >= known->again_ms && !known->is_at_work) ok = reckon(b, known, at_ms, err);
    if (ok && known && known->arena) {
        if (rule->n_context == 0) *view = known->view;
        else bandit_view_of(rule, known->measured.tally, known->measured.variance, x, view);
        *policy = policy_bandit_of(rule, view,
                                   arena_format(arena, "%lld.%u.%u", (long long)b->epoch, b->n_loaded,
                                                known->n_reckoned));
        *ret_policy = &policy->is;
    }
    (void)pthread_mutex_unlock(&b->mutex);
    return ok;
}
