/* import.c - probe, map, read, build, then one transaction; see import.h. */
#include "table/import.h"

#include "base/calendar.h"
#include "base/crash_point.h"
#include "store/bulk.h"
#include "table/findings.h"
#include "table/import_record.h"

#include <string.h>

const char *import_source_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (strcmp(path, "-") == 0) return "standard input";
    return slash && slash[1] ? slash + 1 : path;
}

/* Everything one import holds. */
struct work {
    struct store *store;
    struct log   *log;
    const struct import_options *options;
    struct arena *arena;
    struct input *input;
    struct probe  probe;
    struct mapping mapping;
    struct reading *reading;
    struct building building;
    struct reject *rejects;
    size_t         n_rejects;
    const char    *common_reason;
};

static bool look_at(struct work *work, const char *path, struct progress *progress, struct err *err)
{
    const struct import_options *options = work->options;
    int64_t header_line = 0;
    if (options->header_line && (!text_int64(text_of(options->header_line), &header_line) || header_line < 1))
        return err_set(err, ERR_INVALID, "--header-line %s is no line's number; the file's first line is 1",
                       options->header_line);
    struct probe_options how = { options->separator, options->encoding, options->has_no_header,
                                 (uint64_t)header_line };
    struct mapping_options what = {
        .shape = options->shape,
        .date_format = options->date_format,
        .decimal = options->decimal,
        .columns = options->columns,
        .traits = options->traits,
        .statics = options->statics,
        .currency = options->currency,
        .sales = options->sales,
        .ignored = options->ignored,
    };
    memcpy(what.roles, options->roles, sizeof what.roles);
    work->input = options->input;
    if (!work->input && !input_open_sheet(path, options->sheet, progress, &work->input, err)) return false;
    if (!probe_take(work->input, &how, work->arena, &work->probe, err)) return false;
    if (work->probe.n_rows == 0)
        return err_set(err, ERR_INVALID, "%s: there are no rows under the header line",
                       input_name(work->input));
    if (!mapping_guess(&work->probe, &what, work->arena, &work->mapping, err))
        return err_context(err, "%s", input_name(work->input));
    return true;
}

/* What only a misread file has: nothing of it is taken. */
static bool check_read_right(const struct work *work, struct err *err)
{
    for (size_t i = 0; i < work->n_rejects; i++) {
        const struct reject *reject = &work->rejects[i];
        if (reject->is_fatal)
            return err_set(err, ERR_INVALID, "%s: line %llu, column %s: %s; nothing was imported",
                           input_name(work->input), (unsigned long long)reject->line, reject->column,
                           reject->reason);
    }
    return true;
}

/* What is no number among amounts is never a random part of them but the largest, or the refunds: rows that are
 * left out for it make what is left wrong, so that few are enough. */
static const struct reject *biased_rejects(const struct work *work, size_t *ret_n)
{
    const struct mapping *mapping = &work->mapping;
    static const enum role roles[] = { ROLE_AMOUNT, ROLE_PRICE, ROLE_QUANTITY };
    const struct reject *first = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < work->n_rejects; i++)
        for (size_t k = 0; k < sizeof roles / sizeof *roles; k++) {
            int column = mapping->column_of[roles[k]];
            if (column < 0 || strcmp(work->rejects[i].column, mapping->columns[column].name) != 0 ||
                !strstr(work->rejects[i].reason, " number"))
                continue;
            if ((*ret_n)++ == 0) first = &work->rejects[i];
            break;
        }
    return first;
}

static bool check_unbiased(const struct work *work, struct err *err)
{
    enum { FEW = 10, SHARE = 100 };
    size_t n;
    const struct reject *first = biased_rejects(work, &n);
    uint64_t rows = work->reading->counts.rows;
    if (!first || work->options->is_forced || n < FEW || n * SHARE < rows) return true;
    return err_set(
        err, ERR_INVALID,
        "%s: column %s is no number in %zu of %llu rows; the first is line %llu: %s; such rows are seldom any "
        "rows but the largest or the refunds, so nothing was imported: say how numbers are written with "
        "--decimal, name another column with --amount or --price, or leave these rows out with --force",
        input_name(work->input), first->column, n, (unsigned long long)rows, (unsigned long long)first->line,
        first->reason);
}

/* Half an export would count as a whole one. */
static bool check_whole(const struct work *work, struct err *err)
{
    const struct reject *last = work->n_rejects > 0 ? &work->rejects[work->n_rejects - 1] : NULL;
    if (!work->reading->counts.is_cut_off || !last || work->options->is_forced) return true;
    return err_set(err, ERR_INVALID,
                   "%s: the file seems to be cut off: its last line, %llu, ends in the middle (%s); nothing was "
                   "imported: export it again, or import what is there with --force",
                   input_name(work->input), (unsigned long long)last->line, last->reason);
}

/* As asked, else as the rows say, else as the name of a column of money does. */
static const char *currency_of(const struct work *work)
{
    static const enum role money[] = { ROLE_AMOUNT, ROLE_PRICE, ROLE_TOTAL };
    const struct mapping *mapping = &work->mapping;
    const char *currency =
        *mapping->currency ? mapping->currency : findings_currency(work->reading, work->arena);
    for (size_t i = 0; !*currency && i < sizeof money / sizeof *money; i++)
        if (mapping->column_of[money[i]] != MAPPING_NONE)
            currency = role_money_currency(mapping->columns[mapping->column_of[money[i]]].name);
    return currency;
}

/* Too much refused is a file misread rather than a file with faults. */
static bool check_usable(struct work *work, struct err *err)
{
    const struct reading_counts *counts = &work->reading->counts;
    uint64_t n_good = counts->rows - counts->refused;
    const struct reject *first = work->n_rejects > 0 ? &work->rejects[0] : NULL;
    if (n_good > 0 && (counts->refused * 3 < counts->rows || work->options->is_forced)) return true;
    if (!first) return err_set(err, ERR_INVALID, "%s: there are no rows in it", input_name(work->input));
    return err_set(
        err, ERR_INVALID,
        "%s: %llu of %llu rows cannot be read; the first is line %llu%s%s: %s; nothing was imported. "
        "The file was taken as %s (%s): say otherwise with --shape, --event, --separator, --date-format, "
        "--decimal, --columns%s",
        input_name(work->input), (unsigned long long)counts->refused, (unsigned long long)counts->rows,
        (unsigned long long)first->line, *first->column ? ", column " : "", first->column, first->reason,
        shape_word(work->mapping.shape), work->probe.sentence,
        n_good > 0 ? ", or import the rest with --force" : "");
}

static bool write_all(struct work *work, const struct import_result *result, struct err *err)
{
    if (work->building.taken_back.n > 0 && !log_append(work->log, &work->building.taken_back, err)) return false;
    for (unsigned p = work->building.n_written; p < LOG_PARTITIONS; p++) {
        crash_point();
        if (work->building.chunks[p] && !log_write(work->log, work->building.chunks[p], err)) return false;
    }
    return reading_keep_addresses(work->reading, work->log, err) && building_keep_personal(&work->building, err) &&
           import_record_put(work->store, result, work->rejects, work->n_rejects, err);
}

static void describe_mapping(const struct work *work, struct import_result *result)
{
    const struct mapping *mapping = &work->mapping;
    result->n_mapping = mapping->n_columns;
    result->mapping = ARENA_ARRAY(work->arena, struct import_mapping, mapping->n_columns);
    for (size_t c = 0; c < mapping->n_columns; c++)
        result->mapping[c] = (struct import_mapping){ mapping->columns[c].name, mapping->roles[c],
                                                      mapping->formats[c], mapping->whys[c],
                                                      mapping->flags[c] };
}

/* Days are counted as rows are read; the last one stands for all that are later. */
static void span_of_days(const struct reading_counts *counts, struct building *building)
{
    building->first_ms = INT64_MAX, building->last_ms = INT64_MIN;
    for (int64_t day = 0; day < READING_DAYS; day++) {
        if (counts->days[day] == 0) continue;
        if (building->first_ms > day * MS_PER_DAY) building->first_ms = day * MS_PER_DAY;
        building->last_ms = day * MS_PER_DAY;
    }
}

static struct import_result describe(struct work *work, const char *path)
{
    const struct building *building = &work->building;
    const struct reading_counts *counts = &work->reading->counts;
    struct import_result result = {
        .source = arena_copy(work->arena, import_source_name(path)),
        .shape = work->mapping.shape,
        .dialect = work->probe.sentence,
        .format = work->mapping.format ? work->mapping.format->name : NULL,
        .currency = currency_of(work),
        .rows = counts->rows,
        .accepted = building->rows_new,
        .rejected = counts->refused,
        .repeated = building->rows_repeated,
        .no_customer = counts->no_customer,
        .customers = building->customers,
        .events = building->events,
    };
    int target = work->mapping.column_of[ROLE_TARGET];
    if (target >= 0) result.target = work->mapping.columns[target].name;
    if (work->mapping.shape != SHAPE_TABLE && building->first_ms <= building->last_ms) {
        result.first_ms = building->first_ms;
        result.last_ms = building->last_ms;
    }
    result.rejects = work->rejects, result.n_rejects = work->n_rejects;
    describe_mapping(work, &result);
    struct finding_facts facts = { &work->probe, &work->mapping, work->reading,
                                   building,     &result,        work->common_reason };
    result.quality = findings_judge(&facts, work->arena);
    return result;
}

/* What is done in the transaction. */
struct transaction {
    struct work *work;
    const char *path;
    struct progress *progress;
    bool is_built;              /* beside others, of whom some may have written meanwhile */
    struct import_result result;
};

static bool name(struct store *store, void *context, struct err *err)
{
    struct work *work = context;
    (void)store;
    (void)pthread_rwlock_wrlock(work->options->lock);
    bool ok = building_name(&work->building, err);
    (void)pthread_rwlock_unlock(work->options->lock);
    return ok;
}

/* Beside others who write.  What they write seldom concerns the file; where it always does, it is built for good in
 * the transaction, where nobody else writes. */
static bool build_beside(struct transaction *transaction, struct err *err)
{
    enum { TIMES_MOST = 3 };
    struct work *work = transaction->work;
    const struct import_options *options = work->options;
    bool ok = true;
    for (int i = 0; ok && !transaction->is_built && i < TIMES_MOST; i++)
        ok = options->step(options->context, name, work, err) &&
             building_encode(&work->building, options->lock, err) &&
             building_is_current(&work->building, options->lock, &transaction->is_built, err);
    if (ok && transaction->is_built) transaction->result = describe(work, transaction->path);
    return ok;
}

static bool build(struct transaction *transaction, struct err *err)
{
    struct work *work = transaction->work;
    pthread_rwlock_t *lock = work->options->lock;
    if (lock) (void)pthread_rwlock_wrlock(lock);
    work->building.may_write = true;
    bool ok = building_name(&work->building, err) && building_encode(&work->building, NULL, err);
    if (lock) (void)pthread_rwlock_unlock(lock);
    if (ok) transaction->result = describe(work, transaction->path);
    return ok;
}

static bool build_and_write(struct store *store, void *context, struct err *err)
{
    struct transaction *transaction = context;
    struct work *work = transaction->work;
    bool is_current = false;
    (void)store;
    if (transaction->is_built && !building_is_current(&work->building, NULL, &is_current, err)) return false;
    if (!is_current && !build(transaction, err)) return false;
    progress_report(transaction->progress, "writing", 0, 0, "");
    return write_all(work, &transaction->result, err) &&
           (!work->options->judge || work->options->judge(work->options->judge_context, work->log,
                                                          &transaction->result, err));
}

static bool import_alone(struct transaction *transaction, struct err *err)
{
    struct work *work = transaction->work;
    if (!store_begin(work->store, err)) return false;
    bool ok = build_and_write(work->store, transaction, err);
    if (ok) crash_point();
    if (ok && store_commit(work->store, err)) return true;
    store_rollback(work->store);
    struct err again;
    if (!log_reload(work->log, &again))
        return err_set(err, again.code, "after an import that failed: %s", again.text);
    return false;
}

/* What can be said of the file alone; whom the log knows already is not. */
static struct import_result describe_alone(struct work *work, const char *name)
{
    work->building.rows_new = work->reading->counts.rows - work->reading->counts.refused;
    span_of_days(&work->reading->counts, &work->building);
    return describe(work, name);
}

/* What was received later cannot be followed by what was received before. */
static bool check_nothing_later(const struct work *work, struct err *err)
{
    struct log_reader *reader;
    struct events events;
    char day[21];
    int64_t known_ms = work->options->known_ms;
    if (known_ms == 0) return true;
    if (!log_reader_open(work->log, &reader, err)) return false;
    bool ok = true;
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        ok = log_read(reader, p, LOG_RECEIVED, scratch, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            if (events.received_ms[i] <= known_ms) continue;
            calendar_format_ms(events.received_ms[i], day);
            ok = err_set(err, ERR_REFUSED,
                         "--as-of: the database holds what was received later, at %s: what came first is imported "
                         "first", day);
        }
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

/* A large file into a log without events, beside nobody. */
static bool is_bulk(const struct work *work, bool *ret, struct err *err)
{
    enum { BULK_BYTES = 16 << 20 };
    struct log_totals totals;
    if (!log_totals(work->log, &totals, err)) return false;
    *ret = !work->options->step && totals.n_events == 0 && input_bytes(work->input) >= BULK_BYTES;
    return true;
}

/* The transaction: begun, all written, committed; or as if it had never been. */
static bool import_in_transaction(struct work *work, const char *path, struct progress *progress,
                                  struct import_result *ret_result, struct err *err)
{
    const struct import_options *options = work->options;
    struct transaction transaction = { .work = work, .path = path, .progress = progress };
    work->building =
        (struct building){ .reading = work->reading, .log = work->log, .source = import_source_name(path),
                           .known_ms = options->known_ms };
    building_start(&work->building);
    if (options->step && !build_beside(&transaction, err)) return false;
    bool is_much, ok;
    if (!is_bulk(work, &is_much, err)) return false;
    if (is_much) bulk_begin(work->store);
    ok = options->transact ? options->transact(options->context, build_and_write, &transaction, err)
                           : import_alone(&transaction, err);
    if (is_much) bulk_end(work->store);
    if (ok) *ret_result = transaction.result;
    return ok;
}

bool import_file(struct store *store, struct log *log, const char *path, const struct import_options *options,
                 struct arena *arena, struct progress *progress, struct import_result *ret_result,
                 struct err *err)
{
    struct work work = { .store = store, .log = log, .options = options, .arena = arena };
    bool ok = false;
    work.reading = ARENA_NEW(arena, struct reading);
    if (!look_at(&work, path, progress, err)) goto done;
    *work.reading = (struct reading){ .input = work.input,
                                      .probe = &work.probe,
                                      .mapping = &work.mapping,
                                      .store = store,
                                      .is_shared = options->lock != NULL,
                                      .now_ms = options->now_ms,
                                      .n_threads = options->n_threads,
                                      .progress = progress };
    if (!reading_run(work.reading, err)) goto done;
    import_rejects_gather(work.reading, arena, &work.rejects, &work.n_rejects, &work.common_reason);
    if (!check_read_right(&work, err) || !check_usable(&work, err) || !check_unbiased(&work, err) ||
        !check_whole(&work, err) || !check_nothing_later(&work, err))
        goto done;
    const char *name = options->name ? options->name : path;
    ok = options->is_looked || import_in_transaction(&work, name, progress, ret_result, err) ||
         err_context(err, "importing %s", import_source_name(name));
    if (options->is_looked) *ret_result = describe_alone(&work, name);
done:
    building_free(&work.building);
    reading_free(work.reading);
    if (!options->input) input_close(work.input);
    return ok;
}
