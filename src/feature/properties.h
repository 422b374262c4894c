/* properties.h - the members of an event's properties, one after the other, without building a tree.
 *
 * Properties are a flat JSON object of strings, numbers, booleans and nulls.  A member that is an object or an
 * array is passed over. */
#ifndef FEATURE_PROPERTIES_H
#define FEATURE_PROPERTIES_H

#include "base/text.h"

#include <stdbool.h>

enum { PROPERTY_MOST_BYTES = 256 };     /* of a name or a value that needs decoding; longer ones are cut */

struct properties {
    const char *at, *end;
    char        name[PROPERTY_MOST_BYTES], value[PROPERTY_MOST_BYTES];
};

/* The value as text, trimmed: a number as it goes shortest, true, false; null is empty.  Both texts hold
 * until the next member and as long as the properties' own bytes. */
struct property { struct text name, value; };

void properties_begin(struct properties *properties, struct text json);

/* False at the end, and where the text stops being a JSON object. */
bool properties_next(struct properties *properties, struct property *ret_property);

#endif
