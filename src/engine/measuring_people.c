/* measuring_people.c - who was exposed, and what they did after; see measuring_internal.h. */
#include "engine/measuring_internal.h"

#include "base/calendar.h"
#include "feature/properties.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- who ---- */

static uint64_t *person_place(struct hash_map *map, uint32_t identity)
{
    return hash_map_put(map, (uint64_t)identity * UINT64_C(0x9e3779b97f4a7c15));
}

/* Rows come in the order of time, so the first exposure of a customer is met first; another arm later makes them
 * mixed. */
static bool take_exposure(struct measuring *m, uint32_t identity, const char *arm_name, int64_t at_ms)
{
    uint32_t customer = identities_customer_at(m->where->identities, identity, m->options->as_of_ms);
    size_t arm = 0;
    while (arm < m->design->n_arms && strcmp(m->design->arms[arm], arm_name) != 0) arm++;
    if (arm == m->design->n_arms) return false;
    uint64_t *place = person_place(&m->person_of, customer);
    if (*place == 0) {
        m->people[m->n] = (struct exposed){ customer, identity, (uint8_t)arm, at_ms, false };
        *place = ++m->n;
    } else if (m->people[*place - 1].arm != arm && !m->people[*place - 1].is_mixed) {
        m->people[*place - 1].is_mixed = true;
        m->n_mixed++;
    }
    return true;
}

static bool read_exposures(struct measuring *m, struct err *err)
{
    struct sql_exposures_of row;
    enum step step;
    size_t room = 0, n = 0;
    struct row { uint32_t identity; int64_t at; const char *arm; } *rows = NULL;
    if (!sql_exposures_of(m->where->store, text_of(m->design->name), m->options->as_of_ms, &row, err))
        return false;
    while ((step = sql_exposures_of_step(&row, err)) == STEP_ROW) {
        if (n == room) {
            struct row *old = rows;
            rows = ARENA_ARRAY(m->arena, struct row, room = 2 * room + 1024);
            if (old) memcpy(rows, old, n * sizeof *old);
        }
        rows[n++] = (struct row){ (uint32_t)row.identity, row.at, arena_copy(m->arena, row.arm.at) };
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    m->people = ARENA_ARRAY(m->arena, struct exposed, n + 1);
    for (size_t i = 0; i < n; i++) (void)take_exposure(m, rows[i].identity, rows[i].arm, rows[i].at);
    return m->n > 0 || err_set(err, ERR_REFUSED,
                               "nobody was exposed in %s yet, so there is nothing to compare; POST "
                               "/v1/experiments/%s/exposures tells of who was",
                               m->design->name, m->design->name);
}

static int compare_identities(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

bool measuring_people(struct measuring *m, struct err *err)
{
    if (!read_exposures(m, err)) return false;
    uint32_t *members = ARENA_ARRAY(m->arena, uint32_t, IDENTITY_MEMBERS_MOST);
    size_t room = 0;
    for (size_t i = 0; i < m->n; i++) {
        size_t n = identities_members_at(m->where->identities, m->people[i].customer, m->options->as_of_ms,
                                         members, IDENTITY_MEMBERS_MOST);
        if (m->n_identities + n > room) {
            uint32_t *old = m->identities;
            m->identities = ARENA_ARRAY(m->arena, uint32_t, room = 2 * room + n + 1024);
            if (old) memcpy(m->identities, old, m->n_identities * sizeof *old);
        }
        for (size_t k = 0; k < n && k < IDENTITY_MEMBERS_MOST; k++) {
            *person_place(&m->person_of, members[k]) = i + 1;
            m->identities[m->n_identities++] = members[k];
        }
    }
    qsort(m->identities, m->n_identities, sizeof *m->identities, compare_identities);
    return true;
}

/* ---- what they did ---- */

/* The number that an event has for a metric: its amount, or a property; NaN: it has none. */
static double number_in(const struct design_metric *metric, const struct events *events, size_t i)
{
    struct properties properties;
    struct property property;
    double number = NAN;
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    if (strcmp(metric->of, "amount") == 0) return (double)events->amount_cents[i] / 100;
    properties_begin(&properties,
                     (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin });
    while (properties_next(&properties, &property))
        if (text_equal(property.name, text_of(metric->of))) (void)text_double(property.value, '.', &number);
    return number;
}

static bool is_money(const struct design_metric *metric)
{
    return metric->kind != DESIGN_ANY && metric->kind != DESIGN_COUNT && strcmp(metric->of, "amount") == 0;
}

/* value: in margin already; n: how much more often it happened. */
static void add(struct measuring *m, size_t metric, size_t person, double value, double n, int64_t after_ms)
{
    const struct design *d = m->design;
    double worth = d->metrics[metric].kind == DESIGN_COUNT ? 1 : value;
    if (after_ms >= 0 && after_ms < d->metrics[metric].window_days * MS_PER_DAY) {
        m->sum[metric][person] += worth;
        m->count[metric][person] += n;
        size_t week = (size_t)(after_ms / (7 * MS_PER_DAY));
        if (metric == d->primary && week < MEASURING_WEEKS)
            m->weeks[person * MEASURING_WEEKS + week] += d->metrics[metric].kind == DESIGN_ANY ? 1 : worth;
    }
    if (metric == d->covariate && after_ms < 0 && after_ms >= -d->covariate_days * MS_PER_DAY)
        m->before[person] += d->metrics[metric].kind == DESIGN_ANY ? 1 : worth;
}

/* What an event says of its customer's strata: the last before the exposure counts, else the first after it. */
static void take_stratum(struct measuring *m, const struct events *events, size_t i, size_t person)
{
    struct properties properties;
    struct property property;
    const char *text = "";
    bool any = false;
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    int64_t at = events->time_ms[i], exposed = m->people[person].at_ms, had = m->stratum_ms[person];
    if (events->properties_end[i] - begin < 3) return;
    bool is_better =
        !m->stratum[person] || (at <= exposed ? had > exposed || at >= had : had > exposed && at < had);
    if (!is_better) return;
    for (size_t s = 0; s < m->design->n_strata; s++) {
        properties_begin(&properties,
                         (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin });
        while (properties_next(&properties, &property)) {
            if (!text_equal(property.name, text_of(m->design->strata[s]))) continue;
            text = arena_format(m->arena, "%s%s%.*s", text, any ? ", " : "", (int)property.value.length,
                                property.value.at);
            any = true;
            break;
        }
    }
    if (any) m->stratum[person] = text, m->stratum_ms[person] = at;
}

/* What is left of it: by the metric's own margin, else by that of what the event is about. */
static double margin_of(const struct measuring *m, const struct design_metric *metric, const struct events *events,
                        size_t i)
{
    return metric->has_margin || !is_money(metric) ? metric->margin : margins_share(&m->margins, events, i);
}

/* A line of an order changes what is left of the order, where margins are told by item. */
static void take_line(struct measuring *m, const struct events *events, size_t i, size_t person, int64_t after_ms)
{
    double amount = (double)events->amount_cents[i] / 100;
    if (events->kind[i] == m->margins.refund_item) amount = -fabs(amount);
    for (size_t metric = 0; metric < m->design->n_metrics; metric++) {
        const struct design_metric *of = &m->design->metrics[metric];
        if (is_money(of) && !of->has_margin && text_equal_ignoring_case(text_of("order"), text_of(of->event)))
            add(m, metric, person, margins_share(&m->margins, events, i) * amount, 0, after_ms);
    }
}

static void take_event(struct measuring *m, const struct events *events, size_t i, uint16_t refund)
{
    const struct design *d = m->design;
    int64_t as_of_ms = m->options->as_of_ms;
    if (events->time_ms[i] >= as_of_ms || events->received_ms[i] >= as_of_ms) return;
    if (events->replaced_ms && events->replaced_ms[i] < as_of_ms) return;
    size_t person = *person_place(&m->person_of, events->identity[i]) - 1;
    int64_t after_ms = events->time_ms[i] - m->people[person].at_ms;
    if (d->n_strata > 0) take_stratum(m, events, i, person);
    if (margins_is_line(&m->margins, events->kind[i])) take_line(m, events, i, person, after_ms);
    struct text kind = log_name(m->where->log, DICTIONARY_KIND, events->kind[i]);
    for (size_t metric = 0; metric < d->n_metrics; metric++) {
        bool is_refund = refund && events->kind[i] == refund && is_money(&d->metrics[metric]);
        if (!is_refund && !text_equal_ignoring_case(kind, text_of(d->metrics[metric].event))) continue;
        double value = d->metrics[metric].kind == DESIGN_ANY || d->metrics[metric].kind == DESIGN_COUNT
                           ? 1 : number_in(&d->metrics[metric], events, i);
        if (isnan(value)) continue;
        m->n_late += metric == d->primary && after_ms < 0 && events->received_ms[i] > m->people[person].at_ms;
        double worth = margin_of(m, &d->metrics[metric], events, i) * (is_refund ? -fabs(value) : value);
        add(m, metric, person, worth, !is_refund, after_ms);
    }
}

static bool read_log(struct measuring *m, struct err *err)
{
    struct log_reader *reader = NULL;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct events events;
    uint32_t refund = 0;
    (void)log_find(m->where->log, DICTIONARY_KIND, text_of("refund"), &refund);
    bool ok = log_reader_open(m->where->log, &reader, err) &&
              log_read_identities(reader, m->identities, m->n_identities,
                                  LOG_RECEIVED | LOG_IDENTITY | LOG_AMOUNT | LOG_REPLACED | MARGINS_COLUMNS,
                                  scratch, &events, err);
    for (size_t i = 0; ok && i < events.n; i++) take_event(m, &events, i, (uint16_t)refund);
    log_reader_close(reader);
    arena_free(scratch);
    return ok;
}

/* What the messages cost that somebody got within a metric's window. */
static bool take_costs(struct measuring *m, size_t metric, struct err *err)
{
    int64_t window_ms = m->design->metrics[metric].window_days * MS_PER_DAY;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    for (size_t i = 0; i < m->n; i++) {
        const struct exposed *p = &m->people[i];
        size_t n = identities_members_at(m->where->identities, p->customer, m->options->as_of_ms, members,
                                         IDENTITY_MEMBERS_MOST);
        for (size_t k = 0; k < n; k++) {
            struct sql_message_sent_to row;
            enum step step;
            if (!sql_message_sent_to(m->where->store, members[k], p->at_ms, p->at_ms + window_ms, &row, err))
                return false;
            while ((step = sql_message_sent_to_step(&row, err)) == STEP_ROW)
                m->sum[metric][i] -=
                    (double)row.n * costs_contact(m->options->costs, row.channel.at, calendar_day_of_ms(p->at_ms));
            cursor_close(row.cursor);
            if (step == STEP_FAIL) return false;
        }
    }
    return true;
}

bool measuring_deeds(struct measuring *m, struct err *err)
{
    for (size_t k = 0; k < m->design->n_metrics; k++)
        m->sum[k] = ARENA_ARRAY(m->arena, double, m->n + 1), m->count[k] = ARENA_ARRAY(m->arena, double, m->n + 1);
    m->before = ARENA_ARRAY(m->arena, double, m->n + 1);
    m->weeks = ARENA_ARRAY(m->arena, double, m->n * MEASURING_WEEKS + 1);
    m->stratum = ARENA_ARRAY(m->arena, const char *, m->n + 1),
    m->stratum_ms = ARENA_ARRAY(m->arena, int64_t, m->n + 1);
    if (!margins_open(m->where->store, m->where->log, m->options->costs, m->options->as_of_ms, m->arena,
                      &m->margins, err) ||
        !read_log(m, err))
        return false;
    for (size_t k = 0; k < m->design->n_metrics; k++)
        if (m->design->metrics[k].has_costs && !take_costs(m, k, err)) return false;
    return true;
}
