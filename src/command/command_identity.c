/* command_identity.c - holdfast identity: who is one person with whom, and changing that by hand. */
#include "cli/command.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "customer/profile.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "store/sql.h"

#include <string.h>
#include <time.h>

struct opened {
    struct invocation *invocation;
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct profiles   *profiles;        /* NULL: the database has no key file */
};

/* A server's identities change while they are looked at. */
static void opened_enter(const struct opened *opened)
{
    if (opened->invocation->service) (void)pthread_rwlock_rdlock(&opened->invocation->service->lock);
}

static void opened_leave(const struct opened *opened)
{
    if (opened->invocation->service) (void)pthread_rwlock_unlock(&opened->invocation->service->lock);
}

static struct text name_of(const struct opened *opened, uint32_t identity)
{
    return log_name(opened->log, DICTIONARY_IDENTITY, identity);
}

/* A raw identity by its text as stored, or by an e-mail address or telephone number that only one customer has. */
static bool find_one(const struct opened *opened, const char *id, uint32_t *ret_identity, struct err *err)
{
    struct arena *arena = opened->invocation->arena;
    uint32_t *found;
    size_t n = 0;
    if (log_find(opened->log, DICTIONARY_IDENTITY, text_of(id), ret_identity) && *ret_identity) return true;
    if (opened->profiles) {
        const uint8_t *key = profiles_key(opened->profiles);
        struct text name = identity_text(IDENTITY_EMAIL, text_of(id), key, arena);
        if (log_find(opened->log, DICTIONARY_IDENTITY, name, ret_identity)) return true;
        if (!profiles_find(opened->profiles, opened->store, text_of(id), arena, &found, &n, err)) return false;
    }
    for (size_t i = 1; i < n; i++)
        if (identities_customer(opened->identities, found[i]) != identities_customer(opened->identities, found[0]))
            return err_set(err, ERR_INVALID, "more than one customer has '%s': name one by its id", id);
    if (n) { *ret_identity = found[0]; return true; }
    return err_set(err, ERR_MISSING,
                   "nobody is known as '%s': a browser's id is written anonymous:ID, a user id as it is", id);
}

/* ---- show ---- */

static json_t *links_json(const struct opened *opened, uint32_t identity)
{
    size_t n;
    const struct link *links = identities_links(opened->identities, identity, &n);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct text a = name_of(opened, links[i].a), b = name_of(opened, links[i].b);
        json_array_append_new(list, json_pack("{s:s%, s:s%, s:s, s:I}", "a", a.at, a.length, "b", b.at, b.length,
                                              "how", link_how_name(links[i].how), "received_ms",
                                              (json_int_t)links[i].received_ms));
    }
    return list;
}

/* Appends refused links of an identity. */
static bool add_refused(const struct opened *opened, uint32_t identity, json_t *list, struct err *err)
{
    struct sql_identity_refused_of row;
    enum step step;
    size_t n_names = log_n_names(opened->log, DICTIONARY_IDENTITY);
    if (!sql_identity_refused_of(opened->store, identity, &row, err)) return false;
    while ((step = sql_identity_refused_of_step(&row, err)) == STEP_ROW) {
        int64_t other = row.a == identity ? row.b : row.a;
        if (other < 0 || (uint64_t)other >= n_names) continue;
        struct text with = name_of(opened, (uint32_t)other);
        json_array_append_new(list, json_pack("{s:s%, s:s, s:I, s:I}", "with", with.at, with.length, "why",
                                              row.why.at, "times", (json_int_t)row.n, "last_ms",
                                              (json_int_t)row.last_ms));
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool customer_json(const struct opened *opened, uint32_t identity, json_t **ret_json, struct err *err)
{
    size_t n;
    const uint32_t *members = identities_members(opened->identities, identity, &n);
    struct text customer = name_of(opened, identities_customer(opened->identities, identity));
    json_t *ids = json_array(), *refused = json_array();
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        struct text name = name_of(opened, members[i]);
        json_array_append_new(ids, json_stringn(name.at, name.length));
        ok = ok && add_refused(opened, members[i], refused, err);
    }
    *ret_json = json_pack("{s:s%, s:o, s:o, s:o}", "customer", customer.at, customer.length, "identities", ids,
                          "links", links_json(opened, identity), "refused", refused);
    if (!ok) json_decref(*ret_json);
    return ok;
}

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void print_links(FILE *out, const json_t *list)
{
    size_t i;
    const json_t *link;
    json_array_foreach(list, i, link) {
        char when[21];
        calendar_format_ms(json_integer_value(json_object_get(link, "received_ms")), when);
        fprintf(out, "  %s = %s  (%s, %s)\n", string_of(link, "a"), string_of(link, "b"),
                string_of(link, "how"), when);
    }
}

static void print_customer(FILE *out, const json_t *json)
{
    size_t i;
    const json_t *item, *ids = json_object_get(json, "identities");
    fprintf(out, "customer %s\n", string_of(json, "customer"));
    if (json_array_size(ids) > 1) fputs("is one person under\n", out);
    json_array_foreach(ids, i, item)
        if (json_array_size(ids) > 1) fprintf(out, "  %s\n", json_string_value(item));
    if (json_array_size(json_object_get(json, "links"))) fputs("because of the links\n", out);
    print_links(out, json_object_get(json, "links"));
    if (json_array_size(json_object_get(json, "refused"))) fputs("not linked\n", out);
    json_array_foreach(json_object_get(json, "refused"), i, item)
        fprintf(out, "  with %s: %s (%lld times)\n", string_of(item, "with"), string_of(item, "why"),
                (long long)json_integer_value(json_object_get(item, "times")));
}

static bool show(struct opened *opened, const char *const *ids, struct err *err)
{
    uint32_t identity;
    json_t *json;
    if (!find_one(opened, ids[0], &identity, err) || !customer_json(opened, identity, &json, err)) return false;
    if (!opened->invocation->is_json) print_customer(opened->invocation->out, json);
    if (opened->invocation->is_json) json_write_take(opened->invocation->out, json);
    else json_decref(json);
    return true;
}

static bool list_links(struct opened *opened, const char *const *ids, struct err *err)
{
    FILE *out = opened->invocation->out;
    int64_t limit;
    size_t n, n_shown = 0, n_links = identities_n_links(opened->identities);
    (void)ids;
    if (!flag_int(opened->invocation, "limit", 0, INT32_MAX, 20, &limit, err)) return false;
    json_t *list = json_array();
    for (size_t slot = 0; slot < identities_n_linked(opened->identities); slot++) {
        const uint32_t *members = identities_linked(opened->identities, slot, &n);
        if (!members || (limit && n_shown >= (size_t)limit)) continue;
        json_t *links = links_json(opened, members[0]);
        n_shown += json_array_size(links);
        json_array_extend(list, links);
        json_decref(links);
    }
    if (opened->invocation->is_json) {
        json_write_take(out, json_pack("{s:I, s:o}", "total", (json_int_t)n_links, "links", list));
        return true;
    }
    if (n_links == 0) fputs("no identity is linked with another\n", out);
    print_links(out, list);
    if (n_shown < n_links) fprintf(out, "... %zu of %zu shown; --limit shows more\n", n_shown, n_links);
    json_decref(list);
    return true;
}

/* ---- change ---- */

/* What is changed, as a job. */
struct change {
    struct opened *opened;
    const char  *what;
    uint32_t     a, b;
    bool         is_merge;
};

static bool link_here(struct opened *opened, struct store *store, const struct change *change, int64_t now_ms,
                      const char **ret_why, struct err *err)
{
    enum link_result result;
    struct service *service = opened->invocation->service;
    *ret_why = NULL;
    if (service) return service_link(service, store, change->a, change->b, ret_why, err);
    return identities_link(opened->identities, store, change->a, change->b, LINK_MANUAL, now_ms, &result, ret_why,
                           err);
}

static bool change_links(struct store *store, void *context, struct err *err)
{
    const struct change *change = context;
    struct opened *opened = change->opened;
    struct service *service = opened->invocation->service;
    int64_t now_ms = clock_wall_ms(NULL);
    const char *why = NULL;
    bool ok = change->is_merge ? link_here(opened, store, change, now_ms, &why, err)
              : service        ? service_unlink(service, store, change->a, change->b, err)
                               : identities_unlink(opened->identities, store, change->a, change->b, now_ms, err);
    if (ok && why) return err_set(err, ERR_REFUSED, "not merged: %s", why);
    return ok && audit_put(store, now_ms, opened->invocation->who, change->what, change->a, err);
}

static bool change(struct opened *opened, const char *const *ids, const char *what, bool is_merge, struct err *err)
{
    struct change change = { opened, what, 0, 0, is_merge };
    json_t *json;
    opened_enter(opened);
    bool ok = find_one(opened, ids[0], &change.a, err) && find_one(opened, ids[1], &change.b, err);
    opened_leave(opened);
    if (!ok || !command_write(opened->invocation, opened->store, change_links, &change, err)) return false;
    opened_enter(opened);
    ok = customer_json(opened, change.a, &json, err);
    opened_leave(opened);
    if (!ok) return false;
    if (opened->invocation->is_json) json_write_take(opened->invocation->out, json);
    else print_customer(opened->invocation->out, json), json_decref(json);
    return true;
}

static bool merge(struct opened *opened, const char *const *ids, struct err *err)
{
    return change(opened, ids, "identity merge", true, err);
}

static bool unmerge(struct opened *opened, const char *const *ids, struct err *err)
{
    return change(opened, ids, "identity unmerge", false, err);
}

static const struct action {
    const char *name;
    size_t      n_ids;
    bool        is_change;
    bool      (*run)(struct opened *opened, const char *const *ids, struct err *err);
} actions[] = {
    { "show", 1, false, show },
    { "merge", 2, true, merge },
    { "unmerge", 2, true, unmerge },
    { "links", 0, false, list_links },
};

/* NULL: err says why. */
static const struct action *find_action(const struct invocation *invocation, struct err *err)
{
    const char *word = invocation->arguments[0];
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, word) != 0) continue;
        size_t n = invocation->n_arguments - 1;
        if (n == actions[i].n_ids) return &actions[i];
        err_set(err, ERR_INVALID, "%s wants %zu id%s, not %zu", word, actions[i].n_ids,
                actions[i].n_ids == 1 ? "" : "s", n);
        return NULL;
    }
    err_set(err, ERR_INVALID, "there is no action '%s': show ID, merge A B, unmerge A B or links", word);
    return NULL;
}

static bool open_people(struct opened *opened, const char *path, bool is_change, struct err *err)
{
    struct err no_key;      /* then nobody is found by address, which find_one copes with */
    struct service *service = opened->invocation->service;
    if (service) {
        opened->log = service->log, opened->identities = service->identities, opened->profiles = service->profiles;
        return service_read(service, &opened->store, err);
    }
    if (!store_open(path, is_change ? STORE_WRITE : STORE_READ, &opened->store, err)) return false;
    if (!log_open(opened->store, &opened->log, err)) return false;
    if (!profiles_open(opened->store, false, &opened->profiles, &no_key)) opened->profiles = NULL;
    return identities_open(opened->store, opened->log, &opened->identities, err);
}

static void close_people(struct opened *opened)
{
    struct service *service = opened->invocation->service;
    if (service) {
        service_read_done(service, opened->store);
        return;
    }
    identities_close(opened->identities);
    profiles_close(opened->profiles);
    log_close(opened->log);
    store_close(opened->store);
}

static bool is_writing(const struct invocation *invocation)
{
    struct err ignored;
    const struct action *action = find_action(invocation, &ignored);
    return action && action->is_change;
}

static bool run_identity(struct invocation *invocation, struct err *err)
{
    const struct action *action = find_action(invocation, err);
    const char *path;
    struct opened opened = { .invocation = invocation };
    if (!action || !command_database(invocation, NULL, &path, err)) return false;
    bool ok =
        open_people(&opened, path, action->is_change, err) && action->run(&opened, invocation->arguments + 1, err);
    close_people(&opened);
    return ok;
}

static const struct flag flags[] = {
    { "limit", "N", "how many links, 0 for all; 20 if not said" },
    { 0 },
};

const struct command command_identity = {
    .name = "identity",
    .arguments = "ACTION [ID] [ID]",
    .summary = "show which ids are one person, merge two, or take a merge apart",
    .details = "ACTION: show ID; merge A B; unmerge A B; links.  ID is a user id, anonymous:ID, or an e-mail\n"
               "address.\n"
               "No event is changed: after unmerge all features are as if the two had never been merged.",
    .example = "holdfast identity unmerge C001407 anonymous:7f3a",
    .flags = flags,
    .run = run_identity,
    .is_writing = is_writing,
};
