/* code_page_fuzz.c - any bytes in any encoding of one region become UTF-8 and nothing else, or are refused in a sentence. */
#include "base/code_page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const pages[] = { "windows-1252", "windows-1250", "windows-1251", "koi8-r", "cp852", "shift_jis",
                                     "gb18030",      "big5",         "euc-jp",       "euc-kr", "iso-8859-2", "tis-620" };

/* Whether characters of several bytes are whole: each beginning has as many continuations as it says. */
static bool is_utf8(const unsigned char *at, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t more = at[i] < 0x80 ? 0 : at[i] >= 0xf0 && at[i] < 0xf5 ? 3 : at[i] >= 0xe0 ? 2 : at[i] >= 0xc2 ? 1 : 4;
        if (more > n - i - 1) return false;
        for (size_t k = 1; k <= more; k++)
            if ((at[i + k] & 0xc0) != 0x80) return false;
        i += 1 + more;
    }
    return true;
}

static void check_output(const struct spool *spool)
{
    size_t n = (size_t)spool->n_bytes;
    unsigned char *bytes = malloc(n + 1);
    assert(bytes && pread(spool->file, bytes, n, 0) == (ssize_t)n && is_utf8(bytes, n));
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct spool *spool = NULL;
    int file = memfd_create("page", 0);
    if (size == 0) { close(file); return 0; }
    const char *page = pages[data[0] % (sizeof pages / sizeof *pages)];
    assert(code_page_is_known(text_of(page)));
    (void)code_page_is_1250((const char *)data + 1, size - 1);
    if (file >= 0 && write(file, data + 1, size - 1) == (ssize_t)size - 1 && spool_open(&spool, &err)) {
        bool ok = code_page_write_utf8(file, size - 1, page, spool, &err) && spool_flush(spool, &err);
        assert(ok || (err.code != ERR_NONE && *err.text));
        if (ok) check_output(spool);
    }
    spool_close(spool);
    if (file >= 0) close(file);
    return 0;
}
