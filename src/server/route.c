/* route.c - the table of routes, which of them a request is for, and the OpenAPI 3.1 document
 * (https://spec.openapis.org/oas/v3.1.0) of all; see route.h. */
#include "server/route.h"
#include "server/http_parse.h"

#include <string.h>

extern const struct route routes_server[], routes_ingest[], routes_client[], routes_webhook[], routes_access[],
    routes_customer[], routes_person[], routes_rejects[], routes_decide[], routes_segment[], routes_model[],
    routes_recommend[], routes_as_of[], routes_experiment[], routes_journey[], routes_message[], routes_page[],
    routes_return[], routes_warehouse[], routes_shell[], routes_overview[], routes_find[], routes_audit[],
    routes_customers[], routes_note[], routes_segment_view[], routes_journey_view[], routes_journey_try[],
    routes_message_try[], routes_ledgers[], routes_scenario[], routes_plan[], routes_version[], routes_trying[],
    routes_upload[], routes_survey[], routes_forecast[], routes_source[], routes_customer_next[], routes_contact[],
    routes_identity[];

const struct route *const route_groups[] = {
    routes_shell,
    routes_server,
    routes_overview,
    routes_find,
    routes_audit,
    routes_note,
    routes_segment_view,
    routes_customer_next,
    routes_contact,
    routes_journey_view,
    routes_journey_try,
    routes_message_try,
    routes_ledgers,
    routes_identity,
    routes_ingest,
    routes_client,
    routes_webhook,
    routes_customers,
    routes_customer,
    routes_person,
    routes_rejects,
    routes_decide,
    routes_recommend,
    routes_warehouse,
    routes_segment,
    routes_model,
    routes_as_of,
    routes_experiment,
    routes_scenario,
    routes_plan,
    routes_version,
    routes_trying,
    routes_upload,
    routes_survey,
    routes_forecast,
    routes_source,
    routes_journey,
    routes_message,
    routes_page,
    routes_return,
    routes_access,
    NULL
};

static const char *join_methods(struct arena *arena, const char *list, const char *method)
{
    if (list && strstr(list, method)) return list;
    const char *more = strcmp(method, "GET") == 0 ? "GET, HEAD" : method;
    return list ? arena_format(arena, "%s, %s", list, more) : more;
}

const struct route *route_find(const char *method, struct text path, struct arena *arena,
                               struct text ret_params[REQUEST_PARAMS], const char **ret_allow)
{
    const char *allow = NULL;
    for (size_t g = 0; route_groups[g]; g++)
        for (const struct route *route = route_groups[g]; route->path; route++) {
            if (!path_match(route->path, path, arena, ret_params)) continue;
            if (strcmp(method, route->method) == 0) return route;
            allow = join_methods(arena, allow, route->method);
        }
    *ret_allow = allow;
    return NULL;
}

/* ---- The document ---- */

static json_t *member(json_t *object, const char *name)
{
    json_t *found = json_object_get(object, name);
    if (!found) json_object_set_new(object, name, found = json_object());
    return found;
}

static void add_required(json_t *schema, const char *name)
{
    json_t *required = json_object_get(schema, "required");
    if (!required) json_object_set_new(schema, "required", required = json_array());
    json_array_append_new(required, json_string(name));
}

/* "string", or, of "string, null", both; or_null adds null. */
static json_t *type_of(const char *types, bool or_null)
{
    json_t *list = json_array();
    for (const char *at = types; *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        json_array_append_new(list, json_stringn(at, length));
        at += length;
    }
    if (or_null) json_array_append_new(list, json_string("null"));
    json_t *type = json_array_size(list) == 1 ? json_incref(json_array_get(list, 0)) : json_incref(list);
    json_decref(list);
    return type;
}

static void set_type(json_t *schema, const char *type)
{
    if (!json_object_get(schema, "type")) json_object_set_new(schema, "type", json_string(type));
}

/* Puts a field into an object's schema, making the objects and arrays on its way.  What may be missing in an answer
 * may be null there too. */
static void schema_add(json_t *schema, const struct route_field *field, bool is_answer)
{
    const char *at = field->name;
    char name[128];
    for (;;) {
        size_t length = strcspn(at, ".[");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        at += length;
        bool is_item = false, is_any = strcmp(name, "*") == 0;
        json_t *property = is_any ? member(schema, "additionalProperties") : member(member(schema, "properties"), name);
        if (strncmp(at, "[]", 2) == 0) {
            set_type(property, "array");
            property = member(property, "items");
            at += 2;
            is_item = true;
        }
        if (*at != '.') {
            json_object_set_new(property, "type", type_of(field->type, is_answer && !field->is_required));
            json_object_set_new(property, "description", json_string(field->meaning));
            if (field->is_required && !is_item) add_required(schema, name);
            return;
        }
        set_type(property, "object");
        schema = property;
        at++;
    }
}

/* Members that a body's table does not list are refused: see request_json. */
static void close_objects(json_t *schema)
{
    const char *name;
    json_t *property, *properties = json_object_get(schema, "properties");
    json_object_foreach(properties, name, property) close_objects(property);
    if (json_object_get(schema, "items")) close_objects(json_object_get(schema, "items"));
    if (properties && !json_object_get(schema, "additionalProperties"))
        json_object_set_new(schema, "additionalProperties", json_false());
}

static json_t *schema_of(const struct route_field *fields, bool is_answer)
{
    json_t *schema = json_pack("{s:s}", "type", "object");
    for (; fields && fields->name; fields++) schema_add(schema, fields, is_answer);
    return schema;
}

static json_t *example_of(const char *text, const char *type)
{
    json_t *json = !type || strstr(type, "json") ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return json ? json : json_string(text);
}

static json_t *content_of(json_t *schema, const char *example, const char *type)
{
    json_t *media = json_pack("{s:o}", "schema", schema);
    if (example) json_object_set_new(media, "example", example_of(example, type));
    return json_pack("{s:o}", type ? type : "application/json", media);
}

static json_t *parameters_of(const struct route *route)
{
    json_t *parameters = json_array();
    for (const char *at = route->path; (at = strchr(at, '{')); at++)
        json_array_append_new(parameters,
                              json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", at + 1, strcspn(at + 1, "}"), "in",
                                        "path", "required", 1, "schema", "type", "string"));
    for (const struct route_field *field = route->query; field && field->name; field++)
        json_array_append_new(parameters, json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", field->name, "in",
                                                    "query", "required", (int)field->is_required, "description",
                                                    field->meaning, "schema", "type", field->type));
    return parameters;
}

static json_t *security_of(const struct route *route)
{
    if (route->needs == ACCESS_OPEN) return json_array();
    if (route->needs == ACCESS_INGEST) return json_pack("[{s:[]}, {s:[]}]", "pageKey", "writeKey");
    if (route->needs == ACCESS_SERVER) return json_pack("[{s:[]}]", "writeKey");
    return json_pack("[{s:[]}, {s:[]}]", "token", "session");
}

static const char *roles_of(enum access_right needs, char *room, size_t length)
{
    size_t n = 0;
    room[0] = '\0';
    for (unsigned role = ROLE_VIEWER; role < ROLES && n < length; role++)
        if (access_role_rights((enum access_role)role) & (unsigned)needs)
            n += (size_t)snprintf(room + n, length - n, "%s%s", n ? ", " : "",
                                  access_role_name((enum access_role)role));
    return room;
}

/* "postV1CustomersIdErase" of POST /v1/customers/{id}/erase. */
static json_t *operation_id(const struct route *route)
{
    char id[160];
    size_t n = 0;
    bool is_word = false;
    for (const char *at = route->method; *at && n < 8; at++) id[n++] = (char)(*at | 0x20);
    for (const char *at = route->path; *at && n < sizeof id - 1; at++) {
        bool is_lower = *at >= 'a' && *at <= 'z';
        bool is_letter = is_lower || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        if (is_letter) id[n++] = is_lower && !is_word ? (char)(*at - 32) : *at;
        is_word = is_letter;
    }
    return json_stringn(id, n);
}

static json_t *body_of(const struct route *route)
{
    json_t *schema = schema_of(route->body, false);
    bool is_checked = !route_takes_key(route) && route->most_body_bytes == 0;     /* those take what comes */
    if (is_checked) close_objects(schema);
    return content_of(schema, route->body_example, NULL);
}

static json_t *answer_of(const struct route *route)
{
    bool is_json = !route->answer_type || strstr(route->answer_type, "json");
    return content_of(is_json ? schema_of(route->answer, true) : json_pack("{s:s}", "type", "string"),
                      route->answer_example, route->answer_type);
}

static json_t *operation_of(const struct route *route)
{
    char roles[128], status[12];
    json_t *operation =
        json_pack("{s:o, s:s, s:o, s:o}", "operationId", operation_id(route), "summary", route->summary,
                  "parameters", parameters_of(route), "security", security_of(route));
    if (route->details) json_object_set_new(operation, "description", json_string(route->details));
    json_object_set_new(operation, "x-right", json_string(access_right_name(route->needs)));
    if (route->needs != ACCESS_OPEN && !route_takes_key(route))
        json_object_set_new(operation, "x-roles", json_string(roles_of(route->needs, roles, sizeof roles)));
    if (route->body)
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:b, s:o}", "required", 1, "content", body_of(route)));
    snprintf(status, sizeof status, "%d", route->answer_status ? route->answer_status : 200);
    json_object_set_new(
        operation, "responses",
        json_pack("{s:{s:s, s:o}, s:{s:s}}", status, "description", "done", "content", answer_of(route), "default",
                  "$ref", "#/components/responses/Error"));
    return operation;
}

static json_t *components(void)
{
    json_t *error = json_pack("{s:s, s:[ss], s:{s:{s:s}, s:{s:s}, s:{s:[ss]}}}", "type", "object", "required",
                              "code", "message", "properties", "code", "type", "string", "message", "type",
                              "string", "field", "type", "string", "null");
    json_t *schemes = json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s, s:s}}",
                                "pageKey", "type", "http", "scheme", "basic", "description",
                                "a page key as the user, no password: for web pages and apps, may only send",
                                "writeKey", "type", "http", "scheme", "basic", "description",
                                "a write key as the user, no password: for servers",
                                "token", "type", "http", "scheme", "bearer",
                                "session", "type", "apiKey", "in", "cookie", "name", "holdfast_session");
    return json_pack("{s:{s:{s:s, s:{s:{s:o}}}}, s:o}", "responses", "Error", "description",
                     "what was wrong, and with which member", "content", "application/json", "schema", error,
                     "securitySchemes", schemes);
}

json_t *route_openapi(const struct route *const *groups)
{
    json_t *paths = json_object();
    for (size_t g = 0; groups[g]; g++)
        for (const struct route *route = groups[g]; route->path; route++) {
            char method[8] = "";
            for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
                method[i] = (char)(route->method[i] | 0x20);
            json_object_set_new(member(paths, route->path), method, operation_of(route));
        }
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:o}", "openapi", "3.1.0", "info", "title", "Holdfast",
                     "version", "0.1.0", "description", "Events in, decisions out.", "paths", paths, "components",
                     components());
}
