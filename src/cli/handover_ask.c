/* handover_ask.c - hands a command over, prints the answer; see handover.h. */
#include "cli/handover.h"
#include "cli/handover_socket.h"
#include "base/spool.h"
#include "store/store.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST_BYTES = 4096 };

/* What is sent. */
struct asking { struct arena *arena; char *bytes; size_t n, room; };

static void add(struct asking *asking, const char *word)
{
    size_t length = strlen(word) + 1;
    if (asking->n + length > asking->room) {
        size_t room = 2 * (asking->n + length);
        char *more = arena_alloc(asking->arena, room, 1);
        if (asking->n > 0) memcpy(more, asking->bytes, asking->n);
        asking->bytes = more, asking->room = room;
    }
    memcpy(asking->bytes + asking->n, word, length);
    asking->n += length;
}

/* The server may stand in another folder. */
static const char *absolute(const char *path, struct arena *arena)
{
    char folder[4096];
    if (*path == '/' || !getcwd(folder, sizeof folder)) return path;
    return arena_format(arena, "%s/%s", folder, path);
}

static bool is_file(const char *what) { return strstr(what, "FILE") || strstr(what, "PATH"); }

static void add_arguments(struct asking *asking, const struct invocation *invocation)
{
    const char *word = invocation->command->arguments;
    for (size_t i = 0; i < invocation->n_arguments; i++) {
        size_t length = strcspn(word, " ");
        const char *what = arena_format(asking->arena, "%.*s", (int)length, word);
        bool is_path = is_file(what) && strcmp(invocation->arguments[i], "-") != 0;
        add(asking, is_path ? absolute(invocation->arguments[i], asking->arena) : invocation->arguments[i]);
        word += length;
        word += strspn(word, " ");
    }
}

static void add_flag(void *context, const struct flag *flag, const char *value)
{
    struct asking *asking = context;
    if (strcmp(flag->name, "db") == 0) return;
    if (flag->value && is_file(flag->value)) value = absolute(value, asking->arena);
    add(asking, flag->value ? arena_format(asking->arena, "--%s=%s", flag->name, value)
                            : arena_format(asking->arena, "--%s", flag->name));
}

static bool spool_line(struct spool *spool, struct err *err)
{
    char line[LINE_MOST_BYTES];
    return !fgets(line, sizeof line, stdin) || spool_write(spool, line, strlen(line), err);
}

static bool spool_all(struct spool *spool, size_t most, struct err *err)
{
    char part[16384];
    bool ok = true;
    for (size_t n, total = 0; ok && (n = fread(part, 1, sizeof part, stdin)) > 0;) {
        total += n;
        ok = total <= most ? spool_write(spool, part, n, err)
                           : err_set(err, ERR_INVALID, "standard input holds more than %zu bytes", most);
    }
    return ok && (!ferror(stdin) || err_set(err, ERR_IO, "standard input cannot be read"));
}

/* Standard input, as far as the command reads it: a password's line, or all that stands for a file.  It is copied
 * first, so that a server never waits for what somebody types.  *ret_file stays -1 where it reads none. */
static bool copy_input(const struct invocation *invocation, int *ret_file, struct err *err)
{
    const struct command *command = invocation->command;
    bool is_line = flag_is_given(invocation, "password-stdin"),
         is_file = invocation->n_arguments > 0 && strcmp(invocation->arguments[0], "-") != 0,
         is_asked = invocation->n_arguments > 0 || command->input_most_bytes > 0;
    struct spool *spool;
    if (!is_line && (is_file || !is_asked)) return true;
    bool ok = spool_open(&spool, err);
    if (ok && is_line) ok = spool_line(spool, err);
    else if (ok) ok = spool_all(spool, command->input_most_bytes ? command->input_most_bytes : SIZE_MAX, err);
    if (ok && spool_flush(spool, err) && lseek(spool->file, 0, SEEK_SET) == 0) {
        *ret_file = spool->file;
        spool->file = -1;
    } else if (ok) {
        ok = err_set(err, ERR_IO, "standard input cannot be copied");
    }
    spool_close(spool);
    return ok;
}

static int connect_to(const char *database)
{
    struct sockaddr_un address;
    int folder;
    if (!handover_address(database, &address, &folder)) return -1;
    int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file >= 0 && connect(file, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(file);
        file = -1;
    }
    (void)close(folder);
    return file;
}

static bool print_bytes(int socket, size_t n, FILE *out)
{
    char bytes[8192];
    while (n > 0) {
        size_t part = n < sizeof bytes ? n : sizeof bytes;
        if (!handover_receive(socket, bytes, part)) return false;
        (void)fwrite(bytes, 1, part, out);      /* whether it could be written is asked once, at the end */
        n -= part;
    }
    return true;
}

bool handover_ask(struct invocation *invocation, bool *ret_is_done, int *ret_status, struct err *err)
{
    const struct command *command = invocation->command;
    const char *database = NULL;
    *ret_is_done = false;
    if (!command->is_writing || !command->is_writing(invocation)) return true;
    bool is_of_items =
        strcmp(command->name, "import") == 0 && strcmp(flag_text(invocation, "shape", ""), "items") == 0;
    bool is_named = command->is_named_by_file && !is_of_items;  /* a catalogue goes to the database that is here */
    if (!command_database(invocation, is_named ? invocation->arguments[0] : NULL, &database, err))
        return false;
    int socket = store_is_held(database) ? connect_to(database) : -1;
    if (socket < 0) return true;        /* whoever holds it without a socket is told of when it is opened */
    struct asking asking = { .arena = invocation->arena };
    struct handover_reply reply;
    int input = -1;
    bool ok = copy_input(invocation, &input, err);
    add(&asking, command->name);
    add(&asking, arena_format(invocation->arena, "--db=%s", database));
    flags_each(invocation, add_flag, &asking);
    add(&asking, "--");
    add_arguments(&asking, invocation);
    uint32_t n = (uint32_t)asking.n;
    if (ok && !(handover_send_first(socket, n, input) && handover_send(socket, asking.bytes, asking.n) &&
                handover_receive(socket, &reply, sizeof reply) && print_bytes(socket, reply.n_out, stdout) &&
                print_bytes(socket, reply.n_err, stderr)))
        ok = err_set(err, ERR_IO,
                     "the server that holds '%s' took the command and gave no answer: look whether it is done",
                     database);
    (void)close(socket);
    if (input >= 0) (void)close(input);
    if (!ok) return false;
    *ret_is_done = true;
    *ret_status = (int)reply.status;
    return true;
}

const char *handover_user(unsigned user_id, struct arena *arena)
{
    struct passwd user, *found = NULL;
    char room[4096];
    if (getpwuid_r(user_id, &user, room, sizeof room, &found) == 0 && found)
        return arena_format(arena, "cli:%s", user.pw_name);
    return arena_format(arena, "cli:%u", user_id);
}
