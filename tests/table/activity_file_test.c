/* The activity of an account, and exports whose day and time of day are two columns. */
#include "table/import_support.h"

TestSuite(activity_file, .init = import_shop_open, .fini = import_shop_close);

#define PAYPAL                                                                                                    \
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction " \
    "ID\n"

Test(activity_file, of_paypal_counts_what_customers_paid_and_got_back_and_nothing_else)
{
    IMPORT_OK(
        PAYPAL
        "01/13/2024,10:10:00,PST,Ada,Website Payment,Completed,USD,30.00,-1,29.00,ada@x.com,me@shop.com,T1\n"
        "01/14/2024,10:10:00,PST,Bob,Express Checkout Payment,Completed,USD,20.00,-1,19,bob@x.com,me@shop.com,T2\n"
        "01/15/2024,23:00:00,PST,Ada,Payment Refund,Completed,USD,-30.00,1,-30.00,me@shop.com,ada@x.com,R1\n"
        "01/16/2024,23:30:00,PST,,General Withdrawal,Completed,USD,-500.00,0.00,-500.00,me@shop.com,,W1\n"
        "01/17/2024,22:30:00,PST,Host,PreApproved Payment Bill User Payment,Completed,USD,-29.00,0,-29.00,"
        "me@shop.com,bill@host.com,B1\n"
        "01/18/2024,22:30:00,PST,,General Currency Conversion,Completed,USD,5.00,0,5.00,,,C1\n");
    cr_assert_str_eq(result.format, "PayPal's activity");
    cr_assert_eq(result.customers, 2);
    cr_assert_eq(sums_of("order", NULL).n, 2);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 5000);
    cr_assert_eq(sums_of("refund", NULL).n, 1);
    cr_assert_eq(sums_of("refund", NULL).amount_cents, -3000);
    cr_assert_eq(role_of("Name"), ROLE_PERSONAL);
    cr_assert_eq(result.first_ms, INT64_C(1705140600000));      /* 2024-01-13T10:10 */
}

Test(activity_file, has_its_time_of_day_in_a_column_of_its_own)
{
    IMPORT_OK("Datum,Uhrzeit,Kundennummer,Betrag\n13.01.2024,14:05,a,10.00\n14.01.2024,9:30,b,5.00\n"
              "15.01.2024,23:59,a,5.00\n");
    cr_assert_eq(role_of("Uhrzeit"), ROLE_CLOCK);
    cr_assert_eq(result.first_ms, INT64_C(1705154700000));
}

Test(activity_file, says_in_brackets_of_which_pipeline_a_stage_is)
{
    IMPORT_OK("Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Company IDs\n"
              "1,x,Closed Won (Sales Pipeline),2024-01-03 13:45,100,7\n"
              "2,y,Closed Lost (Sales Pipeline),2024-01-04 13:45,200,7\n");
    cr_assert_eq(sums_of("order", "7").amount_cents, 10000);
    cr_assert_eq(sums_of("order_cancelled", "7").amount_cents, 20000);
}

Test(activity_file, of_stripes_api_is_in_cents)
{
    IMPORT_OK("{\"object\": \"list\", \"data\": [\n"
              "{\"id\": \"ch_1\", \"object\": \"charge\", \"amount\": 2050, \"amount_captured\": 2050, "
              "\"amount_refunded\": 550, \"currency\": \"eur\", \"created\": 1704100000, \"customer\": \"cus_1\", "
              "\"status\": \"succeeded\"},\n"
              "{\"id\": \"ch_2\", \"object\": \"charge\", \"amount\": 900, \"amount_captured\": 0, "
              "\"amount_refunded\": 0, \"currency\": \"eur\", \"created\": 1704000000, \"customer\": \"cus_1\", "
              "\"status\": \"failed\"}], \"has_more\": false}\n");
    cr_assert_str_eq(result.format, "Stripe's charges, as its API answers, in cents");
    cr_assert_eq(sums_of("order", "cus_1").n, 1);
    cr_assert_eq(sums_of("order", "cus_1").amount_cents, 2050);
    cr_assert_eq(sums_of("refund", "cus_1").amount_cents, -550);
}

Test(activity_file, of_messages_keeps_campaigns_with_the_event_and_attributes_with_the_customer)
{
    options.traits = options.statics = "plan";
    IMPORT_OK("customer,time,event,plan,campaign\n"
              "a,2026-02-01,email_sent,gold,spring\n"
              "a,2026-02-02,email_sent,gold,summer\n"
              "a,2026-02-03,email_click,gold,\n"
              "b,2026-02-01,email_sent,tin,spring\n");
    cr_assert_eq(role_of("campaign"), ROLE_PROPERTY);
    cr_assert(!has_finding("campaign is missing"));             /* not every event has one, and no model reads it */
    cr_assert_eq(sums_of("email_sent", "a").n, 2);
    cr_assert_str_eq(traits_of("a"), "{\"plan\":\"gold\"}");    /* not again with each campaign */
    cr_assert_eq(sums_of("traits", NULL).n, 2);
}
