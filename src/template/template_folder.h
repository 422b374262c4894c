/* template_folder.h - the templates of a folder by name. */
#ifndef TEMPLATE_TEMPLATE_FOLDER_H
#define TEMPLATE_TEMPLATE_FOLDER_H

#include "template/template.h"

/* One file as a text in the arena.  Errors: ERR_MISSING, ERR_INVALID larger than 1 MiB or no file. */
bool template_file_read(const char *path, struct arena *arena, struct text *ret_text, struct err *err) MUST_CHECK;

struct template_folder { const char *path; struct arena *arena; };

/* A template_find (template.h), context a template_folder: NAME, NAME.html, NAME.liquid or NAME.txt in it; a name
 * leads nowhere else. */
bool template_folder_find(void *context, struct text name, struct text *ret_source);

/* The variant of a file in a language: of "mail.html" and "de-AT" mail.de-AT.html, else mail.de.html, else the
 * file itself; which language it is, or NULL for the file itself.  language NULL or "": the file itself.  In the
 * arena. */
const char *template_variant(const char *path, const char *language, struct arena *arena,
                             const char **ret_language);

#endif
