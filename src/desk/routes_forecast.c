/* routes_forecast.c - what the next weeks bring, with the range that past errors need, and what would have been
 * said on earlier days (GET /v1/forecast).
 *
 * A week is seven days that end at the instant that the server answers as of, or whole weeks before.  Revenue is
 * that of the overview: what was paid in the week, less what went back in it. */
#include "server/route.h"

#include "base/text.h"
#include "engine/service.h"
#include "log/log.h"
#include "desk/projection.h"
#include "desk/purchases.h"

#include <math.h>
#include <string.h>

enum { WEEKS_USUAL = 8, WEEKS_KEPT = 1040, WEEKS_SHOWN = 104 };

static const int64_t WEEK_MS = 7 * 86400000LL;

/* By how many weeks ago they ended. */
struct history_weeks {
    int64_t as_of_ms, first_ms;
    double  cents[WEEKS_KEPT];
};

static bool read_weeks(struct service *service, struct store *store, struct history_weeks *weeks, struct err *err)
{
    struct log_reader *reader;
    struct purchases purchases;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool is_open = log_reader_open_through(service->log, store, &reader, err);
    if (is_open) log_reader_share_names(reader, &service->lock);
    bool ok = is_open && purchases_open(service, reader, weeks->as_of_ms, &purchases, err);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct events events;
        arena_reset(arena);
        ok = log_read(reader, partition, PURCHASE_COLUMNS, arena, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            int64_t cents, at_ms = events.time_ms[i], ago = (weeks->as_of_ms - 1 - at_ms) / WEEK_MS;
            if (!purchase_of(&purchases, &events, i, &cents)) continue;
            if (at_ms < weeks->first_ms) weeks->first_ms = at_ms;
            if (ago < WEEKS_KEPT) weeks->cents[ago] += (double)cents;
        }
    }
    if (is_open) log_reader_close(reader);
    arena_free(arena);
    return ok;
}

/* Whole weeks since the first order; at most those that are kept. */
static size_t whole_weeks(const struct history_weeks *weeks)
{
    int64_t whole = weeks->first_ms == INT64_MAX ? 0 : (weeks->as_of_ms - weeks->first_ms) / WEEK_MS;
    return whole < WEEKS_KEPT ? (size_t)whole : WEEKS_KEPT;
}

static json_t *range_json(struct projected range)
{
    return json_pack("{s:I, s:I, s:I}", "value_cents", (json_int_t)llround(range.value), "low_cents",
                     (json_int_t)llround(range.low), "high_cents", (json_int_t)llround(range.high));
}

static json_t *past_json(const struct history_weeks *weeks, size_t n)
{
    json_t *past = json_array();
    for (size_t ago = n < WEEKS_SHOWN ? n : WEEKS_SHOWN; ago-- > 0;)
        json_array_append_new(past, json_pack("{s:I, s:I}", "until_ms",
                                              (json_int_t)(weeks->as_of_ms - (int64_t)ago * WEEK_MS),
                                              "revenue_cents", (json_int_t)llround(weeks->cents[ago])));
    return past;
}

static json_t *checks_json(const struct history_weeks *weeks, const struct projection_check *checks, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *one = range_json(checks[i].said);
        json_object_set_new(one, "as_of_ms",
                            json_integer((json_int_t)(weeks->as_of_ms - (int64_t)checks[i].weeks_ago * WEEK_MS)));
        json_object_set_new(one, "came_cents", json_integer((json_int_t)llround(checks[i].came)));
        json_array_append_new(list, one);
    }
    return list;
}

static void set_projection(json_t *json, const struct history_weeks *weeks, const double *past, size_t n,
                           size_t n_ahead)
{
    struct projection_check checks[PROJECTION_CHECKS_MOST];
    struct projection p = projection_make(past, n, n_ahead);
    size_t n_checks = projection_check(past, n, n_ahead, checks), held = 0;
    json_t *ahead = json_array();
    for (size_t h = 0; h < n_ahead; h++) {
        json_t *one = range_json(p.weeks[h]);
        int64_t until_ms = weeks->as_of_ms + (int64_t)(h + 1) * WEEK_MS;
        json_object_set_new(one, "until_ms", json_integer((json_int_t)until_ms));
        json_array_append_new(ahead, one);
    }
    for (size_t i = 0; i < n_checks; i++)
        held += checks[i].said.low <= checks[i].came && checks[i].came <= checks[i].said.high;
    json_object_set_new(json, "way", json_string(projection_words[p.way]));
    json_object_set_new(json, "ahead", ahead);
    json_object_set_new(json, "total", range_json(p.total));
    json_object_set_new(json, "error_share", isnan(p.error_share) ? json_null() : json_real(p.error_share));
    json_object_set_new(json, "checks", checks_json(weeks, checks, n_checks));
    json_object_set_new(json, "held", json_integer((json_int_t)held));
}

static json_t *forecast_json(const struct history_weeks *weeks, size_t n_ahead, struct arena *arena)
{
    size_t n = whole_weeks(weeks), least = projection_least(n_ahead);
    double *past = ARENA_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++) past[i] = weeks->cents[n - 1 - i];
    json_t *json = json_pack("{s:I, s:I, s:n, s:n, s:o, s:[], s:n, s:n, s:[], s:i}", "as_of_ms",
                             (json_int_t)weeks->as_of_ms, "weeks", (json_int_t)n_ahead, "refused", "way", "past",
                             past_json(weeks, n), "ahead", "total", "error_share", "checks", "held", 0);
    if (n >= least) set_projection(json, weeks, past, n, n_ahead);
    else if (n == 0)
        json_object_set_new(json, "refused",
                            json_string("no whole week of orders is known, so there is nothing to foretell from: send "
                                        "orders, or bring in a file of them"));
    else json_object_set_new(json, "refused",
                             json_string(arena_format(arena,
                                                      "%zu weeks ahead need %zu whole weeks of orders, and there "
                                                      "are %zu; ask for fewer weeks, or wait",
                                                      n_ahead, least, n)));
    return json;
}

static enum handling handle_forecast(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    int64_t ahead;
    if (!request_query_int(request, "weeks", 1, PROJECTION_WEEKS_MOST, WEEKS_USUAL, &ahead, &err))
        return reply_error(request, reply, &err, "weeks");
    struct history_weeks *weeks = ARENA_NEW(request->arena, struct history_weeks);
    weeks->as_of_ms = service_instant_ms(request->service), weeks->first_ms = INT64_MAX;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_weeks(request->service, store, weeks, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, forecast_json(weeks, (size_t)ahead, request->arena));
    return HANDLED;
}

static const struct route_field forecast_query[] = {
    { "weeks", "integer", "how many weeks ahead: 1 to 26, usually 8", false },
    { 0 },
};
static const struct route_field forecast_answer[] = {
    { "as_of_ms", "integer", "where the past ends", true },
    { "weeks", "integer", "how many ahead", true },
    { "refused", "string, null", "why nothing can be said yet", true },
    { "way", "string, null", "in words: of three ways the one that was nearest on earlier weeks", true },
    { "past", "array", "at most 104 weeks, the oldest first", true },
    { "past[].until_ms", "integer", "where the week ends", true },
    { "past[].revenue_cents", "integer", "what was paid in it, less what went back", true },
    { "ahead", "array", "the weeks to come; empty where refused", true },
    { "ahead[].until_ms", "integer", "where the week ends", true },
    { "ahead[].value_cents", "integer", "what is expected", true },
    { "ahead[].low_cents", "integer", "the lower end of its 95 % range, by past errors so far ahead", true },
    { "ahead[].high_cents", "integer", "the upper end", true },
    { "total", "object, null", "of these weeks together, with its own range", true },
    { "total.value_cents", "integer", "what is expected", true },
    { "total.low_cents", "integer", "the lower end of its 95 % range", true },
    { "total.high_cents", "integer", "the upper end", true },
    { "error_share", "number, null", "the mean size of a week's error on earlier weeks, of the mean week", true },
    { "checks", "array", "what would have been said earlier; the newest first, at most 6", true },
    { "checks[].as_of_ms", "integer", "knowing only what was known then", true },
    { "checks[].value_cents", "integer", "what would have been expected", true },
    { "checks[].low_cents", "integer", "the lower end of the range then", true },
    { "checks[].high_cents", "integer", "the upper end", true },
    { "checks[].came_cents", "integer", "what came", true },
    { "held", "integer", "of how many of them the range held what came", true },
    { 0 },
};

const struct route routes_forecast[] = {
    { .method = "GET",
      .path = "/v1/forecast",
      .needs = ACCESS_VIEW,
      .handle = handle_forecast,
      .keeps = ROUTE_KEEPS_AWHILE, .is_slow = true,
      .summary = "What the next weeks bring, with the range that past errors need",
      .details = "The level of lately, its course, or the season of a year ago: whichever was nearest on earlier "
                 "weeks, each tried with only what was known then.",
      .query = forecast_query,
      .answer = forecast_answer,
      .answer_example =
          "{\"as_of_ms\": 1790000000000, \"weeks\": 1, \"refused\": null, \"way\": \"the level of the last weeks "
          "goes on\", \"past\": [{\"until_ms\": 1790000000000, \"revenue_cents\": 120000}], \"ahead\": [{"
          "\"until_ms\": 1790604800000, \"value_cents\": 118000, \"low_cents\": 90000, \"high_cents\": 146000}], "
          "\"total\": {\"value_cents\": 118000, \"low_cents\": 90000, \"high_cents\": 146000}, "
          "\"error_share\": 0.08, \"checks\": [{\"as_of_ms\": 1789395200000, \"value_cents\": 121000, "
          "\"low_cents\": 93000, \"high_cents\": 149000, \"came_cents\": 120000}], \"held\": 1}" },
    { 0 },
};
