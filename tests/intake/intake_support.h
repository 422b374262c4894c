/* intake_support.h - requests as clients send them, for the tests of every protocol. */
#ifndef TESTS_INTAKE_SUPPORT_H
#define TESTS_INTAKE_SUPPORT_H

#include "intake/intake.h"
#include "support.h"

/* Every test's request arrives at 2025-11-22T22:00:00Z. */
#define RECEIVED_MS INT64_C(1763848800000)

extern struct arena *arena;
extern struct intake intake;
extern struct err    err;

void intake_setup(void);
void intake_teardown(void);

/* Reads a request whose body is copied to memory of exactly its size, so that reading past it is found. */
bool read_request(struct intake_request request, const char *body);
bool read_segment(const char *type, const char *body);

/* The only message of intake, which has no refusal. */
const struct message *only_message(void);
/* The only refusal of intake, which has no message, is of this field (NULL: none) for a reason with this text. */
void only_refusal(const char *field, const char *reason);

#define ASSERT_TEXT(got, want)                                                                             \
    cr_assert(text_equal((got), text_of(want)), "%s is \"%.*s\", want \"%s\"", #got, (int)(got).length,    \
              (got).at ? (got).at : "", (want))

#endif
