/* route_test.c - the table of routes: complete, without doubles, and one document that tells all of it. */
#include "server/route.h"
#include "support.h"

#define EACH_ROUTE(route)                                                                                         \
    for (size_t g_ = 0; route_groups[g_]; g_++)                                                                   \
        for (const struct route *route = route_groups[g_]; route->path; route++)

static struct arena *arena;

static void start(void)  { arena = arena_new(1 << 24); }
static void finish(void) { arena_free(arena); }

TestSuite(route, .init = start, .fini = finish);

static bool is_json(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    json_decref(json);
    return json != NULL;
}

/* One of the types of JSON, or several with ", " between them. */
static bool is_type_of_json(const char *type)
{
    static const char *const types[] = { "string", "integer", "number", "boolean", "object", "array", "null" };
    while (type && *type) {
        size_t n = strcspn(type, ","), i = 0;
        while (i < sizeof types / sizeof *types && (strlen(types[i]) != n || strncmp(type, types[i], n) != 0)) i++;
        if (i == sizeof types / sizeof *types) return false;
        if (type[n] == '\0') return true;
        type += n + 1;
        type += *type == ' ';
    }
    return false;
}

static void check_fields(const struct route *route, const struct route_field *fields, const char *what)
{
    for (; fields && fields->name; fields++) {
        bool is_type = is_type_of_json(fields->type);
        cr_expect(is_type, "%s %s: %s of %s has the type %s", route->method, route->path, fields->name, what,
                  fields->type);
        cr_expect(fields->meaning && *fields->meaning, "%s %s: %s of %s has no meaning", route->method,
                  route->path, fields->name, what);
    }
}

Test(route, every_route_says_what_it_does_who_may_and_what_comes_back)
{
    size_t n = 0;
    EACH_ROUTE(route) {
        const char *name = arena_format(arena, "%s %s", route->method, route->path);
        n++;
        cr_expect(route->handle, "%s has no handler", name);
        cr_expect(route->summary && *route->summary && route->summary[strlen(route->summary) - 1] != '.',
                  "%s: summary", name);
        cr_expect_str_neq(access_right_name(route->needs), "?", "%s: who may", name);
        cr_expect(route->answer_example, "%s has no example of its answer", name);
        cr_expect(route->answer || route->answer_type, "%s does not say what it answers", name);
        if (route->answer_example && !route->answer_type)
            cr_expect(is_json(route->answer_example), "%s: example of the answer", name);
        cr_expect(!route->body == !route->body_example, "%s: a body goes with an example", name);
        if (route->body_example) cr_expect(is_json(route->body_example), "%s: example of the body", name);
        cr_expect(!route->body || strcmp(route->method, "GET") != 0, "%s: a GET has no body", name);
        bool ends_bare = strcmp(route->path, "/") == 0 || route->path[strlen(route->path) - 1] != '/';
        cr_expect(route->path[0] == '/' && ends_bare, "%s: path", name);
        check_fields(route, route->query, "the query");
        check_fields(route, route->body, "the body");
        check_fields(route, route->answer, "the answer");
    }
    cr_assert(n > 50, "only %zu routes", n);
}

/* A request for the form itself (its {names} taken as values) must reach this route and no other. */
Test(route, every_route_is_found_and_none_hides_another)
{
    EACH_ROUTE(route) {
        struct text params[REQUEST_PARAMS];
        const char *allow;
        const struct route *found = route_find(route->method, text_of(route->path), arena, params, &allow);
        cr_expect(found == route, "%s %s is answered by %s", route->method, route->path,
                  found ? found->path : "nobody");
    }
}

Test(route, a_path_with_another_method_says_which_it_takes)
{
    struct text params[REQUEST_PARAMS];
    const char *allow;
    cr_assert_null(route_find("PATCH", text_of("/v1/session"), arena, params, &allow));
    cr_assert_str_eq(allow, "POST, GET, HEAD, DELETE");
    cr_assert_null(route_find("GET", text_of("/v1/nothing"), arena, params, &allow));
    cr_assert_null(allow);
}

Test(route, openapi_has_every_route_with_its_parameters_and_errors)
{
    json_t *document = route_openapi(route_groups);
    cr_assert_not_null(document);
    cr_assert_str_eq(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    json_t *paths = json_object_get(document, "paths"), *ids = json_object();
    EACH_ROUTE(route) {
        char method[8] = "";
        for (size_t i = 0; route->method[i]; i++) method[i] = (char)(route->method[i] | 0x20);
        json_t *operation = json_object_get(json_object_get(paths, route->path), method);
        cr_expect_not_null(operation, "%s %s", route->method, route->path);
        const char *id = json_string_value(json_object_get(operation, "operationId"));
        cr_expect(id && !json_object_get(ids, id), "%s %s: operationId %s", route->method, route->path, id);
        if (id) json_object_set_new(ids, id, json_true());
        size_t n_params = 0;
        for (const char *at = route->path; (at = strchr(at, '{')); at++) n_params++;
        for (const struct route_field *field = route->query; field && field->name; field++) n_params++;
        cr_expect_eq(json_array_size(json_object_get(operation, "parameters")), n_params, "%s", route->path);
        json_t *responses = json_object_get(operation, "responses");
        const char *status = arena_format(arena, "%d", route->answer_status ? route->answer_status : 200);
        cr_expect(json_object_get(responses, status) && json_object_get(responses, "default"), "%s", route->path);
        cr_expect_eq(json_array_size(json_object_get(operation, "security")) == 0, route->needs == ACCESS_OPEN,
                     "%s", route->path);
    }
    json_decref(ids);
    json_decref(document);
}

static bool is_kind(const json_t *value, const char *kind)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:  return strcmp(kind, "object") == 0;
    case JSON_ARRAY:   return strcmp(kind, "array") == 0;
    case JSON_STRING:  return strcmp(kind, "string") == 0;
    case JSON_INTEGER: return strcmp(kind, "integer") == 0 || strcmp(kind, "number") == 0;
    case JSON_REAL:    return strcmp(kind, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE:   return strcmp(kind, "boolean") == 0;
    case JSON_NULL:    return strcmp(kind, "null") == 0;
    default:           return false;
    }
}

/* What is wrong with a value by its schema; NULL: nothing. */
static const char *problem(const json_t *schema, json_t *value, const char *at)
{
    json_t *types = json_object_get(schema, "type"), *items = json_object_get(schema, "items"), *item, *name;
    bool is_right = !types || (json_is_string(types) && is_kind(value, json_string_value(types)));
    size_t i;
    const char *member, *found = NULL;
    json_array_foreach(types, i, item) is_right = is_right || is_kind(value, json_string_value(item));
    if (!is_right) return arena_format(arena, "%s is no %s", at, json_dumps(types, JSON_ENCODE_ANY));
    json_array_foreach(value, i, item)
        if (items && (found = problem(items, item, arena_format(arena, "%s[%zu]", at, i)))) return found;
    if (!json_is_object(value)) return NULL;
    json_array_foreach(json_object_get(schema, "required"), i, name)
        if (!json_object_get(value, json_string_value(name)))
            return arena_format(arena, "%s.%s is missing", at, json_string_value(name));
    json_object_foreach(value, member, item) {
        json_t *of = json_object_get(json_object_get(schema, "properties"), member);
        if (!of) of = json_object_get(schema, "additionalProperties");
        if (json_is_false(of)) return arena_format(arena, "%s.%s is not in the schema", at, member);
        const char *path = arena_format(arena, "%s.%s", at, member);
        if (json_is_object(of) && (found = problem(of, item, path))) return found;
    }
    return NULL;
}

static void check_example(const struct route *route, const json_t *content, const char *what)
{
    const json_t *media = json_object_get(content, "application/json");
    if (!media) return;
    json_t *schema = json_object_get(media, "schema"), *example = json_object_get(media, "example");
    const char *wrong = problem(schema, example, what);
    cr_expect_null(wrong, "%s %s: %s", route->method, route->path, wrong);
}

Test(route, examples_are_valid_by_their_own_schema)
{
    json_t *document = route_openapi(route_groups), *paths = json_object_get(document, "paths"), *response;
    EACH_ROUTE(route) {
        char method[8] = "";
        const char *status;
        for (size_t i = 0; route->method[i]; i++) method[i] = (char)(route->method[i] | 0x20);
        json_t *operation = json_object_get(json_object_get(paths, route->path), method);
        if (route->body)
            check_example(route, json_object_get(json_object_get(operation, "requestBody"), "content"), "body");
        json_object_foreach(json_object_get(operation, "responses"), status, response)
            if (strcmp(status, "default") != 0)
                check_example(route, json_object_get(response, "content"), "answer");
    }
    json_decref(document);
}

/* All but these do with what is in memory, or wait without holding a thread. */
Test(route, what_reads_the_database_or_hashes_passwords_is_slow)
{
    static const char *const quick[] = { "/", "/assets/{name}", "/healthz", "/readyz", "/v1/status", "/v1/events", "/v1/session",
        "/v1/segments", "/v1/segments/{id}", "/v1/decide", "/v1/models/train", "/v1/customers/{id}/suppress",
        "/v1/customers/{id}/unsuppress", "/v1/customers/{id}/consent", "/v1/customers/{id}",
        "/v1/customers/{id}/links",
        "/v1/identities/merge", "/v1/identities/unmerge", "/v1/projects/{key}/settings", "/array/{key}/config",
        "/customerio/v1/projects/{key}/settings" };
    EACH_ROUTE(route) {
        bool is_quick = route_takes_key(route);
        for (size_t i = 0; i < sizeof quick / sizeof *quick; i++)
            is_quick = is_quick || strcmp(quick[i], route->path) == 0;
        cr_expect(is_quick || route->is_slow, "%s %s holds up a thread of events", route->method, route->path);
    }
    cr_assert(route_find("POST", text_of("/v1/session"), arena, (struct text[REQUEST_PARAMS]){ { 0 } },
                         &(const char *){ NULL })->is_slow);
    cr_assert(route_find("GET", text_of("/v1/customers/a"), arena, (struct text[REQUEST_PARAMS]){ { 0 } },
                         &(const char *){ NULL })->is_slow);
}

Test(route, names_with_dots_and_brackets_become_objects_and_arrays)
{
    json_t *document = route_openapi(route_groups);
    json_t *keys = NULL;
    json_t *paths = json_object_get(document, "paths");
    cr_assert_eq(json_unpack(paths, "{s:{s:{s:{s:{s:{s:{s:{s:{s:o}}}}}}}}}", "/v1/keys", "get", "responses", "200",
                             "content", "application/json", "schema", "properties", "keys", &keys),
                 0);
    cr_assert_str_eq(json_string_value(json_object_get(keys, "type")), "array");
    json_t *item = json_object_get(keys, "items"),
           *hint = json_object_get(json_object_get(item, "properties"), "hint");
    cr_assert_str_eq(json_string_value(json_object_get(item, "type")), "object");
    cr_assert_str_eq(json_string_value(json_object_get(hint, "type")), "string");
    json_decref(document);
}
