/* service_support.h - what the tests of the whole live program share. */
#ifndef TESTS_ENGINE_SERVICE_SUPPORT_H
#define TESTS_ENGINE_SERVICE_SUPPORT_H

#include "engine/service.h"
#include "hub/ingest.h"
#include "support.h"

/* The service over a database that may be there, with a clock that reads *now_ms. */
struct service *service_of_test(const char *path, int64_t *now_ms);

/* Hands messages to the writer and waits until they are durable.  The arena holds the intake, and goes with it. */
struct ingest_outcome service_put(struct service *service, struct arena *arena, const struct intake *intake);

/* The same for a Segment batch. */
struct ingest_outcome service_send(struct service *service, const char *body);

/* A file in a database, as the import command takes it. */
void service_import_file(const char *path, const char *file, int64_t now_ms);

/* A simulated shop of 300 customers and 400 days, which end just before now_ms, in a database. */
void service_import(const char *path, int64_t now_ms);

#endif
