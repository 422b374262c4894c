/* plain_text.h - HTML of a message as a text beside it, for who reads no HTML: what is shown, a line for each block, links with
 * their addresses behind them. */
#ifndef CHANNEL_PLAIN_TEXT_H
#define CHANNEL_PLAIN_TEXT_H

#include "base/arena.h"
#include "base/text.h"

/* In the arena; any bytes will do. */
struct text plain_text(struct text html, struct arena *arena);

#endif
