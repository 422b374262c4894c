/* bandits.c - see bandits.h. */
#include "learn/bandits.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "hub/reading_pool.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WAIT_MS = 60 * 1000, WAIT_FACTOR = 20 };

/* ---- what arms earned ---- */

struct trial { uint32_t customer; int64_t at_ms; size_t arm; bool is_rewarded; };
struct trials { struct trial *list; size_t n, room; };

static int by_customer(const void *a, const void *b)
{
    const struct trial *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static bool read_trials(struct store *store, const struct identities *identities, const struct bandit_rule *rule,
                        int64_t as_of_ms, struct trials *trials, struct err *err)
{
    struct sql_decisions_at row = { 0 };
    enum step step = STEP_FAIL;
    if (sql_decisions_at(store, text_of(rule->placement), as_of_ms, &row, err))
        while ((step = sql_decisions_at_step(&row, err)) == STEP_ROW) {
            size_t arm = 0;
            while (arm < rule->n_arms && !text_equal(row.action, text_of(rule->arms[arm]))) arm++;
            if (arm == rule->n_arms) continue;
            if (trials->n == trials->room)
                trials->list =
                    memory_grow(trials->list, trials->room = 2 * trials->room + 1024, sizeof *trials->list);
            trials->list[trials->n++] =
                (struct trial){ identities_customer(identities, (uint32_t)row.identity), row.at_ms, arm, false };
        }
    cursor_close(row.cursor);
    if (trials->n > 0) qsort(trials->list, trials->n, sizeof *trials->list, by_customer);
    return step == STEP_END;
}

static void reward(struct trials *trials, uint32_t customer, int64_t time_ms, int64_t within_ms)
{
    size_t low = 0, high = trials->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trials->list[middle].customer < customer) low = middle + 1;
        else high = middle;
    }
    for (; low < trials->n && trials->list[low].customer == customer; low++) {
        struct trial *trial = &trials->list[low];
        if (time_ms >= trial->at_ms && time_ms - trial->at_ms < within_ms) trial->is_rewarded = true;
    }
}

/* All identities of who was decided on, ascending. */
static uint32_t *members_of(const struct trials *trials, const struct identities *identities, size_t *ret_n)
{
    uint32_t *all = NULL;
    size_t n = 0, room = 0, n_members;
    for (size_t i = 0; i < trials->n; i++) {
        if (i > 0 && trials->list[i].customer == trials->list[i - 1].customer) continue;
        const uint32_t *members = identities_members(identities, trials->list[i].customer, &n_members);
        if (n + n_members > room) all = memory_grow(all, room = 2 * room + n_members + 256, sizeof *all);
        memcpy(all + n, members, n_members * sizeof *all);
        n += n_members;
    }
    *ret_n = n;
    return all;
}

static bool read_rewards(const struct log *log, struct store *store, const struct identities *identities,
                         const struct bandit_rule *rule, int64_t as_of_ms, struct trials *trials, struct err *err)
{
    struct log_reader *reader = NULL;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct events events = { 0 };
    uint32_t kind;
    size_t n;
    if (!log_find(log, DICTIONARY_KIND, text_of(rule->event), &kind)) { arena_free(scratch); return true; }
    uint32_t *members = members_of(trials, identities, &n);
    bool ok = log_reader_open_through(log, store, &reader, err) &&
              log_read_identities(reader, members, n, LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND, scratch,
                                  &events, err);
    for (size_t i = 0; ok && i < events.n; i++)
        if (events.kind[i] == kind && events.received_ms[i] < as_of_ms)
            reward(trials, identities_customer(identities, events.identity[i]), events.time_ms[i],
                   rule->within_days * MS_PER_DAY);
    log_reader_close(reader);
    free(members);
    arena_free(scratch);
    return ok;
}

bool bandit_measure(struct store *store, const struct log *log, const struct identities *identities,
                    const struct bandit_rule *rule, int64_t as_of_ms, struct bandit_tally *ret_tally,
                    size_t *ret_waiting, struct err *err)
{
    struct trials trials = { 0 };
    bool ok = read_trials(store, identities, rule, as_of_ms, &trials, err) &&
              (trials.n == 0 || read_rewards(log, store, identities, rule, as_of_ms, &trials, err));
    memset(ret_tally, 0, rule->n_arms * sizeof *ret_tally);
    *ret_waiting = 0;
    for (size_t i = 0; ok && i < trials.n; i++) {
        const struct trial *trial = &trials.list[i];
        double days = (double)(as_of_ms - trial->at_ms) / (double)MS_PER_DAY,
               weight = rule->half_life_days ? exp2(-days / (double)rule->half_life_days) : 1;
        if (trial->at_ms + rule->within_days * MS_PER_DAY > as_of_ms) { ++*ret_waiting; continue; }
        ret_tally[trial->arm].n++, ret_tally[trial->arm].tried += weight;
        if (trial->is_rewarded) ret_tally[trial->arm].rewarded += weight;
    }
    free(trials.list);
    return ok;
}

/* ---- at work ---- */

struct known_bandit {
    struct bandit_tally tally[DECISION_MOST_CANDIDATES];
    int64_t again_ms;
    unsigned n_reckoned;
};

struct bandits {
    struct reading_pool *readers;
    double             (*now_seconds)(void);
    int64_t              epoch;
    struct arena        *arena;
    struct bandit_rule  *rules;         /* [n] */
    struct known_bandit *known;         /* [n] guarded by the mutex */
    size_t               n;
    pthread_mutex_t      mutex;
};

bool bandits_open(const struct settings *settings, struct reading_pool *readers, double (*now_seconds)(void),
                  int64_t epoch, struct bandits **ret_bandits, struct err *err)
{
    struct bandits *b = memory_new(1, sizeof *b);
    struct settings own;            /* texts of those given live shorter */
    b->readers = readers, b->now_seconds = now_seconds, b->epoch = epoch, b->arena = arena_new(ARENA_NO_LIMIT);
    (void)pthread_mutex_init(&b->mutex, NULL);
    *ret_bandits = b;
    bool ok = settings_read(settings->path, b->arena, &own, err) &&
              bandit_rules_read(&own, b->arena, &b->rules, &b->n, err);
    if (ok) b->known = ARENA_ARRAY(b->arena, struct known_bandit, b->n + 1);
    return ok;
}

void bandits_close(struct bandits *b)
{
    if (!b) return;
    (void)pthread_mutex_destroy(&b->mutex);
    arena_free(b->arena);
    free(b);
}

/* Through names and links of its own, since those of the service change meanwhile. */
static bool reckon(struct bandits *b, size_t at, int64_t now_ms, struct err *err)
{
    struct store *store;
    struct log *log = NULL;
    struct identities *identities = NULL;
    size_t waiting;
    if (!reading_pool_take(b->readers, &store, err)) return false;
    double began = b->now_seconds();
    bool ok = log_open(store, &log, err) && identities_open(store, log, &identities, err) &&
              bandit_measure(store, log, identities, &b->rules[at], now_ms, b->known[at].tally, &waiting, err);
    identities_close(identities);
    log_close(log);
    reading_pool_give(b->readers, store);
    double wait_ms = 1000 * WAIT_FACTOR * (b->now_seconds() - began);
    b->known[at].again_ms = now_ms + (int64_t)fmax(wait_ms, LEAST_WAIT_MS), b->known[at].n_reckoned++;
    return ok;
}

bool bandits_rule(struct bandits *b, const char *placement, const struct text *actions, size_t n,
                  int64_t at_ms, struct arena *arena, struct bandit_ruling *ret_ruling, struct err *err)
{
    size_t at = 0;
    bool has = false, ok = true;
    *ret_ruling = (struct bandit_ruling){ NULL, -1 };
    while (at < b->n && strcmp(b->rules[at].placement, placement) != 0) at++;
    for (size_t i = 0; at < b->n && i < n; i++) has |= bandit_rule_has(&b->rules[at], actions[i]);
    if (!has) return true;
    struct bandit_tally *tally = ARENA_ARRAY(arena, struct bandit_tally, b->rules[at].n_arms + 1);
    struct policy_bandit *policy = ARENA_NEW(arena, struct policy_bandit);
    (void)pthread_mutex_lock(&b->mutex);
    if (at_ms >= b->known[at].again_ms) ok = reckon(b, at, at_ms, err);
    memcpy(tally, b->known[at].tally, b->rules[at].n_arms * sizeof *tally);
    const char *version =
        arena_format(arena, "%lld.%u", (long long)b->epoch, b->known[at].n_reckoned);
    (void)pthread_mutex_unlock(&b->mutex);
    *policy = policy_bandit_of(&b->rules[at], tally, version);
    *ret_ruling = (struct bandit_ruling){ &policy->is, b->rules[at].window_days };
    return ok;
}
