/* recommender_internal.h - what the methods of recommend/ share. */
#ifndef RECOMMEND_RECOMMENDER_INTERNAL_H
#define RECOMMEND_RECOMMENDER_INTERNAL_H

#include "recommend/recommender.h"

void recommender_begin(const struct recommender_source *source, const char *name, enum recommender_form form,
                       enum saturation saturation, struct arena *arena, struct recommender *ret_recommender);

/* Room for the neighbours of n_items items, filled with neighbours_put and closed with neighbours_pack. */
struct neighbours neighbours_new(size_t n_items, size_t most, struct arena *arena);

/* The neighbours of one item: those of the greatest weight among n candidates, which are put in order.  Each item
 * has room of its own, so several threads may fill different items at once. */
struct neighbour { uint32_t item; float weight; };
void neighbours_put(struct neighbours *neighbours, uint32_t item, struct neighbour *candidates, size_t n,
                    size_t most);

/* By each form: adds the scores of n customers. */
void repeats_score(const struct recommender *recommender, const struct own *own, float *ret_scores);
void neighbours_score(const struct recommender *recommender, const struct own *own, float *ret_scores);
void factors_score(const struct recommender *recommender, const struct own *own, size_t n, float *ret_scores);

#endif
