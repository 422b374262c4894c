/* xlsx_book.c - the archive and what it says of its sheets; see xlsx_internal.h. */
#include "base/xlsx_internal.h"

#include <minizip/unzip.h>
#include <stdio.h>
#include <string.h>

enum { FREE_BYTES = 64 << 20, MOST_RATIO = 200 };

const char *xlsx_local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(xlsx_local_name(attributes[0]), name) == 0) return attributes[1];
    return NULL;
}

/* Over 64 MB, XML that shrank to less than a two-hundredth was made to. */
static bool check_size(struct xlsx_book *book, size_t n, struct err *err)
{
    book->n_unpacked += n;
    if (book->n_unpacked < FREE_BYTES || book->n_unpacked / MOST_RATIO < book->n_packed) return true;
    return err_set(
        err, ERR_INVALID,
        "the workbook unpacks to over %d times its %llu bytes, which no sheet of data does: save the sheet "
        "as CSV if it is one",
        MOST_RATIO, (unsigned long long)book->n_packed);
}

/* A workbook has no document type; entities that grow are declared in one. */
static bool refuse(const struct xlsx_xml *xml, const char *path, const struct xlsx_handler *handler, struct err *err)
{
    unsigned long line;
    bool has_doctype;
    const char *why = xlsx_xml_why(xml, &line, &has_doctype);
    if (handler->failed->code != ERR_NONE) { *err = *handler->failed; return false; }
    if (has_doctype)
        return err_set(err, ERR_INVALID, "%s in the workbook declares a document type, which none has", path);
    return err_set(err, ERR_INVALID, "the workbook is damaged in %s, line %lu (%s): save or copy it again", path, line, why);
}

static bool parse_pieces(struct xlsx_book *book, const char *path, struct xlsx_xml *xml, const struct xlsx_handler *handler,
                         struct err *err)
{
    for (bool is_first = true;; is_first = false) {
        unsigned room;
        char *bytes = xlsx_xml_room(xml, &room);
        int n = unzReadCurrentFile(book->zip, bytes, room);
        if (n < 0) return err_set(err, ERR_INVALID, "the workbook is damaged in %s: save or copy it again", path);
        if (is_first && n > 1 && (bytes[0] == 0 || bytes[1] == 0 || (unsigned char)bytes[0] >= 0xfe))
            return err_set(err, ERR_INVALID, "%s in the workbook is in UTF-16, and only UTF-8 is read: save the sheet as CSV",
                           path);
        if (!check_size(book, (size_t)n, err)) return false;
        progress_report(book->progress, "reading the workbook", book->n_unpacked, 0, "bytes");
        if (!xlsx_xml_take(xml, (size_t)n, n == 0)) return refuse(xml, path, handler, err);
        if (n == 0) return true;
    }
}

bool xlsx_parse(struct xlsx_book *book, const char *path, const struct xlsx_handler *handler, struct err *err)
{
    if (unzLocateFile(book->zip, path, 2) != UNZ_OK || unzOpenCurrentFile(book->zip) != UNZ_OK)
        return err_set(err, ERR_MISSING, "the workbook has no %s", path);
    struct xlsx_xml *xml = xlsx_xml_new(handler);
    bool ok = parse_pieces(book, path, xml, handler, err);
    xlsx_xml_free(xml);
    if (unzCloseCurrentFile(book->zip) == UNZ_CRCERROR && ok)
        return err_set(err, ERR_INVALID, "the workbook is damaged in %s: its checksum does not match", path);
    return ok;
}

/* ---- Sheets ---- */

static void sheet_begin(void *context, const char *name, const char **attributes)
{
    struct xlsx_book *book = context;
    const char *flag = xlsx_attribute(attributes, "date1904"), *title = xlsx_attribute(attributes, "name");
    if (strcmp(name, "workbookPr") == 0 && flag) book->is_1904 = *flag == '1' || *flag == 't';
    if (strcmp(name, "sheet") != 0 || !title || book->n_sheets == XLSX_SHEETS_MAX) return;
    const char *id = NULL;      /* r:id, not sheetId */
    for (const char **at = attributes; *at; at += 2)
        if (strchr(*at, ':') && strcmp(xlsx_local_name(*at), "id") == 0) id = at[1];
    book->sheets[book->n_sheets++] = (struct xlsx_sheet){
        .name = arena_copy(book->arena, title), .id = id ? arena_copy(book->arena, id) : NULL
    };
}

static void relation_begin(void *context, const char *name, const char **attributes)
{
    struct xlsx_book *book = context;
    const char *id = xlsx_attribute(attributes, "Id"), *target = xlsx_attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || !id || !target) return;
    for (size_t i = 0; i < book->n_sheets; i++)
        if (book->sheets[i].id && strcmp(book->sheets[i].id, id) == 0)
            book->sheets[i].path = *target == '/' ? arena_copy(book->arena, target + 1)
                                                  : arena_format(book->arena, "xl/%s", target);
}

/* ---- Styles ---- */

bool xlsx_is_date_format(const char *code)
{
    for (const char *at = code; *at; at++) {
        if (*at == '"') {
            at = strchr(at + 1, '"');
            if (!at) return false;
        } else if (*at == '[') {
            at = strchr(at, ']');
            if (!at) return false;
        } else if (*at == '\\' || *at == '_' || *at == '*') {
            if (!*++at) return false;
        } else if (*at == ';') {
            return false;
        } else if ((*at | 32) == 'y' || (*at | 32) == 'd') {
            return strncasecmp(code, "General", 7) != 0;
        }
    }
    return false;
}

struct styles { struct xlsx_book *book; struct err *failed; bool *is_date_id; bool is_in_cells; };
enum { FORMAT_IDS = 4096 };

static bool is_date_of_old(int id)
{
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

static void style_begin(void *context, const char *name, const char **attributes)
{
    struct styles *styles = context;
    struct xlsx_book *book = styles->book;
    const char *written = xlsx_attribute(attributes, "numFmtId"), *code = xlsx_attribute(attributes, "formatCode");
    int64_t id = 0;
    if (strcmp(name, "cellXfs") == 0) styles->is_in_cells = true;
    if (written && (!text_int64(text_of(written), &id) || id < 0 || id >= FORMAT_IDS)) id = 0;
    if (strcmp(name, "numFmt") == 0 && code) styles->is_date_id[id] = xlsx_is_date_format(code);
    if (strcmp(name, "xf") != 0 || !styles->is_in_cells) return;
    if (book->n_styles == book->styles_room) {
        size_t room = book->styles_room ? 2 * book->styles_room : 64;
        bool *more = ARENA_ARRAY(book->arena, bool, room);
        if (book->n_styles > 0) memcpy(more, book->is_date, book->n_styles * sizeof *more);
        book->is_date = more;
        book->styles_room = room;
    }
    book->is_date[book->n_styles++] = styles->is_date_id[id];
}

static void style_end(void *context, const char *name)
{
    struct styles *styles = context;
    if (strcmp(name, "cellXfs") == 0) styles->is_in_cells = false;
}

/* ---- Shared texts ---- */

struct strings {
    struct xlsx_book *book;
    struct err *failed;
    char *bytes;
    size_t n;
    unsigned in_text, in_phonetic;
};

static void string_begin(void *context, const char *name, const char **attributes)
{
    struct strings *strings = context;
    (void)attributes;
    if (strcmp(name, "si") == 0) strings->n = 0;
    if (strcmp(name, "t") == 0) strings->in_text++;
    if (strcmp(name, "rPh") == 0) strings->in_phonetic++;
}

static void string_text(void *context, const char *text, int length)
{
    struct strings *strings = context;
    if (!strings->in_text || strings->in_phonetic) return;
    size_t n = (size_t)length, left = XLSX_CELL_MAX - 1 - strings->n;
    if (n > left) n = left;
    memcpy(strings->bytes + strings->n, text, n);
    strings->n += n;
}

static void string_end(void *context, const char *name)
{
    struct strings *strings = context;
    struct xlsx_book *book = strings->book;
    if (strcmp(name, "t") == 0 && strings->in_text) strings->in_text--;
    if (strcmp(name, "rPh") == 0 && strings->in_phonetic) strings->in_phonetic--;
    if (strcmp(name, "si") != 0) return;
    if (book->n_strings == book->strings_room) {
        size_t room = book->strings_room ? 2 * book->strings_room : 1024;
        const char **more = ARENA_ARRAY(book->arena, const char *, room);
        if (book->n_strings > 0) memcpy(more, book->strings, book->n_strings * sizeof *more);
        book->strings = more;
        book->strings_room = room;
    }
    strings->bytes[strings->n] = 0;
    book->strings[book->n_strings++] = arena_copy(book->arena, strings->bytes);
}

/* A member that may be missing. */
static bool parse_if_there(struct xlsx_book *book, const char *path, const struct xlsx_handler *handler,
                           struct err *err)
{
    return xlsx_parse(book, path, handler, err) || err->code == ERR_MISSING;
}

bool xlsx_read_book(struct xlsx_book *book, struct err *err)
{
    struct err failed = { .code = ERR_NONE };
    struct styles styles = { book, &failed, ARENA_ARRAY(book->arena, bool, FORMAT_IDS), false };
    struct strings strings = { .book = book,
                               .failed = &failed,
                               .bytes = arena_alloc(book->arena, XLSX_CELL_MAX, 1) };
    for (int id = 0; id < 64; id++) styles.is_date_id[id] = is_date_of_old(id);
    const struct xlsx_handler of_sheets = { sheet_begin, NULL, NULL, book, &failed },
                              of_relations = { relation_begin, NULL, NULL, book, &failed },
                              of_styles = { style_begin, style_end, NULL, &styles, &failed },
                              of_strings = { string_begin, string_end, string_text, &strings, &failed };
    return xlsx_parse(book, "xl/workbook.xml", &of_sheets, err) &&
           xlsx_parse(book, "xl/_rels/workbook.xml.rels", &of_relations, err) &&
           parse_if_there(book, "xl/styles.xml", &of_styles, err) &&
           parse_if_there(book, "xl/sharedStrings.xml", &of_strings, err);
}
