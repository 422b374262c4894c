/* design.h - an experiment as it is declared in YAML, and who gets which arm of it.
 *
 * Assignment is a hash of the unit and the experiment's salt (bucket.h): sticky, without a table, and a ramp that
 * grows moves nobody from one arm to another. */
#ifndef EXPERIMENT_DESIGN_H
#define EXPERIMENT_DESIGN_H

#include "base/text.h"
#include "base/yaml.h"

enum { DESIGN_ARMS_MOST = 20, DESIGN_METRICS_MOST = 50, DESIGN_RAMP_MOST = 50, DESIGN_RAMP_ROOM = 2 * DESIGN_RAMP_MOST, DESIGN_STRATA_MOST = 5,
       DESIGN_NAME_MOST_BYTES = 100 };

/* any: 1 for whoever has such an event; count: how many; sum: of amounts; a quantile of the sum; ratio: the sum
 * over how many. */
enum design_kind { DESIGN_ANY, DESIGN_COUNT, DESIGN_SUM, DESIGN_RATIO, DESIGN_QUANTILE, DESIGN_KINDS };

struct design_metric {
    const char      *name, *event;
    enum design_kind kind;
    const char      *of;                /* "amount", or a property of the event */
    double           quantile, margin, winsor;      /* margin 1, winsor 0: nothing said */
    bool             has_margin, has_costs;
    int64_t          window_days;       /* after each person's own exposure */
};

struct design_guardrail { const char *metric; double stop_above; };
struct design_ramp { int64_t from_ms; double share; bool is_by_hand; };   /* by hand: not planned by the definition */
enum design_exposure { EXPOSED_BY_DECISION, EXPOSED_BY_MESSAGE, EXPOSED_BY_STEP, EXPOSED_BY_CALL, EXPOSED_BY_SCORE,
                       EXPOSURES };

struct design {
    const char            *name, *salt, *unit, *who;    /* who: SQL over customers; NULL: everybody */
    const char            *model;               /* whose versions the arms are (hub/contest.h); NULL: none */
    const char            *arms[DESIGN_ARMS_MOST];
    double                 shares[DESIGN_ARMS_MOST];
    size_t                 n_arms, control;
    const char            *space;               /* namespace; NULL: none */
    double                 space_from, space_to;
    const char            *strata[DESIGN_STRATA_MOST];
    size_t                 n_strata;
    int64_t                start_ms, end_ms;    /* end INT64_MAX: none */
    struct design_ramp     ramp[DESIGN_RAMP_ROOM];
    size_t                 n_ramp;
    enum design_exposure   exposure;
    bool                   is_transactional;    /* the global control group takes part */
    bool                   is_known;            /* audience: known: who takes part is settled at the start */
    struct design_metric   metrics[DESIGN_METRICS_MOST];
    size_t                 n_metrics, primary;
    size_t                 covariate;           /* a metric; SIZE_MAX: none */
    int64_t                covariate_days;
    struct design_guardrail guardrails[DESIGN_METRICS_MOST];
    size_t                 n_guardrails;
};

/* Reads one entry of the list experiments.  Texts live as long as node.
 * Errors: ERR_INVALID with file, line and column. */
bool design_read(const struct yaml_node *node, struct arena *arena, struct design *ret_design,
                 struct err *err) MUST_CHECK;

/* The experiment of that name in the text of a file of experiments, which is kept when one starts; ret_root (NULL: not wanted) is all
 * of the file.  The text lives as long as the design.  Errors: ERR_CORRUPT it is not there; ERR_INVALID. */
bool design_of(const char *name, struct text definition, struct arena *arena, struct design *ret_design,
               const struct yaml_node **ret_root, struct err *err) MUST_CHECK;

/* The share of the ramp at an instant; 0 before the start. */
double design_ramp_at(const struct design *design, int64_t at_ms);

/* From an instant on at least that share takes part; beyond DESIGN_RAMP_ROOM steps nothing is added. */
void design_raise(struct design *design, int64_t from_ms, double share);

/* ---- who gets which arm ---- */

enum design_reason {
    ASSIGNED,
    NOT_HELD_IN,
    NOT_IN_NAMESPACE,
    NOT_IN_RAMP,
    NOT_ELIGIBLE,
    IS_MIXED,
    DESIGN_REASONS
};
extern const char *const design_reason_words[DESIGN_REASONS]; /* "assigned", "holdout", "namespace", "ramp" ... */

/* dealt_arm: of a known audience, n_arms: not one of it. */
struct design_facts { bool is_held_out, is_eligible, is_mixed; size_t dealt_arm; };
struct assigned { enum design_reason reason; size_t arm; double bucket; };     /* arm: SIZE_MAX where in none */

/* Whether a unit may be in it at all, by its namespace. */
bool design_has_room(const struct design *design, struct text unit);

/* A known audience [n] gets its arms at once: within each stratum in the order of the hash, so that in each of them
 * every arm has its share, to within one.  stratum: any number for each; ret_arm [n]. */
void design_deal(const struct design *design, const struct text *units, const uint64_t *stratum, size_t n,
                 struct arena *arena, uint8_t *ret_arm);

struct assigned design_assign(const struct design *design, struct text unit, struct design_facts facts,
                              int64_t at_ms);

#endif
