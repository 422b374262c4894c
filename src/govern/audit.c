/* audit.c - see audit.h. */
#include "govern/audit.h"
#include "store/sql.h"

bool audit_put(struct store *store, int64_t at_ms, const char *who, const char *what, uint32_t identity,
               struct err *err)
{
    return sql_audit_put(store, at_ms, text_of(who), text_of(what), identity, err) ||
           err_context(err, "writing down who did it");
}
