/* best_channel.h - by which of several channels somebody is written to.  Pure. */
#ifndef JOURNEY_BEST_CHANNEL_H
#define JOURNEY_BEST_CHANNEL_H

#include "journey/contact.h"

/* How many messages of a step went by a channel, and how many of those ways reached the journey's goal. */
struct channel_worth { int64_t n_sent, n_goals; };

struct channel_choice {
    const char *const *channels;            /* [n] in the order of the file */
    const bool        *is_open;             /* [n] may be written to by it; one at least */
    size_t             n;
    const char        *stated;              /* which they said they want; NULL: nothing */
    const struct channel_worth *worth;      /* [n]; NULL: nothing was measured */
};

enum { CHANNEL_WORTH_LEAST = 100 };         /* messages by each channel before they are compared */

/* Which they said they want: preferred (a trait; may be NULL), else the one channel that they said yes to, as
 * "sms" or "sms.offers" (said tells of one name), where it is one alone.  topic NULL: none. */
const char *stated_channel(const char *const *channels, size_t n, const char *topic, const char *preferred,
                           enum consent_said (*said)(void *context, const char *name), void *context);

/* What they stated; else what brought more beyond chance (two shares, 95 %), where each open one was tried often
 * enough; else the first that is open.  *ret_because: why, as a sentence goes on; in the arena. */
size_t best_channel(const struct channel_choice *choice, struct arena *arena, const char **ret_because);

#endif
