/* role_name.c - the names that columns have in the files people keep, best known first; see role.h. */
#include "table/role.h"

#include <ctype.h>
#include <string.h>

/* exact: the whole name.  part: within it, where no exact name of any column fits. */
static const struct {
    enum role role;
    const char *exact, *part;
} dictionary[] = {
    { ROLE_CUSTOMER,
      "customerid customeruniqueid customer custid clientid client userid user personid memberid member "
      "buyerid shopperid "
      "contactid accountid account subscriberid visitorid customernumber customerno customerkey kundennummer "
      "kundennr kunde "
      "email emailaddress anonymousid householdid playerid patientid uid cust id rownames rowid",
      "customer client user member kunde" },
    { ROLE_TIME,
      "time timestamp datetime eventtime eventtimestamp invoicedate orderdate transactiondate purchasedate "
      "orderpurchasetimestamp date occurredat happenedat createdat created eventdate visitdate ts datum zeit "
      "zeitpunkt",
      "purchasetimestamp timestamp date time" },
    { ROLE_RECEIVED,
      "received receivedat receivedtime receivedms ingested ingestedat loadedat insertedat arrivedat", "" },
    { ROLE_EVENT,
      "event eventtype eventname eventkind action behavior behaviour activity activitytype kind verb "
      "interactiontype",
      "eventtype" },
    { ROLE_ORDER,
      "invoiceno invoice invoiceid invoicenumber orderid order orderno ordernumber transactionid "
      "transactionno transaction "
      "receiptid receiptno receipt basketid bookingid bestellnummer auftrag rechnung",
      "invoice orderid" },
    { ROLE_ITEM,
      "stockcode sku productid product itemid item productcode itemcode articleid article contentid asin "
      "movieid productname "
      "artikel artikelnummer",
      "productid itemid" },
    { ROLE_QUANTITY, "quantity qty units pieces quantityordered itemcount menge anzahl",
      "numberof quantity qty" },
    { ROLE_PRICE, "unitprice price itemprice priceperunit sellingprice priceeach preis einzelpreis",
      "price" },
    { ROLE_AMOUNT,
      "amount amountgbp amounteur amountusd total totalamount linetotal totalprice ordertotal revenue sales "
      "spend spent "
      "paymentvalue payment value dollarvalue transactionamount betrag umsatz summe",
      "amount revenue total value sales" },
    { ROLE_CURRENCY, "currency currencycode curr waehrung", "" },
    { ROLE_TARGET,
      "churn churned ischurn ischurned churnflag churnlabel haschurned exited attrition attritionflag target "
      "label y left "
      "response converted",
      "churn attrition" },
    { ROLE_TRAIT,
      "country usercountry customercountry region userregion state customerstate city gender sex segment "
      "plan tier language "
      "agegroup membership industry acquisitionchannel signupchannel subscription land",
      "" },
};

enum { NAME_BYTES = 64 };

/* Lower case letters and digits only. */
static void simplify(const char *name, char ret_name[NAME_BYTES])
{
    size_t n = 0;
    for (; *name && n + 1 < NAME_BYTES; name++)
        if (isalnum((unsigned char)*name)) ret_name[n++] = (char)tolower((unsigned char)*name);
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

int role_name_score(enum role role, const char *name)
{
    char simple[NAME_BYTES];
    size_t length;
    simplify(name, simple);
    for (size_t i = 0; i < sizeof dictionary / sizeof *dictionary; i++) {
        if (dictionary[i].role != role) continue;
        int score = 100;
        for (const char *at = dictionary[i].exact, *word; (word = next_word(&at, &length)); score--)
            if (strlen(simple) == length && memcmp(simple, word, length) == 0) return score;
        for (const char *at = dictionary[i].part, *word; (word = next_word(&at, &length));)
            if (memmem(simple, strlen(simple), word, length)) return 1;
    }
    return 0;
}
