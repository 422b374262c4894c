/* Exports that were made page by page. */
#include "table/page_edge.h"

#include "table/import_support.h"

TestSuite(page_edge, .init = import_shop_open, .fini = import_shop_close);

enum { MESSAGES_MOST = 400 };

/* Rows called by letters; small and capital ones of the same letter are of one order. */
static size_t find(const char *rows, struct page_edge **ret_edges)
{
    uint64_t message[MESSAGES_MOST], order[MESSAGES_MOST];
    size_t n = strlen(rows);
    for (size_t i = 0; i < n; i++) {
        message[i] = (uint64_t)(unsigned char)rows[i] * UINT64_C(0x9e3779b97f4a7c15);
        order[i] = (uint64_t)(rows[i] & 0x1f);
    }
    return page_edges_find(message, order, n, import_arena, ret_edges);
}

static void assert_run(const struct page_edge *edge, uint64_t first, uint32_t n, bool has_orders)
{
    cr_assert_eq(edge->first, first);
    cr_assert_eq(edge->n, n);
    cr_assert_eq(edge->has_orders, has_orders);
}

Test(page_edge, runs_that_repeat_what_stands_just_before_them_are_found_and_no_others)
{
    struct page_edge *edges;
    cr_assert_eq(find("", &edges), 0);
    cr_assert_eq(find("abcdefg", &edges), 0);
    cr_assert_eq(find("abcbdc", &edges), 0);
    cr_assert_eq(find("abcdcdef", &edges), 1);
    assert_run(&edges[0], 4, 2, true);
    cr_assert_eq(find("aaAaaAb", &edges), 2);           /* a twice, and then the whole of its order */
    assert_run(&edges[1], 3, 3, false);
    cr_assert_eq(find("abccdedefgfg", &edges), 3);
    assert_run(&edges[0], 3, 1, false);
    assert_run(&edges[1], 6, 2, true);
    assert_run(&edges[2], 10, 2, true);
    cr_assert_eq(find("abab", &edges), 1);
    assert_run(&edges[0], 2, 2, true);
}

Test(page_edge, one_order_that_is_repeated_is_an_edge_where_pages_of_one_length_end)
{
    struct page_edge of_orders = { .first = 300, .n = 2, .has_orders = true }, at_an_end = { .first = 500, .n = 1 },
                     elsewhere = { .first = 533, .n = 1 };
    page_edges_judge((struct page_edge *[]){ &of_orders, &at_an_end }, 2);
    cr_assert(of_orders.is_one && at_an_end.is_one);
    page_edges_judge((struct page_edge *[]){ &of_orders, &at_an_end, &elsewhere }, 3);
    cr_assert(of_orders.is_one && !at_an_end.is_one && !elsewhere.is_one);
    page_edges_judge((struct page_edge *[]){ &at_an_end }, 1);
    cr_assert(!at_an_end.is_one);                       /* the same item twice, as far as one tells */
}

/* Lines of orders in pages of 20 rows, each of which begins with the last three of the one before. */
static const char *paged_file(bool has_pages)
{
    const char *rows = "order_id,ordered_at,customer_id,sku,quantity,price\n";
    for (int i = 0, on_page = 0; i < 120; i++) {
        int order = i / 3;
        rows = arena_format(import_arena, "%s%d,2024-03-%02d,c%d,sku%d,1,10.00\n", rows, 700 + order, 1 + order % 28,
                            order % 7, i % 3);
        if (!has_pages || ++on_page < 20) continue;
        i -= 3, on_page = 0;
    }
    return rows;
}

Test(page_edge, of_an_export_of_lines_is_taken_off_and_said)
{
    IMPORT_OK(paged_file(false));
    struct sums whole = sums_of("order", NULL), lines = sums_of("order_item", NULL);
    cr_assert_eq(whole.amount_cents, 120 * 1000);
    import_shop_close();
    import_shop_open();
    IMPORT_OK(paged_file(true));
    cr_assert_eq(sums_of("order", NULL).n, whole.n);
    cr_assert_eq(sums_of("order", NULL).amount_cents, whole.amount_cents);
    cr_assert_eq(sums_of("order_item", NULL).n, lines.n);
    cr_assert(has_finding("stand twice where pages of the export end"));
}

/* Lines of orders in pages of ten of which each begins with the last five, of two orders, of the one before; of such width
 * that the file is read in two blocks, the first of which ends within such rows. */
static const char *wide_paged_file(int width, uint64_t *ret_n)
{
    enum { BYTES = 2300 * 1024, GROUP = 5 };
    char *text = arena_alloc(import_arena, BYTES + 8192, 1), *at = text, *end = text + BYTES + 8192, wide[512];
    memset(wide, 'x', sizeof wide);
    at += snprintf(at, (size_t)(end - at), "order_id,ordered_at,customer_id,sku,quantity,price\n");
    for (*ret_n = 0; at < text + BYTES; *ret_n += GROUP)
        for (int again = 0; again < 2; again++)
            for (uint64_t i = *ret_n; i < *ret_n + GROUP; i++) {
                uint64_t order = i / GROUP * 2 + (i % GROUP > 2);
                at += snprintf(at, (size_t)(end - at), "%d,2024-%02d-%02d,c%d,sku%d%.*s,1,10.00\n", (int)(7000 + order), 1 + (int)(order % 12),
                              1 + (int)(order % 28), (int)(order % 7), (int)(i % GROUP), width, wide);
            }
    return text;
}

Test(page_edge, is_found_where_the_file_is_read_in_blocks)
{
    for (int width = 311; width < 314; width++) {
        uint64_t n;
        import_shop_close();
        import_shop_open();
        IMPORT_OK(wide_paged_file(width, &n));
        cr_assert_eq(sums_of("order_item", NULL).n, n, "%llu lines of %llu", (unsigned long long)sums_of("order_item", NULL).n,
                     (unsigned long long)n);
        cr_assert_eq(sums_of("order", NULL).amount_cents, (int64_t)n * 1000);
    }
}

Test(page_edge, is_not_seen_where_an_order_has_an_item_twice)
{
    const char *rows = "order_id,ordered_at,customer_id,sku,quantity,price\n";
    for (int i = 0; i < 60; i++)
        for (int again = 0; again < (i % 7 == 0 ? 2 : 1); again++)
            rows = arena_format(import_arena, "%s%d,2024-03-%02d,c%d,a,1,10.00\n", rows, i, 1 + i % 28, i % 9);
    IMPORT_OK(rows);
    cr_assert_eq(sums_of("order", NULL).amount_cents, 69 * 1000);
    cr_assert(has_finding("exact copies"));
}
