/* framing.h - whether it is certain where a request ends.
 *
 * Where two programs that a request passes through disagree on that, the rest of one person's request becomes the
 * beginning of another's (RFC 9112, 11.2).  So what can be read in two ways is refused, and the connection ends. */
#ifndef SERVER_FRAMING_H
#define SERVER_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

struct framing {
    unsigned n_lengths, n_codings, n_hosts;
    uint64_t body_bytes;            /* what Content-Length announces; 0 without */
    bool     is_bad_length, is_chunked, is_bad_name;
};

/* Each header, in any order, of a zeroed struct. */
void framing_header(struct framing *framing, const char *name, const char *value);

/* Why it is not certain, as a sentence; NULL: it is. */
const char *framing_fault(const struct framing *framing, bool is_http_1_1);

#endif
