/* command_features.c - what is known of customers: every feature with its meaning, coverage and warnings. */
#include "cli/json_out.h"
#include "cli/database.h"
#include "base/calendar.h"
#include "learn/evidence.h"
#include "feature/matrix.h"
#include "math/numerics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A feature over all customers, at the instant asked for. */
struct spread { double coverage, low, median, high; };

struct listing {
    const struct feature_set *set;
    struct matrix             matrix;
    struct spread            *spreads;      /* [features] */
    const char               *customer;     /* NULL: all of them */
    const float              *row;          /* of the customer */
    int64_t                   as_of_ms;
    struct arena             *arena;
};

static struct spread spread_of(const struct matrix *matrix, size_t column, float *scratch)
{
    size_t n = 0;
    for (size_t row = 0; row < matrix->n_rows; row++) {
        float value = matrix->values[row * matrix->n_columns + column];
        if (!isnan(value)) scratch[n++] = value;
    }
    if (n == 0) return (struct spread){ 0, (double)NAN, (double)NAN, (double)NAN };
    sort_floats(scratch, n);
    return (struct spread){ (double)n / (double)matrix->n_rows, (double)scratch[n / 20], (double)scratch[n / 2],
                            (double)scratch[n - 1 - n / 20] };
}

static json_t *feature_json(const struct listing *listing, size_t index)
{
    const struct feature *feature = feature_at(listing->set, index);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s}", "name", feature->name, "meaning",
                             feature->meaning, "unit", feature->unit, "group", feature->group, "warning",
                             feature->warning, "sql", feature->sql);
    if (!listing->customer) {
        const struct spread *spread = &listing->spreads[index];
        json_object_set_new(json, "coverage", number_json(spread->coverage));
        json_object_set_new(json, "low", number_json(spread->low));
        json_object_set_new(json, "median", number_json(spread->median));
        json_object_set_new(json, "high", number_json(spread->high));
        return json;
    }
    char sentence[300];
    feature_sentence(listing->set, index, listing->row, sentence, sizeof sentence);
    json_object_set_new(json, "value", number_json((double)listing->row[index]));
    json_object_set_new(json, "sentence", json_string(sentence));
    return json;
}

static void print_json(const struct listing *listing)
{
    char as_of[21];
    const struct left_out *left_out;
    size_t n_left_out = feature_set_left_out(listing->set, &left_out);
    json_t *features = json_array(), *without = json_array();
    for (size_t i = 0; i < feature_set_size(listing->set); i++)
        json_array_append_new(features, feature_json(listing, i));
    for (size_t i = 0; i < n_left_out; i++)
        json_array_append_new(without, json_pack("{s:s, s:s}", "name", left_out[i].name, "reason",
                                                 left_out[i].reason));
    calendar_format_ms(listing->as_of_ms, as_of);
    json_t *root = json_pack("{s:s, s:o, s:o, s:I}", "as_of", as_of, "features", features, "left_out",
                             without, "state_bytes", (json_int_t)feature_set_state_bytes(listing->set));
    if (listing->customer) json_object_set_new(root, "customer", json_string(listing->customer));
    else json_object_set_new(root, "customers", json_integer((json_int_t)listing->matrix.n_rows));
    json_print_take(root);
}

enum { NAME_WIDTH_LEAST = 24, NAME_WIDTH_MOST = 48 };

static int name_width(const struct listing *listing)
{
    size_t width = NAME_WIDTH_LEAST;
    for (size_t i = 0; i < feature_set_size(listing->set); i++) {
        size_t length = strlen(feature_at(listing->set, i)->name);
        if (length > width) width = length;
    }
    return width < NAME_WIDTH_MOST ? (int)width : NAME_WIDTH_MOST;
}

static void print_customer(const struct listing *listing)
{
    int width = name_width(listing);
    for (size_t i = 0; i < feature_set_size(listing->set); i++) {
        char sentence[300];
        if (!feature_sentence(listing->set, i, listing->row, sentence, sizeof sentence)) continue;
        printf("%-*s %12.6g  %s\n", width, feature_at(listing->set, i)->name, (double)listing->row[i], sentence);
    }
}

static void print_all(const struct listing *listing)
{
    const struct left_out *left_out;
    size_t n = feature_set_size(listing->set), n_left_out = feature_set_left_out(listing->set, &left_out);
    int width = name_width(listing);
    printf("%-*s %8s %10s %10s %10s  %s\n", width, "feature", "coverage", "low", "median", "high", "meaning");
    for (size_t i = 0; i < n; i++) {
        const struct feature *feature = feature_at(listing->set, i);
        const struct spread *spread = &listing->spreads[i];
        printf("%-*s %6.0f %% %10.4g %10.4g %10.4g  %s\n", width, feature->name, 100 * spread->coverage,
               spread->low, spread->median, spread->high, feature->meaning);
        if (feature->warning) printf("%-*s warning: %s\n", width, "", feature->warning);
    }
    for (size_t i = 0; i < n_left_out; i++) printf("left out: %s (%s)\n", left_out[i].name, left_out[i].reason);
    printf("\n%zu features of %zu customers; low and high leave out 5 %% at each end. One customer's state "
           "takes %zu bytes.\n", n, listing->matrix.n_rows, feature_set_state_bytes(listing->set));
}

static bool list_all(struct invocation *invocation, const struct database *database, struct listing *listing,
                     struct err *err)
{
    struct arena *arena = invocation->arena;
    if (!matrix_score(database->log, listing->set, NULL, listing->as_of_ms, invocation->n_threads, arena,
                      &listing->matrix, err))
        return false;
    if (listing->matrix.n_rows == 0)
        return err_set(err, ERR_REFUSED, "nothing is known of any customer at that time");
    float *scratch = ARENA_ARRAY(arena, float, listing->matrix.n_rows);
    listing->spreads = ARENA_ARRAY(arena, struct spread, feature_set_size(listing->set));
    for (size_t i = 0; i < feature_set_size(listing->set); i++)
        listing->spreads[i] = spread_of(&listing->matrix, i, scratch);
    if (invocation->is_json) print_json(listing);
    else print_all(listing);
    return true;
}

static bool list_customer(struct invocation *invocation, const struct database *database, struct listing *listing,
                          struct err *err)
{
    uint32_t identity;
    float *row;
    listing->customer = invocation->arguments[0];
    if (!database_find_customer(database, listing->customer, &identity))
        return err_set(err, ERR_MISSING, "there is no customer '%s' in %s", listing->customer, database->path);
    if (!matrix_customer(database->log, listing->set, identity, listing->as_of_ms, invocation->arena, &row, err))
        return err_context(err, "customer '%s'", listing->customer);
    listing->row = row;
    if (invocation->is_json) print_json(listing);
    else print_customer(listing);
    return true;
}

static bool list_features(struct invocation *invocation, struct database *database, struct err *err)
{
    struct listing listing = { .arena = invocation->arena };
    struct feature_set *set;
    if (!database_describe(database, invocation->arena, err)) return false;
    const struct feature_options options = { .excluded_trait = database->record.target,
                                             .goal = flag_text(invocation, "goal", NULL),
                                             .n_threads = invocation->n_threads };
    if (!flag_date_ms(invocation, "as-of", database->as_of_ms, &listing.as_of_ms, err)) return false;
    if (!feature_set_generate(database->log, &options, invocation->arena, &set, err)) return false;
    listing.set = set;
    return invocation->n_arguments > 0 ? list_customer(invocation, database, &listing, err)
                                       : list_all(invocation, database, &listing, err);
}

static bool run_features(struct invocation *invocation, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = list_features(invocation, &database, err);
    database_close(&database);
    return ok;
}

static const struct flag flags[] = {
    { "as-of", "DATE", "as it was known at the beginning of this day (else now: after the last event)" },
    { "goal", "EVENT", "the kind of event that gets the full set (else the most widespread)" },
    { 0 }
};

const struct command command_features = {
    .name = "features",
    .arguments = "[CUSTOMER]",
    .summary = "every feature with its meaning, coverage and warnings, or one customer's values",
    .details =
        "Features are made from the log: every frequent kind of event and every operator that makes sense\n"
               "for it, and the customers' traits. As of an instant they use only what had been received "
                   "before.\n"
               "With --json each also has the ClickHouse expression that computes it.",
    .example = "holdfast features --as-of 2011-09-09",
    .flags = flags,
    .run = run_features,
};
