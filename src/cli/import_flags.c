/* import_flags.c - see import_flags.h. */
#include "cli/import_flags.h"

#include "base/calendar.h"
#include "base/words.h"

#include <string.h>
#include <sys/time.h>

void import_flags_read(const struct invocation *invocation, struct import_options *ret_options)
{
    struct import_options options = {
        .separator = flag_text(invocation, "separator", NULL),
        .encoding = flag_text(invocation, "encoding", NULL),
        .decimal = flag_text(invocation, "decimal", NULL),
        .date_format = flag_text(invocation, "date-format", NULL),
        .shape = flag_text(invocation, "shape", NULL),
        .columns = flag_text(invocation, "columns", NULL),
        .traits = flag_text(invocation, "traits", NULL),
        .statics = flag_text(invocation, "static", NULL),
        .sales = flag_text(invocation, "sales", NULL),
        .currency = flag_text(invocation, "currency", NULL),
        .has_no_header = flag_is_given(invocation, "no-header"),
        .header_line = flag_text(invocation, "header-line", NULL),
        .sheet = flag_text(invocation, "sheet", NULL),
        .is_forced = flag_is_given(invocation, "force"),
        .n_threads = invocation->n_threads,
    };
    static const enum role by_flag[] = {
        ROLE_CUSTOMER, ROLE_TIME,     ROLE_CLOCK,    ROLE_RECEIVED, ROLE_EVENT,  ROLE_ORDER,
        ROLE_LINE,     ROLE_ITEM,     ROLE_QUANTITY, ROLE_PRICE,    ROLE_AMOUNT, ROLE_TOTAL,
        ROLE_REFUNDED, ROLE_STATUS,   ROLE_CANCELLED, ROLE_TARGET
    };
    for (size_t i = 0; i < sizeof by_flag / sizeof *by_flag; i++)
        options.roles[by_flag[i]] = flag_text(invocation, role_word(by_flag[i]), NULL);
    struct timeval now;
    gettimeofday(&now, NULL);
    options.now_ms = (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
    *ret_options = options;
}

static const char *const shape_sentences[SHAPES] = {
    [SHAPE_ORDER_LINES] = "lines of orders",
    [SHAPE_EVENTS] = "a log of events",
    [SHAPE_TABLE] = "a table with one row per customer",
};

static void print_counts(FILE *out, const struct import_result *result)
{
    char from[11], to[11];
    struct arena *arena = arena_new(1 << 16);
    fprintf(out, "  rows       %s", words_count(arena, (double)result->rows));
    if (result->repeated > 0)
        fprintf(out, ", %s of them imported before", words_count(arena, (double)result->repeated));
    if (result->rejected > 0)
        fprintf(out, ", %s refused (holdfast rejects shows them)",
                words_count(arena, (double)result->rejected));
    fputs("\n", out);
    if (result->events > 0 || result->customers > 0)     /* who only looks counts neither */
        fprintf(out, "  customers  %s\n  events     %s added\n", words_count(arena, (double)result->customers),
                words_count(arena, (double)result->events));
    arena_free(arena);
    if (result->first_ms == 0 && result->last_ms == 0) return;
    calendar_format_day(calendar_day_of_ms(result->first_ms), from);
    calendar_format_day(calendar_day_of_ms(result->last_ms), to);
    fprintf(out, "  from       %s to %s\n", from, to);
}

enum { COLUMNS_SHOWN = 40, COLUMNS_UNUSED_SHOWN = 12 };

void import_print(FILE *out, const struct import_result *result)
{
    static const char *const marks[] = { "  ok       ", "  note     ", "  warning  ", "  problem  " };
    int widest = 6;
    fprintf(out, "%s is taken as %s: %s%s%s\n", result->source, shape_sentences[result->shape],
            result->format ? result->format : "", result->format ? "; " : "", result->dialect);
    for (size_t i = 0; i < result->n_mapping; i++) {
        int length = (int)strlen(result->mapping[i].column);
        if (length > widest && length <= 30) widest = length;
    }
    size_t n_used = 0, n_unused = 0;
    for (size_t i = 0; i < result->n_mapping; i++) {
        const struct import_mapping *m = &result->mapping[i];
        if (m->role == ROLE_NONE ? ++n_unused > COLUMNS_UNUSED_SHOWN : ++n_used > COLUMNS_SHOWN) continue;
        fprintf(out, "  %-*s  %-8s  %s%s%s\n", widest, m->column,
                m->role == ROLE_NONE ? "-" : role_word(m->role), m->format, *m->format ? "; " : "", m->why);
    }
    if (n_used > COLUMNS_SHOWN)
        fprintf(out, "  ... and %zu more columns like these\n", n_used - COLUMNS_SHOWN);
    if (n_unused > COLUMNS_UNUSED_SHOWN)
        fprintf(out, "  ... and %zu more columns that are not used\n", n_unused - COLUMNS_UNUSED_SHOWN);
    fputs(result->n_mapping > 0 ? "  (--customer, --time, --amount ... COLUMN say otherwise)\n\n" : "\n", out);
    print_counts(out, result);
    fputs("\n", out);
    for (size_t i = 0; i < result->quality.n_findings; i++) {
        const struct finding *f = &result->quality.findings[i];
        fprintf(out, "%s%s\n", marks[f->severity], f->title);
        if (*f->detail) fprintf(out, "           %s\n", f->detail);
    }
}
