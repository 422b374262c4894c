/* quiet_page.c - see quiet_page.h. */
#include "govern/quiet_page.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLACES = 32, ASKED_LEAST = 5, ASKED_LEAST_MS = 60000 };

struct quiet_pages {
    pthread_mutex_t   mutex;
    struct quiet_page places[PLACES];   /* n_asked 0: free */
};

struct quiet_pages *quiet_pages_new(void)
{
    struct quiet_pages *pages = memory_new(1, sizeof *pages);
    pthread_mutex_init(&pages->mutex, NULL);
    return pages;
}

void quiet_pages_free(struct quiet_pages *pages)
{
    if (!pages) return;
    pthread_mutex_destroy(&pages->mutex);
    free(pages);
}

static bool is_quiet(const struct quiet_page *page)
{
    return page->n_asked >= ASKED_LEAST && page->last_ms - page->since_ms >= ASKED_LEAST_MS;
}

/* With the mutex: the place of the key; else one that is free, or of who asked longest ago. */
static struct quiet_page *place_of(struct quiet_pages *pages, int64_t key)
{
    struct quiet_page *place = &pages->places[0];
    for (size_t i = 0; i < PLACES; i++) {
        struct quiet_page *one = &pages->places[i];
        if (one->n_asked > 0 && one->key == key) return one;
        if (place->n_asked > 0 && (one->n_asked == 0 || one->last_ms < place->last_ms)) place = one;
    }
    *place = (struct quiet_page){ .key = key };
    return place;
}

bool quiet_pages_asked(struct quiet_pages *pages, const struct access_grant *grant, int64_t now_ms,
                       struct quiet_page *ret_page)
{
    pthread_mutex_lock(&pages->mutex);
    struct quiet_page *place = place_of(pages, grant->id);
    if (place->n_asked++ == 0) place->since_ms = now_ms;
    place->last_ms = now_ms;
    snprintf(place->name, sizeof place->name, "%s", grant->name);
    *ret_page = *place;
    pthread_mutex_unlock(&pages->mutex);
    return is_quiet(ret_page);
}

void quiet_pages_sent(struct quiet_pages *pages, int64_t key)
{
    pthread_mutex_lock(&pages->mutex);
    for (size_t i = 0; i < PLACES; i++)
        if (pages->places[i].key == key) pages->places[i].n_asked = 0;
    pthread_mutex_unlock(&pages->mutex);
}

size_t quiet_pages_list(struct quiet_pages *pages, struct arena *arena, struct quiet_page **ret_pages)
{
    struct quiet_page *list = ARENA_ARRAY(arena, struct quiet_page, PLACES);
    size_t n = 0;
    pthread_mutex_lock(&pages->mutex);
    for (size_t i = 0; i < PLACES; i++)
        if (is_quiet(&pages->places[i])) list[n++] = pages->places[i];
    pthread_mutex_unlock(&pages->mutex);
    *ret_pages = list;
    return n;
}
