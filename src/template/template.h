/* template.h - texts with Liquid in them: a template and data give a text, or a sentence about why not.
 *
 * Liquid as Shopify's own renderer understands it in strict mode, with limits: steps, bytes and depth are counted,
 * so that no template runs for ever.  In HTML whatever comes from data is escaped, unless the template says raw.
 */
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/zone.h"

#include <jansson.h>

struct template;

/* Where in a template a mistake is. */
struct template_place { size_t line; };         /* from 1; 0 nowhere */

/* Reads a template; it borrows source and lives in the arena.
 * Errors: ERR_INVALID a mistake in it, at *ret_place. */
bool template_parse(struct text source, struct arena *arena, const struct template **ret_template,
                    struct template_place *ret_place, struct err *err) MUST_CHECK;

/* Finds the source of a snippet that a template renders.  False: there is none of that name. */
typedef bool template_find(void *context, struct text name, struct text *ret_source);

struct template_options {
    const json_t      *data;            /* an object: what the names in the template mean */
    bool               is_html;         /* escape what comes from data */
    bool               is_strict;       /* a missing value fails; else it is empty */
    int64_t            now_ms;          /* for 'now' */
    const struct zone *zone;            /* whose clock dates are told by; NULL: UTC */
    const char        *locale;          /* whose way of writing amounts, "de-AT"; NULL: English */
    template_find     *find;            /* NULL: there are no snippets */
    void              *context;         /* of find */
    size_t             most_steps, most_bytes;      /* 0: 200,000 and 1 MiB */
};

struct template_result {
    struct text        text;
    const struct text *missing; /* [n_missing] names that had no value, as the template writes them, once each */
    size_t             n_missing;
};

/* Renders into the arena.
 * Errors: ERR_INVALID a mistake that shows only now (a filter on the wrong type, a snippet with a mistake), at
 * *ret_place; ERR_MISSING a value that strict asks for; ERR_REFUSED a limit was reached. */
bool template_render(const struct template *template, const struct template_options *options, struct arena *arena,
                     struct template_result *ret_result, struct template_place *ret_place,
                     struct err *err) MUST_CHECK;

#endif
