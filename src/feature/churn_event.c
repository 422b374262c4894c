/* churn_event.c - see churn_event.h. */
#include "feature/churn_event.h"
#include "base/letters.h"
#include "feature/history.h"
#include "feature/question_internal.h"

#include <string.h>

/* So many must have had one for its followers to say anything; a name that says it may let more come back. */
enum { HAD_LEAST = 30, LATELY_DAYS = 180, READ_MOST = 8 };
static const double BACK_MOST_NAMED = .2, BACK_MOST = .02, BACK_MOST_OF_USUAL = 1. / 3;
/* What has no such name is looked at where it happens once to a customer, and not to everybody. */
static const double EVENTS_OF_ONE = 1.1, SHARE_LEAST = .02, SHARE_MOST = .9;

/* Parts of slugs (letters_slug): of events and traits that tell of leaving, in the languages of which imports know
 * words. */
static const char *const words[] = {
    "churn",         "cancel",     "attrition", "unsubscrib", "deactivat", "terminat", "closed",
    "close_account", "delete_acc", "exit",      "left_",      "kündig",    "kuendig",  "austritt",
    "abmeld",        "résili",     "resili",    "désabon",    "desabon",   "opzeg",    "opgezegd",
    "disdett",       "recesso",    "baja",      "rescis",     "uppsäg",    "opsigel",  "udmeld",
    "wypowied",      "rezygnac",   "отмен",     "расторж",    "解約",      "退会",     NULL,
};
/* What is cancelled or closed is then an order or the like, or what is sent to people; whoever did it is still a customer. */
static const char *const of_something_else[] = {
    "order",   "cart",     "item",   "booking", "reserv", "payment",    "invoice", "ticket", "bestell", "commande",
    "pedido",  "ordine",   "заказ",  "mail",    "letter", "unsubscrib", "abmeld",  "désabon", "desabon", NULL,
};

static bool has_part(const char *slug, const char *const *parts)
{
    for (; *parts; parts++)
        if (strstr(slug, *parts)) return true;
    return false;
}

bool churn_event_is_named(const char *name, struct arena *arena)
{
    return has_part(letters_slug(arena, name), words);
}

static bool is_named(const char *name, struct arena *arena)
{
    const char *slug = letters_slug(arena, name);
    return has_part(slug, words) && !has_part(slug, of_something_else);
}

static bool read_kind(const struct log *log, const struct churn_event_request *request, uint16_t kind,
                      struct arena *arena, struct history *ret_history, struct err *err)
{
    const struct history_options options = { .goal_kind = kind, .as_of_ms = request->last_ms,
                                             .n_threads = request->n_threads ? request->n_threads : 1 };
    return history_read(log, &options, arena, ret_history, err);
}

/* The last day that has a whole horizon after it. */
static int64_t last_followed_day(const struct churn_event_request *request)
{
    return calendar_day_of_ms(request->last_ms - 1) - request->horizon_days;
}

/* The share of goal events that another of the same customer follows. */
static double usual_share_back(const struct history *goals, int64_t last_day)
{
    size_t n = 0, n_back = 0;
    for (size_t c = 0; c < goals->n_customers; c++)
        for (size_t i = goals->first[c]; i < goals->first[c + 1] && goals->day[i] <= last_day; i++) {
            n++;
            n_back += i + 1 < goals->first[c + 1];
        }
    return n ? (double)n_back / (double)n : 0;
}

static void count_back(const struct history *had, const struct history *goals, int64_t last_day,
                       struct churn_event *kind)
{
    size_t n_lately = 0;
    int32_t since_day =
        had->last_day - LATELY_DAYS < had->first_day ? had->first_day : had->last_day - LATELY_DAYS;
    for (size_t c = 0; c < had->n_customers; c++) {
        n_lately += had->day[had->first[c + 1] - 1] >= since_day;
        int32_t day = had->day[had->first[c]];
        size_t at;
        if (day > last_day) continue;
        kind->n_had++;
        if (history_find(goals, had->identity[c], &at)) kind->n_back += goals->day[goals->first[at + 1] - 1] > day;
    }
    kind->n_daily = (double)n_lately / (double)(had->last_day - since_day + 1);
}

/* What has been read: each kind takes a pass over the log. */
struct looking {
    struct arena  *scratch;
    struct history goals;
    double         share_most;          /* of those who may come back after a churn event, by how many come back anyway */
    size_t         n_read;
};

static bool is_candidate(const struct kind_survey *kind, uint64_t n_customers, bool is_named)
{
    double share = (double)kind->n_customers / (double)n_customers;
    if (kind->n_customers < HAD_LEAST) return false;
    return is_named || ((double)kind->n_events <= EVENTS_OF_ONE * (double)kind->n_customers &&
                        share >= SHARE_LEAST && share <= SHARE_MOST);
}

/* Keeps it in its place, if it has one. */
static void keep(struct churn_events *events, const struct churn_event *kind)
{
    size_t at = events->n;
    while (at > 0) {
        const struct churn_event *before = &events->event[at - 1];
        if (before->is_named != kind->is_named ? before->is_named : before->n_had >= kind->n_had) break;
        at--;
    }
    if (at == CHURN_EVENTS_MOST) return;
    if (events->n < CHURN_EVENTS_MOST) events->n++;
    memmove(&events->event[at + 1], &events->event[at], (events->n - at - 1) * sizeof *kind);
    events->event[at] = *kind;
}

/* One kind's turn: read, counted, and kept if hardly anybody came back after it. */
static bool look_at(const struct log *log, const struct churn_event_request *request, struct churn_event *kind,
                    struct looking *looking, struct churn_events *events, struct err *err)
{
    struct history had;
    int64_t last_day = last_followed_day(request);
    if (looking->n_read++ == 0) {
        if (!read_kind(log, request, request->goal_kind, looking->scratch, &looking->goals, err)) return false;
        looking->share_most = BACK_MOST_OF_USUAL * usual_share_back(&looking->goals, last_day);
    }
    if (!read_kind(log, request, kind->kind, looking->scratch, &had, err)) return false;
    count_back(&had, &looking->goals, last_day, kind);
    double share = (double)kind->n_back / (double)kind->n_had;
    if (request->only || (kind->n_had >= HAD_LEAST && share <= looking->share_most &&
        share <= (kind->is_named ? BACK_MOST_NAMED : BACK_MOST)))
        keep(events, kind);
    return true;
}

bool churn_events_find(const struct log *log, const struct churn_event_request *request, struct arena *arena,
                       struct churn_events *ret_events, struct err *err)
{
    const struct survey *survey = request->survey;
    struct looking looking = { .scratch = arena_new(ARENA_NO_LIMIT) };
    bool ok = true;
    *ret_events = (struct churn_events){ 0 };
    for (int named = 1; named >= 0; named--)            /* those first whose name says it */
        for (size_t k = 1; ok && k < survey->n_kinds && looking.n_read < READ_MOST; k++) {
            struct text text = log_name(log, DICTIONARY_KIND, (uint32_t)k);
            struct churn_event kind = { .name = arena_format(arena, "%.*s", (int)text.length, text.at),
                                        .kind = (uint16_t)k };
            kind.is_named = request->only || is_named(kind.name, looking.scratch);
            bool is_wanted = request->only ? strcmp(kind.name, request->only) == 0
                                           : k != request->goal_kind && !question_is_no_deed(kind.name) &&
                                                 is_candidate(&survey->kinds[k], survey->n_customers, kind.is_named);
            if (kind.is_named != named || !is_wanted) continue;
            ok = look_at(log, request, &kind, &looking, ret_events, err);
        }
    arena_free(looking.scratch);
    return ok;
}

const char *churn_events_none_since(const struct feature_set *set, const char *goal, const char *const *kinds,
                                    size_t n, struct arena *arena)
{
    const char *const *names = feature_names(set), *who = NULL;
    size_t since, left;
    for (size_t i = 0; i < n && feature_of_kind(set, goal, "recency_days", &since); i++)
        if (feature_of_kind(set, kinds[i], "recency_days", &left))
            who = arena_format(arena, "%s%s(\"%s\" IS NULL OR \"%s\" > \"%s\")", who ? who : "",
                               who ? " AND " : "", names[left], names[left], names[since]);
    return who;
}
