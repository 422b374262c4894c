/* changing.c - see changing.h. */
#include "server/changing.h"

#include "engine/service.h"
#include "govern/audit.h"
#include "hub/ingest.h"

const char *change_who(const struct request *request)
{
    return arena_format(request->arena, "http:%s", request->grant.name);
}

const char *change_role(const struct request *request) { return access_role_name(request->grant.role); }

bool change_note(const struct request *request, struct store *store, const char *what, uint32_t identity,
                 struct err *err)
{
    return audit_put(store, ingest_received_ms(request->service->ingest), change_who(request), what, identity, err);
}

struct noting { const struct request *request; const char *what; };

static bool note(struct store *store, void *context, struct err *err)
{
    const struct noting *noting = context;
    return change_note(noting->request, store, noting->what, 0, err);
}

bool change_note_alone(const struct request *request, const char *what, struct err *err)
{
    struct noting noting = { request, what };
    return ingest_run(request->service->ingest, note, &noting, err);
}

/* A job with its note. */
struct noted { const struct noting *noting; ingest_job *job; void *context; };

static bool run_noted(struct store *store, void *context, struct err *err)
{
    const struct noted *noted = context;
    return noted->job(store, noted->context, err) &&
           change_note(noted->noting->request, store, noted->noting->what, 0, err);
}

static bool run(void *context, ingest_job *job, void *job_context, struct err *err)
{
    const struct noting *noting = context;
    struct noted noted = { noting, job, job_context };
    return ingest_run(noting->request->service->ingest, run_noted, &noted, err);
}

struct writer change_writer(const struct request *request, const char *what)
{
    struct noting *noting = ARENA_NEW(request->arena, struct noting);
    *noting = (struct noting){ request, what };
    return (struct writer){ .context = noting, .run = run };
}
