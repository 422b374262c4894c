/* xlsx.c - a sheet, cell by cell; see xlsx.h. */
#include "base/xlsx.h"

#include "base/calendar.h"
#include "base/xlsx_internal.h"

#include <errno.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *open_zip(int file)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return unzOpen64(path);
}

bool xlsx_is_workbook(int file)
{
    void *zip = open_zip(file);
    bool is_one = zip && unzLocateFile(zip, "xl/workbook.xml", 2) == UNZ_OK;
    if (zip) unzClose(zip);
    return is_one;
}

/* The cell and the row being read. */
struct sheet {
    struct xlsx_book *book;
    struct err       *failed;
    struct spool     *spool;
    uint32_t         *widths;       /* [rows_room] columns written of each row */
    size_t            n_rows, rows_room;
    unsigned          column, widest;           /* of this row, so far; of all */
    unsigned          cell_column;
    char              type;         /* 's' shared, 'i' inline or other text, 'b', 'n', 'd' */
    bool              is_date, is_in_value;
    unsigned          in_phonetic;
    char             *bytes;        /* [XLSX_CELL_MAX] */
    size_t            n;
};

static void put(struct sheet *sheet, const char *bytes, size_t length)
{
    if (sheet->failed->code == ERR_NONE && !spool_write(sheet->spool, bytes, length, sheet->failed)) return;
}

/* "B5": 1; XLSX_COLUMNS_MAX if it is none. */
static unsigned column_of(const char *reference)
{
    unsigned column = 0;
    for (; *reference >= 'A' && *reference <= 'Z' && column <= XLSX_COLUMNS_MAX; reference++)
        column = 26 * column + (unsigned)(*reference - 'A' + 1);
    return column > 0 ? column - 1 : XLSX_COLUMNS_MAX;
}

static void begin_row(struct sheet *sheet, const char **attributes)
{
    const char *written = xlsx_attribute(attributes, "r");
    int64_t number = (int64_t)sheet->n_rows + 1;
    if (written && !text_int64(text_of(written), &number)) number = 0;
    if (number <= (int64_t)sheet->n_rows || number > XLSX_ROWS_MAX) {
        err_set(sheet->failed, ERR_INVALID, "the workbook's row after row %zu says that it is row %s",
                sheet->n_rows, written);
        return;
    }
    while (sheet->rows_room < (size_t)number) {
        size_t room = sheet->rows_room ? 2 * sheet->rows_room : 4096;
        uint32_t *more = ARENA_ARRAY(sheet->book->arena, uint32_t, room);
        if (sheet->n_rows > 0) memcpy(more, sheet->widths, sheet->n_rows * sizeof *more);
        sheet->widths = more;
        sheet->rows_room = room;
    }
    for (; sheet->n_rows + 1 < (size_t)number; sheet->n_rows++) put(sheet, "\n", 1);
    sheet->column = 0;
}

static void end_row(struct sheet *sheet)
{
    if (sheet->n_rows < sheet->rows_room) sheet->widths[sheet->n_rows++] = sheet->column;
    if (sheet->column > sheet->widest) sheet->widest = sheet->column;
    put(sheet, "\n", 1);
}

static void begin_cell(struct sheet *sheet, const char **attributes)
{
    const char *reference = NULL, *type = NULL, *style = NULL;
    int64_t index = 0;
    for (const char **at = attributes; *at; at += 2) {
        if (at[0][1] != 0) continue;
        if (*at[0] == 'r') reference = at[1];
        else if (*at[0] == 's') style = at[1];
        else if (*at[0] == 't') type = at[1];
    }
    sheet->cell_column = reference ? column_of(reference) : sheet->column;
    if (sheet->cell_column >= XLSX_COLUMNS_MAX || sheet->cell_column < sheet->column)
        err_set(sheet->failed, ERR_INVALID, "row %zu of the workbook has a cell at '%s', which cannot be",
                sheet->n_rows + 1, reference ? reference : "over 16,384");
    sheet->type = 'n';
    if (type) sheet->type = strcmp(type, "s") == 0 ? 's' : strcmp(type, "b") == 0 ? 'b' : *type == 'n' ? 'n' : 'i';
    bool has_style =
        style && text_int64(text_of(style), &index) && index >= 0 && index < (int64_t)sheet->book->n_styles;
    sheet->is_date = has_style && sheet->book->is_date[index];
    sheet->n = 0;
}

/* Doubles are stored with 17 digits: 1067.0899999999999 was typed as 1067.09. */
static void put_number(struct sheet *sheet, const char *written)
{
    char text[64];
    double number;
    size_t length = strlen(written);
    bool is_long = length > 15 && (strchr(written, '.') || strpbrk(written, "eE"));
    if ((!is_long && !sheet->is_date) || !text_double(text_of(written), '.', &number)) {
        put(sheet, written, length);
        return;
    }
    if (sheet->is_date && number >= 1 && number < 2958466) {
        int64_t ms = (int64_t)((number + (sheet->book->is_1904 ? 1462 : 0) - 25569) * 86400 +
                               (number < 25569 ? -0.5 : 0.5)) *
                     1000;
        char iso[21];
        calendar_format_ms(ms, iso);
        bool is_day = calendar_day_of_ms(ms) * MS_PER_DAY == ms;
        put(sheet, iso, is_day ? 10 : 19);
        return;
    }
    put(sheet, text, (size_t)snprintf(text, sizeof text, "%.15g", number));
}

static void put_text(struct sheet *sheet, const char *text)
{
    bool is_quoted = strpbrk(text, ",\"\n\r\t") || *text == ' ' || *text == '\'';
    if (!is_quoted) { put(sheet, text, strlen(text)); return; }
    put(sheet, "\"", 1);
    for (const char *at = text; *at; at++) {
        char c = *at == '\n' || *at == '\r' || *at == '\t' ? ' ' : *at;
        put(sheet, &c, 1);
        if (c == '"') put(sheet, &c, 1);
    }
    put(sheet, "\"", 1);
}

static void end_cell(struct sheet *sheet)
{
    int64_t index;
    if (sheet->n == 0 || sheet->failed->code != ERR_NONE) return;
    sheet->bytes[sheet->n] = 0;
    for (; sheet->column < sheet->cell_column; sheet->column++) put(sheet, ",", sheet->column > 0);
    if (sheet->column > 0) put(sheet, ",", 1);
    sheet->column = sheet->cell_column + 1;
    if (sheet->type == 's') {
        bool is_one =
            text_int64(text_of(sheet->bytes), &index) && index >= 0 && index < (int64_t)sheet->book->n_strings;
        if (is_one) put_text(sheet, sheet->book->strings[index]);
        else err_set(sheet->failed, ERR_INVALID, "row %zu of the workbook names text %s, which it does not have",
                     sheet->n_rows + 1, sheet->bytes);
    } else if (sheet->type == 'b') {
        put_text(sheet, *sheet->bytes == '1' ? "TRUE" : "FALSE");
    } else if (sheet->type == 'n') {
        put_number(sheet, sheet->bytes);
    } else {
        put_text(sheet, sheet->bytes);
    }
}

static void sheet_begin(void *context, const char *name, const char **attributes)
{
    struct sheet *sheet = context;
    if (strcmp(name, "c") == 0) begin_cell(sheet, attributes);
    else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) sheet->is_in_value = sheet->in_phonetic == 0;
    else if (strcmp(name, "row") == 0) begin_row(sheet, attributes);
    else if (strcmp(name, "rPh") == 0) sheet->in_phonetic++;
}

static void sheet_end(void *context, const char *name)
{
    struct sheet *sheet = context;
    if (strcmp(name, "c") == 0) end_cell(sheet);
    else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) sheet->is_in_value = false;
    else if (strcmp(name, "row") == 0) end_row(sheet);
    else if (strcmp(name, "rPh") == 0 && sheet->in_phonetic) sheet->in_phonetic--;
}

static void sheet_text(void *context, const char *text, int length)
{
    struct sheet *sheet = context;
    if (!sheet->is_in_value) return;
    size_t n = (size_t)length, left = XLSX_CELL_MAX - 1 - sheet->n;
    if (n > left) n = left;
    memcpy(sheet->bytes + sheet->n, text, n);
    sheet->n += n;
}

/* Copies the rows with as many commas as the widest has; rows without a cell stay empty. */
static bool even_out(const struct sheet *sheet, struct spool *spool, struct err *err)
{
    static const char commas[] = ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,";
    char bytes[64 * 1024];
    size_t row = 0;
    for (uint64_t at = 0;;) {
        ssize_t n = pread(sheet->spool->file, bytes, sizeof bytes, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
        if (n == 0) return true;
        at += (uint64_t)n;
        for (const char *from = bytes, *end = bytes + n; from < end;) {
            const char *newline = memchr(from, '\n', (size_t)(end - from)), *stop = newline ? newline : end;
            if (!spool_write(spool, from, (size_t)(stop - from), err)) return false;
            unsigned width = newline && row < sheet->n_rows ? sheet->widths[row++] : 0;
            for (unsigned left = width > 0 ? sheet->widest - width : 0, some; left > 0; left -= some) {
                some = left < sizeof commas - 1 ? left : sizeof commas - 1;
                if (!spool_write(spool, commas, some, err)) return false;
            }
            if (newline && !spool_write(spool, "\n", 1, err)) return false;
            from = stop + (newline != NULL);
        }
    }
}

static bool choose_sheet(const struct xlsx_book *book, const char *name, const struct xlsx_sheet **ret_sheet,
                         struct err *err)
{
    const char *list = "";
    for (size_t i = 0; i < book->n_sheets; i++) {
        const struct xlsx_sheet *sheet = &book->sheets[i];
        if (sheet->path && (!name || text_equal_ignoring_case(text_of(name), text_of(sheet->name)))) {
            *ret_sheet = sheet;
            return true;
        }
        if (i < 20) list = arena_format(book->arena, "%s%s%s", list, i ? ", " : "", sheet->name);
    }
    if (!name) return err_set(err, ERR_INVALID, "the workbook has no sheet");
    return err_set(err, ERR_INVALID, "--sheet %s: the workbook has no such sheet; it has %s", name, list);
}

static bool write_sheet(struct xlsx_book *book, const struct xlsx_sheet *chosen, struct spool *spool,
                        struct err *err)
{
    struct err failed = { .code = ERR_NONE };
    struct sheet sheet = { .book = book, .failed = &failed, .bytes = arena_alloc(book->arena, XLSX_CELL_MAX, 1) };
    const struct xlsx_handler handler = { sheet_begin, sheet_end, sheet_text, &sheet, &failed };
    if (!spool_open(&sheet.spool, err)) return false;
    bool ok = xlsx_parse(book, chosen->path, &handler, err) && spool_flush(sheet.spool, err) &&
              even_out(&sheet, spool, err);
    spool_close(sheet.spool);
    return ok || err_context(err, "sheet %s", chosen->name);
}

bool xlsx_write_csv(int file, const char *sheet, struct progress *progress, struct spool *spool, char ret_name[64],
                    struct err *err)
{
    struct stat status;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct xlsx_book *book = ARENA_NEW(arena, struct xlsx_book);
    const struct xlsx_sheet *chosen = NULL;
    book->arena = arena;
    book->progress = progress;
    book->n_packed = fstat(file, &status) == 0 ? (uint64_t)status.st_size : 0;
    book->zip = open_zip(file);
    bool ok = book->zip || err_set(err, ERR_INVALID, "the workbook is damaged or cut off: save or copy it again");
    ok = ok && xlsx_read_book(book, err) && choose_sheet(book, sheet, &chosen, err) &&
         write_sheet(book, chosen, spool, err);
    if (ok) snprintf(ret_name, 64, "%s", chosen->name);
    if (!ok && err->code == ERR_MISSING) err->code = ERR_INVALID;
    if (book->zip) unzClose(book->zip);
    arena_free(arena);
    return ok;
}
