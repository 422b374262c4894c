/* status.c - see status.h. */
#include "table/status.h"

#include "table/role.h"

#include <string.h>

static const struct { const char *kind, *item_kind, *words; } about[STATUSES] = {
    [STATUS_SALE] = { "order", "order_item", "sales" },
    [STATUS_REFUNDED] = { "order", "order_item", "refunded in full" },
    [STATUS_PENDING] = { "order_pending", "order_pending_item", "not paid yet" },
    [STATUS_CANCELLED] = { "order_cancelled", "order_cancelled_item", "cancelled" },
    [STATUS_FAILED] = { "order_failed", "order_failed_item", "of payments that failed" },
    [STATUS_TEST] = { "order_test", "order_test_item", "tests" },
    [STATUS_OTHER] = { "order_other", "order_other_item", "of another status" },
};

/* Simplified (role_simplify).  Shops: Shopify, WooCommerce, Magento, Amazon, Square, olist; payments: Stripe,
 * PayPal; deals: Salesforce, HubSpot. */
static const struct { enum status status; const char *language, *words;
} dictionary[] = {
    { STATUS_SALE, "en",
      "paid complete completed fulfilled shipped delivered processing closed closedwon won succeeded success "
      "successful "
      "captured settled active confirmed approved invoiced accepted done ok sent dispatched received "
      "partiallypaid "
      "partiallyrefunded partiallyfulfilled partialrefund partiallyshipped unfulfilled unshipped inprogress "
      "intransit "
      "ontransit readyforpickup outfordelivery awaitingfulfillment awaitingshipment awaitingpickup "
      "paymentcomplete "
      "shippeddeliveredtobuyer shippedpickedup shippedoutfordelivery shippedintransit archived booked purchased "
      "sold sale sales "
      "payment charge prepared picked packed ready held cleared contractsent overpaid refundpending" },
    { STATUS_SALE, "de",
      "bezahlt teilweisebezahlt abgeschlossen erledigt fertiggestellt versendet versandt verschickt geliefert "
      "zugestellt "
      "inbearbeitung bestatigt teilerstattet teilweiseerstattet" },
    { STATUS_SALE, "nl",
      "betaald voltooid afgerond verzonden geleverd bezorgd inbehandeling verwerkt bevestigd "
      "gedeeltelijkterugbetaald" },
    { STATUS_SALE, "fr",
      "paye payee termine terminee expedie expediee envoyee livre livree encours encoursdetraitement validee "
      "confirmee "
      "partiellementremboursee" },
    { STATUS_SALE, "es",
      "pagado completado completada enviado enviada entregado entregada procesando enproceso confirmado "
      "parcialmentereembolsado" },
    { STATUS_SALE, "it",
      "pagato completato completata spedito consegnato inlavorazione elaborazione confermato "
      "parzialmenterimborsato" },
    { STATUS_SALE, "pt",
      "pago concluido concluida completo enviado entregue processando emprocessamento aprovado aprovada faturado "
      "confirmado parcialmentereembolsado" },
    { STATUS_REFUNDED, "en",
      "refunded fullyrefunded returned refund chargeback chargedback reversed shippedreturnedtoseller "
      "shippedreturningtoseller shippedrejectedbybuyer" },
    { STATUS_REFUNDED, "de",
      "erstattet ruckerstattet rueckerstattet zuruckerstattet retourniert ruckerstattung" },
    { STATUS_REFUNDED, "nl", "terugbetaald geretourneerd" },
    { STATUS_REFUNDED, "fr", "rembourse remboursee retournee" },
    { STATUS_REFUNDED, "es", "reembolsado reembolsada devuelto" },
    { STATUS_REFUNDED, "it", "rimborsato rimborsata reso" },
    { STATUS_REFUNDED, "pt", "reembolsado reembolsada devolvido estornado" },
    { STATUS_PENDING, "en",
      "pending onhold unpaid draft checkoutdraft requirespaymentmethod requiresaction requirescapture "
      "requiresconfirmation incomplete new open created awaitingpayment pendingpayment pendingreview "
      "paymentpending "
      "authorized partiallyauthorized uncaptured quote prospecting qualification needsanalysis valueproposition "
      "iddecisionmakers perceptionanalysis proposalpricequote negotiationreview proposal negotiation "
      "appointmentscheduled qualifiedtobuy presentationscheduled decisionmakerboughtin waiting scheduled "
      "paymentreview suspectedfraud" },
    { STATUS_PENDING, "de",
      "offen ausstehend zahlungausstehend entwurf wartend inwartestellung unbezahlt nichtbezahlt neu angebot" },
    { STATUS_PENDING, "nl", "openstaand wachtopbetaling wachtend indewacht concept onbetaald nieuw" },
    { STATUS_PENDING, "fr", "enattente enattentedepaiement enattentepaiement brouillon impaye impayee nouvelle" },
    { STATUS_PENDING, "es", "pendiente pendientedepago borrador enespera impagado nuevo" },
    { STATUS_PENDING, "it", "inattesa inattesadipagamento insospeso bozza nonpagato nuovo" },
    { STATUS_PENDING, "pt", "pendente aguardando aguardandopagamento pagamentopendente rascunho novo" },
    { STATUS_CANCELLED, "en",
      "cancelled canceled voided void expired lost closedlost abandoned unavailable rejected deleted trash "
      "cancelledbycustomer" },
    { STATUS_CANCELLED, "de", "storniert abgebrochen verfallen abgelaufen" },
    { STATUS_CANCELLED, "nl", "geannuleerd verlopen" },
    { STATUS_CANCELLED, "fr", "annule annulee expire expiree" },
    { STATUS_CANCELLED, "es", "cancelado cancelada anulado caducado" },
    { STATUS_CANCELLED, "it", "annullato annullata scaduto" },
    { STATUS_CANCELLED, "pt", "cancelado cancelada expirado" },
    { STATUS_FAILED, "en", "failed failure declined denied blocked error paymentfailed paymenterror" },
    { STATUS_FAILED, "de", "fehlgeschlagen abgelehnt fehler" },
    { STATUS_FAILED, "nl", "mislukt geweigerd" },
    { STATUS_FAILED, "fr", "echoue echouee refuse refusee" },
    { STATUS_FAILED, "es", "fallido fallida rechazado" },
    { STATUS_FAILED, "it", "fallito rifiutato" },
    { STATUS_FAILED, "pt", "falhou malsucedido recusado recusada" },
    { STATUS_TEST, "en", "test testorder" },
};

static enum status find(struct text word)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_trim(word), simple);
    size_t n = strlen(simple);
    if (n == 0) return STATUS_SALE;
    for (size_t i = 0; i < sizeof dictionary / sizeof *dictionary; i++)
        for (const char *at = dictionary[i].words; (at = strstr(at, simple)); at += n)
            if ((at == dictionary[i].words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
                return dictionary[i].status;
    return STATUS_UNKNOWN;
}

/* "Closed Won (Sales Pipeline)" is "Closed Won". */
enum status status_of(struct text word)
{
    enum status status = find(word);
    const char *bracket = word.length > 0 ? memchr(word.at, '(', word.length) : NULL;
    if (status != STATUS_UNKNOWN || !bracket || bracket == word.at) return status;
    return find((struct text){ word.at, (size_t)(bracket - word.at) });
}

const char *status_kind(enum status status)      { return about[status].kind; }
const char *status_item_kind(enum status status) { return about[status].item_kind; }
const char *status_words(enum status status)     { return about[status].words; }
