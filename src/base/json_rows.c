/* json_rows.c - one pass from bytes to fields, expecting the members in the order of the record before; see
 * json_rows.h. */
#include "base/json_rows_internal.h"

#include <stdio.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- A record ---- */

struct scan {
    struct csv_reader         *reader;
    const struct json_columns *columns;
    const char                *at, *end;
    size_t                     used;        /* bytes of reader->unquoted */
    unsigned                   depth;
    bool                       is_cut;      /* the buffer ended first */
    const char                *list_at;     /* as the reader's */
};

static bool fault(struct scan *scan, const char *what)
{
    if (scan->at >= scan->end) scan->is_cut = true;
    scan->reader->reason = what;
    return false;
}

static inline void skip_space(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r' ||
            (*scan->at == '\n' && scan->columns->is_spread)))
        scan->at++;
}

static inline bool next_is(struct scan *scan, char c, const char *what)
{
    if (scan->at >= scan->end || *scan->at != c) return fault(scan, what);
    scan->at++;
    return true;
}

/* The first quote, backslash or control character at or after at; may look up to CSV_PADDING past end. */
static inline const char *find_string_end(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i quotes = _mm_set1_epi8('"'), escapes = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(31);
    for (; at < end; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, escapes)),
                                    _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
        int mask = _mm_movemask_epi8(hits);
        if (!mask) continue;
        at += __builtin_ctz((unsigned)mask);
        return at < end ? at : end;
    }
    return end;
#else
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32) at++;
    return at;
#endif
}

static size_t put_utf8(uint32_t code, char *ret_bytes)
{
    static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6) ret_bytes[i] = (char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (char)(first[n] | code);
    return n;
}

static bool read_hex(struct scan *scan, uint32_t *ret_code)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, scan->at++) {
        if (scan->at >= scan->end) return fault(scan, "four hexadecimal digits");
        char c = *scan->at, lower = (char)(c | 32);
        if (c >= '0' && c <= '9') code = 16 * code + (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f') code = 16 * code + (uint32_t)(lower - 'a' + 10);
        else return fault(scan, "four hexadecimal digits");
    }
    *ret_code = code;
    return true;
}

/* Behind a backslash: puts what is meant into to, at most 4 bytes. */
static bool read_escape(struct scan *scan, char *to, size_t *ret_n)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    if (scan->at >= scan->end) return fault(scan, "an escape");
    const char *letter = *scan->at ? strchr(letters, *scan->at) : NULL;
    *ret_n = 1;
    if (letter) { *to = meanings[letter - letters]; scan->at++; return true; }
    if (*scan->at != 'u') return fault(scan, "an escape");
    scan->at++;
    if (!read_hex(scan, &code)) return false;
    if (code == 0) return fault(scan, "a character other than NUL");
    if (code >= 0xD800 && code < 0xDC00) {
        if (!next_is(scan, '\\', "the other half of a character") ||
            !next_is(scan, 'u', "the other half of a character") || !read_hex(scan, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF) return fault(scan, "the other half of a character");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fault(scan, "a whole character");
    }
    *ret_n = put_utf8(code, to);
    return true;
}

/* A string with escapes: what is decoded goes to reader->unquoted.  from: what of it was read already. */
static bool read_escaped(struct scan *scan, const char *from, struct text *ret_text)
{
    char *to = scan->reader->unquoted + scan->used;
    size_t n = 0, room = sizeof scan->reader->unquoted - scan->used;
    for (;;) {
        size_t length = (size_t)(scan->at - from);
        if (n + length + 4 > room) { scan->at = scan->end; return fault(scan, "the end of a string"); }
        memcpy(to + n, from, length);
        n += length;
        if (scan->at >= scan->end) return fault(scan, "the end of a string");
        if (*scan->at == '"') break;
        if (*scan->at++ != '\\') return scan->at--, fault(scan, "a character that may stand in a string");
        size_t n_put = 0;
        if (!read_escape(scan, to + n, &n_put)) return false;
        n += n_put;
        from = scan->at;
        scan->at = find_string_end(from, scan->end);
    }
    scan->at++;
    scan->used += n;
    *ret_text = (struct text){ to, n };
    return true;
}

/* At the opening quote. */
static inline bool read_string(struct scan *scan, struct text *ret_text)
{
    const char *from = ++scan->at;
    scan->at = find_string_end(from, scan->end);
    if (scan->at < scan->end && *scan->at == '"') {
        *ret_text = (struct text){ from, (size_t)(scan->at++ - from) };
        return true;
    }
    return read_escaped(scan, from, ret_text);
}

static bool read_number(struct scan *scan, struct text *ret_text)
{
    const char *from = scan->at, *digits;
    if (*scan->at == '-') scan->at++;
    digits = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') scan->at++;
    if (scan->at == digits || (*digits == '0' && scan->at > digits + 1)) return fault(scan, "a number");
    if (scan->at < scan->end && *scan->at == '.') {
        digits = ++scan->at;
        while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') scan->at++;
        if (scan->at == digits) return fault(scan, "a digit");
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-')) scan->at++;
        digits = scan->at;
        while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') scan->at++;
        if (scan->at == digits) return fault(scan, "a digit");
    }
    if (scan->at >= scan->end) return fault(scan, "',' or '}'");
    *ret_text = (struct text){ from, (size_t)(scan->at - from) };
    return true;
}

static bool read_word(struct scan *scan, const char *word, struct text *ret_text)
{
    const char *from = scan->at;
    for (; *word; word++)
        if (!next_is(scan, *word, "a value")) return false;
    *ret_text = (struct text){ from, (size_t)(scan->at - from) };
    return true;
}

/* A string, number or word; null is the empty text. */
static inline bool read_scalar(struct scan *scan, struct text *ret_text)
{
    switch (scan->at < scan->end ? *scan->at : 0) {
    case '"': return read_string(scan, ret_text);
    case 't': return read_word(scan, "true", ret_text);
    case 'f': return read_word(scan, "false", ret_text);
    case 'n':
        if (!read_word(scan, "null", ret_text)) return false;
        ret_text->length = 0;
        return true;
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(scan, ret_text);
    default: return fault(scan, "a value");
    }
}

static bool is_container(const struct scan *scan)
{
    return scan->at < scan->end && (*scan->at == '{' || *scan->at == '[');
}

static bool go_deeper(struct scan *scan)
{
    if (scan->depth == JSON_ROWS_DEPTH) return fault(scan, "no more than 32 objects and lists inside each other");
    scan->depth++;
    return true;
}

/* What stands between two members or items: true and at the next, or true and *ret_is_end behind close. */
static inline bool read_comma(struct scan *scan, char close, bool *ret_is_end)
{
    skip_space(scan);
    *ret_is_end = scan->at < scan->end && *scan->at == close;
    if (!*ret_is_end && !next_is(scan, ',', close == '}' ? "',' or '}'" : "',' or ']'")) return false;
    scan->at += *ret_is_end;
    skip_space(scan);
    return true;
}

/* A name and its colon. */
static inline bool read_name(struct scan *scan, struct text *ret_name)
{
    if (scan->at >= scan->end || *scan->at != '"') return fault(scan, "a name in quotes");
    if (!read_string(scan, ret_name)) return false;
    skip_space(scan);
    if (!next_is(scan, ':', "':'")) return false;
    skip_space(scan);
    return true;
}

/* Past a value that is no field.  *first, unless NULL: the first text in it that is not empty. */
static bool pass_value(struct scan *scan, struct text *first)
{
    struct text text;
    if (!is_container(scan)) {
        if (!read_scalar(scan, &text)) return false;
        if (first && first->length == 0) *first = text;
        return true;
    }
    char close = *scan->at++ == '{' ? '}' : ']';
    bool is_end = false;
    if (!go_deeper(scan)) return false;
    skip_space(scan);
    if (scan->at < scan->end && *scan->at == close) { scan->at++; is_end = true; }
    while (!is_end)
        if ((close == '}' && !read_name(scan, &text)) || !pass_value(scan, first) ||
            !read_comma(scan, close, &is_end))
            return false;
    scan->depth--;
    return true;
}

/* The node of a member; usually the one after *previous, the sibling before it.  0: not known. */
static inline uint32_t find_node(struct scan *scan, uint32_t parent, struct text name, uint32_t previous)
{
    const struct json_columns *columns = scan->columns;
    uint32_t expected = previous ? columns->nodes[previous].next : columns->nodes[parent].first;
    if (expected && text_equal(columns->nodes[expected].name, name)) return expected;
    uint32_t node = json_node_find(columns, parent, name);
    return node || !columns->is_learning ? node : json_node_add(scan->reader->dialect.json, parent, name);
}

static bool keep_field(struct scan *scan, uint32_t node, struct text value)
{
    struct csv_reader *reader = scan->reader;
    const struct json_columns *columns = scan->columns;
    uint32_t column = columns->nodes[node].column;
    if (column == JSON_NO_COLUMN && columns->is_learning) {
        struct json_columns *learning = reader->dialect.json;
        if (learning->n_columns == CSV_COLUMNS_MAX) return fault(scan, "no more than 20,000 different members");
        column = learning->nodes[node].column = (uint32_t)learning->n_columns;
        reader->fields[column] = (struct text){ "", 0 };
        learning->of_column[learning->n_columns++] = node;
    } else if (column == JSON_NO_COLUMN) {
        reader->n_unknown++;
        return true;
    }
    if (reader->fields[column].length > 0) {
        reader->bad_field = column;
        return fault(scan, "a member that was not there before");
    }
    reader->fields[column] = value;
    return true;
}

static bool read_members(struct scan *scan, uint32_t node);

/* One item of the list of lines; where the next begins goes to list_at. */
static bool read_line(struct scan *scan)
{
    bool is_end, is_object = scan->at < scan->end && *scan->at == '{';
    if (!(is_object ? read_members(scan, scan->columns->lines) : pass_value(scan, NULL)) ||
        !read_comma(scan, ']', &is_end))
        return false;
    scan->list_at = is_end ? NULL : scan->at;
    return true;
}

/* The list of lines, which has one: the first is read, the others only passed. */
static bool read_lines(struct scan *scan)
{
    if (!go_deeper(scan) || !read_line(scan)) return false;
    for (bool is_end = !scan->list_at; !is_end;)
        if (!pass_value(scan, NULL) || !read_comma(scan, ']', &is_end)) return false;
    scan->depth--;
    return true;
}

/* Pairs of key and value become members; the text of any other list is the field. */
static bool read_list(struct scan *scan, uint32_t node)
{
    const char *from = scan->at++;
    bool is_end = false, is_all_pairs = true, is_lines = node && node == scan->columns->lines;
    skip_space(scan);
    bool holds_objects = scan->at < scan->end && *scan->at == '{';
    if (is_lines && holds_objects) return read_lines(scan);
    if (!go_deeper(scan)) return false;
    if (scan->at < scan->end && *scan->at == ']') { scan->at++; is_end = true; is_all_pairs = false; }
    while (!is_end) {
        struct text key = { 0 }, name = { 0 }, value = { 0 };
        struct scan look = *scan;
        bool is_pair = is_all_pairs && look.at < look.end && *look.at++ == '{';
        if (is_pair) skip_space(&look);
        is_pair = is_pair && read_name(&look, &name) && text_equal(name, text_of("key")) &&
                  look.at < look.end && *look.at == '"' && read_string(&look, &key);
        bool is_key_end = false;
        is_pair = is_pair && read_comma(&look, '}', &is_key_end) && !is_key_end && read_name(&look, &name) &&
                  text_equal(name, text_of("value"));
        is_all_pairs &= is_pair;
        if (is_pair) {
            *scan = look;
            if (!pass_value(scan, &value) || !read_comma(scan, '}', &is_end)) return false;
            uint32_t child = find_node(scan, node, key, 0);
            if (child && !keep_field(scan, child, value)) return false;
            while (!is_end)
                if (!read_name(scan, &name) || !pass_value(scan, NULL) || !read_comma(scan, '}', &is_end))
                    return false;
        } else if (!pass_value(scan, NULL)) {
            return false;
        }
        if (!read_comma(scan, ']', &is_end)) return false;
    }
    scan->depth--;
    if (scan->columns->is_learning && node && holds_objects && !is_all_pairs)
        scan->reader->dialect.json->nodes[node].holds_objects = true;
    return is_all_pairs || !node || is_lines || keep_field(scan, node, (struct text){ from, (size_t)(scan->at - from) });
}

static bool read_value(struct scan *scan, uint32_t node);

/* MongoDB writes a value of a type of its own as an object of one member. */
static bool is_typed_value(const struct scan *scan, struct text *ret_name, const char **ret_at)
{
    static const char *const types[] = { "$oid", "$date", "$numberLong", "$numberInt", "$numberDouble",
                                         "$numberDecimal", "$uuid" };
    struct scan look = *scan;
    look.at++;
    skip_space(&look);
    if (look.at + 1 >= look.end || look.at[0] != '"' || look.at[1] != '$' || !read_name(&look, ret_name)) return false;
    *ret_at = look.at;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal(*ret_name, text_of(types[i]))) return true;
    return false;
}

static bool read_typed_value(struct scan *scan, uint32_t node, const char *at)
{
    bool is_end = false;
    struct text name;
    scan->at = at;
    if (!go_deeper(scan) || !read_value(scan, node) || !read_comma(scan, '}', &is_end)) return false;
    while (!is_end)
        if (!read_name(scan, &name) || !pass_value(scan, NULL) || !read_comma(scan, '}', &is_end)) return false;
    scan->depth--;
    return true;
}

static bool read_value(struct scan *scan, uint32_t node)
{
    struct text text = { 0 };
    const char *at;
    if (!is_container(scan)) return read_scalar(scan, &text) && keep_field(scan, node, text);
    if (*scan->at != '{') return read_list(scan, node);
    return node && is_typed_value(scan, &text, &at) ? read_typed_value(scan, node, at) : read_members(scan, node);
}

static bool read_members(struct scan *scan, uint32_t node)
{
    uint32_t previous = 0;
    bool is_end = false;
    scan->at++;
    if (!go_deeper(scan)) return false;
    skip_space(scan);
    if (scan->at < scan->end && *scan->at == '}') { scan->at++; is_end = true; }
    while (!is_end) {
        struct text name;
        if (!read_name(scan, &name)) return false;
        uint32_t member = find_node(scan, node, name, previous);
        if (member) previous = member;
        else scan->reader->n_unknown++;
        if (member ? !read_value(scan, member) : !pass_value(scan, NULL)) return false;
        if (!read_comma(scan, '}', &is_end)) return false;
    }
    scan->depth--;
    return true;
}

/* ---- Records one after another ---- */

/* Past the brace that closes the one at start, by quotes and braces alone; NULL: there is none. */
static const char *find_close(const char *start, const char *end)
{
    size_t depth = 0;
    bool is_quoted = false;
    for (const char *at = start; at < end; at++) {
        if (is_quoted && *at == '\\') at++;
        else if (*at == '"') is_quoted = !is_quoted;
        else if (!is_quoted && *at == '{') depth++;
        else if (!is_quoted && *at == '}' && --depth == 0) return at + 1;
    }
    return NULL;
}

/* The record at start is given up at its end if that can be told, else at the end of the line. */
static enum csv_step give_up(struct csv_reader *reader, const char *start, const char *at, const char *what)
{
    bool is_spread = reader->dialect.json->is_spread;
    const char *close = is_spread && *start == '{' ? find_close(start, reader->end) : NULL;
    const char *newline = close                ? NULL
                          : at < reader->end ? memchr(at, '\n', (size_t)(reader->end - at))
                                             : NULL;
    if (!close && !newline && !reader->is_last && reader->end - start < CSV_LINE_MAX) return CSV_END;
    const char *stop = close ? close : newline ? newline : reader->end;
    reader->raw = (struct text){ start, (size_t)(stop - start) };
    if (reader->raw.length > 0 && reader->raw.at[reader->raw.length - 1] == '\r') reader->raw.length--;
    reader->row_line = reader->line;
    if (what && at >= reader->end)
        snprintf(reader->reason_text, sizeof reader->reason_text,
                 "it is cut off: JSON that ends where %s should be", what);
    else if (what)
        snprintf(reader->reason_text, sizeof reader->reason_text,
                 "malformed JSON at byte %zu of the record: %s expected", (size_t)(at - start) + 1, what);
    else
        snprintf(reader->reason_text, sizeof reader->reason_text, "the record is longer than 1 MiB");
    reader->reason = reader->reason_text;
    for (const char *c = start; (c = memchr(c, '\n', (size_t)(stop - c))); c++) reader->line++;
    reader->line += newline != NULL;
    reader->at = newline ? newline + 1 : reader->end;
    reader->is_skipping = !close && (!newline || is_spread);
    if (close) reader->at = close;
    return CSV_BAD;
}

static void skip_line(struct csv_reader *reader)
{
    size_t left = (size_t)(reader->end - reader->at);
    const char *newline = left > 0 ? memchr(reader->at, '\n', left) : NULL;
    reader->at = newline ? newline + 1 : reader->end;
    reader->line += newline != NULL;
    reader->is_skipping = !newline;
}

/* In spread JSON a line that begins with an object is taken for the beginning of a record. */
static void skip_lines(struct csv_reader *reader)
{
    do {
        const char *at = reader->at;
        while (at < reader->end && (*at == ' ' || *at == '\t' || *at == ',')) at++;
        if (at < reader->end && *at == '{' && (reader->at == reader->begin || reader->at[-1] == '\n')) {
            reader->is_skipping = false;
            return;
        }
        skip_line(reader);
    } while (!reader->is_skipping);
}

/* Past what may stand between records. */
static void skip_between(struct csv_reader *reader)
{
    bool is_spread = reader->dialect.json->is_spread;
    for (; reader->at < reader->stop; reader->at++) {
        char c = *reader->at;
        if (c == ']' && reader->dialect.json->is_enveloped) { reader->at = reader->stop; return; }
        if (c == '\n') reader->line++;
        else if (c != ' ' && c != '\t' && c != '\r' && !(is_spread && (c == ',' || c == '[' || c == ']'))) return;
    }
}

/* The record's next line: its members are read anew, all others stay. */
static enum csv_step next_line(struct csv_reader *reader)
{
    const struct json_columns *columns = reader->dialect.json;
    struct scan scan = { .reader = reader, .columns = columns, .at = reader->list_at, .end = reader->end,
                         .used = reader->list_used, .depth = 1 };
    for (size_t i = 0; i < columns->n_columns; i++)
        if (json_column_is_of_line(columns, i)) reader->fields[i] = (struct text){ "", 0 };
    reader->bad_field = CSV_COLUMNS_MAX;
    reader->list_at = NULL;
    reader->list_index++;
    if (!read_line(&scan)) {
        snprintf(reader->reason_text, sizeof reader->reason_text, "malformed JSON in a line of the record: %s expected",
                 reader->reason);
        reader->reason = reader->reason_text;
        return CSV_BAD;
    }
    reader->list_at = scan.list_at;
    reader->n_fields = columns->n_columns;
    return CSV_ROW;
}

enum csv_step json_rows_next(struct csv_reader *reader)
{
    const struct json_columns *columns = reader->dialect.json;
    if (reader->list_at) return next_line(reader);
    if (reader->is_skipping && columns->is_spread) skip_lines(reader);
    else if (reader->is_skipping) skip_line(reader);
    skip_between(reader);
    const char *start = reader->at;
    if (start >= reader->stop) return CSV_END;
    struct scan scan = { .reader = reader, .columns = columns, .at = start, .end = reader->end };
    for (size_t i = 0; i < columns->n_columns; i++) reader->fields[i] = (struct text){ "", 0 };
    reader->bad_field = CSV_COLUMNS_MAX;
    bool ok = *start == '{' ? read_members(&scan, 0) : fault(&scan, "an object");
    if (!ok && scan.is_cut && !reader->is_last && reader->end - start < CSV_LINE_MAX) return CSV_END;
    if (scan.at - start > CSV_LINE_MAX || (!ok && scan.is_cut && !reader->is_last))
        return give_up(reader, start, scan.at, NULL);
    if (!ok) return give_up(reader, start, scan.at, reader->reason);
    reader->raw = (struct text){ start, (size_t)(scan.at - start) };
    reader->row_line = reader->line;
    if (columns->is_spread) {
        for (const char *c = start; (c = memchr(c, '\n', (size_t)(scan.at - c))); c++) reader->line++;
    } else {
        skip_space(&scan);
        if (scan.at >= scan.end && !reader->is_last) return CSV_END;    /* what follows it is not known */
        if (scan.at < scan.end && *scan.at != '\n') return give_up(reader, start, scan.at, "the end of the line");
        if (scan.at < scan.end) scan.at++, reader->line++;
    }
    reader->at = scan.at;
    reader->list_at = scan.list_at, reader->list_used = scan.used, reader->list_index = 0;
    reader->n_fields = columns->n_columns;
    return CSV_ROW;
}
