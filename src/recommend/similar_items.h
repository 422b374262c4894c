/* similar_items.h - what is like an item: by its words, and by who had both. */
#ifndef RECOMMEND_SIMILAR_ITEMS_H
#define RECOMMEND_SIMILAR_ITEMS_H

#include "recommend/recommender.h"

/* How alike one item and each other are [n_items], all 0 to 1: cosines of their words and of who had them, and the
 * two as one.  Either is enough to be alike, and both are more than one: score is 1 less the product of what each
 * leaves open. */
struct similar { float *content, *together, *score; };

/* words is items x words (item_words.h; no rows: nothing is said of any), of_word the same turned round, beside
 * the neighbours by cosine.  In the arena. */
struct similar similar_find(const struct sparse *words, const struct sparse *of_word,
                            const struct neighbours *beside, uint32_t item, struct arena *arena);

#endif
