/* template_folder.h - the templates of a folder by name. */
#ifndef TEMPLATE_TEMPLATE_FOLDER_H
#define TEMPLATE_TEMPLATE_FOLDER_H

#include "template/template.h"

/* One file as a text in the arena.  Errors: ERR_MISSING, ERR_INVALID larger than 1 MiB or no file. */
bool template_file_read(const char *path, struct arena *arena, struct text *ret_text, struct err *err) MUST_CHECK;

struct template_folder { const char *path; struct arena *arena; };

/* NAME, NAME.html, NAME.liquid or NAME.txt in it; a name leads nowhere else. */
bool template_folder_file(const struct template_folder *folder, struct text name, const char **ret_path,
                          struct text *ret_source);
/* The same as a template_find (template.h), context a template_folder. */
bool template_folder_find(void *context, struct text name, struct text *ret_source);

/* The variant of a file in a language: of "mail.html" and "de-AT" mail.de-AT.html, else mail.de.html, else the
 * file itself; which language it is, or NULL for the file itself.  language NULL or "": the file itself.  In the
 * arena. */
const char *template_variant(const char *path, const char *language, struct arena *arena,
                             const char **ret_language);

/* All variants of a file that lie beside it, by name: of "mail.html" mail.de.html, mail.fr.html ...; how many. */
enum { TEMPLATE_VARIANTS_MOST = 200 };
size_t template_variants(const char *path, struct arena *arena, const char *ret_paths[TEMPLATE_VARIANTS_MOST]);

#endif
