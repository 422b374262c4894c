/* live_traits.c - the last value of each trait of an identity, as one piece of bytes; see live_internal.h.
 *
 * A piece is the number of traits, then for each: twice its name's index, one more where it was said once
 * (once.h), by how much later than the one before it happened, the length of its value and the value.  A blank value
 * stays as one, because it outweighs older ones of other identities. */
#include "live/live_internal.h"
#include "base/memory.h"
#include "base/hash.h"
#include "customer/once.h"
#include "feature/packing.h"
#include "feature/properties.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_MOST_BYTES = 14, TEXTS_BYTES = 64 * 1024 };      /* of an entry without its text */

struct trait_entry { uint32_t name; bool is_once; int64_t time_ms; struct text text; };

struct trait_edit {
    struct trait_entry entries[LIVE_TRAIT_NAMES_MOST];
    size_t             n, n_bytes;              /* what they take at most */
    char               texts[TEXTS_BYTES];      /* of the event's values */
    size_t             n_texts;
    unsigned char      piece[LIVE_TRAITS_BYTES_MOST + 2 * NUMBER_MOST_BYTES];
};

struct trait_edit *trait_edit_new(void)
{
    struct trait_edit *edit = memory_new(1, sizeof *edit);
    return edit;
}

void trait_edit_free(struct trait_edit *edit) { free(edit); }

void trait_names_init(struct trait_names *names)
{
    pthread_mutex_init(&names->lock, NULL);
    names->arena = arena_new(ARENA_NO_LIMIT);
}

void trait_names_free(struct trait_names *names)
{
    pthread_mutex_destroy(&names->lock);
    arena_free(names->arena);
}

/* The place of a name, or the free place where it would be. */
static size_t find_place(struct trait_names *names, struct text name)
{
    size_t at = hash_bytes(name.at, name.length, 0) % TRAIT_PLACES;
    for (uint16_t index; (index = atomic_load_explicit(&names->places[at], memory_order_acquire)); ) {
        if (text_equal(text_of(names->names[index - 1]), name)) break;
        at = (at + 1) % TRAIT_PLACES;
    }
    return at;
}

/* False if there are as many names as may be. */
static bool name_index(struct trait_names *names, struct text name, uint32_t *ret_index)
{
    size_t at = find_place(names, name);
    uint16_t index = atomic_load_explicit(&names->places[at], memory_order_acquire);
    if (index == 0) {
        pthread_mutex_lock(&names->lock);
        at = find_place(names, name);
        index = atomic_load(&names->places[at]);
        if (index == 0 && names->n < LIVE_TRAIT_NAMES_MOST) {
            char *copy = arena_alloc(names->arena, name.length + 1, 1);
            memcpy(copy, name.at, name.length);
            names->names[names->n] = copy;
            index = (uint16_t)++names->n;
            atomic_store_explicit(&names->places[at], index, memory_order_release);
        }
        pthread_mutex_unlock(&names->lock);
    }
    if (index) *ret_index = index - 1u;
    return index != 0;
}

/* The traits of a piece one after the other. */
struct trait_walk { const unsigned char *at; uint64_t n_left; int64_t time_ms; };

static struct trait_walk trait_walk_begin(const unsigned char *piece)
{
    struct trait_walk walk = { .at = piece };
    if (piece) walk.at = number_unpack(piece, &walk.n_left);
    return walk;
}

static bool trait_walk_next(struct trait_walk *walk, struct trait_entry *ret_entry)
{
    uint64_t name, later_ms, length;
    if (walk->n_left == 0) return false;
    walk->n_left--;
    walk->at = number_unpack(walk->at, &name);
    walk->at = number_unpack(walk->at, &later_ms);
    walk->at = number_unpack(walk->at, &length);
    walk->time_ms = (int64_t)((uint64_t)walk->time_ms + (uint64_t)number_unzigzag(later_ms));
    *ret_entry = (struct trait_entry){ (uint32_t)(name >> 1), name & 1, walk->time_ms,
                                       { (const char *)walk->at, length } };
    walk->at += length;
    return true;
}

static struct text cut(struct text text)
{
    if (text.length <= LIVE_TRAIT_BYTES_MOST) return text;
    text.length = LIVE_TRAIT_BYTES_MOST;
    while (text.length > 0 && ((unsigned char)text.at[text.length] & 0xC0) == 0x80) text.length--;
    return text;
}

/* A number without leading zeros, signs of grouping or a plus, or a truth. */
static bool is_plain_number(struct text text)
{
    double number;
    if (text_equal(text, text_of("true")) || text_equal(text, text_of("false"))) return true;
    for (size_t i = 0; i < text.length; i++)
        if (!memchr("0123456789.-eE+", text.at[i], 15)) return false;
    size_t first = text.length > 0 && text.at[0] == '-';
    bool is_padded = text.length > first + 1 && text.at[first] == '0' && text.at[first + 1] != '.';
    return !is_padded && text.at[0] != '+' && text_double(text, '.', &number);
}

/* *from: where the search for a name begins, as members mostly come in the order they have. */
static void take_member(struct trait_edit *edit, struct trait_names *names, const struct property *member,
                        int64_t time_ms, size_t *from)
{
    uint32_t name;
    struct text text = cut(member->value), name_text = member->name;
    bool is_once = once_take(&name_text);
    if (is_once && text.length == 0) return;
    if (!name_index(names, name_text, &name)) { names->n_left_out++; return; }
    if (text.length > 0 && !names->is_text[name] && !is_plain_number(text)) names->is_text[name] = true;
    size_t at = edit->n;
    for (size_t n = 0; n < edit->n && at == edit->n; n++) {
        size_t i = *from + n < edit->n ? *from + n : *from + n - edit->n;
        if (edit->entries[i].name == name) at = i;
    }
    bool is_new = at == edit->n;
    const struct trait_entry *had = &edit->entries[at];
    if (!is_new && !once_outweighs(is_once, time_ms, had->is_once, had->time_ms)) return;
    size_t n_bytes = edit->n_bytes + text.length;
    if (is_new) n_bytes += ENTRY_MOST_BYTES;
    else n_bytes -= had->text.length;
    if (n_bytes > LIVE_TRAITS_BYTES_MOST || edit->n_texts + text.length > TEXTS_BYTES) {
        names->n_left_out++;
        return;
    }
    char *copy = edit->texts + edit->n_texts;
    memcpy(copy, text.at, text.length);
    edit->n_texts += text.length;
    edit->n_bytes = n_bytes;
    edit->n += is_new;
    edit->entries[at] = (struct trait_entry){ name, is_once, time_ms, { copy, text.length } };
    *from = at + 1;
}

const unsigned char *traits_take(struct trait_edit *edit, struct trait_names *names, const unsigned char *old,
                                 const struct fold_event *event, size_t *ret_n_bytes)
{
    struct trait_walk walk = trait_walk_begin(old);
    struct properties properties;
    struct property member;
    size_t from = 0;
    edit->n = edit->n_bytes = edit->n_texts = 0;
    while (trait_walk_next(&walk, &edit->entries[edit->n]))
        edit->n_bytes += ENTRY_MOST_BYTES + edit->entries[edit->n++].text.length;
    properties_begin(&properties, event->properties);
    while (properties_next(&properties, &member))
        take_member(edit, names, &member, event->time_ms, &from);
    unsigned char *to = number_pack(edit->piece, edit->n);
    int64_t time_ms = 0;
    for (size_t i = 0; i < edit->n; i++) {
        const struct trait_entry *entry = &edit->entries[i];
        to = number_pack(to, 2 * entry->name + entry->is_once);
        to = number_pack(to, number_zigzag((int64_t)((uint64_t)entry->time_ms - (uint64_t)time_ms)));
        to = number_pack(to, entry->text.length);
        memcpy(to, entry->text.at, entry->text.length);
        to += entry->text.length;
        time_ms = entry->time_ms;
    }
    *ret_n_bytes = (size_t)(to - edit->piece);
    return edit->piece;
}

/* ---- what others see ---- */

size_t      live_n_trait_names(const struct live *live)                 { return live->states->names.n; }
const char *live_trait_name(const struct live *live, size_t index)     { return live->states->names.names[index]; }

bool live_trait_is_number(const struct live *live, size_t index) { return !live->states->names.is_text[index]; }

static int compare_names(const void *a_pointer, const void *b_pointer)
{
    const struct live_trait *a = a_pointer, *b = b_pointer;
    return a->name < b->name ? -1 : a->name > b->name;
}

/* Takes an identity's traits into those of the customer, as the fold of traits merges. */
static size_t merge_traits(const unsigned char *piece, struct live_trait *traits, size_t n, size_t *place)
{
    struct trait_walk walk = trait_walk_begin(piece);
    struct trait_entry entry;
    while (trait_walk_next(&walk, &entry)) {
        size_t *at = &place[entry.name];
        const struct live_trait *had = *at ? &traits[*at - 1] : NULL;
        if (had && !once_outweighs(entry.is_once, entry.time_ms, had->is_once, had->time_ms)) continue;
        if (!had) *at = ++n;
        traits[*at - 1] = (struct live_trait){ entry.name, entry.text, (double)NAN, entry.time_ms,
                                              entry.is_once };
    }
    return n;
}

size_t live_traits(const struct live *live, uint32_t customer, struct arena *arena, struct live_trait **ret_traits)
{
    const struct states *states = live->states;
    size_t n_members, n_names = states->names.n, n = 0, kept = 0;
    const uint32_t *members = identities_members(live->identities, customer, &n_members);
    struct live_trait *traits = ARENA_ARRAY(arena, struct live_trait, n_names + 1);
    size_t *place = ARENA_ARRAY(arena, size_t, n_names + 1);
    for (size_t m = 0; m < n_members; m++) {
        const struct slot *slot = states_slot(states, members[m]);
        if (!slot || !slot->traits) continue;
        const struct slab *slab = states->slabs[log_partition(states->log, members[m])];
        n = merge_traits(slab_at(slab, slot->traits), traits, n, place);
    }
    for (size_t i = 0; i < n; i++) {
        struct live_trait trait = traits[i];
        if (trait.text.length == 0) continue;
        char *text = arena_alloc(arena, trait.text.length + 1, 1);
        memcpy(text, trait.text.at, trait.text.length);
        trait.text.at = text;
        if (!text_double(trait.text, '.', &trait.number)) trait.number = (double)NAN;
        traits[kept++] = trait;
    }
    qsort(traits, kept, sizeof *traits, compare_names);
    *ret_traits = traits;
    return kept;
}
