/* server_child.h - a server of the program as a child process: started on a free port, watched, and stopped. */
#ifndef BENCH_SERVER_CHILD_H
#define BENCH_SERVER_CHILD_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server_child {
    const char *program, *database, *log_path;      /* what it logs is appended to log_path; NULL: nowhere */
    const char *arguments[12];      /* more flags, up to a NULL; a wrapper program comes in front by `wrapper` */
    const char *wrapper[12];        /* "valgrind", "--leak-check=full", NULL */
    uint64_t    most_file_bytes;    /* no file may grow larger, as on a full disk, until
                                     * server_child_unlimit; 0: no limit */
    /* What the start found. */
    pid_t       pid;                /* 0: it does not run */
    atomic_uint port;               /* 0: nobody listens */
    double      ready_seconds;      /* from the start to the first line, when it answers */
    char        write_key[64], token[64];   /* made by the first start with this database, then kept */
    char        bearer[80];         /* "Bearer <token>" */
};

/* Starts `program serve --json --listen 127.0.0.1:0 ...` and waits until it says where it listens.  Limits on
 * requests are off unless arguments set them.
 * Errors: ERR_IO it ended before, or said nothing within patience_seconds. */
bool server_child_start(struct server_child *child, double patience_seconds, struct err *err) MUST_CHECK;

/* SIGTERM, and waits for its end; ret_status is waitpid's.  Errors: ERR_IO it did not end in patience_seconds
 * (it is
 * killed then). */
bool server_child_stop(struct server_child *child, double patience_seconds, int *ret_status,
                       struct err *err) MUST_CHECK;
void server_child_kill(struct server_child *child);     /* SIGKILL, and waits; does nothing if it does not run */

void server_child_unlimit(struct server_child *child);

/* Of /proc: "VmRSS" now, "VmHWM" the most so far, in bytes; 0 if it does not run. */
uint64_t server_child_memory(const struct server_child *child, const char *name);
double   server_child_cpu_seconds(const struct server_child *child);     /* user and system, all threads */

#endif
