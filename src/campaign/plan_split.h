/* plan_split.h - how the one budget of a plan is split among its actions. */
#ifndef CAMPAIGN_PLAN_SPLIT_H
#define CAMPAIGN_PLAN_SPLIT_H

#include <jansson.h>
#include <stdio.h>

/* Of whom a plan chose (its array "chosen", without those drawn by lot), by action: how many, and what they cost.
 * The budget has one price for all of them, so that its next unit goes where it earns most. */
json_t *plan_split_json(const json_t *chosen);

/* Nothing where there is one action. */
void plan_split_print(FILE *out, const json_t *split);

#endif
