/* Rows count only with the row that says how many there are, however they are cut on their way. */
#include "warehouse/counted_rows.h"

#include "support.h"

#include <string.h>

enum { WIDTH = 16 };

struct taken {
    size_t n;
    int64_t numbers[8];
};

static void take(void *context, const char *row)
{
    struct taken *taken = context;
    memcpy(&taken->numbers[taken->n++], row, 8);
}

static const int64_t whole[] = { 7, 1, 8, 2, 9, 3, INT64_MIN, 3 };

/* In pieces of so many bytes. */
static bool came_whole(const void *bytes, size_t n, size_t piece, struct taken *ret_taken, struct err *err)
{
    struct counted_rows rows = { .row_bytes = WIDTH, .take = take, .context = ret_taken };
    *ret_taken = (struct taken){ 0 };
    for (size_t at = 0; at < n; at += piece)
        cr_assert(counted_rows_take(&rows, (const char *)bytes + at, n - at < piece ? n - at : piece), "no limit");
    bool is_whole = counted_rows_check(&rows, "http://there", err);
    counted_rows_free(&rows);
    return is_whole;
}

Test(counted_rows, are_the_same_however_they_are_cut)
{
    struct taken taken;
    struct err err;
    for (size_t piece = 1; piece <= sizeof whole; piece++) {
        ASSERT_OK(came_whole(whole, sizeof whole, piece, &taken, &err), &err);
        cr_assert(taken.n == 3 && taken.numbers[0] == 7 && taken.numbers[1] == 8 && taken.numbers[2] == 9,
                  "%zu rows in pieces of %zu bytes", taken.n, piece);
    }
}

Test(counted_rows, count_for_nothing_where_they_end_too_early_or_too_late)
{
    struct taken taken;
    struct err err;
    int64_t longer[10];
    for (size_t n = 0; n < sizeof whole; n++)
        ASSERT_FAILS(came_whole(whole, n, 5, &taken, &err), &err, ERR_MISSING, "http://there broke off");
    memcpy(longer, whole, sizeof whole);
    longer[8] = 10, longer[9] = 4;
    ASSERT_FAILS(came_whole(longer, sizeof longer, 99, &taken, &err), &err, ERR_MISSING, "after 80 bytes");
    longer[8] = INT64_MIN, longer[9] = 3;
    ASSERT_FAILS(came_whole(longer, sizeof longer, 99, &taken, &err), &err, ERR_MISSING, "after 80 bytes");
}

Test(counted_rows, end_with_the_words_of_the_server_where_it_says_some)
{
    struct taken taken;
    struct err err;
    char bytes[sizeof whole + 64];
    memcpy(bytes, whole, 40);
    size_t n = 40 + (size_t)snprintf(bytes + 40, sizeof bytes - 40, "Code: 241, memory limit exceeded");
    for (size_t piece = 1; piece < 70; piece += 3)
        ASSERT_FAILS(came_whole(bytes, n, piece, &taken, &err), &err, ERR_MISSING,
                     "http://there broke off its answer: Code: 241, memory limit exceeded");
}

Test(counted_rows, stop_at_their_limit_and_begin_anew_when_freed)
{
    struct taken taken = { 0 };
    struct err err;
    struct counted_rows rows = { .row_bytes = WIDTH, .most = 4, .take = take, .context = &taken };
    cr_assert(counted_rows_take(&rows, (const char *)whole, sizeof whole), "four rows of four");
    cr_assert(!counted_rows_take(&rows, (const char *)whole, WIDTH) && rows.is_over && taken.n == 3, "a fifth");
    counted_rows_free(&rows);
    taken.n = 0;
    cr_assert(!rows.is_over && counted_rows_take(&rows, (const char *)whole, sizeof whole), "empty again");
    ASSERT_OK(counted_rows_check(&rows, "http://there", &err), &err);
    counted_rows_free(&rows);
}
