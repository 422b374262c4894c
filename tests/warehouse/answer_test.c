/* Answers of a server count only when they are whole, and nothing is set aside for more than has come. */
#include "warehouse/answer.h"

#include "support.h"

Test(answer, a_count_of_rows_is_believed_only_as_far_as_bytes_came)
{
    struct answer answer = { 0 };
    cr_assert(answer_holds(&answer, 0, 46), "nothing came, of nothing");
    cr_assert(!answer_holds(&answer, 1, 46), "a row without a byte");
    cr_assert(answer_add(&answer, "0123456789abcde", 15), "15 bytes");
    cr_assert(answer_holds(&answer, 3, 5), "three rows of five bytes");
    cr_assert(!answer_holds(&answer, 4, 5), "a fourth has no room");
    cr_assert(!answer_holds(&answer, INT64_MAX, 5), "a count that no memory holds");
    cr_assert(!answer_holds(&answer, -1, 5), "less than none");
    answer_free(&answer);
}

Test(answer, what_would_be_more_than_its_limit_is_left_out_and_said)
{
    struct answer answer = { .most = 8 };
    cr_assert(answer_add(&answer, "012345", 6) && !answer.is_over, "six of eight bytes");
    cr_assert(!answer_add(&answer, "678", 3), "a ninth");
    cr_assert(answer.is_over && answer.n == 6, "%zu bytes are kept", answer.n);
    answer_free(&answer);
    cr_assert(!answer.is_over && answer_add(&answer, "01234567", 8), "empty again, all eight");
    cr_assert(!answer_add(&answer, "8", 1), "the limit stays");
    answer_free(&answer);
}
