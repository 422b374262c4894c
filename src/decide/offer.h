/* offer.h - how deep a discount should be: response by depth, never falling, and what each depth earns.
 *
 * Responses of depths are pooled where they fall (Ayer et al. 1955, weighed by how many were asked) and, where
 * responses are of people, drawn towards their line by as much as chance alone would scatter them.  At depth d a
 * customer asked earns response x price x (margin - d); the margin that is left is of the price paid. */
#ifndef DECIDE_OFFER_H
#define DECIDE_OFFER_H

#include <stdbool.h>
#include <stddef.h>

enum { OFFER_DEPTHS_MOST = 101 };

/* depth a share of the price, 0 to below 1; n how many were asked, 0: not known. */
struct offer_depth { double depth, response, n; double earned, margin_left; bool is_allowed; };

/* Whether of the price paid after a discount of depth a margin of floor or more is left. */
bool offer_is_allowed(double margin, double depth, double floor);

/* Sorts by depth and fills earned, margin_left and is_allowed; responses become those above.  Returns the best
 * allowed depth's index, n where none is: the floor is above the margin itself. */
size_t offer_choose(struct offer_depth *depths, size_t n, double price, double margin, double floor);

#endif
