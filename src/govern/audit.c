/* audit.c - see audit.h. */
#include "govern/audit.h"

bool audit_put(struct store *store, int64_t at_ms, const char *who, const char *what, uint32_t identity,
               struct err *err)
{
    const struct value args[] = { value_int(at_ms), value_text(who), value_text(what), value_int(identity) };
    return store_run(store, "audit_put", args, 4, err) || err_context(err, "writing down who did it");
}
