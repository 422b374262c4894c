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

/* Simplified (role_simplify).  Shops: Shopify, WooCommerce, Magento, Amazon, Square, PrestaShop, Shopware, BigCommerce, olist; payments: Stripe,
 * PayPal, Adyen, Braintree, Klarna, Mollie, Recurly, Chargebee; deals: Salesforce, HubSpot. */
static const struct { enum status status; const char *language, *words;
} dictionary[] = {
    { STATUS_SALE, "en",
      "paid complete completed fulfilled shipped delivered processing closed closedwon won succeeded "
      "success successful captured settled active confirmed approved invoiced accepted done ok sent "
      "dispatched received toship toreceive partiallypaid partiallyrefunded partiallyfulfilled partialrefund "
      "partiallyshipped unfulfilled unshipped inprogress intransit ontransit readyforpickup "
      "outfordelivery awaitingfulfillment awaitingshipment awaitingpickup paymentcomplete "
      "shippeddeliveredtobuyer shippedpickedup shippedoutfordelivery shippedintransit archived booked "
      "purchased sold sale sales payment charge prepared picked packed ready held cleared "
      "overpaid refundpending settling submittedforsettlement settlementpending settlementconfirmed "
      "sentforsettle sentforsettlement processed paidout partcaptured partiallycaptured posted billed "
      "finalized finalised paymentaccepted paymentreceived remotepaymentaccepted preparationinprogress "
      "processinginprogress readytoship packaged picking completelypaid fullypaid completelyinvoiced "
      "partiallyinvoiced completelydelivered partiallydelivered collected onbackorderpaid ordercompleted "
      "awaitingcollection invoiceunconfirmed paypalcanceledreversal salesorder charged checkedin checkedout "
      "inhouse stayed attended attending salecompleted paidpartially refundedpartially shippedpartially" },
    { STATUS_SALE, "de",
      "bezahlt teilweisebezahlt abgeschlossen erledigt fertiggestellt versendet versandt verschickt "
      "geliefert zugestellt inbearbeitung bestatigt teilerstattet teilweiseerstattet komplettbezahlt "
      "komplettabgeschlossen komplettausgeliefert teilweiseausgeliefert komplettinrechnunggestellt "
      "teilweiseinrechnunggestellt zurlieferungbereit zahlungeingegangen zahlungakzeptiert "
      "zahlungerfolgreich zahlungerhalten gezahlt ausgeliefert teilgeliefert teilversendet abgeholt "
      "gebucht verbucht versandfertig inzustellung berechnet erfolgreich erfolgreichbezahlt ausgezahlt" },
    { STATUS_SALE, "nl",
      "betaald voltooid afgerond verzonden geleverd bezorgd inbehandeling verwerkt bevestigd "
      "gedeeltelijkterugbetaald compleet afgeleverd gereed opgehaald klaar onderweg betalinggeaccepteerd "
      "betalingontvangen afgehandeld gefactureerd geslaagd succesvol" },
    { STATUS_SALE, "fr",
      "paye payee termine terminee expedie expediee envoyee livre livree encours encoursdetraitement "
      "validee confirmee partiellementremboursee paiementaccepte paiementdistantaccepte "
      "encoursdepreparation preparationencours traite traitee valide livraisoneffectuee confirme facture "
      "reussi reussie facturee finalise finalisee complete completee regle reglee encaisse encaissee" },
    { STATUS_SALE, "es",
      "encamino pagado completado completada enviado enviada entregado entregada procesando enproceso confirmado "
      "parcialmentereembolsado pagoaceptado pagada preparacionencurso enpreparacion procesado procesada "
      "facturado facturada confirmada recibido recibida finalizado finalizada cobrado exitoso exitosa pagoexitoso" },
    { STATUS_SALE, "it",
      "pagato completato completata spedito consegnato inlavorazione elaborazione confermato "
      "parzialmenterimborsato pagamentoaccettato pagata evaso evasa spedita consegnata inpreparazione "
      "preparazioneincorso chiuso confermata fatturato ritirato riuscito riuscita" },
    { STATUS_SALE, "pt",
      "pago concluido concluida completo enviado entregue processando emprocessamento aprovado aprovada "
      "faturado confirmado parcialmentereembolsado pagamentoaceite pagamentoaprovado pagamentoconfirmado "
      "bemsucedido bemsucedida paga emseparacao despachado emtransporte pronto enviada faturada confirmada recebido concretizado" },
    { STATUS_SALE, "sv", "betald slutford genomford levererad skickad bekraftad underbehandling fardig" },
    { STATUS_SALE, "da", "betalt gennemfort afsendt leveret bekraeftet" },
    { STATUS_SALE, "pl",
      "zrealizowane zrealizowano zaplacone oplacone oplacono wyslane wyslano dostarczone dostarczono "
      "wtrakcierealizacji zakonczone potwierdzone" },
    { STATUS_SALE, "tr",
      "odendi tamamlandi kargolandi kargoyaverildi kargoda teslimedildi hazirlaniyor onaylandi faturalandi isleniyor" },
    { STATUS_SALE, "ja", "完了 支払済 支払済み 支払い済み 入金済 入金済み 発送済 発送済み 出荷済 出荷済み 配達完了 配送済み 処理済 確定 処理中" },
    { STATUS_REFUNDED, "tr", "iadeedildi iade" },
    { STATUS_REFUNDED, "ja", "返金済 返金済み 返金 返品" },
    { STATUS_PENDING, "tr", "bekliyor beklemede odemebekleniyor odemebekliyor yeni taslak" },
    { STATUS_PENDING, "ja", "未払い 未入金 入金待ち 支払待ち 保留 新規 下書き 未処理" },
    { STATUS_CANCELLED, "tr", "iptaledildi iptal" },
    { STATUS_CANCELLED, "ja", "キャンセル キャンセル済 キャンセル済み 取消 無効" },
    { STATUS_FAILED, "tr", "basarisiz reddedildi" },
    { STATUS_FAILED, "ja", "失敗 決済失敗 エラー" },
    { STATUS_REFUNDED, "en",
      "refunded fullyrefunded returned refund chargeback chargedback reversed shippedreturnedtoseller "
      "shippedreturningtoseller shippedrejectedbybuyer fullrefund paymentrefunded cancelledandrefunded "
      "returnrefund canceledandrefunded disputelost return returns paypalreversed" },
    { STATUS_REFUNDED, "de",
      "erstattet ruckerstattet rueckerstattet zuruckerstattet retourniert ruckerstattung gutgeschrieben "
      "wiedergutschrift retoure zuruckgeschickt" },
    { STATUS_REFUNDED, "nl",
      "terugbetaald geretourneerd retour terugbetaling" },
    { STATUS_REFUNDED, "fr",
      "rembourse remboursee retournee remboursementeffectue retourne" },
    { STATUS_REFUNDED, "es",
      "reembolsado reembolsada devuelto devuelta devolucion reembolso" },
    { STATUS_REFUNDED, "it",
      "rimborsato rimborsata reso resa rimborso" },
    { STATUS_REFUNDED, "pt",
      "reembolsado reembolsada devolvido estornado devolucao devolvida reembolso estornada" },
    { STATUS_REFUNDED, "sv", "aterbetald returnerad retur" },
    { STATUS_REFUNDED, "da", "refunderet returneret" },
    { STATUS_REFUNDED, "pl", "zwrocone zwrocono zwrot" },
    { STATUS_PENDING, "en",
      "pending onhold unpaid draft checkoutdraft requirespaymentmethod requiresaction requirescapture "
      "requiresconfirmation incomplete new open created awaitingpayment pendingpayment pendingreview "
      "paymentpending authorized partiallyauthorized uncaptured quote prospecting qualification "
      "needsanalysis valueproposition iddecisionmakers perceptionanalysis proposalpricequote "
      "negotiationreview proposal negotiation appointmentscheduled qualifiedtobuy presentationscheduled "
      "decisionmakerboughtin waiting scheduled paymentreview suspectedfraud notpaid pastdue overdue "
      "paymentdue queued upcoming submitted pendingsubmission pendingcustomerapproval authorised partiallyauthorised "
      "sentforauthorisation reserved awaitingbankwirepayment awaitingcheckpayment "
      "awaitingcheckbankpayment awaitingcashondeliveryvalidation awaitingpaypalpayment "
      "awaitingconfirmation onbackordernotpaid cart incart checkout inbasket contractsent holded "
      "trial trialing intrial freetrial layby layaway laybuy parked saved onaccount pendingpaypal pendingavailability fraud quotation quotationsent" },
    { STATUS_PENDING, "de",
      "offen ausstehend zahlungausstehend entwurf wartend inwartestellung unbezahlt nichtbezahlt neu "
      "angebot reserviert vorgemerkt zahlungoffen nichtgezahlt angelegt uberfallig warenkorb" },
    { STATUS_PENDING, "nl",
      "openstaand wachtopbetaling wachtend indewacht concept onbetaald nieuw inafwachting "
      "inafwachtingvanbetaling nietbetaald wachtopbevestiging open inwinkelwagen" },
    { STATUS_PENDING, "fr",
      "enattente enattentedepaiement enattentepaiement brouillon impaye impayee nouvelle "
      "enattentedupaiement enattentedupaiementparcheque enattentedepaiementparcheque "
      "enattentedevirementbancaire enattentedupaiementparvirement enattentedupaiementparvirementbancaire "
      "enattentedevalidation nonpaye nonpayee nonregle nonreglee nouveau apayer panier" },
    { STATUS_PENDING, "es",
      "pendiente pendientedepago borrador enespera impagado nuevo enesperadepago enesperadelpago "
      "esperandopago nopagado nopagada sinpagar enesperadepagoporcheque "
      "enesperadelpagoportransferenciabancaria nueva abierto" },
    { STATUS_PENDING, "it",
      "inattesa inattesadipagamento insospeso bozza nonpagato nuovo inattesadelpagamento "
      "inattesadibonifico dapagare nuova aperto nonpagata" },
    { STATUS_PENDING, "pt",
      "pendente aguardando aguardandopagamento pagamentopendente rascunho novo "
      "aguardandopagamentoporboleto aguardandoaprovacao emanalise naopago naopaga aberto nova" },
    { STATUS_PENDING, "sv", "vantar vantande obetald utkast" },
    { STATUS_PENDING, "da", "afventer afventende ubetalt kladde" },
    { STATUS_PENDING, "pl", "oczekujace oczekujenaplatnosc nieoplacone niezaplacone szkic wstrzymane nowe" },
    { STATUS_CANCELLED, "en",
      "cancelled canceled cancel voided void expired lost closedlost abandoned unavailable rejected deleted "
      "trash cancelledbycustomer authorizationexpired authorisationexpired cancelledbyseller "
      "cancelledbybuyer canceledbyseller canceledbybuyer ordercancelled ordercanceled "
      "cancelledbymerchant customerapprovaldenied withdrawn unfulfillable noshow didnotarrive "
      "cancelledbyguest canceledbyguest cancelledbyproperty cancelledbyhotel notattending skipped ridercanceled ridercancelled drivercanceled drivercancelled" },
    { STATUS_CANCELLED, "de",
      "storniert abgebrochen verfallen abgelaufen dervorgangwurdeabgebrochen annulliert storno geloscht "
      "zahlungabgebrochen" },
    { STATUS_CANCELLED, "nl",
      "geannuleerd verlopen ingetrokken" },
    { STATUS_CANCELLED, "fr",
      "annule annulee expire expiree annuleeparleclient abandonne abandonnee supprime supprimee" },
    { STATUS_CANCELLED, "es",
      "cancelado cancelada anulado caducado anulada caducada ventacancelada canceladaporelcomprador" },
    { STATUS_CANCELLED, "it",
      "annullato annullata scaduto annullatodalcliente mancatoarrivo" },
    { STATUS_CANCELLED, "pt",
      "cancelado cancelada expirado anulado anulada" },
    { STATUS_CANCELLED, "sv", "avbruten annullerad makulerad avbestalld" },
    { STATUS_CANCELLED, "da", "annulleret annulert kansellert" },
    { STATUS_CANCELLED, "pl", "anulowane anulowano" },
    { STATUS_FAILED, "en",
      "failed failure declined denied blocked error paymentfailed paymenterror processordeclined "
      "gatewayrejected settlementdeclined refused uncollectible paymentdeclined paymentrefused" },
    { STATUS_FAILED, "de",
      "fehlgeschlagen abgelehnt fehler zahlungsfehler zahlungfehlgeschlagen eswurdekeinkreditgenehmigt" },
    { STATUS_FAILED, "nl",
      "mislukt geweigerd betalingmislukt betalingsfout" },
    { STATUS_FAILED, "fr",
      "echoue echouee refuse refusee erreurdepaiement echec echecdepaiement paiementrefuse "
      "paiementechoue" },
    { STATUS_FAILED, "es",
      "fallido fallida rechazado errorenpago errordepago errorenelpago pagofallido denegado denegada "
      "rechazada" },
    { STATUS_FAILED, "it",
      "fallito rifiutato erroredipagamento pagamentofallito pagamentorifiutato fallita rifiutata" },
    { STATUS_FAILED, "pt",
      "falhou malsucedido recusado recusada falhado falha pagamentorecusado pagamentonaoaprovado "
      "naoautorizado naoautorizada" },
    { STATUS_FAILED, "sv", "misslyckad misslyckades nekad" },
    { STATUS_FAILED, "da", "mislykket mislykkedes afvist" },
    { STATUS_FAILED, "pl", "nieudane odrzucone" },
    { STATUS_TEST, "en", "test testorder" },
};

static enum status find(struct text word)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_trim(word), simple);
    if (!*simple) return STATUS_SALE;
    for (size_t i = 0; i < sizeof dictionary / sizeof *dictionary; i++)
        if (role_is_among(simple, dictionary[i].words)) return dictionary[i].status;
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
