/* code_page.c - see code_page.h. */
#include "base/code_page.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024 };

bool code_page_is_known(struct text name)
{
    static const char *const begins[] = { "windows-125", "cp125", "iso-8859-", "cp437", "cp85", "cp86", "cp932", "cp936", "cp949",
                                          "cp950", "koi8-", "mac", "shift_jis", "sjis", "euc-", "gb", "big5", "tis-620" };
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t length = strlen(begins[i]);
        if (name.length >= length && name.length < 40 &&
            text_equal_ignoring_case((struct text){ name.at, length }, text_of(begins[i])))
            return true;
    }
    return false;
}

static bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc0; }

bool code_page_is_1250(const char *bytes, size_t length)
{
    /* a s t z z l z of Polish, Czech, Slovak, Croatian with their marks */
    static const char letters[] = "\xb9\x9a\x9d\x9e\x9f\xb3\xbf\x9c\xbe";
    size_t n_high = 0, n_within = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80) continue;
        n_high++;
        n_within += i > 0 && i + 1 < length && strchr(letters, c) && is_letter((unsigned char)bytes[i - 1]) &&
                    is_letter((unsigned char)bytes[i + 1]);
    }
    return n_within > 0 && n_within * 20 >= n_high;
}

static bool read_piece(int file, uint64_t at, char *bytes, size_t wanted, struct err *err)
{
    for (size_t got = 0; got < wanted;) {
        ssize_t n = pread(file, bytes + got, wanted - got, (off_t)(at + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return err_set(err, ERR_IO, "cannot be read: %s", n < 0 ? strerror(errno) : "it became shorter");
        got += (size_t)n;
    }
    return true;
}

/* As much of the piece as is whole.  *ret_taken: its bytes. */
static bool convert_piece(iconv_t page, char *piece, size_t n, struct spool *spool, size_t *ret_taken, struct err *err)
{
    char out[4 * 1024], *from = piece;
    size_t left = n;
    for (;;) {
        char *to = out;
        size_t room = sizeof out;
        bool is_all = iconv(page, &from, &left, &to, &room) != (size_t)-1;
        int fault = is_all ? 0 : errno;
        if (!spool_write(spool, out, sizeof out - room, err)) return false;
        *ret_taken = n - left;
        if (is_all || (fault == EINVAL && left < n)) return true;   /* a character's rest is in the next piece */
        if (fault != E2BIG) return err_set(err, ERR_INVALID, "means nothing");
    }
}

bool code_page_write_utf8(int file, uint64_t n_bytes, const char *name, struct spool *spool, struct err *err)
{
    char piece[PIECE_BYTES];
    iconv_t page = iconv_open("UTF-8", name);
    bool ok = page != (iconv_t)-1 || err_set(err, ERR_IO, "this machine's C library does not know %s", name);
    for (uint64_t at = 0; ok && at < n_bytes;) {
        size_t n = n_bytes - at < sizeof piece ? (size_t)(n_bytes - at) : sizeof piece, taken = 0;
        ok = read_piece(file, at, piece, n, err);
        if (ok && !convert_piece(page, piece, n, spool, &taken, err))
            ok = err->code != ERR_IO &&
                 err_set(err, ERR_INVALID, "byte %llu (0x%02x) means nothing in %s: name the encoding that it has",
                         (unsigned long long)(at + taken), (unsigned char)piece[taken], name);
        at += taken;
    }
    iconv_close(page);   /* of a page that is not known it does nothing */
    return ok;
}
