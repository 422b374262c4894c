/* command_attribution.c - which channels stood on the paths to conversions. */
#include "base/hash_map.h"
#include "base/hash.h"
#include "cli/command.h"
#include "cli/json_out.h"
#include "experiment/attribution.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS_MOST = 1000, TOUCHES_MOST = 10000 };

static const char caution[] =
    "Attribution says where conversions passed by, not what a channel brought about: that is "
    "lift, which only an experiment with a control group shows.";

struct paths {
    struct arena    *arena;
    struct frame     frame;
    struct path_row *rows;
    const char     **channels;
    size_t           n_channels;
    struct hash_map  numbers;       /* of channels, from 1, by the hash of their name */
    double           conversions, value, nulls;
    double           n_nowhere;     /* conversions whose path names no channel: nobody is credited with them */
};

/* ---- reading ---- */

static bool channel_of(struct paths *paths, struct text name, uint16_t *ret_channel, struct err *err)
{
    uint64_t *number = hash_map_put(&paths->numbers, hash_bytes(name.at, name.length, 0));
    if (*number == 0) {
        if (paths->n_channels == CHANNELS_MOST)
            return err_set(err, ERR_INVALID, "the paths have more than %d different channels", CHANNELS_MOST);
        paths->channels[paths->n_channels] = arena_format(paths->arena, "%.*s", (int)name.length, name.at);
        *number = ++paths->n_channels;
    }
    *ret_channel = (uint16_t)(*number - 1);
    return true;
}

/* "a > b > c" */
static bool read_path(struct paths *paths, struct text path, struct path_row *row, struct err *err)
{
    size_t most = 1;
    for (size_t i = 0; i < path.length; i++) most += path.at[i] == '>';
    uint16_t *touches = ARENA_ARRAY(paths->arena, uint16_t, most);
    if (most > TOUCHES_MOST) return err_set(err, ERR_INVALID, "a path has more than %d touches", TOUCHES_MOST);
    while (path.length > 0) {
        const char *sign = memchr(path.at, '>', path.length);
        size_t n = sign ? (size_t)(sign - path.at) : path.length, step = n + (sign != NULL);
        struct text name = text_trim((struct text){ path.at, n });
        if (name.length > 0 && !channel_of(paths, name, &touches[row->n++], err)) return false;
        path.at += step, path.length -= step;
    }
    row->touches = touches;
    return true;
}

/* The counts of a flag's column; NULL where the flag is not given. */
static bool read_counts(struct invocation *invocation, struct paths *paths, const char *flag, double **ret_counts,
                        struct err *err)
{
    const char *name = flag_text(invocation, flag, NULL);
    *ret_counts = NULL;
    if (!name) return true;
    if (!frame_numbers(&paths->frame, name, paths->arena, ret_counts, err)) return err_context(err, "--%s", flag);
    for (size_t i = 0; i < paths->frame.n_rows; i++) {
        double *count = &(*ret_counts)[i];
        if (isnan(*count)) *count = 0;
        if (*count < 0)
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", --%s: %g is below 0", paths->frame.path,
                           paths->frame.lines[i], flag, *count);
    }
    return true;
}

static bool read_paths(struct invocation *invocation, struct paths *paths, struct err *err)
{
    const char *column = flag_text(invocation, "path", NULL);
    double *conversions, *value, *nulls;
    size_t at;
    if (!column || !flag_text(invocation, "conversions", NULL))
        return err_set(err, ERR_INVALID,
                       "--path COL says which column has paths like a > b, and --conversions COL how "
                       "often each ended in one");
    if (!frame_open(invocation->arguments[0], invocation->progress, paths->arena, &paths->frame, err) ||
        !frame_column(&paths->frame, column, &at, paths->arena, err) ||
        !read_counts(invocation, paths, "conversions", &conversions, err) ||
        !read_counts(invocation, paths, "value", &value, err) ||
        !read_counts(invocation, paths, "null", &nulls, err))
        return false;
    const struct frame *frame = &paths->frame;
    paths->rows = ARENA_ARRAY(paths->arena, struct path_row, frame->n_rows + 1);
    paths->channels = ARENA_ARRAY(paths->arena, const char *, CHANNELS_MOST);
    for (size_t i = 0; i < frame->n_rows; i++) {
        struct path_row *row = &paths->rows[i];
        *row = (struct path_row){ .conversions = conversions[i], .value = value ? value[i] : 0,
                                  .nulls = nulls ? nulls[i] : 0 };
        if (!read_path(paths, frame->cells[i * frame->n_columns + at], row, err))
            return err_context(err, "%s: line %" PRIu64, frame->path, frame->lines[i]);
        if (row->n == 0) {
            paths->n_nowhere += row->conversions;
            *row = (struct path_row){ .touches = row->touches };
        }
        paths->conversions += row->conversions, paths->value += row->value, paths->nulls += row->nulls;
    }
    return true;
}

/* ---- saying ---- */

static json_t *by_channel(const struct paths *paths, const double *numbers)
{
    json_t *json = json_object();
    for (size_t c = 0; c < paths->n_channels; c++)
        json_object_set_new(json, paths->channels[c], json_real(numbers[c]));
    return json;
}

static json_t *shared_out(const struct paths *paths, const double *removal, double all)
{
    double sum = 0, credit[CHANNELS_MOST];
    for (size_t c = 0; c < paths->n_channels; c++) sum += removal[c];
    for (size_t c = 0; c < paths->n_channels; c++) credit[c] = sum > 0 ? all * removal[c] / sum : 0;
    return by_channel(paths, credit);
}

/* What has to be said with the numbers. */
static const char *sentence_of(const struct paths *paths)
{
    if (!(paths->n_nowhere > 0)) return caution;
    return arena_format(paths->arena, "%s  Left out: conversions whose path names no channel (%.12g).", caution,
                        paths->n_nowhere);
}

static json_t *result(const struct paths *paths, unsigned order, const double *removal)
{
    double credit[CHANNELS_MOST];
    json_t *models = json_object(), *values = json_object();
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODELS; m++) {
        attribution_credit(m, paths->rows, paths->frame.n_rows, paths->n_channels, false, credit);
        json_object_set_new(models, attribution_names[m], by_channel(paths, credit));
        attribution_credit(m, paths->rows, paths->frame.n_rows, paths->n_channels, true, credit);
        json_object_set_new(values, attribution_names[m], by_channel(paths, credit));
    }
    json_object_set_new(models, "markov", json_pack("{s:i, s:o, s:o, s:o}", "order", (int)order, "removal",
                                                    by_channel(paths, removal), "conversions",
                                                    shared_out(paths, removal, paths->conversions), "value",
                                                    shared_out(paths, removal, paths->value)));
    return json_pack("{s:I, s:f, s:f, s:f, s:o, s:o, s:s}", "paths", (json_int_t)paths->frame.n_rows,
                     "conversions", paths->conversions, "value", paths->value, "nulls", paths->nulls, "models",
                     models, "values", values, "sentence", sentence_of(paths));
}

static void print_models(const struct paths *paths, const json_t *models)
{
    printf("%-24s", "channel");
    for (size_t m = 0; m < ATTRIBUTION_MODELS; m++) printf(" %11s", attribution_names[m]);
    printf(" %11s\n", "markov");
    for (size_t c = 0; c < paths->n_channels; c++) {
        const char *name = paths->channels[c];
        printf("%-24.24s", name);
        for (size_t m = 0; m < ATTRIBUTION_MODELS; m++)
            printf(" %11.2f",
                   json_number_value(json_object_get(json_object_get(models, attribution_names[m]), name)));
        const json_t *markov = json_object_get(json_object_get(models, "markov"), "conversions");
        printf(" %11.2f\n", json_number_value(json_object_get(markov, name)));
    }
    printf("\n%s\n", sentence_of(paths));
}

static bool run_attribution(struct invocation *invocation, struct err *err)
{
    struct paths paths = { .arena = invocation->arena };
    double removal[CHANNELS_MOST] = { 0 };
    int64_t order;
    bool ok =
        flag_int(invocation, "order", 1, 20, 1, &order, err) && read_paths(invocation, &paths, err) &&
        (attribution_markov(paths.rows, paths.frame.n_rows, paths.n_channels, (unsigned)order, removal, err) ||
         err_context(err, "%s", paths.frame.path));
    hash_map_free(&paths.numbers);
    if (!ok) return false;
    json_t *json = result(&paths, (unsigned)order, removal);
    if (invocation->is_json) {
        json_print_take(json);
        return true;
    }
    print_models(&paths, json_object_get(json, "models"));
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "path", "COL", "the column of paths, channels with > between them" },
    { "conversions", "COL", "how often the path ended in a conversion" },
    { "value", "COL", "what they were worth in all" },
    { "null", "COL", "how often it ended without one" },
    { "order", "N", "touches that the Markov chain remembers (else 1)" },
    { 0 },
};

const struct command command_attribution = {
    .name = "attribution",
    .arguments = "FILE",
    .summary = "which channels stood on the paths to conversions, by rules, Shapley and a Markov chain",
    .details = "Position gives .4 to the first and the last touch, time decay to each touch half of the next.  "
               "The chain\n"
               "is solved exactly; a channel's removal effect is the share of conversions lost without it.",
    .example = "holdfast attribution paths.csv --path path --conversions conversions --null nulls",
    .flags = flags,
    .run = run_attribution,
};
