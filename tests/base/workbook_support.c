/* workbook_support.c - see workbook.h. */
#include "base/workbook.h"

#include "support.h"

#include <minizip/zip.h>

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static void put(zipFile zip, const char *path, const char *xml)
{
    cr_assert_eq(zipOpenNewFileInZip(zip, path, NULL, NULL, 0, NULL, 0, NULL, 8, 6), 0);
    cr_assert_eq(zipWriteInFileInZip(zip, xml, (unsigned)strlen(xml)), 0);
    cr_assert_eq(zipCloseFileInZip(zip), 0);
}

void workbook_write(const char *path, const struct workbook_part *parts, size_t n_parts)
{
    static const struct workbook_part usual[] = {
        { "xl/workbook.xml",
          XML "<workbook xmlns:r=\"r\"><sheets><sheet name=\"First\" sheetId=\"1\" r:id=\"rId7\"/>"
              "<sheet name=\"Orders &amp; more\" sheetId=\"2\" r:id=\"rId8\"/></sheets></workbook>" },
        { "xl/_rels/workbook.xml.rels",
          XML "<Relationships><Relationship Id=\"rId7\" Target=\"worksheets/sheet1.xml\"/>"
              "<Relationship Id=\"rId8\" Target=\"/xl/worksheets/sheet2.xml\"/>"
              "</Relationships>" },
        { "xl/styles.xml",
          XML "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd\\/mm\\/yyyy\\ hh:mm\"/>"
              "<numFmt numFmtId=\"165\" formatCode=\"[$-409]#,##0.00 &quot;dollars&quot;\"/></numFmts>"
              "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
              "<xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs>"
              "</styleSheet>" },
    };
    zipFile zip = zipOpen64(path, 0);
    cr_assert(zip);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t k = 0;
        while (k < n_parts && strcmp(parts[k].path, usual[i].path) != 0) k++;
        if (k == n_parts) put(zip, usual[i].path, usual[i].xml);
    }
    for (size_t i = 0; i < n_parts; i++) put(zip, parts[i].path, parts[i].xml);
    cr_assert_eq(zipClose(zip, NULL), 0);
}
