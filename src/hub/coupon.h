/* coupon.h - codes that one customer can redeem once. */
#ifndef HUB_COUPON_H
#define HUB_COUPON_H

#include "base/arena.h"

/* "WIN10-7KQ2MX": name and six letters that are not taken for others, drawn by lot.  In the arena. */
const char *coupon_code(const char *name, struct arena *arena);

#endif
