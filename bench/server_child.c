/* server_child.c - see server_child.h. */
#include "server_child.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 40 };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static _Noreturn void become_server(const struct server_child *child, int out)
{
    const char *arguments[MOST_ARGUMENTS] = { 0 };
    size_t n = 0;
    for (size_t i = 0; child->wrapper[i]; i++) arguments[n++] = child->wrapper[i];
    const char *const always[] = {
        child->program, "serve",          "--db", child->database,      "--json", "--listen",
        "127.0.0.1:0",  "--rate-per-key", "0",    "--rate-per-address", "0"
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) arguments[n++] = always[i];
    for (size_t i = 0; child->arguments[i]; i++) arguments[n++] = child->arguments[i];
    int log = open(child->log_path ? child->log_path : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (child->most_file_bytes > 0) {
        struct rlimit limit = { child->most_file_bytes, RLIM_INFINITY };
        (void)setrlimit(RLIMIT_FSIZE, &limit);      /* without it the test that wants it fails, and says so */
        (void)signal(SIGXFSZ, SIG_IGN);             /* so that writing fails instead */
    }
    dup2(out, STDOUT_FILENO);
    if (log >= 0) dup2(log, STDERR_FILENO);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

/* Reads the JSON object that says where the server listens. */
static bool read_start(struct server_child *child, int in, double until, struct err *err)
{
    char line[4096];
    size_t n = 0;
    json_t *start = NULL;
    while (!start) {
        struct pollfd readable = { .fd = in, .events = POLLIN };
        double left = until - seconds_now();
        int ready = left > 0 ? poll(&readable, 1, (int)(left * 1e3) + 1) : 0;
        if (ready < 0 && errno == EINTR) continue;
        ssize_t got = ready > 0 ? read(in, line + n, sizeof line - 1 - n) : 0;
        if (got <= 0)
            return err_set(err, ERR_IO, ready > 0 ? "%s serve ended before it listened; see its log"
                                                  : "%s serve does not say where it listens", child->program);
        n += (size_t)got;
        start = json_loadb(line, n, JSON_DISABLE_EOF_CHECK, NULL);
    }
    const char *address = json_string_value(json_object_get(start, "address"));
    const char *key = json_string_value(json_object_get(start, "write_key"));
    const char *token = json_string_value(json_object_get(start, "token"));
    const char *colon = address ? strrchr(address, ':') : NULL;
    if (key) snprintf(child->write_key, sizeof child->write_key, "%s", key);
    if (token) snprintf(child->token, sizeof child->token, "%s", token);
    snprintf(child->bearer, sizeof child->bearer, "Bearer %s", child->token);
    if (colon) atomic_store(&child->port, (unsigned)strtoul(colon + 1, NULL, 10));
    json_decref(start);
    return colon ? true : err_set(err, ERR_IO, "%s serve names no address", child->program);
}

bool server_child_start(struct server_child *child, double patience_seconds, struct err *err)
{
    int out[2];
    double began = seconds_now();
    if (pipe2(out, O_CLOEXEC) != 0) return err_set(err, ERR_IO, "pipe2: %s", strerror(errno));
    child->pid = fork();
    if (child->pid == 0) become_server(child, out[1]);
    close(out[1]);
    bool ok = child->pid > 0 || err_set(err, ERR_IO, "fork: %s", strerror(errno));
    if (ok) ok = read_start(child, out[0], began + patience_seconds, err);
    close(out[0]);
    if (ok) child->ready_seconds = seconds_now() - began;
    else server_child_kill(child);
    return ok;
}

void server_child_kill(struct server_child *child)
{
    atomic_store(&child->port, 0);
    if (child->pid <= 0) return;
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    child->pid = 0;
}

bool server_child_stop(struct server_child *child, double patience_seconds, int *ret_status, struct err *err)
{
    double until = seconds_now() + patience_seconds;
    if (child->pid <= 0) return err_set(err, ERR_IO, "the server does not run");
    kill(child->pid, SIGTERM);
    while (waitpid(child->pid, ret_status, WNOHANG) == 0) {
        if (seconds_now() > until) {
            server_child_kill(child);
            return err_set(err, ERR_IO, "the server did not stop within %.0f s of SIGTERM", patience_seconds);
        }
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    atomic_store(&child->port, 0);
    child->pid = 0;
    return true;
}

void server_child_unlimit(struct server_child *child)
{
    struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
    child->most_file_bytes = 0;
    if (child->pid > 0) (void)prlimit(child->pid, RLIMIT_FSIZE, &limit, NULL); /* if not, the disk stays full */
}

static FILE *proc_open(const struct server_child *child, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)child->pid, name);
    return child->pid > 0 ? fopen(path, "r") : NULL;
}

uint64_t server_child_memory(const struct server_child *child, const char *name)
{
    char line[256];
    uint64_t kib = 0;
    FILE *status = proc_open(child, "status");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0) kib = strtoull(line + strlen(name) + 1, NULL, 10);
    if (status) fclose(status);
    return kib * 1024;
}

double server_child_cpu_seconds(const struct server_child *child)
{
    char line[1024];
    unsigned long user = 0, system = 0;
    FILE *stat = proc_open(child, "stat");
    const char *after = stat && fgets(line, sizeof line, stat) ? strrchr(line, ')') : NULL;
    /* Fields 14 and 15 of proc(5); field 3 follows the name. */
    if (after) (void)sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    if (stat) fclose(stat);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
