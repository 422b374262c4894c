/* page.h - the report as one HTML file: the compiled-in page with its data inside. */
#ifndef LEARN_PAGE_H
#define LEARN_PAGE_H

#include "base/err.h"

#include <jansson.h>

/* Writes the page to path, whole or not at all.  The data stand in
 * <script id="holdfast-data" type="application/json">...</script>, every '<' of them as \u003c, so
 * that no text of a customer can end the script.  Errors: those of output.h. */
bool page_write(const char *path, const json_t *data, struct err *err) MUST_CHECK;

#endif
