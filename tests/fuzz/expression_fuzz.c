/* Any text as a condition: an error or a truth for each of two rows, in bounded time, never a crash; the truth of
 * a row does not depend on the row before it.  Its parts lie within it, one behind the other. */
#include "condition/condition_parts.h"
#include "condition/expression.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct expression_column columns[] = {
    { "a", EXPRESSION_NUMBER }, { "b", EXPRESSION_NUMBER }, { "t", EXPRESSION_TEXT },
    { "odd \"name", EXPRESSION_TEXT },
};

static struct expression_value value_of(void *context, size_t column)
{
    static char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    int row = *(const int *)context;
    if (column == 3) return (struct expression_value){ .kind = EXPRESSION_IS_NULL };
    if (column == 2)
        return (struct expression_value){ .kind = EXPRESSION_IS_TEXT, .text = text_of(row ? letters : "3") };
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = row ? 1e300 : 3 - (double)column };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[EXPRESSION_MOST_BYTES + 2];
    struct expression *expression;
    struct err err;
    bool first[2] = { false }, again = false;
    if (size >= sizeof text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    struct text parts[CONDITION_PARTS_MOST];
    bool is_or;
    size_t n_parts = condition_parts((struct text){ text, size }, parts, &is_or);
    assert(n_parts >= 1 && n_parts <= CONDITION_PARTS_MOST);
    for (size_t i = 0; i < n_parts; i++)
        assert(parts[i].at >= (i ? parts[i - 1].at + parts[i - 1].length : text) &&
               parts[i].at + parts[i].length <= text + size);
    for (int is_lenient = 0; is_lenient < 2; is_lenient++) {
        if (!expression_compile_columns(text, columns, 4, is_lenient, &expression, &err)) continue;
        bool ok[2];
        for (int row = 0; row < 2; row++)
            ok[row] = expression_holds(expression, value_of, &row, &first[row], &err);
        for (int row = 1; row >= 0; row--) {
            bool is_ok = expression_holds(expression, value_of, &row, &again, &err);
            assert(is_ok == ok[row]);
            assert(!is_ok || again == first[row]);
        }
        expression_free(expression);
    }
    return 0;
}
