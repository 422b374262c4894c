/* route_test.c - the table of routes: complete, without doubles, and one document that tells all of it. */
#include "app/route.h"
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

static void check_fields(const struct route *route, const struct route_field *fields, const char *what)
{
    static const char *const types[] = { "string", "integer", "number", "boolean", "object", "array" };
    for (; fields && fields->name; fields++) {
        bool is_type = false;
        for (size_t i = 0; i < 6; i++) is_type = is_type || (fields->type && strcmp(fields->type, types[i]) == 0);
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
        cr_expect(json_object_get(responses, "200") && json_object_get(responses, "default"), "%s", route->path);
        cr_expect_eq(json_array_size(json_object_get(operation, "security")) == 0, route->needs == ACCESS_OPEN,
                     "%s", route->path);
    }
    json_decref(ids);
    json_decref(document);
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
