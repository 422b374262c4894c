/* eligibility.c - see eligibility.h.  Everything is compiled before the lock is taken. */
#include "engine/eligibility.h"

#include "live/segment_source.h"
#include "engine/service.h"

#include <assert.h>

enum { MOST_CONDITIONS = 64 };

static bool compile_all(const struct segment_source *source, const char *const *conditions, size_t n,
                        struct expression **ret_compiled, size_t *ret_index, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        *ret_index = i;
        if (conditions[i] && !expression_compile_columns(conditions[i], source->columns, source->n_columns, false,
                                                         &ret_compiled[i], err))
            return false;
    }
    return true;
}

static bool evaluate_all(const struct segment_source *source, uint32_t customer, int64_t now_ms,
                         struct expression *const *compiled, size_t n, bool *ret_hold, size_t *ret_index,
                         struct err *err)
{
    bool ok = true;
    source->lock(source->context);
    bool is_current = source->is_current(source->context);
    bool is_known = is_current && source->begin(source->context, customer, now_ms);
    for (size_t i = 0; ok && is_current && i < n; i++) {
        *ret_index = i;
        ret_hold[i] = !compiled[i];
        if (compiled[i] && is_known)
            ok = expression_holds(compiled[i], source->value, source->context, &ret_hold[i], err);
    }
    source->unlock(source->context);
    return is_current ? ok : err_set(err, ERR_BUSY, "the features have just changed: try again");
}

bool conditions_hold(struct service *service, uint32_t customer, int64_t now_ms, const char *const *conditions,
                     size_t n, bool *ret_hold, size_t *ret_index, struct err *err)
{
    struct expression *compiled[MOST_CONDITIONS] = { NULL };
    assert(n <= MOST_CONDITIONS);
    struct segment_source *source = live_source_new(service->live, service->log, service->identities,
                                                    &service->lock);
    bool ok = compile_all(source, conditions, n, compiled, ret_index, err) &&
              evaluate_all(source, customer, now_ms, compiled, n, ret_hold, ret_index, err);
    for (size_t i = 0; i < n; i++) expression_free(compiled[i]);
    live_source_free(source);
    return ok;
}
