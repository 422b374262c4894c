/* recommender_store.c - see recommender_store.h. */
#include "learn/recommender_store.h"

#include "feature/operator.h"
#include "learn/people_group.h"
#include "base/bytes.h"
#include "store/sql.h"
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static void index_items(struct kept_recommender *kept)
{
    size_t n_items = kept->recommender.n_items;
    hash_map_clear(&kept->item_of_hash, n_items);
    for (size_t i = 0; i < n_items; i++)
        *hash_map_put(&kept->item_of_hash, item_hash_of(kept->item_names[i])) = i + 1;
}

static bool has_kind(const struct kept_recommender *kept, const char *kind)
{
    for (size_t k = 0; k < kept->n_kinds; k++)
        if (strcmp(kept->kinds[k].kind, kind) == 0) return true;
    return false;
}

static void add_kinds(struct kept_recommender *kept, const struct interaction_log *items)
{
    memcpy(kept->kinds, items->kinds, items->n_kinds * sizeof *items->kinds);
    kept->n_kinds = items->n_kinds;
    for (size_t k = 0; k < items->n_kinds && kept->n_kinds < INTERACTION_KINDS_MOST; k++) {
        const char *back = interaction_taken_back_by(items->kinds[k].kind);
        if (back && !has_kind(kept, back)) kept->kinds[kept->n_kinds++] = (struct kind_weight){ back, -1 };
    }
}

static void describe_items(struct kept_recommender *kept, const struct interaction_log *items,
                           const struct recommender_source *source, struct arena *arena)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse matrix = interactions_matrix(&items->had, SATURATION_ONCE, scratch);
    struct sparse turned = sparse_turn(&matrix, scratch);
    struct recommender repeats;
    kept->also = also_find_all(&matrix, &turned, source->n_threads, arena);
    kept->n_all_customers = also_customers(&matrix);
    kept->n_customers = ARENA_ARRAY(arena, uint32_t, turned.n_rows + 1);
    for (size_t i = 0; i < turned.n_rows; i++)
        kept->n_customers[i] = (uint32_t)(turned.first[i + 1] - turned.first[i]);
    repeats_fit(source, 0, true, arena, &repeats);
    kept->gap_days = repeats.repeating.gap_days;
    arena_free(scratch);
}

/* Neighbours of an item that a basket and what is like it are found by. */
enum { BESIDE_MOST = 50 };

bool recommender_make(const struct log *log, const struct recommending_options *options,
                      const struct recommending *judged, struct arena *arena, struct kept_recommender *ret_kept,
                      struct err *err)
{
    struct kept_recommender kept = { .question = options->question, .as_of_ms = options->reading.as_of_ms };
    struct interaction_log *items = ARENA_NEW(arena, struct interaction_log);
    struct catalogue catalogue;
    if (!recommending_fit(log, options, judged, arena, items, &catalogue, &kept.recommender, err)) return false;
    struct recommender_source source = { &items->had, NULL, options->reading.as_of_ms, options->seed,
                                         options->n_threads ? options->n_threads : 1, 0 };
    struct recommender popular = { .form = FORM_POPULARITY, .half_life_days = items->has_times ? 30 : 0 };
    if (judged) popular = judged->board.leaders[judged->board.popular].recommender;
    recommender_refit(&popular, &source, arena, &kept.popular);
    cosine_fit(&source, SATURATION_ONCE, 10, BESIDE_MOST, arena, &kept.beside);
    struct local_task local = local_task_of(options, items, options->reading.as_of_ms);
    local.popular = &kept.popular;
    if (!local_popularity_fit(log, &local, judged ? judged->local.trait : NULL, arena, &kept.local, err))
        return false;
    kept.learned_from = items;
    kept.item_names = items->item_names;
    describe_items(&kept, items, &source, arena);
    add_kinds(&kept, items);
    json_t *board = judged ? recommending_json(judged) : json_object();
    char *text = json_dumps(board, JSON_COMPACT);
    kept.board = arena_copy(arena, text ? text : "{}");
    free(text);
    json_decref(board);
    index_items(&kept);
    *ret_kept = kept;
    return true;
}

/* ---- as bytes ---- */

enum { VERSION = 3, ITEMS_LARGEST = 100 * 1000 * 1000, NAME_LONGEST = 4096 };

static void write_recommender(struct bytes_writer *writer, const struct recommender *recommender)
{
    size_t n = recommender->n_items;
    write_text(writer, recommender->name);
    write_u32(writer, (uint32_t)recommender->form);
    write_u32(writer, (uint32_t)recommender->saturation);
    write_f64(writer, recommender->half_life_days);
    write_f64(writer, recommender->popularity_power);
    write_f64(writer, recommender->setting);
    write_f64(writer, (double)recommender->repeating.half_life_days);
    write_u32(writer, recommender->repeating.is_timed);
    write_f32s(writer, recommender->popularity, n);
    const struct neighbours *neighbours = &recommender->neighbours;
    for (size_t i = 0; neighbours->first && i < n; i++) {
        size_t from = neighbours->first[i], end = from;
        while (end < neighbours->first[i + 1] && neighbours->weight[end] != 0) end++;
        write_u32(writer, (uint32_t)(end - from));
        write_bytes(writer, neighbours->item + from, (end - from) * sizeof *neighbours->item);
        write_f32s(writer, neighbours->weight + from, end - from);
    }
    const struct factors *factors = &recommender->factors;
    write_f64(writer, (double)factors->regularisation);
    if (recommender->form == FORM_ALS || recommender->form == FORM_BPR)
        write_f32s(writer, factors->item, n * FACTORS);
    if (recommender->form == FORM_ALS) write_f32s(writer, factors->gram, FACTORS * FACTORS);
    if (recommender->form == FORM_BPR) write_f32s(writer, factors->bias, n);
}

static bool has_neighbours(enum recommender_form form)
{
    return form == FORM_COSINE || form == FORM_CONTENT || form == FORM_EASE;
}

static void read_neighbours(struct bytes_reader *reader, size_t n, struct arena *arena,
                            struct neighbours *neighbours)
{
    *neighbours = (struct neighbours){ n, ARENA_ARRAY(arena, size_t, n + 1),
                                       ARENA_ARRAY(arena, uint32_t, n * NEIGHBOURS_MOST + 1),
                                       ARENA_ARRAY(arena, float, n * NEIGHBOURS_MOST + 1) };
    for (size_t i = 0; i < n && !reader->is_bad; i++) {
        size_t from = neighbours->first[i], n_of = read_u32(reader, NEIGHBOURS_MOST);
        read_bytes(reader, neighbours->item + from, n_of * sizeof *neighbours->item);
        for (size_t k = from; k < from + n_of; k++) reader->is_bad |= neighbours->item[k] >= n;
        read_bytes(reader, neighbours->weight + from, n_of * sizeof *neighbours->weight);
        for (size_t k = from; k < from + n_of; k++) reader->is_bad |= isnan(neighbours->weight[k]) != 0;
        neighbours->first[i + 1] = from + n_of;
    }
}

static void read_recommender(struct bytes_reader *reader, size_t n, struct arena *arena,
                             struct recommender *recommender)
{
    *recommender = (struct recommender){ .n_items = n };
    snprintf(recommender->name, sizeof recommender->name, "%s",
             read_text(reader, arena, RECOMMENDER_NAME_BYTES - 1));
    recommender->form = (enum recommender_form)read_u32(reader, FORM_BPR);
    recommender->saturation = (enum saturation)read_u32(reader, SATURATIONS - 1);
    recommender->half_life_days = read_f64(reader);
    recommender->popularity_power = read_f64(reader);
    recommender->setting = read_f64(reader);
    recommender->repeating.half_life_days = (float)read_f64(reader);
    recommender->repeating.is_timed = read_u32(reader, 1);
    recommender->popularity = read_f32s(reader, arena, n);
    if (has_neighbours(recommender->form)) read_neighbours(reader, n, arena, &recommender->neighbours);
    struct factors *factors = &recommender->factors;
    factors->regularisation = (float)read_f64(reader);
    if (recommender->form == FORM_ALS || recommender->form == FORM_BPR)
        factors->item = read_f32s(reader, arena, n * FACTORS);
    if (recommender->form == FORM_ALS) factors->gram = read_f32s(reader, arena, FACTORS * FACTORS);
    if (recommender->form == FORM_BPR) factors->bias = read_f32s(reader, arena, n);
}

/* After all else, as the first version had none. */
static void write_local(struct bytes_writer *writer, const struct local_popularity *local)
{
    write_u32(writer, (uint32_t)local->n_groups);
    if (local->n_groups > 0) write_text(writer, local->trait);
    for (size_t g = 0; g < local->n_groups; g++) {
        write_text(writer, local->names[g]);
        write_recommender(writer, &local->popular[g]);
    }
}

static void read_local(struct bytes_reader *reader, size_t n, struct arena *arena, struct local_popularity *local)
{
    size_t n_groups = read_u32(reader, PEOPLE_GROUPS_MOST);
    if (n_groups == 0 || reader->is_bad) return;
    local->trait = read_text(reader, arena, NAME_LONGEST);
    local->names = ARENA_ARRAY(arena, const char *, n_groups);
    local->popular = ARENA_ARRAY(arena, struct recommender, n_groups);
    for (; local->n_groups < n_groups && !reader->is_bad; local->n_groups++) {
        local->names[local->n_groups] = read_text(reader, arena, NAME_LONGEST);
        read_recommender(reader, n, arena, &local->popular[local->n_groups]);
    }
}

/* The rest of it follows from how many have which. */
static void write_also(struct bytes_writer *writer, const struct also *also)
{
    uint32_t n_of = 0;
    while (n_of < ALSO_KEPT && also[n_of].n_both > 0) n_of++;
    write_u32(writer, n_of);
    for (uint32_t k = 0; k < n_of; k++) {
        write_u32(writer, also[k].item);
        write_u32(writer, also[k].n_both);
    }
}

/* As the first two versions have them: whole. */
static void read_whole_also(struct bytes_reader *reader, size_t n, struct also *also)
{
    for (size_t i = 0; i < n && !reader->is_bad; i++) {
        size_t n_of = read_u32(reader, ALSO_KEPT);
        read_bytes(reader, also + i * ALSO_KEPT, n_of * sizeof *also);
        for (size_t k = 0; k < n_of; k++) reader->is_bad |= also[i * ALSO_KEPT + k].item >= n;
    }
}

static void read_also(struct bytes_reader *reader, struct kept_recommender *kept)
{
    size_t n = kept->recommender.n_items;
    kept->n_all_customers = read_u32(reader, UINT32_MAX);
    for (size_t i = 0; i < n && !reader->is_bad; i++) {
        size_t n_of = read_u32(reader, ALSO_KEPT);
        for (size_t k = 0; k < n_of; k++) {
            uint32_t other = read_u32(reader, (uint32_t)n - 1), n_both = read_u32(reader, UINT32_MAX);
            if (reader->is_bad) return;
            kept->also[i * ALSO_KEPT + k] = also_describe(other, n_both, kept->n_customers[i],
                                                          kept->n_customers[other], kept->n_all_customers);
        }
    }
}

static void write_kept(struct bytes_writer *writer, const struct kept_recommender *kept)
{
    size_t n = kept->recommender.n_items;
    write_u32(writer, VERSION);
    write_u32(writer, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        write_u32(writer, (uint32_t)kept->item_names[i].length);
        write_bytes(writer, kept->item_names[i].at, kept->item_names[i].length);
    }
    write_recommender(writer, &kept->recommender);
    write_recommender(writer, &kept->popular);
    write_recommender(writer, &kept->beside);
    write_f32s(writer, kept->gap_days, n);
    write_bytes(writer, kept->n_customers, n * sizeof *kept->n_customers);
    write_u32(writer, (uint32_t)kept->n_all_customers);
    for (size_t i = 0; i < n; i++) write_also(writer, kept->also + i * ALSO_KEPT);
    write_local(writer, &kept->local);
}

static void read_names(struct bytes_reader *reader, size_t n, struct arena *arena, struct kept_recommender *kept)
{
    kept->item_names = ARENA_ARRAY(arena, struct text, n + 1);
    for (size_t i = 0; i < n && !reader->is_bad; i++) {
        size_t length = read_u32(reader, NAME_LONGEST);
        char *name = arena_alloc(arena, length + 1, 1);
        read_bytes(reader, name, length);
        kept->item_names[i] = (struct text){ name, length };
    }
}

static bool read_kept(struct text bytes, struct arena *arena, struct kept_recommender *kept)
{
    struct bytes_reader reader = { (const uint8_t *)bytes.at, (const uint8_t *)bytes.at + bytes.length, false };
    uint32_t version = read_u32(&reader, VERSION);
    if (version == 0) return false;
    size_t n = read_u32(&reader, ITEMS_LARGEST);
    if (reader.is_bad || n > bytes.length) return false;
    read_names(&reader, n, arena, kept);
    read_recommender(&reader, n, arena, &kept->recommender);
    read_recommender(&reader, n, arena, &kept->popular);
    read_recommender(&reader, n, arena, &kept->beside);
    kept->gap_days = kept->recommender.repeating.gap_days = read_f32s(&reader, arena, n);
    kept->n_customers = ARENA_ARRAY(arena, uint32_t, n + 1);
    read_bytes(&reader, kept->n_customers, n * sizeof *kept->n_customers);
    kept->also = ARENA_ARRAY(arena, struct also, n * ALSO_KEPT + 1);
    if (version > 2) read_also(&reader, kept);
    else read_whole_also(&reader, n, kept->also);
    if (version > 1) read_local(&reader, n, arena, &kept->local);
    if (reader.is_bad || reader.at != reader.end) return false;
    index_items(kept);
    return true;
}

/* ---- in the store ---- */

bool recommender_put(struct store *store, const struct kept_recommender *kept, struct arena *arena,
                     struct err *err)
{
    struct bytes_writer count = { 0 }, writer = { .arena = arena };
    json_t *kinds = json_object();
    for (size_t k = 0; k < kept->n_kinds; k++)
        json_object_set_new(kinds, kept->kinds[k].kind, json_real(kept->kinds[k].weight));
    char *text = json_dumps(kinds, JSON_COMPACT);
    write_kept(&count, kept);
    writer.room = count.length;
    writer.bytes = ARENA_ARRAY(arena, uint8_t, count.length + 1);
    write_kept(&writer, kept);
    bool ok =
        sql_recommender_put(store, text_of(recommend_question_word(kept->question)), kept->as_of_ms,
                            text_of(kept->recommender.name), text_of(text ? text : "{}"), text_of(kept->board),
                            (struct text){ (const char *)writer.bytes, writer.length }, err);
    free(text);
    json_decref(kinds);
    return ok;
}

static void read_kinds(const char *text, struct arena *arena, struct kept_recommender *kept)
{
    const char *kind;
    json_t *weight, *kinds = json_loads(text, 0, NULL);
    json_object_foreach(kinds, kind, weight) if (kept->n_kinds < INTERACTION_KINDS_MOST)
        kept->kinds[kept->n_kinds++] = (struct kind_weight){ arena_copy(arena, kind), json_number_value(weight) };
    json_decref(kinds);
}

bool recommenders_get(struct store *store, struct arena *arena,
                      struct kept_recommender *ret_kept[RECOMMEND_QUESTIONS], struct err *err)
{
    struct sql_recommender_all row = { 0 };
    enum step step = STEP_FAIL;
    struct kept_recommender *all[RECOMMEND_QUESTIONS] = { NULL };
    bool ok = sql_recommender_all(store, &row, err);
    while (ok && (step = sql_recommender_all_step(&row, err)) == STEP_ROW) {
        struct kept_recommender *kept = ARENA_NEW(arena, struct kept_recommender);
        ok = recommend_question_find(row.question.at, &kept->question) && read_kept(row.bytes, arena, kept);
        if (!ok) {
            kept_recommender_release(kept);
            err_set(err, ERR_CORRUPT,
                    "the recommender of '%s' does not read: make it again with holdfast recommend",
                    row.question.at);
            break;
        }
        kept->as_of_ms = row.as_of_ms;
        kept->board = arena_copy(arena, row.board.at);
        read_kinds(row.kinds.at, arena, kept);
        all[kept->question] = kept;
    }
    cursor_close(row.cursor);
    ok = ok && step == STEP_END;
    for (int q = 0; q < RECOMMEND_QUESTIONS; q++) {
        if (ok) ret_kept[q] = all[q];
        else kept_recommender_release(all[q]);
    }
    return ok;
}

void kept_recommender_release(struct kept_recommender *kept)
{
    if (kept) hash_map_free(&kept->item_of_hash);
}

bool kept_recommender_find(const struct kept_recommender *kept, struct text name, uint32_t *ret_item)
{
    const uint64_t *item = hash_map_find(&kept->item_of_hash, item_hash_of(name));
    if (!item || !text_equal(kept->item_names[*item - 1], name)) return false;
    *ret_item = (uint32_t)*item - 1;
    return true;
}
