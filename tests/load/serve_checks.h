/* serve_checks.h - what the scenarios of serve_driver.c have in common: counted checks, the log read message by
 * message, a listener to the live stream. */
#ifndef TESTS_LOAD_SERVE_CHECKS_H
#define TESTS_LOAD_SERVE_CHECKS_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts a check; one that fails prints its sentence.  Returns is_fine. */
bool     serve_check(bool is_fine, const char *sentence, ...) PRINTF_LIKE(2, 3);
unsigned serve_n_passed(void);
unsigned serve_n_failed(void);

/* Messages of one load (load_message_id), numbers first .. end - 1. */
struct serve_messages { uint64_t first, end; };

/* Checks that each of the messages is in the log exactly once, and no other message is. */
void serve_verify_log(const char *database, uint32_t run, const struct serve_messages *sent, size_t n_sent);

/* "Basic ..." of a write key, as clients send it. */
const char *serve_basic(struct arena *arena, const char *write_key);

/* Reads GET /v1/events on a thread of its own until the server closes it.  _end returns the bytes that came. */
struct serve_listener;
struct serve_listener *serve_listen(unsigned port, const char *bearer);
size_t                 serve_listen_end(struct serve_listener *listener);

#endif
