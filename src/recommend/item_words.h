/* item_words.h - items as bags of words: TF-IDF of what a catalogue says of them. */
#ifndef RECOMMEND_ITEM_WORDS_H
#define RECOMMEND_ITEM_WORDS_H

#include "base/text.h"
#include "recommend/interactions.h"

/* Items x words from a text for each item (texts [n_items], empty where nothing is known).  A word is letters and
 * digits in any script, ASCII letters in lower case, at most 64 bytes; what stands in one item only, or in more
 * than half of at least ten, says nothing of what is alike and is left out.  A value is (1 + ln tf) x ln(1 + items
 * / items with the word), and each item's are scaled to length 1.  In the arena. */
struct sparse item_words(const struct text *texts, size_t n_items, struct arena *arena);

#endif
