/* readers_bench.c - JSON Lines become durable, beside DuckDB's read_json; an Excel workbook becomes text,
 * beside xlsx2csv. */
#include "bench.h"

#include "base/input.h"

#include <errno.h>
#include <math.h>
#include <minizip/zip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JSON_EVENTS_MOST = 2000000, SHEET_EVENTS_MOST = 200000 };

#define WORKBOOK                                                                                                  \
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Orders\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
#define LINKS                                                                                                     \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "        \
    "Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" "         \
    "Target=\"worksheets/sheet1.xml\"/></Relationships>"
#define TYPES                                                                                                     \
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName="           \
    "\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet."       \
    "main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd."                 \
    "openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>"

struct lines { FILE *csv; char *line; size_t room; char *fields[5]; };

/* The next event of the shared CSV: its five fields.  False at the end. */
static bool next_event(struct lines *lines)
{
    ssize_t length = getline(&lines->line, &lines->room, lines->csv);
    if (length <= 0) return false;
    lines->line[strcspn(lines->line, "\n")] = '\0';
    char *at = lines->line;
    for (int i = 0; i < 5; i++) lines->fields[i] = at ? strsep(&at, ",") : NULL;
    return true;
}

static void open_events(struct lines *lines)
{
    struct err err;
    lines->csv = fopen(bench_events_csv(), "rb");
    bench_need(lines->csv || err_set(&err, ERR_IO, "the events: %s", strerror(errno)), &err);
    (void)next_event(lines);        /* the header */
}

static void close_events(struct lines *lines)
{
    fclose(lines->csv);
    free(lines->line);
}

static const char *make_json(size_t *ret_events)
{
    const char *path = "build/bench/events.ndjson";
    struct lines lines = { 0 };
    struct err err;
    FILE *file = fopen(path, "wb");
    bench_need(file || err_set(&err, ERR_IO, "%s: %s", path, strerror(errno)), &err);
    open_events(&lines);
    for (*ret_events = 0; *ret_events < JSON_EVENTS_MOST && next_event(&lines); ++*ret_events) {
        char **f = lines.fields;
        fprintf(file, "{\"customer\":\"%s\",\"time\":\"%s\",\"event\":\"%s\"", f[0], f[1], f[2]);
        if (f[3] && *f[3]) fprintf(file, ",\"amount\":%s", f[3]);
        if (f[4] && *f[4]) fprintf(file, ",\"item\":\"%s\"", f[4]);
        fputs("}\n", file);
    }
    close_events(&lines);
    fclose(file);
    return path;
}

static void put(zipFile zip, const char *name, const char *text)
{
    zipOpenNewFileInZip(zip, name, NULL, NULL, 0, NULL, 0, NULL, 8, 1);
    zipWriteInFileInZip(zip, text, (unsigned)strlen(text));
    zipCloseFileInZip(zip);
}

static void put_cell(zipFile zip, const char *text, bool is_number)
{
    char cell[256];
    if (!text || !*text) snprintf(cell, sizeof cell, "<c/>");
    else if (is_number) snprintf(cell, sizeof cell, "<c><v>%s</v></c>", text);
    else snprintf(cell, sizeof cell, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", text);
    zipWriteInFileInZip(zip, cell, (unsigned)strlen(cell));
}

static const char *make_workbook(size_t *ret_events)
{
    static const char *const names[] = { "customer", "time", "event", "amount", "item" };
    const char *path = "build/bench/events.xlsx";
    struct lines lines = { 0 };
    struct err err;
    zipFile zip = zipOpen64(path, 0);
    bench_need(zip || err_set(&err, ERR_IO, "%s cannot be written", path), &err);
    put(zip, "[Content_Types].xml", TYPES);
    put(zip, "xl/workbook.xml", WORKBOOK);
    put(zip, "xl/_rels/workbook.xml.rels", LINKS);
    open_events(&lines);
    zipOpenNewFileInZip(zip, "xl/worksheets/sheet1.xml", NULL, NULL, 0, NULL, 0, NULL, 8, 1);
    zipWriteInFileInZip(zip, "<worksheet><sheetData><row>", 27);
    for (int i = 0; i < 5; i++) put_cell(zip, names[i], false);
    zipWriteInFileInZip(zip, "</row>", 6);
    for (*ret_events = 0; *ret_events < SHEET_EVENTS_MOST && next_event(&lines); ++*ret_events) {
        zipWriteInFileInZip(zip, "<row>", 5);
        for (int i = 0; i < 5; i++) put_cell(zip, lines.fields[i], i == 3);
        zipWriteInFileInZip(zip, "</row>", 6);
    }
    zipWriteInFileInZip(zip, "</sheetData></worksheet>", 24);
    zipCloseFileInZip(zip);
    bench_need(zipClose(zip, NULL) == 0 || err_set(&err, ERR_IO, "%s cannot be written", path), &err);
    close_events(&lines);
    return path;
}

struct job { const char *path, *database; size_t n_events; };

static void prepare(void *context)
{
    struct job *job = context;
    job->database = bench_fresh_path("readers.holdfast");
}

static void import(void *context)
{
    const struct job *job = context;
    bench_import(job->path, job->database, job->n_events);
}

/* What xlsx2csv does: the sheet becomes text. */
static void read_sheet(void *context)
{
    const struct job *job = context;
    struct input *input;
    struct err err;
    bench_need(input_open(job->path, NULL, &input, &err), &err);
    input_close(input);
}

static double seconds_of_xlsx2csv(const char *path)
{
    if (access("/usr/bin/xlsx2csv", X_OK) != 0) return (double)NAN;
    return bench_run((const char *[]){ "/usr/bin/xlsx2csv", path, "build/bench/events.from_xlsx.csv", NULL })
        .seconds;
}

int main(void)
{
    struct job job = { 0 };
    char note[96];
    job.path = make_json(&job.n_events);
    snprintf(note, sizeof note, "%zu events", job.n_events);
    bench_record(&(struct bench){ .name = "import JSON Lines, durable", .unit = "s",
                                  .ours = bench_median(3, prepare, import, &job),
                                  .theirs = bench_duckdb_of("import_json", job.path), .peer = bench_duckdb_name(),
                                  .budget = 1, .note = note });
    remove(job.path);
    job.path = make_workbook(&job.n_events);
    double theirs = seconds_of_xlsx2csv(job.path);
    snprintf(note, sizeof note, "%zu rows%s", job.n_events, isnan(theirs) ? "; xlsx2csv is not installed" : "");
    bench_record(&(struct bench){ .name = "an Excel sheet as text", .unit = "s",
                                  .ours = bench_median(3, NULL, read_sheet, &job), .theirs = theirs,
                                  .peer = "xlsx2csv", .budget = 5, .note = note });
    bench_record(&(struct bench){ .name = "import an Excel workbook, durable", .unit = "s",
                                  .ours = bench_median(3, prepare, import, &job), .theirs = theirs,
                                  .peer = "xlsx2csv", .note = "theirs is only a CSV" });
    remove(job.path);
    bench_fresh_path("readers.holdfast");
    return 0;
}
