/* import_flags.c - see import_flags.h. */
#include "app/import_flags.h"

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
        .currency = flag_text(invocation, "currency", NULL),
        .has_no_header = flag_is_given(invocation, "no-header"),
        .is_forced = flag_is_given(invocation, "force"),
        .n_threads = invocation->n_threads,
    };
    static const enum role by_flag[] = { ROLE_CUSTOMER, ROLE_TIME, ROLE_RECEIVED, ROLE_EVENT, ROLE_ORDER, ROLE_ITEM,
                                         ROLE_QUANTITY, ROLE_PRICE, ROLE_AMOUNT, ROLE_TARGET };
    for (size_t i = 0; i < sizeof by_flag / sizeof *by_flag; i++)
        options.roles[by_flag[i]] = flag_text(invocation, role_word(by_flag[i]), NULL);
    struct timeval now;
    gettimeofday(&now, NULL);
    options.now_ms = (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
    *ret_options = options;
}

void import_print(FILE *out, const struct import_result *result)
{
    fprintf(out, "%s: %llu rows\n", result->source, (unsigned long long)result->rows);
}
