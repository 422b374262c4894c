/* ramp.c - see ramp.h. */
#include "hub/ramp.h"

#include "store/sql.h"

bool ramp_read(struct store *store, struct design *design, struct err *err)
{
    struct sql_experiment_ramps row;
    enum step step;
    if (!sql_experiment_ramps(store, text_of(design->name), &row, err)) return false;
    while ((step = sql_experiment_ramps_step(&row, err)) == STEP_ROW)
        design_raise(design, row.at, row.share);
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

bool ramp_raise(struct store *store, const struct design *design, double share, int64_t now_ms, struct err *err)
{
    if (!(share > 0 && share <= 1))
        return err_set(err, ERR_INVALID,
                       "share: expected a number above 0 and up to 1, the part of those who may take part");
    if (design->is_known)
        return err_set(err, ERR_INVALID, "the audience of '%s' is known, and all of it has its arms",
                       design->name);
    if (now_ms >= design->end_ms)
        return err_set(err, ERR_REFUSED, "experiment '%s' is over: nobody enters it any more", design->name);
    int64_t at_ms = now_ms > design->start_ms ? now_ms : design->start_ms;
    double before = design_ramp_at(design, at_ms);
    if (share <= before)
        return err_set(
            err, ERR_REFUSED,
            "%.4g %% take part in '%s' already, and a ramp only rises: who is in stays in, and stopping it "
            "lets nobody else in",
            100 * before, design->name);
    if (design->n_ramp == DESIGN_RAMP_ROOM)
        return err_set(err, ERR_REFUSED, "the ramp of '%s' has %d steps, the most there may be", design->name,
                       DESIGN_RAMP_ROOM);
    return sql_experiment_ramp_put(store, text_of(design->name), now_ms, share, err);
}

json_t *ramp_json(const struct design *design)
{
    json_t *list = json_array();
    for (size_t i = 0; i < design->n_ramp; i++)
        json_array_append_new(list,
                              json_pack("{s:I, s:f, s:b}", "from_ms", (json_int_t)design->ramp[i].from_ms, "share",
                                        design->ramp[i].share, "by_hand", design->ramp[i].is_by_hand));
    return list;
}
