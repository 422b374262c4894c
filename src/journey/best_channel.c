/* best_channel.c - see best_channel.h. */
#include "journey/best_channel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *stated_channel(const char *const *channels, size_t n, const char *topic, const char *preferred,
                           enum consent_said (*said)(void *context, const char *name), void *context)
{
    const char *stated = NULL;
    size_t n_stated = 0;
    for (size_t i = 0; !preferred && i < n; i++) {
        char both[256] = "";
        if (topic) snprintf(both, sizeof both, "%.100s.%.100s", channels[i], topic);
        if (said(context, channels[i]) != CONSENT_SAID_YES && (!topic || said(context, both) != CONSENT_SAID_YES))
            continue;
        stated = channels[i];
        n_stated++;
    }
    return preferred ? preferred : n_stated == 1 ? stated : NULL;
}

static double share_of(const struct channel_worth *worth)
{
    return (double)worth->n_goals / (double)worth->n_sent;
}

/* By how many standard errors a's share is above b's. */
static double lead_of(const struct channel_worth *a, const struct channel_worth *b)
{
    double n = (double)a->n_sent, m = (double)b->n_sent, both = (double)(a->n_goals + b->n_goals) / (n + m);
    double error = sqrt(both * (1 - both) * (1 / n + 1 / m));
    return error > 0 ? (share_of(a) - share_of(b)) / error : 0;
}

/* n: none is better than all others. */
static size_t measured(const struct channel_choice *choice)
{
    size_t best = choice->n;
    for (size_t i = 0; i < choice->n; i++) {
        if (!choice->is_open[i]) continue;
        if (choice->worth[i].n_sent < CHANNEL_WORTH_LEAST) return choice->n;
        if (best == choice->n || share_of(&choice->worth[i]) > share_of(&choice->worth[best])) best = i;
    }
    for (size_t i = 0; i < choice->n; i++)
        if (i != best && choice->is_open[i] && lead_of(&choice->worth[best], &choice->worth[i]) < 1.96)
            return choice->n;
    return best;
}

size_t best_channel(const struct channel_choice *choice, struct arena *arena, const char **ret_because)
{
    size_t first = 0, n_open = 0;
    for (size_t i = choice->n; i-- > 0;)
        if (choice->is_open[i]) first = i, n_open++;
    for (size_t i = 0; choice->stated && i < choice->n; i++)
        if (choice->is_open[i] && strcasecmp(choice->channels[i], choice->stated) == 0) {
            *ret_because = "it is what they asked for";
            return i;
        }
    size_t best = choice->worth && n_open > 1 ? measured(choice) : choice->n;
    if (best < choice->n) {
        *ret_because = arena_format(arena, "it brought more: %.3g %% of %lld reached the goal",
                                    100 * share_of(&choice->worth[best]), (long long)choice->worth[best].n_sent);
        return best;
    }
    *ret_because = n_open == 1 ? "nothing else reaches them now" : "it is the first that reaches them";
    return first;
}
