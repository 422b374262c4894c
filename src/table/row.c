/* row.c - see row.h. */
#include "table/row.h"

#include "base/calendar.h"
#include "base/number.h"

#include <string.h>

struct row_reader row_reader_new(const struct mapping *mapping, int64_t now_ms, struct arena *arena)
{
    struct row_reader reader = {
        .mapping = mapping,
        .time = { .format = mapping->time_format, .zones.arena = arena },
        .received = { .format = mapping->received_format, .zones.arena = arena },
    };
    reader.latest_ms = now_ms > 0 ? now_ms + MS_PER_DAY : INT64_MAX;        /* a day for clocks and zones */
    reader.numbers = ARENA_ARRAY(arena, size_t, mapping->n_columns);
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (mapping->shape == SHAPE_TABLE && mapping->roles[c] == ROLE_TRAIT &&
            mapping->columns[c].kind == KIND_NUMBER)
            reader.numbers[reader.n_numbers++] = c;
    return reader;
}

static bool refuse(struct row_reader *reader, int column, struct text value, const char *why)
{
    int length = value.length > 60 ? 60 : (int)value.length;
    reader->bad_column = column;
    reader->is_fatal = false;
    if (value.length > 0)
        snprintf(reader->reason, sizeof reader->reason, "\"%.*s\" %s", length, value.at, why);
    else snprintf(reader->reason, sizeof reader->reason, "it is empty: %s", why);
    return false;
}

static bool read_time(struct row_reader *reader, int column, struct instant_reader *instant, struct text text,
                      int64_t *ret_ms)
{
    if (!instant_read(instant, text, ret_ms)) {
        char why[128];
        const struct instant_format *other = instant->format.other;
        snprintf(why, sizeof why, "is not a time written as %s%s%s", instant_name(instant->format),
                 other ? " or " : "", other ? instant_name(*other) : "");
        return refuse(reader, column, text_trim(text), why);
    }
    if (*ret_ms > reader->latest_ms) return refuse(reader, column, text, "lies in the future");
    if (*ret_ms < MS_PER_DAY)
        return refuse(reader, column, text, "is before 1970-01-02, which no customer record is");
    return true;
}

/* "17850.0", as spreadsheets and data frames write numbers of customers. */
static struct text without_point_zero(struct text text)
{
    if (text.length < 3 || text.at[text.length - 2] != '.' || text.at[text.length - 1] != '0') return text;
    for (size_t i = 0; i + 2 < text.length; i++)
        if (text.at[i] < '0' || text.at[i] > '9') return text;
    return (struct text){ text.at, text.length - 2 };
}

/* An empty number is 0 where none is needed: of events, of orders that are no sales, of lines beside a total. */
static bool read_number(struct row_reader *reader, int column, const struct text *fields, int places, bool is_needed,
                        int64_t *ret_value)
{
    struct text text = fields[column];
    if (text.length == 0 && !is_needed) { *ret_value = 0; return true; }
    if (number_fixed(text, reader->mapping->decimal, places, ret_value)) return true;
    if (!is_needed && probe_is_missing(text)) { *ret_value = 0; return true; }
    if (text_trim(text).length == 0) return refuse(reader, column, text_trim(text), "a number is needed here");
    double value;
    const char *why = number_double(text, reader->mapping->decimal, &value) ? "is beyond 64 bits"
                                                                            : "is not a number";
    return refuse(reader, column, text_trim(text), why);
}

static bool read_fixed(struct row_reader *reader, enum role role, const struct text *fields, int places,
                       bool is_needed, int64_t *ret_value)
{
    return read_number(reader, reader->mapping->column_of[role], fields, places, is_needed, ret_value);
}

__extension__ typedef __int128 wide;

/* Whole units need two places to be cents. */
static int money_places(const struct row_reader *reader, enum role role)
{
    return 2 + reader->mapping->money_shift[role];
}

/* What came in one column, what went the other way in another; blank: nothing did. */
static bool read_both_ways(struct row_reader *reader, const struct text *fields, struct row *row)
{
    int64_t out_cents;
    int places = money_places(reader, ROLE_AMOUNT), outgoing = reader->mapping->outgoing;
    if (!read_fixed(reader, ROLE_AMOUNT, fields, places, false, &row->amount_cents) ||
        !read_number(reader, outgoing, fields, places, false, &out_cents))
        return false;
    if (__builtin_sub_overflow(row->amount_cents, out_cents, &row->amount_cents))
        return refuse(reader, outgoing, text_trim(fields[outgoing]), "is beyond 64 bits");
    return true;
}

static bool read_line_money(struct row_reader *reader, const struct text *fields, bool is_needed, struct row *row)
{
    const int *of = reader->mapping->column_of;
    int64_t price;      /* in 1e-4 */
    if (of[ROLE_QUANTITY] >= 0 && !read_fixed(reader, ROLE_QUANTITY, fields, 3, is_needed, &row->quantity_milli))
        return false;
    if (of[ROLE_AMOUNT] >= 0 && reader->mapping->outgoing >= 0) return read_both_ways(reader, fields, row);
    if (of[ROLE_AMOUNT] >= 0)
        return read_fixed(reader, ROLE_AMOUNT, fields, money_places(reader, ROLE_AMOUNT), is_needed, &row->amount_cents);
    if (of[ROLE_PRICE] < 0) return true;
    int places = money_places(reader, ROLE_PRICE);
    if (of[ROLE_QUANTITY] < 0) return read_fixed(reader, ROLE_PRICE, fields, places, is_needed, &row->amount_cents);
    if (!read_fixed(reader, ROLE_PRICE, fields, 2 + places, is_needed, &price)) return false;
    wide product = (wide)row->quantity_milli * price, half = product < 0 ? -50000 : 50000; /* 1e-7 to 1e-2 */
    wide cents = (product + half) / 100000;
    if (row->quantity_milli < 0 && price < 0) cents = -cents;       /* a return, and its money: not twice the other way */
    if (cents > INT64_MAX || cents < -INT64_MAX)
        return refuse(reader, of[ROLE_PRICE], fields[of[ROLE_PRICE]], "times the quantity is beyond 64 bits");
    row->amount_cents = (int64_t)cents;
    return true;
}

static bool read_money(struct row_reader *reader, const struct text *fields, struct row *row)
{
    const int *of = reader->mapping->column_of;
    bool is_needed = reader->mapping->shape != SHAPE_EVENTS && status_is_sale(row->status);
    if (!read_line_money(reader, fields, is_needed && of[ROLE_TOTAL] < 0, row)) return false;
    if (of[ROLE_TOTAL] >= 0 && reader->mapping->is_total_last && probe_is_missing(fields[of[ROLE_TOTAL]]))
        row->total_cents = TOTAL_BLANK;
    else if (of[ROLE_TOTAL] >= 0 &&
             !read_fixed(reader, ROLE_TOTAL, fields, money_places(reader, ROLE_TOTAL), is_needed, &row->total_cents))
        return false;
    if (of[ROLE_REFUNDED] < 0) return true;
    if (!read_fixed(reader, ROLE_REFUNDED, fields, money_places(reader, ROLE_REFUNDED), false, &row->refunded_cents))
        return false;
    if (row->refunded_cents < 0) row->refunded_cents = -row->refunded_cents;
    return true;
}

static enum status status_met(struct row_reader *reader, struct text word)
{
    for (size_t i = 0; i < reader->n_statuses; i++)
        if (text_equal(word, (struct text){ reader->statuses[i].word, reader->statuses[i].length }))
            return reader->statuses[i].status;
    enum status status = mapping_status(reader->mapping, word);
    if (word.length > STATUS_MEMORY_BYTES || reader->n_statuses == STATUS_MEMORY) return status;
    struct status_memory *memory = &reader->statuses[reader->n_statuses++];
    memcpy(memory->word, word.at, word.length);
    memory->length = word.length;
    memory->status = status;
    return status;
}

static bool read_status(struct row_reader *reader, const struct text *fields, struct row *row)
{
    const int *of = reader->mapping->column_of;
    row->status = STATUS_SALE;
    if (of[ROLE_STATUS] >= 0) {
        struct text word = text_trim(fields[of[ROLE_STATUS]]);
        if (word.length > 0 && probe_is_missing(word)) word.length = 0;
        if (word.length > 0) row->status = status_met(reader, word);
        if (row->status == STATUS_UNKNOWN) {
            (void)refuse(
                reader, of[ROLE_STATUS], word,
                "is a status that is not known: name all statuses that are sales with --sales \"paid,...\", "
                "or say --status none if the column does not decide what is an order");
            reader->is_fatal = true;
            return false;
        }
    }
    bool is_cancelled = of[ROLE_CANCELLED] >= 0 && !probe_is_missing(fields[of[ROLE_CANCELLED]]) &&
                        order_mark_answer(text_trim(fields[of[ROLE_CANCELLED]])) != 0;
    if (is_cancelled && (row->status == STATUS_SALE || row->status == STATUS_PENDING))
        row->status = STATUS_CANCELLED;
    for (size_t i = 0; i < reader->mapping->n_marks; i++) {
        const struct order_mark *mark = &reader->mapping->marks[i];
        row->status = order_mark_apply(mark, fields[mark->column], row->status);
    }
    return true;
}

/* What a row that gives money back says in plain numbers is what the customer got. */
static bool read_kind(struct row_reader *reader, const struct text *fields, struct row *row)
{
    for (size_t i = 0; i < reader->mapping->n_marks; i++) {
        const struct order_mark *mark = &reader->mapping->marks[i];
        if (!mark->is_kind) continue;
        struct text word = text_trim(fields[mark->column]);
        enum status kind = order_mark_kind(word);
        if (kind == STATUS_UNKNOWN) {
            (void)refuse(reader, mark->column, word,
                         "is a kind of row that is not known, beside sales and returns: leave such rows out of the file, "
                         "or --ignore the column if all rows are sales");
            reader->is_fatal = true;
            return false;
        }
        if (kind != STATUS_REFUNDED) continue;
        if (row->amount_cents > 0) row->amount_cents = -row->amount_cents;
        if (row->total_cents > 0) row->total_cents = -row->total_cents;
        if (row->quantity_milli > 0) row->quantity_milli = -row->quantity_milli;
    }
    return true;
}

static struct text field_of(const struct row_reader *reader, enum role role, const struct text *fields)
{
    int column = reader->mapping->column_of[role];
    return column >= 0 ? text_trim(fields[column]) : (struct text){ 0 };
}

static bool read_table_row(struct row_reader *reader, const struct text *fields)
{
    double number;
    for (size_t i = 0; i < reader->n_numbers; i++) {
        struct text text = fields[reader->numbers[i]];
        if (!number_double(text, reader->mapping->decimal, &number) && !probe_is_missing(text))
            return refuse(reader, (int)reader->numbers[i], text_trim(text), "is not a number");
    }
    return true;
}

/* Whether a row of an account's activity is nobody's purchase and no return: a fee, a payout, a payment beside its lines. */
static bool is_beside(const struct mapping *mapping, const struct text *fields)
{
    struct text kind = fields[mapping->kind_of_payment];
    return !known_format_says(mapping->format->sale_words, kind) && !known_format_says(mapping->format->refund_words, kind);
}

/* Of an account's activity only what customers paid is a sale; what they got back is theirs, whoever sent it. */
static void judge_payment(const struct mapping *mapping, const struct text *fields, struct row *row)
{
    const struct known_format *format = mapping->format;
    struct text kind = fields[mapping->kind_of_payment];
    bool is_back = row->amount_cents < 0;
    if (known_format_says(is_back ? format->refund_words : format->sale_words, kind)) {
        if (is_back && mapping->payee >= 0) row->customer = text_trim(fields[mapping->payee]);
        return;
    }
    row->status = STATUS_OTHER;
    row->customer.length = 0;
}

bool row_read(struct row_reader *reader, const struct text *fields, size_t n_fields, struct row *ret_row)
{
    const struct mapping *mapping = reader->mapping;
    const int *of = mapping->column_of;
    struct row row = { 0 };
    if (n_fields != mapping->n_columns) {
        reader->bad_column = MAPPING_NONE;
        reader->is_fatal = false;
        snprintf(reader->reason, sizeof reader->reason, "the line has %zu columns instead of %zu", n_fields,
                 mapping->n_columns);
        return false;
    }
    row.customer = field_of(reader, ROLE_CUSTOMER, fields);
    if (row.customer.length <= 4 && probe_is_missing(row.customer)) row.customer.length = 0;
    row.customer = without_point_zero(row.customer);
    if (mapping->shape == SHAPE_TABLE) {
        *ret_row = row;
        return read_table_row(reader, fields);
    }
    if (of[ROLE_TIME] >= 0 &&
        !read_time(reader, of[ROLE_TIME], &reader->time, fields[of[ROLE_TIME]], &row.time_ms))
        return false;
    int64_t clock_ms;
    if (of[ROLE_CLOCK] >= 0 && row.time_ms % MS_PER_DAY == 0 &&
        instant_time_of_day(fields[of[ROLE_CLOCK]], &clock_ms))
        row.time_ms += clock_ms;
    row.received_ms = row.time_ms;
    if (of[ROLE_RECEIVED] >= 0 &&
        !read_time(reader, of[ROLE_RECEIVED], &reader->received, fields[of[ROLE_RECEIVED]], &row.received_ms))
        return false;
    row.event = field_of(reader, ROLE_EVENT, fields);
    if (of[ROLE_EVENT] >= 0 && row.event.length == 0)
        return refuse(reader, of[ROLE_EVENT], row.event, "an event needs a kind");
    row.item = field_of(reader, ROLE_ITEM, fields);
    row.order = field_of(reader, ROLE_ORDER, fields);
    row.line = field_of(reader, ROLE_LINE, fields);
    row.currency = field_of(reader, ROLE_CURRENCY, fields);
    row.is_refund = mapping->has_refund_prefix && row.order.length > 1 && row.order.at[0] == 'C' &&
                    row.order.at[1] >= '0' && row.order.at[1] <= '9';
    if (mapping->shape == SHAPE_ORDER_LINES && of[ROLE_ORDER] >= 0 && row.order.length == 0)
        return refuse(reader, of[ROLE_ORDER], row.order, "the line belongs to no order");
    if (!read_status(reader, fields, &row)) return false;
    if (mapping->kind_of_payment >= 0 && is_beside(mapping, fields)) row.status = STATUS_OTHER;
    if (!read_money(reader, fields, &row) || !read_kind(reader, fields, &row))
        return false;
    if (mapping->kind_of_payment >= 0) judge_payment(mapping, fields, &row);
    *ret_row = row;
    return true;
}
