/* survey.c - partitions are counted in parallel and added up in their order; see survey.h. */
#include "feature/survey.h"
#include "feature/by_customer.h"
#include "feature/feature_set_internal.h"
#include "feature/properties.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "customer/once.h"

#include <math.h>
#include <string.h>

enum { EVENTS_ENOUGH = 2 * 1000 * 1000, PARTITIONS_LEAST = 8, THREADS_MAX = 64,
       VALUE_PLACES = 2 * SURVEY_VALUES_MAX };

struct partition_survey {
    struct arena *arena;
    struct survey counts;
    int64_t       day_sum, first_day, last_day;
    uint64_t      n_dated;
};

struct surveying {
    const struct log       *log;
    uint32_t                traits_kind;        /* KIND_ABSENT if there is none */
    size_t                  n_identities;
    struct partition_survey partitions[LOG_PARTITIONS];
    struct log_reader      *readers[THREADS_MAX];
    struct err              errs[THREADS_MAX];
};

static struct trait_survey *trait_named(struct survey *survey, struct text name, struct arena *arena)
{
    for (size_t i = 0; i < survey->n_traits; i++)
        if (text_equal(text_of(survey->traits[i].name), name)) return &survey->traits[i];
    if (survey->n_traits == SURVEY_TRAITS_MAX) return NULL;
    if (!survey->traits) survey->traits = ARENA_ARRAY(arena, struct trait_survey, SURVEY_TRAITS_MAX);
    struct trait_survey *trait = &survey->traits[survey->n_traits++];
    trait->name = arena_format(arena, "%.*s", (int)name.length, name.at);
    return trait;
}

/* The value's place by open addressing among twice as many; 0 is a free place, else 1 + its index. */
static uint16_t *find_value(struct trait_survey *trait, struct text text)
{
    size_t at = hash_bytes(text.at, text.length, 0) % VALUE_PLACES;
    while (trait->places[at] && !text_equal(text_of(trait->values[trait->places[at] - 1].text), text))
        at = (at + 1) % VALUE_PLACES;
    return &trait->places[at];
}

static void count_value(struct trait_survey *trait, struct text text, uint64_t n, uint64_t signature,
                        struct arena *arena)
{
    if (!trait->values) {
        trait->values = ARENA_ARRAY(arena, struct trait_value, SURVEY_VALUES_MAX);
        trait->places = ARENA_ARRAY(arena, uint16_t, VALUE_PLACES);
    }
    trait->signature += signature;
    uint16_t *place = find_value(trait, text);
    if (*place == 0 && trait->n_distinct == SURVEY_VALUES_MAX) { trait->n_beyond += n; return; }
    if (*place == 0) {
        trait->values[trait->n_distinct++].text = arena_format(arena, "%.*s", (int)text.length, text.at);
        *place = (uint16_t)trait->n_distinct;
    }
    trait->values[*place - 1].n += n;
    trait->values[*place - 1].signature += signature;
}

static void count_number(struct trait_survey *trait, double number)
{
    if (trait->n_numbers++ == 0) trait->min = trait->max = number;
    trait->min = fmin(trait->min, number);
    trait->max = fmax(trait->max, number);
    trait->n_integers += number == floor(number);
}

/* customer_marks [SURVEY_TRAITS_MAX] the last customer counted for each trait. */
static void survey_properties(struct survey *survey, struct text properties, uint32_t customer, int64_t known_ms,
                              uint32_t *customer_marks, struct arena *arena)
{
    struct properties members;
    struct property member;
    properties_begin(&members, properties);
    while (properties_next(&members, &member)) {
        (void)once_take(&member.name);
        struct trait_survey *trait = trait_named(survey, member.name, arena);
        if (!trait || member.value.length == 0) continue;
        double number;
        if (trait->n_values++ == 0 || known_ms < trait->first_known_ms) trait->first_known_ms = known_ms;
        if (text_double(member.value, '.', &number)) count_number(trait, number);
        count_value(trait, member.value, 1, hash_bytes(&customer, sizeof customer, 0), arena);
        uint32_t *mark = &customer_marks[trait - survey->traits];
        trait->n_customers += *mark != customer;
        *mark = customer;
    }
}

static void survey_event(const struct surveying *all, struct partition_survey *part,
                         const struct events *events, uint32_t at, size_t customer, uint32_t *kind_marks)
{
    uint16_t kind = events->kind[at];
    struct kind_survey *counts = &part->counts.kinds[kind];
    counts->n_events++;
    counts->n_customers += kind_marks[kind] != customer + 1;
    kind_marks[kind] = (uint32_t)customer + 1;
    counts->n_amounts += events->amount_cents[at] != 0;
    counts->n_quantities += events->quantity_milli[at] != 0;
    counts->n_items += events->item[at] != 0;
    counts->n_negative += events->amount_cents[at] < 0;
    int64_t day = calendar_day_of_ms(events->time_ms[at]), within_ms = events->time_ms[at] - day * MS_PER_DAY;
    counts->n_clock += within_ms != 0;
    counts->n_quarter[within_ms / (MS_PER_DAY / 4)]++;
    counts->n_weekend += calendar_weekday(day) >= 5;
    if (kind == all->traits_kind) return;
    if (part->n_dated == 0 || day < part->first_day) part->first_day = day;
    if (part->n_dated == 0 || day > part->last_day) part->last_day = day;
    if (events->received_ms[at] > part->counts.last_known_ms) part->counts.last_known_ms = events->received_ms[at];
    part->day_sum += day;
    part->n_dated++;
}

static void survey_partition(void *context, size_t partition, unsigned thread)
{
    struct surveying *all = context;
    struct partition_survey *part = &all->partitions[partition];
    struct err *err = &all->errs[thread];
    struct events events;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM |
                       (all->traits_kind == KIND_ABSENT ? 0 : LOG_PROPERTIES);
    if (err->code != ERR_NONE) goto done;
    if (!all->readers[thread] && !log_reader_open(all->log, &all->readers[thread], err)) goto done;
    if (!log_read(all->readers[thread], (unsigned)partition, columns, arena, &events, err)) goto done;
    part->arena = arena_new(ARENA_NO_LIMIT);
    part->counts.last_known_ms = INT64_MIN;
    part->counts.n_kinds = log_n_names(all->log, DICTIONARY_KIND);
    part->counts.kinds = ARENA_ARRAY(part->arena, struct kind_survey, part->counts.n_kinds);
    uint32_t *kind_marks = ARENA_ARRAY(arena, uint32_t, part->counts.n_kinds);
    uint32_t *trait_marks = ARENA_ARRAY(arena, uint32_t, SURVEY_TRAITS_MAX);
    struct by_customer by_customer;
    by_customer_group(&events, all->n_identities, arena, &by_customer);
    part->counts.n_customers = by_customer.n_customers;
    part->counts.n_events = by_customer.start[by_customer.n_customers];
    for (size_t c = 0; c < by_customer.n_customers; c++)
        for (uint32_t i = by_customer.start[c]; i < by_customer.start[c + 1]; i++) {
            uint32_t at = by_customer.order[i];
            survey_event(all, part, &events, at, c, kind_marks);
            if (events.kind[at] != all->traits_kind) continue;
            uint32_t begin = at ? events.properties_end[at - 1] : 0;
            struct text properties = { events.properties_bytes + begin, events.properties_end[at] - begin };
            survey_properties(&part->counts, properties, by_customer.identity[c], events.received_ms[at], trait_marks,
                              part->arena);
        }
done:
    arena_free(arena);
}

static void add_trait(struct survey *to, const struct trait_survey *from, struct arena *arena)
{
    struct trait_survey *trait = trait_named(to, text_of(from->name), arena);
    if (!trait) return;
    if (from->n_numbers > 0) {
        trait->min = trait->n_numbers ? fmin(trait->min, from->min) : from->min;
        trait->max = trait->n_numbers ? fmax(trait->max, from->max) : from->max;
    }
    if (trait->n_values == 0 || from->first_known_ms < trait->first_known_ms)
        trait->first_known_ms = from->first_known_ms;
    trait->n_customers += from->n_customers;
    trait->n_values += from->n_values;
    trait->n_numbers += from->n_numbers;
    trait->n_integers += from->n_integers;
    trait->n_beyond += from->n_beyond;
    for (size_t i = 0; i < from->n_distinct; i++)
        count_value(trait, text_of(from->values[i].text), from->values[i].n,
                                                         from->values[i].signature, arena);
}

static void add_kind_survey(struct kind_survey *to, const struct kind_survey *from)
{
    to->n_events += from->n_events;
    to->n_customers += from->n_customers;
    to->n_amounts += from->n_amounts;
    to->n_quantities += from->n_quantities;
    to->n_items += from->n_items;
    to->n_negative += from->n_negative;
    to->n_clock += from->n_clock;
    to->n_weekend += from->n_weekend;
    for (int q = 0; q < 4; q++) to->n_quarter[q] += from->n_quarter[q];
}

static void add_up(const struct surveying *all, struct arena *arena, struct survey *ret_survey)
{
    struct survey sum = { .n_kinds = log_n_names(all->log, DICTIONARY_KIND), .last_known_ms = INT64_MIN };
    int64_t day_sum = 0, first_day = INT64_MAX, last_day = INT64_MIN;
    uint64_t n_dated = 0;
    sum.kinds = ARENA_ARRAY(arena, struct kind_survey, sum.n_kinds);
    for (size_t p = 0; p < LOG_PARTITIONS; p++) {
        const struct partition_survey *part = &all->partitions[p];
        sum.n_customers += part->counts.n_customers;
        sum.n_events += part->counts.n_events;
        if (part->counts.last_known_ms > sum.last_known_ms) sum.last_known_ms = part->counts.last_known_ms;
        day_sum += part->day_sum;
        if (part->n_dated > 0 && part->first_day < first_day) first_day = part->first_day;
        if (part->n_dated > 0 && part->last_day > last_day) last_day = part->last_day;
        n_dated += part->n_dated;
        for (size_t k = 0; k < part->counts.n_kinds; k++) add_kind_survey(&sum.kinds[k], &part->counts.kinds[k]);
        for (size_t t = 0; t < part->counts.n_traits; t++) add_trait(&sum, &part->counts.traits[t], arena);
    }
    sum.mean_day = n_dated ? day_sum / (int64_t)n_dated : 0;
    sum.span_days = n_dated ? last_day - first_day + 1 : 0;
    *ret_survey = sum;
}

bool survey_log(const struct log *log, unsigned n_threads, struct arena *arena, struct survey *ret_survey,
                struct err *err)
{
    bool ok = false;
    struct log_totals totals;
    if (!log_totals(log, &totals, err)) return false;
    size_t n_partitions = LOG_PARTITIONS;
    if (totals.n_events > EVENTS_ENOUGH)
        n_partitions = (size_t)(LOG_PARTITIONS * (uint64_t)EVENTS_ENOUGH / totals.n_events);
    if (n_partitions < PARTITIONS_LEAST) n_partitions = PARTITIONS_LEAST;
    if (n_threads < 1) n_threads = 1;
    if (n_threads > THREADS_MAX) n_threads = THREADS_MAX;
    struct surveying *all = ARENA_NEW(arena, struct surveying);
    all->log = log;
    all->n_identities = log_n_names(log, DICTIONARY_IDENTITY);
    if (!log_find(log, DICTIONARY_KIND, text_of(KIND_TRAITS), &all->traits_kind)) all->traits_kind = KIND_ABSENT;
    parallel_for(n_threads, n_partitions, survey_partition, all);
    for (unsigned t = 0; t < n_threads; t++)
        if (all->errs[t].code != ERR_NONE) { *err = all->errs[t]; goto done; }
    add_up(all, arena, ret_survey);
    ok = true;
done:
    for (unsigned t = 0; t < n_threads; t++) log_reader_close(all->readers[t]);
    for (size_t p = 0; p < LOG_PARTITIONS; p++) arena_free(all->partitions[p].arena);
    return ok;
}
