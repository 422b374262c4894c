/* command_recommend.c - holdfast recommend [CUSTOMER]: which model foretells best, and the next items for one customer. */
#include "command/json_out.h"
#include "command/shop.h"
#include "learn/recommending.h"

#include <stdlib.h>
#include <string.h>

static bool read_split(const struct invocation *invocation, double *ret_share, struct err *err)
{
    const char *typed = flag_text(invocation, "split", "time");
    char *end = NULL;
    *ret_share = 0;
    if (strcmp(typed, "time") == 0) return true;
    if (strncmp(typed, "random:", 7) == 0) *ret_share = strtod(typed + 7, &end);
    if (end && *end == '\0' && *ret_share > 0 && *ret_share < 1) {
        if (!flag_is_given(invocation, "test-at") && !flag_is_given(invocation, "horizon")) return true;
        return err_set(err, ERR_INVALID, "--split random does not look at time: leave out --test-at and --horizon");
    }
    return err_set(err, ERR_INVALID, "--split '%s': want time, or random with a share between 0 and 1 such as random:0.25",
                   typed);
}

static bool read_options(const struct invocation *invocation, const struct shop *shop,
                         struct recommending_options *ret_options, struct err *err)
{
    struct recommending_options options = { .only = flag_text(invocation, "model", NULL), .seed = invocation->seed,
                                            .n_threads = invocation->n_threads, .progress = invocation->progress };
    const char *question = flag_text(invocation, "question", "new");
    if (!recommend_question_find(question, &options.question))
        return err_set(err, ERR_INVALID, "--question '%s': want new, again or any", question);
    options.reading = (struct interaction_options){ .as_of_ms = shop->as_of_ms, .n_threads = invocation->n_threads };
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
        fprintf(out, "%s %-16s %.4f (%.4f to %.4f) %9.4f %9.4f %9.4f %9.4f %8.1f%% %6.2f\n", leader->is_chosen ? "*" : " ",
                leader->name, leader->value[LIST_NDCG], leader->low[LIST_NDCG], leader->high[LIST_NDCG],
                leader->value[LIST_PRECISION], leader->value[LIST_RECALL], leader->value[LIST_HIT],
                leader->value[LIST_MAP], 100 * leader->coverage, leader->gini);
    }
    for (size_t m = 0; m < board->n; m++)
        if (board->leaders[m].refused) fprintf(out, "  %s: %s\n", board->leaders[m].name, board->leaders[m].refused);
}

static bool run_recommend(struct invocation *invocation, struct err *err)
{
    struct shop shop;
    struct recommending_options options;
    struct recommending recommending;
    if (!shop_open(invocation, NULL, false, &shop, err)) return false;
    bool ok = shop_describe(&shop, invocation->arena, err) && read_options(invocation, &shop, &options, err) &&
              recommending_judge(shop.log, &options, invocation->arena, &recommending, err);
    if (ok && invocation->is_json) json_write_take(invocation->out, recommending_json(&recommending));
    else if (ok) print_board(invocation->out, &recommending);
    shop_close(&shop);
    return ok;
}

static const struct flag flags[] = {
    { "question", "NAME", "new (what they have not had), again (what they will have once more) or any" },
    { "test-at", "DATE", "the held-out instant: models learn from before it (else a horizon before the end)" },
    { "horizon", "SPAN", "how long after it customers are watched: 90d, 12w, 3m (else 30d)" },
    { "split", "HOW", "time, or random:0.25, as the literature judges" },
    { "model", "NAME", "only this model, and popularity beside it" },
    { "k", "N", "how many items a list has (else 10)" },
    { 0 },
};

const struct command command_recommend = {
    .name = "recommend",
    .arguments = "[CUSTOMER]",
    .summary = "which items next: for everybody a leaderboard of models",
    .details =
        "Models are trained before an instant and judged on what each customer did after it.  The simplest within\n"
        "one standard error of the best wins; one that does not beat popularity is refused.",
    .example = "holdfast recommend --test-at 2011-09-09 --horizon 90d",
    .flags = flags,
    .run = run_recommend,
};
