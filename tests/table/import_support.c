/* import_support.c - see import_support.h. */
#include "table/import_support.h"

#include <string.h>

struct store *store;
struct log   *history;
struct arena *import_arena;
struct err    import_err;
struct import_result result;
struct import_options options;

void import_shop_open(void)
{
    import_arena = arena_new(ARENA_NO_LIMIT);
    options = (struct import_options){ .n_threads = 2 };
    static unsigned n_shops;
    char name[32];
    snprintf(name, sizeof name, "%u.holdfast", n_shops++);
    ASSERT_OK(store_open(support_path(name), STORE_CREATE, &store, &import_err), &import_err);
    ASSERT_OK(log_open(store, &history, &import_err), &import_err);
}

void import_shop_close(void)
{
    log_close(history);
    store_close(store);
    arena_free(import_arena);
}

const char *file_with(const char *text)
{
    const char *path = support_path("file.csv");
    support_write(path, text, strlen(text));
    return path;
}

bool import(const char *path)
{
    return import_file(store, history, path, &options, import_arena, NULL, &result, &import_err);
}

uint64_t n_stored(void)
{
    struct log_totals totals;
    ASSERT_OK(log_totals(history, &totals, &import_err), &import_err);
    return totals.n_events;
}

struct sums sums_of(const char *kind_name, const char *customer)
{
    struct sums sums = { 0 };
    uint32_t kind, identity = 0;
    if (!log_find(history, DICTIONARY_KIND, text_of(kind_name), &kind)) return sums;
    if (customer && !log_find(history, DICTIONARY_IDENTITY, text_of(customer), &identity)) return sums;
    struct log_reader *reader;
    ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct events events;
        ASSERT_OK(log_read(reader, p, LOG_ALL, import_arena, &events, &import_err), &import_err);
        for (size_t i = 0; i < events.n; i++) {
            if (events.kind[i] != kind || (customer && events.identity[i] != identity)) continue;
            cr_assert_geq(events.received_ms[i], events.time_ms[i]);    /* a refund is known from the last day on */
            sums.n++;
            sums.amount_cents += events.amount_cents[i];
            sums.quantity_milli += events.quantity_milli[i];
        }
    }
    log_reader_close(reader);
    return sums;
}

const char *traits_of(const char *customer)
{
    uint32_t identity, kind;
    const char *all = "";
    cr_assert(log_find(history, DICTIONARY_IDENTITY, text_of(customer), &identity), "%s", customer);
    cr_assert(log_find(history, DICTIONARY_KIND, text_of("traits"), &kind));
    struct log_reader *reader;
    struct events events;
    ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
    ASSERT_OK(log_read(reader, log_partition(history, identity), LOG_ALL, import_arena, &events, &import_err),
              &import_err);
    for (size_t i = 0; i < events.n; i++) {
        uint32_t from = i > 0 ? events.properties_end[i - 1] : 0;
        if (events.identity[i] == identity && events.kind[i] == kind)
            all = arena_format(import_arena, "%s%.*s", all, (int)(events.properties_end[i] - from),
                               events.properties_bytes + from);
    }
    log_reader_close(reader);
    return all;
}

bool has_finding(const char *words)
{
    for (size_t i = 0; i < result.quality.n_findings; i++)
        if (strstr(result.quality.findings[i].title, words)) return true;
    return false;
}

bool has_advice(const char *words)
{
    for (size_t i = 0; i < result.quality.n_findings; i++)
        if (strstr(result.quality.findings[i].detail, words)) return true;
    return false;
}

const char *flag_of(const char *column)
{
    for (size_t i = 0; i < result.n_mapping; i++)
        if (strcmp(result.mapping[i].column, column) == 0) return result.mapping[i].flag;
    cr_assert_fail("no column %s", column);
    return "";
}

enum role role_of(const char *column)
{
    for (size_t i = 0; i < result.n_mapping; i++)
        if (strcmp(result.mapping[i].column, column) == 0) return result.mapping[i].role;
    cr_assert_fail("no column %s", column);
    return ROLE_NONE;
}

const char *format_of(const char *column)
{
    for (size_t i = 0; i < result.n_mapping; i++)
        if (strcmp(result.mapping[i].column, column) == 0) return result.mapping[i].format;
    cr_assert_fail("no column %s", column);
    return "";
}

struct reject *rejects_of(size_t *ret_n)
{
    struct reject *rejects;
    uint64_t total;
    ASSERT_OK(import_rejects(store, 0, 0, import_arena, &rejects, ret_n, &total, &import_err), &import_err);
    return rejects;
}
