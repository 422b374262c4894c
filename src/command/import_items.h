/* import_items.h - a catalogue of items, brought in by the command import. */
#ifndef COMMAND_IMPORT_ITEMS_H
#define COMMAND_IMPORT_ITEMS_H

#include "cli/database.h"

/* Reads the file and keeps it, and says what came of it.  Errors: those of catalogue_read and of the store. */
bool import_items(struct invocation *invocation, struct database *database, const char *file,
                  struct err *err) MUST_CHECK;

#endif
