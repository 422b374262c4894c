/* trained.c - see trained.h. */
#include "hub/trained.h"

#include "hub/contest.h"

void trained_release(struct trained *trained)
{
    contest_release(trained->contest);
    trained->contest = NULL;
    trained_version_release(trained);
}

bool trained_get(struct store *store, const struct log *log, const char *question, struct arena *arena,
                 struct trained *ret_trained, struct err *err)
{
    if (!trained_get_version(store, log, question, 0, arena, ret_trained, err)) return false;
    if (contest_find(store, log, ret_trained->question.name, arena, &ret_trained->contest, err)) return true;
    trained_release(ret_trained);
    return err_context(err, "the versions of the model that act beside each other");
}
