/* Exports of orders as shops have them: known formats, whose an amount is, statuses, refunds, orders that come
 * again. */
#include "table/import_support.h"

#include "customer/profile.h"
#include "log/correction.h"

#include <string.h>

TestSuite(orders, .init = import_shop_open, .fini = import_shop_close);

/* As sums_of, of whatever was known when. */
static struct sums known_of(const char *kind_name)
{
    struct sums sums = { 0 };
    struct log_reader *reader;
    uint32_t kind;
    if (!log_find(history, DICTIONARY_KIND, text_of(kind_name), &kind)) return sums;
    ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct events events;
        ASSERT_OK(log_read(reader, p, LOG_ALL, import_arena, &events, &import_err), &import_err);
        for (size_t i = 0; i < events.n; i++) {
            if (events.kind[i] != kind) continue;
            sums.n++;
            sums.amount_cents += events.amount_cents[i];
            sums.quantity_milli += events.quantity_milli[i];
        }
    }
    log_reader_close(reader);
    return sums;
}

static void assert_sums(const char *kind, uint64_t n, int64_t amount_cents)
{
    struct sums sums = known_of(kind);
    cr_assert_eq(sums.n, n, "%s: %llu", kind, (unsigned long long)sums.n);
    cr_assert_eq(sums.amount_cents, amount_cents, "%s: %lld", kind, (long long)sums.amount_cents);
}

#define SHOPIFY                                                                                                  \
    "Name,Email,Financial Status,Created at,Currency,Total,Lineitem quantity,Lineitem name,Lineitem price,"      \
    "Lineitem sku,Cancelled at,Refunded Amount\n"

Test(orders, of_shopify_say_what_is_of_the_order_on_their_first_line_only)
{
    IMPORT_OK(SHOPIFY
              "#3,c,paid,2024-01-03 10:00:00 -0500,EUR,34.90,2,Hat,10.00,H1,,0.00\n"
              "#3,c,,2024-01-03 10:00:00 -0500,,,1,Sock,10.00,S1,,\n"
              "#2,b,partially_refunded,2024-01-02 10:00:00 -0500,EUR,14.90,1,Hat,10.00,H1,,5.00\n"
              "#1,b,voided,2024-01-01 10:00:00 -0500,EUR,14.90,1,Hat,10.00,H1,2024-01-01 11:00:00 -0500,0.00\n"
              "#0,c,pending,2024-01-01 10:00:00 -0500,EUR,14.90,1,Hat,10.00,H1,,0.00\n");
    cr_assert_str_eq(result.format, "Shopify's export of orders");
    cr_assert_eq(result.accepted, 5);
    assert_sums("order", 2, 4980);
    assert_sums("order_item", 3, 4000);
    assert_sums("refund", 1, -500);
    assert_sums("order_cancelled", 1, 1490);
    assert_sums("order_pending", 1, 1490);
    cr_assert(has_finding("1 row is cancelled"));
}

Test(orders, a_number_blank_on_further_lines_is_that_of_the_line_above)
{
    IMPORT_OK(
        "Order number,Customer,Order date,Product,Quantity,Unit price\n"
        "1,a,2024-01-01,Hat,1,10\n,,,Sock,2,5\n2,b,2024-01-02,Hat,1,10\n,,,Sock,1,5\n3,a,2024-01-03,Hat,1,10\n");
    assert_sums("order", 3, 4500);
    assert_sums("order_item", 5, 4500);
}

Test(orders, an_amount_that_is_the_same_on_all_lines_is_the_orders)
{
    const char *rows = "Order Number,Customer,Order Date,Product,Order amount\n";
    for (int i = 0; i < 8; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-0%d,Hat,%d.50\n%d,c%d,2024-01-0%d,Sock,%d.50\n", rows,
                            i, i % 3, i + 1, 10 + i, i, i % 3, i + 1, 10 + i);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("Order amount"), ROLE_TOTAL);
    assert_sums("order", 8, 8 * 1400);         /* 10.50 to 17.50, once each */
}

Test(orders, whose_lines_disagree_about_the_total_are_refused_with_line_and_flag)
{
    options.roles[ROLE_TOTAL] = "Total";
    IMPORT_FAILS("Order,Customer,Date,Item,Total\n1,a,2024-01-01,x,10\n1,a,2024-01-01,y,10\n2,b,2024-01-02,x,7\n"
                 "2,b,2024-01-02,y,8\n",
                 ERR_INVALID, "line 5, column Total: order 2 has \"8\" here and \"7\" on its first line");
    cr_assert(strstr(import_err.text, "--amount"));
    cr_assert_eq(n_stored(), 0);
}

Test(orders, whose_total_differs_on_one_line_of_many_are_refused_by_that_line)
{
    const char *rows = "Order Number,Customer,Order Date,Product,Order total\n";
    for (int i = 0; i < 40; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,Hat,%d.50\n%d,c%d,2024-01-%02d,Sock,%d.50\n", rows, i,
                            i % 3, i % 28 + 1, 10 + i, i, i % 3, i % 28 + 1, i == 30 ? 7 : 10 + i);
    IMPORT_FAILS(rows, ERR_INVALID, "line 63, column Order total: order 30 has \"7.50\" here and \"40.50\" on its first");
    cr_assert_eq(n_stored(), 0);
}

Test(orders, of_a_status_that_nobody_knows_are_refused_until_a_flag_says_what_is_a_sale)
{
    const char *rows = "Order,Customer,Date,Amount,Status\n1,a,2024-01-01,10,paid\n2,b,2024-01-02,10,paid\n"
                       "3,a,2024-01-03,10,bemustert\n4,b,2024-01-04,10,cancelled\n";
    IMPORT_FAILS(rows, ERR_INVALID, "line 4, column Status: \"bemustert\" is a status that is not known");
    cr_assert_eq(n_stored(), 0);
    options.sales = "paid, bemustert";
    IMPORT_OK(rows);
    assert_sums("order", 3, 3000);
    assert_sums("order_cancelled", 1, 1000);
}

Test(orders, a_part_of_a_name_never_outweighs_a_whole_one)
{
    IMPORT_OK("Customer,Order Date,Sales Rep ID,orders_total,Total Discounts,Price,Quantity\n"
              "a,2024-01-01,77,3,9.99,2.50,2\nb,2024-01-02,78,4,9.99,1.00,3\na,2024-01-03,79,4,9.99,1.00,1\n");
    cr_assert_eq(role_of("Price"), ROLE_PRICE);
    assert_sums("order", 3, 900);
}

Test(orders, an_id_that_is_different_in_every_row_is_not_the_customer)
{
    const char *rows = "ID,Purchase Date,Customer Email,Grand Total\n";
    for (int i = 0; i < 30; i++)
        rows = arena_format(import_arena, "%s%d,2024-01-%02d,x%d,10.00\n", rows, 1000 + i, 1 + i % 28, i % 7);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("Customer Email"), ROLE_CUSTOMER);
    cr_assert_eq(role_of("ID"), ROLE_ORDER);
    cr_assert_eq(result.customers, 7);
}

Test(orders, in_seven_languages_are_read_by_their_headers)
{
    static const char *const headers[] = {
        "Order ID,Customer ID,Order date,Product,Quantity,Unit price,Order status",
        "Bestellnummer,Kundennummer,Bestelldatum,Artikel,Menge,Einzelpreis,Bestellstatus",
        "Bestelnummer,Klantnummer,Besteldatum,Artikelnaam,Aantal,Stuksprijs,Bestelstatus",
        "Numéro de commande,Numéro client,Date de commande,Produit,Quantité,Prix unitaire,Statut",
        "Número de pedido,Id cliente,Fecha de pedido,Producto,Cantidad,Precio unitario,Estado",
        "Numero ordine,Codice cliente,Data ordine,Prodotto,Quantità,Prezzo unitario,Stato",
        "Número do pedido,Cliente,Data do pedido,Produto,Quantidade,Preço unitário,Situação",
    };
    static const char *const cancelled[] = { "cancelled", "storniert", "geannuleerd", "annulée",
                                             "cancelado", "annullato", "cancelado" };
    static const char *const paid[] = { "paid", "bezahlt", "betaald", "payée", "pagado", "pagato", "pago" };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct sums before = known_of("order"), cancelled_before = known_of("order_cancelled");
        IMPORT_OK(arena_format(import_arena,
                               "%s\n%zu01,a,2024-01-05,x,2,10.00,%s\n%zu01,a,2024-01-05,y,1,5.00,%s\n"
                               "%zu02,b,2024-01-06,x,1,10.00,%s\n",
                               headers[i], i, paid[i], i, paid[i], i, cancelled[i]));
        struct sums after = known_of("order"), cancelled_after = known_of("order_cancelled");
        cr_assert_eq(after.n - before.n, 1, "%s", headers[i]);
        cr_assert_eq(after.amount_cents - before.amount_cents, 2500, "%s", headers[i]);
        cr_assert_eq(cancelled_after.amount_cents - cancelled_before.amount_cents, 1000, "%s", headers[i]);
    }
}

Test(orders, what_updated_at_says_is_not_when_it_happened)
{
    IMPORT_OK("order_id,customer_id,updated_at,created_at,amount\n1,a,2024-05-01,2024-01-01,10\n"
              "2,a,2024-05-01,2024-01-02,10\n3,b,2024-05-01,2024-01-03,10\n");
    cr_assert_eq(role_of("created_at"), ROLE_TIME);
    cr_assert_eq(role_of("updated_at"), ROLE_NONE);
}

Test(orders, of_one_address_in_two_cases_are_one_persons_and_the_address_is_sealed)
{
    IMPORT_OK("Email,Order Date,Order ID,Amount\nAda@Example.net,2024-01-01,1,5\nada@example.net,2024-01-02,2,5\n"
              "ADA@EXAMPLE.NET,2024-01-03,3,5\nguest,2024-01-04,4,5\n0,2024-01-05,5,5\n[object "
              "Object],2024-01-06,6,5\n");
    cr_assert_eq(result.customers, 1);
    cr_assert_eq(result.no_customer, 3);
    struct profiles *profiles;
    uint32_t identity;
    struct text personal;
    cr_assert_not(identity_find(history, text_of("ada@example.net"), NULL, &identity), "in clear");
    ASSERT_OK(profiles_open(store, false, &profiles, &import_err), &import_err);
    cr_assert(identity_find(history, text_of("aDa@example.net"), profiles_key(profiles), &identity));
    ASSERT_OK(profiles_get(profiles, store, &identity, 1, import_arena, &personal, &import_err), &import_err);
    cr_assert(text_equal(personal, text_of("{\"email\":\"ada@example.net\"}")));
    profiles_close(profiles);
}

static void assert_personal(const char *customer, const char *wanted)
{
    struct profiles *profiles;
    uint32_t identity;
    struct text personal;
    ASSERT_OK(profiles_open(store, false, &profiles, &import_err), &import_err);
    cr_assert(identity_find(history, text_of(customer), profiles_key(profiles), &identity));
    ASSERT_OK(profiles_get(profiles, store, &identity, 1, import_arena, &personal, &import_err), &import_err);
    cr_assert(text_equal(personal, text_of(wanted)), "%.*s", (int)personal.length, personal.at);
    profiles_close(profiles);
}

Test(orders, keep_personal_columns_of_any_language_by_the_names_that_channels_and_templates_ask_for)
{
    IMPORT_OK("Kundennummer;Datum;Bestellnummer;Betrag;Billing Email;E-Mail;Telefon;Vorname;Straße\n"
              "K1;01.02.2024;1;5,00;buero@example.net;ada@example.net;+49 30 1;Ada;Am Ufer 1\n"
              "K2;02.02.2024;2;5,00;b@example.net;;+49 30 2;Bo;Am Ufer 2\n");
    assert_personal("K1", "{\"Billing Email\":\"buero@example.net\",\"Straße\":\"Am Ufer 1\","
                          "\"email\":\"ada@example.net\",\"first_name\":\"Ada\",\"phone\":\"+49 30 1\"}");
    assert_personal("K2", "{\"Billing Email\":\"b@example.net\",\"Straße\":\"Am Ufer 2\",\"first_name\":\"Bo\","
                          "\"phone\":\"+49 30 2\"}");
}

Test(orders, events_in_files_have_the_kinds_of_live_ones)
{
    IMPORT_OK("user_id,timestamp,event,revenue\na,2024-01-01,Order Completed,5\nb,2024-01-02,Product Viewed,\n"
              "a,2024-01-03,Order Refunded,-5\na,2024-01-03,correction,1\n");
    assert_sums("order", 1, 500);
    assert_sums("refund", 1, -500);
    assert_sums("Product Viewed", 1, 0);
    assert_sums("track correction", 1, 100);
}

#define EXPORT "order_id,customer_id,order_date,item,amount,status\n"

Test(orders, that_come_again_otherwise_are_corrected_and_the_same_adds_nothing)
{
    IMPORT_OK(EXPORT "1,a,2024-01-01,x,10,paid\n1,a,2024-01-01,y,5,paid\n2,b,2024-01-02,x,10,paid\n"
                     "3,b,2024-01-09,x,1,paid\n");
    uint64_t n_before = n_stored();
    IMPORT_OK(EXPORT "3,b,2024-01-09,x,1,paid\n2,b,2024-01-02,x,10,paid\n1,a,2024-01-01,y,5,paid\n"
                     "1,a,2024-01-01,x,10,paid\n");
    cr_assert_eq(n_stored(), n_before, "the same in another order");
    cr_assert_eq(result.repeated, 4);
    IMPORT_OK(EXPORT "1,a,2024-01-01,x,12,paid\n2,b,2024-01-02,x,10,cancelled\n");
    assert_sums("order", 2, 1800);      /* y stays, for the file does not have it; 3 is not touched */
    assert_sums("order_item", 3, 1800);
    assert_sums("order_cancelled", 1, 1000);
    cr_assert(has_finding("2 orders of an earlier import were corrected"));
    IMPORT_OK(EXPORT "1,a,2024-01-01,x,10,paid\n1,a,2024-01-01,z,3,paid\n2,b,2024-01-02,x,10,paid\n");
    assert_sums("order", 3, 2900);      /* back to what it was, and a further line */
    assert_sums("order_cancelled", 0, 0);
}

Test(orders, corrected_stay_in_the_log_with_the_instant_at_which_they_were_replaced)
{
    IMPORT_OK(EXPORT "1,a,2024-01-01,x,10,paid\n");
    IMPORT_OK(EXPORT "1,a,2024-01-01,x,10,cancelled\n2,a,2024-03-01,x,1,paid\n");
    struct log_reader *reader;
    struct events events;
    uint32_t identity, kind;
    cr_assert(log_find(history, DICTIONARY_IDENTITY, text_of("a"), &identity));
    cr_assert(log_find(history, DICTIONARY_KIND, text_of("order"), &kind));
    ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
    ASSERT_OK(log_read(reader, log_partition(history, identity), LOG_ALL | LOG_REPLACED, import_arena, &events,
                       &import_err),
              &import_err);
    int64_t replaced_ms = 0;
    for (size_t i = 0; i < events.n; i++)
        if (events.kind[i] == kind && events.amount_cents[i] == 1000) replaced_ms = events.replaced_ms[i];
    cr_assert_eq(replaced_ms, INT64_C(1709251200000), "the day of the file's latest row");
    log_reader_close(reader);
}

Test(orders, of_which_a_later_row_takes_something_off_have_a_refund_then)
{
    static const char *const rows = "order_number,customer_id,date,sku,qty,line_total\n"
                                    "1,ann,2024-01-01,a,2,40\n1,ann,2024-01-01,discount,-1,-5\n1,ann,2024-01-20,a,-1,-20\n"
                                    "2,bob,2024-01-02,a,1,20\n";
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", "ann").amount_cents, 3500);
    cr_assert_eq(sums_of("refund", "ann").amount_cents, -2000);
    cr_assert_eq(sums_of("refund_item", "ann").amount_cents, -2000);
    IMPORT_OK(rows);
    cr_assert_eq(result.events, 0);
}

Test(orders, without_numbers_that_are_exported_again_in_another_form_are_doubted_aloud)
{
    const char *rows = "customer,date,amount\n", *again = "amount,customer,date\n",
               *later = "customer,date,amount\n";
    for (int i = 0; i < 20; i++) {
        rows = arena_format(import_arena, "%sc%d,2024-01-%02d,%d.00\n", rows, i % 4, 1 + i, 5 + i);
        again = arena_format(import_arena, "%s%d.00,c%d,2024-01-%02d\n", again, 5 + i, i % 4, 1 + i);
        later = arena_format(import_arena, "%sc%d,2024-02-%02d,%d.00\n", later, i % 4, 1 + i, 5 + i);
    }
    IMPORT_OK(rows);
    IMPORT_OK(later);
    cr_assert_not(has_finding("what the database had already"));
    IMPORT_OK(again);
    cr_assert(has_finding("20 new rows say what the database had already"));
}

Test(orders, are_not_of_the_account_that_books_are_kept_by)
{
    const char *rows = "InvoiceNumber,EmailAddress,InvoiceDate,Total,AccountCode\n";
    for (int i = 0; i < 200; i++)
        rows = arena_format(import_arena, "%sINV-%d,p%d@shop.example,2024-01-%02d,10.00,%d\n", rows, i, i % 40, 1 + i % 28,
                            200 + i % 2);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("EmailAddress"), ROLE_CUSTOMER);
    cr_assert_eq(result.customers, 40);
}

Test(orders, were_made_when_they_were_booked_and_not_on_the_day_of_arrival)
{
    const char *rows = "Reservation Number,Guest Email,Check in Date,Reservation Date,Grand Total,Status\n";
    for (int i = 0; i < 60; i++)
        rows = arena_format(import_arena, "%sR%d,g%d@inn.example,%02d/06/2024,%02d/01/2024,80.00,%s\n", rows, i, i % 9, 1 + i % 28,
                            1 + i % 28, i % 6 ? "Checked Out" : "No Show");
    IMPORT_OK(rows);
    cr_assert_eq(role_of("Reservation Date"), ROLE_TIME);
    cr_assert_eq(sums_of("order", NULL).n, 50);
    cr_assert_eq(sums_of("order_cancelled", NULL).n, 10);
}

Test(orders, of_events_that_are_numbers_are_asked_for)
{
    const char *rows = "user_id,item_id,behavior_type,time\n";
    for (int i = 0; i < 60; i++)
        rows = arena_format(import_arena, "%s%d,i%d,%d,2024-01-%02d 10\n", rows, 100 + i % 9, i % 7, 1 + i % 4, 1 + i % 28);
    IMPORT_OK(rows);
    cr_assert(has_finding("Events are called by numbers") && has_advice("--goal NUMBER"));
}
