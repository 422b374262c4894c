/* sender.c - see sender.h. */
#include "send/send_internal.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What is read points into the tree, which the caller may free. */
static const struct yaml_node *copy_tree(const struct yaml_node *node, struct arena *arena)
{
    struct yaml_node *copy = ARENA_NEW(arena, struct yaml_node);
    const char **keys = ARENA_ARRAY(arena, const char *, node->n + 1);
    const struct yaml_node **items = ARENA_ARRAY(arena, const struct yaml_node *, node->n + 1);
    *copy = *node;
    copy->source = arena_copy(arena, node->source);
    copy->text = node->text ? arena_copy(arena, node->text) : NULL;
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == YAML_MAP) keys[i] = arena_copy(arena, node->keys[i]);
        items[i] = copy_tree(node->items[i], arena);
    }
    copy->keys = keys;
    copy->items = items;
    return copy;
}

/* Links and opens are told of, where nothing else is said. */
static bool read_tracking(const struct settings *settings, struct sending_setup *setup, struct err *err)
{
    static const char *const keys[] = { "links", "opens" };
    const struct yaml_node *section = settings_section(settings, "tracking");
    bool *const are[] = { &setup->tracks_links, &setup->tracks_opens };
    for (size_t i = 0; i < 2; i++) {
        const char *word = "true";
        if (section && (!yaml_check_keys(section, keys, 2, err) || !yaml_text(section, keys[i], &word, err)))
            return false;
        *are[i] = strcmp(word, "true") == 0;
        if (!*are[i] && strcmp(word, "false") != 0)
            return yaml_fail(yaml_find(section, keys[i]), err, "'%s': %s is true or false", word, keys[i]);
    }
    return true;
}

static bool read_setup(const struct settings *settings, struct sending_setup *ret_setup, struct err *err)
{
    struct sending_setup setup = { .arena = arena_new(ARENA_NO_LIMIT), .public_url = "" };
    const struct settings own = { settings->path ? arena_copy(setup.arena, settings->path) : NULL,
                                  settings->root ? copy_tree(settings->root, setup.arena) : NULL };
    bool ok = settings_text(&own, "public_url", &setup.public_url, err) &&
              read_tracking(&own, &setup, err) && topics_read(&own, setup.arena, &setup.topics, err) &&
              channels_read(&own, setup.arena, &setup.channels, err);
    if (ok) *ret_setup = setup;
    else arena_free(setup.arena);
    return ok;
}

static void forget_setup(struct sending_setup *setup)
{
    channels_forget(&setup->channels);
    arena_free(setup->arena);
    *setup = (struct sending_setup){ 0 };
}

/* From the scheduler's thread. */
static void ring(void *context)
{
    struct sender *sender = context;
    (void)pthread_mutex_lock(&sender->mutex);
    for (size_t i = 0; i < sender->n_lanes; i++) lane_wake(&sender->lanes[i]);
    (void)pthread_mutex_unlock(&sender->mutex);
    outbox_look_at(sender->options.outbox, NEVER_MS);       /* lanes look for themselves when the next is due */
}

/* ---- what an earlier process left ---- */

struct recovery { struct sender *sender; size_t n_unknown; };

static bool is_retried(void *context, const char *name)
{
    const struct sender *sender = context;
    const struct channel *channel = channel_find(&sender->setup.channels, text_of(name));
    return channel && channel->is_doubt_retried;
}

static bool recover(struct store *store, void *context, struct err *err)
{
    struct recovery *recovery = context;
    struct sender *sender = recovery->sender;
    return outbox_recover(sender->options.outbox, store, clock_now_ms(&sender->options.clock), is_retried, sender,
                          &recovery->n_unknown, err);
}

/* ---- lanes ---- */

static void stop_lanes(struct sender *sender)
{
    (void)pthread_mutex_lock(&sender->mutex);
    struct lane *lanes = sender->lanes;
    size_t n = sender->n_lanes;
    sender->lanes = NULL, sender->n_lanes = 0;
    (void)pthread_mutex_unlock(&sender->mutex);
    for (size_t i = 0; i < n; i++) lanes[i].is_stopping = true;
    for (size_t i = 0; i < n; i++) lane_stop(&lanes[i]);
    free(lanes);
}

static bool start_lanes(struct sender *sender, struct err *err)
{
    size_t n = sender->setup.channels.n;
    struct lane *lanes = memory_new(n + 1, sizeof *lanes);
    bool ok = true;
    size_t n_begun = 0;
    for (; ok && n_begun < n; n_begun++) {
        lanes[n_begun].sender = sender;
        lanes[n_begun].setup = &sender->setup;
        lanes[n_begun].channel = &sender->setup.channels.list[n_begun];
        ok = lane_start(&lanes[n_begun], err);
    }
    (void)pthread_mutex_lock(&sender->mutex);
    sender->lanes = lanes, sender->n_lanes = n_begun;
    (void)pthread_mutex_unlock(&sender->mutex);
    if (!ok) stop_lanes(sender);
    return ok;
}

bool sender_start(const struct sender_options *options, const struct settings *settings,
                  struct sender **ret_sender, struct err *err)
{
    struct sender *sender = memory_new(1, sizeof *sender);
    struct recovery recovery = { .sender = sender };
    sender->options = *options;
    (void)pthread_mutex_init(&sender->mutex, NULL);
    if (!read_setup(settings, &sender->setup, err) || !ingest_run(options->ingest, recover, &recovery, err)) {
        sender_stop(sender);
        return false;
    }
    outbox_sender(options->outbox, ring, sender);
    if (!start_lanes(sender, err)) {
        sender_stop(sender);
        return false;
    }
    *ret_sender = sender;
    return true;
}

void sender_stop(struct sender *sender)
{
    if (!sender) return;
    stop_lanes(sender);
    forget_setup(&sender->setup);
    (void)pthread_mutex_destroy(&sender->mutex);
    free(sender);
}

bool sender_reload(struct sender *sender, const struct settings *settings, struct err *err)
{
    struct sending_setup setup;
    if (!read_setup(settings, &setup, err)) return false;
    stop_lanes(sender);
    forget_setup(&sender->setup);
    sender->setup = setup;
    return start_lanes(sender, err);
}

struct sender_counts sender_counts(struct sender *sender)
{
    return (struct sender_counts){ sender->n_sent, sender->n_refused, sender->n_later, sender->n_unknown };
}
