/* selection.c - see selection.h. */
#include "model/selection.h"

#include <math.h>

bool selection_run(const struct selection_request *request, struct arena *arena, struct selection *ret_selection,
                   struct err *err)
{
    (void)request, (void)arena, (void)ret_selection;
    return err_set(err, ERR_INVALID, "training is not built in yet");
}

struct interval selection_metric(const struct selection *selection, size_t entry, enum metric metric)
{
    if (entry >= selection->n_entries) return (struct interval){ (double)NAN, (double)NAN, (double)NAN };
    return selection->entries[entry].metrics[metric];
}
