/* words.h - numbers as people read them, for the sentences of the report. */
#ifndef ENGINE_WORDS_H
#define ENGINE_WORDS_H

#include "base/arena.h"

#include <stdint.h>

const char *words_count(struct arena *arena, int64_t count);                    /* "135,080" */
const char *words_money(struct arena *arena, const char *currency, int64_t cents);     /* "GBP 310,000"; whole units from 100 on */
const char *words_share(struct arena *arena, double share);                     /* "43 %", "0.4 %" */

#endif
