/* Files that are looked at as they are: what their cells say, whatever program wrote them. */
#include "support.h"
#include "table/frame.h"

#include <math.h>

static bool read(const char *csv, struct arena *arena, struct frame *ret_frame, struct err *err)
{
    const char *path = arena_copy(arena, support_path("frame.csv"));
    support_write(path, csv, strlen(csv));
    return frame_open(path, NULL, arena, ret_frame, err);
}

Test(frame, a_comma_before_the_decimals_is_understood_where_a_column_says_so)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct frame frame;
    struct err err;
    double *values;
    ASSERT_OK(read("who;fee;pieces;odd\na;19,90;1,000;1.5\nb;1.250,00;2,000;1,5\nc;7;3,000;2\n", arena, &frame, &err), &err);
    ASSERT_OK(frame_numbers(&frame, "fee", arena, &values, &err), &err);
    cr_assert(values[0] == 19.9 && values[1] == 1250 && values[2] == 7);
    ASSERT_OK(frame_numbers(&frame, "fee * 2", arena, &values, &err), &err);
    cr_assert(values[0] == 39.8);
    ASSERT_OK(frame_numbers(&frame, "pieces", arena, &values, &err), &err);
    cr_assert(values[0] == 1000, "what may be thousands is");
    ASSERT_FAILS(frame_numbers(&frame, "odd", arena, &values, &err), &err, ERR_INVALID, "line 3, column odd: '1,5' is no number");
    arena_free(arena);
}

Test(frame, letters_of_an_older_encoding_are_those_that_are_asked_for)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct frame frame;
    struct err err;
    double *values;
    ASSERT_OK(read("qui\xe9n;baja\nI\xf1igo;s\xed\n\"O\"\"Neill, \xc1ngel\";no\n", arena, &frame, &err), &err);
    cr_assert_str_eq(frame.names[0], "quién");
    cr_assert(text_equal(frame.cells[0], text_of("Iñigo")) && text_equal(frame.cells[2], text_of("O\"Neill, Ángel")));
    ASSERT_OK(frame_numbers(&frame, "baja = 'sí'", arena, &values, &err), &err);
    cr_assert(values[0] == 1 && values[1] == 0);
    arena_free(arena);
}

Test(frame, a_word_where_a_number_is_wanted_is_said_how_to_ask_for)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct frame frame;
    struct err err;
    double *values;
    ASSERT_OK(read("who,stayed\na,yes\nb,no\n", arena, &frame, &err), &err);
    ASSERT_FAILS(frame_numbers(&frame, "stayed", arena, &values, &err), &err, ERR_INVALID, "such as \"stayed = 'yes'\"");
    arena_free(arena);
}
