/* allowing.c - whether a message that is due may go now: consent, and how its destination fares; see
 * send_internal.h. */
#include "send/send_internal.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "base/rng.h"
#include "decide/reach.h"
#include "store/sql.h"

#include <math.h>

enum { FIRST_WAIT_MS = 30 * 1000, LONGEST_WAIT_MS = 4 * 3600 * 1000, STUCK_WAIT_MS = 5000,
       LATE_MS = 60 * 1000 };

int64_t backoff_ms(uint64_t seed, int64_t message, unsigned n_attempts)
{
    struct rng rng = rng_stream(seed ^ (uint64_t)message * 0x9e3779b97f4a7c15u, n_attempts);
    double wait = FIRST_WAIT_MS * pow(2, n_attempts > 0 ? n_attempts - 1 : 0);
    if (wait > LONGEST_WAIT_MS) wait = LONGEST_WAIT_MS;
    return (int64_t)(wait * (0.8 + 0.4 * rng_uniform(&rng)));
}

struct destination *lane_destination(struct lane *lane, int64_t hash)
{
    uint64_t *place = hash_map_put(&lane->places, (uint64_t)hash);
    if (*place == 0) {
        if ((lane->n_destinations & (lane->n_destinations - 1)) == 0)
            lane->destinations =
                memory_grow(lane->destinations, lane->n_destinations ? 2 * lane->n_destinations : 1,
                            sizeof *lane->destinations);
        lane->destinations[lane->n_destinations++] = (struct destination){ 0 };
        *place = lane->n_destinations;
    }
    return &lane->destinations[*place - 1];
}

/* A bucket of one second's worth; a message that finds it empty waits for a slot behind those who wait already. */
static bool has_token(struct destination *destination, double rate, int64_t now_ms, int64_t *ret_until_ms)
{
    double most = rate > 1 ? rate : 1;
    if (destination->filled_ms == 0) destination->tokens = most;
    else destination->tokens += rate * (double)(now_ms - destination->filled_ms) / 1000;
    if (destination->tokens > most) destination->tokens = most;
    destination->filled_ms = now_ms;
    if (destination->tokens >= 1) { destination->tokens -= 1; return true; }
    int64_t from_ms = destination->slots_until_ms > now_ms ? destination->slots_until_ms : now_ms;
    destination->slots_until_ms = from_ms + (int64_t)ceil(1000 / rate);
    *ret_until_ms = destination->slots_until_ms;
    return false;
}

static void judge_destination(struct lane *lane, const struct outbox_parcel *parcel,
                              struct outbox_verdict *verdict)
{
    int64_t now_ms = lane->job_now_ms;
    (void)pthread_mutex_lock(&lane->mutex);
    struct destination *destination = lane_destination(lane, parcel->destination);
    if (destination->closed_until_ms > now_ms)
        *verdict = (struct outbox_verdict){ GATE_WAIT_ALL, destination->closed_until_ms, "" };
    else if (destination->stuck_until_ms > now_ms && destination->n_under_way >= OF_STUCK_MOST)
        *verdict = (struct outbox_verdict){ GATE_WAIT_ALL, now_ms + STUCK_WAIT_MS, "" };
    else if (lane->channel->rate_of_domain > 0 &&
             !has_token(destination, lane->channel->rate_of_domain, now_ms, &verdict->until_ms))
        verdict->gate = GATE_WAIT;
    (void)pthread_mutex_unlock(&lane->mutex);
}

/* A new sender's domain gets so many a day, twice as many each day; a message is counted when it is tried first.
 */
static bool judge_warm_up(struct lane *lane, struct store *store, const struct outbox_parcel *parcel,
                          struct outbox_verdict *verdict, struct err *err)
{
    struct sql_warm_up_get row;
    int64_t today = calendar_day_of_ms(lane->job_now_ms), first_day = today, n = 0;
    if (parcel->n_attempts > 1) return true;
    if (!sql_warm_up_get(store, parcel->channel, parcel->destination, &row, err)) return false;
    enum step step = sql_warm_up_get_step(&row, err);
    if (step == STEP_ROW) first_day = row.first_day, n = row.day == today ? row.n : 0;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if ((double)n <
        ldexp((double)lane->channel->warm_up_a_day, (int)(today - first_day < 60 ? today - first_day : 60)))
        return sql_warm_up_put(store, parcel->channel, parcel->destination, today, n + 1, err);
    *verdict = (struct outbox_verdict){ GATE_WAIT_ALL, (today + 1) * MS_PER_DAY, "" };
    return true;
}

/* Gathers what reach asks of somebody who is to be written to; holdout and caps were asked when it was put. */
static bool gather(struct lane *lane, struct store *store, const struct outbox_parcel *parcel,
                   struct reach_facts *ret_facts, struct err *err)
{
    const struct sender_options *options = &lane->sender->options;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    *ret_facts = (struct reach_facts){ 0 };
    (void)pthread_rwlock_rdlock(options->lock);
    uint32_t customer = identities_customer(options->identities, parcel->identity);
    size_t n = identities_members_at(options->identities, customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    ret_facts->heard = consents_check(options->consents, log_name(options->log, DICTIONARY_IDENTITY, customer));
    bool ok = topic_said(&lane->setup->topics, options->consents, store, members, n, parcel->channel,
                         parcel->topic, &ret_facts->said, err);
    (void)pthread_rwlock_unlock(options->lock);
    return ok;
}

/* What a contract asks for is sent to who refused all else, never to the suppressed. */
static bool judge_consent(struct lane *lane, struct store *store, const struct outbox_parcel *parcel,
                          struct outbox_verdict *verdict, struct err *err)
{
    struct reach_facts facts;
    const struct topic *topic = topic_find(&lane->setup->topics, parcel->topic);
    if (!gather(lane, store, parcel, &facts, err)) return false;
    if (topic && topic->right == RIGHT_CONTRACT && facts.heard == CONSENT_REFUSED) facts.heard = CONSENT_ALLOWED;
    enum reach_rule rule = reach_rule_of(&facts);
    if (rule != REACH_OPEN) *verdict = (struct outbox_verdict){ GATE_CANCEL, 0, reach_word(rule) };
    return true;
}

/* Rules of time were asked when it was put: what leaves much later may come at night. */
static bool judge_hour(struct lane *lane, struct store *store, const struct outbox_parcel *parcel,
                       struct outbox_verdict *verdict, struct err *err)
{
    const struct sender_options *options = &lane->sender->options;
    int64_t until_ms = 0;
    if (!options->quiet_until || lane->job_now_ms - parcel->queued_ms < LATE_MS) return true;
    (void)pthread_rwlock_rdlock(options->lock);
    uint32_t customer = identities_customer(options->identities, parcel->identity);
    (void)pthread_rwlock_unlock(options->lock);
    if (!options->quiet_until(options->context, store, customer, parcel->channel, parcel->topic, &until_ms, err))
        return false;
    if (until_ms > lane->job_now_ms) *verdict = (struct outbox_verdict){ GATE_WAIT, until_ms, "" };
    return true;
}

bool lane_judge(void *context, struct store *store, const struct outbox_parcel *parcel,
                struct outbox_verdict *ret_verdict, struct err *err)
{
    struct lane *lane = context;
    bool is_to_people = lane->channel->kind != WAY_WEBHOOK;
    if (parcel->identity && is_to_people && !judge_consent(lane, store, parcel, ret_verdict, err)) return false;
    if (ret_verdict->gate == GATE_SEND && parcel->identity && is_to_people &&
        !judge_hour(lane, store, parcel, ret_verdict, err))
        return false;
    if (ret_verdict->gate == GATE_SEND && lane->channel->kind == WAY_SMTP)
        judge_destination(lane, parcel, ret_verdict);
    return ret_verdict->gate != GATE_SEND || lane->channel->warm_up_a_day == 0 ||
           judge_warm_up(lane, store, parcel, ret_verdict, err);
}
