/* fold.h - one customer's state: begin, update with events, merge, read as of an instant.
 *
 * The same state is folded when history is replayed and when events arrive live.  Events must be
 * given in order of known_ms; a read as of T must come before any event with known_ms >= T. */
#ifndef FEATURE_FOLD_H
#define FEATURE_FOLD_H

#include "feature/feature_set.h"

struct fold_state;
struct seen;        /* recent.h */

/* The empty state of a set, on the heap; the set must outlive it. */
struct fold_state *fold_new(const struct feature_set *set);
void               fold_free(struct fold_state *state);     /* NULL is fine; the set may be gone */

/* One from which only these columns [n_columns] are read, which then is much faster: all else of a row that is read
 * of it stays as it was, and it is not packed. */
struct fold_state *fold_new_of(const struct feature_set *set, const uint32_t *columns, size_t n_columns);

void fold_begin(struct fold_state *state);      /* the empty state again; keeps its memory */
void fold_update(struct fold_state *state, const struct fold_event *events, size_t n);
void fold_merge(struct fold_state *state, const struct fold_state *other);     /* of the same set */

/* What all customers share at an instant. */
struct fold_moment fold_moment_at(const struct feature_set *set, int64_t as_of_ms);

/* Writes the whole row: feature_set_size floats, NaN where missing; exact: before they are rounded to floats, in
 * which days have steps of seconds.  One thread at a time reads a state. */
void fold_read(const struct fold_state *state, const struct fold_moment *moment, float *ret_row);
void fold_read_exact(const struct fold_state *state, const struct fold_moment *moment, double *ret_row);

/* Calls tell for each kind that the set keeps, with what the state has of it, the oldest first. */
void fold_recent(const struct fold_state *state,
                 void (*tell)(void *context, const char *kind, const struct seen *seen, size_t n), void *context);

/* A state as few bytes, in which zeros take no room: for keeping one of each customer.  Unpacked it is the same
 * bit for bit.  ret_bytes has room for fold_packed_most(set); returns how many are in use.  Only for this process
 * and this set; up to 8 bytes beyond those in use are read. */
size_t fold_packed_most(const struct feature_set *set);
size_t fold_pack(const struct fold_state *state, unsigned char *ret_bytes);
void   fold_unpack(struct fold_state *state, const unsigned char *bytes);

#endif
