/* building_names.c - the texts of a file become numbers of the log's dictionaries; see building_internal.h. */
#include "table/building_internal.h"

#include "base/parallel.h"
#include "customer/consent.h"
#include "customer/profile.h"
#include "intake/commerce.h"
#include "base/number.h"
#include "customer/encoding.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Calls put for every spelling of a list, of all threads, in the order of the file. */
static bool each_spelling(const struct reading *reading, enum spelling_list list,
                          bool (*put)(void *context, unsigned thread, uint32_t index, struct err *err),
                          void *context, struct err *err)
{
    size_t next[READING_THREADS_MAX] = { 0 };
    for (;;) {
        unsigned best = READING_THREADS_MAX;
        for (unsigned t = 0; t < reading->n_threads; t++) {
            const struct spellings *s = &reading->threads[t].spellings[list];
            if (next[t] == s->n) continue;
            if (best == READING_THREADS_MAX ||
                s->list[next[t]].first < reading->threads[best].spellings[list].list[next[best]].first)
                best = t;
        }
        if (best == READING_THREADS_MAX) return true;
        if (!put(context, best, (uint32_t)next[best]++, err)) return false;
    }
}

struct merge {
    struct build *build;
    enum spelling_list list;
    enum dictionary dictionary;
    struct dictionary_map *map;
};

static bool put_name(void *context, unsigned thread, uint32_t index, struct err *err)
{
    struct merge *merge = context;
    const struct building *building = merge->build->building;
    const struct spelling *spelling = &building->reading->threads[thread].spellings[merge->list].list[index];
    struct text text = { spelling->at, spelling->length };
    if (merge->dictionary == DICTIONARY_KIND) text = commerce_kind(text);       /* as of live messages */
    return log_intern(building->log, merge->dictionary, text, &merge->map->of[thread][index], err);
}

static void map_init(struct build *build, enum spelling_list list, struct dictionary_map *map)
{
    const struct reading *reading = build->building->reading;
    for (unsigned t = 0; t < reading->n_threads; t++)
        map->of[t] = ARENA_ARRAY(build->building->arena, uint32_t, reading->threads[t].spellings[list].n + 1);
}

static bool merge_names(struct build *build, enum spelling_list list, enum dictionary dictionary,
                        struct dictionary_map *map, struct err *err)
{
    struct merge merge = { build, list, dictionary, map };
    map_init(build, list, map);
    return each_spelling(build->building->reading, list, put_name, &merge, err);
}

void building_number_customers(void *context, size_t item, unsigned thread)
{
    struct build *build = context;
    const struct reading *reading = build->building->reading;
    struct spellings *customers = &build->customers[item];
    spellings_init(customers, false, build->building->arenas[thread]);
    for (size_t b = 0; b < reading->n_blocks; b++) {
        struct block *block = reading->blocks[b];
        uint32_t from = block->customer_begins[item], end;
        for (uint32_t i = block->begins[item]; i < block->begins[item + 1]; i++, from = end) {
            end = block->customer[i];
            struct text customer = { block->customer_bytes + from, end - from };
            block->customer[i] = spellings_put(customers, customer, spelling_hash(customer), i)->number - 1;
        }
    }
}

static bool merge_customers(struct build *build, struct err *err)
{
    struct building *building = build->building;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        const struct spellings *customers = &build->customers[p];
        build->identities[p] = ARENA_ARRAY(building->arena, uint32_t, customers->n + 1);
        for (size_t i = 0; i < customers->n; i++) {
            struct text customer = { customers->list[i].at, customers->list[i].length };
            uint32_t *identity = &build->identities[p][i];
            if (!log_intern(building->log, DICTIONARY_IDENTITY, customer, identity, err)) return false;
            assert(*identity == 0 || log_partition(building->log, *identity) == p);
            building->customers += *identity != 0;
        }
    }
    return true;
}

struct traits_merge { struct build *build; struct spellings all; };

static bool put_traits(void *context, unsigned thread, uint32_t index, struct err *err)
{
    (void)err;
    struct traits_merge *merge = context;
    const struct spellings *list = &merge->build->building->reading->threads[thread].spellings[SPELL_TRAITS];
    struct text key = text_of(list->keys[index]);
    merge->build->traits.of[thread][index] = spellings_put(&merge->all, key, spelling_hash(key), 0)->number -
                                             1;
    return true;
}

/* Which of a customer's columns: attributes, the label among them, that are so from their row on, or those of the
 * last day; properties of the row's own event; or personal members. */
enum trait_part { TRAITS_OF_ROW, TRAITS_OF_LAST_DAY, TRAITS_OF_EVENT, TRAITS_PERSONAL };

/* A telephone number is no number. */
static json_t *value_json(const struct column *column, bool is_text, char decimal, bool is_latin1,
                          struct text text, struct arena *arena)
{
    int64_t whole;
    double number;
    if (!is_text && column->kind == KIND_NUMBER && column->is_integer && text_int64(text, &whole))
        return json_integer(whole);
    if (!is_text && column->kind == KIND_NUMBER && number_double(text, decimal, &number)) return json_real(number);
    if (!probe_utf8(is_latin1, text, arena, &text)) text = encoding_from_latin1(arena, text);
    return json_stringn(text.at, text.length);
}

static enum trait_part part_of(const struct mapping *mapping, size_t column)
{
    if (mapping->roles[column] == ROLE_PERSONAL) return TRAITS_PERSONAL;
    if (mapping->roles[column] == ROLE_PROPERTY) return TRAITS_OF_EVENT;
    return mapping->is_snapshot[column] ? TRAITS_OF_LAST_DAY : TRAITS_OF_ROW;
}

/* {"Country":"France","Age":31}: the values of that part; values are those of all attributes, or of the personal
 * members, each ended by end, in the file's order.  Missing ones are left out; columns of numbers give numbers. */
static const char *trait_json(const struct mapping *mapping, enum trait_part part, bool is_latin1, const char *values,
                       char end, struct arena *arena)
{
    json_t *object = json_object();
    bool is_personal = part == TRAITS_PERSONAL;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!role_is_attribute(mapping->roles[c], is_personal)) continue;
        const char *stop = strchr(values, end);
        if (!stop) break;
        struct text text = { values, (size_t)(stop - values) };
        const struct column *column = &mapping->columns[c];
        bool is_filled = mapping->is_label_filled && mapping->roles[c] == ROLE_TARGET;
        if (is_filled && part == TRAITS_OF_ROW)
            json_object_set_new(object, mapping->members[c], json_string(probe_is_missing(text) ? "no" : "yes"));
        else if (!probe_is_missing(text) && part_of(mapping, c) == part)
            json_object_set_new(object, mapping->members[c],
                                value_json(column, is_personal, mapping->decimal, is_latin1, text, arena));
        values = stop + 1;
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    const char *copy = arena_copy(arena, text ? text : "{}");
    free(text);
    json_decref(object);
    return copy;
}

enum { TRAITS_AT_ONCE = 1024 };
struct traits_job { struct build *build; const char *const *keys; size_t n; };

static void write_traits(void *context, size_t item, unsigned thread)
{
    const struct traits_job *job = context;
    const struct reading *reading = job->build->building->reading;
    struct arena *arena = job->build->building->arenas[thread];
    for (size_t i = item * TRAITS_AT_ONCE; i < job->n && i < (item + 1) * TRAITS_AT_ONCE; i++) {
        job->build->traits_json[i] = trait_json(reading->mapping, TRAITS_OF_ROW, reading->probe->is_latin1,
                                                job->keys[i], READING_TRAIT_END, arena);
        job->build->last_day_json[i] = trait_json(reading->mapping, TRAITS_OF_LAST_DAY, reading->probe->is_latin1,
                                                  job->keys[i], READING_TRAIT_END, arena);
        job->build->event_json[i] = trait_json(reading->mapping, TRAITS_OF_EVENT, reading->probe->is_latin1,
                                               job->keys[i], READING_TRAIT_END, arena);
    }
}

void building_merge_traits(struct build *build)
{
    struct building *building = build->building;
    const struct reading *reading = building->reading;
    struct traits_merge merge = { .build = build };
    map_init(build, SPELL_TRAITS, &build->traits);
    spellings_init(&merge.all, reading->probe->is_latin1, building->arena);
    struct err none;
    bool ok = each_spelling(reading, SPELL_TRAITS, put_traits, &merge, &none);
    assert(ok);
    build->traits_json = ARENA_ARRAY(building->arena, const char *, merge.all.n + 1);
    build->last_day_json = ARENA_ARRAY(building->arena, const char *, merge.all.n + 1);
    build->event_json = ARENA_ARRAY(building->arena, const char *, merge.all.n + 1);
    struct traits_job job = { build, merge.all.keys, merge.all.n };
    parallel_for(reading->n_threads, (merge.all.n + TRAITS_AT_ONCE - 1) / TRAITS_AT_ONCE, write_traits, &job);
    build->last_traits = ARENA_ARRAY(building->arena, uint32_t, building->n_identities + 1);
    spellings_free(&merge.all);
}

/* The number of a kind, 0 if the log has none of it and none comes. */
static bool merge_kind(struct build *build, const char *name, bool is_used, uint16_t *ret_kind, struct err *err)
{
    uint32_t kind = 0;
    if (!log_find(build->building->log, DICTIONARY_KIND, text_of(name), &kind) && is_used &&
        !log_intern(build->building->log, DICTIONARY_KIND, text_of(name), &kind, err))
        return false;
    *ret_kind = (uint16_t)kind;
    return true;
}

/* The kinds of events that the file can give; only those, because a kind once there is shown to people. */
static bool merge_fixed_kinds(struct build *build, struct err *err)
{
    const struct reading *reading = build->building->reading;
    const struct mapping *mapping = reading->mapping;
    bool is_orders = mapping->shape == SHAPE_ORDER_LINES, has_lines = is_orders && mapping->has_lines;
    if (!merge_kind(build, "traits", true, &build->traits_kind, err)) return false;
    if (!is_orders && !mapping->event_kind) return true;
    if (!is_orders)
        return merge_kind(build, commerce_kind(text_of(mapping->event_kind)).at, true, &build->event_kind, err) &&
               merge_kind(build, "order", mapping->has_orders_among, &build->order_kinds[STATUS_SALE], err);
    for (int s = 0; s < STATUSES; s++) {
        enum status status = (enum status)s;
        bool is_used = status == STATUS_SALE || reading->counts.statuses[s] > 0;
        if (!merge_kind(build, status_kind(status), is_used, &build->order_kinds[s], err) ||
            !merge_kind(build, status_item_kind(status), is_used && has_lines, &build->item_kinds[s], err))
            return false;
    }
    bool is_correcting = mapping_has_order(mapping) && build->is_stored;
    return merge_kind(build, "refund", true, &build->refund_kind, err) &&
           merge_kind(build, "refund_item", has_lines, &build->refund_item_kind, err) &&
           merge_kind(build, LOG_CORRECTION, is_correcting, &build->correction_kind, err);
}

bool building_merge_names(struct build *build, struct err *err)
{
    struct building *building = build->building;
    if (!merge_fixed_kinds(build, err)) return false;
    uint32_t source;
    if (!log_intern(building->log, DICTIONARY_SOURCE, text_of(building->source), &source, err)) return false;
    build->source = (uint16_t)source;
    if (!merge_customers(build, err)) return false;
    if (!merge_names(build, SPELL_ITEM, DICTIONARY_ITEM, &build->items, err)) return false;
    return merge_names(build, SPELL_EVENT, DICTIONARY_KIND, &build->kinds, err);
}

/* "offers, news, -partners": what was agreed to, and after a minus what was refused, as a statement. */
static const char *statements_of(const char *words, struct arena *arena)
{
    json_t *statements = json_object();
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ,;");
        bool is_no = *at == '-';
        if (length > (size_t)is_no)
            json_object_set_new(statements, arena_format(arena, "%.*s", (int)(length - is_no), at + is_no), json_boolean(!is_no));
        at += length + (at[length] != '\0');
    }
    char *text = json_dumps(statements, JSON_COMPACT);
    const char *copy = arena_copy(arena, text);
    free(text);
    json_decref(statements);
    return copy;
}

/* What a column `consent` says is a statement like any other, not a thing to be sealed. */
struct stated { struct identities *identities; struct consents *consents; };

static bool keep_consent(struct building *building, struct stated *stated, uint32_t identity, const char **json,
                         int64_t time_ms, struct arena *arena, struct err *err)
{
    struct reading *reading = building->reading;
    json_t *members = json_loads(*json, 0, NULL);
    const char *words = json_string_value(json_object_get(members, "consent"));
    bool ok = true;
    if (words) {
        const char *statements = statements_of(words, arena);
        if (!stated->consents)
            ok = reading_has_key(reading, err) && identities_open(reading->store, building->log, &stated->identities, err) &&
                 consents_open(reading->store, building->log, stated->identities, profiles_vault(reading->profiles),
                               &stated->consents, err);
        ok = ok && consents_put(stated->consents, reading->store, log_name(building->log, DICTIONARY_IDENTITY, identity),
                                text_of(statements), time_ms, text_of("import"), text_of(building->source), err);
        json_object_del(members, "consent");
        char *rest = json_dumps(members, JSON_COMPACT | JSON_REAL_PRECISION(15));
        *json = arena_copy(arena, rest);
        free(rest);
    }
    json_decref(members);
    return ok;
}

bool building_keep_personal(struct building *building, struct err *err)
{
    const struct reading *reading = building->reading;
    size_t n = building->personal ? building->n_identities : 0;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct stated stated = { NULL, NULL };
    bool ok = true;
    for (size_t i = 1; ok && i < n; i++) {
        const struct personal_members *members = &building->personal[i];
        if (!members->values) continue;
        const char *json = trait_json(reading->mapping, TRAITS_PERSONAL, reading->probe->is_latin1,
                                      members->values, READING_TRAIT_END, arena);
        if (strstr(json, "\"consent\"")) ok = keep_consent(building, &stated, (uint32_t)i, &json, members->time_ms, arena, err);
        if (ok && strcmp(json, "{}") != 0)
            ok = reading_seal(building->reading, (uint32_t)i, json, members->time_ms, err);
        arena_reset(arena);
    }
    consents_close(stated.consents);
    identities_close(stated.identities);
    arena_free(arena);
    return ok;
}
