/* support.c - see support.h. */
#include "support.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t current_seed;

/* LeakSanitizer asks this when a process ends.  Only what boxfort starts, by BXFI_MAP, runs a test; the runner itself
   holds Criterion's memory and nothing else, and what of that is lost is not this project's. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return getenv("BXFI_MAP") == NULL; }

static struct support_case case_of(uint64_t seed, size_t index)
{
    current_seed = seed;
    return (struct support_case){ rng_new(seed), seed, index };
}

struct support_case support_first_case(void)
{
    const char *seed = getenv("SEED");
    return case_of(seed ? strtoull(seed, NULL, 10) : 1, 0);
}

void support_next_case(struct support_case *current) { *current = case_of(current->seed + 1, current->index + 1); }
uint64_t support_seed(void)                          { return current_seed; }

int64_t support_between(struct rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)rng_below(rng, (uint64_t)(high - low) + 1);
}

void support_golden(const char *got, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    if (getenv("REWRITE_GOLDEN")) { support_write(path, got, strlen(got)); return; }
    struct arena *arena = arena_new(1 << 26);
    char *want = support_read(arena, path, NULL);
    cr_assert(want, "no golden file %s: make golden writes it", path);
    cr_assert_str_eq(got, want, "differs from %s; got:\n%s", path, got);
    arena_free(arena);
}

static char scratch[64];

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void remove_scratch(void) { nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

const char *support_scratch(void)
{
    if (scratch[0]) return scratch;
    mkdir("build", 0777), mkdir("build/scratch", 0777);
    snprintf(scratch, sizeof scratch, "build/scratch/%ld", (long)getpid());
    remove_scratch();
    cr_assert(mkdir(scratch, 0777) == 0, "mkdir %s: %s", scratch, strerror(errno));
    atexit(remove_scratch);
    return scratch;
}

const char *support_path(const char *file_name)
{
    static char paths[16][160];
    static unsigned next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", support_scratch(), file_name);
    return path;
}

void support_write(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file, "cannot write %s: %s", path, strerror(errno));
    cr_assert(fwrite(bytes, 1, length, file) == length);
    cr_assert(fclose(file) == 0);
}

char *support_read(struct arena *arena, const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    char *bytes = arena_alloc(arena, length + 1, 1);
    cr_assert(fread(bytes, 1, length, file) == length);
    fclose(file);
    if (ret_length) *ret_length = length;
    return bytes;
}

const char *support_data(const char *relative_path)
{
    static char path[256];
    const char *root = getenv("HOLDFAST_DATA");
    snprintf(path, sizeof path, "%s/%s", root ? root : "../shared/data", relative_path);
    return access(path, R_OK) == 0 ? path : NULL;
}
