/* answer.c - see answer.h. */
#include "warehouse/answer.h"

#include "base/memory.h"

#include <stdlib.h>

bool answer_add(struct answer *answer, const char *bytes, size_t n)
{
    if (answer->most && n > answer->most - answer->n) {
        answer->is_over = true;
        return false;
    }
    if (answer->n + n > answer->room) {
        answer->room = 2 * (answer->n + n);
        answer->bytes = memory_grow(answer->bytes, answer->room, 1);
    }
    memcpy(answer->bytes + answer->n, bytes, n);
    answer->n += n;
    return true;
}

void answer_free(struct answer *answer)
{
    free(answer->bytes);
    *answer = (struct answer){ .most = answer->most };
}

bool answer_holds(const struct answer *answer, int64_t n_rows, size_t least_bytes)
{
    return n_rows >= 0 && (uint64_t)n_rows <= answer->n / least_bytes;
}

/* Where an error begins near the end, as servers put it into the middle of an answer; NULL: nowhere. */
static const char *error_in(const struct answer *answer, size_t *ret_n)
{
    enum { LOOKED_AT = 8192 };
    size_t from = answer->n > LOOKED_AT ? answer->n - LOOKED_AT : 0;
    for (size_t i = from; i + 6 < answer->n; i++) {
        if (memcmp(answer->bytes + i, "Code: ", 6) != 0) continue;
        *ret_n = answer->n - i;
        return answer->bytes + i;
    }
    return NULL;
}

bool answer_check(const struct answer *answer, size_t row_bytes, const char *server, struct err *err)
{
    size_t n_rows = answer->n / row_bytes, n_counts = 0, n_words = 0;
    bool is_right = answer->n % row_bytes == 0;
    for (size_t i = 0; is_right && i < n_rows; i++) {
        const char *row = answer->bytes + i * row_bytes;
        if (answer_i64(row) != INT64_MIN) continue;
        n_counts++;
        is_right = (uint64_t)answer_i64(row + 8) == n_rows - 1;
    }
    if (is_right && n_counts == 1) return true;
    const char *words = error_in(answer, &n_words);
    if (words)
        return err_set(err, ERR_MISSING, "%s broke off its answer: %.*s", server,
                       (int)(n_words < 300 ? n_words : 300), words);
    return err_set(err, ERR_MISSING, "%s broke off its answer after %zu bytes", server, answer->n);
}
