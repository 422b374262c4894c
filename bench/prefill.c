/* prefill.c - see prefill.h. */
#include "prefill.h"
#include "bench.h"

#include "base/calendar.h"
#include "base/rng.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "build/release/holdfast"

enum { LEARNED_CUSTOMERS = 20000, SPAN_DAYS = 730 };

static const struct { const char *kind; unsigned per_thousand; } kinds[] = {
    { "Product Viewed", 500 }, { "Product Added", 110 }, { "Email Opened", 80 }, { "Email Link Clicked", 80 },
    { "Session Started", 80 }, { "Products Searched", 80 }, { "order", 70 },
};

/* Events of customers first .. end - 1, in the order of their time.  Customers differ in activity as in
 * bench.h. */
static void write_csv(const char *path, size_t n_customers, size_t n_events, size_t first, size_t end)
{
    struct err err;
    FILE *file = fopen(path, "wb");
    bench_need(file || err_set(&err, ERR_IO, "%s cannot be written", path), &err);
    struct rng rng = rng_new(11);
    int64_t end_ms = (int64_t)time(NULL) * 1000 - MS_PER_DAY, span_ms = SPAN_DAYS * MS_PER_DAY;
    fputs("customer,time,event,amount\n", file);
    for (size_t i = 0; i < n_events; i++) {
        double u = rng_uniform(&rng);
        size_t customer = (size_t)((0.2 * u + 0.8 * u * u) * (double)n_customers), kind = 0;
        uint64_t left = rng_below(&rng, 1000), cents = 500 + rng_below(&rng, 20000);
        if (i < n_customers) customer = i;      /* everybody has one at least */
        while (left >= kinds[kind].per_thousand) left -= kinds[kind++].per_thousand;
        if (customer < first || customer >= end) continue;
        char when[21];
        calendar_format_ms(end_ms - span_ms + (int64_t)((double)span_ms * ((double)i / (double)n_events)), when);
        fprintf(file, "C%07zu,%s,%s,", customer, when, kinds[kind].kind);
        if (strcmp(kinds[kind].kind, "order") == 0)
            fprintf(file, "%llu.%02llu", (unsigned long long)cents / 100, (unsigned long long)cents % 100);
        fputc('\n', file);
    }
    bench_need(fclose(file) == 0 || err_set(&err, ERR_IO, "%s cannot be written", path), &err);
}

const char *prefill_database(size_t n_customers, size_t n_events)
{
    static char path[128];
    char making[64], csv[64];
    snprintf(making, sizeof making, "serve_%zu_%zu.making", n_customers, n_events);
    snprintf(path, sizeof path, "build/bench/serve_%zu_%zu.holdfast", n_customers, n_events);
    if (access(path, R_OK) == 0) return path;
    fprintf(stderr, "bench: making %s, which takes some minutes\n", path);
    const char *made = bench_fresh_path(making);
    snprintf(csv, sizeof csv, "build/bench/serve.csv");
    write_csv(csv, n_customers, n_events, 0, LEARNED_CUSTOMERS);
    bench_run((const char *[]){ PROGRAM, "import", csv, "--db", made, "--quiet", NULL });
    bench_run((const char *[]){ PROGRAM, "train", "--db", made, "--search-seconds", "5", "--quiet", NULL });
    write_csv(csv, n_customers, n_events, LEARNED_CUSTOMERS, n_customers);
    bench_run((const char *[]){ PROGRAM, "import", csv, "--db", made, "--quiet", NULL });
    bench_run((const char *[]){ PROGRAM, "score", "--db", made, "--quiet", NULL });
    struct err err;
    bench_need(rename(made, path) == 0 || err_set(&err, ERR_IO, "%s cannot be made", path), &err);
    remove(csv);
    return path;
}

const char *prefill_copy(const char *database, const char *name)
{
    const char *path = bench_fresh_path(name);
    struct err err;
    struct stat status;
    int in = open(database, O_RDONLY | O_CLOEXEC),
        out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = in >= 0 && out >= 0 && fstat(in, &status) == 0;
    for (off_t at = 0; ok && at < status.st_size;) ok = sendfile(out, in, &at, (size_t)(status.st_size - at)) > 0;
    if (in >= 0) close(in);
    ok = out >= 0 && close(out) == 0 && ok;
    bench_need(ok || err_set(&err, ERR_IO, "%s cannot be copied", database), &err);
    return path;
}
