/* trial_audit.c - looks afterwards, by the contacts alone, whether any rule was broken; see trial_internal.h.
 *
 * It asks none of the functions that decided: days and quiet hours are worked out anew from what the clock read.
 */
#include "trial/trial_internal.h"

#include "base/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct journey *journey_of(const struct trial *trial, const struct trial_contact *contact)
{
    return trial->options->journeys[trial->entries[contact->entry].journey];
}

static const struct journey_step *step_of(const struct trial *trial, const struct trial_contact *contact)
{
    return &journey_of(trial, contact)->steps[contact->step];
}

static void violate(struct trial *trial, const struct trial_contact *contact, const char *what)
{
    char when[21];
    calendar_format_ms(contact->at_ms, when);
    if (trial->counts.n_violations++ == 0)
        trial->counts.violation =
            arena_format(trial->arena, "%s: %.*s, journey '%s', step '%s', %s", what,
                         (int)trial->people[contact->person].name.length, trial->people[contact->person].name.at,
                         journey_of(trial, contact)->name, step_of(trial, contact)->id, when);
}

static bool is_under_rules(const struct trial *trial, const struct trial_contact *contact)
{
    const struct contact_rules *rules = trial->options->rules;
    return contact_is_personal(contact_channel_kind(rules, contact->channel)) &&
           contact_basis(rules, journey_of(trial, contact)->topic) != BASIS_CONTRACT;
}

static int by_person(const void *a, const void *b)
{
    const struct trial_contact *x = a, *y = b;
    if (x->person != y->person) return x->person < y->person ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static bool counts_for(const struct trial *trial, const struct cap *cap, const struct trial_contact *contact)
{
    const char *topic = journey_of(trial, contact)->topic;
    return (!cap->channel || strcmp(cap->channel, contact->channel) == 0) &&
           (!cap->topic || (topic && strcmp(cap->topic, topic) == 0));
}

/* Days since 1970 of the local date, or of the Monday before it. */
static int64_t span_of(const struct trial *trial, const struct trial_contact *contact, bool is_week)
{
    const struct zone *zone = trial->people[contact->person].zone;
    int64_t local_ms = contact->at_ms + zone_offset_ms(zone, contact->at_ms);
    int64_t day = (local_ms - (local_ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY) / MS_PER_DAY;
    return is_week ? day - ((day + 3) % 7 + 7) % 7 : day;
}

static void audit_caps(struct trial *trial, size_t first, size_t end)
{
    const struct contact_rules *rules = trial->options->rules;
    for (size_t c = 0; c < rules->n_caps; c++)
        for (size_t i = first; i < end; i++) {
            const struct cap *cap = &rules->caps[c];
            const struct trial_contact *last = &trial->contacts[i];
            uint32_t n = 0;
            if (!is_under_rules(trial, last) || !counts_for(trial, cap, last)) continue;
            for (size_t k = i + 1; k > first && trial->contacts[k - 1].at_ms > last->at_ms - 9 * MS_PER_DAY; k--)
                n += counts_for(trial, cap, &trial->contacts[k - 1]) &&
                     span_of(trial, &trial->contacts[k - 1], cap->is_week) == span_of(trial, last, cap->is_week);
            if (n > cap->most) violate(trial, last, "a cap was exceeded");
        }
}

static void audit_one(struct trial *trial, const struct trial_contact *contact)
{
    const struct contact_rules *rules = trial->options->rules;
    struct trial_person *person = &trial->people[contact->person];
    const char *channel = contact->channel, *topic = journey_of(trial, contact)->topic;
    int64_t local_ms = contact->at_ms + zone_offset_ms(person->zone, contact->at_ms);
    int64_t clock_ms = (local_ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY;
    int64_t from_ms = rules->quiet.from_ms, to_ms = rules->quiet.to_ms;
    bool is_quiet =
        from_ms < to_ms ? clock_ms >= from_ms && clock_ms < to_ms : clock_ms >= from_ms || clock_ms < to_ms;
    if (person->heard == CONSENT_SUPPRESSED) violate(trial, contact, "somebody suppressed was contacted");
    if (!is_under_rules(trial, contact)) return;
    enum consent_said said = contact_said(channel, topic, trial_said, person);
    if (rules->is_quiet_set && is_quiet) violate(trial, contact, "a quiet hour was broken");
    if (person->is_held_out) violate(trial, contact, "somebody in the control group was contacted");
    if (said == CONSENT_SAID_NO || person->heard != CONSENT_ALLOWED ||
        (contact_basis(rules, topic) == BASIS_CONSENT && said != CONSENT_SAID_YES))
        violate(trial, contact, "somebody without consent was contacted");
}

static int by_journey(const void *a, const void *b)
{
    const struct trial_contact *x = a, *y = b;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Of one journey with a budget: what its messages of any stretch of days cost together. */
static void audit_budget(struct trial *trial, size_t j)
{
    const struct budget *budget = &trial->options->journeys[j]->budget;
    if (budget->amount <= 0) return;
    struct trial_contact *of = ARENA_ARRAY(trial->scratch, struct trial_contact, trial->n_contacts + 1);
    size_t n = 0, first = 0;
    double spent = 0;
    for (size_t i = 0; i < trial->n_contacts; i++)
        if (trial->entries[trial->contacts[i].entry].journey == j) of[n++] = trial->contacts[i];
    qsort(of, n, sizeof *of, by_journey);
    for (size_t i = 0; i < n; i++) {
        spent += contact_cost(trial->options->rules, of[i].channel, of[i].at_ms);
        while (trial_shop_day(trial, of[first].at_ms) <= trial_shop_day(trial, of[i].at_ms) - budget->days)
            spent -= contact_cost(trial->options->rules, of[first].channel, of[first].at_ms), first++;
        if (spent > budget->amount * (1 + 1e-6)) violate(trial, &of[i], "a budget was exceeded");
    }
}

/* One step of one entry is sent once. */
static void audit_twice(struct trial *trial, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        for (size_t k = i + 1; k < end; k++)
            if (trial->contacts[i].entry == trial->contacts[k].entry &&
                trial->contacts[i].step == trial->contacts[k].step)
                violate(trial, &trial->contacts[k], "something was sent twice");
}

void trial_audit(struct trial *trial)
{
    if (trial->n_contacts) qsort(trial->contacts, trial->n_contacts, sizeof *trial->contacts, by_person);
    for (size_t first = 0, end; first < trial->n_contacts; first = end) {
        end = first;
        while (end < trial->n_contacts && trial->contacts[end].person == trial->contacts[first].person) {
            trial->counts.n_violations += trial->contacts[end].step == JOURNEY_END;
            audit_one(trial, &trial->contacts[end++]);
        }
        audit_caps(trial, first, end);
        audit_twice(trial, first, end);
    }
    for (size_t j = 0; j < trial->options->n_journeys; j++) audit_budget(trial, j);
    uint64_t ended = 0;
    for (size_t i = 0; i <= WALK_CANCELLED; i++) ended += trial->counts.ended[i];
    if (ended != trial->counts.n_entered) trial->counts.n_violations++;
    for (size_t i = 0; i < trial->n_people; i++)
        trial->counts.n_unknown_zones += trial->people[i].known && !trial->people[i].is_zone_known;
}
