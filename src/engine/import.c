/* import.c - see import.h. */
#include "engine/import.h"

bool import_file(struct store *store, struct log *log, const char *path, const struct import_options *options,
                 struct arena *arena, struct progress *progress, struct import_result *ret_result, struct err *err)
{
    (void)store, (void)log, (void)options, (void)arena, (void)progress, (void)ret_result;
    return err_set(err, ERR_INVALID, "%s: reading files is not built yet", path);
}

json_t *import_json(const struct import_result *result)
{
    return json_pack("{s:{s:s}, s:o}", "import", "source", result->source, "quality", quality_json(&result->quality));
}

bool import_latest(struct store *store, struct arena *arena, struct import_record *ret_record, struct err *err)
{
    (void)store, (void)arena, (void)ret_record;
    return err_set(err, ERR_MISSING, "nothing was imported yet");
}

bool import_rejects(struct store *store, int64_t import_id, uint64_t limit, struct arena *arena,
                    struct reject **ret_rejects, size_t *ret_n, uint64_t *ret_total, struct err *err)
{
    (void)store, (void)import_id, (void)limit, (void)arena, (void)ret_rejects, (void)ret_n, (void)ret_total;
    return err_set(err, ERR_MISSING, "nothing was imported yet");
}
