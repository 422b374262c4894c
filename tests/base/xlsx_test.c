/* Workbooks as text: cells of every type, dates by their style, and what is no workbook to read. */
#include "base/input.h"
#include "base/workbook.h"
#include "base/xlsx_internal.h"
#include "support.h"

static struct err err;
static struct arena *arena;

static void open_arena(void) { arena = arena_new(ARENA_NO_LIMIT); }
static void close_arena(void) { arena_free(arena); }
TestSuite(xlsx, .init = open_arena, .fini = close_arena);

#define SHEET1 "xl/worksheets/sheet1.xml"
#define SHEET2 "xl/worksheets/sheet2.xml"
#define STRINGS "xl/sharedStrings.xml"
#define N(parts) sizeof parts / sizeof *parts

static const char *text_of_book(const char *path, const char *sheet)
{
    struct input *input;
    ASSERT_OK(input_open_sheet(path, sheet, NULL, &input, &err), &err);
    size_t n = (size_t)input_bytes(input);
    char *text = arena_alloc(arena, n + 1, 1);
    ASSERT_OK(input_read(input, 0, text, n, &err), &err);
    input_close(input);
    return text;
}

Test(xlsx, cells_of_every_type_are_text_and_rows_keep_their_numbers)
{
    static const struct workbook_part parts[] = {
        { STRINGS, "<sst><si><t>customer</t></si><si><r><t>da</t></r><r><t>te</t></r><rPh><t>x</t></rPh></si>"
                   "<si><t>say \"hi\", you\nthere</t></si></sst>" },
        { SHEET1,
          "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
          "<c r=\"D1\" t=\"inlineStr\"><is><t>note</t></is></c></row>"
          "<row r=\"3\"><c r=\"B3\" s=\"1\"><v>45294</v></c><c r=\"C3\" s=\"3\"><v>1067.0899999999999</v></c>"
          "<c r=\"D3\" t=\"s\"><v>2</v></c></row>"
          "<row r=\"4\"><c r=\"A4\"><v>13085</v></c><c r=\"B4\" s=\"2\"><v>45294.375</v></c>"
          "<c r=\"C4\" t=\"b\"><v>1</v></c><c r=\"D4\" t=\"e\"><v>#N/A</v></c></row>"
          "<row r=\"5\"><c r=\"A5\" t=\"str\"><f>A1</f><v>x&amp;y</v></c><c r=\"B5\" t=\"d\"><v>2024-01-03</v></c>"
          "<c r=\"C5\" s=\"1\"><v>abc</v></c></row></sheetData></worksheet>" },
    };
    const char *path = support_path("book.xlsx");
    workbook_write(path, parts, N(parts));
    cr_assert_str_eq(text_of_book(path, NULL), "customer,date,,note\n"
                                               "\n"
                                               ",2024-01-03,1067.09,\"say \"\"hi\"\", you there\"\n"
                                               "13085,2024-01-03T09:00:00,TRUE,#N/A\n"
                                               "x&y,2024-01-03,abc,\n");
}

Test(xlsx, a_sheet_is_asked_for_by_name_and_prefixes_and_missing_references_are_fine)
{
    static const struct workbook_part parts[] = {
        { SHEET1, "<worksheet><sheetData/></worksheet>" },
        { SHEET2,
          "<x:worksheet xmlns:x=\"m\"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>"
          "<x:row><x:c><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>" },
    };
    struct input *input;
    const char *path = support_path("book.xlsx");
    workbook_write(path, parts, N(parts));
    cr_assert_str_eq(text_of_book(path, "orders & MORE"), "1,2\n3,\n");
    ASSERT_FAILS(input_open_sheet(path, "Sales", NULL, &input, &err), &err, ERR_INVALID,
                 "it has First, Orders & more");
    ASSERT_FAILS(input_open(path, NULL, &input, &err), &err, ERR_INVALID, "is empty");
    support_write(support_path("plain.csv"), "a,b\n1,2\n", 8);
    ASSERT_FAILS(input_open_sheet(support_path("plain.csv"), "First", NULL, &input, &err), &err, ERR_INVALID,
                 "it is no workbook");
}

Test(xlsx, days_of_1904_are_days_of_1904)
{
    static const struct workbook_part parts[] = {
        { "xl/workbook.xml", "<workbook xmlns:r=\"r\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"First\" "
                             "r:id=\"rId7\"/></sheets></workbook>" },
        { SHEET1, "<worksheet><sheetData><row><c s=\"1\"><v>43832</v></c></row></sheetData></worksheet>" },
    };
    workbook_write(support_path("book.xlsx"), parts, N(parts));
    cr_assert_str_eq(text_of_book(support_path("book.xlsx"), NULL), "2024-01-03\n");
}

Test(xlsx, formats_of_dates_are_told_from_others)
{
    static const char *const dates[] = { "dd/mm/yyyy", "yyyy\\-mm\\-dd", "[$-409]d-mmm-yy;@", "m/d/yy h:mm",
                                         "\"am\" dd" };
    static const char *const others[] = { "General",   "#,##0.00", "[Red]0", "0.00 \"days\"",
                                          "[h]:mm:ss", "@",        "",       "0\\d" };
    for (size_t i = 0; i < N(dates); i++) cr_assert(xlsx_is_date_format(dates[i]), "%s", dates[i]);
    for (size_t i = 0; i < N(others); i++) cr_assert(!xlsx_is_date_format(others[i]), "%s", others[i]);
}

Test(xlsx, a_workbook_that_was_cut_anywhere_or_holds_nonsense_is_refused_in_a_sentence)
{
    static const struct workbook_part good[] = {
        { SHEET1, "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>" },
    };
    struct input *input;
    size_t length;
    const char *path = support_path("book.xlsx");
    workbook_write(path, good, N(good));
    char *bytes = support_read(arena, path, &length);
    for (size_t cut = 4; cut < length; cut += 11) {
        support_write(support_path("cut.xlsx"), bytes, cut);
        cr_assert(!input_open(support_path("cut.xlsx"), NULL, &input, &err), "cut at %zu", cut);
        cr_assert_eq(err.code, ERR_INVALID, "%s", err.text);
    }
    static const struct { const char *xml, *sentence;
    } bad[] = {
        { "<worksheet><sheetData><row r=\"5\"/><row r=\"5\"/></sheetData></worksheet>", "says that it is row 5" },
        { "<worksheet><sheetData><row r=\"1048577\"/></sheetData></worksheet>", "row 1048577" },
        { "<worksheet><sheetData><row><c r=\"XFE1\"><v>1</v></c></row></sheetData></worksheet>",
          "a cell at 'XFE1'" },
        { "<worksheet><sheetData><row><c r=\"B1\"><v>1</v></c><c "
          "r=\"A1\"><v>1</v></c></row></sheetData></worksheet>",
          "a cell at 'A1'" },
        { "<worksheet><sheetData><row><c t=\"s\"><v>9</v></c></row></sheetData></worksheet>", "names text 9" },
        { "<worksheet><sheetData><row></sheetData></worksheet>", "an end without its beginning" },
        { "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]><worksheet>&a;</worksheet>", "declares a document type" },
    };
    for (size_t i = 0; i < N(bad); i++) {
        const struct workbook_part part = { SHEET1, bad[i].xml };
        workbook_write(path, &part, 1);
        ASSERT_FAILS(input_open(path, NULL, &input, &err), &err, ERR_INVALID, bad[i].sentence);
    }
    const struct workbook_part other = { SHEET2, good[0].xml };
    workbook_write(path, &other, 1);
    ASSERT_FAILS(input_open(path, NULL, &input, &err), &err, ERR_INVALID, "has no xl/worksheets/sheet1.xml");
}

Test(xlsx, a_small_archive_that_unpacks_to_very_much_is_refused)
{
    enum { BYTES = 100 << 20 };
    char *xml = arena_alloc(arena, BYTES + 100, 1);
    size_t n = (size_t)snprintf(xml, 64, "<worksheet><sheetData>");
    memset(xml + n, ' ', BYTES);
    struct input *input;
    const struct workbook_part part = { SHEET1, xml };
    workbook_write(support_path("bomb.xlsx"), &part, 1);
    ASSERT_FAILS(input_open(support_path("bomb.xlsx"), NULL, &input, &err), &err, ERR_INVALID,
                 "unpacks to over 200 times");
}
