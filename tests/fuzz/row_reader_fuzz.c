/* row_reader_fuzz.c - any bytes as rows of a warehouse: read to their end or bad, and what came as properties is
 * one flat object of texts; as rows of one width they
 * count only with their count, however they are cut on their way. */
#include "warehouse/counted_rows.h"
#include "warehouse/row_reader.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rows(const char *bytes, size_t size)
{
    struct row_reader reader = { bytes, bytes + size, false };
    struct arena *arena = arena_new((size_t)1 << 28);
    while (!reader.is_bad && reader.at < reader.end) {
        char *json = NULL;
        size_t n_json = 0;
        FILE *out = open_memstream(&json, &n_json);
        const char *before = reader.at;
        assert(out);
        (void)row_reader_text(&reader);
        (void)row_reader_number(&reader, 8);
        bool is_read = row_reader_properties(&reader, out, arena);
        (void)fclose(out);
        assert(is_read == !reader.is_bad && (!is_read || reader.at > before) && reader.at <= reader.end);
        json_t *object = n_json ? json_loadb(json, n_json, JSON_ALLOW_NUL, NULL) : NULL;
        assert(n_json == 0 || (is_read && json_is_object(object)));
        json_decref(object);
        free(json);
    }
    arena_free(arena);
}

static void count_row(void *context, const char *row)
{
    assert(memcmp(row, &(int64_t){ INT64_MIN }, 8) != 0);
    ++*(size_t *)context;
}

/* Whether they count, in pieces of so many bytes. */
static bool is_whole(const char *bytes, size_t size, size_t piece)
{
    size_t n = 0;
    struct counted_rows rows = { .row_bytes = 24, .take = count_row, .context = &n };
    struct err err = { 0 };
    for (size_t at = 0; at < size; at += piece)
        assert(counted_rows_take(&rows, bytes + at, size - at < piece ? size - at : piece));
    bool is = counted_rows_check(&rows, "there", &err);
    if (is) assert(size == 24 * (n + 1));
    else assert(err.text[0]);
    counted_rows_free(&rows);
    return is;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    read_rows(bytes, size);
    assert(is_whole(bytes, size, size + 1) == is_whole(bytes, size, 7));
    return 0;
}
