/* reading.c - see reading.h. */
#include "table/reading.h"

#include "customer/order_number.h"

#include "base/arena_list.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "table/fill_down.h"
#include "table/header.h"

#include <string.h>

enum { RAW_KEPT_BYTES = 1024 };

/* A row before its block is complete. */
struct packed {
    int64_t     time_ms, received_ms, amount_cents, quantity_milli, total_cents, refunded_cents;
    uint64_t    message, order;
    struct text customer;       /* in the block's bytes or the thread's arena */
    uint32_t    event, item, traits, personal;
    uint8_t     partition, status;
};

/* What one thread works with, used again for each block. */
struct block_reader {
    struct reading       *reading;
    struct reader_thread *thread;
    struct csv_reader    *csv;
    struct row_reader     rows;
    struct fill_down      fill;
    bool                  is_filling;
    char                 *bytes;            /* [bytes_room + CSV_PADDING] */
    size_t                bytes_room;
    struct packed        *packed;           /* [packed_room] */
    size_t                packed_room, n_packed;
    char                 *traits;           /* [n_columns * (SPELLING_BYTES_MAX + 1)] */
    bool                  has_traits, has_personal;
    struct block         *block;
    size_t                refused_room;
    uint64_t              block_index, n_rows;      /* rows met in all blocks */
    uint64_t              order_above, customer_above;      /* hashes, of the row above in the block; 0 none */
};

/* length bytes were read, the first whole of them are whole records. */
struct ticket { uint64_t index; size_t length, whole; bool is_last, is_skipping; };

/* Lines of an order are compared with its first, so that they have to be met one after another. */
static bool needs_order_of_file(const struct mapping *mapping)
{
    bool is_numbered =
        mapping->shape == SHAPE_TABLE && mapping->column_of[ROLE_CUSTOMER] < 0; /* rows are counted */
    return is_numbered || (mapping->has_lines && (mapping->is_carried || mapping->column_of[ROLE_TOTAL] >= 0));
}

static void keep_refused(struct block_reader *reader, int column, bool is_fatal, const char *reason,
                         struct text raw, uint64_t line)
{
    struct block *block = reader->block;
    struct arena *arena = reader->thread->arena;
    reader->thread->counts.refused++;
    if (block->n_refused++ >= READING_REJECTS_MAX) return;
    if (block->n_refused_kept == reader->refused_room) {
        size_t room = reader->refused_room ? 2 * reader->refused_room : 16;
        struct refused_row *more = ARENA_ARRAY(arena, struct refused_row, room);
        if (block->n_refused_kept > 0) memcpy(more, block->refused, block->n_refused_kept * sizeof *more);
        block->refused = more;
        reader->refused_room = room;
    }
    if (raw.length > RAW_KEPT_BYTES) raw.length = RAW_KEPT_BYTES;
    char *copy = arena_alloc(arena, raw.length + 1, 1);
    if (raw.length > 0) memcpy(copy, raw.at, raw.length);
    block->refused[block->n_refused_kept++] =
        (struct refused_row){ line, column, is_fatal, arena_copy(arena, reason), { copy, raw.length } };
}

/* The values of all columns of traits, or of all personal ones, as one text. */
static struct text values_key(struct block_reader *reader, const struct text *fields, bool is_personal)
{
    const struct mapping *mapping = reader->reading->mapping;
    size_t n = 0;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!role_is_attribute(mapping->roles[c], is_personal)) continue;
        struct text value = text_trim(fields[c]);
        if (value.length > SPELLING_BYTES_MAX) value.length = SPELLING_BYTES_MAX;
        for (size_t i = 0; i < value.length; i++)
            reader->traits[n++] = value.at[i] == READING_TRAIT_END ? ' ' : value.at[i];
        reader->traits[n++] = READING_TRAIT_END;
    }
    return (struct text){ reader->traits, n };
}

static bool has_values(const struct mapping *mapping, bool is_personal)
{
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (role_is_attribute(mapping->roles[c], is_personal)) return true;
    return false;
}

static void count_row(struct reading_counts *counts, const struct mapping *mapping, const struct row *row)
{
    counts->no_customer += row->customer.length == 0;
    if (mapping->shape == SHAPE_TABLE) return;
    counts->negative_amounts += row->amount_cents < 0;
    counts->zero_amounts += row->amount_cents == 0;
    counts->negative_quantities += row->quantity_milli < 0;
    counts->statuses[row->status]++;
    if (row->received_ms > counts->latest_ms) counts->latest_ms = row->received_ms;
    if (row->amount_cents < counts->least_cents) counts->least_cents = row->amount_cents;
    if (row->amount_cents > counts->most_cents) counts->most_cents = row->amount_cents;
    int64_t day = row->time_ms / MS_PER_DAY;        /* rows have times after 1970 */
    counts->days[day < READING_DAYS ? day : READING_DAYS - 1]++;
}

/* The number of a text in a list; -1 and the column at fault if it is not UTF-8. */
static uint32_t number_of(struct block_reader *reader, enum spelling_list list, enum role role, struct text text,
                          int *bad_column)
{
    uint64_t place = reader->block_index << READING_LINE_BITS | reader->csv->row_line;
    const struct spelling_slot *slot =
        spellings_put(&reader->thread->spellings[list], text, spelling_hash(text), place);
    if (slot->is_bad) *bad_column = reader->reading->mapping->column_of[role];
    return slot->number - 1;
}

static inline bool is_plain(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] < 0x20 || (unsigned char)text.at[i] >= 0x80) return false;
    return true;
}

/* The customer as UTF-8 that lives as long as the block's bytes. */
static bool keep_customer(struct block_reader *reader, struct row *row)
{
    struct arena *arena = reader->thread->arena;
    const struct mapping *mapping = reader->reading->mapping;
    if (mapping->column_of[ROLE_CUSTOMER] < 0 && mapping->shape == SHAPE_TABLE) {
        row->customer = text_of(arena_format(arena, "row %llu", (unsigned long long)reader->n_rows));
        return true;
    }
    bool was_plain = is_plain(row->customer);
    if (!was_plain && !probe_utf8(reader->reading->probe->is_latin1, row->customer, arena, &row->customer))
        return false;
    bool is_scratch =
        reader->is_filling || (row->customer.at >= reader->csv->unquoted &&
                               row->customer.at < reader->csv->unquoted + sizeof reader->csv->unquoted);
    if (!is_scratch || row->customer.length == 0) return true;
    char *copy = arena_alloc(arena, row->customer.length, 1);
    memcpy(copy, row->customer.at, row->customer.length);
    row->customer.at = copy;
    return true;
}

/* Rows that are the same line of the same order, whatever a join put beside them. */
static uint64_t line_message(const struct row *row)
{
    uint64_t item = hash_bytes(row->item.at, row->item.length, 2);
    const uint64_t said[] = { hash_bytes(row->order.at, row->order.length, 1), item, (uint64_t)row->amount_cents,
                              (uint64_t)row->quantity_milli, row->status, row->is_refund };
    return hash_bytes(said, sizeof said, hash_bytes(row->line.at, row->line.length, 3));
}

/* Lines of an order follow one another: one that is another customer's is counted, beside those that are not.
 * customer: 0 nobody. */
static void compare_with_above(struct block_reader *reader, uint64_t order, uint64_t customer)
{
    struct reading_counts *counts = &reader->thread->counts;
    bool is_same = order == reader->order_above && customer && reader->customer_above;
    counts->lines_further += is_same && customer == reader->customer_above;
    if (is_same && customer != reader->customer_above && counts->lines_of_another++ == 0)
        counts->of_another_at = reader->block_index << READING_LINE_BITS | reader->csv->row_line;
    reader->order_above = order;
    reader->customer_above = customer;
}

/* Packs a row; false if one of its texts is not UTF-8. */
static bool pack(struct block_reader *reader, struct row *row, struct packed *packed)
{
    const struct mapping *mapping = reader->reading->mapping;
    const int *of = mapping->column_of;
    int bad_column = keep_customer(reader, row) ? MAPPING_NONE : of[ROLE_CUSTOMER];
    if (of[ROLE_ITEM] >= 0) packed->item = number_of(reader, SPELL_ITEM, ROLE_ITEM, row->item, &bad_column);
    if (of[ROLE_EVENT] >= 0)
        packed->event = number_of(reader, SPELL_EVENT, ROLE_EVENT, row->event, &bad_column);
    if (bad_column != MAPPING_NONE) {
        keep_refused(reader, bad_column, false,
                     "its text is not UTF-8; if the file is Latin-1, say --encoding latin-1", reader->csv->raw,
                     reader->csv->row_line);
        return false;
    }
    row->customer = reading_customer(reader->reading, reader->thread, row->customer);
    uint64_t customer_hash = spelling_hash(row->customer);
    packed->customer = row->customer;
    packed->partition = (uint8_t)(customer_hash >> 58);
    packed->time_ms = row->time_ms;
    packed->received_ms = row->received_ms;
    packed->amount_cents = row->amount_cents;
    packed->quantity_milli = row->quantity_milli;
    packed->total_cents = row->total_cents;
    packed->refunded_cents = row->refunded_cents;
    packed->status = (uint8_t)row->status;
    packed->message = hash_bytes(reader->csv->raw.at, reader->csv->raw.length, reader->csv->list_index);
    if (mapping_numbers_lines(mapping))
        packed->message =
            row->line.length > 0 ? line_message(row) | READING_LINE : packed->message & ~READING_LINE;
    if (mapping_has_order(mapping)) {
        uint64_t number = order_number_alone_hash(row->order);
        packed->order = (order_hash_of_customer(number, customer_hash) & ~UINT64_C(1)) | row->is_refund;
        compare_with_above(reader, number, row->customer.length > 0 ? customer_hash : 0);
    }
    return true;
}

static inline bool may_be_missing(struct text text)
{
    if (text.length == 0) return true;
    char c = *text.at;
    return (c == ' ' || c == 'N' || c == 'n' || c == '#' || c == '\\' || c == '\t') && probe_is_missing(text);
}

/* Of a record at fault: it is the file's last and has no end. */
static bool has_no_end(const struct csv_reader *csv)
{
    return csv->is_last && csv->at == csv->end && csv->end > csv->begin && csv->end[-1] != '\n' &&
           csv->end[-1] != '\r' && !csv->dialect.json;
}

/* The header again, as in files put together from several. */
static bool is_header_again(const struct probe *probe, const struct text *fields)
{
    for (size_t c = 0; c < probe->n_columns; c++)
        if (!text_equal(text_trim(fields[c]), text_of(probe->names[c]))) return false;
    return probe->has_header;
}

static void make_room(struct block_reader *reader)
{
    reader->packed_room = reader->packed_room ? 2 * reader->packed_room : 4096;
    reader->packed = memory_grow(reader->packed, reader->packed_room, sizeof *reader->packed);
}

static void take_row(struct block_reader *reader)
{
    const struct reading *reading = reader->reading;
    const struct mapping *mapping = reading->mapping;
    struct csv_reader *csv = reader->csv;
    struct reading_counts *counts = &reader->thread->counts;
    if (reader->n_packed == reader->packed_room) make_room(reader);
    struct packed *packed = &reader->packed[reader->n_packed];
    struct row row;
    if (reader->is_filling && csv->n_fields == mapping->n_columns) {
        if (fill_down_is_sum(mapping, csv->fields)) {
            keep_refused(reader, MAPPING_NONE, false, "it sums up rows above it", csv->raw, csv->row_line);
            return;
        }
        int at_fault = fill_down_line(&reader->fill, csv->fields);
        if (at_fault != MAPPING_NONE) {
            keep_refused(reader, at_fault, true, reader->fill.reason, csv->raw, csv->row_line);
            return;
        }
    }
    if (!row_read(&reader->rows, csv->fields, csv->n_fields, &row)) {
        bool is_header = csv->n_fields == mapping->n_columns && is_header_again(reading->probe, csv->fields);
        if (!is_header && header_is_another(csv->fields, csv->n_fields)) {
            keep_refused(reader, 0, true, "another header begins here: the file is put together from several whose columns "
                                          "differ; import each of them by itself", csv->raw, csv->row_line);
            return;
        }
        counts->is_cut_off |= has_no_end(csv) && csv->n_fields < mapping->n_columns;
        keep_refused(reader, is_header ? MAPPING_NONE : reader->rows.bad_column,
                     !is_header && reader->rows.is_fatal,
                     is_header ? "the header line again" : reader->rows.reason, csv->raw, csv->row_line);
        return;
    }
    if (!pack(reader, &row, packed)) return;
    for (size_t c = 0; c < mapping->n_columns; c++) counts->missing[c] += may_be_missing(csv->fields[c]);
    count_row(counts, mapping, &row);
    if (reader->has_traits)
        packed->traits =
            number_of(reader, SPELL_TRAITS, ROLE_TRAIT, values_key(reader, csv->fields, false), &(int){ 0 });
    if (reader->has_personal)
        packed->personal =
            number_of(reader, SPELL_PERSONAL, ROLE_PERSONAL, values_key(reader, csv->fields, true), &(int){ 0 });
    if (mapping->column_of[ROLE_CURRENCY] >= 0) {
        uint32_t currency = number_of(reader, SPELL_CURRENCY, ROLE_CURRENCY, row.currency, &(int){ 0 });
        counts->currencies[currency < CURRENCIES_MAX ? currency : CURRENCIES_MAX - 1]++;
    }
    reader->n_packed++;
}

static void *column(struct block_reader *reader, bool is_wanted, size_t size)
{
    return is_wanted ? arena_alloc(reader->thread->arena, reader->n_packed + 1, size) : NULL;
}

/* Rows by partition, in their order within each. */
static void finish_block(struct block_reader *reader)
{
    const struct mapping *mapping = reader->reading->mapping;
    const int *of = mapping->column_of;
    struct block *block = reader->block;
    bool is_history = mapping->shape != SHAPE_TABLE;
    uint32_t next[LOG_PARTITIONS] = { 0 }, next_byte[LOG_PARTITIONS + 1] = { 0 };
    for (size_t i = 0; i < reader->n_packed; i++) {
        block->begins[reader->packed[i].partition + 1]++;
        next_byte[reader->packed[i].partition + 1] += (uint32_t)reader->packed[i].customer.length;
    }
    for (size_t p = 0; p < LOG_PARTITIONS; p++) {
        block->begins[p + 1] += block->begins[p];
        next_byte[p + 1] += next_byte[p];
        next[p] = block->begins[p];
    }
    block->customer_bytes = arena_alloc(reader->thread->arena, next_byte[LOG_PARTITIONS] + 1, 1);
    memcpy(block->customer_begins, next_byte, sizeof block->customer_begins);
    block->message = column(reader, true, sizeof *block->message);
    block->customer = column(reader, true, sizeof *block->customer);
    block->time_ms = column(reader, is_history, sizeof *block->time_ms);
    block->received_ms = column(reader, of[ROLE_RECEIVED] >= 0, sizeof *block->received_ms);
    block->amount_cents = column(reader, of[ROLE_AMOUNT] >= 0 || of[ROLE_PRICE] >= 0, sizeof *block->amount_cents);
    block->quantity_milli = column(reader, of[ROLE_QUANTITY] >= 0, sizeof *block->quantity_milli);
    block->total_cents = column(reader, of[ROLE_TOTAL] >= 0, sizeof *block->total_cents);
    block->refunded_cents = column(reader, of[ROLE_REFUNDED] >= 0, sizeof *block->refunded_cents);
    block->status = column(reader, mapping_tells_sales(mapping), sizeof *block->status);
    block->event = column(reader, of[ROLE_EVENT] >= 0, sizeof *block->event);
    block->item = column(reader, of[ROLE_ITEM] >= 0, sizeof *block->item);
    block->traits = column(reader, reader->has_traits, sizeof *block->traits);
    block->personal = column(reader, reader->has_personal, sizeof *block->personal);
    block->order = column(reader, mapping_has_order(mapping), sizeof *block->order);
    block->n_rows = reader->n_packed;
    struct arena *scratch = reading_may_repeat_pages(mapping) ? arena_new(ARENA_NO_LIMIT) : NULL;
    struct page_rows file_order = { 0 };
    if (scratch) {
        file_order = page_rows_new(scratch, reader->n_packed);
        for (size_t i = 0; i < reader->n_packed; i++)
            file_order.message[i] = reader->packed[i].message, file_order.order[i] = reader->packed[i].order | 1;
        reading_find_pages(block, &file_order, reader->thread->arena);
    }
    block->edge = column(reader, block->n_edges > 0, sizeof *block->edge);
    for (size_t i = 0, e = 0; i < reader->n_packed; i++) {
        const struct packed *packed = &reader->packed[i];
        uint32_t to = next[packed->partition]++;
        block->message[to] = packed->message;
        if (packed->customer.length > 0)
            memcpy(block->customer_bytes + next_byte[packed->partition], packed->customer.at,
                   packed->customer.length);
        block->customer[to] = next_byte[packed->partition] += (uint32_t)packed->customer.length;
        if (block->time_ms) block->time_ms[to] = packed->time_ms;
        if (block->received_ms) block->received_ms[to] = packed->received_ms;
        if (block->amount_cents) block->amount_cents[to] = packed->amount_cents;
        if (block->quantity_milli) block->quantity_milli[to] = packed->quantity_milli;
        if (block->total_cents) block->total_cents[to] = packed->total_cents;
        if (block->refunded_cents) block->refunded_cents[to] = packed->refunded_cents;
        if (block->status) block->status[to] = packed->status;
        if (block->event) block->event[to] = packed->event;
        if (block->item) block->item[to] = packed->item;
        if (block->traits) block->traits[to] = packed->traits;
        if (block->personal) block->personal[to] = packed->personal;
        if (block->order) block->order[to] = packed->order;
        if (scratch) file_order.place[i] = to;
        if (!block->edge) continue;
        if (e < block->n_edges && i == block->edges[e].first + block->edges[e].n) e++;
        block->edge[to] = e < block->n_edges && i >= block->edges[e].first ? (uint32_t)e + 1 : 0;
    }
    if (scratch) reading_keep_ends(block, &file_order, reader->thread->arena);
    arena_free(scratch);
}

static void parse_block(struct block_reader *reader, const struct ticket *ticket)
{
    const struct reading *reading = reader->reading;
    struct block *block = reader->block = ARENA_NEW(reader->thread->arena, struct block);
    block->thread = (unsigned)(reader->thread - reading->threads);
    reader->block_index = ticket->index;
    reader->refused_room = reader->n_packed = 0;
    reader->order_above = reader->customer_above = 0;
    csv_start(reader->csv, &reading->probe->dialect, reader->bytes, ticket->length, ticket->is_last, 0);
    reader->csv->stop = reader->bytes + ticket->whole;
    reader->csv->is_skipping = ticket->is_skipping;
    uint64_t n_unknown = reader->csv->n_unknown;
    for (enum csv_step step; (step = csv_next(reader->csv)) != CSV_END;) {
        reader->thread->counts.rows++;
        reader->n_rows++;
        if (step == CSV_ROW) { take_row(reader); continue; }
        size_t bad_field = reader->csv->bad_field;
        reader->thread->counts.is_cut_off |= has_no_end(reader->csv);
        keep_refused(reader, bad_field < reading->mapping->n_columns ? (int)bad_field : MAPPING_NONE, false,
                     reader->csv->reason, reader->csv->raw, reader->csv->row_line);
    }
    reader->thread->counts.unknown_members += reader->csv->n_unknown - n_unknown;
    block->n_lines = reader->csv->line;
    finish_block(reader);
}

static bool read_bytes(struct block_reader *reader, size_t length, struct err *err)
{
    if (length > reader->bytes_room) {
        free(reader->bytes);
        reader->bytes_room = length;
        reader->bytes = memory_new(1, length + CSV_PADDING);
    }
    return input_read(reader->reading->input, reader->reading->next_at, reader->bytes, length, err);
}

/* Takes the next block: its bytes, whole records only.  Runs under the lock.  False at the end. */
static bool take_block(struct block_reader *reader, struct ticket *ret_ticket)
{
    struct reading *reading = reader->reading;
    uint64_t left = input_bytes(reading->input) - reading->next_at;
    size_t length = reading->block_bytes + reading->block_bytes % 2, whole = 0;
    if (left == 0 || reading->has_failed) return false;
    struct ticket ticket = { .index = reading->n_blocks, .is_skipping = reading->is_skipping };
    for (length /= 2; whole == 0;) {            /* more, while no record is whole */
        length = 2 * length > left ? (size_t)left : 2 * length;
        ticket.is_last = length == left;
        reading->is_skipping = ticket.is_skipping;
        if (!read_bytes(reader, length, &reading->err)) { reading->has_failed = true; return false; }
        whole = csv_split(reader->csv, &reading->probe->dialect, reader->bytes, length, ticket.is_last,
                          &reading->is_skipping);
        if (ticket.is_last) whole = length;
    }
    ticket.length = length;
    ticket.whole = whole;
    reading->next_at += whole;
    if (reading->n_blocks == reading->blocks_room) {
        size_t room = reading->blocks_room ? 2 * reading->blocks_room : 256;
        struct block **more = ARENA_ARRAY(reading->arena, struct block *, room);
        if (reading->n_blocks > 0) memcpy(more, reading->blocks, reading->n_blocks * sizeof *more);
        reading->blocks = more;
        reading->blocks_room = room;
    }
    reading->n_blocks++;
    *ret_ticket = ticket;
    return true;
}

static struct block_reader *block_reader_new(struct reading *reading, unsigned index)
{
    struct reader_thread *thread = &reading->threads[index];
    struct block_reader *reader = ARENA_NEW(thread->arena, struct block_reader);
    reader->reading = reading;
    reader->thread = thread;
    reader->csv = ARENA_NEW(thread->arena, struct csv_reader);
    reader->rows = row_reader_new(reading->mapping, reading->now_ms, thread->arena);
    reader->fill = fill_down_new(reading->mapping, thread->arena);
    reader->is_filling = reading->mapping->has_lines && !reading->mapping->is_order_by_time &&
                         needs_order_of_file(reading->mapping);
    reader->has_traits = has_values(reading->mapping, false);
    reader->has_personal = has_values(reading->mapping, true);
    if (reader->has_traits || reader->has_personal)
        reader->traits = ARENA_ARRAY(thread->arena, char, reading->mapping->n_columns *(SPELLING_BYTES_MAX + 1));
    return reader;
}

static void work(void *context, size_t item, unsigned thread)
{
    (void)thread;
    struct reading *reading = context;
    struct block_reader *reader = block_reader_new(reading, (unsigned)item);
    for (;;) {
        struct ticket ticket;
        pthread_mutex_lock(&reading->lock);
        bool has_more = take_block(reader, &ticket);
        uint64_t done = reading->next_at;
        pthread_mutex_unlock(&reading->lock);
        if (!has_more) break;
        if (item == 0)
            progress_report(reading->progress, "reading", done, input_bytes(reading->input), "bytes");
        parse_block(reader, &ticket);
        pthread_mutex_lock(&reading->lock);
        reading->blocks[ticket.index] = reader->block;
        pthread_mutex_unlock(&reading->lock);
    }
    fill_down_free(&reader->fill);
    free(reader->bytes);
    free(reader->packed);
}

static void add_counts(struct reading_counts *sum, const struct reading_counts *counts, size_t n_columns)
{
    sum->rows += counts->rows;
    sum->is_cut_off |= counts->is_cut_off;
    sum->unknown_members += counts->unknown_members;
    sum->refused += counts->refused;
    sum->no_customer += counts->no_customer;
    sum->negative_amounts += counts->negative_amounts;
    sum->zero_amounts += counts->zero_amounts;
    sum->lines_further += counts->lines_further;
    sum->lines_of_another += counts->lines_of_another;
    if (counts->lines_of_another > 0 && counts->of_another_at < sum->of_another_at) sum->of_another_at = counts->of_another_at;
    sum->negative_quantities += counts->negative_quantities;
    if (counts->least_cents < sum->least_cents) sum->least_cents = counts->least_cents;
    if (counts->most_cents > sum->most_cents) sum->most_cents = counts->most_cents;
    if (counts->latest_ms > sum->latest_ms) sum->latest_ms = counts->latest_ms;
    for (int i = 0; i < STATUSES; i++) sum->statuses[i] += counts->statuses[i];
    for (size_t c = 0; c < n_columns; c++) sum->missing[c] += counts->missing[c];
    for (size_t d = 0; d < READING_DAYS; d++) sum->days[d] += counts->days[d];
}

static struct reading_counts counts_new(const struct mapping *mapping, struct arena *arena)
{
    return (struct reading_counts){
        .missing = ARENA_ARRAY(arena, uint64_t, mapping->n_columns),
        .days = ARENA_ARRAY(arena, uint32_t, READING_DAYS),
        .currencies = ARENA_ARRAY(arena, uint64_t, CURRENCIES_MAX),
        .least_cents = INT64_MAX, .most_cents = INT64_MIN, .of_another_at = UINT64_MAX,
    };
}

bool reading_run(struct reading *reading, struct err *err)
{
    if (reading->n_threads > READING_THREADS_MAX) reading->n_threads = READING_THREADS_MAX;
    if (reading->n_threads == 0 || needs_order_of_file(reading->mapping)) reading->n_threads = 1;
    if (reading->block_bytes == 0) reading->block_bytes = READING_BLOCK_BYTES;
    reading->arena = arena_new(ARENA_NO_LIMIT);
    reading->next_at = reading->probe->data_at;
    reading->counts = counts_new(reading->mapping, reading->arena);
    pthread_mutex_init(&reading->lock, NULL);
    bool has_personal = has_values(reading->mapping, true);
    for (unsigned t = 0; t < reading->n_threads; t++) {
        struct reader_thread *thread = &reading->threads[t];
        thread->arena = arena_new(ARENA_NO_LIMIT);
        thread->counts = counts_new(reading->mapping, thread->arena);
        for (int i = 0; i < SPELLING_LISTS; i++)
            spellings_init(&thread->spellings[i], reading->probe->is_latin1, thread->arena);
    }
    if (!has_personal || reading_key(reading)) parallel_for(reading->n_threads, reading->n_threads, work, reading);
    if (reading->has_failed) {
        *err = reading->err;
        return false;
    }
    for (unsigned t = 0; t < reading->n_threads; t++)
        add_counts(&reading->counts, &reading->threads[t].counts, reading->mapping->n_columns);
    reading_judge_pages(reading);
    return true;
}

void reading_free(struct reading *reading)
{
    if (!reading->arena) return;
    for (unsigned t = 0; t < reading->n_threads; t++) {
        for (int i = 0; i < SPELLING_LISTS; i++) spellings_free(&reading->threads[t].spellings[i]);
        arena_free(reading->threads[t].arena);
    }
    profiles_close(reading->profiles);
    pthread_mutex_destroy(&reading->lock);
    arena_free(reading->arena);
    *reading = (struct reading){ 0 };
}
