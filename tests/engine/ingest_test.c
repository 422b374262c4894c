/* The writer: what is answered is there, once, in order; what fails leaves nothing. */
#include "engine/ingest_support.h"

Test(ingest, an_answered_message_is_in_the_log)
{
    static struct desk desk;
    desk_open(&desk, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(2);
    parcel_add(&parcel, "ada", "m1");
    parcel_add(&parcel, "bob", "m2");
    struct ingest_outcome outcome = desk_put(&desk, &parcel);
    cr_assert_eq(outcome.err.code, ERR_NONE);
    cr_assert_eq(outcome.n_accepted, 2);
    cr_assert_eq(desk_count(&desk), 2);
    desk_reopen(&desk);
    cr_assert_eq(desk_count(&desk), 2);
    desk_close(&desk);
}

Test(ingest, a_message_sent_again_is_there_once_even_after_a_restart)
{
    static struct desk desk;
    desk_open(&desk, support_path("a.holdfast"));
    struct parcel parcel = parcel_new(3);
    parcel_add(&parcel, "ada", "m1");
    parcel_add(&parcel, "ada", "m2");
    parcel_add(&parcel, "ada", "m1");
    struct ingest_outcome outcome = desk_put(&desk, &parcel);
    cr_assert_eq(outcome.n_accepted, 2);
    cr_assert_eq(outcome.n_repeated, 1);
    for (int round = 0; round < 2; round++) {
        parcel = parcel_new(1);
        parcel_add(&parcel, "ada", "m2");
        outcome = desk_put(&desk, &parcel);
        cr_assert_eq(outcome.n_accepted, 0);
        cr_assert_eq(outcome.n_repeated, 1);
        desk_reopen(&desk);
    }
    cr_assert_eq(desk_count(&desk), 2);
    desk_close(&desk);
}
