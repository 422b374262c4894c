/* shops.h - order histories that several tests share. */
#ifndef TESTS_SHOPS_H
#define TESTS_SHOPS_H

#include "base/arena.h"
#include "base/rng.h"
#include "feature/history.h"

/* CDNOW_sample.txt, read line by line; identities are its sample ids. */
struct history shop_cdnow(const char *path, struct arena *arena);

#endif
