/* order_mark.c - see order_mark.h. */
#include "table/order_mark.h"

#include "table/role.h"

/* Simplified names (role_simplify). */
static const struct { enum status status; bool on; const char *names; } marks[] = {
    { STATUS_TEST, true, "test istest testorder istestorder testmode sandbox issandbox" },
    { STATUS_TEST, false, "livemode" },
    { STATUS_CANCELLED, true,
      "cancelled canceled cancel iscancel iscancelled iscanceled ordercancelled wascancelled cancellation voided isvoided void "
      "isvoid deleted isdeleted storniert storno geannuleerd annule annulee estannule cancelado cancelada anulado "
      "anulada annullato annullata" },
    { STATUS_FAILED, true, "failed isfailed paymentfailed fehlgeschlagen" },
    { STATUS_FAILED, false, "success successful issuccess issuccessful succeeded" },
    { STATUS_REFUNDED, true,
      "refunded isrefunded fullyrefunded wasrefunded returned isreturned chargeback ischargeback erstattet "
      "terugbetaald rembourse reembolsado rimborsato" },
    { STATUS_PENDING, true, "draft isdraft pending ispending unpaid isunpaid entwurf" },
    { STATUS_PENDING, false,
      "paid ispaid orderpaid fullypaid paymentreceived captured iscaptured bezahlt betaald paye payee pagado pagada "
      "pagato pagata pago paga" },
};

/* Columns that say what a row is, and what they then say of it. */
static const char kind_names[] =
    "transactiontype transtype trxtype txntype type rowtype linetype doctype documenttype recordtype ordertype saletype "
    "entrytype movementtype event eventtype belegart vorgangsart transaktionsart buchungsart umsatzart dokumenttyp "
    "typ transactietype soort typetransaction typedetransaction typedocument tipo tipotransaccion tipodetransaccion tipodocumento "
    "tipodedocumento tipotransazione tipodocumentofiscale tipotransacao";
static const char sale_kinds[] =
    "earn earned accrual accrued sale sales sold purchase order invoice salesinvoice s verkauf kauf rechnung barverkauf kassenverkauf verkoop factuur vente "
    "facture venta factura vendita fattura venda compra";
static const char back_kinds[] =
    "return returns refund refunds r credit creditnote creditmemo creditinvoice salescreditnote cn salereturn salesreturn returned refunded "
    "retoure ruckgabe rueckgabe gutschrift erstattung stornorechnung retour creditnota terugbetaling avoir "
    "remboursement abono devolucion notadecredito reembolso reso notadicredito rimborso devolucao notadecredito";

/* What an account of points moves beside purchases, and one of money. */
static const char other_kinds[] =
    "fee fees commission commissionfee processingfee paymentfee paymentprocessingfee transactionfee listingfee servicefee "
    "sellerfee sellingfee shippinglabel payout payouts transfer withdrawal deposit gebuhr gebuehr provision auszahlung frais "
    "virement comision comissao commissione uitbetaling "
    "redeem redeemed redemption burn burned adjust adjustment bonus transfer expire expiry expiration "
    "einlosung verfall korrektur inwisseling utilisation canje riscatto resgate";

static const char yes_words[] = "true yes y t 1 on x ja j wahr oui o vrai si s verdadero vero sim verdadeiro";
static const char no_words[] = "false no n f 0 off nein falsch nee non faux falso nao";

bool order_mark_find(const char *name, struct order_mark *ret_mark)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (role_is_among(simple, marks[i].names)) {
            *ret_mark = (struct order_mark){ .on = marks[i].on, .status = marks[i].status };
            return true;
        }
    return false;
}

bool order_mark_is_of_payment(const char *name)
{
    static const char *const words[] = { "pay", "pag", "zahl", "betal", "paie", "financ", "platnosc", "transact" };
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(simple, words[i])) return true;
    return false;
}

bool order_mark_is_of_kinds(const char *name)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    return role_is_among(simple, kind_names);
}

enum status order_mark_kind(struct text word)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_trim(word), simple);
    if (role_is_among(simple, back_kinds)) return STATUS_REFUNDED;
    if (role_is_among(simple, other_kinds)) return STATUS_OTHER;
    return role_is_among(simple, sale_kinds) ? STATUS_SALE : status_of(word);
}

int order_mark_answer(struct text text)
{
    char simple[ROLE_NAME_BYTES];
    if (text.length == 0 || text.length > 12) return -1;
    if (text_equal(text, text_of("1.0"))) return 1;
    if (text_equal(text, text_of("0.0"))) return 0;
    role_simplify(text, simple);
    return role_is_among(simple, yes_words) ? 1 : role_is_among(simple, no_words) ? 0 : -1;
}

const char *order_mark_words(enum status status)
{
    return status == STATUS_TEST ? "a test" : status == STATUS_FAILED ? "one whose payment failed" : status_words(status);
}

enum status order_mark_apply(const struct order_mark *mark, struct text field, enum status status)
{
    struct text text = text_trim(field);
    enum status said = mark->is_kind ? order_mark_kind(text) : mark->is_word ? status_of(text) : mark->status;
    bool is_graver = said == STATUS_CANCELLED || said == STATUS_FAILED || said == STATUS_TEST;
    if (mark->is_kind && said == STATUS_REFUNDED) return status;        /* its money says so: row.c */
    if (said == STATUS_UNKNOWN || (!mark->is_word && !mark->is_kind && order_mark_answer(text) != mark->on)) return status;
    if (mark->is_payment && status == STATUS_PENDING && said == STATUS_SALE) return said;    /* open, and paid for */
    return status == STATUS_SALE || (status == STATUS_PENDING && is_graver) ? said : status;
}
