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
    cr_assert(role_name_score(ROLE_ORDER, "N° ticket") > ROLE_NAME_PART && role_name_score(ROLE_ORDER, "pedido_id") > ROLE_NAME_PART);
    cr_assert(role_name_score(ROLE_QUANTITY, "Stückzahl") > ROLE_NAME_PART, "without accents");
}

Test(role, members_and_subscribers_are_customers_in_each_language)
{
    static const char *const names[] = { "Mitgliedsnr", "Mitgliedsnr.", "Debitorennummer", "Lidnummer", "Relatienr.",
                                         "Numéro d'adhérent", "N° client", "ID membre", "Nº de socio", "Nº socio",
                                         "Codice socio", "Numero tessera", "Sócio", "Medlemsnr", "Numer członka",
                                         "Asiakasnumero", "Guest ID", "Rider ID", "Constituent ID", "Vertragskonto", "Číslo zákazníka" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(role_name_score(ROLE_CUSTOMER, names[i]) > ROLE_NAME_PART, "%s", names[i]);
}

Test(role, a_number_says_who_rather_than_an_address_in_each_language)
{
    static const char *const pairs[][2] = { { "Customer ID", "Email" }, { "Mitgliedsnr.", "E-Mail-Adresse" },
                                            { "Lidnummer", "E-mailadres" }, { "N° adhérent", "Adresse e-mail" },
                                            { "Nº socio", "Correo electrónico" }, { "Numero tessera", "Indirizzo email" },
                                            { "Medlemsnr", "Epost" }, { "Numer członka", "Adres email" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        cr_expect(role_name_score(ROLE_CUSTOMER, pairs[i][0]) > role_name_score(ROLE_CUSTOMER, pairs[i][1]) &&
                  role_name_score(ROLE_CUSTOMER, pairs[i][1]) > ROLE_NAME_PART, "%s", pairs[i][0]);
}

Test(role, a_name_may_say_the_currency)
{
    static const struct { const char *name, *currency; } names[] = {
        { "Importe (€)", "EUR" }, { "price_usd", "USD" }, { "Umsatz EUR", "EUR" }, { "Amount GBP", "GBP" },
        { "amount", "" }, { "Total ($)", "" }, { "European total", "" }, { "neuro", "" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_str_eq(role_money_currency(names[i].name), names[i].currency, "%s", names[i].name);
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

Test(role, of_money_that_was_paid_in_total_is_an_amount)
{
    static const char *const names[] = { "Total Paid", "actual_amount_paid", "Amount paid", "basket_value", "Cart value" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(role_name_score(ROLE_AMOUNT, names[i]) > 0, "%s", names[i]);
    static const char *const others[] = { "Fees Paid", "Amount unpaid", "tva", "montant tva" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(role_name_score(ROLE_AMOUNT, others[i]), 0, "%s", others[i]);
}

Test(role, east_asian_and_turkish_names_are_words_too)
{
    static const struct { enum role role; const char *name; } names[] = {
        { ROLE_CUSTOMER, "会員番号" }, { ROLE_TIME, "注文日時" }, { ROLE_PRICE, "単価（税込）" }, { ROLE_AMOUNT, "合計金額" },
        { ROLE_CUSTOMER, "Müşteri No" }, { ROLE_TIME, "Sipariş Tarihi" }, { ROLE_PRICE, "Birim Fiyat" }, { ROLE_AMOUNT, "Tutar" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(role_name_score(names[i].role, names[i].name) > ROLE_NAME_PART, "%s", names[i].name);

    cr_expect_eq(role_name_score(ROLE_AMOUNT, "割引金額"), 0, "a discount");
}
