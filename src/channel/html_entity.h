/* html_entity.h - the characters that HTML writes by name or number. */
#ifndef CHANNEL_HTML_ENTITY_H
#define CHANNEL_HTML_ENTITY_H

#include "base/text.h"

#include <stdint.h>

/* What stands at text.at[0] == '&': returns how many bytes it took, its character in *ret_code; 0: it is none.  Names are those of
 * HTML 4.01 and &apos;; what no character has, and control characters, are U+FFFD, but line ends and tabs a blank. */
size_t html_entity(struct text text, uint32_t *ret_code);

/* As UTF-8, with a zero behind it; returns how many bytes. */
size_t html_utf8(uint32_t code, char ret_bytes[5]);

#endif
