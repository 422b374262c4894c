/* bench.c - clocks, records and the shared data; see bench.h. */
#include "bench.h"

#include "base/calendar.h"
#include "base/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "build/bench"

static _Noreturn void stop(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

void bench_need(bool done, const struct err *err)
{
    if (!done) stop("failed", err->text);
}

double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double middle(double *seconds, unsigned n)
{
    qsort(seconds, n, sizeof *seconds, by_value);
    return (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
}

struct bench_took bench_took(unsigned n_runs, void (*prepare)(void *context), void (*work)(void *context),
                             void *context)
{
    double walls[64], cpus[64];
    if (n_runs < 1 || n_runs > 64) stop("bench_took", "runs are from 1 to 64");
    for (unsigned run = 0; run < n_runs; run++) {
        if (prepare) prepare(context);
        double wall = bench_seconds(), cpu = cpu_seconds();
        work(context);
        walls[run] = bench_seconds() - wall, cpus[run] = cpu_seconds() - cpu;
    }
    return (struct bench_took){ middle(walls, n_runs), middle(cpus, n_runs) };
}

double bench_median(unsigned n_runs, void (*prepare)(void *context), void (*work)(void *context), void *context)
{
    return bench_took(n_runs, prepare, work, context).wall;
}

/* A line of the table on standard output, and the same as JSON for build/bench.json. */
void bench_record(const struct bench *bench)
{
    bool is_known = !isnan(bench->theirs);
    double ratio = bench->theirs / bench->ours;
    const char *verdict = bench->budget <= 0       ? ""
                          : !is_known              ? "unknown"
                          : ratio >= bench->budget ? "met"
                                                   : "MISSED";
    char theirs[16] = "-", ratios[16] = "-", budget[16] = "-";
    if (is_known)
        snprintf(theirs, sizeof theirs, "%.3f", bench->theirs), snprintf(ratios, sizeof ratios, "%.2f", ratio);
    if (bench->budget > 0) snprintf(budget, sizeof budget, "%.2f", bench->budget);
    printf("%-44s %10.3f %10s %-3s %7s %7s  %-7s %s%s%s\n", bench->name, bench->ours, theirs, bench->unit,
           ratios, budget, verdict, bench->peer, bench->note ? ": " : "", bench->note ? bench->note : "");
    fflush(stdout);

    json_t *record = json_pack(
        "{s:s, s:s, s:f, s:s, s:o, s:s}", "name", bench->name, "unit", bench->unit, "ours", bench->ours, "peer",
        bench->peer, "met", bench->budget > 0 && is_known ? json_boolean(ratio >= bench->budget) : json_null(),
        "note", bench->note ? bench->note : "");
    json_object_set_new(record, "theirs", is_known ? json_real(bench->theirs) : json_null());
    json_object_set_new(record, "ratio", is_known ? json_real(ratio) : json_null());
    json_object_set_new(record, "budget", bench->budget > 0 ? json_real(bench->budget) : json_null());
    mkdir("build", 0777), mkdir(FOLDER, 0777);
    FILE *lines = fopen(FOLDER "/records.ndjson", "a");
    if (!lines || json_dumpf(record, lines, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0 ||
        fputc('\n', lines) == EOF)
        stop(FOLDER "/records.ndjson", strerror(errno));
    fclose(lines);
    json_decref(record);
}

static json_t *duckdb(const char *job, const char *path)
{
    char command[1024];
    snprintf(command, sizeof command, "node bench/duckdb.mjs %s %s %s", job, FOLDER, path);
    FILE *pipe = popen(command, "r");
    if (!pipe) stop(command, strerror(errno));
    json_t *answer = json_loadf(pipe, 0, NULL);
    pclose(pipe);
    return answer;      /* NULL when it is not installed: it said so on standard error */
}

static double seconds_and_peak(json_t *answer, double *ret_peak_bytes)
{
    double seconds = answer ? json_number_value(json_object_get(answer, "seconds")) : (double)NAN;
    *ret_peak_bytes = answer ? json_number_value(json_object_get(answer, "peak_bytes")) : (double)NAN;
    json_decref(answer);
    return seconds;
}

double bench_duckdb_peak(const char *job, double *ret_peak_bytes)
{
    return seconds_and_peak(duckdb(job, bench_events_csv()), ret_peak_bytes);
}

double bench_duckdb_of(const char *job, const char *path)
{
    double ignored;
    return seconds_and_peak(duckdb(job, path), &ignored);
}

double bench_duckdb(const char *job)
{
    double ignored;
    return bench_duckdb_peak(job, &ignored);
}

const char *bench_duckdb_name(void)
{
    static char name[64] = "";
    if (name[0]) return name;
    json_t *answer = duckdb("version", "");
    const char *version = json_string_value(json_object_get(answer, "version"));
    snprintf(name, sizeof name, "DuckDB %s", version ? version : "(not installed)");
    json_decref(answer);
    return name;
}

struct bench_process bench_run(const char *const *arguments)
{
    double began = bench_seconds();
    pid_t child = fork();
    if (child < 0) stop("fork", strerror(errno));
    if (child == 0) {
        int out = open(FOLDER "/output.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (out >= 0) dup2(out, STDOUT_FILENO);
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) stop("wait4", strerror(errno));
    if (status != 0) stop(arguments[0], "did not succeed; its output is in " FOLDER "/output.txt");
    return (struct bench_process){ bench_seconds() - began, (double)usage.ru_maxrss * 1024 };
}

size_t bench_n_events(void)
{
    const char *wanted = getenv("BENCH_EVENTS");
    return wanted ? strtoull(wanted, NULL, 10) : 10000000;
}

size_t bench_n_customers(void) { return bench_n_events() / 20; }

static const struct { const char *name; unsigned per_thousand; } kinds[BENCH_KINDS] = {
    [BENCH_PAGE_VIEW]   = { "page_view", 500 },
    [BENCH_SEARCH]      = { "search", 90 },
    [BENCH_SESSION]     = { "session", 140 },
    [BENCH_EMAIL_OPEN]  = { "email_open", 90 },
    [BENCH_EMAIL_CLICK] = { "email_click", 30 },
    [BENCH_CART]        = { "cart", 70 },
    [BENCH_ORDER]       = { "order", 75 },
    [BENCH_REFUND]      = { "refund", 5 },
};

const char *bench_kind_name(enum bench_kind kind) { return kinds[kind].name; }

static enum bench_kind draw_kind(struct rng *rng)
{
    uint64_t left = rng_below(rng, 1000);
    enum bench_kind kind = BENCH_PAGE_VIEW;
    while (left >= kinds[kind].per_thousand) left -= kinds[kind++].per_thousand;
    return kind;
}

/* Customers differ in activity: the square of a uniform number makes the busiest thousands of
 * times as busy as the quietest, of whom still nearly every one appears. */
static uint32_t draw_skewed(struct rng *rng, size_t n)
{
    double u = rng_uniform(rng);
    return (uint32_t)(u * u * (double)n);
}

void bench_each_event(void (*take)(void *context, const struct bench_event *event), void *context)
{
    size_t n = bench_n_events(), n_customers = bench_n_customers();
    int64_t first_ms = calendar_day((struct civil){ 2022, 1, 1 }) * MS_PER_DAY, span_ms = 730 * MS_PER_DAY;
    struct rng rng = rng_new(1);
    for (size_t i = 0; i < n; i++) {
        struct bench_event event = { .time_ms = first_ms + (int64_t)((double)span_ms * ((double)i / (double)n)) };
        event.time_ms -= event.time_ms % 1000;
        event.customer = draw_skewed(&rng, n_customers);
        event.kind = draw_kind(&rng);
        bool has_item = event.kind == BENCH_PAGE_VIEW || event.kind == BENCH_CART || event.kind == BENCH_ORDER ||
                        event.kind == BENCH_REFUND;
        if (has_item) event.item = 1 + draw_skewed(&rng, 10000);
        if (event.kind == BENCH_ORDER) event.amount_cents = 500 + (int64_t)rng_below(&rng, 20000);
        if (event.kind == BENCH_REFUND) event.amount_cents = -(500 + (int64_t)rng_below(&rng, 8000));
        take(context, &event);
    }
}

/* Digits by hand: fprintf would take most of a minute for the file. */
static char *put_number(char *at, uint64_t value, int width)
{
    for (int digit = width - 1; digit >= 0; digit--, value /= 10) at[digit] = (char)('0' + value % 10);
    return at + width;
}

static char *put_text(char *at, const char *text)
{
    while (*text) *at++ = *text++;
    return at;
}

struct csv { FILE *file; int64_t day; char date[11]; };

static void csv_row(void *context, const struct bench_event *event)
{
    struct csv *csv = context;
    int64_t day = calendar_day_of_ms(event->time_ms);
    if (day != csv->day) calendar_format_day(csv->day = day, csv->date);
    uint64_t second = (uint64_t)(event->time_ms - day * MS_PER_DAY) / 1000;
    char row[128], *at = row;
    *at++ = 'C';
    at = put_number(at, event->customer, 7);
    *at++ = ',';
    at = put_text(at, csv->date);
    *at++ = ' ';
    at = put_number(at, second / 3600, 2);
    *at++ = ':';
    at = put_number(at, second / 60 % 60, 2);
    *at++ = ':';
    at = put_number(at, second % 60, 2);
    *at++ = ',';
    at = put_text(at, kinds[event->kind].name);
    *at++ = ',';
    if (event->amount_cents != 0) {
        uint64_t cents = (uint64_t)llabs(event->amount_cents);
        if (event->amount_cents < 0) *at++ = '-';
        at = put_number(at, cents / 100, cents >= 10000 ? 3 : cents >= 1000 ? 2 : 1);
        *at++ = '.';
        at = put_number(at, cents % 100, 2);
    }
    *at++ = ',';
    if (event->item) {
        *at++ = 'P';
        at = put_number(at, event->item, 5);
    }
    *at++ = '\n';
    if (fwrite_unlocked(row, 1, (size_t)(at - row), csv->file) != (size_t)(at - row))
        stop("writing the shared data", strerror(errno));
}

const char *bench_events_csv(void)
{
    static char path[64], unfinished[80];
    snprintf(path, sizeof path, FOLDER "/events_%zu.csv", bench_n_events());
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", path);
    if (access(path, R_OK) == 0) return path;
    mkdir("build", 0777), mkdir(FOLDER, 0777);
    fprintf(stderr, "bench: writing %s\n", path);
    struct csv csv = { .file = fopen(unfinished, "wb"), .day = INT64_MIN };
    if (!csv.file) stop(unfinished, strerror(errno));
    setvbuf(csv.file, NULL, _IOFBF, 1 << 20);
    fputs("customer,time,event,amount,item\n", csv.file);
    bench_each_event(csv_row, &csv);
    if (fclose(csv.file) != 0 || rename(unfinished, path) != 0) stop(path, strerror(errno));
    return path;
}

const char *bench_fresh_path(const char *name)
{
    static char path[256];
    char beside[272];
    mkdir("build", 0777), mkdir(FOLDER, 0777);
    snprintf(path, sizeof path, FOLDER "/%s", name);
    const char *const endings[] = { "", "-wal", "-shm", "-journal", ".key" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
        remove(beside);
    }
    return path;
}
