/* model_card.c - see model_card.h. */
#include "learn/model_card.h"

#include "base/calendar.h"
#include "learn/evidence.h"
#include "learn/judged.h"
#include "learn/people_group.h"

#include <math.h>
#include <string.h>

enum { REVIEW_DAYS = 180, OWN_TRAITS_MOST = 3, FEW_PEOPLE = 30 };

bool card_terms_read(const struct settings *settings, struct arena *arena, struct card_terms *ret_terms,
                     struct err *err)
{
    static const char *const keys[] = { "owner", "review" };
    const struct yaml_node *models = settings_section(settings, "models");
    struct card_terms terms = { .review_days = REVIEW_DAYS };
    if ((models && (!yaml_check_keys(models, keys, sizeof keys / sizeof *keys, err) ||
                    !yaml_text(models, "owner", &terms.owner, err) ||
                    !yaml_days(models, "review", &terms.review_days, err))) ||
        !settings_names(settings, "protected", arena, &terms.traits, &terms.n_traits, err))
        return false;
    *ret_terms = terms;
    return true;
}

/* ---- by group ---- */

static json_t *group_json(const struct judged *j, const struct people_group *groups, uint32_t group,
                          struct arena *arena)
{
    size_t n = 0;
    float *labels = ARENA_ARRAY(arena, float, j->rows.n_rows + 1);
    double *predicted = ARENA_ARRAY(arena, double, j->rows.n_rows + 1), yes = 0, foretold = 0;
    for (size_t i = 0; i < j->rows.n_rows; i++) {
        if (j->rows.identity[i] >= groups->n || groups->of[j->rows.identity[i]] != group) continue;
        labels[n] = j->rows.labels[i], predicted[n] = j->prediction[i];
        yes += (double)labels[n], foretold += predicted[n++];
    }
    if (n == 0) return NULL;
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:b}", "group", groups->names[group], "n", (json_int_t)n, "auc",
                     number_json(metric_compute(METRIC_AUC, labels, predicted, n, .5)), "predicted",
                     number_json(foretold / (double)n), "observed", number_json(yes / (double)n), "is_small",
                     n < FEW_PEOPLE);
}

/* By what is known of people now: files tell their traits once, on their last day. */
static bool trait_json(const struct log *log, const char *trait, const struct judged *j, int64_t end_ms,
                       unsigned n_threads, struct arena *arena, json_t *by_group, struct err *err)
{
    struct people_group groups;
    if (!people_group(log, trait, end_ms, n_threads, arena, &groups, err)) {
        if (err->code != ERR_INVALID) return false;
        json_array_append_new(by_group, json_pack("{s:s, s:[], s:s}", "trait", trait, "groups", "why", err->text));
        return true;
    }
    json_t *rows = json_array();
    for (uint32_t g = 0; g < groups.n_groups; g++) {
        json_t *row = group_json(j, &groups, g, arena);
        if (row) json_array_append_new(rows, row);
    }
    json_array_append_new(by_group, json_pack("{s:s, s:o}", "trait", trait, "groups", rows));
    return true;
}

static bool by_group_json(const struct log *log, const struct trained *trained, const struct card_terms *terms,
                          const struct judged *j, int64_t end_ms, unsigned n_threads, struct arena *arena,
                          json_t *by_group, struct err *err)
{
    const char *own[OWN_TRAITS_MOST], *const *traits = terms->traits;
    size_t n = terms->n_traits;
    for (size_t c = 0; terms->n_traits == 0 && c < feature_set_size(trained->set) && n < OWN_TRAITS_MOST; c++) {
        const struct feature *f = feature_at(trained->set, c);
        if (strstr(f->name, " = ") && (n == 0 || strcmp(own[n - 1], f->group) != 0))
            own[n++] = f->group, traits = own;
    }
    for (size_t t = 0; t < n; t++)
        if (!trait_json(log, traits[t], j, end_ms, n_threads, arena, by_group, err)) return false;
    return true;
}

/* ---- the card ---- */

json_t *model_card_chosen(const json_t *evidence)
{
    size_t i;
    json_t *model;
    json_array_foreach(json_object_get(evidence, "models"), i, model)
        if (json_is_true(json_object_get(model, "chosen"))) return json_incref(model);
    return json_null();
}

/* A table's rows are of no instant, and nobody of them did anything. */
static bool is_timed(const struct question *question) { return question->kind != QUESTION_TRAIT; }

static void limit(json_t *limits, const char *sentence)
{
    if (sentence) json_array_append_new(limits, json_string(sentence));
}

static json_t *limits_json(const struct trained *trained, const struct judged *j, struct arena *arena)
{
    json_t *limits = json_array();
    char day[11];
    const struct question *q = &trained->question;
    calendar_format_day(calendar_day_of_ms(trained->as_of_ms), day);
    limit(limits, is_timed(q) ? arena_format(arena, "It knows nothing of what came after %s.", day) : NULL);
    limit(limits, is_timed(q) && q->active_days > 0
                      ? arena_format(arena,
                                     "Only customers with an event '%s' in the %lld days before%s are asked; nobody "
                                     "else has a prediction.",
                                     q->goal, (long long)q->active_days, question_besides(q, arena))
                      : NULL);
    limit(limits,
          json_string_value(json_object_get(json_object_get(trained->evidence, "calibration"), "sentence")));
    limit(limits, "It foretells what people will do if nothing is done about it; that is not what an action "
                  "changes.");
    limit(limits, j ? NULL : "What it says of groups cannot be told: nobody's answer is known yet.");
    limit(limits, j && !j->is_unseen ? "The figures by group are of people it learned from." : NULL);
    return limits;
}

static json_t *data_json(const struct trained *trained)
{
    const json_t *question = json_object_get(trained->evidence, "question");
    char day[11];
    calendar_format_day(calendar_day_of_ms(trained->as_of_ms), day);
    json_t *data = json_pack("{s:s?, s:I, s:O?, s:O?}", "until", is_timed(&trained->question) ? day : NULL, "features",
                             (json_int_t)feature_set_size(trained->set), "events",
                             json_object_get(trained->evidence, "n_events"), "as_of",
                             json_object_get(question, "cutoffs"));
    return data;
}

int64_t card_review_ms(const struct card_terms *terms, const struct card_version *version, int64_t as_of_ms)
{
    return (version->made_ms ? version->made_ms : as_of_ms) + terms->review_days * MS_PER_DAY;
}

static json_t *day_json(int64_t at_ms)
{
    char day[11];
    if (at_ms == 0) return json_null();
    calendar_format_day(calendar_day_of_ms(at_ms), day);
    return json_string(day);
}

bool model_card(const struct log *log, const struct trained *trained, const struct card_version *version,
                const struct card_terms *terms, int64_t end_ms, int64_t now_ms, unsigned n_threads,
                struct arena *arena, json_t **ret_card, struct err *err)
{
    const struct question *q = &trained->question;
    const json_t *asked = json_object_get(trained->evidence, "question");
    struct judged judged;
    json_t *by_group = json_array();
    int64_t review_ms = card_review_ms(terms, version, trained->as_of_ms);
    bool has = judged_read(log, trained, end_ms, n_threads, arena, &judged, err);
    if (has ? !by_group_json(log, trained, terms, &judged, end_ms, n_threads, arena, by_group, err)
            : err->code != ERR_REFUSED) {
        json_decref(by_group);
        return false;
    }
    const char *who = is_timed(q) && q->active_days > 0
                         ? arena_format(arena, "customers with an event '%s' in the %lld days before%s", q->goal,
                                        (long long)q->active_days, question_besides(q, arena))
                     : q->who ? q->who
                         : "all customers",
               *use = arena_format(arena, "To rank customers by how likely one %s, and to say why; not to "
                                   "refuse anybody anything, and not to tell whom an action would change.",
                                   question_asks(q, arena));
    *ret_card = json_pack("{s:s, s:I, s:b, s:o, s:o, s:O?, s:s?, s:s, s:o, s:o, s:o, s:s, s:s?, s:o, s:b}", "name",
                          q->name, "version", (json_int_t)version->version, "in_force", version->is_in_force,
                          "made", day_json(version->made_ms), "data", data_json(trained), "question",
                          json_object_get(asked, "sentence"), "why", q->why, "who_is_asked", who, "metrics",
                          model_card_chosen(trained->evidence), "by_group", by_group, "limits",
                          limits_json(trained, has ? &judged : NULL, arena), "intended_use", use, "owner",
                          terms->owner, "review", day_json(review_ms), "overdue", review_ms <= now_ms);
    return true;
}
