/* catalogue_fuzz.c - any bytes: a catalogue or a sentence; what was kept reads back, and again changes nothing. */
#include "base/input.h"
#include "store/store.h"
#include "table/catalogue.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/catalogue_fuzz.XXXXXX";
    struct arena *arena = arena_new((size_t)1 << 30);
    struct catalogue_file *file;
    struct err err;
    int fd = mkstemp(path);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    struct input *input = NULL;
    if (input_open(path, NULL, &input, &err) && catalogue_read(input, NULL, arena, &file, &err)) {
        struct store *store;
        struct catalogue_result first, again;
        struct catalogue catalogue;
        bool ok = store_open(":memory:", STORE_CREATE, &store, &err) &&
                  catalogue_put(store, file, 1, arena, &first, &err) &&
                  catalogue_put(store, file, 2, arena, &again, &err) &&
                  catalogue_load(store, 9, arena, &catalogue, &err);
        assert(ok && again.n_same == first.n_rows && catalogue.n == first.n_new);
        for (size_t i = 0; i < catalogue.n; i++)
            assert(catalogue_find(&catalogue, catalogue.items[i].name) == &catalogue.items[i]);
        store_close(store);
    } else {
        assert(err.text[0]);
    }
    input_close(input);
    (void)close(fd);
    (void)unlink(path);
    arena_free(arena);
    return 0;
}
