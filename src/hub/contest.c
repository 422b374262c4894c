/* contest.c - see contest.h. */
#include "hub/contest.h"

#include "hub/ramp.h"
#include "store/sql.h"

#include <string.h>

/* ---- which experiment ---- */

/* The newest come first, so that the last that is found is the earliest. */
static bool find_design(struct store *store, const char *question, struct arena *arena, struct design *ret_design,
                        bool *ret_is_there, struct err *err)
{
    struct sql_experiment_all row = { 0 };
    struct design *design = ARENA_NEW(arena, struct design);
    enum step step = STEP_FAIL;
    bool ok = sql_experiment_all(store, &row, err);
    *ret_is_there = false;
    while (ok && (step = sql_experiment_all_step(&row, err)) == STEP_ROW) {
        if (row.stopped_ms.kind != VALUE_NULL || !strstr(row.definition.at, "model:")) continue;
        ok = design_of(arena_copy(arena, row.name.at), text_of(arena_copy(arena, row.definition.at)), arena, design, NULL,
                       err);
        if (ok && design->model && strcmp(design->model, question) == 0)
            *ret_design = *design, *ret_is_there = true;
    }
    cursor_close(row.cursor);
    return ok && step == STEP_END && (!*ret_is_there || ramp_read(store, ret_design, err));
}

/* ---- versions ---- */

/* ids [n_arms] of table model. */
static bool find_versions(struct store *store, const struct design *design, int64_t *ret_ids, struct err *err)
{
    struct sql_model_versions row = { 0 };
    enum step step = STEP_FAIL;
    memset(ret_ids, 0, design->n_arms * sizeof *ret_ids);
    if (sql_model_versions(store, value_text(design->model), &row, err))
        while ((step = sql_model_versions_step(&row, err)) == STEP_ROW)
            for (size_t a = 0; a < design->n_arms; a++) {
                int64_t version;
                if (text_int64(text_of(design->arms[a]), &version) && version == row.version) ret_ids[a] = row.id;
            }
    cursor_close(row.cursor);
    if (step != STEP_END) return false;
    for (size_t a = 0; a < design->n_arms; a++)
        if (ret_ids[a] == 0)
            return err_set(err, ERR_MISSING, "experiment '%s': model '%s' has no version %s; holdfast model list tells "
                           "which there are", design->name, design->model, design->arms[a]);
    return true;
}

bool contest_check(struct store *store, const struct design *design, struct arena *arena, struct err *err)
{
    int64_t ids[DESIGN_ARMS_MOST];
    struct design other;
    bool is_there;
    if (!design->model) return true;
    if (!find_versions(store, design, ids, err) ||
        !find_design(store, design->model, arena, &other, &is_there, err))
        return false;
    return !is_there || err_set(err, ERR_REFUSED, "experiment '%s' on model '%s' runs already: stop it first, for one "
                                "customer is scored by one version", other.name, design->model);
}

bool contest_find(struct store *store, const struct log *log, const char *question, struct arena *arena,
                  struct contest **ret_contest, struct err *err)
{
    struct design *design = ARENA_NEW(arena, struct design);
    int64_t ids[DESIGN_ARMS_MOST];
    bool is_there;
    *ret_contest = NULL;
    if (!find_design(store, question, arena, design, &is_there, err)) return false;
    if (!is_there) return true;
    struct contest *contest = ARENA_NEW(arena, struct contest);
    contest->design = *design;
    bool ok = find_versions(store, design, ids, err) &&
              holdout_load(store, &(struct settings){ 0 }, &contest->holdout, err) &&
              identities_open(store, log, &contest->identities, err);
    for (size_t a = 0; ok && a < design->n_arms; a++)
        ok = trained_get_version(store, log, question, ids[a], arena, &contest->arms[a], err);
    if (ok) *ret_contest = contest;
    else contest_release(contest);
    return ok;
}

void contest_release(struct contest *contest)
{
    if (!contest) return;
    for (size_t a = 0; a < contest->design.n_arms; a++) trained_version_release(&contest->arms[a]);
    identities_close(contest->identities);
    contest->identities = NULL;
}

/* ---- who ---- */

/* The identity seen first, as any experiment takes it. */
static uint32_t unit_of(const struct identities *identities, uint32_t identity)
{
    size_t n;
    const uint32_t *members = identities_members(identities, identity, &n);
    uint32_t least = n > 0 ? members[0] : identity;
    for (size_t i = 1; i < n; i++)
        if (members[i] < least) least = members[i];
    return least;
}

static struct assigned assign(const struct contest *contest, const struct log *log, uint32_t unit)
{
    const struct design_facts facts = { .is_eligible = true, .dealt_arm = contest->design.n_arms };
    int64_t at_ms = contest->design.start_ms > 0 ? contest->design.start_ms : 0;
    return design_assign(&contest->design, log_name(log, DICTIONARY_IDENTITY, unit), facts, at_ms);
}

size_t contest_arm(const struct contest *contest, const struct log *log, const struct identities *identities,
                   uint32_t identity)
{
    return assign(contest, log, unit_of(identities, identity)).arm;
}

bool contest_expose(struct store *store, const struct contest *contest, const struct log *log, uint32_t identity,
                    int64_t at_ms, struct err *err)
{
    uint32_t unit = unit_of(contest->identities, identity);
    struct assigned assigned = assign(contest, log, unit);
    const struct design *d = &contest->design;
    if (assigned.arm == SIZE_MAX || holdout_place(&contest->holdout, contest->identities, identity).is_held_out)
        return true;
    struct text arm = text_of(d->arms[assigned.arm]);
    return sql_assignment_put(store, text_of(d->name), unit, log_name(log, DICTIONARY_IDENTITY, unit), arm, at_ms,
                              assigned.bucket, 0, err) &&
           sql_exposure_put(store, text_of(d->name), unit, arm, at_ms, text_of("score"), err);
}
