/* holdout.h - the global control group: a share of all customers who get nothing anywhere.
 *
 * Membership belongs to the person and is that of the identity seen first.  Indexes of the log's dictionary are
 * given in the order of first sight, so it is a keyed hash of a customer's least one: there is no table, and it
 * outlives identify, merge and unmerge.  Another share moves only those between the old one and the new. */
#ifndef DECIDE_HOLDOUT_H
#define DECIDE_HOLDOUT_H

#include "base/settings.h"
#include "customer/identity.h"

#define HOLDOUT_USUAL_SHARE .05     /* where neither the settings nor the database say otherwise */

struct holdout { double share; uint64_t salt; };        /* 0 to 1; the salt is kept for good, or everybody moves */

/* The share by the settings, else by what the database keeps.
 * Errors: ERR_INVALID a share that is none; those of the store. */
bool holdout_share_read(struct store *store, const struct settings *settings, double *ret_share,
                        struct err *err) MUST_CHECK;

/* The same with the salt, for who has no service: share 0 where nothing was ever decided with it. */
bool holdout_load(struct store *store, const struct settings *settings, struct holdout *ret_holdout,
                  struct err *err) MUST_CHECK;

/* is_mixed: identities of the customer are in different groups.  Such a customer follows the first, and is left out
 * of what measures where both were somebody before they were known to be one person. */
struct holdout_place { bool is_held_out, is_mixed; };

/* members [n] all identities of a customer, n > 0, as identities_members gives them. */
struct holdout_place holdout_place_of(const struct holdout *holdout, const uint32_t *members, size_t n);

/* The same of whoever an identity belongs to now. */
struct holdout_place holdout_place(const struct holdout *holdout, const struct identities *identities,
                                   uint32_t identity);

#endif
