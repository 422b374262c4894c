/* support.h - what the tests share: seeded random cases, golden files, a scratch folder.
 *
 * Tests are Criterion's: Test(suite, a_sentence_that_says_what_holds) { ... }.  The suite is the
 * file's module.  A test leaves nothing behind but its scratch folder under build/. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* n random cases: EACH_CASE(c, 200) { ... rng_below(&c.rng, 9) ... }  SEED=7 in the environment
 * starts from that seed; support_seed() is for failure messages. */
#define EACH_CASE(c, n) for (struct support_case c = support_first_case(); c.index < (n); support_next_case(&c))

struct support_case { struct rng rng; uint64_t seed; size_t index; };

struct support_case support_first_case(void);
void                support_next_case(struct support_case *current);
uint64_t            support_seed(void);         /* of the case running now */
int64_t             support_between(struct rng *rng, int64_t low, int64_t high);    /* both ends included */

/* Asserts that call returned true, or fails with the error's sentence. */
#define ASSERT_OK(call, err) cr_assert((call), "%s: %s (seed %llu)", #call, (err)->text, (unsigned long long)support_seed())
/* Asserts that call failed with the code, and that its sentence contains text. */
#define ASSERT_FAILS(call, err, wanted_code, wanted_text)                                                  \
    do {                                                                                             \
        cr_assert(!(call), "%s succeeded", #call);                                                   \
        cr_assert((err)->code == (wanted_code), "%s gave code %d: %s", #call, (int)(err)->code, (err)->text); \
        cr_assert(strstr((err)->text, (wanted_text)), "\"%s\" is not in \"%s\"", (wanted_text), (err)->text);     \
    } while (0)
#define ASSERT_NEAR(got, want, tolerance)                                                            \
    cr_assert(fabs((double)(got) - (double)(want)) <= (tolerance), "%s is %.12g, want %.12g (seed %llu)", #got, \
              (double)(got), (double)(want), (unsigned long long)support_seed())

/* Compares with tests/golden/<name>; `make golden` rewrites the file instead. */
void support_golden(const char *got, const char *name);

/* A fresh empty folder under build/scratch, named after the test's process; removed at the end of a
 * test that passes.  support_path formats a path inside it.  Both live until the process ends. */
const char *support_scratch(void);
const char *support_path(const char *file_name);

void  support_write(const char *path, const char *bytes, size_t length);
char *support_read(struct arena *arena, const char *path, size_t *ret_length);     /* NULL if absent */

/* The path of a file of the shared data sets, or NULL: then the test says that it skips. */
const char *support_data(const char *relative_path);
#define SKIP_WITHOUT(path) if (!(path)) cr_skip_test("the public data sets are not beside the project")

#endif
