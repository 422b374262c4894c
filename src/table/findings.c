/* findings.c - what the counters of a reading say; see findings.h. */
#include "table/findings.h"

#include "base/calendar.h"
#include "base/number.h"
#include "base/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void findings_add(struct findings *findings, enum severity severity, uint64_t count, double share,
                  const char *title, const char *detail)
{
    struct quality *quality = findings->quality;
    if (quality->n_findings < FINDINGS_MAX)
        quality->findings[quality->n_findings++] = (struct finding){ severity, title, detail, count, share };
}

static double share_of(uint64_t count, uint64_t rows)
{
    return rows > 0 ? (double)count / (double)rows : 0.0;
}

/* "1 row has", "1,234 rows have". */
static const char *counted(struct findings *f, uint64_t n, const char *one, const char *many)
{
    return arena_format(f->arena, "%s %s", words_count(f->arena, (double)n), n == 1 ? one : many);
}

/* Rows of each currency over all threads, most first; the same text may be in several lists. */
struct currency { struct text name; uint64_t n, first; };    /* first: spelling.h */

static int compare_currency(const void *a, const void *b)
{
    const struct currency *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    size_t n = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = n > 0 ? memcmp(x->name.at, y->name.at, n) : 0;
    return order ? order : x->name.length < y->name.length ? -1 : 1;
}

static size_t sum_currencies(const struct reading *reading, struct currency ret[CURRENCIES_MAX])
{
    size_t n = 0;
    for (unsigned t = 0; t < reading->n_threads; t++) {
        const struct spellings *list = &reading->threads[t].spellings[SPELL_CURRENCY];
        for (size_t i = 0; i < list->n && i < CURRENCIES_MAX - 1; i++) {
            struct text name = { list->list[i].at, list->list[i].length };
            size_t k = 0;
            while (k < n && !text_equal_ignoring_case(ret[k].name, name)) k++;
            if (k == CURRENCIES_MAX || name.length == 0) continue;      /* blank is no currency */
            if (k == n) ret[n++] = (struct currency){ .name = name, .first = UINT64_MAX };
            ret[k].n += reading->threads[t].counts.currencies[i];
            if (list->list[i].first < ret[k].first) ret[k].first = list->list[i].first;
        }
    }
    qsort(ret, n, sizeof *ret, compare_currency);
    return n;
}

unsigned long long findings_line(const struct reading *reading, uint64_t first)
{
    uint64_t line = reading->probe->data_line + (first & ((UINT64_C(1) << READING_LINE_BITS) - 1));
    for (size_t b = 0; b < first >> READING_LINE_BITS && b < reading->n_blocks; b++) line += reading->blocks[b]->n_lines;
    return line;
}

const char *findings_currency(const struct reading *reading, struct arena *arena)
{
    struct currency currencies[CURRENCIES_MAX];
    size_t n = sum_currencies(reading, currencies);
    for (size_t i = 0; i < n; i++)
        if (currencies[i].name.length > 0)
            return arena_format(arena, "%.*s", (int)currencies[i].name.length, currencies[i].name.at);
    return "";
}

enum { TOLD_LEAST = 10 };       /* fewer may be chance */

static void judge_rows(struct findings *f)
{
    const struct import_result *r = f->facts->result;
    const struct building *building = f->facts->building;
    uint64_t n_unknown = f->facts->reading->counts.unknown_members;
    if (r->rejected > 0)
        findings_add(
            f, share_of(r->rejected, r->rows) > 0.05 ? SEVERITY_PROBLEM : SEVERITY_WARNING, r->rejected,
            share_of(r->rejected, r->rows), counted(f, r->rejected, "row was refused", "rows were refused"),
            arena_format(f->arena, "most often: %s; holdfast rejects lists them with line and column",
                         f->facts->common_reason ? f->facts->common_reason : ""));
    if (r->no_customer > 0)
        findings_add(f, share_of(r->no_customer, r->rows) > 0.05 ? SEVERITY_WARNING : SEVERITY_NOTE,
                     r->no_customer, share_of(r->no_customer, r->rows),
                     counted(f, r->no_customer, "row has no customer", "rows have no customer"),
                     "they are kept and counted, and left out of everything about single customers");
    bool is_numbered = f->facts->mapping->shape == SHAPE_TABLE &&
                       f->facts->mapping->column_of[ROLE_CUSTOMER] < 0;
    if (building->duplicates > 0 && !is_numbered)       /* customers who look alike are no copies */
        findings_add(f, share_of(building->duplicates, r->rows) > 0.02 ? SEVERITY_WARNING : SEVERITY_NOTE,
                     building->duplicates, share_of(building->duplicates, r->rows),
                     counted(f, building->duplicates, "row is an exact copy of one above it",
                             "rows are exact copies of a row above them"),
                     "they are kept: the same thing may happen twice; if they are mistakes, remove them from "
                     "the file");
    if (building->rows_told >= TOLD_LEAST && 2 * building->rows_told > building->rows_new)
        findings_add(
            f, SEVERITY_PROBLEM, building->rows_told, share_of(building->rows_told, r->rows),
            counted(f, building->rows_told, "new row says what the database had already",
                    "new rows say what the database had already"),
            "the same customers, times and amounts, written otherwise: if it is the same history exported "
            "again with other columns or dates, it now counts twice: import one of the two into a new "
            "database, or with the number of each order (--order)");
    if (n_unknown > 0)
        findings_add(
            f, SEVERITY_WARNING, n_unknown, NAN,
            counted(f, n_unknown, "member was met that no row looked at first has",
                    "members were met that no row looked at first has"),
            "columns are the members of the rows at the file's start and of samples further on; what only "
            "other rows have is left out");
    int line = f->facts->mapping->column_of[ROLE_LINE];
    if (building->lines_again > 0 && line < 0)
        findings_add(f, SEVERITY_NOTE, building->lines_again, share_of(building->lines_again, r->rows),
                     counted(f, building->lines_again, "row is an order once more", "rows are orders once more"),
                     "they are exact copies, number and all, of rows above them, and count once");
    else if (building->lines_again > 0)
        findings_add(f, SEVERITY_NOTE, building->lines_again, share_of(building->lines_again, r->rows),
                     counted(f, building->lines_again, "row is a line of an order once more",
                             "rows are lines of orders once more"),
                     arena_format(f->arena,
                                  "by %s; such rows come of joining orders with their payments or parcels, and "
                                  "each line counts once",
                                  f->facts->mapping->columns[line].name));
    if (building->rows_of_pages > 0)
        findings_add(f, SEVERITY_WARNING, building->rows_of_pages, share_of(building->rows_of_pages, r->rows),
                     counted(f, building->rows_of_pages, "row stands twice where a page of the export ends",
                             "rows stand twice where pages of the export end"),
                     "each page begins with the last rows of the one before, number and all; such copies count once");
    if (building->orders_corrected > 0)
        findings_add(
            f, SEVERITY_NOTE, building->orders_corrected, NAN,
            counted(f, building->orders_corrected, "order of an earlier import was corrected",
                    "orders of an earlier import were corrected"),
            "this file has them with another status, amount or lines; what was known before stays what it "
            "was as of then");
    if (f->facts->probe->n_before > 0)
        findings_add(f, SEVERITY_NOTE, f->facts->probe->n_before, NAN,
                     counted(f, f->facts->probe->n_before, "line stands above the header",
                             "lines stand above the header"),
                     "they were passed over");
}

/* By its role, or by what the format knows of it. */
static bool is_used(const struct mapping *mapping, size_t c)
{
    return (mapping->roles[c] != ROLE_NONE && mapping->roles[c] != ROLE_PERSONAL) ||
           (int)c == mapping->kind_of_payment || (int)c == mapping->outgoing;
}

static void judge_missing(struct findings *f, size_t c)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct reading_counts *counts = &f->facts->reading->counts;
    uint64_t rows = counts->rows - counts->refused;
    double share = share_of(counts->missing[c], rows);
    enum role role = mapping->roles[c];
    bool is_read = is_used(mapping, c);
    bool is_optional = mapping->shape == SHAPE_EVENTS &&        /* not every event has one */
                       (role == ROLE_AMOUNT || role == ROLE_PRICE || role == ROLE_QUANTITY || role == ROLE_ITEM ||
                        role == ROLE_PROPERTY);
    is_optional |= role == ROLE_TOTAL && mapping->is_total_last;
    is_optional |= mapping->outgoing >= 0 && (role == ROLE_AMOUNT || (int)c == mapping->outgoing);
    if (is_optional || role == ROLE_CANCELLED || role == ROLE_REFUNDED || role == ROLE_CURRENCY ||
        (int)c == mapping->column_of[ROLE_CUSTOMER] || counts->missing[c] == 0 || (share < 0.01 && !is_read))
        return;
    bool is_of_stayers = role == ROLE_TARGET && mapping->is_label_filled;
    findings_add(f, is_read && share > 0.2 && !is_of_stayers ? SEVERITY_WARNING : SEVERITY_NOTE, counts->missing[c], share,
                 arena_format(f->arena, "%s is missing in %s", mapping->columns[c].name,
                              counted(f, counts->missing[c], "row", "rows")),
                 is_of_stayers ? "who has no day in it counts as still there, and who has one as gone"
                 : !is_read                                 ? "the column is not used"
                 : (int)c == mapping->kind_of_payment       ? "such a row is taken for no customer's payment"
                 : role == ROLE_STATUS || role == ROLE_MARK ? "such a row counts as a sale unless another column denies it"
                                                            : "missing values stay missing; models know that they are");
}

static void judge_column(struct findings *f, size_t c)
{
    const struct column *column = &f->facts->mapping->columns[c];
    const struct reading_counts *counts = &f->facts->reading->counts;
    uint64_t rows = counts->rows - counts->refused;
    enum role role = f->facts->mapping->roles[c];
    if (counts->missing[c] == rows && rows > 0)
        findings_add(f, SEVERITY_NOTE, rows, 1.0, arena_format(f->arena, "%s is empty in every row", column->name),
                     "it says nothing and is left out");
    else judge_missing(f, c);
    if (column->n_distinct == 1 && column->n_values > 1 && role != ROLE_CURRENCY)
        findings_add(f, SEVERITY_NOTE, column->n_values, NAN,
                     arena_format(f->arena, "%s has one value only", column->name),
                     arena_format(f->arena, "\"%s\" in every row looked at%s", column->example,
                                  column->n_missing > 0 ? " that has one" : ""));
    if (*column->format_note && role == ROLE_TIME)
        findings_add(f, SEVERITY_WARNING, column->n_values, NAN,
                     arena_format(f->arena, "The dates in %s can be read in two ways", column->name),
                     arena_format(f->arena, "read as %s: %s; --date-format says otherwise",
                                  instant_name(column->format), column->format_note));
}

/* Of an export's many columns that nobody needs one note is enough. */
static bool is_idle(const struct findings *f, size_t c)
{
    const struct reading_counts *counts = &f->facts->reading->counts;
    const struct mapping *mapping = f->facts->mapping;
    bool says_little = counts->missing[c] * 100 > counts->rows - counts->refused || mapping->columns[c].n_distinct <= 1;
    return says_little && !is_used(mapping, c);
}

static void judge_columns(struct findings *f)
{
    enum { COLUMNS_MAX = 200, IDLE_MAX = 5, NAMED_MAX = 4 };
    const struct mapping *mapping = f->facts->mapping;
    size_t n = mapping->n_columns < COLUMNS_MAX ? mapping->n_columns : COLUMNS_MAX, n_idle = 0;
    const char *names = "";
    for (size_t c = 0; c < n; c++)
        if (is_idle(f, c) && ++n_idle <= NAMED_MAX)
            names = arena_format(f->arena, "%s%s%s", names, *names ? ", " : "", mapping->columns[c].name);
    for (size_t c = 0; c < n; c++)
        if (n_idle <= IDLE_MAX || !is_idle(f, c)) judge_column(f, c);
    if (n_idle > IDLE_MAX)
        findings_add(f, SEVERITY_NOTE, n_idle, NAN,
                     arena_format(f->arena, "%zu columns that are not used have gaps, one value or none", n_idle),
                     arena_format(f->arena, "%s and %zu more", names, n_idle - NAMED_MAX));
}

static const char *column_name(const struct mapping *mapping, enum role role)
{
    int column = mapping->column_of[role];
    return column >= 0 ? mapping->columns[column].name : "";
}

static bool is_currency_code(struct text word)
{
    return word.length == 3 && (unsigned char)word.at[0] < 0x80 && word.at[1] != '$' && word.at[2] != '$';
}

enum { SIGNS_MAX = 16 };        /* more are not told apart */
struct sign { struct text word; size_t n; };

/* The signs and codes of currencies in a column's sampled rows, in the order they are met; how many rows have one. */
static size_t count_signs(const struct probe *probe, size_t column, struct sign signs[SIGNS_MAX], size_t *ret_rows)
{
    size_t n = 0;
    *ret_rows = 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct number number;
        size_t s = 0;
        if (!number_find(text_trim(probe->cells[r * probe->n_columns + column]), &number) ||
            number.unit != NUMBER_CURRENCY)
            continue;
        ++*ret_rows;
        while (s < n && !text_equal_ignoring_case(signs[s].word, number.word)) s++;
        if (s == n && n < SIGNS_MAX) signs[n++] = (struct sign){ .word = number.word };
        if (s < n) signs[s].n++;
    }
    return n;
}

/* Signs of several currencies within a column of money; a code beside a sign may mean the same. */
static void judge_signs_of(struct findings *f, enum role role)
{
    int column = f->facts->mapping->column_of[role];
    struct sign signs[SIGNS_MAX];
    size_t n_rows, n_currencies = 1, n_others = 0;
    size_t n = column >= 0 ? count_signs(f->facts->probe, (size_t)column, signs, &n_rows) : 0;
    const char *others = "";
    for (size_t s = 1; s < n; s++) {
        if (is_currency_code(signs[s].word) != is_currency_code(signs[0].word)) continue;
        others = arena_format(f->arena, "%s%s\"%.*s\"", others, *others ? " or " : "", (int)signs[s].word.length,
                              signs[s].word.at);
        n_others += signs[s].n;
        n_currencies++;
    }
    if (n_currencies == 1) return;
    findings_add(f, SEVERITY_PROBLEM, n_others, share_of(n_others, n_rows),
                 arena_format(f->arena, "Amounts are in %zu currencies", n_currencies),
                 arena_format(f->arena,
                              "column %s has \"%.*s\" and, in %zu of %zu rows looked at, %s; sums add them up as if "
                              "they were one: convert them and say --currency CODE, or import the rows of one "
                              "currency",
                              column_name(f->facts->mapping, role), (int)signs[0].word.length, signs[0].word.at,
                              n_others, n_rows, others));
}

static void judge_signs(struct findings *f)
{
    static const enum role money[] = { ROLE_AMOUNT, ROLE_PRICE, ROLE_TOTAL };
    for (size_t i = 0; i < sizeof money / sizeof *money; i++) judge_signs_of(f, money[i]);
}

/* A currency's code that there is none of, as a slip of the finger makes it. */
static void judge_currency(struct findings *f)
{
    const char *asked = f->facts->mapping->currency;
    struct text code = text_of(*asked ? asked : findings_currency(f->facts->reading, f->arena));
    if (code.length != 3 || number_is_currency_code(code)) return;
    for (size_t i = 0; i < 3; i++)
        if ((code.at[i] | 32) < 'a' || (code.at[i] | 32) > 'z') return;
    findings_add(f, SEVERITY_WARNING, 0, NAN,
                 arena_format(f->arena, "%.3s is no currency that is known", code.at),
                 "amounts are taken as they are and told with these letters; if they are of another currency, say "
                 "--currency CODE, as EUR or USD");
}

static void judge_amounts(struct findings *f)
{
    const struct reading_counts *counts = &f->facts->reading->counts;
    const struct mapping *mapping = f->facts->mapping;
    uint64_t rows = counts->rows - counts->refused;
    struct currency currencies[CURRENCIES_MAX];
    size_t n = sum_currencies(f->facts->reading, currencies);
    bool has_amounts = mapping->column_of[ROLE_AMOUNT] >= 0 || mapping->column_of[ROLE_PRICE] >= 0;
    if (n > 1)
        findings_add(f, SEVERITY_PROBLEM, rows - currencies[0].n, share_of(rows - currencies[0].n, rows),
                     arena_format(f->arena, "Amounts are in %zu currencies", n),
                     arena_format(f->arena,
                                  "by column %s, %.*s in %s, then %.*s in %s (line %llu is the first); sums add them up as if they were "
                                  "one: convert them and say --currency %.*s, or import the rows of one currency",
                                  column_name(mapping, ROLE_CURRENCY), (int)currencies[0].name.length,
                                  currencies[0].name.at, counted(f, currencies[0].n, "row", "rows"),
                                  (int)currencies[1].name.length, currencies[1].name.at,
                                  counted(f, currencies[1].n, "row", "rows"),
                                  findings_line(f->facts->reading, currencies[1].first), (int)currencies[0].name.length,
                                  currencies[0].name.at));
    judge_signs(f);
    judge_currency(f);
    has_amounts |= mapping->column_of[ROLE_TOTAL] >= 0;
    if (!has_amounts || mapping->shape == SHAPE_TABLE) return;
    if (counts->negative_amounts > 0)
        findings_add(
            f, SEVERITY_NOTE, counts->negative_amounts, share_of(counts->negative_amounts, rows),
            counted(f, counts->negative_amounts, "row has a negative amount", "rows have a negative amount"),
            "refunds, cancellations and corrections; they are kept with their sign");
    bool is_of_total = mapping->column_of[ROLE_AMOUNT] < 0 && mapping->column_of[ROLE_PRICE] < 0;
    if (counts->zero_amounts > 0 && mapping->shape == SHAPE_ORDER_LINES && !is_of_total)
        findings_add(
            f, 3 * counts->zero_amounts > rows ? SEVERITY_WARNING : SEVERITY_NOTE, counts->zero_amounts,
            share_of(counts->zero_amounts, rows),
            counted(f, counts->zero_amounts, "row has an amount of zero", "rows have an amount of zero"),
            3 * counts->zero_amounts > rows
                ? "they count as orders of nothing: if a row is a visit, a call or a ticket and no purchase, leave such rows "
                  "out of the file, or name the column that tells sales with --status COLUMN --sales LIST"
                : "gifts, samples or corrections of stock; they count as orders of nothing");
}

/* Orders that were refunded in part, in a file that does not say how much. */
static void judge_partial_refunds(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    size_t n = 0;
    if (mapping->column_of[ROLE_REFUNDED] >= 0) return;
    for (size_t c = 0; c < mapping->n_columns; c++)
        for (size_t r = 0; r < probe->n_rows && (mapping->roles[c] == ROLE_STATUS || mapping->roles[c] == ROLE_MARK); r++)
            n += known_format_says("partiallyrefunded partialrefund refundedpartially teilerstattet teilweiseerstattet",
                                   probe->cells[r * probe->n_columns + c]);
    if (n > 0)
        findings_add(f, SEVERITY_WARNING, n, share_of(n, probe->n_rows),
                     arena_format(f->arena, "%s refunded in part, and no column says how much",
                                  counted(f, n, "row looked at is", "rows looked at are")),
                     "what was given back is missing: the orders count in full; --refunded COLUMN names it");
}

/* Orders that are no sales, and who is every row another customer. */
static void judge_orders(struct findings *f)
{
    const struct reading_counts *counts = &f->facts->reading->counts;
    const struct mapping *mapping = f->facts->mapping;
    uint64_t rows = counts->rows - counts->refused;
    if (mapping->shape != SHAPE_ORDER_LINES) return;
    for (int s = 0; s < STATUSES; s++) {
        enum status status = (enum status)s;
        if (counts->statuses[s] == 0 || status == STATUS_SALE) continue;
        double share = share_of(counts->statuses[s], rows);
        findings_add(f, share > 0.2 ? SEVERITY_WARNING : SEVERITY_NOTE, counts->statuses[s], share,
                     arena_format(f->arena, "%s %s", counted(f, counts->statuses[s], "row is", "rows are"),
                                  status_words(status)),
                     status == STATUS_REFUNDED
                         ? "they count as sales, and what was given back is taken off"
                         : arena_format(f->arena, "they are kept as %s and are no sales: not counted, not summed",
                                        status_kind(status)));
    }
    judge_partial_refunds(f);
    int customer = mapping->column_of[ROLE_CUSTOMER], order = mapping->column_of[ROLE_ORDER];
    const struct column *who = customer >= 0 ? &mapping->columns[customer] : NULL;
    bool is_of_order = who && order >= 0 && who->n_distinct == mapping->columns[order].n_distinct;
    if (who && (who->is_unique || is_of_order) && who->n_distinct >= 20)
        findings_add(
            f, SEVERITY_WARNING, who->n_distinct, NAN,
            arena_format(f->arena, "%s is different in every %s", who->name, who->is_unique ? "row" : "order"),
            "as the customer it says that nobody ever came back: if it numbers orders, name the customer "
            "with --customer");
    int time = mapping->column_of[ROLE_TIME];
    if (time >= 0 && role_name_score(ROLE_TIME, mapping->columns[time].name) == 0 &&
        role_name_is_never(ROLE_TIME, mapping->columns[time].name))
        findings_add(
            f, SEVERITY_WARNING, rows, NAN,
            arena_format(f->arena, "%s may not be when it happened", mapping->columns[time].name),
            "its name says that the row was changed, sent or ended then; name another column with --time");
}

static const char *day_text(struct arena *arena, size_t day)
{
    char text[11];
    calendar_format_day((int64_t)day, text);
    return arena_copy(arena, text);
}

/* The day that a share of the rows lies before. */
static size_t day_at(const struct reading_counts *counts, uint64_t rows, double share)
{
    uint64_t sum = 0, wanted = (uint64_t)(share * (double)rows);
    for (size_t d = 0; d < READING_DAYS; d++)
        if ((sum += counts->days[d]) > wanted) return d;
    return READING_DAYS - 1;
}

static void judge_gaps(struct findings *f, size_t from, size_t to)
{
    const uint32_t *days = f->facts->reading->counts.days;
    size_t longest = 0, longest_at = from, n_days = 0, run = 0;
    for (size_t d = from; d <= to; d++) {
        n_days += days[d] > 0;
        run = days[d] > 0 ? 0 : run + 1;
        if (run > longest) longest = run, longest_at = d;
    }
    double usual = (double)(to - from + 1) / (double)(n_days > 0 ? n_days : 1);
    if (longest < 7 || (double)longest < 7 * usual || n_days < 20) return;
    findings_add(f, longest >= 30 ? SEVERITY_WARNING : SEVERITY_NOTE, longest, NAN,
                 arena_format(f->arena, "There are no rows for %zu days", longest),
                 arena_format(f->arena,
                              "%s to %s; if data is missing there, customers look as if they had left",
                              day_text(f->arena, longest_at + 1 - longest), day_text(f->arena, longest_at)));
}

static void judge_times(struct findings *f)
{
    const struct reading_counts *counts = &f->facts->reading->counts;
    uint64_t rows = counts->rows - counts->refused, n_early = 0, n_late = 0;
    if (f->facts->mapping->shape == SHAPE_TABLE || rows < 20) return;
    size_t low = day_at(counts, rows, 0.005), high = day_at(counts, rows, 0.995);
    size_t room = high - low > 30 ? (high - low) / 2 : 15, from = low > room ? low - room : 0,
           to = high + room;
    size_t first = READING_DAYS, last = 0;
    for (size_t d = 0; d < READING_DAYS; d++) {
        if (!counts->days[d]) continue;
        if (d < from) n_early += counts->days[d];
        if (d > to) n_late += counts->days[d];
        if (d < first) first = d;
        last = d;
    }
    if (n_early + n_late > 0)
        findings_add(f, SEVERITY_WARNING, n_early + n_late, share_of(n_early + n_late, rows),
                     counted(f, n_early + n_late, "row has a time far from all others",
                             "rows have times far from all others"),
                     arena_format(f->arena,
                                  "99 of 100 rows lie between %s and %s, but the first is of %s and the last "
                                  "of %s; wrong clocks?",
                                  day_text(f->arena, low), day_text(f->arena, high),
                                  day_text(f->arena, first), day_text(f->arena, last)));
    judge_gaps(f, low, high);
}

static void judge_table(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    if (mapping->shape != SHAPE_TABLE) return;
    if (mapping->column_of[ROLE_TARGET] < 0)
        findings_add(f, SEVERITY_WARNING, 0, NAN, "No label was recognised",
                     "a table is asked about a column with two values, such as churn yes or no: name it with "
                     "--target COLUMN");
    if (mapping->column_of[ROLE_CUSTOMER] < 0)
        findings_add(f, SEVERITY_NOTE, 0, NAN, "No column names the customers",
                     "they are called row 1, row 2 ...; --customer COLUMN names them");
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (mapping->roles[c] == ROLE_TRAIT && mapping->columns[c].is_unique &&
            mapping->columns[c].is_integer && mapping->columns[c].n_values > 100)
            findings_add(
                f, SEVERITY_WARNING, mapping->columns[c].n_values, NAN,
                arena_format(f->arena, "%s looks like a number given to each row", mapping->columns[c].name),
                arena_format(f->arena,
                             "it is different everywhere, so that a model can learn nothing true from it; "
                             "--ignore %s leaves it out",
                             words_shell(f->arena, mapping->columns[c].name)));
}

static void describe_columns(const struct finding_facts *facts, struct quality *quality, struct arena *arena)
{
    const struct mapping *mapping = facts->mapping;
    const struct reading_counts *counts = &facts->reading->counts;
    quality->n_columns = mapping->n_columns;
    quality->columns = ARENA_ARRAY(arena, struct quality_column, mapping->n_columns);
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        quality->columns[c] = (struct quality_column){
            .name = column->name,
            .role = role_word(mapping->roles[c]),
            .kind = column_kind_word(column->kind),
            .example = column->example,
            .missing_share = share_of(counts->missing[c], counts->rows - counts->refused),
            .distinct = column->n_distinct,
        };
    }
}

static int compare_severity(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->severity != y->severity) return x->severity < y->severity ? 1 : -1;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->title, y->title);
}

struct quality findings_judge(const struct finding_facts *facts, struct arena *arena)
{
    struct quality quality = { .findings = ARENA_ARRAY(arena, struct finding, FINDINGS_MAX) };
    struct findings findings = { facts, arena, &quality };
    judge_rows(&findings);
    judge_amounts(&findings);
    judge_orders(&findings);
    judge_times(&findings);
    judge_table(&findings);
    findings_from_values(&findings);
    judge_columns(&findings);
    if (quality.n_findings == 0) findings_add(&findings, SEVERITY_OK, 0, NAN, "Nothing odd was found", "");
    qsort(quality.findings, quality.n_findings, sizeof *quality.findings, compare_severity);
    describe_columns(facts, &quality, arena);
    return quality;
}
