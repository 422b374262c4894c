/* utf16.c - see utf16.h. */
#include "base/utf16.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024 };

bool utf16_begins(const unsigned char *bytes, size_t length, bool *ret_is_big_endian)
{
    size_t n_nul[2] = { 0 };
    if (length >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF))) {
        *ret_is_big_endian = bytes[0] == 0xFE;
        return true;
    }
    for (size_t i = 0; i < length; i++) n_nul[i % 2] += bytes[i] == 0;
    *ret_is_big_endian = n_nul[0] > n_nul[1];
    size_t most = n_nul[*ret_is_big_endian ? 0 : 1], least = n_nul[*ret_is_big_endian ? 1 : 0];
    return length >= 16 && least * 10 <= most && most * 10 > length * 4;
}

static size_t put_utf8(uint32_t code, unsigned char *ret_bytes)
{
    static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6) ret_bytes[i] = (unsigned char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (unsigned char)(first[n] | code);
    return n;
}

/* Half of a pair waits for the other. */
struct pair { uint32_t high; };

static size_t put_unit(struct pair *pair, uint32_t unit, unsigned char *ret_bytes)
{
    enum { NOTHING_KNOWN = 0xFFFD, MARK = 0xFEFF };
    size_t n = 0;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (pair->high && is_low) {
        n = put_utf8(0x10000 + ((pair->high - 0xD800) << 10) + (unit - 0xDC00), ret_bytes);
        pair->high = 0;
        return n;
    }
    if (pair->high) n = put_utf8(NOTHING_KNOWN, ret_bytes);
    pair->high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (pair->high || unit == MARK) return n;
    return n + put_utf8(is_low ? NOTHING_KNOWN : unit, ret_bytes + n);
}

bool utf16_write_utf8(int file, uint64_t n_bytes, bool is_big_endian, struct spool *spool, struct err *err)
{
    unsigned char in[PIECE_BYTES], out[8];
    struct pair pair = { 0 };
    if (n_bytes % 2)
        return err_set(err, ERR_INVALID, "it is UTF-16 and ends within a character, at byte %llu: copy it again",
                       (unsigned long long)n_bytes);
    for (uint64_t at = 0; at < n_bytes;) {
        size_t wanted = n_bytes - at < sizeof in ? (size_t)(n_bytes - at) : sizeof in, got = 0;
        while (got < wanted) {
            ssize_t n = pread(file, in + got, wanted - got, (off_t)(at + got));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                return err_set(err, ERR_IO, "cannot be read: %s", n < 0 ? strerror(errno) : "it became shorter");
            got += (size_t)n;
        }
        for (size_t i = 0; i < got; i += 2) {
            uint32_t unit = is_big_endian ? (uint32_t)in[i] << 8 | in[i + 1] : (uint32_t)in[i + 1] << 8 | in[i];
            size_t n = put_unit(&pair, unit, out);
            if (!spool_write(spool, out, n, err)) return false;
        }
        at += got;
    }
    return !pair.high || spool_write(spool, "\xEF\xBF\xBD", 3, err);
}
