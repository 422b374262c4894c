/* live_support.h - a shop whose log is noted beside it, and live states that must equal what a replay of the notes
 * says. */
#ifndef TESTS_LIVE_LIVE_SUPPORT_H
#define TESTS_LIVE_LIVE_SUPPORT_H

#include "live/live.h"
#include "feature/feature_support.h"
#include "base/calendar.h"

enum { CUSTOMERS = 12, BEGIN_DAY = 15000 };

struct world {
    struct diary       diary;
    struct identities *identities;
    struct live       *live;
    int64_t            now_ms;
    unsigned           n_threads;
};

void world_open(struct world *world, unsigned n_threads);
void world_close(struct world *world);
void world_restart(struct world *world);
void world_reload(struct world *world);         /* chooses the features anew and replays */

/* As the server does: committed, then folded in slices, then what is due. */
void world_receive(struct world *world, const struct noted *noted, size_t n);

/* Some events received now, late or not; one may be there twice; one may be dated ahead, as files have them. */
void world_receive_random(struct world *world, unsigned n_customers, struct rng *rng);

void world_link_random(struct world *world, struct rng *rng);

/* Every customer's row equals, bit for bit, that of a replay of the notes as of now. */
void world_check(struct world *world);

struct noted world_note(struct world *world, unsigned number, const char *kind, const char *properties);

void world_receive_one(struct world *world, unsigned number, const char *kind, const char *properties);

#endif
