/* words.h - numbers as people read them in a sentence. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/arena.h"

#include <stdint.h>

/* All live in the arena. */
const char *words_count(struct arena *arena, double value);     /* "1,234,567": rounded to a whole number */
const char *words_rough(struct arena *arena, double value);     /* "1,230,000", "41.8": three digits of it */
const char *words_money(struct arena *arena, double cents,
                        const char *currency);                  /* "GBP 12,345", "7.50": whole from 100 on */
const char *words_money_rough(struct arena *arena, double cents,
                              const char *currency);            /* "GBP 12,300", "7.52": three digits of it */
const char *words_share(struct arena *arena, double share);     /* "41 %", "0.4 %" */
const char *words_days(struct arena *arena, double days);       /* "1 day", "31 days", "2.5 days" */
const char *words_shell(struct arena *arena, const char *word); /* "Status", "'Financial Status'": one word of a
                                                                   command line, quoted where it has to be */

#endif
