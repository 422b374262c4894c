/* workers.h - a few threads for requests that take more than a moment: passwords, exports, previews, whatever reads
 * the database or waits for it.  The threads that carry everybody's events and decisions stay free.
 *
 * What waits is bounded, and so is what requests of one route may take of it: no more than half of the threads and
 * half of the places, so that nobody's previews keep others from signing in.
 *
 * In a shop of many customers the answers of routes that say so are kept, and one more thread works out what pages ask
 * first, before they do, and anew what has become old.  In a smaller one every answer is of the moment. */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include "server/http.h"

#include <stddef.h>

struct workers;

enum { WORKERS_THREADS = 8, WORKERS_WAITING_MOST = 64, WORKERS_LARGE_SHOP = 50000 };

/* service, server: of all requests.  Answers are kept once there are large_shop ids (WORKERS_LARGE_SHOP).
 * Errors: ERR_IO no more threads. */
bool workers_start(struct service *service, struct server *server, size_t large_shop, struct workers **ret_workers,
                   struct err *err) MUST_CHECK;

/* Calls handle in one of the threads, whose answer then goes out; HANDLED_LATER, or, if too many wait already, the
 * refusal.  Any thread. */
enum handling workers_take(struct workers *workers, struct request *request, struct reply *reply,
                           enum handling (*handle)(struct request *request, struct reply *reply));

/* What a route keeps of answers to the same question with the same rights (route.h): answers at once if there is one,
 * and says in headers how old it is (Age, X-As-Of), and whether it is behind (X-Newer-Coming).  Any thread. */
bool workers_kept(struct workers *workers, struct request *request, struct reply *reply);

size_t workers_n_waiting(struct workers *workers);
size_t workers_n_kept(struct workers *workers);         /* answers */

/* When no more are given: ends those under way first.  NULL is fine. */
void workers_stop(struct workers *workers);

#endif
