/* building_internal.h - what the files of building share: the rows of a partition, and what becomes of them. */
#ifndef TABLE_BUILDING_INTERNAL_H
#define TABLE_BUILDING_INTERNAL_H

#include "base/hash_map.h"
#include "customer/identity.h"
#include "customer/order_number.h"
#include "log/correction.h"
#include "table/building.h"

#include <stdatomic.h>

/* How the numbers of each thread's spellings read in the log. */
struct dictionary_map { uint32_t *of[READING_THREADS_MAX]; };

/* Rows of one partition, one array per column; those without a column are NULL. */
struct rows {
    size_t    n;
    uint64_t *message; /* [n] of the row's bytes; of a row with an order's number, of what it says (see below) */
    uint64_t *order;            /* [n] see struct block */
    int64_t  *time_ms, *received_ms, *amount_cents, *quantity_milli, *total_cents, *refunded_cents;
    uint32_t *identity, *item, *traits;
    uint16_t *kind, *source;
    uint8_t  *status;
};

/* The rows of one order, summed up. */
struct order_group {
    uint64_t order;             /* its key: see order_key */
    int64_t  amount_cents, quantity_milli, refunded_cents;
    int64_t  returned_cents;    /* of its lines that say so */
    uint32_t first_row;         /* the earliest */
    uint32_t back_row;          /* 1 + the earliest row that gives back some of it on a later day; 0 none */
    uint32_t item;              /* of an order that is one row; else 0 */
    uint8_t  status;
    bool     is_refund;
    bool     is_known;          /* the log has events of it */
    bool     is_told;           /* a client has told of it as it is here, lines and all */
    bool is_stored, is_refund_stored; /* the order's own event and its refund are in the log as they are here */
};

struct stored_orders;           /* building_stored.c */
struct live_orders;             /* building_live.c */
struct taken_back { uint32_t identity; uint16_t source; int64_t time_ms; uint64_t message_hash; };

/* What one thread needs for any partition. */
struct bench {
    struct rows rows;
    struct hash_map seen, stored;       /* messages: how often they came; the log's */
    struct hash_map told;               /* of a file without orders' numbers: who, when, how much in the log */
    struct hash_map groups, items;      /* the orders of a partition; how often each has an item */
    struct taken_back *taken_back;      /* [n_taken_back] what clients told and the file says otherwise */
    size_t n_taken_back, taken_back_room;
    struct stored_orders *stored_orders;        /* NULL: the file has no order numbers or the log no events */
    struct events events;
    struct log_reader *reader;
    struct arena *scratch;
};

struct build {
    struct building *building;
    struct dictionary_map items, kinds, traits;
    struct spellings customers[LOG_PARTITIONS];     /* of the rows of each partition */
    uint32_t *identities[LOG_PARTITIONS];           /* [customers[p].n] in the log */
    const char **traits_json, **last_day_json, **event_json;        /* [by the map of traits] of each part */
    uint32_t    *last_traits;       /* [identity] 1 + the traits seen last; 0 none */
    uint16_t     order_kinds[STATUSES], item_kinds[STATUSES];
    uint16_t     refund_kind, refund_item_kind, traits_kind, correction_kind, source;
    uint16_t     event_kind;        /* of all rows, where no column says it */
    int64_t      corrected_ms;      /* when what the file says of orders known before became known */
    size_t       rows_most;
    bool         is_stored;         /* the log has events already */
    struct live_orders *live_orders;        /* NULL: the file has no order numbers or the log no events */
    pthread_rwlock_t *lock;         /* of the dictionaries, while it is encoded; NULL: nobody writes */
    struct log_mark mark;           /* the dictionaries, once they had the file's texts ... */
    uint64_t     sequence;          /* ... and what had arrived then, or by the last look */
    struct bench benches[READING_THREADS_MAX];
    struct err   errs[LOG_PARTITIONS], write_err;
    atomic_bool  is_built[LOG_PARTITIONS];
    struct {
        uint64_t rows_new, rows_repeated, rows_told, duplicates, lines_again, rows_of_pages, orders, corrected, events;
        int64_t first_ms, last_ms;
    } sums[LOG_PARTITIONS];
};

/* building_names.c: everything a file names, in the log's dictionaries. */
void building_number_customers(void *context, size_t item, unsigned thread);
bool building_merge_names(struct build *build, struct err *err) MUST_CHECK;
void building_merge_traits(struct build *build);

/* building_orders.c: the rows of a partition as events, in the arena; counts rows that were known. */
struct events building_events(struct build *build, struct bench *bench, unsigned partition, struct arena *arena);

/* Messages.  An order's events say in their upper 44 bits which order they are of (order_number.h), and in the rest what
 * they say of it, so that an order that comes again is known, and known to be the same or another. */
static inline uint64_t building_mixed(uint64_t a, uint64_t b)
{
    a ^= (b + 1) * UINT64_C(0x9e3779b97f4a7c15);
    a = (a ^ a >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return a ^ a >> 31;
}

static inline uint64_t order_message(uint64_t key, uint64_t content)
{
    return key << ORDER_KEY_SHIFT | (content >> (64 - ORDER_KEY_SHIFT));
}

/* building_stored.c: the events of orders that the log has. */
struct stored_orders *stored_orders_load(struct build *build, struct bench *bench, unsigned partition,
                                         struct arena *arena, struct err *err) MUST_CHECK;

/* Whether the log has this event of the order; it then stands as it is. */
bool stored_orders_keep(struct stored_orders *stored, uint64_t key, uint32_t identity, uint16_t kind,
                        uint64_t message);

/* Says that the file has n lines of this item (0 without items) in the order: those of the log that were not kept
 * and are among the first n of theirs are to be corrected, and the order's own; its refund where says_refund.
 * What stays is added up. */
struct stored_lines { bool is_known; int64_t amount_cents, quantity_milli, first_ms; };
struct stored_lines stored_orders_lines(struct stored_orders *stored, const struct hash_map *items, uint64_t key,
                                        uint32_t identity, bool says_refund);

/* After all: the events of the log that are to be corrected, as events that say so. */
size_t stored_orders_corrected(const struct stored_orders *stored);
void   stored_orders_emit(const struct stored_orders *stored, const struct build *build, struct events *events);

/* building_live.c: orders that clients have told of. */
enum { LIVE_ORDERS_COLUMNS = LOG_MESSAGE | LOG_KIND | LOG_IDENTITY | LOG_TIME | LOG_AMOUNT | LOG_SOURCE | LOG_PROPERTIES };
bool live_orders_load(struct build *build, struct err *err) MUST_CHECK;

/* Notes the keys of the orders that clients tell of among events that arrived, read with LIVE_ORDERS_COLUMNS. */
bool live_orders_arrived(struct build *build, const struct events *events, struct hash_map *arrived, struct err *err)
    MUST_CHECK;
void live_orders_free(struct build *build);

/* What clients told of the order of a group: whether its sale is in the log as it is here, or may not be one any more,
 * and so its refund; what the file says otherwise is taken back. */
struct live_told { bool is_known, is_sale_told, is_refund_told; };
struct live_told live_orders_compare(const struct build *build, struct bench *bench, const struct order_group *group,
                                     bool is_sale, int64_t refund_cents);

#endif
