/* utf16_fuzz.c - an even number of bytes becomes UTF-8 of a length that fits; an odd one is refused. */
#include "base/utf16.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_big = false;
    struct err err = { 0 };
    struct spool *spool = NULL;
    int file = memfd_create("utf16", 0);
    (void)utf16_begins(data, size, &is_big);
    if (file >= 0 && write(file, data, size) == (ssize_t)size && spool_open(&spool, &err)) {
        bool ok = utf16_write_utf8(file, size, is_big, spool, &err) && spool_flush(spool, &err);
        assert(ok == (size % 2 == 0) || err.code == ERR_IO);
        assert(!ok || spool->n_bytes <= size / 2 * 3);
    }
    spool_close(spool);
    if (file >= 0) close(file);
    return 0;
}
