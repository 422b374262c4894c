/* measuring_course.c - the effect on the primary metric as one would have seen it on earlier days; see
 * measuring_internal.h. */
#include "engine/measuring_internal.h"

#include "base/calendar.h"
#include "base/json_write.h"

#include <math.h>

enum { COURSE_LOOKS = 12 };

/* Of an arm, who had had the whole window by an instant. */
static struct arm_sample sample_by(const struct measuring *m, const double *values, size_t arm, int64_t until_ms)
{
    struct arm_sample s = { 0 };
    int64_t window_ms = m->design->metrics[m->design->primary].window_days * MS_PER_DAY;
    for (size_t i = 0; i < m->n; i++) {
        const struct exposed *p = &m->people[i];
        if (p->arm != arm || p->is_mixed || isnan(values[i]) || p->at_ms + window_ms > until_ms) continue;
        double d = values[i] - s.mean;
        s.n++, s.mean += d / s.n, s.variance += d * (values[i] - s.mean);
    }
    s.variance /= fmax(1, s.n - 1);
    return s;
}

static void add_look(const struct measuring *m, const double *values, int64_t until_ms, json_t *rows)
{
    const struct measuring_options *o = m->options;
    struct arm_sample control = sample_by(m, values, m->design->control, until_ms);
    char day[11];
    calendar_format_day(calendar_day_of_ms(until_ms - 1), day);
    for (size_t arm = 0; arm < m->design->n_arms; arm++) {
        struct arm_sample treated = sample_by(m, values, arm, until_ms);
        double p, low, high;
        if (arm == m->design->control || control.n < 2 || treated.n < 2) continue;
        struct estimate e = welch(control, treated, o->alpha, &p);
        always_valid(e.value, e.se, control.n + treated.n, o->alpha, o->tuning, &low, &high);
        json_t *row = json_pack("{s:s, s:s, s:I}", "day", day, "arm", m->design->arms[arm], "n",
                                (json_int_t)(control.n + treated.n));
        json_object_set_new(row, "absolute",
                            json_pack("{s:o, s:o, s:o}", "value", number_json(e.value), "low", number_json(e.low),
                                      "high", number_json(e.high)));
        json_object_set_new(row, "always_valid",
                            json_pack("{s:o, s:o}", "low", number_json(low), "high", number_json(high)));
        json_array_append_new(rows, row);
    }
}

json_t *measuring_course_json(const struct measuring *m, const double *values)
{
    json_t *rows = json_array();
    enum design_kind kind = m->design->metrics[m->design->primary].kind;
    int64_t first_ms = INT64_MAX, until_ms = m->options->as_of_ms;
    if (kind == DESIGN_RATIO || kind == DESIGN_QUANTILE) return rows;
    for (size_t i = 0; i < m->n; i++)
        if (m->people[i].at_ms < first_ms) first_ms = m->people[i].at_ms;
    first_ms += m->design->metrics[m->design->primary].window_days * MS_PER_DAY;
    for (int64_t look = 1; look <= COURSE_LOOKS && first_ms < until_ms; look++)
        add_look(m, values, first_ms + (until_ms - first_ms) / COURSE_LOOKS * look, rows);
    return rows;
}
