/* kept.c - see kept.h. A table of a few places, looked through from the first: there is never much in it. */
#include "hub/kept.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 64,
    BODY_MOST = 1 << 20,
    NEW_TIMES = 20, NEW_LEAST_MS = 2000, NEW_MOST_MS = 60000,
    OLD_MOST_MS = 15 * 60000,
    ASKED_MOST_MS = 12 * 3600000,       /* not asked for longer: not worked out anew by itself */
    SELF_TIMES = 100, SELF_LEAST_MS = 5 * 60000, SELF_MOST_MS = 10 * 60000,
    LOOKED_AT_MS = 10 * 60000           /* asked for within: worked out anew after an act, by itself */
};

struct place {
    char    *key, *body;                /* key NULL: free */
    int64_t  made_ms, took_ms, asked_ms;
    uint64_t acts;
    bool     hangs_on_acts;             /* behind once there are more acts */
    bool     is_due, is_making;
};

struct kept {
    pthread_mutex_t mutex;
    struct place    places[PLACES];
};

struct kept *kept_new(void)
{
    struct kept *kept = memory_new(1, sizeof *kept);
    pthread_mutex_init(&kept->mutex, NULL);
    return kept;
}

static void empty(struct place *place)
{
    free(place->key);
    free(place->body);
    *place = (struct place){ 0 };
}

void kept_free(struct kept *kept)
{
    if (!kept) return;
    for (size_t i = 0; i < PLACES; i++) empty(&kept->places[i]);
    pthread_mutex_destroy(&kept->mutex);
    free(kept);
}

/* With the mutex. */
static struct place *find(struct kept *kept, struct text key)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct place *place = &kept->places[i];
        if (place->key && text_equal(text_of(place->key), key)) return place;
    }
    return NULL;
}

static int64_t between(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static bool knows_acts(const struct place *place, uint64_t acts)
{
    return !place->hangs_on_acts || place->acts == acts;
}

/* Older than it is new. */
static bool is_old(const struct place *place, int64_t now_ms)
{
    return now_ms - place->made_ms > between(NEW_TIMES * place->took_ms, NEW_LEAST_MS, NEW_MOST_MS);
}

/* For how long it has been behind, at most: who did something may have done it when it had just been made.  0: it is not. */
static int64_t behind_ms(const struct place *place, uint64_t acts, int64_t now_ms)
{
    int64_t age_ms = now_ms - place->made_ms;
    if (!knows_acts(place, acts)) return age_ms > 0 ? age_ms : 1;
    return age_ms >= OLD_MOST_MS ? age_ms - OLD_MOST_MS + 1 : 0;
}

bool kept_find(struct kept *kept, struct text key, uint64_t acts, int64_t behind_most_ms, int64_t now_ms,
               struct arena *arena, struct kept_answer *ret_answer)
{
    pthread_mutex_lock(&kept->mutex);
    struct place *place = find(kept, key);
    int64_t behind = place ? behind_ms(place, acts, now_ms) : 0;
    bool is_behind = behind > 0, is_given = place && now_ms >= place->made_ms && behind <= behind_most_ms;
    if (place) place->asked_ms = now_ms;
    if (is_given) {
        *ret_answer = (struct kept_answer){ text_of(arena_copy(arena, place->body)), place->made_ms, is_behind };
        if (is_behind || is_old(place, now_ms)) place->is_due = true;
    }
    pthread_mutex_unlock(&kept->mutex);
    return is_given;
}

/* With the mutex: one that is free, or the one that was not asked for longest. */
static struct place *make_room(struct kept *kept)
{
    struct place *oldest = &kept->places[0];
    for (size_t i = 0; i < PLACES; i++) {
        if (!kept->places[i].key) return &kept->places[i];
        if (kept->places[i].asked_ms < oldest->asked_ms) oldest = &kept->places[i];
    }
    empty(oldest);
    return oldest;
}

static char *duplicate(struct text text)
{
    char *copied = memory_new(text.length + 1, 1);
    memcpy(copied, text.at, text.length);
    return copied;
}

void kept_put(struct kept *kept, struct text key, struct text body, int64_t took_ms, int64_t now_ms,
              bool hangs_on_acts, uint64_t acts)
{
    pthread_mutex_lock(&kept->mutex);
    struct place *place = find(kept, key);
    if (body.length > BODY_MOST) {
        if (place) empty(place);
    } else {
        int64_t asked_ms = place ? place->asked_ms : now_ms;
        if (place) empty(place);
        else place = make_room(kept);
        *place = (struct place){ .key = duplicate(key), .body = duplicate(body), .made_ms = now_ms,
                                 .took_ms = took_ms, .asked_ms = asked_ms, .acts = acts,
                                 .hangs_on_acts = hangs_on_acts };
    }
    pthread_mutex_unlock(&kept->mutex);
}

size_t kept_n(struct kept *kept)
{
    size_t n = 0;
    pthread_mutex_lock(&kept->mutex);
    for (size_t i = 0; i < PLACES; i++) n += kept->places[i].key != NULL;
    pthread_mutex_unlock(&kept->mutex);
    return n;
}

void kept_drop(struct kept *kept, struct text key)
{
    pthread_mutex_lock(&kept->mutex);
    struct place *place = find(kept, key);
    if (place) empty(place);
    pthread_mutex_unlock(&kept->mutex);
}

/* Whether nobody need ask for it to be worked out anew. */
static bool is_due_by_itself(const struct place *place, uint64_t acts, int64_t now_ms)
{
    int64_t every_ms = between(SELF_TIMES * place->took_ms, SELF_LEAST_MS, SELF_MOST_MS);
    int64_t asked_before_ms = now_ms - place->asked_ms;
    if (!knows_acts(place, acts) && asked_before_ms < LOOKED_AT_MS && is_old(place, now_ms)) return true;
    return asked_before_ms < ASKED_MOST_MS && now_ms - place->made_ms > every_ms;
}

bool kept_due(struct kept *kept, uint64_t acts, int64_t now_ms, struct arena *arena, struct text *ret_key)
{
    struct place *due = NULL;
    pthread_mutex_lock(&kept->mutex);
    for (size_t i = 0; i < PLACES && !due; i++) {
        struct place *place = &kept->places[i];
        if (place->key && !place->is_making && (place->is_due || is_due_by_itself(place, acts, now_ms))) due = place;
    }
    if (due) {
        due->is_due = false, due->is_making = true;
        *ret_key = text_of(arena_copy(arena, due->key));
    }
    pthread_mutex_unlock(&kept->mutex);
    return due != NULL;
}
