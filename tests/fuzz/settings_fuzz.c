/* settings_fuzz.c - any bytes as holdfast.yaml and as a file of questions: each room reads its section or says what is
 * wrong, never a crash; what was read keeps its bounds. */
#include "channel/channel.h"
#include "customer/topic.h"
#include "decide/bandit_rule.h"
#include "engine/retaining.h"
#include "feature/question.h"
#include "journey/contact.h"
#include "learn/model_card.h"
#include "learn/recommend_rules.h"
#include "log/log.h"
#include "warehouse/warehouse_settings.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void said(bool ok, const struct err *err) { assert(ok || err->text[0]); }

static void read_rules_of_contact(const struct settings *settings, struct arena *arena)
{
    struct err err;
    struct topics topics;
    struct contact_rules rules;
    struct channels channels = { 0 };
    struct retention retention;
    said(topics_read(settings, arena, &topics, &err), &err);
    bool ok = contact_rules_read(settings, arena, &rules, &err);
    said(ok, &err);
    if (ok) assert(rules.holdout_share >= 0 && rules.holdout_share <= 1 && rules.costs.margin <= 1);
    ok = channels_read(settings, arena, &channels, &err);
    said(ok, &err);
    if (ok) channels_forget(&channels);
    ok = retention_read(settings, &retention, &err);
    said(ok, &err);
    if (ok) assert(retention.customers_days >= 0 && retention.messages_days >= 0 && retention.rejects_days >= 0);
}

static void read_rules_of_choice(const struct settings *settings, struct arena *arena)
{
    struct err err;
    struct bandit_rule *bandits;
    size_t n_bandits;
    struct card_terms terms;
    struct recommend_rules rules;
    struct warehouse_settings warehouse;
    bool ok = bandit_rules_read(settings, arena, &bandits, &n_bandits, &err);
    said(ok, &err);
    for (size_t i = 0; ok && i < n_bandits; i++)
        assert(bandits[i].n_arms <= DECISION_MOST_CANDIDATES && bandits[i].floor >= 0 && bandits[i].floor <= 1);
    said(card_terms_read(settings, arena, &terms, &err), &err);
    ok = recommend_rules_read(settings_section(settings, "recommend"), arena, &rules, &err);
    said(ok, &err);
    if (ok) assert(rules.explore >= 0 && rules.explore <= 1 && rules.n_weights <= INTERACTION_KINDS_MOST);
    ok = warehouse_settings_read(settings, arena, &warehouse, &err);
    said(ok, &err);
    if (ok) assert(warehouse.n_shards > 0 && warehouse.n_shards <= WAREHOUSE_SHARDS_MOST && warehouse.patience_ms > 0);
}

static void read_question(const char *path, const struct yaml_node *list, struct arena *arena)
{
    const struct yaml_node *node = NULL;
    struct err err;
    struct question question;
    static struct store *store;     /* an empty one for all inputs: making it takes longest */
    static struct log *log;
    const struct question_options options = { .last_ms = 1 };
    bool ok = log || (store_open(":memory:", STORE_CREATE, &store, &err) && log_open(store, &log, &err));
    assert(ok);
    said(question_read_yaml(path, log, &options, arena, &question, &err), &err);
    if (list) said(question_find(list, NULL, arena, &node, &err), &err);
    if (node) said(question_read_node(node, log, &options, arena, &question, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct settings settings;
    struct err err;
    char path[40];
    int fd = memfd_create("settings_fuzz", 0);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool ok = settings_read(path, arena, &settings, &err);
    said(ok, &err);
    if (ok) {
        read_rules_of_contact(&settings, arena);
        read_rules_of_choice(&settings, arena);
    }
    read_question(path, ok ? settings_section(&settings, "questions") : NULL, arena);
    close(fd);
    arena_free(arena);
    return 0;
}
