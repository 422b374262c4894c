/* load_internal.h - the bytes of a request with places in them that change from one sending to the next. */
#ifndef BENCH_LOAD_INTERNAL_H
#define BENCH_LOAD_INTERNAL_H

#include "load.h"

#include "base/rng.h"

struct load_place { uint32_t at, what; };

struct load_request {
    char  *bytes;
    size_t n;
    struct load_place *places;      /* [n_places] in the order of the bytes */
    size_t n_places;
    unsigned n_messages;            /* how many places take a message's number */
};

/* What the places are filled from. */
struct load_source {
    struct rng rng;
    uint32_t   n_customers;
    uint64_t   next_message;
    uint32_t   customer;            /* drawn last */
};

/* Errors: ERR_INVALID a mark that load.h does not name. */
bool load_request_make(struct arena *arena, const struct load_step *step, size_t connection,
                       struct load_request *ret_request, struct err *err) MUST_CHECK;

/* time is 24 letters. */
void load_request_fill(struct load_request *request, struct load_source *source, const char *time);

/* The answer in bytes: how many of them it has, 0 if more must come, -1 if it is none that a client can read. */
struct load_answer {
    int status;
    bool is_last;
    bool has_retry_after;
    double retry_after_seconds;
    struct text body;
};
ptrdiff_t load_answer_read(const char *bytes, size_t n, struct load_answer *ret_answer);

#endif
