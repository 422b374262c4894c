/* ingest_group.c - one transaction: jobs, then messages, then their events; and how it is undone; see ingest.h. */
#include "hub/ingest_internal.h"

#include "base/crash_point.h"
#include "base/hash.h"
#include "hub/dead_letter.h"

#include <assert.h>
#include <string.h>

enum { TRIM_LETTERS_EVERY = 4096 };

/* ---- the ingest's own participants ---- */

static bool append_events(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct ingest *ingest = context;
    (void)store;
    return log_append(ingest->options.log, taken->events, err);
}

/* Going back to the mark is enough where only names and events were added. */
static bool undo_log(void *context, bool is_all, struct err *err)
{
    struct ingest *ingest = context;
    const struct ingest_options *with = &ingest->options;
    pthread_rwlock_wrlock(with->lock);
    bool is_back = !is_all && log_rollback_to(with->log, &ingest->group.mark);
    bool ok = is_back || log_reload(with->log, err);
    pthread_rwlock_unlock(with->lock);
    if (!is_back) ingest->group.is_memory_changed = true;
    return ok;
}

static uint64_t digest_log(void *context)
{
    struct ingest *ingest = context;
    struct log_totals totals = { 0 };
    struct err ignored;
    uint64_t n[DICTIONARIES + 1];
    (void)!log_totals(ingest->options.log, &totals, &ignored);
    for (int d = 0; d < DICTIONARIES; d++) n[d] = log_n_names(ingest->options.log, (enum dictionary)d);
    n[DICTIONARIES] = totals.n_events;
    return hash_bytes(n, sizeof n, 0);
}

static bool undo_identities(void *context, bool is_all, struct err *err)
{
    struct ingest *ingest = context;
    const struct ingest_options *with = &ingest->options;
    recent_clear(ingest);
    if (!is_all && !ingest->group.is_memory_changed) return true;
    pthread_rwlock_wrlock(with->lock);
    bool ok = identities_reload(with->identities, with->store, err);
    pthread_rwlock_unlock(with->lock);
    return ok;
}

static uint64_t digest_identities(void *context)
{
    const struct identities *identities = ((struct ingest *)context)->options.identities;
    uint64_t sum = identities_n_links(identities);
    for (size_t slot = 0; slot < identities_n_linked(identities); slot++) {
        size_t n;
        const uint32_t *members = identities_linked(identities, slot, &n);
        if (members) sum += hash_bytes(members, n * sizeof *members, identities_customer(identities, members[0]));
    }
    return sum;
}

static bool undo_consents(void *context, bool is_all, struct err *err)
{
    struct ingest *ingest = context;
    const struct ingest_options *with = &ingest->options;
    if (!is_all && !ingest->group.is_memory_changed) return true;
    pthread_rwlock_wrlock(with->lock);
    bool ok = consents_reload(with->consents, with->store, err);
    pthread_rwlock_unlock(with->lock);
    return ok;
}

static uint64_t digest_consents(void *context)
{
    return consents_digest(((struct ingest *)context)->options.consents);
}

static bool undo_messages(void *context, bool is_all, struct err *err)
{
    struct ingest *ingest = context;
    struct group *group = &ingest->group;
    (void)is_all, (void)err;
    while (group->n_messages > 0) dedupe_take_back(ingest->dedupe, group->messages[--group->n_messages]);
    return true;
}

static uint64_t digest_messages(void *context) { return dedupe_digest(((struct ingest *)context)->dedupe); }

static bool trim_letters(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct ingest *ingest = context;
    (void)taken;
    ingest->n_untrimmed += ingest->group.n_letters;
    if (ingest->n_untrimmed < TRIM_LETTERS_EVERY) return true;
    ingest->n_untrimmed = 0;
    return dead_letters_trim(store, err);
}

static uint64_t digest_letters(void *context)
{
    const struct ingest_options *with = &((struct ingest *)context)->options;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct dead_letter *letters;
    size_t n;
    uint64_t total = 0;
    struct err ignored;
    (void)!dead_letters_read(with->store, with->profiles, 1, arena, &letters, &n, &total, &ignored);
    arena_free(arena);
    return total;
}

void participants_init(struct ingest *ingest)
{
    const struct participant own[] = {
        { .name = "log", .take = append_events, .undo = undo_log, .digest = digest_log, .context = ingest },
        { .name = "identities", .undo = undo_identities, .digest = digest_identities, .context = ingest },
        { .name = "consents", .undo = undo_consents, .digest = digest_consents, .context = ingest },
        { .name = "messages", .undo = undo_messages, .digest = digest_messages, .context = ingest },
        { .name = "letters", .take = trim_letters, .digest = digest_letters, .context = ingest },
    };
    enum { N_OWN = sizeof own / sizeof *own };
    const struct ingest_options *with = &ingest->options;
    assert(N_OWN + with->n_participants <= INGEST_PARTICIPANTS_MOST);
    memcpy(ingest->participants, own, sizeof own);
    if (with->n_participants > 0)
        memcpy(ingest->participants + N_OWN, with->participants, with->n_participants * sizeof *own);
    ingest->n_participants = N_OWN + with->n_participants;
}

struct taken group_taken(const struct ingest *ingest)
{
    const struct group *group = &ingest->group;
    return (struct taken){ .received_ms = group->received_ms,
                           .events = &group->batch.events,
                           .links = group->links,
                           .n_links = group->n_links,
                           .asked = group->asked,
                           .n_asked = group->n_asked };
}

/* Every participant, also after one that failed: the next group tries all of them again. */
static bool undo_all(struct ingest *ingest, struct err *err)
{
    bool ok = true, is_all = ingest->must_undo;
    struct err failure;
    slice_leave(&ingest->group.slice);
    for (size_t i = 0; i < ingest->n_participants; i++) {
        const struct participant *participant = &ingest->participants[i];
        if (!participant->undo || participant->undo(participant->context, is_all, &failure)) continue;
        if (ok) *err = failure, err_context(err, "%s", participant->name);
        ok = false;
    }
    ingest->must_undo = !ok;
    return ok;
}

static bool take_all(struct ingest *ingest, struct err *err)
{
    const struct taken taken = group_taken(ingest);
    for (size_t i = 0; i < ingest->n_participants; i++) {
        const struct participant *participant = &ingest->participants[i];
        crash_point();
        if (participant->take &&
            !participant->take(participant->context, ingest->options.store, &taken, err))
            return false;
    }
    crash_point();
    return true;
}

/* ---- jobs and messages ---- */

/* Reads again what a failed job may have changed, as the transaction now has it. */
static bool reload(struct ingest *ingest, const struct log_mark *mark, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    slice_leave(&ingest->group.slice);
    pthread_rwlock_wrlock(with->lock);
    bool ok = (log_rollback_to(with->log, mark) || log_reload(with->log, err)) &&
              identities_reload(with->identities, with->store, err) &&
              consents_reload(with->consents, with->store, err);
    pthread_rwlock_unlock(with->lock);
    recent_clear(ingest);
    ingest->must_undo |= !ok;
    return ok;
}

/* Goes back to before the job that failed; what else the group wrote stays. */
static bool undo_job(struct ingest *ingest, const struct submission *submission, const struct log_mark *mark,
                     bool is_changed, struct err *err)
{
    store_rollback_to(ingest->options.store);
    return !is_changed || submission->changes != JOB_ANYTHING || reload(ingest, mark, err);
}

/* If a job fails, its part of the transaction and of what is in memory goes.  One that has the group for itself
 * ends as the group does, and needs no mark, which costs copies of pages. */
static bool run_job(struct ingest *ingest, struct submission *submission, struct err *err)
{
    struct store *store = ingest->options.store;
    struct log_mark mark = log_mark(ingest->options.log);
    bool is_alone = submission->changes == JOB_MUCH;
    if (!is_alone && !store_mark(store, err)) return false;
    uint64_t n_changes = store_changes(store);
    crash_point();
    bool ok = submission->job(store, submission->context, &submission->outcome.err);
    bool is_changed = store_changes(store) != n_changes;
    if (!store_in_transaction(store) || (is_alone && !ok)) {    /* a full disk makes the store undo everything */
        *err = submission->outcome.err;
        return false;
    }
    if (!ok) return undo_job(ingest, submission, &mark, is_changed, err);
    if (is_changed && submission->changes == JOB_ANYTHING)
        ingest->group.is_memory_changed = true, recent_clear(ingest);
    submission->outcome.err.code = ERR_NONE;
    return is_alone || store_release(store, err);
}

static bool take_messages(struct ingest *ingest, struct submission *submission, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    const struct intake *intake = &submission->intake;
    for (size_t i = 0; i < submission->n_letters; i++)
        if (!dead_letter_remove(with->store, submission->letters[i], err)) return false;
    if (!messages_take(ingest, submission, err)) return false;
    for (size_t i = 0; i < intake->n_refusals; i++)
        if (!letter_put(ingest, submission, &intake->refusals[i], err)) return false;
    return true;
}

static void group_begin(struct ingest *ingest)
{
    struct group *group = &ingest->group;
    int64_t now_ms = clock_now_ms(&ingest->options.clock);
    group->received_ms = now_ms > ingest->last_received_ms ? now_ms : ingest->last_received_ms;
    group->n_links = group->n_messages = group->n_letters = group->n_asked = group->asked_room = 0;
    group->is_memory_changed = false;
    group->mark = log_mark(ingest->options.log);
    event_batch_clear(&group->batch);
    arena_reset(group->arena);
}

/* As if the group had never been. */
static void undo(struct ingest *ingest, struct err *err)
{
    struct err second;
    store_rollback(ingest->options.store);
    if (err->code == ERR_BUSY) ingest->must_undo = true;        /* somebody else has written */
    if (!undo_all(ingest, &second)) err_context(err, "%s; and before it", second.text);
}

bool group_write(struct ingest *ingest, struct submission *first, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    struct group *group = &ingest->group;
    bool ok = true;
    group_begin(ingest);
    if (ingest->must_undo && !undo_all(ingest, err)) return false;
    group->mark = log_mark(with->log);
    if (!store_begin(with->store, err)) return false;
    for (struct submission *s = first; ok && s; s = s->next) {
        s->outcome = (struct ingest_outcome){ 0 };
        ok = s->job ? run_job(ingest, s, err) : take_messages(ingest, s, err);
    }
    slice_leave(&group->slice);
    ok = ok && take_all(ingest, err) && store_commit(with->store, err);
    if (!ok) {
        undo(ingest, err);
        return false;
    }
    ingest->last_received_ms = group->received_ms;
    return true;
}
