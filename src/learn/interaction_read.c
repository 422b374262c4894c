/* interaction_read.c - see interaction_read.h. */
#include "learn/interaction_read.h"

#include "base/parallel.h"
#include "base/similar.h"
#include "feature/history.h"
#include "feature/survey.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- which kinds count ---- */

/* How much a kind of event says that somebody wants an item, by what its name holds; the first that fits. */
static const struct { const char *part; int strength;
} strengths[] = {
    { "refund", 0 },    { "remove", 0 },   { "cancel", 0 },   { "traits", 0 }, { "correction", 0 },
    { "orderitem", 5 }, { "purchase", 5 }, { "buy", 5 },      { "bought", 5 }, { "transaction", 5 },
    { "order", 5 },     { "sale", 5 },     { "cart", 4 },     { "basket", 4 }, { "added", 4 },
    { "like", 3 },      { "fav", 3 },      { "bookmark", 3 }, { "wish", 3 },   { "follow", 3 },
    { "comment", 3 },   { "rat", 3 },      { "review", 3 },   { "click", 2 },  { "play", 2 },
    { "listen", 2 },    { "view", 1 },     { "page", 1 },     { "seen", 1 },
};

int interaction_strength(struct text kind)
{
    char name[40];
    size_t n = 0;
    for (size_t i = 0; i < kind.length && n < sizeof name - 1; i++)
        if (isalnum((unsigned char)kind.at[i])) name[n++] = (char)tolower((unsigned char)kind.at[i]);
    name[n] = 0;
    for (size_t i = 0; i < sizeof strengths / sizeof *strengths; i++)
        if (strstr(name, strengths[i].part)) return strengths[i].strength;
    return 1;
}

struct choice {
    const struct log *log;
    struct arena     *arena;
    float            *weight;       /* [kinds of the log] */
    struct interaction_log *out;
};

static void count_kind(struct choice *choice, uint32_t kind, double weight)
{
    struct text name = log_name(choice->log, DICTIONARY_KIND, kind);
    struct interaction_log *out = choice->out;
    choice->weight[kind] = (float)weight;
    if (out->n_kinds == INTERACTION_KINDS_MOST) return;
    out->kinds[out->n_kinds++] =
        (struct kind_weight){ arena_format(choice->arena, "%.*s", (int)name.length, name.at), weight };
}

static bool is_named(const struct choice *choice, uint32_t kind, const char *name)
{
    return text_equal(log_name(choice->log, DICTIONARY_KIND, kind), text_of(name));
}

/* Orders and their lines, which are one thing said in two ways; else the strongest kind of most customers. */
static bool choose_kinds(struct choice *choice, unsigned n_threads, struct err *err)
{
    struct survey survey;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    uint32_t best = 0;
    bool has_orders = false;
    uint64_t most = 0;
    bool ok = survey_log(choice->log, n_threads, scratch, &survey, err);
    for (uint32_t k = 1; ok && k < survey.n_kinds; k++) {
        if (survey.kinds[k].n_items == 0 || interaction_strength(log_name(choice->log, DICTIONARY_KIND, k)) == 0) continue;
        if (survey.kinds[k].n_customers > most) most = survey.kinds[k].n_customers;
        if (!is_named(choice, k, "order") && !is_named(choice, k, "order_item")) continue;
        count_kind(choice, k, 1);
        has_orders = true;
    }
    for (uint32_t k = 1; ok && !has_orders && k < survey.n_kinds; k++) {
        if (survey.kinds[k].n_items == 0 || 2 * survey.kinds[k].n_customers < most) continue;
        int strength = interaction_strength(log_name(choice->log, DICTIONARY_KIND, k));
        int best_strength = best ? interaction_strength(log_name(choice->log, DICTIONARY_KIND, best)) : 0;
        if (strength > best_strength || (strength > 0 && strength == best_strength &&
                                         survey.kinds[k].n_customers > survey.kinds[best].n_customers))
            best = k;
    }
    if (best) count_kind(choice, best, 1);
    arena_free(scratch);
    if (!ok || has_orders || best) return ok;
    return err_set(err, ERR_MISSING,
                   "no event has an item, so there is nothing to recommend: import lines of orders or "
                   "events with a product (--item COLUMN)");
}

static bool take_kinds(struct choice *choice, const struct interaction_options *options, struct err *err)
{
    size_t n_kinds = log_n_names(choice->log, DICTIONARY_KIND);
    for (size_t w = 0; w < options->n_weights; w++) {
        uint32_t kind;
        const char *name = options->weights[w].kind;
        if (log_find(choice->log, DICTIONARY_KIND, text_of(name), &kind)) {
            count_kind(choice, kind, options->weights[w].weight);
            continue;
        }
        const char **names = ARENA_ARRAY(choice->arena, const char *, n_kinds);
        for (uint32_t k = 1; k < n_kinds; k++) {
            struct text text = log_name(choice->log, DICTIONARY_KIND, k);
            names[k - 1] = arena_format(choice->arena, "%.*s", (int)text.length, text.at);
        }
        return err_set(err, ERR_MISSING, "weights: there is no event '%s'%s", name,
                       similar_names(name, names, n_kinds ? n_kinds - 1 : 0, choice->arena));
    }
    return true;
}

const char *interaction_taken_back_by(const char *kind)
{
    static const char *const pairs[][2] = { { "order", "refund" }, { "order_item", "refund_item" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(pairs[i][0], kind) == 0) return pairs[i][1];
    return NULL;
}

/* What takes back is always known, whatever else counts, where what it takes back counts. */
static void add_refunds(struct choice *choice)
{
    for (size_t k = 0; k < choice->out->n_kinds; k++) {
        const char *name = interaction_taken_back_by(choice->out->kinds[k].kind);
        uint32_t back;
        if (name && log_find(choice->log, DICTIONARY_KIND, text_of(name), &back) && choice->weight[back] == 0)
            choice->weight[back] = -1;
    }
}

/* ---- reading ---- */

struct part {
    struct arena       *arena;
    struct interaction *had, *later;        /* customer is the identity, item that of the dictionary */
    size_t              n_had, n_later;
    struct err          err;
    bool                is_read;
};

struct collecting {
    const struct log                 *log;
    const struct interaction_options *options;
    const float                      *weight;
    const uint32_t                   *customer_of;
    struct part                       parts[LOG_PARTITIONS];
    struct log_reader               **readers;
};

static void collect_events(const struct collecting *collecting, const struct events *events, struct part *part)
{
    const struct interaction_options *options = collecting->options;
    int64_t known_before_ms = options->known_before_ms ? options->known_before_ms : INT64_MAX;
    part->had = ARENA_ARRAY(part->arena, struct interaction, events->n + 1);
    part->later =
        ARENA_ARRAY(part->arena, struct interaction, options->until_ms > options->as_of_ms ? events->n + 1 : 1);
    for (size_t i = 0; i < events->n; i++) {
        float weight = collecting->weight[events->kind[i]];
        if (weight == 0 || events->item[i] == 0 || events->identity[i] == 0) continue;
        int64_t replaced_ms = events->replaced_ms ? events->replaced_ms[i] : INT64_MAX;
        int64_t time_ms = events->time_ms[i];
        uint32_t customer = collecting->customer_of ? collecting->customer_of[events->identity[i]] : 0;
        bool is_back = weight < 0 || events->quantity_milli[i] < 0;
        struct interaction row = { customer ? customer : events->identity[i], events->item[i],
                                   is_back ? -1 : weight, (float)events->quantity_milli[i] / 1000, time_ms };
        if (time_ms < options->as_of_ms && events->received_ms[i] < options->as_of_ms &&
            replaced_ms >= options->as_of_ms && replaced_ms != INT64_MIN)
            part->had[part->n_had++] = row;
        else if (time_ms >= options->as_of_ms && time_ms < options->until_ms &&
                 events->received_ms[i] < known_before_ms && replaced_ms >= known_before_ms)
            part->later[part->n_later++] = row;
    }
}

static void collect_part(void *context, size_t item, unsigned thread)
{
    struct collecting *collecting = context;
    struct part *part = &collecting->parts[item];
    struct events events;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    part->arena = arena_new(ARENA_NO_LIMIT);
    part->is_read =
        (collecting->readers[thread] ||
         log_reader_open(collecting->log, &collecting->readers[thread], &part->err)) &&
        log_read(collecting->readers[thread], (unsigned)item,
                 LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_QUANTITY | LOG_ITEM | LOG_REPLACED,
                 scratch, &events, &part->err);
    if (part->is_read) collect_events(collecting, &events, part);
    arena_free(scratch);
}

/* ---- numbering ---- */

struct named { struct text name; uint32_t index; };

static int compare_named(const void *a_pointer, const void *b_pointer)
{
    const struct named *a = a_pointer, *b = b_pointer;
    size_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
    int order = shorter ? memcmp(a->name.at, b->name.at, shorter) : 0;
    return order ? order : (a->name.length > b->name.length) - (a->name.length < b->name.length);
}

static void mark(const struct interaction *rows, size_t n, uint32_t *is_customer, uint32_t *is_item)
{
    for (size_t i = 0; i < n; i++) is_customer[rows[i].customer] = is_item[rows[i].item] = 1;
}

static void number_customers(const struct log *log, uint32_t *customers, struct arena *arena,
                             struct interaction_log *out)
{
    size_t n_identities = log_n_names(log, DICTIONARY_IDENTITY), n = 0;
    for (size_t i = 0; i < n_identities; i++) n += customers[i];
    out->identity = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (uint32_t i = 0, next = 0; i < n_identities; i++) {
        if (!customers[i]) continue;
        out->identity[next++] = i;
        customers[i] = next;
    }
    out->had.n_customers = out->later.n_customers = n;
}

/* Those of events, and those that are only known by name. */
static void number_items(const struct collecting *collecting, uint32_t *items, struct arena *arena,
                         struct interaction_log *out)
{
    const struct log *log = collecting->log;
    const struct interaction_options *options = collecting->options;
    size_t n_names = log_n_names(log, DICTIONARY_ITEM), n = 0;
    for (size_t i = 0; i < n_names; i++) n += items[i];
    struct named *named = ARENA_ARRAY(arena, struct named, n + options->n_more_items + 1);
    n = 0;
    for (size_t i = 0; i < options->n_more_items; i++) {
        uint32_t index = 0;
        if (log_find(log, DICTIONARY_ITEM, options->more_items[i], &index)) items[index] = 1;
        else named[n++] = (struct named){ options->more_items[i], 0 };
    }
    for (uint32_t i = 1; i < n_names; i++)
        if (items[i]) named[n++] = (struct named){ log_name(log, DICTIONARY_ITEM, i), i };
    qsort(named, n, sizeof *named, compare_named);
    out->item = ARENA_ARRAY(arena, uint32_t, n + 1);
    out->item_names = ARENA_ARRAY(arena, struct text, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        out->item[i] = named[i].index;
        out->item_names[i] = named[i].name;
        if (named[i].index) items[named[i].index] = i + 1;
    }
    out->had.n_items = out->later.n_items = n;
}

/* Customers by index and items by name: 1 + the number of each, 0 where there is none. */
static void number_all(const struct collecting *collecting, uint32_t *customers, uint32_t *items,
                       struct arena *arena, struct interaction_log *out)
{
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        mark(collecting->parts[p].had, collecting->parts[p].n_had, customers, items);
        mark(collecting->parts[p].later, collecting->parts[p].n_later, customers, items);
    }
    number_customers(collecting->log, customers, arena, out);
    number_items(collecting, items, arena, out);
}

static void put_together(const struct collecting *collecting, bool is_later, const uint32_t *customers,
                         const uint32_t *items, struct arena *arena, struct interactions *interactions)
{
    size_t n = 0;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        n += is_later ? collecting->parts[p].n_later : collecting->parts[p].n_had;
    struct interaction *rows = ARENA_ARRAY(arena, struct interaction, n + 1);
    for (unsigned p = n = 0; p < LOG_PARTITIONS; p++) {
        const struct part *part = &collecting->parts[p];
        const struct interaction *from = is_later ? part->later : part->had;
        for (size_t i = 0; i < (is_later ? part->n_later : part->n_had); i++, n++) {
            rows[n] = from[i];
            rows[n].customer = customers[from[i].customer] - 1;
            rows[n].item = items[from[i].item] - 1;
        }
    }
    interactions_build(rows, n, interactions->n_customers, interactions->n_items, arena, interactions);
}

static bool read_all(struct collecting *collecting, struct arena *arena, struct interaction_log *out,
                     struct err *err)
{
    const struct log *log = collecting->log;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    unsigned n_threads = collecting->options->n_threads ? collecting->options->n_threads : 1;
    collecting->readers = ARENA_ARRAY(scratch, struct log_reader *, n_threads);
    parallel_for(n_threads, LOG_PARTITIONS, collect_part, collecting);
    bool ok = true;
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++)
        if (!collecting->parts[p].is_read) {
            *err = collecting->parts[p].err;
            ok = err_context(err, "reading what customers did with items");
        }
    if (ok) {
        uint32_t *customers = ARENA_ARRAY(scratch, uint32_t, log_n_names(log, DICTIONARY_IDENTITY) + 1);
        uint32_t *items = ARENA_ARRAY(scratch, uint32_t, log_n_names(log, DICTIONARY_ITEM) + 1);
        number_all(collecting, customers, items, arena, out);
        put_together(collecting, false, customers, items, arena, &out->had);
        put_together(collecting, true, customers, items, arena, &out->later);
        int64_t first_ms = out->had.n ? out->had.first_ms : out->later.first_ms;
        int64_t last_ms = out->later.n ? out->later.last_ms : out->had.last_ms;
        out->has_times = first_ms != last_ms;
    }
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) arena_free(collecting->parts[p].arena);
    for (unsigned t = 0; t < n_threads; t++) log_reader_close(collecting->readers[t]);
    arena_free(scratch);
    return ok;
}

bool interaction_read(const struct log *log, const struct interaction_options *options, struct arena *arena,
                      struct interaction_log *ret_interactions, struct err *err)
{
    struct interaction_log out = { 0 };
    struct choice choice = { log, arena, ARENA_ARRAY(arena, float, log_n_names(log, DICTIONARY_KIND) + 1), &out };
    struct collecting collecting = { .log = log, .options = options, .weight = choice.weight };
    uint32_t *customer_of;
    if (!(options->n_weights ? take_kinds(&choice, options, err) : choose_kinds(&choice, options->n_threads, err)))
        return false;
    add_refunds(&choice);
    if (!history_links(log, options->as_of_ms, arena, &customer_of, err)) return false;
    collecting.customer_of = customer_of;
    if (!read_all(&collecting, arena, &out, err)) return false;
    *ret_interactions = out;
    return true;
}

bool interaction_find_item(const struct interaction_log *interactions, struct text name, uint32_t *ret_item)
{
    struct named wanted = { name, 0 };
    size_t low = 0, high = interactions->had.n_items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct named at = { interactions->item_names[middle], 0 };
        int order = compare_named(&at, &wanted);
        if (order == 0) { *ret_item = (uint32_t)middle; return true; }
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return false;
}

bool interaction_find_customer(const struct interaction_log *interactions, uint32_t identity,
                               uint32_t *ret_customer)
{
    size_t low = 0, high = interactions->had.n_customers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (interactions->identity[middle] == identity) { *ret_customer = (uint32_t)middle; return true; }
        if (interactions->identity[middle] < identity) low = middle + 1;
        else high = middle;
    }
    return false;
}
