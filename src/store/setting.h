/* setting.h - what a person, or the program itself, has set for this database; what is not set has the program's own
 * value. */
#ifndef STORE_SETTING_H
#define STORE_SETTING_H

#include "store/store.h"

/* *ret_text is the caller's to free, NULL where it is not set. */
bool setting_get(struct store *store, const char *name, char **ret_text, struct err *err) MUST_CHECK;

/* In the store's transaction, or durable at once where there is none. */
bool setting_put(struct store *store, const char *name, const char *text, struct err *err) MUST_CHECK;

#endif
