/* trial_person.c - the people of a trial: what is known of them at its instant; see trial_internal.h. */
#include "trial/trial_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/memory.h"
#include "decide/holdout.h"

#include <stdlib.h>
#include <string.h>

enum { SENT_KEPT_DAYS = 9 };

static void add_person(struct trial *trial, uint32_t customer, size_t *room)
{
    if (trial->n_people == *room)
        trial->people = memory_grow(trial->people, *room = 2 * *room + 64, sizeof *trial->people);
    trial->people[trial->n_people++] = (struct trial_person){ .customer = customer };
    *hash_map_put(&trial->person_of, hash_bytes(&customer, sizeof customer, 0)) = trial->n_people;
}

bool trial_people_find(struct trial *trial, struct err *err)
{
    const struct trial_options *o = trial->options;
    size_t room = 0, n_words = (o->n_journeys + 63) / 64;
    if (o->customer) add_person(trial, o->customer, &room);
    for (size_t i = 0; !o->customer && i < trial->n_events; i++) {
        const struct trial_event *at = &trial->events[i];
        uint32_t customer = identities_customer(o->identities, trial->parts[at->part].identity[at->index]);
        if (customer != 0 && !trial_person_of(trial, customer)) add_person(trial, customer, &room);
    }
    for (uint32_t c = live_next(trial->live, 0); !o->customer && c != 0; c = live_next(trial->live, c))
        if (!trial_person_of(trial, c)) add_person(trial, c, &room);
    for (size_t i = 0; i < trial->n_people; i++) {
        struct trial_person *person = &trial->people[i];
        person->name = log_name(o->log, DICTIONARY_IDENTITY, person->customer);
        person->matched = ARENA_ARRAY(trial->arena, uint64_t, n_words + 1);
        const struct holdout holdout = { o->rules->holdout_share, o->salt };
        person->is_held_out = o->person ? json_is_true(json_object_get(o->person, "holdout"))
                                        : holdout_place(&holdout, o->identities, person->customer).is_held_out;
        person->heard = o->consents ? consents_check(o->consents, person->name) : CONSENT_ALLOWED;
    }
    if (o->person && trial->n_people == 0) return err_set(err, ERR_INVALID, "nothing is known of the person");
    trial->counts.n_people = trial->n_people;
    return true;
}

void trial_people_free(struct trial *trial)
{
    for (size_t i = 0; i < trial->n_people; i++) {
        trial_person_forget(&trial->people[i]);
        json_decref(trial->people[i].said);
        json_decref(trial->people[i].set);
        free(trial->people[i].sent);
    }
    free(trial->people);
    hash_map_free(&trial->person_of);
}

struct trial_person *trial_person_of(struct trial *trial, uint32_t customer)
{
    const uint64_t *place = hash_map_find(&trial->person_of, hash_bytes(&customer, sizeof customer, 0));
    return place && *place ? &trial->people[*place - 1] : NULL;
}

void trial_person_forget(struct trial_person *person)
{
    json_decref(person->known);
    person->known = NULL;
}

/* ---- what is known ---- */

static bool find_said(struct trial *trial, struct trial_person *person, struct err *err)
{
    const struct trial_options *o = trial->options;
    struct text text;
    size_t n;
    if (person->said) return true;
    if (o->person) person->said = json_deep_copy(json_object_get(o->person, "consent"));
    if (!o->person && o->consents) {
        const uint32_t *members = identities_members(o->identities, person->customer, &n);
        if (!consents_get(o->consents, o->store, members, n, trial->scratch, &text, err)) return false;
        person->said = json_loadb(text.at, text.length, 0, NULL);
    }
    if (!person->said) person->said = json_object();
    return true;
}

bool trial_person_know(struct trial *trial, struct trial_person *person, struct err *err)
{
    if (person->known) return true;
    const struct trial_options *o = trial->options;
    json_t *known;
    if (!find_said(trial, person, err) || !known_read(trial->live, o->profiles, o->identities, o->store,
                                                      person->customer, trial->scratch, &known, err))
        return false;
    if (o->person) json_object_update(known, json_object_get(o->person, "traits"));
    if (person->set) json_object_update(known, person->set);
    person->known = known;
    person->zone = known_zone(known, o->rules, o->zones, &person->is_zone_known);
    return true;
}

enum consent_said trial_said(void *context, const char *name)
{
    const struct trial_person *person = context;
    const json_t *said = json_object_get(person->said, name);
    if (json_is_object(said)) said = json_object_get(said, "given");
    return json_is_true(said) ? CONSENT_SAID_YES : json_is_false(said) ? CONSENT_SAID_NO : CONSENT_SAID_NOTHING;
}

bool trial_is_unprofiled(const struct trial_person *person)
{
    const json_t *said = json_object_get(person->said, "profiling");
    if (json_is_object(said)) said = json_object_get(said, "given");
    return json_is_false(said);
}

void trial_person_contacted(struct trial_person *person, const struct contacted *contacted)
{
    size_t n = 0;
    for (size_t i = 0; i < person->n_sent; i++)
        if (person->sent[i].at_ms > contacted->at_ms - SENT_KEPT_DAYS * MS_PER_DAY)
            person->sent[n++] = person->sent[i];
    person->n_sent = n;
    if (n == person->room_sent)
        person->sent = memory_grow(person->sent, person->room_sent = 2 * n + 4, sizeof *person->sent);
    person->sent[person->n_sent++] = *contacted;
}
