/* simulate_files.c - the made-up shop as files, with the truth beside the data; see simulate.h. */
#include "simulate/simulate.h"

#include "base/calendar.h"
#include "base/output.h"
#include "simulate/busy_hours.h"
#include "math/draw.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What can be wrong with a spoilt row. */
enum dirt { DIRT_NONE, DIRT_REPEATED, DIRT_NO_CUSTOMER, DIRT_TIME, DIRT_AMOUNT, DIRTS };
static const char *const dirt_names[DIRTS] = { "clean", "repeated", "without_customer", "impossible_time",
                                               "impossible_amount" };

struct spoiler { struct rng rng; double share; uint64_t counts[DIRTS]; };

static enum dirt spoil(struct spoiler *spoiler, bool has_amount)
{
    if (spoiler->share <= 0 || !draw_bernoulli(&spoiler->rng, spoiler->share)) return DIRT_NONE;
    enum dirt dirt = (enum dirt)(1 + rng_below(&spoiler->rng, has_amount ? 4 : 3));
    spoiler->counts[dirt]++;
    return dirt;
}

/* "2023-04-05 06:07:08", or something that is no time. */
static void time_text(char text[24], int64_t time_ms, enum dirt dirt)
{
    if (dirt == DIRT_TIME) {
        snprintf(text, 24, "%s", time_ms % 2000 == 0 ? "2023-13-45 00:00:00" : "unknown");
        return;
    }
    calendar_format_ms(time_ms, text);
    text[10] = ' ';
    text[19] = '\0';
}

static void customer_text(char text[16], uint32_t customer, enum dirt dirt)
{
    if (dirt == DIRT_NO_CUSTOMER) text[0] = '\0';
    else snprintf(text, 16, "C%06u", customer + 1);
}

static void cents_text(char text[24], int64_t cents, enum dirt dirt)
{
    if (dirt == DIRT_AMOUNT) snprintf(text, 24, "n/a");
    else
        snprintf(text, 24, "%s%lld.%02lld", cents < 0 ? "-" : "", (long long)(llabs(cents) / 100),
                 (long long)(llabs(cents) % 100));
}

/* Where somebody is, how they are written to, and what they agreed to: by a stream of their own, so that nothing else
 * of the shop depends on it. */
static void write_person(struct output *out, uint64_t seed, uint32_t customer)
{
    static const char *const zones[] = {
        "Europe/Berlin", "Europe/London", "Europe/Madrid", "Europe/Dublin", "Europe/Athens", "America/New_York",
        "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "America/Mexico_City", "America/Asuncion",
        "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Almaty",
        "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia",
    };
    static const char *const locales[] = { "en", "de", "fr", "es", "pt", "ja" };
    struct rng rng = rng_stream(seed, (UINT64_C(1) << 48) + customer);
    const char *zone = zones[rng_below(&rng, sizeof zones / sizeof *zones)];
    const char *locale = locales[rng_below(&rng, sizeof locales / sizeof *locales)];
    int64_t born_day = -18000 + (int64_t)rng_below(&rng, 18000);
    char birthday[11];
    calendar_format_day(born_day, birthday);
    bool offers = draw_bernoulli(&rng, 0.6), news = draw_bernoulli(&rng, 0.7), is_no = draw_bernoulli(&rng, 0.1);
    output_format(out, ",c%06u@example.net,%s,%s,%s,%s%s%s", customer + 1, zone, locale, birthday,
                  offers ? "offers" : is_no ? "-offers" : "", news ? " news" : "", offers || news ? "" : " -news");
}

static void write_events(const struct simulation *simulation, struct output *out, struct spoiler *spoiler)
{
    output_text(out, "customer,time,event,amount,item,channel,email,timezone,locale,birthday,consent\n");
    for (size_t i = 0; i < simulation->n_events; i++) {
        const struct simulated_event *event = &simulation->events[i];
        enum dirt dirt = spoil(spoiler, event->amount_cents != 0);
        char customer[16], when[24], amount[24] = "", item[8] = "";
        customer_text(customer, event->customer, dirt);
        time_text(when, event->time_ms, dirt);
        if (event->amount_cents != 0) cents_text(amount, event->amount_cents, dirt);
        if (event->item) snprintf(item, sizeof item, "P%03u", event->item);
        for (int copies = dirt == DIRT_REPEATED ? 2 : 1; copies > 0; copies--)
        {
            output_format(out, "%s,%s,%s,%s,%s,%s", customer, when, simulated_kind_name(event->kind), amount,
                          item, simulated_channel_name(simulation->customers[event->customer].channel));
            write_person(out, simulation->options.seed, event->customer);
            output_text(out, "\n");
        }
    }
}

static void write_order_lines(const struct simulation *simulation, struct output *out, struct spoiler *spoiler)
{
    output_text(out, "invoice,item,quantity,date,price,customer,channel\n");
    uint64_t invoice = 100000;
    for (size_t i = 0; i < simulation->n_events; i++) {
        const struct simulated_event *event = &simulation->events[i];
        if (event->kind != SIMULATED_ORDER && event->kind != SIMULATED_REFUND) continue;
        invoice++;
        for (size_t k = 0; k < event->n_lines; k++) {
            const struct simulated_line *line = &simulation->lines[event->first_line + k];
            enum dirt dirt = spoil(spoiler, true);
            char customer[16], when[24], price[24];
            customer_text(customer, event->customer, dirt);
            time_text(when, event->time_ms, dirt);
            cents_text(price, line->price_cents, dirt);
            bool is_refund = event->kind == SIMULATED_REFUND;
            for (int copies = dirt == DIRT_REPEATED ? 2 : 1; copies > 0; copies--)
                output_format(out, "%s%llu,P%03u,%d,%s,%s,%s,%s\n", is_refund ? "C" : "",
                              (unsigned long long)invoice, line->item,
                              is_refund ? -line->quantity : line->quantity, when, price, customer,
                              simulated_channel_name(simulation->customers[event->customer].channel));
        }
    }
}

static const char *group_name(enum campaign_group group)
{
    switch (group) {
    case GROUP_CONTROL:   return "control";
    case GROUP_TREATMENT: return "treatment";
    case GROUP_NONE:      break;
    }
    return "";
}

static void write_truth(const struct simulation *simulation, struct output *out)
{
    output_text(
        out,
        "customer,channel,acquired,orders_per_day,dropout,mean_order,alive,left,orders,spend,open_share,group,"
        "alive_at_campaign,response,moved\n");
    for (size_t i = 0; i < simulation->options.n_customers; i++) {
        const struct simulated_customer *c = &simulation->customers[i];
        char customer[16], acquired[24], left[24] = "", mean[24], spend[24];
        bool is_alive = c->left_ms == INT64_MAX;
        customer_text(customer, (uint32_t)i, DIRT_NONE);
        time_text(acquired, c->acquired_ms, DIRT_NONE);
        if (!is_alive) time_text(left, c->left_ms, DIRT_NONE);
        cents_text(mean, (int64_t)c->mean_order_cents, DIRT_NONE);
        cents_text(spend, c->spend_cents, DIRT_NONE);
        output_format(out, "%s,%s,%s,%.8g,%.6g,%s,%d,%s,%u,%s,%.4f,%s,%d,%.4f,%d\n", customer,
                      simulated_channel_name(c->channel), acquired, c->orders_per_day, c->dropout, mean,
                      is_alive, left, c->n_orders, spend, c->open_share, group_name(c->group),
                      c->group != GROUP_NONE && c->left_ms > simulation->campaign_ms, c->response,
                      c->was_moved);
    }
}

static json_t *channels_json(const struct simulation *simulation)
{
    json_t *channels = json_array();
    for (size_t channel = 0; channel < SIMULATED_CHANNELS; channel++) {
        size_t n = 0, alive = 0;
        double rate = 0, dropout = 0, response = 0;
        for (size_t i = 0; i < simulation->options.n_customers; i++) {
            const struct simulated_customer *c = &simulation->customers[i];
            if (c->channel != channel) continue;
            n++;
            alive += c->left_ms == INT64_MAX;
            rate += c->orders_per_day;
            dropout += c->dropout;
            response += c->response;
        }
        if (n == 0) continue;
        double count = (double)n;
        json_array_append_new(channels,
                              json_pack("{s:s, s:I, s:f, s:f, s:f, s:f}", "name",
                                        simulated_channel_name(channel), "customers", (json_int_t)n,
                                        "alive_share", (double)alive / count, "orders_per_day", rate / count,
                                        "dropout", dropout / count, "response", response / count));
    }
    return channels;
}

static json_t *campaign_json(const struct simulation *simulation)
{
    if (simulation->campaign_ms == 0) return json_null();
    char at[21];
    calendar_format_ms(simulation->campaign_ms, at);
    struct campaign_effect effect = simulation_effect(simulation);
    if (effect.n_treatment < 2 || effect.n_control < 2) return json_null();
    return json_pack("{s:s, s:i, s:I, s:I, s:f, s:f, s:f}", "at", at, "window_days", SIMULATE_CAMPAIGN_DAYS,
                     "treatment", (json_int_t)effect.n_treatment, "control", (json_int_t)effect.n_control,
                     "extra_orders_per_treated", effect.true_effect, "difference_in_means", effect.estimate,
                     "difference_se", effect.se);
}

static json_t *seasons_json(const struct simulation *simulation)
{
    if (!simulation->options.has_seasons) return json_null();
    json_t *months = json_array(), *weekdays = json_array();
    for (int month = 1; month <= 12; month++) json_array_append_new(months, json_real(busy_month(month)));
    for (int weekday = 0; weekday < 7; weekday++)
        json_array_append_new(weekdays, json_real(busy_weekday(weekday)));
    return json_pack("{s:o, s:o}", "months_from_january", months, "weekdays_from_monday", weekdays);
}

static json_t *dirt_json(const struct spoiler *events, const struct spoiler *lines)
{
    json_t *dirt = json_object();
    const struct {
        const char *file;
        const struct spoiler *spoiler;
    } files[] = { { "events.csv", events }, { "orders.csv", lines } };
    for (size_t i = 0; i < 2; i++) {
        json_t *counts = json_object();
        for (size_t kind = DIRT_REPEATED; kind < DIRTS; kind++)
            json_object_set_new(counts, dirt_names[kind],
                                json_integer((json_int_t)files[i].spoiler->counts[kind]));
        json_object_set_new(dirt, files[i].file, counts);
    }
    return dirt;
}

static json_t *truth_json(const struct simulation *simulation, const struct spoiler *events,
                          const struct spoiler *lines)
{
    const struct shop_parameters *p = &shop_parameters;
    char from[21], to[21];
    calendar_format_ms(simulation->first_ms, from);
    calendar_format_ms(simulation->end_ms, to);
    json_int_t orders = 0, spend_cents = 0, alive = 0;
    for (size_t i = 0; i < simulation->options.n_customers; i++) {
        orders += simulation->customers[i].n_orders;
        spend_cents += simulation->customers[i].spend_cents;
        alive += simulation->customers[i].left_ms == INT64_MAX;
    }
    json_t *truth = json_pack(
        "{s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:I}", "seed", (json_int_t)simulation->options.seed, "customers",
        (json_int_t)simulation->options.n_customers, "from", from, "to", to, "events",
        (json_int_t)simulation->n_events, "orders", orders, "spend_cents", spend_cents, "alive_at_end", alive);
    json_object_set_new(truth, "bgnbd",
                        json_pack("{s:f, s:f, s:f, s:f, s:s}", "r", p->r, "alpha", p->alpha_days, "a", p->a,
                                  "b", p->b, "unit", "day"));
    json_object_set_new(
        truth, "gamma_gamma",
        json_pack("{s:f, s:f, s:f, s:s}", "p", p->p, "q", p->q, "gamma", p->gamma_cents, "unit", "cent"));
    json_object_set_new(truth, "channels", channels_json(simulation));
    json_object_set_new(truth, "campaign", campaign_json(simulation));
    json_object_set_new(truth, "seasons", seasons_json(simulation));
    json_object_set_new(truth, "dirt", dirt_json(events, lines));
    return truth;
}

static bool make_folder(const char *folder, struct err *err)
{
    struct stat there;
    if (mkdir(folder, 0777) == 0) return true;
    if (errno == EEXIST && stat(folder, &there) == 0) {
        if (S_ISDIR(there.st_mode)) return true;
        return err_set(err, ERR_INVALID, "%s is a file: name a folder for the shop's files", folder);
    }
    return err_set(err, ERR_IO, "folder %s cannot be made: %s", folder, strerror(errno));
}

enum { FILES = 4 };

bool simulation_write(const struct simulation *simulation, const char *folder, double dirt_share, struct err *err)
{
    static const char *const names[FILES] = { "events.csv", "orders.csv", "truth.csv", "truth.json" };
    struct output *outputs[FILES] = { NULL };
    if (!(dirt_share >= 0 && dirt_share <= 0.5))
        return err_set(err, ERR_INVALID, "dirt %g: a share from 0 to 0.5", dirt_share);
    if (!make_folder(folder, err)) return false;
    bool ok = false;
    for (size_t i = 0; i < FILES; i++) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s", folder, names[i]) >= (int)sizeof path) {
            err_set(err, ERR_INVALID, "the folder's name is too long");
            goto done;
        }
        if (!output_open(path, &outputs[i], err)) goto done;
    }
    struct spoiler events = { .rng = rng_stream(simulation->options.seed, UINT64_MAX), .share = dirt_share };
    struct spoiler lines = { .rng = rng_stream(simulation->options.seed, UINT64_MAX - 1), .share = dirt_share };
    write_events(simulation, outputs[0], &events);
    write_order_lines(simulation, outputs[1], &lines);
    write_truth(simulation, outputs[2]);
    json_t *truth = truth_json(simulation, &events, &lines);
    char *text = json_dumps(truth, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
    output_text(outputs[3], text);
    output_text(outputs[3], "\n");
    free(text);
    json_decref(truth);
    for (size_t i = 0; i < FILES; i++) {
        struct output *output = outputs[i];
        outputs[i] = NULL;      /* committing closes it, come what may */
        if (!output_commit(output, err)) goto done;
    }
    ok = true;
done:
    for (size_t i = 0; i < FILES; i++) output_abandon(outputs[i]);
    return ok;
}
