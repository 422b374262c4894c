/* plan_proxies.h - whether what a plan rests on tells a protected trait all the same: the trait itself is no feature of
 * its effects, but "which shop" may say which country. */
#ifndef CAMPAIGN_PLAN_PROXIES_H
#define CAMPAIGN_PLAN_PROXIES_H

#include "campaign/plan_internal.h"

/* A sentence among the plan's warnings for each protected trait that one of its features tells well.
 * Errors: those of the log. */
bool plan_proxies_warn(struct planned_database *plan, struct err *err) MUST_CHECK;

#endif
