/* row_reader_fuzz.c - any bytes as rows of a warehouse: read to their end or bad, and what came as properties is
 * one flat object of texts; as an answer of rows of one width they count only with their count. */
#include "warehouse/answer.h"
#include "warehouse/row_reader.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct answer answer = { 0 };
    struct err err;
    read_rows((const char *)data, size);
    assert(answer_add(&answer, (const char *)data, size));
    if (answer_check(&answer, 24, "there", &err)) assert(size % 24 == 0 && size >= 24);
    else assert(err.text[0]);
    answer_free(&answer);
    return 0;
}
