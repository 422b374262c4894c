/* server.c - see server.h. */
#include "server/server.h"
#include "server/clocks.h"

#include "base/calendar.h"

#include <poll.h>
#include <stdarg.h>
#include <unistd.h>

/* A pipe that is ready for writing takes a line of this size whole (PIPE_BUF), so a write never waits. */
void server_log(struct server *server, const char *word, const char *form, ...)
{
    char line[1024], second[21];
    int64_t now_ms = clock_wall_ms(NULL);
    calendar_format_ms(now_ms, second);
    size_t n = (size_t)snprintf(line, sizeof line, "%.19s.%03dZ %s ", second, (int)(now_ms % 1000), word);
    va_list args;
    va_start(args, form);
    int more = vsnprintf(line + n, sizeof line - n - 1, form, args);
    va_end(args);
    if (more > 0) n += (size_t)more;
    if (n > sizeof line - 2) n = sizeof line - 2;
    line[n++] = '\n';
    struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
    bool is_written =
        poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) && write(STDERR_FILENO, line, n) == (ssize_t)n;
    if (!is_written) server->n_log_lines_lost++;
}
