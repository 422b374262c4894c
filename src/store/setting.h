/* setting.h - what a person, or the program itself, has set for this database; what is not set has the program's own
 * value. */
#ifndef STORE_SETTING_H
#define STORE_SETTING_H

#include "base/settings.h"
#include "store/store.h"

/* *ret_text is the caller's to free, NULL where it is not set. */
bool setting_get(struct store *store, const char *name, char **ret_text, struct err *err) MUST_CHECK;

/* In the store's transaction, or durable at once where there is none. */
bool setting_put(struct store *store, const char *name, const char *text, struct err *err) MUST_CHECK;

/* The folder of campaigns that a server last served with. */
#define SETTING_CAMPAIGNS "campaigns"

/* The file of settings of a database (base/settings.h): the one that was named, else that of the folder of campaigns
 * it was last served with, else the one beside it; none is fine.  named may be NULL.  In the arena. */
bool setting_file(struct store *store, const char *named, struct arena *arena, struct settings *ret_settings,
                  struct err *err) MUST_CHECK;

#endif
