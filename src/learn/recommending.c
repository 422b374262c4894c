/* recommending.c - see recommending.h. */
#include "learn/recommending.h"

#include "base/calendar.h"
#include "recommend/item_words.h"

/* What was known of items as of an instant, and their names, to be read beside those of events. */
static bool load_catalogue(const struct log *log, int64_t as_of_ms, struct arena *arena,
                           struct catalogue *ret_catalogue, struct interaction_options *reading, struct err *err)
{
    if (!catalogue_load(log_store(log), as_of_ms, arena, ret_catalogue, err)) return false;
    struct text *names = ARENA_ARRAY(arena, struct text, ret_catalogue->n + 1);
    for (size_t i = 0; i < ret_catalogue->n; i++) names[i] = ret_catalogue->items[i].name;
    reading->more_items = names;
    reading->n_more_items = ret_catalogue->n;
    return true;
}

/* What a board is made from, which is let go when it is made. */
struct material { struct arena *arena; struct interaction_log items; struct catalogue catalogue; };

/* NULL where the catalogue has no words. */
static struct sparse *find_words(const struct catalogue *catalogue, const struct interaction_log *items,
                                 struct arena *arena)
{
    struct text *texts = ARENA_ARRAY(arena, struct text, items->had.n_items + 1);
    for (size_t i = 0; catalogue->n && i < items->had.n_items; i++) {
        const struct catalogue_item *item = catalogue_find(catalogue, items->item_names[i]);
        texts[i] = item ? item->words : text_of("");
    }
    struct sparse *words = ARENA_NEW(arena, struct sparse);
    *words = item_words(texts, items->had.n_items, arena);
    return words->first[words->n_rows] > 0 ? words : NULL;
}

static bool judge_in_time(const struct log *log, const struct recommending_options *options,
                          struct material *material, struct recommending *ret, struct leaderboard_task *task,
                          struct err *err)
{
    struct interaction_options reading = options->reading;
    int64_t horizon_days = options->horizon_days ? options->horizon_days : RECOMMENDING_HORIZON_DAYS;
    ret->horizon_days = horizon_days;
    ret->test_at_ms = options->test_at_ms;
    if (ret->test_at_ms == INT64_MIN)       /* the last midnight that leaves a whole horizon */
        ret->test_at_ms = calendar_day_of_ms(options->reading.as_of_ms) * MS_PER_DAY - horizon_days * MS_PER_DAY;
    reading.as_of_ms = ret->test_at_ms;
    reading.until_ms = ret->test_at_ms + horizon_days * MS_PER_DAY;
    struct interaction_log *items = &material->items;
    struct log_totals totals;
    if (!load_catalogue(log, reading.as_of_ms, material->arena, &material->catalogue, &reading, err) ||
        !interaction_read(log, &reading, material->arena, items, err)) return false;
    if (!log_totals(log, &totals, err)) return false;
    if (totals.first_ms == totals.last_ms && (items->had.n == 0 || items->later.n == 0))
        return err_set(err, ERR_REFUSED,
                       "this history has no times, so nothing can be split by time: judge with --split "
                       "random:0.25, without --test-at and --horizon");
    task->had = &items->had, task->later = &items->later;
    task->as_of_ms = ret->test_at_ms, task->horizon_ms = horizon_days * MS_PER_DAY;
    return true;
}

static bool judge_at_random(const struct log *log, const struct recommending_options *options,
                            struct material *material, struct recommending *ret, struct leaderboard_task *task,
                            struct err *err)
{
    struct interaction_options reading = options->reading;
    struct arena *arena = material->arena;
    struct interactions *drawn = ARENA_NEW(arena, struct interactions),
                        *rest = ARENA_NEW(arena, struct interactions);
    reading.until_ms = reading.as_of_ms;
    ret->test_at_ms = INT64_MIN;
    if (!load_catalogue(log, INT64_MAX, arena, &material->catalogue, &reading, err) ||
        !interaction_read(log, &reading, arena, &material->items, err)) return false;
    if (options->question != RECOMMEND_NEW)
        return err_set(err, ERR_REFUSED,
                       "a split at random draws items, so it can only ask what is new: leave out "
                       "--question, or split by time with --test-at");
    interactions_draw(&material->items.had, options->share, options->seed, arena, drawn, rest);
    task->had = rest, task->later = drawn;
    task->as_of_ms = reading.as_of_ms, task->share = options->share;
    return true;
}

struct local_task local_task_of(const struct recommending_options *options, const struct interaction_log *items,
                                int64_t as_of_ms)
{
    return (struct local_task){ .items = items,
                                .protected_traits = options->protected_traits,
                                .n_protected = options->n_protected,
                                .question = options->question,
                                .as_of_ms = as_of_ms,
                                .seed = options->seed,
                                .n_threads = options->n_threads ? options->n_threads : 1 };
}

static bool judge_board(const struct log *log, const struct recommending_options *options,
                        struct material *material, struct arena *arena, struct recommending *out, struct err *err)
{
    struct leaderboard_task task = { .question = options->question,
                                     .k = 10,
                                     .seed = options->seed,
                                     .n_threads = options->n_threads ? options->n_threads : 1,
                                     .only = options->only,
                                     .is_quick = options->is_quick,
                                     .progress = options->progress };
    struct interaction_log *items = &material->items;
    if (!(options->share > 0 ? judge_at_random : judge_in_time)(log, options, material, out, &task, err))
        return false;
    task.words = find_words(&material->catalogue, items, material->arena);
    if (!leaderboard_run(&task, arena, &out->board, err)) return false;
    for (; out->n_kinds < items->n_kinds; out->n_kinds++)
        out->kinds[out->n_kinds] = (struct kind_weight){ arena_copy(arena, items->kinds[out->n_kinds].kind),
                                                         items->kinds[out->n_kinds].weight };
    if (options->share > 0) return true;
    struct recommender popular;
    struct recommender_source source = { task.had, NULL, task.as_of_ms, task.seed, task.n_threads, 0 };
    recommender_refit(&out->board.leaders[out->board.popular].recommender, &source, material->arena, &popular);
    struct local_task local = local_task_of(options, items, task.as_of_ms);
    local.popular = &popular;
    return local_popularity_judge(log, &local, arena, &out->local, err);
}

bool recommending_judge(const struct log *log, const struct recommending_options *options, struct arena *arena,
                        struct recommending *ret_recommending, struct err *err)
{
    struct material material = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct recommending *out = ARENA_NEW(material.arena, struct recommending);
    bool ok = judge_board(log, options, &material, arena, out, err);
    if (ok) *ret_recommending = *out;
    arena_free(material.arena);
    return ok;
}

bool recommending_fit(const struct log *log, const struct recommending_options *options,
                      const struct recommending *judged, struct arena *arena, struct interaction_log *ret_items,
                      struct catalogue *ret_catalogue, struct recommender *ret_recommender, struct err *err)
{
    const struct recommender unjudged = { .form = FORM_COSINE, .setting = 10 };
    struct interaction_options reading = options->reading;
    reading.until_ms = reading.as_of_ms;
    if (!load_catalogue(log, options->is_past ? reading.as_of_ms : INT64_MAX, arena, ret_catalogue, &reading,
                        err) ||
        !interaction_read(log, &reading, arena, ret_items, err))
        return false;
    struct recommender_source source = {
        &ret_items->had, find_words(ret_catalogue, ret_items, arena), reading.as_of_ms,
        options->seed,   options->n_threads ? options->n_threads : 1, 0
    };
    recommender_refit(judged ? &judged->board.leaders[judged->board.chosen].recommender : &unjudged, &source,
                      arena, ret_recommender);
    return true;
}

static json_t *leader_json(const struct leader *leader)
{
    json_t *out = json_pack("{s:s}", "name", leader->name);
    for (int m = 0; m < LIST_METRICS; m++)
        json_object_set_new(out, list_metric_word((enum list_metric)m),
                            json_pack("[fff]", leader->value[m], leader->low[m], leader->high[m]));
    json_object_set_new(out, "coverage", json_real(leader->coverage));
    json_object_set_new(out, "gini", json_real(leader->gini));
    json_object_set_new(out, "novelty", json_real(leader->novelty));
    json_object_set_new(out, "chosen", json_boolean(leader->is_chosen));
    json_object_set_new(out, "refused", leader->refused ? json_string(leader->refused) : json_null());
    json_object_set_new(out, "note",
                        leader->recommender.note ? json_string(leader->recommender.note) : json_null());
    return out;
}

/* Who is nobody's history yet gets what is popular where they are, where that was better. */
static json_t *local_json(const struct local_verdict *local)
{
    if (!local->trait) return json_null();
    return json_pack("{s:s, s:I, s:f, s:f, s:[fff]}", "by", local->trait, "customers",
                     (json_int_t)local->n_customers, "ndcg_10", local->ndcg, "ndcg_10_of_all", local->ndcg_of_all,
                     "gain", local->gain, local->low, local->high);
}

json_t *recommending_json(const struct recommending *recommending)
{
    const struct leaderboard *board = &recommending->board;
    json_t *models = json_array(), *kinds = json_object();
    char day[11] = "";
    if (recommending->test_at_ms != INT64_MIN)
        calendar_format_day(calendar_day_of_ms(recommending->test_at_ms), day);
    for (size_t m = 0; m < board->n; m++) json_array_append_new(models, leader_json(&board->leaders[m]));
    for (size_t k = 0; k < recommending->n_kinds; k++)
        json_object_set_new(kinds, recommending->kinds[k].kind, json_real(recommending->kinds[k].weight));
    return json_pack("{s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:s}", "question", recommend_question_word(board->question),
                     "test_at", *day ? json_string(day) : json_null(), "horizon_days",
                     *day ? json_integer(recommending->horizon_days) : json_null(), "customers",
                     (json_int_t)board->n_customers, "weights", kinds, "models", models, "cold",
                     local_json(&recommending->local), "sentence",
                     board->sentence);
}
