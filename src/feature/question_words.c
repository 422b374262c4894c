/* question_words.c - how a question is put into words, and whether its yes is welcome; see question.h. */
#include "feature/question_internal.h"

#include "base/words.h"

#include <ctype.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Names and values of labels, without spaces, marks and capitals, and what a customer does whose label is yes. */
static const struct label_word {
    const char  *name, *verb, *past;
    enum meaning meaning;
} label_words[] = {
    { "churn", "churn", "churned", MEANS_BAD },
    { "churned", "churn", "churned", MEANS_BAD },
    { "churner", "churn", "churned", MEANS_BAD },
    { "exited", "leave", "left", MEANS_BAD },
    { "left", "leave", "left", MEANS_BAD },
    { "lost", "leave", "left", MEANS_BAD },
    { "attrition", "leave", "left", MEANS_BAD },
    { "attritionflag", "leave", "left", MEANS_BAD },
    { "attritedcustomer", "leave", "left", MEANS_BAD },
    { "cancelled", "cancel", "cancelled", MEANS_BAD },
    { "canceled", "cancel", "cancelled", MEANS_BAD },
    { "canceldate", "cancel", "cancelled", MEANS_BAD },
    { "cancelleddate", "cancel", "cancelled", MEANS_BAD },
    { "canceleddate", "cancel", "cancelled", MEANS_BAD },
    { "cancellationdate", "cancel", "cancelled", MEANS_BAD },
    { "cancelledat", "cancel", "cancelled", MEANS_BAD },
    { "canceledat", "cancel", "cancelled", MEANS_BAD },
    { "churndate", "churn", "churned", MEANS_BAD },
    { "churnedat", "churn", "churned", MEANS_BAD },
    { "gekuendigt", "cancel", "cancelled", MEANS_BAD },
    { "gekndigt", "cancel", "cancelled", MEANS_BAD },      /* "gekündigt" */
    { "unsubscribed", "unsubscribe", "unsubscribed", MEANS_BAD },
    { "defaulted", "default", "defaulted", MEANS_BAD },
    { "response", "respond", "responded", MEANS_GOOD },
    { "responded", "respond", "responded", MEANS_GOOD },
    { "converted", "convert", "converted", MEANS_GOOD },
    { "conversion", "convert", "converted", MEANS_GOOD },
    { "bought", "buy", "bought", MEANS_GOOD },
    { "purchase", "buy", "bought", MEANS_GOOD },
    { "purchased", "buy", "bought", MEANS_GOOD },
    { "revenue", "buy", "bought", MEANS_GOOD },
    { "subscribed", "subscribe", "subscribed", MEANS_GOOD },
    { "renewed", "renew", "renewed", MEANS_GOOD },
    { "retained", "stay", "stayed", MEANS_GOOD },
    { "isactive", "stay", "stayed", MEANS_GOOD },
    { "active", "stay", "stayed", MEANS_GOOD },
    { "stayed", "stay", "stayed", MEANS_GOOD },
    { "visit", "visit", "visited", MEANS_GOOD },
    { "visited", "visit", "visited", MEANS_GOOD },
    { "clicked", "click", "clicked", MEANS_GOOD },
};

static const struct label_word *word_of(const char *text)
{
    char squeezed[40];
    size_t n = 0;
    for (; text && *text && n < sizeof squeezed - 1; text++)
        if (isalnum((unsigned char)*text)) squeezed[n++] = (char)tolower((unsigned char)*text);
    squeezed[n] = 0;
    for (size_t i = 0; i < COUNT(label_words); i++)
        if (strcmp(squeezed, label_words[i].name) == 0) return &label_words[i];
    return NULL;
}

/* The value says it best ("exited" of a column "status"); of yes and 1 the column's name does. */
static const struct label_word *label_word(const struct question *question)
{
    const struct label_word *by_value = word_of(question->yes);
    return by_value || question_says_no(question->yes) ? by_value : word_of(question->target);
}

enum meaning question_meaning(const struct question *question)
{
    const struct label_word *word = label_word(question);
    return word ? word->meaning : MEANS_UNKNOWN;
}

bool question_is_churn(const struct question *question)
{
    return question->kind == QUESTION_CHURN ||
           (question->kind == QUESTION_TRAIT && question->meaning == MEANS_BAD);
}

/* "'Cancellation'", "'Cancellation' or 'Account closed'". */
static const char *left_words(const struct question *question, struct arena *arena)
{
    const char *left = "";
    for (size_t i = 0; i < question->n_left; i++)
        left = arena_format(arena, "%s%s'%s'", left, i == 0 ? "" : " or ", question->left[i]);
    return left;
}

const char *question_verb(const struct question *question, struct arena *arena)
{
    const struct label_word *word = question->kind == QUESTION_TRAIT ? label_word(question) : NULL;
    if (word) return word->verb;
    if (question->kind == QUESTION_TRAIT)
        return arena_format(arena, "have %s = %s", question->target, question->yes);
    if (question->n_left > 0) return "leave";
    return question->kind == QUESTION_CHURN ? arena_format(arena, "have no %s", question->goal)
                                            : arena_format(arena, "have at least one %s", question->goal);
}

const char *question_past(const struct question *question, struct arena *arena)
{
    const struct label_word *word = question->kind == QUESTION_TRAIT ? label_word(question) : NULL;
    if (word) return word->past;
    if (question->kind == QUESTION_TRAIT)
        return arena_format(arena, "had %s = %s", question->target, question->yes);
    if (question->n_left > 0) return "left";
    return question->kind == QUESTION_CHURN ? arena_format(arena, "had no %s", question->goal)
                                            : arena_format(arena, "had at least one %s", question->goal);
}

const char *question_besides(const struct question *question, struct arena *arena)
{
    const char *left = left_words(question, arena);
    if (*left) return arena_format(arena, " and no %s since", left);
    return question->who ? arena_format(arena, " and of whom %s is true", question->who) : "";
}

const char *question_asks(const struct question *question, struct arena *arena)
{
    const char *goal = question->goal ? question->goal : "";
    long long days = (long long)question->horizon_days;
    switch (question->kind) {
    case QUESTION_CHURN:
        return arena_format(arena, "will have no %s in the next %lld days%s%s", goal, days,
                            question->n_left ? ", or leave by " : "", left_words(question, arena));
    case QUESTION_EVENT: return arena_format(arena, "will have at least one %s in the next %lld days", goal, days);
    case QUESTION_SPEND: return arena_format(arena, "will spend on %s in the next %lld days", goal, days);
    case QUESTION_TRAIT: return arena_format(arena, "has %s = %s", question->target, question->yes);
    }
    return "";
}
