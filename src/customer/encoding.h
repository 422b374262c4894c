/* encoding.h - telling UTF-8 from Latin-1, and turning the second into the first. */
#ifndef CUSTOMER_ENCODING_H
#define CUSTOMER_ENCODING_H

#include "base/arena.h"
#include "base/text.h"

/* The length of the valid UTF-8 at the start of bytes; a character cut off by the end counts as valid
 * if is_cut_fine. */
size_t encoding_valid_utf8(const char *bytes, size_t length, bool is_cut_fine);

/* Windows-1252 (Latin-1 with letters where Latin-1 has control codes) as UTF-8, in the arena. */
struct text encoding_from_latin1(struct arena *arena, struct text text);

#endif
