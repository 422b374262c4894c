/* load.c - connections, their requests and the clock, in one epoll loop; see load.h. */
#include "load_internal.h"

#include "base/calendar.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS INT64_C(1000000000)
#define NEVER INT64_MAX

enum { EVENTS_AT_ONCE = 256, ANSWER_BYTES = 16 * 1024, ANSWER_BYTES_MOST = 16 * 1024 * 1024 };

enum state {
    FREE,           /* waits for a request that is due */
    PAUSED,         /* sends again at wake_ns, over a new connection if fd is -1 */
    BUSY            /* a request is being sent, or its answer is to come */
};

struct connection {
    struct stream *stream;
    enum state     state;
    int            fd;              /* -1: none */
    unsigned       step;
    size_t         n_sent, n_received, room;
    char          *received;
    int64_t        due_ns, wake_ns;
    uint32_t       customer;        /* of the last step */
    struct load_request requests[2];
};

struct stream {
    const struct load_stream *options;
    struct load_result *result;
    struct load        *load;
    struct load_source  source;
    struct connection  *connections, **free;
    size_t              n_free;
    uint64_t            n_begun;
    int64_t             last_ns;        /* when the last counted answer came */
};

struct load {
    const struct load_options *options;
    struct stream *streams;
    size_t         n_streams, n_under_way;
    int            epoll;
    int64_t began_ns, count_ns, end_ns, now_ns, progress_ns, watch_ns,
        wake_ns; /* wake_ns: of the first paused */
    char           time[32];
    int64_t        time_ms;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

/* "2026-11-22T21:00:00.123Z" */
static const char *time_now(struct load *load)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (ms != load->time_ms) {
        int64_t day = calendar_day_of_ms(ms), of_day = ms - day * MS_PER_DAY;
        char date[11];
        calendar_format_day(day, date);
        snprintf(load->time, sizeof load->time, "%sT%02d:%02d:%02d.%03dZ", date, (int)(of_day / 3600000),
                 (int)(of_day / 60000 % 60), (int)(of_day / 1000 % 60), (int)(of_day % 1000));
        load->time_ms = ms;
    }
    return load->time;
}

static void pause_for(struct connection *connection, double seconds)
{
    struct load *load = connection->stream->load;
    if (load->options->pause_seconds > 0) seconds = load->options->pause_seconds;
    connection->state = PAUSED;
    connection->wake_ns = load->now_ns + (int64_t)(seconds * 1e9);
    if (connection->wake_ns < load->wake_ns) load->wake_ns = connection->wake_ns;
}

static void hang_up(struct connection *connection)
{
    if (connection->fd >= 0) close(connection->fd);
    connection->fd = -1;
    connection->n_sent = connection->n_received = 0;
}

static void lose(struct connection *connection)
{
    hang_up(connection);
    connection->stream->result->n_lost++;
    pause_for(connection, 0.02);
}

/* A connection under way: refusals are seen when it is written to. */
static bool call(struct connection *connection)
{
    struct load *load = connection->stream->load;
    unsigned port = atomic_load(load->options->port);
    if (port == 0) return false;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0) return false;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);   /* slower without, that is all */
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection };
    if ((connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        return false;
    }
    connection->fd = fd;
    return true;
}

/* Writes what is left of the request; false if the connection is lost. */
static bool send_more(struct connection *connection)
{
    const struct load_request *request = &connection->requests[connection->step];
    while (connection->n_sent < request->n) {
        ssize_t n = send(connection->fd, request->bytes + connection->n_sent, request->n - connection->n_sent,
                         MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN || errno == ENOTCONN;
        connection->n_sent += (size_t)n;
    }
    return true;
}

/* Sends the step's request, which is filled. */
static void begin_sending(struct connection *connection)
{
    connection->state = BUSY;
    connection->n_sent = connection->n_received = 0;
    if (connection->fd < 0 && !call(connection)) lose(connection);
    else if (!send_more(connection)) lose(connection);
}

static void begin_step(struct connection *connection, unsigned step)
{
    struct stream *stream = connection->stream;
    connection->step = step;
    stream->source.customer = connection->customer;
    load_request_fill(&connection->requests[step], &stream->source, time_now(stream->load));
    connection->customer = stream->source.customer;
    begin_sending(connection);
}

static bool wants_more(const struct stream *stream)
{
    return (stream->options->n_requests == 0 || stream->n_begun < stream->options->n_requests) &&
           stream->load->now_ns < stream->load->end_ns;
}

static void begin_request(struct connection *connection, int64_t due_ns)
{
    connection->due_ns = due_ns;
    struct load *load = connection->stream->load;
    if (load->n_under_way++ == 0) load->progress_ns = load->now_ns;
    connection->stream->n_begun++;
    begin_step(connection, 0);
}

/* When a stream's next request is due. */
static int64_t due_ns(const struct stream *stream)
{
    if (!wants_more(stream)) return NEVER;
    if (stream->options->per_second <= 0) return stream->load->now_ns;
    return stream->load->began_ns + (int64_t)((double)stream->n_begun / stream->options->per_second * 1e9);
}

static void begin_due(struct stream *stream)
{
    while (stream->n_free > 0) {
        int64_t due = due_ns(stream);
        if (due > stream->load->now_ns) return;
        begin_request(stream->free[--stream->n_free], due);
    }
}

static void finish(struct connection *connection, const struct load_answer *answer)
{
    struct stream *stream = connection->stream;
    struct load_result *result = stream->result;
    bool is_counted = connection->due_ns >= stream->load->count_ns, is_fine = answer->status / 100 == 2;
    bool is_expected = !is_fine || !stream->options->check ||
                       stream->options->check(stream->options->context, connection->customer, answer->body);
    if ((!is_fine || !is_expected) && result->refusal_status == 0) {
        result->refusal_status = answer->status;
        snprintf(result->refusal, sizeof result->refusal, "%.*s", (int)answer->body.length, answer->body.at);
    }
    stream->load->progress_ns = stream->load->now_ns;
    result->n_refused += !is_fine;
    result->n_unexpected += !is_expected;
    if (is_counted && is_fine) {
        result->n_answered++;
        stream->last_ns = stream->load->now_ns;
        latency_add(&result->latency, stream->load->now_ns - connection->due_ns);
    }
    connection->state = FREE;
    stream->free[stream->n_free++] = connection;
    stream->load->n_under_way--;
}

static void take_answer(struct connection *connection, const struct load_answer *answer)
{
    struct load_result *result = connection->stream->result;
    if (answer->is_last) hang_up(connection);
    if (answer->status == 429 || answer->status >= 500) {
        bool is_busy = answer->status == 429;
        result->n_busy += is_busy, result->n_failed += !is_busy;
        result->n_without_retry_after += is_busy && !answer->has_retry_after;
        pause_for(connection, answer->has_retry_after ? answer->retry_after_seconds : 0.1);
    } else if (answer->status / 100 == 2 && connection->step == 0 &&
               connection->stream->options->steps[1].method) {
        begin_step(connection, 1);
    } else {
        finish(connection, answer);
    }
}

static bool has_room(struct connection *connection)
{
    if (connection->n_received < connection->room) return true;
    size_t room = connection->room ? connection->room * 2 : ANSWER_BYTES;
    char *larger = room <= ANSWER_BYTES_MOST ? realloc(connection->received, room) : NULL;
    if (!larger) return false;
    connection->received = larger, connection->room = room;
    return true;
}

/* Reads until nothing more is there.  An answer that ends with the last byte there is begins the next request,
 * whose answer announces itself. */
static void receive(struct connection *connection)
{
    while (connection->state == BUSY) {
        if (!has_room(connection)) { lose(connection); return; }
        size_t room = connection->room - connection->n_received;
        ssize_t n = recv(connection->fd, connection->received + connection->n_received, room, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) { lose(connection); return; }
        connection->n_received += (size_t)n;
        struct load_answer answer;
        ptrdiff_t length = load_answer_read(connection->received, connection->n_received, &answer);
        if (length < 0) { lose(connection); return; }
        if (length > 0) { take_answer(connection, &answer); return; }
    }
}

/* What epoll says of a connection.  An event of a socket closed meanwhile cannot come: closing removes it, and a
 * connection has one event in a batch. */
static void serve_event(struct connection *connection, uint32_t events)
{
    if (connection->state != BUSY) {
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hang_up(connection);
        return;
    }
    if (connection->n_sent < connection->requests[connection->step].n && (events & EPOLLOUT) &&
        !send_more(connection))
        lose(connection);
    if (connection->state == BUSY && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))) receive(connection);
}

/* Sends again what has paused long enough. */
static void wake(struct load *load)
{
    if (load->now_ns < load->wake_ns) return;
    load->wake_ns = NEVER;
    for (size_t s = 0; s < load->n_streams; s++)
        for (unsigned c = 0; c < load->streams[s].options->n_connections; c++) {
            struct connection *connection = &load->streams[s].connections[c];
            if (connection->state != PAUSED) continue;
            if (connection->wake_ns <= load->now_ns)
                load->streams[s].result->n_sent_again++, begin_sending(connection);
            if (connection->state == PAUSED && connection->wake_ns < load->wake_ns)
                load->wake_ns = connection->wake_ns;
        }
}

static void watch(struct load *load)
{
    const struct load_options *options = load->options;
    if (!options->watch || load->now_ns < load->watch_ns) return;
    load->watch_ns = load->now_ns + NS / 10;
    if (!options->watch(options->context, load->streams[0].result) && load->end_ns > load->now_ns)
        load->end_ns = load->now_ns;
}

static bool loop(struct load *load, struct err *err)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    double stall = load->options->stall_seconds > 0 ? load->options->stall_seconds : 60;
    for (;;) {
        load->now_ns = now_ns();
        int64_t next_ns = load->now_ns + NS / 10;
        watch(load);
        wake(load);
        for (size_t s = 0; s < load->n_streams; s++) {
            begin_due(&load->streams[s]);
            int64_t due = load->streams[s].n_free > 0 ? due_ns(&load->streams[s]) : NEVER;
            if (due < next_ns) next_ns = due;
        }
        bool is_over = load->n_under_way == 0;
        for (size_t s = 0; s < load->n_streams; s++) is_over = is_over && !wants_more(&load->streams[s]);
        if (is_over) return true;
        if (load->wake_ns < next_ns) next_ns = load->wake_ns;
        if (load->now_ns - load->progress_ns > (int64_t)(stall * 1e9) && load->n_under_way > 0)
            return err_set(err, ERR_BUSY, "for %.0f s no request came through", stall);
        int64_t wait_ns = next_ns > load->now_ns ? next_ns - load->now_ns : 0;
        struct timespec wait = { wait_ns / NS, wait_ns % NS };
        int n = epoll_pwait2(load->epoll, events, EVENTS_AT_ONCE, &wait, NULL);
        if (n < 0 && errno != EINTR) return err_set(err, ERR_IO, "epoll_pwait2: %s", strerror(errno));
        load->now_ns = now_ns();
        for (int i = 0; i < n; i++) {
            if (i % 16 == 15) load->now_ns = now_ns();
            serve_event(events[i].data.ptr, events[i].events);
        }
    }
}

static bool stream_open(struct load *load, size_t index, const struct load_stream *options, struct arena *arena,
                        struct load_result *result, struct err *err)
{
    struct stream *stream = &load->streams[index];
    if (options->n_connections == 0 || !options->steps[0].method)
        return err_set(err, ERR_INVALID, "a stream needs connections and a request");
    memset(result, 0, sizeof *result);
    *stream = (struct stream){
        .options = options,
        .result = result,
        .load = load,
        .source = { rng_stream(options->seed, index), options->n_customers ? options->n_customers : 1,
                    options->first_message, 0 },
        .connections = ARENA_ARRAY(arena, struct connection, options->n_connections),
        .free = ARENA_ARRAY(arena, struct connection *, options->n_connections),
    };
    for (unsigned i = options->n_connections; i-- > 0;) {
        struct connection *connection = &stream->connections[i];
        *connection = (struct connection){ .stream = stream, .state = FREE, .fd = -1 };
        for (unsigned step = 0; step < 2 && options->steps[step].method; step++)
            if (!load_request_make(arena, &options->steps[step], i, &connection->requests[step], err))
                return false;
        stream->free[stream->n_free++] = connection;
    }
    return true;
}

static void streams_close(struct load *load, size_t n_open)
{
    for (size_t s = 0; s < n_open; s++) {
        struct stream *stream = &load->streams[s];
        for (unsigned c = 0; c < stream->options->n_connections; c++) {
            hang_up(&stream->connections[c]);
            free(stream->connections[c].received);
        }
        stream->result->next_message = stream->source.next_message;
        stream->result->seconds = (double)(stream->last_ns - load->count_ns) * 1e-9;
    }
    close(load->epoll);
}

bool load_run(const struct load_options *options, const struct load_stream *streams, size_t n_streams,
              struct load_result *ret_results, struct err *err)
{
    struct load load = { .options = options, 
                         .n_streams = n_streams, .wake_ns = NEVER, .epoll = epoll_create1(EPOLL_CLOEXEC) };
    if (load.epoll < 0) return err_set(err, ERR_IO, "epoll_create1: %s", strerror(errno));
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    load.streams = ARENA_ARRAY(arena, struct stream, n_streams);
    size_t n_open = 0;
    bool ok = true;
    for (; ok && n_open < n_streams; n_open += ok)
        ok = stream_open(&load, n_open, &streams[n_open], arena, &ret_results[n_open], err);
    load.began_ns = load.now_ns = load.progress_ns = now_ns();
    load.count_ns = load.began_ns + (int64_t)(options->warm_seconds * 1e9);
    load.end_ns = options->seconds > 0 ? load.began_ns + (int64_t)(options->seconds * 1e9) : NEVER;
    if (ok) ok = loop(&load, err);
    streams_close(&load, n_open);
    arena_free(arena);
    return ok;
}
