/* progress_line.c - see progress_line.h.  Drawn at most ten times a second, and only for work over a second. */
#include "cli/progress_line.h"

#include <stdio.h>
#include <string.h>

static void format_count(char *text, size_t room, double count)
{
    if (count >= 1e9) snprintf(text, room, "%.2f G", count / 1e9);
    else if (count >= 1e6) snprintf(text, room, "%.2f M", count / 1e6);
    else if (count >= 1e4) snprintf(text, room, "%.0f k", count / 1e3);
    else snprintf(text, room, "%.0f ", count);
}

static void draw(struct progress_line *line, uint64_t done, uint64_t total, const char *unit, double elapsed)
{
    char count[32], rate[32], left[48] = "";
    format_count(count, sizeof count, (double)done);
    format_count(rate, sizeof rate, (double)done / elapsed);
    if (total > 0 && done > 0 && done <= total) {
        double remaining = elapsed * (double)(total - done) / (double)done;
        snprintf(left, sizeof left, ", %2.0f %%, %.0f s left", 100.0 * (double)done / (double)total, remaining);
    }
    fprintf(stderr, "\r\033[K%s: %s%s, %s%s/s%s", line->step, count, unit, rate, unit, left);
    fflush(stderr);
    line->is_drawn = true;
}

static void report(struct progress *progress, const char *step, uint64_t done, uint64_t total, const char *unit)
{
    struct progress_line *line = (struct progress_line *)progress;
    double now = line->seconds();
    if (!line->step || strcmp(line->step, step) != 0) {
        line->step = step;
        line->step_began = now;
    }
    double elapsed = now - line->step_began;
    if (elapsed < 1 || now - line->last_drawn < 0.1) return;
    line->last_drawn = now;
    draw(line, done, total, unit, elapsed);
}

struct progress *progress_line_begin(struct progress_line *line, double (*seconds)(void))
{
    *line = (struct progress_line){ .progress = { .report = report }, .seconds = seconds };
    return &line->progress;
}

void progress_line_end(struct progress_line *line)
{
    if (line->is_drawn) fputs("\r\033[K", stderr);
}
