/* building.c - see building.h. */
#include "table/building_internal.h"

#include "base/crash_point.h"
#include "base/parallel.h"

#include <string.h>

enum { SIEVE_BITS = 8, SIEVE_SHIFT = 20 };      /* bits for each message; of a message, those below its sieve's */

/* Whom a row is about, when, and how much: what another form of the same export has in common with it. */
static uint64_t told_of(uint32_t identity, int64_t time_ms, int64_t amount_cents)
{
    return building_mixed(building_mixed((uint64_t)time_ms, identity), (uint64_t)amount_cents);
}

static bool load_messages(struct bench *bench, unsigned partition, struct err *err)
{
    struct events events;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    unsigned columns = LOG_MESSAGE | LOG_IDENTITY | LOG_TIME | LOG_AMOUNT;
    bool ok = log_read(bench->reader, partition, columns, arena, &events, err);
    if (ok) {
        hash_map_clear(&bench->stored, events.n);
        hash_map_clear(&bench->told, events.n);
        for (size_t i = 0; i < events.n; i++) {
            (void)hash_map_put(&bench->stored, events.message_hash[i]);
            (void)hash_map_put(&bench->told,
                               told_of(events.identity[i], events.time_ms[i], events.amount_cents[i]));
        }
    }
    arena_free(arena);
    return ok;
}

/* What the log has of the partition: its orders where the file numbers them, else only the messages. */
static bool load_stored(struct build *build, struct bench *bench, unsigned partition, struct arena *arena,
                        struct err *err)
{
    bench->stored_orders = NULL;
    if (!build->is_stored) return true;
    if (!bench->reader && !log_reader_open(build->building->log, &bench->reader, err)) return false;
    log_reader_share_names(bench->reader, build->lock);
    if (!bench->rows.order) return load_messages(bench, partition, err);
    bench->stored_orders = stored_orders_load(build, bench, partition, arena, err);
    return bench->stored_orders != NULL;
}

static void keep_personal(struct build *build, const struct block *block, uint32_t row, uint32_t identity)
{
    struct personal_members *members = &build->building->personal[identity];
    int64_t time_ms = block->time_ms ? block->time_ms[row] : 0;
    const struct spellings *spellings =
        &build->building->reading->threads[block->thread].spellings[SPELL_PERSONAL];
    if (identity == 0 || (members->values && members->time_ms > time_ms)) return;
    *members = (struct personal_members){ spellings->keys[block->personal[row]], time_ms };
}

/* Whether a row is an order with its number and no line of it: an exact copy is of a page that was exported twice. */
static bool is_order_alone(const struct mapping *mapping)
{
    const int *of = mapping->column_of;
    return mapping_has_order(mapping) && !mapping->is_order_by_time && of[ROLE_ITEM] < 0 && of[ROLE_QUANTITY] < 0 &&
           of[ROLE_PRICE] < 0 && of[ROLE_LINE] < 0;
}

/* A bit for each message, of which nearly all come once: only those whose bit is met again are looked up by all that
 * they are, so that the table of them stays in the cache. */
struct sieve { uint64_t *once, *again; size_t mask; };

static bool may_be_again(const struct sieve *sieve, uint64_t message)
{
    size_t bit = message >> SIEVE_SHIFT & sieve->mask;
    return sieve->again[bit / 64] >> bit % 64 & 1;
}

/* Sifts the messages of a partition; the map is emptied, with room for all that may be there again. */
static struct sieve sift(const struct reading *reading, unsigned partition, struct arena *arena, struct hash_map *seen)
{
    size_t n_all = 0, n_again = 0, n_bits = 64;
    for (size_t b = 0; b < reading->n_blocks; b++)
        n_all += reading->blocks[b]->begins[partition + 1] - reading->blocks[b]->begins[partition];
    while (n_bits < SIEVE_BITS * n_all) n_bits *= 2;
    struct sieve sieve = { ARENA_ARRAY(arena, uint64_t, n_bits / 64), ARENA_ARRAY(arena, uint64_t, n_bits / 64), n_bits - 1 };
    for (size_t b = 0; b < reading->n_blocks; b++) {
        const struct block *block = reading->blocks[b];
        for (uint32_t i = block->begins[partition]; i < block->begins[partition + 1]; i++) {
            size_t bit = block->message[i] >> SIEVE_SHIFT & sieve.mask;
            uint64_t *word = &sieve.once[bit / 64], is_met = *word >> bit % 64 & 1;
            sieve.again[bit / 64] |= is_met << bit % 64;
            *word |= UINT64_C(1) << bit % 64;
            n_again += is_met;
        }
    }
    hash_map_clear(seen, 2 * n_again);
    return sieve;
}

/* The rows of the partition that are new, in the file's order; those with an order's number all. */
static void gather(struct build *build, struct bench *bench, unsigned partition, struct arena *arena)
{
    const struct reading *reading = build->building->reading;
    const struct mapping *mapping = reading->mapping;
    struct rows *rows = &bench->rows;
    size_t n = 0;
    int64_t first_ms = INT64_MAX, last_ms = INT64_MIN;
    struct sieve sieve = sift(reading, partition, arena, &bench->seen);
    for (size_t b = 0; b < reading->n_blocks; b++) {
        const struct block *block = reading->blocks[b];
        const uint32_t *identity = build->identities[partition], *item = build->items.of[block->thread];
        const uint32_t *kind = build->kinds.of[block->thread], *traits = build->traits.of[block->thread];
        for (uint32_t i = block->begins[partition]; i < block->begins[partition + 1]; i++) {
            uint64_t message = block->message[i];
            if (block->edge && block->edge[i] > 0 && block->edges[block->edge[i] - 1].is_one) {
                build->sums[partition].rows_of_pages++;
                continue;
            }
            uint64_t n_before = may_be_again(&sieve, message) ? (*hash_map_put(&bench->seen, message))++ : 0;
            if (n_before > 0 && mapping_numbers_lines(mapping) && (message & READING_LINE)) {
                build->sums[partition].lines_again++;
                continue;
            }
            if (n_before > 0 && is_order_alone(mapping)) {
                build->sums[partition].lines_again++;
                continue;
            }
            build->sums[partition].duplicates += n_before > 0;
            if (n_before > 0) message = building_mixed(message, n_before);
            if (block->time_ms && block->time_ms[i] < first_ms) first_ms = block->time_ms[i];
            if (block->time_ms && block->time_ms[i] > last_ms) last_ms = block->time_ms[i];
            if (block->personal) keep_personal(build, block, i, identity[block->customer[i]]);
            if (!rows->order && hash_map_find(&bench->stored, message)) {
                build->sums[partition].rows_repeated++;
                continue;
            }
            rows->message[n] = message;
            rows->identity[n] = identity[block->customer[i]];
            rows->source[n] = build->source;
            rows->time_ms[n] = block->time_ms ? block->time_ms[i] : 0;
            if (rows->received_ms) rows->received_ms[n] = block->received_ms[i];
            if (rows->amount_cents) rows->amount_cents[n] = block->amount_cents[i];
            if (rows->quantity_milli) rows->quantity_milli[n] = block->quantity_milli[i];
            if (rows->total_cents) rows->total_cents[n] = block->total_cents[i];
            if (rows->refunded_cents) rows->refunded_cents[n] = block->refunded_cents[i];
            if (rows->status) rows->status[n] = block->status[i];
            if (rows->item) rows->item[n] = item[block->item[i]];
            if (rows->traits) rows->traits[n] = traits[block->traits[i]];
            if (rows->order) rows->order[n] = block->order[i];
            if (!rows->order && block->time_ms)
                build->sums[partition].rows_told +=
                    hash_map_find(&bench->told, told_of(rows->identity[n], rows->time_ms[n],
                                                        rows->amount_cents ? rows->amount_cents[n] : 0)) != NULL;
            if (block->event) rows->kind[n] = (uint16_t)kind[block->event[i]];
            else
                rows->kind[n] = mapping->shape == SHAPE_TABLE ? build->traits_kind
                                : mapping->event_kind         ? build->event_kind
                                                              : build->order_kinds[STATUS_SALE];
            n++;
        }
    }
    rows->n = n;
    build->sums[partition].rows_new = n;
    build->sums[partition].first_ms = first_ms;
    build->sums[partition].last_ms = last_ms;
}

/* An event log without traits: its rows are the events. */
static struct events rows_as_events(const struct rows *rows)
{
    return (struct events){
        .n = rows->n,
        .received_ms = rows->received_ms ? rows->received_ms : rows->time_ms,
        .time_ms = rows->time_ms,
        .identity = rows->identity,
        .kind = rows->kind,
        .amount_cents = rows->amount_cents,
        .quantity_milli = rows->quantity_milli,
        .item = rows->item,
        .source = rows->source,
        .message_hash = rows->message,
    };
}

/* All of the file was received at one instant. */
static void receive_then(struct events *events, int64_t known_ms, struct arena *arena)
{
    int64_t *received_ms = ARENA_ARRAY(arena, int64_t, events->n + 1);
    for (size_t i = 0; i < events->n; i++) received_ms[i] = known_ms;
    events->received_ms = received_ms;
}

/* What is ready, in the order of the partitions, so that the numbers of events do not depend on the threads. */
static void write_ready(struct build *build)
{
    struct building *building = build->building;
    unsigned *p = &building->n_written;
    for (; *p < LOG_PARTITIONS && build->write_err.code == ERR_NONE && atomic_load(&build->is_built[*p]); ++*p) {
        crash_point();
        if (building->chunks[*p] && !log_write(building->log, building->chunks[*p], &build->write_err)) return;
    }
}

static void build_partition(void *context, size_t item, unsigned thread)
{
    struct build *build = context;
    struct building *building = build->building;
    struct bench *bench = &build->benches[thread];
    unsigned partition = (unsigned)item;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    if (!load_stored(build, bench, partition, arena, &build->errs[partition])) goto done;
    gather(build, bench, partition, arena);
    if (bench->rows.n == 0) goto done;
    const struct mapping *mapping = building->reading->mapping;
    bool is_plain = mapping->shape == SHAPE_EVENTS && !bench->rows.traits && !mapping->has_orders_among;
    struct events events =
        is_plain ? rows_as_events(&bench->rows) : building_events(build, bench, partition, arena);
    if (building->known_ms) receive_then(&events, building->known_ms, arena);
    build->sums[partition].events = events.n;
    (void)(events.n == 0 || log_encode(partition, &events, building->arenas[thread],
                                       &building->chunks[partition], &build->errs[partition]));
done:
    arena_free(arena);
    atomic_store(&build->is_built[partition], build->errs[partition].code == ERR_NONE);
    if (thread == 0 && building->may_write && !build->is_stored) write_ready(build);
    if (thread == 0)
        progress_report(building->reading->progress, "building events", item, LOG_PARTITIONS, "parts");
}

static void *wanted(struct bench *bench, bool is_wanted, size_t n, size_t size)
{
    return is_wanted ? arena_alloc(bench->scratch, n + 1, size) : NULL;
}

static void bench_init(struct build *build, struct bench *bench)
{
    const struct mapping *mapping = build->building->reading->mapping;
    const int *of = mapping->column_of;
    size_t n = build->rows_most;
    bool has_traits = false;
    for (size_t c = 0; c < mapping->n_columns; c++)
        has_traits |= role_is_attribute(mapping->roles[c], false);
    bench->scratch = arena_new(ARENA_NO_LIMIT);
    bench->rows = (struct rows){
        .message = wanted(bench, true, n, 8),
        .identity = wanted(bench, true, n, 4),
        .time_ms = wanted(bench, true, n, 8),
        .kind = wanted(bench, true, n, 2),
        .source = wanted(bench, true, n, 2),
        .received_ms = wanted(bench, of[ROLE_RECEIVED] >= 0, n, 8),
        .amount_cents = wanted(bench, of[ROLE_AMOUNT] >= 0 || of[ROLE_PRICE] >= 0, n, 8),
        .quantity_milli = wanted(bench, of[ROLE_QUANTITY] >= 0, n, 8),
        .item = wanted(bench, of[ROLE_ITEM] >= 0, n, 4),
        .traits = wanted(bench, has_traits, n, 4),
        .order = wanted(bench, mapping_has_order(mapping), n, 8),
        .total_cents = wanted(bench, of[ROLE_TOTAL] >= 0, n, 8),
        .refunded_cents = wanted(bench, of[ROLE_REFUNDED] >= 0, n, 8),
        .status = wanted(bench, mapping_tells_sales(mapping), n, 1),
    };
}

static bool sum_up(struct build *build, struct err *err)
{
    struct building *building = build->building;
    building->first_ms = INT64_MAX;
    building->last_ms = INT64_MIN;
    if (build->write_err.code != ERR_NONE) { *err = build->write_err; return false; }
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        if (build->errs[p].code != ERR_NONE) { *err = build->errs[p]; return false; }
        building->rows_new += build->sums[p].rows_new;
        building->rows_repeated += build->sums[p].rows_repeated;
        building->rows_told += build->sums[p].rows_told;
        building->duplicates += build->sums[p].duplicates;
        building->lines_again += build->sums[p].lines_again;
        building->rows_of_pages += build->sums[p].rows_of_pages;
        building->orders += build->sums[p].orders;
        building->orders_corrected += build->sums[p].corrected;
        building->events += build->sums[p].events;
        if (build->sums[p].rows_new + build->sums[p].rows_repeated == 0) continue;
        if (build->sums[p].first_ms < building->first_ms) building->first_ms = build->sums[p].first_ms;
        if (build->sums[p].last_ms > building->last_ms) building->last_ms = build->sums[p].last_ms;
    }
    return true;
}

void building_start(struct building *building)
{
    const struct reading *reading = building->reading;
    building->arena = arena_new(ARENA_NO_LIMIT);
    struct build *build = building->build = ARENA_NEW(building->arena, struct build);
    build->building = building;
    for (unsigned t = 0; t < reading->n_threads; t++) building->arenas[t] = arena_new(ARENA_NO_LIMIT);
    parallel_for(reading->n_threads, LOG_PARTITIONS, building_number_customers, build);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        size_t n = 0;
        for (size_t b = 0; b < reading->n_blocks; b++)
            n += reading->blocks[b]->begins[p + 1] - reading->blocks[b]->begins[p];
        if (n > build->rows_most) build->rows_most = n;
    }
}

/* As if nothing had been built. */
static void forget(struct building *building)
{
    struct building fresh = { .reading = building->reading, .log = building->log, .source = building->source,
                              .known_ms = building->known_ms, .may_write = building->may_write, .arena = building->arena, .build = building->build };
    memcpy(fresh.arenas, building->arenas, sizeof fresh.arenas);
    *building = fresh;
    memset(building->build->sums, 0, sizeof building->build->sums);
    memset(building->build->errs, 0, sizeof building->build->errs);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) building->build->is_built[p] = false;
}

bool building_name(struct building *building, struct err *err)
{
    struct build *build = building->build;
    struct log_totals totals;
    forget(building);
    if (!log_totals(building->log, &totals, err)) return false;
    build->is_stored = totals.n_events > 0;
    if (!building_merge_names(build, err)) return false;
    int64_t latest_ms = building->reading->counts.latest_ms;
    build->corrected_ms = latest_ms > totals.last_ms ? latest_ms : totals.last_ms;
    build->mark = log_mark(building->log);
    build->sequence = totals.last_sequence;
    building->n_identities = log_n_names(building->log, DICTIONARY_IDENTITY);
    return true;
}

static void bench_free(struct bench *bench)
{
    log_reader_close(bench->reader);
    arena_free(bench->scratch);
    hash_map_free(&bench->seen);
    hash_map_free(&bench->stored);
    hash_map_free(&bench->told);
    hash_map_free(&bench->groups);
    hash_map_free(&bench->items);
    *bench = (struct bench){ 0 };
}

/* What clients told and the file says otherwise, as corrections: of any partition. */
static void join_taken_back(struct build *build)
{
    struct building *building = build->building;
    size_t n = 0;
    for (unsigned t = 0; t < building->reading->n_threads; t++) n += build->benches[t].n_taken_back;
    struct events *all = &building->taken_back;
    *all = (struct events){
        .received_ms = ARENA_ARRAY(building->arena, int64_t, n + 1), .time_ms = ARENA_ARRAY(building->arena, int64_t, n + 1),
        .identity = ARENA_ARRAY(building->arena, uint32_t, n + 1), .kind = ARENA_ARRAY(building->arena, uint16_t, n + 1),
        .source = ARENA_ARRAY(building->arena, uint16_t, n + 1),
        .message_hash = ARENA_ARRAY(building->arena, uint64_t, n + 1)
    };
    for (unsigned t = 0; t < building->reading->n_threads; t++)
        for (size_t i = 0; i < build->benches[t].n_taken_back; i++) {
            const struct taken_back *back = &build->benches[t].taken_back[i];
            size_t to = all->n++;
            all->received_ms[to] = building->known_ms ? building->known_ms : build->corrected_ms;
            all->time_ms[to] = back->time_ms, all->identity[to] = back->identity, all->source[to] = back->source;
            all->kind[to] = build->correction_kind;
            all->message_hash[to] = log_correction_of(back->message_hash);
        }
}

bool building_encode(struct building *building, pthread_rwlock_t *lock, struct err *err)
{
    const struct reading *reading = building->reading;
    struct build *build = building->build;
    building_merge_traits(build);
    if (reading->n_blocks > 0 && reading->blocks[0]->personal)
        building->personal = ARENA_ARRAY(building->arena, struct personal_members, building->n_identities + 1);
    build->lock = lock;
    for (unsigned t = 0; t < reading->n_threads; t++) bench_init(build, &build->benches[t]);
    bool ok = live_orders_load(build, err);
    if (ok) {
        parallel_for(reading->n_threads, LOG_PARTITIONS, build_partition, build);
        join_taken_back(build);
    }
    live_orders_free(build);
    for (unsigned t = 0; t < reading->n_threads; t++) bench_free(&build->benches[t]);
    for (unsigned p = 0; !lock && p < LOG_PARTITIONS; p++) spellings_free(&build->customers[p]);
    return ok && sum_up(build, err);
}

void building_free(struct building *building)
{
    for (unsigned p = 0; building->build && p < LOG_PARTITIONS; p++) spellings_free(&building->build->customers[p]);
    for (unsigned t = 0; t < READING_THREADS_MAX; t++) arena_free(building->arenas[t]);
    arena_free(building->arena);
    *building = (struct building){ 0 };
}
