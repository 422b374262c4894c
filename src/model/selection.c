/* selection.c - see selection.h; the search for settings is in search.c. */
#include "model/selection.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "base/words.h"
#include "model/bootstrap.h"
#include "model/learner.h"
#include "model/predictor.h"
#include "model/search.h"
#include "model/split.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_FOLDS = 5, FOLDS_MAX = 50, DEFAULT_BOOTSTRAP = 1000, LEAST_BOOTSTRAP = 200, CURVE_POINTS = 200, CALIBRATION_BINS = 10,
       REPLICATED_ROWS_MAX = 100000000 };

/* Of AUC, or of the deviance saved: what a simpler model may cost at most, however wide the standard error is. */
static const double WORTH_HAVING = 0.002;

/* Some of the held-out rows. */
struct part { size_t n; float *labels; uint32_t *group; double **predicted; };

/* What the bootstrap over some rows says of whom to choose. */
struct choice {
    size_t chosen, best, next;
    double full, chosen_full, next_full, behind, error;
    const char **refused;
}; /* full: the best one's metric on all held out; chosen_full: the chosen one's; next: the best other, 0 none */

struct run {
    const struct selection_request *request;
    struct arena        *arena;         /* of the result */
    struct selection     selection;
    const struct learner *learners[8];  /* of the entries */
    struct learner_settings *settings;  /* of the entries, as they will be refitted */
    double             **predicted;     /* [n_entries][n_held_out] */
    uint8_t             *fold;          /* tables: [n_rows] */
    unsigned             n_folds, n_threads;
    struct search_limit  limit;
    const struct sample *held_out;
    bool                 is_mixed;      /* ... and do not all choose the same */
    bool                 is_parted;     /* held-out customers are enough for thirds that choose for each other */
    struct part          figures;       /* all held-out rows */
};

struct interval selection_metric(const struct selection *selection, size_t entry, enum metric metric)
{
    if (entry >= selection->n_entries) return (struct interval){ (double)NAN, (double)NAN, (double)NAN };
    return selection->entries[entry].metrics[metric];
}

static enum metric primary(enum target target) { return target == TARGET_AMOUNT ? METRIC_DEVIANCE : METRIC_AUC; }

static double now(const struct run *run) { return run->request->now_seconds ? run->request->now_seconds() : 0; }

/* Refuses rows that cannot answer the question.  where is " to learn from", " to judge on" or "". */
static bool check_sample(const struct run *run, const struct sample *sample, const char *where, struct err *err)
{
    size_t n = sample->n_rows, n_yes = 0, n_no = 0;
    bool is_amount = run->request->target == TARGET_AMOUNT;
    for (size_t i = 0; i < n; i++) {
        float label = sample->labels[i];
        if (!isfinite(label) || (!is_amount && label != 0 && label != 1))
            return err_set(err, ERR_INVALID, "label %zu is %g; %s", i, (double)label,
                           is_amount ? "amounts are finite numbers" : "a yes/no question has labels 0 and 1");
        if (label > 0) n_yes++;
        else n_no++;
    }
    const char *rows = words_count(run->arena, (double)n), *yes = words_count(run->arena, (double)n_yes),
               *no = words_count(run->arena, (double)n_no);
    const char *advice = *where ? ": more customers, a longer history, or another --horizon or --test-at may bring them"
                                : ": more customers may bring them";
    if (is_amount && (n_yes < SELECTION_MIN_EACH || n < 2 * SELECTION_MIN_EACH))
        return err_set(err, ERR_REFUSED,
                       "too little data%s: %s customers, %s of them with an amount above 0; it takes at "
                       "least %d, with %d above 0%s",
                       where, rows, yes, 2 * SELECTION_MIN_EACH, SELECTION_MIN_EACH, advice);
    if (!is_amount && n > 0 && (n_yes == 0 || n_no == 0))
        return err_set(err, ERR_REFUSED,
                       "all %s labels%s are %s, so there is nothing to tell apart; it takes at least %d of each%s",
                       rows, where, n_yes ? "yes" : "no", SELECTION_MIN_EACH, advice);
    if (!is_amount && (n_yes < SELECTION_MIN_EACH || n_no < SELECTION_MIN_EACH))
        return err_set(err, ERR_REFUSED, "too little data%s: %s yes and %s no; it takes at least %d of each%s",
                       where, yes, no, SELECTION_MIN_EACH, advice);
    return true;
}

static bool check_request(struct run *run, struct err *err)
{
    const struct selection_request *request = run->request;
    bool has_test = request->test.n_rows > 0;
    if (has_test && request->test.n_columns != request->train.n_columns)
        return err_set(err, ERR_INVALID, "%zu columns to learn from but %zu to judge on", request->train.n_columns,
                       request->test.n_columns);
    bool has_rule = !request->rule;
    for (size_t c = 0; c < request->train.n_columns && !has_rule; c++)
        has_rule = strcmp(request->train.names[c], request->rule) == 0;
    if (!has_rule)
        return err_set(err, ERR_INVALID, "there is no feature \"%s\" to make a rule of", request->rule);
    if (run->n_folds < 2 || run->n_folds > FOLDS_MAX)
        return err_set(err, ERR_INVALID, "%u folds; 2 to %d make sense", run->n_folds, FOLDS_MAX);
    if (!check_sample(run, &request->train, has_test ? " to learn from" : "", err)) return false;
    return !has_test || check_sample(run, &request->test, " to judge on", err);
}

/* The settings that most folds chose; the simpler of equals. */
static size_t most_chosen(const size_t *chosen, size_t n, size_t n_grid)
{
    size_t best = 0, best_count = 0;
    for (size_t entry = 0; entry < n_grid; entry++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) count += chosen[i] == entry;
        if (count > best_count) best = entry, best_count = count;
    }
    return best;
}

static struct sample fold_rows(const struct run *run, unsigned fold, bool is_in, uint32_t *rows,
                               struct arena *arena)
{
    size_t n = 0;
    for (size_t i = 0; i < run->request->train.n_rows; i++)
        if ((run->fold[i] == fold) == is_in) rows[n++] = (uint32_t)i;
    return split_take(&run->request->train, rows, n, arena);
}

/* One learner in one split of the data: fold f of a table, or train and test.  Tasks share nothing that they
 * write. */
struct task {
    struct run  *run;
    size_t       learner, entry;        /* entry: which settings of the grid the search chose */
    unsigned     fold;
    double       threshold, seconds;
    char         name[256];
    bool         is_cut_short, is_done;
    struct err   err;
};

static bool try_task(struct task *task, unsigned n_threads, struct arena *arena)
{
    struct run *run = task->run;
    const struct selection_request *request = run->request;
    const struct learner *learner = run->learners[task->learner];
    struct sample train = request->train, judge = request->test;
    double *predicted = run->predicted[task->learner];
    uint32_t *rows = NULL;
    if (run->fold) {
        rows = ARENA_ARRAY(arena, uint32_t, request->train.n_rows);
        train = fold_rows(run, task->fold, false, rows, arena);
        judge = fold_rows(run, task->fold, true, rows, arena);
        predicted = ARENA_ARRAY(arena, double, judge.n_rows);
    }
    struct learner_settings base = { .target = request->target, .seed = request->seed, .rule = request->rule };
    struct search_limit limit = run->limit;
    if (!search_grid(learner, &base, &train, n_threads, &limit, &task->entry, &task->err)) return false;
    task->is_cut_short = limit.is_reached;
    struct learner_settings settings = search_settings(learner, &base, task->entry);
    settings.is_trial = true;
    struct predictor *predictor = NULL;
    if (!predictor_fit(&settings, &train, request->seed, n_threads, arena, &predictor, &task->err)) return false;
    predictor_judge(predictor, &judge, n_threads, predicted);
    for (size_t i = 0; i < judge.n_rows && run->fold; i++) run->predicted[task->learner][rows[i]] = predicted[i];
    task->threshold = predictor_threshold(predictor);
    snprintf(task->name, sizeof task->name, "%s", predictor_name(predictor));
    return true;
}

struct tasks { struct task *task; size_t n; unsigned n_threads; };

static void run_task(void *context, size_t item, unsigned thread)
{
    const struct tasks *tasks = context;
    struct task *task = &tasks->task[item];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double started = now(task->run);
    if (thread == 0) progress_report(task->run->request->progress, "training models", item, tasks->n, "fits");
    task->is_done = try_task(task, tasks->n_threads, arena);
    task->seconds = now(task->run) - started;
    arena_free(arena);
}

/* Gathers what the splits of one learner found. */
static bool gather(struct run *run, size_t e, const struct task *tasks, unsigned n_splits, struct err *err)
{
    struct leaderboard_entry *entry = &run->selection.entries[e];
    const struct learner *learner = run->learners[e];
    size_t chosen[FOLDS_MAX] = { 0 };
    double thresholds = 0, lowest = (double)INFINITY;
    for (unsigned f = 0; f < n_splits; f++) {
        if (!tasks[f].is_done) {
            *err = tasks[f].err;
            return err_context(err, "%s", learner->name);
        }
        chosen[f] = tasks[f].entry;
        thresholds += tasks[f].threshold;
        lowest = fmin(lowest, tasks[f].threshold);
        entry->seconds += tasks[f].seconds;
        run->limit.is_reached |= tasks[f].is_cut_short;
    }
    struct learner_settings base = { .target = run->request->target,
                                     .seed = run->request->seed,
                                     .rule = run->request->rule ? arena_copy(run->arena, run->request->rule)
                                                                : NULL };
    run->settings[e] = search_settings(learner, &base, most_chosen(chosen, n_splits, learner->n_grid));
    entry->name = arena_copy(run->arena, tasks[0].name);
    entry->threshold = learner == &learner_constant ? lowest
                                                    : thresholds / n_splits; /* a constant says yes to all */
    entry->settings = learner->describe(&run->settings[e], run->arena);
    return true;
}

/* Tasks run side by side: threads that share one fit wait for each other most of the time. */
static bool try_learners(struct run *run, struct err *err)
{
    size_t n_entries = run->selection.n_entries;
    unsigned n_splits = run->fold ? run->n_folds : 1;
    bool ok = true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct tasks tasks = { ARENA_ARRAY(arena, struct task, n_entries * n_splits), n_entries * n_splits, 1 };
    if (run->n_threads > 2 * tasks.n) tasks.n_threads = run->n_threads / (unsigned)tasks.n;
    for (size_t i = 0; i < tasks.n; i++)        /* the slow learners come last in the list: begin with them */
        tasks.task[i] = (struct task){ .run = run,
                                       .learner = n_entries - 1 - i / n_splits,
                                       .fold = (unsigned)(i % n_splits) };
    parallel_for(run->n_threads, tasks.n, run_task, &tasks);
    for (size_t e = 0; e < n_entries && ok; e++)
        ok = gather(run, e, &tasks.task[(n_entries - 1 - e) * n_splits], n_splits, err);
    arena_free(arena);
    return ok;
}

/* Over the rule in AUC, or as the share of the rule's deviance that is saved. */
static struct interval difference(const struct run *run, const struct bootstrap *bootstrap, size_t a, size_t b,
                                  double *ret_error)
{
    enum metric metric = primary(run->request->target);
    struct interval found = bootstrap_difference(bootstrap, a, b, metric, ret_error);
    if (metric == METRIC_DEVIANCE) {
        double whole = bootstrap->full[b * METRICS + METRIC_DEVIANCE];
        found = (struct interval){ found.value / whole, found.low / whole, found.high / whole };
        if (ret_error) *ret_error /= whole;
    }
    return found;
}

static const char *in_words(struct arena *arena, enum target target, struct interval value)
{
    if (target == TARGET_AMOUNT)
        return arena_format(arena, "%.1f %% of the deviance (%.1f to %.1f)", 100 * value.value, 100 * value.low,
                            100 * value.high);
    return arena_format(arena, "%.3f of AUC (%.3f to %.3f)", value.value, value.low, value.high);
}

/* Entries that do not beat the rule beyond chance, each with a sentence. */
static void refuse(const struct run *run, const struct bootstrap *bootstrap, struct choice *choice)
{
    const struct selection *s = &run->selection;
    for (size_t e = 1; e < s->n_entries; e++) {
        size_t against = e == 1 ? 0 : 1;        /* the rule against the constant, the others against the rule */
        struct interval gain = difference(run, bootstrap, e, against, NULL);
        if (gain.low > 0) continue;
        choice->refused[e] =
            arena_format(run->arena, "refused: it does not beat %s beyond chance; the difference is %s",
                         s->entries[against].name, in_words(run->arena, s->target, gain));
    }
}

/* The best of those that are not refused, and the simplest one that is not behind it by more than a standard error,
 * nor by more than is worth having. */
static struct choice choose(const struct run *run, const struct bootstrap *bootstrap)
{
    const struct selection *s = &run->selection;
    enum metric metric = primary(s->target);
    struct choice choice = { .refused = arena_alloc(run->arena, s->n_entries, sizeof(char *)) };
    refuse(run, bootstrap, &choice);
    for (size_t e = 1; e < s->n_entries; e++) {
        if (choice.refused[e]) continue;
        if (choice.best == 0
            || metric_is_better(metric, bootstrap->full[e * METRICS + metric],
                                bootstrap->full[choice.best * METRICS + metric]))
            choice.best = e;
    }
    choice.full = bootstrap->full[choice.best * METRICS + metric];
    for (size_t e = 1; e < s->n_entries; e++) {
        double full = bootstrap->full[e * METRICS + metric];
        if (choice.refused[e] || e == choice.best) continue;
        if (choice.next == 0 || metric_is_better(metric, full, choice.next_full))
            choice.next = e, choice.next_full = full;
    }
    for (choice.chosen = choice.best == 0 ? 0 : 1; choice.chosen < choice.best; choice.chosen++) {
        if (choice.refused[choice.chosen]) continue;
        choice.behind = difference(run, bootstrap, choice.best, choice.chosen, &choice.error).value;
        if (choice.behind <= choice.error && choice.behind <= WORTH_HAVING) break;
    }
    choice.chosen_full = bootstrap->full[choice.chosen * METRICS + metric];
    return choice;
}

/* "boosting by 0.002 of AUC, standard error 0.003"; where its figures are of parts, what it has on the whole too, which
 * is what was compared. */
static const char *behind_words(const struct run *run, const struct choice *choice)
{
    const char *best = run->selection.entries[choice->best].name;
    if (run->selection.target == TARGET_AMOUNT)
        return arena_format(run->arena, "%s by %.1f %% of the deviance, standard error %.1f", best,
                            100 * choice->behind, 100 * choice->error);
    const char *whole = run->is_parted ? arena_format(run->arena, " on all held out (%.3f of %.3f)", choice->chosen_full,
                                                      choice->full)
                                       : "";
    return arena_format(run->arena, "%s by %.3f of AUC%s, standard error %.3f", best, choice->behind, whole,
                        choice->error);
}

/* " (logistic L2: 0.743)": that of the best other one; the chosen one's figures may be below it, being of what was
 * chosen elsewhere. */
static const char *next_words(const struct run *run, const struct choice *choice)
{
    if (choice->next == 0) return "";
    return arena_format(run->arena, " (%s: %.3f)", run->selection.entries[choice->next].name, choice->next_full);
}

static const char *why_chosen(const struct run *run, const struct choice *choice)
{
    const char *name = run->selection.entries[choice->chosen].name;
    if (choice->chosen == 0) return "nothing tells customers apart beyond chance: everyone gets the same prediction";
    if (choice->best == 1) return "no model beats the one-feature rule beyond chance, so the rule is used";
    if (choice->chosen == choice->best)
        return arena_format(run->arena, "%s predicts best%s; nothing simpler comes close enough", name,
                            run->is_parted && run->selection.target == TARGET_YES_NO
                                ? arena_format(run->arena, ", with an AUC of %.3f%s on all held out", choice->full,
                                               next_words(run, choice))
                                : "");
    return arena_format(run->arena, "%s is the simplest within one standard error of the best: it is behind %s",
                        name, behind_words(run, choice));
}

static void say_choice(struct run *run, const struct choice *choice)
{
    struct selection *s = &run->selection;
    const struct leaderboard_entry *entry = &s->entries[s->chosen];
    const char *gain = s->chosen < 2 ? "" : arena_format(run->arena, entry->over_rule.low > 0
                                                             ? ": better than the rule by %s"
                                                             : ": its lead over the rule there, %s, may be chance",
                                                         in_words(run->arena, s->target, entry->over_rule));
    const char *figures = run->learners[s->chosen] == &learner_constant ? "" : run->is_parted
        ? "; its figures in the table are of each third of the held-out customers, by what the other two thirds "
          "choose"
        : "; too few were held out to choose on one part and to judge on another";
    const char *mixed =
        run->is_parted && run->is_mixed ? ", which is not always this model, so another's may be higher there" : "";
    s->sentence = arena_format(run->arena, "%s%s%s%s%s", why_chosen(run, choice), figures, mixed, gain,
                               run->limit.is_reached ? "; the search was stopped by its time limit" : "");
}

enum { THIRDS = 3 };

static unsigned third_of(const struct run *run, size_t row)
{
    uint64_t id = run->held_out->group ? run->held_out->group[row] : row;
    struct rng rng = rng_stream(run->request->seed, id);
    return (unsigned)rng_below(&rng, THIRDS);
}

/* The held-out rows but those of one third; THIRDS: all. */
static struct part part_without(const struct run *run, unsigned third, struct arena *arena)
{
    const struct selection *s = &run->selection;
    struct part part = { 0, ARENA_ARRAY(arena, float, s->n_held_out), ARENA_ARRAY(arena, uint32_t, s->n_held_out),
                         arena_alloc(arena, s->n_entries, sizeof(double *)) };
    for (size_t e = 0; e < s->n_entries; e++) part.predicted[e] = ARENA_ARRAY(arena, double, s->n_held_out);
    for (size_t i = 0; i < s->n_held_out; i++) {
        if (third != THIRDS && third_of(run, i) == third) continue;
        part.labels[part.n] = run->held_out->labels[i];
        part.group[part.n] = run->held_out->group ? run->held_out->group[i] : (uint32_t)i;
        for (size_t e = 0; e < s->n_entries; e++) part.predicted[e][part.n] = run->predicted[e][i];
        part.n++;
    }
    return part;
}

static bool has_enough(const struct run *run, const struct part *part)
{
    size_t n_yes = 0;
    for (size_t i = 0; i < part->n; i++) n_yes += part->labels[i] > 0;
    size_t n_other = run->request->target == TARGET_AMOUNT ? part->n / 2 : part->n - n_yes;
    return n_yes >= SELECTION_MIN_EACH && n_other >= SELECTION_MIN_EACH;
}

/* Of n entries from `first` on; what is drawn is the same whichever they are. */
static struct bootstrap replicate(struct run *run, const struct part *part, size_t first, size_t n, size_t most,
                                  struct arena *scratch)
{
    const struct selection *s = &run->selection;
    const struct ranking *rankings[8];
    for (size_t e = first; e < first + n; e++)
        rankings[e - first] = ranking_new(scratch, s->target, part->labels, part->predicted[e], part->n,
                                          s->entries[e].threshold);
    size_t n_replicates = run->request->n_bootstrap ? run->request->n_bootstrap : DEFAULT_BOOTSTRAP;
    size_t affordable = REPLICATED_ROWS_MAX / (part->n + 1);
    if (n_replicates > affordable) n_replicates = affordable < LEAST_BOOTSTRAP ? LEAST_BOOTSTRAP : affordable;
    if (n_replicates > most) n_replicates = most;
    return bootstrap_run(rankings, n, part->group, n_replicates, run->request->seed, run->n_threads, scratch);
}

/* The best of several is always a little lucky where it was chosen.  So two thirds of the held-out customers choose
 * for the last third, each in turn, and what the chosen ones say of those who did not choose them is what the figures
 * of the chosen model come from: as a rule it is one and the same. */
static void part_choice_and_figures(struct run *run)
{
    struct selection *s = &run->selection;
    double *fair = ARENA_ARRAY(run->arena, double, s->n_held_out);
    for (unsigned third = 0; third < THIRDS; third++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct part choosing = part_without(run, third, scratch);
        struct bootstrap bootstrap = replicate(run, &choosing, 0, s->n_entries, LEAST_BOOTSTRAP, scratch);
        struct choice choice = choose(run, &bootstrap);
        run->is_mixed |= choice.chosen != s->chosen;
        for (size_t i = 0; i < s->n_held_out; i++)
            if (third_of(run, i) == third) fair[i] = run->predicted[choice.chosen][i];
        arena_free(scratch);
    }
    run->figures.predicted[s->chosen] = fair;
}

static void judge(struct run *run)
{
    struct selection *s = &run->selection;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    run->figures = part_without(run, THIRDS, run->arena);
    s->n_judged = run->figures.n;
    run->is_parted = true;
    for (unsigned third = 0; third < THIRDS && run->is_parted; third++) {
        struct part choosing = part_without(run, third, scratch);
        run->is_parted = has_enough(run, &choosing);
    }
    progress_report(run->request->progress, "judging models", 0, s->n_entries, "models");
    struct bootstrap figures = replicate(run, &run->figures, 0, s->n_entries, SIZE_MAX, scratch);
    struct choice choice = choose(run, &figures);
    s->chosen = choice.chosen;
    bool is_constant = run->learners[s->chosen] == &learner_constant;   /* what says the same of all was not lucky */
    if (run->is_parted && !is_constant) {
        part_choice_and_figures(run);
        if (run->is_mixed) {        /* else its predictions are what they were */
            struct bootstrap fair = replicate(run, &run->figures, s->chosen, 1, SIZE_MAX, scratch);
            bootstrap_put(&figures, s->chosen, &fair);
        }
    }
    for (size_t e = 0; e < s->n_entries; e++) {
        for (int m = 0; m < METRICS; m++)
            s->entries[e].metrics[m] = bootstrap_interval(&figures, e, (enum metric)m);
        s->entries[e].over_rule = e == 1 ? (struct interval){ 0, 0, 0 } : difference(run, &figures, e, 1, NULL);
        s->entries[e].refused = choice.refused[e];
        s->entries[e].is_chosen = e == s->chosen;
    }
    say_choice(run, &choice);
    arena_free(scratch);
}

static void draw_curves(struct run *run)
{
    struct selection *s = &run->selection;
    bool is_yes_no = s->target == TARGET_YES_NO;
    const float *labels = run->figures.labels;
    const double *predicted = run->figures.predicted[s->chosen];
    s->predicted = run->predicted[s->chosen];
    s->n_bins =
        metric_calibration(labels, predicted, s->n_judged, CALIBRATION_BINS, is_yes_no, run->arena, &s->bins);
    s->n_deciles = metric_deciles(labels, predicted, s->n_judged, is_yes_no, run->arena, &s->deciles);
    if (is_yes_no) {
        s->n_roc = metric_roc(labels, predicted, s->n_judged, CURVE_POINTS, run->arena, &s->roc);
        s->n_precision_recall = metric_precision_recall(labels, predicted, s->n_judged, CURVE_POINTS, run->arena,
                                                        &s->precision_recall);
    }
    double sum = 0;
    for (size_t i = 0; i < s->n_held_out; i++) sum += (double)run->held_out->labels[i];
    s->base_rate = sum / (double)s->n_held_out;
    s->settings = &run->settings[s->chosen];
    s->rule = &run->settings[1];
}

/* The entries of the leaderboard, without their results. */
static void prepare(struct run *run)
{
    const struct selection_request *request = run->request;
    struct selection *s = &run->selection;
    s->target = request->target;
    run->held_out = run->fold ? &request->train : &request->test;
    s->n_held_out = run->held_out->n_rows;
    for (size_t i = 0; i < n_learners; i++)
        if (request->target == TARGET_AMOUNT ? learners[i]->is_for_amounts : learners[i]->is_for_yes_no)
            run->learners[s->n_entries++] = learners[i];
    assert(run->learners[0] == &learner_constant && run->learners[1] == &learner_rule);
    s->entries = ARENA_ARRAY(run->arena, struct leaderboard_entry, s->n_entries);
    run->settings = ARENA_ARRAY(run->arena, struct learner_settings, s->n_entries);
    run->predicted = arena_alloc(run->arena, s->n_entries, sizeof(double *));
    for (size_t e = 0; e < s->n_entries; e++) run->predicted[e] = ARENA_ARRAY(run->arena, double, s->n_held_out);
    s->validation = run->fold ? arena_format(run->arena, "%u-fold cross-validation", run->n_folds)
                              : "held-out time";
}

bool selection_run(const struct selection_request *request, struct arena *arena, struct selection *ret_selection,
                   struct err *err)
{
    struct run run = { .request = request,
                       .arena = arena,
                       .n_threads = request->n_threads ? request->n_threads : 1,
                       .n_folds = request->n_folds ? request->n_folds : DEFAULT_FOLDS };
    if (!check_request(&run, err)) return false;
    if (request->search_seconds > 0 && request->now_seconds)
        run.limit = (struct search_limit){ request->now_seconds, now(&run) + request->search_seconds, false };
    if (request->test.n_rows == 0) {
        run.fold = ARENA_ARRAY(arena, uint8_t, request->train.n_rows);
        split_folds(&request->train, run.n_folds, request->seed, run.fold);
    }
    prepare(&run);
    if (!try_learners(&run, err)) return false;
    judge(&run);
    if (!parallel_goes_on(err)) return false;
    draw_curves(&run);
    *ret_selection = run.selection;
    return true;
}
