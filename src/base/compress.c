/* compress.c - see compress.h; the only file that includes zstd.h. */
#include "base/compress.h"

#include <zstd.h>

enum { FASTEST_LEVEL = 1 };

/* The two are zstd's own contexts under names of ours. */
static ZSTD_CCtx *context_of(struct compressor *compressor)       { return (ZSTD_CCtx *)compressor; }
static ZSTD_DCtx *reader_of(struct decompressor *decompressor)    { return (ZSTD_DCtx *)decompressor; }

struct compressor *compressor_new(void)                     { return (struct compressor *)ZSTD_createCCtx(); }
void compressor_free(struct compressor *compressor)         { ZSTD_freeCCtx(context_of(compressor)); }
struct decompressor *decompressor_new(void)                 { return (struct decompressor *)ZSTD_createDCtx(); }
void decompressor_free(struct decompressor *decompressor)   { ZSTD_freeDCtx(reader_of(decompressor)); }

size_t compress_block(struct compressor *compressor, const void *bytes, size_t length, void *ret_bytes, size_t room)
{
    if (room >= length) room = length ? length - 1 : 0;     /* stop as soon as it does not pay */
    size_t written = ZSTD_compressCCtx(context_of(compressor), ret_bytes, room, bytes, length, FASTEST_LEVEL);
    return ZSTD_isError(written) ? 0 : written;
}

bool decompress_block(struct decompressor *decompressor, const void *bytes, size_t length, void *ret_bytes,
                size_t wanted)
{
    return ZSTD_decompressDCtx(reader_of(decompressor), ret_bytes, wanted, bytes, length) == wanted;
}

const char *decompress_some(struct decompressor *decompressor, const void *packed, size_t n_packed, size_t *at,
                            void *ret_bytes, size_t room, size_t *ret_written, bool *ret_is_whole)
{
    ZSTD_inBuffer in = { packed, n_packed, *at };
    ZSTD_outBuffer out = { ret_bytes, room, 0 };
    size_t status = ZSTD_decompressStream(reader_of(decompressor), &out, &in);
    if (ZSTD_isError(status)) return ZSTD_getErrorName(status);
    *at = in.pos;
    *ret_written = out.pos;
    *ret_is_whole = status == 0;
    return NULL;
}
