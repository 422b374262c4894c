/* personal.h - which members of traits and properties say who a person is. */
#ifndef CUSTOMER_PERSONAL_H
#define CUSTOMER_PERSONAL_H

#include "base/text.h"

#include <stdbool.h>

enum personal_of {
    PERSONAL_OF_EVENT,      /* properties: "name" is the name of a product or a page */
    PERSONAL_OF_PERSON      /* traits: "name" is a person's */
};

/* Whether a member of this name holds what is personal: "email", "first_name", "billingPhone", "ip" ...
 * Case and what is no letter or digit do not matter. */
bool personal_is_name(struct text name, enum personal_of of);

/* Whether an object of this name is an address, all of which is personal but for the members that
 * personal_is_region knows: country, region, city. */
bool personal_is_address(struct text name);
bool personal_is_region(struct text name);

#endif
