/* treatment.h - columns that say what was done to some customers and not to others: an e-mail, an offer, an arm. */
#ifndef CUSTOMER_TREATMENT_H
#define CUSTOMER_TREATMENT_H

#include "base/text.h"

bool treatment_is_name(const char *name);           /* "treated", "Test Group" */
bool treatment_is_control(struct text value);       /* "control", "No E-Mail": who was left alone */

#endif
