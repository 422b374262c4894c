/* plan_write.c - a plan is committed: decisions, and messages, tasks or the sink; see plan_internal.h. */
#include "campaign/plan_internal.h"
#include "campaign/plan_role.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/output.h"
#include "engine/composing.h"
#include "engine/known.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "hub/coupon.h"
#include "hub/links.h"
#include "hub/outbox.h"
#include "journey/moment.h"
#include "server/clocks.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char PLAN[] = "plan";

/* ---- what is sent ---- */

/* words: a task's; NULL: a message.  coupon: of an offer, so that it can be redeemed; NULL. */
struct parcel { struct outbox_message message; const char *words, *coupon; int64_t coupon_ends_ms; };

struct writing {
    struct planned_database *plan;
    struct parcel           *parcels;           /* [made.n_rows] of those who get something */
    struct outbox           *outbox;
    const char              *public_url;        /* of the settings; NULL */
    int64_t                  now_ms;
    bool                     is_approval;       /* writes only who wants it, or who said yes */
    uint64_t                 digest;
};

static bool is_task(const struct plan_way *way) { return strcmp(way->channel, "task") == 0; }

static struct text text_or_empty(const char *text) { return text_of(text ? text : ""); }

/* The link by which somebody says what they want no more; without an address of ours there is none. */
static const char *link_of(const struct writing *w, const struct plan_way *way, uint32_t customer,
                           enum link_kind kind)
{
    struct arena *arena = w->plan->arena;
    const char *about = arena_format(arena, "%s/%s", way->channel, way->topic ? way->topic : "");
    const struct link_token token = { customer, 0, text_of(about) };
    return w->public_url && w->plan->profiles
               ? link_url(profiles_vault(w->plan->profiles), w->public_url, kind, &token, arena)
               : "";
}

/* An action's name as a code begins: "gift 10" is GIFT10. */
static const char *code_name(const char *action, struct arena *arena)
{
    char *name = ARENA_ARRAY(arena, char, strlen(action) + 1), *to = name;
    for (; *action; action++)
        if ((*action >= '0' && *action <= '9') || (*action >= 'A' && *action <= 'Z')) *to++ = *action;
        else if (*action >= 'a' && *action <= 'z') *to++ = (char)(*action - 'a' + 'A');
    return *name ? name : "OFFER";
}

/* The templates' data: the person, and what is offered. */
static json_t *data_of(const struct writing *w, const struct plan_row *row, const json_t *known,
                       const struct zone *zone, struct parcel *parcel)
{
    const struct planned_database *p = w->plan;
    const struct plan_action *action = &p->actions[row->action - 1];
    const struct plan_way *way = &p->way[row->action - 1];
    struct text name = log_name(p->database.log, DICTIONARY_IDENTITY, row->identity);
    char until[MOMENT_TEXT_BYTES];
    json_t *coupon = NULL;
    uint32_t customer = identities_customer(p->identities, row->identity);
    if (action->discount > 0) {
        parcel->coupon = coupon_code(code_name(action->name, p->arena), p->arena);
        parcel->coupon_ends_ms = w->now_ms + p->setup.horizon_days * MS_PER_DAY;
        moment_format(zone, parcel->coupon_ends_ms, until);
        coupon = json_pack("{s:s, s:s, s:f}", "code", parcel->coupon, "expires", until, "percent",
                           100 * action->discount);
    }
    json_t *data = composing_data(name, known, NULL, coupon, link_of(w, way, customer, LINK_UNSUBSCRIBE),
                                  link_of(w, way, customer, LINK_PREFERENCES));
    json_decref(coupon);
    json_object_set_new(data, "offer", json_pack("{s:s, s:f}", "action", action->name, "percent",
                                                 100 * action->discount));
    return data;
}

static bool compose(struct writing *w, const struct plan_row *row, struct parcel *ret, struct err *err)
{
    struct planned_database *p = w->plan;
    const struct plan_way *way = &p->way[row->action - 1];
    const struct journey_step step = { .subject = way->subject, .html = way->html, .text = way->text };
    struct composed composed = { 0 };
    json_t *known;
    uint32_t customer = identities_customer(p->identities, row->identity);
    struct text name = log_name(p->database.log, DICTIONARY_IDENTITY, row->identity);
    if (!plan_contact_known(&p->contact, customer, p->arena, &known, err)) return false;
    bool is_known;
    const struct zone *zone = known_zone(known, &p->contact.rules, p->contact.zones, &is_known);
    struct parcel parcel = { .words = NULL };
    json_t *data = data_of(w, row, known, zone, &parcel);
    const struct composing composing = { settings_file(&p->settings, "templates", p->arena), data, zone,
                                         w->now_ms };
    bool ok =
        composing_make(&composing, &step, p->arena, &composed, err) ||
        err_context(err, "action '%s' for %.*s", p->actions[row->action - 1].name, (int)name.length, name.at);
    const char *address = known_address(known, &p->contact.rules, way->channel),
               *language = json_string_value(json_object_get(known, "language"));
    struct contact_facts facts = { .said = CONSENT_SAID_YES, .has_address = true };
    struct contact_answer answer =
        contact_judge(&p->contact.rules, &facts, way->channel, way->topic, zone, w->now_ms);
    *ret = (struct parcel){
        .message = { .key = text_of(arena_format(p->arena, "plan:%lld:%.*s:%s", (long long)p->setup.as_of_ms,
                                                 (int)name.length, name.at, p->actions[row->action - 1].name)),
                     .journey = text_of(PLAN),
                     .step = text_of(p->actions[row->action - 1].name),
                     .identity = customer,
                     .channel = text_of(way->channel),
                     .topic = text_or_empty(way->topic),
                     .due_ms = answer.rule == RULE_QUIET_HOURS ? answer.until_ms : 0,
                     .expires_ms = w->now_ms + p->setup.horizon_days * MS_PER_DAY,
                     .address = text_or_empty(address ? arena_copy(p->arena, address) : NULL),
                     .subject = text_or_empty(composed.subject),
                     .html = text_or_empty(composed.html),
                     .text = text_or_empty(composed.text),
                     .language = text_or_empty(language ? arena_copy(p->arena, language) : NULL) },
        .coupon = parcel.coupon, .coupon_ends_ms = parcel.coupon_ends_ms,
        .words = is_task(way) ? composed.subject ? composed.subject : p->actions[row->action - 1].name : NULL };
    json_decref(data);
    json_decref(known);
    return ok;
}

/* Every action must have a way that the settings know, or be a task. */
static bool check_ways(const struct planned_database *p, struct err *err)
{
    for (size_t a = 0; a < p->setup.n_actions; a++) {
        const struct plan_way *way = &p->way[a];
        if (is_task(way)) continue;
        if (!plan_contact_has_channel(&p->contact, way->channel))
            return err_set(
                err, ERR_INVALID,
                "--commit: action '%s' goes by channel '%s', which the section channels of %s does not "
                "have: name it there, write channel: task, or give --sink FILE, where one line for each "
                "chosen customer goes; nothing was written",
                p->actions[a].name, way->channel, SETTINGS_FILE);
        if (!way->text && !way->html)
            return err_set(
                err, ERR_INVALID,
                "--commit: action '%s' has no html and no text, files of the folder templates beside the "
                "settings: there is nothing to send; nothing was written",
                p->actions[a].name);
    }
    return true;
}

static bool put_parcel(struct writing *w, struct store *store, const struct plan_row *row,
                       const struct parcel *parcel, struct err *err)
{
    int64_t id;
    if (parcel->coupon && !sql_coupon_put(store, text_of(parcel->coupon), parcel->message.step,
                                          parcel->message.identity, text_of(PLAN), 0, w->now_ms,
                                          parcel->coupon_ends_ms,
                                          100 * w->plan->actions[row->action - 1].discount, err))
        return false;
    if (!parcel->words) return outbox_put(w->outbox, store, &parcel->message, w->now_ms, &id, err);
    const char *reasons = arena_format(w->plan->arena, "{\"profit\": %.2f}", row->planned_profit);
    return sql_task_put(store, parcel->message.identity, text_of(PLAN), parcel->message.step, 0,
                        text_of(parcel->words), text_of(reasons), w->now_ms, err);
}

/* One line of JSON for each message, once; nobody held out, withheld or left alone is among them. */
static bool write_sink(const struct planned_database *p, const char *path, struct err *err)
{
    struct output *out;
    char when[21];
    calendar_format_ms(p->setup.as_of_ms, when);
    if (!output_open(path, &out, err)) return false;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const struct plan_row *row = &p->made.rows[i];
        if (row->action == 0) continue;
        struct text name = log_name(p->database.log, DICTIONARY_IDENTITY, row->identity);
        json_t *json = json_pack("{s:s%, s:s, s:s, s:s, s:s, s:f}", "customer", name.at, name.length, "action",
                                 plan_action_name(p, row->action), "channel", p->way[row->action - 1].channel,
                                 "group", plan_group_word[row->group], "at", when, "propensity", row->propensity);
        char *line = json_dumps(json, JSON_COMPACT);
        json_decref(json);
        if (line) output_text(out, line), output_text(out, "\n");
        free(line);
    }
    return output_commit(out, err);
}

/* ---- who has to say yes ---- */

static uint64_t digest_of(const struct planned_database *p)
{
    uint64_t digest = p->setup.n_actions;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const uint32_t row[3] = { p->made.rows[i].identity, p->made.rows[i].action, p->made.rows[i].group };
        digest = hash_bytes(row, sizeof row, digest);
    }
    return digest >> 1;
}

/* Which of the limits the plan is above, as words; NULL: none. */
static const char *needs_of(const struct planned_database *p)
{
    const char *needs = NULL;
    double deepest = 0, n = 0, spent = p->made.is_pilot ? 0 : p->made.result.spent;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const struct plan_row *row = &p->made.rows[i];
        if (row->action == 0) continue;
        n++, deepest = fmax(deepest, 100 * p->actions[row->action - 1].discount);
        if (row->group == PLAN_PILOT || row->group == PLAN_EXPLORE)
            spent += p->actions[row->action - 1].contact_cost;
    }
    double share = p->made.n_rows ? n / (double)p->made.n_rows : 0;
    if (spent > p->limits.above)
        needs = arena_format(p->arena, "it spends %.6g, more than %g", spent, p->limits.above);
    if (share > p->limits.share_of_customers)
        needs = arena_format(p->arena, "%s%sit reaches %.3g of all customers, more than %g", needs ? needs : "",
                             needs ? "; " : "", share, p->limits.share_of_customers);
    if (deepest > p->limits.discount_above)
        needs = arena_format(p->arena, "%s%sit gives %g %% off, more than %g", needs ? needs : "",
                             needs ? "; " : "", deepest, p->limits.discount_above);
    return needs;
}

/* *ret_may: it may be written now.  Else the wish is, or --approve is refused. */
static bool judge_approval(struct writing *w, bool *ret_may, struct err *err)
{
    struct planned_database *p = w->plan;
    struct sql_plan_approval_get row = { 0 };
    const char *who = p->invocation->who ? p->invocation->who : "";
    p->approval = (struct plan_approval){ .needs = needs_of(p), .state = "waiting", .asked_by = who };
    *ret_may = p->approval.needs == NULL;
    if (*ret_may) return true;
    w->digest = digest_of(p);
    if (!sql_plan_approval_get(p->database.store, p->setup.as_of_ms, &row, err)) return false;
    enum step step = sql_plan_approval_get_step(&row, err);
    bool is_same = step == STEP_ROW && (uint64_t)row.digest == w->digest;
    if (is_same) {
        p->approval.asked_by = arena_format(p->arena, "%.*s", (int)row.asked_by.length, row.asked_by.at);
        if (row.approved_by.length > 0)
            p->approval.approved_by =
                arena_format(p->arena, "%.*s", (int)row.approved_by.length, row.approved_by.at);
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    bool is_yes = flag_is_given(p->invocation, "approve");
    if (is_yes && !is_same)
        return err_set(err, ERR_REFUSED,
                       "nobody wanted this plan committed, or it has changed since: commit it first");
    if (is_yes && !p->approval.approved_by && strcmp(p->approval.asked_by, who) == 0)
        return err_set(err, ERR_REFUSED, "%s wanted this plan committed, and somebody else%s%s has to say yes",
                       who, p->limits.role ? " of the role " : "", p->limits.role ? p->limits.role : "");
    if (is_yes && !p->approval.approved_by && p->limits.role &&
        !plan_role_check(p->database.store, p->limits.role, who, p->invocation->role, p->arena, err))
        return false;
    if (is_yes && !p->approval.approved_by) p->approval.approved_by = who;
    if (p->approval.approved_by) p->approval.state = "approved";
    *ret_may = p->approval.approved_by != NULL;
    return true;
}

static bool put_approval(struct writing *w, struct store *store, struct err *err)
{
    const struct plan_approval *approval = &w->plan->approval;
    return sql_plan_approval_put(store, w->plan->setup.as_of_ms, (int64_t)w->digest, text_of(approval->asked_by),
                                 w->now_ms, text_of(approval->approved_by ? approval->approved_by : ""),
                                 approval->approved_by ? w->now_ms : 0, err);
}

/* ---- writing ---- */

static bool write_all(struct store *store, void *context, struct err *err)
{
    struct writing *w = context;
    struct planned_database *p = w->plan;
    const char *act = w->is_approval ? "plan --commit waits for a yes" : "plan --commit";
    if (p->approval.needs && !put_approval(w, store, err)) return false;
    p->setup.store = store, p->setup.approved_by = p->approval.approved_by;
    if (!w->is_approval && !plan_commit(&p->setup, &p->made, profiles_vault(p->profiles), p->is_new, err))
        return false;
    for (size_t i = 0; !w->is_approval && w->parcels && i < p->made.n_rows; i++) {
        if (!p->is_new[i] || p->made.rows[i].action == 0) continue;
        if (!put_parcel(w, store, &p->made.rows[i], &w->parcels[i], err)) return false;
        p->n_put++;
    }
    return audit_put(store, w->now_ms, p->invocation->who, act, 0, err);
}

static bool prepare(struct writing *w, struct err *err)
{
    struct planned_database *p = w->plan;
    if (!check_ways(p, err)) return false;
    w->parcels = ARENA_ARRAY(p->arena, struct parcel, p->made.n_rows + 1);
    for (size_t i = 0; i < p->made.n_rows; i++)
        if (p->made.rows[i].action && !compose(w, &p->made.rows[i], &w->parcels[i], err)) return false;
    return true;
}

bool plan_write(struct planned_database *p, struct err *err)
{
    const char *sink = flag_text(p->invocation, "sink", NULL);
    struct writing w = { .plan = p, .now_ms = clock_wall_ms(NULL) };
    bool may;
    if (!flag_is_given(p->invocation, "commit")) return true;
    if (!settings_text(&p->settings, "public_url", &w.public_url, err) || !judge_approval(&w, &may, err) || (may && !sink && !prepare(&w, err))) return false;
    struct outbox *own = p->invocation->service ? NULL : outbox_new(p->profiles, NULL);
    w.outbox = own ? own : p->invocation->service->outbox, w.is_approval = !may;
    p->is_new = ARENA_ARRAY(p->arena, bool, p->made.n_rows + 1);
    bool ok = command_write(p->invocation, p->database.store, write_all, &w, err);
    outbox_free(own);
    p->is_committed = ok && may;
    if (p->is_committed && p->invocation->service) atomic_store(&p->invocation->service->has_plan, true);
    return ok && (!may || !sink || write_sink(p, sink, err));
}
