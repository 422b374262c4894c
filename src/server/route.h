/* route.h - one table of everything the server answers: what is asked, by whom, and what comes back.
 *
 * A group is one file, routes_<group>.c, whose only global symbol is its const struct route array, listed in
 * route.c.  By the table requests are dispatched (dispatch.h), it says who may, and the OpenAPI document is made of it, so that
 * none of the three can differ from the others. */
#ifndef SERVER_ROUTE_H
#define SERVER_ROUTE_H

#include "server/http.h"
#include "govern/access.h"

#include <jansson.h>
#include <stddef.h>

/* One value of a query, a body or an answer.  A name may go into objects and arrays: "scores.churn",
 * "segments[].name".  Type: "string", "integer", "number", "boolean", "object", "array"; an instant is "integer"
 * with a name ending in _ms; "string, object" either.  "*" stands for a member of any name, "list[]" for what a list
 * holds. */
struct route_field {
    const char *name, *type, *meaning;
    bool        is_required;
};

/* Whether in a large shop an answer may be one of some minutes ago, so that nobody waits for it (hub/kept.h).  One that
 * is behind goes to who asks with Cache-Control: max-stale. */
enum route_keeps {
    ROUTE_KEEPS_NOTHING,
    ROUTE_KEEPS_TILL_ACT,           /* not across what people do: it tells of that, too */
    ROUTE_KEEPS_AWHILE              /* it tells of the history alone */
};

struct route {
    const char   *method;       /* "GET", "POST", "PUT", "DELETE" */
    const char   *path;         /* "/v1/customers/{id}"; each {name} is one segment, up to REQUEST_PARAMS of them */
    enum access_right needs;    /* ACCESS_OPEN: anyone; ACCESS_INGEST, ACCESS_SERVER: the handler checks the key */
    enum handling (*handle)(struct request *request, struct reply *reply);
    const char   *summary;      /* one line */
    const char   *details;      /* more, or NULL */
    const struct route_field *query, *body, *answer;    /* end with a row whose name is NULL; NULL for none */
    const char   *body_example;     /* JSON; with body */
    const char   *answer_example;   /* JSON, or text of answer_type */
    const char   *answer_type;      /* NULL: "application/json" */
    int           answer_status;    /* 0: 200 */
    size_t        most_body_bytes;  /* 0: ROUTE_BODY_BYTES */
    bool          is_cross_origin;  /* browsers of any origin may call it; the answers say so */
    bool          is_slow;          /* reads the database, waits for it, or computes for more than a millisecond:
                                     * handled by the workers, for the threads of events and decisions must not wait */
    enum route_keeps keeps;         /* of GET routes that are slow */
    unsigned      keeps_rights;     /* what is kept hangs on these rights of who asks, and on no other */
    bool          keeps_people;     /* what is kept names customers: nothing of it outlives an erasure */
    bool          is_no_act;        /* a POST by which nobody changes anything: it only asks, or a program decides */
};

enum { ROUTE_BODY_BYTES = 256 * 1024 };

/* Whether senders of events call it, with a key. */
static inline bool route_takes_key(const struct route *route)
{
    return route->needs == ACCESS_INGEST || route->needs == ACCESS_SERVER;
}

/* Whether somebody changes something by it.  What programs send is none; of erasures the service knows itself. */
static inline bool route_is_act(const struct route *route)
{
    return *route->method != 'G' && !route->is_no_act && !route_takes_key(route) && route->needs != ACCESS_OPEN;
}

/* Every group: arrays that end with a row whose path is NULL; the list ends with NULL. */
extern const struct route *const route_groups[];

/* The route of a method and a path (as sent, without trailing slashes), its params decoded into ret_params from
 * arena. NULL: none; then *ret_allow is the methods that this path has ("GET, HEAD"), from arena, or NULL. */
const struct route *route_find(const char *method, struct text path, struct arena *arena,
                               struct text ret_params[REQUEST_PARAMS], const char **ret_allow);

/* The OpenAPI 3.1 document of all groups.  The caller's to json_decref. */
json_t *route_openapi(const struct route *const *groups);

#endif
