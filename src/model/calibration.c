/* calibration.c - see calibration.h. */
#include "model/calibration.h"

#include "model/split.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ISOTONIC_MIN_ROWS = 1000, ISOTONIC_MIN_EACH = 100, FOLDS = 5, POINTS_MAX = 1 << 20 };

static const double LINK_MAX = 700, SMALLEST_SLOPE = 1e-6, END_SLOPE = 1e-3;

static double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static double inverse_link(enum target target, double link)
{
    if (target == TARGET_AMOUNT) return exp(clamp(link, -LINK_MAX, LINK_MAX));
    link = clamp(link, -34, 34);        /* beyond, a double would round to 0 or 1 */
    return link >= 0 ? 1 / (1 + exp(-link)) : exp(link) / (1 + exp(link));
}

static double link_of(enum target target, double mean)
{
    return target == TARGET_AMOUNT ? log(mean) : log(mean) - log1p(-mean);
}

double calibration_link(const struct calibration *calibration, double score)
{
    size_t n = calibration->n_points;
    const double *x = calibration->score, *y = calibration->link;
    if (n == 0) return calibration->slope * score + calibration->offset;
    if (score <= x[0]) return y[0] + END_SLOPE * (score - x[0]);
    if (score >= x[n - 1]) return y[n - 1] + END_SLOPE * (score - x[n - 1]);
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (x[middle] <= score) low = middle;
        else high = middle;
    }
    return y[low] + (y[high] - y[low]) * ((score - x[low]) / (x[high] - x[low]));
}

double calibration_apply(const struct calibration *calibration, double score)
{
    return inverse_link(calibration->target, calibration_link(calibration, score));
}

const char *calibration_name(const struct calibration *calibration)
{
    if (calibration->kind == CALIBRATION_ISOTONIC) return "isotonic";
    return calibration->target == TARGET_AMOUNT ? "log-linear" : "Platt";
}

/* What the line aims at: Platt's smoothed labels, or the amounts themselves (below 0 counts as 0). */
struct aim { double yes, no; };

static double aim_at(enum target target, const struct aim *aim, float label)
{
    if (target == TARGET_AMOUNT) return label > 0 ? (double)label : 0;
    return label > 0.5F ? aim->yes : aim->no;
}

struct line { double slope, offset; };      /* in standardised scores */

/* The negative log-likelihood per row, up to a constant. */
static double line_loss(enum target target, const struct aim *aim, const double *z, const float *labels, size_t n,
                        struct line line)
{
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double link = line.slope * z[i] + line.offset, wanted = aim_at(target, aim, labels[i]);
        if (target == TARGET_AMOUNT) loss += exp(clamp(link, -LINK_MAX, LINK_MAX)) - wanted * link;
        else loss += (link > 0 ? link + log1p(exp(-link)) : log1p(exp(link))) - wanted * link;
    }
    return loss / (double)n;
}

/* Newton's method with halved steps; both likelihoods are concave. */
static struct line line_newton(enum target target, const struct aim *aim, const double *z, const float *labels,
                               size_t n, struct line line)
{
    double loss = line_loss(target, aim, z, labels, n, line);
    for (int round = 0; round < 100; round++) {
        double g_slope = 0, g_offset = 0, h_ss = 0, h_so = 0, h_oo = 0;
        for (size_t i = 0; i < n; i++) {
            double mean = inverse_link(target, line.slope * z[i] + line.offset);
            double gap = mean - aim_at(target, aim, labels[i]);
            double weight = target == TARGET_AMOUNT ? mean : mean * (1 - mean);
            g_slope += gap * z[i], g_offset += gap;
            h_ss += weight * z[i] * z[i], h_so += weight * z[i], h_oo += weight;
        }
        h_ss += 1e-9 * (h_ss + 1e-9), h_oo += 1e-9 * (h_oo + 1e-9);
        double det = h_ss * h_oo - h_so * h_so;
        if (!(det > 0)) break;
        double step_slope = (h_oo * g_slope - h_so * g_offset) / det,
               step_offset = (h_ss * g_offset - h_so * g_slope) / det;
        double size = 1, next_loss = loss;
        struct line next = line;
        for (; size > 1e-10; size /= 2) {
            next = (struct line){ line.slope - size * step_slope, line.offset - size * step_offset };
            next_loss = line_loss(target, aim, z, labels, n, next);
            if (next_loss < loss) break;
        }
        if (!(next_loss < loss)) break;
        bool is_done = loss - next_loss < 1e-14 * (1 + fabs(loss));
        line = next;
        loss = next_loss;
        if (is_done) break;
    }
    return line;
}

static double mean_aim(enum target target, const struct aim *aim, const float *labels, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += aim_at(target, aim, labels[i]);
    return sum / (double)n;
}

struct calibration calibration_line(enum target target, const double *scores, const float *labels, size_t n)
{
    struct calibration flat = { .target = target, .kind = CALIBRATION_LINE, .slope = SMALLEST_SLOPE };
    if (n == 0) return flat;
    double mean = 0, variance = 0, n_yes = 0;
    for (size_t i = 0; i < n; i++) mean += scores[i], n_yes += labels[i] > 0.5F;
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) variance += (scores[i] - mean) * (scores[i] - mean);
    double deviation = sqrt(variance / (double)n), n_no = (double)n - n_yes;
    struct aim aim = { (n_yes + 1) / (n_yes + 2), 1 / (n_no + 2) };
    double level = mean_aim(target, &aim, labels, n);
    if (target == TARGET_AMOUNT && !(level > 1e-9)) level = 1e-9;
    flat.offset = link_of(target, level) - SMALLEST_SLOPE * mean;
    if (!(deviation > 1e-12 * (1 + fabs(mean)))) return flat;

    double *z = malloc(n * sizeof *z);
    assert(z);
    for (size_t i = 0; i < n; i++) z[i] = (scores[i] - mean) / deviation;
    struct line line = line_newton(target, &aim, z, labels, n, (struct line){ 0, link_of(target, level) });
    free(z);
    if (!(line.slope / deviation > SMALLEST_SLOPE))
        return flat; /* the scores point the wrong way: they say nothing */
    flat.slope = line.slope / deviation;
    flat.offset = line.offset - flat.slope * mean;
    return flat;
}

struct scored { double score; float label; };
struct block { double weight, score_sum, label_sum; };

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return x->label != y->label ? (x->label < y->label ? -1 : 1) : 0;
}

static bool is_below(const struct block *a, const struct block *b)
{
    return a->label_sum * b->weight < b->label_sum * a->weight;
}

/* Pools adjacent violators; returns the number of blocks, whose means rise strictly. */
static size_t pool(const struct scored *rows, size_t n, struct block *blocks)
{
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        struct block block = { 0 };
        for (double score = rows[i].score; i < n && rows[i].score == score; i++) {
            block.weight += 1;
            block.score_sum += score;
            block.label_sum += rows[i].label > 0 ? (double)rows[i].label : 0;
        }
        while (used > 0 && !is_below(&blocks[used - 1], &block)) {
            used--;
            block.weight += blocks[used].weight;
            block.score_sum += blocks[used].score_sum;
            block.label_sum += blocks[used].label_sum;
        }
        blocks[used++] = block;
    }
    return used;
}

struct calibration calibration_isotonic(enum target target, const double *scores, const float *labels, size_t n,
                                        struct arena *arena)
{
    struct calibration result = { .target = target, .kind = CALIBRATION_ISOTONIC, .slope = SMALLEST_SLOPE,
                                  .score = ARENA_ARRAY(arena, double, n), .link = ARENA_ARRAY(arena, double, n) };
    struct scored *rows = malloc((n + 1) * sizeof *rows);
    struct block *blocks = malloc((n + 1) * sizeof *blocks);
    assert(rows && blocks);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct scored){ scores[i], labels[i] };
        total += labels[i] > 0 ? (double)labels[i] : 0;
    }
    qsort(rows, n, sizeof *rows, by_score);
    size_t n_blocks = pool(rows, n, blocks);
    double smallest = fmax(1e-6 * total / (double)(n + 1), 1e-9);
    for (size_t b = 0; b < n_blocks; b++) {
        double score = blocks[b].score_sum / blocks[b].weight, mean = blocks[b].label_sum / blocks[b].weight;
        if (target == TARGET_YES_NO)
            mean = (blocks[b].label_sum + 0.5) / (blocks[b].weight + 1); /* never 0 or 1 */
        double link = link_of(target, fmax(mean, smallest));
        size_t used = result.n_points;
        if (used > 0 && !(link > result.link[used - 1] && score > result.score[used - 1])) continue;
        result.score[used] = score;
        result.link[used] = link;
        result.n_points++;
    }
    free(rows);
    free(blocks);
    return result.n_points > 0 && n > 0 ? result : calibration_line(target, scores, labels, n);
}

/* Squared error of both kinds in cross-validation over groups. */
static void cross_validate(enum target target, const double *scores, const float *labels, const uint8_t *fold,
                           size_t n, double ret_error[2])
{
    double *fit_scores = malloc(n * sizeof *fit_scores);
    float *fit_labels = malloc(n * sizeof *fit_labels);
    assert(fit_scores && fit_labels);
    ret_error[0] = ret_error[1] = 0;
    for (uint8_t f = 0; f < FOLDS; f++) {
        size_t used = 0;
        for (size_t i = 0; i < n; i++)
            if (fold[i] != f) fit_scores[used] = scores[i], fit_labels[used++] = labels[i];
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct calibration kinds[2] = { calibration_line(target, fit_scores, fit_labels, used),
                                        calibration_isotonic(target, fit_scores, fit_labels, used, arena) };
        for (size_t i = 0; i < n; i++)
            for (size_t kind = 0; kind < 2 && fold[i] == f; kind++) {
                double gap = calibration_apply(&kinds[kind], scores[i]) - (double)labels[i];
                ret_error[kind] += gap * gap;
            }
        arena_free(arena);
    }
    free(fit_scores);
    free(fit_labels);
}

struct calibration calibration_choose(enum target target, const double *scores, const float *labels,
                                      const uint32_t *group, size_t n, uint64_t seed, struct arena *arena)
{
    size_t n_positive = 0;
    for (size_t i = 0; i < n; i++) n_positive += labels[i] > (target == TARGET_AMOUNT ? 0.0F : 0.5F);
    if (n >= ISOTONIC_MIN_ROWS && n_positive >= ISOTONIC_MIN_EACH && n - n_positive >= ISOTONIC_MIN_EACH) {
        uint8_t *fold = malloc(n);
        assert(fold);
        struct sample rows = { .n_rows = n, .labels = labels, .group = group };
        split_folds(&rows, FOLDS, seed, fold);
        double error[2];
        cross_validate(target, scores, labels, fold, n, error);
        free(fold);
        if (error[1] < error[0]) return calibration_isotonic(target, scores, labels, n, arena);
    }
    return calibration_line(target, scores, labels, n);
}

void calibration_save(const struct calibration *calibration, struct bytes_writer *writer)
{
    write_u32(writer, (uint32_t)calibration->kind);
    write_f64(writer, calibration->slope);
    write_f64(writer, calibration->offset);
    write_u32(writer, (uint32_t)calibration->n_points);
    write_f64s(writer, calibration->score, calibration->n_points);
    write_f64s(writer, calibration->link, calibration->n_points);
}

bool calibration_load(struct bytes_reader *reader, enum target target, struct arena *arena,
                      struct calibration *ret, struct err *err)
{
    struct calibration loaded = { .target = target };
    loaded.kind = read_u32(reader, CALIBRATION_ISOTONIC);
    loaded.slope = read_f64(reader);
    loaded.offset = read_f64(reader);
    loaded.n_points = read_u32(reader, POINTS_MAX);
    loaded.score = read_f64s(reader, arena, loaded.n_points);
    loaded.link = read_f64s(reader, arena, loaded.n_points);
    bool is_rising = !reader->is_bad && loaded.slope > 0;
    for (size_t i = 1; i < loaded.n_points && is_rising; i++)
        is_rising = loaded.score[i] > loaded.score[i - 1] && loaded.link[i] > loaded.link[i - 1];
    if (!is_rising) return err_set(err, ERR_CORRUPT, "the calibration is broken");
    *ret = loaded;
    return true;
}
