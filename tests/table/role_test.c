/* Names of columns, roles and shapes. */
#include "table/role.h"
#include "support.h"

Test(role, well_known_names_speak_for_their_role)
{
    cr_assert(role_name_score(ROLE_CUSTOMER, "Customer ID") > role_name_score(ROLE_CUSTOMER, "id"));
    cr_assert(role_name_score(ROLE_ORDER, "InvoiceNo") > 50);
    cr_assert_eq(role_name_score(ROLE_QUANTITY, "number_of_cds"), 1, "a part of the name");
    cr_assert_eq(role_name_score(ROLE_AMOUNT, "colour"), 0);
}

Test(role, what_a_name_rules_out_is_a_part_and_never_a_whole_name)
{
    cr_assert(role_name_score(ROLE_TIME, "order_purchase_timestamp") > ROLE_NAME_PART);
    cr_assert_eq(role_name_score(ROLE_TIME, "my_timestamp"), 1);
    cr_assert_eq(role_name_score(ROLE_TIME, "updated_at"), 0);
    cr_assert_eq(role_name_score(ROLE_TIME, "delivery date"), 0);
    cr_assert_eq(role_name_score(ROLE_AMOUNT, "account balance total"), 0);
    cr_assert_eq(role_name_score(ROLE_AMOUNT, "total_orders"), 0);
    cr_assert_eq(role_name_score(ROLE_CUSTOMER, "Notification email"), 3);
    cr_assert(role_name_score(ROLE_AMOUNT, "Wartość zamówienia") > ROLE_NAME_PART, "letters beyond Latin-1");
    cr_assert(role_name_score(ROLE_ORDER, "Nº de pedido") > ROLE_NAME_PART);
    cr_assert(role_name_score(ROLE_QUANTITY, "Stückzahl") > ROLE_NAME_PART, "without accents");
}

Test(role, words_find_what_they_name)
{
    for (int i = 0; i < ROLES; i++) {
        enum role role;
        cr_assert(role_find(text_of(role_word((enum role)i)), &role) && role == (enum role)i);
    }
    for (int i = 0; i < SHAPES; i++) {
        enum shape shape;
        cr_assert(shape_find(shape_word((enum shape)i), &shape) && shape == (enum shape)i);
    }
}
