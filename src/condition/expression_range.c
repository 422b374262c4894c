/* expression_range.c - what operators make of ranges; see expression_range.h. */
#include "condition/expression_range.h"

#include <stdlib.h>

const struct range range_anything = { -INFINITY, INFINITY, true, true, false };
const struct range range_nothing  = { INFINITY, -INFINITY, true, false, false };

static struct range truths(bool can_true, bool can_false, bool has_null)
{
    if (!can_true && !can_false) return range_nothing;
    return (struct range){ .low = can_false ? 0 : 1, .high = can_true ? 1 : 0, .has_null = has_null };
}

static struct range compare(enum node_kind kind, struct range a, struct range b)
{
    bool has_null = a.has_null || b.has_null, can_true, can_false;
    if (a.is_any || b.is_any) return truths(true, true, true);
    if (range_is_empty(a) || range_is_empty(b)) return range_nothing;
    bool is_point = a.low == a.high && b.low == b.high && a.low == b.low;
    switch ((int)kind) {
    case NODE_GREATER:          return compare(NODE_LESS, b, a);
    case NODE_GREATER_OR_EQUAL: return compare(NODE_LESS_OR_EQUAL, b, a);
    case NODE_LESS:             can_true = a.low < b.high, can_false = a.high >= b.low; break;
    case NODE_LESS_OR_EQUAL:    can_true = a.low <= b.high, can_false = a.high > b.low; break;
    case NODE_EQUAL:            can_true = a.low <= b.high && b.low <= a.high, can_false = !is_point; break;
    default:                    can_false = a.low <= b.high && b.low <= a.high, can_true = !is_point; break;
    }
    return truths(can_true, can_false, has_null);
}

static struct range either(struct range a, struct range b)      /* OR */
{
    bool has_null = (a.has_null && (b.has_null || range_can_be_false(b))) || (b.has_null && range_can_be_false(a));
    if (a.is_any || b.is_any) has_null = true;
    return truths(range_can_be_true(a) || range_can_be_true(b), range_can_be_false(a) && range_can_be_false(b), has_null);
}

static struct range negate(struct range a) { return truths(range_can_be_false(a), range_can_be_true(a), a.has_null); }
static struct range both(struct range a, struct range b) { return negate(either(negate(a), negate(b))); }

struct range range_hull(struct range a, struct range b)
{
    return (struct range){ fmin(a.low, b.low), fmax(a.high, b.high), a.has_null || b.has_null,
                           a.is_any || b.is_any, a.is_real && b.is_real };
}

/* IS */
static struct range same(struct range a, struct range b)
{
    struct range equal = compare(NODE_EQUAL, a, b);
    bool can_true = range_can_be_true(equal) || (a.has_null && b.has_null);
    bool can_false = range_can_be_false(equal) || (a.has_null && !range_is_empty(b)) || (b.has_null && !range_is_empty(a));
    return truths(can_true, can_false, false);
}

static struct range null_if(struct range a, struct range b)
{
    struct range equal = compare(NODE_EQUAL, a, b);
    if (!range_can_be_false(equal) && !equal.has_null) return range_nothing;
    a.has_null |= range_can_be_true(equal);
    return a;
}

static double computed(enum node_kind kind, double a, double b)
{
    return kind == NODE_ADD ? a + b : kind == NODE_SUBTRACT ? a - b : kind == NODE_MULTIPLY ? a * b : a / b;
}

static struct range arithmetic(enum node_kind kind, struct range a, struct range b)
{
    if (a.is_any || b.is_any) return range_anything;
    if (range_is_empty(a) || range_is_empty(b)) return range_nothing;
    if (kind == NODE_DIVIDE && b.low <= 0 && b.high >= 0) return range_anything;
    const double ends[] = { computed(kind, a.low, b.low), computed(kind, a.low, b.high),
                            computed(kind, a.high, b.low), computed(kind, a.high, b.high) };
    struct range result = { INFINITY, -INFINITY, a.has_null || b.has_null, false, a.is_real || b.is_real };
    for (int i = 0; i < 4; i++) {
        if (isnan(ends[i]) || (!result.is_real && fabs(ends[i]) > 0x1p53)) return range_anything;
        result.low = fmin(result.low, ends[i]), result.high = fmax(result.high, ends[i]);
    }
    if (kind == NODE_DIVIDE && !result.is_real) result.low -= 1, result.high += 1;      /* of integers */
    return result;
}

/* Of the integers within both. */
static struct range remainder_of(struct range a, struct range b)
{
    if (a.is_any || b.is_any) return range_anything;
    if (range_is_empty(a) || range_is_empty(b)) return range_nothing;
    double low = trunc(a.low), high = trunc(a.high), by = fabs(trunc(b.low));
    struct range result = { -INFINITY, INFINITY, true, false, a.is_real || b.is_real };
    bool is_one = trunc(b.low) == trunc(b.high) && by > 0;
    if (!is_one || by >= 0x1p53 || low <= -0x1p53 || high >= 0x1p53) return result;
    result.has_null = a.has_null || b.has_null;
    bool is_one_multiple = low - fmod(low, by) == high - fmod(high, by);
    result.low = is_one_multiple ? fmod(low, by) : low < 0 ? 1 - by : 0;
    result.high = is_one_multiple ? fmod(high, by) : high > 0 ? by - 1 : 0;
    return result;
}

/* Wider by what functions of the mathematical library, here and in SQLite, may differ from each other. */
struct range range_widened(struct range a)
{
    static const double slack = 1e-14;
    a.low -= fabs(a.low) * slack, a.high += fabs(a.high) * slack;
    return a;
}

/* A function of the mathematical library that never falls; missing below its domain. */
static struct range mathematical(struct range a, enum node_kind kind)
{
    double (*function)(double) = kind == NODE_SQRT ? sqrt : kind == NODE_EXP ? exp : kind == NODE_LN ? log
                                 : kind == NODE_LOG10 ? log10 : log2;
    double least = kind == NODE_SQRT ? 0 : kind == NODE_EXP ? (double)-INFINITY : 0x1p-1074;
    if (a.is_any) return range_anything;
    if (range_is_empty(a) || a.high < least) return range_nothing;
    a.has_null |= a.low < least;
    return range_widened((struct range){ function(fmax(a.low, least)), function(a.high), a.has_null, false, true });
}

/* Of a base that is positive it rises or falls with each of both. */
static struct range power(struct range a, struct range b)
{
    if (a.is_any || b.is_any || (!range_is_empty(a) && a.low <= 0)) return range_anything;
    if (range_is_empty(a) || range_is_empty(b)) return range_nothing;
    const double ends[] = { pow(a.low, b.low), pow(a.low, b.high), pow(a.high, b.low), pow(a.high, b.high) };
    struct range result = { INFINITY, -INFINITY, a.has_null || b.has_null, false, true };
    for (int i = 0; i < 4; i++) {
        if (isnan(ends[i])) return range_anything;
        result.low = fmin(result.low, ends[i]), result.high = fmax(result.high, ends[i]);
    }
    return range_widened(result);
}

static struct range log_of(struct range base, struct range a)
{
    base = mathematical(base, NODE_LN), a = mathematical(a, NODE_LN);
    if (!base.is_any && !range_is_empty(base) && base.low <= 0) return range_anything;
    return range_widened(arithmetic(NODE_DIVIDE, a, base));
}

/* As SQLite does. */
static double rounded(double a) { return fabs(a) > 0x1p52 ? a : trunc(a + (a < 0 ? -0.5 : 0.5)); }

static double sign(double a) { return (a > 0) - (a < 0); }

/* A function that never falls. */
static struct range rising(struct range a, enum node_kind kind)
{
    double (*function)(double) = kind == NODE_ROUND ? rounded : kind == NODE_FLOOR ? floor
                                 : kind == NODE_CEILING ? ceil : kind == NODE_SIGN ? sign : trunc;
    if (a.is_any || (kind == NODE_INTEGER && !range_is_empty(a) && (a.low < -0x1p53 || a.high > 0x1p53)))
        return range_anything;
    if (!range_is_empty(a)) a.low = function(a.low), a.high = function(a.high);
    if (kind == NODE_INTEGER || kind == NODE_SIGN) a.is_real = false;
    return a;
}

static double rounded_to(double a, int digits)
{
    char text[400];
    if (digits == 0 || fabs(a) > 0x1p52) return rounded(a);
    sqlite3_snprintf(sizeof text, text, "%!.*f", digits, a);
    return strtod(text, NULL);
}

static struct range round_to(struct range a, struct range digits)
{
    if (a.is_any || digits.is_any || digits.low != digits.high || digits.has_null) return range_anything;
    if (range_is_empty(a)) return range_nothing;
    int n = (int)fmin(fmax(digits.low, 0), 30);
    return (struct range){ rounded_to(a.low, n), rounded_to(a.high, n), a.has_null, false, true };
}

static struct range absolute(struct range a)
{
    if (a.is_any || range_is_empty(a)) return a;
    double low = a.low <= 0 && a.high >= 0 ? 0 : fmin(fabs(a.low), fabs(a.high));
    a.high = fmax(fabs(a.low), fabs(a.high));
    a.low = low;
    return a;
}

static struct range larger_or_smaller(enum node_kind kind, struct range a, struct range b)
{
    double (*pick)(double, double) = kind == NODE_MIN ? fmin : fmax;
    if (a.is_any || b.is_any) return range_anything;
    if (range_is_empty(a) || range_is_empty(b)) return range_nothing;
    return (struct range){ pick(a.low, b.low), pick(a.high, b.high), a.has_null || b.has_null, false,
                           a.is_real && b.is_real };
}

struct range range_of_one(enum node_kind kind, struct range a)
{
    switch ((int)kind) {
    case NODE_SAME:
    case NODE_PLUS:     return a;
    case NODE_NOT:      return negate(a);
    case NODE_IS_NULL:  return truths(a.has_null, a.is_any || !range_is_empty(a), false);
    case NODE_IS_TRUE:  return truths(range_can_be_true(a), range_can_be_false(a) || a.has_null, false);
    case NODE_IS_FALSE: return truths(range_can_be_false(a), range_can_be_true(a) || a.has_null, false);
    case NODE_ABS:      return absolute(a);
    case NODE_SQRT: case NODE_EXP: case NODE_LN: case NODE_LOG10: case NODE_LOG2:
        return mathematical(a, kind);
    case NODE_MINUS:
        return a.is_any || range_is_empty(a) ? a : (struct range){ -a.high, -a.low, a.has_null, false, a.is_real };
    default:            return rising(a, kind);
    }
}

struct range range_of_two(enum node_kind kind, struct range a, struct range b)
{
    switch ((int)kind) {
    case NODE_OR:        return either(a, b);
    case NODE_AND:       return both(a, b);
    case NODE_IS:        return same(a, b);
    case NODE_REMAINDER: return remainder_of(a, b);
    case NODE_POWER:     return power(a, b);
    case NODE_LOG_OF:    return log_of(a, b);
    case NODE_NULL_IF:   return null_if(a, b);
    case NODE_ROUND_TO:  return round_to(a, b);
    case NODE_MIN:
    case NODE_MAX:       return larger_or_smaller(kind, a, b);
    case NODE_ADD: case NODE_SUBTRACT: case NODE_MULTIPLY: case NODE_DIVIDE:
        return arithmetic(kind, a, b);
    default:             return compare(kind, a, b);
    }
}
