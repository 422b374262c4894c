/* matrix_csv.c - see matrix_csv.h. */
#include "feature/matrix_csv.h"

#include "base/nine_digits.h"

#include <math.h>

static void put_value(struct output *out, float value)
{
    char text[1 + NINE_DIGITS_BYTES] = ",";
    output_bytes(out, text, 1 + (isnan(value) ? 0 : nine_digits(value, text + 1)));
}

void matrix_csv(struct output *out, const struct log *log, const struct matrix *matrix, const char *const *names)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    output_text(out, "customer");
    for (size_t c = 0; c < matrix->n_columns; c++) output_text(out, ","), output_csv_field(out, names[c]);
    output_text(out, "\n");
    for (size_t i = 0; i < matrix->n_rows; i++) {
        struct text name = log_name(log, DICTIONARY_IDENTITY, matrix->identity[i]);
        arena_reset(arena);
        output_csv_field(out, arena_format(arena, "%.*s", (int)name.length, name.at));
        for (size_t c = 0; c < matrix->n_columns; c++)
            put_value(out, matrix->values[i * matrix->n_columns + c]);
        output_text(out, "\n");
    }
    arena_free(arena);
}
