/* command_access.c - holdfast access: keys, tokens and people. */
#include "cli/command.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "base/secret.h"
#include "engine/service.h"
#include "govern/access.h"
#include "govern/audit.h"
#include "store/store.h"

#include <string.h>

static bool role_of(const struct invocation *invocation, enum access_role *ret_role, struct err *err)
{
    const char *typed = flag_text(invocation, "role", NULL);
    if (typed && access_role_named(text_of(typed), ret_role)) return true;
    return err_set(err, ERR_INVALID, "--role: one of " ACCESS_ROLES);
}

static bool name_of(const struct invocation *invocation, const char **ret_name, struct err *err)
{
    if (invocation->n_arguments < 2)
        return err_set(err, ERR_INVALID, "access %s needs a name", invocation->arguments[0]);
    *ret_name = invocation->arguments[1];
    return true;
}

static bool id_of(const struct invocation *invocation, int64_t *ret_id, struct err *err)
{
    if (invocation->n_arguments == 2 && text_int64(text_of(invocation->arguments[1]), ret_id)) return true;
    return err_set(err, ERR_INVALID, "access %s needs an id: holdfast access list shows them",
                   invocation->arguments[0]);
}

/* What is printed once it is durable. */
struct outcome {
    const char *what;           /* NULL: nothing */
    int64_t     id;
    char        secret[260];    /* "" none */
    char        password[260], hash[SECRET_PASSWORD_BYTES];     /* of a person; drawn or read before the job */
};

static void print_outcome(const struct invocation *invocation, const struct outcome *outcome)
{
    const char *secret = *outcome->secret ? outcome->secret : NULL;
    if (!outcome->what) return;
    if (invocation->is_json) {
        json_write_take(invocation->out,
                        json_pack("{s:I, s:s?}", "id", (json_int_t)outcome->id, "secret", secret));
        return;
    }
    fprintf(invocation->out, "%s %lld%s%s\n", outcome->what, (long long)outcome->id, secret ? ": " : "",
            secret ? secret : "");
    if (secret) fputs("It is shown this once: only its hash is kept.\n", invocation->out);
}

/* ---- What can be done ---- */

static bool do_list(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                    struct err *err)
{
    (void)ret_outcome;
    struct access_key *keys;
    struct access_person *people;
    size_t n_keys, n_people;
    char day[11];
    if (!access_keys(store, invocation->arena, &keys, &n_keys, err) ||
        !access_people(store, invocation->arena, &people, &n_people, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < n_keys; i++) {
        const char *kind = access_kind_word(keys[i].kind), *role = access_role_name(keys[i].role);
        calendar_format_day(calendar_day_of_ms(keys[i].expires_ms), day);
        if (!invocation->is_json)
            printf("%-9s %4lld  %-9s %s...  %s%s%s\n", kind, (long long)keys[i].id,
                   keys[i].kind == ACCESS_TOKEN ? role : "", keys[i].hint, keys[i].name,
                   keys[i].expires_ms ? ", until " : "", keys[i].expires_ms ? day : "");
        json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:s, s:I}", "kind", kind, "id",
                                              (json_int_t)keys[i].id, "role", role, "hint", keys[i].hint, "name",
                                              keys[i].name, "expires_ms", (json_int_t)keys[i].expires_ms));
    }
    for (size_t i = 0; i < n_people; i++) {
        const char *role = access_role_name(people[i].role);
        if (!invocation->is_json)
            printf("%-9s %4lld  %-9s              %s\n", "person", (long long)people[i].id, role, people[i].name);
        json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s}", "kind", "person", "id",
                                              (json_int_t)people[i].id, "role", role, "name", people[i].name));
    }
    if (invocation->is_json) json_print_take(json_pack("{s:O}", "access", list));
    else if (n_keys + n_people == 0) puts("nobody yet; holdfast serve makes the first key and token");
    json_decref(list);
    return true;
}

static bool make_key(struct invocation *invocation, struct store *store, enum access_kind kind,
                     struct outcome *ret_outcome, struct err *err)
{
    const char *name = NULL;
    return name_of(invocation, &name, err) &&
           access_key_make(store, kind, text_of(name), ROLE_NONE, clock_wall_ms(NULL), 0, ret_outcome->secret,
                           &ret_outcome->id, err);
}

static bool do_key(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                   struct err *err)
{
    ret_outcome->what = "write key";
    return make_key(invocation, store, ACCESS_WRITE_KEY, ret_outcome, err);
}

static bool do_page_key(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                        struct err *err)
{
    ret_outcome->what = "page key";
    return make_key(invocation, store, ACCESS_PAGE_KEY, ret_outcome, err);
}

static bool do_token(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                     struct err *err)
{
    const char *name = NULL;
    enum access_role role;
    ret_outcome->what = "token";
    return name_of(invocation, &name, err) && role_of(invocation, &role, err) &&
           access_key_make(store, ACCESS_TOKEN, text_of(name), role, clock_wall_ms(NULL), 0, ret_outcome->secret,
                           &ret_outcome->id, err);
}

static bool do_rotate(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                      struct err *err)
{
    int64_t id, grace_days = 7;
    const char *grace = flag_text(invocation, "grace", NULL);
    if (!id_of(invocation, &id, err)) return false;
    if (grace && strcmp(grace, "0") == 0) grace_days = 0;
    else if (!flag_days(invocation, "grace", 7, &grace_days, err)) return false;
    ret_outcome->what = "its successor";
    return access_key_rotate(store, id, clock_wall_ms(NULL), grace_days * MS_PER_DAY, ret_outcome->secret,
                             &ret_outcome->id, err);
}

static bool do_remove(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                      struct err *err)
{
    int64_t id;
    (void)ret_outcome;
    return id_of(invocation, &id, err) && access_key_remove(store, id, clock_wall_ms(NULL), err);
}

/* The first line of standard input, or a password that is drawn and printed. */
static bool password_of(const struct invocation *invocation, char ret_password[260], struct err *err)
{
    if (!flag_is_given(invocation, "password-stdin")) {
        secret_token(ret_password, 260, 15);
        return true;
    }
    if (!invocation->in || !fgets(ret_password, 260, invocation->in))
        return err_set(err, ERR_INVALID, "no password came on standard input");
    ret_password[strcspn(ret_password, "\r\n")] = '\0';
    return true;
}

/* What takes its time, which a job has not. */
static bool prepare_person(struct invocation *invocation, struct outcome *outcome, struct err *err)
{
    const char *name = NULL;
    enum access_role role;
    return name_of(invocation, &name, err) && role_of(invocation, &role, err) &&
           password_of(invocation, outcome->password, err) &&
           access_password_check(text_of(name), text_of(outcome->password), err) &&
           secret_password_hash(outcome->password, outcome->hash, err);
}

static bool do_person(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                      struct err *err)
{
    const char *name = NULL;
    enum access_role role;
    if (!name_of(invocation, &name, err) || !role_of(invocation, &role, err) ||
        !access_person_put(store, text_of(name), role, ret_outcome->hash, clock_wall_ms(NULL), &ret_outcome->id,
                           err))
        return false;
    ret_outcome->what = "person";
    if (!flag_is_given(invocation, "password-stdin"))
        memcpy(ret_outcome->secret, ret_outcome->password, sizeof ret_outcome->password);
    return true;
}

static bool do_remove_person(struct invocation *invocation, struct store *store, struct outcome *ret_outcome,
                             struct err *err)
{
    int64_t id;
    (void)ret_outcome;
    return id_of(invocation, &id, err) && access_person_remove(store, id, clock_wall_ms(NULL), err);
}

static const struct action {
    const char *name, *audit;       /* audit: NULL, it changes nothing */
    bool (*prepare)(struct invocation *, struct outcome *, struct err *);       /* NULL: there is nothing to */
    bool (*run)(struct invocation *, struct store *, struct outcome *, struct err *);
} actions[] = {
    { "list", NULL, NULL, do_list },
    { "key", "access key", NULL, do_key },
    { "page-key", "access page-key", NULL, do_page_key },
    { "token", "access token", NULL, do_token },
    { "rotate", "access rotate", NULL, do_rotate },
    { "remove", "access remove", NULL, do_remove },
    { "person", "access person", prepare_person, do_person },
    { "remove-person", "access remove-person", NULL, do_remove_person },
};

static const struct action *find_action(const struct invocation *invocation)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, invocation->arguments[0]) == 0) return &actions[i];
    return NULL;
}

struct change { struct invocation *invocation; const struct action *action; struct outcome *outcome; };

static bool change(struct store *store, void *context, struct err *err)
{
    struct change *change = context;
    return change->action->run(change->invocation, store, change->outcome, err) &&
           audit_put(store, clock_wall_ms(NULL), change->invocation->who, change->action->audit, 0, err);
}

/* A server knows of keys and people by heart. */
static bool tell_server(struct service *service, struct err *err)
{
    struct store *store;
    if (!service_read(service, &store, err)) return false;
    bool ok = access_load(service->access, store, err);
    service_read_done(service, store);
    return ok;
}

static bool is_writing(const struct invocation *invocation)
{
    const struct action *action = find_action(invocation);
    return action && action->audit;
}

static bool run_access(struct invocation *invocation, struct err *err)
{
    const char *path;
    struct store *store = NULL;
    struct outcome outcome = { 0 };
    const struct action *action = find_action(invocation);
    struct change job = { invocation, action, &outcome };
    if (!action)
        return err_set(
            err, ERR_INVALID,
            "there is no action '%s': list, key, page-key, token, rotate, remove, person or remove-person",
            invocation->arguments[0]);
    if (!secret_start(err) || !command_database(invocation, NULL, &path, err)) return false;
    if (!invocation->service && !store_open(path, action->audit ? STORE_CREATE : STORE_READ, &store, err))
        return false;
    bool ok = !action->audit ? action->run(invocation, store, &outcome, err)
                             : (!action->prepare || action->prepare(invocation, &outcome, err)) &&
                                   command_write(invocation, store, change, &job, err) &&
                                   (!invocation->service || tell_server(invocation->service, err));
    store_close(store);
    if (ok) print_outcome(invocation, &outcome);
    return ok;
}

static const struct flag flags[] = {
    { "role", "ROLE", "of a token or person: " ACCESS_ROLES },
    { "grace", "SPAN", "how long the old secret counts after rotate (else 7d; 0: no longer)" },
    { "password-stdin", NULL, "read a person's password from standard input; else one is drawn and printed" },
    { 0 },
};

const struct command command_access = {
    .name = "access",
    .arguments = "ACTION [NAME]",
    .summary = "make, rotate and remove keys, tokens and people",
    .details = "ACTION: list; page-key NAME, for web pages and apps: may only send; key NAME, for servers: also\n"
               "imports, joins customers and erases; token NAME --role ROLE; rotate ID; remove ID; person NAME "
               "--role ROLE;\n"
               "remove-person ID.  A server that runs does it, and knows it at once.",
    .example = "holdfast access token dashboard --role viewer",
    .flags = flags,
    .run = run_access,
    .is_writing = is_writing,
};
