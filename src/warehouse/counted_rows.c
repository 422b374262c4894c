/* counted_rows.c - see counted_rows.h. */
#include "warehouse/counted_rows.h"

#include "base/memory.h"
#include "warehouse/answer.h"

#include <stdlib.h>
#include <string.h>

static void keep_last(struct counted_rows *rows, const char *bytes, size_t n)
{
    if (n > COUNTED_LAST_BYTES) bytes += n - COUNTED_LAST_BYTES, n = COUNTED_LAST_BYTES;
    size_t kept = rows->n_last < COUNTED_LAST_BYTES - n ? rows->n_last : COUNTED_LAST_BYTES - n;
    memmove(rows->last, rows->last + rows->n_last - kept, kept);
    memcpy(rows->last + kept, bytes, n);
    rows->n_last = kept + n;
}

static bool take_row(struct counted_rows *rows, const char *row)
{
    if (rows->most && rows->n + rows->n_counts == rows->most) {
        rows->is_over = true;
        return false;
    }
    if (answer_i64(row) == INT64_MIN) {
        rows->n_counts++;
        rows->counted = (uint64_t)answer_i64(row + 8);
    } else {
        rows->n++;
        rows->take(rows->context, row);
    }
    return true;
}

bool counted_rows_take(void *context, const char *bytes, size_t n)
{
    struct counted_rows *rows = context;
    size_t width = rows->row_bytes;
    if (!rows->part) rows->part = memory_new(width, 1);
    rows->n_bytes += n;
    keep_last(rows, bytes, n);
    while (n > 0) {
        if (rows->n_part == 0 && n >= width) {
            if (!take_row(rows, bytes)) return false;
            bytes += width, n -= width;
            continue;
        }
        size_t more = n < width - rows->n_part ? n : width - rows->n_part;
        memcpy(rows->part + rows->n_part, bytes, more);
        bytes += more, n -= more, rows->n_part += more;
        if (rows->n_part < width) break;
        rows->n_part = 0;
        if (!take_row(rows, rows->part)) return false;
    }
    return true;
}

void counted_rows_free(struct counted_rows *rows)
{
    free(rows->part);
    *rows = (struct counted_rows){
        .row_bytes = rows->row_bytes, .most = rows->most, .take = rows->take, .context = rows->context
    };
}

/* Where an error begins near the end, as servers put it into the middle of an answer; n_last: nowhere. */
static size_t error_in(const struct counted_rows *rows)
{
    for (size_t i = 0; i + 6 < rows->n_last; i++)
        if (memcmp(rows->last + i, "Code: ", 6) == 0) return i;
    return rows->n_last;
}

bool counted_rows_check(const struct counted_rows *rows, const char *server, struct err *err)
{
    if (rows->n_part == 0 && rows->n_counts == 1 && rows->counted == rows->n) return true;
    size_t words = error_in(rows), n_words = rows->n_last - words;
    if (n_words > 0)
        return err_set(err, ERR_MISSING, "%s broke off its answer: %.*s", server,
                       (int)(n_words < 300 ? n_words : 300), rows->last + words);
    return err_set(err, ERR_MISSING, "%s broke off its answer after %zu bytes", server, rows->n_bytes);
}
