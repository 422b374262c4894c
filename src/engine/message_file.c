/* message_file.c - see message_file.h. */
#include "engine/message_file.h"

#include "base/csv.h"
#include "base/hash_map.h"
#include "base/json_rows.h"
#include "base/memory.h"
#include "engine/service.h"
#include "hub/event_build.h"
#include "hub/ingest.h"

#include <string.h>
#include <time.h>

enum {
    BUFFER_BYTES = 4 << 20, FIND_RECORDS = 20,
    BATCH_MESSAGES = 1000, BATCH_BYTES = 1 << 20,
    BATCHES_UNDER_WAY = 8
};

/* ---- Records, one after another ---- */

struct records {
    const struct input *input;
    struct arena      *arena;
    struct csv_reader *reader;
    struct csv_dialect dialect;
    char              *bytes;           /* [BUFFER_BYTES + CSV_PADDING] */
    size_t             length;          /* of them read, from the file's byte `at` on */
    uint64_t           at;
};

static bool fill(struct records *records, size_t used, uint64_t line, struct err *err)
{
    uint64_t total = input_bytes(records->input);
    records->length -= used;
    records->at += used;
    memmove(records->bytes, records->bytes + used, records->length);
    uint64_t left = total - records->at - records->length;
    size_t more = left < BUFFER_BYTES - records->length ? (size_t)left : BUFFER_BYTES - records->length;
    if (!input_read(records->input, records->at + records->length, records->bytes + records->length, more, err))
        return false;
    records->length += more;
    csv_start(records->reader, &records->dialect, records->bytes, records->length,
              records->at + records->length == total, line);
    return true;
}

static bool records_open(struct records *records, const struct input *input, struct err *err)
{
    bool is_spread;
    size_t skip;
    *records = (struct records){ .input = input, .arena = arena_new(ARENA_NO_LIMIT) };
    records->reader = ARENA_NEW(records->arena, struct csv_reader);
    records->bytes = arena_alloc(records->arena, BUFFER_BYTES + CSV_PADDING, 1);
    if (!fill(records, 0, 1, err)) return false;
    if (!json_rows_begin((struct text){ records->bytes, records->length }, &is_spread, &skip))
        return err_set(err, ERR_INVALID, "it does not begin with a JSON object");
    records->dialect.json = json_columns_new(is_spread, records->arena);
    records->dialect.json->is_learning = false;         /* records are wanted whole, not their members */
    records->dialect.json->is_enveloped = skip > 0;
    return fill(records, skip + (skip > 0), 1, err);
}

/* The next record, valid until the next call; *ret_is_end: there is none. */
static bool next_record(struct records *records, struct text *ret_raw, bool *ret_is_end, struct err *err)
{
    struct csv_reader *reader = records->reader;
    enum csv_step step;
    *ret_is_end = false;
    while ((step = csv_next(reader)) == CSV_END) {
        bool is_last = records->at + records->length == input_bytes(records->input);
        size_t used = (size_t)(reader->at - records->bytes);
        if (is_last) { *ret_is_end = true; return true; }
        if (used == 0 && records->length == BUFFER_BYTES)
            return err_set(err, ERR_INVALID, "line %llu: the record is longer than 4 MiB",
                           (unsigned long long)reader->line);
        if (!fill(records, used, reader->line, err)) return false;
    }
    *ret_raw = reader->raw;
    if (step == CSV_ROW) return true;
    return err_set(err, ERR_INVALID, "line %llu: %s", (unsigned long long)reader->row_line, reader->reason);
}

/* ---- Which protocol ---- */

static bool is_text_member(const struct json *json, const char *name)
{
    uint32_t member = json_member(json, 0, name);
    return member && json->values[member].kind == JSON_IS_STRING;
}

static bool is_segment(const struct json *json, struct arena *arena)
{
    static const char *const types[] = { "track", "identify", "page", "screen", "group", "alias" };
    if (!is_text_member(json, "type")) return false;
    if (!json_member(json, 0, "userId") && !json_member(json, 0, "anonymousId") &&
        !json_member(json, 0, "messageId"))
        return false;
    struct text type = json_text(json, json_member(json, 0, "type"), arena);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal_ignoring_case(type, text_of(types[i]))) return true;
    return false;
}

static bool is_posthog(const struct json *json)
{
    return is_text_member(json, "event") && json_member(json, 0, "distinct_id") &&
           json_member(json, 0, "properties");
}

bool message_file_find(const struct input *input, enum protocol *ret_protocol)
{
    struct records records;
    struct err ignored;
    size_t n = 0, n_segment = 0, n_posthog = 0;
    bool is_end = false;
    bool ok = records_open(&records, input, &ignored);
    for (; ok && n < FIND_RECORDS; n++) {
        struct text raw;
        struct json json;
        if (!next_record(&records, &raw, &is_end, &ignored) || is_end ||
            !json_read(raw, records.arena, &json, &ignored) || json.values[0].kind != JSON_IS_OBJECT)
            break;
        n_segment += is_segment(&json, records.arena);
        n_posthog += is_posthog(&json);
    }
    arena_free(records.arena);
    *ret_protocol = n_segment >= n_posthog ? PROTOCOL_SEGMENT : PROTOCOL_POSTHOG;
    return 2 * (n_segment > n_posthog ? n_segment : n_posthog) > n;
}

/* ---- What the log has ---- */

static bool read_known(struct service *service, struct hash_map *ret_known, struct err *err)
{
    struct store *store;
    struct log *log = NULL;
    struct log_reader *reader = NULL;
    if (!service_read(service, &store, err)) return false;
    bool ok = log_open(store, &log, err) && log_reader_open(log, &reader, err);
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, p, LOG_MESSAGE | LOG_REPLACED, arena, &events, err);
        for (size_t i = 0; ok && i < events.n; i++)
            if (!(events.message_hash[i] & 1)) (void)hash_map_put(ret_known, events.message_hash[i]);
        arena_free(arena);
    }
    log_reader_close(reader);
    log_close(log);
    service_read_done(service, store);
    return ok;
}

/* ---- Batches ---- */

struct taking {
    struct service *service;    /* NULL: only looked at */
    enum protocol   protocol;
    struct text     source;
    int64_t         now_ms;
    struct hash_map known;
    struct message_file_counts *counts;
    char            reason[256];        /* why the first could not be taken */
    pthread_mutex_t mutex;
    pthread_cond_t  is_less;
    unsigned        n_under_way;
    struct err      err;                /* of a batch, the first */
};

static void done(void *context, const struct ingest_outcome *outcome)
{
    struct taking *taking = context;
    pthread_mutex_lock(&taking->mutex);
    if (outcome->err.code != ERR_NONE && taking->err.code == ERR_NONE) taking->err = outcome->err;
    if (outcome->err.code == ERR_NONE) {
        taking->counts->n_accepted += outcome->n_accepted;
        taking->counts->n_repeated += outcome->n_repeated;
        taking->counts->n_refused += outcome->n_refused;
        taking->counts->n_suppressed += outcome->n_suppressed;
    }
    taking->n_under_way--;
    pthread_cond_signal(&taking->is_less);
    pthread_mutex_unlock(&taking->mutex);
}

static void wait_for(struct taking *taking, unsigned n_most)
{
    pthread_mutex_lock(&taking->mutex);
    while (taking->n_under_way > n_most) pthread_cond_wait(&taking->is_less, &taking->mutex);
    pthread_mutex_unlock(&taking->mutex);
}

static void leave_out_known(struct taking *taking, struct intake *intake)
{
    size_t n = intake->n_messages;
    intake->n_messages = 0;
    for (size_t i = 0; i < n; i++) {
        const struct message *message = &intake->messages[i];
        int64_t received_ms = message->message_id.length > 0 ? 0 : message->received_ms;
        bool is_request = message->type > MESSAGE_MERGE;        /* no event comes of those */
        if (!is_request && hash_map_find(&taking->known, event_message_hash(message, received_ms, 0)))
            taking->counts->n_repeated++;
        else intake->messages[intake->n_messages++] = *message;
    }
}

static bool put(struct taking *taking, struct arena *arena, const struct intake *intake, struct err *err)
{
    for (;;) {
        wait_for(taking, BATCHES_UNDER_WAY - 1);
        pthread_mutex_lock(&taking->mutex);
        taking->n_under_way++;
        pthread_mutex_unlock(&taking->mutex);
        if (ingest_put(taking->service->ingest, arena, intake, taking->source, done, taking, err)) return true;
        pthread_mutex_lock(&taking->mutex);
        taking->n_under_way--;
        pthread_mutex_unlock(&taking->mutex);
        if (err->code != ERR_BUSY) break;
        nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);     /* others fill the queue: once more */
    }
    arena_free(arena);
    return false;
}

/* body: the list's text, in the arena, which becomes the batch's. */
static bool take_batch(struct taking *taking, struct arena *arena, struct text body, struct err *err)
{
    struct message_file_counts *counts = taking->counts;
    const struct intake_request request = { .protocol = taking->protocol, .type = "batch", .body = body,
                                            .received_ms = taking->now_ms, .is_import = true, .is_archive = true };
    struct intake intake;
    if (!intake_read(&request, arena, &intake, err)) { arena_free(arena); return false; }
    if (taking->service) {
        leave_out_known(taking, &intake);
        return put(taking, arena, &intake, err);
    }
    for (size_t i = 0; i < intake.n_messages; i++) {
        int64_t time_ms = intake.messages[i].time_ms;
        if (time_ms < counts->first_ms) counts->first_ms = time_ms;
        if (time_ms > counts->last_ms) counts->last_ms = time_ms;
    }
    if (intake.n_refusals > 0 && !*taking->reason)
        snprintf(taking->reason, sizeof taking->reason, "%s %s",
                 intake.refusals[0].field ? intake.refusals[0].field : "it", intake.refusals[0].reason);
    counts->n_messages += intake.n_messages + intake.n_refusals;
    counts->n_refused += intake.n_refusals;
    arena_free(arena);
    return true;
}

static bool take_file(struct taking *taking, const struct input *input, const char *step,
                      struct progress *progress, struct err *err)
{
    struct records records;
    bool ok = records_open(&records, input, err), is_end = false,
         is_segment_list = taking->protocol == PROTOCOL_SEGMENT;
    const char *opening = is_segment_list ? "{\"batch\":[" : "[", *closing = is_segment_list ? "]}" : "]";
    while (ok && !is_end) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        char *body = arena_alloc(arena, BATCH_BYTES + CSV_LINE_MAX + 64, 1);
        size_t n = strlen(opening), n_messages = 0;
        memcpy(body, opening, n);
        struct text raw = { 0 };
        while (n_messages < BATCH_MESSAGES && n < BATCH_BYTES &&
               (ok = next_record(&records, &raw, &is_end, err)) && !is_end) {
            if (n_messages++ > 0) body[n++] = ',';
            memcpy(body + n, raw.at, raw.length);
            n += raw.length;
        }
        memcpy(body + n, closing, strlen(closing));
        if (ok && n_messages > 0) ok = take_batch(taking, arena, (struct text){ body, n + strlen(closing) }, err);
        else arena_free(arena);
        progress_report(progress, step, records.at + (uint64_t)(records.reader->at - records.bytes),
                        input_bytes(records.input), "bytes");
    }
    arena_free(records.arena);
    return ok || err_context(err, "%s", input_name(input));
}

bool message_file_take(struct service *service, const struct input *input, enum protocol protocol,
                       struct text source, int64_t now_ms, struct progress *progress,
                       struct message_file_counts *ret_counts, struct err *err)
{
    struct message_file_counts looked = { .first_ms = INT64_MAX, .last_ms = INT64_MIN }, counts = { 0 };
    struct taking taking = { .protocol = protocol, .source = source, .now_ms = now_ms, .counts = &looked };
    if (!take_file(&taking, input, "checking messages", progress, err)) return false;
    if (3 * looked.n_refused > looked.n_messages)
        return err_set(err, ERR_INVALID,
                       "%s: %llu of %llu messages cannot be taken; of the first: %s; nothing was imported",
                       input_name(input), (unsigned long long)looked.n_refused,
                       (unsigned long long)looked.n_messages, taking.reason);
    taking.service = service;
    taking.counts = &counts;
    pthread_mutex_init(&taking.mutex, NULL);
    pthread_cond_init(&taking.is_less, NULL);
    bool ok =
        read_known(service, &taking.known, err) && take_file(&taking, input, "taking messages", progress, err);
    wait_for(&taking, 0);
    if (ok && taking.err.code != ERR_NONE) { *err = taking.err; ok = false; }
    hash_map_free(&taking.known);
    pthread_cond_destroy(&taking.is_less);
    pthread_mutex_destroy(&taking.mutex);
    counts.n_messages = looked.n_messages;
    counts.first_ms = looked.first_ms, counts.last_ms = looked.last_ms;
    *ret_counts = counts;
    return ok;
}
