/* Experiments of a running service: they rule decisions, expose whoever could feel them, and guardrails stop them. */
#include "base/calendar.h"
#include "engine/deciding.h"
#include "engine/experiments.h"
#include "engine/service_support.h"
#include "hub/scheduler.h"
#include "store/sql.h"

#define BEGIN_MS (INT64_C(20000) * MS_PER_DAY)

struct ground { struct service *service; struct arena *arena; int64_t now_ms; };
struct putting { const char *name, *definition; };

static bool put_experiment(struct store *store, void *context, struct err *err)
{
    const struct putting *p = context;
    return sql_experiment_put(store, text_of(p->name), text_of(p->definition), BEGIN_MS, err);
}

/* rest: what follows the arms in the declaration. */
static void ground_open(struct ground *g, const char *name, const char *arms, const char *rest)
{
    struct err err;
    *g = (struct ground){ .arena = arena_new(ARENA_NO_LIMIT), .now_ms = BEGIN_MS };
    g->service = service_of_test(support_path(name), &g->now_ms);
    g->service->holdout_share = 0;
    struct putting p = { "trial", arena_format(g->arena,
                                               "experiments: [{name: trial, control: control, arms: {%s}, %s}]\n",
                                               arms, rest) };
    ASSERT_OK(ingest_run(g->service->ingest, put_experiment, &p, &err), &err);
    ASSERT_OK(experiments_reload(g->service->experiments, &err), &err);
}

static void ground_close(struct ground *g)
{
    service_close(g->service);
    arena_free(g->arena);
}

static const char *event(struct ground *g, size_t person, const char *kind)
{
    static int n;
    const char *body = arena_format(g->arena,
                                    "{\"batch\": [{\"type\": \"track\", \"messageId\": \"m%d\", "
                                    "\"userId\": \"u%zu\", \"event\": \"%s\"}]}",
                                    n++, person, kind);
    cr_assert_eq(service_send(g->service, body).n_accepted, 1);
    return arena_format(g->arena, "u%zu", person);
}

struct writing { struct ground *ground; struct decided decided; };

static bool write_down(struct store *store, void *context, struct err *err)
{
    struct writing *w = context;
    return deciding_put(store, profiles_vault(w->ground->service->profiles), &w->decided, err);
}

static struct decided decide(struct ground *g, const char *user, bool is_written)
{
    static const struct deciding_candidate candidates[] = { { .action = "mail" }, { .action = "call" } };
    struct err err;
    const char *field;
    struct writing w = { .ground = g };
    const struct deciding_ask ask = { .customer = user, .placement = "cart", .candidates = candidates,
                                      .n_candidates = 2, .window_days = 1, .at_ms = g->now_ms };
    ASSERT_OK(deciding_make(g->service, &ask, g->arena, &w.decided, &field, &err), &err);
    if (is_written) ASSERT_OK(ingest_run(g->service->ingest, write_down, &w, &err), &err);
    return w.decided;
}

/* How many were exposed, and in arm. */
static size_t n_exposed(struct ground *g, const char *arm)
{
    struct err err;
    struct store *store;
    struct sql_exposures_of row;
    size_t n = 0;
    ASSERT_OK(service_read(g->service, &store, &err), &err);
    ASSERT_OK(sql_exposures_of(store, text_of("trial"), INT64_MAX, &row, &err), &err);
    while (sql_exposures_of_step(&row, &err) == STEP_ROW) n += strcmp(row.arm.at, arm) == 0;
    cursor_close(row.cursor);
    service_read_done(g->service, store);
    return n;
}

static bool is_stopped(struct ground *g)
{
    struct err err;
    struct store *store;
    struct sql_experiment_get row;
    ASSERT_OK(service_read(g->service, &store, &err), &err);
    ASSERT_OK(sql_experiment_get(store, text_of("trial"), &row, &err), &err);
    cr_assert_eq(sql_experiment_get_step(&row, &err), STEP_ROW);
    bool is = row.stopped_ms.kind != VALUE_NULL;
    cursor_close(row.cursor);
    service_read_done(g->service, store);
    return is;
}

static const char kept[] = "metrics: [{name: kept, event: order, kind: any, window: 7d}]";

Test(experiments, one_whose_arms_are_candidates_rules_the_decision_and_exposes_once_it_is_written_down)
{
    enum { PEOPLE = 80 };
    struct ground g;
    size_t n[2] = { 0 };
    ground_open(&g, "rules.holdfast", "control: .75, mail: .25", kept);
    for (size_t i = 0; i < PEOPLE; i++) {
        const char *user = event(&g, i, "visit");
        struct decided d = decide(&g, user, i % 2);
        bool is_mail = strcmp(d.action, "mail") == 0;
        cr_assert_str_eq(d.decision.policy, "experiment");
        cr_assert_str_eq(d.decision.policy_version, "trial");
        cr_assert(is_mail || strcmp(d.action, ACTION_NOTHING) == 0, "%s is no arm", d.action);
        ASSERT_NEAR(d.decision.propensity, is_mail ? .25 : .75, 1e-12);
        ASSERT_NEAR(d.decision.weights[1].probability, 0, 0);
        n[is_mail] += i % 2;
        cr_assert_str_eq(decide(&g, user, i % 2).action, d.action, "a second one exposes nobody again");
    }
    cr_assert(n[0] > 20 && n[1] > 2);
    cr_assert_eq(n_exposed(&g, "control"), n[0]);
    cr_assert_eq(n_exposed(&g, "mail"), n[1]);
    ground_close(&g);
}

Test(experiments, one_whose_arms_are_no_candidates_leaves_decisions_alone)
{
    struct ground g;
    ground_open(&g, "other.holdfast", "control: .5, banner: .5", kept);
    struct decided d = decide(&g, event(&g, 1, "visit"), true);
    cr_assert_str_eq(d.decision.policy, "pilot");
    cr_assert(!d.exposed && n_exposed(&g, "control") + n_exposed(&g, "banner") == 0);
    ground_close(&g);
}

struct sending { struct ground *ground; uint32_t customer; const char *arm; };

static bool deal_and_send(struct store *store, void *context, struct err *err)
{
    const struct sending *s = context;
    struct service *service = s->ground->service;
    return (!s->arm || sql_assignment_put(store, text_of("trial"), s->customer, text_of("u"), text_of(s->arm),
                                          s->ground->now_ms - 1, .1, 0, err)) &&
           experiments_message(service->experiments, store, s->customer, s->ground->now_ms, err);
}

Test(experiments, a_message_exposes_whoever_has_an_arm_and_nobody_else)
{
    struct ground g;
    struct err err;
    ground_open(&g, "message.holdfast", "control: .5, mail: .5",
                "exposure: message, metrics: [{name: kept, event: order, kind: any, window: 7d}]");
    for (size_t i = 0; i < 3; i++) {
        struct sending s = { .ground = &g, .arm = i == 0 ? "mail" : i == 1 ? "control" : NULL };
        ASSERT_OK(service_customer(g.service, text_of(event(&g, i, "visit")), &s.customer, &err), &err);
        ASSERT_OK(ingest_run(g.service->ingest, deal_and_send, &s, &err), &err);
    }
    cr_assert_eq(n_exposed(&g, "mail"), 1);
    cr_assert_eq(n_exposed(&g, "control"), 1);
    ground_close(&g);
}

Test(experiments, a_guardrail_stops_one_that_does_harm_and_lets_decisions_go_on_without_it)
{
    enum { PEOPLE = 120 };
    struct ground g;
    ground_open(&g, "guard.holdfast", "control: .5, mail: .5",
                "primary: kept, metrics: [{name: kept, event: order, kind: any, window: 60d}, "
                "{name: left, event: left, kind: any, window: 1d}], guardrails: [{metric: left, stop_above: .05}]");
    for (size_t i = 0; i < PEOPLE; i++) (void)decide(&g, event(&g, i, "visit"), true);
    g.now_ms += 20 * 60 * 1000;
    cr_assert(scheduler_settle(g.service->scheduler, 120000));
    cr_assert(!is_stopped(&g), "nobody left");
    for (size_t i = 0; i < PEOPLE; i++) (void)event(&g, i, i % 9 ? "left" : "visit");
    g.now_ms += 20 * 60 * 1000;
    cr_assert(scheduler_settle(g.service->scheduler, 120000));
    cr_assert(is_stopped(&g), "nearly everybody left, though no window is over");
    g.now_ms += 2 * MS_PER_DAY;
    cr_assert_str_eq(decide(&g, "u1", false).decision.policy, "pilot");
    ground_close(&g);
}
