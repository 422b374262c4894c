/* ingest_group.c - one transaction: jobs, then messages, then their events; and how it is undone; see ingest.h. */
#include "hub/ingest_internal.h"

#include "base/crash_point.h"
#include "hub/dead_letter.h"

enum { TRIM_LETTERS_EVERY = 4096 };

/* Reads again what is in memory of the store, where going back to the mark is not enough. */
static bool reload(struct ingest *ingest, const struct log_mark *mark, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    struct group *group = &ingest->group;
    slice_leave(&group->slice);
    pthread_rwlock_wrlock(with->lock);
    bool is_log_back = !ingest->must_reload && log_rollback_to(with->log, mark);
    bool ok = is_log_back || log_reload(with->log, err);
    if (ok && (group->is_memory_changed || ingest->must_reload || !is_log_back))
        ok = identities_reload(with->identities, with->store, err) &&
             consents_reload(with->consents, with->store, err);
    pthread_rwlock_unlock(with->lock);
    recent_clear(ingest);
    ingest->must_reload = !ok;
    return ok;
}

/* Goes back to before the job that failed; what else the group wrote stays. */
static bool undo_job(struct ingest *ingest, const struct submission *submission, const struct log_mark *mark,
                     bool is_changed, struct err *err)
{
    struct group *group = &ingest->group;
    store_rollback_to(ingest->options.store);
    if (!is_changed || submission->changes != JOB_ANYTHING) return true;
    bool was_changed = group->is_memory_changed;
    group->is_memory_changed = true;
    bool ok = reload(ingest, mark, err);
    group->is_memory_changed = was_changed;
    return ok;
}

/* If a job fails, its part of the transaction and of what is in memory goes.  One that has the group for itself ends
 * as the group does, and needs no mark, which costs copies of pages. */
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

static bool trim_letters(struct ingest *ingest, struct err *err)
{
    ingest->n_untrimmed += ingest->group.n_letters;
    if (ingest->n_untrimmed < TRIM_LETTERS_EVERY) return true;
    ingest->n_untrimmed = 0;
    return dead_letters_trim(ingest->options.store, err);
}

static void group_begin(struct ingest *ingest)
{
    struct group *group = &ingest->group;
    int64_t now_ms = clock_now_ms(&ingest->options.clock);
    group->received_ms = now_ms > ingest->last_received_ms ? now_ms : ingest->last_received_ms;
    group->n_links = group->n_messages = group->n_letters = group->n_requests = 0;
    group->is_memory_changed = false;
    group->mark = log_mark(ingest->options.log);
    event_batch_clear(&group->batch);
    arena_reset(group->arena);
}

/* As if the group had never been. */
static void undo(struct ingest *ingest, struct err *err)
{
    struct group *group = &ingest->group;
    struct err second;
    store_rollback(ingest->options.store);
    for (size_t i = group->n_messages; i-- > 0;) dedupe_take_back(ingest->dedupe, group->messages[i]);
    if (err->code == ERR_BUSY) ingest->must_reload = true;      /* somebody else has written */
    if (!reload(ingest, &group->mark, &second)) err_context(err, "%s; and before it", second.text);
}

bool group_write(struct ingest *ingest, struct submission *first, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    struct group *group = &ingest->group;
    bool ok = true;
    group_begin(ingest);
    if (ingest->must_reload && !reload(ingest, &group->mark, err)) return false;
    group->mark = log_mark(with->log);
    if (!store_begin(with->store, err)) return false;
    for (struct submission *s = first; ok && s; s = s->next) {
        s->outcome = (struct ingest_outcome){ 0 };
        ok = s->job ? run_job(ingest, s, err) : take_messages(ingest, s, err);
    }
    slice_leave(&group->slice);
    crash_point();
    ok = ok && log_append(with->log, &group->batch.events, err) && trim_letters(ingest, err) &&
         store_commit(with->store, err);
    if (!ok) {
        undo(ingest, err);
        return false;
    }
    ingest->last_received_ms = group->received_ms;
    return true;
}
