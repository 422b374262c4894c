/* http_parse.h - what we read of a request ourselves: target, query, forms, cookies, credentials, paths, address lists.
 *
 * All of it may come from anybody: every function takes any bytes, reads no byte beyond them and allocates no more
 * than a small multiple of their length. */
#ifndef SERVER_HTTP_PARSE_H
#define SERVER_HTTP_PARSE_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>

struct form_field;      /* channel/channel.h */

enum { REQUEST_PARAMS = 4 };        /* of a path, at most */

/* "/a/b/?x=1" as "/a/b" and "x=1"; "http://host/a" as "/a".  Slashes at the end go, slashes at the beginning
 * become one; the path of "/" is "/".  Views into target. */
void target_split(struct text target, struct text *ret_path, struct text *ret_query);

/* Percent signs undone, with is_form also '+' for a space.  The result is in the arena, with a NUL behind it.
 * False: half a percent sign, or a NUL or other control character comes out; with is_form tabs
 * and line ends may. */
bool percent_decode(struct text text, bool is_form, struct arena *arena, struct text *ret_decoded);

/* The first value of a name in "a=1&b=2", decoded.  False: not there, or cannot be decoded. */
bool query_find(struct text query, const char *name, struct arena *arena, struct text *ret_value);

/* The next name of a query, decoded, and what follows its value; one that cannot be decoded is as it stands.
 * False: none is left. */
bool query_next(struct text *rest, struct arena *arena, struct text *ret_name);

/* application/x-www-form-urlencoded into fields [most], decoded, in the arena; what cannot be decoded is left out,
 * and so is what does not fit.  Returns how many there are. */
size_t form_read(struct text body, struct arena *arena, struct form_field *fields, size_t most);
/* The first of a name; "": there is none. */
struct text form_find(const struct form_field *fields, size_t n, const char *name);

/* Whether path is of the form of "/v1/customers/{id}"; each {...} takes one segment, decoded, that is not empty,
 * "." or "..".  ret_params has REQUEST_PARAMS places. */
bool path_match(const char *form, struct text path, struct arena *arena, struct text *ret_params);

/* "Basic <base64>", or the base64 alone: user and what stands behind the first colon; no colon: no password. */
bool basic_read(struct text header, struct arena *arena, struct text *ret_user, struct text *ret_password);
bool bearer_read(struct text header, struct text *ret_token);

/* A cookie's value in "a=1; b=2"; a view. */
bool cookie_find(struct text header, const char *name, struct text *ret_value);

/* Of the names in "a, B,c" those that an origin may send (WIRE.md), as a list in the arena; "" if none is. */
const char *cors_headers(struct text requested, struct arena *arena);

/* Whether "https://shop.example:8443" is the site that "shop.example:8443" names, over TLS or not. */
bool origin_is_host(struct text origin, struct text host, bool is_secure);

#endif
