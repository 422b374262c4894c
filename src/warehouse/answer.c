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
