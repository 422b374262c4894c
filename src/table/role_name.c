/* role_name.c - the names that columns have in the files people keep, by role and language; see role.h. */
#include "table/role.h"

#include "table/json_lines.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Simplified names.  whole: best known first.  part: within a name, where no whole name of any column fits.
 * never: a name with this in it is not of the role, whatever else it has. */
static const struct {
    enum role role;
    const char *language, *whole, *part, *never;
} dictionary[] = {
    { ROLE_CUSTOMER, "en",
      "customerid customeruniqueid customer custid clientid client userid user personid memberid member buyerid "
      "shopperid contactid accountid account accountname subscriberid visitorid customernumber customerno "
      "customerkey accountcode customercode accountemail profileid distinctid email emailaddress customeremail "
      "emailbilling billingemail buyeremail useremail "
      "contactemail anonymousid userpseudoid msisdn imsi subscribernumber subscriberno householdid playerid patientid cust loyaltycardno loyaltycardnumber "
      "loyaltyid loyaltycard "
      "loyaltynumber membershipnumber membershipno cardholderid accountnumber accountno "
      "custno custnum custnumber custcode clientno clientnumber clientcode memberno membernumber buyer "
      "constituentid donorid donornumber tenantid policyholderid studentid passengerid riderid guestid guestnumber cardnumber cardno shopperreference mpid msno policyno policynumber policyid contractid contractno contractnumber",
      "customer client user member email buyer",
      "status type emailopen emailclick count accept market consent subscri optin verified bounce domain since "
      "tenure postal postcode zip city country region" },
    { ROLE_CUSTOMER, "de",
      "kundennummer kundennr kundenid kunde kundin mitgliedsnummer mitgliedsnr mitgliednr "
      "mitgliedsid mitglied debitorennummer debitorennr debitor abonnentennummer abonummer abonnent "
      "patientennummer versichertennummer versicherungsnehmer versicherungsnehmernr gastnummer vertragskonto vertragskontonummer "
      "kundenemail emailadresse",
      "kunde", "" },
    { ROLE_CUSTOMER, "nl",
      "klantnummer klantnr klantid klant lidnummer lidnr lidid lid ledennummer debiteurnummer "
      "debiteurnr "
      "debiteur relatienummer relatienr abonneenummer abonnee emailadres",
      "klant", "" },
    { ROLE_CUSTOMER, "fr",
      "numeroclient idclient codeclient numerodeclient numclient noclient "
      "nclient "
      "refclient numeroadherent numerodadherent numadherent idadherent adherent numeromembre numerodemembre "
      "idmembre "
      "membre numeroabonne numerodabonne idabonne abonne nadherent adressemail adresseemail courriel",
      "", "" },
    { ROLE_CUSTOMER, "es",
      "comprador idcliente numerocliente codigocliente cliente numerodecliente ncliente nrocliente "
      "codcliente numerosocio numerodesocio ndesocio ndecliente nsocio nrosocio idsocio socio abonado "
      "numeroabonado idabonado correo correoelectronico",
      "cliente", "" },
    { ROLE_CUSTOMER, "it",
      "idcliente codicecliente clienteid numerocliente codcliente numerosocio idsocio codicesocio "
      "socio numerotessera codicetessera tessera abbonato numeroabbonato indirizzoemail",
      "", "" },
    { ROLE_CUSTOMER, "pt",
      "clienteid codigodocliente numerodocliente codigocliente codcliente numerocliente numerosocio "
      "numerodosocio idsocio socio associado assinante emaildocliente",
      "", "" },
    { ROLE_CUSTOMER, "sv",
      "kundnummer kundnr kundid kund medlemsnummer medlemsnr medlemsid medlem epost epostadress", "kund", "" },
    { ROLE_CUSTOMER, "da",
      "kundenummer kundenr kundeid kunde medlemsnummer medlemsnr medlemsid medlem medlemnr epost", "", "" },
    { ROLE_CUSTOMER, "pl",
      "idklienta numerklienta nrklienta klient numerczlonka nrczlonka numerkarty adresemail", "klient", "" },
    { ROLE_CUSTOMER, "fi", "asiakasnumero asiakasnro asiakas jasennumero", "asiakas", "" },
    { ROLE_CUSTOMER, "cs", "cislozakaznika idzakaznika zakaznik", "zakaznik", "" },
    { ROLE_TIME, "en",
      "time timestamp datetime eventtime eventtimestamp invoicedate orderdate dateoforder transactiondate "
      "purchasedate paymentdate saledate orderpurchasetimestamp date occurredat happenedat orderedat createdat "
      "created createddate creationdate datecreated createddateutc createdon dateadded closedate eventdate "
      "visitdate "
      "ts txndate saledon soldon purchasedon orderedon bookedon bookedat datebooked bookingdate reservationdate month yearmonth period",
      "purchasetimestamp purchasedate orderdate created timestamp date time",
      "updat modif chang deliver ship estimat expir birth refund cancel lastseen lastlogin timezone dueda fulfil "
      "lifetime" },
    { ROLE_TIME, "de",
      "datum bestelldatum kaufdatum auftragsdatum rechnungsdatum belegdatum buchungsdatum zeit zeitpunkt "
      "zeitstempel "
      "erstelltam bestelltam",
      "datum", "geburt aender ander liefer versand erstatt storn" },
    { ROLE_TIME, "nl", "besteldatum orderdatum aankoopdatum factuurdatum tijd tijdstip aangemaaktop", "",
      "geboorte gewijzigd lever verzend" },
    { ROLE_TIME, "fr",
      "datecommande datedecommande datedelacommande dateachat datedachat datefacture datevente horodatage creele",
      "", "naissance livraison expedition modification miseajour" },
    { ROLE_TIME, "es",
      "fecha fechapedido fechadepedido fechadelpedido fechacompra fechadecompra fechafactura fechaventa "
      "fechacreacion fechadecreacion",
      "fecha", "nacimiento entrega envio modificacion actualiz" },
    { ROLE_TIME, "it",
      "data dataordine datadellordine dataacquisto datadiacquisto datafattura datavendita dataora", "dataordine",
      "nascita consegna spedizione modifica aggiorn" },
    { ROLE_TIME, "pt",
      "datadopedido datapedido datadacompra datacompra datadavenda datavenda dataencomenda criadoem",
      "datado datada", "nascimento entrega envio atualiz" },
    { ROLE_CUSTOMER, "sap", "kunnr kunag kunrg", "", "" },
    { ROLE_TIME, "sap", "fkdat audat budat", "", "" },
    { ROLE_ORDER, "sap", "vbeln", "", "" },
    { ROLE_LINE, "sap", "posnr", "", "" },
    { ROLE_ITEM, "sap", "matnr", "", "" },
    { ROLE_QUANTITY, "sap", "fkimg kwmeng", "", "" },
    { ROLE_AMOUNT, "sap", "netwr", "", "" },
    { ROLE_CURRENCY, "sap", "waerk waers", "", "" },
    { ROLE_TIME, "sv", "bestallningsdatum kopdatum fakturadatum tid skapad", "", "fodelse leverans" },
    { ROLE_TIME, "da", "dato ordredato bestillingsdato kobsdato fakturadato tidspunkt", "", "fodsel levering" },
    { ROLE_TIME, "pl", "datazamowienia datazakupu datasprzedazy datafaktury datautworzenia", "", "urodzenia dostawy" },
    { ROLE_CLOCK, "en", "time timeofday ordertime eventtime clock hour transactiontime", "", "" },
    { ROLE_CLOCK, "de", "uhrzeit zeit", "", "" },
    { ROLE_CLOCK, "nl", "tijd tijdstip", "", "" },
    { ROLE_CLOCK, "fr", "heure", "", "" },
    { ROLE_CLOCK, "es", "hora", "", "" },
    { ROLE_CLOCK, "it", "ora", "", "" },
    { ROLE_CLOCK, "pt", "hora", "", "" },
    { ROLE_RECEIVED, "en",
      "received receivedat receivedtime receivedms ingested ingestedat loadedat insertedat arrivedat", "", "" },
    { ROLE_EVENT, "en",
      "event eventtype eventname eventkind action behavior behaviour behaviortype behaviourtype activity activitytype kind verb "
      "interactiontype metricname metric",
      "eventtype", "" },
    { ROLE_EVENT, "de", "ereignis aktion vorgang", "", "" },
    { ROLE_EVENT, "nl", "gebeurtenis actie", "", "" },
    { ROLE_EVENT, "fr", "evenement", "", "" },
    { ROLE_EVENT, "es", "evento accion movimiento tipodemovimiento", "", "" },
    { ROLE_EVENT, "it", "evento azione", "", "" },
    { ROLE_EVENT, "pt", "evento acao", "", "" },
    { ROLE_ORDER, "en",
      "invoiceno invoice invoiceid invoicenumber orderid order orderno ordernumber incrementid transactionid "
      "transactionno transaction receiptid receiptno receipt receiptnumber basketid bookingid amazonorderid "
      "txnid txn "
      "orderreference orderref ticketno ticketnumber bookingnumber bookingno reservationid reservationnumber confirmationnumber billno "
      "billnumber saleid saleno salenumber checkid checkno checknumber check "
      "documentno documentnumber docno vouchernumber purchaseid confirmationno paymentid chargeid",
      "invoice orderid ordernumber", "date amount total status" },
    { ROLE_ORDER, "de",
      "bestellnummer bestellung bestellid bestellnr auftragsnummer auftragsnr auftrag rechnungsnummer "
      "rechnungsnr "
      "rechnung belegnummer belegnr beleg bonnummer bonnr kassenbon kassenbonnummer buchungsnummer "
      "reservierungsnummer "
      "quittungsnummer",
      "bestellnummer", "" },
    { ROLE_ORDER, "nl", "bestelnummer bestelling ordernummer factuurnummer factuur bonnummer bon", "", "" },
    { ROLE_ORDER, "fr",
      "numerodecommande numerocommande nodecommande ncommande ndecommande idcommande commande referencecommande "
      "refcommande "
      "numerofacture "
      "numerodefacture facture commandeid nticket ticket numeroticket numerodeticket ticketdecaisse "
      "numeroreservation "
      "reservation ndefacture nfacture",
      "", "" },
    { ROLE_ORDER, "es", "deventa numerodepedido numeropedido nopedido ndepedido npedido idpedido pedido numerofactura "
      "factura pedidoid nfactura ndefactura nticket ndeticket ticket numeroticket reserva numeroreserva "
      "numerodereserva localizador",
      "", "" },
    { ROLE_ORDER, "it", "numeroordine numerodordine nordine idordine ordine numerofattura fattura ordineid "
      "numeroscontrino scontrino nscontrino numeroprenotazione idprenotazione prenotazione",
      "", "" },
    { ROLE_ORDER, "pt", "numerodopedido numeropedido idpedido pedidoid npedido reserva numerodareserva numeroreserva cupom encomenda numerodaencomenda notafiscal fatura", "",
      "" },
    { ROLE_ORDER, "sv", "bestallningsnummer ordernr fakturanummer fakturanr kvittonummer", "", "" },
    { ROLE_ORDER, "da", "ordrenummer ordrenr ordreid fakturanummer bilagsnummer", "", "" },
    { ROLE_ORDER, "pl", "numerzamowienia nrzamowienia idzamowienia zamowienie numerfaktury nrfaktury", "", "" },
    { ROLE_LINE, "en",
      "orderitemid lineitemid lineitemlinenumber linenumber lineno line orderline orderlineid orderlinenumber "
      "lineid itemsequence",
      "", "" },
    { ROLE_LINE, "de", "positionsnummer position positionsnr", "", "" },
    { ROLE_ITEM, "en",
      "stockcode sku productid product itemid item productcode itemcode articleid article contentid asin movieid "
      "productname itemname lineitemsku lineitemproductid lineitemproductsku lineitemitemid lineitemproductcode "
      "lineitemcode lineitemasin lineitemarticleid lineitemname lineitemproductname lineitemitemname lineitemtitle "
      "lineitemproduct lineitemitem itemnumber itemno itemsku orderlinesproduct",
      "productid itemid", "" },
    { ROLE_ITEM, "de", "artikelnummer artikelnr artikel artikelbezeichnung produkt produktname produktnummer", "",
      "" },
    { ROLE_ITEM, "nl", "artikelcode artikelnaam productnaam", "", "" },
    { ROLE_ITEM, "fr", "codearticle produit nomproduit nomduproduit refproduit", "", "" },
    { ROLE_ITEM, "es", "producto articulo nombreproducto nombredelproducto codigoproducto", "", "" },
    { ROLE_ITEM, "it", "prodotto articolo codicearticolo nomeprodotto codiceprodotto", "", "" },
    { ROLE_ITEM, "pt", "produto artigo nomeproduto nomedoproduto codigoproduto", "", "" },
    { ROLE_ITEM, "sv", "artikelnummer artikel produkt produktnamn", "", "" },
    { ROLE_ITEM, "da", "varenummer vare produktnavn", "", "" },
    { ROLE_ITEM, "pl", "nazwaproduktu kodproduktu towar indeks", "", "" },
    { ROLE_QUANTITY, "en",
      "quantity qty units pieces quantityordered quantitypurchased itemcount lineitemquantity lineitemqty "
      "lineitemunits lineitempieces",
      "numberof quantity qty", "available stock remaining instock" },
    { ROLE_QUANTITY, "de", "menge anzahl stuckzahl stueckzahl", "", "" },
    { ROLE_QUANTITY, "nl", "aantal hoeveelheid", "", "" },
    { ROLE_QUANTITY, "fr", "quantite qte", "", "" },
    { ROLE_QUANTITY, "es", "cantidad uds unidades", "", "" },
    { ROLE_QUANTITY, "it", "quantita qta", "", "" },
    { ROLE_QUANTITY, "pt", "quantidade qtd qtde", "", "" },
    { ROLE_QUANTITY, "sv", "antal kvantitet", "", "" },
    { ROLE_QUANTITY, "pl", "ilosc liczbasztuk", "", "" },
    { ROLE_PRICE, "en",
      "unitprice price itemprice priceperunit sellingprice priceeach itemcost unitcost lineitemprice "
      "lineitemunitprice lineitemitemprice lineitempriceeach productprice unitamount lineitembasepricemoney orderlinesunitprice lineitempricevalue",
      "price", "compare list total original discount range tier" },
    { ROLE_PRICE, "de", "einzelpreis stuckpreis stueckpreis preis preisprostuck", "einzelpreis", "" },
    { ROLE_PRICE, "nl", "stuksprijs prijs eenheidsprijs prijsperstuk", "", "" },
    { ROLE_PRICE, "fr", "prixunitaire prix", "", "" },
    { ROLE_PRICE, "es", "preciounitario precio", "", "" },
    { ROLE_PRICE, "it", "prezzounitario prezzo", "", "" },
    { ROLE_PRICE, "pt", "precounitario preco valorunitario", "", "" },
    { ROLE_PRICE, "sv", "styckpris pris enhetspris", "", "" },
    { ROLE_PRICE, "da", "stykpris enhedspris", "", "" },
    { ROLE_PRICE, "pl", "cenajednostkowa cena", "", "" },
    { ROLE_AMOUNT, "en",
      "amount amountgbp amounteur amountusd total totalamount invoicetotal invoiceamount linetotal totalprice "
      "ordertotal grandtotal "
      "orderamount "
      "ordervalue revenue netrevenue netamount nettotal netvalue grossrevenue grossamount sales netsales "
      "grosssales spend spent paymentvalue payment "
      "value "
      "dollarvalue mrr transactionamount gross amt totalcost premiumamount grosspremium netpremium lineamount lineitemtotalmoney "
      "lineitemtotal lineitemamount chargedamount premium invoiced billed amountinvoiced amountbilled",
      "amount revenue total value sales",
      "discount tax shipping fee refund balance tip orders items count unpaid due credit points score rate rep "
      "quantity "
      "cost vat convert coupon lifetime average margin percent ltv number" },
    { ROLE_AMOUNT, "de",
      "betrag umsatz summe gesamtbetrag gesamtsumme gesamtpreis gesamt bestellwert bestellsumme auftragswert "
      "auftragssumme rechnungssumme bruttobetrag endbetrag rechnungsbetrag zahlbetrag warenwert "
      "beitrag monatsbeitrag "
      "gesamtbetragderbestellung",
      "betrag umsatz summe", "rabatt steuer versand gebuhr erstatt saldo guthaben" },
    { ROLE_AMOUNT, "nl", "bedrag totaal totaalbedrag omzet totaalprijs", "bedrag", "korting btw verzend saldo" },
    { ROLE_AMOUNT, "fr", "montant montanttotal totalttc montantttc totalcommande chiffredaffaires", "montant",
      "remise taxe tva livraison frais rembours solde" },
    { ROLE_AMOUNT, "es", "importe importetotal monto montototal totalpedido totaldelpedido", "importe monto",
      "descuento impuesto iva envio reembols saldo" },
    { ROLE_AMOUNT, "it", "importo importototale totale totaleordine prezzototale", "importo",
      "sconto imposta iva spedizione rimbors saldo" },
    { ROLE_AMOUNT, "pt", "valor valortotal montante totaldopedido totalpedido precototal", "valor",
      "desconto imposto frete reembols saldo unitario" },
    { ROLE_AMOUNT, "sv", "belopp summa totalbelopp totalsumma ordersumma ordervarde", "belopp", "rabatt moms frakt saldo" },
    { ROLE_AMOUNT, "da", "belob totalbelob ordretotal belop totalbelop ordrebelop", "belob", "rabat moms fragt saldo" },
    { ROLE_AMOUNT, "pl", "kwota wartosc wartosczamowienia suma razem kwotabrutto", "kwota", "rabat podatek vat saldo" },
    { ROLE_REFUNDED, "en",
      "refundedamount amountrefunded totalrefunded refundtotal refundstotal totalrefund totalrefunds refundamount orderrefundamount refunded refund refunds "
      "returns",
      "refundamount amountrefund refundedamount refundtotal refundstotal totalrefund", "date reason converted status id" },
    { ROLE_REFUNDED, "de", "erstattet erstattungsbetrag erstatteterbetrag ruckerstattung rueckerstattung", "",
      "" },
    { ROLE_REFUNDED, "nl", "terugbetaald terugbetaaldbedrag restitutie", "", "" },
    { ROLE_REFUNDED, "fr", "montantrembourse rembourse remboursement", "", "" },
    { ROLE_REFUNDED, "es", "importereembolsado reembolsado reembolso", "", "" },
    { ROLE_REFUNDED, "it", "importorimborsato rimborsato rimborso", "", "" },
    { ROLE_REFUNDED, "pt", "valorreembolsado reembolsado reembolso estorno", "", "" },
    { ROLE_STATUS, "en",
      "orderstatus status financialstatus paymentstatus transactionstatus stagename dealstage stage state",
      "orderstatus paymentstatus status state",
      "fulfil shipping delivery lineitem risk marital subscri loyal member customer account user employ "
      "statement "
      "unitedstate email" },
    { ROLE_STATUS, "de", "bestellstatus statusderbestellung auftragsstatus zahlungsstatus zahlstatus", "", "liefer versand" },
    { ROLE_STATUS, "nl", "bestelstatus betaalstatus betalingsstatus", "", "verzend" },
    { ROLE_STATUS, "fr", "statut statutdelacommande statutcommande etat etatcommande statutdepaiement", "statut",
      "livraison expedition" },
    { ROLE_STATUS, "es", "estado estadopedido estadodelpedido estadodepago estadodelpago", "estado",
      "envio civil" },
    { ROLE_STATUS, "it", "stato statoordine statodellordine statopagamento", "stato", "spedizione civile" },
    { ROLE_STATUS, "pt", "situacao statusdopedido estadodopedido situacaodopedido statusdopagamento situacaodopagamento estadodopagamento", "", "entrega" },
    { ROLE_STATUS, "sv", "betalstatus betalningsstatus", "", "leverans" },
    { ROLE_STATUS, "da", "ordrestatus betalingsstatus", "", "levering" },
    { ROLE_STATUS, "pl", "statuszamowienia statusplatnosci", "", "dostawy" },
    { ROLE_CANCELLED, "en",
      "cancelledat canceledat cancelledon canceledon cancelleddate canceleddate cancellationdate", "", "" },
    { ROLE_CANCELLED, "de", "storniertam stornodatum", "", "" },
    { ROLE_CANCELLED, "nl", "geannuleerdop", "", "" },
    { ROLE_CANCELLED, "fr", "annulele datedannulation", "", "" },
    { ROLE_CANCELLED, "es", "canceladoel fechadecancelacion", "", "" },
    { ROLE_CANCELLED, "it", "annullatoil", "", "" },
    { ROLE_CANCELLED, "pt", "canceladoem", "", "" },
    { ROLE_CURRENCY, "en", "currency currencycode curr ordercurrency", "currency", "settle convert payout presentment prefer user customer" },
    { ROLE_CURRENCY, "de", "wahrung waehrung", "", "" },
    { ROLE_CURRENCY, "nl", "valuta munt", "", "" },
    { ROLE_CURRENCY, "pl", "waluta", "", "" },
    { ROLE_CURRENCY, "fr", "devise monnaie", "", "" },
    { ROLE_CURRENCY, "es", "moneda divisa", "", "" },
    { ROLE_CURRENCY, "pt", "moeda", "", "" },
    { ROLE_TARGET, "en",
      "churn churned ischurn ischurned churnflag churnlabel haschurned exited attrition attritionflag target "
      "label y "
      "left response responded converted",
      "churn attrition", "" },
    { ROLE_TARGET, "de", "gekundigt gekuendigt kundigung kuendigung abgewandert abwanderung", "", "" },
    { ROLE_TARGET, "nl", "opgezegd vertrokken", "", "" },
    { ROLE_TARGET, "fr", "resilie resiliation desabonne attrition parti", "", "" },
    { ROLE_TARGET, "es", "abandono fuga debaja", "", "" },
    { ROLE_TARGET, "it", "abbandono disdetta", "", "" },
    { ROLE_TARGET, "pt", "evasao saiu", "", "" },
    { ROLE_CUSTOMER, "tr",
      "musterino musterinumarasi musteriid musterikodu musteri uyeno uyenumarasi uyeid uye eposta epostaadresi "
      "musteriepostasi cariadi carikodu",
      "musteri", "" },
    { ROLE_TIME, "tr", "siparistarihi tarih satistarihi faturatarihi islemtarihi olusturmatarihi zaman", "siparistarih",
      "dogum teslim kargo guncelle iade iptal" },
    { ROLE_CLOCK, "tr", "saat", "", "" },
    { ROLE_ORDER, "tr", "siparisno siparisnumarasi siparisid siparis faturano faturanumarasi fisno belgeno islemno", "", "" },
    { ROLE_ITEM, "tr", "urunkodu urunadi urun stokkodu stokadi malzeme barkod", "", "" },
    { ROLE_QUANTITY, "tr", "adet miktar", "", "" },
    { ROLE_PRICE, "tr", "birimfiyat birimfiyati fiyat", "", "" },
    { ROLE_AMOUNT, "tr",
      "tutar toplam toplamtutar geneltoplam siparistutari satistutari faturatutari odenentutar satirtutari ciro", "tutar",
      "indirim kargo vergi kdv iade bakiye" },
    { ROLE_REFUNDED, "tr", "iadetutari", "", "" },
    { ROLE_STATUS, "tr", "durum siparisdurumu odemedurumu", "", "kargo teslim" },
    { ROLE_CURRENCY, "tr", "parabirimi doviz dovizcinsi", "", "" },
    { ROLE_CUSTOMER, "ja",
      "顧客id 顧客番号 顧客コード 顧客no 顧客 会員id 会員番号 会員コード 会員no 会員 お客様番号 お客様id ユーザーid 得意先コード 得意先 "
      "メールアドレス 注文者メールアドレス",
      "", "" },
    { ROLE_TIME, "ja",
      "注文日時 注文日 受注日時 受注日 購入日時 購入日 売上日時 売上日 取引日時 取引日 決済日時 決済日 伝票日付 日時 日付 年月日", "", "" },
    { ROLE_CLOCK, "ja", "時刻 時間 注文時刻", "", "" },
    { ROLE_ORDER, "ja", "注文番号 注文id 注文no 受注番号 受注id 受注no 伝票番号 取引番号 取引id レシート番号 予約番号", "", "" },
    { ROLE_ITEM, "ja", "商品コード 商品番号 商品id 商品名 商品 品番 品名 janコード", "", "" },
    { ROLE_QUANTITY, "ja", "数量 個数 点数 購入数量 注文数量", "", "" },
    { ROLE_PRICE, "ja", "単価 販売単価 価格 販売価格", "", "" },
    { ROLE_AMOUNT, "ja",
      "金額 合計金額 合計 売上金額 売上 注文金額 購入金額 支払金額 決済金額 請求金額 請求合計額 税込金額 小計 総額 総合計", "金額",
      "割引 値引 送料 消費税 返金 残高 手数料" },
    { ROLE_REFUNDED, "ja", "返金額 返金金額", "", "" },
    { ROLE_STATUS, "ja", "ステータス 注文ステータス 受注ステータス 状態 注文状況 決済状況", "", "配送 発送" },
    { ROLE_CURRENCY, "ja", "通貨 通貨コード", "", "" },
    { ROLE_PERSONAL, "tr", "ad soyad adsoyad musteriadi telefon telefonno adres dogumtarihi", "", "" },
    { ROLE_PERSONAL, "ja", "氏名 姓 名 名前 お名前 顧客名 会員名 電話番号 住所 生年月日 郵便番号", "", "" },
    { ROLE_PERSONAL, "en",
      "firstname lastname fullname surname givenname familyname customername buyername recipientname contactname "
      "billingname shippingname phone phonenumber telephone mobile mobilephone cellphone billingphone "
      "shippingphone "
      "buyerphone buyerphonenumber contactphone street billingstreet shippingstreet address address1 address2 "
      "streetaddress billingaddress shippingaddress email emailaddress customeremail billingemail ipaddress ip "
      "dateofbirth birthdate birthday dob timezone locale consent",
      "firstname lastname fullname phonenumber streetaddress addressline address1 address2 billingaddress "
      "shippingaddress "
      "shipaddress emailaddress billtoname shiptoname",
      "type status count plan service verified optin accept market" },
    { ROLE_PERSONAL, "de",
      "vorname nachname familienname telefon telefonnummer handynummer mobilnummer strasse strase anschrift "
      "adresse "
      "geburtsdatum",
      "vorname nachname telefonnummer", "" },
    { ROLE_PERSONAL, "nl", "voornaam achternaam telefoon telefoonnummer straat adres geboortedatum", "", "" },
    { ROLE_PERSONAL, "fr",
      "prenom nomdefamille nomclient telephone numerodetelephone rue adresse datedenaissance", "", "" },
    { ROLE_PERSONAL, "es", "nombre apellido apellidos telefono direccion fechadenacimiento", "", "" },
    { ROLE_PERSONAL, "it", "nome cognome telefono indirizzo datadinascita", "", "" },
    { ROLE_PERSONAL, "pt", "nome sobrenome telefone celular endereco datadenascimento", "", "" },
    { ROLE_TRAIT, "en",
      "country usercountry customercountry region userregion state customerstate city gender sex segment plan "
      "tier "
      "language agegroup membership industry acquisitionchannel signupchannel subscription",
      "", "" },
    { ROLE_TRAIT, "de", "land region stadt geschlecht kundengruppe", "", "" },
    { ROLE_TRAIT, "nl", "land provincie stad geslacht", "", "" },
    { ROLE_TRAIT, "fr", "pays ville sexe genre", "", "" },
    { ROLE_TRAIT, "es", "pais provincia ciudad sexo", "", "" },
    { ROLE_TRAIT, "it", "paese nazione citta sesso", "", "" },
    { ROLE_TRAIT, "pt", "pais cidade sexo", "", "" },
};

/* What any row may be called: a customer only where nothing else is. */
static const char any_id[] = "id uid rowid rownames";

/* The letter under the accent of U+00C0 to U+017F, 64 for each first byte in UTF-8 from 0xc3 on, whose second is 0x80 to
 * 0xbf; "ss" is one s. */
static const char plain_letters[] = "aaaaaaaceeeeiiiidnooooo.ouuuuyps" "aaaaaaaceeeeiiiidnooooo.ouuuuypy"
                                    "aaaaaaccccccccddddeeeeeeeeeegggg" "gggghhhhiiiiiiiiiiiijjkkklllllll"
                                    "lllnnnnnnnnnoooooooorrrrrrssssss" "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

void role_simplify(struct text name, char ret_name[ROLE_NAME_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.length && n + 1 < ROLE_NAME_BYTES; i++) {
        unsigned char c = (unsigned char)name.at[i];
        if (c >= 0xc3 && c <= 0xc5 && i + 1 < name.length && ((unsigned char)name.at[i + 1] & 0xc0) == 0x80)
            c = (unsigned char)plain_letters[64 * (c - 0xc3) + ((unsigned char)name.at[++i] & 0x3f)];
        if (c < 0x80 && isalnum(c)) ret_name[n++] = (char)tolower(c);
        if (c < 0xe3 || c > 0xed || i + 2 >= name.length || n + 3 >= ROLE_NAME_BYTES) continue;
        if (c == 0xe3 && (unsigned char)name.at[i + 1] == 0x80) continue;       /* marks */
        memcpy(ret_name + n, name.at + i, 3);   /* kana, han, hangul */
        n += 3, i += 2;
    }
    ret_name[n] = 0;
}

static const char *next_word(const char **at, size_t *ret_length)
{
    while (**at == ' ') ++*at;
    const char *word = *at;
    while (**at && **at != ' ') ++*at;
    *ret_length = (size_t)(*at - word);
    return *ret_length > 0 ? word : NULL;
}

bool role_has_one_of(const char *simple, const char *words)
{
    size_t length;
    for (const char *word; (word = next_word(&words, &length));)
        if (memmem(simple, strlen(simple), word, length)) return true;
    return false;
}

/* The place among the words, from 1; 0: it is none of them. */
static int place_of(const char *simple, const char *words)
{
    size_t length;
    int place = 1;
    for (const char *word; (word = next_word(&words, &length)); place++)
        if (strlen(simple) == length && memcmp(simple, word, length) == 0) return place;
    return 0;
}

bool role_is_among(const char *simple, const char *words) { return place_of(simple, words) > 0; }

/* Customers are named by address in most exports: "Email (Billing)" says more than "id".  A total is more than its parts:
 * "Total Revenue" beside "Room Revenue". */
static int part_score(enum role role, const char *simple)
{
    if (role == ROLE_AMOUNT) return strncmp(simple, "total", 5) == 0 ? 2 : 1;
    if (role != ROLE_CUSTOMER) return 1;
    return strstr(simple, "email") ? 3 : 2;
}

/* The length of the first of the words that the name ends with, and does not begin with; 0: none. */
static size_t end_of(const char *simple, const char *words)
{
    size_t n = strlen(simple), length;
    for (const char *word; (word = next_word(&words, &length));)
        if (n > length && memcmp(simple + n - length, word, length) == 0) return length;
    return 0;
}

/* How some services' APIs name what is in the currency's smallest unit. */
static const char unit_ends[] = "centamount moneyamount";

/* Behind what only wraps a record's members: GraphQL's node, Elasticsearch's _source, Airtable's fields, JSON:API's
 * attributes. */
static const char *past_wrap(const char *name)
{
    static const char *const wraps[] = { "node.", "_source.", "fields.", "attributes." };
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++)
        if (strncmp(name, wraps[i], strlen(wraps[i])) == 0) return name + strlen(wraps[i]);
    return name;
}

/* "Order Total (inc tax)" is the order's total. */
static void simplify_whole(const char *name, char ret_simple[ROLE_NAME_BYTES])
{
    static const char ends[] = "inctax incltax includingtax incvat inclvat includingvat incgst inclgst inklmwst inklust "
                               "inclbtw inclusiefbtw ttc ivaincluido ivaincluida ivainclusa incents cents minorunits "
                               "inpence 税込 税抜 税別";
    name = past_wrap(name);
    if (!json_lines_simplify(name, ret_simple)) role_simplify(text_of(name), ret_simple);
    size_t end = end_of(ret_simple, ends);
    if (end == 0) end = end_of(ret_simple, unit_ends);
    ret_simple[strlen(ret_simple) - end] = 0;
}

int role_money_shift(const char *name)
{
    static const char *const signs[] = { "k€", "K€", "T€", "k$", "K$", "k£", "K£" };
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    size_t n = strlen(simple), cents = end_of(simple, "cents incent pence centimes centavos minorunits minorunit");
    bool is_share = n >= cents + 3 && strncmp(simple + n - cents - 3, "per", 3) == 0;
    if (cents > 0 && !is_share) return -2;
    if (end_of(simple, "inthousands teur keur kusd kgbp kchf tsdeur intsd") > 0) return 3;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(name, signs[i])) return 3;
    return 0;
}

bool role_money_is_in_units(const char *name)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    return end_of(simple, unit_ends) > 0;
}

const char *role_money_currency(const char *name)
{
    static const struct { const char *sign, *code; } signs[] = { { "€", "EUR" }, { "£", "GBP" }, { "zł", "PLN" } };
    /* Words that mean nothing else in a name, as "all", "try" and "top" do. */
    static const char *const codes[] = { "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
                                         "CAD", "AUD", "NZD", "JPY", "CNY", "INR", "BRL", "MXN", "ZAR" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(name, signs[i].sign)) return signs[i].code;
    for (const char *at = name; *at;) {
        size_t n = 0;
        while (isalpha((unsigned char)at[n])) n++;
        for (size_t i = 0; n == 3 && i < sizeof codes / sizeof *codes; i++)
            if (strncasecmp(at, codes[i], 3) == 0) return codes[i];
        at += n ? n : 1;
    }
    return "";
}

bool role_name_is_never(enum role role, const char *name)
{
    char simple[ROLE_NAME_BYTES];
    simplify_whole(name, simple);
    char *account = strstr(simple, "account");
    if (account) memcpy(account, "-------", 7);         /* no "count" */
    char *value = strstr(simple, "tvalue");
    if (value) *value = '-';                            /* "basket value" is no "tva" */
    for (size_t i = 0; i < sizeof dictionary / sizeof *dictionary; i++)
        if (dictionary[i].role == role && role_has_one_of(simple, dictionary[i].never)) return true;
    return false;
}

int role_name_score(enum role role, const char *name)
{
    char simple[ROLE_NAME_BYTES];
    int best = 0;
    simplify_whole(name, simple);
    for (size_t i = 0; i < sizeof dictionary / sizeof *dictionary; i++) {
        if (dictionary[i].role != role) continue;
        int place = place_of(simple, dictionary[i].whole), score = place ? 101 - place : 0;
        if (!score && role_has_one_of(simple, dictionary[i].part)) score = part_score(role, simple);
        if (score > best) best = score;
    }
    if (best <= ROLE_NAME_PART && role_name_is_never(role, name)) best = 0;
    if (role == ROLE_CUSTOMER && best == 0 && place_of(simple, any_id)) best = 1;
    return best;
}
