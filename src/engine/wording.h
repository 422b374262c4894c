/* wording.h - whether the texts of a journey can be sent, before anybody is written to: their files and what these
 * render are there, nothing in them is a mistake, and they print nothing that no journey tells a template. */
#ifndef ENGINE_WORDING_H
#define ENGINE_WORDING_H

#include "journey/journey.h"

/* source: what sentences call the journey.  templates: the folder; NULL: there is none.  *ret_unseen: a file
 * that was not looked at, because there is no folder, and its step; without one step is NULL.
 * Errors: ERR_INVALID the first mistake, with the step's line and what to do; those of reading files. */
bool wording_check(const struct journey *journey, const char *source, const char *templates, struct arena *arena,
                   struct wording *ret_unseen, struct err *err) MUST_CHECK;

#endif
