/* xlsx.h - a sheet of an Excel workbook as comma-separated text, one line a row, so that row 7 is line 7.
 *
 * Cells formatted as dates are written as dates.  Line breaks within a cell become blanks.  Nothing is kept but
 * the texts that cells share, and what a workbook may unpack to is limited. Source: ECMA-376, part 1, 18
 * (SpreadsheetML). */
#ifndef BASE_XLSX_H
#define BASE_XLSX_H

#include "base/progress.h"
#include "base/spool.h"

/* Whether the zip archive in file is a workbook. */
bool xlsx_is_workbook(int file);

/* Writes the sheet of that name, or the first (sheet NULL); ret_name [64] is its name.
 * Errors: ERR_INVALID it is damaged or cut off, has no such sheet (lists them), or unpacks to more than is taken;
 * ERR_IO. */
bool xlsx_write_csv(int file, const char *sheet, struct progress *progress, struct spool *spool, char ret_name[64],
                    struct err *err) MUST_CHECK;

#endif
