/* row_reader.c - see row_reader.h. */
#include "warehouse/row_reader.h"

#include <jansson.h>
#include <string.h>

static uint64_t row_reader_length(struct row_reader *reader)
{
    uint64_t number = 0;
    for (int shift = 0; !reader->is_bad && shift < 64 && reader->at < reader->end; shift += 7) {
        unsigned char byte = (unsigned char)*reader->at++;
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return number;
    }
    reader->is_bad = true;
    return 0;
}

int64_t row_reader_number(struct row_reader *reader, size_t width)
{
    uint64_t number = 0;
    if (reader->is_bad || (size_t)(reader->end - reader->at) < width) {
        reader->is_bad = true;
        return 0;
    }
    memcpy(&number, reader->at, width);
    reader->at += width;
    return (int64_t)number;
}

struct text row_reader_text(struct row_reader *reader)
{
    uint64_t length = row_reader_length(reader);
    if (reader->is_bad || length > (uint64_t)(reader->end - reader->at)) {
        reader->is_bad = true;
        return text_of("");
    }
    struct text text = { reader->at, (size_t)length };
    reader->at += length;
    return text;
}

bool row_reader_properties(struct row_reader *reader, FILE *out, struct arena *arena)
{
    uint64_t n = row_reader_length(reader);
    if (reader->is_bad || n > (uint64_t)(reader->end - reader->at)) return !(reader->is_bad = true);
    struct text *names = ARENA_ARRAY(arena, struct text, n + 1);
    for (uint64_t i = 0; i < n; i++) names[i] = row_reader_text(reader);
    if (row_reader_length(reader) != n) reader->is_bad = true;
    json_t *object = n && !reader->is_bad ? json_object() : NULL;
    for (uint64_t i = 0; i < n && !reader->is_bad; i++) {
        struct text value = row_reader_text(reader);
        if (memchr(names[i].at, '\0', names[i].length)) reader->is_bad = true; /* no name here has one */
        json_object_setn_new(object, names[i].at, names[i].length, json_stringn(value.at, value.length));
    }
    if (object && !reader->is_bad) (void)json_dumpf(object, out, JSON_COMPACT);
    json_decref(object);
    return !reader->is_bad;
}
