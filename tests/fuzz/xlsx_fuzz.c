/* xlsx_fuzz.c - any bytes are a workbook or are refused: as a zip archive, or as the XML of a sheet (after a NUL
 * of shared strings, after another of styles) in an archive made around it, which a search over packed bytes would
 * not get into. */
#include "base/xlsx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct archive { int file; uint32_t at; uint8_t list[4096]; size_t n_list; uint16_t n; };

static uint8_t *put(uint8_t *to, uint32_t value, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

/* What both headers of a member have: version, no flags, stored, no time, checksum and sizes, length of the name.
 */
static uint8_t *put_member(uint8_t *to, uint32_t sum, uint32_t size, size_t n_name)
{
    to = put(put(put(put(to, 20, 2), 0, 2), 0, 2), 0, 4);
    return put(put(put(put(put(to, sum, 4), size, 4), size, 4), (uint32_t)n_name, 2), 0, 2);
}

static void add(struct archive *zip, const char *name, const void *bytes, size_t size)
{
    uint8_t head[30], *entry = zip->list + zip->n_list;
    size_t n_name = strlen(name);
    uint32_t sum = (uint32_t)crc32(0, bytes, (unsigned)size);
    put_member(put(head, 0x04034b50, 4), sum, (uint32_t)size, n_name);
    uint8_t *end = put_member(put(put(entry, 0x02014b50, 4), 20, 2), sum, (uint32_t)size, n_name);
    end = put(put(put(put(put(end, 0, 2), 0, 2), 0, 2), 0, 4), zip->at, 4);
    memcpy(end, name, n_name);
    zip->n_list += (size_t)(end - entry) + n_name;
    zip->n++;
    bool ok = write(zip->file, head, sizeof head) == sizeof head &&
              write(zip->file, name, n_name) == (ssize_t)n_name && write(zip->file, bytes, size) == (ssize_t)size;
    assert(ok);
    zip->at += (uint32_t)(sizeof head + n_name + size);
}

static void finish(struct archive *zip)
{
    uint8_t end[22];
    put(put(put(put(put(put(put(put(end, 0x06054b50, 4), 0, 2), 0, 2), zip->n, 2), zip->n, 2),
                (uint32_t)zip->n_list, 4),
            zip->at, 4),
        0, 2);
    bool ok = write(zip->file, zip->list, zip->n_list) == (ssize_t)zip->n_list &&
              write(zip->file, end, sizeof end) == sizeof end;
    assert(ok);
}

static void make_workbook(int file, const uint8_t *data, size_t size)
{
    static const char book[] =
        "<workbook xmlns:r=\"r\"><sheets><sheet name=\"A\" r:id=\"1\"/></sheets></workbook>",
                      links[] =
                          "<Relationships><Relationship Id=\"1\" Target=\"worksheets/a.xml\"/></Relationships>";
    static const char *const names[] = { "xl/worksheets/a.xml", "xl/sharedStrings.xml", "xl/styles.xml" };
    struct archive zip = { .file = file };
    add(&zip, "xl/workbook.xml", book, sizeof book - 1);
    add(&zip, "xl/_rels/workbook.xml.rels", links, sizeof links - 1);
    for (size_t part = 0; part < 3; part++) {
        const uint8_t *end = size && part < 2 ? memchr(data, 0, size) : NULL;
        size_t n = end ? (size_t)(end - data) : size;
        add(&zip, names[part], data, n);
        n += end != NULL;
        data += n, size -= n;
        if (!end) break;
    }
    finish(&zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct spool *spool = NULL;
    char name[64] = "";
    int file = memfd_create("book", 0);
    if (file < 0) return 0;
    bool is_zip = size > 1 && data[0] == 'P' && data[1] == 'K';
    if (!is_zip) make_workbook(file, data, size);
    else if (write(file, data, size) != (ssize_t)size) size = 0;
    bool is_one = xlsx_is_workbook(file);
    assert(is_one || is_zip);
    if (is_one && spool_open(&spool, &err)) {
        bool ok = xlsx_write_csv(file, NULL, NULL, spool, name, &err);
        assert(ok ? name[0] : err.text[0]);
    }
    spool_close(spool);
    close(file);
    return 0;
}
