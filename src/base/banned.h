/* banned.h - calling one of these is a compile error; the better way is named.
 * Included by the Makefile before every source file of ours. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>      /* declare them first, then poison them */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf   /* arena_format */
#pragma GCC poison strtok gets                                      /* text.h */
#pragma GCC poison atoi atol atof                                   /* text_int64, text_double */
#pragma GCC poison rand srand                                       /* rng.h: seeded, passed in */
#pragma GCC poison gmtime localtime ctime asctime                   /* calendar.h */

/* A library's header has a member of this name, so only the call is banned. */
#ifndef __clang__       /* which takes the attribute on a first declaration only */
long random(void) __attribute__((error("rng.h: seeded, passed in")));
#endif

#endif
