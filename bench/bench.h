/* bench.h - measures a piece of work beside its peer in the same run, and writes down the ratio.
 *
 * A benchmark is bench/<name>_bench.c with a main that measures and calls bench_record once per
 * budget; tools/bench.sh runs them and prints the records as one table.  Remarks go to standard
 * error.  Benchmarks stop with a message when something they need fails.
 *
 * The data that all share is the same on every machine: BENCH_EVENTS events (10 million unless the
 * environment says otherwise) of one customer in 20 events each, 8 kinds, two years, in the order
 * of their time.  Written as CSV for our import and for the peer's. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* One comparison.  ours and theirs have the same unit and less is better; the ratio is theirs / ours,
 * so 10 means ten times faster (or smaller) than the peer. */
struct bench {
    const char *name;       /* "import 10 M rows" */
    const char *unit;       /* "s", "us", "MB" */
    double      ours, theirs;       /* theirs NaN: the peer could not be measured; note says why */
    const char *peer;       /* "DuckDB 1.5.6" */
    double      budget;     /* the least ratio that meets it: 10, 1, 1 / 1.1; 0 for none */
    const char *note;       /* NULL, or what a reader must know: a missed budget's reason */
};

void bench_record(const struct bench *bench);

double bench_seconds(void);     /* the monotonic clock */

/* Runs work n_runs times and returns the median of its seconds.  prepare, if not NULL, runs before
 * each and is not counted. */
double bench_median(unsigned n_runs, void (*prepare)(void *context), void (*work)(void *context), void *context);
/* The same with what the processor spent on it in this process, on all threads: on a machine that works for others
 * too it is the better measure of work that waits for nothing. */
struct bench_took { double wall, cpu; };
struct bench_took bench_took(unsigned n_runs, void (*prepare)(void *context), void (*work)(void *context),
                             void *context);

/* Runs a job of bench/duckdb.mjs over the shared CSV ("import"; "features" as one writes them in SQL,
 * "features_tuned" in two steps) and returns the median of its seconds; NaN if DuckDB is not installed. */
double      bench_duckdb(const char *job);
double      bench_duckdb_of(const char *job, const char *path);    /* over another file: "import_json" */
/* The same with the most memory that its process held, NaN too. */
double      bench_duckdb_peak(const char *job, double *ret_peak_bytes);
const char *bench_duckdb_name(void);        /* "DuckDB 1.5.6" */

/* Runs a program to its end.  Returns its seconds and the most memory it held resident (VmHWM).
 * arguments end with NULL; its output goes to a file of build/bench. */
struct bench_process { double seconds, peak_bytes; };
struct bench_process bench_run(const char *const *arguments);

/* The shared data. */
enum bench_kind {
    BENCH_PAGE_VIEW, BENCH_SEARCH, BENCH_SESSION, BENCH_EMAIL_OPEN, BENCH_EMAIL_CLICK, BENCH_CART, BENCH_ORDER,
    BENCH_REFUND, BENCH_KINDS
};
struct bench_event {
    int64_t         time_ms;            /* never earlier than the event before */
    uint32_t        customer;           /* 0 .. bench_n_customers() - 1 */
    enum bench_kind kind;
    int64_t         amount_cents;       /* orders and refunds, else 0 */
    uint32_t        item;               /* 1 .. 10,000; 0 for none */
};

size_t      bench_n_events(void);
size_t      bench_n_customers(void);
const char *bench_kind_name(enum bench_kind kind);      /* "page_view" */
void        bench_each_event(void (*take)(void *context, const struct bench_event *event), void *context);

/* The data as "customer,time,event,amount,item" under build/bench, made the first time. */
const char *bench_events_csv(void);

/* A fresh path build/bench/<name>: what was there, and SQLite's neighbours of it, is removed. */
const char *bench_fresh_path(const char *name);

/* Imports a file into a database of its own, and says so if that gives another number of events. */
void bench_import(const char *path, const char *database, size_t n_events);

/* Stops the benchmark with the error's sentence unless done. */
void bench_need(bool done, const struct err *err);

#endif
