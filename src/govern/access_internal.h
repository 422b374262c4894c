/* access_internal.h - what access.c and access_store.c share. */
#ifndef GOVERN_ACCESS_INTERNAL_H
#define GOVERN_ACCESS_INTERNAL_H

enum { ACCESS_HASH_BYTES = 32, ACCESS_PASSWORD_LEAST_BYTES = 10, ACCESS_PASSWORD_MOST_BYTES = 256 };

#endif
