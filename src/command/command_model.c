/* command_model.c - the models there are: what each is, which is in force, and putting another in force. */
#include "base/arena_list.h"
#include "base/calendar.h"
#include "base/json_write.h"
#include "base/similar.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "analyse/experiment_log.h"
#include "hub/contest.h"
#include "learn/challenge.h"
#include "learn/evidence.h"
#include "learn/model_card.h"
#include "server/clocks.h"
#include "store/sql.h"

#include <inttypes.h>
#include <string.h>

struct version {
    const char *question, *learner, *gate;      /* gate: how one that a server trained did; NULL: nobody asked */
    int64_t     id, version, as_of_ms, made_ms, force;
    double      auc;
    bool        is_in_force, is_timed;  /* is_timed: not of a table, whose rows are of no instant */
};

struct models {
    struct invocation *invocation;
    struct arena      *arena;
    struct database database;
    struct card_terms  terms;
    struct version    *all;             /* [n] by question, the newest first */
    size_t             n;
    int64_t            chosen;          /* the model that a job puts in force, or takes out of it */
};

/* ---- reading ---- */

static void read_evidence(struct version *version, struct text evidence, struct arena *arena)
{
    size_t i;
    json_t *model, *json = json_loadb(evidence.at, evidence.length, 0, NULL);
    version->learner = "", version->auc = (double)NAN;
    version->is_timed = json_is_number(json_object_get(json_object_get(json, "question"), "horizon_days"));
    const char *gate = json_string_value(json_object_get(json, "gate"));
    version->gate = gate ? arena_copy(arena, gate) : NULL;
    json_array_foreach(json_object_get(json, "models"), i, model) {
        if (!json_is_true(json_object_get(model, "chosen"))) continue;
        const json_t *auc = json_object_get(json_object_get(model, "auc"), "value");
        version->learner = arena_copy(arena, json_string_value(json_object_get(model, "name")));
        if (json_is_number(auc)) version->auc = json_number_value(auc);
    }
    json_decref(json);
}

static bool read_versions(struct models *m, struct err *err)
{
    struct sql_model_versions row = { 0 };
    enum step step = STEP_FAIL;
    size_t room = 0;
    if (sql_model_versions(m->database.store, value_null(), &row, err))
        while ((step = sql_model_versions_step(&row, err)) == STEP_ROW) {
            m->all = arena_list_grow(m->arena, m->all, m->n, &room, sizeof *m->all);
            struct version *version = &m->all[m->n++];
            *version = (struct version){ .question = arena_format(m->arena, "%.*s", (int)row.question.length,
                                                                  row.question.at),
                                         .id = row.id, .version = row.version, .as_of_ms = row.as_of_ms,
                                         .made_ms = row.made_ms, .force = row.force,
                                         .is_in_force = row.in_force != 0 };
            read_evidence(version, row.evidence, m->arena);
        }
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* version 0: the one in force. */
static const struct version *find(const struct models *m, const char *name, int64_t version, struct err *err)
{
    const char *names[64];
    size_t n_names = 0;
    bool is_known = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct version *at = &m->all[i];
        if (n_names < 64 && (i == 0 || strcmp(m->all[i - 1].question, at->question) != 0))
            names[n_names++] = at->question;
        if (strcmp(at->question, name) != 0) continue;
        is_known = true;
        if (version ? at->version == version : at->is_in_force) return at;
    }
    if (is_known)
        err_set(err, ERR_MISSING, "%s has no version %" PRId64 "; holdfast model list tells which there are", name,
                version);
    else
        err_set(err, ERR_MISSING, "there is no model '%s'%s", name, similar_names(name, names, n_names, m->arena));
    return NULL;
}

/* ---- acting ---- */

static bool promote(struct store *store, void *context, struct err *err)
{
    const struct models *m = context;
    return sql_model_promote(store, m->chosen, err);
}

static bool retire(struct store *store, void *context, struct err *err)
{
    const struct models *m = context;
    return sql_model_retire(store, m->chosen, err);
}

static json_t *moved_json(const struct version *from, const struct version *to, struct arena *arena)
{
    const char *sentence =
        arena_format(arena, "%s: version %" PRId64 " is in force instead of %" PRId64 ".  Scores are made by it "
                     "from the next holdfast score on, or at once on a server.",
                     to->question, to->version, from->version);
    return json_pack("{s:s, s:I, s:I, s:s}", "name", to->question, "version", (json_int_t)to->version,
                     "instead_of", (json_int_t)from->version, "sentence", sentence);
}

static const char *text_at(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    return json_is_string(value) ? json_string_value(value) : "-";
}

/* While the version acts in an experiment, that decides: only what is better beyond noise is promoted. */
static bool is_shown(struct models *m, const char *name, int64_t version, struct err *err)
{
    struct trained champion;
    struct arena *arena = m->arena;
    json_t *analysed = NULL;
    bool is_arm = false;
    if (!trained_get(m->database.store, m->database.log, name, arena, &champion, err)) return false;
    const struct design *design = champion.contest ? &champion.contest->design : NULL;
    const char *typed = arena_format(arena, "%" PRId64, version);
    const char *experiment = design ? arena_copy(arena, design->name) : NULL;
    for (size_t a = 0; design && a < design->n_arms; a++)
        is_arm |= a != design->control && strcmp(design->arms[a], typed) == 0;
    trained_release(&champion);
    if (!is_arm) return true;
    const char *sentence;
    bool is_better = false;
    struct err why;
    if (experiment_log_analyse(m->invocation, experiment, &analysed, &why)) {
        const json_t *verdict = json_object_get(analysed, "verdict");
        sentence = arena_copy(arena, json_string_value(json_object_get(verdict, "sentence")));
        is_better = strcmp(text_at(verdict, "word"), "better") == 0 &&
                    strcmp(text_at(verdict, "arm"), typed) == 0;    /* of several arms this one */
        json_decref(analysed);
    } else sentence = arena_format(arena, "%s.", why.text);
    return is_better ||
           err_set(err, ERR_REFUSED, "experiment %s does not show that version %s is better: %s  holdfast experiment "
                   "stop %s ends it; then it can be promoted all the same", experiment, typed, sentence, experiment);
}

static bool act_promote(struct models *m, json_t **ret_json, struct err *err)
{
    const char *name = m->invocation->arguments[1], *typed = m->invocation->arguments[2];
    int64_t version;
    if (m->invocation->n_arguments < 3 || !text_int64(text_of(typed), &version) || version < 1)
        return err_set(err, ERR_INVALID,
                       "usage: holdfast model promote NAME VERSION, a number that model list tells");
    const struct version *from = find(m, name, 0, err), *to = from ? find(m, name, version, err) : NULL;
    if (!to) return false;
    if (to->is_in_force)
        return err_set(err, ERR_REFUSED, "version %" PRId64 " of %s is in force already", version, name);
    m->chosen = to->id;
    if (!is_shown(m, name, version, err) || !database_write(m->invocation, &m->database, promote, m, err))
        return false;
    *ret_json = moved_json(from, to, m->arena);
    return true;
}

static bool act_rollback(struct models *m, json_t **ret_json, struct err *err)
{
    const char *name = m->invocation->arguments[1];
    const struct version *from = find(m, name, 0, err), *to = NULL;
    if (!from) return false;
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->all[i].question, name) == 0 && m->all[i].force > 0 && m->all[i].id != from->id &&
            (!to || m->all[i].force > to->force))
            to = &m->all[i];
    if (!to)
        return err_set(err, ERR_REFUSED, "nothing was in force for %s before version %" PRId64, name,
                       from->version);
    m->chosen = from->id;
    if (!database_write(m->invocation, &m->database, retire, m, err)) return false;
    *ret_json = moved_json(from, to, m->arena);
    return true;
}

static bool act_card(struct models *m, json_t **ret_json, struct err *err)
{
    const char *name = m->invocation->arguments[1], *typed = m->invocation->arguments[2];
    int64_t asked = 0;
    struct trained trained;
    if (m->invocation->n_arguments > 2 && (!text_int64(text_of(typed), &asked) || asked < 1))
        return err_set(err, ERR_INVALID,
                       "usage: holdfast model card NAME [VERSION], a number that model list tells");
    const struct version *at = find(m, name, asked, err);
    if (!at || !database_describe(&m->database, m->arena, err) ||
        !trained_get_version(m->database.store, m->database.log, name, at->id, m->arena, &trained, err))
        return false;
    const struct card_version version = { at->version, at->made_ms, at->is_in_force };
    bool ok = model_card(m->database.log, &trained, &version, &m->terms, m->database.as_of_ms, clock_wall_ms(NULL),
                         m->invocation->n_threads, m->arena, ret_json, err);
    trained_release(&trained);
    return ok;
}

static json_t *judged_json(int64_t version, const struct judged *judged)
{
    return json_pack("{s:I, s:b, s:o}", "version", (json_int_t)version, "unseen", judged->is_unseen, "auc",
                     interval_json(judged->quality));
}

/* The one in force against another, of the same people. */
static bool act_compare(struct models *m, json_t **ret_json, struct err *err)
{
    struct invocation *in = m->invocation;
    const char *name = in->arguments[1], *typed = in->arguments[2];
    struct trained champion, challenger;
    struct challenge challenge;
    int64_t version;
    if (in->n_arguments < 3 || !text_int64(text_of(typed), &version) || version < 1)
        return err_set(err, ERR_INVALID,
                       "usage: holdfast model compare NAME VERSION, the version that is not in force");
    const struct version *from = find(m, name, 0, err), *to = from ? find(m, name, version, err) : NULL;
    if (!to || !database_describe(&m->database, m->arena, err)) return false;
    if (to->is_in_force)
        return err_set(err, ERR_REFUSED, "version %" PRId64 " of %s is the one in force: compare another with it",
                       version, name);
    if (!trained_get_version(m->database.store, m->database.log, name, from->id, m->arena, &champion, err))
        return false;
    bool ok = trained_get_version(m->database.store, m->database.log, name, to->id, m->arena, &challenger, err);
    if (ok) {
        ok = challenge_judge(m->database.log, &champion, &challenger, m->database.as_of_ms, in->seed, in->n_threads,
                             m->arena, &challenge, err);
        trained_release(&challenger);
    }
    trained_release(&champion);
    if (!ok) return false;
    *ret_json = json_pack("{s:s, s:o, s:o, s:I, s:o, s:s, s:s}", "name", name, "champion",
                          judged_json(from->version, &challenge.champion), "challenger",
                          judged_json(version, &challenge.challenger), "n",
                          (json_int_t)challenge.champion.rows.n_rows, "difference",
                          interval_json(challenge.difference), "verdict", challenge_word_text[challenge.word],
                          "sentence", challenge.sentence);
    return true;
}

/* ---- saying ---- */

static json_t *day_of(int64_t at_ms)
{
    char day[11];
    if (at_ms == 0) return json_null();
    calendar_format_day(calendar_day_of_ms(at_ms), day);
    return json_string(day);
}

static json_t *list_json(const struct models *m)
{
    json_t *rows = json_array();
    int64_t now_ms = clock_wall_ms(NULL);
    for (size_t i = 0; i < m->n; i++) {
        const struct version *v = &m->all[i];
        const struct card_version version = { v->version, v->made_ms, v->is_in_force };
        int64_t review_ms = card_review_ms(&m->terms, &version, v->as_of_ms);
        json_array_append_new(
            rows, json_pack("{s:s, s:I, s:b, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "name", v->question, "version",
                            (json_int_t)v->version, "in_force", v->is_in_force, "learner", v->learner, "auc",
                            number_json(v->auc), "trained_until", day_of(v->is_timed ? v->as_of_ms : 0), "made",
                            day_of(v->made_ms),
                            "review", day_of(review_ms), "overdue", v->is_in_force && review_ms <= now_ms,
                            "shadow", v->force < 0, "gate", v->gate ? json_string(v->gate) : json_null()));
    }
    return json_pack("{s:o}", "models", rows);
}

static void print_list(FILE *out, const json_t *json)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(json, "models"), i, row) {
        if (i == 0)
            fprintf(out, "%-20s %7s  %-10s %-10s %-20s %s\n", "name", "version", "until", "review", "learner", "");
        fprintf(out, "%-20s %7" JSON_INTEGER_FORMAT "  %-10s %-10s %-20s %s%s\n", text_at(row, "name"),
                json_integer_value(json_object_get(row, "version")), text_at(row, "trained_until"),
                text_at(row, "review"), text_at(row, "learner"),
                json_is_true(json_object_get(row, "in_force")) ? "in force"
                : json_is_true(json_object_get(row, "shadow")) ? "in the shadow" : "",
                json_is_true(json_object_get(row, "overdue")) ? ", its review is overdue" : "");
    }
    if (json_array_size(json_object_get(json, "models")) == 0)
        fputs("there is no model yet; run: holdfast train\n", out);
}

static void print_card(FILE *out, const json_t *card)
{
    size_t i, k;
    const json_t *row, *group;
    fprintf(out, "%s, version %" JSON_INTEGER_FORMAT "%s\n%s\n\n", text_at(card, "name"),
            json_integer_value(json_object_get(card, "version")),
            json_is_true(json_object_get(card, "in_force")) ? ", in force" : "", text_at(card, "question"));
    fprintf(out, "asked: %s\nfor: %s\nowner: %s\nreview: %s%s\nlearner: %s\n", text_at(card, "who_is_asked"),
            text_at(card, "intended_use"), text_at(card, "owner"), text_at(card, "review"),
            json_is_true(json_object_get(card, "overdue")) ? ", overdue" : "",
            text_at(json_object_get(card, "metrics"), "name"));
    json_array_foreach(json_object_get(card, "by_group"), i, row)
        json_array_foreach(json_object_get(row, "groups"), k, group)
            fprintf(out, "%s %s: %" JSON_INTEGER_FORMAT " people, AUC %.3f, foretold %.3f, happened %.3f\n",
                    text_at(row, "trait"), text_at(group, "group"),
                    json_integer_value(json_object_get(group, "n")),
                    json_number_value(json_object_get(group, "auc")),
                    json_number_value(json_object_get(group, "predicted")),
                    json_number_value(json_object_get(group, "observed")));
    json_array_foreach(json_object_get(card, "limits"), i, row)
        fprintf(out, "limit: %s\n", json_string_value(row));
}

static bool act(struct models *m, json_t **ret_json, struct err *err)
{
    struct invocation *in = m->invocation;
    struct settings settings;
    const char *action = in->arguments[0];
    if (!command_settings(in, m->database.store, &settings, err) ||
        !card_terms_read(&settings, m->arena, &m->terms, err) || !read_versions(m, err))
        return false;
    if (strcmp(action, "list") == 0) { *ret_json = list_json(m); return true; }
    if (in->n_arguments < 2)
        return err_set(err, ERR_INVALID, "which model?  holdfast model list tells their names");
    if (strcmp(action, "card") == 0) return act_card(m, ret_json, err);
    if (strcmp(action, "compare") == 0) return act_compare(m, ret_json, err);
    return strcmp(action, "promote") == 0 ? act_promote(m, ret_json, err) : act_rollback(m, ret_json, err);
}

static bool run_model(struct invocation *invocation, struct err *err)
{
    static const char *const actions[] = { "list", "card", "compare", "promote", "rollback" };
    struct models *m = ARENA_NEW(invocation->arena, struct models);
    const char *action = invocation->arguments[0];
    json_t *json = NULL;
    size_t a = 0;
    while (a < 5 && strcmp(actions[a], action) != 0) a++;
    if (a == 5)
        return err_set(err, ERR_INVALID, "model takes list, card, compare, promote or rollback; not %s", action);
    m->invocation = invocation, m->arena = invocation->arena;
    if (!database_open(invocation, NULL, false, &m->database, err)) return false;
    bool ok = act(m, &json, err);
    database_close(&m->database);
    if (!ok) return false;
    if (invocation->is_json) { json_write_take(invocation->out, json); return true; }
    if (a == 0) print_list(invocation->out, json);
    else if (a == 1) print_card(invocation->out, json);
    else fprintf(invocation->out, "%s\n", text_at(json, "sentence"));
    json_decref(json);
    return true;
}

static bool is_writing(const struct invocation *invocation)
{
    const char *action = invocation->n_arguments ? invocation->arguments[0] : "";
    return strcmp(action, "promote") == 0 || strcmp(action, "rollback") == 0;
}

const struct command command_model = {
    .name = "model",
    .arguments = "ACTION [NAME] [VERSION]",
    .summary = "the models there are: list, card NAME, compare NAME VERSION, promote NAME VERSION, rollback NAME",
    .details =
        "Each training makes a version, which is in force from then on; holdfast train --challenger keeps it beside\n"
        "the one in force, and compare tells which is better of people whom neither learned from.\n"
        "Versions can also act beside each other, each for its own customers: an experiment with model: churn and arms\n"
        "that are versions; until it is stopped only one that it shows to be better is promoted.\n"
        "The card says what one learned from,\n"
        "whom it asks, how good it is and for which groups, who owns it and when it is to be reviewed\n"
        "(settings: models: {owner: Ann, review: 180d}).  Rolling back puts in force what was before.",
    .example = "holdfast model card churn",
    .run = run_model,
    .is_writing = is_writing,
};
