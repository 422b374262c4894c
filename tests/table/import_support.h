/* import_support.h - what the tests of files share: a database for each test, and what an import left in it.
 *
 * Test(suite, ...) with TestSuite(suite, .init = import_shop_open, .fini = import_shop_close). */
#ifndef TESTS_TABLE_IMPORT_SUPPORT_H
#define TESTS_TABLE_IMPORT_SUPPORT_H

#include "log/log.h"
#include "store/store.h"
#include "support.h"
#include "table/import.h"
#include "table/import_record.h"

extern struct store         *store;
extern struct log           *history;
extern struct arena         *import_arena;
extern struct err            import_err;
extern struct import_result  result;
extern struct import_options options;       /* two threads, else as by default; set what a test needs */

void import_shop_open(void);
void import_shop_close(void);

const char *file_with(const char *text);    /* written to file.csv; returns its path */
bool        import(const char *path);       /* with options, into result or import_err */

#define IMPORT_OK(text) ASSERT_OK(import(file_with(text)), &import_err)
#define IMPORT_FAILS(text, code, sentence) ASSERT_FAILS(import(file_with(text)), &import_err, code, sentence)

uint64_t n_stored(void);                    /* events in the log */

/* The events of a kind, of one customer or (NULL) of all: how many, and their sums. */
struct sums { uint64_t n; int64_t amount_cents, quantity_milli; };
struct sums sums_of(const char *kind_name, const char *customer);

const char *traits_of(const char *customer);    /* the properties of their traits events, one after another */
bool        has_finding(const char *words);     /* in the title of one */
bool        has_advice(const char *words);      /* in the detail of one */
enum role   role_of(const char *column);
const char *flag_of(const char *column);        /* that gives it another role */
const char *format_of(const char *column);
struct reject *rejects_of(size_t *ret_n);       /* of the latest import */

#endif
