/* costs.h - what things cost, from the section costs of the settings and the CSV that it names.
 *
 *   costs: {margin: .4, contact: {email: .02, call: 2.50}, hour: 45, csv: costs.csv, rates: rates.csv,
 *           fixed: [{campaign: winback, amount: 900, hours: 6, from: 2026-01-05}]}
 * The CSV has columns from (a day), kind (margin, contact or spend), amount, currency, and one or more of item,
 * category, shop, channel, campaign; a row holds from its day on, until a later row of the same names; spend is of
 * its day.  rates has columns from (a day), currency, rate: what one unit of it is worth from then on. */
#ifndef TABLE_COSTS_H
#define TABLE_COSTS_H

#include "base/arena.h"
#include "base/settings.h"

enum cost_of { COST_OF_ITEM, COST_OF_CATEGORY, COST_OF_SHOP, COST_OF_CHANNEL, COST_OF_CAMPAIGN, COST_NAMES };
enum cost_kind { COST_MARGIN, COST_CONTACT, COST_SPEND };

struct cost_row { int64_t day; enum cost_kind kind; const char *names[COST_NAMES]; double amount; };    /* NULL: any */
struct cost_name { const char *name; double amount; };
struct cost_fixed { const char *campaign; double amount; int64_t day; };        /* day INT64_MIN: nobody has said */
struct cost_rate { int64_t day; const char *currency; double rate; };

struct costs {
    double            margin;           /* share of revenue that is left; 1 where nothing is said */
    double            hour;             /* of work; NaN */
    struct cost_name *contact;          /* by channel */
    struct cost_fixed *fixed;           /* amounts and hours together */
    size_t            n_contact, n_fixed;
    struct cost_rate *rates;            /* [n_rates] by day */
    struct cost_row  *rows;             /* [n_rows] by day */
    size_t            n_rates, n_rows;
};

/* Amounts are in units of money of `currency` ("" or NULL: any one); of another one they are turned into it by the
 * rate of their day.  Lives in the arena; without the section everything is free and margin 1.
 * Errors: ERR_INVALID with file and line: a key, a number, a kind, a currency without a rate; ERR_MISSING no such
 * CSV. */
bool costs_read(const struct settings *settings, const char *currency, struct arena *arena, struct costs *ret_costs,
                struct err *err) MUST_CHECK;

/* As of a day; what names nothing more special has the general margin.  name may be NULL. */
double costs_margin(const struct costs *costs, enum cost_of of, const char *name, int64_t day);
/* Of what has several names [COST_NAMES], NULL where it has none: the row with most of them. */
double costs_margin_of(const struct costs *costs, const char *const *names, int64_t day);
bool   costs_margin_varies(const struct costs *costs);      /* some margin is not everybody's */
double costs_contact(const struct costs *costs, const char *channel, int64_t day);     /* 0 where unknown */
double costs_fixed(const struct costs *costs, const char *campaign);
/* What campaigns cost besides contacts in days from .. until - 1: what is fixed, and spend. */
double costs_campaigns(const struct costs *costs, int64_t from_day, int64_t until_day);
double costs_spend(const struct costs *costs, enum cost_of of, const char *name, int64_t from_day, int64_t until_day);

#endif
