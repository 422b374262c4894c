/* operator_days.c - windows of days, and the gaps between days; see operator.h.
 *
 * A sparse list of (day, count, amount), ascending, grown on demand.  It holds the days of the last
 * 366 before the newest, so every window up to 365 days is exact to the day.  Of older days only which
 * they were is kept, which is all that the gaps ask: whatever the order of arrival, and of which identity
 * of the customer, the answers are the same.
 * A window of w days as of T is the w UTC days up to and with that of the last instant before T. */
#include "feature/operator.h"
#include "feature/packing.h"
#include "base/memory.h"
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

/* OLD_MOST: more than anybody has days; 54 years of every day. */
enum { LIST_DAYS = 366, OLD_MOST = 20000 };

struct day_entry { int32_t day; uint32_t count; int64_t cents; };

struct days {
    struct day_entry *entries;      /* [n] ascending, the newest and those of LIST_DAYS before it */
    uint32_t          n, room;
    uint32_t          n_old, old_room;
    int32_t          *old;          /* [n_old] ascending, the days before those */
    int64_t           old_gap_squares;              /* of the gaps between old days */
    int64_t           last_ms;
};

static void reserve(struct days *days, uint32_t n)
{
    if (n <= days->room) return;
    uint32_t room = days->room ? days->room : 4;
    while (room < n) room *= 2;
    struct day_entry *entries = memory_grow(days->entries, room, sizeof *entries);
    days->entries = entries;
    days->room = room;
}

static void reserve_old(struct days *days, uint32_t n)
{
    if (n <= days->old_room) return;
    uint32_t room = days->old_room ? days->old_room : 16;
    while (room < n) room *= 2;
    int32_t *old = memory_grow(days->old, room, sizeof *old);
    days->old = old;
    days->old_room = room;
}

static int64_t square_of_gap(int32_t from, int32_t to) { return ((int64_t)to - from) * ((int64_t)to - from); }

/* A day that is no longer in the list, or never was; mostly the newest of the old ones. */
static void add_old(struct days *days, int32_t day)
{
    uint32_t at = days->n_old;
    while (at > 0 && days->old[at - 1] > day) at--;
    if ((at > 0 && days->old[at - 1] == day) || days->n_old == OLD_MOST) return;
    reserve_old(days, days->n_old + 1);
    if (at > 0) days->old_gap_squares += square_of_gap(days->old[at - 1], day);
    if (at < days->n_old) days->old_gap_squares += square_of_gap(day, days->old[at]);
    if (at > 0 && at < days->n_old) days->old_gap_squares -= square_of_gap(days->old[at - 1], days->old[at]);
    memmove(days->old + at + 1, days->old + at, (days->n_old - at) * sizeof day);
    days->old[at] = day;
    days->n_old++;
}

static void retire_old(struct days *days)
{
    uint32_t n_gone = 0;
    int64_t newest = days->entries[days->n - 1].day;
    while (newest - days->entries[n_gone].day >= LIST_DAYS) add_old(days, days->entries[n_gone++].day);
    if (n_gone == 0) return;
    days->n -= n_gone;
    memmove(days->entries, days->entries + n_gone, days->n * sizeof *days->entries);
}

static void days_add(struct days *days, struct day_entry entry)
{
    uint32_t at = days->n;
    if (at > 0 && (int64_t)days->entries[at - 1].day - entry.day >= LIST_DAYS) {
        add_old(days, entry.day);
        return;
    }
    while (at > 0 && days->entries[at - 1].day > entry.day) at--;
    if (at > 0 && days->entries[at - 1].day == entry.day) {
        days->entries[at - 1].count += entry.count;
        days->entries[at - 1].cents += entry.cents;
        return;
    }
    reserve(days, days->n + 1);
    memmove(days->entries + at + 1, days->entries + at, (days->n - at) * sizeof entry);
    days->entries[at] = entry;
    days->n++;
    retire_old(days);
}

static void days_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    struct days *days = state;
    if (days->n == 0 || event->time_ms > days->last_ms) days->last_ms = event->time_ms;
    days_add(days, (struct day_entry){ (int32_t)calendar_day_of_ms(event->time_ms), 1, event->amount_cents });
}

static void days_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct days *days = state;
    const struct days *other = other_state;
    if (other->n == 0) return;
    if (days->n == 0 || other->last_ms > days->last_ms) days->last_ms = other->last_ms;
    for (uint32_t i = 0; i < other->n; i++) days_add(days, other->entries[i]);
    reserve_old(days, days->n_old + other->n_old);
    for (uint32_t i = 0; i < other->n_old; i++) add_old(days, other->old[i]);
}

enum { OUTPUT_COUNT_7, OUTPUT_COUNT_30, OUTPUT_COUNT_90, OUTPUT_COUNT_365, OUTPUT_AMOUNT_30, OUTPUT_AMOUNT_90,
       OUTPUT_AMOUNT_365, OUTPUT_ACTIVE_DAYS, OUTPUT_GAP_MEAN, OUTPUT_GAP_SD, OUTPUT_GAP_RATIO, OUTPUTS };

static void read_windows(const struct days *days, const struct operator_use *use, int64_t end_day, double *row)
{
    static const int window_days[4] = { 7, 30, 90, 365 };
    double count[4] = { 0 }, cents[4] = { 0 };
    for (uint32_t i = 0; i < days->n; i++)
        for (int w = 0; w < 4; w++) {
            if (days->entries[i].day < end_day - window_days[w]) continue;
            count[w] += days->entries[i].count;
            cents[w] += (double)days->entries[i].cents;
        }
    for (size_t w = 0; w < 4; w++) operator_put(use, OUTPUT_COUNT_7 + w, row, count[w]);
    for (size_t w = 1; w < 4; w++) operator_put(use, OUTPUT_AMOUNT_30 + w - 1, row, cents[w] / 100);
}

static void read_gaps(const struct days *days, const struct operator_use *use, int64_t as_of_ms, double *row)
{
    double n_days = (double)days->n_old + days->n, mean = MISSING, sd = MISSING, recency = MISSING;
    operator_put(use, OUTPUT_ACTIVE_DAYS, row, n_days);
    if (n_days >= 2) {
        int64_t squares = days->old_gap_squares;
        int32_t previous = days->n_old ? days->old[days->n_old - 1] : days->entries[0].day;
        int32_t first = days->n_old ? days->old[0] : previous;
        for (uint32_t i = 0; i < days->n; i++) {
            squares += square_of_gap(previous, days->entries[i].day);
            previous = days->entries[i].day;
        }
        double n_gaps = n_days - 1, sum = previous - first;
        mean = sum / n_gaps;
        if (n_gaps >= 2) sd = sqrt(fmax(0, (double)squares - sum * sum / n_gaps) / (n_gaps - 1));
        recency = (double)(as_of_ms - days->last_ms) / (double)MS_PER_DAY;
    }
    operator_put(use, OUTPUT_GAP_MEAN, row, mean);
    operator_put(use, OUTPUT_GAP_SD, row, sd);
    operator_put(use, OUTPUT_GAP_RATIO, row, recency / mean);
}

static void days_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                      uint64_t n_events, double *ret_row)
{
    (void)n_events;
    read_windows(state, use, moment->end_day, ret_row);
    read_gaps(state, use, moment->as_of_ms, ret_row);
}

static void days_clear(void *state, bool is_final)
{
    struct days *days = state;
    struct days empty = {
        .entries = days->entries, .room = days->room, .old = days->old, .old_room = days->old_room
    };
    if (is_final) {
        free(days->entries);
        free(days->old);
        memset(&empty, 0, sizeof empty);
    }
    *days = empty;
}

static bool days_is_empty(const void *state) { return ((const struct days *)state)->n == 0; }

/* Packed, a day is how long before the next one it is and how often something happened on it, which mostly share a
 * byte: counts from COUNT_MORE on go on in a number of their own.  The newest day is that of last_ms. */
enum { PACKED_MOST = (6 + LIST_DAYS * 3) * NUMBER_MOST_BYTES + OLD_MOST * 5 };
enum { COUNT_BITS = 3, COUNT_MORE = 1 << COUNT_BITS };

static bool has_amounts(const struct days *days)
{
    int64_t any = 0;
    for (uint32_t i = 0; i < days->n; i++) any |= days->entries[i].cents;
    return any != 0;
}

static unsigned char *days_pack(const void *state, unsigned char *to)
{
    const struct days *days = state;
    bool has_cents = has_amounts(days);
    int32_t later = days->entries[days->n - 1].day;
    to = number_pack(to, (uint64_t)days->n << 2 | (days->n_old > 0) << 1 | has_cents);
    to = number_pack(to, number_zigzag(days->last_ms));
    if (days->n_old) {
        int32_t previous = days->old[0];
        to = number_pack(to, days->n_old);
        to = number_pack(to, number_zigzag(previous));
        for (uint32_t i = 1; i < days->n_old; i++) {
            to = number_pack(to, (uint64_t)((int64_t)days->old[i] - previous));
            previous = days->old[i];
        }
    }
    for (uint32_t i = days->n; i-- > 0; ) {
        struct day_entry entry = days->entries[i];
        uint32_t more = entry.count < COUNT_MORE ? 0 : entry.count - COUNT_MORE;
        to = number_pack(to, (uint64_t)(later - entry.day) << COUNT_BITS | (entry.count - more) % COUNT_MORE);
        if (entry.count >= COUNT_MORE) to = number_pack(to, more);
        if (has_cents) to = number_pack(to, number_zigzag(entry.cents));
        later = entry.day;
    }
    return to;
}

static const unsigned char *old_unpack(struct days *days, const unsigned char *from)
{
    uint64_t number, n_old;
    from = number_unpack(from, &n_old);
    from = number_unpack(from, &number);
    reserve_old(days, (uint32_t)n_old);
    days->old[0] = (int32_t)number_unzigzag(number);
    for (uint32_t i = 1; i < n_old; i++) {
        from = number_unpack(from, &number);
        days->old[i] = days->old[i - 1] + (int32_t)number;
        days->old_gap_squares += (int64_t)(number * number);
    }
    days->n_old = (uint32_t)n_old;
    return from;
}

static const unsigned char *days_unpack(void *state, const unsigned char *from)
{
    struct days *days = state;
    uint64_t head, number;
    from = number_unpack(from, &head);
    from = number_unpack(from, &number);
    days->last_ms = number_unzigzag(number);
    if (head & 2) from = old_unpack(days, from);
    days->n = (uint32_t)(head >> 2);
    reserve(days, days->n);
    int32_t day = (int32_t)calendar_day_of_ms(days->last_ms);
    for (uint32_t i = days->n; i-- > 0; ) {
        struct day_entry entry = { 0 };
        from = number_unpack(from, &number);
        entry.day = day -= (int32_t)(number >> COUNT_BITS);
        entry.count = number % COUNT_MORE;
        if (entry.count == 0) from = number_unpack(from, &number), entry.count = COUNT_MORE + (uint32_t)number;
        if (head & 1) from = number_unpack(from, &number), entry.cents = number_unzigzag(number);
        days->entries[i] = entry;
    }
    return from;
}

#define DAY_SQL          "intDiv(time_ms, 86400000)"
#define WITHIN_SQL(days) "{is} AND " DAY_SQL " > intDiv(as_of_ms - 1, 86400000) - " days
#define COUNT_OUTPUT(days)  { "count_" days "d", "events", "number of {many} in the last " days " days", \
                              "countIf(" WITHIN_SQL(days) ")", 0 }
#define AMOUNT_OUTPUT(days) { "amount_" days "d", "currency", "amount of {many} in the last " days " days", \
                              "sumIf(amount_cents, " WITHIN_SQL(days) ") / 100", NEEDS_AMOUNT }
#define N_DAYS_SQL "uniqExactIf(" DAY_SQL ", {is})"
#define MEAN_SQL   "(maxIf(" DAY_SQL ", {is}) - minIf(" DAY_SQL ", {is})) / (" N_DAYS_SQL " - 1)"

static const struct operator_output outputs[OUTPUTS] = {
    COUNT_OUTPUT("7"), COUNT_OUTPUT("30"), COUNT_OUTPUT("90"), COUNT_OUTPUT("365"),
    AMOUNT_OUTPUT("30"), AMOUNT_OUTPUT("90"), AMOUNT_OUTPUT("365"),
    [OUTPUT_ACTIVE_DAYS] = { "active_days", "days", "number of days with {an} {one}", N_DAYS_SQL, 0 },
    [OUTPUT_GAP_MEAN] = { "gap_mean_days", "days", "mean number of days between days with {an} {one}",
                          "if(" N_DAYS_SQL " < 2, nan, " MEAN_SQL ")", 0 },
    [OUTPUT_GAP_SD] = { "gap_sd_days", "days", "standard deviation of the days between days with {an} {one}",
                        "if(" N_DAYS_SQL " < 3, nan, arrayReduce('stddevSamp', arraySlice(arrayDifference("
                        "arraySort(groupUniqArrayIf(" DAY_SQL ", {is}))), 2)))", 0 },
    [OUTPUT_GAP_RATIO] = { "gap_ratio", "ratio", "days since the last {one} over the usual days between two",
                           "if(" N_DAYS_SQL " < 2, nan, (as_of_ms - maxIf(time_ms, {is})) / 86400000 / "
                           "(" MEAN_SQL "))", 0 },
};

const struct operator operator_days = {
    .name = "days", .state_bytes = sizeof(struct days), .outputs = outputs, .n_outputs = OUTPUTS,
    .parts = PART_AMOUNT, .update = days_update, .merge = days_merge, .read = days_read, .clear = days_clear,
    .packed_most = PACKED_MOST, .is_empty = days_is_empty,
    .pack = days_pack, .unpack = days_unpack,
};
