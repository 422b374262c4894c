/* quality.c - see quality.h. */
#include "table/quality.h"

#include <math.h>

static const char *const severity_words[] = { "ok", "note", "warning", "problem" };

json_t *quality_json(const struct quality *quality)
{
    json_t *findings = json_array(), *columns = json_array();
    for (size_t i = 0; i < quality->n_findings; i++) {
        const struct finding *f = &quality->findings[i];
        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:s, s:I, s:o}", "severity", severity_words[f->severity],
                                        "title", f->title, "detail", f->detail, "count", (json_int_t)f->count,
                                        "share", isnan(f->share) ? json_null() : json_real(f->share)));
    }
    for (size_t i = 0; i < quality->n_columns; i++) {
        const struct quality_column *c = &quality->columns[i];
        json_array_append_new(columns, json_pack("{s:s, s:s, s:s, s:f, s:I, s:s}", "name", c->name, "role",
                                                 c->role, "kind", c->kind, "missing_share", c->missing_share,
                                                 "distinct", (json_int_t)c->distinct, "example", c->example));
    }
    return json_pack("{s:o, s:o}", "findings", findings, "columns", columns);
}
