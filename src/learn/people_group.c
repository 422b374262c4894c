/* people_group.c - see people_group.h. */
#include "learn/people_group.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "condition/expression.h"
#include "feature/matrix.h"
#include "feature/properties.h"

#include <string.h>

struct grouping {
    const struct log         *log;
    int64_t                   as_of_ms;
    const struct feature_set *set;
    struct matrix             matrix;
    struct arena             *arena;
};

/* One trait or condition: names of its groups, and each row's. */
struct parting { size_t n; const char *names[PEOPLE_GROUPS_MOST]; uint32_t *of; };

const char *people_next_asked(const char **rest, struct arena *arena)
{
    const char *from = *rest, *at = from;
    int depth = 0;
    char quote = 0;
    for (; *at && (depth > 0 || quote || *at != ','); at++) {
        if (quote) quote = *at == quote ? 0 : quote;
        else if (*at == '\'' || *at == '"') quote = *at;
        else depth += (*at == '(') - (*at == ')');
    }
    *rest = *at ? at + 1 : at;
    return arena_format(arena, "%.*s", (int)(at - from), from);
}

/* A trait's values as they are met, and which each identity had last. */
struct values {
    const char          *trait;
    int64_t              as_of_ms;
    struct hash_map      places;        /* hash of the text -> its number, from 1 */
    int64_t             *since_ms;      /* by identity */
    struct people_group *group;
    struct arena        *arena;
};

/* False: there are too many. */
static bool take_value(struct values *v, uint32_t identity, int64_t time_ms, struct text text)
{
    struct people_group *group = v->group;
    if (text.length == 0 || (group->of[identity] != PEOPLE_NO_GROUP && time_ms < v->since_ms[identity]))
        return true;
    uint64_t *place = hash_map_put(&v->places, hash_bytes(text.at, text.length, 0));
    if (*place == 0) {
        if (group->n_groups == PEOPLE_GROUPS_MOST) return false;
        group->names[group->n_groups++] = arena_format(v->arena, "%.*s", (int)text.length, text.at);
        *place = group->n_groups;
    }
    group->of[identity] = (uint32_t)*place - 1, v->since_ms[identity] = time_ms;
    return true;
}

static bool take_events(const struct events *events, struct values *v)
{
    struct properties properties;
    struct property property;
    for (size_t i = 0; i < events->n; i++) {
        uint32_t begin = i ? events->properties_end[i - 1] : 0;
        if (events->time_ms[i] >= v->as_of_ms || events->received_ms[i] >= v->as_of_ms) continue;
        properties_begin(&properties,
                         (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin });
        while (properties_next(&properties, &property))
            if (text_equal(property.name, text_of(v->trait)) &&
                !take_value(v, events->identity[i], events->time_ms[i], property.value))
                return false;
    }
    return true;
}

bool people_trait(const struct log *log, const char *trait, int64_t as_of_ms, struct arena *arena,
                  struct people_group *ret_group, struct err *err)
{
    size_t n = log_n_names(log, DICTIONARY_IDENTITY);
    struct people_group group = { .n = n, .names = ARENA_ARRAY(arena, const char *, PEOPLE_GROUPS_MOST),
                                  .of = ARENA_ARRAY(arena, uint32_t, n + 1) };
    struct values v = { .trait = trait, .as_of_ms = as_of_ms, .since_ms = ARENA_ARRAY(arena, int64_t, n + 1),
                        .group = &group, .arena = arena };
    struct log_reader *reader;
    struct events events;
    memset(group.of, 0xff, (n + 1) * sizeof *group.of);
    if (!log_reader_open(log, &reader, err)) return false;
    bool ok = true;
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        ok = log_read(reader, p, LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_PROPERTIES, scratch, &events, err);
        if (ok && !take_events(&events, &v))
            ok = err_set(err, ERR_INVALID, "%s has more than %d values: give groups, such as \"%s >= 60\"", trait,
                         PEOPLE_GROUPS_MOST, trait);
        arena_free(scratch);
    }
    log_reader_close(reader);
    hash_map_free(&v.places);
    *ret_group = group;
    return ok;
}

/* parting->n 0: nobody has such a trait. */
static bool by_trait(const struct grouping *g, const char *trait, struct parting *ret, struct err *err)
{
    struct people_group group;
    if (!people_trait(g->log, trait, g->as_of_ms, g->arena, &group, err)) return false;
    ret->n = group.n_groups;
    memcpy(ret->names, group.names, group.n_groups * sizeof *group.names);
    for (size_t i = 0; i < g->matrix.n_rows; i++) ret->of[i] = group.of[g->matrix.identity[i]];
    return true;
}

static bool by_condition(const struct grouping *g, const char *sql, struct parting *ret, struct err *err)
{
    struct expression *expression;
    bool *is = ARENA_ARRAY(g->arena, bool, g->matrix.n_rows + 1);
    if (!expression_compile(sql, feature_names(g->set), feature_set_size(g->set), &expression, err)) return false;
    bool ok = expression_test(expression, g->matrix.values, g->matrix.n_rows, is, err);
    expression_free(expression);
    ret->n = 2, ret->names[0] = "0", ret->names[1] = "1";
    for (size_t i = 0; i < g->matrix.n_rows; i++) ret->of[i] = is[i];
    return ok;
}

/* The groups so far, each parted by one thing more. */
static bool cross(struct parting *all, const struct parting *by, size_t n_rows, struct arena *arena,
                  struct err *err)
{
    const char *names[PEOPLE_GROUPS_MOST];
    if (all->n == 0) {
        uint32_t *of = all->of;
        memcpy(of, by->of, n_rows * sizeof *of);
        *all = *by, all->of = of;
        return true;
    }
    if (all->n * by->n > PEOPLE_GROUPS_MOST)
        return err_set(err, ERR_INVALID, "these make %zu groups, more than %d", all->n * by->n,
                       PEOPLE_GROUPS_MOST);
    for (size_t a = 0; a < all->n; a++)
        for (size_t b = 0; b < by->n; b++)
            names[a * by->n + b] = arena_format(arena, "%s, %s", all->names[a], by->names[b]);
    for (size_t i = 0; i < n_rows; i++)
        all->of[i] = all->of[i] == PEOPLE_NO_GROUP || by->of[i] == PEOPLE_NO_GROUP
                         ? PEOPLE_NO_GROUP
                         : (uint32_t)(all->of[i] * by->n + by->of[i]);
    all->n *= by->n;
    memcpy(all->names, names, all->n * sizeof *names);
    return true;
}

/* Only groups that somebody is in, and by identity. */
static void settle(const struct grouping *g, const struct log *log, const struct parting *all,
                   struct people_group *ret)
{
    uint32_t place[PEOPLE_GROUPS_MOST] = { 0 };
    bool has[PEOPLE_GROUPS_MOST] = { false };
    *ret = (struct people_group){ .n = log_n_names(log, DICTIONARY_IDENTITY),
                                  .names = ARENA_ARRAY(g->arena, const char *, PEOPLE_GROUPS_MOST) };
    ret->of = ARENA_ARRAY(g->arena, uint32_t, ret->n + 1);
    memset(ret->of, 0xff, (ret->n + 1) * sizeof *ret->of);
    for (size_t i = 0; i < g->matrix.n_rows; i++)
        if (all->of[i] != PEOPLE_NO_GROUP) has[all->of[i]] = true;
    for (size_t k = 0; k < all->n; k++)
        if (has[k]) place[k] = (uint32_t)ret->n_groups, ret->names[ret->n_groups++] = all->names[k];
    for (size_t i = 0; i < g->matrix.n_rows; i++)
        if (all->of[i] != PEOPLE_NO_GROUP) ret->of[g->matrix.identity[i]] = place[all->of[i]];
}

bool people_group(const struct log *log, const char *asked, int64_t as_of_ms, unsigned n_threads,
                  struct arena *arena, struct people_group *ret_group, struct err *err)
{
    const struct feature_options options = { .n_threads = n_threads };
    struct feature_set *set;
    struct grouping g = { .log = log, .as_of_ms = as_of_ms, .arena = arena };
    size_t n_traits = 0;
    if (!feature_set_generate(log, &options, arena, &set, err) ||
        !matrix_score(log, set, NULL, as_of_ms, n_threads, arena, &g.matrix, err))
        return false;
    g.set = set;
    struct parting *all = ARENA_NEW(arena, struct parting), *by = ARENA_NEW(arena, struct parting);
    all->of = ARENA_ARRAY(arena, uint32_t, g.matrix.n_rows + 1);
    by->of = ARENA_ARRAY(arena, uint32_t, g.matrix.n_rows + 1);
    for (const char *rest = asked; *rest;) {
        const char *one = people_next_asked(&rest, arena);
        if (n_traits++ == PEOPLE_TRAITS_MOST)
            return err_set(err, ERR_INVALID, "at most %d traits are crossed", PEOPLE_TRAITS_MOST);
        if (!by_trait(&g, one, by, err) || (by->n == 0 && !by_condition(&g, one, by, err)))
            return err_context(err, "group %s", one);
        if (!cross(all, by, g.matrix.n_rows, arena, err)) return err_context(err, "group %s", asked);
    }
    settle(&g, log, all, ret_group);
    return true;
}
