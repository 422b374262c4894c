/* progress_line.h - one line on a terminal that says what is done, how fast, and how long it will take. */
#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include "base/progress.h"

struct progress_line {
    struct progress progress;       /* first: the line is its progress */
    double        (*seconds)(void);
    const char     *step;
    double          step_began, last_drawn;
    bool            is_drawn;
};

struct progress *progress_line_begin(struct progress_line *line, double (*seconds)(void));
void             progress_line_end(struct progress_line *line);     /* wipes the line */

#endif
