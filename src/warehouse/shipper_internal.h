/* shipper_internal.h - one shard's way, as the files of shipping know it. */
#ifndef WAREHOUSE_SHIPPER_INTERNAL_H
#define WAREHOUSE_SHIPPER_INTERNAL_H

#include "warehouse/shipping.h"

struct shipper {
    struct shipping_source source;
    size_t index;
    struct shard *shard;
    struct store *store; /* to read by */
    struct log_reader *reader;
    struct shipper_state state, next; /* next: for the writer, until it is durable */
    bool is_checked;  /* the tables are those that were made */
    bool is_alone;    /* nobody else shipped there, and nothing is there twice */
    bool is_in_doubt; /* whether an earlier try of the batch arrived */
    size_t n_rows;    /* of the last batch */
    size_t window;    /* how many numbers of the log make about a full batch */
    uint64_t n_bytes_before, links_digest;
};

/* Durable, then known. */
bool shipper_keep(struct shipper *shipper, const struct shipper_state *next, struct err *err) MUST_CHECK;

/* What changed of who is one customer with whom (shipper_links.c). */
bool shipper_ship_links(struct shipper *shipper, struct err *err) MUST_CHECK;

/* People who were erased here (shipper_erase.c). */
bool shipper_erase(struct shipper *shipper, struct err *err) MUST_CHECK;

#endif
