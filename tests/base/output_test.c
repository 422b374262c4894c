/* Output: a file appears whole or not at all. */
#include "base/output.h"
#include "base/crash_point.h"
#include "support.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_new(const char *path, struct err *err)
{
    struct output *output;
    ASSERT_OK(output_open(path, &output, err), err);
    output_text(output, "new");
    ASSERT_OK(output_commit(output, err), err);
}

Test(output, a_kill_at_any_instant_leaves_the_old_file_or_the_new)
{
    struct err err;
    struct arena *arena = arena_new(1 << 20);
    const char *path = support_path("report.html");
    int n_crashes = 0;
    for (unsigned nth = 1;; nth++) {
        support_write(path, "old", 3);
        pid_t child = fork();
        if (child == 0) {
            crash_at(nth);
            write_new(path, &err);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        char *got = support_read(arena, path, NULL);
        bool crashed = WIFEXITED(status) && WEXITSTATUS(status) == 99;
        n_crashes += crashed;
        cr_assert(strcmp(got, "old") == 0 || strcmp(got, "new") == 0, "left '%s'", got);
        if (!crashed) { cr_assert_str_eq(got, "new"); break; }
    }
    cr_assert_eq(n_crashes, 2);
    arena_free(arena);
}

Test(output, abandoning_leaves_the_old_file)
{
    struct err err;
    struct arena *arena = arena_new(1 << 20);
    struct output *output;
    const char *path = support_path("scores.csv");
    support_write(path, "old", 3);
    ASSERT_OK(output_open(path, &output, &err), &err);
    output_text(output, "half");
    output_abandon(output);
    cr_assert_str_eq(support_read(arena, path, NULL), "old");
    arena_free(arena);
}

Test(output, a_folder_that_is_not_there_is_told)
{
    struct err err;
    struct output *output;
    ASSERT_FAILS(output_open("/nowhere/report.html", &output, &err), &err, ERR_IO, "/nowhere/report.html");
    ASSERT_FAILS(output_open(support_scratch(), &output, &err), &err, ERR_INVALID, "is a folder");
}

Test(output, a_full_disk_is_told_and_the_old_file_stays)
{
    struct err err;
    struct arena *arena = arena_new(1 << 20);
    struct output *output;
    const char *path = support_path("full.csv");
    support_write(path, "old", 3);
    ASSERT_OK(output_open(path, &output, &err), &err);
    signal(SIGXFSZ, SIG_IGN);       /* a limit on the size of files is a disk that is full */
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){ 20000, before.rlim_max };
    setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 4000; i++) output_text(output, "0123456789");
    bool is_done = output_commit(output, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_FAILS(is_done, &err, ERR_IO, "full.csv could not be written");
    cr_assert_str_eq(support_read(arena, path, NULL), "old");
    arena_free(arena);
}

Test(output, csv_fields_are_quoted_and_formulas_disarmed)
{
    struct err err;
    struct arena *arena = arena_new(1 << 20);
    struct output *output;
    const char *path = support_path("fields.csv");
    ASSERT_OK(output_open(path, &output, &err), &err);
    static const char *const fields[] = { "plain", "a,b", "say \"x\"", "=1+2", "-3.5", "@cmd" };
    for (size_t i = 0; i < 6; i++) {
        output_csv_field(output, fields[i]);
        output_text(output, "\n");
    }
    ASSERT_OK(output_commit(output, &err), &err);
    cr_assert_str_eq(support_read(arena, path, NULL),
                     "plain\n\"a,b\"\n\"say \"\"x\"\"\"\n\"'=1+2\"\n-3.5\n\"'@cmd\"\n");
    arena_free(arena);
}
