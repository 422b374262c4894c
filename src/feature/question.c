/* question.c - decides what a question leaves open, and its instants; see question.h. */
#include "feature/question_internal.h"
#include "base/calendar.h"
#include "base/letters.h"
#include "base/similar.h"
#include "customer/treatment.h"
#include "feature/history.h"
#include "feature/survey.h"

#include <stdlib.h>
#include <string.h>

enum { ACTIVE_DAYS = 365, MOST_TRAINING = 8, GAP_MOST_DAYS = 3660, GAPS_LEAST = 30, HORIZONS_NEEDED = QUESTION_HORIZONS_NEEDED };

/* Kinds of event that are a purchase, the most telling first; small letters of any script, without spaces and marks. */
static const char *const purchases[] = {
    "order", "ordercompleted", "purchase", "purchased", "buy", "bought", "transaction", "checkoutcompleted",
    "sale", "payment", "paid", "paymentsucceeded", "invoicepaid", "subscriptionrenewed", "renewal", "booking",
    "booked", "deposit",
    "bestellung", "kauf", "einkauf", "zahlung", "buchung", "bestelling", "aankoop", "betaling", "commande", "achat",
    "paiement", "réservation", "pedido", "compra", "pago", "reserva", "ordine", "acquisto", "pagamento",
    "prenotazione", "encomenda", "zamówienie", "zakup", "płatność", "beställning", "köp", "betalning", "køb",
    "ordre", "заказ", "покупка", "оплата", "注文", "購入", "支払い", "訂單", "订单", "购买",
};
/* Kinds that describe what another event says already, or say nothing about what a customer did. */
static const char *const no_deeds[] = {
    "traits", "refund", "identify", "alias", "refunditem", "orderitem", "orderpendingitem", "ordercancelleditem",
    "orderfaileditem", "ordertestitem", "orderotheritem",
};

static const char *const labels[] = {
    "churn", "churned", "exited", "attrition", "attritionflag", "left", "cancelled", "canceled", "label",
    "target", "y", "response", "converted", "revenue", "outcome",
};
static const char *const yeses[] = {
    "yes", "true", "1", "y", "t", "churned", "exited", "left", "attritedcustomer", "positive",
    "ja", "oui", "si", "sim", "wahr", "vrai", "tak",
};
static const char *const noes[] = {
    "no", "false", "0", "n", "f", "retained", "stayed", "existingcustomer", "negative",
    "nein", "nee", "non", "nao", "falsch", "faux", "nie",
};

const int64_t question_horizons[QUESTION_N_HORIZONS] = { 1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365 };
enum { ONCE_EACH = 100 };               /* so many customers without a repeat are no chance */
enum { LEAST_USUAL_HORIZON = 4 };       /* the index of 7 days */

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *question_kind_word(enum question_kind kind)
{
    static const char *const words[] = { [QUESTION_CHURN] = "churn", [QUESTION_EVENT] = "event",
                                         [QUESTION_SPEND] = "spend", [QUESTION_TRAIT] = "trait" };
    return words[kind];
}

/* "Order Completed" as "ordercompleted"; what does not fit is no word of a list. */
static void squeeze(const char *name, char ret_text[40])
{
    size_t n = 0;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (const char *at = letters_slug(arena, name); *at && n < 39; at++)
        if (*at != '_') ret_text[n++] = *at;
    ret_text[n] = 0;
    arena_free(arena);
}

/* The index of name in a list of squeezed words; n if it is none of them. */
static size_t place_in(const char *name, const char *const *words, size_t n)
{
    char text[40];
    squeeze(name, text);
    size_t i = 0;
    while (i < n && strcmp(text, words[i]) != 0) i++;
    return i;
}

bool question_says_no(const char *value) { return place_in(value, noes, COUNT(noes)) < COUNT(noes); }

static const char *kind_name(const struct log *log, size_t kind, struct arena *arena)
{
    struct text text = log_name(log, DICTIONARY_KIND, (uint32_t)kind);
    return arena_format(arena, "%.*s", (int)text.length, text.at);
}

bool question_goal(const struct log *log, const char *goal, struct arena *arena, uint16_t *ret_kind,
                   struct err *err)
{
    uint32_t kind;
    if (log_find(log, DICTIONARY_KIND, text_of(goal), &kind) && kind != 0) {
        *ret_kind = (uint16_t)kind;
        return true;
    }
    size_t n = log_n_names(log, DICTIONARY_KIND);
    const char **names = ARENA_ARRAY(arena, const char *, n);
    for (size_t i = 1; i < n; i++) names[i - 1] = kind_name(log, i, arena);
    return err_set(err, ERR_MISSING, "no event is of kind '%s'%s", goal, similar_names(goal, names, n - 1, arena));
}

bool question_is_no_deed(const char *kind) { return place_in(kind, no_deeds, COUNT(no_deeds)) < COUNT(no_deeds); }

/* "af_purchase", "Purchase - web": a purchase by a part of its name. */
static bool resembles_purchase(const char *name)
{
    static const char *const parts[] = { "purchase", "order", "checkoutcomplet", "payment", "paid", "sale", "compra", "achat",
                                         "acquist", "kauf", "bestell", "pedido", "commande" };
    static const char *const nevers[] = { "cart", "view", "fail", "cancel", "refund", "return", "pending", "test", "other",
                                          "item", "begin", "start", "initiat", "abandon", "ship", "deliver", "updat", "fulfil",
                                          "verkauf", "method", "info", "history", "page", "border", "reorder", "salesforce",
                                          "error", "declin", "reminder", "mail", "click", "open" };
    char text[40];
    bool has_part = false;
    squeeze(name, text);
    for (size_t i = 0; i < COUNT(parts); i++) has_part |= strstr(text, parts[i]) != NULL;
    for (size_t i = 0; i < COUNT(nevers); i++)
        if (strstr(text, nevers[i])) return false;
    return has_part;
}

/* How much a kind says that it is a purchase where none is called so: by a part of its name, by money that came in. */
static int likeness(const struct kind_survey *counts, const char *name)
{
    bool has_money = 2 * counts->n_amounts > counts->n_events && 2 * counts->n_negative < counts->n_amounts;
    return 2 * resembles_purchase(name) + has_money;
}

static const char *why_goal(const struct question *question, bool is_named, bool has_money, double share, struct arena *arena)
{
    if (is_named)
        return arena_format(arena, "The goal is '%s', the event that looks most like a purchase (%.0f %% of customers have one).",
                            question->goal, share);
    if (has_money)
        return arena_format(arena, "No event is called a purchase, so the goal is '%s', which has money (%.0f %% of customers "
                                   "have one).", question->goal, share);
    return arena_format(arena, "No event looks like a purchase, so the goal is '%s', which most customers do (%.0f %%): those "
                               "who stop have left.", question->goal, share);
}

/* The most telling purchase that at least one customer made; else what is most like one, and of those what most
 * customers did. */
static bool choose_goal(const struct log *log, const struct survey *survey, struct arena *arena,
                        struct question *question, struct err *err)
{
    size_t best = 0, best_place = COUNT(purchases), widest = 0;
    int likest = 0;
    for (size_t kind = 1; kind < survey->n_kinds; kind++) {
        const struct kind_survey *counts = &survey->kinds[kind];
        const char *name = kind_name(log, kind, arena);
        size_t place = place_in(name, purchases, COUNT(purchases));
        if (counts->n_customers == 0 || question_is_no_deed(name))
            continue;
        if (place < best_place) best = kind, best_place = place;
        const struct kind_survey *most = &survey->kinds[widest];
        int like = likeness(counts, name);
        bool is_wider = counts->n_customers > most->n_customers ||
                        (counts->n_customers == most->n_customers && counts->n_events > most->n_events);
        if (widest == 0 || like > likest || (like == likest && is_wider)) widest = kind, likest = like;
    }
    size_t goal = best ? best : widest;
    uint32_t refund;
    if (goal == 0 && log_find(log, DICTIONARY_KIND, text_of("refund"), &refund) && refund < survey->n_kinds &&
        survey->kinds[refund].n_events > 0)
        return err_set(
            err, ERR_REFUSED,
            "all amounts are negative, so every row is a refund and none an order: turn the sign, or name "
            "the column of amounts with --amount");
    if (goal == 0)
        return err_set(err, ERR_REFUSED,
                       "no event says what a customer did: import events or orders, or name a table's label "
                       "with --target");
    question->goal = kind_name(log, goal, arena);
    question->goal_kind = (uint16_t)goal;
    double share = 100 * (double)survey->kinds[goal].n_customers / (double)survey->n_customers;
    question->why = why_goal(question, best || likest > 1, likest == 1, share, arena);
    return true;
}

bool question_is_left(const struct question *question, uint16_t kind)
{
    for (size_t i = 0; i < question->n_left; i++)
        if (question->left_kind[i] == kind) return true;
    return false;
}

static int64_t first_day_of(int64_t first_ms) { return calendar_day_of_ms(first_ms); }

/* The day before which every day is whole: the last one, unless its events all stand at midnight. */
static int64_t end_day_of(int64_t last_ms)
{
    int64_t last = last_ms - 1, day = calendar_day_of_ms(last);
    return last == day * MS_PER_DAY ? day + 1 : day;
}

/* The rhythm of the goal: days within which nine of ten events follow the one before (0 if there are too
 * few to say), and the day on which it begins in earnest: a few events of a wrong clock do not count. */
struct rhythm { int64_t gap_days, first_day; };

static int32_t begin_in_earnest(const struct history *history)
{
    size_t n = history->first[history->n_customers], n_of[GAP_MOST_DAYS + 1] = { 0 }, seen = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t day = history->day[i] - history->first_day;
        n_of[day < GAP_MOST_DAYS ? day : GAP_MOST_DAYS]++;
    }
    int32_t day = 0;
    while (day < GAP_MOST_DAYS && 200 * (seen += n_of[day]) <= n) day++;
    return history->first_day + day;
}

static bool find_rhythm(const struct log *log, const struct question_options *options, uint16_t goal_kind,
                        struct rhythm *ret_rhythm, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    const struct history_options reading = { .goal_kind = goal_kind, .as_of_ms = options->last_ms,
                                             .n_threads = options->n_threads ? options->n_threads : 1 };
    bool ok = history_read(log, &reading, arena, &history, err);
    uint64_t n_of[GAP_MOST_DAYS + 1] = { 0 }, n = 0, seen = 0;
    for (size_t c = 0; ok && c < history.n_customers; c++)
        for (size_t i = history.first[c] + 1; i < history.first[c + 1]; i++, n++) {
            int64_t gap = (int64_t)history.day[i] - history.day[i - 1];
            n_of[gap < GAP_MOST_DAYS ? gap : GAP_MOST_DAYS]++;
        }
    *ret_rhythm = (struct rhythm){ 0, first_day_of(options->first_ms) };
    if (ok && history.n_customers > 0) ret_rhythm->first_day = begin_in_earnest(&history);
    arena_free(arena);
    if (n >= GAPS_LEAST)
        while (10 * (seen += n_of[ret_rhythm->gap_days]) < 9 * n) ret_rhythm->gap_days++;
    return ok;
}

/* The horizon nearest to days, as a ratio. */
static int64_t nearest_horizon(int64_t days)
{
    size_t best = LEAST_USUAL_HORIZON;
    for (size_t i = best + 1; i < QUESTION_N_HORIZONS; i++)
        if (days * days > question_horizons[i - 1] * question_horizons[i]) best = i;
    return question_horizons[best];
}

static bool choose_horizon(const struct log *log, const struct question_options *options, struct arena *arena,
                           struct question *question, struct err *err)
{
    struct rhythm rhythm;
    if (!find_rhythm(log, options, question->goal_kind, &rhythm, err)) return false;
    question->begins_ms = rhythm.first_day * MS_PER_DAY;
    if (question->horizon_days) {
        question->why = arena_format(arena, "%s The horizon is %lld days, as asked.", question->why,
                                     (long long)question->horizon_days);
        return true;
    }
    int64_t gap = rhythm.gap_days, days = end_day_of(options->last_ms) - rhythm.first_day;
    int64_t wanted = gap ? nearest_horizon(gap) : 30, horizon = 0;
    for (size_t i = 0; i < QUESTION_N_HORIZONS && question_horizons[i] <= wanted && question_horizons[i] * HORIZONS_NEEDED <= days;
         i++)
        horizon = question_horizons[i];
    if (horizon == 0)
        return err_set(err, ERR_REFUSED,
                       "the events cover %.1f days, of which %lld are whole: too little to look back, learn "
                       "and test, which needs at least %d whole days",
                       (double)(options->last_ms - options->first_ms) / (double)MS_PER_DAY, (long long)days,
                       HORIZONS_NEEDED);
    question->horizon_days = horizon;
    const char *how = gap ? arena_format(arena,
                                         "nine of ten repeats of '%s' come within %lld days of the one before%s",
                                         question->goal, (long long)gap,
                                         horizon != wanted || gap == horizon ? ""
                                             : ", and of the usual spans this is the nearest")
                          : arena_format(arena, "too few customers repeat '%s' to tell their usual gap",
                                         question->goal);
    const char *bound = horizon == wanted ? ""
                                          : arena_format(arena,
                                                         "; %lld days would suit, but the data cover only "
                                                         "%lld, and looking back, learning and testing take "
                                                         "one horizon each",
                                                         (long long)wanted, (long long)days);
    question->why = arena_format(arena, "%s The horizon is %lld days: %s%s.", question->why, (long long)horizon,
                                 how, bound);
    return true;
}

static bool kind_of_name(const char *name, enum question_kind *ret_kind, struct arena *arena, struct err *err)
{
    static const char *const names[] = { "churn", "spend", "return" };
    static const enum question_kind kinds[] = { QUESTION_CHURN, QUESTION_SPEND, QUESTION_EVENT };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0) { *ret_kind = kinds[i]; return true; }
    return err_set(err, ERR_INVALID, "no question is called '%s'%s or declare it in a YAML file", name,
                   similar_names(name, names, COUNT(names), arena));
}

bool question_is_known(const char *name, struct arena *arena, struct err *err)
{
    enum question_kind ignored;
    return kind_of_name(name, &ignored, arena, err);
}

/* The column that looks like a label; NULL if none does. */
static const struct trait_survey *guess_label(const struct survey *survey)
{
    const struct trait_survey *best = NULL;
    size_t best_place = COUNT(labels);
    for (size_t i = 0; i < survey->n_traits; i++) {
        size_t place = place_in(survey->traits[i].name, labels, COUNT(labels));
        if (place < best_place && survey->traits[i].n_distinct == 2) best = &survey->traits[i], best_place = place;
    }
    return best;
}

static bool no_label(const struct survey *survey, struct arena *arena, struct err *err)
{
    const char *list = "", *treatment = NULL;
    size_t n = 0;
    for (size_t i = 0; i < survey->n_traits; i++) {
        if (survey->traits[i].n_distinct != 2) continue;
        const char *name = survey->traits[i].name;
        list = arena_format(arena, "%s%s%s", list, n++ ? ", " : "", name);
        if (treatment_is_name(name)) treatment = name;
    }
    if (n == 0)
        return err_set(
            err, ERR_REFUSED,
            "no column looks like a label, and none has two values: what is asked of a table is a column "
            "such as churn yes or no");
    if (!treatment || n == 1)
        return err_set(err, ERR_REFUSED, "no column looks like a label: name it with --target; two values have %s",
                       list);
    return err_set(
        err, ERR_REFUSED,
        "no column looks like a label: name it with --target; two values have %s; %s says what was done to "
        "some: whether it helped is another question, asked of the file by holdfast experiment analyse FILE "
        "--arm %s --metrics COLUMN",
        list, treatment, treatment);
}

static bool find_label(const struct survey *survey, const struct question_options *options, struct arena *arena,
                       const struct trait_survey **ret_label, struct question *question, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, survey->n_traits);
    for (size_t i = 0; i < survey->n_traits; i++) names[i] = survey->traits[i].name;
    if (!options->target) {
        if (!(*ret_label = guess_label(survey))) return no_label(survey, arena, err);
        question->why = arena_format(arena,
                                     "The label is the column '%s', guessed from its name; --target names "
                                     "another.",
                                     (*ret_label)->name);
        return true;
    }
    for (size_t i = 0; i < survey->n_traits; i++)
        if (strcmp(names[i], options->target) == 0) {
            *ret_label = &survey->traits[i];
            question->why = arena_format(arena,
                                         options->is_target_guessed
                                             ? "The label is the column '%s', as it was imported; --target "
                                               "names another."
                                             : "The label is the column '%s', as asked.",
                                         names[i]);
            return true;
        }
    return err_set(err, ERR_MISSING, "there is no column '%s'%s", options->target,
                   similar_names(options->target, names, survey->n_traits, arena));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct trait_value *)a)->text, ((const struct trait_value *)b)->text);
}

/* The first values in the order of the alphabet, whatever the order in which they were met. */
static const char *list_values(const struct trait_survey *label, struct arena *arena)
{
    const char *text = "";
    struct trait_value *values = ARENA_ARRAY(arena, struct trait_value, label->n_distinct + 1);
    for (size_t i = 0; i < label->n_distinct; i++) values[i] = label->values[i];
    qsort(values, label->n_distinct, sizeof *values, by_text);
    for (size_t i = 0; i < label->n_distinct && i < 5; i++)
        text = arena_format(arena, "%s%s'%.40s'", text, i ? ", " : "", values[i].text);
    return label->n_distinct > 5 ? arena_format(arena, "%s ...", text) : text;
}

/* Which value counts as yes. */
static bool choose_yes(const struct trait_survey *label, const struct question_options *options,
                       struct arena *arena, struct question *question, struct err *err)
{
    if (options->yes) {
        question->yes = options->yes;
        for (size_t i = 0; i < label->n_distinct; i++)
            if (strcmp(label->values[i].text, options->yes) == 0) return true;
        return err_set(err, ERR_INVALID, "'%s' is never '%s': its values are %s", label->name, options->yes,
                       list_values(label, arena));
    }
    if (label->n_distinct < 2)
        return err_set(err, ERR_REFUSED, "'%s' is always %s: there is nothing to learn", label->name,
                       label->n_distinct ? list_values(label, arena) : "empty");
    if (label->n_distinct > 2 || label->n_beyond > 0)
        return err_set(err, ERR_INVALID,
                       "'%s' has more than two values (%s): say which counts as yes with --yes", label->name,
                       list_values(label, arena));
    for (size_t i = 0; i < 2; i++) {
        const char *value = label->values[i].text, *other = label->values[1 - i].text;
        if (place_in(value, yeses, COUNT(yeses)) == COUNT(yeses) &&
            place_in(other, noes, COUNT(noes)) == COUNT(noes))
            continue;
        question->yes = arena_copy(arena, value);
        return true;
    }
    return err_set(err, ERR_INVALID, "'%s' is %s: say which counts as yes with --yes", label->name,
                   list_values(label, arena));
}

static bool choose_label(const struct survey *survey, const struct question_options *options, struct arena *arena,
                         struct question *question, struct err *err)
{
    const struct trait_survey *label;
    question->kind = QUESTION_TRAIT;
    if (!find_label(survey, options, arena, &label, question, err) ||
        !choose_yes(label, options, arena, question, err))
        return false;
    question->target = arena_copy(arena, label->name);
    question->name = options->name ? options->name : question->target;
    question->meaning = options->meaning ? options->meaning : question_meaning(question);
    question->why = arena_format(arena, "%s '%s' counts as yes.", question->why, question->yes);
    return true;
}

/* Nothing but rows of a table: traits, all at one instant. */
static bool looks_like_table(const struct log *log, const struct survey *survey,
                             const struct question_options *options)
{
    uint32_t traits;
    if (!log_find(log, DICTIONARY_KIND, text_of("traits"), &traits)) return false;
    for (size_t kind = 0; kind < survey->n_kinds; kind++)
        if (kind != traits && survey->kinds[kind].n_events > 0) return false;
    return options->last_ms - options->first_ms <= 1;
}

static bool check_left(const struct question_options *options, bool is_table, const struct question *question,
                       struct err *err)
{
    if (!options->left || (question->kind == QUESTION_CHURN && !is_table && !options->who)) return true;
    return err_set(err, ERR_INVALID, "left '%s': the event by which customers leave belongs to a question of churn%s",
                   options->left, options->who ? " without who" : "");
}

static bool choose(const struct log *log, const struct question_options *options, struct arena *arena,
                   struct question *question, struct err *err)
{
    struct survey survey;
    if (!survey_log(log, options->n_threads ? options->n_threads : 1, arena, &survey, err)) return false;
    if (survey.n_events == 0)
        return err_set(err, ERR_REFUSED, "the log has no event of a known customer: import a file first");
    bool is_table = options->is_table || options->target || looks_like_table(log, &survey, options);
    if (!check_left(options, is_table, question, err)) return false;
    if (is_table) return choose_label(&survey, options, arena, question, err);
    if (options->goal) {
        if (!question_goal(log, options->goal, arena, &question->goal_kind, err)) return false;
        question->goal = kind_name(log, question->goal_kind, arena);
        question->why = arena_format(arena, "The goal is '%s', as asked.", question->goal);
    } else if (!choose_goal(log, &survey, arena, question, err)) {
        return false;
    }
    const struct kind_survey *goals = &survey.kinds[question->goal_kind];
    if (question->kind == QUESTION_CHURN && goals->n_customers >= ONCE_EACH &&
        goals->n_events == goals->n_customers)
        return err_set(err, ERR_REFUSED,
                       "none of %llu customers has a second '%s', so that all look as if they had left: where the "
                       "customer's column numbers orders, import the file again with --customer COLUMN",
                       (unsigned long long)goals->n_customers, question->goal);
    question->horizon_days = options->horizon_days;
    return choose_horizon(log, options, arena, question, err) &&
           (question->kind != QUESTION_CHURN || options->who || options->is_goal_only ||
            question_choose_left(log, options, &survey, arena, question, err));
}

bool question_decide(const struct log *log, const struct question_options *options, enum question_kind kind,
                     struct arena *arena, struct question *ret_question, struct err *err)
{
    struct question_options complete = *options;
    struct question question = { .name = options->name,
                                 .kind = kind,
                                 .who = options->who,
                                 .value_cents = options->value_cents,
                                 .active_days = options->active_days ? options->active_days : ACTIVE_DAYS };
    if (options->last_ms == 0 && options->first_ms == 0) {
        struct log_totals totals;
        if (!log_totals(log, &totals, err)) return false;
        complete.first_ms = totals.first_ms, complete.last_ms = totals.last_ms + 1;
    }
    if (!choose(log, &complete, arena, &question, err)) return false;
    *ret_question = question;
    return true;
}

bool question_choose(const struct log *log, const struct question_options *options, struct arena *arena,
                     struct question *ret_question, struct err *err)
{
    struct question_options named = *options;
    enum question_kind kind = QUESTION_TRAIT;
    if (!named.name) named.name = "churn";
    bool is_label = options->is_table || options->target;
    if (!is_label && !kind_of_name(named.name, &kind, arena, err)) return false;
    return question_decide(log, &named, kind, arena, ret_question, err);
}

static bool too_short(const struct question *question, int64_t first_day, int64_t end_day, int64_t needed_days,
                      struct err *err)
{
    int64_t most = (end_day - first_day) / HORIZONS_NEEDED;
    return err_set(err, ERR_REFUSED,
                   "a horizon of %lld days needs %lld whole days of events (to look back, learn and test), and "
                   "there are %lld%s%.0lld%s",
                   (long long)question->horizon_days, (long long)needed_days, (long long)(end_day - first_day),
                   most ? ": try --horizon " : "", (long long)most, most ? "d or less" : "");
}

bool question_cutoffs(const struct question *question, int64_t first_ms, int64_t last_ms, int64_t test_at_ms,
                      struct arena *arena, int64_t **ret_cutoffs_ms, size_t *ret_n_cutoffs, struct err *err)
{
    int64_t *cutoffs = ARENA_ARRAY(arena, int64_t, MOST_TRAINING + 1);
    *ret_cutoffs_ms = cutoffs;
    if (question->kind == QUESTION_TRAIT) { cutoffs[0] = last_ms; *ret_n_cutoffs = 1; return true; }

    if (question->begins_ms != 0 && question->begins_ms > first_ms) first_ms = question->begins_ms;
    int64_t horizon = question->horizon_days, first_day = first_day_of(first_ms), end_day = end_day_of(last_ms);
    int64_t latest_ms = (end_day - horizon) * MS_PER_DAY;
    if (test_at_ms != INT64_MIN && test_at_ms > latest_ms) {
        char asked[11], latest[11];
        calendar_format_day(calendar_day_of_ms(test_at_ms), asked);
        calendar_format_day(end_day - horizon, latest);
        return err_set(err, ERR_INVALID,
                       "a test at %s would need events up to %lld days later: the latest whole horizon begins "
                       "at %s",
                       asked, (long long)horizon, latest);
    }
    int64_t test_ms = test_at_ms == INT64_MIN ? latest_ms : test_at_ms;
    int64_t room_days = calendar_day_of_ms(test_ms) - first_day - 2 * horizon;  /* for more than one to train */
    if (room_days < 0) return too_short(question, first_day, end_day, end_day - first_day - room_days, err);

    int64_t shortest_step = horizon > 3 ? horizon / 3 : 1, n = 1 + room_days / shortest_step;
    if (n > MOST_TRAINING) n = MOST_TRAINING;
    int64_t step = n > 1 ? room_days / (n - 1) : 0;
    if (step > horizon) step = horizon;
    for (int64_t i = 0; i < n; i++) cutoffs[n - 1 - i] = test_ms - (horizon + i * step) * MS_PER_DAY;
    cutoffs[n] = test_ms;
    *ret_n_cutoffs = (size_t)n + 1;
    return true;
}
