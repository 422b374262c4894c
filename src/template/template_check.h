/* template_check.h - what is wrong with a template before anybody is written to: its own mistakes, those of all
 * snippets that it renders, those that are not there and those that stand in themselves. */
#ifndef TEMPLATE_TEMPLATE_CHECK_H
#define TEMPLATE_TEMPLATE_CHECK_H

#include "template/template_folder.h"

/* path: of the source, as a sentence names it; NULL: it lies in no file, and the caller says where.  folder NULL:
 * no snippets are looked for.  Errors: ERR_INVALID the first mistake, with file, line and what to do. */
bool template_check(struct text source, const char *path, const struct template_folder *folder,
                    struct arena *arena, struct err *err) MUST_CHECK;

#endif
