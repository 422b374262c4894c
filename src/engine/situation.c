/* situation.c - see situation.h. */
#include "engine/situation.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "journey/journey.h"
#include "live/live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAMES_MOST = 64 };

/* A name that is not taken from the source: of the event, or of the person as told. */
struct other_name {
    const char          *name;          /* as the condition has it */
    const char          *member;        /* without "event." */
    bool                 is_event_only, is_known_too;       /* is_known_too: the source has it, the person as told goes before */
    enum expression_type type;
};

struct compiled {
    struct expression *expression;
    struct arena      *arena;
    struct expression_column *columns;  /* [n_columns] the source's that are asked for, then the others */
    size_t            *source_column;   /* [n_source] */
    bool              *is_score;        /* [n_source] */
    size_t             n_source;
    struct other_name  others[NAMES_MOST];
    size_t             n_others;
};

struct situations {
    const struct segment_source *source;
    const struct live           *live;
    struct hash_map              places;    /* 1 + place among compiled, by the hash of the text */
    struct compiled             *compiled;
    size_t                       n, room;
    /* Of the evaluation that is running. */
    const struct compiled       *now;
    const struct situation      *about;
    bool                         lacks_score, is_known;
};

struct situations *situations_new(const struct segment_source *source, const struct live *live)
{
    struct situations *situations = memory_new(1, sizeof *situations);
    situations->source = source;
    situations->live = live;
    return situations;
}

static void compiled_free(struct compiled *compiled)
{
    expression_free(compiled->expression);
    arena_free(compiled->arena);
    *compiled = (struct compiled){ 0 };
}

void situations_free(struct situations *situations)
{
    if (!situations) return;
    for (size_t i = 0; i < situations->n; i++) compiled_free(&situations->compiled[i]);
    hash_map_free(&situations->places);
    free(situations->compiled);
    free(situations);
}

static bool situation_asks_score(const struct live *live, const char *name)
{
    static const char *const scores[] = { "churn", "value_12m_cents", "p_alive", "rfm_group", "cluster", "stage" };
    size_t model;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        if (strcasecmp(scores[i], name) == 0) return true;
    return live && live_model_of(live, name, &model);
}

/* ---- names ---- */

static const json_t *other_value(const struct other_name *other, const struct situation *about)
{
    const json_t *value = other->is_event_only ? NULL : json_object_get(about->person, other->member);
    return value ? value : json_object_get(about->event, other->member);
}

static enum expression_type type_of(const json_t *value)
{
    return json_is_string(value) ? EXPRESSION_TEXT : EXPRESSION_NUMBER;
}

static size_t source_column(const struct segment_source *source, const char *name)
{
    size_t i = 0;
    while (i < source->n_columns && !(source->columns[i].name && strcasecmp(source->columns[i].name, name) == 0))
        i++;
    return i;
}

static bool compile(struct situations *s, struct compiled *c, const char *sql, const struct situation *about,
                    struct err *err)
{
    const char *const *names;
    *c = (struct compiled){ .arena = arena_new(ARENA_NO_LIMIT) };
    size_t n = condition_names(sql, c->arena, &names);
    c->columns = ARENA_ARRAY(c->arena, struct expression_column, n + 1);
    c->source_column = ARENA_ARRAY(c->arena, size_t, n + 1);
    c->is_score = ARENA_ARRAY(c->arena, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t column = source_column(s->source, names[i]);
        if (column == s->source->n_columns || json_object_get(about->person, names[i])) continue;
        c->source_column[c->n_source] = column;
        c->is_score[c->n_source] = situation_asks_score(s->live, names[i]);
        c->columns[c->n_source++] = (struct expression_column){ names[i], s->source->columns[column].type };
    }
    for (size_t i = 0; i < n && c->n_others < NAMES_MOST; i++) {
        if (source_column(s->source, names[i]) < s->source->n_columns && !json_object_get(about->person, names[i]))
            continue;
        bool is_event_only = strncasecmp(names[i], "event.", 6) == 0;
        struct other_name other = { names[i], is_event_only ? names[i] + 6 : names[i], is_event_only,
                                    source_column(s->source, names[i]) < s->source->n_columns, EXPRESSION_NUMBER };
        other.type = type_of(other_value(&other, about));
        c->columns[c->n_source + c->n_others] = (struct expression_column){ names[i], other.type };
        c->others[c->n_others++] = other;
    }
    if (expression_compile_columns(sql, c->columns, c->n_source + c->n_others, true, &c->expression, err))
        return true;
    compiled_free(c);
    return false;
}

/* A value of another type than before needs another comparison, and so does a name that the person is told to have now, or
 * is not any more. */
static bool is_as_compiled(const struct compiled *c, const struct situation *about)
{
    for (size_t i = 0; i < c->n_source && about->person; i++)
        if (json_object_get(about->person, c->columns[i].name)) return false;
    for (size_t i = 0; i < c->n_others; i++) {
        const json_t *value = other_value(&c->others[i], about);
        if (value && type_of(value) != c->others[i].type) return false;
        if (c->others[i].is_known_too && !json_object_get(about->person, c->others[i].member)) return false;
    }
    return true;
}

static bool find(struct situations *s, const char *sql, const struct situation *about, const struct compiled **ret,
                 struct err *err)
{
    uint64_t *place = hash_map_put(&s->places, hash_bytes(sql, strlen(sql), 0));
    if (*place && is_as_compiled(&s->compiled[*place - 1], about)) {
        *ret = &s->compiled[*place - 1];
        return true;
    }
    struct compiled fresh;
    if (!compile(s, &fresh, sql, about, err)) return false;
    if (*place) {
        compiled_free(&s->compiled[*place - 1]);
    } else {
        if (s->n == s->room)
            s->compiled = memory_grow(s->compiled, s->room = 2 * s->room + 16, sizeof *s->compiled);
        *place = ++s->n;
    }
    s->compiled[*place - 1] = fresh;
    *ret = &s->compiled[*place - 1];
    return true;
}

/* ---- values ---- */

static struct expression_value value_of_json(const json_t *value)
{
    if (json_is_string(value))
        return (struct expression_value){ EXPRESSION_IS_TEXT, (double)NAN, text_of(json_string_value(value)) };
    if (json_is_number(value))
        return (struct expression_value){ EXPRESSION_IS_NUMBER, json_number_value(value), { "", 0 } };
    if (json_is_boolean(value))
        return (struct expression_value){ EXPRESSION_IS_NUMBER, json_is_true(value) ? 1 : 0, { "", 0 } };
    return (struct expression_value){ EXPRESSION_IS_NULL, (double)NAN, { "", 0 } };
}

static void keep_fact(const struct situations *s, const char *name, const struct expression_value *value)
{
    if (!s->about->facts) return;
    json_t *fact = value->kind == EXPRESSION_IS_NUMBER && isfinite(value->number)
                       ? (fabs(value->number) < 1e15 && value->number == floor(value->number)
                              ? json_integer((json_int_t)value->number)
                              : json_real(value->number))
                   : value->kind == EXPRESSION_IS_TEXT ? json_stringn(value->text.at, value->text.length)
                                                       : json_null();
    json_object_set_new(s->about->facts, name, fact);
}

static struct expression_value value_at(void *context, size_t column)
{
    struct situations *s = context;
    const struct compiled *c = s->now;
    struct expression_value value = { EXPRESSION_IS_NULL, (double)NAN, { "", 0 } };
    if (column >= c->n_source) {
        value = value_of_json(other_value(&c->others[column - c->n_source], s->about));
    } else {
        bool is_hidden = c->is_score[column] && s->about->is_unprofiled;
        if (s->is_known && !is_hidden) value = s->source->value(s->source->context, c->source_column[column]);
        bool is_missing =
            value.kind == EXPRESSION_IS_NULL || (value.kind == EXPRESSION_IS_NUMBER && isnan(value.number));
        s->lacks_score |= c->is_score[column] && is_missing && !is_hidden;
    }
    keep_fact(s, c->columns[column].name, &value);
    return value;
}

bool situation_holds(struct situations *s, const char *sql, const struct situation *about, bool *ret_holds,
                     bool *ret_lacks_score, struct err *err)
{
    if (!find(s, sql, about, &s->now, err)) return false;
    s->about = about;
    s->lacks_score = false;
    s->source->lock(s->source->context);
    bool is_current = s->source->is_current(s->source->context);
    s->is_known = is_current && s->source->begin(s->source->context, about->customer, about->now_ms);
    bool ok = expression_holds(s->now->expression, value_at, s, ret_holds, err);
    s->source->unlock(s->source->context);
    if (!is_current) return err_set(err, ERR_BUSY, "the features have just changed: try again");
    if (ok && ret_lacks_score) *ret_lacks_score = s->lacks_score;
    return ok;
}
