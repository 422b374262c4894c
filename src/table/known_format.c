/* known_format.c - the table of known exports; see known_format.h. */
#include "table/known_format.h"

#include <string.h>

static const struct known_format formats[] = {
    { .name = "Shopify's export of orders",
      .headers = "name email financialstatus createdat lineitemquantity lineitemname lineitemprice",
      .roles = { [ROLE_ORDER] = "name id",
                 [ROLE_CUSTOMER] = "email phone",
                 [ROLE_TIME] = "createdat",
                 [ROLE_STATUS] = "financialstatus",
                 [ROLE_CANCELLED] = "cancelledat",
                 [ROLE_TOTAL] = "total",
                 [ROLE_REFUNDED] = "refundedamount",
                 [ROLE_ITEM] = "lineitemsku lineitemname",
                 [ROLE_QUANTITY] = "lineitemquantity",
                 [ROLE_PRICE] = "lineitemprice",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "WooCommerce's export of orders, a row for each product",
      .headers = "ordernumber orderstatus orderdate emailbilling itemcost",
      .roles = { [ROLE_ORDER] = "ordernumber",
                 [ROLE_CUSTOMER] = "emailbilling customeruserid",
                 [ROLE_TIME] = "orderdate",
                 [ROLE_STATUS] = "orderstatus",
                 [ROLE_TOTAL] = "ordersubtotalamount ordertotalamount",
                 [ROLE_REFUNDED] = "orderrefundamount",
                 [ROLE_ITEM] = "sku itemname",
                 [ROLE_QUANTITY] = "quantityrefund quantity",
                 [ROLE_PRICE] = "itemcost",
                 [ROLE_CURRENCY] = "ordercurrency currency" } },
    { .name = "WooCommerce's export of orders",
      .headers = "orderid orderdate status billingemail ordertotal",
      .roles = { [ROLE_ORDER] = "orderid ordernumber",
                 [ROLE_CUSTOMER] = "billingemail customeremail customerid",
                 [ROLE_TIME] = "orderdate",
                 [ROLE_STATUS] = "status",
                 [ROLE_TOTAL] = "ordertotal",
                 [ROLE_REFUNDED] = "refundedtotal orderrefund",
                 [ROLE_ITEM] = "itemsku itemname sku",
                 [ROLE_QUANTITY] = "itemquantity quantity",
                 [ROLE_AMOUNT] = "itemtotal",
                 [ROLE_CURRENCY] = "ordercurrency currency" } },
    { .name = "Shopify's orders, as its API answers",
      .headers = "id email createdat processedat financialstatus totalprice",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customerid email contactemail",
                 [ROLE_TIME] = "processedat createdat",
                 [ROLE_STATUS] = "financialstatus",
                 [ROLE_CANCELLED] = "cancelledat",
                 [ROLE_TOTAL] = "totalprice",
                 [ROLE_ITEM] = "lineitemsproductid lineitemssku lineitemstitle",
                 [ROLE_QUANTITY] = "lineitemsquantity",
                 [ROLE_PRICE] = "lineitemsprice",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "WooCommerce's orders, as its API answers",
      .headers = "id number status datecreated total billingemail",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "billingemail",
                 [ROLE_TIME] = "datecreatedgmt datecreated",
                 [ROLE_STATUS] = "status",
                 [ROLE_TOTAL] = "total",
                 [ROLE_ITEM] = "lineitemssku lineitemsproductid lineitemsname",
                 [ROLE_QUANTITY] = "lineitemsquantity",
                 [ROLE_AMOUNT] = "lineitemstotal",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "WooCommerce Analytics' orders",
      .headers = "date order status customer customertype itemssold nrevenue",
      .roles = { [ROLE_ORDER] = "order",
                 [ROLE_CUSTOMER] = "customer",
                 [ROLE_TIME] = "date",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "nrevenue",
                 [ROLE_QUANTITY] = "itemssold" } },
    { .name = "Stripe's export of payments",
      .headers = "id amount amountrefunded currency status convertedamount fee",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customerid customeremail cardid",
                 [ROLE_TIME] = "createddateutc createdutc created",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "amount",
                 [ROLE_REFUNDED] = "amountrefunded",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "Stripe's charges, as its API answers, in cents",
      .headers = "id object amount amountcaptured amountrefunded currency created status",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customer billingdetailsemail receiptemail",
                 [ROLE_TIME] = "created",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "amountcaptured",
                 [ROLE_REFUNDED] = "amountrefunded",
                 [ROLE_CURRENCY] = "currency" },
      .is_in_cents = true },
    { .name = "Stripe's payment intents, as its API answers, in cents",
      .headers = "id object amount amountreceived currency created status",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customer receiptemail",
                 [ROLE_TIME] = "created",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "amountreceived",
                 [ROLE_CURRENCY] = "currency" },
      .is_in_cents = true },
    { .name = "Square's export of items",
      .headers = "date item qty netsales transactionid eventtype customerid",
      .roles = { [ROLE_ORDER] = "transactionid",
                 [ROLE_CUSTOMER] = "customerid customerreferenceid customername",
                 [ROLE_TIME] = "date",
                 [ROLE_CLOCK] = "time",
                 [ROLE_AMOUNT] = "netsales",
                 [ROLE_ITEM] = "sku item",
                 [ROLE_QUANTITY] = "qty" } },
    { .name = "Square's export of transactions",
      .headers = "date grosssales netsales totalcollected transactionid customerid",
      .roles = { [ROLE_ORDER] = "transactionid",
                 [ROLE_CUSTOMER] = "customerid customerreferenceid customername",
                 [ROLE_TIME] = "date",
                 [ROLE_CLOCK] = "time",
                 [ROLE_AMOUNT] = "netsales" } },
    { .name = "Lightspeed's sales history, a row for each sale, line and payment",
      .headers = "receiptnumber linetype customercode quantity total status sku",
      .roles = { [ROLE_ORDER] = "receiptnumber",
                 [ROLE_CUSTOMER] = "customercode customername",
                 [ROLE_TIME] = "date",
                 [ROLE_STATUS] = "status",
                 [ROLE_ITEM] = "sku details",
                 [ROLE_QUANTITY] = "quantity",
                 [ROLE_AMOUNT] = "total",
                 [ROLE_PERSONAL] = "customername" },
      .kind = "linetype",
      .sale_words = "saleline",
      .refund_words = "saleline returnline refundline" },
    { .name = "Booking.com's reservations",
      .headers = "booknumber bookedby checkin checkout bookedon status price",
      .roles = { [ROLE_ORDER] = "booknumber",
                 [ROLE_CUSTOMER] = "bookedby guestnames",
                 [ROLE_TIME] = "bookedon",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "price",
                 [ROLE_PERSONAL] = "guestnames" } },
    { .name = "Paddle's transactions, as its API answers, in cents",
      .headers = "id status customerid currencycode billedat detailstotalstotal",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customerid",
                 [ROLE_TIME] = "billedat createdat",
                 [ROLE_STATUS] = "status",
                 [ROLE_TOTAL] = "detailstotalstotal",
                 [ROLE_ITEM] = "itemspriceproductid itemspriceid",
                 [ROLE_QUANTITY] = "itemsquantity",
                 [ROLE_PRICE] = "itemspriceunitpriceamount",
                 [ROLE_CURRENCY] = "currencycode" },
      .statuses = "ready=pending billed=pending",
      .is_in_cents = true },
    { .name = "Magento's grid of orders",
      .headers = "id purchasepoint purchasedate grandtotalbase status customeremail",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customeremail",
                 [ROLE_TIME] = "purchasedate",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "grandtotalbase",
                 [ROLE_REFUNDED] = "totalrefunded" },
      .statuses = "closed=refunded processing=sale" },
    { .name = "Amazon's report of shipments",
      .headers = "amazonorderid shipmentid purchasedate buyeremail quantityshipped itemprice",
      .roles = { [ROLE_ORDER] = "amazonorderid",
                 [ROLE_CUSTOMER] = "buyeremail",
                 [ROLE_TIME] = "purchasedate",
                 [ROLE_ITEM] = "sku productname",
                 [ROLE_QUANTITY] = "quantityshipped",
                 [ROLE_AMOUNT] = "itemprice",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "Amazon's report of orders",
      .headers = "orderid orderitemid purchasedate buyeremail quantitypurchased",
      .roles = { [ROLE_ORDER] = "orderid",
                 [ROLE_CUSTOMER] = "buyeremail",
                 [ROLE_TIME] = "purchasedate",
                 [ROLE_ITEM] = "sku productname",
                 [ROLE_QUANTITY] = "quantitypurchased",
                 [ROLE_AMOUNT] = "itemprice",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "Amazon's report of all orders",
      .headers = "amazonorderid purchasedate orderstatus itemprice quantity",
      .roles = { [ROLE_ORDER] = "amazonorderid",
                 [ROLE_CUSTOMER] = "buyeremail buyeridentifier",
                 [ROLE_TIME] = "purchasedate",
                 [ROLE_STATUS] = "orderstatus",
                 [ROLE_ITEM] = "sku asin",
                 [ROLE_QUANTITY] = "quantity",
                 [ROLE_AMOUNT] = "itemprice",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "eBay's report of orders",
      .headers = "salesrecordnumber ordernumber buyerusername itemtitle quantity soldfor saledate",
      .roles = { [ROLE_ORDER] = "ordernumber",
                 [ROLE_CUSTOMER] = "buyerusername",
                 [ROLE_TIME] = "saledate",
                 [ROLE_ITEM] = "customlabel itemnumber itemtitle",
                 [ROLE_QUANTITY] = "quantity",
                 [ROLE_PRICE] = "soldfor",
                 [ROLE_TOTAL] = "totalprice",
                 [ROLE_PERSONAL] = "buyername" } },
    { .name = "PayPal's activity",
      .headers = "date time type status currency gross net fromemailaddress transactionid",
      .roles = { [ROLE_ORDER] = "transactionid",
                 [ROLE_CUSTOMER] = "fromemailaddress",
                 [ROLE_TIME] = "date",
                 [ROLE_CLOCK] = "time",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "gross",
                 [ROLE_CURRENCY] = "currency",
                 [ROLE_PERSONAL] = "name" },
      .kind = "type",
      .sale_words = "payment checkout cart subscription donation invoice sale",
      .refund_words = "refund revers chargeback",
      .payee = "toemailaddress",
      /* A payment that was given back has a row of its own for that. */
      .statuses =
          "refunded=sale partiallyrefunded=sale reversed=sale cleared=sale placed=pending removed=cancelled" },
    { .name = "Adyen's settlement details",
      .headers = "pspreference creationdate type grosscurrency grossdebitgc grosscreditgc",
      .roles = { [ROLE_ORDER] = "pspreference",
                 [ROLE_CUSTOMER] = "shopperreference shopperemail",
                 [ROLE_TIME] = "creationdate",
                 [ROLE_AMOUNT] = "grosscreditgc",
                 [ROLE_CURRENCY] = "grosscurrency" },
      .outgoing = "grossdebitgc",
      .kind = "type",
      .sale_words = "settled refundedreversed chargebackreversed",
      .refund_words = "refunded chargeback" },
    { .name = "Mollie's payments",
      .headers = "date paymentmethod currency amount status id consumername consumerbankaccount",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "customerid consumerbankaccount consumername",
                 [ROLE_TIME] = "date",
                 [ROLE_STATUS] = "status",
                 [ROLE_AMOUNT] = "amount",
                 [ROLE_REFUNDED] = "amountrefunded",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "Salesforce's opportunities",
      .headers = "id accountid stagename closedate amount",
      .roles = { [ROLE_ORDER] = "id",
                 [ROLE_CUSTOMER] = "accountid",
                 [ROLE_TIME] = "closedate",
                 [ROLE_STATUS] = "stagename",
                 [ROLE_AMOUNT] = "amount",
                 [ROLE_CURRENCY] = "currencyisocode" } },
    { .name = "Salesforce's report of opportunities",
      .headers = "accountname opportunityname stage closedate amount",
      .roles = { [ROLE_ORDER] = "opportunityid opportunityname",
                 [ROLE_CUSTOMER] = "accountid accountname",
                 [ROLE_TIME] = "closedate",
                 [ROLE_STATUS] = "stage",
                 [ROLE_AMOUNT] = "amount",
                 [ROLE_CURRENCY] = "amountcurrency" } },
    { .name = "HubSpot's export of deals",
      .headers = "recordid dealname dealstage closedate amount",
      .roles = { [ROLE_ORDER] = "recordid",
                 [ROLE_CUSTOMER] =
                     "associatedcompanyids associatedcontactids associatedcompany associatedcontact",
                 [ROLE_TIME] = "closedate",
                 [ROLE_STATUS] = "dealstage",
                 [ROLE_AMOUNT] = "amount",
                 [ROLE_CURRENCY] = "currency" } },
    { .name = "HubSpot's export of contacts",
      .shape = SHAPE_TABLE,
      .headers = "recordid email lifecyclestage",
      .roles = { [ROLE_CUSTOMER] = "email recordid" } },
    { .name = "Klaviyo's export of profiles",
      .shape = SHAPE_TABLE,
      .headers = "klaviyoid email",
      .roles = { [ROLE_CUSTOMER] = "email klaviyoid" } },
    { .name = "Mailchimp's export of an audience",
      .shape = SHAPE_TABLE,
      .headers = "emailaddress memberrating optintime euid",
      .roles = { [ROLE_CUSTOMER] = "emailaddress" } },
    { .name = "Patreon's members",
      .shape = SHAPE_TABLE,
      .headers = "email patronstatus lifetimeamount pledgeamount",
      .roles = { [ROLE_CUSTOMER] = "email userid", [ROLE_PERSONAL] = "name" } },
    { .name = "Gumroad's sales",
      .headers = "purchaseid itemname purchaseemail purchasedate saleprice nettotal",
      .roles = { [ROLE_ORDER] = "purchaseid",
                 [ROLE_CUSTOMER] = "purchaseemail buyeremail",
                 [ROLE_TIME] = "purchasedate",
                 [ROLE_CLOCK] = "purchasetime purchasetimeutctimezone",
                 [ROLE_ITEM] = "itemname",
                 [ROLE_AMOUNT] = "saleprice",
                 [ROLE_REFUNDED] = "partialrefund",
                 [ROLE_PERSONAL] = "buyername" } },
    { .name = "Odoo's orders",
      .headers = "name dateorder amounttotal state",
      .roles = { [ROLE_ORDER] = "name",
                 [ROLE_CUSTOMER] = "partneridid partnerid partneriddatabaseid",
                 [ROLE_TIME] = "dateorder",
                 [ROLE_STATUS] = "state",
                 [ROLE_AMOUNT] = "amounttotal",
                 [ROLE_CURRENCY] = "currencyid" },
      .statuses = "sent=quotation" },
    { .name = "Pipedrive's export of deals",
      .headers = "dealid dealtitle dealvalue dealstatus dealdealcreated",
      .roles = { [ROLE_ORDER] = "dealid",
                 [ROLE_CUSTOMER] = "dealorganization dealcontactperson",
                 [ROLE_TIME] = "dealdealcreated",
                 [ROLE_STATUS] = "dealstatus",
                 [ROLE_AMOUNT] = "dealvalue",
                 [ROLE_CURRENCY] = "dealcurrencyofvalue" } },
    { .name = "Matomo's visits",
      .headers = "idvisit visitorid visitecommercestatus totalecommercerevenue servertimestamp",
      .roles = { [ROLE_ORDER] = "idvisit",
                 [ROLE_CUSTOMER] = "visitorid",
                 [ROLE_TIME] = "servertimestamp",
                 [ROLE_STATUS] = "visitecommercestatus",
                 [ROLE_AMOUNT] = "totalecommercerevenue" },
      .statuses = "none=withdrawn ordered=sale orderedthenabandonedcart=sale abandonedcart=cart" },
    { .name = "Amplitude's events",
      .shape = SHAPE_EVENTS,
      .headers = "eventtype eventtime userid amplitudeid",
      .roles = { [ROLE_CUSTOMER] = "userid deviceid amplitudeid",
                 [ROLE_TIME] = "eventtime",
                 [ROLE_EVENT] = "eventtype",
                 [ROLE_ITEM] = "eventpropertiesproductid",
                 [ROLE_AMOUNT] = "eventpropertiesrevenue eventpropertiesamount eventpropertiestotal eventpropertiesvalue" } },
    { .name = "Klaviyo's events, as its API answers",
      .shape = SHAPE_EVENTS,
      .headers = "attributesdatetime relationshipsprofiledataid relationshipsmetricdataid",
      .roles = { [ROLE_CUSTOMER] = "relationshipsprofiledataid",
                 [ROLE_TIME] = "attributesdatetime",
                 [ROLE_EVENT] = "relationshipsmetricdataid",
                 [ROLE_AMOUNT] = "attributeseventpropertiesvalue" } },
    { .name = "Mixpanel's events",
      .shape = SHAPE_EVENTS,
      .headers = "event propertiestime propertiesdistinctid",
      .roles = { [ROLE_CUSTOMER] = "propertiesdistinctid",
                 [ROLE_TIME] = "propertiestime",
                 [ROLE_EVENT] = "event",
                 [ROLE_AMOUNT] = "propertiesamount propertiesrevenue propertiesvalue" } },
    { .name = "Snowplow's events",
      .shape = SHAPE_EVENTS,
      .headers = "collectortstamp eventname domainuserid",
      .roles = { [ROLE_CUSTOMER] = "userid domainuserid",
                 [ROLE_TIME] = "derivedtstamp collectortstamp",
                 [ROLE_EVENT] = "eventname",
                 [ROLE_AMOUNT] = "trtotal" } },
    { .name = "Google Analytics 4's events",
      .shape = SHAPE_EVENTS,
      .headers = "eventtimestamp eventname userpseudoid",
      .roles = { [ROLE_CUSTOMER] = "userid userpseudoid",
                 [ROLE_TIME] = "eventtimestamp",
                 [ROLE_EVENT] = "eventname",
                 [ROLE_AMOUNT] = "ecommercepurchaserevenue eventvalueinusd" } },
};

static const char *next_word(const char **at, size_t *ret_length)
{
    while (**at == ' ') ++*at;
    const char *word = *at;
    while (**at && **at != ' ') ++*at;
    *ret_length = (size_t)(*at - word);
    return *ret_length > 0 ? word : NULL;
}

static int find_simple(struct text simple, const struct column *columns, size_t n_columns)
{
    char name[ROLE_NAME_BYTES];
    for (size_t c = 0; c < n_columns; c++) {
        role_simplify(text_of(columns[c].name), name);
        if (text_equal(simple, text_of(name))) return (int)c;
    }
    return -1;
}

const struct known_format *known_format_at(size_t index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

const struct known_format *known_format_find(const struct column *columns, size_t n_columns)
{
    const struct known_format *format;
    for (size_t f = 0; (format = known_format_at(f)); f++) {
        const char *at = format->headers;
        size_t length;
        bool has_all = true;
        for (const char *word; has_all && (word = next_word(&at, &length));)
            has_all = find_simple((struct text){ word, length }, columns, n_columns) >= 0;
        if (has_all) return format;
    }
    return NULL;
}

int known_format_column(const struct known_format *format, enum role role, const struct column *columns,
                        size_t n_columns)
{
    int best = -1;
    size_t length;
    if (!format->roles[role]) return -1;
    const char *at = format->roles[role];
    for (const char *word; (word = next_word(&at, &length));) {
        int column = find_simple((struct text){ word, length }, columns, n_columns);
        if (column < 0 || columns[column].n_values == 0) continue;
        if (best < 0 || columns[column].n_values > 2 * columns[best].n_values) best = column;
    }
    return best;
}

int known_format_find_column(const char *simple, const struct column *columns, size_t n_columns)
{
    return simple ? find_simple(text_of(simple), columns, n_columns) : -1;
}

bool known_format_says(const char *words, struct text text)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text, simple);
    return role_has_one_of(simple, words);
}

enum status known_format_status(const struct known_format *format, struct text word)
{
    char simple[ROLE_NAME_BYTES];
    size_t length;
    if (!format || !format->statuses) return status_of(word);
    role_simplify(text_trim(word), simple);
    const char *at = format->statuses;
    for (const char *rule; (rule = next_word(&at, &length));) {
        size_t n = strlen(simple);
        if (n > 0 && length > n + 1 && strncmp(rule, simple, n) == 0 && rule[n] == '=')
            return status_of((struct text){ rule + n + 1, length - n - 1 });
    }
    return status_of(word);
}
