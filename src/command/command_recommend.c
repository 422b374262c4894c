/* command_recommend.c - holdfast recommend [CUSTOMER]: which model foretells best, and the next items for one
 * customer. */
#include "base/calendar.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "engine/recommend.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "learn/recommend_rules.h"
#include "learn/recommender_store.h"
#include "server/clocks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_split(const struct invocation *invocation, double *ret_share, struct err *err)
{
    const char *typed = flag_text(invocation, "split", "time");
    char *end = NULL;
    *ret_share = 0;
    if (strcmp(typed, "time") == 0) return true;
    if (strncmp(typed, "random:", 7) == 0) *ret_share = strtod(typed + 7, &end);
    if (end && *end == '\0' && *ret_share > 0 && *ret_share < 1) {
        if (!flag_is_given(invocation, "test-at") && !flag_is_given(invocation, "horizon")) return true;
        return err_set(err, ERR_INVALID,
                       "--split random does not look at time: leave out --test-at and --horizon");
    }
    return err_set(err, ERR_INVALID,
                   "--split '%s': want time, or random with a share between 0 and 1 such as random:0.25", typed);
}

static bool read_question(const struct invocation *invocation, enum recommend_question *ret_question,
                          struct err *err)
{
    const char *question = flag_text(invocation, "question", "new");
    return recommend_question_find(question, ret_question) ||
           err_set(err, ERR_INVALID, "--question '%s': want new, again or any", question);
}

static bool read_options(const struct invocation *invocation, const struct database *database,
                         struct recommending_options *ret_options, struct err *err)
{
    struct recommending_options options = { .only = flag_text(invocation, "model", NULL), .seed = invocation->seed,
                                            .n_threads = invocation->n_threads, .progress = invocation->progress };
    if (!read_question(invocation, &options.question, err)) return false;
    options.reading =
        (struct interaction_options){ .as_of_ms = database->as_of_ms, .n_threads = invocation->n_threads };
    if (!read_split(invocation, &options.share, err) ||
        !flag_date_ms(invocation, "test-at", INT64_MIN, &options.test_at_ms, err) ||
        !flag_days(invocation, "horizon", 0, &options.horizon_days, err))
        return false;
    *ret_options = options;
    return true;
}

static void print_board(FILE *out, const struct recommending *recommending)
{
    const struct leaderboard *board = &recommending->board;
    fprintf(out, "%s\n\n  %-16s %-24s %9s %9s %9s %9s %9s %6s\n", board->sentence, "model", "nDCG@10", "precision",
            "recall", "hit rate", "MAP", "coverage", "Gini");
    for (size_t m = 0; m < board->n; m++) {
        const struct leader *leader = &board->leaders[m];
        fprintf(out, "%s %-16s %.4f (%.4f to %.4f) %9.4f %9.4f %9.4f %9.4f %8.1f%% %6.2f\n",
                leader->is_chosen ? "*" : " ", leader->name, leader->value[LIST_NDCG], leader->low[LIST_NDCG],
                leader->high[LIST_NDCG], leader->value[LIST_PRECISION], leader->value[LIST_RECALL],
                leader->value[LIST_HIT], leader->value[LIST_MAP], 100 * leader->coverage, leader->gini);
    }
    const struct local_verdict *local = &recommending->local;
    if (local->trait)
        fprintf(
            out,
            "  who has no history yet gets what is popular in their %s: nDCG@10 %.4f against %.4f, a gain of %.4f "
            "(%.4f to %.4f) over %zu customers\n",
            local->trait, local->ndcg, local->ndcg_of_all, local->gain, local->low, local->high,
            local->n_customers);
    for (size_t m = 0; m < board->n; m++)
        if (board->leaders[m].recommender.note)
            fprintf(out, "  %s: %s\n", board->leaders[m].name, board->leaders[m].recommender.note);
    for (size_t m = 0; m < board->n; m++)
        if (board->leaders[m].refused)
            fprintf(out, "  %s: %s\n", board->leaders[m].name, board->leaders[m].refused);
}

/* ---- for one customer, or beside items ---- */

static bool put_recommended(struct store *store, void *context, struct err *err)
{
    return recommended_put(store, context, err);
}

static void print_list(FILE *out, const char *answer)
{
    json_t *json = json_loads(answer, 0, NULL), *item;
    const char *note = json_string_value(json_object_get(json, "note"));
    size_t i;
    json_array_foreach(json_object_get(json, "items"), i, item) {
        const char *title = json_string_value(json_object_get(item, "title"));
        fprintf(out, "%3zu  %-16s %s%s%s\n", i + 1, json_string_value(json_object_get(item, "item")),
                title ? title : "", title ? ": " : "", json_string_value(json_object_get(item, "reason")));
    }
    fprintf(out, "%sby %s%s%s\n", i ? "     " : "", json_string_value(json_object_get(json, "model")),
            note ? "; " : "", note ? note : "");
    json_array_foreach(json_object_get(json, "unknown_items"), i, item)
        fprintf(out, "left out: '%s', which nobody had and no catalogue names\n", json_string_value(item));
    json_decref(json);
}

static void print_also(FILE *out, const char *answer)
{
    json_t *json = json_loads(answer, 0, NULL), *also, *similar;
    size_t i;
    json_array_foreach(json_object_get(json, "also"), i, also) fprintf(
        out, "%3zu  %-16s %lld customers have both, %.1f times (%.1f to %.1f) as many as by chance\n", i + 1,
        json_string_value(json_object_get(also, "item")), json_integer_value(json_object_get(also, "customers")),
        json_real_value(json_object_get(also, "lift")), json_real_value(json_object_get(also, "low")),
        json_real_value(json_object_get(also, "high")));
    if (i == 0) fputs("nothing: no other item was had by 5 customers who had this one\n", out);
    json_array_foreach(json_object_get(json, "similar"), i, similar) fprintf(
        out, "%s%3zu  %-16s %.2f alike: %.2f by words, %.2f by who had both\n", i ? "" : "\nlike it\n", i + 1,
        json_string_value(json_object_get(similar, "item")), json_real_value(json_object_get(similar, "score")),
        json_real_value(json_object_get(similar, "content")),
        json_real_value(json_object_get(similar, "together")));
    json_decref(json);
}

static void print_answer(const struct invocation *invocation, const char *answer,
                         void (*print)(FILE *, const char *))
{
    if (invocation->is_json) json_write_take(invocation->out, json_loads(answer, 0, NULL));
    else print(invocation->out, answer);
}

static bool list_for(struct invocation *invocation, struct service *service, struct recommend_ask *ask,
                     struct err *err)
{
    struct recommended recommended;
    if (!recommend_make(service->recommend, ask, invocation->arena, &recommended, err) ||
        !ingest_run(service->ingest, put_recommended, &recommended, err))
        return false;
    print_answer(invocation, recommended.answer, print_list);
    return true;
}

/* "A,B" as two. */
static size_t split_items(struct invocation *invocation, const char *typed,
                          const char *ret_items[RECOMMEND_ITEMS_MOST])
{
    size_t n = 0;
    for (char *at = typed ? arena_copy(invocation->arena, typed) : NULL; at && n < RECOMMEND_ITEMS_MOST;) {
        char *comma = strchr(at, ',');
        if (comma) *comma = 0;
        if (*at) ret_items[n++] = at;
        at = comma ? comma + 1 : NULL;
    }
    return n;
}

static bool answer_for(struct invocation *invocation, struct service *service, struct err *err)
{
    const char *items[RECOMMEND_ITEMS_MOST], *answer;
    struct recommend_ask ask = { .customer = invocation->n_arguments ? invocation->arguments[0] : NULL,
                                 .items = items,
                                 .placement = flag_text(invocation, "placement", ""),
                                 .rules_path = flag_text(invocation, "rules", NULL),
                                 /* a service of our own opened with it */
                                 .settings_path = invocation->service ? flag_text(invocation, "settings", NULL)
                                                                      : NULL,
                                 .at_ms = clock_now_ms(&service->options.clock) };
    int64_t k;
    if (!flag_int(invocation, "k", 1, RECOMMEND_ITEMS_MOST, 10, &k, err) ||
        !leaderboard_check_name(flag_text(invocation, "model", NULL), invocation->arena, err) ||
        !read_question(invocation, &ask.question, err))
        return false;
    ask.k = (size_t)k;
    ask.n_items = split_items(invocation, flag_text(invocation, "item", NULL), items);
    ask.chance =
        arena_format(invocation->arena, "%" PRIu64 " %s", invocation->seed, ask.customer ? ask.customer : "");
    if (ask.customer || ask.n_items > 1) return list_for(invocation, service, &ask, err);
    if (!recommend_also(service->recommend, ask.n_items ? items[0] : "", ask.k, invocation->arena, &answer, err))
        return false;
    print_answer(invocation, answer, print_also);
    return true;
}

/* As a server would answer: by one that runs, or by one for this answer alone. */
static bool run_one(struct invocation *invocation, struct err *err)
{
    struct service_options options = { .clock = { .now_ms = clock_wall_ms }, .now_seconds = clock_seconds,
                                       .settings_path = flag_text(invocation, "settings", NULL),
                                       .n_threads = invocation->n_threads, .seed = invocation->seed };
    struct service *service = invocation->service;
    if (service) return answer_for(invocation, service, err);
    if (!command_database(invocation, NULL, &options.path, err)) return false;
    if (access(options.path, F_OK) != 0) return err_set(err, ERR_MISSING, "there is no database %s", options.path);
    if (!service_open(&options, &service, err)) return false;
    bool ok = answer_for(invocation, service, err);
    service_close(service);
    return ok;
}

/* ---- as of an instant, from what was judged at it ---- */

static bool list_from(struct invocation *invocation, const struct database *database,
                      const struct kept_recommender *kept, const struct recommend_rules *rules, bool is_past,
                      struct err *err)
{
    struct recommend_ask ask = { .customer = invocation->arguments[0], .question = kept->question, .placement = "",
                                 .at_ms = kept->as_of_ms, .chance = "" };
    struct catalogue catalogue;
    uint32_t identity;
    const char *answer;
    int64_t k;
    if (!flag_int(invocation, "k", 1, RECOMMEND_ITEMS_MOST, 10, &k, err)) return false;
    ask.k = (size_t)k;
    if (!database_find_customer(database, ask.customer, &identity))
        return err_set(err, ERR_MISSING, "nobody is known as '%s'", ask.customer);
    if (!catalogue_load(database->store, is_past ? kept->as_of_ms : INT64_MAX, invocation->arena, &catalogue,
                        err) ||
        !recommend_past(kept, &catalogue, rules, identity, &ask, invocation->arena, &answer, err))
        return false;
    print_answer(invocation, answer, print_list);
    return true;
}

/* As somebody would have been answered then: the model too is chosen by what was known, over the horizon before.
 * By a split at random, or of a model that is asked for now, there is no then: it learns from all there is. */
static bool list_as_of(struct invocation *invocation, const struct database *database,
                       const struct recommending_options *asked, const struct recommend_rules *rules,
                       struct err *err)
{
    struct recommending_options options = *asked;
    struct kept_recommender kept = { 0 };
    struct recommending judged;
    bool is_of_now = asked->share > 0 || asked->test_at_ms == INT64_MIN;
    int64_t as_of_ms = is_of_now ? asked->reading.as_of_ms : asked->test_at_ms,
            horizon_days = asked->horizon_days ? asked->horizon_days : RECOMMENDING_HORIZON_DAYS;
    if (asked->share <= 0) options.test_at_ms = as_of_ms - horizon_days * MS_PER_DAY;
    if (!is_of_now) options.reading.known_before_ms = as_of_ms, options.is_past = true;
    bool is_judged = recommending_judge(database->log, &options, invocation->arena, &judged, err);
    if (!is_judged && err->code != ERR_REFUSED) return false;
    options.reading.as_of_ms = as_of_ms;
    bool ok =
        recommender_make(database->log, &options, is_judged ? &judged : NULL, invocation->arena, &kept, err) &&
        list_from(invocation, database, &kept, rules, options.is_past, err);
    kept_recommender_release(&kept);
    return ok;
}

/* ---- for everybody ---- */

struct putting { const struct kept_recommender *kept; struct arena *arena; };

static bool put_kept(struct store *store, void *context, struct err *err)
{
    struct putting *putting = context;
    return recommender_put(store, putting->kept, putting->arena, err);
}

/* What was chosen is fitted on everything and in force from now on. */
static bool keep_chosen(struct invocation *invocation, struct database *database,
                        const struct recommending_options *options, const struct recommending *judged,
                        struct err *err)
{
    struct kept_recommender kept = { 0 };
    struct putting putting = { &kept, invocation->arena };
    progress_report(invocation->progress, "fitting what was chosen", 0, 0, "");
    bool ok = recommender_make(database->log, options, judged, invocation->arena, &kept, err) &&
              database_write(invocation, database, put_kept, &putting, err);
    kept_recommender_release(&kept);
    return ok;
}

static bool run_board(struct invocation *invocation, struct err *err)
{
    struct database database;
    struct recommending_options options;
    struct recommending recommending;
    struct recommend_rules rules = { 0 };
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    int64_t k;      /* a board's lists have ten; a wrong number is said all the same */
    bool ok = flag_int(invocation, "k", 1, RECOMMEND_ITEMS_MOST, 10, &k, err) &&
              database_describe(&database, invocation->arena, err) &&
              read_options(invocation, &database, &options, err) &&
              recommend_rules_load(database.store, flag_text(invocation, "settings", NULL),
                                   flag_text(invocation, "rules", NULL), invocation->arena, &rules, err);
    if (ok) options.reading.weights = rules.weights, options.reading.n_weights = rules.n_weights;
    if (ok) options.protected_traits = rules.protected_traits, options.n_protected = rules.n_protected;
    if (ok && invocation->n_arguments) {
        ok = list_as_of(invocation, &database, &options, &rules, err);
    } else if (ok && (ok = recommending_judge(database.log, &options, invocation->arena, &recommending, err) &&
                           keep_chosen(invocation, &database, &options, &recommending, err))) {
        if (invocation->is_json) json_write_take(invocation->out, recommending_json(&recommending));
        else print_board(invocation->out, &recommending);
    }
    database_close(&database);
    return ok;
}

static bool run_recommend(struct invocation *invocation, struct err *err)
{
    bool is_for_one = invocation->n_arguments || flag_is_given(invocation, "item"),
         is_of_past = flag_is_given(invocation, "test-at") || flag_is_given(invocation, "split"),
         is_of_another = flag_is_given(invocation, "model") && !flag_is_given(invocation, "item");
    if (is_of_past && flag_is_given(invocation, "item"))
        return err_set(err, ERR_INVALID, "--item asks what goes with a basket now: leave out --test-at and --split");
    return is_for_one && !is_of_past && !is_of_another ? run_one(invocation, err) : run_board(invocation, err);
}

static const struct flag flags[] = {
    { "question", "NAME", "new (what they have not had), again (what they will have once more) or any" },
    { "test-at", "DATE", "the held-out instant: models learn from before it (else a horizon before the end)" },
    { "horizon", "SPAN", "how long after it customers are watched: 90d, 12w, 3m (else 30d)" },
    { "split", "HOW", "time, or random:0.25, as the literature judges" },
    { "model", "NAME", "only this model, and popularity beside it; a list by it is shown, not kept (else by the one in force)" },
    { "item", "ITEM,...", "beside one item: what goes with it; of several: what goes with the basket" },
    { "k", "N", "how many items a list has (else 10)" },
    { "rules", "FILE", "rules of a file of their own, instead of those of the settings" },
    { "placement", "NAME", "where the list shows; kept with it" },
    { 0 },
};

const struct command command_recommend = {
    .name = "recommend",
    .arguments = "[CUSTOMER]",
    .summary = "which items next: for one customer a list, for everybody a leaderboard of models",
    .details = "Without a customer models are trained before an instant and judged on what each customer did "
               "after it.  The\n"
               "simplest within one standard error of the best wins, one that does not beat popularity is "
               "refused, and what\n"
               "was chosen is in force from then on.  With a customer: their list, each item with its reason; it "
               "is written\n"
               "down like a decision.  --item ITEM says what customers had together with it,\n"
               "and what is like it.",
    .example = "holdfast recommend --test-at 2011-09-09 --horizon 90d",
    .flags = flags,
    .run = run_recommend,
    .is_writing = always_writes,
};
