/* purchases_test.c - which events are the shop's money. */
#include "desk/purchases.h"
#include "engine/service_support.h"

/* What a shop that got these messages took, in cents. */
static int64_t taken_cents(const char *file, const char *messages)
{
    const char *path = support_path(file);
    int64_t now_ms = 1790000000000, sum_cents = 0, cents;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct service *service = service_of_test(path, &now_ms);
    struct store *store;
    struct log_reader *reader;
    struct purchases purchases;
    struct events events;
    struct err err;
    struct ingest_outcome outcome = service_send(service, arena_format(arena, "{\"batch\": [%s]}", messages));
    cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
    cr_assert_eq(outcome.n_refused, 0);
    ASSERT_OK(service_read(service, &store, &err), &err);
    ASSERT_OK(log_reader_open_through(service->log, store, &reader, &err), &err);
    ASSERT_OK(purchases_open(service, reader, now_ms + 1, &purchases, &err), &err);
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        ASSERT_OK(log_read(reader, partition, PURCHASE_COLUMNS, arena, &events, &err), &err);
        for (size_t i = 0; i < events.n; i++)
            if (purchase_of(&purchases, &events, i, &cents)) sum_cents += cents;
    }
    log_reader_close(reader);
    service_read_done(service, store);
    service_close(service);
    arena_free(arena);
    return sum_cents;
}

static const char *track(struct arena *arena, const char *id, const char *event, const char *properties)
{
    return arena_format(arena,
                        "{\"type\": \"track\", \"messageId\": \"%s\", \"userId\": \"u1\", \"event\": \"%s\", "
                        "\"properties\": {%s}}",
                        id, event, properties);
}

Test(purchases, an_order_counts_once_less_what_went_back_and_nothing_else_is_money)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *lines = "\"total\": 30, \"products\": [{\"product_id\": \"p\", \"price\": 30, \"quantity\": 1}]";
    cr_assert_eq(taken_cents("orders.holdfast",
                             arena_format(arena, "%s,%s,%s,%s", track(arena, "a", "Order Completed", lines),
                                          track(arena, "b", "Order Refunded", "\"total\": 10"),
                                          track(arena, "c", "order_cancelled", "\"total\": 50"),
                                          track(arena, "d", "gift", "\"total\": 7"))),
                 2000);
    arena_free(arena);
}

Test(purchases, where_nobody_orders_every_amount_counts_but_what_was_a_test)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    cr_assert_eq(taken_cents("gifts.holdfast",
                             arena_format(arena, "%s,%s,%s", track(arena, "a", "gift", "\"total\": 7"),
                                          track(arena, "b", "order_test", "\"total\": 50"),
                                          track(arena, "c", "refund_test", "\"total\": 20"))),
                 700);
    arena_free(arena);
}
