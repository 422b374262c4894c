/* reasons.c - why the model says what it says of one customer, in plain words: what speaks for a yes, then what
 * speaks against it; see reasons.h. */
#include "learn/reasons.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

struct reasoning {
    const struct trained *trained;
    const float          *row;
    double               *contribution;
    const char          **usual;            /* [columns] what is usual in words, of all rows; NULL: not asked yet */
    struct arena         *usual_arena;
    struct arena         *arena;
    const struct feature *told[REASONS_MOST];
    bool                  is_of_silence[REASONS_MOST];
    const char           *sentence[REASONS_MOST], *text[REASONS_MOST];
    size_t                n;
};

/* The largest contribution in the direction of sign that is worth a word; n_columns if there is none. */
static size_t weightiest(const double *contribution, size_t n_columns, double sign)
{
    const double worth_a_word = 0.02;       /* in log-odds: a hundredth of a probability at most */
    size_t best = n_columns;
    for (size_t i = 0; i < n_columns; i++) {
        if (contribution[i] * sign <= worth_a_word) continue;
        if (best == n_columns || contribution[i] * sign > contribution[best] * sign) best = i;
    }
    return best;
}

/* Whether the answer would be less so were this as it is usual: what a feature without a sense of its own has to
 * show, for the model compares with those it learned from, and the sentence with those who are asked now. */
static bool counts_beside_usual(const struct reasoning *r, size_t column, double sign)
{
    float usual = (float)r->trained->usual[column];
    if (!(fabsf(usual - r->row[column]) > 0)) return true;      /* nothing is compared */
    return sign * predictor_change(r->trained->predictor, r->row, column, usual) < 0;
}

/* Whether a silence may be a reason beside what is usual for the customer: within their own gap it is no worry, long
 * after it no comfort, nor is how often they came before. */
static bool fits_rhythm(const struct reasoning *r, size_t column, double for_staying)
{
    const struct feature_set *set = r->trained->set;
    size_t ratio;
    bool is_known = feature_beside(set, column, "gap_ratio", &ratio) && !isnan(r->row[ratio]);
    if (!is_known) return true;
    if (for_staying > 0) return r->row[ratio] <= 1.5f;
    return r->row[ratio] > 1 || strcmp(feature_suffix(set, column), "gap_mean_days") == 0;
}

/* Whether the value speaks for what it is a reason for.  A model may lean the other way among features that go
 * together; then it is true of the model and no reason for a person.  What is as usual says nothing either. */
static bool is_telling(const struct reasoning *r, size_t column, double sign)
{
    const struct feature_set *set = r->trained->set;
    enum sense sense = feature_sense(set, column);
    double for_staying = question_is_churn(&r->trained->question) ? -sign : sign;
    if (sense == SENSE_MUTE) return false;
    if (sense == SENSE_ACTIVE && feature_is_long_ago(set, column, r->row)) return for_staying < 0;
    if (sense == SENSE_NONE) return isnan(r->trained->usual[column]) || counts_beside_usual(r, column, sign);
    /* The number that is said is what a person compares, not the fading one that the model saw. */
    size_t told = feature_told(set, column), compared = told < feature_set_size(set) ? told : column;
    double value = (double)r->row[compared], usual = r->trained->usual[compared];
    if (sense == SENSE_TROUBLE) value = fabs(value), usual = fabs(usual);      /* refunds are kept below zero */
    bool is_none = value <= 0 && sense != SENSE_SILENT;     /* never a comfort, of trouble never a worry */
    if (is_none && (sense == SENSE_TROUBLE) != (for_staying > 0)) return false;
    if (sense == SENSE_SILENT && !fits_rhythm(r, column, for_staying)) return false;
    if (isnan(usual)) return true;
    if (fabs(value - usual) <= 0.05 * fmax(fabs(value), fabs(usual))) return false;
    return ((value > usual) == (sense == SENSE_ACTIVE) ? 1 : -1) * for_staying > 0;
}

/* Whether the sentence says how long ago the last is, or how often one comes: of these one is enough. */
static bool tells_silence(const struct reasoning *r, size_t column)
{
    const struct feature_set *set = r->trained->set;
    return feature_sense(set, column) == SENSE_SILENT || feature_is_long_ago(set, column, r->row) ||
           strcmp(feature_suffix(set, column), "recency_days") == 0;       /* of trouble it is no silence */
}

/* Whether the like of it is told in this direction, from the reason number from on. */
static bool is_like_told(const struct reasoning *r, size_t column, size_t from)
{
    const struct feature *feature = feature_at(r->trained->set, column);
    for (size_t i = from; i < r->n; i++)
        if (r->told[i]->use == feature->use && strcmp(r->told[i]->group, feature->group) == 0) return true;
    return false;
}

static bool is_told(const struct reasoning *r, size_t column, const char *sentence)
{
    const struct feature *feature = feature_at(r->trained->set, column);
    bool is_of_silence = tells_silence(r, column);
    for (size_t i = 0; i < r->n; i++) {
        bool is_alike = strcmp(r->told[i]->group, feature->group) == 0;
        if (strcmp(r->sentence[i], sentence) == 0 || (is_alike && is_of_silence && r->is_of_silence[i])) return true;
    }
    return false;
}

/* "only 1 order so far", "orders on only one day": said where less is had than is usual. */
static const char *without_only(const struct reasoning *r, const char *sentence)
{
    const char *within = strstr(sentence, " on only "),
               *only = strncmp(sentence, "only ", 5) == 0 ? sentence : within ? within + 4 : NULL;
    if (!only) return sentence;
    return arena_join(r->arena, (const struct text[]){ { sentence, (size_t)(only - sentence) }, text_of(only + 5) }, 2);
}

/* What is usual of a column, "" where nothing is to be said of it: the same for all rows that tell its number. */
static const char *usual_of(const struct reasoning *r, size_t column)
{
    const struct feature_set *set = r->trained->set;
    if (feature_is_long_ago(set, column, r->row)) return "";
    if (!r->usual[column] &&
        !feature_usual(set, column, r->row, r->trained->usual, r->usual_arena, &r->usual[column]))
        r->usual[column] = "";
    return r->usual[column];
}

/* The sentence, with its side in front and what is usual after it. */
static const char *in_full(const struct reasoning *r, size_t column, double sign, const char *sentence)
{
    const char *usual = usual_of(r, column);
    struct text against = text_of(sign < 0 && r->trained->question.kind != QUESTION_SPEND ? "against: " : "");
    if (!usual[0]) return arena_join(r->arena, (const struct text[]){ against, text_of(sentence) }, 2);
    if (!((double)r->row[column] < r->trained->usual[column])) sentence = without_only(r, sentence);
    /* It belongs to the number that the sentence begins with. */
    size_t first = strcspn(sentence, ";");
    return arena_join(r->arena,
                       (const struct text[]){ against, { sentence, first }, text_of(" (usual among all: "),
                                              text_of(usual), text_of(")"), text_of(sentence + first) },
                       6);
}

/* At most n more in the direction of sign, one per group of like features. */
static void reason_towards(struct reasoning *r, double sign, size_t n)
{
    size_t n_columns = feature_set_size(r->trained->set), from = r->n;
    while (r->n < from + n && r->n < REASONS_MOST) {
        size_t best = weightiest(r->contribution, n_columns, sign);
        if (best == n_columns) return;
        r->contribution[best] = 0;
        const struct feature *feature = feature_at(r->trained->set, best);
        char sentence[400];
        if (is_like_told(r, best, from) || !is_telling(r, best, sign) ||
            !feature_sentence(r->trained->set, best, r->row, sentence, sizeof sentence) ||
            is_told(r, best, sentence))
            continue;
        r->told[r->n] = feature;
        r->is_of_silence[r->n] = tells_silence(r, best);
        r->sentence[r->n] = arena_copy(r->arena, sentence);
        r->text[r->n++] = in_full(r, best, sign, sentence);
    }
}

/* contribution is used up.  usual [columns] is filled, in usual_arena. */
static size_t reasons_by(const struct trained *trained, const float *row, double prediction, double *contribution,
                         const char **usual, struct arena *usual_arena, struct arena *arena,
                         const char *ret_reasons[REASONS_MOST])
{
    enum { MAIN_REASONS = 3 };
    struct reasoning r = { .trained = trained, .row = row, .arena = arena, .contribution = contribution,
                           .usual = usual, .usual_arena = usual_arena };
    bool is_high = prediction >= trained->base_rate;
    reason_towards(&r, 1, is_high ? MAIN_REASONS : REASONS_MOST - MAIN_REASONS);
    reason_towards(&r, -1, is_high ? REASONS_MOST - MAIN_REASONS : MAIN_REASONS);
    for (size_t i = 0; i < r.n; i++) ret_reasons[i] = r.text[i];
    return r.n;
}

size_t reasons_of(const struct trained *trained, const float *row, double prediction, struct arena *arena,
                  const char *ret_reasons[REASONS_MOST])
{
    size_t n = feature_set_size(trained->set);
    double base, *contribution = ARENA_ARRAY(arena, double, n);
    predictor_explain(trained->predictor, row, contribution, &base);
    return reasons_by(trained, row, prediction, contribution, ARENA_ARRAY(arena, const char *, n), arena, arena,
                      ret_reasons);
}

void reasons_judge_drivers(const struct trained *trained, struct driver *drivers, size_t n)
{
    bool leaves_by_yes = question_is_churn(&trained->question);
    for (size_t i = 0; i < n; i++) {
        enum sense sense = feature_sense(trained->set, drivers[i].column);
        enum direction *direction = &drivers[i].direction;
        if (sense == SENSE_NONE || sense == SENSE_MUTE || *direction == DIRECTION_MIXED) continue;
        bool raises = (sense == SENSE_ACTIVE) != leaves_by_yes;
        if (raises != (*direction == DIRECTION_RAISES)) *direction = DIRECTION_BESIDE;
    }
}

/* Rows are independent, so each block has an arena of its own: the texts move to the common one afterwards.  Many rows at once
 * are explained with less work, but each thread is to have some blocks. */
enum { BLOCK_ROWS_LEAST = 256, BLOCK_ROWS_MOST = 8192, BLOCKS_A_THREAD = 3 };

struct reasons_work {
    const struct trained *trained;
    const struct matrix  *matrix;
    const double         *predictions;
    size_t                from, to, block_rows;
    struct arena        **arenas;                       /* [blocks] */
    const char         *(*reasons)[REASONS_MOST];       /* [to - from] */
};

static void reason_block(void *context, size_t block, unsigned thread)
{
    (void)thread;
    struct reasons_work *work = context;
    size_t from = work->from + block * work->block_rows,
           to = from + work->block_rows < work->to ? from + work->block_rows : work->to;
    size_t n_columns = work->matrix->n_columns;
    const float *values = work->matrix->values;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT), *kept = arena_new(ARENA_NO_LIMIT);
    double base, *contributions = ARENA_ARRAY(kept, double, (to - from) * n_columns);
    const char **usual = ARENA_ARRAY(kept, const char *, n_columns);
    predictor_explain_rows(work->trained->predictor, values + from * n_columns, to - from, contributions, &base);
    work->arenas[block] = arena_new(ARENA_NO_LIMIT);
    for (size_t i = from; i < to; i++) {
        const char *found[REASONS_MOST];
        size_t n = reasons_by(work->trained, values + i * n_columns, work->predictions[i],
                              contributions + (i - from) * n_columns, usual, kept, scratch, found);
        for (size_t r = 0; r < n; r++)
            work->reasons[i - work->from][r] = arena_copy(work->arenas[block], found[r]);
        arena_reset(scratch);
    }
    arena_free(scratch);
    arena_free(kept);
}

void reasons_of_rows(const struct trained *trained, const struct matrix *matrix, const double *predictions,
                     size_t from, size_t to, unsigned n_threads, struct arena *arena,
                     const char *(*ret_reasons)[REASONS_MOST])
{
    size_t rows = (to - from) / (BLOCKS_A_THREAD * (n_threads ? n_threads : 1)) + 1;
    rows = rows < BLOCK_ROWS_LEAST ? BLOCK_ROWS_LEAST : rows > BLOCK_ROWS_MOST ? BLOCK_ROWS_MOST : rows;
    while (to - from > 1 && (to - from) % rows == 1) rows++;    /* one row is explained in another way, whose rounding differs */
    size_t n_blocks = (to - from + rows - 1) / rows;
    struct reasons_work work = { trained, matrix, predictions, from, to, rows,
                                 ARENA_ARRAY(arena, struct arena *, n_blocks + 1), ret_reasons };
    memset(ret_reasons, 0, (to - from) * sizeof *ret_reasons);
    parallel_for(n_threads, n_blocks, reason_block, &work);
    for (size_t i = 0; i < to - from; i++)
        for (size_t r = 0; r < REASONS_MOST && ret_reasons[i][r]; r++)
            ret_reasons[i][r] = arena_copy(arena, ret_reasons[i][r]);
    for (size_t block = 0; block < n_blocks; block++) arena_free(work.arenas[block]);
}

json_t *reasons_json(const char *const *reasons, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(array, json_string(reasons[i]));
    return array;
}
