/* covariates.c - see covariates.h. */
#include "analyse/covariates.h"

#include <math.h>

enum { LEVELS_MOST = 30 };

bool list_part(const char **rest, char sign, struct arena *arena, const char **ret_part)
{
    int depth = 0;
    char quote = 0;
    const char *at = *rest;
    for (; *at; at++) {
        if (quote) { quote = *at == quote ? 0 : quote; continue; }
        if (*at == '\'' || *at == '"') quote = *at;
        depth += (*at == '(') - (*at == ')');
        if (*at == sign && depth == 0) break;
    }
    struct text part = text_trim((struct text){ *rest, (size_t)(at - *rest) });
    *ret_part = arena_format(arena, "%.*s", (int)part.length, part.at);
    bool is_more = *at != 0;
    *rest = is_more ? at + 1 : at;
    return is_more;
}

static bool add(struct covariates *covariates, const char *name, double *values, struct err *err)
{
    if (covariates->n == COVARIATES_MOST)
        return err_set(err, ERR_INVALID, "more than %d covariates", COVARIATES_MOST);
    covariates->names[covariates->n] = name, covariates->values[covariates->n++] = values;
    return true;
}

static bool add_levels(const struct frame *frame, size_t column, struct arena *arena,
                       struct covariates *covariates, struct err *err)
{
    struct frame_levels levels;
    if (!frame_levels(frame, column, LEVELS_MOST, arena, &levels, err)) return false;
    for (size_t l = 1; l < levels.n; l++) {
        double *values = ARENA_ARRAY(arena, double, frame->n_rows + 1);
        for (size_t i = 0; i < frame->n_rows; i++)
            values[i] = levels.of[i] == FRAME_MISSING ? (double)NAN : levels.of[i] == l;
        if (!add(covariates, arena_format(arena, "%s=%s", frame->names[column], levels.names[l]), values, err))
            return false;
    }
    return true;
}

bool covariates_read(const struct frame *frame, const char *list, struct arena *arena,
                     struct covariates *ret_covariates, struct err *err)
{
    const char *name;
    *ret_covariates = (struct covariates){ 0 };
    for (bool more = true; more;) {
        struct err none;
        size_t column;
        double *values;
        more = list_part(&list, ',', arena, &name);
        if (!*name) continue;
        bool is_column = frame_column(frame, name, &column, arena, &none);
        if (is_column && !frame->is_number[column]) {
            if (!add_levels(frame, column, arena, ret_covariates, err)) return false;
        } else if (!frame_numbers(frame, name, arena, &values, err) || !add(ret_covariates, name, values, err)) {
            return false;
        }
    }
    return true;
}
