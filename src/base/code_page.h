/* code_page.h - text in an encoding of one region, as older programs save it, becomes UTF-8. */
#ifndef BASE_CODE_PAGE_H
#define BASE_CODE_PAGE_H

#include "base/spool.h"
#include "base/text.h"

/* Whether a name is one of theirs: "windows-1250", "iso-8859-2", "cp852", "koi8-r", "shift_jis" ... */
bool code_page_is_known(struct text name);

/* Whether bytes that are no UTF-8 read as words of Central Europe in Windows-1250: its letters stand within words where
 * Windows-1252 has signs such as superscripts and fractions. */
bool code_page_is_1250(const char *bytes, size_t length);

/* Errors: ERR_INVALID a byte means nothing there (says where); ERR_IO cannot be read, or this machine does not know
 * the encoding. */
bool code_page_write_utf8(int file, uint64_t n_bytes, const char *name, struct spool *spool, struct err *err) MUST_CHECK;

#endif
