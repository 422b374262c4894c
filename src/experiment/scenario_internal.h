/* scenario_internal.h - what reading and running a scenario share. */
#ifndef EXPERIMENT_SCENARIO_INTERNAL_H
#define EXPERIMENT_SCENARIO_INTERNAL_H

#include "base/yaml.h"
#include "condition/expression.h"
#include "experiment/scenario.h"
#include "math/distribution.h"

/* A name of the scenario: a constant, a distribution, or an expression over others. */
struct quantity {
    const char             *name;
    enum { IS_CONSTANT, IS_DRAWN, IS_WORKED_OUT } kind;
    bool                    is_output;
    double                  constant;
    struct distribution     distribution;
    const char             *sql;
    const struct yaml_node *node;           /* where it stands */
};

struct scenario {
    const char      *path;
    struct quantity  quantities[SCENARIO_NAMES_MOST];
    size_t           n;
    size_t           order[SCENARIO_NAMES_MOST];    /* [n_worked] those worked out, after what they need */
    size_t           n_worked;
    size_t           periods[SCENARIO_PERIODS_MOST];        /* [n_periods] quantities */
    size_t           n_periods, discount;                   /* discount: a quantity, if there are periods */
    struct expression_column columns[SCENARIO_NAMES_MOST];  /* all names, for expressions */
};

#endif
