/* field_view.c - see field_view.h. */
#include "desk/field_view.h"

#include "engine/service.h"
#include "feature/feature_set.h"
#include "live/live.h"
#include "live/segment_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MOST = 800, TRIES_MOST = 20000, SLICE = 16, USUAL = 8, VALUES_HELD = 64, VALUE_BYTES = 80 };

struct usual { char text[VALUE_BYTES]; size_t n; };

struct field {
    double      *numbers;       /* [n_numbers] of SEEN_MOST */
    size_t       n_numbers, n_texts, n_usual;
    struct usual usual[VALUES_HELD];
};

struct view {
    struct service        *service;
    struct segment_source *source;
    struct field          *fields;      /* [source->n_columns] */
    size_t                 n_seen;
};

static void note_text(struct field *field, struct text text)
{
    char shown[VALUE_BYTES];
    size_t i = 0;
    snprintf(shown, sizeof shown, "%.*s", (int)(text.length < VALUE_BYTES - 1 ? text.length : VALUE_BYTES - 1),
             text.at);
    field->n_texts++;
    while (i < field->n_usual && strcmp(field->usual[i].text, shown) != 0) i++;
    if (i == VALUES_HELD) return;
    if (i == field->n_usual) memcpy(field->usual[field->n_usual++].text, shown, sizeof shown);
    field->usual[i].n++;
}

static void note(struct view *view)
{
    const struct segment_source *source = view->source;
    for (size_t i = 0; i < source->n_columns; i++) {
        if (!*source->columns[i].name) continue;
        struct expression_value value = source->value(source->context, i);
        struct field *field = &view->fields[i];
        if (value.kind == EXPRESSION_IS_TEXT) note_text(field, value.text);
        else if (value.kind == EXPRESSION_IS_NUMBER && !isnan(value.number) && field->n_numbers < SEEN_MOST)
            field->numbers[field->n_numbers++] = value.number;
    }
}

/* Customers spread evenly over all there are. */
static void look(struct view *view)
{
    const struct segment_source *source = view->source;
    int64_t now_ms = clock_now_ms(&view->service->options.clock);
    size_t n = SIZE_MAX, n_tried = 0, at = 1, step = 1;
    while (view->n_seen < SEEN_MOST && n_tried < TRIES_MOST && at < n) {
        source->lock(source->context);
        n = source->n_identities(source->context);
        step = n / SEEN_MOST > 1 ? n / SEEN_MOST : 1;
        for (size_t i = 0; source->is_current(source->context) && i < SLICE && at < n && view->n_seen < SEEN_MOST;
             i++) {
            uint32_t identity = (uint32_t)at;
            at += step;
            if (source->customer_of(source->context, identity) != identity ||
                !source->begin(source->context, identity, now_ms))
                continue;
            view->n_seen++;
            note(view);
        }
        source->unlock(source->context);
        n_tried += SLICE;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_count(const void *a, const void *b)
{
    size_t x = ((const struct usual *)a)->n, y = ((const struct usual *)b)->n;
    return (x < y) - (x > y);
}

/* Whether it is the value of customers where no money is known: each has 0 then, which says nothing. */
static bool is_value_unknown(const json_t *json, const struct field *field)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (strcmp(name, "value_12m_cents") != 0) return false;
    for (size_t i = 0; i < field->n_numbers; i++)
        if (field->numbers[i] != 0) return false;
    return true;
}

static void add_values(json_t *json, struct field *field, size_t n_seen)
{
    if (is_value_unknown(json, field)) field->n_numbers = 0;
    size_t n = field->n_numbers + field->n_texts;
    json_t *usual = json_array();
    json_object_set_new(json, "coverage", n_seen ? json_real((double)n / (double)n_seen) : json_null());
    if (field->n_numbers > 0) {
        qsort(field->numbers, field->n_numbers, sizeof *field->numbers, by_size);
        static const double at[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };
        json_t *quantiles = json_array();
        for (size_t i = 0; i < sizeof at / sizeof *at; i++)
            json_array_append_new(quantiles,
                                  json_real(field->numbers[(size_t)(at[i] * (double)(field->n_numbers - 1))]));
        json_object_set_new(json, "quantiles", quantiles);
    } else json_object_set_new(json, "quantiles", json_null());
    qsort(field->usual, field->n_usual, sizeof *field->usual, by_count);
    for (size_t i = 0; i < field->n_usual && i < USUAL; i++)
        json_array_append_new(usual, json_pack("{s:s, s:f}", "value", field->usual[i].text, "share",
                                               (double)field->usual[i].n / (double)n_seen));
    json_object_set_new(json, "usual", usual);
}

/* What a name of a score or group means. */
static const struct { const char *name, *kind, *unit, *meaning; } known[] = {
    { "value_12m_cents", "score", "cents", "expected spend of the next twelve months" },
    { "p_alive", "score", "share", "the chance that this is a customer still, by Pareto/NBD where it can say so" },
    { "rfm_group", "group", "", "the group by recency, frequency and money" },
    { "cluster", "group", "", "the group of those who are alike" },
    { "customer_id", "group", "", "the id that stands for all of theirs" },
    { "stage", "group", "", "where they stand: new, active, cooling, lapsed, returning, left" },
};

/* The lock is held. */
static json_t *description(const struct view *view, size_t column)
{
    const struct segment_source *source = view->source;
    const struct live *live = view->service->live;
    const char *name = source->columns[column].name, *kind = "trait", *unit = "",
               *meaning = "as it was last said of them";
    size_t model;
    const struct feature_set *set = live_set(live);
    if (column < source->n_moving && set && column < feature_set_size(set)) {
        const struct feature *feature = feature_at(set, column);
        kind = "feature", unit = feature->unit, meaning = feature->meaning;
    } else if (live_model_of(live, name, &model)) {
        const struct question *question = &live_model(live, model)->question;
        kind = "score", unit = question->kind == QUESTION_SPEND ? "number" : "share";
        meaning =
            question->kind == QUESTION_CHURN ? "the chance that they leave" : "the model's answer to its question";
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (column >= source->n_moving && strcmp(known[i].name, name) == 0)
            kind = known[i].kind, unit = known[i].unit, meaning = known[i].meaning;
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", name, "kind", kind, "type",
                     source->columns[column].type == EXPRESSION_TEXT ? "text" : "number", "unit", unit, "meaning",
                     meaning);
}

json_t *field_view(struct service *service, struct arena *arena, size_t *ret_n_seen)
{
    struct view view = { .service = service,
                         .source =
                             live_source_new(service->live, service->log, service->identities, &service->lock) };
    json_t *list = json_array();
    view.fields = ARENA_ARRAY(arena, struct field, view.source->n_columns + 1);
    for (size_t i = 0; i < view.source->n_columns; i++)
        view.fields[i].numbers = ARENA_ARRAY(arena, double, SEEN_MOST);
    look(&view);
    for (size_t i = view.source->n_columns;
         i-- > 0;) { /* scores and traits first: they are what people look for */
        if (!*view.source->columns[i].name) continue;
        view.source->lock(view.source->context);
        json_t *json = view.source->is_current(view.source->context) ? description(&view, i) : NULL;
        view.source->unlock(view.source->context);
        if (!json) break;
        add_values(json, &view.fields[i], view.n_seen);
        json_array_append_new(list, json);
    }
    live_source_free(view.source);
    *ret_n_seen = view.n_seen;
    return list;
}
