/* metric.h - which figures say how good predictions are; metrics.h computes them. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stdbool.h>

enum metric {
    /* yes/no */
    METRIC_AUC,             /* chance that a yes ranks above a no, ties count half */
    METRIC_PR_AUC,          /* average precision */
    METRIC_LOG_LOSS,        /* mean, natural logarithm, probabilities kept 1e-15 away from 0 and 1 */
    METRIC_BRIER,           /* mean squared error of the probability */
    METRIC_ECE,             /* mean |predicted - observed| over 10 bins of equal count */
    METRIC_PRECISION,       /* at the threshold: a row with predicted >= threshold is called yes */
    METRIC_RECALL,
    METRIC_F1,
    /* amounts */
    METRIC_RMSE,
    METRIC_MAE,
    METRIC_R2,
    METRIC_SPEARMAN,        /* rank correlation */
    METRIC_DEVIANCE,        /* mean Tweedie deviance of power 1.5: proper for means of amounts with many zeros */
    METRICS
};

const char *metric_name(enum metric metric);            /* "auc", "log_loss" ...: the JSON key */
bool        metric_is_better(enum metric metric, double a, double b);   /* than b; false if either is NaN */

#endif
