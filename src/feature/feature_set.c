/* feature_set.c - see feature_set.h. */
#include "feature/feature_set.h"

bool feature_set_generate(const struct log *log, const struct feature_options *options, struct arena *arena,
                          struct feature_set **ret_set, struct err *err)
{
    (void)log, (void)options, (void)arena, (void)ret_set;
    return err_set(err, ERR_INVALID, "features: not yet");
}
