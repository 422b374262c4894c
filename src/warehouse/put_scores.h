/* put_scores.h - what was predicted, back into the warehouse. */
#ifndef WAREHOUSE_PUT_SCORES_H
#define WAREHOUSE_PUT_SCORES_H

#include "warehouse/shipped.h"

struct put_scores {
    const struct warehouse_settings *settings;
    const char *question, *model;
    int64_t as_of_ms, trained_ms; /* trained_ms: of the model */
    size_t n;
    struct text *customer;    /* [n] as they are called there */
    uint32_t *number;   /* [n] of the log here */
    uint8_t *partition;       /* [n] */
    const double *prediction; /* [n] */
    int64_t *loss_cents;      /* [n] */
    const char **reasons;     /* [n] */
    unsigned first_partition, last_partition;
    int64_t now_ms;
};

/* Each partition is one run's once: what the same question, instant and model put there before is removed first,
 * and only then does table runs say that it is whole.  Errors: those of shard_ask and warehouse_remove. */
bool put_scores(const struct put_scores *put, struct arena *arena, struct err *err) MUST_CHECK;

#endif
