/* journeys.h - journeys at work: who enters by what happens, where each is on their way, what is sent.
 *
 * Definitions are rows of table journey, each edit a version; ways through them rows of journey_entry.  What an
 * event or a change of segment starts is written in that commit; what waits is a timer (hub/timers.h), what is
 * sent a message of the outbox (hub/outbox.h) put in the same transaction.  So whatever is killed when, each
 * happens once.
 *
 * All but what reads belongs to the writer's thread. */
#ifndef ENGINE_JOURNEYS_H
#define ENGINE_JOURNEYS_H

#include "base/settings.h"
#include "base/zone.h"
#include "hub/outbox.h"
#include "hub/participant.h"
#include "hub/timers.h"
#include "journey/contact.h"
#include "journey/journey.h"

#include <jansson.h>

struct journeys;
struct service;

/* Borrows the service, whose outbox, timers, profiles and so on there are.  Reads the settings and what is there.
 * Errors: those of contact_rules_read and of the store. */
bool journeys_open(struct service *service, const struct settings *settings, struct journeys **ret_journeys,
                   struct err *err) MUST_CHECK;
void journeys_close(struct journeys *journeys);     /* NULL is fine */

struct participant journeys_participant(struct journeys *journeys);        /* after the one that folds */
void journeys_add_timers(struct journeys *journeys, struct timers *timers); /* before they start */
bool journeys_start(struct journeys *journeys, struct err *err) MUST_CHECK; /* the ingest runs */

/* Reads every *.yaml of FOLDER/journeys: what is new or changed becomes a version, a journey whose file is gone is
 * paused; and the settings anew.  From any thread but the writer's.
 * Errors: ERR_INVALID a file is wrong, or journeys would run for ever; then nothing has changed. */
bool journeys_load_folder(struct journeys *journeys, const char *folder, size_t *ret_n,
                          struct err *err) MUST_CHECK;

/* Makes the segments that stand for the scores that journeys begin by; from any thread but the writer's. */
bool journeys_keep_score_segments(struct journeys *journeys, struct err *err) MUST_CHECK;

/* The rules in force, until the folder is loaded again. */
const struct contact_rules *journeys_rules_of(const struct journeys *journeys);

/* ---- in a job of the writer ---- */

/* yaml: a definition; who: wrote it.  The same text again changes nothing.
 * Errors: ERR_INVALID it is wrong, or called otherwise than name. */
struct journeys_changed { int64_t version; size_t n_inside, n_moved; bool is_new; };
bool journeys_put(struct journeys *journeys, struct store *store, const char *name, struct text yaml,
                  struct text who, bool from_file, struct journeys_changed *ret_changed,
                  struct err *err) MUST_CHECK;
/* action: "pause" or "resume".  Errors: ERR_MISSING no such journey. */
bool journeys_change(struct journeys *journeys, struct store *store, const char *name, const char *action,
                     struct err *err) MUST_CHECK;
/* expected: what is to be expected of a day (expecting.h): when more would enter, or would be spent, by the settings'
 * share `growth`, the rest wait for another approval.  Errors: ERR_MISSING no such journey; ERR_REFUSED who wrote it
 * approves it. */
struct expected { int64_t daily; double budget; };      /* people, money; 0: any */
bool journeys_approve(struct journeys *journeys, struct store *store, const char *name,
                      const struct expected *expected, struct text who, struct err *err) MUST_CHECK;
/* Somebody enters by request.  event NULL: nothing was said.  *ret_entry 0: they did not enter.
 * Errors: ERR_MISSING no such journey; ERR_REFUSED it is not entered by request, is paused, or a draft. */
bool journeys_enter(struct journeys *journeys, struct store *store, const char *name, uint32_t customer,
                    const json_t *event, int64_t *ret_entry, struct err *err) MUST_CHECK;
/* Somebody leaves where they are, and what waits to be sent to them by it is not; *ret_n: ways that ended so.
 * Errors: ERR_MISSING no such journey. */
bool journeys_take_out(struct journeys *journeys, struct store *store, const char *name, uint32_t customer, size_t *ret_n,
                       struct err *err) MUST_CHECK;
/* A task that somebody gives by hand.  who: gives it. */
bool journeys_give_task(struct journeys *journeys, struct store *store, uint32_t customer, struct text words,
                        struct text who, struct err *err) MUST_CHECK;
/* One message to one person, written by hand: under the same rules as what journeys send.  topic NULL: none.  key: of
 * what is sent once.  Where the answer is not CONTACT_SKIP and nothing is wrong it is put into the outbox, due when the rules
 * let it go; is_tried: it is not.  Errors: ERR_INVALID a template; those of the outbox. */
struct contact_asked { uint32_t customer; const char *key, *channel, *topic, *subject, *text; bool is_tried; };
struct contact_told  { struct contact_answer answer; const char *address, *subject, *text; int64_t id; };   /* in the arena */
bool journeys_write_to(struct journeys *journeys, struct store *store, const struct contact_asked *asked,
                       struct arena *arena, struct contact_told *ret_told, struct err *err) MUST_CHECK;
/* Whether a stop's scope names a journey or a channel that there is, so that nobody believes what is misspelt to be stopped.
 * Errors: ERR_INVALID there is none, and what was meant. */
bool journeys_check_scope(const struct journeys *journeys, struct text scope, struct arena *arena,
                          struct err *err) MUST_CHECK;
/* action: "take", "snooze" (until) or "done" (outcome).  Errors: ERR_MISSING no such task; ERR_REFUSED it is done.
 */
bool journeys_task(struct journeys *journeys, struct store *store, int64_t id, const char *action, struct text who,
                   int64_t until_ms, struct text outcome, struct err *err) MUST_CHECK;

/* Until when quiet hours keep a message from somebody; 0: they do not now.  Rules of contact are asked when a message
 * is put; one that leaves later, after an attempt that failed or a stop, asks this.  On the writer's thread. */
bool journeys_quiet_until(void *service, struct store *store, uint32_t customer, struct text channel,
                          struct text topic, int64_t *ret_until_ms, struct err *err) MUST_CHECK;

/* An identity belongs to another customer now: of two ways through one journey one goes on. */
bool journeys_merged(struct journeys *journeys, struct store *store, uint32_t identity, struct err *err) MUST_CHECK;

/* What was held may go now: after a stop was lifted.  journey NULL: of all. */
bool journeys_let_go(struct journeys *journeys, struct store *store, const char *journey,
                     struct err *err) MUST_CHECK;

/* ---- reading; any connection ---- */

json_t *journeys_list(struct store *store, const struct log *log, int64_t now_ms, struct err *err); /* NULL: err */
int64_t journeys_sum(const json_t *journey, const char *member);    /* over the versions of one of that list */
/* state, owner: "" any; about: whom, a list of identities_list, "" anybody. */
json_t *journeys_tasks(struct store *store, const struct log *log, const struct identities *identities,
                       const char *state, const char *owner, struct text about, struct err *err);
/* Why: each step of somebody's ways, and when they did not enter.  Errors: ERR_MISSING no such journey. */
json_t *journeys_why(struct store *store, const struct log *log, const struct identities *identities,
                     uint32_t customer, const char *journey, const struct zone *zone, const char *zone_name, struct err *err);

/* The log hears, as from a client, that something happened to a customer: an event with its properties, which are
 * taken.  In the store's transaction. */
bool journeys_tell(struct journeys *journeys, struct store *store, uint32_t customer, const char *event,
                   json_t *properties, struct err *err) MUST_CHECK;

#endif
