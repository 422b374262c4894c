/* Where a request ends must be certain: what two programs could read in two ways is refused. */
#include "server/framing.h"
#include "support.h"

static const char *fault(const char *const *headers, bool is_http_1_1)
{
    struct framing framing = { 0 };
    for (; *headers; headers += 2) framing_header(&framing, headers[0], headers[1]);
    return framing_fault(&framing, is_http_1_1);
}

#define HEADERS(...) (const char *const[]){ "Host", "h", __VA_ARGS__, NULL }

Test(framing, a_length_in_digits_or_chunks_alone_are_certain)
{
    struct framing framing = { 0 };
    framing_header(&framing, "content-length", "42");
    cr_assert_eq(framing.body_bytes, 42);
    cr_assert_null(fault(HEADERS("Content-Length", "0"), true));
    cr_assert_null(fault(HEADERS("Transfer-Encoding", "Chunked"), true));
    cr_assert_null(fault(HEADERS("X-Any!#$%&'*+-.^_`|~Name", "x"), true));
    cr_assert_null(fault((const char *const[]){ NULL }, false), "HTTP/1.0 needs no host");
}

Test(framing, what_can_be_read_in_two_ways_is_refused_with_its_reason)
{
    static const char *const lengths[] = { "+2", "-1", "0x2", "2 2", "2, 2", "", " 2", "2\t", "99999999999999999999" };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const char *why = fault(HEADERS("Content-Length", lengths[i]), true);
        cr_assert(why && strstr(why, "no number of bytes"), "'%s'", lengths[i]);
    }
    cr_assert(strstr(fault(HEADERS("Content-Length", "2", "CONTENT-LENGTH", "2"), true), "more than once"));
    cr_assert(strstr(fault(HEADERS("Content-Length", "2", "Transfer-Encoding", "chunked"), true), "both there"));
    cr_assert(strstr(fault(HEADERS("Transfer-Encoding", "chunked", "Content-Length", "2"), true), "both there"));
    static const char *const codings[] = { "identity", "xchunked", "gzip, chunked", "chunked, chunked", "" };
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        const char *why = fault(HEADERS("Transfer-Encoding", codings[i]), true);
        cr_assert(why && strstr(why, "something else than chunked"), "'%s'", codings[i]);
    }
    cr_assert(strstr(fault(HEADERS("Transfer-Encoding", "chunked", "Transfer-Encoding", "identity"), true),
                     "something else"));
    cr_assert(strstr(fault(HEADERS("Transfer-Encoding", "chunked"), false), "HTTP/1.0"));
    cr_assert(strstr(fault(HEADERS("Content-Length ", "2"), true), "name"));
    cr_assert(strstr(fault(HEADERS("", "2"), true), "name"));
    cr_assert(strstr(fault(HEADERS("Host", "other"), true), "Host is there more than once"));
    cr_assert(strstr(fault((const char *const[]){ NULL }, true), "names its host"));
}
