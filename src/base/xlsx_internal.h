/* xlsx_internal.h - what a workbook says beside its sheets: internal to xlsx*.c. */
#ifndef BASE_XLSX_INTERNAL_H
#define BASE_XLSX_INTERNAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"

enum { XLSX_SHEETS_MAX = 1000, XLSX_COLUMNS_MAX = 16384, XLSX_ROWS_MAX = 1048576, XLSX_CELL_MAX = 128 * 1024 };

struct xlsx_sheet { const char *name, *id, *path; };

struct xlsx_book {
    void              *zip;
    struct arena      *arena;
    uint64_t           n_packed, n_unpacked;    /* bytes of the file; unpacked so far */
    struct progress   *progress;
    struct xlsx_sheet  sheets[XLSX_SHEETS_MAX];
    size_t             n_sheets;
    bool               is_1904;                 /* days are counted from 1904 */
    bool              *is_date;                 /* [n_styles] */
    size_t             n_styles, styles_room;
    const char       **strings;                 /* [n_strings] */
    size_t             n_strings, strings_room;
};

/* Calls begin, end and text (any may be NULL) with context for the XML of one member of the archive.  Where one of
 * them sets *failed to something else than ERR_NONE, reading ends with that error. */
struct xlsx_handler {
    void (*begin)(void *context, const char *name, const char **attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *text, int length);
    void *context;
    struct err *failed;
};

/* Errors: ERR_MISSING no such member; ERR_INVALID damaged, no XML, or too large. */
bool xlsx_parse(struct xlsx_book *book, const char *path, const struct xlsx_handler *handler,
                struct err *err) MUST_CHECK;

/* The XML of one member in UTF-8, given piece by piece: room says where the next bytes go, at most *ret_n, and take reads
 * them, false where something is wrong: *handler->failed, else xlsx_xml_why. */
struct xlsx_xml;
struct xlsx_xml *xlsx_xml_new(const struct xlsx_handler *handler);
void             xlsx_xml_free(struct xlsx_xml *xml);
char            *xlsx_xml_room(struct xlsx_xml *xml, unsigned *ret_n);
bool             xlsx_xml_take(struct xlsx_xml *xml, size_t n, bool is_last) MUST_CHECK;
const char      *xlsx_xml_why(const struct xlsx_xml *xml, unsigned long *ret_line, bool *ret_has_doctype);

const char *xlsx_local_name(const char *name);                              /* "c" of "x:c" */
const char *xlsx_attribute(const char **attributes, const char *name);      /* without its prefix; NULL: none */

/* Sheets, date styles and shared texts. */
bool xlsx_read_book(struct xlsx_book *book, struct err *err) MUST_CHECK;

/* Whether a number format shows dates: "dd/mm/yyyy hh:mm", not "#,##0" nor "[h]:mm". */
bool xlsx_is_date_format(const char *code);

#endif
