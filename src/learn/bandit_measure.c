/* bandit_measure.c - see bandit_measure.h. */
#include "learn/bandit_measure.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct trial { uint32_t customer; int64_t at_ms; size_t arm, number; double reward; uint8_t broken; };

_Static_assert(BANDIT_GUARDS_MOST <= 8, "a bit for each guardrail");

struct trials {
    const struct bandit_rule *rule;
    struct trial             *list;     /* [n] by customer and time */
    double                   *x;        /* [n x n_context] squeezed, by number */
    size_t                    n, room;
};

/* ---- decisions ---- */

static int by_customer(const void *a, const void *b)
{
    const struct trial *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* What was known of them then, as the decision keeps it; what is not there was not known. */
static void read_context(const struct bandit_rule *rule, struct text answer, double *ret_x)
{
    json_t *json = json_loadb(answer.at, answer.length, 0, NULL);
    for (size_t c = 0; c < rule->n_context; c++) {
        const json_t *value = json_object_get(json_object_get(json, "context"), rule->context[c]);
        ret_x[c] = bandit_context(json_is_number(value) ? json_number_value(value) : (double)NAN);
    }
    json_decref(json);
}

static void add_trial(struct trials *trials, struct trial trial, struct text answer)
{
    size_t width = trials->rule->n_context;
    if (trials->n == trials->room) {
        trials->room = 2 * trials->room + 1024;
        trials->list = memory_grow(trials->list, trials->room, sizeof *trials->list);
        if (width > 0) trials->x = memory_grow(trials->x, trials->room * width, sizeof *trials->x);
    }
    trial.number = trials->n;
    if (width > 0) read_context(trials->rule, answer, trials->x + trials->n * width);
    trials->list[trials->n++] = trial;
}

static bool read_trials(struct store *store, const struct identities *identities, int64_t as_of_ms,
                        struct trials *trials, struct err *err)
{
    const struct bandit_rule *rule = trials->rule;
    struct sql_decisions_at row = { 0 };
    enum step step = STEP_FAIL;
    if (sql_decisions_at(store, text_of(rule->placement), as_of_ms, &row, err))
        while ((step = sql_decisions_at_step(&row, err)) == STEP_ROW) {
            size_t arm = 0;
            while (arm < rule->n_arms && !text_equal(row.action, text_of(rule->arms[arm]))) arm++;
            if (arm == rule->n_arms) continue;
            add_trial(trials,
                      (struct trial){ .customer = identities_customer(identities, (uint32_t)row.identity),
                                      .at_ms = row.at_ms, .arm = arm },
                      row.answer);
        }
    cursor_close(row.cursor);
    if (trials->n > 0) qsort(trials->list, trials->n, sizeof *trials->list, by_customer);
    return step == STEP_END;
}

/* ---- what followed ---- */

/* The kinds of events that count, NO_KIND where there is none yet: the reward's, then those of the guardrails. */
#define NO_KIND UINT32_MAX
struct signals { uint32_t kind[1 + BANDIT_GUARDS_MOST]; size_t n; };

static const struct bandit_signal *signal_of(const struct bandit_rule *rule, size_t s)
{
    return s == 0 ? &rule->reward : &rule->guards[s - 1].signal;
}

static void take_event(struct trials *trials, size_t s, uint32_t customer, int64_t time_ms, double amount)
{
    const struct bandit_rule *rule = trials->rule;
    int64_t within_ms = signal_of(rule, s)->within_days * MS_PER_DAY;
    size_t low = 0, high = trials->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trials->list[middle].customer < customer) low = middle + 1;
        else high = middle;
    }
    for (; low < trials->n && trials->list[low].customer == customer; low++) {
        struct trial *trial = &trials->list[low];
        if (time_ms < trial->at_ms || time_ms - trial->at_ms >= within_ms) continue;
        if (s > 0) trial->broken |= (uint8_t)(1u << (s - 1));
        else if (rule->is_amount) trial->reward += amount;
        else trial->reward = 1;
    }
}

/* All identities of who was decided on, ascending by customer. */
static uint32_t *members_of(const struct trials *trials, const struct identities *identities, size_t *ret_n)
{
    uint32_t *all = NULL;
    size_t n = 0, room = 0, n_members;
    for (size_t i = 0; i < trials->n; i++) {
        if (i > 0 && trials->list[i].customer == trials->list[i - 1].customer) continue;
        const uint32_t *members = identities_members(identities, trials->list[i].customer, &n_members);
        if (!all || n + n_members > room) all = memory_grow(all, room = 2 * room + n_members + 256, sizeof *all);
        memcpy(all + n, members, n_members * sizeof *all);
        n += n_members;
    }
    *ret_n = n;
    return all;
}

static bool read_events(const struct log *log, struct store *store, const struct identities *identities,
                        int64_t as_of_ms, const struct signals *signals, struct trials *trials, struct err *err)
{
    const unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT;
    struct log_reader *reader = NULL;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct events events = { 0 };
    size_t n;
    uint32_t *members = members_of(trials, identities, &n);
    bool ok = log_reader_open_through(log, store, &reader, err) &&
              log_read_identities(reader, members, n, columns, scratch, &events, err);
    for (size_t i = 0; ok && i < events.n; i++)
        for (size_t s = 0; events.received_ms[i] < as_of_ms && s < signals->n; s++)
            if (signals->kind[s] == events.kind[i])
                take_event(trials, s, identities_customer(identities, events.identity[i]), events.time_ms[i],
                           events.amount_cents ? (double)events.amount_cents[i] / 100 : 0);
    log_reader_close(reader);
    free(members);
    arena_free(scratch);
    return ok;
}

static struct signals signals_of(const struct bandit_rule *rule, const struct log *log)
{
    struct signals signals = { .n = 1 + rule->n_guards };
    for (size_t s = 0; s < signals.n; s++)
        if (!log_find(log, DICTIONARY_KIND, text_of(signal_of(rule, s)->event), &signals.kind[s]))
            signals.kind[s] = NO_KIND;
    return signals;
}

/* ---- arms ---- */

/* Ridge counts the constant as all else: an arm never tried is expected to earn nothing, and is uncertain. */
static void learn_linear(const struct trials *trials, const struct trial *trial, double weight,
                         struct bandit_measured *m, double *squares)
{
    double x[1 + BANDIT_CONTEXT_MOST] = { 1 }, root = sqrt(weight), scaled[1 + BANDIT_CONTEXT_MOST];
    size_t width = trials->rule->n_context;
    struct linear_arm *arm = &m->tally[trial->arm].linear;
    memcpy(x + 1, trials->x + trial->number * width, width * sizeof *x);
    for (size_t c = 0; c <= width; c++) scaled[c] = root * x[c], m->x_mean[c] += x[c];
    *squares += weight * pow(trial->reward - linear_arm_mean(arm, x), 2);
    linear_arm_add(arm, scaled, root * trial->reward);
}

static int by_time(const void *a, const void *b)
{
    const struct trial *x = a, *y = b;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void learn(struct trials *trials, int64_t as_of_ms, struct bandit_measured *m)
{
    const struct bandit_rule *rule = trials->rule;
    double squares = 0, tried = 0, counted = 0;
    if (trials->n > 0) qsort(trials->list, trials->n, sizeof *trials->list, by_time);
    for (size_t i = 0; i < trials->n; i++) {
        const struct trial *trial = &trials->list[i];
        double days = (double)(as_of_ms - trial->at_ms) / (double)MS_PER_DAY,
               weight = rule->half_life_days ? exp2(-days / (double)rule->half_life_days) : 1;
        struct bandit_tally *tally = &m->tally[trial->arm];
        if (trial->at_ms + rule->reward.within_days * MS_PER_DAY > as_of_ms) { m->n_waiting++; continue; }
        tally->n++, tally->tried += weight, tried += weight, counted++;
        tally->sum += weight * trial->reward, tally->squares += weight * trial->reward * trial->reward;
        for (size_t g = 0; g < rule->n_guards; g++) tally->n_broken[g] += trial->broken >> g & 1;
        if (rule->n_context > 0) learn_linear(trials, trial, weight, m, &squares);
    }
    for (size_t c = 0; counted > 0 && c <= rule->n_context; c++) m->x_mean[c] /= counted;
    m->x_mean[0] = 1;
    m->variance = rule->n_context > 0 && tried > 0 ? fmax(squares / tried, 1e-12) : 1;
}

bool bandit_measure(struct store *store, const struct log *log, const struct identities *identities,
                    const struct bandit_rule *rule, int64_t as_of_ms, struct arena *arena,
                    struct bandit_measured *ret_measured, struct err *err)
{
    struct trials trials = { .rule = rule };
    const struct signals signals = signals_of(rule, log);
    struct bandit_measured m = { .tally = ARENA_ARRAY(arena, struct bandit_tally, rule->n_arms),
                                 .x_mean = ARENA_ARRAY(arena, double, 1 + rule->n_context) };
    for (size_t a = 0; rule->n_context > 0 && a < rule->n_arms; a++)
        m.tally[a].linear = linear_arm_new(1 + rule->n_context, arena);
    bool ok = read_trials(store, identities, as_of_ms, &trials, err) &&
              (trials.n == 0 || read_events(log, store, identities, as_of_ms, &signals, &trials, err));
    if (ok) learn(&trials, as_of_ms, &m);
    free(trials.list);
    free(trials.x);
    if (ok) *ret_measured = m;
    return ok;
}
