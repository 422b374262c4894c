/* audit.c - see audit.h. */
#include "govern/audit.h"

#include "govern/ledger.h"
#include "store/sql.h"

bool audit_put(struct store *store, int64_t at_ms, const char *who, const char *what, uint32_t identity,
               struct err *err)
{
    int64_t id;
    return (sql_audit_put(store, at_ms, text_of(who), text_of(what), identity, err) &&
            sql_audit_newest(store, &id, err) && ledger_put_act(store, NULL, id, err)) ||
           err_context(err, "writing down who did it");
}
