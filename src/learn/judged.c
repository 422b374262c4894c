/* judged.c - see judged.h. */
#include "learn/judged.h"

#include "base/calendar.h"

#include <math.h>
#include <string.h>

struct interval judged_when_made(const struct trained *trained)
{
    struct interval found = { (double)NAN, (double)NAN, (double)NAN };
    size_t i;
    json_t *model;
    json_array_foreach(json_object_get(trained->evidence, "models"), i, model) {
        const json_t *auc = json_object_get(model, "auc"), *low = json_object_get(auc, "low");
        if (json_is_true(json_object_get(model, "chosen")) && json_is_number(low))
            found = (struct interval){ json_number_value(json_object_get(auc, "value")), json_number_value(low),
                                       json_number_value(json_object_get(auc, "high")) };
    }
    return found;
}

/* Only rows whose label is known, in their order. */
static void keep_known(struct matrix *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n_rows; i++) {
        if (isnan((double)m->labels[i])) continue;
        if (kept != i) {
            memcpy(m->values + kept * m->n_columns, m->values + i * m->n_columns,
                   m->n_columns * sizeof *m->values);
            m->labels[kept] = m->labels[i], m->amounts[kept] = m->amounts[i], m->identity[kept] = m->identity[i];
        }
        kept++;
    }
    m->n_rows = kept;
}

bool judged_read(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                 struct arena *arena, struct judged *ret_judged, struct err *err)
{
    const struct question *question = &trained->question;
    bool is_table = question->kind == QUESTION_TRAIT;
    struct judged j = { .as_of_ms = is_table ? end_ms : end_ms - question->horizon_days * MS_PER_DAY };
    if (!matrix_build(log, trained->set, question, &j.as_of_ms, 1, 1, n_threads, arena, &j.rows, err))
        return false;
    keep_known(&j.rows);
    if (j.rows.n_rows == 0)
        return err_set(err, ERR_REFUSED, "nobody's answer to '%s' is known yet", question->name);
    j.prediction = ARENA_ARRAY(arena, double, j.rows.n_rows + 1);
    predictor_predict(trained->predictor, j.rows.values, j.rows.n_rows, n_threads, j.prediction);
    j.is_unseen = !is_table && j.as_of_ms >= trained->as_of_ms;
    j.quality = question->kind == QUESTION_SPEND ? (struct interval){ (double)NAN, (double)NAN, (double)NAN }
                                                 : area_interval(j.rows.labels, j.prediction, j.rows.n_rows);
    *ret_judged = j;
    return true;
}
