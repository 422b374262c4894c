/* handover_serve.c - runs commands that were handed over, each on a thread of its own; see handover.h. */
#include "cli/handover.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "cli/handover_socket.h"
#include "cli/terminal.h"
#include "engine/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { AT_WORK_MOST = 16, PATIENCE_SECONDS = 10 };

struct handover {
    struct service *service;
    const struct command *(*find)(const char *name);
    int             listening, folder, stop;        /* stop: readable once it is to end */
    struct sockaddr_un address;
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  done;
    unsigned        n_at_work;
    atomic_bool     is_stopping;        /* what is at work is given up */
};

/* One command that came. */
struct handed { struct handover *handover; int socket; FILE *in; };        /* in: its standard input, or NULL */

static const char *user_of(int socket, struct arena *arena)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return "cli:unknown";
    return handover_user(peer.uid, arena);
}

/* Splits what came into words; false: it is not what handover_ask sends. */
static bool split(char *bytes, size_t n, char *ret_words[HANDOVER_WORDS_MOST], int *ret_n)
{
    int n_words = 0;
    if (n == 0 || bytes[n - 1] != '\0') return false;
    for (size_t at = 0; at < n; at += strlen(bytes + at) + 1) {
        if (n_words == HANDOVER_WORDS_MOST) return false;
        ret_words[n_words++] = bytes + at;
    }
    *ret_n = n_words;
    return true;
}

static int run(struct handed *handed, char *bytes, size_t n, FILE *out, FILE *errors, struct arena *arena)
{
    char *words[HANDOVER_WORDS_MOST];
    int n_words;
    const struct command *command = NULL;
    if (split(bytes, n, words, &n_words)) command = handed->handover->find(words[0]);
    if (!command || !command->is_writing) {
        fputs("holdfast: the server that holds the database does not know this command: is it as old as this "
              "program?\n",
              errors);
        return err_exit_status(ERR_INVALID);
    }
    const struct surroundings surroundings = { .out = out, .errors = errors, .in = handed->in,
                                               .service = handed->handover->service,
                                               .who = user_of(handed->socket, arena) };
    int status = command_do(command, n_words - 1, words + 1, &surroundings);
    service_act(surroundings.service);
    return status;
}

static void answer(struct handed *handed, char *bytes, size_t n, struct arena *arena)
{
    char *out_bytes = NULL, *error_bytes = NULL;
    size_t n_out = 0, n_errors = 0;
    FILE *out = open_memstream(&out_bytes, &n_out), *errors = open_memstream(&error_bytes, &n_errors);
    if (!out || !errors) abort();       /* as an arena does */
    int status = run(handed, bytes, n, out, errors, arena);
    (void)fclose(out), (void)fclose(errors);
    const struct handover_reply reply = { (uint32_t)status, (uint32_t)n_out, (uint32_t)n_errors };
    /* Whoever went away meanwhile does not hear of it; what was done is done. */
    (void)(handover_send(handed->socket, &reply, sizeof reply) &&
           handover_send(handed->socket, out_bytes, n_out) &&
           handover_send(handed->socket, error_bytes, n_errors));
    free(out_bytes), free(error_bytes);
}

static void *take_over(void *context)
{
    struct handed *handed = context;
    struct handover *handover = handed->handover;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint32_t n;
    int input = -1;
    parallel_stop_by(&handover->is_stopping);
    if (handover_receive_first(handed->socket, &n, &input) && n <= HANDOVER_MOST_BYTES) {
        if (input >= 0 && (handed->in = fdopen(input, "r"))) input = -1;
        char *bytes = arena_alloc(arena, n + 1, 1);
        if (handover_receive(handed->socket, bytes, n)) answer(handed, bytes, n, arena);
    }
    arena_free(arena);
    if (input >= 0) (void)close(input);
    if (handed->in) (void)fclose(handed->in);
    (void)close(handed->socket);
    free(handed);
    pthread_mutex_lock(&handover->mutex);
    handover->n_at_work--;
    pthread_cond_broadcast(&handover->done);
    pthread_mutex_unlock(&handover->mutex);
    return NULL;
}

/* Waits while too many are at work: whoever comes waits, too, in the socket's queue. */
static void begin(struct handover *handover, int socket)
{
    const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
    struct handed *handed = memory_new(1, sizeof *handed);
    pthread_t thread;
    *handed = (struct handed){ .handover = handover, .socket = socket };
    (void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    pthread_mutex_lock(&handover->mutex);
    while (handover->n_at_work == AT_WORK_MOST) pthread_cond_wait(&handover->done, &handover->mutex);
    handover->n_at_work++;
    pthread_mutex_unlock(&handover->mutex);
    if (pthread_create(&thread, NULL, take_over, handed) == 0) (void)pthread_detach(thread);
    else (void)take_over(handed);
}

static void *listen_on(void *context)
{
    struct handover *handover = context;
    struct pollfd waits[] = { { .fd = handover->listening, .events = POLLIN },
                              { .fd = handover->stop, .events = POLLIN } };
    for (;;) {
        if (poll(waits, 2, -1) < 0 && errno != EINTR) return NULL;
        if (waits[1].revents) return NULL;
        int socket = waits[0].revents ? accept4(handover->listening, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (socket >= 0) begin(handover, socket);
    }
}

/* Who holds the database may take away what an earlier process left. */
static bool open_socket(struct handover *handover, const char *database, struct err *err)
{
    struct stat there;
    if (!handover_address(database, &handover->address, &handover->folder))
        return err_set(err, ERR_IO, "the name of '%s' is too long for a socket beside it", database);
    const char *path = handover->address.sun_path;
    if (lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode))
        return err_set(err, ERR_IO, "'%s.sock' is no socket: move it away", database);
    (void)unlink(path);
    handover->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handover->listening >= 0 && fchmod(handover->listening, S_IRUSR | S_IWUSR) == 0 &&
        bind(handover->listening, (const struct sockaddr *)&handover->address, sizeof handover->address) == 0 &&
        chmod(path, S_IRUSR | S_IWUSR) == 0 && listen(handover->listening, AT_WORK_MOST) == 0)
        return true;
    return err_set(err, ERR_IO, "the socket '%s.sock' cannot be made: %s", database, strerror(errno));
}

static void handover_free(struct handover *handover)
{
    if (handover->listening >= 0) {
        (void)unlink(handover->address.sun_path);
        (void)close(handover->listening);
    }
    if (handover->folder >= 0) (void)close(handover->folder);
    if (handover->stop >= 0) (void)close(handover->stop);
    pthread_mutex_destroy(&handover->mutex);
    pthread_cond_destroy(&handover->done);
    free(handover);
}

bool handover_start(const char *database, struct service *service, const struct command *(*find)(const char *name),
                    struct handover **ret_handover, struct err *err)
{
    struct handover *handover = memory_new(1, sizeof *handover);
    *handover = (struct handover){ .service = service, .find = find, .listening = -1, .folder = -1 };
    pthread_mutex_init(&handover->mutex, NULL);
    pthread_cond_init(&handover->done, NULL);
    handover->stop = eventfd(0, EFD_CLOEXEC);
    bool ok = open_socket(handover, database, err);
    if (ok && pthread_create(&handover->thread, NULL, listen_on, handover) != 0)
        ok = err_set(err, ERR_IO, "no thread can be started");
    if (ok) *ret_handover = handover;
    else handover_free(handover);
    return ok;
}

void handover_stop(struct handover *handover)
{
    if (!handover) return;
    const uint64_t one = 1;
    atomic_store(&handover->is_stopping, true);
    (void)!write(handover->stop, &one, sizeof one);
    pthread_join(handover->thread, NULL);
    pthread_mutex_lock(&handover->mutex);
    while (handover->n_at_work > 0) pthread_cond_wait(&handover->done, &handover->mutex);
    pthread_mutex_unlock(&handover->mutex);
    handover_free(handover);
}
