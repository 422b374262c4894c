/* decision_test.c - who gets what by chance, and that the chance is what it is said to be. */
#include "decide/decision.h"
#include "decide/holdout.h"
#include "support.h"

enum { CUSTOMERS = 20000 };

static const struct candidate two[] = { { { "coupon", 6 }, true }, { { "call", 4 }, true } };

static struct arena *scratch;

static void begin(void) { scratch = arena_new(ARENA_NO_LIMIT); }
static void end(void)   { arena_free(scratch); }
TestSuite(decision, .init = begin, .fini = end);

static struct text customer_text(size_t i, char room[24])
{
    snprintf(room, 24, "C%zu", i);
    return text_of(room);
}

static struct decision_request request_of(const struct candidate *candidates, size_t n)
{
    return (struct decision_request){ .placement = text_of("cart"), .window = text_of("1d 20000"),
                                      .candidates = candidates, .n_candidates = n, .policy = &policy_pilot,
                                      .salt = 0x1234567 };
}

static struct decision make(const struct decision_request *request)
{
    struct decision decision = decision_make(request, scratch);
    arena_reset(scratch);
    return decision;
}

/* Of a table of 3 x 3 against what rows and columns expect. */
static double chi_square_of(const size_t n[3][3])
{
    double rows[3] = { 0 }, columns[3] = { 0 }, all = 0, chi_square = 0;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            rows[i] += (double)n[i][k], columns[k] += (double)n[i][k], all += (double)n[i][k];
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            double expected = rows[i] * columns[k] / all;
            if (expected > 0) chi_square += ((double)n[i][k] - expected) * ((double)n[i][k] - expected) / expected;
        }
    return chi_square;
}

Test(decision, actions_come_as_often_as_their_propensity_says)
{
    const struct candidate candidates[] = { { text_of("coupon"), true }, { text_of("call"), true },
                                            { text_of("gift"), false }, { text_of("mail"), true } };
    struct decision_request request = request_of(candidates, 4);
    size_t n[5] = { 0 };
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        request.customer = customer_text(i, room);
        struct decision decision = make(&request);
        cr_assert_str_eq(decision.policy, "pilot");
        cr_assert_eq(decision.propensity, 0.25);
        cr_assert_eq(decision.weights[2].probability, 0);
        n[decision.action]++;
    }
    cr_assert_eq(n[2], 0, "one whom an action is not for got it");
    double chi_square = 0, expected = CUSTOMERS / 4.0;
    for (size_t i = 0; i < 5; i++)
        if (i != 2) chi_square += ((double)n[i] - expected) * ((double)n[i] - expected) / expected;
    cr_assert_lt(chi_square, 16.3, "three degrees of freedom, one in a thousand: %g", chi_square);
}

Test(decision, the_same_customer_gets_the_same_whatever_the_order_of_the_candidates)
{
    const struct candidate one[] = { { text_of("a"), true }, { text_of("ab"), true }, { text_of("b"), true } };
    const struct candidate other[] = { { text_of("b"), true }, { text_of("a"), true }, { text_of("ab"), true } };
    struct decision_request first = request_of(one, 3), second = request_of(other, 3);
    char room[24];
    for (size_t i = 0; i < 500; i++) {
        first.customer = second.customer = customer_text(i, room);
        struct decision a = make(&first), b = make(&second);
        struct text x = a.action < 3 ? one[a.action].action : text_of(ACTION_NOTHING);
        struct text y = b.action < 3 ? other[b.action].action : text_of(ACTION_NOTHING);
        cr_assert(text_equal(x, y), "customer %zu", i);
        cr_assert_str_eq(a.id, b.id);
    }
}

Test(decision, a_candidate_that_is_not_open_changes_nothing)
{
    const struct candidate three[] = { two[0], two[1], { text_of("aaa"), false } };
    struct decision_request first = request_of(two, 2), second = request_of(three, 3);
    char room[24];
    for (size_t i = 0; i < 500; i++) {
        first.customer = second.customer = customer_text(i, room);
        struct decision a = make(&first), b = make(&second);
        cr_assert_str_eq(a.id, b.id);
        cr_assert_eq(a.action < 2 ? a.action : 2, b.action < 2 ? b.action : 2);
    }
}

/* From a log in which the second action follows from the first, no sequence can be evaluated. */
Test(decision, another_set_of_open_candidates_is_a_draw_that_does_not_follow_from_the_one_before)
{
    const struct candidate three[] = { two[0], two[1], { text_of("gift"), true } };
    struct decision_request before = request_of(two, 2), after = request_of(three, 3);
    size_t n[3][3] = { { 0 } };
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        before.customer = after.customer = customer_text(i, room);
        struct decision a = make(&before), b = make(&after);
        cr_assert_str_neq(a.id, b.id);
        if (b.action != 2) n[a.action][b.action < 2 ? b.action : 2]++;
    }
    cr_assert_lt(chi_square_of((const size_t (*)[3])n), 18.5, "four degrees of freedom, one in a thousand");
}

Test(decision, another_window_is_another_draw_and_the_same_one_is_the_same_decision)
{
    struct decision_request today = request_of(two, 2), again = today, tomorrow = today;
    tomorrow.window = text_of("1d 20001");
    size_t n[3][3] = { { 0 } };
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        today.customer = again.customer = tomorrow.customer = customer_text(i, room);
        struct decision a = make(&today), same = make(&again), b = make(&tomorrow);
        cr_assert_str_eq(a.id, same.id);
        cr_assert_eq(a.action, same.action);
        cr_assert_str_neq(a.id, b.id);
        n[a.action][b.action]++;
    }
    cr_assert_lt(chi_square_of((const size_t (*)[3])n), 18.5, "four degrees of freedom, one in a thousand");
}

Test(decision, placements_are_drawn_independently_of_each_other_and_of_the_holdout)
{
    struct decision_request cart = request_of(two, 1), mail = request_of(two, 1);
    mail.placement = text_of("mail");
    const struct holdout half = { .5, cart.salt };
    size_t both = 0, held_out_treated = 0, held_out = 0;
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        cart.customer = mail.customer = customer_text(i, room);
        bool in_cart = make(&cart).action == 0;
        both += in_cart && make(&mail).action == 0;
        if (!holdout_place_of(&half, &(uint32_t){ (uint32_t)i + 1 }, 1).is_held_out) continue;
        held_out++;
        held_out_treated += in_cart;
    }
    ASSERT_NEAR((double)both / CUSTOMERS, 0.25, 0.012);
    ASSERT_NEAR((double)held_out_treated / (double)held_out, 0.5, 0.02);
}

Test(decision, who_may_not_be_contacted_or_has_no_candidate_gets_nothing_for_certain_and_is_marked)
{
    static const char *const words[] = { [REACH_OPEN] = "pilot", [REACH_SUPPRESSED] = "suppressed",
                                         [REACH_CONSENT] = "suppressed", [REACH_HOLDOUT] = "holdout",
                                         [REACH_CAP] = "cap" };
    struct decision_request request = request_of(two, 2);
    request.customer = text_of("C1");
    struct decision open = make(&request);
    for (enum reach_rule rule = REACH_SUPPRESSED; rule <= REACH_CAP; rule++) {
        request.rule = rule;
        struct decision decision = make(&request);
        cr_assert_str_eq(decision.policy, words[rule]);
        cr_assert(decision.action == 2 && decision.propensity == 1 && decision.n_open == 1);
        cr_assert(decision.weights[0].probability == 0 && decision.weights[2].probability == 1);
        cr_assert_str_neq(decision.id, open.id, "a decision of before stands though the customer said no since");
    }
    const struct candidate none[] = { { text_of("coupon"), false } };
    request = request_of(none, 1);
    request.customer = text_of("C1");
    struct decision decision = make(&request);
    cr_assert_str_eq(decision.policy, "no_candidate");
    cr_assert(decision.action == 1 && decision.propensity == 1 && decision.n_open == 1);
}

/* Likes what comes first by name, and never draws what comes second. */
static void weigh_unequal(const struct policy *policy, const struct policy_ask *ask,
                          struct policy_weight *ret_weights)
{
    (void)policy;
    for (size_t i = 0; i < ask->n_actions; i++)
        ret_weights[i] = (struct policy_weight){ .probability = i == 0   ? 0.7
                                                                : i == 1 ? 0
                                                                         : 0.3,
                                                 .profit_cents = (double)i };
}

static const char *say_why(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    (void)policy;
    return arena_format(arena, "%zu open", ask->n_actions);
}

Test(decision, any_policy_is_drawn_by_the_chances_it_says)
{
    static const struct policy_ops ops = { .word = "unequal", .weigh = weigh_unequal, .reason = say_why };
    const struct policy unequal = { &ops, "7" };
    struct decision_request request = request_of(two, 2);
    size_t n[3] = { 0 };
    char room[24];
    request.policy = &unequal;
    for (size_t i = 0; i < CUSTOMERS; i++) {
        request.customer = customer_text(i, room);
        struct decision decision = decision_make(&request, scratch);
        cr_assert_eq(decision.propensity, decision.weights[decision.action].probability);
        cr_assert_str_eq(decision.policy_version, "7");
        cr_assert_str_eq(decision.reason, "3 open");
        n[decision.action]++;
    }
    ASSERT_NEAR((double)n[1] / CUSTOMERS, 0.7, 0.015);     /* call comes before coupon */
    cr_assert_eq(n[0], 0);
    cr_assert_eq(make(&request).weights[2].profit_cents, 2);
}
