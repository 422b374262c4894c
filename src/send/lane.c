/* lane.c - one channel's thread: takes what is due, carries it, settles it; see send_internal.h. */
#include "send/send_internal.h"

#include "base/crash_point.h"
#include "base/memory.h"
#include "customer/closed_address.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWERS = 32, LONG_WAIT_MS = 1000, SHORT_WAIT_MS = 5, FAILURES_MOST = 5, CLOSED_MS = 10 * 1000,
       CLOSED_MOST_MS = 5 * 60 * 1000, STUCK_MEMORY_MS = 60 * 1000, GRACE_MS = 1000, READY_MOST_MS = 800,
       ARENA_KEPT_BYTES = 1 << 20, TOGETHER_MS = 20,
       AHEAD_LEAST = 2 };

static int64_t now_of(const struct lane *lane) { return clock_now_ms(&lane->sender->options.clock); }

void lane_wake(struct lane *lane)
{
    lane->is_due = true;
    if (lane->carrier) carrier_wake(lane->carrier);
}

/* ---- the job at the writer ---- */

static bool settle_one(struct lane *lane, struct store *store, struct flight *flight, struct err *err)
{
    const struct sender_options *options = &lane->sender->options;
    if (flight->closes_address &&
        !closed_address_put(store, profiles_vault(options->profiles), flight->address, flight->parcel.channel,
                            "refused", flight->settled.at_ms, err))
        return false;
    if (flight->is_put_back)
        return outbox_put_back(options->outbox, store, &flight->parcel, flight->settled.due_ms,
                               flight->settled.reply, err);
    return outbox_settle(options->outbox, store, &flight->parcel, &flight->settled, err);
}

/* May be run again after a group that failed, so it changes nothing of the lane but what it returns. */
static bool exchange(struct store *store, void *context, struct err *err)
{
    struct lane *lane = context;
    for (struct flight *flight = lane->job_settling; flight; flight = flight->next)
        if (!settle_one(lane, store, flight, err)) return false;
    lane->n_taken = 0;
    const struct outbox_take take = { .channel = lane->channel->name, .now_ms = lane->job_now_ms,
                                      .most = lane->most_to_take, .judge = lane_judge, .context = lane };
    return outbox_take(lane->sender->options.outbox, store, &take, lane->job_arena, lane->taken, &lane->n_taken,
                       &lane->job_next_ms, err);
}

static void exchanged(void *context, const struct err *result)
{
    struct lane *lane = context;
    lane->job_result = *result;
    lane->is_job_done = true;
    if (lane->carrier) carrier_wake(lane->carrier);
}

/* How many may be under way at once: those that hang do not count. */
static size_t most_flying(const struct lane *lane)
{
    return lane->n_failures >= FAILURES_MOST ? 1 : lane->channel->connections;  /* one to see whether it goes again */
}

/* How many more are taken now: for every connection one, and those ahead of them.  The rate is kept. */
static size_t room_of(struct lane *lane, int64_t now_ms)
{
    const struct channel *channel = lane->channel;
    if (now_ms < lane->closed_until_ms || lane->n_flying >= FLYING_MOST) return 0;
    size_t most = most_flying(lane), taken = lane->n_fresh + lane->n_ready;
    if (most > 1) most += lane->n_ahead;
    size_t room = most > taken ? most - taken : 0;
    if (channel->rate > 0) {
        double burst = channel->rate > 1 ? channel->rate : 1;
        if (lane->filled_ms == 0) lane->tokens = 1;
        else lane->tokens += channel->rate * (double)(now_ms - lane->filled_ms) / 1000;
        if (lane->tokens > burst) lane->tokens = burst;
        lane->filled_ms = now_ms;
        if ((double)room > lane->tokens) room = (size_t)lane->tokens;
    }
    return room;
}

/* What has ended waits a moment for others, to be written down together, while there is enough to carry. */
static bool is_time(const struct lane *lane, size_t room, int64_t now_ms)
{
    if (room > 0 && lane->n_ready <= lane->n_ahead / 2) return true;
    return lane->settling && (!lane->flying || now_ms - lane->settling_since_ms >= TOGETHER_MS);
}

static void begin_job(struct lane *lane)
{
    struct err err;
    int64_t now_ms = now_of(lane);
    const struct sender_options *options = &lane->sender->options;
    bool is_open = !lane->is_stopping && (!options->may_send || options->may_send(options->context));
    size_t room = is_open && (lane->is_due || now_ms >= lane->next_look_ms) ? room_of(lane, now_ms) : 0;
    if (lane->is_job_out || !is_time(lane, room, now_ms)) return;
    if (room > 0) lane->is_due = false;
    lane->most_to_take = room;
    lane->job_settling = lane->settling;
    lane->settling = NULL;
    lane->job_now_ms = now_ms, lane->job_next_ms = NEVER_MS, lane->n_taken = 0;
    lane->is_job_done = false;
    lane->is_job_out = true;
    if (!ingest_run_later(options->ingest, exchange, lane, exchanged, &err)) exchanged(lane, &err);
}

/* ---- flights ---- */

static struct flight *flight_new(struct lane *lane)
{
    struct flight *flight = lane->idle;
    struct arena *arena;
    if (flight) lane->idle = flight->next;
    else flight = memory_new(1, sizeof *flight);
    arena = flight->arena ? flight->arena : arena_new(ARENA_NO_LIMIT);
    *flight = (struct flight){ .arena = arena };
    return flight;
}

static void flight_rest(struct lane *lane, struct flight *flight)
{
    if (arena_bytes(flight->arena) > ARENA_KEPT_BYTES) { arena_free(flight->arena); flight->arena = NULL; }
    else arena_reset(flight->arena);
    flight->next = lane->idle;
    lane->idle = flight;
}

static struct text copied(struct arena *arena, struct text text)
{
    char *copy = arena_alloc(arena, text.length + 1, 1);
    if (text.length) memcpy(copy, text.at, text.length);
    return (struct text){ copy, text.length };
}

static struct outbox_parcel copy_parcel(const struct outbox_parcel *parcel, struct arena *arena)
{
    struct outbox_parcel copy = *parcel;
    copy.key = copied(arena, parcel->key), copy.journey = copied(arena, parcel->journey);
    copy.step = copied(arena, parcel->step), copy.channel = copied(arena, parcel->channel);
    copy.topic = copied(arena, parcel->topic), copy.sealed_key = copied(arena, parcel->sealed_key);
    copy.sealed = copied(arena, parcel->sealed);
    return copy;
}

static void to_settle(struct lane *lane, struct flight *flight, struct outbox_settled settled)
{
    settled.at_ms = now_of(lane);
    settled.reply = copied(flight->arena, settled.reply);
    settled.answer = copied(flight->arena, settled.answer);
    flight->settled = settled;
    if (!lane->settling) lane->settling_since_ms = settled.at_ms;
    flight->next = lane->settling;
    lane->settling = flight;
}

static void count_place(struct lane *lane, const struct flight *flight, int by)
{
    (void)pthread_mutex_lock(&lane->mutex);
    struct destination *destination = lane_destination(lane, flight->parcel.destination);
    destination->n_under_way += (unsigned)by;
    if (flight->is_stuck) destination->stuck_until_ms = now_of(lane) + STUCK_MEMORY_MS;
    (void)pthread_mutex_unlock(&lane->mutex);
}

/* What never left waits again as if nobody had taken it. */
static void put_back(struct lane *lane, struct flight *flight, const char *why)
{
    flight->is_put_back = true;
    to_settle(lane, flight,
              (struct outbox_settled){ .due_ms = now_of(lane) + LONG_WAIT_MS,
                                       .reply = text_of(why),
                                       .answer = text_of("") });
}

static void make_ready(struct lane *lane, const struct outbox_parcel *parcel)
{
    struct flight *flight = flight_new(lane);
    flight->parcel = copy_parcel(parcel, flight->arena);
    flight->started_ms = lane->job_now_ms;
    if (!lane->ready) lane->ready_end = &lane->ready;
    *lane->ready_end = flight;
    lane->ready_end = &flight->next;
    lane->n_ready++;
}

static void set_off(struct lane *lane, struct flight *flight)
{
    struct consignment consignment;
    struct err err = { 0 };
    const char *rule = "";
    crash_point();
    if (!compose(lane, flight, &consignment, &rule, &err)) {
        if (!*rule) { put_back(lane, flight, err.text); return; }
        bool is_suppressed = strcmp(rule, "suppressed") == 0;
        to_settle(lane, flight,
                  (struct outbox_settled){ .status = is_suppressed ? OUTBOX_CANCELLED : OUTBOX_DEAD,
                                           .rule = rule,
                                           .reply = text_of(err.text),
                                           .answer = text_of("") });
        return;
    }
    if (!carrier_start(lane->carrier, &consignment, &err)) { put_back(lane, flight, err.text); return; }
    flight->started_ms = now_of(lane);
    flight->next = lane->flying;
    lane->flying = flight;
    lane->n_flying++, lane->n_fresh++;
    count_place(lane, flight, 1);
}

/* Those that are ready, while there are connections.  What was judged long ago, or by a relay that answers no more,
 * is asked for again. */
static void use_connections(struct lane *lane)
{
    const struct sender_options *options = &lane->sender->options;
    bool is_open = !lane->is_stopping && (!options->may_send || options->may_send(options->context));
    while (lane->ready && (!is_open || lane->n_failures >= FAILURES_MOST || lane->n_fresh < most_flying(lane) ||
                           now_of(lane) - lane->ready->started_ms > READY_MOST_MS)) {
        struct flight *flight = lane->ready;
        bool is_stale = now_of(lane) - flight->started_ms > READY_MOST_MS;
        lane->ready = flight->next;
        lane->n_ready--;
        if (!is_open || is_stale || lane->n_fresh >= most_flying(lane)) put_back(lane, flight, "");
        else set_off(lane, flight);
    }
}

/* As many are taken ahead as keep the connections busy while the next are written down: twice as many when all were
 * gone before these came, fewer when most were still there. */
static void plan_ahead(struct lane *lane)
{
    size_t most = LANE_MOST - lane->channel->connections;
    size_t least = AHEAD_LEAST * lane->channel->connections;
    if (lane->n_ready > lane->n_ahead / 2 && lane->n_ahead > least) lane->n_ahead -= lane->n_ahead / 8;
    if (lane->n_ready > 0 || lane->n_taken == 0 || lane->n_taken < lane->most_to_take) return;
    lane->n_ahead *= 2;
    if (lane->n_ahead > most) lane->n_ahead = most;
}

static void end_job(struct lane *lane)
{
    if (!lane->is_job_out || !lane->is_job_done) return;
    lane->is_job_out = false;
    struct flight *flight = lane->job_settling;
    lane->job_settling = NULL;
    bool ok = lane->job_result.code == ERR_NONE;
    while (flight) {
        struct flight *next = flight->next;
        if (ok) flight_rest(lane, flight);
        else flight->next = lane->settling, lane->settling = flight;    /* tried again */
        flight = next;
    }
    if (ok) plan_ahead(lane);
    for (size_t i = 0; ok && i < lane->n_taken; i++) make_ready(lane, &lane->taken[i]);
    if (ok && lane->channel->rate > 0) lane->tokens -= (double)lane->n_taken;
    if (!ok) lane->next_look_ms = now_of(lane) + LONG_WAIT_MS, lane->is_due = false;
    else if (lane->most_to_take > 0) lane->next_look_ms = lane->job_next_ms;
    arena_reset(lane->job_arena);
}

/* ---- what came back ---- */

static void note_relay(struct lane *lane, bool is_failure)
{
    lane->n_failures = is_failure ? lane->n_failures + 1 : 0;
    if (lane->n_failures < FAILURES_MOST) { lane->closed_until_ms = 0; return; }
    unsigned doublings = lane->n_failures - FAILURES_MOST < 5 ? lane->n_failures - FAILURES_MOST : 5;
    int64_t wait_ms = (int64_t)CLOSED_MS << doublings;
    if (wait_ms > CLOSED_MOST_MS) wait_ms = CLOSED_MOST_MS;
    lane->closed_until_ms = now_of(lane) + wait_ms;
}

static void note_place(struct lane *lane, const struct flight *flight, bool is_failure)
{
    (void)pthread_mutex_lock(&lane->mutex);
    struct destination *destination = lane_destination(lane, flight->parcel.destination);
    destination->n_failures = is_failure ? destination->n_failures + 1 : 0;
    if (destination->n_failures >= FAILURES_MOST) destination->closed_until_ms = now_of(lane) + 6 * CLOSED_MS;
    (void)pthread_mutex_unlock(&lane->mutex);
}

static struct outbox_settled settled_of(struct lane *lane, const struct flight *flight,
                                        const struct delivered *delivered)
{
    struct sender *sender = lane->sender;
    const struct outbox_parcel *parcel = &flight->parcel;
    int64_t wait_ms = backoff_ms(sender->options.seed, parcel->id, parcel->n_attempts);
    struct outbox_settled settled = { .reply = text_of(delivered->reply), .answer = delivered->answer,
                                      .provider_id = arena_copy(flight->arena, delivered->provider_id) };
    bool is_again = delivered->delivery == DELIVERY_LATER ||
                    (delivered->delivery == DELIVERY_UNKNOWN && lane->channel->is_doubt_retried);
    switch (delivered->delivery) {
    case DELIVERY_SENT: settled.status = OUTBOX_SENT; sender->n_sent++; break;
    case DELIVERY_REFUSED: settled.status = OUTBOX_DEAD; sender->n_refused++; break;
    case DELIVERY_LATER: settled.status = OUTBOX_RETRYING; sender->n_later++; break;
    case DELIVERY_UNKNOWN: settled.status = OUTBOX_UNKNOWN; sender->n_unknown++; break;
    }
    if (is_again) settled.status = parcel->n_attempts >= RETRIES_MOST ? OUTBOX_DEAD : OUTBOX_RETRYING;
    settled.due_ms = now_of(lane) + (delivered->wait_ms > wait_ms ? delivered->wait_ms : wait_ms);
    return settled;
}

static void land(struct lane *lane, struct flight *flight, const struct delivered *delivered)
{
    struct flight **at = &lane->flying;
    while (*at != flight) at = &(*at)->next;
    *at = flight->next;
    lane->n_flying--;
    if (!flight->is_stuck) lane->n_fresh--;
    count_place(lane, flight, -1);
    bool is_failure = delivered->delivery == DELIVERY_LATER || delivered->delivery == DELIVERY_UNKNOWN;
    /* One address's domain that hangs behind the relay is no fault of the relay's. */
    note_relay(lane, is_failure && delivered->is_of_relay && !flight->is_stuck);
    note_place(lane, flight, is_failure);
    flight->closes_address = delivered->is_address_closed;
    crash_point();
    to_settle(lane, flight, settled_of(lane, flight, delivered));
}

/* Those that hang: from now on only their destination has less room. */
static void mark_stuck(struct lane *lane)
{
    int64_t now_ms = now_of(lane);
    for (struct flight *flight = lane->flying; flight; flight = flight->next) {
        if (flight->is_stuck || now_ms - flight->started_ms < STUCK_MS) continue;
        flight->is_stuck = true;
        lane->n_fresh--;
        count_place(lane, flight, 0);
        lane->is_due = true;
    }
}

static int64_t patience_ms(const struct lane *lane)
{
    if (lane->settling && !lane->is_job_out) {
        int64_t left_ms = lane->settling_since_ms + TOGETHER_MS - now_of(lane);
        return !lane->flying || left_ms < 0 ? 0 : left_ms;
    }
    if (lane->is_job_out && lane->is_job_done) return 0;
    bool is_waiting_for_room = lane->channel->rate > 0 || lane->n_failures >= FAILURES_MOST;
    if (lane->is_due && is_waiting_for_room && !lane->is_job_out) return SHORT_WAIT_MS * 10;
    int64_t until_ms = lane->next_look_ms == NEVER_MS ? LONG_WAIT_MS : lane->next_look_ms - now_of(lane);
    if (until_ms < SHORT_WAIT_MS) until_ms = SHORT_WAIT_MS;
    return until_ms < LONG_WAIT_MS ? until_ms : LONG_WAIT_MS;
}

static void *run_lane(void *context)
{
    struct lane *lane = context;
    struct delivered delivered[ANSWERS];
    int64_t stop_ms = NEVER_MS;
    for (;;) {
        end_job(lane);
        use_connections(lane);
        begin_job(lane);
        size_t n = carrier_wait(lane->carrier, patience_ms(lane), delivered, ANSWERS);
        for (size_t i = 0; i < n; i++) land(lane, delivered[i].context, &delivered[i]);
        use_connections(lane);
        mark_stuck(lane);
        if (!lane->is_stopping) continue;
        if (stop_ms == NEVER_MS) stop_ms = now_of(lane) + GRACE_MS;
        bool is_quiet = !lane->flying || now_of(lane) >= stop_ms;
        if (is_quiet && !lane->is_job_out && !lane->settling) return NULL;
        if (now_of(lane) >= stop_ms + GRACE_MS && !lane->is_job_out) return NULL;
    }
}

bool lane_start(struct lane *lane, struct err *err)
{
    (void)pthread_mutex_init(&lane->mutex, NULL);
    lane->is_due = true;
    lane->next_look_ms = NEVER_MS;
    lane->n_ahead = AHEAD_LEAST * lane->channel->connections;
    lane->job_arena = arena_new(ARENA_NO_LIMIT);
    if (!carrier_new(lane->channel, &lane->carrier, err)) return false;
    if (pthread_create(&lane->thread, NULL, run_lane, lane) != 0)
        return err_set(err, ERR_IO, "channel %s: no thread could be started", lane->channel->name);
    lane->is_started = true;
    return true;
}

static void free_flights(struct flight *flight)
{
    while (flight) {
        struct flight *next = flight->next;
        arena_free(flight->arena);
        free(flight);
        flight = next;
    }
}

void lane_stop(struct lane *lane)
{
    lane->is_stopping = true;
    if (lane->is_started) {
        carrier_wake(lane->carrier);
        (void)pthread_join(lane->thread, NULL);
    }
    carrier_free(lane->carrier);
    arena_free(lane->job_arena);
    free_flights(lane->ready);
    free_flights(lane->flying);
    free_flights(lane->settling);
    free_flights(lane->idle);
    hash_map_free(&lane->places);
    free(lane->destinations);
    (void)pthread_mutex_destroy(&lane->mutex);
}
