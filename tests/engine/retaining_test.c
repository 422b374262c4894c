/* Whoever was not heard of for as long as the settings say is erased by itself, in time and not before. */
#include "base/calendar.h"
#include "engine/retaining.h"
#include "engine/service_support.h"
#include "hub/scheduler.h"
#include "store/sql.h"

#include <stdio.h>

#define BEGIN_MS (INT64_C(20000) * MS_PER_DAY + 12 * INT64_C(3600000))

static void write_settings(const char *text)
{
    FILE *file = fopen(support_path("holdfast.yaml"), "wb");
    cr_assert(file);
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
}

static void buy(struct service *service, const char *user, int n)
{
    char body[400];
    snprintf(body, sizeof body, "{\"batch\": [{\"type\": \"track\", \"messageId\": \"m%d\", \"userId\": \"%s\", "
             "\"event\": \"Order Completed\", \"properties\": {\"revenue\": 10, \"order_id\": \"o%d\"}}]}", n, user, n);
    cr_assert_eq(service_send(service, body).n_accepted, 1);
}

static struct retaining_status status_of(struct service *service)
{
    struct err err;
    struct store *store;
    struct retaining_status status;
    ASSERT_OK(service_read(service, &store, &err), &err);
    ASSERT_OK(retaining_status(service->retaining, store, &status, &err), &err);
    service_read_done(service, store);
    return status;
}

static bool is_known(struct service *service, const char *user)
{
    struct err err;
    uint32_t customer;
    return service_customer(service, text_of(user), &customer, &err);
}

/* A pass is some jobs, a second of the clock apart. */
static void pass_to(struct service *service, int64_t *now_ms, int64_t at_ms)
{
    for (int i = 0; i < 8; i++) {
        *now_ms = at_ms + i * 2000;
        cr_assert(scheduler_settle(service->scheduler, 120000));
    }
}

static size_t n_acts(struct service *service)
{
    struct err err;
    struct store *store;
    struct sql_audit_before row;
    size_t n = 0;
    ASSERT_OK(service_read(service, &store, &err), &err);
    ASSERT_OK(sql_audit_before(store, INT64_MAX, 100, text_of(""), text_of("retention: "), &row, &err), &err);
    while (sql_audit_before_step(&row, &err) == STEP_ROW) n++;
    cursor_close(row.cursor);
    service_read_done(service, store);
    return n;
}

/* Somebody who bought long ago, somebody who did lately, and a message that was refused. */
static void make_shop(const char *name, int64_t *now_ms)
{
    *now_ms = BEGIN_MS;
    struct service *service = service_of_test(support_path(name), now_ms);
    buy(service, "gone", 1);
    cr_assert_eq(service_send(service, "{\"batch\": [{\"type\": \"track\", \"event\": \"of nobody\"}]}").n_refused, 1);
    *now_ms += 100 * MS_PER_DAY;
    buy(service, "here", 2);
    service_close(service);
}

Test(retaining, who_was_not_heard_of_for_so_long_is_erased_once_the_setting_has_stood_for_a_day)
{
    int64_t now_ms;
    make_shop("retained.holdfast", &now_ms);
    write_settings("retention: {customers: 90d, rejects: 30d}\n");
    struct service *service = service_of_test(support_path("retained.holdfast"), &now_ms);
    struct retaining_status status = status_of(service);
    int64_t next_ms = status.next_ms;
    cr_assert(next_ms >= now_ms + MS_PER_DAY && next_ms < now_ms + 2 * MS_PER_DAY);
    cr_assert_eq(next_ms % MS_PER_DAY, 3 * 3600000);
    cr_assert_eq(status.due_customers, 1);
    cr_assert_eq(status.due_rejects, 1);
    pass_to(service, &now_ms, next_ms - 60000);
    cr_assert(is_known(service, "gone"), "erased before its time");
    pass_to(service, &now_ms, next_ms);
    cr_assert_not(is_known(service, "gone"));
    cr_assert(is_known(service, "here"));
    status = status_of(service);
    cr_assert_eq(status.n_customers, 1);
    cr_assert_eq(status.n_rejects, 1);
    cr_assert_eq(status.due_customers, 0, "whom nobody knows any more is not erased again");
    cr_assert_eq(n_acts(service), 1);
    service_close(service);
    service = service_of_test(support_path("retained.holdfast"), &now_ms);
    cr_assert_eq(status_of(service).next_ms, next_ms + MS_PER_DAY, "a restart begins no day anew");
    pass_to(service, &now_ms, next_ms + MS_PER_DAY);
    cr_assert(is_known(service, "here"));
    cr_assert_eq(n_acts(service), 1, "a day on which nothing went is no act");
    service_close(service);
}

Test(retaining, another_setting_waits_a_day_and_none_keeps_all)
{
    int64_t now_ms;
    struct err err;
    make_shop("changed.holdfast", &now_ms);
    write_settings("retention: {customers: 1y}\n");
    struct service *service = service_of_test(support_path("changed.holdfast"), &now_ms);
    now_ms += 20 * 3600000;
    write_settings("retention: {customers: 90d}\n");
    ASSERT_OK(service_reload_settings(service, &err), &err);
    cr_assert(status_of(service).next_ms >= now_ms + MS_PER_DAY);
    write_settings("retention: {customers: 5d}\n");
    ASSERT_FAILS(service_reload_settings(service, &err), &err, ERR_INVALID, "customers are kept for 30 days at least");
    write_settings("retention: {costumers: 90d}\n");
    ASSERT_FAILS(service_reload_settings(service, &err), &err, ERR_INVALID, "customers");
    cr_assert_eq(status_of(service).rule.customers_days, 90, "a wrong setting changes nothing");
    write_settings("holdout_share: .1\n");
    ASSERT_OK(service_reload_settings(service, &err), &err);
    cr_assert_eq(status_of(service).next_ms, 0);
    pass_to(service, &now_ms, now_ms + 10 * MS_PER_DAY);
    cr_assert(is_known(service, "gone"));
    service_close(service);
}

Test(retaining, a_clock_that_is_set_back_takes_nobody_before_their_day)
{
    int64_t now_ms;
    make_shop("back.holdfast", &now_ms);
    write_settings("retention: {customers: 90d}\n");
    struct service *service = service_of_test(support_path("back.holdfast"), &now_ms);
    int64_t next_ms = status_of(service).next_ms;
    pass_to(service, &now_ms, now_ms - 60000);
    cr_assert(is_known(service, "gone"), "erased because the clock was set");
    cr_assert_eq(status_of(service).last_ms, 0);
    cr_assert_eq(status_of(service).next_ms, next_ms);
    pass_to(service, &now_ms, next_ms);
    cr_assert_not(is_known(service, "gone"));
    service_close(service);
}

Test(retaining, a_clock_that_leaps_takes_nobody_for_as_many_days_nor_stops_all_once_it_is_right_again)
{
    int64_t now_ms;
    make_shop("ahead.holdfast", &now_ms);
    write_settings("retention: {customers: 90d}\n");
    struct service *service = service_of_test(support_path("ahead.holdfast"), &now_ms);
    int64_t next_ms = status_of(service).next_ms, ahead_ms = next_ms + 3650 * MS_PER_DAY;
    pass_to(service, &now_ms, ahead_ms);
    cr_assert(is_known(service, "here") && is_known(service, "gone"), "erased by a wrong clock");
    struct retaining_status status = status_of(service);
    cr_assert(status.put_off_ms >= ahead_ms && status.put_off_ms < ahead_ms + 60000);
    cr_assert(status.next_ms >= ahead_ms + 30 * MS_PER_DAY && status.next_ms < ahead_ms + 31 * MS_PER_DAY);
    cr_assert_eq(status.due_customers, 2, "the page says who would go");
    cr_assert_eq(n_acts(service), 1);
    pass_to(service, &now_ms, ahead_ms + 29 * MS_PER_DAY);
    cr_assert(is_known(service, "here") && is_known(service, "gone"), "erased by a clock that stays wrong");
    pass_to(service, &now_ms, next_ms + 3600000);
    next_ms = status_of(service).next_ms;
    cr_assert(next_ms > now_ms + MS_PER_DAY && next_ms < now_ms + 2 * MS_PER_DAY);
    cr_assert(is_known(service, "gone"));
    service_close(service);
    now_ms = next_ms + 13 * MS_PER_DAY;     /* no server ran meanwhile */
    service = service_of_test(support_path("ahead.holdfast"), &now_ms);
    pass_to(service, &now_ms, now_ms);
    cr_assert(is_known(service, "gone"));
    next_ms = status_of(service).next_ms;
    cr_assert(next_ms > now_ms + 12 * MS_PER_DAY && next_ms < now_ms + 15 * MS_PER_DAY);
    pass_to(service, &now_ms, next_ms);
    cr_assert_not(is_known(service, "gone"));
    cr_assert(is_known(service, "here"));
    service_close(service);
}

Test(retaining, nothing_goes_while_time_stands)
{
    int64_t now_ms;
    struct err err;
    make_shop("still.holdfast", &now_ms);
    write_settings("retention: {customers: 90d}\n");
    struct service *service = service_of_test(support_path("still.holdfast"), &now_ms);
    ASSERT_OK(service_choose_as_of(service, AS_OF_LAST_EVENT, NULL, &err), &err);
    cr_assert_eq(status_of(service).next_ms, 0);
    pass_to(service, &now_ms, now_ms + 3 * MS_PER_DAY);
    cr_assert(is_known(service, "gone"));
    service_close(service);
}

Test(retaining, of_a_table_without_days_it_is_not_known_when_they_were_heard_of)
{
    int64_t now_ms = BEGIN_MS;
    FILE *table = fopen(support_path("table.csv"), "wb");
    cr_assert(table);
    fputs("customer_id,plan,churn\n", table);
    for (int i = 0; i < 40; i++) fprintf(table, "c%d,%s,%s\n", i, i % 2 ? "a" : "b", i % 3 ? "no" : "yes");
    cr_assert_eq(fclose(table), 0);
    service_import_file(support_path("table.holdfast"), support_path("table.csv"), now_ms);
    write_settings("retention: {customers: 30d}\n");
    struct service *service = service_of_test(support_path("table.holdfast"), &now_ms);
    struct err err;
    ASSERT_OK(service_choose_as_of(service, AS_OF_NOW, NULL, &err), &err);
    struct retaining_status status = status_of(service);
    cr_assert_gt(status.next_ms, 0);
    cr_assert_eq(status.due_customers, 0);
    pass_to(service, &now_ms, status.next_ms);
    cr_assert(is_known(service, "c1"));
    service_close(service);
}
