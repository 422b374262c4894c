/* retaining.c - see retaining.h.
 *
 * A pass is a chain of short jobs of the writer, so that nobody waits for it: each looks at some thousand customers
 * or takes away some thousand contents, and the next follows a second later.  Where it stands is not written down:
 * a pass that was cut off begins anew, and what is gone is not found again. */
#include "engine/retaining.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "govern/erasing.h"
#include "hub/ingest.h"
#include "live/live.h"
#include "store/setting.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_RETENTION "retention"

enum { SCAN_MOST = 20000, ERASE_MOST = 50, CONTENTS_MOST = 2000, STEP_MS = 1000, HOUR_MS = 3600 * 1000, THREE = 3,
       CUSTOMERS_LEAST_DAYS = 30, UNEXPECTED_DAYS = 10, WAIT_MOST_DAYS = 30 };

/* What is kept in the setting: since when the rule is waited for, when it was last seen to and what went, when that was
 * last put off, and until when; 0: never. */
struct kept { int64_t seen_ms, last_ms, n_customers, n_messages, n_rejects, put_off_ms, until_ms; };

struct retaining {
    struct service  *service;
    struct alarm    *alarm;
    pthread_mutex_t  mutex;             /* rule, kept */
    struct retention rule;
    struct kept      kept;
    /* Of the pass, the writer's; next is what holds once the job at hand is committed. */
    struct pass { uint32_t after; bool is_begun, has_customers, is_over, is_put_off; struct kept went; } pass, next;
    struct kept      began;             /* of a change of the rule that is being written down */
    struct retention changed;
};

/* ---- settings ---- */

static bool read_days(const struct yaml_node *section, const char *key, int64_t least, int64_t *days, struct err *err)
{
    if (!yaml_days(section, key, days, err)) return false;
    return !yaml_find(section, key) || *days >= least ||
           yaml_fail(yaml_find(section, key), err, "%s are kept for %lld day%s at least", key, (long long)least,
                     least == 1 ? "" : "s");
}

bool retention_read(const struct settings *settings, struct retention *ret_retention, struct err *err)
{
    static const char *const keys[] = { "customers", "messages", "rejects" };
    const struct yaml_node *section = settings_section(settings, "retention");
    struct retention retention = { 0 };
    if (section && (!yaml_check_keys(section, keys, sizeof keys / sizeof *keys, err) ||
                    !read_days(section, "customers", CUSTOMERS_LEAST_DAYS, &retention.customers_days, err) ||
                    !read_days(section, "messages", 1, &retention.messages_days, err) ||
                    !read_days(section, "rejects", 1, &retention.rejects_days, err)))
        return false;
    *ret_retention = retention;
    return true;
}

static bool is_same(const struct retention *a, const struct retention *b)
{
    return a->customers_days == b->customers_days && a->messages_days == b->messages_days &&
           a->rejects_days == b->rejects_days;
}

static bool is_any(const struct retention *rule)
{
    return rule->customers_days || rule->messages_days || rule->rejects_days;
}

/* ---- what is written down ---- */

static bool put_kept(struct store *store, const struct retention *rule, const struct kept *kept, struct err *err)
{
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "customers_days",
                             (json_int_t)rule->customers_days, "messages_days", (json_int_t)rule->messages_days,
                             "rejects_days", (json_int_t)rule->rejects_days, "seen_ms", (json_int_t)kept->seen_ms,
                             "last_ms", (json_int_t)kept->last_ms, "customers", (json_int_t)kept->n_customers,
                             "messages", (json_int_t)kept->n_messages, "rejects", (json_int_t)kept->n_rejects,
                             "put_off_ms", (json_int_t)kept->put_off_ms, "until_ms", (json_int_t)kept->until_ms);
    char *text = json_dumps(json, JSON_COMPACT);
    bool ok = setting_put(store, SETTING_RETENTION, text ? text : "{}", err);
    free(text);
    json_decref(json);
    return ok;
}

static int64_t number_of(const json_t *json, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(json, name));
}

static bool get_kept(struct store *store, struct retention *ret_rule, struct kept *ret_kept, struct err *err)
{
    char *text = NULL;
    if (!setting_get(store, SETTING_RETENTION, &text, err)) return false;
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    *ret_rule = (struct retention){ number_of(json, "customers_days"), number_of(json, "messages_days"),
                                    number_of(json, "rejects_days") };
    *ret_kept = (struct kept){ number_of(json, "seen_ms"), number_of(json, "last_ms"), number_of(json, "customers"),
                               number_of(json, "messages"), number_of(json, "rejects"),
                               number_of(json, "put_off_ms"), number_of(json, "until_ms") };
    json_decref(json);
    free(text);
    return true;
}

/* ---- when ---- */

/* Three o'clock of the first day on which the rule has stood for a whole day, and for as long as it was put off, and nothing
 * was seen to yet; in the past where the server did not run then. */
static int64_t due_ms(const struct retention *rule, const struct kept *kept)
{
    int64_t earliest = kept->seen_ms + MS_PER_DAY;
    if (!is_any(rule)) return NEVER_MS;
    if (kept->until_ms > earliest) earliest = kept->until_ms;
    if (kept->last_ms >= earliest) earliest = kept->last_ms + 1;
    int64_t three = calendar_day_of_ms(earliest) * MS_PER_DAY + THREE * (int64_t)HOUR_MS;
    return three >= earliest ? three : three + MS_PER_DAY;
}

static void set_alarm(struct retaining *r)
{
    (void)pthread_mutex_lock(&r->mutex);
    int64_t at_ms = due_ms(&r->rule, &r->kept);
    (void)pthread_mutex_unlock(&r->mutex);
    alarm_set(r->alarm, at_ms);
}

/* Whether now is no instant that could be expected: long after what was due, where the clock leapt or no server ran,
 * or before what was written down, once it was set back from there.  By a wrong clock everybody is old. */
static bool is_unexpected(const struct kept *kept, int64_t due, int64_t now_ms)
{
    int64_t newest_ms = kept->seen_ms > kept->last_ms ? kept->seen_ms : kept->last_ms;
    return now_ms > due + UNEXPECTED_DAYS * MS_PER_DAY || now_ms < newest_ms - MS_PER_DAY;
}

/* ---- a pass ---- */

/* Whether a customer that live_next named is somebody still, and was last heard of before.  A table without days is put
 * down on the first day of 1970: of those it is not known when they were heard of.  With the lock. */
static bool is_due(struct service *service, uint32_t customer, int64_t before_ms)
{
    int64_t last_ms;
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
    return !log_name_is_erased(name) && live_known(service->live, customer, &last_ms) && last_ms >= MS_PER_DAY &&
           last_ms < before_ms;
}

/* The next customers that are due: at most most of them, of SCAN_MOST that are looked at.  *after is 0 at the end. */
static size_t find_due(struct service *service, int64_t before_ms, size_t most, uint32_t *after, uint32_t *ret_due)
{
    size_t n = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < SCAN_MOST && n < most; i++) {
        if ((*after = live_next(service->live, *after)) == 0) break;
        if (!is_due(service, *after, before_ms)) continue;
        if (ret_due) ret_due[n] = *after;
        n++;
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return n;
}

static bool erase_some(struct retaining *r, struct store *store, int64_t before_ms, int64_t now_ms, struct err *err)
{
    uint32_t due[ERASE_MOST];
    size_t n = find_due(r->service, before_ms, ERASE_MOST, &r->next.after, due);
    for (size_t i = 0; i < n; i++)
        if (!erasing_ask(r->service->erasing, store, due[i], now_ms, "retention", err)) return false;
    r->next.went.n_customers += (int64_t)n;
    r->next.has_customers = r->next.after == 0;
    return true;
}

static bool forget_some(struct retaining *r, struct store *store, const struct retention *rule, int64_t now_ms,
                        struct err *err)
{
    uint64_t before = store_changes(store), between;
    if (rule->messages_days &&
        !sql_retention_messages(store, now_ms - rule->messages_days * MS_PER_DAY, CONTENTS_MOST, err))
        return false;
    between = store_changes(store);
    r->next.went.n_messages += (int64_t)(between - before);
    if (between - before == CONTENTS_MOST) return true;
    if (rule->rejects_days && !sql_retention_rejects(store, now_ms - rule->rejects_days * MS_PER_DAY, err)) return false;
    r->next.went.n_rejects += (int64_t)(store_changes(store) - between);
    r->next.is_over = true;
    return true;
}

static bool write_down(struct retaining *r, struct store *store, const struct retention *rule, int64_t now_ms,
                       struct err *err)
{
    struct kept *went = &r->next.went;
    char what[160];
    (void)pthread_mutex_lock(&r->mutex);
    went->seen_ms = r->kept.seen_ms, went->put_off_ms = r->kept.put_off_ms, went->until_ms = 0, went->last_ms = now_ms;
    (void)pthread_mutex_unlock(&r->mutex);
    snprintf(what, sizeof what, "retention: %lld customers, texts of %lld messages, %lld refused messages",
             (long long)went->n_customers, (long long)went->n_messages, (long long)went->n_rejects);
    if (went->n_customers || went->n_messages) erasing_scrub(r->service->erasing);
    return put_kept(store, rule, went, err) &&
           (went->n_customers + went->n_messages + went->n_rejects == 0 ||
            audit_put(store, now_ms, "server", what, 0, err));
}

/* Whoever is due is shown on the page for a day before they go, as of a rule that has just been made; where the clock is
 * ahead, for as many days as it is beyond what was due, but WAIT_MOST_DAYS: the further it leapt the more would go, and the
 * more time there is to find that it is wrong. */
static bool put_off(struct retaining *r, struct store *store, const struct retention *rule, int64_t due, int64_t now_ms,
                    struct err *err)
{
    (void)pthread_mutex_lock(&r->mutex);
    r->next.went = r->kept;
    (void)pthread_mutex_unlock(&r->mutex);
    struct kept *went = &r->next.went;
    int64_t ahead_ms = now_ms - due, most_ms = WAIT_MOST_DAYS * MS_PER_DAY;
    went->seen_ms = went->put_off_ms = now_ms;
    went->until_ms = now_ms + (ahead_ms < MS_PER_DAY ? MS_PER_DAY : ahead_ms < most_ms ? ahead_ms : most_ms);
    if (went->last_ms > now_ms) went->last_ms = now_ms;
    r->next.is_over = r->next.is_put_off = true;
    return put_kept(store, rule, went, err) &&
           audit_put(store, now_ms, "server", "retention: put off, for the clock is not where it was expected", 0,
                     err);
}

/* One step of a pass, as a job. */
static bool step(struct store *store, void *context, struct err *err)
{
    struct retaining *r = context;
    struct as_of as_of = service_as_of(r->service);
    (void)pthread_mutex_lock(&r->mutex);
    struct retention rule = r->rule;
    int64_t due = due_ms(&rule, &r->kept), now_ms = scheduler_now_ms(r->service->scheduler);
    bool puts_off = !r->pass.is_begun && is_any(&rule) && !as_of_is_still(&as_of) && is_unexpected(&r->kept, due, now_ms);
    (void)pthread_mutex_unlock(&r->mutex);
    bool is_early = now_ms < due;       /* the clock was set back, or the rule became another since it rang */
    r->next = r->pass;
    if (puts_off) return put_off(r, store, &rule, due, now_ms, err);
    if (is_early && !r->next.is_begun) return true;
    if (!r->next.is_begun) r->next = (struct pass){ .is_begun = true, .has_customers = rule.customers_days == 0 };
    if (is_early || as_of_is_still(&as_of)) r->next.is_over = true;
    else if (!r->next.has_customers) return erase_some(r, store, now_ms - rule.customers_days * MS_PER_DAY, now_ms, err);
    else if (!forget_some(r, store, &rule, now_ms, err)) return false;
    return !r->next.is_over || write_down(r, store, &rule, now_ms, err);
}

static void stepped(void *context, const struct err *result)
{
    struct retaining *r = context;
    bool ok = result->code == ERR_NONE;
    if (ok) r->pass = r->next;
    if (ok && r->pass.is_over) {
        (void)pthread_mutex_lock(&r->mutex);
        /* The rule may have become another since it was written down. */
        if (!r->pass.is_put_off) r->pass.went.seen_ms = r->kept.seen_ms;
        r->kept = r->pass.went;
        (void)pthread_mutex_unlock(&r->mutex);
        r->pass = (struct pass){ 0 };
    }
    if (ok && !r->pass.is_begun) set_alarm(r);
    else alarm_set(r->alarm, scheduler_now_ms(r->service->scheduler) + (ok ? STEP_MS : HOUR_MS));
}

static void ring(void *context)
{
    struct retaining *r = context;
    struct err busy;
    if (!ingest_run_later(r->service->ingest, step, r, stepped, &busy)) stepped(r, &busy);
}

/* ---- start and end ---- */

static bool begin(struct store *store, void *context, struct err *err)
{
    struct retaining *r = context;
    return put_kept(store, &r->changed, &r->began, err);
}

bool retaining_reload(struct retaining *r, const struct settings *settings, struct err *err)
{
    struct retention rule;
    if (!retention_read(settings, &rule, err)) return false;
    (void)pthread_mutex_lock(&r->mutex);
    bool is_changed = !is_same(&rule, &r->rule);
    r->began = r->kept, r->changed = rule;
    (void)pthread_mutex_unlock(&r->mutex);
    if (!is_changed) return true;
    r->began.seen_ms = scheduler_now_ms(r->service->scheduler);
    if (!ingest_run(r->service->ingest, begin, r, err)) return false;
    (void)pthread_mutex_lock(&r->mutex);
    r->rule = rule, r->kept = r->began;
    (void)pthread_mutex_unlock(&r->mutex);
    set_alarm(r);
    return true;
}

bool retaining_start(struct service *service, const struct settings *settings, struct retaining **ret_retaining,
                     struct err *err)
{
    struct retaining *r = memory_new(1, sizeof *r);
    r->service = service;
    (void)pthread_mutex_init(&r->mutex, NULL);
    r->alarm = alarm_new(service->scheduler, "retention", ring, r);
    *ret_retaining = r;         /* closed with the service, however far it came */
    struct store *store;        /* the service's own is the writer's by now */
    if (!service_read(service, &store, err)) return false;
    bool ok = get_kept(store, &r->rule, &r->kept, err);
    service_read_done(service, store);
    if (!ok || !retaining_reload(r, settings, err)) return false;
    set_alarm(r);
    return true;
}

void retaining_free(struct retaining *r)
{
    if (!r) return;
    alarm_free(r->alarm);
    (void)pthread_mutex_destroy(&r->mutex);
    free(r);
}

/* ---- what there is to say ---- */

bool retaining_status(struct retaining *r, struct store *store, struct retaining_status *ret_status, struct err *err)
{
    (void)pthread_mutex_lock(&r->mutex);
    struct retention rule = r->rule;
    struct kept kept = r->kept;
    (void)pthread_mutex_unlock(&r->mutex);
    int64_t now_ms = scheduler_now_ms(r->service->scheduler), next_ms = due_ms(&rule, &kept);
    struct retaining_status status = { .rule = rule, .last_ms = kept.last_ms, .n_customers = kept.n_customers,
                                       .n_messages = kept.n_messages, .n_rejects = kept.n_rejects,
                                       .put_off_ms = kept.put_off_ms };
    struct as_of as_of = service_as_of(r->service);
    if (next_ms == NEVER_MS || as_of_is_still(&as_of)) {
        *ret_status = status;
        return true;
    }
    status.next_ms = next_ms > now_ms ? next_ms : now_ms;
    if (!sql_retention_due(store,
                           rule.messages_days ? status.next_ms - rule.messages_days * MS_PER_DAY : INT64_MIN,
                           rule.rejects_days ? status.next_ms - rule.rejects_days * MS_PER_DAY : INT64_MIN,
                           &status.due_messages, &status.due_rejects, err))
        return false;
    uint32_t after = 0;
    if (rule.customers_days)
        do status.due_customers += (int64_t)find_due(r->service, status.next_ms - rule.customers_days * MS_PER_DAY,
                                                     SCAN_MOST, &after, NULL);
        while (after);
    *ret_status = status;
    return true;
}
