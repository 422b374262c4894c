/* number_fuzz.c - any bytes are a number or none: digits stay in their room, what is read is a number. */
#include "base/number.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    char *bytes = malloc(size);         /* exactly as long, so that reading on is seen */
    memcpy(bytes, data + 1, size - 1);
    struct text text = text_trim((struct text){ bytes, size - 1 });
    char decimal = data[0] % 2 ? ',' : '.';
    struct number number;
    double value = 0;
    bool is_found = number_find(text, &number), is_read = number_double(text, decimal, &value);
    assert(!is_found || (number.n > 0 && number.n <= NUMBER_BYTES));
    assert(!is_found || number.unit != NUMBER_WORD ||
           (number.word.at >= bytes && number.word.at + number.word.length <= bytes + size - 1));
    assert(!is_read || !isnan(value));
    int vote = number_decimal_vote(text);
    assert(vote >= -1 && vote <= 1);
    free(bytes);
    return 0;
}
