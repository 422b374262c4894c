/* routes_survey.c - what customers answered when they were asked how likely they are to recommend the shop: the net
 * promoter score with its interval, month by month, and their words (GET /v1/surveys).
 *
 * An answer is an event whose name tells of NPS or a survey, with a score of 0 to 10 among its properties.  Of
 * each customer the last in the period counts; of each month, the last of each customer in it.  A reason is told; a
 * comment is a personal field, sealed with the customer's. */
#include "server/route.h"

#include "base/arena_list.h"
#include "base/calendar.h"
#include "customer/identity.h"
#include "engine/service.h"
#include "feature/properties.h"
#include "log/log.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1095 days begin in one month and end at most 36 later. */
enum { SCORES = 11, MONTHS_MOST = 37, WORDS_MOST = 50, DAYS_USUAL = 365, DAYS_MOST = 1095 };

static const int64_t DAY_MS = 86400000;

struct answers { uint64_t n[SCORES]; };

/* One answer; nth: as they were read.  month: since that of the period's begin. */
struct given {
    int64_t  at_ms;
    uint32_t customer, nth;
    int8_t   score, month;
};

struct words { int64_t at_ms; uint32_t customer; int score; const char *text; };

struct reading_surveys {
    struct service *service;
    struct arena   *arena;
    int64_t         from_ms, until_ms;
    bool           *is_survey;          /* [n_kinds] */
    size_t          n_kinds, n_people;
    uint32_t       *customer;           /* [n_people] whose the identity is */
    struct given   *given;              /* [n_given] in the period */
    size_t          n_given, given_room;
    struct words    words[WORDS_MOST];  /* [n_words] the newest first */
    size_t          n_words;
};

static bool is_told(struct text name, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= name.length; i++)
        if (text_equal_ignoring_case((struct text){ name.at + i, n }, text_of(word))) return true;
    return false;
}

static void read_names(struct reading_surveys *r)
{
    struct service *service = r->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    r->n_kinds = log_n_names(service->log, DICTIONARY_KIND);
    r->n_people = log_n_names(service->log, DICTIONARY_IDENTITY);
    r->is_survey = ARENA_ARRAY(r->arena, bool, r->n_kinds + 1);
    r->customer = ARENA_ARRAY(r->arena, uint32_t, r->n_people + 1);
    for (size_t k = 1; k < r->n_kinds; k++) {
        struct text name = log_name(service->log, DICTIONARY_KIND, (uint32_t)k);
        r->is_survey[k] = is_told(name, "nps") || is_told(name, "survey") || is_told(name, "promoter");
    }
    for (size_t i = 0; i < r->n_people; i++) r->customer[i] = identities_customer(service->identities, (uint32_t)i);
    (void)pthread_rwlock_unlock(&service->lock);
}

/* ---- one answer ---- */

static bool is_any(struct text name, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (text_equal_ignoring_case(name, text_of(list[i]))) return true;
    return false;
}

/* False: it has no score of 0 to 10.  *ret_words: NULL none; arena NULL: they are not wanted. */
static bool read_answer(struct text json, struct arena *arena, int *ret_score, const char **ret_words)
{
    static const char *const scores[] = { "score", "nps", "nps_score", "rating", "value", "answer", NULL };
    static const char *const words[] = { "reason", "text", "why", "words", NULL };
    struct properties properties;
    struct property one;
    bool has_score = false;
    *ret_words = NULL;
    properties_begin(&properties, json);
    while (properties_next(&properties, &one)) {
        int64_t score;
        if (is_any(one.name, scores) && text_int64(one.value, &score) && score >= 0 && score < SCORES)
            has_score = true, *ret_score = (int)score;
        else if (arena && is_any(one.name, words) && one.value.length > 0)
            *ret_words = arena_format(arena, "%.*s", (int)one.value.length, one.value.at);
    }
    return has_score;
}

static void keep_words(struct reading_surveys *r, struct words said)
{
    size_t at = r->n_words;
    while (at > 0 && r->words[at - 1].at_ms < said.at_ms) at--;
    if (at == WORDS_MOST) return;
    if (r->n_words < WORDS_MOST) r->n_words++;
    memmove(&r->words[at + 1], &r->words[at], (r->n_words - at - 1) * sizeof *r->words);
    r->words[at] = said;
}

static int64_t month_of(int64_t at_ms)
{
    struct civil day = calendar_civil(calendar_day_of_ms(at_ms));
    return (int64_t)day.year * 12 + day.month - 1;
}

static void take(struct reading_surveys *r, uint32_t identity, int64_t at_ms, struct text json)
{
    int score;
    const char *words;
    bool is_new = r->n_words < WORDS_MOST || r->words[WORDS_MOST - 1].at_ms < at_ms;
    if (identity == 0 || identity >= r->n_people || at_ms < r->from_ms || at_ms >= r->until_ms ||
        !read_answer(json, is_new ? r->arena : NULL, &score, &words))
        return;
    uint32_t customer = r->customer[identity] < r->n_people ? r->customer[identity] : identity;
    int64_t month = month_of(at_ms) - month_of(r->from_ms);
    assert(month >= 0 && month < MONTHS_MOST);
    r->given = arena_list_grow(r->arena, r->given, r->n_given, &r->given_room, sizeof *r->given);
    r->given[r->n_given] = (struct given){ at_ms, customer, (uint32_t)r->n_given, (int8_t)score, (int8_t)month };
    r->n_given++;
    if (words) keep_words(r, (struct words){ at_ms, customer, score, words });
}

static bool read_log(struct reading_surveys *r, struct store *store, struct err *err)
{
    struct log_reader *reader;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = log_reader_open_through(r->service->log, store, &reader, err);
    if (ok) log_reader_share_names(reader, &r->service->lock);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct events events;
        arena_reset(arena);
        ok = log_read(reader, partition, LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_PROPERTIES, arena, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            if (events.kind[i] >= r->n_kinds || !r->is_survey[events.kind[i]]) continue;
            uint32_t from = i > 0 ? events.properties_end[i - 1] : 0;
            take(r, events.identity[i], events.time_ms[i],
                 (struct text){ events.properties_bytes + from, events.properties_end[i] - from });
        }
    }
    if (ok) log_reader_close(reader);
    arena_free(arena);
    return ok;
}

/* ---- what it comes to ---- */

/* Each answer is +1, 0 or -1: their mean, and its interval by their variance as if three more had answered, so that
 * few who are of one mind do not stand for all.
 * Source: Sauro and Lewis, Quantifying the User Experience, 2016: an adjusted Wald interval. */
static json_t *score_json(const struct answers *answers)
{
    double n = 0, up = 0, down = 0;
    for (size_t i = 0; i < SCORES; i++) {
        n += (double)answers->n[i];
        if (i >= 9) up += (double)answers->n[i];
        if (i <= 6) down += (double)answers->n[i];
    }
    if (n < 1) return json_null();
    double mean = (up - down) / n, middle = (up - down) / (n + 3);
    double variance = (up + down + 1.5) / (n + 3) - middle * middle;
    double half = 1.959963984540054 * sqrt(variance / (n + 3));
    return json_pack("{s:f, s:f, s:f}", "value", 100 * mean, "low", 100 * fmax(-1, fmin(mean, middle - half)),
                     "high", 100 * fmin(1, fmax(mean, middle + half)));
}

static int by_customer(const void *a, const void *b)
{
    const struct given *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return x->nth < y->nth ? -1 : 1;
}

/* Of each customer the last answer, and of each month the last in it. */
static void count(struct reading_surveys *r, struct answers *ret_all, struct answers ret_months[MONTHS_MOST])
{
    if (r->n_given > 0) qsort(r->given, r->n_given, sizeof *r->given, by_customer);
    for (size_t i = 0; i < r->n_given; i++) {
        const struct given *one = &r->given[i], *next = i + 1 < r->n_given ? one + 1 : NULL;
        bool is_last = !next || next->customer != one->customer;
        ret_all->n[one->score] += is_last;
        ret_months[one->month].n[one->score] += is_last || next->month != one->month;
    }
}

static uint64_t total_of(const struct answers *answers)
{
    uint64_t total = 0;
    for (size_t i = 0; i < SCORES; i++) total += answers->n[i];
    return total;
}

static json_t *months_json(const struct reading_surveys *r, const struct answers of[MONTHS_MOST])
{
    json_t *months = json_array();
    for (size_t m = 0; m < MONTHS_MOST; m++) {
        uint64_t n = total_of(&of[m]);
        int64_t month = month_of(r->from_ms) + (int64_t)m;
        if (n == 0) continue;
        json_array_append_new(months, json_pack("{s:o, s:I, s:o}", "month",
                                                json_sprintf("%04d-%02d", (int)(month / 12), (int)(month % 12) + 1),
                                                "n", (json_int_t)n, "nps", score_json(&of[m])));
    }
    return months;
}

static json_t *words_json(const struct reading_surveys *r)
{
    struct service *service = r->service;
    json_t *list = json_array();
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < r->n_words; i++) {
        struct text id = log_name(service->log, DICTIONARY_IDENTITY, r->words[i].customer);
        json_array_append_new(list, json_pack("{s:I, s:s%, s:i, s:s}", "at_ms", (json_int_t)r->words[i].at_ms,
                                              "customer", id.at, id.length, "score", r->words[i].score, "text",
                                              r->words[i].text));
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return list;
}

static json_t *answer_json(struct reading_surveys *r, bool has_words)
{
    struct answers answers = { { 0 } }, months[MONTHS_MOST] = { 0 };
    json_t *scores = json_array();
    count(r, &answers, months);
    for (size_t i = 0; i < SCORES; i++) json_array_append_new(scores, json_integer((json_int_t)answers.n[i]));
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "from_ms", (json_int_t)r->from_ms, "as_of_ms",
                     (json_int_t)r->until_ms, "n", (json_int_t)total_of(&answers), "nps", score_json(&answers),
                     "scores", scores, "months", months_json(r, months), "words",
                     has_words ? words_json(r) : json_null());
}

static enum handling handle_surveys(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    int64_t days;
    if (!request_query_int(request, "days", 1, DAYS_MOST, DAYS_USUAL, &days, &err))
        return reply_error(request, reply, &err, "days");
    struct reading_surveys *r = ARENA_NEW(request->arena, struct reading_surveys);
    r->service = request->service, r->arena = request->arena;
    r->until_ms = service_instant_ms(request->service), r->from_ms = r->until_ms - days * DAY_MS;
    read_names(r);
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_log(r, store, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, answer_json(r, (request->grant.rights & ACCESS_CUSTOMER) != 0));
    return HANDLED;
}

static const struct route_field surveys_query[] = {
    { "days", "integer", "how long the period is that ends now: 1 to 1095, usually 365", false },
    { 0 },
};
static const struct route_field surveys_answer[] = {
    { "from_ms", "integer", "where the period begins", true },
    { "as_of_ms", "integer", "where it ends", true },
    { "n", "integer", "customers who answered; of each the last counts", true },
    { "nps", "object", "the share of 9 and 10 less that of 0 to 6, times 100; null: nobody answered", false },
    { "nps.value", "number", "-100 to 100", false },
    { "nps.low", "number", "the lower end of its 95 % interval", false },
    { "nps.high", "number", "the upper end", false },
    { "scores", "array", "how many gave 0, 1 ... 10", true },
    { "scores[]", "integer", "customers", true },
    { "months", "array", "those with answers, by UTC; of each customer the last in the month", true },
    { "months[].month", "string", "2026-09", true },
    { "months[].n", "integer", "customers who answered", true },
    { "months[].nps", "object", "as above", true },
    { "months[].nps.value", "number", "-100 to 100", true },
    { "months[].nps.low", "number", "the lower end of its 95 % interval", true },
    { "months[].nps.high", "number", "the upper end", true },
    { "words", "array, null", "their reasons, the newest first; null: who asks may not look at customers", true },
    { "words[].at_ms", "integer", "when", true },
    { "words[].customer", "string", "who", true },
    { "words[].score", "integer", "what they gave", true },
    { "words[].text", "string", "in their words, at most 256 bytes", true },
    { 0 },
};

const struct route routes_survey[] = {
    { .method = "GET",
      .path = "/v1/surveys",
      .needs = ACCESS_VIEW,
      .handle = handle_surveys,
      .keeps = ROUTE_KEEPS_TILL_ACT, .keeps_rights = ACCESS_CUSTOMER, .keeps_people = true, .is_slow = true,
      .summary = "How likely customers are to recommend the shop: the net promoter score, and their words",
      .details = "Answers are events named after NPS or a survey, with a score of 0 to 10 and perhaps a reason.  "
                 "A comment is a personal field and is not told here.",
      .query = surveys_query,
      .answer = surveys_answer,
      .answer_example = "{\"from_ms\": 1758464000000, \"as_of_ms\": 1790000000000, \"n\": 0, \"nps\": null, "
                        "\"scores\": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], \"months\": [], \"words\": []}" },
    { 0 },
};
