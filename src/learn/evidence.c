/* evidence.c - see evidence.h. */
#include "learn/evidence.h"

#include <math.h>
#include <stdio.h>

json_t *interval_json(struct interval interval)
{
    if (!isfinite(interval.value)) return json_null();
    return json_pack("{s:o, s:o, s:o}", "value", number_json(interval.value), "low", number_json(interval.low),
                     "high", number_json(interval.high));
}

static json_t *model_json(const struct leaderboard_entry *entry, enum target target)
{
    json_t *object = json_pack("{s:s, s:s, s:b, s:s?, s:o, s:o, s:o}", "name", entry->name, "settings",
                               entry->settings, "chosen", entry->is_chosen, "refused", entry->refused,
                               "seconds", number_json(entry->seconds), "threshold",
                               number_json(entry->threshold), "over_rule", interval_json(entry->over_rule));
    enum metric first = target == TARGET_YES_NO ? METRIC_AUC : METRIC_RMSE;
    enum metric last = target == TARGET_YES_NO ? METRIC_F1 : METRIC_DEVIANCE;
    for (enum metric metric = first; metric <= last; metric++)
        json_object_set_new(object, metric_name(metric), interval_json(entry->metrics[metric]));
    return object;
}

json_t *models_json(const struct selection *selection)
{
    json_t *models = json_array();
    for (size_t i = 0; i < selection->n_entries; i++)
        json_array_append_new(models, model_json(&selection->entries[i], selection->target));
    return models;
}

json_t *calibration_json(const struct selection *selection)
{
    json_t *bins = json_array();
    size_t n_holding = 0;
    double predicted = 0, observed = 0, n = 0, off = 0;
    for (size_t i = 0; i < selection->n_bins; i++) {
        const struct calibration_bin *bin = &selection->bins[i];
        n += (double)bin->n;
        predicted += bin->predicted * (double)bin->n;
        observed += bin->observed * (double)bin->n;
        n_holding += bin->low <= bin->predicted && bin->predicted <= bin->high;
        off += fabs(bin->predicted - bin->observed) * (double)bin->n;
        json_array_append_new(bins,
                              json_pack("{s:o, s:o, s:o, s:o, s:I}", "predicted", number_json(bin->predicted),
                                        "observed", number_json(bin->observed), "low", number_json(bin->low),
                                        "high", number_json(bin->high), "n", (json_int_t)bin->n));
    }
    char sentence[240], distance[80] = "";
    if (selection->target == TARGET_YES_NO && n > 0)
        snprintf(distance, sizeof distance, "; on average it is off by %.1f in 100", 100 * off / n);
    snprintf(sentence, sizeof sentence,
             "In %zu of %zu groups of unseen customers, what was predicted lies within the 95 %% "
             "interval of what happened%s.",
             n_holding, selection->n_bins, distance);
    return json_pack("{s:s, s:o, s:o, s:o}", "sentence", sentence, "bins", bins, "predicted",
                     number_json(predicted / n), "observed", number_json(observed / n));
}

json_t *deciles_json(const struct selection *selection, const char *past)
{
    bool is_amount = selection->target == TARGET_AMOUNT;
    const char *did = is_amount ? "amounted to" : past;
    json_t *rows = json_array();
    for (size_t i = 0; i < selection->n_deciles; i++) {
        const struct decile *d = &selection->deciles[i];
        json_t *row = json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "decile", (json_int_t)d->decile, "n",
                                (json_int_t)d->n, "predicted", number_json(d->predicted), "observed",
                                number_json(d->observed), "lift", number_json(d->lift), "low", number_json(d->low),
                                "high", number_json(d->high), "captured", number_json(d->captured));
        json_array_append_new(rows, row);
    }
    char sentence[240] = "";
    if (selection->n_deciles > 0) {
        const struct decile *top = &selection->deciles[0];
        snprintf(sentence, sizeof sentence,
                 "The tenth of customers ranked highest %s %.2f times as often as the average (%.2f to %.2f) and "
                 "holds %.0f %% of %s%s.",
                 did, top->lift, top->low, top->high, 100 * top->captured,
                 is_amount ? "the whole amount" : "all who ", is_amount ? "" : past);
    }
    return json_pack("{s:s, s:o}", "sentence", sentence, "rows", rows);
}

json_t *roc_json(const struct selection *selection)
{
    json_t *points = json_array();
    for (size_t i = 0; i < selection->n_roc; i++)
        json_array_append_new(
            points, json_pack("[o, o]", number_json(selection->roc[i].x), number_json(selection->roc[i].y)));
    return points;
}

static json_t *driver_json(const struct driver *driver, const char *name, const char *meaning)
{
    json_t *curve = json_array();
    for (size_t i = 0; i < driver->n_curve; i++) {
        const struct effect_point *point = &driver->curve[i];
        json_array_append_new(curve,
                              json_pack("{s:o, s:o, s:o, s:o, s:I}", "value", number_json(point->value),
                                        "effect", number_json(point->effect), "low", number_json(point->low),
                                        "high", number_json(point->high), "n", (json_int_t)point->n));
    }
    return json_pack("{s:s, s:s, s:o, s:s, s:o}", "feature", name, "meaning", meaning, "importance",
                     number_json(driver->share), "direction", direction_word(driver->direction), "curve", curve);
}

json_t *drivers_json(const struct driver *drivers, size_t n_drivers, const char *const *names,
                     const char *const *meanings, const char *asked)
{
    enum { DRIVERS_SHOWN = 15 };
    json_t *rows = json_array();
    char sentence[400] = "No feature moves the prediction.";
    for (size_t i = 0; i < n_drivers && i < DRIVERS_SHOWN; i++)
        json_array_append_new(rows,
                              driver_json(&drivers[i], names[drivers[i].column], meanings[drivers[i].column]));
    if (n_drivers > 0)
        snprintf(sentence, sizeof sentence,
                 "What tells most whether a customer %s: %s%s%s. It is what the model leans on, "
                 "not proof of a cause.",
                 asked, meanings[drivers[0].column], n_drivers > 1 ? ", then " : "",
                 n_drivers > 1 ? meanings[drivers[1].column] : "");
    return json_pack("{s:s, s:o}", "sentence", sentence, "rows", rows);
}
