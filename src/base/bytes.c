/* bytes.c - see bytes.h.  Numbers are written as this machine has them, which must be little-endian. */
#include "base/bytes.h"

#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "saved models are little-endian");

void write_bytes(struct bytes_writer *writer, const void *bytes, size_t length)
{
    if (!writer->arena) {
        writer->length += length;
        return;
    }
    if (writer->length + length > writer->room) {
        size_t room = 2 * (writer->length + length) + 256;
        uint8_t *grown = arena_alloc(writer->arena, room, 1);
        if (writer->length) memcpy(grown, writer->bytes, writer->length);
        writer->bytes = grown;
        writer->room = room;
    }
    if (length) memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

void write_u32(struct bytes_writer *writer, uint32_t value)  { write_bytes(writer, &value, sizeof value); }
void write_f64(struct bytes_writer *writer, double value)    { write_bytes(writer, &value, sizeof value); }

void write_text(struct bytes_writer *writer, const char *text)
{
    write_u32(writer, (uint32_t)strlen(text));
    write_bytes(writer, text, strlen(text));
}

void write_f32s(struct bytes_writer *writer, const float *values, size_t n)
{
    write_bytes(writer, values, n * sizeof *values);
}
void write_f64s(struct bytes_writer *writer, const double *values, size_t n)
{
    write_bytes(writer, values, n * sizeof *values);
}

bool read_bytes(struct bytes_reader *reader, void *ret_bytes, size_t length)
{
    if (reader->is_bad || (size_t)(reader->end - reader->at) < length) {
        reader->is_bad = true;
        memset(ret_bytes, 0, length);
        return false;
    }
    if (length) memcpy(ret_bytes, reader->at, length);
    reader->at += length;
    return true;
}

uint32_t read_u32(struct bytes_reader *reader, uint32_t largest)
{
    uint32_t value;
    read_bytes(reader, &value, sizeof value);
    if (value > largest) reader->is_bad = true;
    return reader->is_bad ? 0 : value;
}

double read_f64(struct bytes_reader *reader)
{
    double value;
    read_bytes(reader, &value, sizeof value);
    if (!isfinite(value)) reader->is_bad = true;
    return reader->is_bad ? 0 : value;
}

/* Room for n items of size bytes that must still be there to be read; NULL and bad if they are not. */
static void *room_for(struct bytes_reader *reader, struct arena *arena, size_t n, size_t size)
{
    if (!reader->is_bad && n > (size_t)(reader->end - reader->at) / size) reader->is_bad = true;
    return reader->is_bad ? NULL : arena_alloc(arena, n, size);
}

const char *read_text(struct bytes_reader *reader, struct arena *arena, size_t longest)
{
    uint32_t length = read_u32(reader, (uint32_t)longest);
    if (reader->is_bad || length > (size_t)(reader->end - reader->at)) {
        reader->is_bad = true;
        return "";
    }
    char *text = arena_alloc(arena, length + 1, 1);
    read_bytes(reader, text, length);
    if (strlen(text) != length) reader->is_bad = true;
    return text;
}

float *read_f32s(struct bytes_reader *reader, struct arena *arena, size_t n)
{
    float *values = room_for(reader, arena, n, sizeof *values);
    if (!values || !read_bytes(reader, values, n * sizeof *values)) return NULL;
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i])) reader->is_bad = true;
    return reader->is_bad ? NULL : values;
}

double *read_f64s(struct bytes_reader *reader, struct arena *arena, size_t n)
{
    double *values = room_for(reader, arena, n, sizeof *values);
    if (!values || !read_bytes(reader, values, n * sizeof *values)) return NULL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) reader->is_bad = true;
    return reader->is_bad ? NULL : values;
}
