/* operator_traits.c - the last known value of each property of a customer; see operator.h.
 *
 * The state is one slot per trait.  A value of something that happened later
 * replaces an earlier one, whichever arrived first; null or blank
 * text makes it missing again.  What is said once counts as once.h has it. */
#include "feature/feature_set_internal.h"
#include "customer/once.h"
#include "feature/properties.h"

enum said { SAID_NOTHING, SAID, SAID_ONCE };

struct slot {
    int64_t  time_ms;       /* when what was said last was so */
    float    value;         /* the number; or 1 + the index of the frequent value, 0 for any other */
    uint32_t said;          /* enum said */
};

static bool outweighs(const struct slot *slot, const struct slot *other)
{
    return other->said == SAID_NOTHING ||
           once_outweighs(slot->said == SAID_ONCE, slot->time_ms, other->said == SAID_ONCE, other->time_ms);
}

static float category_of(const struct trait *trait, struct text text)
{
    for (size_t i = 0; i < trait->n_values; i++)
        if (text_equal(text, text_of(trait->values[i]))) return (float)(i + 1);
    return 0;
}

/* A float that is never infinite. */
static float finite_float(double value) { return fabs(value) < 3e38 ? (float)value : NAN; }

static float value_of(const struct trait *trait, struct text text)
{
    double value;
    if (text.length == 0) return NAN;
    if (!trait->is_number) return category_of(trait, text);
    return text_double(text, '.', &value) ? finite_float(value) : NAN;
}

/* Members mostly come in the order of the traits: the search begins after the one found last. */
static void traits_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    struct slot *slots = state;
    struct properties properties;
    struct property property;
    size_t from = 0;
    properties_begin(&properties, event->properties);
    while (properties_next(&properties, &property)) {
        bool is_once = once_take(&property.name);
        if (is_once && property.value.length == 0) continue;
        for (size_t n = 0; n < use->n_traits; n++) {
            size_t i = from + n < use->n_traits ? from + n : from + n - use->n_traits;
            if (!text_equal(property.name, text_of(use->traits[i].name))) continue;
            struct slot slot = { event->time_ms, value_of(&use->traits[i], property.value),
                                 is_once ? SAID_ONCE : SAID };
            if (outweighs(&slot, &slots[i])) slots[i] = slot;
            from = i + 1;
            break;
        }
    }
}

static void traits_merge(void *state, const void *other_state, const struct operator_use *use)
{
    struct slot *slots = state;
    const struct slot *other = other_state;
    for (size_t i = 0; i < use->n_traits; i++)
        if (other[i].said != SAID_NOTHING && outweighs(&other[i], &slots[i])) slots[i] = other[i];
}

static void traits_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                        uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    const struct slot *slots = state;
    size_t output = 0;
    for (size_t i = 0; i < use->n_traits; i++) {
        float value = slots[i].said != SAID_NOTHING ? slots[i].value : NAN;
        if (use->traits[i].is_number) operator_put(use, output++, ret_row, (double)value);
        for (size_t v = 0; v < use->traits[i].n_values; v++)
            operator_put(use, output++, ret_row, isnan(value) ? MISSING : value == (float)(v + 1));
    }
}

const struct operator operator_traits = {
    .name = "traits", .state_bytes = sizeof(struct slot),
    .parts = PART_PROPERTIES, .update = traits_update, .merge = traits_merge, .read = traits_read,
};
