/* access_internal.h - what access.c and access_store.c share. */
#ifndef GOVERN_ACCESS_INTERNAL_H
#define GOVERN_ACCESS_INTERNAL_H

#include "govern/access.h"

enum { ACCESS_HASH_BYTES = 32, ACCESS_PASSWORD_LEAST_BYTES = 10, ACCESS_PASSWORD_MOST_BYTES = 256 };

/* What a row is: is_token and its role. */
enum access_kind access_kind_of(bool is_token, const char *role);

#endif
