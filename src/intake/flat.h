/* flat.h - writes nested JSON objects as two flat ones: what may be kept in clear, and what is personal.
 *
 * {"plan":"pro","address":{"city":"Ulm","street":"A 1"}} gives {"plan":"pro","address.city":"Ulm"} and
 * {"address.street":"A 1"}.  What message.h says of properties is kept here. */
#ifndef INTAKE_FLAT_H
#define INTAKE_FLAT_H

#include "base/json_read.h"
#include "intake/message.h"
#include "customer/personal.h"

enum { FLAT_MOST_TEXT_BYTES = 1024, FLAT_MOST_NAME_BYTES = 200 };

struct flat_object { size_t n; bool is_of_many; char bytes[MESSAGE_MOST_PROPERTIES_BYTES]; };
struct flat { struct flat_object properties, personal; };

void flat_begin(struct flat *flat);

/* Adds every member of a sound object, its name behind prefix ("context.", "" for none; personal members go
 * without it).  A name that is there already keeps its first value. */
void flat_add(struct flat *flat, const struct json *json, uint32_t object, const char *prefix,
              enum personal_of of);

/* The same, but personal members go with the prefix too. */
void flat_add_whole(struct flat *flat, const struct json *json, uint32_t object, const char *prefix,
                    enum personal_of of);

/* Adds one member, sorted as flat_add would. */
void flat_add_member(struct flat *flat, const struct json *json, uint32_t value, struct text name,
                     enum personal_of of);

/* Adds a member to one of the two; text is any UTF-8. */
void flat_put_text(struct flat_object *object, const char *name, struct text text);
/* The same of JSON that is known to be sound: a number, true, a string with its quotes. */
void flat_put_json(struct flat_object *object, const char *name, struct text json);

/* The finished object, in the arena; "" where nothing was added. */
struct text flat_end(const struct flat_object *object, struct arena *arena);

#endif
