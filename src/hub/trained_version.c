/* trained_version.c - see trained_version.h. */
#include "hub/trained_version.h"

#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void trained_version_release(struct trained *trained)
{
    json_decref(trained->evidence);
    trained->evidence = NULL;
}

static json_t *question_to_json(const struct trained *trained)
{
    const struct question *q = &trained->question;
    json_t *left = json_array();
    for (size_t i = 0; i < q->n_left; i++) json_array_append_new(left, json_string(q->left[i]));
    return json_pack("{s:s, s:i, s:s?, s:I, s:I, s:s?, s:o, s:s?, s:s?, s:f, s:i, s:s?, s:f}", "name", q->name,
                     "kind", (int)q->kind, "goal", q->goal, "horizon_days", (json_int_t)q->horizon_days,
                     "active_days", (json_int_t)q->active_days, "who", q->who, "left", left, "target", q->target,
                     "yes", q->yes, "value_cents", q->value_cents, "meaning", (int)q->meaning, "why", q->why,
                     "base_rate", trained->base_rate);
}

/* A member's text, NULL where it is null or missing. */
static const char *text_in(const json_t *object, const char *key, struct arena *arena)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? arena_copy(arena, text) : NULL;
}

static void read_left(const json_t *list, const struct log *log, struct arena *arena, struct question *question)
{
    const char **left = ARENA_ARRAY(arena, const char *, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list) && question->n_left < CHURN_EVENTS_MOST; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        uint32_t kind;
        if (!name || !log_find(log, DICTIONARY_KIND, text_of(name), &kind)) continue;
        question->left_kind[question->n_left] = (uint16_t)kind;
        left[question->n_left++] = arena_copy(arena, name);
    }
    question->left = left;
}

static bool question_from_json(const char *text, const struct log *log, struct arena *arena,
                               struct trained *trained, struct err *err)
{
    struct question *q = &trained->question;
    json_t *object = json_loads(text, 0, NULL);
    int kind;
    json_int_t horizon_days, active_days;
    bool ok = object && json_unpack(object, "{s:i, s:I, s:I, s:F, s:F}", "kind", &kind, "horizon_days",
                                    &horizon_days, "active_days", &active_days, "value_cents", &q->value_cents,
                                    "base_rate", &trained->base_rate) == 0;
    ok = ok && kind >= QUESTION_CHURN && kind <= QUESTION_TRAIT && json_is_string(json_object_get(object, "name"));
    if (ok) {
        uint32_t goal_kind = 0;
        q->name = text_in(object, "name", arena);
        q->kind = (enum question_kind)kind;
        q->goal = text_in(object, "goal", arena);
        q->who = text_in(object, "who", arena);
        read_left(json_object_get(object, "left"), log, arena, q);
        q->target = text_in(object, "target", arena);
        q->yes = text_in(object, "yes", arena);
        q->why = text_in(object, "why", arena);
        const json_t *meaning = json_object_get(object, "meaning");
        q->meaning = meaning ? (enum meaning)json_integer_value(meaning) : question_meaning(q);
        q->horizon_days = horizon_days;
        q->active_days = active_days;
        if (q->goal) (void)log_find(log, DICTIONARY_KIND, text_of(q->goal), &goal_kind);
        q->goal_kind = (uint16_t)goal_kind;
    }
    json_decref(object);
    return ok || err_set(err, ERR_CORRUPT,
                         "the stored model's question cannot be read; train again (holdfast train)");
}

bool trained_put(struct store *store, const struct trained *trained, struct arena *arena, struct err *err)
{
    json_t *question = question_to_json(trained);
    char *question_text = json_dumps(question, JSON_COMPACT),
         *evidence = json_dumps(trained->evidence, JSON_COMPACT);
    const uint8_t *bytes;
    size_t n_bytes;
    predictor_save(trained->predictor, arena, &bytes, &n_bytes);
    bool is_alone = !store_in_transaction(store);
    bool ok = (!is_alone || store_begin(store, err)) && 
              sql_model_put(store, text_of(trained->question.name), trained->as_of_ms, text_of(question_text),
                            text_of(feature_set_save(trained->set, arena)), bytes_of(bytes, n_bytes),
                            text_of(evidence), trained->made_ms, err) &&
              (!is_alone || store_commit(store, err));
    if (!ok && is_alone) store_rollback(store);
    json_decref(question);
    free(question_text);
    free(evidence);
    return ok || err_context(err, "keeping the model");
}

static double *usual_of(const json_t *evidence, size_t n, struct arena *arena)
{
    const json_t *usual = json_object_get(evidence, "usual");
    double *values = ARENA_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(usual, i);
        values[i] = json_is_number(value) ? json_number_value(value) : (double)NAN;
    }
    return values;
}

static bool read_row(const struct sql_model_latest *row, const struct log *log, struct arena *arena,
                     struct trained *trained, struct err *err)
{
    trained->as_of_ms = row->as_of_ms;
    if (!question_from_json(row->question_json.at, log, arena, trained, err)) return false;
    if (!feature_set_load(row->features.at, log, arena, &trained->set, err)) return false;
    if (!predictor_load((const uint8_t *)row->predictor.at, row->predictor.length, arena, &trained->predictor,
                        err))
        return false;
    if (predictor_columns(trained->predictor) != feature_set_size(trained->set))
        return err_set(err, ERR_CORRUPT,
                       "the stored model and its features differ in size; train again (holdfast train)");
    trained->evidence = json_loads(row->evidence.at, 0, NULL);
    trained->usual = usual_of(trained->evidence, feature_set_size(trained->set), arena);
    return trained->evidence ||
           err_set(err, ERR_CORRUPT, "the stored evidence is no JSON; train again (holdfast train)");
}

bool trained_get_version(struct store *store, const struct log *log, const char *question, int64_t id,
                         struct arena *arena, struct trained *ret_trained, struct err *err)
{
    struct sql_model_latest row;
    struct trained trained = { 0 };
    if (!sql_model_latest(store, value_text(question), id, &row, err)) return err_context(err, "reading the model");
    bool ok = false;
    switch (sql_model_latest_step(&row, err)) {
    case STEP_ROW:
        ok = read_row(&row, log, arena, &trained, err);
        break;
    case STEP_END:
        if (question)
            err_set(err, ERR_MISSING, "nothing is trained for the question '%s'; run: holdfast train",
                    question);
        else err_set(err, ERR_MISSING, "nothing is trained yet; run: holdfast train");
        break;
    case STEP_FAIL:
        break;
    }
    cursor_close(row.cursor);
    if (ok) *ret_trained = trained;
    else trained_version_release(&trained);
    return ok;
}
