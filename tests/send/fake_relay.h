/* fake_relay.h - a mail relay and a web server of one thread that misbehave as a recipient's name or a path says.
 *
 * Of mail: later@ 451, full@ 550 5.1.1 no such user, spam@ 554 5.7.1 after the data, drop@ closes after the final
 * dot without a word, cut@ closes in the middle of the data, hang@ never answers the recipient, slow@ answers
 * after 0.2 s, half@ reads no further for a second in the middle of the data; all others are taken.  Of the web:
 * every request is answered 200 with {"tier":"gold"}, /later 503 for two minutes, /dated 429 for two minutes, as a
 * date, /long 503 for ever, /gone 410, /away 302, /slow after 0.4 s, /hang nothing, /drop closes after the request, /second where
 * it is not a connection's first. */
#ifndef TESTS_SEND_FAKE_RELAY_H
#define TESTS_SEND_FAKE_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { FAKE_RELAY_KEPT = 4096, FAKE_RELAY_BYTES = 16384 };

struct fake_relay {
    int           listener, port;
    bool          is_web;
    atomic_bool   is_stopping;
    atomic_uint   n_taken, n_connections, n_hung, n_half;
    char          last[FAKE_RELAY_BYTES];       /* the last message, or request, whole */
    char          taken_for[FAKE_RELAY_KEPT][64];       /* recipients of those taken, or webhook-ids */
    pthread_mutex_t mutex;
    pthread_t     thread;
};

void fake_relay_start(struct fake_relay *relay, bool is_web);
void fake_relay_stop(struct fake_relay *relay);
size_t fake_relay_count(struct fake_relay *relay, const char *who);     /* how often it was taken for somebody */

#endif
