/* plan_offers.c - plan --offers FILE; see plan_file.h. */
#include "analyse/plan_file.h"
#include "decide/offer.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>

/* competitor: what others asked for it then, NULL: not told. */
struct offers { struct frame frame; double *depth, *response, *n, *competitor; bool is_per_cent; };

/* What is so today: others' price, how many there are to sell and to how many they are offered; NaN: not said. */
struct today { double price, margin, floor, competitor, stock, customers; };

/* Prices that lie this share apart tell of each other hardly more. */
static const double PRICE_BAND = .05;

static bool read_offers(struct invocation *in, const char *path, struct offers *o, struct err *err)
{
    struct err none;
    double largest = 0;
    bool is_whole = true;
    if (!frame_open(path, in->progress, in->arena, &o->frame, err) ||
        !frame_numbers(&o->frame, "depth", in->arena, &o->depth, err) ||
        !frame_numbers(&o->frame, "response", in->arena, &o->response, err))
        return err_context(err, "--offers: a file has the columns depth and response, and n where known");
    if (!frame_numbers(&o->frame, "n", in->arena, &o->n, &none)) o->n = NULL;
    if (!frame_numbers(&o->frame, "competitor", in->arena, &o->competitor, &none)) o->competitor = NULL;
    for (size_t i = 0; i < o->frame.n_rows; i++) {
        if (!(o->depth[i] >= 0 && o->depth[i] < 100) || !(o->response[i] >= 0 && o->response[i] <= 1) ||
            (o->n && !(o->n[i] > 0)))
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ": a depth is from 0 to below 100 %%, a response from 0 to 1, "
                           "and n above 0; not %g, %g%s",
                           path, o->frame.lines[i], o->depth[i], o->response[i], o->n ? " or that n" : "");
        largest = fmax(largest, o->depth[i]), is_whole &= o->depth[i] == floor(o->depth[i]);
    }
    o->is_per_cent = is_whole || largest >= 1;
    return true;
}

/* Rows from when others asked about what they ask today count most. */
static double weight_of(const struct offers *o, const struct today *today, size_t row)
{
    double weight = o->n ? o->n[row] : 1;
    if (!o->competitor || isnan(today->competitor)) return weight;
    double apart = log(o->competitor[row] / today->competitor) / PRICE_BAND;
    return weight * exp(-apart * apart / 2);
}

/* Rows of one depth are one: people who were asked, or shares of n of them. */
static bool gather(const struct offers *o, const struct today *today, struct offer_depth *depths, size_t *ret_n,
                   struct err *err)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < o->frame.n_rows; i++) {
        double depth = o->is_per_cent ? o->depth[i] / 100 : o->depth[i], weight = weight_of(o, today, i);
        size_t d = 0;
        while (d < n && depths[d].depth != depth) d++;
        if (d == OFFER_DEPTHS_MOST)
            return err_set(err, ERR_INVALID, "%s has more than %d depths", o->frame.path, OFFER_DEPTHS_MOST);
        if (d == n) depths[n++] = (struct offer_depth){ .depth = depth };
        depths[d].response += weight * o->response[i], depths[d].n += weight;
    }
    for (size_t d = 0; d < n; d++)
        if (depths[d].n > 1e-9) depths[kept] = depths[d], depths[kept].response /= depths[kept].n, kept++;
    *ret_n = kept;
    return kept > 0 || err_set(err, ERR_REFUSED,
                               "%s: others never asked anything near %g: nothing tells what a discount does then",
                               o->frame.path, today->competitor);
}

static bool ask(struct invocation *in, struct today *ret, struct err *err)
{
    if (!flag_double(in, "price", 1e-9, 1e15, (double)NAN, &ret->price, err) ||
        !flag_double(in, "margin", 0, 1, (double)NAN, &ret->margin, err) ||
        !flag_double(in, "floor", 0, 1, 0, &ret->floor, err) ||
        !flag_double(in, "competitor", 1e-9, 1e15, (double)NAN, &ret->competitor, err) ||
        !flag_double(in, "stock", 0, 1e15, (double)NAN, &ret->stock, err) ||
        !flag_double(in, "customers", 1, 1e15, (double)NAN, &ret->customers, err))
        return false;
    if (isnan(ret->price) || isnan(ret->margin))
        return err_set(err, ERR_INVALID,
                       "--offers needs --price, what is paid without a discount, and --margin, the share of it "
                       "that is earned");
    return isnan(ret->stock) == isnan(ret->customers) ||
           err_set(err, ERR_INVALID, "--stock, how many there are to sell, and --customers, how many are asked, go together");
}

static bool check_competitor(const struct offers *o, const struct today *today, struct err *err)
{
    if (isnan(today->competitor)) return true;
    if (!o->competitor)
        return err_set(err, ERR_INVALID, "--competitor: %s has no column competitor, what others asked for it then",
                       o->frame.path);
    for (size_t i = 0; i < o->frame.n_rows; i++)
        if (!(o->competitor[i] > 0))
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column competitor: a price is above 0",
                           o->frame.path, o->frame.lines[i]);
    return true;
}

/* No more is sold than there is: from where a depth sells out, a deeper one only gives away. */
static size_t limit_by_stock(const struct today *today, struct offer_depth *depths, size_t n, size_t best)
{
    if (isnan(today->stock)) return best;
    best = n;
    for (size_t d = 0; d < n; d++) {
        double wanted = depths[d].response * today->customers;
        if (wanted > today->stock) depths[d].earned *= today->stock / wanted;
        if (depths[d].is_allowed && (best == n || depths[d].earned > depths[best].earned)) best = d;
    }
    return best;
}

bool plan_offers_file(struct invocation *in, const char *path, json_t **ret_json, struct err *err)
{
    struct offers offers;
    struct offer_depth depths[OFFER_DEPTHS_MOST];
    struct today today;
    size_t n = 0;
    if (!ask(in, &today, err) || !read_offers(in, path, &offers, err) ||
        !check_competitor(&offers, &today, err) || !gather(&offers, &today, depths, &n, err))
        return false;
    size_t best = offer_choose(depths, n, today.price, today.margin, today.floor);
    best = limit_by_stock(&today, depths, n, best);
    json_t *all = json_array();
    for (size_t d = 0; d < n; d++)
        json_array_append_new(all,
                              json_pack("{s:f, s:f, s:f, s:f, s:b}", "depth",
                                        offers.is_per_cent ? 100 * depths[d].depth : depths[d].depth, "response",
                                        depths[d].response, "margin_per_customer", depths[d].earned, "margin_left",
                                        depths[d].margin_left, "allowed", depths[d].is_allowed));
    double depth = best == n ? (double)NAN : offers.is_per_cent ? 100 * depths[best].depth : depths[best].depth;
    const char *sentence =
        best == n
            ? arena_format(in->arena, "No depth keeps a margin of %g: even at full price it is %g.", today.floor,
                           today.margin)
            : arena_format(in->arena,
                           "A discount of %g %% earns most: %.4g a customer asked, where %g of the price paid is "
                           "left.",
                           100 * depths[best].depth, depths[best].earned, depths[best].margin_left);
    *ret_json = json_pack("{s:o, s:o, s:s}", "depths", all, "best_depth",
                          best == n ? json_null() : json_real(depth), "sentence", sentence);
    return true;
}
