/* terminal.c - see terminal.h. */
#include "cli/terminal.h"
#include "server/clocks.h"

#include "cli/handover.h"
#include "cli/json_out.h"
#include "cli/progress_line.h"
#include "base/parallel.h"
#include "base/similar.h"

#include <stdio.h>
#include <assert.h>
#include <string.h>
#include <unistd.h>

static const struct flag common_flags[] = {
    { "db", "PATH", "the database (else the only .holdfast file here)" },
    { "settings", "FILE",
      "the settings (else holdfast.yaml of the campaigns last served, else the one beside the database)" },
    { "json", NULL, "print one JSON object instead of text" },
    { "quiet", NULL, "no progress and no notes" },
    { "threads", "N", "threads to use (else as many as there are cores)" },
    { "seed", "N", "seed of everything drawn by chance (else 1)" },
    { "help", NULL, "this text" },
    { 0 },
};
enum { COMMON_FLAGS = sizeof common_flags / sizeof *common_flags - 1 };

/* A flag's place in invocation->values: the common flags come first. */
static const struct flag *flag_find(const struct command *command, const char *name, size_t length, size_t *ret_at)
{
    for (size_t i = 0; i < COMMON_FLAGS; i++)
        if (strlen(common_flags[i].name) == length && memcmp(common_flags[i].name, name, length) == 0) {
            *ret_at = i;
            return &common_flags[i];
        }
    for (size_t i = 0; command->flags && command->flags[i].name; i++)
        if (strlen(command->flags[i].name) == length && memcmp(command->flags[i].name, name, length) == 0) {
            *ret_at = COMMON_FLAGS + i;
            assert(*ret_at < sizeof ((struct invocation *)NULL)->values / sizeof(char *));
            return &command->flags[i];
        }
    return NULL;
}

static const char *value_of(const struct invocation *invocation, const char *name)
{
    size_t at;
    const struct flag *flag = flag_find(invocation->command, name, strlen(name), &at);
    return flag ? invocation->values[at] : NULL;
}

bool flag_is_given(const struct invocation *invocation, const char *name)
{
    return value_of(invocation, name) != NULL;
}

const char *flag_text(const struct invocation *invocation, const char *name, const char *otherwise)
{
    const char *value = value_of(invocation, name);
    return value ? value : otherwise;
}

static void print_flags(const struct flag *flags)
{
    for (; flags && flags->name; flags++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", flags->name, flags->value ? " " : "",
                 flags->value ? flags->value : "");
        printf("  %-26s %s\n", left, flags->help);
    }
}

void command_help(const struct command *command)
{
    printf("holdfast %s - %s\n\nusage: holdfast %s%s%s [--FLAG ...]\n", command->name, command->summary,
           command->name, *command->arguments ? " " : "", command->arguments);
    if (command->details) printf("\n%s\n", command->details);
    if (command->flags) puts("\nflags:");
    print_flags(command->flags);
    puts("\nflags of every command:");
    print_flags(common_flags);
    printf("\nexample:\n  %s\n", command->example);
}

static bool count_arguments(const struct invocation *invocation, struct err *err)
{
    size_t least = 0, most = 0;
    for (const char *word = invocation->command->arguments; *word;) {
        size_t length = strcspn(word, " ");
        least += *word != '[';
        most += 1;
        if (length > 3 && memcmp(word + length - 3, "...", 3) == 0)
            most = sizeof invocation->arguments / sizeof *invocation->arguments;
        word += length;
        word += strspn(word, " ");
    }
    if (invocation->n_arguments >= least && invocation->n_arguments <= most) return true;
    const char *name = invocation->command->name;
    if (invocation->n_arguments < least)
        return err_set(err, ERR_INVALID, "usage: holdfast %s %s; holdfast %s --help says more", name,
                       invocation->command->arguments, name);
    return err_set(err, ERR_INVALID, "'%s' is one argument too many; holdfast %s --help says what it takes",
                   invocation->arguments[most], name);
}

static bool no_such_flag(const struct invocation *invocation, const char *word, size_t length, struct err *err)
{
    const struct flag *own = invocation->command->flags;
    const char *names[COMMON_FLAGS + sizeof invocation->values / sizeof *invocation->values];
    size_t n = 0;
    for (size_t i = 0; i < COMMON_FLAGS; i++) names[n++] = common_flags[i].name;
    for (size_t i = 0; own && own[i].name; i++) names[n++] = own[i].name;
    const char *wanted = arena_format(invocation->arena, "%.*s", (int)length, word);
    const char *close = similar_names(wanted, names, n, invocation->arena);
    return err_set(err, ERR_INVALID, "there is no flag --%s%s holdfast %s --help lists them", wanted,
                   strchr(close, '?') ? close : ";", invocation->command->name);
}

static bool read_flag(struct invocation *invocation, const char *word, const char *next, bool *ret_took_next,
                      struct err *err)
{
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word), at;
    const struct flag *flag = flag_find(invocation->command, word, length, &at);
    *ret_took_next = false;
    if (!flag) return no_such_flag(invocation, word, length, err);
    if (!flag->value && equals) return err_set(err, ERR_INVALID, "--%s takes no value", flag->name);
    if (flag->value && !equals && !next)
        return err_set(err, ERR_INVALID, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value);
    const char *value = !flag->value ? "" : equals ? equals + 1 : next, *before = invocation->values[at];
    bool is_list = flag->value && strstr(flag->value, ",...");      /* given again it goes on */
    invocation->values[at] = is_list && before ? arena_format(invocation->arena, "%s,%s", before, value) : value;
    *ret_took_next = flag->value && !equals;
    return true;
}

static bool read_words(struct invocation *invocation, int argc, char **argv, struct err *err)
{
    bool only_arguments = false;
    for (int i = 0; i < argc; i++) {
        bool is_flag = !only_arguments && argv[i][0] == '-' && argv[i][1] == '-';
        if (is_flag && !argv[i][2]) { only_arguments = true; continue; }
        if (is_flag) {
            bool took_next;
            if (!read_flag(invocation, argv[i] + 2, i + 1 < argc ? argv[i + 1] : NULL, &took_next, err))
                return false;
            i += took_next;
            continue;
        }
        if (invocation->n_arguments == sizeof invocation->arguments / sizeof *invocation->arguments)
            return err_set(err, ERR_INVALID, "too many arguments from '%s' on", argv[i]);
        invocation->arguments[invocation->n_arguments++] = argv[i];
    }
    return true;
}

static bool prepare(struct invocation *invocation, struct err *err)
{
    int64_t threads, seed;
    if (!count_arguments(invocation, err)) return false;
    if (!flag_int(invocation, "threads", 1, 64, parallel_cores(), &threads, err)) return false;
    if (!flag_int(invocation, "seed", 0, INT64_MAX, 1, &seed, err)) return false;
    invocation->n_threads = (unsigned)threads;
    invocation->seed = (uint64_t)seed;
    return true;
}

bool writes_file(const struct invocation *invocation) { return invocation->n_arguments > 0; }
bool always_writes(const struct invocation *invocation) { (void)invocation; return true; }

void flags_each(const struct invocation *invocation,
                void (*tell)(void *context, const struct flag *flag, const char *value), void *context)
{
    const struct flag *flags = invocation->command->flags;
    for (size_t i = 0; i < COMMON_FLAGS; i++)
        if (invocation->values[i]) tell(context, &common_flags[i], invocation->values[i]);
    for (size_t i = 0; flags && flags[i].name; i++)
        if (invocation->values[COMMON_FLAGS + i]) tell(context, &flags[i], invocation->values[COMMON_FLAGS + i]);
}

int command_do(const struct command *command, int argc, char **argv, const struct surroundings *surroundings)
{
    struct err err = { 0 };
    struct invocation invocation = { .command = command, .arena = arena_new(ARENA_NO_LIMIT),
                                     .out = surroundings->out, .in = surroundings->in,
                                     .service = surroundings->service, .who = surroundings->who,
                                     .what = surroundings->what,
                                     .role = surroundings->role, .progress = surroundings->progress };
    struct progress_line line;
    bool is_done = false;
    int status = 0;
    bool ok = read_words(&invocation, argc, argv, &err);
    invocation.is_json = flag_is_given(&invocation, "json");
    if (ok && flag_is_given(&invocation, "help")) {
        command_help(command);
        arena_free(invocation.arena);
        return 0;
    }
    if (!invocation.who) invocation.who = handover_user(getuid(), invocation.arena);
    ok = ok && prepare(&invocation, &err) &&
         (invocation.service || handover_ask(&invocation, &is_done, &status, &err));
    if (ok && !is_done) {
        bool is_drawn = !invocation.service && isatty(STDERR_FILENO) && !flag_is_given(&invocation, "quiet");
        if (is_drawn) invocation.progress = progress_line_begin(&line, clock_seconds);
        ok = command->run(&invocation, &err);
        if (is_drawn) progress_line_end(&line);
    }
    if (!ok) status = invocation.failure_status ? invocation.failure_status : err_exit_status(err.code);
    if (!ok && invocation.is_json && !invocation.has_answered) json_print_error(invocation.out, &err);
    if (!ok) fprintf(surroundings->errors, "holdfast %s: %s\n", command->name, err.text);
    arena_free(invocation.arena);
    if (status == 0 && (fflush(surroundings->out) != 0 || ferror(surroundings->out))) {
        fprintf(surroundings->errors, "holdfast %s: standard output could not be written\n", command->name);
        return err_exit_status(ERR_IO);
    }
    return status;
}

int command_main(const struct command *command, int argc, char **argv)
{
    const struct surroundings here = { .out = stdout, .errors = stderr, .in = stdin };
    return command_do(command, argc, argv, &here);
}
