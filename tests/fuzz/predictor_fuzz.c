/* A saved model's bytes, with whatever checksum: loading must refuse or give a predictor that works. */
#include "base/arena.h"
#include "base/hash.h"
#include "model/predictor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 16 };     /* magic, version, checksum */
    struct arena *arena = arena_new((size_t)1 << 30);
    struct predictor *predictor;
    struct err err;
    uint8_t *bytes = arena_alloc(arena, size + 1, 1);
    if (size) memcpy(bytes, data, size);
    if (size > HEAD) {      /* a right checksum lets the search get past it */
        uint64_t sum = hash_xxh64(bytes + HEAD, size - HEAD);
        memcpy(bytes + 8, &sum, sizeof sum);
    }
    if (predictor_load(bytes, size, arena, &predictor, &err)) {
        size_t n = predictor_columns(predictor), length;
        float *row = ARENA_ARRAY(arena, float, n + 1);
        double *contribution = ARENA_ARRAY(arena, double, n + 1), base;
        const uint8_t *saved;
        for (size_t c = 0; c < n; c++) row[c] = (float)c;
        double score = predictor_score(predictor, row);
        (void)predictor_calibrate(predictor, score);
        predictor_explain(predictor, row, contribution, &base);
        predictor_save(predictor, arena, &saved, &length);
        bool is_same_version = memcmp(saved, bytes, 8) == 0;
        if (is_same_version && (length != size || memcmp(saved, bytes, size) != 0)) abort();   /* nothing is lost */
    }
    arena_free(arena);
    return 0;
}
