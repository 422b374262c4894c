/* ways_out.c - see ways_out.h. */
#include "journey/ways_out.h"

#include "base/similar.h"

#include <string.h>

static bool fail(const char *source, const struct journey_step *step, struct err *err, const char *sentence)
{
    return err_set(err, ERR_INVALID, "%s:%u:%u: step '%s': %s", source, step->line, step->column, step->id,
                   sentence);
}

static bool check_channel(const char *source, const struct journey_step *step, const char *channel,
                          const struct contact_rules *rules, struct arena *arena, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, rules->n_channels + 1);
    if (contact_has_channel(rules, channel)) return true;
    for (size_t i = 0; i < rules->n_channels; i++) names[i] = rules->channels[i].name;
    return fail(source, step, err,
                arena_format(arena, "no channel of the settings is called '%s'%s", channel,
                             similar_names(channel, names, rules->n_channels, arena)));
}

/* What the channel would refuse of every message. */
static bool check_words(const char *source, const struct journey_step *step, const char *channel,
                        const struct contact_rules *rules, struct err *err)
{
    bool has_words = step->html || step->text || step->body;
    switch (contact_channel_kind(rules, channel)) {
    case CHANNEL_SMTP:
        return has_words || fail(source, step, err, "an e-mail says something: html, text or body is missing");
    case CHANNEL_TWILIO:
        return step->text || step->body || fail(source, step, err, "an SMS says something: 'body' is missing");
    case CHANNEL_CALLS: case CHANNEL_POST: case CHANNEL_AUDIENCE: case CHANNEL_WEBHOOK: break;
    }
    return true;
}

static bool check_step(const char *source, const struct journey_step *step, const struct contact_rules *rules,
                       struct arena *arena, struct err *err)
{
    double chance = 0;
    size_t n = step->n_variants ? step->n_variants : 1;
    for (size_t v = 0; v < n; v++) {
        const struct journey_step *varied = journey_varied(step, chance, arena);
        for (size_t i = 0; i < (step->n_channels ? step->n_channels : 1); i++) {
            const char *channel = step->n_channels ? step->channels[i] : step->channel;
            if (!check_channel(source, step, channel, rules, arena, err) ||
                !check_words(source, varied, channel, rules, err))
                return false;
        }
        if (step->n_variants) chance += step->variants[v].share;
    }
    return true;
}

static bool check_topic(const struct journey *journey, const char *source, const struct contact_rules *rules,
                        struct arena *arena, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, rules->n_topics + 1);
    if (!journey->topic || rules->n_topics == 0) return true;
    for (size_t i = 0; i < rules->n_topics; i++) {
        names[i] = rules->topics[i].name;
        if (strcmp(names[i], journey->topic) == 0) return true;
    }
    return err_set(err, ERR_INVALID, "%s:%u:%u: no topic of the settings is called '%s'%s", source,
                   journey->topic_line, journey->topic_column, journey->topic,
                   similar_names(journey->topic, names, rules->n_topics, arena));
}

bool ways_out_check(const struct journey *journey, const char *source, const struct contact_rules *rules,
                    struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < journey->n_steps; i++)
        if (journey->steps[i].kind == STEP_SEND && !check_step(source, &journey->steps[i], rules, arena, err))
            return false;
    return check_topic(journey, source, rules, arena, err);
}
