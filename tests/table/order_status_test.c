/* What decides which orders are sales: words of many programs and languages, columns of yes and no, two statuses. */
#include "table/import_support.h"

TestSuite(order_status, .init = import_shop_open, .fini = import_shop_close);

enum { ORDERS = 40 };

/* Orders of 10.00 each; every fourth has the other word. */
static const char *orders_with(const char *header, const char *usual, const char *other)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-%02d-%02d,10.00,%s\n", rows, 100 + i, i % 7, 1 + i / 20,
                            1 + i % 20, i % 4 == 3 ? other : usual);
    return rows;
}

static void assert_kinds(const char *kind)
{
    struct sums sales = sums_of("order", NULL), others = sums_of(kind, NULL);
    cr_assert_eq(sales.n, ORDERS / 4 * 3, "%llu sales", (unsigned long long)sales.n);
    cr_assert_eq(others.n, ORDERS / 4, "%llu of %s", (unsigned long long)others.n, kind);
}

static const struct { const char *header, *usual, *other, *kind; } files[] = {
    { "Transaction ID,Customer ID,Created,Amount,Transaction Status", "settling", "processor_declined", "order_failed" },
    { "ID,Client,Date,Total,\xc3\x89tat", "Paiement accept\xc3\xa9", "Annul\xc3\xa9", "order_cancelled" },
    { "Bestelnummer,Klantnummer,Besteldatum,Bedrag,Status", "Compleet", "In afwachting", "order_pending" },
    { "Numero ordine,Cliente,Data ordine,Importo,Stato", "Pagamento accettato", "Errore di pagamento", "order_failed" },
    { "order_id,customer_id,order_date,amount,cancelled", "FALSE", "TRUE", "order_cancelled" },
    { "order_id,customer_id,order_date,amount,is_paid", "1", "0", "order_pending" },
    { "order_id,customer_id,order_date,amount,Storniert", "nein", "ja", "order_cancelled" },
    { "order_id,customer_id,order_date,amount,test", "false", "true", "order_test" },
    { "id,customer,created,amount,livemode", "true", "false", "order_test" },
};

static void begin_again(void)
{
    import_shop_close();
    import_shop_open();
}

Test(order_status, is_read_as_many_programs_write_it_and_from_columns_of_yes_and_no)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        begin_again();
        IMPORT_OK(orders_with(files[i].header, files[i].usual, files[i].other));
        assert_kinds(files[i].kind);
    }
}

Test(order_status, of_a_payment_counts_beside_that_of_the_order)
{
    const char *rows = "Bestellnummer,Kundennummer,Bestelldatum,Betrag,Bestellstatus,Zahlstatus\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,10.00,%s,%s\n", rows, 100 + i, i % 7, 1 + i % 20,
                            "Abgeschlossen", i % 4 == 3 ? "Der Vorgang wurde abgebrochen" : "Komplett bezahlt");
    IMPORT_OK(rows);
    assert_kinds("order_cancelled");
    cr_assert_eq(role_of("Zahlstatus"), ROLE_MARK);
}

Test(order_status, of_numbers_that_nobody_knows_is_warned_of)
{
    const char *rows = orders_with("order_id,customer_id,order_date,amount,status", "1", "3");
    IMPORT_OK(rows);
    cr_assert(has_finding("status may say which orders are sales"));
    begin_again();
    options.roles[ROLE_STATUS] = "status", options.sales = "1";
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,status", "1", "3"));
    assert_kinds("order_other");
}

Test(order_status, of_words_that_nobody_knows_is_advised_as_one_word_of_a_command)
{
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,Financial Status", "Type A", "Type B"));
    cr_assert(has_finding("Financial Status may say which orders are sales"));
    cr_assert(has_advice("with --status 'Financial Status' --sales LIST"));
}

Test(order_status, is_none_where_a_column_of_a_test_has_two_arms_or_a_state_two_letters)
{
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,test", "0", "1"));
    cr_assert_eq(role_of("test"), ROLE_MARK, "a quarter");
    begin_again();
    const char *rows = "order_id,customer_id,order_date,amount,test,state\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,10.00,%d,%s\n", rows, 100 + i, i % 7, 1 + i % 20,
                            i / 2 % 2, i % 3 ? "NY" : "OK");
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", NULL).n, ORDERS);
    cr_assert_neq(role_of("test"), ROLE_MARK);
    cr_assert(!has_finding("may say which orders"));
}

Test(order_status, of_money_given_back_as_yes_or_no_is_of_the_whole_order)
{
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,refunded", "0", "1"));
    cr_assert_eq(sums_of("order", NULL).n, ORDERS);
    cr_assert(has_finding("10 rows are refunded in full"));
    cr_assert_eq(n_stored(), ORDERS + ORDERS / 4, "an order each, and what was given back");
}

Test(order_status, a_column_that_is_to_be_left_out_is)
{
    options.ignored = "cancelled";
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,cancelled", "no", "yes"));
    cr_assert_eq(sums_of("order", NULL).n, ORDERS);
    options.ignored = "canceled";
    IMPORT_FAILS("order_id,customer_id,order_date,amount,cancelled\n1,a,2024-01-01,5,no\n2,b,2024-01-02,5,no\n",
                 ERR_INVALID, "--ignore canceled: there is no such column");
}

/* Receipts of 10.00; every fourth gives 4.00 back, under a number of its own. */
static const char *receipts_with(const char *header, const char *sale, const char *back)
{
    const char *rows = arena_format(import_arena, "%s\n", header);
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d,2024-01-%02d,%s,%s\n", rows, 100 + i, i % 7, 1 + i % 20,
                            i % 4 == 3 ? back : sale, i % 4 == 3 ? "4.00" : "10.00");
    return rows;
}

Test(order_status, of_a_row_that_is_a_return_gives_its_money_back_though_it_has_no_minus)
{
    static const char *const files_of_kinds[][3] = {
        { "Receipt No,Loyalty Card No,Date,Transaction Type,Amount", "SALE", "RETURN" },
        { "Belegnummer,Kundennummer,Datum,Belegart,Betrag", "Rechnung", "Gutschrift" },
        { "invoice_id,customer_id,date,type,total", "invoice", "credit_note" },
    };
    for (size_t i = 0; i < sizeof files_of_kinds / sizeof *files_of_kinds; i++) {
        begin_again();
        IMPORT_OK(receipts_with(files_of_kinds[i][0], files_of_kinds[i][1], files_of_kinds[i][2]));
        struct sums sales = sums_of("order", NULL), refunds = sums_of("refund", NULL);
        cr_assert_eq(sales.amount_cents, ORDERS / 4 * 3 * 1000, "%s", files_of_kinds[i][0]);
        cr_assert_eq(refunds.n, ORDERS / 4);
        cr_assert_eq(refunds.amount_cents, -ORDERS / 4 * 400);
    }
}

Test(order_status, of_kinds_of_rows_is_warned_of_where_returns_stand_beside_what_nobody_knows)
{
    IMPORT_OK(arena_format(import_arena, "%s900,c1,2024-01-21,TOPUP,500.00\n",
                           receipts_with("Receipt No,Loyalty Card No,Date,Transaction Type,Amount", "SALE", "RETURN")));
    cr_assert_neq(role_of("Transaction Type"), ROLE_MARK);
    cr_assert(has_finding("Transaction Type has rows that give money back"));
    cr_assert(has_advice("\"TOPUP\" is not known"));
}

Test(order_status, that_is_missing_is_said_to_count_as_a_sale_as_it_does)
{
    static const char *const headers[] = { "order_id,customer_id,order_date,amount,status",
                                           "order_id,customer_id,order_date,amount,is_paid" };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        begin_again();
        IMPORT_OK(orders_with(headers[i], i ? "yes" : "paid", ""));
        cr_assert_eq(sums_of("order", NULL).n, ORDERS);
        cr_assert(has_advice("such a row counts as a sale unless another column denies it"), "%s", headers[i]);
        cr_assert(!has_advice("missing values stay missing"));
    }
}

Test(order_status, of_a_deal_is_a_sale_once_it_is_won_and_not_when_the_contract_was_sent)
{
    IMPORT_OK("Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Company IDs\n"
              "1,x,Closed won,2024-01-03 13:45,100,7\n2,y,Contract sent,2024-01-04 13:45,200,7\n");
    cr_assert_eq(sums_of("order", "7").amount_cents, 10000);
    cr_assert_eq(sums_of("order_pending", "7").amount_cents, 20000);
}

Test(order_status, of_money_given_back_in_part_is_warned_of_where_nothing_says_how_much)
{
    IMPORT_OK(orders_with("order_id,customer_id,order_date,amount,financial_status", "paid", "partially_refunded"));
    cr_assert_eq(sums_of("order", NULL).n, ORDERS);
    cr_assert(has_finding("10 rows looked at are refunded in part, and no column says how much"));
}

Test(order_status, of_an_order_that_is_open_gives_way_to_a_payment_that_was_made)
{
    const char *rows = "N\xc3\xbamero do Pedido,E-mail,Data,Status do Pedido,Status do Pagamento,Total\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d@example.com,%02d/01/2024,Aberto,%s,10.00\n", rows, 100 + i, i % 7,
                            1 + i % 20, i % 4 == 3 ? "Recusado" : "Confirmado");
    IMPORT_OK(rows);
    assert_kinds("order_failed");
}

Test(order_status, of_payments_and_refunds_in_one_column_makes_orders_and_what_was_given_back)
{
    const char *rows = "Date,Net Sales,Transaction ID,Event Type,Customer ID\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s01/%02d/2024,%s,T%d,%s,c%d\n", rows, 1 + i % 20,
                            i % 4 == 3 ? "($4.00)" : "$10.00", i, i % 4 == 3 ? "Refund" : "Payment", i % 7);
    IMPORT_OK(rows);
    assert_kinds("refund");
    cr_assert_eq(sums_of("refund", NULL).amount_cents, -ORDERS / 4 * 400);
}

Test(order_status, of_a_payment_counts_where_some_of_its_words_are_known_and_the_others_are_told)
{
    static const char *const words[] = { "paid", "refunded", "refunded_partially", "zurgled" };
    const char *rows = "order_number,customer_email,order_date,amount_total,order_state,transaction_state\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%d,c%d@example.com,2024-01-%02d,10.00,%s,%s\n", rows, 100 + i, i % 7, 1 + i % 20,
                            i % 9 ? "completed" : "cancelled", words[i % 8 < 4 ? i % 8 : 0]);
    IMPORT_OK(rows);
    cr_assert_eq(role_of("transaction_state"), ROLE_MARK);
    cr_assert(sums_of("refund", NULL).n > 0);
    cr_assert(has_finding("transaction_state has words that are not known") && has_advice("\"zurgled\" changes nothing"));
    cr_assert(has_finding("refunded in part, and no column says how much"));
}

Test(order_status, of_rows_that_are_fees_and_payouts_is_none_of_a_sale)
{
    const char *rows = "Date,Type,Order ID,Buyer Email,Amount\n";
    for (int i = 0; i < ORDERS; i++) {
        const char *day = arena_format(import_arena, "2024-01-%02d", 1 + i % 20),
                   *who = arena_format(import_arena, "%d,c%d@example.com", 100 + i, i % 7);
        rows = arena_format(import_arena, "%s%s,Order,%s,10.00\n%s,Commission,%s,-1.20\n%s,Processing fee,%s,-0.30\n", rows, day,
                            who, day, who, day, who);
        if (i % 4 == 3) rows = arena_format(import_arena, "%s2024-02-03,Refund,%s,-4.00\n", rows, who);
    }
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", NULL).amount_cents, ORDERS * 1000);
    cr_assert_eq(sums_of("refund", NULL).amount_cents, -ORDERS / 4 * 400);
}

static const char *ledger(void)
{
    const char *rows = "Belegdatum;Belegnummer;Debitor;Umsatz;Soll/Haben-Kennzeichen\n";
    for (int i = 0; i < ORDERS; i++)
        rows = arena_format(import_arena, "%s%02d.01.2024;%d;%d;10,00;%s\n", rows, 1 + i % 20, 100 + i, 7000 + i % 7,
                            i % 4 == 3 ? "H" : "S");
    return rows;
}

Test(order_status, that_is_a_ledgers_debit_or_credit_is_not_guessed_and_told)
{
    IMPORT_OK(ledger());
    cr_assert(has_finding("Soll/Haben-Kennzeichen says which way money went"));
    begin_again();
    options.roles[ROLE_STATUS] = "Soll/Haben-Kennzeichen";
    options.sales = "S";
    IMPORT_OK(ledger());
    assert_kinds("order_other");
}
