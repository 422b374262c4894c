/* csv.c - a scan for the next separator or newline, sixteen bytes at a time; see csv.h. */
#include "base/csv.h"

#include "base/json_rows.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* The first separator, newline or NUL at or after at; may look up to CSV_PADDING past end. */
static inline const char *find_special(const char *at, const char *end, char separator, char newline)
{
    const __m128i separators = _mm_set1_epi8(separator), newlines = _mm_set1_epi8(newline),
                  nuls = _mm_setzero_si128();
    for (; at < end; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i hits =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, separators),
                         _mm_or_si128(_mm_cmpeq_epi8(bytes, newlines), _mm_cmpeq_epi8(bytes, nuls)));
        int mask = _mm_movemask_epi8(hits);
        if (mask) {
            at += __builtin_ctz((unsigned)mask);
            return at < end ? at : end;
        }
    }
    return end;
}
#else
static inline const char *find_special(const char *at, const char *end, char separator, char newline)
{
    while (at < end && *at != separator && *at != newline && *at) at++;
    return at;
}
#endif

void csv_start(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes, size_t length,
               bool is_last, uint64_t line)
{
    reader->dialect = *dialect;
    reader->begin = reader->at = bytes;
    reader->end = reader->stop = bytes + length;
    reader->is_last = is_last;
    reader->is_skipping = false;
    reader->list_at = NULL;
    reader->list_index = 0;
    reader->line = line;
}

static const char *find_newline(const struct csv_reader *reader, const char *from)
{
    return from < reader->end ? memchr(from, reader->dialect.newline, (size_t)(reader->end - from)) : NULL;
}

/* Gives up the record that began at start; goes on at the next line. */
static enum csv_step bad_record(struct csv_reader *reader, const char *start, const char *reason)
{
    const char *newline = find_newline(reader, start);
    if (!newline && !reader->is_last && reader->end - start < CSV_LINE_MAX)
        return CSV_END; /* its line is cut off */
    const char *stop = newline ? newline : reader->end;
    reader->raw = (struct text){ start, (size_t)(stop - start) };
    reader->reason = reason;
    reader->row_line = reader->line;
    reader->line += newline != NULL;
    reader->at = newline ? newline + 1 : reader->end;
    reader->is_skipping = !newline;
    return CSV_BAD;
}

/* No end of the record that began at start is in the buffer. */
static enum csv_step record_is_cut(struct csv_reader *reader, const char *start, const char *reason)
{
    if (reader->is_last || reader->end - start >= CSV_LINE_MAX) return bad_record(reader, start, reason);
    return CSV_END;
}

enum field_end { FIELD_CLOSED, FIELD_CUT, FIELD_BAD };

static bool ends_field(const struct csv_reader *reader, const char *at)
{
    if (at == reader->end) return reader->is_last;
    if (*at == reader->dialect.separator || *at == reader->dialect.newline) return true;
    return *at == '\r' && (at + 1 == reader->end ? reader->is_last : at[1] == reader->dialect.newline);
}

/* Whether the quote at hit is text: a backslash stands before it that is not itself written by two. */
static bool is_escaped(const struct csv_reader *reader, const char *from, const char *hit)
{
    const char *at = hit;
    while (reader->dialect.escape && at > from && at[-1] == reader->dialect.escape) at--;
    return (hit - at) % 2 == 1;
}

/* Of two backslashes the first only makes the second text, where one before a quote does. */
static bool unescape(struct csv_reader *reader, struct text *field, size_t n_before, size_t *used)
{
    const char escape = reader->dialect.escape, *both = field->at, *end = field->at + field->length;
    while (both + 1 < end && (both = memchr(both, escape, (size_t)(end - 1 - both))) && both[1] != escape) both++;
    if (!both || both + 1 >= end) return true;
    if (field->at != reader->unquoted + n_before) {
        if (n_before + field->length > sizeof reader->unquoted) return false;
        memcpy(reader->unquoted + n_before, field->at, field->length);
    }
    char *to = reader->unquoted + n_before;
    for (size_t i = 0; i < field->length; i++) {
        const char *from = reader->unquoted + n_before + i;
        if (*from == escape && i + 1 < field->length && from[1] == escape) i++;
        *to++ = *from;
    }
    *used = (size_t)(to - reader->unquoted);
    *field = (struct text){ reader->unquoted + n_before, *used - n_before };
    return true;
}

/* Reads the quoted field whose opening quote is at *at.  *used counts bytes of reader->unquoted. */
static enum field_end quoted_field(struct csv_reader *reader, const char **at, size_t *used,
                                   struct text *ret_field)
{
    const char quote = reader->dialect.quote, *from = *at + 1, *piece = from, *end = reader->end;
    size_t n_before = *used;
    for (;;) {
        const char *hit = from < end ? memchr(from, quote, (size_t)(end - from)) : NULL;
        if (!hit || (hit + 1 == end && !reader->is_last)) return FIELD_CUT;
        if (hit + 1 < end && hit[1] == quote && !is_escaped(reader, from, hit)) {         /* two quotes are one */
            size_t n = (size_t)(hit + 1 - piece);
            if (*used + n > sizeof reader->unquoted) return FIELD_CUT;
            memcpy(reader->unquoted + *used, piece, n);
            *used += n;
            from = piece = hit + 2;
            continue;
        }
        if (is_escaped(reader, from, hit)) {
            size_t n = (size_t)(hit - 1 - piece);
            if (*used + n > sizeof reader->unquoted) return FIELD_CUT;
            memcpy(reader->unquoted + *used, piece, n);
            *used += n;
            piece = hit, from = hit + 1;
            continue;
        }
        const char *after = hit + 1;
        while (after < end && *after == ' ' && reader->dialect.separator != ' ') after++;
        if (after == end && !reader->is_last) return FIELD_CUT;
        if (!ends_field(reader, after)) return after == end - 1 && *after == '\r' ? FIELD_CUT : FIELD_BAD;
        *ret_field = (struct text){ piece, (size_t)(hit - piece) };
        if (*used > n_before || piece != *at + 1) {
            if (*used + ret_field->length > sizeof reader->unquoted) return FIELD_CUT;
            memcpy(reader->unquoted + *used, piece, ret_field->length);
            *used += ret_field->length;
            *ret_field = (struct text){ reader->unquoted + n_before, *used - n_before };
        }
        if (reader->dialect.escape && !unescape(reader, ret_field, n_before, used)) return FIELD_CUT;
        *at = after;
        return FIELD_CLOSED;
    }
}

static inline bool opens_quote(const struct csv_reader *reader, const char **at)
{
    const char *look = *at;
    if (!reader->dialect.quote) return false;
    while (look < reader->end && *look == ' ' && reader->dialect.separator != ' ') look++;
    if (look == reader->end || *look != reader->dialect.quote) return false;
    *at = look;
    return true;
}

/* ="00123" is how programs have Excel keep what they write as it is. */
static inline struct text without_formula(struct text field)
{
    bool is_one = field.length >= 3 && field.at[0] == '=' && field.at[1] == '"' && field.at[field.length - 1] == '"';
    return is_one ? (struct text){ field.at + 2, field.length - 3 } : field;
}

/* A whole record stands from start to stop, exclusive of its newline. */
static enum csv_step finish_record(struct csv_reader *reader, const char *start, const char *stop,
                                   size_t n_fields, bool has_quotes)
{
    bool has_newline = stop < reader->end;
    if (stop - start > CSV_LINE_MAX) return bad_record(reader, start, "the line is longer than 1 MiB");
    reader->row_line = reader->line;
    if (has_quotes)
        for (const char *at = start; (at = memchr(at, reader->dialect.newline, (size_t)(stop - at))); at++)
            reader->line++;
    reader->line += has_newline;
    reader->at = stop + has_newline;
    reader->raw = (struct text){ start, (size_t)(stop - start) };
    if (stop > start && stop[-1] == '\r') reader->raw.length--;
    while (n_fields < reader->dialect.n_padded && has_newline) reader->fields[n_fields++] = (struct text){ stop, 0 };
    reader->n_fields = n_fields;
    return CSV_ROW;
}

/* One record of a dialect whose runs of separators count once. */
static enum csv_step next_padded(struct csv_reader *reader, const char *start)
{
    const char separator = reader->dialect.separator, newline = reader->dialect.newline, *at = start,
               *end = reader->end;
    size_t n = 0, used = 0;
    bool has_quotes = false;
    for (;;) {
        while (at < end && (*at == separator || (*at == '\r' && newline != '\r'))) at++;
        if (at == end && !reader->is_last)
            return record_is_cut(reader, start, "the line is longer than 1 MiB");
        if (at == end || *at == newline) return finish_record(reader, start, at, n, has_quotes);
        if (n == CSV_COLUMNS_MAX) return bad_record(reader, start, "the line has more than 20,000 columns");
        reader->bad_field = n;
        if (reader->dialect.quote && *at == reader->dialect.quote) {
            has_quotes = true;
            enum field_end ended = quoted_field(reader, &at, &used, &reader->fields[n]);
            if (ended == FIELD_CUT) return record_is_cut(reader, start, "a quote is opened and never closed");
            if (ended == FIELD_BAD) return bad_record(reader, start, "there is text after a closing quote");
        } else {
            const char *stop = find_special(at, end, separator, newline);
            if (stop < end && !*stop) return bad_record(reader, start, "there is a NUL byte in it");
            if (stop == end && !reader->is_last)
                return record_is_cut(reader, start, "the line is longer than 1 MiB");
            reader->fields[n] = (struct text){ at, (size_t)(stop - at) };
            if (stop > at && stop[-1] == '\r') reader->fields[n].length--;
            at = stop;
        }
        n++;
    }
}

static enum csv_step next_separated(struct csv_reader *reader, const char *start)
{
    const char separator = reader->dialect.separator, newline = reader->dialect.newline, *at = start,
               *end = reader->end;
    size_t n = 0, used = 0;
    bool has_quotes = false;
    for (;;) {
        if (n == CSV_COLUMNS_MAX) return bad_record(reader, start, "the line has more than 20,000 columns");
        if (opens_quote(reader, &at)) {
            has_quotes = true;
            reader->bad_field = n;
            enum field_end ended = quoted_field(reader, &at, &used, &reader->fields[n]);
            if (ended == FIELD_CUT) return record_is_cut(reader, start, "a quote is opened and never closed");
            if (ended == FIELD_BAD) return bad_record(reader, start, "there is text after a closing quote");
            reader->fields[n] = without_formula(reader->fields[n]);
            n++;
            if (at < end && *at == '\r' && newline != '\r') at++;
        } else {
            const char *stop = find_special(at, end, separator, newline);
            if (stop < end && !*stop)
                return reader->bad_field = n, bad_record(reader, start, "there is a NUL byte in it");
            if (stop == end && !reader->is_last)
                return record_is_cut(reader, start, "the line is longer than 1 MiB");
            reader->fields[n] = (struct text){ at, (size_t)(stop - at) };
            if (stop > at && stop[-1] == '\r' && (stop == end || *stop == newline))
                reader->fields[n].length--;
            reader->fields[n] = without_formula(reader->fields[n]);
            n++;
            at = stop;
        }
        if (at == end || *at != separator) return finish_record(reader, start, at, n, has_quotes);
        at++;
    }
}

enum csv_step csv_next(struct csv_reader *reader)
{
    if (reader->dialect.json) return json_rows_next(reader);
    if (reader->is_skipping) {
        const char *newline = find_newline(reader, reader->at);
        reader->at = newline ? newline + 1 : reader->end;
        reader->line += newline != NULL;
        reader->is_skipping = !newline;
    }
    for (;;) {
        const char *start = reader->at;
        if (start >= reader->stop) return CSV_END;
        if (*start == reader->dialect.newline) { reader->at++, reader->line++; continue; }
        if (*start == '\r' && start + 1 < reader->end && start[1] == reader->dialect.newline) {
            reader->at += 2, reader->line++;
            continue;
        }
        enum csv_step step = reader->dialect.is_padded ? next_padded(reader, start)
                                                       : next_separated(reader, start);
        if (step != CSV_ROW || reader->n_fields > 0) return step;      /* 0 fields: nothing but padding */
    }
}

size_t csv_split(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes,
                 size_t length, bool is_last, bool *is_skipping)
{
    bool may_span = dialect->json ? dialect->json->is_spread
                                  : dialect->quote && memchr(bytes, dialect->quote, length);
    if (!may_span && !is_last) {
        const char *newline = memrchr(bytes, dialect->newline, length);
        size_t whole = newline ? (size_t)(newline + 1 - bytes) : 0;
        if (length - whole < CSV_LINE_MAX && !(*is_skipping && !newline)) {
            *is_skipping = false;
            return whole;
        }
        *is_skipping = true;
        return length;
    }
    csv_start(reader, dialect, bytes, length, is_last, 1);
    reader->is_skipping = *is_skipping;
    while (csv_next(reader) != CSV_END) continue;
    *is_skipping = reader->is_skipping;
    return (size_t)(reader->at - bytes);
}
